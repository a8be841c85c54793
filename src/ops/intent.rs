//! What somebody wants changed, as pure data: made by the screen and the command line alike, and nothing
//! is sent for it until a survey has made a plan of it.

use crate::model::ids::{LinkUuid, TokenUuid, UserUuid, VmUuid};
use crate::model::token::{Expiry, Scopes};
use crate::model::user::{Notify, UserRole};
use crate::model::vm::{LoginName, UnixGroup};
use crate::ops::step::Target;
use crate::secret::Secret;
use std::collections::{BTreeMap, BTreeSet};

/// A wanted change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Invite users, with a login on a VM if one is named.
    SetUp {
        /// Whom.
        users: Vec<UserUuid>,
        /// Where they get a login.
        vm: Option<VmUuid>,
        /// Whether the server sends its welcome mail.
        notify: Notify,
        /// Whether they are activated at once, too.
        activation: Activation,
    },
    /// Let users work, without waiting for them to accept agreements.
    Activate {
        /// Whom.
        users: Vec<UserUuid>,
    },
    /// End accounts: rights, tokens, keys and preferences are deleted.
    Deactivate {
        /// Whom.
        users: Vec<UserUuid>,
    },
    /// Stop accounts from writing, reversibly (api.md v14).
    Suspend {
        /// Whom.
        users: Vec<UserUuid>,
    },
    /// Take a suspension back.
    Resume {
        /// Whom.
        users: Vec<UserUuid>,
    },
    /// Make users admins, or plain users again.
    SetRole {
        /// Whom.
        users: Vec<UserUuid>,
        /// What they become.
        role: UserRole,
    },
    /// Hand over what a user owns.
    Reassign {
        /// Whose data.
        from: UserUuid,
        /// Who gets it.
        to: UserUuid,
        /// The name of the project it goes to; `None` for the usual one.
        project: Option<String>,
        /// What becomes of the old account.
        leaving: Leaving,
        /// Permission links of the old user that are granted anew to the successor. VM logins are never
        /// among them unless picked one by one.
        regrant: Vec<LinkUuid>,
    },
    /// Make a token for a user.
    IssueToken {
        /// Whose it will be.
        owner: UserUuid,
        /// When it ends.
        expiry: Expiry,
        /// What it allows.
        scopes: Scopes,
    },
    /// Change when tokens end.
    ChangeExpiry {
        /// Which.
        tokens: Vec<TokenUuid>,
        /// When they end.
        expiry: Expiry,
    },
    /// Revoke these tokens.
    RevokeTokens {
        /// Which.
        tokens: Vec<TokenUuid>,
        /// How they were chosen.
        chosen: Chosen,
        /// The secret of the one token, if it was pasted: then it can revoke itself.
        secret: Option<Secret>,
    },
    /// Revoke all tokens of users.
    RevokeAllOf {
        /// Whose.
        users: Vec<UserUuid>,
    },
    /// List a user's tokens exactly, with a helper token: that is a write.
    ListExactly {
        /// Whose.
        owner: UserUuid,
    },
    /// Let users log in to a VM: what is there is changed, what is not is made (api.md v7).
    GrantLogin {
        /// Who.
        users: Vec<UserUuid>,
        /// Where.
        vm: VmUuid,
        /// Under which name; each user's own username if `None`.
        login_name: Option<LoginName>,
        /// In which Unix groups.
        groups: Vec<UnixGroup>,
    },
    /// Change the groups of logins; mends their twins as well.
    EditLogins {
        /// Any link of each login.
        links: Vec<LinkUuid>,
        /// The groups they get.
        groups: Vec<UnixGroup>,
    },
    /// Take logins away.
    RevokeLogins {
        /// Any link of each login.
        links: Vec<LinkUuid>,
    },
}

/// Whether a user that is set up is activated at once, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// The user, or an admin, does it later.
    Later,
    /// At once; the cluster's own defaults apply (api.md v31).
    Now,
}

/// What becomes of an account whose data is reassigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// It is deactivated first, so that no rights pass on (api.md v28).
    Leaves,
    /// It stays active; all its rights go along.
    Stays,
}

/// How tokens were chosen. The token in use is only revoked if it was named by its own UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// Each by its UUID.
    ByUuid,
    /// Marked in a list.
    FromList,
}

impl Intent {
    /// The same, for only these targets: how what failed is tried again. `owners` says whose tokens are.
    pub fn narrowed_to(&self, targets: &[&Target], owners: &BTreeMap<TokenUuid, UserUuid>) -> Self {
        let has_user = |user: &UserUuid| targets.iter().any(|t| matches!(t, Target::User(u) if u == user));
        let has_token =
            |token: &TokenUuid| targets.iter().any(|t| matches!(t, Target::Token(u) if u == token));
        let mut narrowed = self.clone();
        match &mut narrowed {
            Self::SetUp { users, .. }
            | Self::Activate { users }
            | Self::Deactivate { users }
            | Self::Suspend { users }
            | Self::Resume { users }
            | Self::SetRole { users, .. } => users.retain(has_user),
            Self::GrantLogin { users, .. } => users.retain(|user| {
                targets
                    .iter()
                    .any(|t| matches!(t, Target::Login { user: u, .. } | Target::User(u) if u == user))
            }),
            Self::ChangeExpiry { tokens, .. } | Self::RevokeTokens { tokens, .. } => tokens.retain(has_token),
            Self::RevokeAllOf { users } => {
                let of_token = |target: &&Target| match target {
                    Target::Token(token) => owners.get(token).copied(),
                    Target::User(_) | Target::Login { .. } | Target::Link(_) => None,
                };
                let owners: BTreeSet<UserUuid> = targets.iter().filter_map(of_token).collect();
                users.retain(|user| has_user(user) || owners.contains(user));
            }
            // These have one target; or name links, of which the next survey leaves those alone that are as
            // wanted by then.
            Self::EditLogins { .. }
            | Self::RevokeLogins { .. }
            | Self::Reassign { .. }
            | Self::IssueToken { .. }
            | Self::ListExactly { .. } => {}
        }
        narrowed
    }

    /// The verb for titles and messages: "Deactivate".
    pub fn verb(&self) -> &'static str {
        match self {
            Self::SetUp { .. } => "Set up",
            Self::Activate { .. } => "Activate",
            Self::Deactivate { .. } => "Deactivate",
            Self::Suspend { .. } => "Suspend",
            Self::Resume { .. } => "Resume",
            Self::SetRole { role: UserRole::Admin, .. } => "Make admin",
            Self::SetRole { role: UserRole::Plain, .. } => "Unmake admin",
            Self::Reassign { .. } => "Reassign the data of",
            Self::IssueToken { .. } => "Issue a token for",
            Self::ChangeExpiry { .. } => "Change the expiry of",
            Self::RevokeTokens { .. } | Self::RevokeLogins { .. } => "Revoke",
            Self::RevokeAllOf { .. } => "Revoke all tokens of",
            Self::ListExactly { .. } => "List exactly the tokens of",
            Self::GrantLogin { .. } => "Grant a VM login to",
            Self::EditLogins { .. } => "Change",
        }
    }
}
