//! Applying what is done to tokens. Another user's tokens are reached with a helper only, and only after
//! every row that it lists was seen to be that user's.

use super::bench::{Bench, StepDone, failed};
use super::check::Check;
use super::haste::{self, Tried};
use super::helpers::{self, Helper, NoHelper};
use super::seen::{How, SeenTokens};
use super::silence::{Seen, after_silence, came_out};
use super::token_check::{TokenCheck, Wanted};
use crate::arvados::client::Client;
use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::tokens::Readings;
use crate::arvados::writer::Writer;
use crate::model::field::{AFTER_9999, Date};
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::text::listed;
use crate::model::token::{Ends, Expiry, Token, TokenList, TokenSource};
use crate::model::when;
use crate::ops::failure::Failure;
use crate::ops::journal::Before;
use crate::ops::plan::Note;
use crate::ops::report::{ItemResult, Unclear};
use crate::ops::step::{Step, Target, Via};
use crate::ops::tokens;
use std::sync::Arc;

/// With what a user's tokens are reached.
pub(super) struct Reached {
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
    async fn look_at(&self, bench: &Bench<'_>, token: TokenUuid, via: &Via) -> Result<Option<Token>, Error> {
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
    fn known(&self, bench: &Bench<'_>, token: TokenUuid) -> Option<Token> {
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
fn reach(bench: &Bench<'_>, token: TokenUuid, via: &Via) -> Result<Reached, Failure> {
    Ok(match via {
        Via::TokenInUse | Via::Helper => Reached::by_token_in_use(bench),
        Via::Itself(secret) => {
            Reached { client: bench.cluster.client.with_token(secret)?, asks_with: token, helper: None }
        }
    })
}

/// What is done to a token that was found.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Revoke,
    End(Expiry),
}

/// How it came out.
enum Outcome {
    /// It is so, with the end that the server gave it.
    Done(Option<Ends>),
    Other(ItemResult),
    /// These do not see it. Whether it is gone is not for them to say.
    NotThere,
}

/// Finds a token and does something to it.
async fn find_and_do(
    bench: &Bench<'_>,
    reached: &Reached,
    errand: Errand<'_>,
    owner: UserUuid,
) -> Tried<Outcome> {
    let Errand { step, token, via, deed } = errand;
    // One that was made in haste has no time to look.
    let in_haste = reached.helper.as_ref().is_some_and(|helper| helper.seen.is_none());
    let row = if in_haste {
        reached.known(bench, token)
    } else {
        match reached.look_at(bench, token, via).await {
            Ok(row) => row,
            Err(error) if reached.is_ended(bench, &error).await => return Tried::Ended,
            Err(error) => return Tried::Through(Outcome::Other(ItemResult::Failed(reached.failure(&error)))),
        }
    };
    let Some(row) = row else { return Tried::Through(Outcome::NotThere) };
    if row.uuid != token || row.owner != owner {
        return Tried::Through(Outcome::Other(failed(&Error::Untrustworthy(format!(
            "asked for {token} of {owner}, the server gave {} of {}: nothing is done to it",
            row.uuid, row.owner
        )))));
    }
    if let Deed::End(expiry) = deed
        && !in_haste
        && row.expiry.is(expiry)
    {
        return Tried::Through(Outcome::Other(ItemResult::Unchanged("ends then already".to_owned())));
    }
    if let Err(failure) = bench.write_down(step, &Before::tokens([&row])) {
        return Tried::Through(Outcome::Other(ItemResult::Failed(failure)));
    }
    match deed {
        Deed::Revoke => match delete(bench, reached, token).await {
            Tried::Through(ItemResult::Done) => Tried::Through(Outcome::Done(None)),
            // Whose it is was not seen, so that it is not there proves nothing.
            Tried::Through(ItemResult::Unchanged(_)) if in_haste => Tried::Through(Outcome::NotThere),
            Tried::Through(result) => Tried::Through(Outcome::Other(result)),
            Tried::Ended => Tried::Ended,
        },
        Deed::End(expiry) => change(bench, reached, token, owner, expiry).await,
    }
}

/// A step that does something to one token.
#[derive(Clone, Copy)]
struct Errand<'a> {
    step: &'a Step,
    token: TokenUuid,
    via: &'a Via,
    deed: Deed,
}

/// The same with a helper of this owner: as many as it takes.
async fn with_helper(bench: &Bench<'_>, errand: Errand<'_>, owner: UserUuid) -> Outcome {
    match bench.helpers.of(bench, owner).await {
        Ok(helper) => match find_and_do(bench, &Reached::by(&helper), errand, owner).await {
            Tried::Through(outcome) => return outcome,
            Tried::Ended => bench.helpers.ended(bench, &helper).await,
        },
        Err(NoHelper::Ended) => {}
        Err(NoHelper::Refused(failure)) => return Outcome::Other(ItemResult::Failed(failure)),
    }
    let tell = |ended| bench.say(haste::being_ended(bench, owner, ended, 1));
    // Of several at a time one did it, and the others came too late.
    let is_done = |outcome: &Outcome| matches!(outcome, Outcome::Done(_));
    let tried = bench.helpers.in_haste(bench, owner, tell, is_done, |helper: Arc<Helper>| async move {
        find_and_do(bench, &Reached::by(&helper), errand, owner).await
    });
    Box::pin(tried).await.unwrap_or_else(|failure| Outcome::Other(ItemResult::Failed(failure)))
}

/// Does it with whatever reaches the token; of a token with several owners by the log, with each in turn. Whose it
/// was.
async fn carry_out(bench: &Bench<'_>, errand: Errand<'_>, owner: UserUuid) -> (Outcome, UserUuid) {
    if !matches!(errand.via, Via::Helper) {
        let outcome = match reach(bench, errand.token, errand.via) {
            Ok(reached) => match find_and_do(bench, &reached, errand, owner).await {
                Tried::Through(outcome) => outcome,
                Tried::Ended => Outcome::NotThere,
            },
            Err(failure) => Outcome::Other(ItemResult::Failed(failure)),
        };
        return (outcome, owner);
    }
    let owners = helpers::owners(errand.step, owner, bench.names);
    // The likeliest alone, the others some at a time. What has begun is never broken off.
    let (first, others) = owners.split_at(1);
    let mut failed = None;
    for some in std::iter::once(first).chain(others.chunks(OWNERS_AT_ONCE)) {
        if bench.must_stop() {
            return (Outcome::Other(ItemResult::NotStarted), owner);
        }
        let tried = some
            .iter()
            .map(|&owner| async move { (Box::pin(with_helper(bench, errand, owner)).await, owner) });
        let tried = futures::future::join_all(tried).await;
        for (outcome, owner) in tried {
            match outcome {
                Outcome::NotThere => {}
                // Whoever made an owner up may have named one of whom nothing can be asked.
                Outcome::Other(ItemResult::Failed(_)) => drop(failed.get_or_insert((outcome, owner))),
                Outcome::Done(_) | Outcome::Other(_) => return (outcome, owner),
            }
        }
    }
    if let Some(failed) = failed {
        return failed;
    }
    let names: Vec<String> = owners.iter().map(|owner| bench.names.user(*owner)).collect();
    let or_else = match bench.names.owners_not_asked.get(&errand.token) {
        Some(untried) => format!("of one of {untried} more whom the audit log names and who were not asked"),
        None => "of somebody whom the audit log does not name".to_owned(),
    };
    let reason = format!("not found among the tokens of {}: gone, or {or_else}", listed(&names));
    let failure =
        Failure::plain(ErrorKind::NotFound, reason, "the system root token, or the token itself, can tell");
    (Outcome::Other(ItemResult::Failed(failure)), owner)
}

/// With so many owners at a time a token is looked for.
const OWNERS_AT_ONCE: usize = 4;

/// Revokes one token.
pub(super) async fn revoke(
    bench: &Bench<'_>,
    step: &Step,
    token: TokenUuid,
    owner: UserUuid,
    via: &Via,
) -> StepDone {
    match carry_out(bench, Errand { step, token, via, deed: Deed::Revoke }, owner).await {
        (Outcome::Done(_), owner) => match reach(bench, token, via) {
            Ok(reached) if reached.asks_with == token && !matches!(via, Via::Helper) => {
                StepDone::of(step, has_ended(bench, &reached.client, token).await)
            }
            Ok(_) | Err(_) => done(bench, step, token, owner, via, Wanted::Gone),
        },
        // The token itself is refused, or the root token does not see it.
        (Outcome::NotThere, _) => StepDone::of(step, ItemResult::Unchanged("already gone".to_owned())),
        (Outcome::Other(result), _) => StepDone::of(step, result),
    }
}

/// Whether a token that was deleted with its own secret has ended: nothing else may see it, so it is asked.
/// That it is refused is what was wanted, if the server still takes the token in use.
async fn has_ended(bench: &Bench<'_>, itself: &Client, token: TokenUuid) -> ItemResult {
    let seen = match itself.current_token().await {
        Ok(_) => {
            return ItemResult::Failed(Failure::plain(
                ErrorKind::Conflict,
                "the server said yes, yet it still takes the token: it is alive",
                "revoke it by its UUID, or deactivate its owner",
            ));
        }
        Err(error) if error.is_not_authorised() && token == bench.cluster.session.my_token() => Ok(()),
        Err(error) if error.is_not_authorised() => bench.cluster.takes_this_token().await,
        Err(error) => Err(error),
    };
    match seen {
        Ok(()) => ItemResult::Done,
        Err(error) => {
            let seen = format!("the server said yes; whether it still takes the token is unknown: {error}");
            ItemResult::Unknown(Unclear::of(&error, seen))
        }
    }
}

/// Changes when one token ends.
pub(super) async fn change_expiry(
    bench: &Bench<'_>,
    step: &Step,
    token: TokenUuid,
    owner: UserUuid,
    expiry: Expiry,
    via: &Via,
) -> StepDone {
    match carry_out(bench, Errand { step, token, via, deed: Deed::End(expiry) }, owner).await {
        (Outcome::Done(Some(ends)), owner) => {
            let done = done(bench, step, token, owner, via, Wanted::Ending(ends.clone()));
            if ends.is(expiry) { done } else { done.note(clamped(token, expiry, &ends)) }
        }
        (Outcome::Done(None), _) => StepDone::of(step, ItemResult::Done),
        (Outcome::NotThere, _) => StepDone::of(step, gone()),
        (Outcome::Other(result), _) => StepDone::of(step, result),
    }
}

/// Done by the server's word, and looked at later where something can look: the token in use can't list itself
/// after its own end, nor can one that was reached by its own secret.
fn done(
    bench: &Bench<'_>,
    step: &Step,
    token: TokenUuid,
    owner: UserUuid,
    via: &Via,
    wanted: Wanted,
) -> StepDone {
    let lists = match via {
        Via::Helper => Some(owner),
        Via::TokenInUse => None,
        Via::Itself(_) => return StepDone::of(step, ItemResult::Done),
    };
    if token == bench.cluster.session.my_token() {
        return StepDone::of(step, ItemResult::Done);
    }
    StepDone::to_be_checked(step, Check::Token(TokenCheck { token, lists, wanted }))
}

/// What to say when there is nothing to change.
fn gone() -> ItemResult {
    ItemResult::Failed(Failure::plain(
        ErrorKind::NotFound,
        "it is gone: somebody revoked it meanwhile",
        "refresh",
    ))
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
pub(super) async fn delete(bench: &Bench<'_>, reached: &Reached, token: TokenUuid) -> Tried<ItemResult> {
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

/// When it ends now, which the server may have limited.
async fn change(
    bench: &Bench<'_>,
    reached: &Reached,
    token: TokenUuid,
    owner: UserUuid,
    expiry: Expiry,
) -> Tried<Outcome> {
    let answer = Writer::new(&reached.client, bench.leave).change_expiry(token, owner, expiry).await;
    Tried::Through(match answer {
        Ok(changed) if changed.uuid == token && changed.owner == owner => Outcome::Done(Some(changed.expiry)),
        Ok(other) => Outcome::Other(failed(&Error::Untrustworthy(format!(
            "asked to change {token} of {owner}, the server answered with {} of {}",
            other.uuid, other.owner
        )))),
        Err(error) if error.leaves_write_unknown() => {
            let looked = reached.client.visible_token(token, Some(owner)).await.map(|row| match row {
                Some(row) if row.expiry.is(expiry) => Seen::AsWanted,
                Some(row) => Seen::Otherwise(format!("it ends {}", end(&row.expiry))),
                None => Seen::Otherwise("the server does not list it any more".to_owned()),
            });
            match came_out(after_silence(bench, token.as_str(), &error, looked)) {
                ItemResult::Done => Outcome::Done(Some(expiry.into())),
                result => Outcome::Other(result),
            }
        }
        Err(error) if reached.is_ended(bench, &error).await => return Tried::Ended,
        Err(error) if error.kind() == ErrorKind::NotFound && reached.helper.is_some() => {
            match reached.client.sees_token(token).await {
                Ok(true) => Outcome::Other(ItemResult::Failed(Failure {
                    kind: ErrorKind::Conflict,
                    reason: format!(
                        "not changed: the server answers \"{error}\", yet it still lists the token"
                    ),
                    ..Failure::from(&error)
                })),
                Ok(false) => Outcome::NotThere,
                Err(again) if reached.is_ended(bench, &again).await => return Tried::Ended,
                Err(again) => {
                    let seen = format!("{error}; looking again failed too: {again}");
                    Outcome::Other(ItemResult::Unknown(Unclear::of(&error, seen)))
                }
            }
        }
        Err(error) => Outcome::Other(ItemResult::Failed(reached.failure(&error))),
    })
}

pub(super) fn clamped(token: TokenUuid, asked: Expiry, is: &Ends) -> Note {
    Note::warning(format!(
        "Asked was that {token} ends {}, the server made it end {} (its MaxTokenLifetime?)",
        end(&asked.into()),
        end(is)
    ))
}

pub(super) fn end(ends: &Ends) -> String {
    match ends {
        Ends::On(Date::At(at)) => format!("at {}", when::date_time(*at)),
        Ends::On(Date::After9999(_)) => AFTER_9999.to_owned(),
        Ends::On(Date::Unreadable(what)) => format!("at a date that is {what}"),
        Ends::Never => "never".to_owned(),
    }
}

/// Lists a user's tokens with a helper.
pub(super) async fn list_exactly(bench: &Bench<'_>, owner: UserUuid) -> Result<StepDone, Failure> {
    let seen = match bench.helpers.of(bench, owner).await {
        Ok(helper) => helper.seen.clone(),
        Err(NoHelper::Ended) => None,
        Err(NoHelper::Refused(failure)) => return Err(failure),
    };
    let seen = match seen {
        Some(seen) => seen,
        None => list_in_haste(bench, owner).await?,
    };
    let mut done = StepDone::one(Target::User(owner), ItemResult::Done);
    let rows = match tokens::with_origins(bench.cluster, owner, seen.rows.clone()).await {
        Ok(rows) => rows,
        Err(error) => {
            done = done.note(Note::warning(format!("Who made them could not be looked up: {error}")));
            seen.rows.clone()
        }
    };
    let source = match seen.how {
        How::Listed | How::Uuids(_) => TokenSource::Server,
        How::Log(_) => TokenSource::AuditLog { since: None },
    };
    let remark = seen.note(&bench.names.user(owner)).map(|note| note.text);
    done.listed = Some(TokenList { unread: seen.unread, remark, ..TokenList::new(owner, rows, source) });
    Ok(done)
}

/// The same while somebody ends the helpers.
async fn list_in_haste(bench: &Bench<'_>, owner: UserUuid) -> Result<SeenTokens, Failure> {
    let tell = |ended| bench.say(haste::being_ended(bench, owner, ended, 0));
    let is_helper = |token: TokenUuid| bench.helpers.slot(owner).is_ok_and(|slot| slot.has_made(token));
    let tried = bench.helpers.in_haste(bench, owner, tell, Result::is_ok, |helper: Arc<Helper>| async move {
        match SeenTokens::of(bench.cluster, &helper.client, owner, Readings::One).await {
            Err(error) if haste::is_ended(bench, &helper.client, &error).await => Tried::Ended,
            Ok(mut seen) => {
                seen.rows.retain(|row| !is_helper(row.uuid));
                Tried::Through(Ok(seen))
            }
            Err(error) => Tried::Through(Err(Failure::from(error))),
        }
    });
    Box::pin(tried).await?
}
