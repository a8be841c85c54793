//! What matters of one user beside its record, in a constant number of requests.

use super::cluster::Cluster;
use super::survey::reach;
use super::survey::users::places;
use crate::arvados::error::Error;
use crate::model::field::Field;
use crate::model::group::{Group, PermissionLevel};
use crate::model::ids::{GroupUuid, UserUuid};
use crate::model::ssh_key::SshKey;
use crate::model::user::User;
use std::collections::BTreeMap;

/// What matters of one user beside its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The user, read again.
    pub user: User,
    /// Who changed the record last, if that can be read.
    pub modified_by: Option<User>,
    /// What it has; `None` if the token in use can't see that: only admins see what others have.
    pub has: Option<Possessions>,
}

/// What a user has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Possessions {
    /// The groups the user is a member of, All users left out, by name.
    pub groups: Vec<(Group, PermissionLevel)>,
    /// The user's SSH keys.
    pub keys: Vec<SshKey>,
    /// How many projects, collections and the like it owns directly, trash included.
    pub owned: usize,
    /// How many of its containers are queued, locked or running.
    pub work: usize,
    /// Whether it sees what all users see.
    pub sight: Sight,
}

/// Whether a user sees what all users see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// As far as is known.
    Usual,
    /// It is active, but not in All users: it sees nobody else until it is set up again.
    Apart,
}

/// Reads it.
pub(super) async fn read(cluster: &Cluster, user: UserUuid) -> Result<Summary, Error> {
    let has = async {
        if cluster.session.sees_what_is_of(user) {
            possessions(cluster, user).await.map(Some)
        } else {
            // The server would answer with empty lists, which is not the same as having nothing.
            Ok(None)
        }
    };
    let ((record, modified_by), has) = futures::try_join!(record(cluster, user), has)?;
    let mut summary = Summary { user: record, modified_by, has };
    if let Some(has) = summary.has.as_mut().filter(|has| has.sight == Sight::Apart) {
        // Who is not active is in no group of all; who is may be in it by another.
        let apart = summary.user.is_active() && reach::apart(cluster, &[user]).await?.contains(&user);
        has.sight = if apart { Sight::Apart } else { Sight::Usual };
    }
    Ok(summary)
}

async fn possessions(cluster: &Cluster, user: UserUuid) -> Result<Possessions, Error> {
    let client = &cluster.client;
    let only = [user];
    let ((groups, sight), mut keys, owned, work) = futures::try_join!(
        memberships(cluster, user),
        client.keys_of(&only),
        client.count_contents(user.into()),
        client.unfinished_containers(&only),
    )?;
    keys.sort_by(|a, b| a.name.shown().cmp(&b.name.shown()).then(a.uuid.cmp(&b.uuid)));
    Ok(Possessions { groups, keys, owned, work: work.len(), sight })
}

/// The user, and who changed it last.
async fn record(cluster: &Cluster, uuid: UserUuid) -> Result<(User, Option<User>), Error> {
    let user = cluster.user(uuid).await?;
    let modified_by = match user.modified_by.as_ref().and_then(Field::get) {
        Some(&by) if by == user.uuid => Some(user.clone()),
        Some(&by) => cluster.users(&[by]).await?.into_iter().next(),
        None => None,
    };
    Ok((user, modified_by))
}

/// The role groups the user is in, each once at its highest level; and whether All users is none of those that
/// it is in by itself.
async fn memberships(
    cluster: &Cluster,
    user: UserUuid,
) -> Result<(Vec<(Group, PermissionLevel)>, Sight), Error> {
    let mut levels: BTreeMap<GroupUuid, PermissionLevel> = BTreeMap::new();
    let links = cluster.client.permissions_of(&[user]).await?;
    let sight = if places(links.iter()).next().is_some() { Sight::Usual } else { Sight::Apart };
    for link in links {
        if let (Ok(group), Some(level)) =
            (GroupUuid::try_from(link.head_uuid), PermissionLevel::from_wire(&link.name))
            && !group.is_all_users()
        {
            let best = levels.entry(group).or_insert(level);
            *best = level.max(*best);
        }
    }
    let groups: Vec<GroupUuid> = levels.keys().copied().collect();
    let mut roles: Vec<(Group, PermissionLevel)> = cluster
        .client
        .roles_among(&groups)
        .await?
        .into_iter()
        .filter_map(|group| levels.get(&group.uuid).map(|&level| (group, level)))
        .collect();
    roles.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name).then(a.uuid.cmp(&b.uuid)));
    Ok((roles, sight))
}
