//! What a step leaves to be looked at when some are over, for all of them at once: whether what the server said
//! yes to is so. Until then a step counts as done by the server's word.

use crate::arvados::request::UserFlags;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::token::Ends;
use crate::ops::journal::Doing;
use crate::ops::known_tokens::KnownTokens;
use crate::ops::logins::Key;
use crate::ops::plan::{Item, Note};
use std::collections::BTreeSet;

/// What a step left to be looked at.
#[derive(Debug)]
pub(in crate::ops) enum Check {
    /// An account was ended, of a user who had this.
    Ended(Had),
    /// An account's status or role was changed.
    Account { user: UserUuid, wanted: Account },
    /// A user was set up with this login.
    LoginMade(Key),
    /// A login was changed.
    Login { login: Key, wanted: LoginIs },
    /// All that a user had was revoked with the token in use.
    Swept(Sweep),
    /// A token was revoked, or its end was changed.
    Token(TokenCheck),
}

/// What an account is to be after a change.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) enum Account {
    /// With these flags.
    Flags(UserFlags),
    /// Set up, or more.
    SetUp,
}

/// What a login that was changed is to be when it is looked at again.
#[derive(Debug, Clone)]
pub(in crate::ops) enum LoginIs {
    /// One link, in these groups.
    InGroups(Vec<String>),
    /// No link.
    Gone,
}

/// A token to be looked at.
#[derive(Debug, Clone)]
pub(in crate::ops) struct TokenCheck {
    pub token: TokenUuid,
    /// Whose helper lists it; else the token in use does.
    pub lists: Option<UserUuid>,
    pub wanted: TokenIs,
}

/// What it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ops) enum TokenIs {
    Gone,
    Ending(Ends),
}

/// Which things a user had before the account was ended.
#[derive(Debug, Clone)]
pub(in crate::ops) struct Had {
    pub user: UserUuid,
    /// The UUIDs of the links and keys.
    pub things: BTreeSet<String>,
    pub tokens: KnownTokens,
    /// Which of the links, keys and preferences could not be had, and why.
    pub unknown: Vec<String>,
    /// Whether the audit log could be asked for the tokens.
    pub asked_for_tokens: bool,
}

impl Had {
    /// What the journal does not have of what went, to be said.
    pub fn not_kept(&self, name: &str) -> Option<Note> {
        let what = || {
            Note::danger(format!(
                "What {name} had of these is not known, and not in the journal: {}.",
                self.unknown.join("; ")
            ))
        };
        (!self.unknown.is_empty()).then(what)
    }
}

/// A user's tokens, being revoked.
#[derive(Debug)]
pub(in crate::ops) struct Sweep {
    pub place: usize,
    pub doing: Doing,
    pub owner: UserUuid,
    /// Those of which the server was asked, and answered.
    pub tried: BTreeSet<TokenUuid>,
    /// Those that a list has shown, and whose helper was ended before it could revoke them.
    pub left: BTreeSet<TokenUuid>,
    /// How many lists had something to revoke.
    pub rounds: usize,
    /// How many since then had nothing, and did not stand still.
    pub restless: usize,
    /// Those that were not in the first of them.
    pub appeared: BTreeSet<TokenUuid>,
    pub items: Vec<Item>,
    pub notes: Vec<Note>,
}
