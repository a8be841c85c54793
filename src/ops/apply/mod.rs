//! Applying a confirmed plan: at most four steps at a time, stopping only between steps, never sending a
//! write twice, and saying of each target what became of it.

mod bench;
mod helpers;
mod leave;
mod logins;
mod reassign;
mod silence;
mod suspend;
mod tokens;
mod users;

use self::bench::{Bench, StepDone};
use super::cluster::Cluster;
use super::confirm::Confirmed;
use super::plan::{Plan, Planned};
use super::report::{ApplyReport, Item, ItemResult, Progress};
use super::step::Step;
use crate::arvados::client::random_letter;
use crate::arvados::writer::WriteAccess;
use crate::model::session::Session;
use crate::model::user::UserRole;
use futures::stream::{FuturesUnordered, StreamExt};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most steps under way at once; fewer while the server is busy.
const AT_ONCE: usize = 4;

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

/// Applies a plan. `progress` is called once for each item that is finished.
pub async fn apply(
    plan: Confirmed<Plan>,
    cluster: &Cluster,
    leave: &WriteAccess,
    progress: impl Fn(Progress) + Send + Sync,
    stop: &StopFlag,
) -> ApplyReport {
    let plan = plan.into_plan();
    let batch = new_batch_id();
    let cluster = Cluster { client: cluster.client.for_batch(&batch), ..cluster.clone() };
    let bench = Bench::new(&cluster, leave, &batch, &plan, &progress, stop);
    if let Ok(Some(note)) = cluster.journal.repair() {
        bench.note(0, note);
    }

    // What ends the token in use, or its rights, has its turn when all else is done.
    let (last, first): (Vec<_>, Vec<_>) = plan
        .steps
        .iter()
        .enumerate()
        .partition(|(_, planned)| ends_the_session(&planned.step, &cluster.session));
    run(&bench, &first, AT_ONCE).await;
    run(&bench, &last, 1).await;
    bench.helpers.give_all_back(&bench).await;
    bench.into_report()
}

/// Applies steps until all are done or it must stop; those without a turn are said to be not started.
async fn run(bench: &Bench<'_>, steps: &[(usize, &Planned)], at_once: usize) {
    let mut waiting = steps.iter();
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < at_once.min(bench.cluster.client.allowed_at_once()) && !bench.must_stop() {
            let Some(&(place, planned)) = waiting.next() else { break };
            under_way.push(async move {
                let done = apply_step(bench, place, planned).await;
                bench.step_done(place, done);
                bench.helpers.step_done(bench, &planned.step).await;
            });
        }
        if under_way.next().await.is_none() {
            break;
        }
    }
    for &(place, planned) in waiting {
        bench.not_started(place, Item { target: planned.step.target(), result: ItemResult::NotStarted });
    }
}

async fn apply_step(bench: &Bench<'_>, place: usize, planned: &Planned) -> StepDone {
    match &planned.step {
        Step::SetUp { .. }
        | Step::Activate { .. }
        | Step::Deactivate { .. }
        | Step::Suspend { .. }
        | Step::Resume { .. }
        | Step::SetRole { .. } => users::apply_step(bench, planned).await,
        Step::Reassign { .. } => reassign::apply_step(bench, planned).await,
        Step::IssueToken { .. }
        | Step::ChangeExpiry { .. }
        | Step::RevokeToken { .. }
        | Step::RevokeAllOf { .. }
        | Step::ListExactly { .. } => tokens::apply_step(bench, place, planned).await,
        Step::CreateLogin { .. } | Step::ChangeLogin { .. } | Step::DeleteLogin { .. } => {
            logins::apply_step(bench, planned).await
        }
    }
}

fn ends_the_session(step: &Step, session: &Session) -> bool {
    match step {
        Step::RevokeToken { token, .. } => *token == session.my_token(),
        Step::SetRole { user, role: UserRole::Plain } => *user == session.my_uuid(),
        _ => false,
    }
}

/// Eight of `[0-9a-z]`: the ids of the batch's requests begin with it, so that one search in the
/// cluster's logs finds them all.
fn new_batch_id() -> String {
    std::iter::repeat_with(random_letter).take(8).collect()
}
