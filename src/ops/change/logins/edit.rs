//! Changing the groups of logins; their twins go.

use crate::arvados::error::Error;
use crate::model::ids::LinkUuid;
use crate::model::text::count;
use crate::model::vm::UnixGroup;
use crate::ops::change::logins::steps::LoginStep;
use crate::ops::change::logins::survey::{Wish, existing};
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Change, Is, Named, Touches};
use crate::ops::plan::{Findings, Names};

/// Change the groups of logins; mends their twins as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditLogins {
    /// Any link of each login.
    pub links: Vec<LinkUuid>,
    /// The groups they get.
    pub groups: Vec<UnixGroup>,
}

impl Change for EditLogins {
    type Step = LoginStep;

    fn is(&self) -> Is {
        Is::of(Touches::ItsItems, "Change", "changed")
    }

    fn title(&self, _names: &Names) -> String {
        format!("Change {}", count(self.links.len(), "VM login", "VM logins"))
    }

    fn named(&mut self) -> Named<'_> {
        Named::Links(&mut self.links)
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        existing(cluster, &self.links, Wish::Groups(&self.groups)).await
    }
}
