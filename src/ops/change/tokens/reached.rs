//! With what tokens are reached, and how one of them is deleted. Another user's are reached with a helper only, and
//! only after every row that it lists was seen to be that user's.

use crate::arvados::client::Client;
use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::writer::Writer;
use crate::model::field::{AFTER_9999, Date};
use crate::model::ids::TokenUuid;
use crate::model::token::{Ends, Expiry, Token};
use crate::model::when;
use crate::ops::engine::haste::{self};
use crate::ops::engine::{Bench, Helper, Seen, SeenTokens, Tried, after_silence, came_out};
use crate::ops::failure::Failure;
use crate::ops::plan::{ItemResult, Note, Unclear, Via};
use crate::ops::tokens;
use std::sync::Arc;

/// With what a user's tokens are reached.
pub(in crate::ops) struct Reached {
    pub client: Client,
    /// The token that asks.
    pub asks_with: TokenUuid,
    pub helper: Option<Arc<Helper>>,
}

impl Reached {
    /// By a helper.
    pub fn by(helper: &Arc<Helper>) -> Self {
        Self { client: helper.client.clone(), asks_with: helper.token.uuid, helper: Some(Arc::clone(helper)) }
    }

    /// By the token in use.
    pub fn by_token_in_use(bench: &Bench<'_>) -> Self {
        Self {
            client: bench.cluster.client.clone(),
            asks_with: bench.cluster.session.my_token(),
            helper: None,
        }
    }

    /// What there is of a token. A helper has listed it, the token in use listed it for the survey, and one that
    /// is to revoke itself can only say of itself.
    pub async fn look_at(
        &self,
        bench: &Bench<'_>,
        token: TokenUuid,
        via: &Via,
    ) -> Result<Option<Token>, Error> {
        match (&self.helper, via) {
            (Some(helper), _) => match helper.seen.as_ref().and_then(|seen| seen.get(token)) {
                Some(row) => Ok(Some(row.clone())),
                None if helper.seen.as_ref().is_some_and(SeenTokens::is_complete) => Ok(None),
                // It may be one of those that could not be listed: what the survey knows of it must do.
                None => match self.client.sees_token(token).await {
                    Ok(false) => Ok(None),
                    Ok(true) => Ok(self.known(bench, token)),
                    Err(error) if tokens::is_no_list(&error) => Ok(self.known(bench, token)),
                    Err(error) => Err(error),
                },
            },
            (None, Via::Itself(_)) => match self.client.current_token().await {
                Ok(row) => Ok(Some(row)),
                Err(error) if error.is_not_authorised() => {
                    bench.cluster.takes_this_token().await.map(|()| None)
                }
                Err(error) => Err(error),
            },
            (None, Via::TokenInUse | Via::Helper) => Ok(bench.names.tokens.get(&token).cloned()),
        }
    }

    /// A token as the survey knew it, whose owner is sure: a helper sees its owner's only.
    pub fn known(&self, bench: &Bench<'_>, token: TokenUuid) -> Option<Token> {
        let owner = self.helper.as_ref()?.token.owner;
        let known = bench.names.tokens.get(&token).cloned();
        Some(known.map_or_else(|| Token::bare(token, owner), |known| Token { owner, ..known }))
    }

    /// Whether it is a helper that somebody ended.
    pub async fn is_ended(&self, bench: &Bench<'_>, error: &Error) -> bool {
        self.helper.is_some() && haste::is_ended(bench, &self.client, error).await
    }

    /// What a refusal means. A helper's 401 says nothing about the token in use, so it must not end the
    /// whole batch.
    pub fn failure(&self, error: &Error) -> Failure {
        let failure = Failure::from(error);
        match &self.helper {
            Some(helper) if failure.kind == ErrorKind::NotAuthorised => Failure {
                kind: ErrorKind::Conflict,
                reason: format!("the helper token {} is not valid any more", helper.token.uuid),
                advice: "somebody revoked it meanwhile, or it ended: try again",
                ..failure
            },
            _ => failure,
        }
    }
}

/// Makes ready to ask about `token` without a helper.
pub(in crate::ops) fn reach(bench: &Bench<'_>, token: TokenUuid, via: &Via) -> Result<Reached, Failure> {
    Ok(match via {
        Via::TokenInUse | Via::Helper => Reached::by_token_in_use(bench),
        Via::Itself(secret) => {
            Reached { client: bench.cluster.client.with_token(secret)?, asks_with: token, helper: None }
        }
    })
}

/// A token that the server does not delete, be it as if it were none: it was looked for, and it lives.
fn lives_on(refusal: &Error, was_asked: bool) -> Failure {
    let seen = if was_asked { "it still takes the token" } else { "it still lists the token" };
    let failure = Failure::from(refusal);
    Failure {
        // Not what the answer says: it would end the batch, or be taken for an end.
        kind: ErrorKind::Conflict,
        reason: format!("not deleted: the server answers \"{}\", yet {seen}: it is alive", failure.reason),
        advice: "revoke it by its UUID, or deactivate its owner: that ends all",
        ..failure
    }
}

/// Whether a token is still there.
async fn is_there(bench: &Bench<'_>, reached: &Reached, token: TokenUuid) -> Result<bool, Error> {
    // A token that is dead, or may not list, can still say of itself, and only of itself.
    if reached.asks_with != token {
        return reached.client.sees_token(token).await;
    }
    match reached.client.current_token().await {
        Ok(_) => Ok(true),
        Err(error) if error.is_not_authorised() => {
            if token != bench.cluster.session.my_token() {
                bench.cluster.takes_this_token().await?;
            }
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Deletes a token, and says what became of it; looks for it where the answer does not tell.
pub(in crate::ops) async fn delete(
    bench: &Bench<'_>,
    reached: &Reached,
    token: TokenUuid,
) -> Tried<ItemResult> {
    let Err(error) = Writer::new(&reached.client, bench.leave).delete_token(token).await else {
        return Tried::Through(ItemResult::Done);
    };
    if reached.is_ended(bench, &error).await {
        return Tried::Ended;
    }
    let unknown = error.leaves_write_unknown();
    let perhaps_gone =
        error.kind() == ErrorKind::NotFound || (error.is_not_authorised() && reached.asks_with == token);
    if !unknown && !perhaps_gone {
        return Tried::Through(ItemResult::Failed(reached.failure(&error)));
    }
    let there = is_there(bench, reached, token).await;
    if let Err(again) = &there
        && !unknown
        && reached.is_ended(bench, again).await
    {
        return Tried::Ended;
    }
    if unknown {
        let seen = |there| {
            if there { Seen::Otherwise("the server still lists it".to_owned()) } else { Seen::AsWanted }
        };
        return Tried::Through(came_out(after_silence(bench, token.as_str(), &error, there.map(seen))));
    }
    Tried::Through(match there {
        Ok(false) => ItemResult::Unchanged("already gone".to_owned()),
        // Its words would read as if the token were dead.
        Ok(true) => ItemResult::Failed(lives_on(&error, reached.asks_with == token)),
        Err(again) => {
            let seen = format!("{error}; looking again failed too: {again}");
            ItemResult::Unknown(Unclear::of(&error, seen))
        }
    })
}

pub(in crate::ops) fn clamped(token: TokenUuid, asked: Expiry, is: &Ends) -> Note {
    Note::warning(format!(
        "Asked was that {token} ends {}, the server made it end {} (its MaxTokenLifetime?)",
        end(&asked.into()),
        end(is)
    ))
}

pub(in crate::ops) fn end(ends: &Ends) -> String {
    match ends {
        Ends::On(Date::At(at)) => format!("at {}", when::date_time(*at)),
        Ends::On(Date::After9999(_)) => AFTER_9999.to_owned(),
        Ends::On(Date::Unreadable(what)) => format!("at a date that is {what}"),
        Ends::Never => "never".to_owned(),
    }
}
