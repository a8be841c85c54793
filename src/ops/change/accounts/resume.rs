//! Taking a suspension back.

use crate::arvados::error::Error;
use crate::arvados::request::Request;
use crate::arvados::request::UserFlags;
use crate::model::ids::UserUuid;
use crate::model::text::listed;
use crate::model::user::UserRole;
use crate::ops::change::accounts::candidates::{Candidates, Reach, Verdict, note_activation};
use crate::ops::change::accounts::standing::{change_flags, unless_changed, who_changed};
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Act, Change, Is, LookAt, Named, StepDone, Touches, Turn, What};
use crate::ops::failure::{Failure, conflict};
use crate::ops::journal::{Before, ChangeKind};
use crate::ops::plan::{Findings, ItemResult, Losses, Names, Note, Risk, Target};

/// Take a suspension back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resume {
    /// Whom.
    pub users: Vec<UserUuid>,
}

/// PATCH `is_active: true`, and the admin flag if the journal says that suspending took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumeStep {
    /// Whom.
    pub user: UserUuid,
    /// What the user becomes.
    pub role: UserRole,
}

impl Change for Resume {
    type Step = ResumeStep;

    fn is(&self) -> Is {
        Is::of(Touches::Records, "Resume", "resumed")
    }

    fn named(&mut self) -> Named<'_> {
        Named::Users(&mut self.users)
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let mut found = Candidates::find(cluster, &self.users).await?;
        found.sort_out(|user| user.is_active().then(|| Verdict::Unchanged("already active".to_owned())));
        note_activation(&mut found);
        found.note_foreign(cluster, Reach::HomeCluster);
        let taken = match cluster.journal.flags_taken(cluster.session.cluster.id) {
            Ok(taken) => taken,
            Err(failure) => {
                let reason = format!("{}; {}", failure.reason, failure.advice);
                found.sort_out(|_| Some(Verdict::Refused(reason.clone())));
                return Ok(found.findings);
            }
        };
        let mut admins = Vec::new();
        for user in std::mem::take(&mut found.users) {
            // The journal knows whether suspending took an admin's flag.
            let role = if taken.contains(&user.uuid) { UserRole::Admin } else { UserRole::Plain };
            if role == UserRole::Admin {
                admins.push(user.display_name());
            }
            found.step(ResumeStep { user: user.uuid, role }, Losses::default());
        }
        if !admins.is_empty() {
            found.note(Note::warning(format!(
                "{} will be admin again: the journal on this machine says that suspending took the flag.",
                listed(&admins)
            )));
        } else if !found.findings.steps.is_empty() {
            found.note(Note::info(
                "No admin's flag is given back: the journal on this machine has none that suspending took.",
            ));
        }
        Ok(found.findings)
    }
}

impl Act for ResumeStep {
    fn is(&self) -> What {
        What { target: Target::User(self.user), risk: Risk::Reversible, kind: ChangeKind::Other }
    }

    fn says(&self, _names: &Names) -> String {
        match self.role {
            UserRole::Admin => "active again, as an admin",
            UserRole::Plain => "active again",
        }
        .to_owned()
    }

    fn requests(&self) -> Vec<Request> {
        let is_admin = (self.role == UserRole::Admin).then_some(true);
        let flags = UserFlags { is_active: Some(true), is_admin };
        vec![Request::update_user(self.user, flags).meant("activate, and so set up again")]
    }

    fn look_at(&self, at: &mut LookAt) {
        at.accounts.push(self.user);
        at.flags = true;
    }

    async fn apply(&self, &Turn { bench, look, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let Self { user, role } = *self;
        let now = look.user(user)?;
        if now.is_active() {
            let who = who_changed(bench, now).await;
            return Ok(StepDone::of(doing, ItemResult::Unchanged(format!("active already: {who}"))));
        }
        unless_changed(bench, now).await?;
        if look.role_before(user)? != role {
            let what = "the journal has changed since: it says otherwise now whether the user was an admin";
            return Err(conflict(what.to_owned()));
        }
        let admin = role == UserRole::Admin;
        bench.write_down(doing, &Before::flags_of(now))?;
        let flags = UserFlags { is_active: Some(true), is_admin: admin.then_some(true) };
        let done = change_flags(bench, doing, user, flags).await?;
        let again = admin && done.items.iter().all(|item| item.result == ItemResult::Done);
        Ok(if again {
            let name = bench.names.user(user);
            done.note(Note::warning(format!("{name} is an admin again, as before the suspension.")))
        } else {
            done
        })
    }
}
