//! VM logins as they are shown.

use super::part::Part;
use crate::model::ids::UserUuid;
use crate::model::user::User;
use crate::model::vm::VmLogin;

/// VM logins with what is needed to show them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoginList {
    /// The logins, twins made one, by host name, then login name.
    pub rows: Vec<LoginRow>,
    /// Whether there may be others.
    pub extent: Extent,
    /// What of it can't be read, in words.
    pub left_out: Option<String>,
}

/// Whether a list has all that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// It has.
    #[default]
    All,
    /// Only what is the asking user's own: the token in use can't see others'.
    OwnOnly,
}

/// A VM login with what is needed to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRow {
    /// The login.
    pub login: VmLogin,
    /// The VM's host name, if the VM can be read.
    pub hostname: Option<String>,
    /// Whose it is, if the user can be read.
    pub user: Option<User>,
    /// How many SSH keys its user has: without one there is no way in.
    pub keys: Part<usize>,
    /// Others who have the same login name on this VM: one Unix account, all keys merged.
    pub shared_with: Vec<UserUuid>,
}
