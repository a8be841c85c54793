//! Where everything stands. The layout never jumps: the filter, the message line and the heads of columns
//! have their rows whether there is something in them or not.

use crate::app::ctx::{Arrangement, Viewport};
use crate::app::world::Focus;
use ratatui::layout::{Constraint, Layout, Rect};

/// The smallest terminal that shows more than a request for a larger one.
pub const SMALLEST: (u16, u16) = (60, 16);

/// From this width on, list and details stand side by side.
const WIDE: u16 = 120;

/// Rows of a user list that are not users: borders, filter, column heads.
const USERS_FRAME: u16 = 4;

/// Rows of the details that are there whatever the height: tabs, column heads, source.
const DETAILS_FIXED: u16 = 3;

/// From this width on, there is room for every column of the users.
const LAVISH: u16 = 180;

/// How the inside of the details is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DetailRows {
    /// Rows of the user's summary above the tabs.
    pub summary: u16,
    /// Rows of the list.
    pub list: u16,
    /// Rows below it about what the cursor is on.
    pub particulars: u16,
}

impl DetailRows {
    /// For an inside of this height: what is only good to know goes first where there is little room.
    pub fn of(height: u16) -> Self {
        let (summary, particulars) = match height {
            0..16 => (2, 0),
            16..22 => (5, 2),
            _ => (6, 2),
        };
        Self { summary, particulars, list: height.saturating_sub(summary + particulars + DETAILS_FIXED) }
    }
}

/// Rows that a dialog leaves free at the top and at the bottom: the header, and the message line with the
/// footer, which say things while a dialog is open.
const DIALOG_FREE: (u16, u16) = (1, 2);

/// Of the rows that dialogs have, so many in a hundred are above a small one, which grows downwards.
const DIALOG_ABOVE: u16 = 20;

/// Where the parts of the screen stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// How panes are laid out.
    pub arrangement: Arrangement,
    /// The first line: where, who, how.
    pub header: Rect,
    /// The list of users, if it is seen.
    pub users: Option<Rect>,
    /// The chosen user, if seen.
    pub details: Option<Rect>,
    /// What happened last.
    pub message: Rect,
    /// The keys that work now.
    pub footer: Rect,
}

/// How panes fit into a terminal of this size.
pub fn arrangement(area: Rect) -> Arrangement {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        Arrangement::TooSmall
    } else if area.width >= WIDE {
        Arrangement::SideBySide
    } else {
        Arrangement::OneAtATime
    }
}

/// Where the parts of the screen stand in a terminal of this size.
pub fn places(area: Rect, focus: Focus) -> Places {
    let [header, panes, message, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    let arrangement = arrangement(area);
    let (users, details) = match arrangement {
        Arrangement::SideBySide => {
            let list = panes.width * if area.width < LAVISH { 48 } else { 58 } / 100;
            let [users, details] =
                Layout::horizontal([Constraint::Length(list), Constraint::Fill(1)]).areas(panes);
            (Some(users), Some(details))
        }
        Arrangement::OneAtATime | Arrangement::TooSmall => match focus {
            Focus::Users => (Some(panes), None),
            Focus::Details => (None, Some(panes)),
        },
    };
    Places { arrangement, header, users, details, message, footer }
}

/// How much of what a dialog scrolls there is, and is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Rows that are seen at once.
    pub rows: usize,
    /// Lines that there are.
    pub lines: usize,
}

/// How much of the lists can be seen, for `update`; `overlay` is of the topmost dialog, if there is one.
pub fn viewport(area: Rect, overlay: Option<Extent>) -> Viewport {
    let rows = |frame: u16| usize::from(area.height.saturating_sub(3 + frame));
    Viewport {
        arrangement: arrangement(area),
        user_rows: rows(USERS_FRAME).max(1),
        detail_rows: usize::from(DetailRows::of(area.height.saturating_sub(3 + 2)).list).max(1),
        overlay_rows: overlay.map_or(1, |overlay| overlay.rows).max(1),
        overlay_lines: overlay.map_or(0, |overlay| overlay.lines),
    }
}

/// Where dialogs stand.
pub fn dialog_room(area: Rect) -> Rect {
    let (above, below) = DIALOG_FREE;
    if area.height <= above + below + 3 {
        return area;
    }
    Rect { y: area.y + above, height: area.height - above - below, ..area }
}

/// How many cells a line of a dialog has that wants so many.
pub fn dialog_cells(area: Rect, wanted: u16) -> u16 {
    wanted.min(area.width.saturating_sub(8)).max(1)
}

/// A dialog of this size, or as much of it as there is room for. It stands in the upper half, so that one
/// that grows moves as little as can be.
pub fn dialog(area: Rect, width: u16, height: u16) -> Rect {
    let room = dialog_room(area);
    let width = width.min(room.width);
    let height = height.min(room.height);
    let above = (room.height * DIALOG_ABOVE / 100).min(room.height - height);
    Rect { x: room.x + (room.width - width) / 2, y: room.y + above, width, height }
}
