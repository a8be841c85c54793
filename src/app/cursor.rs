//! A cursor in a list: on a row by its id, so that it stays there when rows come, go and change places.

use crate::app::action::Action;

/// A movement of a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Half a page up.
    HalfPageUp,
    /// Half a page down.
    HalfPageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

/// The actions that are movements.
const MOTIONS: [(Action, Motion); 8] = [
    (Action::Up, Motion::Up),
    (Action::Down, Motion::Down),
    (Action::PageUp, Motion::PageUp),
    (Action::PageDown, Motion::PageDown),
    (Action::HalfPageUp, Motion::HalfPageUp),
    (Action::HalfPageDown, Motion::HalfPageDown),
    (Action::First, Motion::First),
    (Action::Last, Motion::Last),
];

impl Motion {
    /// The movement that an action is, if it is one.
    pub fn of(action: Action) -> Option<Self> {
        MOTIONS.iter().find(|(of, _)| *of == action).map(|(_, motion)| *motion)
    }

    /// Where it leads from row `at` of `len`, if `height` rows are seen at once.
    pub fn apply(self, at: usize, len: usize, height: usize) -> usize {
        let page = height.saturating_sub(1).max(1);
        let half = (height / 2).max(1);
        let to = match self {
            Self::Up => at.saturating_sub(1),
            Self::Down => at.saturating_add(1),
            Self::PageUp => at.saturating_sub(page),
            Self::PageDown => at.saturating_add(page),
            Self::HalfPageUp => at.saturating_sub(half),
            Self::HalfPageDown => at.saturating_add(half),
            Self::First => 0,
            Self::Last => usize::MAX,
        };
        to.min(len.saturating_sub(1))
    }
}

/// A cursor in a list, and which part of the list is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<Id> {
    id: Option<Id>,
    index: usize,
    top: usize,
}

impl<Id> Default for Cursor<Id> {
    fn default() -> Self {
        Self { id: None, index: 0, top: 0 }
    }
}

impl<Id: Copy + Eq> Cursor<Id> {
    /// The row it is on.
    pub fn id(&self) -> Option<Id> {
        self.id
    }

    /// That row's place in the list.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The first row that is seen.
    pub fn top(&self) -> usize {
        self.top
    }

    /// Puts it on a row of `len`, moving what is seen as little as possible.
    pub fn put(&mut self, id: Option<Id>, index: usize, len: usize, height: usize) {
        self.id = id;
        self.index = index.min(len.saturating_sub(1));
        self.show(len, height);
    }

    /// The list changed around it: its row, now at `index` of `len`, stays at its height on the screen.
    pub fn carry(&mut self, id: Option<Id>, index: usize, len: usize, height: usize) {
        let above = self.index.saturating_sub(self.top);
        self.top = index.saturating_sub(above);
        self.put(id, index, len, height);
    }

    /// Moves what is seen so that the cursor is in it and no room below is wasted.
    pub fn show(&mut self, len: usize, height: usize) {
        let height = height.max(1);
        let lowest = self.index.saturating_sub(height - 1);
        self.top = self.top.clamp(lowest, self.index.max(lowest)).min(len.saturating_sub(height));
    }
}
