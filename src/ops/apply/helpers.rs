//! Helper tokens: an admin sees another user's tokens only with a token of that user (api.md v3, v4). One
//! is made for each owner when its first step needs it, shared by all steps of that owner, and deleted
//! when the last of them is done, also if they failed or were stopped.

use super::bench::Bench;
use super::seen::{How, SeenTokens};
use crate::arvados::client::Client;
use crate::arvados::error::{Error, Setting};
use crate::arvados::writer::Writer;
use crate::model::field::Date;
use crate::model::ids::UserUuid;
use crate::model::token::{Ends, Expiry, Scopes, Token};
use crate::model::when;
use crate::ops::failure::Failure;
use crate::ops::journal::TokenEvent;
use crate::ops::plan::{Note, Planned};
use crate::ops::step::{Step, Via};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::sync::OnceCell;

/// How long a helper lives if nothing deletes it. Long enough for some thousand tokens.
const LIFE: SignedDuration = SignedDuration::from_mins(15);

/// How much later than asked it may end, by the rounding of either side.
const SLACK: SignedDuration = SignedDuration::from_secs(1);

/// To see and delete its owner's tokens: nothing else (api.md v4).
const LIST_AND_DELETE: &str =
    "GET /arvados/v1/api_client_authorizations, DELETE /arvados/v1/api_client_authorizations/";

/// To change when they end as well.
const AND_CHANGE: &str = "GET /arvados/v1/api_client_authorizations, \
    DELETE /arvados/v1/api_client_authorizations/, PUT /arvados/v1/api_client_authorizations/";

/// The helper tokens of one application, by owner.
#[derive(Debug, Default)]
pub(super) struct Helpers {
    slots: BTreeMap<UserUuid, Slot>,
}

#[derive(Debug)]
struct Slot {
    /// What it is needed for.
    scopes: &'static str,
    /// The place of the owner's first step: where notes about the helper go.
    place: usize,
    /// How many steps are not done yet.
    steps_left: AtomicUsize,
    helper: OnceCell<Result<Helper, Failure>>,
    given_back: AtomicBool,
}

/// A helper token, in use.
#[derive(Debug)]
pub(super) struct Helper {
    /// The cluster with this token.
    pub client: Client,
    /// Which one it is: the last to be deleted.
    pub token: Token,
    /// The owner's tokens when it was made, this one left out: every row's owner is checked.
    pub seen: SeenTokens,
}

impl Helpers {
    pub(super) fn for_steps(steps: &[Planned]) -> Self {
        let mut slots: BTreeMap<UserUuid, Slot> = BTreeMap::new();
        for (place, planned) in steps.iter().enumerate() {
            if let Some((owner, scopes)) = need(&planned.step) {
                let slot = slots.entry(owner).or_insert_with(|| Slot {
                    scopes,
                    place,
                    steps_left: AtomicUsize::new(0),
                    helper: OnceCell::new(),
                    given_back: AtomicBool::new(false),
                });
                slot.steps_left.fetch_add(1, Ordering::Relaxed);
                if scopes == AND_CHANGE {
                    slot.scopes = AND_CHANGE;
                }
            }
        }
        Self { slots }
    }

    /// The helper for this owner's tokens, made at the first call.
    pub async fn of(&self, bench: &Bench<'_>, owner: UserUuid) -> Result<&Helper, Failure> {
        let Some(slot) = self.slots.get(&owner) else {
            return Err(
                Error::Config(Setting::None, format!("no helper token of {owner} was planned")).into()
            );
        };
        let made = slot.helper.get_or_init(|| async {
            bench.unless_refused()?;
            // What makes it is a write, too.
            bench.journal.usable()?;
            borrow(bench, owner, slot).await.map_err(Failure::from)
        });
        made.await.as_ref().map_err(Clone::clone)
    }

    /// One more step is done; after the owner's last one its helper goes.
    pub(super) async fn step_done(&self, bench: &Bench<'_>, step: &Step) {
        if let Some((owner, _)) = need(step)
            && let Some(slot) = self.slots.get(&owner)
            && slot.steps_left.fetch_sub(1, Ordering::AcqRel) == 1
        {
            give_back(bench, slot).await;
        }
    }

    /// Deletes the helpers that are still there: of owners whose steps did not all have a turn.
    pub(super) async fn give_all_back(&self, bench: &Bench<'_>) {
        for slot in self.slots.values() {
            give_back(bench, slot).await;
        }
    }
}

/// Whose helper a step needs, and with which scopes.
fn need(step: &Step) -> Option<(UserUuid, &'static str)> {
    match step {
        Step::RevokeToken { owner, via: Via::Helper, .. }
        | Step::RevokeAllOf { owner, via: Via::Helper, .. }
        | Step::ListExactly { owner } => Some((*owner, LIST_AND_DELETE)),
        Step::ChangeExpiry { owner, via: Via::Helper, .. } => Some((*owner, AND_CHANGE)),
        Step::RevokeToken { via: Via::TokenInUse | Via::Itself(_), .. }
        | Step::RevokeAllOf { via: Via::TokenInUse | Via::Itself(_), .. }
        | Step::ChangeExpiry { via: Via::TokenInUse | Via::Itself(_), .. }
        | Step::SetUp { .. }
        | Step::Activate { .. }
        | Step::Deactivate { .. }
        | Step::Suspend { .. }
        | Step::Resume { .. }
        | Step::SetRole { .. }
        | Step::Reassign { .. }
        | Step::IssueToken { .. }
        | Step::CreateLogin { .. }
        | Step::ChangeLogin { .. }
        | Step::DeleteLogin { .. } => None,
    }
}

/// Makes a helper, looks whether it is what was asked for, and lists the owner's tokens with it.
async fn borrow(bench: &Bench<'_>, owner: UserUuid, slot: &Slot) -> Result<Helper, Error> {
    let scopes: Scopes = slot
        .scopes
        .parse()
        .map_err(|e| Error::Config(Setting::None, format!("the scopes of helper tokens are wrong: {e}")))?;
    let end =
        bench.cluster.now().checked_add(LIFE).map_err(|e| Error::Config(Setting::None, e.to_string()))?;
    let issued = match bench.writer().issue_token(owner, Expiry::At(end), &scopes).await {
        Ok(issued) => issued,
        Err(error) => {
            if error.leaves_write_unknown() {
                bench.note(
                    slot.place,
                    Note::warning(format!(
                        "Perhaps a helper token of {} was made although no answer came; it can only list and \
                         delete tokens, nobody has its secret, and it ends at {}",
                        bench.names.user(owner),
                        when::date_time(end),
                    )),
                );
            }
            return Err(error);
        }
    };
    bench.token_event(slot.place, &issued.token, TokenEvent::HelperMade);
    let client = match bench.cluster.client.with_token(&issued.v2) {
        Ok(client) => client,
        Err(error) => {
            bench.note(slot.place, left_behind(bench, &issued.token, &error));
            return Err(error);
        }
    };
    match look(bench, &client, &issued.token, &scopes, end).await {
        Ok(seen) => {
            if let Some(note) = seen.note(&bench.names.user(owner)) {
                bench.note(slot.place, note);
            }
            Ok(Helper { client, token: issued.token, seen })
        }
        Err(error) => {
            delete(bench, slot.place, &client, &issued.token).await;
            Err(error)
        }
    }
}

/// What a helper sees of its owner's tokens, once it proved to be what was asked for.
async fn look(
    bench: &Bench<'_>,
    client: &Client,
    helper: &Token,
    scopes: &Scopes,
    end: Timestamp,
) -> Result<SeenTokens, Error> {
    let owner = helper.owner;
    let mut seen = SeenTokens::of(bench.cluster, client, owner).await.map_err(refused_at_once)?;
    // Its own row is in the list: it says what it is, without a question of its own.
    let own = seen.rows.iter().position(|token| token.uuid == helper.uuid).map(|at| seen.rows.remove(at));
    let is = match (own, &seen.how) {
        (Some(own), How::Listed) => own,
        (None, How::Listed) if seen.is_complete() => {
            return Err(Error::Untrustworthy(format!(
                "the helper token {} of {owner} is not in the list that it made: nothing is done",
                helper.uuid
            )));
        }
        (_, How::Listed | How::Uuids(_) | How::Log(_)) => {
            client.current_token().await.map_err(refused_at_once)?
        }
    };
    // What can't be read is not known to be otherwise; it is deleted in any case.
    let too_long = match &is.expiry {
        Ends::On(Date::At(at)) => at.duration_since(end) > SLACK,
        Ends::On(Date::Unreadable(_)) => false,
        Ends::On(Date::After9999(_)) | Ends::Never => true,
    };
    let others = is.scopes.get().is_some_and(|has| !same(has, scopes));
    if is.uuid != helper.uuid || is.owner != owner || others || too_long {
        return Err(Error::Untrustworthy(format!(
            "asked for a helper token of {owner}, the server made {} of {} with the scopes {}: nothing is done",
            is.uuid, is.owner, is.scopes
        )));
    }
    Ok(seen)
}

fn same(one: &Scopes, other: &Scopes) -> bool {
    let sorted = |scopes: &Scopes| {
        let mut texts: Vec<String> = scopes.to_wire().into_iter().map(str::to_owned).collect();
        texts.sort_unstable();
        texts
    };
    sorted(one) == sorted(other)
}

/// A helper that is refused at once says nothing about the token in use.
fn refused_at_once(error: Error) -> Error {
    if error.is_not_authorised() {
        Error::Untrustworthy(
            "the server refused a helper token that it had just made: do the clocks of its hosts differ?"
                .to_owned(),
        )
    } else {
        error
    }
}

async fn give_back(bench: &Bench<'_>, slot: &Slot) {
    if let Some(Ok(helper)) = slot.helper.get()
        && !slot.given_back.swap(true, Ordering::AcqRel)
    {
        delete(bench, slot.place, &helper.client, &helper.token).await;
    }
}

/// A helper deletes itself; if that can't be seen to have worked, its UUID and its end are told.
async fn delete(bench: &Bench<'_>, place: usize, client: &Client, helper: &Token) {
    let error = match Writer::new(client, bench.leave).delete_token(helper.uuid).await {
        Ok(()) if client.current_token().await.is_ok() => {
            return bench.note(place, left_behind(bench, helper, &"the server said yes, yet takes it"));
        }
        Ok(()) => return bench.token_event(place, helper, TokenEvent::HelperDeleted),
        Err(error) => error,
    };
    // Only a server that refuses this one and not all tells that it is gone.
    let refused = client.current_token().await.is_err_and(|error| error.is_not_authorised());
    if refused && bench.cluster.takes_this_token().await.is_ok() {
        return bench.token_event(place, helper, TokenEvent::HelperDeleted);
    }
    bench.note(place, left_behind(bench, helper, &error));
}

/// A helper that could not be deleted: which, and when it ends.
fn left_behind(bench: &Bench<'_>, token: &Token, error: &dyn Display) -> Note {
    let end = match &token.expiry {
        Ends::On(Date::At(at)) => format!("it ends by itself at {}", when::date_time(*at)),
        Ends::On(date) => {
            format!("whether it ends by itself nobody knows: its end is {}", date.shown(when::date_time))
        }
        Ends::Never => "it does not end by itself".to_owned(),
    };
    Note::warning(format!(
        "The helper token {} of {} could not be deleted ({error}): {end}",
        token.uuid,
        bench.names.user(token.owner)
    ))
}
