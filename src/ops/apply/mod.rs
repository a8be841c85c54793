//! Applying a confirmed plan: at most four steps at a time, stopping only between steps, never sending a
//! write twice, and saying of each target what became of it. What there is before and after is read for up to
//! a hundred targets at once (`look`, `check`): a step reads for itself only where no answer came.

mod bench;
mod check;
mod haste;
pub(super) mod helpers;
mod hunt;
mod issue;
mod leave;
mod logins;
mod look;
mod reassign;
mod revoke_all;
mod seen;
mod silence;
mod suspend;
mod token_check;
mod tokens;
mod users;

use self::bench::{Bench, StepDone};
use self::look::Look;
use super::cluster::Cluster;
use super::confirm::Confirmed;
use super::failure::Failure;
use super::plan::{Note, Plan, Planned};
use super::report::{ApplyReport, Item, ItemResult, Progress};
use super::step::Step;
use super::survey::users::SetUp;
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
    bench.into_report()
}

/// Applies steps until all are done or it must stop; those without a turn are said to be not started.
async fn run(bench: &Bench<'_>, steps: &[(usize, &Planned)], at_once: usize) {
    let mut rest = steps;
    // A slow server gets through few steps while a look is good: what is looked at beyond them is in vain.
    let mut size = look::MOST;
    while !rest.is_empty() && !bench.must_stop() {
        let round = &rest[..rest.len().min(size)];
        let begun = match Box::pin(Look::at(bench, round)).await {
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
                let done = apply_step(bench, look, place, planned).await;
                bench.step_done(place, done);
                if !check::needs_helper(&planned.step) {
                    bench.helpers.step_done(bench, &planned.step).await;
                }
            });
        }
        if under_way.next().await.is_none() {
            break;
        }
    }
    check::all(bench).await;
    for (_, planned) in round[..begun].iter().filter(|(_, planned)| check::needs_helper(&planned.step)) {
        bench.helpers.step_done(bench, &planned.step).await;
    }
    begun
}

/// Nothing could be seen of these targets, so nothing is done to them.
async fn fail_round(bench: &Bench<'_>, round: &[(usize, &Planned)], failure: &Failure) {
    for &(place, planned) in round {
        if bench.must_stop() {
            not_started(bench, place, planned);
        } else {
            bench.step_done(place, StepDone::failed(&planned.step, failure.clone()));
            bench.helpers.step_done(bench, &planned.step).await;
        }
    }
}

fn not_started(bench: &Bench<'_>, place: usize, planned: &Planned) {
    bench.not_started(place, Item { target: planned.step.target(), result: ItemResult::NotStarted });
}

async fn apply_step(bench: &Bench<'_>, look: &Look, place: usize, planned: &Planned) -> StepDone {
    let step = &planned.step;
    let done = match step {
        Step::SetUp { user, vm, notify, activation } => {
            let wanted = SetUp { vm: *vm, notify: *notify, activation: *activation };
            users::set_up(bench, look, step, *user, wanted).await
        }
        Step::Activate { user } => users::activate(bench, look, step, *user).await,
        Step::Deactivate { user } => leave::deactivate(bench, look, step, *user).await,
        Step::Suspend { user, .. } => suspend::suspend(bench, look, step, *user).await,
        Step::Resume { user, role } => users::resume(bench, look, step, *user, *role).await,
        Step::SetRole { user, role } => users::set_role(bench, look, step, *user, *role).await,
        Step::Reassign { from, to, project, parting, regrant, owned } => {
            let handover = reassign::Handover {
                bench,
                step,
                from: *from,
                to: *to,
                project,
                parting: *parting,
                planned: *owned,
            };
            Ok(handover.carry_out(regrant).await)
        }
        Step::IssueToken { owner, expiry, scopes } => {
            issue::issue(bench, place, step, *owner, *expiry, scopes).await
        }
        Step::ChangeExpiry { token, owner, expiry, via } => {
            Ok(tokens::change_expiry(bench, step, *token, *owner, *expiry, via).await)
        }
        Step::RevokeToken { token, owner, via } => Ok(tokens::revoke(bench, step, *token, *owner, via).await),
        Step::RevokeAllOf { owner, via, .. } => {
            revoke_all::revoke_all(bench, look, place, step, *owner, via).await
        }
        Step::ListExactly { owner } => tokens::list_exactly(bench, *owner).await,
        Step::CreateLogin { user, vm, login_name, groups } => {
            let login = (*user, *vm, login_name.to_string());
            logins::grant(bench, look, step, login, &logins::names(groups)).await
        }
        Step::ChangeLogin { link, user, vm, login_name, groups, .. } => {
            let login = (*user, *vm, login_name.clone());
            logins::change(bench, look, step, login, &logins::names(groups), Some(*link)).await
        }
        Step::DeleteLogin { user, vm, login_name, .. } => {
            logins::delete(bench, look, step, (*user, *vm, login_name.clone())).await
        }
    };
    done.unwrap_or_else(|failure| StepDone::failed(step, failure))
}

fn ends_the_session(step: &Step, session: &Session) -> bool {
    match step {
        Step::RevokeToken { token, .. } => *token == session.my_token(),
        Step::SetRole { user, role: UserRole::Plain } => *user == session.my_uuid(),
        Step::SetUp { .. }
        | Step::Activate { .. }
        | Step::Deactivate { .. }
        | Step::Suspend { .. }
        | Step::Resume { .. }
        | Step::SetRole { role: UserRole::Admin, .. }
        | Step::Reassign { .. }
        | Step::IssueToken { .. }
        | Step::ChangeExpiry { .. }
        | Step::RevokeAllOf { .. }
        | Step::ListExactly { .. }
        | Step::CreateLogin { .. }
        | Step::ChangeLogin { .. }
        | Step::DeleteLogin { .. } => false,
    }
}

/// Eight of `[0-9a-z]`: the ids of the batch's requests begin with it, so that one search in the
/// cluster's logs finds them all.
fn new_batch_id() -> String {
    std::iter::repeat_with(random_letter).take(8).collect()
}
