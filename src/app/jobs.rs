//! Changes under way. A change is never given up: it ends by itself, or stops after the steps under way.

use crate::app::effect::{Effect, TaskId};
use crate::ops::confirm::Confirmed;
use crate::ops::intent::Intent;
use crate::ops::plan::{Note, Plan};
use crate::ops::report::{Progress, Tally};
use crate::ops::silence::{self, QUIET, Silence, Then};
use crate::ops::step::Target;
use crate::ops::words;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// A change under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub task: TaskId,
    /// What is wanted.
    pub intent: Intent,
    /// What is done, as a title.
    pub title: String,
    /// When it was begun.
    pub started: Timestamp,
    /// How long the server has not answered it.
    silence: Silence,
    /// How many items came out how, so far.
    pub tally: Tally,
    /// How many items are finished.
    pub finished: usize,
    /// How many there are, as far as known.
    pub of: usize,
    /// Whether it goes on.
    pub pace: Pace,
    /// What stands in its way, as it was said last.
    pub said: Option<Note>,
    waiting: BTreeSet<Target>,
}

/// Whether a change goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// It does.
    Running,
    /// It ends after the steps under way.
    Stopping,
}

impl Job {
    /// That the server does not answer, and for how long, if it is so.
    pub fn stalls(&self, now: Timestamp) -> Option<String> {
        self.silence.said(now).map(silence::in_short)
    }
}

/// All changes under way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Jobs {
    running: Vec<Job>,
}

impl Jobs {
    /// All that are running, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Job> {
        self.running.iter()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// How many are.
    pub fn len(&self) -> usize {
        self.running.len()
    }

    /// The one of this name, while it runs.
    pub fn get(&self, task: TaskId) -> Option<&Job> {
        self.running.iter().find(|job| job.task == task)
    }

    /// Whether something is being done to this.
    pub fn is_pending(&self, target: &Target) -> bool {
        self.running.iter().any(|job| job.waiting.contains(target))
    }

    /// Begins one.
    pub(super) fn start(&mut self, task: TaskId, plan: Confirmed<Plan>, now: Timestamp) -> Vec<Effect> {
        let what = plan.plan();
        self.running.push(Job {
            task,
            intent: what.intent().clone(),
            title: words::plan_title(what),
            started: now,
            silence: Silence::since(now),
            tally: Tally::default(),
            finished: 0,
            of: what.steps().len(),
            pace: Pace::Running,
            said: None,
            waiting: what.steps().iter().map(|planned| planned.step.target()).collect(),
        });
        let apply = Effect::Apply { task, plan: Box::new(plan) };
        vec![apply, Effect::ListenAfter { task, delay: QUIET }]
    }

    /// The server answered a change last at this time. Says the silence since then, if it is news; and when to
    /// listen again.
    pub(super) fn listened(
        &mut self,
        task: TaskId,
        last: Timestamp,
        now: Timestamp,
    ) -> Option<(&Job, Option<Duration>, Effect)> {
        let job = self.running.iter_mut().find(|job| job.task == task)?;
        job.silence.answered(last);
        let (news, delay) = match job.silence.look(now) {
            Then::Say(lasts) => (Some(lasts), QUIET),
            Then::LookAfter(delay) => (None, delay),
        };
        Some((job, news, Effect::ListenAfter { task, delay }))
    }

    /// It is further; what stands in its way, if that is news.
    pub(super) fn progress(&mut self, task: TaskId, progress: Progress, now: Timestamp) -> Option<Note> {
        let job = self.running.iter_mut().find(|job| job.task == task)?;
        job.silence.answered(now);
        match progress {
            Progress::Finished { item, of } => {
                job.tally.add(&item.result);
                job.waiting.remove(&item.target);
                job.finished += 1;
                job.of = of.max(job.finished);
                None
            }
            Progress::Said { note, of } => {
                job.of = of.max(job.finished);
                let is_news = job.said.is_none();
                job.said = Some(note.clone());
                is_news.then_some(note)
            }
        }
    }

    /// It is over.
    pub(super) fn end(&mut self, task: TaskId) -> Option<Job> {
        let at = self.running.iter().position(|job| job.task == task)?;
        Some(self.running.remove(at))
    }

    /// Asks one to stop after the steps under way.
    pub(super) fn stop(&mut self, task: TaskId) -> Option<Effect> {
        let job = self.running.iter_mut().find(|job| job.task == task && job.pace == Pace::Running)?;
        job.pace = Pace::Stopping;
        Some(Effect::StopAfterStep(task))
    }
}
