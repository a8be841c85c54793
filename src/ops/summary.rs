//! What matters of one user beside its record, in a constant number of requests.

use super::cluster::Cluster;
use crate::arvados::error::Error;
use crate::model::group::{Group, PermissionLevel};
use crate::model::ids::UserUuid;
use crate::model::ssh_key::SshKey;
use crate::model::user::User;

/// What matters of one user beside its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The user, read again.
    pub user: User,
    /// Who changed the record last, if that can be read.
    pub modified_by: Option<User>,
    /// The groups the user is a member of, All users left out, by name.
    pub groups: Vec<(Group, PermissionLevel)>,
    /// The user's SSH keys.
    pub keys: Vec<SshKey>,
    /// How many projects, collections and the like it owns directly, trash included.
    pub owned: usize,
    /// How many of its containers are queued, locked or running.
    pub work: usize,
}

/// Reads it.
pub(super) async fn read(cluster: &Cluster, user: UserUuid) -> Result<Summary, Error> {
    let _ = (cluster, user);
    Err(Error::Config("summary".to_owned()))
}
