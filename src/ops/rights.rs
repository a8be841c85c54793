//! What a user may do: the permissions that could be granted to a successor.

use super::cluster::Cluster;
use crate::arvados::error::Error;
use crate::arvados::links::{CAN_LOGIN, Link};
use crate::model::group::PermissionLevel;
use crate::model::ids::{AnyUuid, GroupUuid, LinkUuid, UserUuid, VmUuid};
use crate::model::text::named;
use crate::model::unix_name::group_list;
use std::collections::BTreeMap;

/// A permission of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// The link that gives it.
    pub link: LinkUuid,
    /// What sort of permission it is.
    pub kind: RightKind,
    /// On what.
    pub head: AnyUuid,
    /// In words: "member of Lab (can manage)".
    pub description: String,
}

/// What sort of permission. Sorts as a list of them should be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RightKind {
    /// Membership of a role group.
    Membership(PermissionLevel),
    /// On a project, a collection and the like.
    Permission(PermissionLevel),
    /// A login on a VM: never preselected, since it is the old Unix account's (api.md v28).
    Login,
}

/// Reads them. The membership of All users is left out: every active user has it. So are permissions on
/// users, which are of visibility, not of work.
pub async fn of_user(cluster: &Cluster, user: UserUuid) -> Result<Vec<Right>, Error> {
    let links = cluster.client.permissions_of(&[user]).await?;
    let groups: Vec<GroupUuid> = links.iter().filter_map(|link| link.head_uuid.try_into().ok()).collect();
    let (groups, roles, vms) = futures::try_join!(
        cluster.client.groups_by_uuid(&groups),
        cluster.client.roles_among(&groups),
        cluster.client.virtual_machines(),
    )?;
    let names: BTreeMap<GroupUuid, String> = groups.into_iter().map(|g| (g.uuid, named(&g.name))).collect();
    let vms: BTreeMap<VmUuid, String> =
        vms.into_iter().map(|vm| (vm.uuid, named(&vm.hostname.shown()))).collect();
    // Twins are one login (api.md v7). Which of their groups count is chance, so the one that allows the
    // least stands for them: nothing passes on that was not there for certain.
    let mut logins: BTreeMap<(VmUuid, &str), Vec<&Link>> = BTreeMap::new();
    for link in links.iter().filter(|link| link.name == CAN_LOGIN) {
        if let Ok(vm) = VmUuid::try_from(link.head_uuid) {
            let name = link.properties.username.as_deref().unwrap_or_default();
            logins.entry((vm, name)).or_default().push(link);
        }
    }
    let standing: Vec<(&Link, usize)> = logins
        .into_values()
        .filter_map(|twins| {
            let least = twins.iter().min_by_key(|link| (link.properties.groups.len(), link.uuid))?;
            Some((*least, twins.len()))
        })
        .collect();
    let mut rights: Vec<Right> = links
        .iter()
        .filter_map(|link| {
            let group = GroupUuid::try_from(link.head_uuid).ok();
            let (kind, description) = if link.name == CAN_LOGIN {
                let (_, twins) = standing.iter().find(|(least, _)| least.uuid == link.uuid)?;
                (RightKind::Login, login(link, *twins, &vms)?)
            } else {
                let level = PermissionLevel::from_wire(&link.name)?;
                let words = words(level);
                match group {
                    Some(group) if group.is_all_users() => return None,
                    Some(group) => {
                        let name = names.get(&group).cloned().unwrap_or_else(|| group.to_string());
                        if roles.iter().any(|role| role.uuid == group) {
                            (RightKind::Membership(level), format!("member of {name} ({words})"))
                        } else {
                            (RightKind::Permission(level), format!("{words} {name}"))
                        }
                    }
                    None if link.head_uuid.infix() == UserUuid::INFIX => return None,
                    None => (RightKind::Permission(level), format!("{words} {}", link.head_uuid)),
                }
            };
            Some(Right { link: link.uuid, kind, head: link.head_uuid, description })
        })
        .collect();
    rights.sort_by(|a, b| a.kind.cmp(&b.kind).then_with(|| a.description.cmp(&b.description)));
    Ok(rights)
}

fn login(link: &Link, twins: usize, vms: &BTreeMap<VmUuid, String>) -> Option<String> {
    let vm = VmUuid::try_from(link.head_uuid).ok()?;
    let host = vms.get(&vm).cloned().unwrap_or_else(|| vm.to_string());
    let name = link.properties.username.as_deref().map_or_else(|| "no name".to_owned(), named);
    let groups = &link.properties.groups;
    let groups = if groups.is_empty() { String::new() } else { format!(" in {}", group_list(groups)) };
    let twins =
        if twins > 1 { format!(" (kept {twins} times: as the least of them)") } else { String::new() };
    Some(format!("login {name} on {host}{groups}{twins}"))
}

fn words(level: PermissionLevel) -> &'static str {
    match level {
        PermissionLevel::Read => "can read",
        PermissionLevel::Write => "can write",
        PermissionLevel::Manage => "can manage",
    }
}
