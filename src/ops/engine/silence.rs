//! What became of a write that the server did not say yes or no to: it gave no answer, or failed at it. Only
//! what is seen afterwards tells. A server that failed has ended with it, so that what is not seen then is not
//! done: that it is carried out all the same happens where it can't read back what it wrote (api.md v33).
//! Without an answer nobody can say as long as that is not what was wanted: the server may still be at it.

use crate::arvados::error::Error;
use crate::ops::engine::bench::Bench;
use crate::ops::failure::Failure;
use crate::ops::plan::{ItemResult, Note, Unclear};

/// What a look after the write showed.
pub(in crate::ops) enum Seen {
    /// What was wanted.
    AsWanted,
    /// Something else: what.
    Otherwise(String),
    /// What tells can't be read: how it stands there.
    Unreadable(String),
}

/// A write that is not seen to be done.
pub(in crate::ops) enum Unseen {
    /// It was not done.
    NotDone(Failure),
    /// Nobody can say.
    Unclear(Unclear),
}

impl From<Unseen> for ItemResult {
    fn from(unseen: Unseen) -> Self {
        match unseen {
            Unseen::NotDone(failure) => Self::Failed(failure),
            Unseen::Unclear(unclear) => Self::Unknown(unclear),
        }
    }
}

/// What is known of a write to `whom` that ended with `error`, after looking again. That it is done although the
/// server said that it failed is noted.
pub(in crate::ops) fn after_silence(
    bench: &Bench<'_>,
    whom: &str,
    error: &Error,
    looked: Result<Seen, Error>,
) -> Result<(), Unseen> {
    match looked {
        Ok(Seen::AsWanted) => {
            if error.is_final() {
                bench.note(0, Note::info(format!("{whom}: {error}, but looked up: done.")));
            }
            Ok(())
        }
        Ok(Seen::Otherwise(seen)) if error.is_final() => {
            let failure = Failure::from(error);
            let reason = format!("{}; looked up: not done, {seen}", failure.reason);
            Err(Unseen::NotDone(Failure { reason, ..failure }))
        }
        Ok(Seen::Otherwise(seen) | Seen::Unreadable(seen)) => {
            Err(Unseen::Unclear(Unclear::of(error, format!("{error}; looked again: {seen}"))))
        }
        Err(again) => Err(Unseen::Unclear(Unclear::of(
            error,
            format!("{error}; not known whether it is done, looking again failed too: {again}"),
        ))),
    }
}

/// The result of a write of which that is known.
pub(in crate::ops) fn came_out(known: Result<(), Unseen>) -> ItemResult {
    match known {
        Ok(()) => ItemResult::Done,
        Err(unseen) => unseen.into(),
    }
}
