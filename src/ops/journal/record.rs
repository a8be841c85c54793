//! A line of the journal: one type writes it and reads it back.

use super::before::Before;
use crate::model::field::Date;
use crate::model::ids::{LinkUuid, TokenUuid, UserUuid, VmUuid};
use crate::ops::plan::item::Came;
use crate::ops::plan::target::Target;
use crate::ops::process::Process;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What lines are like. Those of before it had a number are read as far as they go; those of a later program are
/// not guessed at.
pub(super) const VERSION: u8 = 1;

/// A line; `B` is what there was before a step, of which a reader takes what it needs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line<B> {
    #[serde(default)]
    pub v: u8,
    pub at: Timestamp,
    /// Which application it belongs to.
    pub batch: String,
    pub cluster: String,
    /// Whose token was used.
    pub by: UserUuid,
    /// For people.
    pub verb: String,
    #[serde(flatten)]
    pub target: TargetFields,
    #[serde(flatten)]
    pub record: Record<B>,
}

/// What a line is about.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct TargetFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<UserUuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenUuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vm: Option<VmUuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkUuid>,
}

/// What a line says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(super) enum Record<B> {
    /// What was there before a step.
    Before {
        #[serde(skip_serializing_if = "Option::is_none")]
        change: Option<ChangeKind>,
        #[serde(default)]
        calls: Vec<String>,
        before: B,
    },
    /// What became of a token that is made beside the targets.
    Token {
        event: TokenEvent,
        expires_at: Option<Date>,
        /// Ties what was asked for to what came of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nonce: Option<String>,
        /// Who is at work with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        process: Option<Process>,
    },
    /// What became of an item.
    Result {
        result: Came,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
    },
}

/// What became of a token that is made beside the targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenEvent {
    /// A helper token for its owner is about to be asked for.
    HelperAsked,
    /// It was made.
    HelperMade,
    /// It was refused.
    HelperNotMade,
    /// No answer came, or none that tells: perhaps it was made.
    HelperUnknown,
    /// It is gone again.
    HelperDeleted,
    /// A token was issued: its secret is not here.
    Issued,
}

/// What a step does, as far as a later reader of the journal cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// May take an admin's flag.
    Suspend,
    /// Ends all tokens of its user.
    Deactivate,
    /// Ends the tokens that its results name.
    Revoke,
    /// Something else with an account.
    Other,
    /// Something else. Lines of before version 1 do not have it.
    #[serde(other)]
    Elsewhere,
}

impl ChangeKind {
    /// Whether it is about an account itself.
    pub(super) fn is_of_account(self) -> bool {
        match self {
            Self::Suspend | Self::Deactivate | Self::Other => true,
            Self::Revoke | Self::Elsewhere => false,
        }
    }
}

/// What a reader takes of [`Before`].
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FlagsBefore {
    pub is_admin: Option<bool>,
}

/// A line as it is written.
pub(super) type Written<'a> = Line<&'a Before>;

/// A line as it is read.
pub(super) type Read = Line<FlagsBefore>;

impl TargetFields {
    pub(super) fn of(target: &Target) -> Self {
        match target {
            Target::User(user) => Self { user: Some(*user), ..Self::default() },
            Target::Token(token) => Self { token: Some(*token), ..Self::default() },
            Target::Login { user, vm, login_name } => Self {
                user: Some(*user),
                vm: Some(*vm),
                login_name: Some(login_name.clone()),
                ..Self::default()
            },
            Target::Link(link) => Self { link: Some(*link), ..Self::default() },
        }
    }
}
