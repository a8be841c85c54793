//! Something read from the server, and how true it still is.

use crate::app::effect::TaskId;
use crate::ops::failure::{ErrorKind, Failure};
use jiff::Timestamp;

/// How the reading of something stands, whatever it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inquiry {
    error: Option<Failure>,
    awaiting: Option<TaskId>,
    as_of: Option<Timestamp>,
}

/// Something read from the server: the last value stays, with its time, while a newer one is awaited or
/// after a read has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote<T> {
    value: Option<T>,
    inquiry: Inquiry,
}

impl<T> Default for Remote<T> {
    fn default() -> Self {
        Self { value: None, inquiry: Inquiry::default() }
    }
}

/// Whether an answer was the one awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It was, and is shown.
    Applied,
    /// It was not: something newer was asked for, or the value was superseded.
    Stale,
}

impl Inquiry {
    /// Why the last read failed, if it did.
    pub fn error(&self) -> Option<&Failure> {
        self.error.as_ref()
    }

    /// The task whose answer is awaited.
    pub fn awaiting(&self) -> Option<TaskId> {
        self.awaiting
    }

    /// When it was read.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// Awaits the answer of this task; returns the task that was awaited before, which nobody needs now.
    pub fn await_task(&mut self, task: TaskId) -> Option<TaskId> {
        self.awaiting.replace(task)
    }

    /// Takes an answer, if it is the one awaited: no older one can write over a newer.
    pub fn settle(&mut self, task: TaskId, error: Option<Failure>, now: Timestamp) -> Settled {
        if self.awaiting != Some(task) {
            return Settled::Stale;
        }
        self.awaiting = None;
        if error.is_none() {
            self.as_of = Some(now);
        }
        self.error = error;
        Settled::Applied
    }

    /// Something was written: an answer under way may show what was before, so it does not count any
    /// more. Returns its task, to be cancelled.
    pub fn supersede(&mut self) -> Option<TaskId> {
        self.awaiting.take()
    }
}

impl<T> Remote<T> {
    /// The last value read.
    pub fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// How its reading stands.
    pub fn inquiry(&self) -> &Inquiry {
        &self.inquiry
    }

    /// The same, to ask for it.
    pub fn inquiry_mut(&mut self) -> &mut Inquiry {
        &mut self.inquiry
    }

    /// Why the last read failed, if it did.
    pub fn error(&self) -> Option<&Failure> {
        self.inquiry.error()
    }

    /// The task whose answer is awaited.
    pub fn awaiting(&self) -> Option<TaskId> {
        self.inquiry.awaiting()
    }

    /// When the value was read.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.inquiry.as_of()
    }

    /// Awaits the answer of this task; returns the task that was awaited before, which nobody needs now.
    pub fn await_task(&mut self, task: TaskId) -> Option<TaskId> {
        self.inquiry.await_task(task)
    }

    /// Takes an answer, if it is the one awaited: no older one can write over a newer.
    pub fn settle(&mut self, task: TaskId, answer: Result<T, Failure>, now: Timestamp) -> Settled {
        let (value, error) = match answer {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error)),
        };
        let settled = self.inquiry.settle(task, error, now);
        if settled == Settled::Applied && value.is_some() {
            self.value = value;
        }
        settled
    }
}

/// Whether time may heal it.
pub(super) fn passes(failure: &Failure) -> bool {
    // A proxy that does not accept a password may lock its owner out after some tries.
    if failure.lost.as_ref().is_some_and(|lost| !lost.cause.may_pass()) {
        return false;
    }
    match failure.kind {
        // A web page in place of an answer is often a proxy's, or a login page's of the network.
        ErrorKind::Unreachable | ErrorKind::Busy | ErrorKind::Server | ErrorKind::WebPage => true,
        // What can't be read or trusted is for people to look at.
        ErrorKind::Unexpected
        | ErrorKind::NotAuthorised
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::Invalid
        | ErrorKind::Settings
        | ErrorKind::TokenElsewhere => false,
    }
}
