//! Revoking all that a user has while somebody ends the helpers that list it. What is known already, by any list or
//! by the audit log, is deleted at once by each helper that lives for a moment: among it is the token that ends them.

use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::tokens::Readings;
use crate::arvados::writer::Writer;
use crate::model::field::Date;
use crate::model::ids::TokenUuid;
use crate::model::token::Token;
use crate::ops::change::tokens::reached::{Reached, delete};
use crate::ops::change::tokens::sweep::{delete_each, keep_appearing};
use crate::ops::engine::haste::{self};
use crate::ops::engine::{Bench, Helper, SeenTokens, StepDone, Sweep, Tried};
use crate::ops::failure::Failure;
use crate::ops::journal::Before;
use crate::ops::plan::{Item, ItemResult, Note, Target, Unclear};
use crate::ops::tokens::{Chance, Logged, stories};
use crate::ops::witness::{Witnesses, Word};
use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many tokens of the log are tried that need not exist, the likeliest first: whoever ends the helpers can have
/// written down as many as there is time for. Those that exist and are not among them a list shows.
const MOST_UNSURE: usize = 100;

/// How many deletions of one helper are under way at a time.
const AT_ONCE: usize = 4;

/// So many lists of one helper may show tokens that none before had: who goes on with a new token each time makes
/// them without end.
const MOST_LISTS: usize = 60;

/// What is hunted, for all helpers of a hunt.
#[derive(Debug, Default)]
struct Prey {
    /// Those that are not deleted yet, likeliest first.
    waiting: VecDeque<TokenUuid>,
    /// Those that a list has shown: they are told of, whatever becomes of them.
    listed: BTreeSet<TokenUuid>,
    /// Those of which the server was asked, and answered.
    answered: BTreeSet<TokenUuid>,
    /// Those of which the server is being asked.
    under_way: BTreeSet<TokenUuid>,
}

/// Hunts until a helper has outlived what is known; that one.
pub(in crate::ops) async fn hunt(bench: &Bench<'_>, sweep: &mut Sweep) -> Result<Arc<Helper>, Failure> {
    let known = known(bench, sweep).await;
    if bench.must_stop() {
        return Err(haste::stopped());
    }
    bench.write_down(&sweep.doing, &Before::tokens(&known))?;
    let mut waiting: VecDeque<TokenUuid> = sweep.left.iter().copied().collect();
    waiting.extend(known.iter().map(|token| token.uuid).filter(|token| !sweep.left.contains(token)));
    let (listed, answered) = (sweep.left.clone(), sweep.tried.clone());
    let prey = Prey { waiting, listed, answered, under_way: BTreeSet::new() };
    let prey = Mutex::new(prey);
    let this = &*sweep;
    let (prey_ref, owner, place) = (&prey, sweep.owner, sweep.place);
    let hunted = bench
        .helpers
        .in_haste(
            bench,
            owner,
            |ended| {
                let prey = lock(prey_ref);
                let listed = prey.waiting.iter().filter(|token| prey.listed.contains(token)).count();
                let note = haste::being_ended(bench, owner, ended, prey.waiting.len());
                bench.expect(place, bench.reported(place) + listed);
                bench.say(note);
            },
            Result::is_ok,
            |helper: Arc<Helper>| async move {
                match Box::pin(errand(bench, this, prey_ref, &helper)).await {
                    Tried::Through(result) => Tried::Through(result.map(|()| helper)),
                    Tried::Ended => Tried::Ended,
                }
            },
        )
        .await;
    let prey = prey.into_inner().unwrap_or_else(PoisonError::into_inner);
    sweep.left = prey.waiting.iter().filter(|token| prey.listed.contains(token)).copied().collect();
    sweep.tried = prey.answered;
    hunted?
}

/// The same with the root token, which nobody can end: all that is known at once, then everybody's list. It deletes
/// anybody's token, and any user can write of any token that it is hers (api.md v58): so whose each is that only the
/// log names, the server is asked.
pub(in crate::ops) async fn by_root(bench: &Bench<'_>, mut sweep: Sweep) -> StepDone {
    let (client, owner) = (&bench.cluster.client, sweep.owner);
    let known = known(bench, &sweep).await.into_iter().map(|token| token.uuid);
    let asked = stream::iter(known.filter(|token| *token != bench.cluster.session.my_token()))
        .map(|token| client.visible_token(token, None))
        .buffered(AT_ONCE);
    // What can't be seen by itself everybody's list will have.
    let rows: Vec<Token> =
        asked.filter_map(async |row| row.ok().flatten().filter(|row| row.owner == owner)).collect().await;
    if let Err(failure) = bench.write_down(&sweep.doing, &Before::tokens(&rows)) {
        return sweep.failed(bench, failure);
    }
    let reached = Reached::by_token_in_use(bench);
    let left = std::mem::take(&mut sweep.left);
    let new: BTreeSet<TokenUuid> = left
        .into_iter()
        .chain(rows.iter().map(|row| row.uuid))
        .filter(|token| !sweep.tried.contains(token))
        .collect();
    let new: Vec<TokenUuid> = new.into_iter().collect();
    bench.found(sweep.owner, &new);
    sweep.tried.extend(&new);
    delete_each(bench, sweep.place, &reached, &new).await;
    sweep
        .unchecked()
        .note(Note::warning("The helper was ended by somebody else: the token in use did it instead."))
}

/// What the audit log knows of the user's tokens, likeliest to be alive first.
async fn known(bench: &Bench<'_>, sweep: &Sweep) -> Vec<Token> {
    let cluster = bench.cluster;
    // What can't be had is not known.
    let events = cluster.client.token_events_of(&[sweep.owner]).await.unwrap_or_default();
    let stories = stories(&events, cluster.session.my_uuid());
    let witnesses = Witnesses::of(cluster, stories.values()).await;
    let is_helper = |token: TokenUuid| bench.helpers.slot(sweep.owner).is_ok_and(|slot| slot.has_made(token));
    let stories = stories
        .into_values()
        .filter(|logged| logged.token.owner == sweep.owner)
        .filter(|logged| !sweep.tried.contains(&logged.token.uuid) && !is_helper(logged.token.uuid));
    likeliest_first(stories, &witnesses, cluster.now())
}

/// Those of which the server or an admin wrote, then those that their owner could have written down without there
/// being any, then strangers' inventions; and each time those first that have no end.
fn likeliest_first(
    stories: impl Iterator<Item = Logged>,
    witnesses: &Witnesses,
    now: Timestamp,
) -> Vec<Token> {
    let mut known: Vec<(Word, Chance, Logged)> = stories
        .filter(|logged| !logged.has_run_out(now))
        .map(|logged| (witnesses.word_for(&logged), logged.chance(now), logged))
        .filter(|(_, chance, _)| *chance != Chance::Gone)
        .collect();
    // By when the first record was written, which nobody else than the server says.
    known.sort_by(|(word, chance, logged), (other_word, other_chance, other)| {
        (word, chance)
            .cmp(&(other_word, other_chance))
            .then_with(|| Date::newest_first(logged.first_seen.as_ref(), other.first_seen.as_ref()))
    });
    let is_sure = |word: Word, chance: Chance| word == Word::Sure && chance == Chance::PerhapsAlive;
    let sure = known.iter().filter(|(word, chance, _)| is_sure(*word, *chance)).count();
    known.truncate(sure + MOST_UNSURE);
    known.into_iter().map(|(_, _, logged)| logged.token).collect()
}

/// What each helper does at once: it deletes what is known, and lists the rest meanwhile.
async fn errand(
    bench: &Bench<'_>,
    sweep: &Sweep,
    prey: &Mutex<Prey>,
    helper: &Arc<Helper>,
) -> Tried<Result<(), Failure>> {
    for _ in 0..MOST_LISTS {
        // What is deleted is sent first: perhaps no more than one request gets through.
        let (deleted, seen) =
            futures::join!(delete_known(bench, sweep, prey, helper), list(bench, sweep, prey, helper));
        let is_news = match seen {
            Ok(is_news) => is_news,
            Err(Unlisted::HelperEnded) => return Tried::Ended,
            Err(Unlisted::Failed(failure)) => return Tried::Through(Err(failure)),
        };
        match deleted {
            Deleted::HelperEnded => return Tried::Ended,
            Deleted::All if !is_news || bench.must_stop() => return Tried::Through(Ok(())),
            Deleted::All => {}
        }
    }
    Tried::Through(Err(keep_appearing(bench, sweep.owner)))
}

/// Why nothing was listed.
enum Unlisted {
    HelperEnded,
    Failed(Failure),
}

/// Lists what there is, to be deleted next; whether any of it was not known to be there.
async fn list(
    bench: &Bench<'_>,
    sweep: &Sweep,
    prey: &Mutex<Prey>,
    helper: &Arc<Helper>,
) -> Result<bool, Unlisted> {
    let owner = sweep.owner;
    let seen = match SeenTokens::of(bench.cluster, &helper.client, owner, Readings::One).await {
        Ok(seen) => seen,
        Err(error) if haste::is_ended(bench, &helper.client, &error).await => {
            return Err(Unlisted::HelperEnded);
        }
        Err(error) => return Err(Unlisted::Failed(error.into())),
    };
    let is_helper = |token: TokenUuid| bench.helpers.slot(owner).is_ok_and(|slot| slot.has_made(token));
    let is_complete = seen.is_complete();
    let there: BTreeSet<TokenUuid> = seen.rows.iter().map(|row| row.uuid).collect();
    let mut new = seen.rows;
    // What the log alone has is known already, and no list has shown it.
    new.retain(|row| !is_helper(row.uuid) && !seen.logged.contains(&row.uuid));
    {
        let prey = lock(prey);
        new.retain(|row| !prey.answered.contains(&row.uuid) && !prey.listed.contains(&row.uuid));
    }
    // Before any of them waits to be deleted: what the journal does not have is not.
    if !new.is_empty() {
        bench.write_down(&sweep.doing, &Before::tokens(&new)).map_err(Unlisted::Failed)?;
    }
    let mut prey = lock(prey);
    let Prey { waiting, listed, answered, under_way } = &mut *prey;
    // Meanwhile another may have come so far.
    new.retain(|row| !answered.contains(&row.uuid) && listed.insert(row.uuid));
    let is_new: BTreeSet<TokenUuid> = new.iter().map(|row| row.uuid).collect();
    waiting.retain(|token| !is_new.contains(token));
    // What is not in a list that stood still is not there, whoever wrote of it.
    waiting.retain(|token| !is_complete || there.contains(token) || listed.contains(token));
    for token in is_new.iter().filter(|token| !under_way.contains(token)) {
        waiting.push_front(*token);
    }
    Ok(!new.is_empty())
}

/// How far a helper came.
enum Deleted {
    All,
    HelperEnded,
}

/// Deletes what waits, some at a time, until nothing does or the helper was ended.
async fn delete_known(bench: &Bench<'_>, sweep: &Sweep, prey: &Mutex<Prey>, helper: &Arc<Helper>) -> Deleted {
    let one_after_another = || async move {
        while !bench.must_stop() {
            let Some(token) = lock(prey).next() else { break };
            let deleted = delete_one(bench, sweep, prey, helper, token).await;
            lock(prey).under_way.remove(&token);
            if let Deleted::HelperEnded = deleted {
                return Deleted::HelperEnded;
            }
        }
        Deleted::All
    };
    let ended = futures::future::join_all((0..AT_ONCE).map(|_| one_after_another())).await;
    if ended.iter().any(|ended| matches!(ended, Deleted::HelperEnded)) {
        Deleted::HelperEnded
    } else {
        Deleted::All
    }
}

async fn delete_one(
    bench: &Bench<'_>,
    sweep: &Sweep,
    prey: &Mutex<Prey>,
    helper: &Arc<Helper>,
    token: TokenUuid,
) -> Deleted {
    let was_listed = lock(prey).listed.contains(&token);
    let tried = if was_listed {
        delete(bench, &Reached::by(helper), token).await
    } else {
        delete_named(bench, helper, token).await
    };
    let Tried::Through(result) = tried else {
        lock(prey).waiting.push_front(token);
        return Deleted::HelperEnded;
    };
    if result == ItemResult::Done
        && let Ok(slot) = bench.helpers.slot(sweep.owner)
    {
        slot.did_something();
    }
    let is_listed = {
        let mut prey = lock(prey);
        let is_listed = prey.listed.contains(&token);
        if is_listed && !was_listed && result != ItemResult::Done {
            // A list has shown it meanwhile: whatever the answer, it is looked for.
            prey.waiting.push_front(token);
            return Deleted::All;
        }
        prey.answered.insert(token);
        is_listed
    };
    // Of one that only the log named, nothing was there to be revoked.
    let is_nothing = !is_listed && matches!(result, ItemResult::Unchanged(_));
    let result = (!is_nothing).then_some(result);
    if let Some(result) = result {
        bench.found(sweep.owner, &[token]);
        bench.report(sweep.place, Item { target: Target::Token(token), result });
    }
    Deleted::All
}

/// Deletes one that only the log names: what is not there is not looked for, since most of them may never have been.
async fn delete_named(bench: &Bench<'_>, helper: &Helper, token: TokenUuid) -> Tried<ItemResult> {
    Tried::Through(match Writer::new(&helper.client, bench.leave).delete_token(token).await {
        Ok(()) => ItemResult::Done,
        Err(error) if haste::is_ended(bench, &helper.client, &error).await => return Tried::Ended,
        Err(error) if error.kind() == ErrorKind::NotFound => ItemResult::Unchanged("already gone".to_owned()),
        Err(error) => result_of(&error),
    })
}

fn result_of(error: &Error) -> ItemResult {
    if error.leaves_write_unknown() {
        ItemResult::Unknown(Unclear::of(error, error.to_string()))
    } else if error.is_not_authorised() {
        // It is the helper's, and says nothing of the token in use.
        ItemResult::Failed(Failure { kind: ErrorKind::Conflict, ..Failure::from(error) })
    } else {
        ItemResult::Failed(Failure::from(error))
    }
}

impl Prey {
    /// The next to be deleted.
    fn next(&mut self) -> Option<TokenUuid> {
        let token = self.waiting.pop_front()?;
        self.under_way.insert(token);
        Some(token)
    }
}

fn lock(prey: &Mutex<Prey>) -> MutexGuard<'_, Prey> {
    prey.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arvados::logs::{TokenEvent, TokenEventKind};
    use crate::model::ids::UserUuid;

    const SYSTEM: &str = "zzzzz-tpzed-000000000000000";
    const ROSA: &str = "zzzzz-tpzed-00000000000rosa";
    const OTTO: &str = "zzzzz-tpzed-00000000000otto";
    const BOSS: &str = "zzzzz-tpzed-00000000000boss";

    fn user(uuid: &str) -> UserUuid {
        uuid.parse().expect("a user")
    }

    fn record(token: usize, kind: TokenEventKind, by: &str, second: i64) -> TokenEvent {
        TokenEvent {
            kind,
            at: Some(Timestamp::from_second(1_700_000_000 + second).expect("an instant").into()),
            token: format!("zzzzz-gj3su-{token:015}").parse().expect("a token"),
            owner: user(ROSA),
            by: Some(user(by)),
            attributes: None,
        }
    }

    #[test]
    fn what_is_sure_comes_first_and_of_the_rest_a_hundred() {
        use TokenEventKind::{Create, Delete};
        // Her own first, and many: she writes as many as she likes, at any time.
        let mut events: Vec<TokenEvent> = (1_000..1_300).map(|n| record(n, Create, ROSA, 1_000)).collect();
        events.extend((2_000..2_050).map(|n| record(n, Create, OTTO, 2_000)));
        events.extend([
            record(1, Create, SYSTEM, 1),
            record(2, Create, BOSS, 2),
            record(3, Create, SYSTEM, 3),
        ]);
        events.extend([
            record(4, Create, SYSTEM, 4),
            record(3, Delete, ROSA, 9),
            record(4, Delete, SYSTEM, 9),
        ]);
        let me = user("zzzzz-tpzed-000000000000900");
        let witnesses = Witnesses::believing(me, [user(BOSS)]);
        let now = Timestamp::from_second(1_800_000_000).expect("an instant");
        let order: Vec<String> = likeliest_first(stories(&events, me).into_values(), &witnesses, now)
            .into_iter()
            .map(|token| token.uuid.to_string().trim_start_matches("zzzzz-gj3su-").to_owned())
            .collect();
        let number = |token: &String| token.parse::<usize>().expect("a number");
        let order: Vec<usize> = order.iter().map(number).collect();
        assert_eq!(order[..3], [2, 1, 3], "whom she says to have ended comes after those without an end");
        assert_eq!(order.len(), 2 + MOST_UNSURE);
        assert!(order[3..].iter().all(|token| (1_000..1_300).contains(token)), "{order:?}");
    }
}
