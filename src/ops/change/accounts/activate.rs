//! Activating users, without waiting for them to accept agreements.

use crate::arvados::error::Error;
use crate::arvados::request::Request;
use crate::arvados::request::UserFlags;
use crate::model::ids::UserUuid;
use crate::model::text::listed;
use crate::model::user::UserStatus;
use crate::ops::change::accounts::candidates::{Candidates, Reach, Verdict, note_activation};
use crate::ops::change::accounts::standing::{change_flags, unless_changed, who_changed};
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Act, Change, Is, LookAt, Named, StepDone, Touches, Turn, What};
use crate::ops::failure::Failure;
use crate::ops::journal::{Before, ChangeKind};
use crate::ops::plan::{Findings, ItemResult, Losses, Names, Note, Risk, Target};

/// Let users work, without waiting for them to accept agreements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activate {
    /// Whom.
    pub users: Vec<UserUuid>,
}

/// PATCH `is_active: true`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivateStep {
    /// Whom.
    pub user: UserUuid,
}

impl Change for Activate {
    type Step = ActivateStep;

    fn is(&self) -> Is {
        Is::of(Touches::Records, "Activate", "activated")
    }

    fn named(&mut self) -> Named<'_> {
        Named::Users(&mut self.users)
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let mut found = Candidates::find(cluster, &self.users).await?;
        found.sort_out(|user| user.is_active().then(|| Verdict::Unchanged("already active".to_owned())));
        note_activation(&mut found);
        let new = found.names_of(|user| user.status == UserStatus::Inactive);
        if !new.is_empty() {
            found.note(Note::info(format!(
                "Never set up, deactivated or suspended: {}. Activating sets up as well; what was deleted \
                 stays deleted.",
                listed(&new)
            )));
        }
        found.note_foreign(cluster, Reach::ThisCluster);
        for user in found.uuids() {
            found.step(ActivateStep { user }, Losses::default());
        }
        Ok(found.findings)
    }
}

impl Act for ActivateStep {
    fn is(&self) -> What {
        What { target: Target::User(self.user), risk: Risk::Reversible, kind: ChangeKind::Other }
    }

    fn says(&self, _names: &Names) -> String {
        "active   no → yes".to_owned()
    }

    fn requests(&self) -> Vec<Request> {
        vec![activate(self.user).meant("activate")]
    }

    fn look_at(&self, at: &mut LookAt) {
        at.accounts.push(self.user);
    }

    async fn apply(&self, &Turn { bench, look, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let user = self.user;
        let now = look.user(user)?;
        if now.is_active() {
            let who = who_changed(bench, now).await;
            return Ok(StepDone::of(doing, ItemResult::Unchanged(format!("active already: {who}"))));
        }
        unless_changed(bench, now).await?;
        bench.write_down(doing, &Before::flags_of(now))?;
        let flags = UserFlags { is_active: Some(true), is_admin: None };
        change_flags(bench, doing, user, flags).await
    }
}

pub(in crate::ops) fn activate(user: UserUuid) -> Request {
    Request::update_user(user, UserFlags { is_active: Some(true), ..UserFlags::default() })
}
