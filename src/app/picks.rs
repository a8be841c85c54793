//! Cursor and marks of a short list: the tokens or the logins of a user.

use crate::app::cursor::{Cursor, Motion};
use crate::app::selection::{Chosen, ChosenBy, Selection};

/// Cursor and marks of a short list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picks<Id> {
    cursor: Cursor<Id>,
    marks: Selection<Id>,
}

impl<Id> Default for Picks<Id> {
    fn default() -> Self {
        Self { cursor: Cursor::default(), marks: Selection::default() }
    }
}

/// What marking does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marking {
    /// The row under the cursor, and on to the next.
    One,
    /// From the row marked last to the cursor.
    Range,
    /// All.
    All,
    /// What is not marked.
    Invert,
}

impl<Id: Copy + Ord> Picks<Id> {
    /// The cursor.
    pub fn cursor(&self) -> &Cursor<Id> {
        &self.cursor
    }

    /// The marks.
    pub fn marks(&self) -> &Selection<Id> {
        &self.marks
    }

    /// What an action is about: the marked rows, else the one under the cursor.
    pub fn chosen(&self, ids: &[Id]) -> Chosen<Id> {
        if self.marks.is_empty() {
            return Chosen::under_cursor(self.cursor.id().filter(|id| ids.contains(id)));
        }
        let marked = ids.iter().copied().filter(|&id| self.marks.is_marked(id)).collect();
        Chosen { ids: marked, hidden: 0, source: ChosenBy::Marks }
    }

    /// Moves the cursor.
    pub(super) fn go(&mut self, motion: Motion, ids: &[Id], height: usize) {
        let index = motion.apply(self.cursor.index(), ids.len(), height);
        self.cursor.put(ids.get(index).copied(), index, ids.len(), height);
    }

    /// Marks rows.
    pub(super) fn mark(&mut self, marking: Marking, ids: &[Id], height: usize) {
        match (marking, self.cursor.id()) {
            (Marking::All, _) => self.marks.mark_all(ids.iter().copied()),
            (Marking::Invert, _) => self.marks.invert(ids.iter().copied()),
            (Marking::One, Some(id)) => {
                self.marks.toggle(id);
                self.go(Motion::Down, ids, height);
            }
            (Marking::Range, Some(id)) => {
                let here = self.cursor.index();
                let start = self.marks.range_start().and_then(|id| ids.iter().position(|&row| row == id));
                let start = start.unwrap_or(here);
                let range = start.min(here)..=start.max(here);
                self.marks.mark_range(ids.get(range).unwrap_or_default().iter().copied(), id);
            }
            (Marking::One | Marking::Range, None) => {}
        }
    }

    /// Takes the marks of these away: what was done to them is done.
    pub(super) fn unmark(&mut self, done: impl Fn(Id) -> bool) {
        self.marks.retain(|id| !done(id));
    }

    /// Takes all marks away.
    pub(super) fn clear(&mut self) {
        self.marks.clear();
    }

    /// The rows changed: the cursor stays on its row, or near where it was; marks of what is gone go. Returns
    /// how many did.
    pub(super) fn settle(&mut self, ids: &[Id], height: usize) -> usize {
        let there = self.cursor.id().and_then(|id| ids.iter().position(|&row| row == id));
        let index = there.unwrap_or(self.cursor.index()).min(ids.len().saturating_sub(1));
        self.cursor.carry(ids.get(index).copied(), index, ids.len(), height);
        self.marks.retain(|id| ids.contains(&id))
    }

    /// Another height is seen: the cursor stays in it.
    pub(super) fn reflow(&mut self, len: usize, height: usize) {
        self.cursor.show(len, height);
    }
}
