//! What a form must be able to do, and what several of them do alike.

use super::fields::{FieldErrors, FieldLine, FieldMut, Key};
use crate::app::effect::{Effect, TaskId};
use crate::app::overlay::reaction::unexpected;
use crate::app::remote::{Remote, Settled};
use crate::app::world::World;
use crate::ops::failure::Failure;
use crate::ops::intent::Intent;
use crate::ops::plan::Note;
use crate::ops::read::Outcome;
use jiff::Timestamp;
use std::fmt;

/// What a form must be able to do; the rest is the same for all.
pub trait Fill: fmt::Debug {
    /// What it is about.
    fn title(&self) -> String;

    /// What submitting does: "grant the login".
    fn submit_label(&self) -> String;

    /// The fields that can be filled in now, in order. Never empty.
    fn keys(&self) -> Vec<Key>;

    /// A field, to be drawn; without its error.
    fn line(&self, key: Key) -> Option<FieldLine<'_>>;

    /// A field, to be edited.
    fn field(&mut self, key: Key) -> Option<FieldMut<'_>>;

    /// What is known of what is filled in: what is there already, what it would mean.
    fn preview(&self) -> Vec<Note>;

    /// What is wanted, or what is wrong.
    fn parse(&self, now: Timestamp) -> Result<Intent, FieldErrors>;

    /// A field was changed: searches again, reads what is needed.
    fn changed(&mut self, _key: Key, _world: &mut World) -> Vec<Effect> {
        Vec::new()
    }

    /// The reads it waits for.
    fn awaiting(&self) -> Vec<TaskId> {
        Vec::new()
    }

    /// One of them is answered.
    fn answered(&mut self, _task: TaskId, _outcome: Result<Outcome, Failure>, _now: Timestamp) {}

    /// Reads again what could not be read.
    fn again(&mut self, _world: &mut World) -> Vec<Effect> {
        Vec::new()
    }
}

/// Settles an answer for one of several things; a wrong sort of answer is a fault of the program.
pub(super) fn settle<T>(
    remote: &mut Remote<T>,
    task: TaskId,
    outcome: Result<Outcome, Failure>,
    now: Timestamp,
    take: impl FnOnce(Outcome) -> Option<T>,
) -> Settled {
    let answer = outcome
        .and_then(|outcome| take(outcome).ok_or_else(|| unexpected("another answer than was asked for")));
    remote.settle(task, answer, now)
}

/// What to say of a list that is needed and not there.
pub(super) fn reading<T>(what: &str, remote: &Remote<T>) -> Option<Note> {
    if let Some(failure) = remote.error() {
        return Some(Note::danger(format!("{what} could not be read: {}", failure.reason)));
    }
    remote.awaiting().filter(|_| remote.value().is_none()).map(|_| Note::info(format!("reading {what}…")))
}
