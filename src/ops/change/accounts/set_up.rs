//! Setting users up: they are invited, and get a login on a VM if one is named.

use crate::arvados::error::Error;
use crate::arvados::links::Link;
use crate::arvados::request::Request;
use crate::arvados::request::UserFlags;
use crate::model::field::Text;
use crate::model::ids::{UserUuid, VmUuid};
use crate::model::text::{listed, named};
use crate::model::user::{Notify, User, UserStatus};
use crate::model::vm::{LoginName, UnixNameError};
use crate::ops::change::accounts::activate::activate;
use crate::ops::change::accounts::candidates::{Candidates, Reach, Verdict, note_activation};
use crate::ops::change::accounts::standing::{Flags, set_flags, state, unless_changed};
use crate::ops::cluster::Cluster;
use crate::ops::engine::{
    Account, Act, Bench, Change, Check, Is, LookAt, Named, Seen, StepDone, Touches, Turn, What,
    after_silence, came_out,
};
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::journal::{Before, ChangeKind};
use crate::ops::logins::{Key, key};
use crate::ops::part::Part;
use crate::ops::plan::{Findings, Item, ItemResult, Losses, Names, Note, Risk, Target};
use crate::ops::reach;
use std::collections::BTreeSet;

/// Invite users, with a login on a VM if one is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUp {
    /// Whom.
    pub users: Vec<UserUuid>,
    /// Where they get a login.
    pub vm: Option<VmUuid>,
    /// Whether the server sends its welcome mail.
    pub notify: Notify,
    /// Whether they are activated at once, too.
    pub activation: Activation,
}

/// Whether a user that is set up is activated at once, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// The user, or an admin, does it later.
    Later,
    /// At once; the cluster's own defaults apply (api.md v31).
    Now,
}

/// `POST /users/setup`, then activation if wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUpStep {
    /// Whom.
    pub user: UserUuid,
    /// Where a login is made.
    pub vm: Option<VmUuid>,
    /// Whether a mail is sent.
    pub notify: Notify,
    /// Whether to activate, too.
    pub activation: Activation,
}

impl Change for SetUp {
    type Step = SetUpStep;

    fn is(&self) -> Is {
        Is::of(Touches::Records, "Set up", "set up")
    }

    fn named(&mut self) -> Named<'_> {
        Named::Users(&mut self.users)
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let mut found = Candidates::find(cluster, &self.users).await?;
        let logins = match self.vm {
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
            let login = if self.vm.is_some() { user.username.parse::<LoginName>() } else { return None };
            let why = login.err().filter(|why| *why != UnixNameError::Empty)?;
            Some(Verdict::Refused(format!("the login would be {}: {why}", named(&user.username))))
        });
        let (apart, is_sure) = apart(cluster, &mut found).await?;
        found.sort_out(|user| {
            let login = self.vm.is_none() || has_login(&logins, user);
            let done = match self.activation {
                Activation::Now => user.is_active(),
                Activation::Later => user.is_invited(),
            } && !apart.contains(&user.uuid);
            let with = if self.vm.is_some() { ", with this login" } else { "" };
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
        if let Some(vm) = self.vm {
            note_logins(&mut found, vm, &logins);
        }
        let (new, waiting): (Vec<&User>, Vec<&User>) = found
            .users
            .iter()
            .filter(|user| !user.is_active())
            .partition(|user| user.status == UserStatus::Inactive);
        let (new, idle) = (new.len(), new.len() + waiting.len());
        if self.notify == Notify::ByMail && new < found.users.len() {
            found.note(Note::info("The server mails only those who were not invited before."));
        }
        match self.activation {
        Activation::Now => note_activation(&mut found),
        Activation::Later if idle > 0 => found.note(Note::info(
            "Who is not active becomes so by accepting the agreements in Workbench; where there are none, \
             an admin has to activate them.",
        )),
        Activation::Later => {}
    }
        found.note_foreign(cluster, Reach::ThisCluster);
        for user in found.uuids() {
            let Self { vm, notify, activation, .. } = *self;
            found.step(SetUpStep { user, vm, notify, activation }, Losses::default());
        }
        Ok(found.findings)
    }
}

/// Who has logins on a VM, as far as that is known.
async fn logins_on(
    cluster: &Cluster,
    found: &mut Candidates<SetUpStep>,
    vm: VmUuid,
) -> Result<Vec<Link>, Error> {
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
async fn apart(
    cluster: &Cluster,
    found: &mut Candidates<SetUpStep>,
) -> Result<(BTreeSet<UserUuid>, bool), Error> {
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

fn note_logins(found: &mut Candidates<SetUpStep>, vm: VmUuid, logins: &[Link]) {
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

impl Act for SetUpStep {
    fn is(&self) -> What {
        What { target: Target::User(self.user), risk: Risk::Reversible, kind: ChangeKind::Other }
    }

    fn says(&self, names: &Names) -> String {
        let status = names.users.get(&self.user).map_or(UserStatus::Inactive, |user| user.status);
        let mut words = vec![
            match status {
                UserStatus::Active => "is active already",
                UserStatus::SetUp => "is invited already",
                UserStatus::Inactive | UserStatus::Unreadable => "is invited",
            }
            .to_owned(),
        ];
        if let Some(vm) = self.vm {
            words.push(format!("login on {}", names.vm(vm)));
        }
        if self.activation == Activation::Now && status != UserStatus::Active {
            words.push("activated at once".to_owned());
        }
        words.push(
            match (self.notify, status) {
                (Notify::ByMail, UserStatus::Inactive | UserStatus::Unreadable) => "gets the server's mail",
                (Notify::ByMail, UserStatus::SetUp | UserStatus::Active) => "no mail, being invited before",
                (Notify::Silently, _) => "no mail",
            }
            .to_owned(),
        );
        words.join(", ")
    }

    fn requests(&self) -> Vec<Request> {
        let set_up = Request::set_up_user(self.user, self.vm, self.notify)
            .meant("invite, and make the login if there is none");
        let activate = (self.activation == Activation::Now).then(|| activate(self.user).meant("activate"));
        [set_up].into_iter().chain(activate).collect()
    }

    fn look_at(&self, at: &mut LookAt) {
        at.accounts.push(self.user);
    }

    async fn apply(&self, &Turn { bench, look, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let Self { user, vm, notify, activation } = *self;
        let now = look.user(user)?;
        let seen = bench.names.users.get(&user).map(|seen| seen.status);
        let is_enough = |status: UserStatus| match activation {
            Activation::Now => status == UserStatus::Active,
            Activation::Later => matches!(status, UserStatus::Active | UserStatus::SetUp),
        };
        // Who was as wanted already, and is set up all the same, is to be put back into All users.
        if vm.is_none() && is_enough(now.status) && !seen.is_some_and(is_enough) {
            return Ok(StepDone::of(doing, ItemResult::Unchanged(format!("{} already", state(now)))));
        }
        // Somebody who is further along than the survey saw is no reason to stop; one who was ended is.
        if now.status == UserStatus::Inactive && seen != Some(UserStatus::Inactive) {
            unless_changed(bench, now).await?;
        }
        bench.write_down(doing, &Before::flags_of(now))?;
        let set_up = Check::Account { user, wanted: Account::SetUp };
        let mut done = match (bench.writer().set_up_user(user, vm, notify).await, vm) {
            (Ok(()), None) => StepDone::to_be_checked(doing, set_up),
            (Ok(()), Some(vm)) => {
                let mut done = StepDone::to_be_checked(doing, set_up);
                // Of a username that can't be read nobody knows what the login is called.
                if let Text::Is(name) = &now.username {
                    done.checks.push(Check::LoginMade((user, vm, name.to_string())));
                }
                done
            }
            (Err(error), vm) if error.leaves_write_unknown() => {
                let looked = look_at_set_up(bench, now, vm).await;
                match came_out(after_silence(bench, &bench.names.user(user), &error, looked)) {
                    ItemResult::Done => StepDone::of(doing, ItemResult::Done),
                    not_seen => return Ok(StepDone::of(doing, not_seen)),
                }
            }
            (Err(error), _) => return Err(error.into()),
        };
        if activation == Activation::Now && !now.is_active() {
            let flags = UserFlags { is_active: Some(true), is_admin: None };
            let result = match set_flags(bench, user, flags).await {
                Ok(Flags::Set) => {
                    done.checks.push(Check::Account { user, wanted: Account::Flags(flags) });
                    ItemResult::Done
                }
                Ok(Flags::Unclear(unclear)) => ItemResult::Unknown(unclear.during("set up; activating")),
                Err(failure) => {
                    let reason = format!("set up, but not active: {}", failure.reason);
                    ItemResult::Failed(Failure { reason, ..failure })
                }
            };
            // Whether there is a login is looked at all the same.
            return Ok(StepDone { checks: done.checks, ..StepDone::of(doing, result) });
        }
        Ok(done)
    }
}

/// What a setup without an answer left behind.
async fn look_at_set_up(bench: &Bench<'_>, user: &User, vm: Option<VmUuid>) -> Result<Seen, Error> {
    let after = bench.cluster.user(user.uuid).await?;
    let login = match vm {
        None => true,
        Some(vm) => {
            let links = bench.cluster.client.login_links_of(&[user.uuid]).await?;
            links.iter().any(|link| key(link) == Some((user.uuid, vm, user.username.to_string())))
        }
    };
    Ok(if after.status == UserStatus::Inactive {
        Seen::Otherwise(state(&after))
    } else if after.status == UserStatus::Unreadable {
        Seen::Unreadable(state(&after))
    } else if login {
        Seen::AsWanted
    } else {
        Seen::Otherwise(format!("{}, without the login", state(&after)))
    })
}

/// Looks whether users that were set up have the logins that setup makes: of their usernames. Each with the
/// place of its step.
pub(in crate::ops) async fn check_logins(bench: &Bench<'_>, made: &[(usize, Key)]) {
    let users: Vec<UserUuid> = made.iter().map(|(_, (user, ..))| *user).collect();
    let links = match bench.cluster.client.login_links_of(&users).await {
        Ok(links) => links,
        Err(error) => {
            for (place, (user, ..)) in made {
                let name = bench.names.user(*user);
                let text = format!("Whether {name} has the login now could not be looked up: {error}.");
                bench.note(*place, Note::warning(text));
            }
            return;
        }
    };
    let there: BTreeSet<Key> = links.iter().filter_map(key).collect();
    for (place, login) in made.iter().filter(|(_, login)| !there.contains(login)) {
        let (user, vm, username) = login;
        let host = bench.names.vm(*vm);
        // The plan has said so.
        if username.is_empty() {
            let name = bench.names.user(*user);
            bench.note(*place, Note::warning(format!("The server made no login for {name}: no username.")));
            continue;
        }
        let failure = Failure::plain(
            ErrorKind::Unexpected,
            format!("set up, but the server made no login {} on {host}", named(username)),
            "grant the login, or look at the account again",
        );
        let text = format!("{}: {}", bench.names.user(*user), failure.reason);
        let item = Item { target: Target::User(*user), result: ItemResult::Failed(failure) };
        // It has failed for something else already: the login is missing all the same.
        if !bench.correct(*place, item) {
            bench.note(*place, Note::warning(text));
        }
    }
}
