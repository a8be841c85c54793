//! Letting users log in to a VM: what is there is changed, what is not is made, since the server would add a twin to
//! what is there (api.md v7).

use crate::arvados::error::Error;
use crate::model::field::Text;
use crate::model::ids::{UserUuid, VmUuid};
use crate::model::text::{count, listed, named, visible};
use crate::model::unix_name::group_list;
use crate::model::user::User;
use crate::model::vm::{LoginGroups, LoginName, UnixGroup, VmLogin};
use crate::ops::change::accounts::candidates::users_if_any;
use crate::ops::change::logins::steps::{CreateLoginStep, LoginStep};
use crate::ops::change::logins::survey::{NEEDS_ADMIN, change, change_text, group_notes, same};
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Change, Is, Named, Touches};
use crate::ops::logins::{merge, sharing, sorted, union};
use crate::ops::part::Part;
use crate::ops::plan::findings::Planned;
use crate::ops::plan::{Findings, Losses, Names, Note, Target};
use std::collections::{BTreeMap, BTreeSet};

/// Let users log in to a VM: what is there is changed, what is not is made (api.md v7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantLogin {
    /// Who.
    pub users: Vec<UserUuid>,
    /// Where.
    pub vm: VmUuid,
    /// Under which name; each user's own username if `None`.
    pub login_name: Option<LoginName>,
    /// In which Unix groups.
    pub groups: Vec<UnixGroup>,
}

impl Change for GrantLogin {
    type Step = LoginStep;

    fn is(&self) -> Is {
        Is::of(Touches::Belongings, "Grant a VM login to", "granted")
    }

    fn named(&mut self) -> Named<'_> {
        Named::Users(&mut self.users)
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let (users, vm, login_name, groups) = (&self.users, self.vm, self.login_name.as_ref(), &self.groups);
        let mut findings = Findings::default();
        let targets: BTreeSet<UserUuid> = users.iter().copied().collect();
        let (mut found, vms, links, keys) = futures::try_join!(
            cluster.users(users),
            cluster.client.virtual_machines(),
            cluster.client.login_links_on(std::slice::from_ref(&vm)),
            async { Part::of(cluster.client.keys_of(users).await) },
        )?;
        let on_vm = merge(links);
        let others: BTreeSet<UserUuid> =
            on_vm.iter().map(|login| login.user).filter(|user| !targets.contains(user)).collect();
        findings.names.add_users(&found);
        findings.names.vms.extend(vms.iter().map(|vm| (vm.uuid, vm.hostname.shown().into_owned())));
        let refuse_all = if !cluster.session.is_admin() {
            Some(NEEDS_ADMIN)
        } else if findings.names.vms.contains_key(&vm) {
            None
        } else {
            Some("there is no such VM")
        };
        if let Some(reason) = refuse_all {
            for &user in &targets {
                findings.refuse(Target::User(user), reason);
            }
            return Ok(findings);
        }

        let mut notes = GrantNotes::default();
        let mut by_name: BTreeMap<String, UserUuid> = BTreeMap::new();
        found.sort_by_key(|user| users.iter().position(|&uuid| uuid == user.uuid));
        for &missing in targets.iter().filter(|&&uuid| found.iter().all(|user| user.uuid != uuid)) {
            findings.refuse(Target::User(missing), "there is no such user, or it was merged into another");
        }
        for user in &found {
            let name = match name_for(user, login_name) {
                Ok(name) => name,
                Err(reason) => {
                    findings.refuse(Target::User(user.uuid), reason);
                    continue;
                }
            };
            let target = Target::Login { user: user.uuid, vm, login_name: name.to_string() };
            let there = on_vm.iter().find(|l| l.user == user.uuid && l.login_name == name.as_str());
            match there.map(|login| (login, regrant(login, groups))) {
                Some((_, Regrant::Refused(reason))) => {
                    findings.refuse(target, reason);
                    continue;
                }
                Some((_, Regrant::Unchanged(state))) => {
                    findings.leave(target, state);
                    continue;
                }
                Some((login, Regrant::Groups(wanted))) => {
                    notes.changes.push(change_text(login, &wanted, &findings.names));
                    findings.steps.push(change(login, &wanted));
                }
                None => {
                    let elsewhere = on_vm.iter().find(|l| l.user == user.uuid);
                    notes.second.extend(
                        elsewhere.map(|l| format!("{} ({})", user.display_name(), named(&l.login_name))),
                    );
                    findings.steps.push(Planned {
                        step: LoginStep::Create(CreateLoginStep {
                            user: user.uuid,
                            vm,
                            login_name: name.clone(),
                            groups: sorted(groups.clone()),
                        }),
                        losses: Losses::default(),
                    });
                }
            }
            let mut sharers = sharing(&on_vm, user.uuid, vm, name.as_str());
            sharers.extend(by_name.get(name.as_str()));
            notes.shared.extend(sharers.into_iter().map(|other| (name.to_string(), user.uuid, other)));
            notes.unusual.extend(name.caution());
            by_name.entry(name.to_string()).or_insert(user.uuid);
            if keys.get().is_some_and(|keys| keys.iter().all(|key| key.user != user.uuid)) {
                notes.keyless.push(user.display_name());
            }
            if user.is_surely_inactive() {
                notes.inactive.push(user.display_name());
            }
            if let Some(home) = user.foreign_home(cluster.session.cluster.id) {
                notes.foreign.push(format!("{} ({home})", user.display_name()));
            }
        }
        if !notes.shared.is_empty() {
            let others: Vec<UserUuid> = others.into_iter().collect();
            findings.names.add_users(&users_if_any(cluster, &others).await?);
        }
        let host = findings.names.vm(vm);
        if !findings.steps.is_empty() {
            findings.notes = notes.into_notes(&host, &findings.names);
            findings.notes.extend(keys.why_not().map(keys_not_known));
            findings.notes.extend(group_notes(cluster, groups, &on_vm, &host));
        }
        Ok(findings)
    }
}

fn keys_not_known(why: &str) -> Note {
    Note::warning(format!("Whether they have SSH keys is not known: {why}."))
}

/// What a grant does to a login that is there.
enum Regrant {
    Refused(String),
    Unchanged(String),
    /// It gets these groups.
    Groups(Vec<UnixGroup>),
}

/// Granting adds groups, and takes none away. Twins that differ leave none to add to, so they get those
/// that were named.
fn regrant(login: &VmLogin, groups: &[UnixGroup]) -> Regrant {
    let wanted = match login.groups() {
        LoginGroups::Certain(has) => union(has, groups),
        LoginGroups::Uncertain if groups.is_empty() => {
            return Regrant::Refused(
                "the server keeps this login several times, in different groups: edit it, and name the groups"
                    .to_owned(),
            );
        }
        LoginGroups::Uncertain => groups.to_vec(),
    };
    let has = &login.links[0].groups;
    if login.has_twins() || login.is_odd() || !same(has, &wanted) {
        Regrant::Groups(wanted)
    } else if has.len() > groups.len() {
        Regrant::Unchanged(format!("already granted, in {}: editing takes groups away", group_list(has)))
    } else {
        Regrant::Unchanged("already granted".to_owned())
    }
}

/// The login name of a user: the one given, else the username if Unix takes it.
fn name_for(user: &User, given: Option<&LoginName>) -> Result<LoginName, String> {
    if user.uuid.is_built_in() {
        return Err("this account belongs to the server, not to a person".to_owned());
    }
    if let Some(name) = given {
        return Ok(name.clone());
    }
    if let Text::Unreadable(what) = &user.username {
        return Err(format!("the username is {what}, so the login needs a name of its own"));
    }
    if user.username.is_empty() {
        return Err("has no username, so the login needs a name of its own".to_owned());
    }
    user.username.parse().map_err(|error| {
        format!(
            "the username {} can be no Unix account ({error}), so the login needs a name of its own",
            named(&visible(&user.username))
        )
    })
}

/// How many unusual login names are explained one by one.
const UNUSUAL: usize = 4;

/// What a grant should be warned of, one note for all users it is true of.
#[derive(Default)]
struct GrantNotes {
    changes: Vec<String>,
    /// Of login names that not every system takes: a sentence for each.
    unusual: BTreeSet<String>,
    second: Vec<String>,
    /// Login name, who gets it, who has it.
    shared: Vec<(String, UserUuid, UserUuid)>,
    keyless: Vec<String>,
    inactive: Vec<String>,
    foreign: Vec<String>,
}

impl GrantNotes {
    fn into_notes(self, host: &str, names: &Names) -> Vec<Note> {
        let mut notes: Vec<Note> = Vec::new();
        for (name, user, other) in self.shared {
            notes.push(Note::danger(format!(
                "{name} on {host} would be one Unix account for {} and {}: each could log in to it with their own keys",
                names.user(user),
                names.user(other)
            )));
        }
        notes.extend(self.unusual.iter().take(UNUSUAL).map(|caution| Note::warning(format!("{caution}."))));
        if let more @ 1.. = self.unusual.len().saturating_sub(UNUSUAL) {
            let names = count(more, "login name is", "login names are");
            notes.push(Note::warning(format!("{names} unusual for Unix accounts as well.")));
        }
        let about = |who: Vec<String>, note: fn(String) -> Note, one: &str, many: &str| match who.as_slice() {
            [] => None,
            [only] => Some(note(format!("{only} {one}"))),
            several => Some(note(format!("{} {many}", listed(several)))),
        };
        notes.extend(about(
            self.inactive,
            Note::warning,
            "is not active; the login works all the same",
            "are not active; the logins work all the same",
        ));
        notes.extend(about(
            self.keyless,
            Note::info,
            "has no SSH key, so there is no way in yet",
            "have no SSH keys, so there is no way in yet",
        ));
        notes.extend(about(
            self.second,
            Note::info,
            "has a login there already; this makes another",
            "have logins there already; this makes others",
        ));
        notes.extend(about(
            self.foreign,
            Note::info,
            "belongs to another cluster; login and SSH keys are kept on this one",
            "belong to other clusters; logins and SSH keys are kept on this one",
        ));
        notes.extend(self.changes.into_iter().map(Note::info));
        notes
    }
}
