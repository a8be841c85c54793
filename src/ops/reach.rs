//! Which groups reach All users: their members count as invited, whatever else is done (api.md v14).

use crate::arvados::error::Error;
use crate::arvados::links::{CAN_LOGIN, Link};
use crate::model::ids::{GroupUuid, UserUuid};
use crate::model::text::named;
use crate::ops::cluster::Cluster;
use std::collections::{BTreeMap, BTreeSet};

/// Groups in groups are followed so far; deeper nesting is nobody's practice.
const DEEPEST: usize = 8;

/// The groups that reach All users, directly or through others, by name.
pub(in crate::ops) async fn groups_reaching_all_users(
    cluster: &Cluster,
) -> Result<BTreeMap<GroupUuid, String>, Error> {
    let client = &cluster.client;
    let mut reaching: Vec<GroupUuid> = Vec::new();
    let all_users = GroupUuid::all_users(cluster.session.cluster.id);
    let mut last = vec![all_users];
    for _ in 0..DEEPEST {
        let links = client.groups_reaching(&last).await?;
        last = links.iter().filter_map(|link| link.tail_uuid.try_into().ok()).collect();
        last.sort_unstable();
        last.dedup();
        // All users itself has permissions too, such as seeing its members.
        last.retain(|group| *group != all_users && !reaching.contains(group));
        if last.is_empty() {
            break;
        }
        reaching.extend(&last);
    }
    let groups = client.groups_by_uuid(&reaching).await?;
    let mut names: BTreeMap<GroupUuid, String> =
        reaching.into_iter().map(|uuid| (uuid, uuid.to_string())).collect();
    names.extend(groups.into_iter().map(|group| (group.uuid, named(&group.name))));
    Ok(names)
}

/// Those of these active users who are not in All users, neither themselves nor through a group: a merge took
/// them out, and until they are set up again they see nobody but themselves (api.md v28, conversation
/// "stays").
pub(in crate::ops) async fn apart(
    cluster: &Cluster,
    users: &[UserUuid],
) -> Result<BTreeSet<UserUuid>, Error> {
    // Whose accounts are at home elsewhere are invited there.
    if users.is_empty() || !cluster.session.is_admin() || cluster.session.is_satellite() {
        return Ok(BTreeSet::new());
    }
    let all_users = GroupUuid::all_users(cluster.session.cluster.id);
    let direct = cluster.client.permissions_on_group(users, all_users).await?;
    let members: BTreeSet<UserUuid> =
        places(direct.iter()).filter_map(|link| link.tail_uuid.try_into().ok()).collect();
    let others: Vec<UserUuid> =
        users.iter().copied().filter(|user| !user.is_built_in() && !members.contains(user)).collect();
    if others.is_empty() {
        return Ok(BTreeSet::new());
    }
    let (links, reaching) =
        futures::try_join!(cluster.client.permissions_of(&others), groups_reaching_all_users(cluster))?;
    let mut apart: BTreeSet<UserUuid> = others.into_iter().collect();
    for link in links {
        if let (Ok(user), Ok(group)) = (link.tail_uuid.try_into(), link.head_uuid.try_into())
            && reaching.contains_key(&group)
        {
            apart.remove(&user);
        }
    }
    Ok(apart)
}

/// The name of a group that still invites this user, if it is one of those.
pub(in crate::ops) async fn inviting_group(
    cluster: &Cluster,
    user: UserUuid,
) -> Result<Option<String>, Error> {
    let (links, mut reaching) = futures::try_join!(
        cluster.client.permissions_of(std::slice::from_ref(&user)),
        groups_reaching_all_users(cluster)
    )?;
    Ok(links
        .iter()
        .filter_map(|link| GroupUuid::try_from(link.head_uuid).ok())
        .find_map(|group| reaching.remove(&group)))
}

/// The links that make the membership of All users.
pub(in crate::ops) fn places<'a>(links: impl Iterator<Item = &'a Link>) -> impl Iterator<Item = &'a Link> {
    links.filter(|link| {
        link.name != CAN_LOGIN && GroupUuid::try_from(link.head_uuid).is_ok_and(|group| group.is_all_users())
    })
}
