//! Groups, and what permissions allow.

use super::field::Text;
use super::ids::GroupUuid;

/// A role group: a set of users that permissions can be given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Names it.
    pub uuid: GroupUuid,
    /// Its name, unique on the cluster.
    pub name: Text,
}

/// What a permission link allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PermissionLevel {
    /// `can_read`
    Read,
    /// `can_write`
    Write,
    /// `can_manage`
    Manage,
}

impl PermissionLevel {
    /// The link's `name` at the wire.
    pub fn to_wire(self) -> &'static str {
        match self {
            Self::Read => "can_read",
            Self::Write => "can_write",
            Self::Manage => "can_manage",
        }
    }

    /// From a link's `name`; `None` for other links, such as `can_login`.
    pub fn from_wire(name: &str) -> Option<Self> {
        match name {
            "can_read" => Some(Self::Read),
            "can_write" => Some(Self::Write),
            "can_manage" => Some(Self::Manage),
            _ => None,
        }
    }
}
