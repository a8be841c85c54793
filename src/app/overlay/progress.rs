//! A window on a change under way. Closing it does not touch the change: it goes on, and can be looked at
//! again from the messages.

use super::line::{Line, Tone};
use super::reaction::Reaction;
use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::effect::TaskId;
use crate::app::jobs::{Job, Jobs, Pace};
use crate::app::message::Message;
use crate::app::notices;
use crate::app::world::World;
use crate::model::text::count;
use crate::model::when;
use jiff::Timestamp;

/// A window on a change under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgressDialog {
    task: TaskId,
}

impl ProgressDialog {
    /// On this one.
    pub fn new(task: TaskId) -> Self {
        Self { task }
    }

    /// Which change it is about.
    pub fn task(self) -> TaskId {
        self.task
    }

    /// The change, while it runs.
    pub fn job(self, jobs: &Jobs) -> Option<&Job> {
        jobs.get(self.task)
    }

    /// Takes a message.
    pub fn update(self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        match message {
            Message::Action(Action::StopAfterStep) => Reaction::Stay(world.stop_job(self.task)),
            Message::Action(Action::Back) => Reaction::Close(vec![world.say(
                notices::Tone::Info,
                "it goes on in the background; the messages show it again",
                ctx,
            )]),
            // It is over, and the message line says how.
            Message::TaskFailed { .. } => Reaction::Close(Vec::new()),
            _ => Reaction::Ignored,
        }
    }
}

/// How far it is: "92 of 141    about 4 s left".
pub fn headline(job: &Job, now: Timestamp) -> String {
    let done = format!("{} of {}", job.finished, job.of);
    if let Some(stalls) = job.stalls(now) {
        return format!("{done}    {stalls}, waiting");
    }
    match (job.pace, seconds_left(job, now)) {
        (Pace::Stopping, _) => format!("{done}    stopping after these"),
        (Pace::Running, Some(seconds)) => format!("{done}    about {} left", duration(seconds)),
        (Pace::Running, None) => format!("{done}    begun at {}", when::clock(job.started)),
    }
}

/// How items came out so far.
pub fn counts(job: &Job) -> Vec<Line> {
    let tally = &job.tally;
    let mut cells = vec![(Tone::Good, format!("{} {}", tally.done, job.intent.accepted()))];
    if tally.unchanged > 0 {
        cells.push((Tone::Dim, format!("{} so already", tally.unchanged)));
    }
    cells.push((if tally.failed > 0 { Tone::Danger } else { Tone::Dim }, format!("{} failed", tally.failed)));
    if tally.unknown > 0 {
        cells.push((Tone::Warning, format!("{} unknown", tally.unknown)));
    }
    cells.push((Tone::Dim, format!("{} waiting", job.of.saturating_sub(job.finished))));
    cells.into_iter().map(|(tone, text)| Line::new(tone, text)).collect()
}

/// How long it will take at the rate so far; nothing is said before there is a rate.
fn seconds_left(job: &Job, now: Timestamp) -> Option<u64> {
    let finished = u64::try_from(job.finished).ok().filter(|&n| n >= 4)?;
    let left = u64::try_from(job.of.saturating_sub(job.finished)).ok().filter(|&n| n > 0)?;
    let taken = u64::try_from(now.duration_since(job.started).as_millis()).ok()?;
    Some((taken.saturating_mul(left) / finished).div_ceil(1_000).max(1))
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..90 => format!("{seconds} s"),
        _ => format!("{} min", seconds.div_ceil(60)),
    }
}

/// "1 change running", for the footer.
pub fn running(jobs: &Jobs) -> Option<String> {
    if jobs.is_empty() { None } else { Some(count(jobs.len(), "change running", "changes running")) }
}
