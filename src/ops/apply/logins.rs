//! Applying what is done to VM logins. Each step looks first, because somebody else may have been there
//! since the survey, and afterwards, because a 200 does not mean that it is as asked (api.md v7).

use super::bench::{Bench, StepDone};
use super::silence::{Seen, after_silence, came_out};
use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::links::{CAN_LOGIN, Link, LinkProperties};
use crate::model::ids::{UserUuid, VmUuid};
use crate::model::text::named;
use crate::model::vm::{UnixGroup, VmLogin};
use crate::ops::failure::Failure;
use crate::ops::journal::Before;
use crate::ops::logins::{Key, key, merge, sorted};
use crate::ops::plan::{Note, Planned};
use crate::ops::report::{ItemResult, Unclear};
use crate::ops::step::Step;

pub(super) async fn apply_step(bench: &Bench<'_>, planned: &Planned) -> StepDone {
    let step = &planned.step;
    let result = match step {
        Step::CreateLogin { user, vm, login_name, groups } => {
            grant(bench, step, (*user, *vm, login_name.to_string()), &names(groups)).await
        }
        Step::ChangeLogin { user, vm, login_name, groups, .. } => {
            change(bench, step, (*user, *vm, login_name.clone()), &names(groups)).await
        }
        Step::DeleteLogin { user, vm, login_name, .. } => {
            delete(bench, step, (*user, *vm, login_name.clone())).await
        }
        _ => Err(Error::Config("this is no step of VM logins".to_owned()).into()),
    };
    let result = result.unwrap_or_else(ItemResult::Failed);
    let note = after(bench, step).filter(|_| result == ItemResult::Done);
    let done = StepDone::one(step.target(), result);
    match note {
        Some(note) => done.note(note),
        None => done,
    }
}

fn names(groups: &[UnixGroup]) -> Vec<String> {
    sorted(groups.iter().map(ToString::to_string).collect())
}

/// What remains to be known once it is done.
fn after(bench: &Bench<'_>, step: &Step) -> Option<Note> {
    match step {
        Step::CreateLogin { vm, .. } | Step::ChangeLogin { vm, .. } => Some(Note::info(format!(
            "Accounts and groups on {} follow at the next run of login-sync there",
            bench.names.vm(*vm)
        ))),
        Step::DeleteLogin { vm, login_name, .. } => Some(Note::warning(format!(
            "The Unix account {} and its SSH keys are still on {}: remove it there",
            named(login_name),
            bench.names.vm(*vm)
        ))),
        _ => None,
    }
}

async fn grant(
    bench: &Bench<'_>,
    step: &Step,
    wanted: Key,
    groups: &[String],
) -> Result<ItemResult, Failure> {
    if let Some(login) = look(bench, &wanted).await? {
        // Somebody else granted it meanwhile: these groups are added, and none is taken away.
        let mut all = groups.to_vec();
        all.extend(login.links.iter().flat_map(|link| link.groups.iter().cloned()));
        let all = sorted(all);
        return if is_as_wanted(&login, &all) {
            Ok(ItemResult::Unchanged("granted meanwhile".to_owned()))
        } else {
            change(bench, step, wanted, &all).await
        };
    }
    bench.write_down(step, &Before::links(Vec::new()))?;
    let (user, vm, login_name) = wanted.clone();
    let properties = LinkProperties::login(login_name, groups.to_vec());
    match bench.writer().create_link(user.into(), CAN_LOGIN, vm.into(), &properties).await {
        Ok(link) if key(&link).as_ref() == Some(&wanted) && has(&link, groups) => Ok(ItemResult::Done),
        Ok(_) => Ok(otherwise("the server answered with another login than was asked for")),
        Err(error) => unless_seen(bench, &wanted, error, |login| is_there(login, groups)).await,
    }
}

async fn change(
    bench: &Bench<'_>,
    step: &Step,
    wanted: Key,
    groups: &[String],
) -> Result<ItemResult, Failure> {
    let links = links(bench, &wanted).await?;
    let chosen = |link: &&Link| matches!(step, Step::ChangeLogin { link: uuid, .. } if *uuid == link.uuid);
    let Some(there) = links.iter().find(chosen).or(links.first()).cloned() else {
        return Ok(otherwise("the login is gone: somebody revoked it meanwhile"));
    };
    if links.len() == 1 && has(&there, groups) {
        return Ok(ItemResult::Unchanged("changed so meanwhile".to_owned()));
    }
    bench.write_down(step, &Before::links(links))?;
    // The whole properties are replaced, so those that are not understood are sent along.
    let properties = there.properties.with_groups(groups.to_vec());
    match bench.writer().update_link(there.uuid, &properties).await {
        Ok(_) => Ok(match look(bench, &wanted).await {
            Ok(login) if is_there(login.as_ref(), groups) => ItemResult::Done,
            Ok(Some(login)) if login.has_twins() => {
                otherwise("changed, but several links of this login are still there")
            }
            Ok(_) => otherwise("the server took the change, but the login is not as asked"),
            Err(error) => unchecked(&error),
        }),
        Err(error) => unless_seen(bench, &wanted, error, |login| is_there(login, groups)).await,
    }
}

async fn delete(bench: &Bench<'_>, step: &Step, wanted: Key) -> Result<ItemResult, Failure> {
    let links = links(bench, &wanted).await?;
    let Some(link) = links.first().map(|link| link.uuid) else {
        return Ok(ItemResult::Unchanged("already gone".to_owned()));
    };
    bench.write_down(step, &Before::links(links))?;
    match bench.writer().delete_link(link).await {
        Ok(()) => Ok(match look(bench, &wanted).await {
            Ok(None) => ItemResult::Done,
            Ok(Some(_)) => otherwise("deleted, but another link of the same login is still there"),
            Err(error) => unchecked(&error),
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => match look(bench, &wanted).await {
            Ok(None) => Ok(ItemResult::Unchanged("already gone".to_owned())),
            Ok(Some(_)) => Err(error.into()),
            Err(again) => {
                let seen = format!("{error}; looking again failed too: {again}");
                Ok(ItemResult::Unknown(Unclear::of(&error, seen)))
            }
        },
        Err(error) => unless_seen(bench, &wanted, error, |login| login.is_none()).await,
    }
}

/// The links of a login, as they are now.
async fn links(bench: &Bench<'_>, wanted: &Key) -> Result<Vec<Link>, Error> {
    let (user, ..): &(UserUuid, VmUuid, String) = wanted;
    let links = bench.cluster.client.login_links_of(&[*user]).await?;
    Ok(links.into_iter().filter(|link| key(link).as_ref() == Some(wanted)).collect())
}

/// A login as it is now.
async fn look(bench: &Bench<'_>, wanted: &Key) -> Result<Option<VmLogin>, Error> {
    Ok(merge(links(bench, wanted).await?).into_iter().next())
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
    let looked = look(bench, wanted).await.map(|login| match login {
        login if is_done(login.as_ref()) => Seen::AsWanted,
        Some(_) => Seen::Otherwise("the login is there as before".to_owned()),
        None => Seen::Otherwise("the login is not there".to_owned()),
    });
    Ok(came_out(after_silence(&error, looked)))
}

/// The server took it, and then could not be asked whether it is so.
fn unchecked(error: &Error) -> ItemResult {
    let seen = format!("the server took it, but looking whether it is so failed: {error}");
    ItemResult::Unknown(Unclear::of(error, seen))
}

fn is_as_wanted(login: &VmLogin, groups: &[String]) -> bool {
    matches!(login.links.as_slice(), [only] if only.groups == groups)
}

fn is_there(login: Option<&VmLogin>, groups: &[String]) -> bool {
    login.is_some_and(|login| is_as_wanted(login, groups))
}

fn has(link: &Link, groups: &[String]) -> bool {
    sorted(link.properties.groups.clone()) == groups
}

/// Not as asked, although no request failed.
fn otherwise(reason: &str) -> ItemResult {
    ItemResult::Failed(Failure {
        kind: ErrorKind::Conflict,
        reason: reason.to_owned(),
        request_id: None,
        advice: "list the logins again and try once more",
    })
}
