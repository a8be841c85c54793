//! Taking logins away.

use crate::arvados::error::Error;
use crate::model::ids::LinkUuid;
use crate::model::text::count;
use crate::ops::change::logins::steps::LoginStep;
use crate::ops::change::logins::survey::{Wish, existing};
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Change, Is, Named, Touches};
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
        Is::of(Touches::ItsItems, "Revoke", "revoked")
    }

    fn title(&self, _names: &Names) -> String {
        format!("Revoke {}", count(self.links.len(), "VM login", "VM logins"))
    }

    fn named(&mut self) -> Named<'_> {
        Named::Links(&mut self.links)
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        existing(cluster, &self.links, Wish::Gone).await
    }
}
