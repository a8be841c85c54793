//! Applying setup, activation, resumption and the admin flag; what is common to all changes of accounts.
//! Each step reads the account again before it writes: somebody else may have been quicker.

use super::bench::{Bench, StepDone};
use super::silence::{Seen, after_silence, came_out};
use super::{leave, suspend};
use crate::arvados::error::Error;
use crate::arvados::users::UserFlags;
use crate::model::ids::{UserUuid, VmUuid};
use crate::model::user::{User, UserRole, UserStatus};
use crate::model::when;
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::intent::Activation;
use crate::ops::journal::Before;
use crate::ops::plan::{Note, Planned};
use crate::ops::report::{ItemResult, Unclear};
use crate::ops::step::Step;
use crate::ops::survey::users::{another_admin_remains, role_before};

pub(super) async fn apply_step(bench: &Bench<'_>, planned: &Planned) -> StepDone {
    let step = &planned.step;
    let done = match step {
        Step::SetUp { user, .. } => set_up(bench, step, *user).await,
        Step::Activate { user } => activate(bench, step, *user).await,
        Step::Deactivate { user } => leave::deactivate(bench, step, *user).await,
        Step::Suspend { user, .. } => suspend::suspend(bench, step, *user).await,
        Step::Resume { user, role } => resume(bench, step, *user, *role).await,
        Step::SetRole { user, role } => set_role(bench, step, *user, *role).await,
        // The engine sends the others elsewhere.
        Step::Reassign { .. }
        | Step::IssueToken { .. }
        | Step::ChangeExpiry { .. }
        | Step::RevokeToken { .. }
        | Step::RevokeAllOf { .. }
        | Step::ListExactly { .. }
        | Step::CreateLogin { .. }
        | Step::ChangeLogin { .. }
        | Step::DeleteLogin { .. } => return StepDone::default(),
    };
    done.unwrap_or_else(|failure| StepDone::one(step.target(), ItemResult::Failed(failure)))
}

/// A step's single result.
pub(super) fn came(step: &Step, result: ItemResult) -> StepDone {
    StepDone::one(step.target(), result)
}

/// "changed by Ada Adler at 2026-11-24 10:42"
pub(super) async fn who_changed(bench: &Bench<'_>, user: &User) -> String {
    let by = match user.modified_by {
        None => "somebody".to_owned(),
        Some(by) if by.is_system() => "the system".to_owned(),
        Some(by) => {
            let known = match bench.names.users.get(&by) {
                Some(known) => Some(known.clone()),
                None => bench.cluster.users(&[by]).await.unwrap_or_default().into_iter().next(),
            };
            known.map_or_else(|| by.to_string(), |user| user.display_name())
        }
    };
    let at = user.modified_at.map(|at| format!(" at {}", when::date_time(at))).unwrap_or_default();
    format!("changed by {by}{at}")
}

/// Fails if the account is not as the survey saw it: the plan was agreed to for another state of things.
pub(super) async fn unless_changed(bench: &Bench<'_>, now: &User) -> Result<(), Failure> {
    let Some(seen) = bench.names.users.get(&now.uuid) else { return Ok(()) };
    if seen.status == now.status && seen.role == now.role {
        return Ok(());
    }
    let who = who_changed(bench, now).await;
    Err(conflict(format!("{who}: was {}, is {} now", state(seen), state(now))))
}

/// Somebody else was there.
pub(super) fn conflict(reason: String) -> Failure {
    Failure {
        kind: ErrorKind::Conflict,
        reason,
        request_id: None,
        advice: "look at the account again, then decide",
    }
}

/// "active admin"
pub(super) fn state(user: &User) -> String {
    let status = user.status.word().to_lowercase();
    if user.is_admin() { format!("{status} admin") } else { status }
}

/// Fails if no active admin remains when all is done that is planned: it may have become so since the
/// survey. Each step must look at all of them, because they are applied side by side.
pub(super) async fn keep_an_admin(bench: &Bench<'_>, user: &User) -> Result<(), Failure> {
    if !user.is_admin() || !user.is_active() || another_admin_remains(bench.cluster, &bench.losing).await? {
        return Ok(());
    }
    let reason = if bench.losing.len() == 1 {
        "the last active admin must stay one"
    } else {
        "no active admin would remain: leave one of them"
    };
    Err(conflict(reason.to_owned()))
}

/// How setting flags came out.
pub(super) enum Flags {
    /// They are as wanted.
    Set,
    /// No answer came, and looking again did not tell.
    Unclear(Unclear),
}

/// Sets flags. If no answer comes, a read tells whether they hold.
pub(super) async fn set_flags(bench: &Bench<'_>, user: UserUuid, flags: UserFlags) -> Result<Flags, Failure> {
    let hold = |user: &User| {
        flags.is_active.is_none_or(|wanted| wanted == user.is_active())
            && flags.is_admin.is_none_or(|wanted| wanted == user.is_admin())
    };
    match bench.writer().update_user(user, flags).await {
        Ok(after) if hold(&after) => Ok(Flags::Set),
        // A server that does not like it may say 200 and not do it (api.md v20).
        Ok(after) => Err(Failure {
            kind: ErrorKind::Unexpected,
            reason: format!("the server said yes, yet the account is {}", state(&after)),
            request_id: None,
            advice: "look at the account again",
        }),
        Err(error) if error.leaves_write_unknown() => {
            let looked = bench
                .cluster
                .user(user)
                .await
                .map(|after| if hold(&after) { Seen::AsWanted } else { Seen::Otherwise(state(&after)) });
            Ok(after_silence(&error, looked).map_or_else(Flags::Unclear, |()| Flags::Set))
        }
        Err(error) => Err(error.into()),
    }
}

fn flags_result(flags: Flags) -> ItemResult {
    match flags {
        Flags::Set => ItemResult::Done,
        Flags::Unclear(unclear) => ItemResult::Unknown(unclear),
    }
}

async fn activate(bench: &Bench<'_>, step: &Step, user: UserUuid) -> Result<StepDone, Failure> {
    let now = bench.cluster.user(user).await?;
    if now.is_active() {
        let who = who_changed(bench, &now).await;
        return Ok(came(step, ItemResult::Unchanged(format!("active already: {who}"))));
    }
    unless_changed(bench, &now).await?;
    bench.write_down(step, &Before::flags_of(&now))?;
    let flags = UserFlags { is_active: Some(true), is_admin: None };
    Ok(came(step, flags_result(set_flags(bench, user, flags).await?)))
}

async fn resume(bench: &Bench<'_>, step: &Step, user: UserUuid, role: UserRole) -> Result<StepDone, Failure> {
    let now = bench.cluster.user(user).await?;
    if now.is_active() {
        let who = who_changed(bench, &now).await;
        return Ok(came(step, ItemResult::Unchanged(format!("active already: {who}"))));
    }
    unless_changed(bench, &now).await?;
    if role_before(bench.cluster, user)? != role {
        let what = "the journal has changed since: it says otherwise now whether the user was an admin";
        return Err(conflict(what.to_owned()));
    }
    let admin = role == UserRole::Admin;
    bench.write_down(step, &Before::flags_of(&now))?;
    let flags = UserFlags { is_active: Some(true), is_admin: admin.then_some(true) };
    let result = flags_result(set_flags(bench, user, flags).await?);
    let again = admin && result == ItemResult::Done;
    let done = came(step, result);
    Ok(if again {
        let name = bench.names.user(user);
        done.note(Note::warning(format!("{name} is an admin again, as before the suspension.")))
    } else {
        done
    })
}

async fn set_role(
    bench: &Bench<'_>,
    step: &Step,
    user: UserUuid,
    role: UserRole,
) -> Result<StepDone, Failure> {
    let now = bench.cluster.user(user).await?;
    if now.role == role {
        let what = match role {
            UserRole::Admin => "an admin already",
            UserRole::Plain => "no admin any more",
        };
        let who = who_changed(bench, &now).await;
        return Ok(came(step, ItemResult::Unchanged(format!("{what}: {who}"))));
    }
    unless_changed(bench, &now).await?;
    if role == UserRole::Plain {
        keep_an_admin(bench, &now).await?;
    }
    bench.write_down(step, &Before::flags_of(&now))?;
    let flags = UserFlags { is_active: None, is_admin: Some(role == UserRole::Admin) };
    Ok(came(step, flags_result(set_flags(bench, user, flags).await?)))
}

async fn set_up(bench: &Bench<'_>, step: &Step, user: UserUuid) -> Result<StepDone, Failure> {
    let Step::SetUp { vm, notify, activation, .. } = step else { return Ok(StepDone::default()) };
    let now = bench.cluster.user(user).await?;
    let seen = bench.names.users.get(&user).map(|seen| seen.status);
    let enough = match activation {
        Activation::Now => now.is_active(),
        Activation::Later => now.status != UserStatus::Inactive,
    };
    if vm.is_none() && enough {
        return Ok(came(step, ItemResult::Unchanged(format!("{} already", state(&now)))));
    }
    // Somebody who is further along than the survey saw is no reason to stop; one who was ended is.
    if now.status == UserStatus::Inactive && seen != Some(UserStatus::Inactive) {
        unless_changed(bench, &now).await?;
    }
    bench.write_down(step, &Before::flags_of(&now))?;
    let done = match bench.writer().set_up_user(user, *vm, *notify).await {
        Ok(()) => {
            let name = bench.names.user(user);
            let done = came(step, ItemResult::Done);
            match has_login(bench, user, *vm).await {
                Ok(true) => done,
                Ok(false) => done.note(Note::warning(format!(
                    "The server made no login for {name}: is there a username?"
                ))),
                Err(error) => done.note(Note::warning(format!(
                    "Whether {name} has the login now could not be looked up: {error}."
                ))),
            }
        }
        Err(error) if error.leaves_write_unknown() => {
            let looked = look_at_set_up(bench, user, *vm).await;
            match came_out(after_silence(&error, looked)) {
                ItemResult::Done => came(step, ItemResult::Done),
                unknown => return Ok(came(step, unknown)),
            }
        }
        Err(error) => return Err(error.into()),
    };
    if *activation == Activation::Now && !now.is_active() {
        let flags = UserFlags { is_active: Some(true), is_admin: None };
        let activated = set_flags(bench, user, flags).await.map_err(|failure| Failure {
            reason: format!("set up, but not active: {}", failure.reason),
            ..failure
        })?;
        if let Flags::Unclear(unclear) = activated {
            return Ok(came(step, ItemResult::Unknown(unclear.during("set up; activating"))));
        }
    }
    Ok(done)
}

/// What a setup without an answer left behind.
async fn look_at_set_up(bench: &Bench<'_>, user: UserUuid, vm: Option<VmUuid>) -> Result<Seen, Error> {
    let after = bench.cluster.user(user).await?;
    Ok(if after.status == UserStatus::Inactive {
        Seen::Otherwise(state(&after))
    } else if has_login(bench, user, vm).await? {
        Seen::AsWanted
    } else {
        Seen::Otherwise(format!("{}, without the login", state(&after)))
    })
}

/// Whether the user has a login there; where none was wanted, there is nothing missing.
async fn has_login(bench: &Bench<'_>, user: UserUuid, vm: Option<VmUuid>) -> Result<bool, Error> {
    let Some(vm) = vm else { return Ok(true) };
    let links = bench.cluster.client.login_links_of(&[user]).await?;
    Ok(links.iter().any(|link| link.head_uuid == vm.into()))
}
