//! Looks whether what was done to single tokens has held, with one list for each owner.

use crate::arvados::client::Client;
use crate::arvados::error::Error;
use crate::arvados::tokens::{Reading, Readings};
use crate::model::field::Date;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::session::TokenAccess;
use crate::model::text::count;
use crate::model::token::{Ends, Token};
use crate::ops::change::tokens::reached::end;
use crate::ops::engine::haste::{self};
use crate::ops::engine::{Bench, Helper, NoHelper, SeenTokens, TokenCheck, TokenIs, Tried, visible};
use crate::ops::failure::{Failure, conflict};
use crate::ops::plan::{Item, ItemResult, Note, Target};
use crate::ops::tokens::FEW;
use std::collections::BTreeMap;
use std::sync::Arc;

impl TokenIs {
    /// What is wrong with it, if something is.
    fn unmet(&self, token: Option<&Token>) -> Option<String> {
        match (self, token) {
            // The answer to a change said when the token ends, if that can't be read now.
            (Self::Gone, None)
            | (Self::Ending(_), Some(Token { expiry: Ends::On(Date::Unreadable(_)), .. })) => None,
            (Self::Gone, Some(_)) => Some("the server said yes, yet it still lists the token".to_owned()),
            (Self::Ending(wanted), Some(token)) if token.expiry.is_the_same(wanted) => None,
            (Self::Ending(_), Some(token)) => {
                Some(format!("the server said yes, yet the token ends {}", end(&token.expiry)))
            }
            (Self::Ending(_), None) => Some("the server does not list it any more".to_owned()),
        }
    }
}

/// What the root token sees of these: each by its own UUID, the one filter there is, since its list has
/// everybody's.
async fn one_by_one(bench: &Bench<'_>, checks: &[(usize, TokenCheck)]) -> Result<SeenTokens, Error> {
    let client = &bench.cluster.client;
    let mut seen = SeenTokens::none();
    for (_, check) in checks {
        match (&check.wanted, bench.names.tokens.get(&check.token)) {
            // Only whether it is there matters, and that can be said of every one.
            (TokenIs::Gone, Some(token)) => {
                if client.sees_token(check.token).await? {
                    seen.rows.push(token.clone());
                }
            }
            (TokenIs::Gone, None) | (TokenIs::Ending(_), _) => {
                seen.rows.extend(client.visible_token(check.token, None).await?);
            }
        }
    }
    Ok(seen)
}

/// What a helper sees of its owner's tokens. Where these do not stand still, those that were revoked are asked for
/// one by one.
async fn by_helper(
    bench: &Bench<'_>,
    client: &Client,
    owner: UserUuid,
    checks: &[(usize, TokenCheck)],
) -> Result<SeenTokens, Error> {
    let seen = SeenTokens::of(bench.cluster, client, owner, Readings::UntilQuiet).await?;
    let revoked = checks.iter().all(|(_, check)| check.wanted == TokenIs::Gone);
    if seen.reading == Reading::Quiet || !revoked || checks.len() > FEW {
        return Ok(seen);
    }
    let mut rows = Vec::new();
    for (_, check) in checks {
        if client.sees_token(check.token).await? {
            rows.push(Token::bare(check.token, owner));
        }
    }
    Ok(SeenTokens { rows, ..SeenTokens::none() })
}

/// The same with whatever helper lives long enough.
async fn by_helpers(
    bench: &Bench<'_>,
    owner: UserUuid,
    checks: &[(usize, TokenCheck)],
) -> Result<SeenTokens, Failure> {
    match bench.helpers.of(bench, owner).await {
        Ok(helper) => match by_helper(bench, &helper.client, owner, checks).await {
            Ok(seen) => return Ok(seen),
            Err(error) if haste::is_ended(bench, &helper.client, &error).await => {
                bench.helpers.ended(bench, &helper).await;
            }
            Err(error) => return Err(error.into()),
        },
        Err(NoHelper::Ended) => {}
        Err(NoHelper::Refused(failure)) => return Err(failure),
    }
    let tell = |ended| bench.say(haste::being_ended(bench, owner, ended, 0));
    let looked =
        bench.helpers.in_haste(bench, owner, tell, Result::is_ok, |helper: Arc<Helper>| async move {
            match by_helper(bench, &helper.client, owner, checks).await {
                Err(error) if haste::is_ended(bench, &helper.client, &error).await => Tried::Ended,
                seen => Tried::Through(seen.map_err(Failure::from)),
            }
        });
    Box::pin(looked).await?
}

/// Looks at them, each with the place of its step.
pub(in crate::ops) async fn check(bench: &Bench<'_>, changed: &[(usize, TokenCheck)]) {
    let mut by_list: BTreeMap<Option<UserUuid>, Vec<(usize, TokenCheck)>> = BTreeMap::new();
    for (place, check) in changed {
        by_list.entry(check.lists).or_default().push((*place, check.clone()));
    }
    for (owner, checks) in by_list {
        let first = checks[0].0;
        let listed = match owner {
            None if bench.cluster.session.access == TokenAccess::All && checks.len() <= FEW => {
                one_by_one(bench, &checks).await.map_err(Failure::from)
            }
            None => visible(bench.cluster, Readings::UntilQuiet).await.map_err(Failure::from),
            Some(owner) => by_helpers(bench, owner, &checks).await,
        };
        let revoked = checks.iter().all(|(_, check)| check.wanted == TokenIs::Gone);
        let there: BTreeMap<TokenUuid, Token> = match listed {
            Ok(seen) if seen.is_complete() => seen.rows.into_iter().map(|row| (row.uuid, row)).collect(),
            incomplete_or_not => {
                let error = match incomplete_or_not {
                    Ok(seen) => seen.why_incomplete(),
                    Err(failure) => failure.reason,
                };
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
