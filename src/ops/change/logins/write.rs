//! Applying what is done to VM logins. They are looked at before, because somebody else may have been there
//! since the survey, and afterwards, because a 200 does not mean that it is as asked (api.md v7).

use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::links::{CAN_LOGIN, Link, LinkProperties};
use crate::model::ids::{LinkUuid, UserUuid, VmUuid};
use crate::model::session::ByLoginSync;
use crate::model::text::{count, named};
use crate::model::vm::{LinkForm, UnixGroup, VmLogin};
use crate::ops::engine::{Bench, Check, LoginIs, Look, Seen, StepDone, after_silence, came_out};
use crate::ops::failure::Failure;
use crate::ops::journal::{Before, Doing};
use crate::ops::logins::{Key, key, merge, sorted};
use crate::ops::plan::{Item, ItemResult, Note, Target, Unclear};
use std::collections::BTreeSet;

/// Groups as they are compared and sent.
pub(in crate::ops) fn names(groups: &[UnixGroup]) -> Vec<String> {
    sorted(groups.iter().map(ToString::to_string).collect())
}

impl LoginIs {
    /// Why a login that the server said yes to is not so.
    fn unless_so(&self, login: Option<&VmLogin>) -> Result<(), &'static str> {
        match (self, login) {
            (Self::Gone, None) => Ok(()),
            (Self::Gone, Some(_)) => Err("deleted, but another link of the same login is still there"),
            (Self::InGroups(groups), login) if is_there(login, groups) => Ok(()),
            (Self::InGroups(_), Some(login)) if login.has_twins() => {
                Err("several links of this login are there: somebody else was at it, edit it once more")
            }
            (Self::InGroups(_), _) => Err("the server took the change, but the login is not as asked"),
        }
    }
}

/// A result, with what remains to be known if it is done.
fn came(bench: &Bench<'_>, doing: &Doing, login: &Key, wanted: &LoginIs, result: ItemResult) -> StepDone {
    let is_done = result == ItemResult::Done;
    let done = StepDone::of(doing, result);
    if is_done { done.note(outlook(bench, login, wanted)) } else { done }
}

/// What remains to be known once it is done.
fn outlook(bench: &Bench<'_>, (_, vm, login_name): &Key, wanted: &LoginIs) -> Note {
    let host = bench.names.vm(*vm);
    match wanted {
        LoginIs::InGroups(_) => {
            let facts = &bench.cluster.session.cluster;
            let follows = |what: &str| {
                Note::info(format!("{what} on {host} follow at the next run of login-sync there"))
            };
            match (facts.accounts, facts.groups) {
                (ByLoginSync::Done, ByLoginSync::Done) => follows("Accounts and groups"),
                (ByLoginSync::Done, ByLoginSync::LeftAlone) => follows("Accounts, without groups,"),
                (ByLoginSync::LeftAlone, ByLoginSync::Done) => follows("Groups of accounts that are"),
                (ByLoginSync::LeftAlone, ByLoginSync::LeftAlone) => Note::warning(format!(
                    "login-sync makes neither accounts nor groups: somebody has to make them on {host}"
                )),
            }
        }
        LoginIs::Gone => Note::warning(format!(
            "The Unix account {} and its SSH keys are still on {host}: remove it there",
            named(login_name),
        )),
    }
}

pub(in crate::ops) async fn grant(
    bench: &Bench<'_>,
    look: &Look,
    doing: &Doing,
    login: Key,
    groups: &[String],
) -> Result<StepDone, Failure> {
    if let Some(there) = merge(look.links_of(&login)).into_iter().next() {
        // Somebody else granted it meanwhile: these groups are added, and none is taken away.
        let mut all = groups.to_vec();
        all.extend(there.links.iter().flat_map(|link| link.groups.iter().cloned()));
        let all = sorted(all);
        return if is_as_wanted(&there, &all) {
            Ok(StepDone::of(doing, ItemResult::Unchanged("granted meanwhile".to_owned())))
        } else {
            change(bench, look, doing, login, &all, None).await
        };
    }
    bench.write_down(doing, &Before::links(Vec::new()))?;
    let (user, vm, login_name) = login.clone();
    let properties = LinkProperties::login(login_name, groups.to_vec());
    let result = match bench.writer().create_link(user.into(), CAN_LOGIN, vm.into(), &properties).await {
        // Somebody else may have made one in the same moment: two of them leave the groups to chance.
        Ok(link) if key(&link).as_ref() == Some(&login) && has(&link, groups) => {
            let wanted = LoginIs::InGroups(groups.to_vec());
            return Ok(StepDone::to_be_checked(doing, Check::Login { login, wanted }));
        }
        Ok(_) => otherwise("the server answered with another login than was asked for"),
        Err(error) => unless_seen(bench, &login, error, |login| is_there(login, groups)).await?,
    };
    Ok(came(bench, doing, &login, &LoginIs::InGroups(groups.to_vec()), result))
}

/// Changes one link of a login: `chosen`, if it is there.
pub(in crate::ops) async fn change(
    bench: &Bench<'_>,
    look: &Look,
    doing: &Doing,
    login: Key,
    groups: &[String],
    chosen: Option<LinkUuid>,
) -> Result<StepDone, Failure> {
    let links = look.links_of(&login);
    let is_chosen = |link: &&Link| chosen == Some(link.uuid);
    let Some(there) = links.iter().find(is_chosen).or(links.first()).cloned() else {
        return Ok(StepDone::of(doing, otherwise("the login is gone: somebody revoked it meanwhile")));
    };
    if links.len() == 1 && has(&there, groups) {
        return Ok(StepDone::of(doing, ItemResult::Unchanged("changed so meanwhile".to_owned())));
    }
    bench.write_down(doing, &Before::links(links))?;
    let wanted = LoginIs::InGroups(groups.to_vec());
    // The whole properties are replaced, so those that are not understood are sent along.
    let properties = there.properties.with_groups(groups.to_vec());
    let result = match bench.writer().update_link(there.uuid, &properties).await {
        Ok(_) => return Ok(StepDone::to_be_checked(doing, Check::Login { login, wanted })),
        Err(error) => unless_seen(bench, &login, error, |login| is_there(login, groups)).await?,
    };
    Ok(came(bench, doing, &login, &wanted, result))
}

pub(in crate::ops) async fn delete(
    bench: &Bench<'_>,
    look: &Look,
    doing: &Doing,
    login: Key,
) -> Result<StepDone, Failure> {
    let links = look.links_of(&login);
    let Some(link) = links.first().map(|link| link.uuid) else {
        return Ok(StepDone::of(doing, ItemResult::Unchanged("already gone".to_owned())));
    };
    bench.write_down(doing, &Before::links(links))?;
    let result = match bench.writer().delete_link(link).await {
        Ok(()) => {
            return Ok(StepDone::to_be_checked(doing, Check::Login { login, wanted: LoginIs::Gone }));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => match now(bench, &login).await {
            Ok(None) => ItemResult::Unchanged("already gone".to_owned()),
            Ok(Some(_)) => return Err(error.into()),
            Err(again) => {
                let seen = format!("{error}; looking again failed too: {again}");
                ItemResult::Unknown(Unclear::of(&error, seen))
            }
        },
        Err(error) => unless_seen(bench, &login, error, |login| login.is_none()).await?,
    };
    Ok(came(bench, doing, &login, &LoginIs::Gone, result))
}

/// A login as it is now.
async fn now(bench: &Bench<'_>, login: &Key) -> Result<Option<VmLogin>, Error> {
    let (user, ..): &(UserUuid, VmUuid, String) = login;
    let mut links = bench.cluster.client.login_links_of(&[*user]).await?;
    links.retain(|link| key(link).as_ref() == Some(login));
    Ok(merge(links).into_iter().next())
}

/// Looks whether logins are as wanted, all at once; each with the place of its step.
pub(in crate::ops) async fn check(bench: &Bench<'_>, changed: &[(usize, Key, LoginIs)]) {
    let Some((first, ..)) = changed.first() else { return };
    let users: BTreeSet<UserUuid> = changed.iter().map(|(_, (user, ..), _)| *user).collect();
    let users: Vec<UserUuid> = users.into_iter().collect();
    let logins = match bench.cluster.client.login_links_of(&users).await {
        Ok(links) => Some(merge(links)),
        Err(error) => {
            let logins = count(changed.len(), "VM login", "VM logins");
            let text =
                format!("The server said yes, but {logins} could not be looked at afterwards: {error}.");
            bench.note(*first, Note::warning(text));
            None
        }
    };
    for (place, login, wanted) in changed {
        let (user, vm, login_name) = login;
        let is_it =
            |login: &&VmLogin| login.user == *user && login.vm == *vm && login.login_name == *login_name;
        let seen = logins.as_ref().map(|logins| wanted.unless_so(logins.iter().find(is_it)));
        match seen {
            None | Some(Ok(())) => bench.note(*place, outlook(bench, login, wanted)),
            Some(Err(reason)) => {
                let target = Target::Login { user: *user, vm: *vm, login_name: login_name.clone() };
                bench.correct(*place, Item { target, result: otherwise(reason) });
            }
        }
    }
}

/// What became of a write that failed: if it may have been taken, only looking tells.
async fn unless_seen(
    bench: &Bench<'_>,
    wanted: &Key,
    error: Error,
    is_done: impl Fn(Option<&VmLogin>) -> bool,
) -> Result<ItemResult, Failure> {
    if !error.leaves_write_unknown() {
        return Err(error.into());
    }
    let looked = now(bench, wanted).await.map(|login| match login {
        login if is_done(login.as_ref()) => Seen::AsWanted,
        Some(_) => Seen::Otherwise("the login is there as before".to_owned()),
        None => Seen::Otherwise("the login is not there".to_owned()),
    });
    Ok(came_out(after_silence(bench, &bench.names.user(wanted.0), &error, looked)))
}

fn is_as_wanted(login: &VmLogin, groups: &[String]) -> bool {
    matches!(login.links.as_slice(), [only] if only.groups == groups && only.form == LinkForm::Sound)
}

fn is_there(login: Option<&VmLogin>, groups: &[String]) -> bool {
    login.is_some_and(|login| is_as_wanted(login, groups))
}

fn has(link: &Link, groups: &[String]) -> bool {
    sorted(link.properties.groups.clone()) == groups && !link.properties.is_odd()
}

/// Not as asked, although no request failed.
fn otherwise(reason: &str) -> ItemResult {
    ItemResult::Failed(Failure::plain(ErrorKind::Conflict, reason, "list the logins again and try once more"))
}
