//! What somebody wants changed, as pure data: made by the screen and the command line alike, and nothing
//! is sent for it until a survey has made a plan of it. A change's own file has all that is true of it.

pub use super::change::accounts::activate::Activate;
pub use super::change::accounts::deactivate::Deactivate;
pub use super::change::accounts::resume::Resume;
pub use super::change::accounts::set_role::SetRole;
pub use super::change::accounts::set_up::{Activation, SetUp};
pub use super::change::accounts::suspend::Suspend;
pub use super::change::logins::edit::EditLogins;
pub use super::change::logins::grant::GrantLogin;
pub use super::change::logins::revoke::RevokeLogins;
pub use super::change::reassign::{Leaving, Reassign};
pub use super::change::tokens::exactly::ListExactly;
pub use super::change::tokens::expiry::ChangeExpiry;
pub use super::change::tokens::issue::IssueToken;
pub use super::change::tokens::revoke::{Chosen, RevokeTokens};
pub use super::change::tokens::revoke_all::RevokeAllOf;

use super::cluster::Cluster;
use super::engine::{Change, Named, Takes, Touches};
use super::plan::findings::Findings;
use super::plan::names::Names;
use super::plan::target::Target;
use super::step::Step;
use crate::arvados::error::Error;
use crate::model::ids::{TokenUuid, UserUuid};
use std::collections::BTreeMap;

/// Lists the changes: an enum of them, and what each is asked.
macro_rules! changes {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A wanted change.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Intent {
            $($(#[$doc])* $name($name),)*
        }

        /// The same of whichever change it is.
        macro_rules! whichever {
            ($any:expr, $one:ident => $of_it:expr) => {
                match $any {
                    $(Intent::$name($one) => $of_it,)*
                }
            };
        }
    };
}

changes! {
    /// Invite users, with a login on a VM if one is named.
    SetUp,
    /// Let users work, without waiting for them to accept agreements.
    Activate,
    /// End accounts: rights, tokens, keys and preferences are deleted.
    Deactivate,
    /// Stop accounts from writing, reversibly (api.md v14).
    Suspend,
    /// Take a suspension back.
    Resume,
    /// Make users admins, or plain users again.
    SetRole,
    /// Hand over what a user owns.
    Reassign,
    /// Make a token for a user.
    IssueToken,
    /// Change when tokens end.
    ChangeExpiry,
    /// Revoke these tokens.
    RevokeTokens,
    /// Revoke all tokens of users.
    RevokeAllOf,
    /// List a user's tokens exactly, with a helper token: that is a write.
    ListExactly,
    /// Let users log in to a VM: what is there is changed, what is not is made (api.md v7).
    GrantLogin,
    /// Change the groups of logins; mends their twins as well.
    EditLogins,
    /// Take logins away.
    RevokeLogins,
}

impl Intent {
    /// The same, for only these targets: how what failed is tried again. `owners` says whose tokens are.
    pub fn narrowed_to(&self, targets: &[&Target], owners: &BTreeMap<TokenUuid, UserUuid>) -> Self {
        let mut narrowed = self.clone();
        match narrowed.named() {
            Named::Users(users) => users.retain(|user| {
                targets.iter().any(|target| match target {
                    Target::User(u) | Target::Login { user: u, .. } => u == user,
                    Target::Token(token) => owners.get(token) == Some(user),
                    Target::Link(_) => false,
                })
            }),
            Named::Tokens(tokens) => tokens.retain(|token| targets.contains(&&Target::Token(*token))),
            Named::Links(_) | Named::Only(_) => {}
        }
        narrowed
    }

    /// What is done of it, as a title, if these targets are all that it comes to: what is left alone is not counted.
    pub fn title_for(&self, targets: &[&Target], names: &Names) -> String {
        if targets.is_empty() {
            return self.title(names);
        }
        let mut narrowed = self.narrowed_to(targets, &names.owners);
        if let Named::Links(links) = narrowed.named() {
            // A link stands for each login.
            links.truncate(targets.len());
        }
        narrowed.title(names)
    }

    fn named(&mut self) -> Named<'_> {
        whichever!(self, change => change.named())
    }

    /// The verb for titles and messages: "Deactivate".
    pub fn verb(&self) -> &'static str {
        whichever!(self, change => change.is().verb)
    }

    /// What is wanted, as a title: "Deactivate 5 users".
    pub fn title(&self, names: &Names) -> String {
        whichever!(self, change => change.title(names))
    }

    /// What was done, for "139 revoked".
    pub fn done(&self) -> &'static str {
        whichever!(self, change => change.is().done)
    }

    /// What is said of a target while the change goes on: "accepted", or what was done if that was looked at at once.
    pub fn accepted(&self) -> &'static str {
        whichever!(self, change => change.is().accepted)
    }

    /// Whom it is about, as far as it says so.
    pub fn users(&self) -> Vec<UserUuid> {
        whichever!(self, change => change.users())
    }

    /// How many things it is about.
    pub fn how_many(&self) -> usize {
        match self.clone().named() {
            Named::Users(users) => users.len(),
            Named::Only(users) => users.len(),
            Named::Tokens(tokens) => tokens.len(),
            Named::Links(links) => links.len(),
        }
    }

    /// What may be otherwise afterwards than it was read before.
    pub fn touches(&self) -> Touches {
        whichever!(self, change => change.is().touches)
    }

    /// What its users have lost when it is done.
    pub fn takes(&self) -> Takes {
        whichever!(self, change => change.takes())
    }

    /// Finds out what it would do.
    pub(super) async fn find_out(&self, cluster: &Cluster) -> Result<Findings<Step>, Error> {
        whichever!(self, change => Ok(Box::pin(change.survey(cluster)).await?.of()))
    }
}
