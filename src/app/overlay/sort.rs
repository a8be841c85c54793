//! What to sort the users by.

use super::chooser::ListCursor;
use super::line::Moved;
use super::reaction::Reaction;
use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::message::Message;
use crate::app::sort::{Sort, SortKey};
use crate::app::world::World;

/// What to sort the users by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortDialog {
    now: Sort,
    cursor: ListCursor,
}

impl SortDialog {
    /// The cursor is on what they are sorted by now.
    pub fn open(world: &World, ctx: &Ctx) -> Self {
        let now = world.users.table().sort();
        let mut cursor = ListCursor::default();
        let at = SortKey::ALL.iter().position(|key| *key == now.key).unwrap_or(0);
        cursor.put(at, SortKey::ALL.len(), ctx.viewport.overlay_rows);
        Self { now, cursor }
    }

    /// How they are sorted now.
    pub fn now(self) -> Sort {
        self.now
    }

    /// The cursor, in [`SortKey::ALL`].
    pub fn cursor(self) -> ListCursor {
        self.cursor
    }

    /// Takes a message.
    pub fn update(&mut self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        let Message::Action(action) = message else { return Reaction::Ignored };
        if self.cursor.follow(action, SortKey::ALL.len(), ctx.viewport.overlay_rows) == Moved::Yes {
            return Reaction::Stay(Vec::new());
        }
        match action {
            Action::Back | Action::Sort => Reaction::Close(Vec::new()),
            Action::ReverseSort => Reaction::Perform(Action::ReverseSort),
            Action::Open | Action::Submit => {
                if let Some(key) = SortKey::ALL.get(self.cursor.at()) {
                    // The same again turns it around, as a click on a column's head does.
                    let sort = if *key == self.now.key { self.now.reversed() } else { Sort::by(*key) };
                    world.sort_users(sort, ctx);
                }
                Reaction::Close(Vec::new())
            }
            _ => Reaction::Ignored,
        }
    }
}
