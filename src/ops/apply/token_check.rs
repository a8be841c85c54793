//! Looks whether what was done to single tokens has held, with one list for each owner.

use super::bench::Bench;
use super::revoke_all::visible;
use super::tokens::end;
use super::users::conflict;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::text::count;
use crate::model::token::{Ends, Token};
use crate::ops::plan::Note;
use crate::ops::report::{Item, ItemResult};
use crate::ops::step::Target;
use std::collections::BTreeMap;

/// A token to be looked at.
#[derive(Debug, Clone)]
pub(super) struct TokenCheck {
    pub token: TokenUuid,
    /// Whose helper lists it; else the token in use does.
    pub lists: Option<UserUuid>,
    pub wanted: Wanted,
}

/// What it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    Gone,
    Ending(Ends),
}

impl Wanted {
    /// What is wrong with it, if something is.
    fn unmet(&self, token: Option<&Token>) -> Option<String> {
        match (self, token) {
            (Self::Gone, None) => None,
            (Self::Gone, Some(_)) => Some("the server said yes, yet it still lists the token".to_owned()),
            (Self::Ending(wanted), Some(token)) if token.expiry.is_the_same(wanted) => None,
            (Self::Ending(_), Some(token)) => {
                Some(format!("the server said yes, yet the token ends {}", end(&token.expiry)))
            }
            (Self::Ending(_), None) => Some("the server does not list it any more".to_owned()),
        }
    }
}

/// Looks at them, each with the place of its step.
pub(super) async fn check(bench: &Bench<'_>, changed: &[(usize, TokenCheck)]) {
    let mut by_list: BTreeMap<Option<UserUuid>, Vec<(usize, TokenCheck)>> = BTreeMap::new();
    for (place, check) in changed {
        by_list.entry(check.lists).or_default().push((*place, check.clone()));
    }
    for (owner, checks) in by_list {
        let first = checks[0].0;
        let listed = match owner {
            None => visible(bench.cluster).await,
            Some(owner) => match bench.helpers.of(bench, owner).await {
                Ok(helper) => helper.client.tokens_of(owner).await,
                // Without one nothing was done to any of them.
                Err(_) => continue,
            },
        };
        let revoked = checks.iter().all(|(_, check)| check.wanted == Wanted::Gone);
        let there: BTreeMap<TokenUuid, Token> = match listed {
            Ok(rows) => rows.into_iter().map(|row| (row.uuid, row)).collect(),
            Err(error) => {
                let (one, many) =
                    if revoked { ("revoked token", "revoked tokens") } else { ("token", "tokens") };
                let tokens = count(checks.len(), one, many);
                let text =
                    format!("The server said yes, but {tokens} could not be looked for afterwards: {error}.");
                bench.note(first, Note::warning(text));
                continue;
            }
        };
        let mut all_hold = true;
        for (place, check) in &checks {
            if let Some(wrong) = check.wanted.unmet(there.get(&check.token)) {
                all_hold = false;
                let result = ItemResult::Failed(conflict(wrong));
                bench.correct(*place, Item { target: Target::Token(check.token), result });
            }
        }
        if all_hold && revoked {
            bench.note(first, Note::info("Checked: the server lists none of the revoked tokens any more."));
        }
    }
}
