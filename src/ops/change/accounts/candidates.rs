//! Who is asked for, and who of them is left alone whatever is wanted: what all changes of accounts find out first.

use crate::arvados::error::Error;
use crate::model::ids::{ClusterId, UserUuid};
use crate::model::text::{count, listed};
use crate::model::user::User;
use crate::ops::cluster::Cluster;
use crate::ops::part::Part;
use crate::ops::plan::{Findings, Losses, Note, Target};
use std::collections::BTreeSet;

/// The users asked for, those who are left alone whatever is wanted already sorted out.
pub(in crate::ops) struct Candidates<S> {
    /// Those who remain.
    pub users: Vec<User>,
    /// What was found.
    pub findings: Findings<S>,
}

impl<S> Candidates<S> {
    /// Reads the users, each once, in the order asked for.
    pub async fn find(cluster: &Cluster, uuids: &[UserUuid]) -> Result<Self, Error> {
        let mut seen = BTreeSet::new();
        let uuids: Vec<UserUuid> = uuids.iter().copied().filter(|uuid| seen.insert(*uuid)).collect();
        let mut findings = Findings::default();
        findings.names.add_users(std::slice::from_ref(&cluster.session.me));
        findings.names.add_users(&cluster.users(&uuids).await?);
        let mut candidates = Self { users: Vec::new(), findings };
        for uuid in uuids {
            match candidates.findings.names.users.get(&uuid) {
                _ if !cluster.session.is_admin() => candidates.refuse(uuid, "this needs an admin's token"),
                _ if uuid.is_system() => {
                    candidates.refuse(uuid, "the system user owns the cluster and is left alone");
                }
                _ if uuid.is_anonymous() => {
                    candidates.refuse(uuid, "the anonymous user stands for visitors and is left alone");
                }
                None => candidates.refuse(uuid, "no such user, or merged into another"),
                Some(user) => {
                    let user = user.clone();
                    if let Some(login) = login_cluster(cluster) {
                        candidates.refuse(uuid, format!("accounts belong to cluster {login}: do this there"));
                    } else {
                        candidates.users.push(user);
                    }
                }
            }
        }
        Ok(candidates)
    }

    pub fn refuse(&mut self, user: UserUuid, reason: impl AsRef<str>) {
        self.findings.refuse(Target::User(user), reason);
    }

    pub fn unchanged(&mut self, user: UserUuid, state: impl AsRef<str>) {
        self.findings.leave(Target::User(user), state);
    }

    pub fn step(&mut self, step: S, losses: Losses) {
        self.findings.plan(step, losses);
    }

    pub fn note(&mut self, note: Note) {
        self.findings.notes.push(note);
    }

    /// Takes out the users for whom `verdict` has one, in order.
    pub fn sort_out(&mut self, verdict: impl Fn(&User) -> Option<Verdict>) {
        for user in std::mem::take(&mut self.users) {
            match verdict(&user) {
                Some(Verdict::Refused(reason)) => self.refuse(user.uuid, reason),
                Some(Verdict::Unchanged(state)) => self.unchanged(user.uuid, state),
                None => self.users.push(user),
            }
        }
    }

    /// Refuses the admins among those left, if no active admin would remain without them.
    pub async fn keep_an_admin(&mut self, cluster: &Cluster) -> Result<(), Error> {
        let losing: Vec<UserUuid> =
            self.users.iter().filter(|u| u.is_perhaps_active_admin()).map(|u| u.uuid).collect();
        if losing.is_empty() || another_admin_remains(cluster, &losing).await? {
            return Ok(());
        }
        let reason = if losing.len() == 1 {
            "the last active admin must stay one"
        } else {
            "no active admin would remain: leave one of them"
        };
        self.sort_out(|user| losing.contains(&user.uuid).then(|| Verdict::Refused(reason.to_owned())));
        Ok(())
    }

    pub fn uuids(&self) -> Vec<UserUuid> {
        self.users.iter().map(|user| user.uuid).collect()
    }

    pub fn names_of(&self, which: impl Fn(&User) -> bool) -> Vec<String> {
        self.users.iter().filter(|user| which(user)).map(User::display_name).collect()
    }

    /// Users of other clusters have an account there, too; how far this goes depends on what it is.
    pub fn note_foreign(&mut self, cluster: &Cluster, reach: Reach) {
        let here = cluster.session.cluster.id;
        let foreign = self.users.iter().filter_map(|user| {
            Some(format!("{} (of cluster {})", user.display_name(), user.foreign_home(here)?))
        });
        let foreign: Vec<String> = foreign.collect();
        if foreign.is_empty() {
            return;
        }
        let who = listed(&foreign);
        self.note(Note::warning(match reach {
            Reach::ThisCluster => {
                format!(
                    "{who}: only the account here is changed, not the one at home, nor tokens from there."
                )
            }
            Reach::HomeCluster => {
                format!("{who}: the server passes this on to the home cluster, which may refuse it.")
            }
        }));
    }

    /// Users of clusters that activate them here come back by themselves (api.md v29).
    pub fn note_who_comes_back(&mut self, cluster: &Cluster) {
        let facts = &cluster.session.cluster;
        let returning = self.names_of(|user| facts.activates_users_of.contains(&user.uuid.cluster()));
        if !returning.is_empty() {
            self.note(Note::warning(format!(
                "This cluster activates users of their home clusters by itself (ActivateUsers): {} will \
                 be active again at the next visit.",
                listed(&returning)
            )));
        }
    }
}

/// Where something is done to a user of another cluster, where none is the login cluster
/// (lib/controller/federation/conn.go).
#[derive(Clone, Copy)]
pub(in crate::ops) enum Reach {
    /// `setup`, `activate` and `unsetup` are about the account here.
    ThisCluster,
    /// Writes to the record go to the cluster that the user is of.
    HomeCluster,
}

pub(in crate::ops) enum Verdict {
    Refused(String),
    Unchanged(String),
}

/// The cluster that accounts belong to, if it is not this one (api.md v26).
fn login_cluster(cluster: &Cluster) -> Option<ClusterId> {
    cluster.session.cluster.login_cluster.filter(|_| cluster.session.is_satellite())
}

/// Whether some person stays an active admin without these.
pub(in crate::ops) async fn another_admin_remains(
    cluster: &Cluster,
    losing: &[UserUuid],
) -> Result<bool, Error> {
    let admins = cluster.client.active_admins(cluster.federation()).await?;
    Ok(admins.iter().any(|admin| !admin.uuid.is_built_in() && !losing.contains(&admin.uuid)))
}

/// Users that are only named; their UUIDs stand for those that can't be had.
pub(in crate::ops) async fn users_if_any(cluster: &Cluster, users: &[UserUuid]) -> Result<Vec<User>, Error> {
    Part::of(cluster.users(users).await).map(Part::or_default)
}

/// "41 projects, collections and the like"
pub(in crate::ops) fn things(n: usize) -> String {
    count(n, "project, collection or the like", "projects, collections and the like")
}

/// What activating does beside activating (api.md v31).
pub(in crate::ops) fn note_activation<S>(found: &mut Candidates<S>) {
    if found.users.iter().all(User::is_active) {
        return;
    }
    found.note(Note::warning("User agreements are bypassed: nobody is asked to accept them."));
    found.note(Note::info(
        "The cluster's own settings may add a VM login and send a mail; they can't be read from here.",
    ));
}
