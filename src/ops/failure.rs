//! Errors as the operator is told them: plain data, for screen, command line and journal.

use crate::arvados::error::Error;
pub use crate::arvados::error::ErrorKind;

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
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            kind: error.kind(),
            reason: error.to_string(),
            request_id: error.request_id().filter(|id| !id.is_empty()).map(str::to_owned),
            advice: error.advice(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}
