//! All that there is on the screen: the world, and what lies above it.

use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::ctx::Ctx;
use crate::app::effect::Effect;
use crate::app::hearing::Sight;
use crate::app::jobs::Job;
use crate::app::launch::Launch;
use crate::app::notices::Tone;
use crate::app::overlay::line::Line;
use crate::app::overlay::new_token::NewTokenDialog;
use crate::app::overlay::plain::{Asked, PlainScreen};
use crate::app::overlay::reaction::Next;
use crate::app::overlay::result::{self, ResultDialog};
use crate::app::overlay::{self, Overlay};
use crate::app::world::World;
use crate::ops::report::{ApplyReport, Product};
use jiff::Timestamp;

/// All that there is on the screen: no secrets but the one a dialog shows.
#[derive(Debug)]
pub struct State {
    /// What is below.
    pub world: World,
    /// What lies above the panes; the last one has the keyboard.
    pub overlays: Vec<Overlay>,
    /// Whether what a key is meant for can be seen.
    pub(super) sight: Sight,
    /// When Ctrl-C was pressed, if nothing else was since.
    pub(super) interrupted: Option<Timestamp>,
    /// What the terminal was asked to copy by the last key.
    pub(super) asked_to_copy: Option<Asked>,
}

impl State {
    /// A new state; nothing is asked for yet: see [`super::update::start`].
    pub fn new(launch: Launch) -> Self {
        Self {
            world: World::new(launch),
            overlays: Vec::new(),
            sight: Sight::default(),
            interrupted: None,
            asked_to_copy: None,
        }
    }

    /// What has the keyboard.
    pub fn context(&self) -> Context {
        self.overlays.last().map_or_else(|| self.world.pane_context(), Overlay::context)
    }

    /// What is shown alone on the screen, in place of everything else.
    pub fn alone(&self) -> Option<&PlainScreen> {
        match self.overlays.last() {
            Some(Overlay::Plain(screen)) => Some(screen),
            _ => None,
        }
    }

    /// What was said of the copy that was asked for.
    pub(super) fn copy_was_told(&mut self, text: &str) {
        if let Some(asked) = &mut self.asked_to_copy {
            asked.was_told(text);
        }
    }

    /// Shows nothing alone any more.
    pub(super) fn leave_plain_screen(&mut self) {
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Plain(_)));
    }

    /// Shows no secret any more: somebody else may come to look.
    pub(super) fn veil_secrets(&mut self) {
        self.leave_plain_screen();
        for overlay in &mut self.overlays {
            if let Overlay::NewToken(dialog) = overlay {
                dialog.veil_it();
            }
        }
    }

    /// Puts above all else what an overlay wants to be there.
    pub(super) fn put(&mut self, next: Next, ctx: &Ctx) -> Vec<Effect> {
        // The form it came from has done its part.
        if matches!(next, Next::Apply(_)) && matches!(self.overlays.last(), Some(Overlay::Form(_))) {
            self.overlays.pop();
        }
        let (overlay, effects) = overlay::of_next(next, &mut self.world, ctx);
        self.overlays.push(overlay);
        effects
    }

    /// Puts above all else what an action needs before anything else.
    pub(super) fn open(&mut self, action: Action, ctx: &Ctx) -> Vec<Effect> {
        let below = self.context();
        let Some((overlay, effects)) = overlay::of_action(action, below, &mut self.world, ctx) else {
            return Vec::new();
        };
        self.overlays.push(overlay);
        effects
    }

    /// Shows what became of a change: the progress overlay becomes the results, a new token is shown once; a
    /// change that did all it should is only told on the message line.
    pub(super) fn show_report(&mut self, job: &Job, mut report: Box<ApplyReport>, ctx: &Ctx) -> Vec<Effect> {
        let mut effects = Vec::new();
        let is_its = |overlay: &Overlay| matches!(overlay, Overlay::Progress(p) if p.task() == job.task);
        let watched = self.overlays.iter().position(is_its);
        if let Some(at) = watched {
            self.overlays.remove(at);
        }
        // Nobody waits for what went on in the background: it must not take the keyboard from what is on top.
        let at = watched.unwrap_or(0);
        if let Some(Product::Token(issued)) =
            report.brought.take_if(|product| matches!(product, Product::Token(_)))
        {
            let owner = report.names.user(issued.owner);
            let host = self.world.session.value().map(|session| session.api_host.clone()).unwrap_or_default();
            let dialog = NewTokenDialog::new(issued, owner, host, &report.intent, ctx)
                .with_notes(report.notes.iter().map(Line::from));
            self.overlays.insert(at, Overlay::NewToken(dialog));
        } else if result::needs_a_look(&report) || (watched.is_some() && report.items.len() > 1) {
            let dialog = ResultDialog::new(report, ctx);
            self.world.note(Tone::Info, dialog.title(), ctx);
            self.overlays.insert(at, Overlay::Result(dialog));
        } else {
            effects.push(self.world.say(Tone::Success, result::in_a_line(&report), ctx));
        }
        // What a dialog below lists may have changed.
        let below = self.overlays.iter_mut().find_map(|overlay| match overlay {
            Overlay::VmLogins(dialog) => Some(dialog),
            _ => None,
        });
        effects.extend(below.map(|dialog| dialog.read_logins(&mut self.world)).into_iter().flatten());
        effects
    }
}
