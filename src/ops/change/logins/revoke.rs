//! Taking logins away.

use crate::arvados::error::Error;
use crate::model::ids::{LinkUuid, UserUuid};
use crate::model::text::count;
use crate::ops::change::logins::steps::LoginStep;
use crate::ops::change::logins::survey::{Wish, existing};
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Change, Is};
use crate::ops::plan::{Findings, Names};

/// Take logins away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeLogins {
    /// Any link of each login.
    pub links: Vec<LinkUuid>,
}

impl Change for RevokeLogins {
    type Step = LoginStep;

    fn is(&self) -> Is {
        Is::items("Revoke", "revoked")
    }

    fn title(&self, _names: &Names) -> String {
        format!("Revoke {}", count(self.links.len(), "VM login", "VM logins"))
    }

    fn users(&self) -> Vec<UserUuid> {
        Vec::new()
    }

    fn how_many(&self) -> usize {
        self.links.len()
    }

    fn stand_for(&mut self, targets: usize) {
        self.links.truncate(targets);
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        existing(cluster, &self.links, Wish::Gone).await
    }
}
