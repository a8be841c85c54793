//! What became of one target.

use super::note::Note;
use super::target::Target;
use crate::arvados::error::Error;
use crate::model::ids::UserUuid;
use crate::model::token::{Token, TokenList};
use crate::ops::failure::Failure;
use crate::secret::Secret;
use serde::{Deserialize, Serialize};

/// How far an application is. `of` is how many items there are as far as known: a step that finds more while it is
/// applied adds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// One more thing is done, or failed.
    Finished {
        /// What became of what.
        item: Item,
        /// How many there are.
        of: usize,
    },
    /// Something stands in the way.
    Said {
        /// What: nobody should wait for the report to know it.
        note: Note,
        /// How many there are.
        of: usize,
    },
}

/// What became of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Which.
    pub target: Target,
    /// What became of it.
    pub result: ItemResult,
}

/// What became of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemResult {
    /// As wanted.
    Done,
    /// It was so already, or somebody else did it meanwhile: how it is.
    Unchanged(String),
    /// Not done.
    Failed(Failure),
    /// No answer came, and looking again did not tell.
    Unknown(Unclear),
    /// Stopped before its turn.
    NotStarted,
}

/// How an item came out, whatever is known beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// As wanted.
    Done,
    /// So already.
    Unchanged,
    /// Not done.
    Failed,
    /// Nobody can say.
    Unknown,
    /// Not begun.
    NotStarted,
}

impl Came {
    /// For programs and the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::NotStarted => "not_started",
        }
    }

    /// On the screen; `done` is what the change calls it.
    pub fn word(self, done: &'static str) -> &'static str {
        match self {
            Self::Done => done,
            Self::Unchanged => "so already",
            Self::NotStarted => "not begun",
            Self::Failed | Self::Unknown => self.key(),
        }
    }
}

impl ItemResult {
    /// How it came out.
    pub fn came(&self) -> Came {
        match self {
            Self::Done => Came::Done,
            Self::Unchanged(_) => Came::Unchanged,
            Self::Failed(_) => Came::Failed,
            Self::Unknown(_) => Came::Unknown,
            Self::NotStarted => Came::NotStarted,
        }
    }

    /// How it is, or why it was not done.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Done | Self::NotStarted => None,
            Self::Unchanged(state) => Some(state),
            Self::Failed(failure) => Some(&failure.reason),
            Self::Unknown(unclear) => Some(&unclear.seen),
        }
    }

    /// What the cluster's logs know the request by that failed.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Done | Self::Unchanged(_) | Self::NotStarted => None,
            Self::Failed(failure) => failure.request_id.as_deref(),
            Self::Unknown(unclear) => unclear.request_id.as_deref(),
        }
    }

    /// Whether it is not as wanted.
    pub fn is_trouble(&self) -> bool {
        !matches!(self.came(), Came::Done | Came::Unchanged)
    }
}

/// What is known of a write of which nobody can say whether it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    /// Why it is not known, and what was seen afterwards.
    pub seen: String,
    /// What the cluster's logs know the write by: they can tell.
    pub request_id: Option<String>,
}

impl Unclear {
    /// Of a request that ended so.
    pub(in crate::ops) fn of(error: &Error, seen: String) -> Self {
        Self { seen, request_id: Failure::from(error).request_id }
    }

    /// The same, with what it was that is not known, or what is done already.
    pub(in crate::ops) fn during(self, what: &str) -> Self {
        Self { seen: format!("{what}: {}", self.seen), ..self }
    }
}

/// What a change brings beside what it does.
#[derive(Debug, PartialEq, Eq)]
pub enum Product {
    /// A token: its secret is told only here.
    Token(Issued),
    /// A list that was made with a helper.
    List(TokenList),
}

/// A token that was issued.
#[derive(Debug, PartialEq, Eq)]
pub struct Issued {
    /// Whose it is.
    pub owner: UserUuid,
    /// What it is.
    pub token: Token,
    /// `v2/UUID/SECRET`
    pub v2: Secret,
}

/// How applying ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Every step had its turn.
    Completed,
    /// Somebody stopped it.
    Stopped,
    /// It stopped by itself: 401, or five failures of one kind in a row.
    GaveUp(Failure),
}
