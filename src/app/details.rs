//! The user under the cursor: summary, tokens, VM logins.

use crate::app::remote::Remote;
use crate::app::selection::Chosen;
use crate::model::ids::{LinkUuid, TokenUuid, UserUuid};
use crate::model::token::TokenList;
use crate::ops::read::LoginList;
use crate::ops::summary::Summary;

/// The pane of the user under the cursor.
#[derive(Debug, Default)]
pub struct Details {
    /// Which list of it is shown.
    pub tab: Tab,
    current: Option<UserDetails>,
}

/// A list in the details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// The user's tokens.
    #[default]
    Tokens,
    /// The user's VM logins.
    Logins,
}

/// What is known of one user.
#[derive(Debug)]
pub struct UserDetails {
    /// Who.
    pub user: UserUuid,
    /// What matters beside the record.
    pub summary: Remote<Summary>,
    /// The tokens.
    pub tokens: Remote<TokenList>,
    /// The VM logins.
    pub logins: Remote<LoginList>,
}

impl Details {
    /// What is known of the user that is shown.
    pub fn current(&self) -> Option<&UserDetails> {
        self.current.as_ref()
    }

    /// The marked tokens of the shown user, or the one under the cursor.
    pub fn chosen_tokens(&self) -> Chosen<TokenUuid> {
        Chosen::under_cursor(None)
    }

    /// The marked logins of the shown user, or the one under the cursor; each by its first link.
    pub fn chosen_logins(&self) -> Chosen<LinkUuid> {
        Chosen::under_cursor(None)
    }
}
