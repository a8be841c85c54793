//! Applying what is done to tokens. Another user's tokens are reached with a helper only, and only after
//! every row that it lists was seen to be that user's.

use super::bench::{Bench, StepDone, failed};
use super::check::Check;
use super::helpers::Helper;
use super::seen::How;
use super::silence::{Seen, after_silence, came_out};
use super::token_check::{TokenCheck, Wanted};
use crate::arvados::client::Client;
use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::writer::Writer;
use crate::model::field::{AFTER_9999, Date};
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::token::{Ends, Expiry, Scopes, Token, TokenList, TokenSource};
use crate::model::when;
use crate::ops::failure::Failure;
use crate::ops::journal::{Before, TokenEvent};
use crate::ops::plan::Note;
use crate::ops::report::{Issued, ItemResult, Unclear};
use crate::ops::step::{Step, Target, Via};
use crate::ops::tokens;
use jiff::{SignedDuration, Timestamp};

/// With what a user's tokens are reached.
pub(super) struct Reached<'a> {
    pub client: Client,
    /// The token that asks.
    pub asks_with: TokenUuid,
    pub helper: Option<&'a Helper>,
}

impl Reached<'_> {
    /// What there is of a token. A helper has just listed it, the token in use listed it for the survey, and
    /// one that is to revoke itself can only say of itself.
    async fn look_at(&self, bench: &Bench<'_>, token: TokenUuid, via: &Via) -> Result<Option<Token>, Error> {
        match (self.helper, via) {
            (Some(helper), _) => match helper.seen.get(token) {
                Some(row) => Ok(Some(row.clone())),
                None if helper.seen.is_complete() => Ok(None),
                // It may be one of those that could not be listed: what the survey knows of it must do.
                None => match self.client.sees_token(token).await {
                    Ok(false) => Ok(None),
                    Ok(true) => Ok(bench.names.tokens.get(&token).cloned()),
                    Err(error) if tokens::is_no_list(&error) => Ok(bench.names.tokens.get(&token).cloned()),
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

    /// What a refusal means. A helper's 401 says nothing about the token in use, so it must not end the
    /// whole batch.
    pub fn failure(&self, error: &Error) -> Failure {
        let failure = Failure::from(error);
        match self.helper {
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

/// Makes ready to ask about `token`, or, if it does not revoke itself, about any of its owner's.
pub(super) async fn reach<'a>(
    bench: &'a Bench<'_>,
    token: TokenUuid,
    owner: UserUuid,
    via: &Via,
) -> Result<Reached<'a>, Failure> {
    Ok(match via {
        Via::TokenInUse => Reached {
            client: bench.cluster.client.clone(),
            asks_with: bench.cluster.session.my_token(),
            helper: None,
        },
        Via::Itself(secret) => {
            Reached { client: bench.cluster.client.with_token(secret)?, asks_with: token, helper: None }
        }
        Via::Helper => {
            let helper = bench.helpers.of(bench, owner).await?;
            Reached { client: helper.client.clone(), asks_with: helper.token.uuid, helper: Some(helper) }
        }
    })
}

/// Finds a token, before anything is done to it; else says why nothing is.
async fn find<'a>(
    bench: &'a Bench<'_>,
    token: TokenUuid,
    owner: UserUuid,
    via: &Via,
) -> Result<(Reached<'a>, Token), ItemResult> {
    let reached = reach(bench, token, owner, via).await.map_err(ItemResult::Failed)?;
    let row = match reached.look_at(bench, token, via).await {
        Ok(Some(row)) => row,
        Ok(None) => return Err(ItemResult::Unchanged("already gone".to_owned())),
        Err(error) => return Err(ItemResult::Failed(reached.failure(&error))),
    };
    if row.uuid != token || row.owner != owner {
        return Err(failed(&Error::Untrustworthy(format!(
            "asked for {token} of {owner}, the server gave {} of {}: nothing is done to it",
            row.uuid, row.owner
        ))));
    }
    Ok((reached, row))
}

/// Revokes one token.
pub(super) async fn revoke(
    bench: &Bench<'_>,
    step: &Step,
    token: TokenUuid,
    owner: UserUuid,
    via: &Via,
) -> StepDone {
    let (reached, row) = match find(bench, token, owner, via).await {
        Ok(found) => found,
        Err(result) => return StepDone::of(step, result),
    };
    if let Err(failure) = bench.write_down(step, &Before::tokens([&row])) {
        return StepDone::of(step, ItemResult::Failed(failure));
    }
    match delete(bench, &reached, token).await {
        ItemResult::Done if reached.asks_with == token => {
            StepDone::of(step, has_ended(bench, &reached.client, token).await)
        }
        ItemResult::Done => done(bench, step, token, owner, via, Wanted::Gone),
        result => StepDone::of(step, result),
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
    let (reached, row) = match find(bench, token, owner, via).await {
        Ok(found) => found,
        Err(ItemResult::Unchanged(_)) => return StepDone::of(step, gone()),
        Err(result) => return StepDone::of(step, result),
    };
    if row.expiry.is(expiry) {
        return StepDone::of(step, ItemResult::Unchanged("ends then already".to_owned()));
    }
    if let Err(failure) = bench.write_down(step, &Before::tokens([&row])) {
        return StepDone::of(step, ItemResult::Failed(failure));
    }
    match change(bench, &reached, token, owner, expiry).await {
        Ok(ends) => {
            let done = done(bench, step, token, owner, via, Wanted::Ending(ends.clone()));
            if ends.is(expiry) { done } else { done.note(clamped(token, expiry, &ends)) }
        }
        Err(result) => StepDone::of(step, result),
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

/// Whether a token is still there.
async fn is_there(bench: &Bench<'_>, reached: &Reached<'_>, token: TokenUuid) -> Result<bool, Error> {
    let refusal = match reached.client.sees_token(token).await {
        Ok(there) => return Ok(there),
        Err(error) => error,
    };
    // A token that is dead, or may not list, can still say of itself, and only of itself.
    let itself = reached.asks_with == token
        && matches!(refusal.kind(), ErrorKind::NotAuthorised | ErrorKind::Forbidden);
    if !itself {
        return Err(refusal);
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

pub(super) async fn delete(bench: &Bench<'_>, reached: &Reached<'_>, token: TokenUuid) -> ItemResult {
    let Err(error) = Writer::new(&reached.client, bench.leave).delete_token(token).await else {
        return ItemResult::Done;
    };
    let unknown = error.leaves_write_unknown();
    let perhaps_gone =
        error.kind() == ErrorKind::NotFound || (error.is_not_authorised() && reached.asks_with == token);
    if !unknown && !perhaps_gone {
        return ItemResult::Failed(reached.failure(&error));
    }
    let there = is_there(bench, reached, token).await;
    if unknown {
        let seen = |there| {
            if there { Seen::Otherwise("the server still lists it".to_owned()) } else { Seen::AsWanted }
        };
        return came_out(after_silence(bench, token.as_str(), &error, there.map(seen)));
    }
    match there {
        Ok(false) => ItemResult::Unchanged("already gone".to_owned()),
        Ok(true) => ItemResult::Failed(reached.failure(&error)),
        Err(again) => {
            let seen = format!("{error}; looking again failed too: {again}");
            ItemResult::Unknown(Unclear::of(&error, seen))
        }
    }
}

/// When it ends now, which the server may have limited.
async fn change(
    bench: &Bench<'_>,
    reached: &Reached<'_>,
    token: TokenUuid,
    owner: UserUuid,
    expiry: Expiry,
) -> Result<Ends, ItemResult> {
    let answer = Writer::new(&reached.client, bench.leave).change_expiry(token, owner, expiry).await;
    match answer {
        Ok(changed) if changed.uuid == token && changed.owner == owner => Ok(changed.expiry),
        Ok(other) => Err(failed(&Error::Untrustworthy(format!(
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
                ItemResult::Done => Ok(expiry.into()),
                result => Err(result),
            }
        }
        Err(error) => Err(ItemResult::Failed(reached.failure(&error))),
    }
}

fn clamped(token: TokenUuid, asked: Expiry, is: &Ends) -> Note {
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

/// Issues a token.
pub(super) async fn issue(
    bench: &Bench<'_>,
    place: usize,
    step: &Step,
    owner: UserUuid,
    expiry: Expiry,
    scopes: &Scopes,
) -> Result<StepDone, Failure> {
    bench.write_down(step, &Before::default())?;
    let begun = bench.cluster.now();
    let issued = match bench.writer().issue_token(owner, expiry, scopes).await {
        Ok(issued) => issued,
        Err(error) if error.leaves_write_unknown() => {
            return Ok(StepDone::of(step, perhaps_issued(bench, owner, begun, &error).await));
        }
        Err(error) => return Err(error.into()),
    };
    bench.token_event(place, &issued.token, TokenEvent::Issued);
    let mut done = StepDone::of(step, ItemResult::Done);
    if !issued.token.expiry.is(expiry) {
        done = done.note(clamped(issued.token.uuid, expiry, &issued.token.expiry));
    }
    if !issued.token.scopes.is(scopes) {
        done = done.note(Note::danger(format!(
            "Asked was for the scopes {scopes}, the server gave {} the scopes {}",
            issued.token.uuid, issued.token.scopes
        )));
    }
    done.issued = Some(Issued { owner, token: issued.token, v2: issued.v2 });
    Ok(done)
}

/// So much may the server's clock be off from what its answers told of it.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(1);

/// What the audit log has of a token whose making got no answer: its secret is lost.
async fn perhaps_issued(bench: &Bench<'_>, owner: UserUuid, begun: Timestamp, error: &Error) -> ItemResult {
    let unknown = |seen: String| ItemResult::Unknown(Unclear::of(error, format!("{error}; {seen}")));
    let me = bench.cluster.session.my_uuid();
    let Ok(events) = bench.cluster.client.token_events_of(&[owner]).await else {
        return unknown("perhaps a token was made: look at the list".to_owned());
    };
    let by_me: Vec<_> =
        tokens::stories(&events).into_values().filter(|logged| logged.made_by == Some(me)).collect();
    let first_seen = |logged: &tokens::Logged| logged.first_seen.as_ref().and_then(Date::at);
    let made: Vec<String> = by_me
        .iter()
        .filter(|logged| first_seen(logged).is_some_and(|at| at >= begun))
        .map(|logged| logged.token.uuid.to_string())
        .collect();
    let earliest = begun.checked_sub(CLOCKS_APART).unwrap_or(Timestamp::MIN);
    let mut near = by_me.iter().filter(|logged| first_seen(logged).is_none_or(|at| at >= earliest));
    if !made.is_empty() {
        return unknown(format!("made, but its secret did not arrive: revoke {}", made.join(", ")));
    }
    // What the log dates a little before may be it: the server's clock is known by its answers only.
    if near.next().is_some() {
        return unknown("perhaps a token was made: look at the list".to_owned());
    }
    let none = "the audit log has no new token";
    if error.is_final() {
        let failure = Failure::from(error);
        let reason = format!("{}; looked up: not done, {none}", failure.reason);
        return ItemResult::Failed(Failure { reason, ..failure });
    }
    unknown(format!("{none}: look again in a minute"))
}

/// Lists a user's tokens with a helper.
pub(super) async fn list_exactly(bench: &Bench<'_>, owner: UserUuid) -> Result<StepDone, Failure> {
    let helper = bench.helpers.of(bench, owner).await?;
    let mut done = StepDone::one(Target::User(owner), ItemResult::Done);
    let rows = match tokens::with_origins(bench.cluster, owner, helper.seen.rows.clone()).await {
        Ok(rows) => rows,
        Err(error) => {
            done = done.note(Note::warning(format!("Who made them could not be looked up: {error}")));
            helper.seen.rows.clone()
        }
    };
    let source = match helper.seen.how {
        How::Listed | How::Uuids(_) => TokenSource::Server,
        How::Log(_) => TokenSource::AuditLog { since: None },
    };
    let remark = helper.seen.note(&bench.names.user(owner)).map(|note| note.text);
    done.listed = Some(TokenList { owner, rows, source, unread: helper.seen.unread, remark });
    Ok(done)
}
