//! When a token ends: presets or a date. And the form that changes it.

use super::fields::{Choice, FieldErrors, FieldLine, FieldMut, FieldRef, Key};
use super::fill::Fill;
use crate::app::overlay::field::TextField;
use crate::model::ids::TokenUuid;
use crate::model::text::count;
use crate::model::token::Expiry;
use crate::model::when::parse_expiry;
use crate::ops::intent::{self, Intent};
use crate::ops::plan::Note;
use jiff::Timestamp;

/// When a token ends, as it is chosen.
#[derive(Debug, Clone)]
pub struct ExpiryFields {
    preset: Choice<Preset>,
    date: TextField,
}

/// When a token ends, before it is known from when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Preset {
    /// What `parse_expiry` reads.
    Text(&'static str),
    /// What is typed.
    Date,
    /// As it is now: nothing is changed by whoever opens the form and submits it untouched.
    AsItIs,
}

impl Default for ExpiryFields {
    /// 30 days: long enough to work with, short enough to be forgotten.
    fn default() -> Self {
        let [day, rest @ ..] = ENDS;
        let mut preset = Choice::new(day, rest);
        preset.choose(|preset| *preset == Preset::Text("30d"));
        Self { preset, date: TextField::default() }
    }
}

/// The ends to choose from.
const ENDS: [(Preset, &str); 5] = [
    (Preset::Text("1d"), "1 day"),
    (Preset::Text("30d"), "30 days"),
    (Preset::Text("1y"), "1 year"),
    (Preset::Text("never"), "never"),
    (Preset::Date, "a date"),
];

impl ExpiryFields {
    /// Of tokens that are there: as they are, until something is chosen.
    pub fn of_tokens() -> Self {
        Self { preset: Choice::new((Preset::AsItIs, "as it is"), ENDS), date: TextField::default() }
    }

    /// The fields that can be filled in.
    pub fn keys(&self) -> Vec<Key> {
        match self.preset.value() {
            Preset::Date => vec![Key::Expiry, Key::ExpiryDate],
            Preset::Text(_) | Preset::AsItIs => vec![Key::Expiry],
        }
    }

    /// One of them, to be drawn.
    pub fn line(&self, key: Key) -> Option<FieldLine<'_>> {
        match key {
            Key::Expiry => Some(
                FieldLine::new(key, "Expires", FieldRef::Choice(&self.preset))
                    .with((*self.preset.value() == Preset::Text("never")).then(|| {
                        Note::warning("a token that never expires works until somebody revokes it")
                    })),
            ),
            Key::ExpiryDate => Some(FieldLine::new(key, "Date", FieldRef::Text(&self.date)).with(Some(
                Note::info("2027-01-31, 2027-01-31T18:00 (UTC), or a time from now: 12h, 30d, 6mo"),
            ))),
            _ => None,
        }
    }

    /// One of them, to be edited.
    pub fn field(&mut self, key: Key) -> Option<FieldMut<'_>> {
        match key {
            Key::Expiry => Some(FieldMut::Choice(&mut self.preset)),
            Key::ExpiryDate => Some(FieldMut::Text(&mut self.date)),
            _ => None,
        }
    }

    /// When it ends; no unreadable date gets past this (api.md v9).
    pub fn parse(&self, now: Timestamp, errors: &mut FieldErrors) -> Option<Expiry> {
        match self.preset.value() {
            Preset::Text(text) => errors.take(Key::Expiry, parse_expiry(text, now)),
            Preset::Date => errors.take(Key::ExpiryDate, parse_expiry(self.date.text(), now)),
            Preset::AsItIs => errors.take(Key::Expiry, Err("choose another end with Left and Right")),
        }
    }
}

/// The form that changes when tokens end.
#[derive(Debug)]
pub struct ChangeExpiryForm {
    tokens: Vec<TokenUuid>,
    owner: String,
    expiry: ExpiryFields,
}

impl ChangeExpiryForm {
    /// Of these tokens of one user.
    pub fn new(tokens: Vec<TokenUuid>, owner: String) -> Self {
        Self { tokens, owner, expiry: ExpiryFields::of_tokens() }
    }
}

impl Fill for ChangeExpiryForm {
    fn title(&self) -> String {
        format!("Expiry of {} of {}", count(self.tokens.len(), "token", "tokens"), self.owner)
    }

    fn submit_label(&self) -> String {
        "change the expiry".to_owned()
    }

    fn keys(&self) -> Vec<Key> {
        self.expiry.keys()
    }

    fn line(&self, key: Key) -> Option<FieldLine<'_>> {
        self.expiry.line(key)
    }

    fn field(&mut self, key: Key) -> Option<FieldMut<'_>> {
        self.expiry.field(key)
    }

    fn preview(&self) -> Vec<Note> {
        match self.tokens.as_slice() {
            [only] => vec![Note::info(only.to_string())],
            _ => Vec::new(),
        }
    }

    fn parse(&self, now: Timestamp) -> Result<Intent, FieldErrors> {
        let mut errors = FieldErrors::default();
        match self.expiry.parse(now, &mut errors) {
            Some(expiry) => {
                Ok(Intent::ChangeExpiry(intent::ChangeExpiry { tokens: self.tokens.clone(), expiry }))
            }
            None => Err(errors),
        }
    }
}
