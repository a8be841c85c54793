//! How a command ends: with one of five codes, and what is said on standard error.

use crate::ops::connecting::Trouble;
use crate::ops::failure::{ErrorKind, Failure};
use std::io;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// As wanted.
    Done = 0,
    /// It did not work.
    Failed = 1,
    /// Not understood, or not confirmed: nothing was changed.
    Usage = 2,
    /// Some of it was done.
    Partly = 3,
    /// The token, the mode or the cluster does not allow it.
    NotPermitted = 4,
}

/// Why a command ends early.
#[derive(Debug)]
pub enum Stop {
    /// With a text for standard error.
    Said(Exit, String),
    /// Whoever read the output has enough: nothing to say.
    Closed,
}

impl Stop {
    /// Not understood, or not possible as asked.
    pub fn usage(text: impl Into<String>) -> Self {
        Self::Said(Exit::Usage, text.into())
    }

    /// Not permitted.
    pub fn not_permitted(text: impl Into<String>) -> Self {
        Self::Said(Exit::NotPermitted, text.into())
    }

    /// A read that failed: what was wanted, why not, and what to do next.
    pub fn failed(what: &str, failure: &Failure) -> Self {
        Self::Said(exit_for(failure), format!("{what}: {}", describe(failure)))
    }

    /// The cluster can't be used at all: in the words of the screen.
    pub fn of_trouble(failure: &Failure, host: &str) -> Self {
        let trouble = Trouble::of(failure, host);
        let id = trouble.request_id.map(|id| format!(" ({id})")).unwrap_or_default();
        let mut lines = vec![trouble.title, format!("{}{id}", trouble.reason)];
        lines.extend(trouble.advice);
        Self::Said(exit_for(failure), lines.join("\n"))
    }
}

fn exit_for(failure: &Failure) -> Exit {
    match failure.kind {
        ErrorKind::NotAuthorised | ErrorKind::Forbidden => Exit::NotPermitted,
        ErrorKind::Unreachable
        | ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::Invalid
        | ErrorKind::Busy
        | ErrorKind::Server
        | ErrorKind::Settings
        | ErrorKind::TokenElsewhere
        | ErrorKind::WebPage
        | ErrorKind::Unexpected => Exit::Failed,
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::Closed
        } else {
            Self::Said(Exit::Failed, format!("the output can't be written: {error}"))
        }
    }
}

/// A failure in a line: the reason, the request id, what to do next.
pub fn describe(failure: &Failure) -> String {
    let id = failure.request_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    format!("{}{id}; {}", failure.reason, failure.advice)
}
