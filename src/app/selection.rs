//! Marks: by id, so that they survive refresh, sorting and filtering, and never mean another row.

use std::collections::BTreeSet;

/// Marked rows of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection<Id> {
    marked: BTreeSet<Id>,
    last: Option<Id>,
}

impl<Id> Default for Selection<Id> {
    fn default() -> Self {
        Self { marked: BTreeSet::new(), last: None }
    }
}

impl<Id: Copy + Ord> Selection<Id> {
    /// Whether it is marked.
    pub fn is_marked(&self, id: Id) -> bool {
        self.marked.contains(&id)
    }

    /// How many are marked, seen or not.
    pub fn len(&self) -> usize {
        self.marked.len()
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.marked.is_empty()
    }

    /// All that are marked, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = Id> + '_ {
        self.marked.iter().copied()
    }

    /// Where a range begins: what was marked last.
    pub fn range_start(&self) -> Option<Id> {
        self.last
    }

    /// Marks it, or takes its mark away.
    pub fn toggle(&mut self, id: Id) {
        if !self.marked.remove(&id) {
            self.marked.insert(id);
        }
        self.last = Some(id);
    }

    /// Marks all of these.
    pub fn mark_all(&mut self, ids: impl IntoIterator<Item = Id>) {
        self.marked.extend(ids);
    }

    /// Marks all of these; the next range begins at `last`.
    pub fn mark_range(&mut self, ids: impl IntoIterator<Item = Id>, last: Id) {
        self.marked.extend(ids);
        self.last = Some(last);
    }

    /// Marks those of these that are not marked, and takes the others' marks away. What is not among
    /// them stays as it is.
    pub fn invert(&mut self, ids: impl IntoIterator<Item = Id>) {
        for id in ids {
            if !self.marked.remove(&id) {
                self.marked.insert(id);
            }
        }
    }

    /// Takes all marks away.
    pub fn clear(&mut self) {
        self.marked.clear();
        self.last = None;
    }

    /// Takes the marks of what is no longer there away; returns how many there were.
    pub fn retain(&mut self, mut still_there: impl FnMut(Id) -> bool) -> usize {
        let before = self.marked.len();
        self.marked.retain(|&id| still_there(id));
        if let Some(last) = self.last
            && !still_there(last)
        {
            self.last = None;
        }
        before - self.marked.len()
    }
}

/// What an action is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen<Id> {
    /// Which; those that can't be seen first, then as they are listed.
    pub ids: Vec<Id>,
    /// How many of them can't be seen.
    pub hidden: usize,
    /// How they were chosen.
    pub source: ChosenBy,
}

/// How what an action is about was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// They are marked.
    Marks,
    /// It is under the cursor.
    Cursor,
}

impl<Id> Chosen<Id> {
    /// The one under the cursor, or nothing.
    pub fn under_cursor(id: Option<Id>) -> Self {
        Self { ids: id.into_iter().collect(), hidden: 0, source: ChosenBy::Cursor }
    }
}

/// Users that an action is about.
pub type ChosenUsers = Chosen<crate::model::ids::UserUuid>;
