//! What is common to all changes of accounts while they are applied: each compares the account as it is now with what
//! the survey saw, since somebody else may have been quicker, and looks afterwards whether it held.

use crate::arvados::request::UserFlags;
use crate::model::field::Field;
use crate::model::ids::UserUuid;
use crate::model::text::count;
use crate::model::user::{User, UserRole};
use crate::model::when;
use crate::ops::engine::{Account, Bench, Check, Look, Seen, StepDone, Unseen, after_silence};
use crate::ops::failure::{ErrorKind, Failure, conflict};
use crate::ops::journal::Doing;
use crate::ops::plan::{Item, ItemResult, Note, Target, Unclear};
use std::collections::BTreeMap;

/// "changed by Ada Adler at 2026-11-24 10:42"
pub(in crate::ops) async fn who_changed(bench: &Bench<'_>, user: &User) -> String {
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
pub(in crate::ops) async fn unless_changed(bench: &Bench<'_>, now: &User) -> Result<(), Failure> {
    let Some(seen) = bench.names.users.get(&now.uuid) else { return Ok(()) };
    if seen.status == now.status && seen.role == now.role {
        return Ok(());
    }
    let who = who_changed(bench, now).await;
    Err(conflict(format!("{who}: was {}, is {} now", state(seen), state(now))))
}

/// "active admin"
pub(in crate::ops) fn state(user: &User) -> String {
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
pub(in crate::ops) fn keep_an_admin(bench: &Bench<'_>, look: &Look, user: &User) -> Result<(), Failure> {
    if !user.is_perhaps_active_admin() || look.another_admin_remains(&bench.losing) {
        return Ok(());
    }
    Err(last_admin(bench))
}

/// Why the last admin stays one.
pub(in crate::ops) fn last_admin(bench: &Bench<'_>) -> Failure {
    let reason = if bench.losing.len() == 1 {
        "the last active admin must stay one"
    } else {
        "no active admin would remain: leave one of them"
    };
    conflict(reason.to_owned())
}

/// How setting flags came out.
pub(in crate::ops) enum Flags {
    /// They are as wanted.
    Set,
    /// No answer came, and looking again did not tell.
    Unclear(Unclear),
}

impl Account {
    /// Whether it is so; `None` where a flag that tells can't be read, which is no other value.
    pub fn is_met_by(self, user: &User) -> Option<bool> {
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
    pub fn seen(self, user: &User) -> Seen {
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
pub(in crate::ops) async fn check_accounts(bench: &Bench<'_>, changed: &[(usize, UserUuid, Account)]) {
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
pub(in crate::ops) async fn set_flags(
    bench: &Bench<'_>,
    user: UserUuid,
    flags: UserFlags,
) -> Result<Flags, Failure> {
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
pub(in crate::ops) async fn change_flags(
    bench: &Bench<'_>,
    doing: &Doing,
    user: UserUuid,
    flags: UserFlags,
) -> Result<StepDone, Failure> {
    Ok(match set_flags(bench, user, flags).await? {
        Flags::Set => StepDone::to_be_checked(doing, Check::Account { user, wanted: Account::Flags(flags) }),
        Flags::Unclear(unclear) => StepDone::of(doing, ItemResult::Unknown(unclear)),
    })
}
