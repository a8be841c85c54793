//! What matters of one user beside its record, in a constant number of requests.

pub use super::part::Part;

use super::cluster::Cluster;
use super::reach;
use super::reach::places;
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
    pub modified_by: Option<Part<User>>,
    /// What it has; `None` if the token in use can't see that: only admins see what others have.
    pub has: Option<Possessions>,
}

/// What a user has. Each is asked for by itself, and what can't be had takes nothing else with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Possessions {
    /// The groups the user is a member of, All users left out, by name.
    pub groups: Part<Vec<(Group, PermissionLevel)>>,
    /// The user's SSH keys.
    pub keys: Part<Vec<SshKey>>,
    /// How many projects, collections and the like it owns directly, trash included.
    pub owned: Part<usize>,
    /// How many of its containers are queued, locked or running.
    pub work: Part<usize>,
    /// Whether it sees what all users see.
    pub sight: Part<Sight>,
}

impl Possessions {
    /// What of it is not known, and why.
    pub fn not_known(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("what it owns", self.owned.why_not()),
            ("containers", self.work.why_not()),
            ("groups", self.groups.why_not()),
            ("SSH keys", self.keys.why_not()),
            ("whether it is in All users", self.sight.why_not()),
        ]
        .into_iter()
        .filter_map(|(what, why)| Some((what, why?)))
    }
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
pub async fn read(cluster: &Cluster, user: UserUuid) -> Result<Summary, Error> {
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
    if let Some(has) = summary.has.as_mut().filter(|has| has.sight == Part::Is(Sight::Apart)) {
        // Who is not active is in no group of all; who is may be in it by another.
        has.sight = if summary.user.is_active() {
            let sight = |apart: bool| if apart { Sight::Apart } else { Sight::Usual };
            Part::of(reach::apart(cluster, &[user]).await)?.map(|apart| sight(apart.contains(&user)))
        } else {
            Part::Is(Sight::Usual)
        };
    }
    Ok(summary)
}

async fn possessions(cluster: &Cluster, user: UserUuid) -> Result<Possessions, Error> {
    let client = &cluster.client;
    let only = [user];
    let (member, keys, owned, work) = futures::try_join!(
        async { Part::of(memberships(cluster, user).await) },
        async { Part::of(client.keys_of(&only).await) },
        async { Part::of(client.count_contents(user.into()).await) },
        async { Part::of(client.unfinished_containers(&only).await) },
    )?;
    let keys = keys.map(|mut keys| {
        keys.sort_by(|a, b| a.name.shown().cmp(&b.name.shown()).then(a.uuid.cmp(&b.uuid)));
        keys
    });
    let (groups, sight) = match member {
        Part::Is((groups, sight)) => (Part::Is(groups), Part::Is(sight)),
        Part::NotKnown(why) => (Part::NotKnown(why.clone()), Part::NotKnown(why)),
    };
    Ok(Possessions { groups, keys, owned, work: work.map(|work| work.len()), sight })
}

/// The user, and who changed it last.
async fn record(cluster: &Cluster, uuid: UserUuid) -> Result<(User, Option<Part<User>>), Error> {
    let user = cluster.user(uuid).await?;
    let modified_by = match user.modified_by.as_ref().and_then(Field::get) {
        Some(&by) if by == user.uuid => Some(Part::Is(user.clone())),
        // Who that was is told of, and stops nothing.
        Some(&by) => match Part::of(cluster.users(&[by]).await)? {
            Part::Is(users) => users.into_iter().next().map(Part::Is),
            Part::NotKnown(why) => Some(Part::NotKnown(why)),
        },
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
