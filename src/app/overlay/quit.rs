//! The question before leaving while changes are at work.

use super::line::Line;
use super::reaction::Reaction;
use super::seen::Seen;
use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::message::Message;
use crate::app::world::World;
use crate::model::text::count;

/// The question before leaving while changes are at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuitDialog {
    seen: Seen,
}

impl QuitDialog {
    /// Asks now.
    pub fn new(ctx: &Ctx) -> Self {
        Self { seen: Seen::from_now(ctx) }
    }

    /// What it says.
    pub fn lines(self, world: &World) -> Vec<Line> {
        let running = count(world.jobs.len(), "change is", "changes are");
        let mut lines = vec![Line::plain(format!("{running} at work:"))];
        lines.extend(
            world
                .jobs
                .iter()
                .map(|job| Line::plain(format!("  {} ({} of {})", job.title, job.finished, job.of))),
        );
        lines.push(Line::blank());
        lines.push(Line::plain(
            "Leaving waits for the steps under way, at most 10 s, and begins no others; then it says what is \
             not known.",
        ));
        lines
    }

    /// Takes a message.
    pub fn update(self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        match message {
            Message::Action(Action::Yes) if !self.seen.is_settled(ctx) => Reaction::Stay(Vec::new()),
            Message::Action(Action::Yes) => Reaction::Close(world.quit()),
            Message::Action(Action::Back | Action::Open | Action::Submit) => Reaction::Close(Vec::new()),
            _ => Reaction::Ignored,
        }
    }
}
