//! What was to be copied, alone on a screen without frames: for terminals that take no copy from a program,
//! which is most of them as they come. There it can be selected with the mouse, or read.

use super::seen::Seen;
use super::{Overlay, Reaction};
use crate::app::ctx::Ctx;
use crate::app::effect::{Clip, Effect, TaskId};
use crate::app::message::Message;
use crate::app::state::State;
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
    fn open(clip: Clip, state: &mut State, ctx: &Ctx) -> Vec<Effect> {
        let (hides, effects) = match &clip {
            Clip::Text(..) => (None, Vec::new()),
            Clip::Secret(_) => {
                let (task, wake) = state.wake_after(VISIBLE);
                (Some(task), vec![wake])
            }
        };
        state.overlays.push(Overlay::Plain(Self { clip, seen: Seen::from_now(ctx), hides }));
        effects
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

/// What is to be done about copies that a key asks for: the first time the terminal is asked, and if `before`
/// was the same, it is shown alone.
pub fn copy_or_show(
    effects: Vec<Effect>,
    before: Option<Asked>,
    state: &mut State,
    ctx: &Ctx,
) -> Vec<Effect> {
    let mut wanted = Vec::with_capacity(effects.len());
    for effect in effects {
        match effect {
            Effect::Copy(clip, by) => {
                let what = Asking::of(&clip);
                let is_again = before
                    .as_ref()
                    .is_some_and(|asked| asked.what == what && ctx.now.duration_since(asked.at) <= AGAIN);
                if is_again {
                    wanted.extend(PlainScreen::open(clip, state, ctx));
                } else {
                    state.asked_to_copy = Some(Asked { what, at: ctx.now, said: None });
                    wanted.push(Effect::Copy(clip, by));
                }
            }
            other => wanted.push(other),
        }
    }
    wanted
}
