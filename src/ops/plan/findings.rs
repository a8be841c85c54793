//! What a survey found: a plan is made of it.

use super::losses::Losses;
use super::names::Names;
use super::note::Note;
use super::target::Target;
use crate::model::text::clean;
use crate::ops::rights::Right;

/// A step and what it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned<S> {
    /// What is done.
    pub step: S,
    /// What is lost by it.
    pub losses: Losses,
}

/// A target that is left alone although it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which.
    pub target: Target,
    /// Why, and what to do instead: a sentence's second half, "the last admin must stay one".
    pub reason: String,
}

/// A target that is already as wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unchanged {
    /// Which.
    pub target: Target,
    /// How it is: "already active".
    pub state: String,
}

impl Refusal {
    /// Why; what people named in it is made harmless.
    pub(in crate::ops) fn new(target: Target, reason: &str) -> Self {
        Self { target, reason: clean(reason) }
    }
}

impl Unchanged {
    /// How it is; what people named in it is made harmless.
    pub(in crate::ops) fn new(target: Target, state: &str) -> Self {
        Self { target, state: clean(state) }
    }
}

/// What a survey found; a plan is made of it.
#[derive(Debug)]
pub(in crate::ops) struct Findings<S> {
    pub steps: Vec<Planned<S>>,
    pub refused: Vec<Refusal>,
    pub unchanged: Vec<Unchanged>,
    pub notes: Vec<Note>,
    pub names: Names,
    pub rights: Vec<Right>,
}

impl<S> Findings<S> {
    /// Leaves a target alone, and says why.
    pub fn refuse(&mut self, target: Target, reason: impl AsRef<str>) {
        self.refused.push(Refusal::new(target, reason.as_ref()));
    }

    /// Leaves a target as it is, and says how that is.
    pub fn leave(&mut self, target: Target, state: impl AsRef<str>) {
        self.unchanged.push(Unchanged::new(target, state.as_ref()));
    }

    pub fn plan(&mut self, step: S, losses: Losses) {
        self.steps.push(Planned { step, losses });
    }

    /// The same, of steps that these are.
    pub fn of<T: From<S>>(self) -> Findings<T> {
        let Self { steps, refused, unchanged, notes, names, rights } = self;
        let same = |planned: Planned<S>| Planned { step: planned.step.into(), losses: planned.losses };
        Findings { steps: steps.into_iter().map(same).collect(), refused, unchanged, notes, names, rights }
    }
}

impl<S> Default for Findings<S> {
    fn default() -> Self {
        Self {
            steps: Vec::new(),
            refused: Vec::new(),
            unchanged: Vec::new(),
            notes: Vec::new(),
            names: Names::default(),
            rights: Vec::new(),
        }
    }
}
