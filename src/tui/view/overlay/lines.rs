//! What dialogs say, in lines on the screen: texts are wrapped, rows that follow each other are aligned.

use crate::app::overlay::line::{Line, Tone};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::{fit, fit_uuid, pad, width, wrap};
use ratatui::style::Style;
use ratatui::text::{Line as Drawn, Span};

/// Between two columns.
const GAP: usize = 2;

/// A column that only helps to know what a row is about is cut to this before any other is cut.
const ASIDE: usize = 14;

/// A text in a column is wrapped rather than cut if it has at least so many cells.
const WRAPPABLE: usize = 16;

/// Rows below a line that introduces them are set in by this.
const INDENT: usize = 2;

/// How a tone looks.
pub fn role(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Plain,
        Tone::Heading => Role::Strong,
        Tone::Dim => Role::Dim,
        Tone::Good => Role::Good,
        Tone::Warning => Role::Attention,
        Tone::Danger => Role::Danger,
    }
}

/// What says the same without colours.
pub fn sign(theme: Theme, tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Good => Some(theme.done()),
        Tone::Warning | Tone::Danger => Some(theme.attention()),
        Tone::Plain | Tone::Heading | Tone::Dim => None,
    }
}

/// All of it, in lines of so many cells.
pub fn lines(theme: Theme, cells: usize, lines: &[Line]) -> Vec<Drawn<'static>> {
    let all = lines;
    let mut drawn = Vec::new();
    let mut introduced = false;
    for group in lines.chunk_by(|a, b| a.cells.len() > 1 && a.cells.len() == b.cells.len()) {
        match group {
            [only] if only.cells.len() == 1 => {
                let text = only.text();
                introduced = text.ends_with(':');
                drawn.extend(paragraph(theme, cells, only.tone, &text));
            }
            rows => {
                // Aligned with all rows of that sort, also where a line stands between them.
                let alike = |line: &&Line| line.cells.len() == rows[0].cells.len();
                let alike: Vec<&Line> = all.iter().filter(alike).collect();
                let indent = if introduced { INDENT } else { 0 };
                let widths = widths(theme, cells.saturating_sub(indent), &alike);
                table(theme, indent, &widths, rows, &mut drawn);
            }
        }
    }
    drawn
}

/// Those that must be seen, and those that are good to know.
pub fn by_weight(told: Vec<Line>) -> (Vec<Line>, Vec<Line>) {
    told.into_iter().partition(|line| !matches!(line.tone, Tone::Plain | Tone::Dim))
}

/// A text: wrapped, with the sign of its tone before it, and set in as far as it begins.
pub fn paragraph(theme: Theme, cells: usize, tone: Tone, text: &str) -> Vec<Drawn<'static>> {
    let before = match sign(theme, tone) {
        Some(sign) => format!("{sign} "),
        None => " ".repeat(text.len() - text.trim_start_matches(' ').len()),
    };
    hanging(theme, cells, role(tone), &before, text.trim_start_matches(' '))
}

/// A text with something before its first line; the other lines are set in as far.
pub fn hanging(theme: Theme, cells: usize, role: Role, first: &str, text: &str) -> Vec<Drawn<'static>> {
    let style = theme.style(role);
    let indent = width(first);
    let wrapped = wrap(text, cells.saturating_sub(indent));
    let line = |(i, line): (usize, String)| {
        let before = if i == 0 { first.to_owned() } else { " ".repeat(indent) };
        Drawn::styled(fit(theme, &(before + &line), cells), style)
    };
    wrapped.into_iter().enumerate().map(line).collect()
}

fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 27 && bytes[5] == b'-' && bytes[11] == b'-'
}

fn table(theme: Theme, indent: usize, widths: &[usize], rows: &[Line], drawn: &mut Vec<Drawn<'static>>) {
    let shown: Vec<usize> = (0..widths.len()).filter(|&column| widths[column] > 0).collect();
    for row in rows {
        let mut columns: Vec<(usize, Role, Vec<String>)> = Vec::new();
        for &column in &shown {
            let text = &cell(theme, row, column);
            let room = widths[column];
            let is_read = match row.tone {
                Tone::Warning | Tone::Danger => true,
                Tone::Dim => false,
                Tone::Plain | Tone::Heading | Tone::Good => widths.len() == 2,
            };
            let texts = if width(text) > room && is_uuid(text) {
                vec![fit_uuid(theme, text, room)]
            } else if width(text) > room && is_read && column > 0 && room >= WRAPPABLE {
                wrap(text, room)
            } else {
                vec![fit(theme, text, room)]
            };
            columns.push((room, cell_role(row, column), texts));
        }
        let height = columns.iter().map(|(_, _, texts)| texts.len()).max().unwrap_or(0);
        for line in 0..height {
            let mut spans = vec![Span::raw(" ".repeat(indent))];
            for (i, (room, role, texts)) in columns.iter().enumerate() {
                if i > 0 {
                    spans.push(Span::raw(" ".repeat(GAP)));
                }
                let text = texts.get(line).map_or("", String::as_str);
                let style: Style = theme.style(*role);
                let text = if i + 1 == columns.len() { text.to_owned() } else { pad(theme, text, *room) };
                spans.push(Span::styled(text, style));
            }
            drawn.push(Drawn::from(spans));
        }
    }
}

/// Names are as they are; what helps to know them is secondary; the rest is as the row is meant.
fn cell_role(row: &Line, column: usize) -> Role {
    let last = row.cells.len() - 1;
    match (row.tone, column) {
        (Tone::Plain | Tone::Warning | Tone::Danger, 0) if last == 1 => Role::Dim,
        (Tone::Plain, 1) if last > 1 => Role::Dim,
        (Tone::Warning | Tone::Danger | Tone::Good, 1) if last > 1 => Role::Plain,
        (_, 3..) => Role::Dim,
        (tone, _) => role(tone),
    }
}

/// The text of a cell; what is said of a thing has the sign of its tone before it.
fn cell(theme: Theme, row: &Line, column: usize) -> String {
    let text = row.cells.get(column).map_or("", String::as_str);
    match sign(theme, row.tone) {
        Some(sign) if row.cells.len() == 2 && column == 1 => format!("{sign} {text}"),
        _ => text.to_owned(),
    }
}

/// How wide the columns of these rows are, together at most so many cells.
fn widths(theme: Theme, cells: usize, rows: &[&Line]) -> Vec<usize> {
    let count = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let natural = |column: usize| rows.iter().map(|row| width(&cell(theme, row, column))).max().unwrap_or(0);
    let mut widths: Vec<usize> = (0..count).map(natural).collect();
    let gaps = widths.iter().filter(|&&width| width > 0).count().saturating_sub(1) * GAP;
    let room = cells.saturating_sub(gaps);
    let over = |widths: &[usize]| widths.iter().sum::<usize>().saturating_sub(room);
    if count > 2 && widths[1] > ASIDE {
        widths[1] = ASIDE.max(widths[1].saturating_sub(over(&widths)));
    }
    // Then the widest gives way, again and again.
    while over(&widths) > 0 {
        let widest = widths.iter().copied().max().unwrap_or(0);
        let next = widths.iter().copied().filter(|&width| width < widest).max().unwrap_or(0);
        let wide = widths.iter().filter(|&&width| width == widest).count().max(1);
        let less = over(&widths).div_ceil(wide).min(widest - next).max(1);
        if widest == 0 {
            break;
        }
        for width in widths.iter_mut().filter(|width| **width == widest) {
            *width -= less;
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[Drawn]) -> Vec<String> {
        lines.iter().map(|line| line.to_string().trim_end().to_owned()).collect()
    }

    fn row(cells: [&str; 3]) -> Line {
        Line::row(Tone::Plain, cells.map(str::to_owned))
    }

    #[test]
    fn rows_that_follow_each_other_are_aligned() {
        let rows = [
            Line::new(Tone::Warning, "1 of them is hidden by the filter:"),
            row(["Otto Her", "otto@institute.example", "2 logins"]),
            row(["Rosario del Monte", "rmonte@partner.example", "1 login"]),
        ];
        assert_eq!(
            text(&lines(Theme::default(), 60, &rows)),
            [
                "! 1 of them is hidden by the filter:",
                "  Otto Her           otto@institute.example  2 logins",
                "  Rosario del Monte  rmonte@partner.example  1 login",
            ]
        );
    }

    #[test]
    fn where_there_is_little_room_the_address_is_cut_first_and_a_uuid_only_in_front() {
        let rows = [row(["Rosario del Monte", "rmonte@partner.example", "2 logins  5 groups"])];
        assert_eq!(
            text(&lines(Theme::default(), 55, &rows)),
            ["Rosario del Monte  rmonte@partner.…  2 logins  5 groups"]
        );
        let rows = [row(["zzzzz-gj3su-077z32aux8dg2s1", "Batch", "revoked"])];
        assert_eq!(text(&lines(Theme::default(), 30, &rows)), ["…7z32aux8dg2s1  Batch  revoked"]);
    }

    #[test]
    fn what_failed_is_said_in_full() {
        let cells = ["failed", "Rosa", "the server is busy and asks to be left alone", ""];
        let rows = [Line::row(Tone::Danger, cells.map(str::to_owned))];
        let drawn = text(&lines(Theme::default(), 40, &rows));
        assert!(drawn.len() > 1 && drawn.concat().contains("alone"), "{drawn:?}");
    }

    #[test]
    fn any_width_will_do() {
        let rows = [row(["Rosario", "rmonte@partner.example", "2 logins"]), Line::plain("  text set in")];
        for cells in 0..80 {
            for line in lines(Theme::default(), cells, &rows) {
                assert!(line.width() <= cells.max(8), "{cells}: {line}");
            }
        }
    }
}
