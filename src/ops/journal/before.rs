//! What the journal keeps of what was there before a step.

use crate::arvados::links::Link;
use crate::arvados::users::Preferences;
use crate::model::field::{Date, Field, Text};
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::ssh_key::SshKey;
use crate::model::token::Token;
use crate::model::user::User;
use serde::Serialize;

/// What was there before a step: enough to bring it back by hand.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Before {
    /// `is_active` of the user it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// `is_admin` of the user it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_admin: Option<bool>,
    /// Links that go or change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// SSH keys that go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyBefore>,
    /// The user's preferences, as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefs: Option<String>,
    /// What is not written down of them: nobody's preferences may fill the disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefs_cut: Option<String>,
    /// What else was there is not known: which of it, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_known: Vec<String>,
    /// How many things the user owned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owned: Option<usize>,
    /// Tokens that go or change, without their secrets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<TokenBefore>,
}

/// A token that goes or changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenBefore {
    uuid: TokenUuid,
    owner_uuid: UserUuid,
    scopes: Field<Vec<String>>,
    created_at: Option<Date>,
    expires_at: Option<Date>,
}

/// An SSH key that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyBefore {
    uuid: String,
    name: String,
    owner_uuid: UserUuid,
    authorized_user_uuid: UserUuid,
    public_key: String,
    /// Those of them that are not whole, because they can't be read or are too long.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cut: Vec<&'static str>,
}

impl Before {
    /// The flags of a user, as far as they can be read.
    pub fn flags_of(user: &User) -> Self {
        Self { is_active: user.active_flag(), is_admin: user.admin_flag(), ..Self::default() }
    }

    /// With the user's preferences, if they were read.
    pub fn with_preferences(self, prefs: Option<Preferences>) -> Self {
        match prefs {
            None => self,
            Some(Preferences::Whole(json)) => Self { prefs: Some(json), ..self },
            Some(Preferences::TooLong(bytes)) => {
                let bytes = bytes.map_or_else(|| "too long".to_owned(), |bytes| format!("{bytes} bytes"));
                Self { prefs_cut: Some(format!("{bytes}: not kept")), ..self }
            }
        }
    }

    /// Links that go or change.
    pub fn links(links: Vec<Link>) -> Self {
        Self { links, ..Self::default() }
    }

    /// Tokens that go or change.
    pub fn tokens<'a>(tokens: impl IntoIterator<Item = &'a Token>) -> Self {
        Self { tokens: tokens.into_iter().map(TokenBefore::from).collect(), ..Self::default() }
    }
}

impl From<&Token> for TokenBefore {
    fn from(token: &Token) -> Self {
        Self {
            uuid: token.uuid,
            owner_uuid: token.owner,
            scopes: token.scopes_to_wire(),
            created_at: token.created_at.clone(),
            expires_at: token.expiry.date().cloned(),
        }
    }
}

impl From<SshKey> for KeyBefore {
    fn from(key: SshKey) -> Self {
        Self {
            uuid: key.uuid.to_string(),
            name: key.name.raw().to_owned(),
            owner_uuid: key.owner,
            authorized_user_uuid: key.user,
            public_key: key.public_key.raw().to_owned(),
            cut: [("name", &key.name), ("public_key", &key.public_key)]
                .into_iter()
                .filter(|(_, text)| matches!(text, Text::Unreadable(_)))
                .map(|(name, _)| name)
                .collect(),
        }
    }
}
