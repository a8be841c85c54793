//! Making users admins, or plain users again.

use crate::arvados::error::Error;
use crate::arvados::request::Request;
use crate::arvados::request::UserFlags;
use crate::model::ids::UserUuid;
use crate::model::session::Session;
use crate::model::user::UserRole;
use crate::ops::change::accounts::candidates::{Candidates, Reach, Verdict};
use crate::ops::change::accounts::standing::{change_flags, keep_an_admin, unless_changed, who_changed};
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Act, Asks, Change, Is, LookAt, Named, StepDone, Touches, Turn, What};
use crate::ops::failure::Failure;
use crate::ops::journal::{Before, ChangeKind};
use crate::ops::plan::{Findings, ItemResult, Losses, Names, Note, Risk, Target, people};

/// Make users admins, or plain users again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRole {
    /// Whom.
    pub users: Vec<UserUuid>,
    /// What they become.
    pub role: UserRole,
}

/// PATCH `is_admin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRoleStep {
    /// Whom.
    pub user: UserUuid,
    /// What the user becomes.
    pub role: UserRole,
}

impl Change for SetRole {
    type Step = SetRoleStep;

    fn is(&self) -> Is {
        match self.role {
            UserRole::Admin => Is::of(Touches::Records, "Make admin", "made admin"),
            UserRole::Plain => Is::of(Touches::Records, "Unmake admin", "made plain user"),
        }
    }

    fn title(&self, names: &Names) -> String {
        let what = match (self.role, self.users.len()) {
            (UserRole::Admin, 1) => "an admin",
            (UserRole::Admin, _) => "admins",
            (UserRole::Plain, 1) => "a plain user again",
            (UserRole::Plain, _) => "plain users again",
        };
        format!("Make {} {what}", people(&self.users, names))
    }

    fn named(&mut self) -> Named<'_> {
        Named::Users(&mut self.users)
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let role = self.role;
        let mut found = Candidates::find(cluster, &self.users).await?;
        found.sort_out(|user| match role {
            _ if user.role.is(&role) => Some(Verdict::Unchanged(
                match role {
                    UserRole::Admin => "already an admin",
                    UserRole::Plain => "not an admin",
                }
                .to_owned(),
            )),
            UserRole::Admin if user.is_surely_inactive() => {
                Some(Verdict::Refused("an inactive user can't be an admin: activate first".to_owned()))
            }
            UserRole::Admin | UserRole::Plain => None,
        });
        if role == UserRole::Plain {
            found.keep_an_admin(cluster).await?;
        }
        if !found.users.is_empty() {
            match role {
                UserRole::Admin => {
                    found.note(Note::warning("An admin sees and changes everything on this cluster."));
                }
                UserRole::Plain => {
                    found.note(Note::info("Their tokens and logins stay, with a plain user's rights."));
                }
            }
        }
        if role == UserRole::Plain && found.uuids().contains(&cluster.session.my_uuid()) {
            found.note(Note::danger(
                "You give up your own admin rights: only another admin can give them back.",
            ));
        }
        found.note_foreign(cluster, Reach::HomeCluster);
        for user in found.uuids() {
            found.step(SetRoleStep { user, role }, Losses::default());
        }
        Ok(found.findings)
    }
}

impl Act for SetRoleStep {
    fn is(&self) -> What {
        What { target: Target::User(self.user), risk: Risk::Reversible, kind: ChangeKind::Other }
    }

    fn says(&self, _names: &Names) -> String {
        match self.role {
            UserRole::Admin => "admin   no → yes",
            UserRole::Plain => "admin   yes → no",
        }
        .to_owned()
    }

    fn requests(&self) -> Vec<Request> {
        let flags = UserFlags { is_admin: Some(self.role == UserRole::Admin), ..UserFlags::default() };
        vec![Request::update_user(self.user, flags).meant("change the admin flag")]
    }

    fn look_at(&self, at: &mut LookAt) {
        at.accounts.push(self.user);
    }

    fn ends_admin(&self) -> Option<UserUuid> {
        (self.role == UserRole::Plain).then_some(self.user)
    }

    fn ends_the_session(&self, session: &Session) -> bool {
        self.role == UserRole::Plain && self.user == session.my_uuid()
    }

    fn asks(&self, me: UserUuid) -> Asks {
        if self.role == UserRole::Plain && self.user == me { Asks::Name(me) } else { Asks::AsUsual }
    }

    async fn apply(&self, &Turn { bench, look, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let Self { user, role } = *self;
        let now = look.user(user)?;
        if now.role.is(&role) {
            let what = match role {
                UserRole::Admin => "an admin already",
                UserRole::Plain => "no admin any more",
            };
            let who = who_changed(bench, now).await;
            return Ok(StepDone::of(doing, ItemResult::Unchanged(format!("{what}: {who}"))));
        }
        unless_changed(bench, now).await?;
        if role == UserRole::Plain {
            keep_an_admin(bench, look, now)?;
        }
        bench.write_down(doing, &Before::flags_of(now))?;
        let flags = UserFlags { is_active: None, is_admin: Some(role == UserRole::Admin) };
        change_flags(bench, doing, user, flags).await
    }
}
