//! Surveys of logins that are there: they are found by their links, and changed or taken away.

use crate::arvados::error::Error;
use crate::arvados::links::{CAN_LOGIN, Link};
use crate::model::field::Text;
use crate::model::ids::{LinkUuid, UserUuid};
use crate::model::session::ByLoginSync;
use crate::model::text::{listed, named};
use crate::model::unix_name::group_list;
use crate::model::vm::{LoginGroups, UnixGroup, VmLogin};
use crate::ops::change::accounts::candidates::users_if_any;
use crate::ops::change::logins::steps::{ChangeLoginStep, DeleteLoginStep, LoginStep};
use crate::ops::cluster::Cluster;
use crate::ops::logins::{Key, key, merge, sorted};
use crate::ops::part::Part;
use crate::ops::phrases;
use crate::ops::plan::findings::Planned;
use crate::ops::plan::{Findings, Losses, Names, Note, Target};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const NEEDS_ADMIN: &str = "VM logins are for admins to change: the token in use is not an admin's";

/// What is to become of logins that are there.
#[derive(Clone, Copy)]
pub(in crate::ops) enum Wish<'a> {
    Groups(&'a [UnixGroup]),
    Gone,
}

/// Logins that were found by their links and are not in their users' lists.
fn refuse_missing(findings: &mut Findings<LoginStep>, wanted: &BTreeSet<Key>, there: &[VmLogin]) {
    for (user, vm, login_name) in wanted {
        let is_it = |login: &&VmLogin| (login.user, login.vm, &login.login_name) == (*user, *vm, login_name);
        if !there.iter().any(|login| is_it(&login)) {
            let target = Target::Login { user: *user, vm: *vm, login_name: login_name.clone() };
            findings.refuse(target, "it is not among its user's logins now, or can't be read there");
        }
    }
}

pub(in crate::ops) async fn existing(
    cluster: &Cluster,
    links: &[LinkUuid],
    wish: Wish<'_>,
) -> Result<Findings<LoginStep>, Error> {
    let mut findings = Findings::default();
    if !cluster.session.is_admin() {
        for &link in links {
            findings.refuse(Target::Link(link), NEEDS_ADMIN);
        }
        return Ok(findings);
    }
    let named: BTreeMap<LinkUuid, Link> =
        cluster.client.links_by_uuid(links).await?.into_iter().map(|link| (link.uuid, link)).collect();
    let mut wanted: BTreeSet<Key> = BTreeSet::new();
    let unread = cluster.client.unread().of("links") > 0;
    for uuid in sorted(links.to_vec()) {
        let target = Target::Link(uuid);
        match named.get(&uuid) {
            None if unread => findings.refuse(
                target,
                "perhaps its record can't be read, so whose login it is, and where, is not known",
            ),
            None if matches!(wish, Wish::Gone) => {
                findings.leave(target, "already gone");
            }
            None => {
                findings.refuse(target, "the login is gone: list the logins again");
            }
            // What the link is called may be all that can't be read: the list of logins knows whether it is one.
            Some(link) => match key(link)
                .filter(|_| matches!(link.name, Text::Unreadable(_)) || link.name == CAN_LOGIN)
            {
                Some(key) => drop(wanted.insert(key)),
                None => findings.refuse(target, "this is no login of a user"),
            },
        }
    }
    let users: BTreeSet<UserUuid> = wanted.iter().map(|(user, ..)| *user).collect();
    let users: Vec<UserUuid> = users.into_iter().collect();
    // The logins themselves must be known; users and VMs are only named.
    let (found, vms, all) = futures::try_join!(
        users_if_any(cluster, &users),
        async { Part::of(cluster.client.virtual_machines().await) },
        cluster.client.login_links_of(&users),
    )?;
    findings.names.add_users(&found);
    findings
        .names
        .vms
        .extend(vms.or_default().into_iter().map(|vm| (vm.uuid, vm.hostname.shown().into_owned())));

    let mut changes = Vec::new();
    let mut hosts = BTreeSet::new();
    let there = merge(all);
    refuse_missing(&mut findings, &wanted, &there);
    for login in &there {
        if !wanted.contains(&(login.user, login.vm, login.login_name.clone())) {
            continue;
        }
        match wish {
            Wish::Groups(groups)
                if !login.has_twins() && !login.is_odd() && same(&login.links[0].groups, groups) =>
            {
                let target = target_of(login);
                findings.leave(target, "has these groups already");
                continue;
            }
            Wish::Groups(_) if login.is_odd() && login.login_name.is_empty() => {
                let reason = "the server has no login name for it, or one that is no text, so nobody can log in \
                              by it: revoke it, then grant it anew";
                findings.refuse(target_of(login), reason);
                continue;
            }
            Wish::Groups(groups) => {
                changes.push(change_text(login, groups, &findings.names));
                findings.steps.push(change(login, groups));
            }
            Wish::Gone => findings.steps.push(Planned {
                losses: Losses { logins: vec![(login.vm, login.login_name.clone())], ..Losses::default() },
                step: LoginStep::Delete(DeleteLoginStep {
                    link: login.links[0].uuid,
                    user: login.user,
                    vm: login.vm,
                    login_name: login.login_name.clone(),
                }),
            }),
        }
        hosts.insert(findings.names.vm(login.vm));
    }
    if findings.steps.is_empty() {
        return Ok(findings);
    }
    let hosts = listed(&hosts.into_iter().collect::<Vec<_>>());
    match wish {
        Wish::Groups(groups) => {
            findings.notes.extend(changes.into_iter().map(Note::info));
            findings.notes.extend(group_notes(cluster, groups, &there, &hosts));
        }
        Wish::Gone => findings.notes.push(Note::warning(format!(
            "The Unix account, its groups and its SSH keys stay on {hosts}: only removing the account there ends \
             SSH access. Web shell access is cut at once."
        ))),
    }
    Ok(findings)
}

fn target_of(login: &VmLogin) -> Target {
    Target::Login { user: login.user, vm: login.vm, login_name: login.login_name.clone() }
}

/// Whether a link has exactly the wanted groups, in whatever order.
pub(super) fn same(has: &[String], wanted: &[UnixGroup]) -> bool {
    let wanted: BTreeSet<&str> = wanted.iter().map(UnixGroup::as_str).collect();
    has.iter().map(String::as_str).collect::<BTreeSet<_>>() == wanted
}

pub(super) fn change(login: &VmLogin, groups: &[UnixGroup]) -> Planned<LoginStep> {
    let step = ChangeLoginStep {
        link: login.links[0].uuid,
        user: login.user,
        vm: login.vm,
        login_name: login.login_name.clone(),
        groups: sorted(groups.to_vec()),
        others: login.links[0].others.clone(),
        twins: login.links.len() - 1,
    };
    Planned { step: LoginStep::Change(step), losses: Losses::default() }
}

pub(super) fn change_text(login: &VmLogin, groups: &[UnixGroup], names: &Names) -> String {
    let before = match login.groups() {
        LoginGroups::Certain([]) => "(none)".to_owned(),
        LoginGroups::Certain(groups) => group_list(groups),
        LoginGroups::Uncertain => "uncertain ones".to_owned(),
    };
    let after = match groups {
        [] => "(none)".to_owned(),
        groups => group_list(groups.iter().map(UnixGroup::as_str)),
    };
    let twins = match login.links.len() - 1 {
        0 => String::new(),
        1 => "; its twin link goes".to_owned(),
        n => format!("; its {n} twin links go"),
    };
    format!("{} has this login already: groups {before} → {after}{twins}", names.target(&target_of(login)))
}

/// What must be known of the groups themselves, some of which `there` may have already, and of what login-sync
/// makes of them and of the login.
pub(super) fn group_notes(
    cluster: &Cluster,
    groups: &[UnixGroup],
    there: &[VmLogin],
    host: &str,
) -> Vec<Note> {
    let facts = &cluster.session.cluster;
    let mut notes = Vec::new();
    if facts.accounts == ByLoginSync::LeftAlone {
        notes.push(Note::warning(format!(
            "login-sync makes no Unix accounts on this cluster (SyncUserAccounts is off): where there is none on \
             {host}, somebody has to make it."
        )));
    }
    let wanted: Vec<String> = groups.iter().map(ToString::to_string).collect();
    notes.extend(phrases::group_notes(Some(facts), &wanted, host));
    if facts.groups == ByLoginSync::LeftAlone {
        return notes;
    }
    let required = &facts.required_groups;
    if !required.is_empty() {
        notes.push(Note::info(format!(
            "login-sync puts every login in {}, too (SyncRequiredGroups).",
            named(&group_list(required))
        )));
    }
    let has: BTreeSet<&str> = there
        .iter()
        .flat_map(|login| &login.links)
        .flat_map(|link| &link.groups)
        .map(String::as_str)
        .collect();
    let new = groups.iter().filter(|group| !has.contains(group.as_str()));
    notes.extend(new.filter_map(UnixGroup::caution).map(|caution| Note::warning(format!("{caution}."))));
    notes
}
