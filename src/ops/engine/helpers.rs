//! Helper tokens: an admin sees another user's tokens only with a token of that user (api.md v3, v4). One
//! is made for each owner when its first step needs it, shared by all steps of that owner, and deleted
//! when the last of them is done, also if they failed or were stopped. Whoever has a token of that user can
//! delete it as well: then others are made, in haste ([`super::haste`]).

use crate::arvados::client::{Client, random_letter};
use crate::arvados::error::{Error, Setting};
use crate::arvados::tokens::Readings;
use crate::arvados::writer::Writer;
use crate::model::field::Date;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::token::{Ends, Expiry, Scopes, Token};
use crate::model::when;
use crate::ops::engine::bench::Bench;
use crate::ops::engine::haste;
use crate::ops::engine::seen::{How, SeenTokens};
use crate::ops::failure::Failure;
use crate::ops::helper_token::{AND_CHANGE, HelperNeed, SLACK, same, scopes};
use crate::ops::journal::{AskedHelper, TokenEvent};
use crate::ops::plan::{Names, Note, Target};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Mutex;

/// How long a helper lives if nothing deletes it. Long enough for some thousand tokens.
const LIFE: SignedDuration = SignedDuration::from_mins(15);

/// How many letters tie what was asked for to what came of it.
const NONCE: usize = 12;

/// The helper tokens of one application, by owner.
#[derive(Debug, Default)]
pub(in crate::ops) struct Helpers {
    slots: BTreeMap<UserUuid, Slot>,
}

#[derive(Debug)]
pub(in crate::ops) struct Slot {
    /// Whose they are.
    pub owner: UserUuid,
    /// What they are needed for.
    scopes: &'static str,
    /// The place of the owner's first step: where notes about them go.
    pub place: usize,
    /// How many steps are not done yet.
    steps_left: AtomicUsize,
    pub state: Mutex<State>,
    /// All that were made: they are in the lists that the others make.
    made: std::sync::Mutex<BTreeSet<TokenUuid>>,
    /// How many tokens they revoked before they were ended.
    deeds: AtomicUsize,
    /// One step at a time makes them in haste.
    pub haste: Mutex<()>,
}

#[derive(Debug, Default)]
pub(in crate::ops) struct State {
    /// The one at work.
    pub at_work: Option<Arc<Helper>>,
    /// Why no more are made.
    pub refused: Option<Failure>,
    /// Those that somebody ended.
    pub ended: Vec<TokenUuid>,
}

/// A helper token, in use.
#[derive(Debug)]
pub(in crate::ops) struct Helper {
    /// The cluster with this token.
    pub client: Client,
    /// Which one it is: the last to be deleted.
    pub token: Token,
    /// The owner's tokens when it was made, this one left out: every row's owner is checked. Nothing if it was
    /// made in haste.
    pub seen: Option<SeenTokens>,
}

/// Why there is no helper.
#[derive(Debug, Clone)]
pub(in crate::ops) enum NoHelper {
    /// One was made, and somebody ended it: others may live long enough.
    Ended,
    /// None can be made.
    Refused(Failure),
}

impl<E: Into<Failure>> From<E> for NoHelper {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

impl Helpers {
    /// For steps at these places that need one, about these targets.
    pub(in crate::ops) fn for_needs(
        needs: impl Iterator<Item = (usize, HelperNeed, Target)>,
        names: &Names,
    ) -> Self {
        let mut slots: BTreeMap<UserUuid, Slot> = BTreeMap::new();
        for (place, HelperNeed { owner, scopes }, target) in needs {
            for owner in owners(&target, owner, names) {
                let slot = slots.entry(owner).or_insert_with(|| Slot {
                    owner,
                    scopes,
                    place,
                    steps_left: AtomicUsize::new(0),
                    state: Mutex::default(),
                    made: std::sync::Mutex::default(),
                    deeds: AtomicUsize::new(0),
                    haste: Mutex::default(),
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
    pub async fn of(&self, bench: &Bench<'_>, owner: UserUuid) -> Result<Arc<Helper>, NoHelper> {
        let slot = self.slot(owner)?;
        let mut state = slot.state.lock().await;
        if let Some(helper) = &state.at_work {
            return Ok(Arc::clone(helper));
        }
        if let Some(failure) = &state.refused {
            return Err(NoHelper::Refused(failure.clone()));
        }
        if !state.ended.is_empty() {
            return Err(NoHelper::Ended);
        }
        match borrow(bench, slot, &mut state).await {
            Ok(helper) => {
                let helper = Arc::new(helper);
                state.at_work = Some(Arc::clone(&helper));
                Ok(helper)
            }
            Err(NoHelper::Ended) => Err(NoHelper::Ended),
            Err(NoHelper::Refused(failure)) => {
                state.refused = Some(failure.clone());
                Err(NoHelper::Refused(failure))
            }
        }
    }

    pub(in crate::ops) fn slot(&self, owner: UserUuid) -> Result<&Slot, Failure> {
        self.slots.get(&owner).ok_or_else(|| {
            Error::Config(Setting::None, format!("no helper token of {owner} was planned")).into()
        })
    }

    /// A helper is not valid any more, although nobody here deleted it.
    pub async fn ended(&self, bench: &Bench<'_>, helper: &Helper) {
        if let Ok(slot) = self.slot(helper.token.owner) {
            slot.ended(bench, helper).await;
        }
    }

    /// One more step is done; after the owner's last one its helper goes.
    pub(in crate::ops) async fn step_done(
        &self,
        bench: &Bench<'_>,
        need: Option<HelperNeed>,
        target: &Target,
    ) {
        let Some(need) = need else { return };
        let owners = owners(target, need.owner, bench.names);
        let slots = owners.iter().filter_map(|owner| self.slots.get(owner));
        let over = slots.filter(|slot| slot.steps_left.fetch_sub(1, Ordering::AcqRel) == 1);
        let over: Vec<&Slot> = over.collect();
        futures::future::join_all(over.into_iter().map(|slot| slot.give_back(bench))).await;
    }

    /// Deletes the helpers that are still there: of owners whose steps did not all have a turn.
    pub(in crate::ops) async fn give_all_back(&self, bench: &Bench<'_>) {
        for slot in self.slots.values() {
            slot.give_back(bench).await;
        }
    }
}

impl Slot {
    /// A helper is not valid any more, although nobody here deleted it.
    pub async fn ended(&self, bench: &Bench<'_>, helper: &Helper) {
        let mut state = self.state.lock().await;
        if !state.ended.contains(&helper.token.uuid) {
            state.ended.push(helper.token.uuid);
            bench.token_event(self.place, &helper.token, TokenEvent::HelperDeleted);
        }
        state.at_work = state.at_work.take().filter(|at_work| at_work.token.uuid != helper.token.uuid);
    }

    async fn give_back(&self, bench: &Bench<'_>) {
        let mut state = self.state.lock().await;
        if let Some(helper) = state.at_work.take() {
            delete(bench, self.place, &helper.client, &helper.token).await;
        }
        let ended = std::mem::take(&mut state.ended);
        if !ended.is_empty() {
            bench.note(self.place, haste::who_ended(bench, self.owner, &ended).await);
        }
    }

    /// Makes one.
    pub async fn make(&self, bench: &Bench<'_>) -> Result<Made, Failure> {
        let made = make(bench, self).await?;
        self.made().insert(made.helper.token.uuid);
        Ok(made)
    }

    /// Whether this is one of these helpers, at work or not.
    pub fn has_made(&self, token: TokenUuid) -> bool {
        self.made().contains(&token)
    }

    /// How many were made.
    pub fn how_many(&self) -> usize {
        self.made().len()
    }

    /// One of them revoked something.
    pub fn did_something(&self) {
        self.deeds.fetch_add(1, Ordering::Relaxed);
    }

    /// How many tokens they revoked.
    pub fn deeds(&self) -> usize {
        self.deeds.load(Ordering::Relaxed)
    }

    fn made(&self) -> std::sync::MutexGuard<'_, BTreeSet<TokenUuid>> {
        self.made.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A helper that was just made, and what was asked for.
pub(in crate::ops) struct Made {
    pub helper: Helper,
    scopes: Scopes,
    end: Timestamp,
}

/// Asks for one, and writes that down before: whatever ends this process, the next one knows of it.
async fn make(bench: &Bench<'_>, slot: &Slot) -> Result<Made, Failure> {
    let scopes = scopes(slot.scopes);
    let end =
        bench.cluster.now().checked_add(LIFE).map_err(|e| Error::Config(Setting::None, e.to_string()))?;
    let nonce = std::iter::repeat_with(random_letter).take(NONCE).collect();
    let asked = AskedHelper { owner: slot.owner, nonce };
    bench.helper_asked(&asked, end)?;
    let issued = match bench.writer().issue_token(slot.owner, Expiry::At(end), &scopes).await {
        Ok(issued) => issued,
        Err(error) => {
            let is_unknown = error.leaves_write_unknown() || matches!(error, Error::Untrustworthy(_));
            let event = if is_unknown { TokenEvent::HelperUnknown } else { TokenEvent::HelperNotMade };
            bench.helper_answered(slot.place, &asked, event, None);
            if error.leaves_write_unknown() {
                bench.note(
                    slot.place,
                    Note::warning(format!(
                        "Perhaps a helper token of {} was made although no answer came; it can only list and \
                         delete tokens, nobody has its secret, and it ends at {}",
                        bench.names.user(slot.owner),
                        when::date_time(end),
                    )),
                );
            }
            return Err(error.into());
        }
    };
    bench.helper_answered(slot.place, &asked, TokenEvent::HelperMade, Some(&issued.token));
    match bench.cluster.client.with_token(&issued.v2) {
        Ok(client) => Ok(Made { helper: Helper { client, token: issued.token, seen: None }, scopes, end }),
        Err(error) => {
            bench.note(slot.place, left_behind(bench, &issued.token, &error));
            Err(error.into())
        }
    }
}

/// Makes a helper, looks whether it is what was asked for, and lists the owner's tokens with it.
async fn borrow(bench: &Bench<'_>, slot: &Slot, state: &mut State) -> Result<Helper, NoHelper> {
    let Made { helper, scopes, end } = slot.make(bench).await?;
    let Helper { client, token, .. } = &helper;
    match look(bench, client, token, &scopes, end).await {
        Ok(seen) => {
            if let Some(note) = seen.note(&bench.names.user(slot.owner)) {
                bench.note(slot.place, note);
            }
            Ok(Helper { seen: Some(seen), ..helper })
        }
        Err(error) if haste::is_ended(bench, client, &error).await => {
            state.ended.push(token.uuid);
            bench.token_event(slot.place, token, TokenEvent::HelperDeleted);
            Err(NoHelper::Ended)
        }
        Err(error) => {
            delete(bench, slot.place, client, token).await;
            Err(error.into())
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
    let mut seen = SeenTokens::of(bench.cluster, client, owner, Readings::One).await?;
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
        (_, How::Listed | How::Uuids(_) | How::Log(_)) => client.current_token().await?,
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

/// A helper deletes itself; if that can't be seen to have worked, its UUID and its end are told.
pub(in crate::ops) async fn delete(bench: &Bench<'_>, place: usize, client: &Client, helper: &Token) {
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

/// Whose a step's token may be, likeliest first.
pub(in crate::ops) fn owners(target: &Target, owner: UserUuid, names: &Names) -> Vec<UserUuid> {
    let others = match target {
        Target::Token(token) => names.other_owners.get(token).cloned().unwrap_or_default(),
        Target::User(_) | Target::Login { .. } | Target::Link(_) => Vec::new(),
    };
    std::iter::once(owner).chain(others).collect()
}
