//! Surveys of what is done to VM logins: what is there is changed, what is not is made, since the server
//! would add a twin to what is there (api.md v7).

use super::Findings;
use super::users::users_if_any;
use crate::arvados::error::Error;
use crate::arvados::links::{CAN_LOGIN, Link};
use crate::model::field::Text;
use crate::model::ids::{LinkUuid, UserUuid, VmUuid};
use crate::model::session::ByLoginSync;
use crate::model::text::{count, listed, named, visible};
use crate::model::unix_name::group_list;
use crate::model::user::User;
use crate::model::vm::{LoginGroups, LoginName, UnixGroup, VmLogin};
use crate::ops::cluster::Cluster;
use crate::ops::logins::{Key, key, merge, sharing, sorted, union};
use crate::ops::plan::{Losses, Names, Note, Planned};
use crate::ops::step::{Step, Target};
use crate::ops::summary::Part;
use crate::ops::words;
use std::collections::{BTreeMap, BTreeSet};

/// Changes the groups of logins.
pub(super) async fn edit(
    cluster: &Cluster,
    links: &[LinkUuid],
    groups: &[UnixGroup],
) -> Result<Findings, Error> {
    existing(cluster, links, Wish::Groups(groups)).await
}

/// Takes logins away.
pub(super) async fn revoke(cluster: &Cluster, links: &[LinkUuid]) -> Result<Findings, Error> {
    existing(cluster, links, Wish::Gone).await
}

const NEEDS_ADMIN: &str = "VM logins are for admins to change: the token in use is not an admin's";

/// Makes logins, or changes those that are there.
pub(super) async fn grant(
    cluster: &Cluster,
    users: &[UserUuid],
    vm: VmUuid,
    login_name: Option<&LoginName>,
    groups: &[UnixGroup],
) -> Result<Findings, Error> {
    let mut findings = Findings::default();
    let targets: BTreeSet<UserUuid> = users.iter().copied().collect();
    let here = [vm];
    let (mut found, vms, links, keys) = futures::try_join!(
        cluster.users(users),
        cluster.client.virtual_machines(),
        cluster.client.login_links_on(&here),
        async { Part::of(cluster.client.keys_of(users).await) },
    )?;
    let on_vm = merge(links);
    let others: BTreeSet<UserUuid> =
        on_vm.iter().map(|login| login.user).filter(|user| !targets.contains(user)).collect();
    findings.names.add_users(&found);
    findings.names.vms.extend(vms.iter().map(|vm| (vm.uuid, vm.hostname.shown().into_owned())));
    let refuse_all = if !cluster.session.is_admin() {
        Some(NEEDS_ADMIN)
    } else if findings.names.vms.contains_key(&vm) {
        None
    } else {
        Some("there is no such VM")
    };
    if let Some(reason) = refuse_all {
        for &user in &targets {
            findings.refuse(Target::User(user), reason);
        }
        return Ok(findings);
    }

    let mut notes = GrantNotes::default();
    let mut by_name: BTreeMap<String, UserUuid> = BTreeMap::new();
    found.sort_by_key(|user| users.iter().position(|&uuid| uuid == user.uuid));
    for &missing in targets.iter().filter(|&&uuid| found.iter().all(|user| user.uuid != uuid)) {
        findings.refuse(Target::User(missing), "there is no such user, or it was merged into another");
    }
    for user in &found {
        let name = match name_for(user, login_name) {
            Ok(name) => name,
            Err(reason) => {
                findings.refuse(Target::User(user.uuid), reason);
                continue;
            }
        };
        let target = Target::Login { user: user.uuid, vm, login_name: name.to_string() };
        let there = on_vm.iter().find(|l| l.user == user.uuid && l.login_name == name.as_str());
        match there.map(|login| (login, regrant(login, groups))) {
            Some((_, Regrant::Refused(reason))) => {
                findings.refuse(target, reason);
                continue;
            }
            Some((_, Regrant::Unchanged(state))) => {
                findings.leave(target, state);
                continue;
            }
            Some((login, Regrant::Groups(wanted))) => {
                notes.changes.push(change_text(login, &wanted, &findings.names));
                findings.steps.push(change(login, &wanted));
            }
            None => {
                let elsewhere = on_vm.iter().find(|l| l.user == user.uuid);
                notes
                    .second
                    .extend(elsewhere.map(|l| format!("{} ({})", user.display_name(), named(&l.login_name))));
                findings.steps.push(Planned {
                    step: Step::CreateLogin {
                        user: user.uuid,
                        vm,
                        login_name: name.clone(),
                        groups: sorted(groups.to_vec()),
                    },
                    losses: Losses::default(),
                });
            }
        }
        let mut sharers = sharing(&on_vm, user.uuid, vm, name.as_str());
        sharers.extend(by_name.get(name.as_str()));
        notes.shared.extend(sharers.into_iter().map(|other| (name.to_string(), user.uuid, other)));
        notes.unusual.extend(name.caution());
        by_name.entry(name.to_string()).or_insert(user.uuid);
        if keys.get().is_some_and(|keys| keys.iter().all(|key| key.user != user.uuid)) {
            notes.keyless.push(user.display_name());
        }
        if user.is_surely_inactive() {
            notes.inactive.push(user.display_name());
        }
        if let Some(home) = user.foreign_home(cluster.session.cluster.id) {
            notes.foreign.push(format!("{} ({home})", user.display_name()));
        }
    }
    if !notes.shared.is_empty() {
        let others: Vec<UserUuid> = others.into_iter().collect();
        findings.names.add_users(&users_if_any(cluster, &others).await?);
    }
    let host = findings.names.vm(vm);
    if !findings.steps.is_empty() {
        findings.notes = notes.into_notes(&host, &findings.names);
        findings.notes.extend(keys.why_not().map(keys_not_known));
        findings.notes.extend(group_notes(cluster, groups, &on_vm, &host));
    }
    Ok(findings)
}

fn keys_not_known(why: &str) -> Note {
    Note::warning(format!("Whether they have SSH keys is not known: {why}."))
}

/// What a grant does to a login that is there.
enum Regrant {
    Refused(String),
    Unchanged(String),
    /// It gets these groups.
    Groups(Vec<UnixGroup>),
}

/// Granting adds groups, and takes none away. Twins that differ leave none to add to, so they get those
/// that were named.
fn regrant(login: &VmLogin, groups: &[UnixGroup]) -> Regrant {
    let wanted = match login.groups() {
        LoginGroups::Certain(has) => union(has, groups),
        LoginGroups::Uncertain if groups.is_empty() => {
            return Regrant::Refused(
                "the server keeps this login several times, in different groups: edit it, and name the groups"
                    .to_owned(),
            );
        }
        LoginGroups::Uncertain => groups.to_vec(),
    };
    let has = &login.links[0].groups;
    if login.has_twins() || login.is_odd() || !same(has, &wanted) {
        Regrant::Groups(wanted)
    } else if has.len() > groups.len() {
        Regrant::Unchanged(format!("already granted, in {}: editing takes groups away", group_list(has)))
    } else {
        Regrant::Unchanged("already granted".to_owned())
    }
}

/// The login name of a user: the one given, else the username if Unix takes it.
fn name_for(user: &User, given: Option<&LoginName>) -> Result<LoginName, String> {
    if user.uuid.is_built_in() {
        return Err("this account belongs to the server, not to a person".to_owned());
    }
    if let Some(name) = given {
        return Ok(name.clone());
    }
    if let Text::Unreadable(what) = &user.username {
        return Err(format!("the username is {what}, so the login needs a name of its own"));
    }
    if user.username.is_empty() {
        return Err("has no username, so the login needs a name of its own".to_owned());
    }
    user.username.parse().map_err(|error| {
        format!(
            "the username {} can be no Unix account ({error}), so the login needs a name of its own",
            named(&visible(&user.username))
        )
    })
}

/// What is to become of logins that are there.
#[derive(Clone, Copy)]
enum Wish<'a> {
    Groups(&'a [UnixGroup]),
    Gone,
}

/// Logins that were found by their links and are not in their users' lists.
fn refuse_missing(findings: &mut Findings, wanted: &BTreeSet<Key>, there: &[VmLogin]) {
    for (user, vm, login_name) in wanted {
        let is_it = |login: &&VmLogin| (login.user, login.vm, &login.login_name) == (*user, *vm, login_name);
        if !there.iter().any(|login| is_it(&login)) {
            let target = Target::Login { user: *user, vm: *vm, login_name: login_name.clone() };
            findings.refuse(target, "it is not among its user's logins now, or can't be read there");
        }
    }
}

async fn existing(cluster: &Cluster, links: &[LinkUuid], wish: Wish<'_>) -> Result<Findings, Error> {
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
                step: Step::DeleteLogin {
                    link: login.links[0].uuid,
                    user: login.user,
                    vm: login.vm,
                    login_name: login.login_name.clone(),
                },
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
fn same(has: &[String], wanted: &[UnixGroup]) -> bool {
    let wanted: BTreeSet<&str> = wanted.iter().map(UnixGroup::as_str).collect();
    has.iter().map(String::as_str).collect::<BTreeSet<_>>() == wanted
}

fn change(login: &VmLogin, groups: &[UnixGroup]) -> Planned {
    let step = Step::ChangeLogin {
        link: login.links[0].uuid,
        user: login.user,
        vm: login.vm,
        login_name: login.login_name.clone(),
        groups: sorted(groups.to_vec()),
        others: login.links[0].others.clone(),
        twins: login.links.len() - 1,
    };
    Planned { step, losses: Losses::default() }
}

fn change_text(login: &VmLogin, groups: &[UnixGroup], names: &Names) -> String {
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
fn group_notes(cluster: &Cluster, groups: &[UnixGroup], there: &[VmLogin], host: &str) -> Vec<Note> {
    let facts = &cluster.session.cluster;
    let mut notes = Vec::new();
    if facts.accounts == ByLoginSync::LeftAlone {
        notes.push(Note::warning(format!(
            "login-sync makes no Unix accounts on this cluster (SyncUserAccounts is off): where there is none on \
             {host}, somebody has to make it."
        )));
    }
    let wanted: Vec<String> = groups.iter().map(ToString::to_string).collect();
    notes.extend(words::group_notes(Some(facts), &wanted, host));
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

/// How many unusual login names are explained one by one.
const UNUSUAL: usize = 4;

/// What a grant should be warned of, one note for all users it is true of.
#[derive(Default)]
struct GrantNotes {
    changes: Vec<String>,
    /// Of login names that not every system takes: a sentence for each.
    unusual: BTreeSet<String>,
    second: Vec<String>,
    /// Login name, who gets it, who has it.
    shared: Vec<(String, UserUuid, UserUuid)>,
    keyless: Vec<String>,
    inactive: Vec<String>,
    foreign: Vec<String>,
}

impl GrantNotes {
    fn into_notes(self, host: &str, names: &Names) -> Vec<Note> {
        let mut notes: Vec<Note> = Vec::new();
        for (name, user, other) in self.shared {
            notes.push(Note::danger(format!(
                "{name} on {host} would be one Unix account for {} and {}: each could log in to it with their own keys",
                names.user(user),
                names.user(other)
            )));
        }
        notes.extend(self.unusual.iter().take(UNUSUAL).map(|caution| Note::warning(format!("{caution}."))));
        if let more @ 1.. = self.unusual.len().saturating_sub(UNUSUAL) {
            let names = count(more, "login name is", "login names are");
            notes.push(Note::warning(format!("{names} unusual for Unix accounts as well.")));
        }
        let about = |who: Vec<String>, note: fn(String) -> Note, one: &str, many: &str| match who.as_slice() {
            [] => None,
            [only] => Some(note(format!("{only} {one}"))),
            several => Some(note(format!("{} {many}", listed(several)))),
        };
        notes.extend(about(
            self.inactive,
            Note::warning,
            "is not active; the login works all the same",
            "are not active; the logins work all the same",
        ));
        notes.extend(about(
            self.keyless,
            Note::info,
            "has no SSH key, so there is no way in yet",
            "have no SSH keys, so there is no way in yet",
        ));
        notes.extend(about(
            self.second,
            Note::info,
            "has a login there already; this makes another",
            "have logins there already; this makes others",
        ));
        notes.extend(about(
            self.foreign,
            Note::info,
            "belongs to another cluster; login and SSH keys are kept on this one",
            "belong to other clusters; logins and SSH keys are kept on this one",
        ));
        notes.extend(self.changes.into_iter().map(Note::info));
        notes
    }
}
