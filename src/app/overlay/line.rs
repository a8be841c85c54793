//! Lines of a dialog that is read: what they say and how they are meant, not how they look.

use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::cursor::Motion;
use crate::ops::plan::{Note, Weight};

/// A line that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How it is meant.
    pub tone: Tone,
    /// One cell is a text, to be wrapped; several are a row, aligned with the rows around it.
    pub cells: Vec<String>,
}

/// How a line is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As any.
    Plain,
    /// Stands over what follows.
    Heading,
    /// Secondary.
    Dim,
    /// As wanted.
    Good,
    /// Look at it.
    Warning,
    /// It may do harm, or has failed.
    Danger,
}

impl Line {
    /// A text.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, cells: vec![text.into()] }
    }

    /// A text as any.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(Tone::Plain, text)
    }

    /// A secondary text.
    pub fn dim(text: impl Into<String>) -> Self {
        Self::new(Tone::Dim, text)
    }

    /// A heading.
    pub fn heading(text: impl Into<String>) -> Self {
        Self::new(Tone::Heading, text)
    }

    /// A row of cells.
    pub fn row<const N: usize>(tone: Tone, cells: [String; N]) -> Self {
        Self { tone, cells: cells.into() }
    }

    /// Nothing, to part what is above from what is below.
    pub fn blank() -> Self {
        Self::plain("")
    }

    /// All of it in one text.
    pub fn text(&self) -> String {
        self.cells.join("  ")
    }
}

impl From<&Note> for Line {
    fn from(note: &Note) -> Self {
        let tone = match note.weight {
            Weight::Info => Tone::Plain,
            Weight::Warning => Tone::Warning,
            Weight::Danger => Tone::Danger,
        };
        Self::new(tone, note.text.clone())
    }
}

/// How far a text is scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scroll(pub usize);

impl Scroll {
    /// Follows an action that moves, in what the topmost overlay shows; whether it was one.
    pub fn follow(&mut self, action: Action, ctx: &Ctx) -> Moved {
        let Some(motion) = Motion::of(action) else { return Moved::No };
        let (lines, page) = (ctx.viewport.overlay_lines, ctx.viewport.overlay_rows);
        // The first line that is seen moves, and the last one stays in sight.
        let stops = (lines + 1).saturating_sub(page.max(1));
        // Since it was last moved there may be less to scroll: another size, another page.
        self.0 = motion.apply(self.0.min(stops.saturating_sub(1)), stops, page);
        Moved::Yes
    }
}

/// Whether an action moved something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It was one that moves.
    Yes,
    /// It is for something else.
    No,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ctx::Viewport;
    use crate::app::testing::ctx;

    #[test]
    fn scrolling_stays_within_the_text() {
        let seen = |overlay_lines, overlay_rows| {
            let ctx = ctx();
            Ctx { viewport: Viewport { overlay_rows, overlay_lines, ..ctx.viewport }, ..ctx }
        };
        let mut scroll = Scroll::default();
        scroll.follow(Action::Up, &seen(30, 10));
        assert_eq!(scroll.0, 0);
        scroll.follow(Action::Last, &seen(30, 10));
        assert_eq!(scroll.0, 20);
        scroll.follow(Action::PageDown, &seen(30, 10));
        assert_eq!(scroll.0, 20);
        scroll.follow(Action::HalfPageUp, &seen(3, 10));
        assert_eq!(scroll.0, 0, "the text became shorter");
        let mut scroll = Scroll(20);
        scroll.follow(Action::Up, &seen(15, 10));
        assert_eq!(scroll.0, 4, "from the last line that was seen");
        assert_eq!(scroll.follow(Action::Yes, &seen(30, 10)), Moved::No);
    }
}
