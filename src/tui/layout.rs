//! Where everything stands. The layout never jumps: the filter, the message line and the heads of columns
//! have their rows whether there is something in them or not.

use crate::app::ctx::{Arrangement, Viewport};
use crate::app::state::Focus;
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

/// Rows and columns that stay free around a dialog.
const DIALOG_MARGIN: u16 = 2;

/// Rows of an overlay that are not its list.
const OVERLAY_FRAME: u16 = 6;

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

/// The help has at most so many lines.
const HELP_LINES: usize = 100;

/// How much of the lists can be seen, for `update`.
pub fn viewport(area: Rect) -> Viewport {
    let rows = |frame: u16| usize::from(area.height.saturating_sub(3 + frame));
    Viewport {
        arrangement: arrangement(area),
        user_rows: rows(USERS_FRAME).max(1),
        detail_rows: usize::from(DetailRows::of(area.height.saturating_sub(3 + 2)).list).max(1),
        overlay_rows: usize::from(area.height.saturating_sub(2 * DIALOG_MARGIN + OVERLAY_FRAME)).max(1),
        help_lines: HELP_LINES,
    }
}

/// A dialog of this size in the middle of the screen, or as much of it as there is room for.
pub fn dialog(area: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(area.width.saturating_sub(2));
    let height = height.min(area.height.saturating_sub(2));
    area.centered(Constraint::Length(width), Constraint::Length(height))
}
