//! Which groups reach All users: their members count as invited, whatever else is done (api.md v14).

use crate::arvados::error::Error;
use crate::model::ids::{GroupUuid, UserUuid};
use crate::model::text::named;
use crate::ops::cluster::Cluster;
use std::collections::BTreeMap;

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
