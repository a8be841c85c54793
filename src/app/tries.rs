//! How often and when what failed is tried again by itself.

use crate::app::effect::TaskId;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long after a failed read the first try is.
const FIRST: Duration = Duration::from_secs(5);

/// No two tries are further apart.
const LAST: Duration = Duration::from_secs(60);

/// How far it has come with that.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tries {
    /// The wake-up for the next try.
    pub(super) next: Option<TaskId>,
    /// How many tries there were since all was well.
    pub(super) count: u32,
    /// What is asked again.
    pub(super) asked: BTreeSet<TaskId>,
    /// Whether the server has answered since the last try.
    pub(super) answered: bool,
    /// Whether the failure that is told of now is that of a try.
    quiet: bool,
}

impl Tries {
    /// Whether the failure that is told of now is of something that was tried again by itself.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A read came to its end.
    pub(super) fn heard(&mut self, task: TaskId, answered: bool) {
        self.quiet = self.asked.remove(&task);
        self.answered |= answered;
    }

    /// How long until the next one.
    pub(super) fn delay(&self) -> Duration {
        FIRST.saturating_mul(1 << self.count.min(6)).min(LAST)
    }
}
