//! The fields that forms are made of, and how a form describes itself to be drawn.

use crate::app::message::Edit;
use crate::app::overlay::field::{Edited, TextField};
use crate::model::fold::fold;
use crate::model::text::bare;
use crate::ops::plan::Note;

/// Names a field of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// Which VM.
    Vm,
    /// The Unix account's name.
    LoginName,
    /// Its groups.
    Groups,
    /// When a token ends: a choice.
    Expiry,
    /// When a token ends: a date.
    ExpiryDate,
    /// What a token allows: a choice.
    Scopes,
    /// What a token allows: requests.
    ScopeList,
    /// Whether the server sends a mail.
    Mail,
    /// Whether users are activated, too.
    Activation,
    /// Who gets the data.
    Successor,
    /// The project it goes to.
    Project,
    /// What becomes of the old account.
    Leaving,
    /// What is granted anew.
    Rights,
}

/// One of a few values, all shown.
#[derive(Debug, Clone)]
pub struct Choice<T> {
    options: Vec<(T, &'static str)>,
    chosen: usize,
}

impl<T> Choice<T> {
    /// The first is chosen.
    pub fn new(first: (T, &'static str), rest: impl IntoIterator<Item = (T, &'static str)>) -> Self {
        Self { options: std::iter::once(first).chain(rest).collect(), chosen: 0 }
    }

    /// What is chosen.
    pub fn value(&self) -> &T {
        &self.options[self.chosen].0
    }

    /// Chooses the first that fits, if one does.
    pub fn choose(&mut self, fits: impl Fn(&T) -> bool) {
        if let Some(at) = self.options.iter().position(|(value, _)| fits(value)) {
            self.chosen = at;
        }
    }
}

/// What all choices can, whatever they choose from.
pub trait Cycle {
    /// To the next, around the end.
    fn next(&mut self);
    /// To the one before, around the start.
    fn previous(&mut self);
    /// All of them, in words.
    fn words(&self) -> Vec<&'static str>;
    /// Which is chosen.
    fn chosen(&self) -> usize;
}

impl<T> Cycle for Choice<T> {
    fn next(&mut self) {
        self.chosen = (self.chosen + 1) % self.options.len();
    }

    fn previous(&mut self) {
        self.chosen = (self.chosen + self.options.len() - 1) % self.options.len();
    }

    fn words(&self) -> Vec<&'static str> {
        self.options.iter().map(|(_, words)| *words).collect()
    }

    fn chosen(&self) -> usize {
        self.chosen
    }
}

/// One of many, found by typing. The rows are those that fit what is typed; who fills them decides how
/// many are kept.
#[derive(Debug, Clone)]
pub struct Pick<T> {
    query: TextField,
    rows: Vec<(T, String)>,
    /// How many fit, also those that are not kept.
    fitting: usize,
    cursor: Option<usize>,
    /// Where the cursor is before anybody searched or moved.
    start: Option<usize>,
    chosen: Option<(T, String)>,
    reopened: Reopened,
}

/// Whether something had been chosen before the list was opened again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reopened {
    Yes,
    No,
}

impl<T> Default for Pick<T> {
    fn default() -> Self {
        Self {
            query: TextField::default(),
            rows: Vec::new(),
            fitting: 0,
            cursor: Some(0),
            start: Some(0),
            chosen: None,
            reopened: Reopened::No,
        }
    }
}

impl<T> Pick<T> {
    /// With the cursor on nothing to begin with: what is taken without looking would be the wrong one.
    pub fn of_nothing() -> Self {
        Self { cursor: None, start: None, ..Self::default() }
    }
}

impl<T: Clone + PartialEq> Pick<T> {
    /// What is chosen.
    pub fn value(&self) -> Option<&T> {
        self.chosen.as_ref().map(|(value, _)| value)
    }

    /// What is searched for.
    pub fn query(&self) -> &str {
        self.query.text()
    }

    /// Shows other rows; the cursor stays where it is if it can.
    pub fn fill(&mut self, (rows, fitting): (Vec<(T, String)>, usize)) {
        self.cursor = self.cursor.map(|at| at.min(rows.len().saturating_sub(1)));
        self.fitting = fitting;
        self.rows = rows;
    }

    /// Chooses this one.
    pub fn choose(&mut self, value: T, words: String) {
        self.query = TextField::default();
        self.chosen = Some((value, words));
        self.reopened = Reopened::No;
    }
}

/// What all such fields can, whatever they pick from.
pub trait Search {
    /// What is typed.
    fn field(&self) -> &TextField;
    /// Types; another text lets go of what was chosen.
    fn edit(&mut self, edit: &Edit) -> Edited;
    /// The cursor, by so many rows.
    fn step(&mut self, by: isize);
    /// Whether somebody moved in it, or searched: then leaving it takes what the cursor is on.
    fn is_touched(&self) -> bool;
    /// Takes what the cursor is on; nothing if no row fits.
    fn take(&mut self) -> Took;
    /// The rows that fit, in words.
    fn rows(&self) -> Vec<&str>;
    /// Which of them the cursor is on, if on any.
    fn cursor(&self) -> Option<usize>;
    /// How many fit, also those that are not among the rows.
    fn fitting(&self) -> usize;
    /// What is chosen, in words.
    fn chosen(&self) -> Option<&str>;
}

/// Whether something was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Took {
    /// It was.
    It,
    /// There was nothing to take.
    Nothing,
}

impl<T: Clone + PartialEq> Search for Pick<T> {
    fn field(&self) -> &TextField {
        &self.query
    }

    fn edit(&mut self, edit: &Edit) -> Edited {
        let edited = self.query.edit(edit);
        if edited == Edited::Text {
            self.cursor = if self.query.is_blank() { self.start } else { Some(0) };
            self.chosen = None;
        }
        edited
    }

    fn step(&mut self, by: isize) {
        let last = self.rows.len().saturating_sub(1);
        let at = match self.chosen.take() {
            // The list opens again, at what was chosen.
            Some((value, _)) => {
                self.reopened = Reopened::Yes;
                self.rows.iter().position(|(row, _)| *row == value).or(Some(0))
            }
            None => self.cursor,
        };
        // From before the first row, the first step down is to it.
        self.cursor = Some(match at {
            Some(at) => at.saturating_add_signed(by).min(last),
            None => 0_usize.saturating_add_signed(by - 1).min(last),
        });
    }

    fn is_touched(&self) -> bool {
        self.cursor != self.start || !self.query.is_blank() || self.reopened == Reopened::Yes
    }

    fn take(&mut self) -> Took {
        let row = self.cursor.and_then(|at| self.rows.get(at));
        let Some((value, words)) = row.cloned() else { return Took::Nothing };
        self.choose(value, words);
        Took::It
    }

    fn rows(&self) -> Vec<&str> {
        self.rows.iter().map(|(_, words)| words.as_str()).collect()
    }

    fn cursor(&self) -> Option<usize> {
        self.cursor
    }

    fn fitting(&self) -> usize {
        self.fitting
    }

    fn chosen(&self) -> Option<&str> {
        self.chosen.as_ref().map(|(_, words)| words.as_str())
    }
}

/// Any of several, each on or off.
#[derive(Debug, Clone)]
pub struct Checks<T> {
    rows: Vec<(T, String, Checked)>,
    cursor: usize,
}

/// Whether one of several is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl<T> Default for Checks<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), cursor: 0 }
    }
}

impl<T> Checks<T> {
    /// With these rows.
    pub fn new(rows: Vec<(T, String, Checked)>) -> Self {
        Self { rows, cursor: 0 }
    }

    /// Those that are on.
    pub fn on(&self) -> impl Iterator<Item = &T> {
        self.rows.iter().filter(|(_, _, checked)| *checked == Checked::On).map(|(value, _, _)| value)
    }
}

/// What all such fields can.
pub trait CheckList {
    /// The cursor, by so many rows.
    fn step(&mut self, by: isize);
    /// Turns the one under the cursor around.
    fn toggle(&mut self);
    /// The rows.
    fn rows(&self) -> Vec<(&str, Checked)>;
    /// Which of them the cursor is on.
    fn cursor(&self) -> usize;
}

impl<T> CheckList for Checks<T> {
    fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.rows.len().saturating_sub(1));
    }

    fn toggle(&mut self) {
        if let Some((_, _, checked)) = self.rows.get_mut(self.cursor) {
            *checked = match checked {
                Checked::On => Checked::Off,
                Checked::Off => Checked::On,
            };
        }
    }

    fn rows(&self) -> Vec<(&str, Checked)> {
        self.rows.iter().map(|(_, words, checked)| (words.as_str(), *checked)).collect()
    }

    fn cursor(&self) -> usize {
        self.cursor
    }
}

/// A field, to be edited.
pub enum FieldMut<'a> {
    /// A text.
    Text(&'a mut TextField),
    /// One of a few.
    Choice(&'a mut dyn Cycle),
    /// One of many.
    Pick(&'a mut dyn Search),
    /// Any of several.
    Checks(&'a mut dyn CheckList),
}

/// A field, to be drawn.
pub enum FieldRef<'a> {
    /// A text.
    Text(&'a TextField),
    /// One of a few.
    Choice(&'a dyn Cycle),
    /// One of many.
    Pick(&'a dyn Search),
    /// Any of several.
    Checks(&'a dyn CheckList),
}

/// A line of a form, to be drawn.
pub struct FieldLine<'a> {
    /// Which field it is.
    pub key: Key,
    /// What it is called.
    pub label: &'static str,
    /// What is in it.
    pub field: FieldRef<'a>,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What to know of it.
    pub notes: Vec<Note>,
}

impl<'a> FieldLine<'a> {
    /// With nothing wrong.
    pub fn new(key: Key, label: &'static str, field: FieldRef<'a>) -> Self {
        let note = match &field {
            FieldRef::Text(text) => text.note(),
            FieldRef::Pick(pick) => pick.field().note(),
            FieldRef::Choice(_) | FieldRef::Checks(_) => None,
        };
        Self { key, label, field, error: None, notes: note.map(Note::warning).into_iter().collect() }
    }

    /// With these notes as well.
    pub fn with(mut self, notes: impl IntoIterator<Item = Note>) -> Self {
        self.notes.extend(notes);
        self
    }
}

/// What is wrong, field by field: never empty where it is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldErrors(Vec<(Key, String)>);

impl FieldErrors {
    /// This is wrong with it.
    pub fn add(&mut self, key: Key, what: impl ToString) {
        self.0.push((key, what.to_string()));
    }

    /// What is wrong with this one.
    pub fn of(&self, key: Key) -> Option<&str> {
        self.0.iter().find(|(k, _)| *k == key).map(|(_, what)| what.as_str())
    }

    /// The first field something is wrong with.
    pub fn first(&self) -> Option<Key> {
        self.0.first().map(|(key, _)| *key)
    }

    /// The value; or notes what is wrong with it.
    pub fn take<T, E: ToString>(&mut self, key: Key, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|error| self.add(key, error)).ok()
    }
}

/// `rows` whose words hold all words of `query`, whatever their case and accents; at most `most` of them, and how many
/// there are.
pub fn search<T>(
    query: &str,
    rows: impl Iterator<Item = (T, String)>,
    most: usize,
) -> (Vec<(T, String)>, usize) {
    let words: Vec<String> = query.split_whitespace().map(|word| fold(bare(word))).collect();
    let mut kept = Vec::new();
    let mut fitting = 0;
    for (value, text) in rows {
        let folded = fold(&text);
        if words.iter().all(|word| folded.contains(word)) {
            fitting += 1;
            if kept.len() < most {
                kept.push((value, text));
            }
        }
    }
    (kept, fitting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_go_around() {
        let mut choice = Choice::new((1, "one"), [(2, "two")]);
        choice.previous();
        assert_eq!(*choice.value(), 2);
        choice.next();
        assert_eq!(*choice.value(), 1);
    }

    #[test]
    fn picking_takes_the_row_under_the_cursor_and_typing_lets_it_go() {
        let mut pick = Pick::default();
        assert_eq!(pick.take(), Took::Nothing);
        let names = ["shell1", "shell2", "login"].map(|n| (n, n.to_owned()));
        pick.fill(search("SHELL", names.into_iter(), 10));
        pick.step(9);
        assert_eq!(pick.take(), Took::It);
        assert_eq!(pick.value(), Some(&"shell2"));
        pick.step(-1);
        assert_eq!((pick.value(), pick.is_touched()), (None, true), "the list opens where it was chosen");
        assert_eq!(pick.take(), Took::It);
        assert_eq!(pick.value(), Some(&"shell1"));
        pick.edit(&Edit::Insert('l'));
        assert_eq!(pick.value(), None);
    }
}
