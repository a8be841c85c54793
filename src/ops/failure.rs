//! Errors as the operator is told them: plain data, for screen, command line and journal.

pub use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::lost::Lost;
use std::sync::Arc;

/// What failed, in the server's words, with what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it means.
    pub kind: ErrorKind,
    /// The reason, as the server or the network gave it.
    pub reason: String,
    /// What the cluster's logs know the request by.
    pub request_id: Option<String>,
    /// What to do next.
    pub advice: &'static str,
    /// Who broke the connection off, and why, if that is what failed.
    pub lost: Option<Arc<Lost>>,
}

impl Failure {
    /// One that no request met with.
    pub fn plain(kind: ErrorKind, reason: impl Into<String>, advice: &'static str) -> Self {
        Self { kind, reason: reason.into(), request_id: None, advice, lost: None }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            kind: error.kind(),
            reason: error.to_string(),
            request_id: error.request_id().filter(|id| !id.is_empty()).map(str::to_owned),
            advice: error.advice(),
            lost: error.lost().cloned().map(Arc::new),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

/// Somebody else was there.
pub(in crate::ops) fn conflict(reason: String) -> Failure {
    Failure::plain(ErrorKind::Conflict, reason, "look at the account again, then decide")
}
