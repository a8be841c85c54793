//! A user account.

use super::field::{Field, Stamp, Text};
use super::ids::{ClusterId, UserUuid};
use super::text::named;

/// A user account as the server tells it. Text that the server has not (`null` or `""`) is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Names the account, and the cluster it belongs to.
    pub uuid: UserUuid,
    /// Not unique, not checked by the server (api.md v11).
    pub email: Text,
    /// Unique where it is not empty; case matters.
    pub username: Text,
    /// Given name.
    pub first_name: Text,
    /// Family name.
    pub last_name: Text,
    /// What the account may do now.
    pub status: UserStatus,
    /// Whether it may see and change everything on the cluster.
    pub role: Field<UserRole>,
    /// When the account was made.
    pub created_at: Option<Stamp>,
    /// When its record last changed; setup and membership do not count (api.md, part e).
    pub modified_at: Option<Stamp>,
    /// Who changed it last.
    pub modified_by: Option<Field<UserUuid>>,
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
    /// The record's flags can't be read: nobody knows.
    Unreadable,
}

impl UserStatus {
    /// From the two flags of the wire, as far as they can be read.
    pub fn from_flags(is_active: Option<bool>, is_invited: Option<bool>) -> Self {
        match (is_active, is_invited) {
            (Some(true), _) => Self::Active,
            (Some(false), Some(true)) => Self::SetUp,
            (Some(false), Some(false)) => Self::Inactive,
            (None, _) | (Some(false), None) => Self::Unreadable,
        }
    }

    /// The word shown for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::SetUp => "Set up",
            Self::Inactive => "Inactive",
            Self::Unreadable => "Unreadable",
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

impl UserRole {
    /// From the flag of the wire.
    pub fn from_flag(is_admin: bool) -> Self {
        if is_admin { Self::Admin } else { Self::Plain }
    }
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
    /// First and last name, or nothing; what can't be read is shown as that.
    pub fn full_name(&self) -> String {
        match (&*self.first_name.shown(), &*self.last_name.shown()) {
            ("", last) => last.to_owned(),
            (first, "") => first.to_owned(),
            (first, last) => format!("{first} {last}"),
        }
    }

    fn has_readable_name(&self) -> bool {
        [&self.first_name, &self.last_name].into_iter().all(|name| matches!(name, Text::Is(_)))
    }

    /// How a person is named in a sentence: by full name, else e-mail, else username, else UUID. Harmless
    /// already, and no longer than a name.
    pub fn display_name(&self) -> String {
        let full = if self.has_readable_name() { self.full_name() } else { String::new() };
        let names = [&*full, &*self.email, &*self.username];
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
        self.role.is(&UserRole::Admin)
    }

    /// Whether it may be an admin's for all that can be read: what must be kept safe counts as that.
    pub fn is_perhaps_admin(&self) -> bool {
        !self.role.is(&UserRole::Plain)
    }

    /// Whether it may be an active admin's for all that can be read.
    pub fn is_perhaps_active_admin(&self) -> bool {
        self.is_perhaps_admin() && !self.is_surely_inactive()
    }

    /// Whether the account may work now.
    pub fn is_active(&self) -> bool {
        self.status == UserStatus::Active
    }

    /// `is_active`, if it can be read.
    pub fn active_flag(&self) -> Option<bool> {
        (self.status != UserStatus::Unreadable).then(|| self.is_active())
    }

    /// `is_invited`, if it can be read.
    pub fn invited_flag(&self) -> Option<bool> {
        (self.status != UserStatus::Unreadable).then(|| self.is_invited())
    }

    /// `is_admin`, if it can be read.
    pub fn admin_flag(&self) -> Option<bool> {
        self.role.get().map(|role| *role == UserRole::Admin)
    }

    /// Whether the account can't work now, by flags that can be read.
    pub fn is_surely_inactive(&self) -> bool {
        matches!(self.status, UserStatus::SetUp | UserStatus::Inactive)
    }

    /// Whether the account is known to be invited, active or not.
    pub fn is_invited(&self) -> bool {
        matches!(self.status, UserStatus::Active | UserStatus::SetUp)
    }

    /// The cluster it belongs to, if that is not `here`.
    pub fn foreign_home(&self, here: ClusterId) -> Option<ClusterId> {
        Some(self.uuid.cluster()).filter(|&home| home != here)
    }
}
