//! When an answer came last, to whoever asks for it: of a client and of all that are made from it.

use jiff::Timestamp;
use std::sync::{Mutex, PoisonError};

/// When an answer came last, by the clock here.
#[derive(Debug, Default)]
pub(super) struct LastAnswer(Mutex<Option<Timestamp>>);

impl LastAnswer {
    /// One has come. Of two that come at once, the later counts.
    pub fn came(&self, at: Timestamp) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = (*last).max(Some(at));
    }

    /// When the last came, if any did.
    pub fn at(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
