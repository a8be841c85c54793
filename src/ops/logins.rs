//! VM logins, twins made one.

use super::cluster::Cluster;
use super::read::LoginList;
use crate::arvados::error::Error;
use crate::model::ids::{UserUuid, VmUuid};

/// A user's.
pub(super) async fn of_user(cluster: &Cluster, user: UserUuid) -> Result<LoginList, Error> {
    let _ = (cluster, user);
    Err(Error::Config("logins".to_owned()))
}

/// A VM's.
pub(super) async fn on_vm(cluster: &Cluster, vm: VmUuid) -> Result<LoginList, Error> {
    let _ = (cluster, vm);
    Err(Error::Config("logins".to_owned()))
}
