//! A new token, told once. Its secret is here and nowhere else in the state; it is masked until asked for,
//! hidden again after a minute, and zeroed when the dialog closes.

use super::line::{Line, Tone};
use super::reaction::Reaction;
use super::seen::Seen;
use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::effect::{Clip, Effect, TaskId};
use crate::app::message::Message;
use crate::app::world::World;
use crate::model::field::{Date, Field};
use crate::model::ids::TokenUuid;
use crate::model::token::{Ends, Expiry, Scopes};
use crate::model::when::{date_time, relative};
use crate::ops::intent::{self, Intent};
use crate::ops::report::Issued;
use crate::ops::words;
use crate::secret::Secret;
use jiff::Timestamp;
use std::time::Duration;

/// How long the secret stays on the screen.
const VISIBLE: Duration = Duration::from_secs(60);

/// A new token, told once.
#[derive(Debug)]
pub struct NewTokenDialog {
    issued: Issued,
    owner: String,
    host: String,
    veil: Veil,
    hides: Option<TaskId>,
    seen: Seen,
    notes: Vec<Line>,
}

/// How much of the secret is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Veil {
    /// Nothing of it.
    Masked,
    /// All of it.
    Shown,
}

impl NewTokenDialog {
    /// Of this token; `asked` is what was wanted.
    pub fn new(issued: Issued, owner: String, host: String, asked: &Intent, ctx: &Ctx) -> Self {
        let mut notes = Vec::new();
        if let Intent::IssueToken(intent::IssueToken { expiry, scopes, .. }) = asked {
            notes.extend(differs(&issued, *expiry, scopes));
        }
        Self { issued, owner, host, veil: Veil::Masked, hides: None, seen: Seen::from_now(ctx), notes }
    }

    /// Adds what else is to be known.
    pub fn with_notes(mut self, notes: impl Iterator<Item = Line>) -> Self {
        self.notes.extend(notes);
        self
    }

    /// Whose it is.
    pub fn title(&self) -> String {
        format!("Token for {}: shown only now", self.owner)
    }

    /// How much of the secret is shown.
    pub fn veil(&self) -> Veil {
        self.veil
    }

    /// Whether this is the task that hides the secret.
    pub fn awaits(&self, task: TaskId) -> bool {
        self.hides == Some(task)
    }

    /// What `ARVADOS_API_HOST` must be for it.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its UUID, which is no secret.
    pub fn uuid(&self) -> TokenUuid {
        self.issued.token.uuid
    }

    /// The secret, for the view to show if it is not masked.
    pub fn secret(&self) -> Option<&Secret> {
        match self.veil {
            Veil::Masked => None,
            Veil::Shown => Some(&self.issued.v2),
        }
    }

    /// How long the secret is.
    pub fn chars(&self) -> usize {
        self.issued.v2.chars()
    }

    /// When it ends and what it allows, and where that is not as asked.
    pub fn facts(&self, now: Timestamp) -> Vec<Line> {
        let expiry = match &self.issued.token.expiry {
            Ends::Never => Line::new(Tone::Warning, "expires never"),
            Ends::On(Date::At(at)) => {
                Line::plain(format!("expires {} UTC ({})", date_time(*at), relative(*at, now)))
            }
            Ends::On(odd @ (Date::After9999(_) | Date::Unreadable(_))) => {
                Line::new(Tone::Warning, format!("expires: {}", odd.shown(date_time)))
            }
        };
        let scopes = match &self.issued.token.scopes {
            Field::Is(Scopes::All) => "all scopes".to_owned(),
            Field::Is(only @ Scopes::Only(_)) => format!("scopes: {only}"),
            Field::Unreadable(what) => format!("scopes: {what}"),
        };
        [expiry, Line::plain(scopes)].into_iter().chain(self.notes.iter().cloned()).collect()
    }

    /// Hides the secret.
    pub fn veil_it(&mut self) {
        self.veil = Veil::Masked;
        self.hides = None;
    }

    /// Takes a message.
    pub fn update(&mut self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        match message {
            // That key was for what was here a moment ago; closed, the token is gone for good.
            Message::Action(Action::Back) if !self.seen.is_settled(ctx) => Reaction::Stay(Vec::new()),
            Message::Action(Action::Back) => Reaction::Close(Vec::new()),
            Message::Action(Action::CopySecret | Action::CopyUuid) => {
                Reaction::Stay(vec![Effect::Copy(Clip::Secret(self.issued.v2.clone()), Action::CopySecret)])
            }
            Message::Action(Action::Reveal) => match self.veil {
                Veil::Shown => {
                    self.veil_it();
                    Reaction::Stay(Vec::new())
                }
                Veil::Masked => {
                    let (task, wake) = world.wake_after(VISIBLE);
                    self.veil = Veil::Shown;
                    self.hides = Some(task);
                    Reaction::Stay(vec![wake])
                }
            },
            Message::Woken(_) => {
                self.veil_it();
                Reaction::Stay(Vec::new())
            }
            _ => Reaction::Ignored,
        }
    }
}

/// Where the server made another token than was asked for: `MaxTokenLifetime` shortens without a word.
fn differs(issued: &Issued, expiry: Expiry, scopes: &Scopes) -> Vec<Line> {
    let mut lines = Vec::new();
    // The server keeps no parts of a second.
    if words::has_end(&issued.token.expiry) != words::ends(expiry) {
        let text = format!("The server changed the end: asked was {}.", words::ends(expiry));
        lines.push(Line::new(Tone::Warning, text));
    }
    if !issued.token.scopes.is(scopes) {
        lines.push(Line::new(Tone::Warning, format!("The server changed the scopes: asked was {scopes}.")));
    }
    lines
}
