//! Applying that a token is issued: its secret comes once, with the answer.

use super::bench::{Bench, StepDone};
use super::tokens::clamped;
use crate::arvados::error::Error;
use crate::model::field::Date;
use crate::model::ids::UserUuid;
use crate::model::token::{Expiry, Scopes};
use crate::ops::failure::Failure;
use crate::ops::journal::{Before, TokenEvent};
use crate::ops::plan::Note;
use crate::ops::report::{Issued, ItemResult, Unclear};
use crate::ops::step::Step;
use crate::ops::tokens;
use jiff::{SignedDuration, Timestamp};

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
        tokens::stories(&events, me).into_values().filter(|logged| logged.made_by == Some(me)).collect();
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
