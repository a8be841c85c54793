//! What `update` may know of the world outside: the time and the size of what is seen.

use jiff::Timestamp;

/// What `update` may know of the world outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ctx {
    /// What time it is here.
    pub now: Timestamp,
    /// What time it is at the cluster: what ends there ends by its clock.
    pub server_now: Timestamp,
    /// How much can be seen, by the shell's layout.
    pub viewport: Viewport,
    /// How many frames have been drawn: a dialog that was not drawn yet takes no answer.
    pub frames: u64,
}

/// What time it is, by both clocks, for what is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Here: since when something is under way, or was read.
    pub here: Timestamp,
    /// At the cluster: how old its records are, and whether they are over.
    pub server: Timestamp,
}

impl Ctx {
    /// What time it is, by both clocks.
    pub fn time(&self) -> Now {
        Now { here: self.now, server: self.server_now }
    }
}

/// How much can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewport {
    /// Whether list and details are side by side.
    pub arrangement: Arrangement,
    /// Rows of the user list.
    pub user_rows: usize,
    /// Rows of the list in the details (tokens, logins).
    pub detail_rows: usize,
    /// Rows that are seen of what the topmost overlay scrolls.
    pub overlay_rows: usize,
    /// Lines that it has, as they are drawn.
    pub overlay_lines: usize,
}

/// How panes are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrangement {
    /// List and details side by side: 120 columns or more.
    SideBySide,
    /// The focused pane alone.
    OneAtATime,
    /// Too small for anything but saying so.
    TooSmall,
}
