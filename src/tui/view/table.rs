//! Rows in columns. Only the rows in view are ever built: feeding a table widget all rows costs 100 ms a
//! frame at fifty thousand.

use crate::app::cursor::Cursor;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::pane::Keyboard;
use crate::tui::view::text::{fit_uuid, pad, pad_left};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// One column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its head.
    pub head: &'static str,
    /// How wide it wants to be.
    pub width: Width,
    /// Where its text stands.
    pub align: Align,
}

/// How wide a column wants to be.
#[derive(Debug, Clone, Copy)]
pub enum Width {
    /// So many cells.
    Cells(usize),
    /// A share of what is left, at least so many cells.
    Share {
        /// Its share.
        share: usize,
        /// What it needs.
        least: usize,
    },
}

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At the start.
    Start,
    /// At the end: numbers and dates.
    End,
    /// A UUID: cut in the front.
    Uuid,
}

impl Column {
    /// A column of fixed width.
    pub const fn fixed(head: &'static str, cells: usize) -> Self {
        Self { head, width: Width::Cells(cells), align: Align::Start }
    }

    /// A column that takes a share of what is left.
    pub const fn share(head: &'static str, share: usize, least: usize) -> Self {
        Self { head, width: Width::Share { share, least }, align: Align::Start }
    }

    /// With its text at the end.
    pub const fn end(self) -> Self {
        Self { align: Align::End, ..self }
    }

    /// With UUIDs in it.
    pub const fn uuid(self) -> Self {
        Self { align: Align::Uuid, ..self }
    }
}

/// Between two columns.
const GAP: usize = 2;

/// Before the first column: cursor and mark.
pub const GUTTER: usize = 4;

/// How wide each column is when all have `cells` together, the gutter left out.
pub fn widths(columns: &[Column], cells: usize) -> Vec<usize> {
    let gaps = GAP * columns.len().saturating_sub(1);
    let mut left = cells.saturating_sub(gaps);
    let mut shares = 0;
    for column in columns {
        match column.width {
            Width::Cells(n) => left = left.saturating_sub(n),
            Width::Share { share, least } => {
                left = left.saturating_sub(least);
                shares += share;
            }
        }
    }
    columns
        .iter()
        .map(|column| match column.width {
            Width::Cells(n) => n,
            Width::Share { share, least } => least + left * share / shares.max(1),
        })
        .collect()
}

/// The line of column heads.
pub fn heads(theme: Theme, columns: &[Column], widths: &[usize]) -> Line<'static> {
    let mut text = " ".repeat(GUTTER);
    for (i, (column, &cells)) in columns.iter().zip(widths).enumerate() {
        if i > 0 {
            text.push_str(&" ".repeat(GAP));
        }
        text.push_str(&match column.align {
            Align::End => pad_left(theme, column.head, cells),
            Align::Start | Align::Uuid => pad(theme, column.head, cells),
        });
    }
    Line::styled(text, theme.style(Role::Dim))
}

/// How a row stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowMarks {
    /// Whether the cursor is on it, and in which pane.
    pub cursor: CursorHere,
    /// Whether it is marked.
    pub marked: bool,
}

/// Whether the cursor is on a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorHere {
    /// It is, and the pane has the keyboard.
    Active,
    /// It is, but the keyboard is elsewhere.
    Resting,
    /// It is not.
    No,
}

/// One row: its cells, each in a role.
pub fn row(
    theme: Theme,
    columns: &[Column],
    widths: &[usize],
    marks: RowMarks,
    cells: &[(Role, String)],
) -> Line<'static> {
    let cursor = if marks.cursor == CursorHere::No { " " } else { theme.cursor() };
    let mark = if marks.marked { theme.mark() } else { " " };
    // Under the active cursor a row has one look: colours that are reversed cell by cell are a patchwork.
    let look = |role: Role| match marks.cursor {
        CursorHere::Active => theme.style(Role::Cursor),
        CursorHere::Resting => theme.style(role).patch(theme.style(Role::RestingCursor)),
        CursorHere::No => theme.style(role),
    };
    let mut spans = vec![
        Span::styled(cursor.to_owned(), look(Role::Accent)),
        Span::styled(format!(" {mark} "), look(Role::Attention)),
    ];
    for (i, (column, &cells_wide)) in columns.iter().zip(widths).enumerate() {
        if i > 0 {
            spans.push(Span::styled(" ".repeat(GAP), look(Role::Plain)));
        }
        let (role, text) = cells.get(i).map_or((Role::Plain, ""), |(role, text)| (*role, text.as_str()));
        let text = match column.align {
            Align::Start => pad(theme, text, cells_wide),
            Align::End => pad_left(theme, text, cells_wide),
            Align::Uuid => pad(theme, &fit_uuid(theme, text, cells_wide), cells_wide),
        };
        spans.push(Span::styled(text, look(role)));
    }
    Line::from(spans)
}

/// Rows in columns on the screen, whatever they are of.
pub struct Table<'a> {
    theme: Theme,
    columns: &'a [Column],
    widths: Vec<usize>,
}

impl<'a> Table<'a> {
    /// In so many cells, the gutter left out.
    pub fn new(theme: Theme, columns: &'a [Column], cells: usize) -> Self {
        Self { theme, columns, widths: widths(columns, cells) }
    }

    /// Draws the column heads.
    pub fn heads(&self, frame: &mut Frame, area: Rect) {
        frame.render_widget(heads(self.theme, self.columns, &self.widths), Rect { height: 1, ..area });
    }

    /// Draws the rows that are seen, from the one on that the cursor says is first: each with whether it is
    /// marked, and its cells.
    pub fn rows<Id: Copy + Eq>(
        &self,
        frame: &mut Frame,
        area: Rect,
        (cursor, keyboard): (&Cursor<Id>, Keyboard),
        age: Age,
        rows: impl Iterator<Item = (bool, Vec<(Role, String)>)>,
    ) {
        for ((at, (marked, mut cells)), y) in (cursor.top()..).zip(rows).zip(area.y..area.bottom()) {
            if age == Age::Stale {
                for (role, _) in &mut cells {
                    *role = Role::Stale;
                }
            }
            let here = match keyboard {
                _ if at != cursor.index() => CursorHere::No,
                Keyboard::Here => CursorHere::Active,
                Keyboard::Elsewhere => CursorHere::Resting,
            };
            let marks = RowMarks { cursor: here, marked };
            let line = row(self.theme, self.columns, &self.widths, marks, &cells);
            frame.render_widget(line, Rect { y, height: 1, ..area });
        }
    }
}

/// Whether rows may be another matter by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// They are as they were read just now.
    Fresh,
    /// They may be: dimmed.
    Stale,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_share_what_is_left() {
        let columns = [Column::fixed("A", 10), Column::share("B", 1, 5), Column::share("C", 3, 5)];
        assert_eq!(widths(&columns, 44), vec![10, 10, 20]);
        // Too narrow: every column keeps its least, and the line is cut.
        assert_eq!(widths(&columns, 10), vec![10, 5, 5]);
    }
}
