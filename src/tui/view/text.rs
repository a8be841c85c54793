//! Fitting text into cells.

use crate::model::text::{clean_lines, clean_start};
use crate::tui::theme::Theme;
use std::borrow::Cow;
use tui_input::Input;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// More characters than a cell ever holds: a letter, its marks, and half a letter beside it.
const CHARS_PER_CELL: usize = 12;

/// No text of the program's own is longer; of another's, no more is shown.
const LONGEST_TEXT: usize = 4_000;

/// How many cells a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text in at most `cells`, cut with an ellipsis where it is longer. Cleaned: what users wrote never
/// reaches the terminal as it is.
pub fn fit(theme: Theme, text: &str, cells: usize) -> String {
    // Of a text of a megabyte only its start is looked at.
    let most = (cells + 1).saturating_mul(CHARS_PER_CELL);
    let text = theme.signs_in(clean_start(text, most));
    if text.width() <= cells && text.chars().nth(most - 1).is_none() {
        return text;
    }
    let mark = theme.ellipsis();
    let room = cells.saturating_sub(mark.width());
    let mut used = 0;
    let mut cut = String::new();
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > room {
            break;
        }
        used += wide;
        cut.push(c);
    }
    if cells >= mark.width() {
        cut.push_str(mark);
    }
    cut
}

/// Like [`fit`], filled up with blanks to exactly `cells`.
pub fn pad(theme: Theme, text: &str, cells: usize) -> String {
    let mut text = fit(theme, text, cells);
    let missing = cells.saturating_sub(text.width());
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// Like [`pad`], with the blanks before the text: for numbers and dates.
pub fn pad_left(theme: Theme, text: &str, cells: usize) -> String {
    let text = fit(theme, text, cells);
    let missing = cells.saturating_sub(text.width());
    " ".repeat(missing) + &text
}

/// What of a text field is seen.
pub struct Typed {
    /// The part of its text.
    pub text: String,
    /// How many cells into it the cursor stands.
    pub cursor: usize,
}

/// What of a text field is seen in `cells`: the part around its cursor.
pub fn typed(theme: Theme, input: &Input, cells: usize) -> Typed {
    let scroll = input.visual_scroll(cells.saturating_sub(1));
    let mut skipped = 0;
    let rest: String = input
        .value()
        .chars()
        .skip_while(|c| {
            let gone = skipped < scroll;
            if gone {
                skipped += c.width().unwrap_or(0);
            }
            gone
        })
        .collect();
    let mut used = 0;
    let text: String = rest
        .chars()
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= cells
        })
        .collect();
    Typed { text: fit(theme, &text, cells), cursor: input.visual_cursor().saturating_sub(skipped) }
}

/// A UUID in `cells`, cut in the front, which all objects of a kind share, never at the end.
pub fn fit_uuid(theme: Theme, uuid: &str, cells: usize) -> String {
    if uuid.width() <= cells {
        return uuid.to_owned();
    }
    let mark = theme.ellipsis();
    let keep = cells.saturating_sub(mark.width());
    let start = uuid.len().saturating_sub(keep);
    format!("{mark}{}", uuid.get(start..).unwrap_or_default())
}

/// A text in lines of at most `cells`.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let end = text.char_indices().nth(LONGEST_TEXT).map_or(text.len(), |(end, _)| end);
    let text = clean_lines(&text[..end]);
    textwrap::wrap(&text, cells.max(1)).into_iter().map(Cow::into_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Signs;

    #[test]
    fn text_is_cut_by_cells_not_by_characters() {
        let theme = Theme::default();
        assert_eq!(fit(theme, "Rosa Delgado", 8), "Rosa De…");
        assert_eq!(fit(theme, "李明李明", 5), "李明…");
        assert_eq!(pad(theme, "李", 4), "李  ");
        assert_eq!(fit(Theme { signs: Signs::Ascii, ..theme }, "Rosa Delgado", 8), "Rosa De~");
        assert_eq!(fit(theme, "Rosa", 0), "");
    }

    #[test]
    fn uuids_keep_their_end() {
        assert_eq!(fit_uuid(Theme::default(), "zzzzz-gj3su-077z32aux8dg2s1", 12), "…32aux8dg2s1");
    }
}
