//! What became of one target.

use super::note::Note;
use super::target::Target;
use crate::arvados::error::Error;
use crate::model::ids::UserUuid;
use crate::model::token::Token;
use crate::ops::failure::Failure;
use crate::secret::Secret;

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

impl ItemResult {
    /// Whether it is not as wanted.
    pub fn is_trouble(&self) -> bool {
        match self {
            Self::Done | Self::Unchanged(_) => false,
            Self::Failed(_) | Self::Unknown(_) | Self::NotStarted => true,
        }
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
