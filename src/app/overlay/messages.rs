//! All that the program said in this session, and the changes that are still at work.

use super::chooser::ListCursor;
use super::line::{Line, Moved, Tone};
use super::progress;
use super::reaction::{Next, Reaction};
use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::effect::{Clip, Effect};
use crate::app::message::Message;
use crate::app::notices::{self, Notice};
use crate::app::world::World;
use crate::model::when::clock;
use jiff::Timestamp;

/// All that the program said, newest first; above it the changes at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessagesDialog {
    cursor: ListCursor,
}

impl MessagesDialog {
    /// The cursor.
    pub fn cursor(self) -> ListCursor {
        self.cursor
    }

    /// What is listed.
    pub fn lines(self, world: &World, now: Timestamp) -> Vec<Line> {
        let jobs = world.jobs.iter().map(|job| {
            Line::row(
                Tone::Heading,
                ["running".to_owned(), format!("{}: {}", job.title, progress::headline(job, now))],
            )
        });
        jobs.chain(world.notices.all().map(line)).collect()
    }

    /// Takes a message.
    pub fn update(&mut self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        let Message::Action(action) = message else { return Reaction::Ignored };
        let jobs = world.jobs.len();
        let rows = jobs + world.notices.all().count();
        if self.cursor.follow(action, rows, ctx.viewport.overlay_rows) == Moved::Yes {
            return Reaction::Stay(Vec::new());
        }
        match action {
            Action::Back | Action::Messages => Reaction::Close(Vec::new()),
            Action::Open => match world.jobs.iter().nth(self.cursor.at()).map(|job| job.task) {
                Some(task) => Reaction::GiveWay(Vec::new(), Next::Progress(task)),
                None => Reaction::Ignored,
            },
            Action::CopyUuid | Action::CopySecret => {
                let at = self.cursor.at().checked_sub(jobs);
                match at.and_then(|at| world.notices.all().nth(at)) {
                    Some(notice) => {
                        let clip = Clip::Text("the message", line(notice).text());
                        Reaction::Stay(vec![Effect::Copy(clip, Action::CopyUuid)])
                    }
                    None => Reaction::Ignored,
                }
            }
            _ => Reaction::Ignored,
        }
    }
}

fn line(notice: &Notice) -> Line {
    let tone = match notice.tone {
        notices::Tone::Info => Tone::Plain,
        notices::Tone::Success => Tone::Good,
        notices::Tone::Warning => Tone::Warning,
        notices::Tone::Error => Tone::Danger,
    };
    let mut text = notice.text.clone();
    for more in [notice.advice, notice.request_id.as_deref()].into_iter().flatten() {
        text.push_str("  ");
        text.push_str(more);
    }
    Line::row(tone, [clock(notice.at), text])
}
