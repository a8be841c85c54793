//! What lies above the panes and takes the keyboard: dialogs, forms, menus. Each has its state and its
//! update in a file of its own.

pub mod field;

use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::ctx::Ctx;
use crate::app::effect::{Effect, TaskId};
use crate::app::jobs::Job;
use crate::app::message::Message;
use crate::app::state::State;
use crate::ops::intent::Intent;
use crate::ops::report::ApplyReport;

/// What lies above the panes.
#[derive(Debug)]
pub enum Overlay {
    /// The keys that work below it.
    Help,
}

/// What an overlay did with a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Reaction {
    /// It stays, and asks for this.
    Stay(Vec<Effect>),
    /// It is closed, and asks for this.
    Close(Vec<Effect>),
    /// It is closed, and then this action is taken by what is below.
    Perform(Action),
    /// The message means nothing to it.
    Ignored,
}

impl Overlay {
    /// Which keys work in it.
    pub fn context(&self) -> Context {
        match self {
            Self::Help => Context::Reading,
        }
    }

    /// Whether the answer, or the wake-up, of this task is for it.
    pub fn awaits(&self, task: TaskId) -> bool {
        let _ = task;
        false
    }

    /// Takes a message: actions and typing if it is the topmost, answers and wake-ups that it awaits. The
    /// overlay is not among `state.overlays` meanwhile; what it opens there lies above it.
    pub fn update(&mut self, message: Message, state: &mut State, ctx: &Ctx) -> Reaction {
        let _ = (state, ctx);
        match message {
            Message::Action(Action::Back) => Reaction::Close(Vec::new()),
            _ => Reaction::Ignored,
        }
    }
}

/// Opens what an action needs before anything else: a form, a menu, a list. The action is available.
pub fn open(action: Action, state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    let _ = ctx;
    if action == Action::Help {
        state.overlays.push(Overlay::Help);
    }
    Vec::new()
}

/// Opens the dialog that surveys an intent and asks; `hidden` of its targets can't be seen.
pub fn confirm(intent: Intent, hidden: usize, state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    let _ = (intent, hidden, state, ctx);
    Vec::new()
}

/// Shows what became of a change: the progress overlay becomes the results, a new token is shown once; a
/// change that did all it should is only told on the message line.
pub fn show_report(job: Job, report: Box<ApplyReport>, state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    let _ = (job, report, state, ctx);
    Vec::new()
}
