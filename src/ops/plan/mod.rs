//! A plan: what an intent would do, found out by a survey. Only surveys make one.

pub(super) mod findings;
pub(super) mod item;
pub mod losses;
pub(super) mod names;
pub(super) mod note;
pub mod target;

pub(super) use self::findings::Findings;
pub use self::findings::{Refusal, Unchanged};
pub use self::item::{Came, Ended, Issued, Item, ItemResult, Product, Progress, Unclear};
pub use self::losses::{Losses, TokenCount};
pub(super) use self::names::people;
pub use self::names::{Identified, Names, login_named};
pub use self::note::{Note, Weight};
pub use self::target::{Risk, Target, Via};

use crate::model::ids::UserUuid;
use crate::ops::failure::Failure;
use crate::ops::intent::Intent;
use crate::ops::rights::Right;
use crate::ops::step::Step;
use jiff::{SignedDuration, Timestamp};

/// How long a plan may be acted on; then it is surveyed again.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// A step and what it costs.
pub type Planned = findings::Planned<Step>;

/// What an intent would do, as of a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub(super) intent: Intent,
    pub(super) steps: Vec<Planned>,
    pub(super) refused: Vec<Refusal>,
    pub(super) unchanged: Vec<Unchanged>,
    pub(super) notes: Vec<Note>,
    pub(super) names: Names,
    pub(super) rights: Vec<Right>,
    /// Why none of it can be done, if something stands in the way of all.
    pub(super) blocked: Option<Failure>,
    pub(super) me: UserUuid,
    pub(super) surveyed: Timestamp,
}

impl Plan {
    /// What it is a plan of.
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// What will be done, in order.
    pub fn steps(&self) -> &[Planned] {
        &self.steps
    }

    /// What will not be done, and why.
    pub fn refused(&self) -> &[Refusal] {
        &self.refused
    }

    /// What is as wanted already.
    pub fn unchanged(&self) -> &[Unchanged] {
        &self.unchanged
    }

    /// Why none of it can be done, if something stands in the way of all: a journal that can't be believed.
    pub fn blocked(&self) -> Option<&Failure> {
        self.blocked.as_ref()
    }

    /// What to know before.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// What things are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Of a leaver: what could be granted anew to the successor, picked or not.
    pub fn rights(&self) -> &[Right] {
        &self.rights
    }

    /// When it was found out.
    pub fn surveyed(&self) -> Timestamp {
        self.surveyed
    }

    /// The worst of its steps.
    pub fn risk(&self) -> Risk {
        self.steps.iter().map(|planned| planned.step.risk()).max().unwrap_or(Risk::Harmless)
    }

    /// Whether too much may have changed since.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.duration_since(self.surveyed) > FRESH
    }

    /// Everything lost, added up.
    pub fn losses(&self) -> Losses {
        self.steps.iter().fold(Losses::default(), |sum, planned| sum.plus(&planned.losses))
    }
}

#[cfg(test)]
impl Plan {
    /// A plan that no survey made, for the tests of what is done with one.
    pub(crate) fn sketched(intent: Intent, steps: Vec<Step>, names: Names, surveyed: Timestamp) -> Self {
        let steps = steps.into_iter().map(|step| Planned { step, losses: Losses::default() }).collect();
        let me = "zzzzz-tpzed-000000000000900".parse().expect("a user");
        let (refused, unchanged, notes, rights) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { intent, steps, refused, unchanged, notes, names, rights, blocked: None, me, surveyed }
    }

    /// With this left alone.
    pub(crate) fn refusing(mut self, target: Target, reason: &str) -> Self {
        self.refused.push(Refusal::new(target, reason));
        self
    }

    /// With the first step losing this.
    pub(crate) fn losing(mut self, losses: Losses) -> Self {
        if let Some(first) = self.steps.first_mut() {
            first.losses = losses;
        }
        self
    }
}
