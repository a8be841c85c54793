//! Surveys of setup, activation, deactivation, suspension and the admin flag.

use super::Findings;
use crate::arvados::error::Error;
use crate::ops::cluster::Cluster;
use crate::ops::intent::Intent;

pub(super) async fn survey(cluster: &Cluster, intent: &Intent) -> Result<Findings, Error> {
    let _ = (cluster, intent);
    Err(Error::Config("survey".to_owned()))
}
