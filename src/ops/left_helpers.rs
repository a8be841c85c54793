//! Helper tokens that a program left behind that was ended while it was at work: killed, or its machine went
//! away. Each ends by itself in minutes; until then it is named, with what ends it now. What is known of them
//! stands in the journal; one of which no answer came is looked for in the audit log.

use super::cluster::Cluster;
use super::helper_token::{self, AND_CHANGE, LIST_AND_DELETE, SLACK, same};
use super::journal::OpenHelper;
use super::process::{Life, Process};
use crate::arvados::error::Error;
use crate::arvados::logs::{TokenEvent, TokenEventKind};
use crate::model::field::Date;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::token::{Ends, Scopes};
use crate::model::user::User;
use crate::model::when;
use crate::ops::failure::Failure;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A helper token that was left behind, or perhaps was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftHelper {
    /// Whose.
    pub owner: UserUuid,
    /// What the owner is called.
    pub name: String,
    /// When it was made, or asked for, by the cluster's clock.
    pub since: Timestamp,
    /// When it ends by itself.
    pub ends: Ends,
    /// Which it is.
    pub which: Which,
    /// The other machine that it was made on: perhaps the program is at work there.
    pub on: Option<String>,
}

/// Which token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// This one.
    Known(TokenUuid),
    /// No answer to the request for it was heard, and the audit log has none that fits.
    NotFound,
    /// The same, and the audit log could not be read.
    NotLookedFor(String),
}

impl LeftHelper {
    /// Its UUID, if that is known.
    pub fn token(&self) -> Option<TokenUuid> {
        match self.which {
            Which::Known(token) => Some(token),
            Which::NotFound | Which::NotLookedFor(_) => None,
        }
    }

    /// What is known of it, in a sentence without its end. Times are UTC.
    pub fn in_words(&self) -> String {
        let Self { name, since, .. } = self;
        let since = when::date_time(*since);
        let end = self.end_in_words();
        let on = self.on.as_ref().map(|host| format!(" on {host}, perhaps still at work there,"));
        let on = on.unwrap_or_default();
        match &self.which {
            Which::Known(token) => format!(
                "the helper token {token} of {name}, made {since}{on} was left behind: arv-admin was ended before it \
                 deleted it, or could not: {end}"
            ),
            Which::NotFound => format!(
                "arv-admin asked at {since}{on} for a helper token of {name} and heard no answer: none was found in \
                 the audit log; if it is made, {end}, at the latest"
            ),
            Which::NotLookedFor(why) => format!(
                "arv-admin asked at {since}{on} for a helper token of {name} and heard no answer: whether it was made \
                 is not known ({why}); if it was, {end}, at the latest"
            ),
        }
    }

    /// When it ends, as part of a sentence.
    pub fn end_in_words(&self) -> String {
        match &self.ends {
            Ends::On(Date::At(at)) => format!("it ends by itself at {}", when::date_time(*at)),
            Ends::On(date) => format!("its end is {}", date.shown(when::date_time)),
            Ends::Never => "it does not end by itself".to_owned(),
        }
    }
}

/// Those of this cluster that live, as far as known, and that no process here is at work with.
pub async fn find(cluster: &Cluster) -> Result<Vec<LeftHelper>, Failure> {
    let helpers = cluster.journal.open_helpers(cluster.session.cluster.id, cluster.now())?;
    let mut left: Vec<(OpenHelper, Option<String>)> = helpers
        .open
        .into_iter()
        .filter_map(|helper| match helper.process.as_ref().map(Process::life) {
            Some(Life::Alive) => None,
            Some(Life::Elsewhere(host)) => Some((helper, Some(host))),
            Some(Life::Over) | None => Some((helper, None)),
        })
        .collect();
    if left.is_empty() {
        return Ok(Vec::new());
    }
    let owners: Vec<UserUuid> = left.iter().map(|(helper, _)| helper.owner).collect();
    // Without their names it is said all the same.
    let users = cluster.users(&owners).await.unwrap_or_default();
    let names: BTreeMap<UserUuid, String> =
        users.into_iter().map(|user: User| (user.uuid, user.display_name())).collect();

    let asked: Vec<UserUuid> =
        left.iter().filter(|(helper, _)| helper.token.is_none()).map(|(helper, _)| helper.owner).collect();
    let logged = if asked.is_empty() { Ok(Vec::new()) } else { log_of(cluster, &asked).await };
    let mut known = helpers.known;
    let mut found = Vec::new();
    for (helper, on) in left.drain(..) {
        let which = match (helper.token, &logged) {
            (Some(token), _) => Which::Known(token),
            (None, Err(why)) => Which::NotLookedFor(why.to_string()),
            (None, Ok(events)) => {
                // Several are asked for at a time in haste, and fit each other.
                let fitting = events.iter().filter(|event| fits(event, &helper)).map(|event| event.token);
                let fitting: Vec<TokenUuid> =
                    fitting.filter(|token| !helpers.answers.contains(token)).collect();
                match fitting.iter().find(|token| !known.contains(token)) {
                    Some(token) => {
                        known.insert(*token);
                        Which::Known(*token)
                    }
                    // It is accounted for already.
                    None if !fitting.is_empty() => continue,
                    None => Which::NotFound,
                }
            }
        };
        let name = names.get(&helper.owner).cloned().unwrap_or_else(|| helper.owner.to_string());
        found.push(LeftHelper { owner: helper.owner, name, since: helper.at, ends: helper.ends, which, on });
    }
    Ok(found)
}

async fn log_of(cluster: &Cluster, owners: &[UserUuid]) -> Result<Vec<TokenEvent>, Error> {
    cluster.client.token_events_of(owners).await
}

/// Whether a record of the log is that of the making of a helper: by whose token it was asked for, so that it is
/// not the word of its owner, who may write anything there (api.md v58); with the end that was asked for, and with
/// the scopes that helpers have.
fn fits(event: &TokenEvent, helper: &OpenHelper) -> bool {
    let Some(attributes) = &event.attributes else { return false };
    let (Some(end), Some(asked)) = (attributes.ends.at(), helper.ends.at()) else { return false };
    let is_helpers = |scopes: &Scopes| {
        [LIST_AND_DELETE, AND_CHANGE]
            .into_iter()
            .any(|of_helpers| same(scopes, &helper_token::scopes(of_helpers)))
    };
    event.kind == TokenEventKind::Create
        && event.owner == helper.owner
        && event.by == Some(helper.by)
        && end.duration_since(asked).abs() <= SLACK
        && attributes.scopes.get().is_some_and(is_helpers)
}
