//! What applying a step works with: the connection, the journal, and where results are handed in as they
//! come. A step never decides by itself whether the others go on.

use crate::arvados::error::Error;
use crate::arvados::writer::{WriteAccess, Writer};
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::token::Token;
use crate::ops::cluster::Cluster;
use crate::ops::engine::check::Check;
use crate::ops::engine::helpers::Helpers;
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::journal::{AskedHelper, Batch, Before, Doing, Journal, TokenEvent};
use crate::ops::plan::{Ended, Item, ItemResult, Names, Note, Product, Progress, Target};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The most steps under way at once; fewer while the server is busy.
pub(in crate::ops) const AT_ONCE: usize = 4;

/// So many failures of one kind in a row are no accident: the rest would fail likewise.
const FAILURES_IN_A_ROW: usize = 5;

/// Asks an application to stop after the steps under way. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Stops it.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is to stop.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What applying a step works with.
pub(in crate::ops) struct Bench<'a> {
    /// The cluster, with the token in use. Its requests carry the batch's id.
    pub cluster: &'a Cluster,
    /// Leave to write, for helper tokens.
    pub leave: &'a WriteAccess,
    /// Where receipts go.
    pub journal: &'a Journal,
    /// Names the batch in the journal, and begins the ids of all its requests: `req-BATCH…`.
    pub batch: &'a str,
    /// What things are called.
    pub names: &'a Names,
    /// Helper tokens, one for each owner that needs one.
    pub helpers: Helpers,
    /// Who will be no active admin any more, if all goes as planned.
    pub losing: Vec<UserUuid>,
    verb: &'static str,
    progress: &'a (dyn Fn(Progress) + Send + Sync),
    stop: &'a StopFlag,
    turns: Semaphore,
    results: Mutex<Results>,
}

/// What there is to do, and who is told of it.
pub(in crate::ops) struct Work<'a> {
    /// Names the batch.
    pub batch: &'a str,
    /// What is wanted: "Deactivate".
    pub verb: &'static str,
    /// What things are called.
    pub names: &'a Names,
    /// Helper tokens, as the steps need them.
    pub helpers: Helpers,
    /// Who will be no active admin any more.
    pub losing: Vec<UserUuid>,
    /// How many items each step will have, as far as known.
    pub expected: Vec<usize>,
    /// Called for each item that is finished, and for what stands in the way.
    pub progress: &'a (dyn Fn(Progress) + Send + Sync),
    /// Asks to stop.
    pub stop: &'a StopFlag,
}

/// What all came to.
pub(in crate::ops) struct Outcome {
    pub items: Vec<Item>,
    pub notes: Vec<Note>,
    pub ended: Ended,
    pub names: Names,
    pub brought: Option<Product>,
}

/// What a step comes to.
#[derive(Debug, Default)]
pub(in crate::ops) struct StepDone {
    /// What became of its targets, as far as not reported while it was applied.
    pub items: Vec<Item>,
    /// What was seen afterwards, what remains, what to do next.
    pub notes: Vec<Note>,
    /// What it brought beside that.
    pub brought: Option<Product>,
    /// What is to be looked at, with that of other steps, before it is said to have held.
    pub checks: Vec<Check>,
}

impl StepDone {
    /// One target, one result.
    pub fn one(target: Target, result: ItemResult) -> Self {
        Self { items: vec![Item { target, result }], ..Self::default() }
    }

    /// The target of a step, and its result.
    pub fn of(doing: &Doing, result: ItemResult) -> Self {
        Self::one(doing.target.clone(), result)
    }

    /// A step that did nothing.
    pub fn failed(doing: &Doing, failure: Failure) -> Self {
        Self::of(doing, ItemResult::Failed(failure))
    }

    /// The server said yes; whether it held is looked at later.
    pub fn to_be_checked(doing: &Doing, check: Check) -> Self {
        Self { checks: vec![check], ..Self::of(doing, ItemResult::Done) }
    }

    /// With something to say.
    pub fn note(mut self, note: Note) -> Self {
        self.notes.push(note);
        self
    }
}

#[derive(Debug, Default)]
struct Results {
    /// Each with the place of its step in the plan: the order of arrival never shows.
    items: Vec<(usize, Item)>,
    notes: Vec<(usize, Note)>,
    brought: Option<Product>,
    /// How many items each step will have, as far as known.
    expected: Vec<usize>,
    last_failure: Option<(ErrorKind, usize)>,
    gave_up: Option<Failure>,
    /// Whose tokens are that the plan did not name.
    owners: BTreeMap<TokenUuid, UserUuid>,
    /// What is still to be looked at, with the places of its steps.
    checks: Vec<(usize, Check)>,
}

impl<'a> Bench<'a> {
    pub(in crate::ops) fn new(cluster: &'a Cluster, leave: &'a WriteAccess, work: Work<'a>) -> Self {
        let Work { batch, verb, names, helpers, losing, expected, progress, stop } = work;
        Self {
            cluster,
            leave,
            journal: &cluster.journal,
            batch,
            names,
            helpers,
            losing,
            verb,
            progress,
            stop,
            turns: Semaphore::new(AT_ONCE),
            results: Mutex::new(Results { expected, ..Results::default() }),
        }
    }

    /// Writes with the token in use.
    pub fn writer(&self) -> Writer<'a> {
        Writer::new(&self.cluster.client, self.leave)
    }

    /// Fails if the server has refused the token in use meanwhile: what was not sent yet is not sent then.
    pub fn unless_refused(&self) -> Result<(), Failure> {
        match &self.results().gave_up {
            Some(failure) if failure.kind == ErrorKind::NotAuthorised => Err(Failure {
                reason: format!("not sent, because of another answer: {}", failure.reason),
                ..failure.clone()
            }),
            _ => Ok(()),
        }
    }

    /// Writes down what is there before a step. If that fails, the step must not be begun.
    pub fn write_down(&self, doing: &Doing, before: &Before) -> Result<(), Failure> {
        self.unless_refused()?;
        self.journal.before(&self.batch(), self.cluster.now(), doing, before)
    }

    /// How the journal names this application.
    fn batch(&self) -> Batch<'_> {
        Batch {
            id: self.batch,
            cluster: self.cluster.session.cluster.id,
            by: self.cluster.session.my_uuid(),
            verb: self.verb,
        }
    }

    /// Whether nothing new may be begun: somebody stopped it, or it gave up.
    pub fn must_stop(&self) -> bool {
        self.stop.is_set() || self.results().gave_up.is_some()
    }

    /// A place among the writes of steps that have many; dropping it frees it.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed, so there is always one.
        self.turns.acquire().await.ok()
    }

    /// The step at `place` turns out to have so many items.
    pub fn expect(&self, place: usize, items: usize) {
        if let Some(expected) = self.results().expected.get_mut(place) {
            *expected = items;
        }
    }

    /// An item of the step at `place` is finished. A step of one item returns it instead.
    pub fn report(&self, place: usize, item: Item) {
        let written = self.journal.result(&self.batch(), self.cluster.now(), &item.target, &item.result);
        self.unless_written(place, written);
        let of = {
            let mut results = self.results();
            results.count_failures(&item.result);
            results.items.push((place, item.clone()));
            results.expected.iter().sum::<usize>().max(results.items.len())
        };
        (self.progress)(Progress::Finished { item, of });
    }

    /// Something stands in the way: said at once, for whoever waits.
    pub fn say(&self, note: Note) {
        let of = {
            let results = self.results();
            results.expected.iter().sum::<usize>().max(results.items.len())
        };
        (self.progress)(Progress::Said { note, of });
    }

    /// How many items of the step at `place` are reported.
    pub fn reported(&self, place: usize) -> usize {
        self.results().items.iter().filter(|(at, _)| *at == place).count()
    }

    /// An item of the step at `place` was reported as done, or as nothing to be done, and a look shows that it is not
    /// so. Whether it was reported so.
    pub fn correct(&self, place: usize, item: Item) -> bool {
        let mut results = self.results();
        let is_it = |(at, old): &&mut (usize, Item)| {
            let was_well = matches!(old.result, ItemResult::Done | ItemResult::Unchanged(_));
            *at == place && old.target == item.target && was_well
        };
        let Some((_, old)) = results.items.iter_mut().find(is_it) else { return false };
        *old = item.clone();
        results.count_failures(&item.result);
        drop(results);
        let written = self.journal.result(&self.batch(), self.cluster.now(), &item.target, &item.result);
        self.unless_written(place, written);
        true
    }

    /// Whether anything is reported of this target of the step at `place`.
    pub fn is_reported(&self, place: usize, target: &Target) -> bool {
        self.results().items.iter().any(|(at, item)| *at == place && item.target == *target)
    }

    /// These tokens, of which the plan knew only how many there may be, are this user's.
    pub fn found(&self, owner: UserUuid, tokens: &[TokenUuid]) {
        self.results().owners.extend(tokens.iter().map(|token| (*token, owner)));
    }

    /// What is to be looked at, with the places of its steps; nobody is told of it again.
    pub fn take_checks(&self) -> Vec<(usize, Check)> {
        std::mem::take(&mut self.results().checks)
    }

    /// An item had no turn: said in the report, but no progress.
    pub fn not_started(&self, place: usize, item: Item) {
        self.results().items.push((place, item));
    }

    /// Something to say about the step at `place`.
    pub fn note(&self, place: usize, note: Note) {
        self.results().notes.push((place, note));
    }

    /// Writes down that a helper is about to be asked for. If that fails, it must not be.
    pub fn helper_asked(&self, asked: &AskedHelper, end: Timestamp) -> Result<(), Failure> {
        self.unless_refused()?;
        self.journal.helper_asked(&self.batch(), self.cluster.now(), asked, end)
    }

    /// Writes down what came of it.
    pub fn helper_answered(
        &self,
        place: usize,
        asked: &AskedHelper,
        event: TokenEvent,
        made: Option<&Token>,
    ) {
        let made = made.map(|token| (token.uuid, &token.expiry));
        let written = self.journal.helper_answered(&self.batch(), self.cluster.now(), asked, event, made);
        self.unless_written(place, written);
    }

    /// Writes down a token that was made or deleted beside the targets: helpers, and what was issued.
    pub fn token_event(&self, place: usize, token: &Token, event: TokenEvent) {
        let at = self.cluster.now();
        let written = self.journal.token(&self.batch(), at, token.owner, token.uuid, event, &token.expiry);
        self.unless_written(place, written);
    }

    fn unless_written(&self, place: usize, written: Result<(), Failure>) {
        if let Err(failure) = written {
            self.note(place, Note::warning(format!("Not written down: {}.", failure.reason)));
        }
    }

    pub(in crate::ops) fn step_done(&self, place: usize, done: StepDone) {
        for item in done.items {
            self.report(place, item);
        }
        let mut results = self.results();
        // It may have come to less than was expected of it.
        if done.checks.is_empty() {
            let items = results.items.iter().filter(|(at, _)| *at == place).count();
            if let Some(expected) = results.expected.get_mut(place) {
                *expected = items;
            }
        }
        results.notes.extend(done.notes.into_iter().map(|note| (place, note)));
        results.checks.extend(done.checks.into_iter().map(|check| (place, check)));
        results.brought = done.brought.or(results.brought.take());
    }

    /// What all came to.
    pub(in crate::ops) fn into_outcome(self) -> Outcome {
        let mut results = self.results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.items.sort_by_key(|(place, _)| *place);
        results.notes.sort_by_key(|(place, _)| *place);
        let mut notes: Vec<Note> = Vec::new();
        for (_, note) in results.notes {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        let items: Vec<Item> = results.items.into_iter().map(|(_, item)| item).collect();
        let some_left = items.iter().any(|item| item.result == ItemResult::NotStarted);
        let ended = match results.gave_up {
            // Where all had their turn, nothing was given up; a refused token must be said all the same.
            Some(failure) if some_left || failure.kind == ErrorKind::NotAuthorised => Ended::GaveUp(failure),
            Some(_) | None if some_left => Ended::Stopped,
            Some(_) | None => Ended::Completed,
        };
        let mut names = self.names.clone();
        names.owners.append(&mut results.owners);
        Outcome { items, notes, ended, names, brought: results.brought }
    }

    fn results(&self) -> MutexGuard<'_, Results> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Results {
    fn count_failures(&mut self, result: &ItemResult) {
        let failure = match result {
            // That somebody else was at one target, or ends the helpers of one user, says nothing of the others: else
            // whoever does not want to be revoked would save them, too.
            ItemResult::Failed(failure) if failure.kind == ErrorKind::Conflict => return,
            ItemResult::Failed(failure) => failure.clone(),
            // No answer, and none to the question what became of it: the network is the likely reason.
            ItemResult::Unknown(unclear) => Failure {
                kind: ErrorKind::Unreachable,
                reason: unclear.seen.clone(),
                request_id: unclear.request_id.clone(),
                advice: "check the network, then look again",
                lost: None,
            },
            ItemResult::Done | ItemResult::Unchanged(_) => {
                self.last_failure = None;
                return;
            }
            ItemResult::NotStarted => return,
        };
        let in_a_row = match self.last_failure {
            Some((kind, count)) if kind == failure.kind => count + 1,
            _ => 1,
        };
        self.last_failure = Some((failure.kind, in_a_row));
        if failure.kind == ErrorKind::NotAuthorised || in_a_row >= FAILURES_IN_A_ROW {
            self.gave_up.get_or_insert(failure);
        }
    }
}

/// The result of a write that was refused or did not get through. What may have been done after all must
/// be read first ([`Error::leaves_write_unknown`]).
pub(in crate::ops) fn failed(error: &Error) -> ItemResult {
    ItemResult::Failed(Failure::from(error))
}
