//! Applying setup, activation, resumption and the admin flag; what is common to all changes of accounts.
//! Each step compares the account as it is now with what the survey saw: somebody else may have been quicker.

use super::bench::{Bench, StepDone};
use super::check::Check;
use super::look::Look;
use super::silence::{Seen, Unseen, after_silence, came_out};
use crate::arvados::error::Error;
use crate::arvados::users::UserFlags;
use crate::model::field::{Field, Text};
use crate::model::ids::{UserUuid, VmUuid};
use crate::model::text::{count, named};
use crate::model::user::{User, UserRole, UserStatus};
use crate::model::when;
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::intent::Activation;
use crate::ops::journal::Before;
use crate::ops::logins::{Key, key};
use crate::ops::plan::Note;
use crate::ops::report::{Item, ItemResult, Unclear};
use crate::ops::step::{Step, Target};
use crate::ops::survey::users::SetUp;
use std::collections::{BTreeMap, BTreeSet};

/// "changed by Ada Adler at 2026-11-24 10:42"
pub(super) async fn who_changed(bench: &Bench<'_>, user: &User) -> String {
    let by = match user.modified_by.as_ref().and_then(Field::get).copied() {
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
    let at = user.modified_at.as_ref().map(|at| format!(" at {}", at.shown(when::date_time)));
    let at = at.unwrap_or_default();
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
    Failure::plain(ErrorKind::Conflict, reason, "look at the account again, then decide")
}

/// "active admin"
pub(super) fn state(user: &User) -> String {
    let status = user.status.word().to_lowercase();
    match &user.role {
        Field::Is(UserRole::Admin) => format!("{status} admin"),
        Field::Is(UserRole::Plain) => status,
        Field::Unreadable(flag) => format!("{status}, admin flag {flag}"),
    }
}

/// "active, not an admin"
fn flags_of(user: &User) -> String {
    let status = user.status.word().to_lowercase();
    match &user.role {
        Field::Is(UserRole::Admin) => format!("{status}, an admin"),
        Field::Is(UserRole::Plain) => format!("{status}, not an admin"),
        Field::Unreadable(flag) => format!("{status}, admin flag {flag}"),
    }
}

/// Fails if no active admin remains when all is done that is planned: it may have become so since the
/// survey. All of them are looked at for each step, because steps are applied side by side.
pub(super) fn keep_an_admin(bench: &Bench<'_>, look: &Look, user: &User) -> Result<(), Failure> {
    if !user.is_perhaps_active_admin() || look.another_admin_remains(&bench.losing) {
        return Ok(());
    }
    Err(last_admin(bench))
}

/// Why the last admin stays one.
pub(super) fn last_admin(bench: &Bench<'_>) -> Failure {
    let reason = if bench.losing.len() == 1 {
        "the last active admin must stay one"
    } else {
        "no active admin would remain: leave one of them"
    };
    conflict(reason.to_owned())
}

/// How setting flags came out.
pub(super) enum Flags {
    /// They are as wanted.
    Set,
    /// No answer came, and looking again did not tell.
    Unclear(Unclear),
}

/// What an account is to be after a change.
#[derive(Debug, Clone, Copy)]
pub(super) enum Account {
    /// With these flags.
    Flags(UserFlags),
    /// Set up, or more.
    SetUp,
}

impl Account {
    /// Whether it is so; `None` where a flag that tells can't be read, which is no other value.
    fn is_met_by(self, user: &User) -> Option<bool> {
        let as_wanted = |wanted: Option<bool>, flag: Option<bool>| match wanted {
            None => Some(true),
            Some(wanted) => flag.map(|flag| flag == wanted),
        };
        match self {
            Self::Flags(flags) => {
                let active = as_wanted(flags.is_active, user.active_flag());
                let admin = as_wanted(flags.is_admin, user.admin_flag());
                match (active, admin) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    (None, _) | (_, None) => None,
                }
            }
            Self::SetUp => user.invited_flag(),
        }
    }

    /// What a look at the account shows of it.
    fn seen(self, user: &User) -> Seen {
        match self.is_met_by(user) {
            Some(true) => Seen::AsWanted,
            Some(false) => Seen::Otherwise(flags_of(user)),
            None => Seen::Unreadable(flags_of(user)),
        }
    }
}

fn not_held(user: &User) -> Failure {
    Failure::plain(
        ErrorKind::Unexpected,
        format!("the server said yes, yet the account is {}", flags_of(user)),
        "look at the account again",
    )
}

/// Looks whether accounts are as asked, each with the place of its step.
pub(super) async fn check_accounts(bench: &Bench<'_>, changed: &[(usize, UserUuid, Account)]) {
    let uuids: Vec<UserUuid> = changed.iter().map(|(_, user, _)| *user).collect();
    let Some(first) = changed.first().map(|(place, ..)| *place) else { return };
    let unseen = |number: usize, why: &str| {
        let accounts = count(number, "account", "accounts");
        let text = format!("The server said yes, but {accounts} could not be looked at afterwards: {why}.");
        bench.note(first, Note::warning(text));
    };
    let users: BTreeMap<UserUuid, User> = match bench.cluster.users(&uuids).await {
        Ok(users) => users.into_iter().map(|user| (user.uuid, user)).collect(),
        Err(error) => return unseen(uuids.len(), &error.to_string()),
    };
    let missing = uuids.iter().filter(|uuid| !users.contains_key(uuid)).count();
    if missing > 0 {
        unseen(missing, "the server does not list them");
    }
    for (place, uuid, wanted) in changed {
        let Some(user) = users.get(uuid) else { continue };
        match wanted.is_met_by(user) {
            Some(true) => {}
            Some(false) => {
                let result = ItemResult::Failed(not_held(user));
                bench.correct(*place, Item { target: Target::User(*uuid), result });
            }
            None => bench.note(
                *place,
                Note::warning(format!(
                    "The server said yes, but whether it held for {} can't be read: {}.",
                    user.display_name(),
                    flags_of(user)
                )),
            ),
        }
    }
}

/// Sets flags. If no answer comes, a read tells whether they hold.
pub(super) async fn set_flags(bench: &Bench<'_>, user: UserUuid, flags: UserFlags) -> Result<Flags, Failure> {
    let wanted = Account::Flags(flags);
    match bench.writer().update_user(user, flags).await {
        // What can't be read in the answer says nothing against the server's word.
        Ok(after) if wanted.is_met_by(&after) != Some(false) => Ok(Flags::Set),
        // A server that does not like it may say 200 and not do it (api.md v20).
        Ok(after) => Err(not_held(&after)),
        Err(error) if error.leaves_write_unknown() => {
            let looked = bench.cluster.user(user).await.map(|after| wanted.seen(&after));
            match after_silence(bench, &bench.names.user(user), &error, looked) {
                Ok(()) => Ok(Flags::Set),
                Err(Unseen::NotDone(failure)) => Err(failure),
                Err(Unseen::Unclear(unclear)) => Ok(Flags::Unclear(unclear)),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Sets flags; whether they hold is looked at with those of others.
async fn change_flags(
    bench: &Bench<'_>,
    step: &Step,
    user: UserUuid,
    flags: UserFlags,
) -> Result<StepDone, Failure> {
    Ok(match set_flags(bench, user, flags).await? {
        Flags::Set => StepDone::to_be_checked(step, Check::Account { user, wanted: Account::Flags(flags) }),
        Flags::Unclear(unclear) => StepDone::of(step, ItemResult::Unknown(unclear)),
    })
}

pub(super) async fn activate(
    bench: &Bench<'_>,
    look: &Look,
    step: &Step,
    user: UserUuid,
) -> Result<StepDone, Failure> {
    let now = look.user(user)?;
    if now.is_active() {
        let who = who_changed(bench, now).await;
        return Ok(StepDone::of(step, ItemResult::Unchanged(format!("active already: {who}"))));
    }
    unless_changed(bench, now).await?;
    bench.write_down(step, &Before::flags_of(now))?;
    let flags = UserFlags { is_active: Some(true), is_admin: None };
    change_flags(bench, step, user, flags).await
}

pub(super) async fn resume(
    bench: &Bench<'_>,
    look: &Look,
    step: &Step,
    user: UserUuid,
    role: UserRole,
) -> Result<StepDone, Failure> {
    let now = look.user(user)?;
    if now.is_active() {
        let who = who_changed(bench, now).await;
        return Ok(StepDone::of(step, ItemResult::Unchanged(format!("active already: {who}"))));
    }
    unless_changed(bench, now).await?;
    if look.role_before(user)? != role {
        let what = "the journal has changed since: it says otherwise now whether the user was an admin";
        return Err(conflict(what.to_owned()));
    }
    let admin = role == UserRole::Admin;
    bench.write_down(step, &Before::flags_of(now))?;
    let flags = UserFlags { is_active: Some(true), is_admin: admin.then_some(true) };
    let done = change_flags(bench, step, user, flags).await?;
    let again = admin && done.items.iter().all(|item| item.result == ItemResult::Done);
    Ok(if again {
        let name = bench.names.user(user);
        done.note(Note::warning(format!("{name} is an admin again, as before the suspension.")))
    } else {
        done
    })
}

pub(super) async fn set_role(
    bench: &Bench<'_>,
    look: &Look,
    step: &Step,
    user: UserUuid,
    role: UserRole,
) -> Result<StepDone, Failure> {
    let now = look.user(user)?;
    if now.role.is(&role) {
        let what = match role {
            UserRole::Admin => "an admin already",
            UserRole::Plain => "no admin any more",
        };
        let who = who_changed(bench, now).await;
        return Ok(StepDone::of(step, ItemResult::Unchanged(format!("{what}: {who}"))));
    }
    unless_changed(bench, now).await?;
    if role == UserRole::Plain {
        keep_an_admin(bench, look, now)?;
    }
    bench.write_down(step, &Before::flags_of(now))?;
    let flags = UserFlags { is_active: None, is_admin: Some(role == UserRole::Admin) };
    change_flags(bench, step, user, flags).await
}

pub(super) async fn set_up(
    bench: &Bench<'_>,
    look: &Look,
    step: &Step,
    user: UserUuid,
    wanted: SetUp,
) -> Result<StepDone, Failure> {
    let SetUp { vm, notify, activation } = wanted;
    let now = look.user(user)?;
    let seen = bench.names.users.get(&user).map(|seen| seen.status);
    let is_enough = |status: UserStatus| match activation {
        Activation::Now => status == UserStatus::Active,
        Activation::Later => matches!(status, UserStatus::Active | UserStatus::SetUp),
    };
    // Who was as wanted already, and is set up all the same, is to be put back into All users.
    if vm.is_none() && is_enough(now.status) && !seen.is_some_and(is_enough) {
        return Ok(StepDone::of(step, ItemResult::Unchanged(format!("{} already", state(now)))));
    }
    // Somebody who is further along than the survey saw is no reason to stop; one who was ended is.
    if now.status == UserStatus::Inactive && seen != Some(UserStatus::Inactive) {
        unless_changed(bench, now).await?;
    }
    bench.write_down(step, &Before::flags_of(now))?;
    let set_up = Check::Account { user, wanted: Account::SetUp };
    let mut done = match (bench.writer().set_up_user(user, vm, notify).await, vm) {
        (Ok(()), None) => StepDone::to_be_checked(step, set_up),
        (Ok(()), Some(vm)) => {
            let mut done = StepDone::to_be_checked(step, set_up);
            // Of a username that can't be read nobody knows what the login is called.
            if let Text::Is(name) = &now.username {
                done.checks.push(Check::LoginMade((user, vm, name.to_string())));
            }
            done
        }
        (Err(error), vm) if error.leaves_write_unknown() => {
            let looked = look_at_set_up(bench, now, vm).await;
            match came_out(after_silence(bench, &bench.names.user(user), &error, looked)) {
                ItemResult::Done => StepDone::of(step, ItemResult::Done),
                not_seen => return Ok(StepDone::of(step, not_seen)),
            }
        }
        (Err(error), _) => return Err(error.into()),
    };
    if activation == Activation::Now && !now.is_active() {
        let flags = UserFlags { is_active: Some(true), is_admin: None };
        let result = match set_flags(bench, user, flags).await {
            Ok(Flags::Set) => {
                done.checks.push(Check::Account { user, wanted: Account::Flags(flags) });
                ItemResult::Done
            }
            Ok(Flags::Unclear(unclear)) => ItemResult::Unknown(unclear.during("set up; activating")),
            Err(failure) => {
                let reason = format!("set up, but not active: {}", failure.reason);
                ItemResult::Failed(Failure { reason, ..failure })
            }
        };
        // Whether there is a login is looked at all the same.
        return Ok(StepDone { checks: done.checks, ..StepDone::of(step, result) });
    }
    Ok(done)
}

/// What a setup without an answer left behind.
async fn look_at_set_up(bench: &Bench<'_>, user: &User, vm: Option<VmUuid>) -> Result<Seen, Error> {
    let after = bench.cluster.user(user.uuid).await?;
    let login = match vm {
        None => true,
        Some(vm) => {
            let links = bench.cluster.client.login_links_of(&[user.uuid]).await?;
            links.iter().any(|link| key(link) == Some((user.uuid, vm, user.username.to_string())))
        }
    };
    Ok(if after.status == UserStatus::Inactive {
        Seen::Otherwise(state(&after))
    } else if after.status == UserStatus::Unreadable {
        Seen::Unreadable(state(&after))
    } else if login {
        Seen::AsWanted
    } else {
        Seen::Otherwise(format!("{}, without the login", state(&after)))
    })
}

/// Looks whether users that were set up have the logins that setup makes: of their usernames. Each with the
/// place of its step.
pub(super) async fn check_logins(bench: &Bench<'_>, made: &[(usize, Key)]) {
    let users: Vec<UserUuid> = made.iter().map(|(_, (user, ..))| *user).collect();
    let links = match bench.cluster.client.login_links_of(&users).await {
        Ok(links) => links,
        Err(error) => {
            for (place, (user, ..)) in made {
                let name = bench.names.user(*user);
                let text = format!("Whether {name} has the login now could not be looked up: {error}.");
                bench.note(*place, Note::warning(text));
            }
            return;
        }
    };
    let there: BTreeSet<Key> = links.iter().filter_map(key).collect();
    for (place, login) in made.iter().filter(|(_, login)| !there.contains(login)) {
        let (user, vm, username) = login;
        let host = bench.names.vm(*vm);
        // The plan has said so.
        if username.is_empty() {
            let name = bench.names.user(*user);
            bench.note(*place, Note::warning(format!("The server made no login for {name}: no username.")));
            continue;
        }
        let failure = Failure::plain(
            ErrorKind::Unexpected,
            format!("set up, but the server made no login {} on {host}", named(username)),
            "grant the login, or look at the account again",
        );
        let text = format!("{}: {}", bench.names.user(*user), failure.reason);
        let item = Item { target: Target::User(*user), result: ItemResult::Failed(failure) };
        // It has failed for something else already: the login is missing all the same.
        if !bench.correct(*place, item) {
            bench.note(*place, Note::warning(text));
        }
    }
}
