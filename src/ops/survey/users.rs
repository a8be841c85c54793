//! Surveys of setup, activation, deactivation, suspension and the admin flag.

use super::Findings;
use super::holdings::Holdings;
use super::reach;
use crate::arvados::error::Error;
use crate::arvados::links::{CAN_LOGIN, Link};
use crate::model::field::Text;
use crate::model::ids::{ClusterId, GroupUuid, UserUuid, VmUuid};
use crate::model::text::{count, listed, named};
use crate::model::token::{doubtfully_dead, named_by_anybody};
use crate::model::user::{Notify, User, UserRole, UserStatus};
use crate::model::vm::{LoginName, UnixNameError};
use crate::ops::cluster::Cluster;
use crate::ops::intent::Activation;
use crate::ops::plan::{Losses, Note};
use crate::ops::step::{Step, Target};
use crate::ops::summary::Part;
use std::collections::BTreeSet;

/// The users asked for, those who are left alone whatever is wanted already sorted out.
pub(super) struct Candidates {
    /// Those who remain.
    pub users: Vec<User>,
    /// What was found.
    pub findings: Findings,
}

impl Candidates {
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

    fn refuse(&mut self, user: UserUuid, reason: impl AsRef<str>) {
        self.findings.refuse(Target::User(user), reason);
    }

    fn unchanged(&mut self, user: UserUuid, state: impl AsRef<str>) {
        self.findings.leave(Target::User(user), state);
    }

    fn step(&mut self, step: Step, losses: Losses) {
        self.findings.plan(step, losses);
    }

    fn note(&mut self, note: Note) {
        self.findings.notes.push(note);
    }

    /// Takes out the users for whom `verdict` has one, in order.
    fn sort_out(&mut self, verdict: impl Fn(&User) -> Option<Verdict>) {
        for user in std::mem::take(&mut self.users) {
            match verdict(&user) {
                Some(Verdict::Refused(reason)) => self.refuse(user.uuid, reason),
                Some(Verdict::Unchanged(state)) => self.unchanged(user.uuid, state),
                None => self.users.push(user),
            }
        }
    }

    /// Refuses the admins among those left, if no active admin would remain without them.
    async fn keep_an_admin(&mut self, cluster: &Cluster) -> Result<(), Error> {
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

    fn uuids(&self) -> Vec<UserUuid> {
        self.users.iter().map(|user| user.uuid).collect()
    }

    fn names_of(&self, which: impl Fn(&User) -> bool) -> Vec<String> {
        self.users.iter().filter(|user| which(user)).map(User::display_name).collect()
    }

    /// Users of other clusters have an account there, too; how far this goes depends on what it is.
    fn note_foreign(&mut self, cluster: &Cluster, reach: Reach) {
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
    fn note_who_comes_back(&mut self, cluster: &Cluster) {
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
enum Reach {
    /// `setup`, `activate` and `unsetup` are about the account here.
    ThisCluster,
    /// Writes to the record go to the cluster that the user is of.
    HomeCluster,
}

enum Verdict {
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

/// How users are set up.
#[derive(Clone, Copy)]
pub(in crate::ops) struct SetUp {
    pub vm: Option<VmUuid>,
    pub notify: Notify,
    pub activation: Activation,
}

pub(super) async fn set_up(cluster: &Cluster, users: &[UserUuid], wanted: SetUp) -> Result<Findings, Error> {
    let mut found = Candidates::find(cluster, users).await?;
    let logins = match wanted.vm {
        None => Vec::new(),
        Some(vm) => {
            let vms = cluster.client.virtual_machines().await?;
            if vms.iter().all(|known| known.uuid != vm) {
                found.sort_out(|_| Some(Verdict::Refused(format!("there is no VM {vm}"))));
            }
            found
                .findings
                .names
                .vms
                .extend(vms.into_iter().map(|vm| (vm.uuid, vm.hostname.shown().into_owned())));
            logins_on(cluster, &mut found, vm).await?
        }
    };
    found.sort_out(|user| {
        let login = if wanted.vm.is_some() { user.username.parse::<LoginName>() } else { return None };
        let why = login.err().filter(|why| *why != UnixNameError::Empty)?;
        Some(Verdict::Refused(format!("the login would be {}: {why}", named(&user.username))))
    });
    let (apart, is_sure) = apart(cluster, &mut found).await?;
    found.sort_out(|user| {
        let login = wanted.vm.is_none() || has_login(&logins, user);
        let done = match wanted.activation {
            Activation::Now => user.is_active(),
            Activation::Later => user.is_invited(),
        } && !apart.contains(&user.uuid);
        let with = if wanted.vm.is_some() { ", with this login" } else { "" };
        (login && done).then(|| {
            let state = if user.is_active() { "active" } else { "set up" };
            Verdict::Unchanged(format!("already {state}{with}"))
        })
    });
    let apart = found.names_of(|user| apart.contains(&user.uuid));
    if is_sure && !apart.is_empty() {
        found.note(Note::info(format!(
            "Active, but not in All users, and so seeing nobody else: {}. This puts them back.",
            listed(&apart)
        )));
    }
    if let Some(vm) = wanted.vm {
        note_logins(&mut found, vm, &logins);
    }
    let (new, waiting): (Vec<&User>, Vec<&User>) = found
        .users
        .iter()
        .filter(|user| !user.is_active())
        .partition(|user| user.status == UserStatus::Inactive);
    let (new, idle) = (new.len(), new.len() + waiting.len());
    if wanted.notify == Notify::ByMail && new < found.users.len() {
        found.note(Note::info("The server mails only those who were not invited before."));
    }
    match wanted.activation {
        Activation::Now => note_activation(&mut found),
        Activation::Later if idle > 0 => found.note(Note::info(
            "Who is not active becomes so by accepting the agreements in Workbench; where there are none, \
             an admin has to activate them.",
        )),
        Activation::Later => {}
    }
    found.note_foreign(cluster, Reach::ThisCluster);
    for user in found.uuids() {
        let SetUp { vm, notify, activation } = wanted;
        found.step(Step::SetUp { user, vm, notify, activation }, Losses::default());
    }
    Ok(found.findings)
}

/// Who has logins on a VM, as far as that is known.
async fn logins_on(cluster: &Cluster, found: &mut Candidates, vm: VmUuid) -> Result<Vec<Link>, Error> {
    let links = Part::of(cluster.client.login_links_on(&[vm]).await)?;
    if let Some(why) = links.why_not() {
        found.note(Note::warning(format!(
            "Who has logins on the VM is not known ({why}): the server makes none twice, but somebody else may \
             have one of the same name."
        )));
    }
    Ok(links.or_default())
}

/// Who is active and not in All users, and whether that is known: where it is not, setting up once more does no
/// harm, and puts back who is not in it.
async fn apart(cluster: &Cluster, found: &mut Candidates) -> Result<(BTreeSet<UserUuid>, bool), Error> {
    let active: Vec<UserUuid> = found.users.iter().filter(|u| u.is_active()).map(|u| u.uuid).collect();
    Ok(match Part::of(reach::apart(cluster, &active).await)? {
        Part::Is(apart) => (apart, true),
        Part::NotKnown(why) => {
            found.note(Note::warning(format!("Who is in All users is not known ({why}).")));
            (active.into_iter().collect(), false)
        }
    })
}

/// Whether the login that `setup` would make is there (b.5: the same user, VM and username).
fn has_login(logins: &[Link], user: &User) -> bool {
    logins.iter().any(|link| {
        link.tail_uuid == user.uuid.into() && link.properties.username.as_deref() == Some(&*user.username)
    })
}

fn note_logins(found: &mut Candidates, vm: VmUuid, logins: &[Link]) {
    let host = found.findings.names.vm(vm);
    let mut notes = Vec::new();
    for user in found.users.iter().filter(|user| !has_login(logins, user)) {
        let name = user.display_name();
        if let Text::Unreadable(what) = &user.username {
            notes.push(Note::warning(format!(
                "The username of {name} is {what}: what login is made is not known."
            )));
        } else if user.username.is_empty() {
            notes.push(Note::warning(format!("{name} has no username, so no login is made.")));
        } else if let Some(caution) =
            user.username.parse::<LoginName>().ok().and_then(|login| login.caution())
        {
            notes.push(Note::warning(format!("The login that {name} gets is of the username: {caution}.")));
        }
        let taken = logins.iter().any(|link| {
            link.properties.username.as_deref() == Some(&*user.username) && link.tail_uuid != user.uuid.into()
        });
        if taken && !user.username.is_empty() {
            notes.push(Note::warning(format!(
                "Somebody else has the login {} on {host}: both would share one Unix account.",
                named(&user.username)
            )));
        }
    }
    if !found.users.is_empty() {
        notes.push(Note::info("A login made by setup is in no groups, such as docker: grant it for that."));
    }
    found.findings.notes.extend(notes);
}

/// What activating does beside activating (api.md v31).
fn note_activation(found: &mut Candidates) {
    if found.users.iter().all(User::is_active) {
        return;
    }
    found.note(Note::warning("User agreements are bypassed: nobody is asked to accept them."));
    found.note(Note::info(
        "The cluster's own settings may add a VM login and send a mail; they can't be read from here.",
    ));
}

pub(super) async fn activate(cluster: &Cluster, users: &[UserUuid]) -> Result<Findings, Error> {
    let mut found = Candidates::find(cluster, users).await?;
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
        found.step(Step::Activate { user }, Losses::default());
    }
    Ok(found.findings)
}

pub(super) async fn resume(cluster: &Cluster, users: &[UserUuid]) -> Result<Findings, Error> {
    let mut found = Candidates::find(cluster, users).await?;
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
        found.step(Step::Resume { user: user.uuid, role }, Losses::default());
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

pub(super) async fn deactivate(cluster: &Cluster, users: &[UserUuid]) -> Result<Findings, Error> {
    let mut found = Candidates::find(cluster, users).await?;
    let me = cluster.session.my_uuid();
    found.sort_out(|user| {
        (user.uuid == me).then(|| Verdict::Refused("you can't deactivate yourself".to_owned()))
    });
    found.keep_an_admin(cluster).await?;
    let holdings = Box::pin(Holdings::of(cluster, &found.uuids())).await?;
    found.sort_out(|user| {
        (user.status == UserStatus::Inactive && holdings.is_bare(user.uuid)).then(|| {
            Verdict::Unchanged("already inactive, and by the audit log nothing is left to delete".to_owned())
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
        found.step(Step::Deactivate { user }, holdings.losses(user));
    }
    Ok(found.findings)
}

/// Users that are only named; their UUIDs stand for those that can't be had.
pub(super) async fn users_if_any(cluster: &Cluster, users: &[UserUuid]) -> Result<Vec<User>, Error> {
    Part::of(cluster.users(users).await).map(Part::or_default)
}

/// "41 projects, collections and the like"
pub(super) fn things(n: usize) -> String {
    count(n, "project, collection or the like", "projects, collections and the like")
}

pub(super) async fn suspend(cluster: &Cluster, users: &[UserUuid]) -> Result<Findings, Error> {
    let mut found = Candidates::find(cluster, users).await?;
    let me = cluster.session.my_uuid();
    found.sort_out(|user| {
        if user.uuid == me {
            Some(Verdict::Refused("you can't suspend yourself".to_owned()))
        } else if user.status == UserStatus::Inactive {
            Some(Verdict::Unchanged("already inactive".to_owned()))
        } else {
            None
        }
    });
    found.keep_an_admin(cluster).await?;
    let holdings = Box::pin(Holdings::of(cluster, &found.uuids())).await?;
    // Which membership to take away must be known: left in All users, the account would only look stopped.
    if let Some(why) = holdings.links_not_known() {
        let reason = format!(
            "what is to be taken away, its membership of All users, can't be listed ({why}): deactivate, which \
             needs no list"
        );
        found.sort_out(|_| Some(Verdict::Refused(reason.clone())));
        return Ok(found.findings);
    }
    let roles = Part::of(reach::groups_reaching_all_users(cluster).await)?;
    if let Some(why) = roles.why_not() {
        let note = format!("Whether a group invites them that they are in is not known ({why}).");
        found.note(Note::warning(note));
    }
    let roles = roles.or_default();
    found.sort_out(|user| {
        let role = holdings
            .links_of(user.uuid)
            .filter_map(|link| GroupUuid::try_from(link.head_uuid).ok())
            .find_map(|group| roles.get(&group))?;
        Some(Verdict::Refused(format!(
            "the group {role} invites its members, so it would not hold: take the user out of it first"
        )))
    });
    let users = found.uuids();
    if users.is_empty() {
        return Ok(found.findings);
    }
    holdings.add_names(&mut found.findings.names);

    let tokens: usize = users.iter().map(|&user| holdings.tokens_of(user)).sum();
    let logins: usize = users.iter().map(|&user| holdings.losses(user).logins.len()).sum();
    found.note(Note::danger(
        "Suspended is not locked out: existing tokens go on reading, and can make more tokens. Never do \
         this against a leaked token: revoke it.",
    ));
    found.note(Note::warning(format!(
        "{} and {} live on; SSH still works.",
        if !holdings.has_counted_tokens() {
            "All tokens (not counted)".to_owned()
        } else if tokens == 0 {
            "0 known tokens".to_owned()
        } else {
            format!("At most {}", count(tokens, "token", "tokens"))
        },
        count(logins, "VM login", "VM logins"),
    )));
    if let Some(note) = holdings.not_counted() {
        found.note(note);
    }
    let doubtful: usize = users.iter().map(|&user| holdings.doubtful_of(user)).sum();
    if doubtful > 0 {
        found.note(Note::warning(format!("{}.", doubtfully_dead(doubtful))));
    }
    let unproven: usize = users.iter().map(|&user| holdings.unproven_of(user)).sum();
    if unproven > 0 {
        found.note(Note::info(format!("{}.", named_by_anybody(unproven))));
    }
    let work: usize = users.iter().map(|&user| holdings.work_of(user)).sum();
    if work > 0 {
        found.note(Note::warning(format!(
            "{} queued or running: they go on, and may fail when they save their output.",
            count(work, "container is", "containers are")
        )));
    }
    note_flags_that_go(&mut found);
    found.note_foreign(cluster, Reach::HomeCluster);
    found.note_who_comes_back(cluster);
    found.note(Note::info(
        "Whether it held is read afterwards: if another group still invites the user, all is put back.",
    ));
    for user in std::mem::take(&mut found.users) {
        let places = places(holdings.links_of(user.uuid)).map(|link| link.uuid).collect();
        // A flag that can't be read may be an admin's: an account that keeps it is not stopped.
        let role = if user.is_perhaps_admin() { UserRole::Admin } else { UserRole::Plain };
        found.step(Step::Suspend { user: user.uuid, places, role }, Losses::default());
    }
    Ok(found.findings)
}

/// Suspending takes the admin flag, too.
fn note_flags_that_go(found: &mut Candidates) {
    let admins = found.names_of(User::is_admin);
    let perhaps = found.names_of(|user| user.is_perhaps_admin() && !user.is_admin());
    if !perhaps.is_empty() {
        found.note(Note::warning(format!(
            "Whether {} is an admin can't be read: the flag is taken, and resuming does not give it back.",
            listed(&perhaps)
        )));
    }
    if !admins.is_empty() {
        found.note(Note::warning(format!(
            "The admin flag of {} goes too. The journal on this machine remembers it for resuming.",
            listed(&admins)
        )));
    }
}

/// The links that make the membership of All users.
pub(in crate::ops) fn places<'a>(links: impl Iterator<Item = &'a Link>) -> impl Iterator<Item = &'a Link> {
    links.filter(|link| {
        link.name != CAN_LOGIN && GroupUuid::try_from(link.head_uuid).is_ok_and(|group| group.is_all_users())
    })
}

pub(super) async fn set_role(
    cluster: &Cluster,
    users: &[UserUuid],
    role: UserRole,
) -> Result<Findings, Error> {
    let mut found = Candidates::find(cluster, users).await?;
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
        found.note(Note::danger("You give up your own admin rights: only another admin can give them back."));
    }
    found.note_foreign(cluster, Reach::HomeCluster);
    for user in found.uuids() {
        found.step(Step::SetRole { user, role }, Losses::default());
    }
    Ok(found.findings)
}
