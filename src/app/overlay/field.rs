//! A line of text being edited. Whatever is typed or pasted, no control character gets in, nothing
//! submits, and what is too long is cut and said to be.

use crate::app::message::Edit;
use crate::model::text::clean;
use std::borrow::Cow;
use tui_input::{Input, InputRequest};

/// The most characters a field takes, beyond what it was opened with. No name, date or scope is longer.
pub const LONGEST: usize = 4_096;

/// What is said when something did not fit.
const CUT: &str = "a field takes 4,096 characters; the rest was left out";

/// A line of text being edited.
#[derive(Debug, Clone)]
pub struct TextField {
    input: Input,
    most: usize,
    note: Option<&'static str>,
}

impl Default for TextField {
    fn default() -> Self {
        Self::new("")
    }
}

/// What an edit did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// The text is another now.
    Text,
    /// At most the cursor moved.
    Cursor,
}

impl TextField {
    /// A field with something in it, the cursor behind it. What is there is all kept, however long: what is
    /// cut here would be cut by whoever submits it untouched.
    pub fn new(text: &str) -> Self {
        let text: String = text.chars().filter_map(harmless).collect();
        Self { most: LONGEST.max(text.chars().count()), input: Input::new(text), note: None }
    }

    /// What it holds.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// Whether it holds nothing but blanks.
    pub fn is_blank(&self) -> bool {
        self.text().trim().is_empty()
    }

    /// Text and cursor, for drawing.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// What to know of the last edit: that a paste was cut.
    pub fn note(&self) -> Option<&'static str> {
        self.note
    }

    /// Puts something else in it.
    pub fn set(&mut self, text: &str) {
        *self = Self::new(text);
    }

    /// Edits it.
    pub fn edit(&mut self, edit: &Edit) -> Edited {
        self.note = None;
        let request = match edit {
            Edit::Insert(c) => {
                return self.insert(std::iter::once(*c));
            }
            Edit::Paste(text) => {
                let line = one_line(text.as_str());
                return self.insert(line.chars());
            }
            Edit::Backspace => InputRequest::DeletePrevChar,
            Edit::Delete => InputRequest::DeleteNextChar,
            Edit::DeleteWord => InputRequest::DeletePrevWord,
            Edit::DeleteLine => InputRequest::DeleteFromStart,
            Edit::Left => InputRequest::GoToPrevChar,
            Edit::Right => InputRequest::GoToNextChar,
            Edit::Home => InputRequest::GoToStart,
            Edit::End => InputRequest::GoToEnd,
        };
        match self.input.handle(request) {
            Some(changed) if changed.value => Edited::Text,
            _ => Edited::Cursor,
        }
    }

    /// In one go: a paste letter by letter would take quadratic time.
    fn insert(&mut self, chars: impl Iterator<Item = char>) -> Edited {
        let text = self.input.value();
        let room = self.most.saturating_sub(text.chars().count());
        let mut chars = chars.filter_map(harmless);
        let added: String = chars.by_ref().take(room).collect();
        if chars.next().is_some() {
            self.note = Some(CUT);
        }
        if added.is_empty() {
            return Edited::Cursor;
        }
        let cursor = self.input.cursor();
        let at = text.char_indices().nth(cursor).map_or(text.len(), |(at, _)| at);
        let whole = [&text[..at], &added, &text[at..]].concat();
        self.input = Input::new(whole).with_cursor(cursor + added.chars().count());
        Edited::Text
    }
}

/// Line ends at the end of a pasted line belong to the clipboard, not to the text.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    let text = text.trim_end_matches(['\r', '\n']);
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) }
}

/// What [`clean`] leaves of one character: a line end becomes a blank, a control character nothing.
fn harmless(c: char) -> Option<char> {
    clean(c.encode_utf8(&mut [0; 4])).chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::is_clean;
    use proptest::prelude::*;

    fn any_edit() -> impl Strategy<Value = Edit> {
        prop_oneof![
            any::<char>().prop_map(Edit::Insert),
            any::<String>().prop_map(|text| Edit::Paste(text.into())),
            Just(Edit::Paste("é\u{301}\r\nfamily 👨‍👩‍👧\u{1b}[31m\u{202e}".to_owned().into())),
            Just(Edit::Backspace),
            Just(Edit::Delete),
            Just(Edit::DeleteWord),
            Just(Edit::DeleteLine),
            Just(Edit::Left),
            Just(Edit::Right),
            Just(Edit::Home),
            Just(Edit::End),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_typed_no_control_character_gets_in(edits in prop::collection::vec(any_edit(), 0..40)) {
            let mut field = TextField::default();
            for edit in &edits {
                let before = field.text().to_owned();
                let edited = field.edit(edit);
                prop_assert!(is_clean(field.text()));
                prop_assert!(field.text().chars().count() <= LONGEST);
                prop_assert!(field.input().cursor() <= field.text().chars().count());
                prop_assert_eq!(edited == Edited::Text, before != field.text());
            }
        }
    }

    #[test]
    fn a_paste_goes_in_at_the_cursor_without_its_line_ends() {
        let mut field = TextField::new("ab");
        field.edit(&Edit::Left);
        field.edit(&Edit::Paste("one\r\ntwo\n".to_owned().into()));
        field.edit(&Edit::Insert('!'));
        assert_eq!(field.text(), "aone two!b");
    }

    #[test]
    fn a_paste_that_is_too_long_is_cut_and_said_to_be() {
        let mut field = TextField::new("x");
        field.edit(&Edit::Paste("y".repeat(10_000).into()));
        assert_eq!(field.text().chars().count(), LONGEST);
        assert_eq!(field.note(), Some(CUT));
        field.edit(&Edit::Backspace);
        assert_eq!(field.note(), None, "the next edit is another matter");
    }

    #[test]
    fn words_and_lines_are_deleted_backwards() {
        let mut field = TextField::new("GET /arvados/v1/users all");
        field.edit(&Edit::DeleteWord);
        assert_eq!(field.text(), "GET /arvados/v1/users ");
        field.edit(&Edit::Home);
        field.edit(&Edit::DeleteLine);
        assert_eq!(field.text(), "GET /arvados/v1/users ", "nothing is before the cursor");
        field.edit(&Edit::End);
        field.edit(&Edit::DeleteLine);
        assert!(field.is_blank());
    }
}
