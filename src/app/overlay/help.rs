//! The keys that work below it. What it lists is the shell's binding table; here is only for where, and
//! how far it is scrolled.

use super::line::{Moved, Scroll};
use super::reaction::Reaction;
use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::ctx::Ctx;
use crate::app::message::Message;

/// The keys that work below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HelpDialog {
    below: Context,
    scroll: Scroll,
}

impl HelpDialog {
    /// Of what has the keyboard now.
    pub fn new(below: Context) -> Self {
        Self { below, scroll: Scroll::default() }
    }

    /// What has the keyboard below it.
    pub fn below(self) -> Context {
        self.below
    }

    /// How far it is scrolled.
    pub fn scroll(self) -> Scroll {
        self.scroll
    }

    /// Takes a message.
    pub fn update(&mut self, message: Message, ctx: &Ctx) -> Reaction {
        let Message::Action(action) = message else { return Reaction::Ignored };
        match (action, self.scroll.follow(action, ctx)) {
            (_, Moved::Yes) => Reaction::Stay(Vec::new()),
            (Action::Back | Action::Help | Action::Open, Moved::No) => Reaction::Close(Vec::new()),
            _ => Reaction::Ignored,
        }
    }
}
