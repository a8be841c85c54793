//! All commands, searched by typing. What can't be taken now is there as well, with the reason.

use super::chooser::{ListCursor, Offer, offers, take};
use super::field::{Edited, TextField};
use super::line::Moved;
use super::menu;
use super::reaction::Reaction;
use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::cursor::Motion;
use crate::app::message::Message;
use crate::app::world::World;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// All commands, searched by typing.
#[derive(Debug)]
pub struct PaletteDialog {
    field: TextField,
    all: Vec<Offer>,
    found: Vec<usize>,
    cursor: ListCursor,
}

/// Whether an action is a command: moving about is not, nor is what only a dialog knows.
fn is_command(action: Action) -> bool {
    Motion::of(action).is_none()
        && !matches!(
            action,
            Action::Open
                | Action::Back
                | Action::NextPane
                | Action::PreviousPane
                | Action::Palette
                | Action::Mark
                | Action::MarkRange
                | Action::Interrupt
        )
}

impl PaletteDialog {
    /// Of what can be wanted now.
    pub fn open(world: &World) -> Self {
        let mut commands: Vec<Action> =
            Action::ALL.iter().copied().filter(|action| is_command(*action)).collect();
        // What the menu has, in its order; then what finds things; then the rest.
        let finds = [Action::FindToken, Action::VmLogins];
        let first: Vec<Action> = menu::actions(world).iter().copied().chain(finds).collect();
        commands.sort_by_key(|action| first.iter().position(|one| one == action).unwrap_or(first.len()));
        let mut all = offers(&commands, world);
        // One searches here, and wants what works.
        all.sort_by_key(|offer| offer.disabled.is_some());
        let found = (0..all.len()).collect();
        Self { field: TextField::default(), all, found, cursor: ListCursor::default() }
    }

    /// What is typed.
    pub fn field(&self) -> &TextField {
        &self.field
    }

    /// The cursor.
    pub fn cursor(&self) -> ListCursor {
        self.cursor
    }

    /// How many commands there are, also those that do not fit.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The commands that fit, best first, those that can't be taken last.
    pub fn found(&self) -> impl ExactSizeIterator<Item = &Offer> {
        self.found.iter().map(|&at| &self.all[at])
    }

    /// The command under the cursor.
    pub fn chosen(&self) -> Option<&Offer> {
        self.found.get(self.cursor.at()).map(|&at| &self.all[at])
    }

    /// Takes a message.
    pub fn update(&mut self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        let height = ctx.viewport.overlay_rows;
        match message {
            Message::Edit(edit) => {
                if self.field.edit(&edit) == Edited::Text {
                    self.search();
                    self.cursor = ListCursor::default();
                }
                Reaction::Stay(Vec::new())
            }
            Message::Action(Action::Back) => Reaction::Close(Vec::new()),
            Message::Action(Action::Submit | Action::Open) => take(self.chosen(), world, ctx),
            Message::Action(Action::NextField | Action::NextChoice) => {
                self.cursor.follow(Action::Down, self.found.len(), height);
                Reaction::Stay(Vec::new())
            }
            Message::Action(Action::PreviousField | Action::PreviousChoice) => {
                self.cursor.follow(Action::Up, self.found.len(), height);
                Reaction::Stay(Vec::new())
            }
            Message::Action(action) => match self.cursor.follow(action, self.found.len(), height) {
                Moved::Yes => Reaction::Stay(Vec::new()),
                Moved::No => Reaction::Ignored,
            },
            _ => Reaction::Ignored,
        }
    }

    fn search(&mut self) {
        let pattern = Pattern::parse(self.field.text(), CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let mut scored: Vec<(bool, u32, usize)> = self
            .all
            .iter()
            .enumerate()
            .filter_map(|(at, offer)| {
                let score = pattern.score(Utf32Str::new(offer.name(), &mut buffer), &mut matcher)?;
                Some((offer.disabled.is_some(), score, at))
            })
            .collect();
        scored.sort_by_key(|&(disabled, score, at)| (disabled, std::cmp::Reverse(score), at));
        self.found = scored.into_iter().map(|(_, _, at)| at).collect();
    }
}
