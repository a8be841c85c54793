//! Applying a confirmed plan: at most four steps at a time, stopping only between steps, never sending a
//! write twice, and saying of each target what became of it. What there is before and after is read for up to
//! a hundred targets at once (`look`, `check`): a step reads for itself only where no answer came.

pub use super::engine::bench::StopFlag;

use super::plan::{Plan, Planned};
use super::step::Step;
use crate::arvados::client::random_letter;
use crate::arvados::writer::WriteAccess;
use crate::ops::change::afterwards;
use crate::ops::cluster::Cluster;
use crate::ops::confirm::Confirmed;
use crate::ops::engine::bench::{AT_ONCE, Outcome, Work};
use crate::ops::engine::helpers::Helpers;
use crate::ops::engine::look::{self};
use crate::ops::engine::{Bench, Look, LookAt, StepDone, Turn};
use crate::ops::failure::Failure;
use crate::ops::plan::{Item, ItemResult, Note, Progress};
use crate::ops::report::ApplyReport;
use futures::stream::{FuturesUnordered, StreamExt};

/// Applies a plan. `progress` is called once for each item that is finished, and for what stands in the
/// way.
pub async fn apply(
    plan: Confirmed<Plan>,
    cluster: &Cluster,
    leave: &WriteAccess,
    progress: impl Fn(Progress) + Send + Sync,
    stop: &StopFlag,
) -> ApplyReport {
    let plan = plan.into_plan();
    let batch = new_batch_id();
    let cluster = Cluster { client: cluster.client.for_batch(&batch).counting(), ..cluster.clone() };
    let needs =
        plan.steps.iter().enumerate().filter_map(|(place, planned)| {
            Some((place, planned.step.act().helper()?, planned.step.target()))
        });
    let work = Work {
        batch: &batch,
        verb: plan.intent.verb(),
        names: &plan.names,
        helpers: Helpers::for_needs(needs, &plan.names),
        losing: plan.steps.iter().filter_map(|planned| planned.step.ends_admin()).collect(),
        expected: plan.steps.iter().map(|planned| planned.step.act().items()).collect(),
        progress: &progress,
        stop,
    };
    let bench = Bench::new(&cluster, leave, work);
    if let Ok(Some(note)) = cluster.journal.repair() {
        bench.note(0, note);
    }

    // What ends the token in use, or its rights, has its turn when all else is done.
    let (last, first): (Vec<_>, Vec<_>) = plan
        .steps
        .iter()
        .enumerate()
        .partition(|(_, planned)| planned.step.act().ends_the_session(&cluster.session));
    run(&bench, &first, AT_ONCE).await;
    run(&bench, &last, 1).await;
    bench.helpers.give_all_back(&bench).await;
    if let Some(unread) = bench.cluster.client.unread().in_words() {
        bench.note(
            0,
            Note::warning(format!("What was looked at meanwhile left out what can't be read: {unread}")),
        );
    }
    if let Some(long) = bench.cluster.client.unread().long_in_words() {
        bench.note(0, Note::warning(format!("Records that were looked at meanwhile are {long}")));
    }
    if let Some(endless) = bench.cluster.client.unread().endless_in_words() {
        bench.note(0, Note::warning(format!("Lists that were looked at meanwhile are {endless}")));
    }
    let Outcome { items, notes, ended, names, brought } = bench.into_outcome();
    ApplyReport { intent: plan.intent, batch, items, notes, ended, names, brought }
}

/// Applies steps until all are done or it must stop; those without a turn are said to be not started.
async fn run(bench: &Bench<'_>, steps: &[(usize, &Planned)], at_once: usize) {
    let mut rest = steps;
    // A slow server gets through few steps while a look is good: what is looked at beyond them is in vain.
    let mut size = look::MOST;
    while !rest.is_empty() && !bench.must_stop() {
        let round = &rest[..rest.len().min(size)];
        let mut wanted = LookAt::default();
        for (_, planned) in round {
            planned.step.act().look_at(&mut wanted);
        }
        let begun = match Box::pin(Look::at(bench, &wanted)).await {
            Ok(look) => run_round(bench, &look, round, at_once).await,
            Err(error) => {
                fail_round(bench, round, &Failure::from(error)).await;
                round.len()
            }
        };
        rest = &rest[begun..];
        size = (2 * begun).clamp(AT_ONCE, look::MOST);
    }
    for &(place, planned) in rest {
        not_started(bench, place, planned);
    }
}

/// Applies steps for as long as the look at their targets is good, and looks afterwards whether it held. How
/// many had their turn, or never will.
async fn run_round(bench: &Bench<'_>, look: &Look, round: &[(usize, &Planned)], at_once: usize) -> usize {
    let mut begun = 0;
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < at_once.min(bench.cluster.client.allowed_at_once())
            && !bench.must_stop()
            // However slow the server is, some have their turn with every look.
            && (begun < at_once || look.is_good(bench.cluster.here()))
        {
            let Some(&(place, planned)) = round.get(begun) else { break };
            begun += 1;
            under_way.push(async move {
                let step = &planned.step;
                let doing = step.act().doing();
                let done = step.apply(&Turn { bench, look, place, doing: &doing }).await;
                bench.step_done(place, done.unwrap_or_else(|failure| StepDone::failed(&doing, failure)));
                if !step.act().is_looked_at_by_helper() {
                    no_more_helper(bench, step).await;
                }
            });
        }
        if under_way.next().await.is_none() {
            break;
        }
    }
    afterwards::all(bench).await;
    for (_, planned) in
        round[..begun].iter().filter(|(_, planned)| planned.step.act().is_looked_at_by_helper())
    {
        no_more_helper(bench, &planned.step).await;
    }
    begun
}

/// Nothing could be seen of these targets, so nothing is done to them.
async fn fail_round(bench: &Bench<'_>, round: &[(usize, &Planned)], failure: &Failure) {
    for &(place, planned) in round {
        if bench.must_stop() {
            not_started(bench, place, planned);
        } else {
            bench.step_done(place, StepDone::failed(&planned.step.act().doing(), failure.clone()));
            no_more_helper(bench, &planned.step).await;
        }
    }
}

fn not_started(bench: &Bench<'_>, place: usize, planned: &Planned) {
    bench.not_started(place, Item { target: planned.step.target(), result: ItemResult::NotStarted });
}

/// Eight of `[0-9a-z]`: the ids of the batch's requests begin with it, so that one search in the
/// cluster's logs finds them all.
fn new_batch_id() -> String {
    std::iter::repeat_with(random_letter).take(8).collect()
}

/// One more step needs its helper no longer.
async fn no_more_helper(bench: &Bench<'_>, step: &Step) {
    bench.helpers.step_done(bench, step.act().helper(), &step.target()).await;
}
