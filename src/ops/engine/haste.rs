//! What is done where somebody ends the helper tokens while they are at work: whoever has a token of the user can
//! list and delete them. Another is made, and more at a time each round, and each does its errand at once, before
//! anything is listed. It is a race, so it is given up after some rounds, and what needs no helper is named.

use crate::arvados::client::Client;
use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::logs::TokenEventKind;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::text::count;
use crate::ops::engine::bench::Bench;
use crate::ops::engine::helpers::{Helper, Helpers, Slot, delete};
use crate::ops::failure::Failure;
use crate::ops::plan::Note;
use futures::stream::{FuturesUnordered, StreamExt};
use std::sync::Arc;

/// What needs no helper.
pub(in crate::ops) const DEACTIVATE: &str =
    "deactivate the user: that ends all of the user's tokens and needs no helper";

/// The same, to be pasted into a shell.
pub(in crate::ops) fn deactivation(owner: UserUuid) -> String {
    format!("`arv-admin users deactivate {owner}`")
}

/// How many helpers are made at a time, round after round; as many as last from then on. No more than requests may
/// be under way: else the first deletion of one waits for the making of others, and it lives for a moment.
const AT_ONCE: [usize; 3] = [1, 2, 4];

/// So many rounds in a row may do nothing.
const MOST_IN_VAIN: usize = 8;

/// No more helpers are made for one user, whatever they did: new tokens may come as fast as they are revoked.
const MOST: usize = 150;

/// How an errand of a helper came out.
#[derive(Debug)]
pub(in crate::ops) enum Tried<T> {
    /// The server answered to it.
    Through(T),
    /// Somebody ended the helper before.
    Ended,
}

/// Whether a refusal of a helper, whose client this is, means that somebody ended it: it is refused whatever it
/// asks, and the token in use is taken all the same.
pub(in crate::ops) async fn is_ended(bench: &Bench<'_>, helper: &Client, error: &Error) -> bool {
    if !error.is_not_authorised() {
        return false;
    }
    let (itself, in_use) = futures::join!(helper.current_token(), bench.cluster.takes_this_token());
    itself.is_err_and(|error| error.is_not_authorised()) && in_use.is_ok()
}

impl Helpers {
    /// Runs an errand with one new helper after another, until one came through. Of several that did in one round it is
    /// one that `is_good`, and its helper is at work afterwards: that one of them failed says nothing of the others.
    /// `tell` is called before each round with how many were ended.
    pub async fn in_haste<T, F>(
        &self,
        bench: &Bench<'_>,
        owner: UserUuid,
        tell: impl Fn(usize),
        is_good: impl Fn(&T) -> bool,
        errand: impl Fn(Arc<Helper>) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Tried<T>>,
    {
        let slot = self.slot(owner)?;
        let _turn = slot.haste.lock().await;
        let at_work = slot.state.lock().await.at_work.clone();
        if let Some(helper) = at_work {
            match errand(Arc::clone(&helper)).await {
                Tried::Through(result) => return Ok(result),
                Tried::Ended => slot.ended(bench, &helper).await,
            }
        }
        let mut in_vain = 0;
        for at_once in AT_ONCE.into_iter().chain(std::iter::repeat(AT_ONCE[AT_ONCE.len() - 1])) {
            if let Some(failure) = &slot.state.lock().await.refused {
                return Err(failure.clone());
            }
            if in_vain >= MOST_IN_VAIN || slot.how_many() >= MOST {
                break;
            }
            if bench.must_stop() {
                return Err(stopped());
            }
            let ended = slot.state.lock().await.ended.len();
            if ended > 0 {
                tell(ended);
            }
            let before = slot.deeds();
            let at_once = at_once.min(bench.cluster.client.allowed_at_once());
            if let Some(through) = round(bench, slot, at_once, &is_good, &errand).await? {
                return Ok(through);
            }
            in_vain = if slot.deeds() > before { 0 } else { in_vain + 1 };
        }
        let failure = ended_each_time(bench, slot).await;
        slot.state.lock().await.refused = Some(failure.clone());
        Err(failure)
    }
}

/// So many helpers at a time. What has begun is never broken off.
async fn round<T, F>(
    bench: &Bench<'_>,
    slot: &Slot,
    at_once: usize,
    is_good: impl Fn(&T) -> bool,
    errand: impl Fn(Arc<Helper>) -> F,
) -> Result<Option<T>, Failure>
where
    F: Future<Output = Tried<T>>,
{
    let mut under_way = FuturesUnordered::new();
    for _ in 0..at_once {
        let errand = &errand;
        under_way.push(async move {
            let helper = Arc::new(slot.make(bench).await?.helper);
            let tried = errand(Arc::clone(&helper)).await;
            Ok::<_, Failure>((helper, tried))
        });
    }
    let (mut through, mut refused) = (Vec::new(), None);
    while let Some(tried) = under_way.next().await {
        match tried {
            Ok((helper, Tried::Through(result))) => through.push((helper, result)),
            Ok((helper, Tried::Ended)) => slot.ended(bench, &helper).await,
            Err(failure) => refused = Some(failure),
        }
    }
    if through.is_empty() {
        return refused.map_or(Ok(None), Err);
    }
    let best = through.iter().position(|(_, result)| is_good(result)).unwrap_or(0);
    let (helper, result) = through.swap_remove(best);
    slot.state.lock().await.at_work = Some(helper);
    for (spare, _) in through {
        delete(bench, slot.place, &spare.client, &spare.token).await;
    }
    Ok(Some(result))
}

/// Somebody stopped it.
pub(in crate::ops) fn stopped() -> Failure {
    Failure::plain(
        ErrorKind::Conflict,
        "stopped while helper tokens were ended by somebody else",
        "try again, or deactivate the user",
    )
}

/// What is said while it goes on; `waiting` are to be revoked yet, as far as known.
pub(in crate::ops) fn being_ended(bench: &Bench<'_>, owner: UserUuid, ended: usize, waiting: usize) -> Note {
    let waiting = match waiting {
        0 => String::new(),
        some => {
            format!(", and each revokes at once what is known: {}", count(some, "token waits", "tokens wait"))
        }
    };
    let ended = if ended == 1 { "one was".to_owned() } else { format!("{ended} were") };
    Note::danger(format!(
        "Somebody with the rights of {} seems to delete the helper tokens: {ended} ended so far. More are made{waiting}.",
        bench.names.user(owner),
    ))
}

async fn ended_each_time(bench: &Bench<'_>, slot: &Slot) -> Failure {
    let ended = slot.state.lock().await.ended.len();
    Failure::plain(
        ErrorKind::Conflict,
        format!(
            "somebody with the rights of {} deletes each helper token as soon as it is made: {} so far; {} needs none",
            bench.names.user(slot.owner),
            count(ended, "one", "of them"),
            deactivation(slot.owner),
        ),
        DEACTIVATE,
    )
}

/// Who ended helpers that were at work, as far as the audit log tells.
pub(in crate::ops) async fn who_ended(bench: &Bench<'_>, owner: UserUuid, ended: &[TokenUuid]) -> Note {
    let name = bench.names.user(owner);
    let (events, tells_not) = match bench.cluster.client.token_events_by_uuid(ended).await {
        Ok(events) => (events, "the audit log does not tell who ended them".to_owned()),
        Err(error) => (Vec::new(), format!("who ended them could not be looked up ({error})")),
    };
    let by_owner = |token: &TokenUuid| {
        events.iter().any(|event| {
            event.token == *token && event.kind == TokenEventKind::Delete && event.by == Some(owner)
        })
    };
    let helpers = count(ended.len(), "helper token", "helper tokens");
    let were = if ended.len() == 1 { "was" } else { "were" };
    Note::danger(if ended.iter().any(by_owner) {
        format!(
            "Somebody with the rights of {name} deletes the helper tokens: {helpers} {were} ended while at work. It \
             may be a program of the user's that clears tokens away, another admin who revokes at the same time, or \
             somebody who does not want to be revoked."
        )
    } else {
        format!(
            "{helpers} of {name} {were} refused while at work, and {tells_not}: somebody with the user's rights, or \
             the clocks of the server's hosts differ."
        )
    })
}
