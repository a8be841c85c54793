//! Ending accounts: what users decide of it, what is found out before, and each step. How one is ended: `ending`.

use crate::arvados::error::Error;
use crate::arvados::request::Request;
use crate::model::ids::UserUuid;
use crate::model::user::UserStatus;
use crate::ops::change::accounts::candidates::{Candidates, Reach, Verdict, things, users_if_any};
use crate::ops::change::accounts::ending::{Answered, Ended, after_no_answer, unsetup};
use crate::ops::change::accounts::standing::{keep_an_admin, unless_changed, who_changed};
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Act, Change, Check, Is, LookAt, Named, StepDone, Takes, Touches, Turn, What};
use crate::ops::failure::Failure;
use crate::ops::holdings::Holdings;
use crate::ops::journal::ChangeKind;
use crate::ops::plan::{Findings, ItemResult, Names, Note, Risk, Target};

/// End accounts: rights, tokens, keys and preferences are deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deactivate {
    /// Whom.
    pub users: Vec<UserUuid>,
}

/// `POST /users/U/unsetup`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeactivateStep {
    /// Whom.
    pub user: UserUuid,
}

impl Change for Deactivate {
    type Step = DeactivateStep;

    fn is(&self) -> Is {
        Is::of(Touches::Records, "Deactivate", "deactivated")
    }

    fn named(&mut self) -> Named<'_> {
        Named::Users(&mut self.users)
    }

    fn takes(&self) -> Takes {
        Takes::All
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let mut found = Candidates::find(cluster, &self.users).await?;
        let me = cluster.session.my_uuid();
        found.sort_out(|user| {
            (user.uuid == me).then(|| Verdict::Refused("you can't deactivate yourself".to_owned()))
        });
        found.keep_an_admin(cluster).await?;
        let holdings = Box::pin(Holdings::of(cluster, &found.uuids())).await?;
        found.sort_out(|user| {
            (user.status == UserStatus::Inactive && holdings.is_bare(user.uuid)).then(|| {
                Verdict::Unchanged(
                    "already inactive, and by the audit log nothing is left to delete".to_owned(),
                )
            })
        });
        let users = found.uuids();
        if users.is_empty() {
            return Ok(found.findings);
        }
        found.findings.names.add_users(&users_if_any(cluster, &holdings.users_of_lost_keys(&users)).await?);
        holdings.add_names(&mut found.findings.names);

        let notes = holdings.notes(&users, &found.findings.names, &cluster.session.cluster);
        found.findings.notes.extend(notes);
        let owned: usize = users.iter().filter_map(|&user| holdings.owned_by(user)).sum();
        found.note(Note::info(if owned > 0 {
            format!("What they own stays theirs ({}): reassign it to hand it over.", things(owned))
        } else {
            "What they own stays theirs.".to_owned()
        }));
        found.note_foreign(cluster, Reach::ThisCluster);
        found.note_who_comes_back(cluster);
        if found.users.iter().any(|user| user.status != UserStatus::Inactive) {
            found.note(Note::info("Gentler: suspend, which deletes nothing and can be taken back."));
        }
        for user in users {
            found.step(DeactivateStep { user }, holdings.losses(user));
        }
        Ok(found.findings)
    }
}

impl Act for DeactivateStep {
    fn is(&self) -> What {
        What { target: Target::User(self.user), risk: Risk::Lossy, kind: ChangeKind::Deactivate }
    }

    fn says(&self, _names: &Names) -> String {
        "deactivated".to_owned()
    }

    fn requests(&self) -> Vec<Request> {
        end_requests(self.user)
    }

    fn ends_admin(&self) -> Option<UserUuid> {
        Some(self.user)
    }

    fn look_at(&self, at: &mut LookAt) {
        at.accounts.push(self.user);
        at.ending.push(self.user);
    }

    async fn apply(&self, &Turn { bench, look, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let user = self.user;
        let now = look.user(user)?;
        let seen = bench.names.users.get(&user);
        if now.status != UserStatus::Inactive || seen.is_some_and(|seen| seen.role != now.role) {
            // Ended meanwhile is what was wanted; another change is not.
            unless_changed(bench, now).await?;
        }
        keep_an_admin(bench, look, now)?;
        let belongings = look.belongings(user)?;
        if now.status == UserStatus::Inactive
            && seen.is_some_and(|seen| seen.status != UserStatus::Inactive)
            && belongings.are_gone()
        {
            let who = who_changed(bench, now).await;
            return Ok(StepDone::of(doing, ItemResult::Unchanged(format!("deactivated already: {who}"))));
        }
        belongings.write_down(bench, doing, now, None)?;
        let done = match unsetup(bench, user).await? {
            Answered::Yes => StepDone::to_be_checked(doing, Check::Ended(belongings.had.clone())),
            Answered::Nothing(error) => match after_no_answer(bench, &belongings.had, &error).await? {
                Ended::Done(notes) => {
                    notes.into_iter().fold(StepDone::of(doing, ItemResult::Done), StepDone::note)
                }
                Ended::Unclear(unclear) => StepDone::of(doing, ItemResult::Unknown(unclear)),
            },
        };
        Ok(belongings.had.not_kept(&bench.names.user(user)).into_iter().fold(done, StepDone::note))
    }
}

pub(in crate::ops) fn end_requests(user: UserUuid) -> Vec<Request> {
    const WHAT: &str = "delete permissions, logins, keys, tokens, signatures and preferences; make inactive";
    vec![Request::unsetup_user(user).meant(WHAT), look_again(user)]
}

pub(in crate::ops) fn look_again(user: UserUuid) -> Request {
    Request::user(user).meant("look whether it held")
}
