//! A list, written once: cursor and marks over rows that are sorted and filtered by whatever holds them, and a
//! list that is read as a whole.

use crate::app::cursor::{Cursor, Motion};
use crate::app::effect::TaskId;
use crate::app::remote::{Inquiry, Remote, Settled};
use crate::app::selection::{Chosen, ChosenBy, Selection};
use jiff::Timestamp;

/// Rows in an order, some of which a filter may hide.
pub trait Rows {
    /// By what a row is known, wherever it stands.
    type Id: Copy + Ord;

    /// How many are shown.
    fn shown_len(&self) -> usize;

    /// Which is in this row of what is shown.
    fn id_at(&self, index: usize) -> Option<Self::Id>;

    /// Where one is in what is shown; `None` if there is no such row any more.
    fn place_of(&self, id: Self::Id) -> Option<Place>;

    /// Whether there is such a row, shown or not.
    fn is_known(&self, id: Self::Id) -> bool {
        self.place_of(id).is_some()
    }

    /// Whether it is shown.
    fn is_shown(&self, id: Self::Id) -> bool {
        matches!(self.place_of(id), Some(Place::At(_)))
    }

    /// All there are, shown or not, in their order.
    fn everyone(&self) -> impl Iterator<Item = Self::Id> {
        (0..self.shown_len()).filter_map(|at| self.id_at(at))
    }
}

/// Where a row is in what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In this row.
    At(usize),
    /// Filtered away; it would be before this row.
    Before(usize),
}

/// What marking does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marking {
    /// The row under the cursor, and on to the next.
    One,
    /// From the row marked last to the cursor.
    Range,
    /// All.
    All,
    /// What is not marked.
    Invert,
}

/// Cursor and marks of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picks<Id> {
    cursor: Cursor<Id>,
    /// On what the cursor was put by hand: it comes back there when the filter allows. Until then it stays in
    /// the first row, whatever arrives there.
    anchor: Option<Id>,
    marks: Selection<Id>,
    hidden: usize,
}

impl<Id> Default for Picks<Id> {
    fn default() -> Self {
        Self { cursor: Cursor::default(), anchor: None, marks: Selection::default(), hidden: 0 }
    }
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

    /// How many marked rows are not shown.
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// What an action is about: the marked rows, those that are not shown first; else the one under the cursor.
    pub fn chosen(&self, rows: &impl Rows<Id = Id>) -> Chosen<Id> {
        if self.marks.is_empty() {
            return Chosen::under_cursor(self.cursor.id().filter(|&id| rows.is_shown(id)));
        }
        let marked = rows.everyone().filter(|&id| self.marks.is_marked(id));
        let (mut ids, shown): (Vec<_>, Vec<_>) = marked.partition(|&id| !rows.is_shown(id));
        let hidden = ids.len();
        ids.extend(shown);
        Chosen { ids, hidden, source: ChosenBy::Marks }
    }

    /// The same, in no order.
    pub(super) fn each_chosen(&self) -> impl Iterator<Item = Id> + '_ {
        let cursor = self.cursor.id().filter(|_| self.marks.is_empty());
        self.marks.iter().chain(cursor)
    }

    /// From now on the cursor stays on its row, unless it is to stay on another already.
    pub(super) fn begin(&mut self) {
        self.anchor = self.anchor.or(self.cursor.id());
    }

    /// From now on the cursor stays on its row.
    pub(super) fn hold(&mut self, rows: &impl Rows<Id = Id>) {
        if self.anchor.is_none_or(|anchor| !rows.is_shown(anchor)) {
            self.anchor = self.cursor.id().or(self.anchor);
        }
    }

    /// Moves the cursor.
    pub(super) fn go(&mut self, motion: Motion, rows: &impl Rows<Id = Id>, height: usize) {
        let index = motion.apply(self.cursor.index(), rows.shown_len(), height);
        self.anchor = rows.id_at(index);
        self.cursor.put(self.anchor, index, rows.shown_len(), height);
    }

    /// Puts the cursor on this row.
    pub(super) fn go_to(&mut self, id: Id, rows: &impl Rows<Id = Id>, height: usize) {
        self.anchor = Some(id);
        self.reflow(rows, height);
    }

    /// Marks rows.
    pub(super) fn mark(&mut self, marking: Marking, rows: &impl Rows<Id = Id>, height: usize) {
        let shown = |from: usize, to: usize| (from..to).filter_map(|at| rows.id_at(at));
        match (marking, self.cursor.id()) {
            (Marking::All, _) => self.marks.mark_all(shown(0, rows.shown_len())),
            (Marking::Invert, _) => self.marks.invert(shown(0, rows.shown_len())),
            (Marking::One, Some(id)) => {
                self.marks.toggle(id);
                self.go(Motion::Down, rows, height);
            }
            (Marking::Range, Some(id)) => {
                let here = self.cursor.index();
                let start = match self.marks.range_start().and_then(|start| rows.place_of(start)) {
                    Some(Place::At(start)) => start,
                    Some(Place::Before(_)) | None => here,
                };
                self.marks.mark_range(shown(start.min(here), start.max(here) + 1), id);
            }
            (Marking::One | Marking::Range, None) => {}
        }
    }

    /// Takes the marks of these away: what they were made for is done.
    pub(super) fn unmark(&mut self, done: impl Fn(Id) -> bool) {
        self.marks.retain(|id| !done(id));
    }

    /// Takes the marks of what is gone away; returns how many there were.
    pub(super) fn drop_marks(&mut self, rows: &impl Rows<Id = Id>) -> usize {
        self.marks.retain(|id| rows.is_known(id))
    }

    /// Takes all marks away.
    pub(super) fn clear(&mut self) {
        self.marks.clear();
        self.hidden = 0;
    }

    /// The rows, their order or the height changed: the cursor finds its row again, or stays near where it was.
    pub(super) fn reflow(&mut self, rows: &impl Rows<Id = Id>, height: usize) {
        let len = rows.shown_len();
        let last = len.saturating_sub(1);
        let index = match self.anchor.map(|anchor| rows.place_of(anchor)) {
            Some(Some(Place::At(index) | Place::Before(index))) => index.min(last),
            // It is gone: on to whatever is there now.
            Some(None) => {
                let index = self.cursor.index().min(last);
                self.anchor = rows.id_at(index);
                index
            }
            None => 0,
        };
        self.cursor.carry(rows.id_at(index), index, len, height);
        self.hidden = if self.marks.len() <= len {
            self.marks.iter().filter(|&id| !rows.is_shown(id)).count()
        } else {
            let shown = (0..len).filter_map(|at| rows.id_at(at));
            self.marks.len() - shown.filter(|&id| self.marks.is_marked(id)).count()
        };
    }
}

/// What is read as a whole and listed.
pub trait Listed {
    /// What a row is.
    type Row;
    /// By what a row is known.
    type Id: Copy + Ord;

    /// The rows.
    fn rows(&self) -> &[Self::Row];

    /// By what this one is known.
    fn id(row: &Self::Row) -> Option<Self::Id>;
}

impl<L: Listed> Rows for Option<&L> {
    type Id = L::Id;

    fn shown_len(&self) -> usize {
        self.map_or(0, |list| list.rows().len())
    }

    fn id_at(&self, index: usize) -> Option<L::Id> {
        self.and_then(|list| L::id(list.rows().get(index)?))
    }

    fn place_of(&self, id: L::Id) -> Option<Place> {
        self.and_then(|list| list.rows().iter().position(|row| L::id(row) == Some(id))).map(Place::At)
    }
}

/// A list that is read as a whole, with its cursor and marks.
#[derive(Debug)]
pub struct List<L: Listed> {
    /// As it was read.
    pub remote: Remote<L>,
    pub(super) picks: Picks<L::Id>,
}

impl<L: Listed> Default for List<L> {
    fn default() -> Self {
        Self { remote: Remote::default(), picks: Picks::default() }
    }
}

impl<L: Listed> List<L> {
    /// The rows, as far as they were read.
    pub fn rows(&self) -> &[L::Row] {
        self.value().map_or(&[], Listed::rows)
    }

    /// The list, as it was read last.
    pub fn value(&self) -> Option<&L> {
        self.remote.value()
    }

    /// Cursor and marks.
    pub fn picks(&self) -> &Picks<L::Id> {
        &self.picks
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&L::Row> {
        self.rows().get(self.picks.cursor().index())
    }

    /// What an action is about.
    pub fn chosen(&self) -> Chosen<L::Id> {
        self.picks.chosen(&self.value())
    }

    /// Takes the list in; returns how many marked rows are no longer there.
    pub(super) fn take(&mut self, task: TaskId, list: L, now: Timestamp, height: usize) -> usize {
        match self.remote.settle(task, Ok(list), now) {
            Settled::Stale => 0,
            Settled::Applied => {
                let rows = self.remote.value();
                let dropped = self.picks.drop_marks(&rows);
                self.picks.reflow(&rows, height);
                self.picks.hold(&rows);
                dropped
            }
        }
    }
}

/// What a pane does with a list, whatever its rows are.
pub trait AnyList {
    /// How its read stands.
    fn inquiry(&self) -> &Inquiry;
    /// The same, to ask for it.
    fn inquiry_mut(&mut self) -> &mut Inquiry;
    /// How many rows are marked.
    fn marked(&self) -> usize;
    /// Moves the cursor.
    fn go(&mut self, motion: Motion, height: usize);
    /// Marks rows.
    fn mark(&mut self, marking: Marking, height: usize);
    /// Takes all marks away.
    fn clear_marks(&mut self);
    /// Another height is seen: the cursor stays in it.
    fn reflow(&mut self, height: usize);
}

impl<L: Listed> AnyList for List<L> {
    fn inquiry(&self) -> &Inquiry {
        self.remote.inquiry()
    }

    fn inquiry_mut(&mut self) -> &mut Inquiry {
        self.remote.inquiry_mut()
    }

    fn marked(&self) -> usize {
        self.picks.marks().len()
    }

    fn go(&mut self, motion: Motion, height: usize) {
        self.picks.go(motion, &self.remote.value(), height);
    }

    fn mark(&mut self, marking: Marking, height: usize) {
        self.picks.mark(marking, &self.remote.value(), height);
    }

    fn clear_marks(&mut self) {
        self.picks.clear();
    }

    fn reflow(&mut self, height: usize) {
        self.picks.reflow(&self.remote.value(), height);
    }
}
