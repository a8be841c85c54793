//! Names for outside work, from a counter: the same messages always get the same names.

use crate::app::effect::{Effect, TaskId};
use crate::ops::read::Read;
use std::time::Duration;

/// Gives every effect its name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tasks {
    last: u64,
}

impl Tasks {
    /// A new name.
    pub fn new_task(&mut self) -> TaskId {
        self.last += 1;
        TaskId(self.last)
    }

    /// A read, under a new name.
    pub fn fetch(&mut self, read: Read) -> (TaskId, Effect) {
        let task = self.new_task();
        (task, Effect::Fetch { task, read })
    }

    /// A wake-up, under a new name.
    pub fn wake_after(&mut self, delay: Duration) -> (TaskId, Effect) {
        let task = self.new_task();
        (task, Effect::WakeAfter { task, delay })
    }
}
