//! A user account.

use super::ids::{ClusterId, UserUuid};
use super::text::named;
use jiff::Timestamp;

/// A user account as the server tells it. Text that the server has not (`null` or `""`) is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Names the account, and the cluster it belongs to.
    pub uuid: UserUuid,
    /// Not unique, not checked by the server (api.md v11).
    pub email: Box<str>,
    /// Unique where it is not empty; case matters.
    pub username: Box<str>,
    /// Given name.
    pub first_name: Box<str>,
    /// Family name.
    pub last_name: Box<str>,
    /// What the account may do now.
    pub status: UserStatus,
    /// Whether it may see and change everything on the cluster.
    pub role: UserRole,
    /// When the account was made.
    pub created_at: Option<Timestamp>,
    /// When its record last changed; setup and membership do not count (api.md, part e).
    pub modified_at: Option<Timestamp>,
    /// Who changed it last.
    pub modified_by: Option<UserUuid>,
}

/// What an account may do. The server keeps two flags; these are the three states they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserStatus {
    /// May work (`is_active`).
    Active,
    /// Invited but not active: waits for itself or an admin to activate it.
    SetUp,
    /// Neither active nor invited: never set up, deactivated or suspended.
    Inactive,
}

impl UserStatus {
    /// From the two flags of the wire.
    pub fn from_flags(is_active: bool, is_invited: bool) -> Self {
        match (is_active, is_invited) {
            (true, _) => Self::Active,
            (false, true) => Self::SetUp,
            (false, false) => Self::Inactive,
        }
    }

    /// The word shown for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::SetUp => "Set up",
            Self::Inactive => "Inactive",
        }
    }
}

/// Whether an account is an administrator's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserRole {
    /// `is_admin`: sees and changes everything.
    Admin,
    /// Everyone else.
    Plain,
}

/// Whether the server sends the user a mail after setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notify {
    /// It does.
    ByMail,
    /// It does not.
    Silently,
}

/// Whether somebody can type what this shows, and nothing else.
fn is_typable(name: &str) -> bool {
    !name.is_empty() && name.trim() == name && named(name) == name
}

impl User {
    /// First and last name, or nothing.
    pub fn full_name(&self) -> String {
        match (&*self.first_name, &*self.last_name) {
            ("", last) => last.to_owned(),
            (first, "") => first.to_owned(),
            (first, last) => format!("{first} {last}"),
        }
    }

    /// How a person is named in a sentence: by full name, else e-mail, else username, else UUID. Harmless
    /// already, and no longer than a name.
    pub fn display_name(&self) -> String {
        let names = [&*self.full_name(), &*self.email, &*self.username];
        let visible = names.into_iter().map(named).find(|name| !name.trim().is_empty());
        visible.unwrap_or_else(|| self.uuid.to_string())
    }

    /// What must be typed to confirm what can't be undone: the username, else the e-mail, else the UUID;
    /// but nothing that nobody can type, or read.
    pub fn confirm_name(&self) -> &str {
        let names = [&*self.username, &*self.email];
        names.into_iter().find(|name| is_typable(name)).unwrap_or(self.uuid.as_str())
    }

    /// Whether it may see and change everything.
    pub fn is_admin(&self) -> bool {
        self.role == UserRole::Admin
    }

    /// Whether the account may work now.
    pub fn is_active(&self) -> bool {
        self.status == UserStatus::Active
    }

    /// The cluster it belongs to, if that is not `here`.
    pub fn foreign_home(&self, here: ClusterId) -> Option<ClusterId> {
        Some(self.uuid.cluster()).filter(|&home| home != here)
    }
}
