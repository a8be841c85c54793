//! VM logins, twins made one (api.md v7), with what is needed to show them. Every list takes a constant
//! number of requests.

use super::cluster::Cluster;
use super::login_list::{Extent, LoginList, LoginRow};
use super::part::Part;
use crate::arvados::error::Error;
use crate::arvados::links::Link;
use crate::model::ids::{UserUuid, VmUuid};
use crate::model::user::User;
use crate::model::vm::{LinkForm, LoginLink, UnixGroup, VmLogin};
use std::collections::{BTreeMap, BTreeSet};

/// What makes links one login: user, VM and login name.
pub(super) type Key = (UserUuid, VmUuid, String);

/// A user's.
pub(super) async fn of_user(cluster: &Cluster, user: UserUuid) -> Result<LoginList, Error> {
    if !cluster.session.sees_what_is_of(user) {
        return Ok(LoginList { rows: Vec::new(), extent: Extent::OwnOnly, left_out: None });
    }
    let logins = merge(cluster.client.login_links_of(&[user]).await?);
    let vms: BTreeSet<VmUuid> = logins.iter().map(|login| login.vm).collect();
    let vms: Vec<VmUuid> = vms.into_iter().collect();
    // Who else has the same Unix account is seen only among all logins of these VMs.
    let all = merge(cluster.client.login_links_on(&vms).await?);
    Ok(LoginList { extent: Extent::All, ..rows(cluster, logins, &all).await? })
}

/// A VM's.
pub(super) async fn on_vm(cluster: &Cluster, vm: VmUuid) -> Result<LoginList, Error> {
    let logins = merge(cluster.client.login_links_on(&[vm]).await?);
    rows(cluster, logins.clone(), &logins).await
}

/// All of the cluster.
pub(super) async fn all(cluster: &Cluster) -> Result<LoginList, Error> {
    let logins = merge(cluster.client.all_login_links().await?);
    rows(cluster, logins.clone(), &logins).await
}

/// Links made logins. A role as tail never yields one (api.md b.7), so such links are left out.
pub(super) fn merge(mut links: Vec<Link>) -> Vec<VmLogin> {
    links.sort_by(|a, b| a.created_at.cmp(&b.created_at).then(a.uuid.cmp(&b.uuid)));
    let mut logins: BTreeMap<Key, Vec<LoginLink>> = BTreeMap::new();
    for link in links {
        let Some(key) = key(&link) else { continue };
        let others = link.properties.others();
        let form = if link.properties.is_odd() { LinkForm::Odd } else { LinkForm::Sound };
        let groups = sorted(link.properties.groups);
        logins.entry(key).or_default().push(LoginLink { uuid: link.uuid, groups, others, form });
    }
    logins
        .into_iter()
        .map(|((user, vm, login_name), links)| VmLogin { user, vm, login_name, links })
        .collect()
}

/// Which login a link belongs to; `None` if it is none of a user on a VM.
pub(super) fn key(link: &Link) -> Option<Key> {
    let user = link.tail_uuid.try_into().ok()?;
    let vm = link.head_uuid.try_into().ok()?;
    Some((user, vm, link.properties.username.clone().unwrap_or_default()))
}

/// Groups in the form in which they can be compared.
pub(super) fn sorted<T: Ord>(groups: Vec<T>) -> Vec<T> {
    let set: BTreeSet<T> = groups.into_iter().collect();
    set.into_iter().collect()
}

/// The groups that a login has, and these.
pub(super) fn union(has: &[String], groups: &[UnixGroup]) -> Vec<UnixGroup> {
    let all = has.iter().map(|group| UnixGroup::as_it_is(group)).chain(groups.iter().cloned());
    sorted(all.collect())
}

/// The other users with the same login name on the same VM: one Unix account, all their keys on it.
pub(super) fn sharing(all: &[VmLogin], user: UserUuid, vm: VmUuid, login_name: &str) -> Vec<UserUuid> {
    all.iter()
        .filter(|other| other.vm == vm && other.login_name == login_name && other.user != user)
        .filter(|_| !login_name.is_empty())
        .map(|other| other.user)
        .collect()
}

async fn rows(cluster: &Cluster, logins: Vec<VmLogin>, all: &[VmLogin]) -> Result<LoginList, Error> {
    let users: BTreeSet<UserUuid> = logins.iter().map(|login| login.user).collect();
    let users: Vec<UserUuid> = users.into_iter().collect();
    let (users, keys, vms) = futures::try_join!(
        cluster.users(&users),
        // They are only counted.
        async { Part::of(cluster.client.keys_of(&users).await) },
        cluster.client.virtual_machines(),
    )?;
    let users: BTreeMap<UserUuid, User> = users.into_iter().map(|user| (user.uuid, user)).collect();
    let hosts: BTreeMap<VmUuid, String> =
        vms.into_iter().map(|vm| (vm.uuid, vm.hostname.shown().into_owned())).collect();
    let keys = keys.map(|keys| {
        let mut counts: BTreeMap<UserUuid, usize> = BTreeMap::new();
        for key in keys {
            *counts.entry(key.user).or_default() += 1;
        }
        counts
    });
    let mut accounts: BTreeMap<(VmUuid, &str), Vec<UserUuid>> = BTreeMap::new();
    for login in all.iter().filter(|login| !login.login_name.is_empty()) {
        accounts.entry((login.vm, &login.login_name)).or_default().push(login.user);
    }
    let mut rows: Vec<LoginRow> = logins
        .into_iter()
        .map(|login| LoginRow {
            hostname: hosts.get(&login.vm).filter(|name| !name.is_empty()).cloned(),
            user: users.get(&login.user).cloned(),
            keys: match &keys {
                Part::Is(counts) => Part::Is(counts.get(&login.user).copied().unwrap_or_default()),
                Part::NotKnown(why) => Part::NotKnown(why.clone()),
            },
            shared_with: accounts
                .get(&(login.vm, login.login_name.as_str()))
                .map(|users| users.iter().copied().filter(|&user| user != login.user).collect())
                .unwrap_or_default(),
            login,
        })
        .collect();
    rows.sort_by(|a, b| {
        let place = |row: &LoginRow| (row.hostname.clone(), row.login.vm);
        place(a)
            .cmp(&place(b))
            .then_with(|| a.login.login_name.cmp(&b.login.login_name))
            .then(a.login.user.cmp(&b.login.user))
    });
    let extent = if cluster.session.is_admin() { Extent::All } else { Extent::OwnOnly };
    Ok(LoginList { rows, extent, left_out: None })
}
