//! Stopping accounts from writing, reversibly (api.md v14).

use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::links::Link;
use crate::arvados::request::Request;
use crate::arvados::request::UserFlags;
use crate::model::ids::{GroupUuid, LinkUuid, UserUuid};
use crate::model::text::{count, listed};
use crate::model::token::{doubtfully_dead, named_by_anybody};
use crate::model::user::{User, UserRole, UserStatus};
use crate::ops::change::accounts::candidates::{Candidates, Reach, Verdict};
use crate::ops::change::accounts::deactivate::look_again;
use crate::ops::change::accounts::standing::{
    Flags, keep_an_admin, set_flags, state, unless_changed, who_changed,
};
use crate::ops::cluster::Cluster;
use crate::ops::engine::{
    Act, Bench, Change, Is, LookAt, Named, Seen, StepDone, Touches, Turn, Unseen, What, after_silence,
};
use crate::ops::failure::{Failure, conflict};
use crate::ops::holdings::Holdings;
use crate::ops::journal::{Before, ChangeKind};
use crate::ops::part::Part;
use crate::ops::plan::{Findings, ItemResult, Losses, Names, Note, Risk, Target, Unclear};
use crate::ops::reach::{self, inviting_group, places};

/// Stop accounts from writing, reversibly (api.md v14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspend {
    /// Whom.
    pub users: Vec<UserUuid>,
}

/// Delete the membership of All users, PATCH `is_active: false`, read whether it held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspendStep {
    /// Whom.
    pub user: UserUuid,
    /// The links that make the membership of All users.
    pub places: Vec<LinkUuid>,
    /// What the user was, or may have been: an admin's flag goes too, and the journal remembers one that
    /// could be read.
    pub role: UserRole,
}

impl Change for Suspend {
    type Step = SuspendStep;

    fn is(&self) -> Is {
        Is::of(Touches::Records, "Suspend", "suspended")
    }

    fn named(&mut self) -> Named<'_> {
        Named::Users(&mut self.users)
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let mut found = Candidates::find(cluster, &self.users).await?;
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
            found.step(SuspendStep { user: user.uuid, places, role }, Losses::default());
        }
        Ok(found.findings)
    }
}

/// Suspending takes the admin flag, too.
fn note_flags_that_go(found: &mut Candidates<SuspendStep>) {
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

impl Act for SuspendStep {
    fn is(&self) -> What {
        What { target: Target::User(self.user), risk: Risk::Reversible, kind: ChangeKind::Suspend }
    }

    fn says(&self, _names: &Names) -> String {
        match self.role {
            UserRole::Admin => "suspended; the admin flag goes too",
            UserRole::Plain => "suspended",
        }
        .to_owned()
    }

    fn requests(&self) -> Vec<Request> {
        let take_away = |&place| Request::delete_link(place).meant("take the membership of All users away");
        let mut requests: Vec<Request> = self.places.iter().map(take_away).collect();
        let flags =
            UserFlags { is_active: Some(false), is_admin: (self.role == UserRole::Admin).then_some(false) };
        requests.push(Request::update_user(self.user, flags).meant("make inactive"));
        requests.push(look_again(self.user));
        requests
    }

    fn ends_admin(&self) -> Option<UserUuid> {
        Some(self.user)
    }

    fn look_at(&self, at: &mut LookAt) {
        at.accounts.push(self.user);
        at.suspending.push(self.user);
    }

    async fn apply(&self, &Turn { bench, look, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let uuid = self.user;
        let user = look.user(uuid)?;
        if user.status == UserStatus::Inactive {
            let who = who_changed(bench, user).await;
            return Ok(StepDone::of(doing, ItemResult::Unchanged(format!("inactive already: {who}"))));
        }
        unless_changed(bench, user).await?;
        keep_an_admin(bench, look, user)?;
        let membership: Vec<Link> = places(look.permissions_of(uuid)).cloned().collect();
        let before = Before { links: membership.clone(), ..Before::flags_of(user) };
        bench.write_down(doing, &before)?;

        // Alone and at once, since an account of which it does not hold must not stay as it is.
        let stopped = stop(bench, user, &membership).await;
        let seen = bench.cluster.user(uuid).await;
        let failure = match (stopped, seen) {
            (_, Ok(now)) if now.status == UserStatus::Inactive => {
                let done = StepDone::of(doing, ItemResult::Done);
                return Ok(done.note(Note::info("Checked by reading again: not active and not invited.")));
            }
            (Ok(Flags::Set), Ok(now)) if now.status == UserStatus::Unreadable => {
                let seen = format!("the server said yes, but whether it held can't be read: {}", state(&now));
                return Ok(StepDone::of(doing, ItemResult::Unknown(Unclear { seen, request_id: None })));
            }
            (Ok(Flags::Set), Ok(_)) => match inviting_group(bench.cluster, uuid).await {
                Ok(Some(group)) => held_open(format!("the group {group} still invites its members")),
                Ok(None) | Err(_) => held_open("the server still counts the user as invited".to_owned()),
            },
            (Ok(Flags::Set), Err(error)) => {
                let seen = format!("sent, but looking whether it held failed: {error}");
                return Ok(StepDone::of(doing, ItemResult::Unknown(Unclear::of(&error, seen))));
            }
            (Ok(Flags::Unclear(unclear)), _) => {
                // Put back, so that an account is not left in a state that nobody wanted.
                let seen = match put_back(bench, user, &membership).await {
                    Ok(PutBack::Nothing) => {
                        format!("{}; there was nothing to put back yet, look again", unclear.seen)
                    }
                    Ok(PutBack::Something) => format!("{}; what was missing was put back", unclear.seen),
                    Err(error) => {
                        format!(
                            "{}; the membership of All users could not be put back: {error}",
                            unclear.seen
                        )
                    }
                };
                return Ok(StepDone::of(doing, ItemResult::Unknown(Unclear { seen, ..unclear })));
            }
            (Err(failure), _) => failure,
        };
        let reason = match put_back(bench, user, &membership).await {
            Ok(PutBack::Nothing) => format!("{}: all is as it was", failure.reason),
            Ok(PutBack::Something) => format!("{}: all was put back as it was", failure.reason),
            Err(error) => format!("{}; putting it back failed too, look at it now: {error}", failure.reason),
        };
        let reason = if user.admin_flag().is_none() {
            format!(
                "{reason}, but for the admin flag, which could not be read: make the user an admin if it was one"
            )
        } else {
            reason
        };
        Err(Failure { reason, ..failure })
    }
}

fn held_open(reason: String) -> Failure {
    Failure { advice: "take the user out of that group first, or deactivate", ..conflict(reason) }
}

/// Takes the membership of All users away, then the flags.
async fn stop(bench: &Bench<'_>, user: &User, membership: &[Link]) -> Result<Flags, Failure> {
    for link in membership {
        match bench.writer().delete_link(link.uuid).await {
            Ok(()) => {}
            // The server takes overlapping links along (api.md b.8).
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) if error.leaves_write_unknown() => {
                let looked = bench.cluster.client.links_by_uuid(&[link.uuid]).await.map(|links| {
                    if links.is_empty() {
                        Seen::AsWanted
                    } else {
                        Seen::Otherwise("still in All users".to_owned())
                    }
                });
                match after_silence(bench, &bench.names.user(user.uuid), &error, looked) {
                    Ok(()) => {}
                    Err(Unseen::NotDone(failure)) => return Err(failure),
                    Err(Unseen::Unclear(unclear)) => return Ok(Flags::Unclear(unclear)),
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    let is_admin = user.is_perhaps_admin().then_some(false);
    set_flags(bench, user.uuid, UserFlags { is_active: Some(false), is_admin }).await
}

/// Whether anything had to be put back.
enum PutBack {
    Nothing,
    Something,
}

/// Makes the account what it was.
async fn put_back(bench: &Bench<'_>, user: &User, membership: &[Link]) -> Result<PutBack, Error> {
    let mut done = PutBack::Nothing;
    let client = &bench.cluster.client;
    let links = client.permissions_of(&[user.uuid]).await?;
    let there: Vec<&Link> = places(links.iter()).collect();
    for link in membership.iter().filter(|link| there.iter().all(|other| other.uuid != link.uuid)) {
        bench.writer().create_link(link.tail_uuid, &link.name, link.head_uuid, &link.properties).await?;
        done = PutBack::Something;
    }
    let now = bench.cluster.user(user.uuid).await?;
    let flags = UserFlags {
        is_active: (user.is_active() && !now.is_active()).then_some(true),
        is_admin: (user.is_admin() && !now.is_admin()).then_some(true),
    };
    if flags != UserFlags::default() {
        bench.writer().update_user(user.uuid, flags).await?;
        done = PutBack::Something;
    }
    Ok(done)
}
