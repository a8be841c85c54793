//! What is done to one token, with whatever reaches it; of a token with several owners by the log, with each in turn.

use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::writer::Writer;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::text::listed;
use crate::model::token::{Ends, Expiry};
use crate::ops::change::tokens::reached::{Reached, delete, end, reach};
use crate::ops::engine::bench::failed;
use crate::ops::engine::haste::{self};
use crate::ops::engine::helpers::{self};
use crate::ops::engine::{
    Bench, Check, Helper, NoHelper, Seen, StepDone, TokenCheck, TokenIs, Tried, after_silence, came_out,
};
use crate::ops::failure::Failure;
use crate::ops::journal::{Before, Doing};
use crate::ops::plan::{ItemResult, Unclear, Via};
use std::sync::Arc;

/// What is done to a token that was found.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) enum Deed {
    Revoke,
    End(Expiry),
}

/// How it came out.
pub(in crate::ops) enum Outcome {
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
    let Errand { doing, token, via, deed } = errand;
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
    if let Err(failure) = bench.write_down(doing, &Before::tokens([&row])) {
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
pub(in crate::ops) struct Errand<'a> {
    pub doing: &'a Doing,
    pub token: TokenUuid,
    pub via: &'a Via,
    pub deed: Deed,
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
pub(in crate::ops) async fn carry_out(
    bench: &Bench<'_>,
    errand: Errand<'_>,
    owner: UserUuid,
) -> (Outcome, UserUuid) {
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
    let owners = helpers::owners(&errand.doing.target, owner, bench.names);
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

/// Done by the server's word, and looked at later where something can look: the token in use can't list itself
/// after its own end, nor can one that was reached by its own secret.
pub(in crate::ops) fn done(
    bench: &Bench<'_>,
    doing: &Doing,
    token: TokenUuid,
    owner: UserUuid,
    via: &Via,
    wanted: TokenIs,
) -> StepDone {
    let lists = match via {
        Via::Helper => Some(owner),
        Via::TokenInUse => None,
        Via::Itself(_) => return StepDone::of(doing, ItemResult::Done),
    };
    if token == bench.cluster.session.my_token() {
        return StepDone::of(doing, ItemResult::Done);
    }
    StepDone::to_be_checked(doing, Check::Token(TokenCheck { token, lists, wanted }))
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
