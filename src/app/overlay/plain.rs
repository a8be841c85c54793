//! What was to be copied, alone on a screen without frames: for terminals that take no copy from a program,
//! which is most of them as they come. There it can be selected with the mouse, or read.

use super::reaction::Reaction;
use super::seen::Seen;
use crate::app::ctx::Ctx;
use crate::app::effect::{Clip, Effect, TaskId};
use crate::app::message::Message;
use crate::app::tasks::Tasks;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How long after a copy the same key shows it alone instead.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// How long a secret stays on the screen.
const VISIBLE: Duration = Duration::from_secs(60);

/// It, alone.
#[derive(Debug)]
pub struct PlainScreen {
    clip: Clip,
    seen: Seen,
    hides: Option<TaskId>,
}

/// What the terminal was asked to copy by the key that was pressed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    what: Asking,
    at: Timestamp,
    /// What was said of it.
    said: Option<String>,
}

impl Asked {
    /// This was asked now.
    pub fn now(clip: &Clip, ctx: &Ctx) -> Self {
        Self { what: Asking::of(clip), at: ctx.now, said: None }
    }

    /// Whether the same is asked again, soon enough to mean that it is to be shown.
    pub fn is_again(&self, now: &Self) -> bool {
        self.what == now.what && now.at.duration_since(self.at) <= AGAIN
    }

    /// What was said of it.
    pub fn said(&self) -> Option<&str> {
        self.said.as_deref()
    }

    /// This was said of it.
    pub fn was_told(&mut self, text: &str) {
        self.said = Some(text.to_owned());
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Asking {
    Text(String),
    /// Of the only dialog that has one; it is not kept a second time.
    Secret,
}

impl Asking {
    fn of(clip: &Clip) -> Self {
        match clip {
            Clip::Text(_, text) => Self::Text(text.clone()),
            Clip::Secret(_) => Self::Secret,
        }
    }
}

impl PlainScreen {
    /// Of this, which a key asks for again.
    pub fn open(clip: Clip, tasks: &mut Tasks, ctx: &Ctx) -> (Self, Vec<Effect>) {
        let (hides, effects) = match &clip {
            Clip::Text(..) => (None, Vec::new()),
            Clip::Secret(_) => {
                let (task, wake) = tasks.wake_after(VISIBLE);
                (Some(task), vec![wake])
            }
        };
        (Self { clip, seen: Seen::from_now(ctx), hides }, effects)
    }

    /// What is shown.
    pub fn clip(&self) -> &Clip {
        &self.clip
    }

    /// Whether this is the task that ends it.
    pub fn awaits(&self, task: TaskId) -> bool {
        self.hides == Some(task)
    }

    /// Takes a message: any key of those that do something ends it, once it could be seen. Ctrl-C and Ctrl-Z,
    /// which are no dialog's, end it at once, and Ctrl-L draws it again.
    pub fn update(&mut self, message: Message, ctx: &Ctx) -> Reaction {
        match message {
            Message::Action(_) | Message::Edit(_) if self.seen.is_settled(ctx) => Reaction::Close(Vec::new()),
            Message::Woken(_) => Reaction::Close(Vec::new()),
            _ => Reaction::Ignored,
        }
    }
}
