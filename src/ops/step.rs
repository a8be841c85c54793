//! The steps of a plan: each is one target's change, which may take several requests.

use crate::model::ids::{AnyUuid, GroupUuid, LinkUuid, TokenUuid, UserUuid, VmUuid};
use crate::model::token::{Expiry, Scopes};
use crate::model::user::{Notify, UserRole};
use crate::model::vm::{LoginName, UnixGroup};
use crate::ops::intent::Activation;
use crate::secret::Secret;
use std::collections::BTreeMap;

/// What a step, a refusal or a result is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A user.
    User(UserUuid),
    /// A token.
    Token(TokenUuid),
    /// A login of a user on a VM.
    Login {
        /// Whose.
        user: UserUuid,
        /// Where.
        vm: VmUuid,
        /// The Unix account.
        login_name: String,
    },
    /// A link that is no longer, or not yet, known to be a login.
    Link(LinkUuid),
}

/// One target's change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `POST /users/setup`, then activation if wanted.
    SetUp {
        /// Whom.
        user: UserUuid,
        /// Where a login is made.
        vm: Option<VmUuid>,
        /// Whether a mail is sent.
        notify: Notify,
        /// Whether to activate, too.
        activation: Activation,
    },
    /// PATCH `is_active: true`.
    Activate {
        /// Whom.
        user: UserUuid,
    },
    /// `POST /users/U/unsetup`.
    Deactivate {
        /// Whom.
        user: UserUuid,
    },
    /// Delete the membership of All users, PATCH `is_active: false`, read whether it held.
    Suspend {
        /// Whom.
        user: UserUuid,
        /// The links that make the membership of All users.
        places: Vec<LinkUuid>,
        /// What the user was, or may have been: an admin's flag goes too, and the journal remembers one that
        /// could be read.
        role: UserRole,
    },
    /// PATCH `is_active: true`, and the admin flag if the journal says that suspending took it.
    Resume {
        /// Whom.
        user: UserUuid,
        /// What the user becomes.
        role: UserRole,
    },
    /// PATCH `is_admin`.
    SetRole {
        /// Whom.
        user: UserUuid,
        /// What the user becomes.
        role: UserRole,
    },
    /// Unsetup if leaving, a project, merge, grants, and a look at what moved.
    Reassign {
        /// Whose data.
        from: UserUuid,
        /// Who gets it.
        to: UserUuid,
        /// Where it goes.
        project: Destination,
        /// What becomes of the old account.
        parting: Parting,
        /// What is granted to the successor anew.
        regrant: Vec<Regrant>,
        /// How many things there are to move, trash included.
        owned: usize,
    },
    /// `POST /api_client_authorizations`.
    IssueToken {
        /// Whose.
        owner: UserUuid,
        /// When it ends.
        expiry: Expiry,
        /// What it allows.
        scopes: Scopes,
    },
    /// `PUT /api_client_authorizations/T`.
    ChangeExpiry {
        /// Which.
        token: TokenUuid,
        /// Whose it is.
        owner: UserUuid,
        /// When it ends.
        expiry: Expiry,
        /// With which token the request is made.
        via: Via,
    },
    /// `DELETE /api_client_authorizations/T`.
    RevokeToken {
        /// Which.
        token: TokenUuid,
        /// Whose it is.
        owner: UserUuid,
        /// With which token the request is made.
        via: Via,
    },
    /// List and delete until nothing is left; grows while it is applied.
    RevokeAllOf {
        /// Whose.
        owner: UserUuid,
        /// How many the audit log knows of.
        at_most: usize,
        /// With which token the requests are made.
        via: Via,
    },
    /// List with a helper token.
    ListExactly {
        /// Whose.
        owner: UserUuid,
    },
    /// `POST /links` of a login that is not there.
    CreateLogin {
        /// Who.
        user: UserUuid,
        /// Where.
        vm: VmUuid,
        /// Under which name.
        login_name: LoginName,
        /// In which groups.
        groups: Vec<UnixGroup>,
    },
    /// `PATCH /links/L` with the whole properties: changes the groups and removes twins.
    ChangeLogin {
        /// The link that stays.
        link: LinkUuid,
        /// Who.
        user: UserUuid,
        /// Where.
        vm: VmUuid,
        /// Its name, as it is.
        login_name: String,
        /// The groups it gets.
        groups: Vec<UnixGroup>,
        /// What else its properties have, as JSON by name.
        others: BTreeMap<String, String>,
        /// How many twins go.
        twins: usize,
    },
    /// `DELETE /links/L`: its twins go with it.
    DeleteLogin {
        /// Any link of it.
        link: LinkUuid,
        /// Who.
        user: UserUuid,
        /// Where.
        vm: VmUuid,
        /// Its name.
        login_name: String,
    },
}

/// What becomes of an account whose data is reassigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// It is ended first, so that no rights pass on (api.md v28).
    Ends,
    /// It was ended before, by an earlier try perhaps.
    EndedBefore,
    /// It stays active; all its rights go along, its place in All users too, which it is given back.
    Stays,
    /// It was no longer, or not yet, invited, and stays so; all its rights go along.
    StaysInactive,
}

/// Where reassigned data goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A project to be made, of this name.
    New(String),
    /// One that is there, from an earlier try.
    Existing(GroupUuid, String),
}

/// A permission of a leaver that the successor is granted anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regrant {
    /// `can_read`, `can_write`, `can_manage` or `can_login`.
    pub name: String,
    /// On what.
    pub head: AnyUuid,
    /// For a login: its name and groups.
    pub login: Option<(String, Vec<String>)>,
}

impl Regrant {
    /// Whether both are the same permission, perhaps at another level or in other groups.
    pub fn is_same_place(&self, other: &Self) -> bool {
        let name = |right: &Self| right.login.as_ref().map(|(name, _)| name.clone());
        self.head == other.head && self.login.is_some() == other.login.is_some() && name(self) == name(other)
    }
}

/// With which token a request about somebody's token is made (api.md v3 to v5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// The token in use: it is its owner's own, or the system root token.
    TokenInUse,
    /// A helper token made for the owner, deleted last.
    Helper,
    /// The token itself, whose secret was pasted.
    Itself(Secret),
}

impl Step {
    /// What it is about.
    pub fn target(&self) -> Target {
        match self {
            Self::SetUp { user, .. }
            | Self::Activate { user }
            | Self::Deactivate { user }
            | Self::Suspend { user, .. }
            | Self::Resume { user, .. }
            | Self::SetRole { user, .. }
            | Self::Reassign { from: user, .. }
            | Self::IssueToken { owner: user, .. }
            | Self::RevokeAllOf { owner: user, .. }
            | Self::ListExactly { owner: user } => Target::User(*user),
            Self::ChangeExpiry { token, .. } | Self::RevokeToken { token, .. } => Target::Token(*token),
            Self::CreateLogin { user, vm, login_name, .. } => {
                Target::Login { user: *user, vm: *vm, login_name: login_name.to_string() }
            }
            Self::ChangeLogin { user, vm, login_name, .. }
            | Self::DeleteLogin { user, vm, login_name, .. } => {
                Target::Login { user: *user, vm: *vm, login_name: login_name.clone() }
            }
        }
    }

    /// Who is no active admin after it, whatever it was before.
    pub fn ends_admin(&self) -> Option<UserUuid> {
        match self {
            Self::Deactivate { user }
            | Self::Suspend { user, .. }
            | Self::SetRole { user, role: UserRole::Plain }
            | Self::Reassign { from: user, parting: Parting::Ends | Parting::EndedBefore, .. } => Some(*user),
            Self::SetUp { .. }
            | Self::Activate { .. }
            | Self::Resume { .. }
            | Self::SetRole { role: UserRole::Admin, .. }
            | Self::Reassign { parting: Parting::Stays | Parting::StaysInactive, .. }
            | Self::IssueToken { .. }
            | Self::ChangeExpiry { .. }
            | Self::RevokeToken { .. }
            | Self::RevokeAllOf { .. }
            | Self::ListExactly { .. }
            | Self::CreateLogin { .. }
            | Self::ChangeLogin { .. }
            | Self::DeleteLogin { .. } => None,
        }
    }

    /// How bad it is, by what the server does.
    pub fn risk(&self) -> Risk {
        match self {
            Self::SetUp { .. }
            | Self::Activate { .. }
            | Self::Suspend { .. }
            | Self::Resume { .. }
            | Self::SetRole { .. }
            | Self::IssueToken { .. }
            | Self::ChangeExpiry { .. }
            | Self::ListExactly { .. }
            | Self::CreateLogin { .. }
            | Self::ChangeLogin { .. } => Risk::Reversible,
            Self::Deactivate { .. } | Self::DeleteLogin { .. } => Risk::Lossy,
            Self::Reassign { .. } | Self::RevokeToken { .. } | Self::RevokeAllOf { .. } => Risk::Final,
        }
    }
}

/// What a mistake would cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Nothing.
    Harmless,
    /// Another request.
    Reversible,
    /// Things are deleted that can be made again by hand.
    Lossy,
    /// It can't be taken back.
    Final,
}
