//! What people call the things a plan is about.

use super::target::Target;
use crate::model::ids::{GroupUuid, TokenUuid, UserUuid, VmUuid};
use crate::model::text::{named, visible};
use crate::model::token::Token;
use crate::model::user::User;
use std::collections::BTreeMap;

/// What people call the things a plan is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// Users.
    pub users: BTreeMap<UserUuid, User>,
    /// VMs, by host name.
    pub vms: BTreeMap<VmUuid, String>,
    /// Groups.
    pub groups: BTreeMap<GroupUuid, String>,
    /// Whose tokens are.
    pub owners: BTreeMap<TokenUuid, UserUuid>,
    /// Whom else the audit log names as their owners: any user can write there (api.md v58).
    pub other_owners: BTreeMap<TokenUuid, Vec<UserUuid>>,
    /// How many more it names who are not asked.
    pub owners_not_asked: BTreeMap<TokenUuid, usize>,
    /// Tokens, as the survey saw them.
    pub tokens: BTreeMap<TokenUuid, Token>,
}

impl Names {
    /// A user's name, or the UUID.
    pub fn user(&self, uuid: UserUuid) -> String {
        self.users.get(&uuid).map_or_else(|| uuid.to_string(), User::display_name)
    }

    /// A VM's host name, or the UUID.
    pub fn vm(&self, uuid: VmUuid) -> String {
        self.vms
            .get(&uuid)
            .filter(|name| !name.is_empty())
            .map_or_else(|| uuid.to_string(), |name| named(name))
    }

    /// What a target is called.
    pub fn target(&self, target: &Target) -> String {
        match target {
            Target::User(uuid) => self.user(*uuid),
            Target::Token(uuid) => uuid.to_string(),
            Target::Login { user, vm, login_name } => {
                format!("{} on {} ({})", login_named(login_name), self.vm(*vm), self.user(*user))
            }
            Target::Link(uuid) => uuid.to_string(),
        }
    }

    /// Adds users.
    pub fn add_users(&mut self, users: &[User]) {
        self.users.extend(users.iter().map(|user| (user.uuid, user.clone())));
    }
}

/// What a login is called; the server keeps some without a name that can be read (api.md v40).
pub fn login_named(login_name: &str) -> String {
    if login_name.is_empty() { "a login without a name".to_owned() } else { named(&visible(login_name)) }
}

/// One user's name, or how many they are.
pub fn people(users: &[UserUuid], names: &Names) -> String {
    match users {
        [one] => names.user(*one),
        many => format!("{} users", many.len()),
    }
}

/// Whose a target is, if that is known.
pub fn user_of(target: &Target, names: &Names) -> Option<UserUuid> {
    match target {
        Target::User(user) | Target::Login { user, .. } => Some(*user),
        Target::Token(token) => names.owners.get(token).copied(),
        Target::Link(_) => None,
    }
}

/// What a target is called, and what else helps to know it: a user's username, which is nobody else's, a token's
/// owner.
pub fn target(target: &Target, names: &Names) -> (String, String) {
    match target {
        Target::User(user) => {
            let username = names.users.get(user).map(|user| named(&user.username.shown()));
            let name = names.user(*user);
            let username = username.filter(|username| !username.is_empty() && *username != name);
            (name, username.unwrap_or_else(|| user.to_string()))
        }
        Target::Token(token) => {
            (token.to_string(), names.owners.get(token).map(|owner| names.user(*owner)).unwrap_or_default())
        }
        Target::Login { user, vm, login_name } => {
            (format!("{} on {}", login_named(login_name), names.vm(*vm)), names.user(*user))
        }
        Target::Link(link) => (link.to_string(), String::new()),
    }
}

/// A target in a row that no name can forge: what the server alone decides stands first, the username and the UUID,
/// and what people call it comes last, behind what is done to it.
pub struct Identified {
    /// Whose it is or who it is, by username.
    pub username: String,
    /// Of the user, token or link.
    pub uuid: String,
    /// What of the user's it is, if it is a login.
    pub login: Option<String>,
    /// The e-mail and the name, which anybody may choose.
    pub called: String,
}

impl Identified {
    /// This target.
    pub fn of(target: &Target, names: &Names) -> Self {
        let owner = user_of(target, names);
        let user = owner.and_then(|owner| names.users.get(&owner));
        let username = user.map(|user| named(&user.username.shown())).filter(|name| !name.is_empty());
        let (uuid, login) = match target {
            Target::User(user) => (user.to_string(), None),
            Target::Token(token) => (token.to_string(), None),
            Target::Link(link) => (link.to_string(), None),
            Target::Login { user, vm, login_name } => {
                (user.to_string(), Some(format!("{} on {}", login_named(login_name), names.vm(*vm))))
            }
        };
        let called = user.map(|user| [named(&user.email.shown()), named(&user.full_name())]);
        let called = called.unwrap_or_default().into_iter().filter(|text| !text.is_empty());
        Self {
            username: username.unwrap_or_else(|| "-".to_owned()),
            uuid,
            login,
            called: called.collect::<Vec<_>>().join("  "),
        }
    }

    /// In a line of its own: "rdelgado zzzzz-tpzed-3kz0nwtjehhl0u4".
    pub fn in_line(&self) -> String {
        let login = self.login.as_ref().map(|login| format!(", {login}")).unwrap_or_default();
        format!("{} {}{login}", self.username, self.uuid)
    }
}
