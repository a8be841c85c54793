//! Revoking all that a user has: list and delete, until a list has nothing but the token that does it. A
//! helper lists its owner's; with the token in use one list is made for all owners of a round.

use super::bench::{Bench, StepDone};
use super::check::Check;
use super::look::Look;
use super::seen::SeenTokens;
use super::tokens::{Reached, delete, reach};
use super::users::conflict;
use crate::arvados::error::Error;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::session::TokenAccess;
use crate::model::text::{count, listed};
use crate::ops::cluster::Cluster;
use crate::ops::failure::Failure;
use crate::ops::journal::Before;
use crate::ops::plan::Note;
use crate::ops::report::{Item, ItemResult};
use crate::ops::step::{Step, Target, Via};
use crate::ops::tokens;
use futures::stream::{FuturesUnordered, StreamExt};
use std::collections::BTreeSet;

/// How often a user's tokens are listed again to see whether new ones came.
const ROUNDS: usize = 5;

pub(super) async fn revoke_all(
    bench: &Bench<'_>,
    look: &Look,
    place: usize,
    step: &Step,
    owner: UserUuid,
    via: &Via,
) -> Result<StepDone, Failure> {
    let reached = reach(bench, bench.cluster.session.my_token(), owner, via).await?;
    let mut sweep = Sweep::new(place, step, owner);
    let Some(helper) = reached.helper else {
        return Ok(match sweep.take(bench, &reached, look.tokens_of(owner)).await {
            Swept::Again => StepDone { checks: vec![Check::Swept(sweep)], ..StepDone::default() },
            Swept::Over => sweep.done(),
        });
    };
    // It has listed them when it was made.
    let mut seen = helper.seen.clone();
    while sweep.take(bench, &reached, seen).await == Swept::Again {
        seen = match SeenTokens::of(bench.cluster, &helper.client, owner).await {
            Ok(seen) => seen,
            Err(error) => return Ok(sweep.not_seen(bench, &error)),
        };
    }
    Ok(sweep.done())
}

/// Lists again what was revoked with the token in use, all owners' at once, and revokes what came meanwhile.
pub(super) async fn check(bench: &Bench<'_>, mut sweeps: Vec<Sweep>) {
    while !sweeps.is_empty() {
        let seen = visible(bench.cluster).await;
        for mut sweep in std::mem::take(&mut sweeps) {
            let place = sweep.place;
            let done = match &seen {
                Err(error) => sweep.not_seen(bench, error),
                Ok(seen) => {
                    let reached = Reached {
                        client: bench.cluster.client.clone(),
                        asks_with: bench.cluster.session.my_token(),
                        helper: None,
                    };
                    match sweep.take(bench, &reached, seen.only_of(sweep.owner)).await {
                        Swept::Over => sweep.done(),
                        Swept::Again => {
                            sweeps.push(sweep);
                            continue;
                        }
                    }
                }
            };
            bench.step_done(place, done);
        }
    }
}

/// The tokens that the token in use can list: everyone's with the system root token, else one's own, every
/// row's owner checked.
pub(super) async fn visible(cluster: &Cluster) -> Result<SeenTokens, Error> {
    if cluster.session.access == TokenAccess::All {
        let listed = cluster.client.everyones_tokens().await?;
        Ok(SeenTokens { rows: listed.tokens, unread: listed.unread, ..SeenTokens::none() })
    } else {
        SeenTokens::of(cluster, &cluster.client, cluster.session.my_uuid()).await
    }
}

/// A user's tokens, being revoked.
#[derive(Debug)]
pub(super) struct Sweep {
    place: usize,
    step: Step,
    owner: UserUuid,
    tried: BTreeSet<TokenUuid>,
    /// How many lists had something to revoke.
    rounds: usize,
    items: Vec<Item>,
    notes: Vec<Note>,
}

#[derive(PartialEq, Eq)]
enum Swept {
    /// Revoked: another list has to show that nothing is left.
    Again,
    Over,
}

impl Sweep {
    fn new(place: usize, step: &Step, owner: UserUuid) -> Self {
        Self {
            place,
            step: step.clone(),
            owner,
            tried: BTreeSet::new(),
            rounds: 0,
            items: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Revokes what a list has that was not tried yet.
    async fn take(&mut self, bench: &Bench<'_>, reached: &Reached<'_>, seen: SeenTokens) -> Swept {
        let mut rows = seen.rows.clone();
        rows.retain(|row| row.uuid != reached.asks_with);
        // What is in the log alone may be gone: only what the server lists proves that it is not.
        let (logged, there): (Vec<TokenUuid>, Vec<TokenUuid>) =
            rows.iter().map(|row| row.uuid).partition(|uuid| seen.logged.contains(uuid));
        rows.retain(|row| !self.tried.contains(&row.uuid));
        let name = bench.names.user(self.owner);
        if rows.is_empty() {
            if self.tried.is_empty() {
                self.came(ItemResult::Unchanged(nothing(reached)));
            }
            for &token in &there {
                let failure = conflict("the server said yes, yet it still lists the token".to_owned());
                let item = Item { target: Target::Token(token), result: ItemResult::Failed(failure) };
                bench.correct(self.place, item);
            }
            self.say(what_is_left(bench, self.owner, &there, &logged, &seen));
            self.say(Note::info(tokens::minted_anew(&bench.cluster.session.cluster)));
            return Swept::Over;
        }
        let new: Vec<TokenUuid> = rows.iter().map(|row| row.uuid).collect();
        if self.rounds >= ROUNDS {
            self.say(Note::danger(format!(
                "New tokens of {name} keep appearing: something makes them faster than they are revoked"
            )));
            return Swept::Over;
        }
        if self.rounds > 0 {
            let tokens = count(new.len(), "new token", "new tokens");
            self.say(Note::warning(format!(
                "{tokens} of {name} appeared meanwhile: {}",
                listed(&texts(&new))
            )));
        }
        if let Err(failure) = bench.write_down(&self.step, &Before::tokens(&rows)) {
            self.came(ItemResult::Failed(failure));
            return Swept::Over;
        }
        bench.found(self.owner, &new);
        self.rounds += 1;
        self.tried.extend(&new);
        bench.expect(self.place, self.tried.len());
        delete_each(bench, self.place, reached, &new).await
    }

    fn came(&mut self, result: ItemResult) {
        self.items.push(Item { target: Target::User(self.owner), result });
    }

    fn say(&mut self, note: Note) {
        self.notes.push(note);
    }

    fn done(self) -> StepDone {
        StepDone { items: self.items, notes: self.notes, ..StepDone::default() }
    }

    fn not_seen(self, bench: &Bench<'_>, error: &Error) -> StepDone {
        let name = bench.names.user(self.owner);
        let text = format!("Whether {name} has tokens left could not be looked at: {error}");
        self.done().note(Note::warning(text))
    }
}

/// Deletes tokens, as many at a time as the server takes, each reported as it is done.
async fn delete_each(bench: &Bench<'_>, place: usize, reached: &Reached<'_>, uuids: &[TokenUuid]) -> Swept {
    let mut waiting = uuids.iter().copied();
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < bench.cluster.client.allowed_at_once() && !bench.must_stop() {
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
                    return;
                }
                let result = delete(bench, reached, token).await;
                bench.report(place, Item { target: Target::Token(token), result });
            });
        }
        if under_way.next().await.is_none() {
            break;
        }
    }
    for token in waiting {
        bench.not_started(place, Item { target: Target::Token(token), result: ItemResult::NotStarted });
    }
    if bench.must_stop() { Swept::Over } else { Swept::Again }
}

fn nothing(reached: &Reached<'_>) -> String {
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
