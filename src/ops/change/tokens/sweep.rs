//! A user's tokens while all of them are revoked: what each list shows is deleted, until one shows nothing.

use crate::arvados::error::Error;
use crate::arvados::tokens::Reading;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::text::{count, listed};
use crate::ops::change::tokens::reached::{Reached, delete};
use crate::ops::engine::haste::{self, DEACTIVATE};
use crate::ops::engine::{Bench, Check, SeenTokens, StepDone, Sweep, Tried};
use crate::ops::failure::{Failure, conflict};
use crate::ops::journal::{Before, Doing};
use crate::ops::plan::{Item, ItemResult, Note, Target};
use crate::ops::tokens;
use futures::stream::{FuturesUnordered, StreamExt};
use std::collections::BTreeSet;

/// How often a user's tokens are listed again to see whether new ones came.
const ROUNDS: usize = 20;

/// So many lists in a row may only not stand still, and show nothing that is to be revoked.
const RESTLESS: usize = 5;

#[derive(PartialEq, Eq)]
pub(in crate::ops) enum Swept {
    /// Revoked: another list has to show that nothing is left.
    Again,
    /// Somebody ended the helper meanwhile.
    Ended,
    Over,
}

impl Sweep {
    pub fn new(place: usize, doing: &Doing, owner: UserUuid) -> Self {
        Self {
            place,
            doing: doing.clone(),
            owner,
            tried: BTreeSet::new(),
            left: BTreeSet::new(),
            rounds: 0,
            restless: 0,
            appeared: BTreeSet::new(),
            items: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Revokes what a list has that was not tried yet. Only a list that stood still shows that nothing is left.
    pub async fn take(&mut self, bench: &Bench<'_>, reached: &Reached, seen: SeenTokens) -> Swept {
        let mut rows = seen.rows.clone();
        // Helpers are none of the user's: of one that could not be deleted it is said, and when it ends.
        let is_helper = |token| bench.helpers.slot(self.owner).is_ok_and(|slot| slot.has_made(token));
        rows.retain(|row| row.uuid != reached.asks_with && !is_helper(row.uuid));
        // What is in the log alone may be gone: only what the server lists proves that it is not.
        let (logged, there): (Vec<TokenUuid>, Vec<TokenUuid>) =
            rows.iter().map(|row| row.uuid).partition(|uuid| seen.logged.contains(uuid));
        rows.retain(|row| !self.tried.contains(&row.uuid));
        let is_quiet = seen.reading == Reading::Quiet;
        if self.rounds >= ROUNDS && !rows.is_empty() {
            self.came(ItemResult::Failed(keep_appearing(bench, self.owner)));
            return Swept::Over;
        }
        // Of everybody's list, which the root token sees, it may be others' tokens that come and go.
        if rows.is_empty() && !is_quiet && self.restless < RESTLESS {
            if bench.must_stop() {
                self.not_looked(bench);
                return Swept::Over;
            }
            self.restless += 1;
            return Swept::Again;
        }
        if rows.is_empty() {
            for &token in &there {
                let failure = conflict("it was to be revoked, yet the server still lists it".to_owned());
                let item = Item { target: Target::Token(token), result: ItemResult::Failed(failure) };
                if !bench.correct(self.place, item.clone()) && !bench.is_reported(self.place, &item.target) {
                    self.items.push(item);
                }
            }
            if self.items.is_empty() && bench.reported(self.place) == 0 {
                self.came(if is_quiet {
                    ItemResult::Unchanged(nothing(reached))
                } else {
                    ItemResult::Failed(unsettled(bench, self.owner))
                });
            }
            self.say(what_is_left(bench, self.owner, &there, &logged, &seen));
            self.say(Note::info(tokens::minted_anew(&bench.cluster.session.cluster)));
            return Swept::Over;
        }
        let new: Vec<TokenUuid> = rows.iter().map(|row| row.uuid).collect();
        if self.rounds > 0 {
            self.appeared.extend(new.iter().filter(|token| !self.left.contains(token)));
        }
        if let Err(failure) = bench.write_down(&self.doing, &Before::tokens(&rows)) {
            self.came(ItemResult::Failed(failure));
            return Swept::Over;
        }
        bench.found(self.owner, &new);
        self.rounds += 1;
        self.restless = 0;
        self.tried.extend(&new);
        bench.expect(self.place, self.tried.len());
        let left = delete_each(bench, self.place, reached, &new).await;
        if left.is_empty() {
            if bench.must_stop() {
                self.not_looked(bench);
                return Swept::Over;
            }
            return Swept::Again;
        }
        self.tried.retain(|token| !left.contains(token));
        self.left.extend(left);
        Swept::Ended
    }

    /// Nothing reaches them any more: what a list has shown is not begun.
    pub fn failed(mut self, bench: &Bench<'_>, failure: Failure) -> StepDone {
        let left = std::mem::take(&mut self.left);
        let target = |token: TokenUuid| Item { target: Target::Token(token), result: ItemResult::NotStarted };
        self.items.extend(left.into_iter().map(target));
        self.came(ItemResult::Failed(failure));
        self.done(bench)
    }

    /// Somebody stopped it before a list showed what is left.
    pub fn stopped(mut self, bench: &Bench<'_>) -> StepDone {
        let left = std::mem::take(&mut self.left);
        let targets = left.into_iter().map(Target::Token).chain([Target::User(self.owner)]);
        for target in targets {
            bench.not_started(self.place, Item { target, result: ItemResult::NotStarted });
        }
        self.not_looked(bench);
        self.done(bench)
    }

    fn not_looked(&mut self, bench: &Bench<'_>) {
        let name = bench.names.user(self.owner);
        self.say(Note::warning(format!("Stopped before it was looked at whether {name} has tokens left.")));
    }

    /// Revoked with the token in use: one list for all owners shows what is left.
    pub fn unchecked(self) -> StepDone {
        StepDone { checks: vec![Check::Swept(self)], ..StepDone::default() }
    }

    fn came(&mut self, result: ItemResult) {
        // On the screen the row has only the reason.
        if matches!(&result, ItemResult::Failed(failure) if failure.advice == DEACTIVATE) {
            let command = haste::deactivation(self.owner);
            self.say(Note::danger(format!("Revoking did not end it: {DEACTIVATE} ({command}).")));
        }
        self.items.push(Item { target: Target::User(self.owner), result });
    }

    fn say(&mut self, note: Note) {
        self.notes.push(note);
    }

    pub fn done(mut self, bench: &Bench<'_>) -> StepDone {
        if !self.appeared.is_empty() {
            let appeared: Vec<TokenUuid> = self.appeared.iter().copied().collect();
            let text = format!(
                "{} of {} appeared meanwhile: {}",
                count(appeared.len(), "new token", "new tokens"),
                bench.names.user(self.owner),
                listed(&texts(&appeared))
            );
            self.notes.insert(0, Note::warning(text));
        }
        StepDone { items: self.items, notes: self.notes, ..StepDone::default() }
    }

    pub fn not_seen(self, bench: &Bench<'_>, error: &Error) -> StepDone {
        let name = bench.names.user(self.owner);
        let text = format!("Whether {name} has tokens left could not be looked at: {error}");
        self.done(bench).note(Note::warning(text))
    }
}

/// Deletes tokens, as many at a time as the server takes, each reported as it is done. Those that are left because
/// somebody ended the helper.
pub(in crate::ops) async fn delete_each(
    bench: &Bench<'_>,
    place: usize,
    reached: &Reached,
    uuids: &[TokenUuid],
) -> Vec<TokenUuid> {
    let mut waiting = uuids.iter().copied();
    let mut under_way = FuturesUnordered::new();
    let mut left: Vec<TokenUuid> = Vec::new();
    loop {
        while left.is_empty()
            && under_way.len() < bench.cluster.client.allowed_at_once()
            && !bench.must_stop()
        {
            let Some(token) = waiting.next() else { break };
            under_way.push(async move {
                // Of all owners' tokens together no more are under way: what has begun is sent, whatever the
                // others are answered.
                let _turn = bench.turn().await;
                if bench.must_stop() {
                    bench.not_started(
                        place,
                        Item { target: Target::Token(token), result: ItemResult::NotStarted },
                    );
                    return None;
                }
                match delete(bench, reached, token).await {
                    Tried::Through(result) => {
                        bench.report(place, Item { target: Target::Token(token), result });
                        None
                    }
                    Tried::Ended => Some(token),
                }
            });
        }
        match under_way.next().await {
            None => break,
            Some(ended) => left.extend(ended),
        }
    }
    if !left.is_empty() {
        left.extend(waiting);
        return left;
    }
    for token in waiting {
        bench.not_started(place, Item { target: Target::Token(token), result: ItemResult::NotStarted });
    }
    left
}

/// Revoking does not win.
pub(in crate::ops) fn keep_appearing(bench: &Bench<'_>, owner: UserUuid) -> Failure {
    let failure = conflict(format!(
        "new tokens of {} keep appearing: something makes them faster than they are revoked; {} ends that",
        bench.names.user(owner),
        haste::deactivation(owner)
    ));
    Failure { advice: DEACTIVATE, ..failure }
}

/// No list stood still, so that nobody knows whether there is anything.
fn unsettled(bench: &Bench<'_>, owner: UserUuid) -> Failure {
    let failure = conflict(format!(
        "whether {} has tokens can't be seen, since the list does not stand still; {} needs none",
        bench.names.user(owner),
        haste::deactivation(owner)
    ));
    Failure { advice: DEACTIVATE, ..failure }
}

fn nothing(reached: &Reached) -> String {
    if reached.helper.is_some() { "no tokens" } else { "no other tokens" }.to_owned()
}

/// What the last list showed, and what can change it.
fn what_is_left(
    bench: &Bench<'_>,
    owner: UserUuid,
    there: &[TokenUuid],
    logged: &[TokenUuid],
    seen: &SeenTokens,
) -> Note {
    let name = bench.names.user(owner);
    if !there.is_empty() {
        Note::warning(format!(
            "The server still lists {} of {name}: {}",
            count(there.len(), "token", "tokens"),
            listed(&texts(there))
        ))
    } else if !logged.is_empty() {
        Note::warning(format!(
            "The audit log has no end of {} of {name} yet: {}. Whether they are gone can't be seen: {}. Deactivating \
             the user ends all of them and needs no list.",
            count(logged.len(), "token", "tokens"),
            listed(&texts(logged)),
            seen.why_incomplete()
        ))
    } else if !seen.is_complete() {
        Note::warning(format!(
            "Whether {name} has tokens left can't be seen: {}. Deactivating the user ends all of them and needs no list.",
            seen.why_incomplete()
        ))
    } else if owner == bench.cluster.session.my_uuid() {
        Note::info(format!(
            "Checked: the server lists none of them any more; the token in use is kept: {}",
            bench.cluster.session.my_token()
        ))
    } else {
        Note::info(format!("Checked: the server lists no token of {name} any more."))
    }
}

fn texts(uuids: &[TokenUuid]) -> Vec<String> {
    uuids.iter().map(ToString::to_string).collect()
}
