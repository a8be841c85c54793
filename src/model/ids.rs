//! Identifiers. Every kind of Arvados object has a type of its own, so that a token's UUID can't be
//! passed where a user's is wanted. They are 27 plain bytes and `Copy`: a hundred thousand of them
//! are held, compared and marked without an allocation.

use std::fmt;
use std::str::FromStr;

/// Why a text is not the identifier it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not of the form `zzzzz-tpzed-3kz0nwtjehhl0u4`.
    #[error("not an Arvados UUID")]
    NotAUuid,
    /// A UUID, but of another kind of object.
    #[error("this is the UUID of {}, not of {wanted}", kind_name(found))]
    WrongKind {
        /// What was wanted, in the administrator's words.
        wanted: &'static str,
        /// The five letters in the middle.
        found: String,
    },
}

/// What the middle part of a UUID stands for (sdk/go/arvados, the models' `uuid_prefix`).
fn kind_name(infix: &str) -> &'static str {
    match infix {
        "tpzed" => "a user",
        "gj3su" => "a token",
        "2x53u" => "a VM",
        "o0j2j" => "a link",
        "j7d0g" => "a group or project",
        "fngyi" => "an SSH key",
        "57u5n" => "a log record",
        "dz642" => "a container",
        "xvhdp" => "a container request",
        "4zz18" => "a collection",
        _ => "something else",
    }
}

/// The five characters that name a cluster, such as `zzzzz`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClusterId([u8; 5]);

impl ClusterId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        ascii(&self.0)
    }
}

/// A text is no id of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a cluster, which has five characters of a-z and 0-9, such as zzzzz")]
pub struct NotAClusterId;

impl FromStr for ClusterId {
    type Err = NotAClusterId;

    fn from_str(text: &str) -> Result<Self, NotAClusterId> {
        let bytes: [u8; 5] = text.as_bytes().try_into().map_err(|_| NotAClusterId)?;
        if bytes.iter().all(|&b| is_uuid_byte(b)) { Ok(Self(bytes)) } else { Err(NotAClusterId) }
    }
}

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Ids are made of ASCII only (their constructors check it), so this never falls back.
fn ascii(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn is_uuid_byte(b: u8) -> bool {
    b.is_ascii_digit() || b.is_ascii_lowercase()
}

/// Splits a UUID into cluster and kind, checking its form.
fn parts(text: &str) -> Result<([u8; 27], &str), IdError> {
    let bytes: [u8; 27] = text.as_bytes().try_into().map_err(|_| IdError::NotAUuid)?;
    let well_formed =
        bytes.iter().enumerate().all(|(i, &b)| if i == 5 || i == 11 { b == b'-' } else { is_uuid_byte(b) });
    if well_formed { Ok((bytes, &text[6..11])) } else { Err(IdError::NotAUuid) }
}

/// Any Arvados UUID, whatever it names: for `head_uuid`, `owner_uuid` and the like.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnyUuid([u8; 27]);

/// Reads an id from JSON without copying the text first: lists of users have a hundred thousand.
struct Parsed<T>(std::marker::PhantomData<T>);

impl<T: FromStr<Err = IdError>> serde::de::Visitor<'_> for Parsed<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an Arvados UUID")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! uuids {
    ($($(#[$doc:meta])* $name:ident, $infix:literal, $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 27]);

        impl $name {
            /// The five letters in the middle of every such UUID.
            pub const INFIX: &'static str = $infix;
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let (bytes, infix) = parts(text)?;
                if infix == $infix {
                    Ok(Self(bytes))
                } else {
                    Err(IdError::WrongKind { wanted: $kind, found: infix.to_owned() })
                }
            }
        }

        impl From<$name> for AnyUuid {
            fn from(id: $name) -> Self {
                Self(id.0)
            }
        }

        impl TryFrom<AnyUuid> for $name {
            type Error = IdError;

            fn try_from(id: AnyUuid) -> Result<Self, IdError> {
                id.as_str().parse()
            }
        }

        common!($name);
    )*};
}

macro_rules! common {
    ($name:ident) => {
        impl $name {
            /// The whole UUID.
            pub fn as_str(&self) -> &str {
                ascii(&self.0)
            }

            /// The cluster that issued it.
            pub fn cluster(&self) -> ClusterId {
                let mut id = [0; 5];
                id.copy_from_slice(&self.0[..5]);
                ClusterId(id)
            }

            /// The last fifteen characters, the only ones that differ between objects of one kind
            /// on one cluster.
            pub fn tail(&self) -> &str {
                ascii(&self.0[12..])
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Parsed(std::marker::PhantomData))
            }
        }
    };
}

uuids! {
    /// A user account.
    UserUuid, "tpzed", "a user";
    /// An API token (`api_client_authorization`). Not its secret.
    TokenUuid, "gj3su", "a token";
    /// A virtual machine that users may log in to.
    VmUuid, "2x53u", "a VM";
    /// A link: a permission, a membership, a VM login.
    LinkUuid, "o0j2j", "a link";
    /// A group: a role, a project or a filter group.
    GroupUuid, "j7d0g", "a group";
    /// An SSH public key.
    KeyUuid, "fngyi", "an SSH key";
    /// An audit log record.
    LogUuid, "57u5n", "a log record";
    /// A container.
    ContainerUuid, "dz642", "a container";
}

common!(AnyUuid);

impl FromStr for AnyUuid {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        parts(text).map(|(bytes, _)| Self(bytes))
    }
}

impl AnyUuid {
    /// The five letters in the middle, which say what kind of object it is.
    pub fn infix(&self) -> &str {
        ascii(&self.0[6..11])
    }
}

impl UserUuid {
    /// Whether this is the system user (`…-tpzed-000000000000000`), which owns the cluster.
    pub fn is_system(&self) -> bool {
        self.tail() == "000000000000000"
    }

    /// Whether this is the anonymous user, for visitors who are not logged in.
    pub fn is_anonymous(&self) -> bool {
        self.tail() == "anonymouspublic"
    }

    /// Whether it is one of the accounts that belong to the server and not to a person.
    pub fn is_built_in(&self) -> bool {
        self.is_system() || self.is_anonymous()
    }
}

impl TokenUuid {
    /// Whether this is the configured system root token, which is no row of the database.
    pub fn is_system_root(&self) -> bool {
        self.tail() == "000000000000000"
    }
}

impl GroupUuid {
    /// The group that every set-up user is a member of.
    ///
    /// # Panics
    /// Never: the parts have the right lengths by construction.
    pub fn all_users(cluster: ClusterId) -> Self {
        let mut bytes = *b"zzzzz-j7d0g-fffffffffffffff";
        bytes[..5].copy_from_slice(&cluster.0);
        Self(bytes)
    }

    /// Whether this is the "All users" group of its cluster.
    pub fn is_all_users(&self) -> bool {
        self.tail() == "fffffffffffffff"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_of_the_right_kind_is_taken() {
        let id: UserUuid = "zzzzz-tpzed-3kz0nwtjehhl0u4".parse().expect("a user's");
        assert_eq!(id.as_str(), "zzzzz-tpzed-3kz0nwtjehhl0u4");
        assert_eq!(id.cluster().as_str(), "zzzzz");
        assert_eq!(id.tail(), "3kz0nwtjehhl0u4");
    }

    #[test]
    fn another_kind_is_refused_and_named() {
        let error = "zzzzz-tpzed-3kz0nwtjehhl0u4".parse::<TokenUuid>().expect_err("a user's UUID");
        assert_eq!(error.to_string(), "this is the UUID of a user, not of a token");
    }

    #[test]
    fn what_is_no_uuid_is_refused() {
        for text in [
            "",
            "alice",
            "zzzzz-tpzed-3kz0nwtjehhl0u",
            "ZZZZZ-tpzed-3kz0nwtjehhl0u4",
            "zzzzz_tpzed-3kz0nwtjehhl0u4",
        ] {
            assert_eq!(text.parse::<UserUuid>(), Err(IdError::NotAUuid), "{text}");
        }
    }
}
