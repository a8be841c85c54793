//! What a step, a refusal or a result is about, and what a mistake would cost.

use crate::model::ids::{LinkUuid, TokenUuid, UserUuid, VmUuid};
use crate::secret::Secret;

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

impl Via {
    /// After what is done: ", with a helper token".
    pub(in crate::ops) fn words(&self) -> &'static str {
        match self {
            Self::TokenInUse => "",
            Self::Helper => ", with a helper token",
            Self::Itself(_) => ", with the token itself",
        }
    }
}
