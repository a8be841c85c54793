//! Identifiers of the demo cluster: 27 ASCII characters held in place, so that a hundred thousand of
//! them cost no allocation. Which kind of object one names is read from its middle part.

use std::fmt;

/// The demo cluster's own id.
pub const CLUSTER: &str = "zzzzz";

/// `zzzzz-tpzed-000000000000000`: cluster, kind, and 15 characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid([u8; 27]);

/// What a UUID names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    User,
    Token,
    Link,
    VirtualMachine,
    Group,
    AuthorizedKey,
    Log,
    Container,
    ContainerRequest,
    Collection,
    Credential,
}

impl Kind {
    pub const ALL: [Self; 11] = [
        Self::User,
        Self::Token,
        Self::Link,
        Self::VirtualMachine,
        Self::Group,
        Self::AuthorizedKey,
        Self::Log,
        Self::Container,
        Self::ContainerRequest,
        Self::Collection,
        Self::Credential,
    ];

    /// The middle part of its UUIDs.
    pub const fn infix(self) -> &'static str {
        match self {
            Self::User => "tpzed",
            Self::Token => "gj3su",
            Self::Link => "o0j2j",
            Self::VirtualMachine => "2x53u",
            Self::Group => "j7d0g",
            Self::AuthorizedKey => "fngyi",
            Self::Log => "57u5n",
            Self::Container => "dz642",
            Self::ContainerRequest => "xvhdp",
            Self::Collection => "4zz18",
            Self::Credential => "oss07",
        }
    }

    /// `arvados#user`: the `kind` of a row.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "arvados#user",
            Self::Token => "arvados#apiClientAuthorization",
            Self::Link => "arvados#link",
            Self::VirtualMachine => "arvados#virtualMachine",
            Self::Group => "arvados#group",
            Self::AuthorizedKey => "arvados#authorizedKey",
            Self::Log => "arvados#log",
            Self::Container => "arvados#container",
            Self::ContainerRequest => "arvados#containerRequest",
            Self::Collection => "arvados#collection",
            Self::Credential => "arvados#credential",
        }
    }

    /// `user`: the key attributes may be wrapped in.
    pub const fn singular(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Token => "api_client_authorization",
            Self::Link => "link",
            Self::VirtualMachine => "virtual_machine",
            Self::Group => "group",
            Self::AuthorizedKey => "authorized_key",
            Self::Log => "log",
            Self::Container => "container",
            Self::ContainerRequest => "container_request",
            Self::Collection => "collection",
            Self::Credential => "credential",
        }
    }

    /// `User`: what the Rails API calls it.
    pub const fn class(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Token => "ApiClientAuthorization",
            Self::Link => "Link",
            Self::VirtualMachine => "VirtualMachine",
            Self::Group => "Group",
            Self::AuthorizedKey => "AuthorizedKey",
            Self::Log => "Log",
            Self::Container => "Container",
            Self::ContainerRequest => "ContainerRequest",
            Self::Collection => "Collection",
            Self::Credential => "Credential",
        }
    }

    /// The kind of that name (`arvados#user`).
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    fn with_infix(infix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.infix() == infix)
    }
}

impl Uuid {
    /// Below every UUID.
    pub const MIN: Self = Self([0; 27]);
    /// Above every UUID.
    pub const MAX: Self = Self([0xff; 27]);

    /// Reads a UUID of any cluster and of any kind, known or not.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 27] = text.as_bytes().try_into().ok()?;
        let fits = bytes.iter().enumerate().all(|(at, byte)| match at {
            5 | 11 => *byte == b'-',
            _ => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
        });
        fits.then_some(Self(bytes))
    }

    /// `cluster`-`kind`-`tail`, whatever is too long cut and what is too short filled with `0`.
    pub fn build(cluster: &str, kind: Kind, tail: &str) -> Self {
        let mut bytes = [b'0'; 27];
        let place = |bytes: &mut [u8; 27], from: usize, room: usize, text: &str| {
            for (at, byte) in text.bytes().take(room).enumerate() {
                bytes[from + at] = byte;
            }
        };
        place(&mut bytes, 0, 5, cluster);
        bytes[5] = b'-';
        place(&mut bytes, 6, 5, kind.infix());
        bytes[11] = b'-';
        place(&mut bytes, 12, 15, tail);
        Self(bytes)
    }

    /// A bound for a range: `text` cut to a UUID's length, or filled up below every UUID that starts with it.
    pub fn near(text: &str) -> Self {
        let mut bytes = [0; 27];
        for (at, byte) in text.bytes().take(27).enumerate() {
            bytes[at] = byte;
        }
        Self(bytes)
    }

    /// A UUID of this cluster.
    pub fn own(kind: Kind, tail: &str) -> Self {
        Self::build(CLUSTER, kind, tail)
    }

    /// The system user ("root").
    pub fn system_user() -> Self {
        Self::own(Kind::User, "000000000000000")
    }

    /// The anonymous user.
    pub fn anonymous_user() -> Self {
        Self::own(Kind::User, "anonymouspublic")
    }

    /// The system group.
    pub fn system_group() -> Self {
        Self::own(Kind::Group, "000000000000000")
    }

    /// The group of all users.
    pub fn all_users() -> Self {
        Self::own(Kind::Group, "fffffffffffffff")
    }

    /// The group of what anybody may read.
    pub fn anonymous_group() -> Self {
        Self::own(Kind::Group, "anonymouspublic")
    }

    /// The token UUID of the system root token.
    pub fn system_token() -> Self {
        Self::own(Kind::Token, "000000000000000")
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The id of the cluster it belongs to.
    pub fn cluster(&self) -> &str {
        self.as_str().get(..5).unwrap_or_default()
    }

    pub fn kind(&self) -> Option<Kind> {
        Kind::with_infix(self.as_str().get(6..11)?)
    }

    /// The middle part, also of kinds the demo cluster does not know.
    pub fn infix(&self) -> &str {
        self.as_str().get(6..11).unwrap_or_default()
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_names_its_cluster_and_kind() {
        let uuid = Uuid::parse("abcde-2x53u-0123456789abcde").unwrap();
        assert_eq!((uuid.cluster(), uuid.kind()), ("abcde", Some(Kind::VirtualMachine)));
        assert_eq!(Uuid::parse("zzzzz-tpzed-00000000000000"), None);
        assert_eq!(Uuid::parse("zzzzz-tpzed-00000000000000A"), None);
        assert_eq!(Uuid::system_user().to_string(), "zzzzz-tpzed-000000000000000");
    }
}
