//! A field for a secret: what is typed or pasted is never shown, only counted, and zeroed when it goes.
//! Its buffer has its whole size from the start, so that growing leaves no copy behind.

use super::field::one_line;
use crate::app::message::Edit;
use crate::model::text::is_clean;
use crate::secret::Secret;
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// The most bytes it takes: several times the longest token.
const LONGEST: usize = 4_096;

/// What is said when something did not fit.
const CUT: &str = "that is longer than any token; the rest was left out";

/// A field for a secret.
pub struct SecretField {
    text: Zeroizing<String>,
    /// In characters.
    cursor: usize,
    note: Option<&'static str>,
}

impl Default for SecretField {
    fn default() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(LONGEST)), cursor: 0, note: None }
    }
}

impl fmt::Debug for SecretField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretField(…)")
    }
}

impl SecretField {
    /// How many characters it holds: so many dots are drawn.
    pub fn chars(&self) -> usize {
        self.text.chars().count()
    }

    /// Where the cursor is, in characters.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What to know of the last edit: that a paste was cut.
    pub fn note(&self) -> Option<&'static str> {
        self.note
    }

    /// What it holds.
    pub fn secret(&self) -> Secret {
        Secret::new(self.text.as_str().to_owned())
    }

    /// Zeroes it.
    pub fn clear(&mut self) {
        self.text.zeroize();
        self.cursor = 0;
        self.note = None;
    }

    /// Edits it. What was pasted is zeroed.
    pub fn edit(&mut self, edit: Edit) {
        self.note = None;
        match edit {
            Edit::Insert(c) => self.insert(c),
            Edit::Paste(text) => {
                for c in one_line(text.as_str()).chars() {
                    self.insert(c);
                }
            }
            Edit::Backspace => {
                if self.cursor > 0 {
                    self.cursor -= 1;
                    self.remove();
                }
            }
            Edit::Delete => self.remove(),
            // Where words begin in it would tell something of it.
            Edit::DeleteWord | Edit::DeleteLine => self.clear(),
            Edit::Left => self.cursor = self.cursor.saturating_sub(1),
            Edit::Right => self.cursor = (self.cursor + 1).min(self.chars()),
            Edit::Home => self.cursor = 0,
            Edit::End => self.cursor = self.chars(),
        }
    }

    fn at(&self) -> usize {
        self.text.char_indices().nth(self.cursor).map_or(self.text.len(), |(at, _)| at)
    }

    fn insert(&mut self, c: char) {
        // A line end tells whoever looks for the token what is another line, and what is only wrapped.
        if c != '\n' && !is_clean(c.encode_utf8(&mut [0; 4])) {
            return;
        }
        if self.text.len() + c.len_utf8() > LONGEST {
            self.note = Some(CUT);
            return;
        }
        let at = self.at();
        self.text.insert(at, c);
        self.cursor += 1;
    }

    fn remove(&mut self) {
        let at = self.at();
        if at < self.text.len() {
            self.text.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_edit() -> impl Strategy<Value = Edit> {
        prop_oneof![
            any::<char>().prop_map(Edit::Insert),
            any::<String>().prop_map(|text| Edit::Paste(text.into())),
            Just(Edit::Backspace),
            Just(Edit::Delete),
            Just(Edit::Left),
            Just(Edit::Right),
            Just(Edit::Home),
            Just(Edit::End),
        ]
    }

    proptest! {
        #[test]
        fn whatever_is_typed_no_control_character_gets_in(edits in prop::collection::vec(any_edit(), 0..40)) {
            let mut field = SecretField::default();
            for edit in edits {
                field.edit(edit);
                prop_assert!(is_clean(&field.secret().expose().replace('\n', " ")));
                prop_assert!(field.cursor() <= field.chars());
            }
        }
    }

    #[test]
    fn it_never_grows_so_that_no_copy_is_left_behind() {
        let mut field = SecretField::default();
        let buffer = field.text.as_ptr();
        field.edit(Edit::Paste("5".repeat(10_000).into()));
        assert_eq!(field.chars(), LONGEST);
        assert_eq!(field.note(), Some(CUT));
        assert_eq!(field.text.as_ptr(), buffer);
    }

    #[test]
    fn a_pasted_token_can_be_corrected() {
        let mut field = SecretField::default();
        field.edit(Edit::Paste("canary\r\n".to_owned().into()));
        field.edit(Edit::Backspace);
        field.edit(Edit::Insert('x'));
        assert_eq!(field.secret().expose(), "canarx");
        assert!(!format!("{field:?}").contains("canar"));
        field.edit(Edit::DeleteLine);
        assert!(field.is_empty());
    }
}
