//! What became of a write that got no answer. Only what is seen afterwards tells; and as long as that is not
//! what was wanted, nobody can say, because the server may still be at it.

use crate::arvados::error::Error;
use crate::ops::report::{ItemResult, Unclear};

/// What a look after the write showed.
pub(super) enum Seen {
    /// What was wanted.
    AsWanted,
    /// Something else: what.
    Otherwise(String),
}

/// What is known of a write that ended with `error`, after looking again.
pub(super) fn after_silence(error: &Error, looked: Result<Seen, Error>) -> Result<(), Unclear> {
    match looked {
        Ok(Seen::AsWanted) => Ok(()),
        Ok(Seen::Otherwise(seen)) => Err(Unclear::of(error, format!("{error}; looked again: {seen}"))),
        Err(again) => Err(Unclear::of(error, format!("{error}; looking again failed too: {again}"))),
    }
}

/// The result of a write of which that is known.
pub(super) fn came_out(known: Result<(), Unclear>) -> ItemResult {
    match known {
        Ok(()) => ItemResult::Done,
        Err(unclear) => ItemResult::Unknown(unclear),
    }
}
