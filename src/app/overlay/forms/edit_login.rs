//! The form for the groups of VM logins. Submitting it mends twins as well.

use super::fields::{FieldErrors, FieldLine, FieldMut, Key};
use super::fill::Fill;
use super::groups::{GroupsField, list};
use crate::app::world::World;
use crate::model::session::ClusterFacts;
use crate::model::text::count;
use crate::model::user::User;
use crate::model::vm::{LoginGroups, VmLogin};
use crate::ops::intent::{self, Intent};
use crate::ops::plan::{Note, login_named};
use crate::ops::read::LoginRow;
use jiff::Timestamp;

/// The form for the groups of VM logins.
#[derive(Debug)]
pub struct EditLoginForm {
    logins: Vec<LoginRow>,
    /// What login-sync does here, if the cluster has told.
    facts: Option<ClusterFacts>,
    groups: GroupsField,
}

impl EditLoginForm {
    /// Of these logins. Their groups are filled in if all agree; else they must be said, so that nobody takes
    /// them away by submitting what is empty.
    pub fn new(logins: Vec<LoginRow>, world: &World) -> Self {
        let mut all = logins.iter().map(|row| row.login.groups());
        let groups = match all.next() {
            Some(LoginGroups::Certain(groups)) if all.all(|other| other == LoginGroups::Certain(groups)) => {
                GroupsField::of(groups)
            }
            _ => GroupsField::undecided(),
        };
        let facts = world.session.value().map(|session| session.cluster.clone());
        Self { logins, facts, groups }
    }
}

fn place(row: &LoginRow) -> String {
    let host = row.hostname.clone().unwrap_or_else(|| row.login.vm.to_string());
    format!("{} on {host}", login_named(&row.login.login_name))
}

/// What the links of a login say, one by one, where they differ.
fn twins(login: &VmLogin) -> String {
    let each: Vec<String> = login.links.iter().map(|link| list(&link.groups)).collect();
    format!("granted by {} links: {}", login.links.len(), each.join("; "))
}

impl Fill for EditLoginForm {
    fn title(&self) -> String {
        match self.logins.as_slice() {
            [only] => {
                let user = only.user.as_ref().map_or_else(|| only.login.user.to_string(), User::display_name);
                format!("Login {} of {user}", place(only))
            }
            many => format!("Groups of {}", count(many.len(), "VM login", "VM logins")),
        }
    }

    fn submit_label(&self) -> String {
        "change the groups".to_owned()
    }

    fn keys(&self) -> Vec<Key> {
        vec![Key::Groups]
    }

    fn line(&self, key: Key) -> Option<FieldLine<'_>> {
        (key == Key::Groups).then(|| {
            FieldLine::new(key, "Groups", self.groups.shown()).with(self.groups.notes(self.facts.as_ref()))
        })
    }

    fn field(&mut self, key: Key) -> Option<FieldMut<'_>> {
        (key == Key::Groups).then_some(FieldMut::Text(self.groups.text()))
    }

    fn preview(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        for row in self.logins.iter().filter(|row| row.login.has_twins()) {
            notes.push(Note::warning(format!(
                "{} is {}. Which of them counts is chance; this makes them one.",
                place(row),
                twins(&row.login)
            )));
        }
        if let [only] = self.logins.as_slice()
            && let LoginGroups::Certain(now) = only.login.groups()
            && let Some(wanted) = self.groups.names()
        {
            notes.push(Note::info(if now == wanted {
                "These are the groups it has.".to_owned()
            } else {
                format!("The groups will change from {} to {}.", list(now), list(&wanted))
            }));
        }
        notes
    }

    fn parse(&self, _: Timestamp) -> Result<Intent, FieldErrors> {
        let mut errors = FieldErrors::default();
        match errors.take(Key::Groups, self.groups.parse()) {
            Some(groups) => Ok(Intent::EditLogins(intent::EditLogins {
                links: self.logins.iter().filter_map(|row| row.login.links.first()).map(|l| l.uuid).collect(),
                groups,
            })),
            None => Err(errors),
        }
    }
}
