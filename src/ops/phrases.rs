//! Words that the changes, the screen and the command line share.

use crate::model::field::{AFTER_9999, Date};
use crate::model::session::{ByLoginSync, ClusterFacts};
use crate::model::text::named;
use crate::model::token::{Ends, Expiry};
use crate::model::unix_name::group_list;
use crate::model::user::User;
use crate::model::when::date_time;
use crate::ops::plan::Note;

/// The project that data is moved into if none is named. The same name each time, so that a second try
/// finds the project of the first; with the UUID, so that two of one name do not get mixed up.
pub fn project_name(old: &User) -> String {
    format!("Data of {} ({})", old.display_name(), old.uuid).replace('/', "-")
}

/// "never" or "on 2026-12-23 10:42 UTC".
pub fn ends(expiry: Expiry) -> String {
    has_end(&expiry.into())
}

/// The same of a token that is there, whose end may be one that nobody can read.
pub fn has_end(ends: &Ends) -> String {
    match ends {
        Ends::Never => "never".to_owned(),
        Ends::On(Date::At(at)) => format!("on {} UTC", date_time(*at)),
        Ends::On(Date::After9999(_)) => AFTER_9999.to_owned(),
        Ends::On(Date::Unreadable(what)) => format!("on a date that is {what}"),
    }
}

/// Which of a login's groups do nothing, and why: login-sync leaves them alone, or all groups.
pub fn idle_groups(facts: &ClusterFacts, groups: &[String]) -> Option<String> {
    let idle = facts.without_effect(groups);
    let names = named(&group_list(&idle));
    match (idle.len(), facts.groups) {
        (0, _) => None,
        (_, ByLoginSync::LeftAlone) => {
            Some("login-sync touches no groups here (SyncUserGroups is off): they do nothing".to_owned())
        }
        (1, ByLoginSync::Done) => Some(format!("{names} is ignored by login-sync: it does nothing")),
        (_, ByLoginSync::Done) => Some(format!("{names} are ignored by login-sync: they do nothing")),
    }
}

/// What must be known of the groups that a login is to have on `host`: what docker means, and which do nothing
/// (api.md b.7). As long as the cluster has not told what login-sync does, it is taken to do all.
pub fn group_notes(facts: Option<&ClusterFacts>, groups: &[String], host: &str) -> Vec<Note> {
    let idle = facts.map(|facts| facts.without_effect(groups)).unwrap_or_default();
    let mut notes = Vec::new();
    if groups.iter().any(|group| group == "docker") && !idle.contains(&"docker") {
        notes.push(Note::warning(format!("docker means root on {host}")));
    }
    notes.extend(facts.and_then(|facts| idle_groups(facts, groups)).map(Note::warning));
    notes
}
