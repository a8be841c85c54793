//! The form for a new token.

use super::expiry::ExpiryFields;
use super::fields::{Choice, FieldErrors, FieldLine, FieldMut, FieldRef, Key};
use super::fill::Fill;
use crate::app::overlay::field::TextField;
use crate::model::ids::UserUuid;
use crate::model::token::Scopes;
use crate::model::user::{User, UserStatus};
use crate::ops::intent::{self, Intent};
use crate::ops::plan::Note;
use jiff::Timestamp;

/// The form for a new token.
#[derive(Debug)]
pub struct IssueTokenForm {
    owner: UserUuid,
    name: String,
    notes: Vec<Note>,
    expiry: ExpiryFields,
    scopes: Choice<Preset>,
    list: TextField,
}

/// What a token allows, as it is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Preset {
    /// What `Scopes` reads.
    Text(&'static str),
    /// What is typed.
    List,
}

impl IssueTokenForm {
    /// For this user.
    pub fn new(owner: UserUuid, user: Option<&User>) -> Self {
        let mut notes = Vec::new();
        if let Some(user) = user {
            if user.is_perhaps_admin() {
                let is = if user.is_admin() { "is" } else { "is perhaps" };
                notes.push(Note::danger(format!(
                    "This user {is} an admin: a token with all scopes may do everything on the cluster.",
                )));
            }
            if user.status != UserStatus::Active {
                notes.push(Note::warning(format!(
                    "This user is not active ({}): the token reads little until it is.",
                    user.status.word()
                )));
            }
        }
        let scopes = Choice::new(
            (Preset::Text("all"), "all"),
            [
                (Preset::Text("GET /"), "read only"),
                (
                    Preset::Text("GET /arvados/v1/collections, GET /arvados/v1/collections/"),
                    "read collections",
                ),
                (Preset::List, "a list"),
            ],
        );
        Self {
            owner,
            name: user.map_or_else(|| owner.to_string(), User::display_name),
            notes,
            expiry: ExpiryFields::default(),
            scopes,
            list: TextField::new("GET /arvados/v1/"),
        }
    }
}

impl Fill for IssueTokenForm {
    fn title(&self) -> String {
        format!("Token for {}", self.name)
    }

    fn submit_label(&self) -> String {
        "issue the token".to_owned()
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = self.expiry.keys();
        keys.push(Key::Scopes);
        if *self.scopes.value() == Preset::List {
            keys.push(Key::ScopeList);
        }
        keys
    }

    fn line(&self, key: Key) -> Option<FieldLine<'_>> {
        match key {
            Key::Scopes => {
                let note = match self.scopes.value() {
                    Preset::Text("all") => Some(Note::info("all that the user may do")),
                    Preset::Text(text) => Some(Note::info(*text)),
                    Preset::List => None,
                };
                Some(FieldLine::new(key, "Scopes", FieldRef::Choice(&self.scopes)).with(note))
            }
            Key::ScopeList => Some(FieldLine::new(key, "Requests", FieldRef::Text(&self.list)).with(Some(
                Note::info("METHOD /path, several with commas; a path that ends in / allows all below it"),
            ))),
            key => self.expiry.line(key),
        }
    }

    fn field(&mut self, key: Key) -> Option<FieldMut<'_>> {
        match key {
            Key::Scopes => Some(FieldMut::Choice(&mut self.scopes)),
            Key::ScopeList => Some(FieldMut::Text(&mut self.list)),
            key => self.expiry.field(key),
        }
    }

    fn preview(&self) -> Vec<Note> {
        self.notes.clone()
    }

    fn parse(&self, now: Timestamp) -> Result<Intent, FieldErrors> {
        let mut errors = FieldErrors::default();
        let expiry = self.expiry.parse(now, &mut errors);
        let scopes = match self.scopes.value() {
            Preset::Text(text) => errors.take(Key::Scopes, text.parse::<Scopes>()),
            Preset::List => errors.take(Key::ScopeList, self.list.text().parse::<Scopes>()),
        };
        match (expiry, scopes) {
            (Some(expiry), Some(scopes)) => {
                Ok(Intent::IssueToken(intent::IssueToken { owner: self.owner, expiry, scopes }))
            }
            _ => Err(errors),
        }
    }
}
