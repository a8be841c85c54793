//! The form for a VM login. It shows what is there already while it is filled in, because granting twice
//! would make twins (api.md v7).

use super::fields::{FieldErrors, FieldLine, FieldMut, FieldRef, Key, Pick, search};
use super::fill::{Fill, reading, settle};
use super::groups::{GroupsField, list};
use crate::app::effect::{Effect, TaskId};
use crate::app::overlay::field::TextField;
use crate::app::remote::Remote;
use crate::app::world::World;
use crate::model::ids::{UserUuid, VmUuid};
use crate::model::session::ClusterFacts;
use crate::model::text::{count, visible};
use crate::model::user::{User, UserStatus};
use crate::model::vm::{LoginGroups, LoginName, Vm};
use crate::ops::failure::Failure;
use crate::ops::intent::{self, Intent};
use crate::ops::plan::Note;
use crate::ops::read::{LoginList, LoginRow, Outcome, Read};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The form for a VM login.
#[derive(Debug)]
pub struct GrantLoginForm {
    users: Vec<Person>,
    /// What login-sync does here, if the cluster has told.
    facts: Option<ClusterFacts>,
    vms: Remote<Vec<Vm>>,
    /// Who can log in already, by VM.
    logins: BTreeMap<VmUuid, Remote<LoginList>>,
    vm: Pick<VmUuid>,
    /// For one user; several get each their own username.
    login_name: TextField,
    groups: GroupsField,
}

/// Who gets a login.
#[derive(Debug)]
struct Person {
    uuid: UserUuid,
    name: String,
    username: String,
    status: Option<UserStatus>,
}

impl GrantLoginForm {
    /// For these users.
    pub fn open(users: &[UserUuid], world: &mut World) -> (Self, Vec<Effect>) {
        let person = |uuid: &UserUuid| {
            let user = world.user(*uuid);
            Person {
                uuid: *uuid,
                name: user.map_or_else(|| uuid.to_string(), User::display_name),
                username: user.map(|user| user.username.to_string()).unwrap_or_default(),
                status: user.map(|user| user.status),
            }
        };
        let users: Vec<Person> = users.iter().map(person).collect();
        let facts = world.session.value().map(|session| session.cluster.clone());
        let username = match users.as_slice() {
            [only] => only.username.clone(),
            _ => String::new(),
        };
        let mut form = Self {
            users,
            facts,
            vms: Remote::default(),
            logins: BTreeMap::new(),
            vm: Pick::default(),
            login_name: TextField::new(&visible(&username)),
            groups: GroupsField::of(&["docker".to_owned()]),
        };
        let effects = form.again(world);
        (form, effects)
    }

    fn fill(&mut self) {
        let vms = self.vms.value().into_iter().flatten();
        let rows = vms.map(|vm| (vm.uuid, vm.hostname.shown().into_owned()));
        self.vm.fill(search(self.vm.query(), rows, usize::MAX));
    }

    /// Reads who can log in to the chosen VM, once.
    fn read_logins(&mut self, world: &mut World) -> Vec<Effect> {
        let Some(vm) = self.vm.value().copied() else { return Vec::new() };
        let logins = self.logins.entry(vm).or_default();
        if logins.value().is_some() || logins.awaiting().is_some() {
            return Vec::new();
        }
        let (task, fetch) = world.fetch(Read::LoginsOn(vm));
        logins.await_task(task);
        vec![fetch]
    }

    /// The login name: the username as it is, as long as nobody changed how it is shown.
    fn login_name(&self) -> &str {
        let text = self.login_name.text();
        let username = self.users.first().map(|person| person.username.as_str());
        username.filter(|username| visible(username) == text).unwrap_or(text).trim()
    }

    fn logins(&self) -> Option<&Remote<LoginList>> {
        self.logins.get(self.vm.value()?)
    }

    /// What one user has there already, and what would become of it.
    fn preview_of(&self, person: &Person, rows: &[LoginRow]) -> Vec<Note> {
        let name = self.login_name();
        let mut notes = Vec::new();
        let theirs = |row: &&LoginRow| row.login.user == person.uuid;
        if let Some(row) = rows.iter().filter(theirs).find(|row| row.login.login_name == name) {
            notes.extend(self.becomes(person, row));
        }
        for row in rows.iter().filter(theirs).filter(|row| row.login.login_name != name) {
            notes.push(Note::info(format!(
                "{} has a login there under another name: {}.",
                person.name, row.login.login_name
            )));
        }
        for row in rows.iter().filter(|row| row.login.user != person.uuid && row.login.login_name == name) {
            let other = row.user.as_ref().map_or_else(|| row.login.user.to_string(), User::display_name);
            notes.push(Note::danger(format!(
                "{other} has the login name {name} there: both would share one Unix account, and all their keys."
            )));
        }
        notes
    }

    fn becomes(&self, person: &Person, row: &LoginRow) -> Option<Note> {
        let given = self.groups.names()?;
        let name = &person.name;
        // Granting adds groups and takes none away.
        let wanted: Vec<String> = match row.login.groups() {
            LoginGroups::Uncertain => given,
            LoginGroups::Certain(has) => {
                let all: BTreeSet<String> = has.iter().cloned().chain(given).collect();
                all.into_iter().collect()
            }
        };
        Some(match row.login.groups() {
            LoginGroups::Uncertain if wanted.is_empty() => Note::danger(format!(
                "{name} has this login {} times, in different groups (twins): name the groups it is to have.",
                row.login.links.len(),
            )),
            LoginGroups::Uncertain => Note::warning(format!(
                "{name} has this login {} times, in different groups (twins): they will become one, in groups: {}.",
                row.login.links.len(),
                list(&wanted)
            )),
            LoginGroups::Certain(groups) if groups == wanted => Note::info(format!(
                "{name} has this login already, in groups: {}. Nothing would change. Editing takes groups away.",
                list(groups)
            )),
            LoginGroups::Certain(groups) => Note::warning(format!(
                "{name} has this login already: the groups will grow from {} to {}.",
                list(groups),
                list(&wanted)
            )),
        })
    }

    /// What several users have there already.
    fn preview_of_all(&self, rows: &[LoginRow]) -> Vec<Note> {
        let has = |person: &&Person| {
            rows.iter().any(|row| row.login.user == person.uuid && row.login.login_name == person.username)
        };
        let already = self.users.iter().filter(has).count();
        if already == 0 {
            return Vec::new();
        }
        let all = self.users.len();
        vec![Note::warning(format!(
            "{already} of these {all} can log in there already: these groups are added to theirs."
        ))]
    }
}

impl Fill for GrantLoginForm {
    fn title(&self) -> String {
        match self.users.as_slice() {
            [only] => format!("VM login for {}", only.name),
            many => format!("VM login for {} users", many.len()),
        }
    }

    fn submit_label(&self) -> String {
        let there = match (self.users.as_slice(), self.logins().and_then(Remote::value)) {
            ([only], Some(list)) => list
                .rows
                .iter()
                .any(|row| row.login.user == only.uuid && row.login.login_name == self.login_name()),
            _ => false,
        };
        if there { "change the login".to_owned() } else { "grant the login".to_owned() }
    }

    fn keys(&self) -> Vec<Key> {
        match self.users.len() {
            1 => vec![Key::Vm, Key::LoginName, Key::Groups],
            _ => vec![Key::Vm, Key::Groups],
        }
    }

    fn line(&self, key: Key) -> Option<FieldLine<'_>> {
        Some(match key {
            Key::Vm => {
                let note = reading("VMs", &self.vms).or_else(|| {
                    let none = self.vms.value().is_some_and(Vec::is_empty);
                    none.then(|| Note::danger("this cluster has no VMs"))
                });
                FieldLine::new(key, "VM", FieldRef::Pick(&self.vm)).with(note)
            }
            Key::LoginName => {
                let caution = self.login_name().parse::<LoginName>().ok().and_then(|name| name.caution());
                FieldLine::new(key, "Login name", FieldRef::Text(&self.login_name))
                    .with(caution.map(Note::warning))
            }
            Key::Groups => FieldLine::new(key, "Groups", self.groups.shown())
                .with(self.groups.notes(self.facts.as_ref())),
            _ => return None,
        })
    }

    fn field(&mut self, key: Key) -> Option<FieldMut<'_>> {
        match key {
            Key::Vm => Some(FieldMut::Pick(&mut self.vm)),
            Key::LoginName => Some(FieldMut::Text(&mut self.login_name)),
            Key::Groups => Some(FieldMut::Text(self.groups.text())),
            _ => None,
        }
    }

    fn preview(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let idle = self.users.iter().filter(|p| p.status.is_some_and(|s| s != UserStatus::Active)).count();
        if idle > 0 {
            let who = match self.users.as_slice() {
                [only] => format!("{} is", only.name),
                _ => count(idle, "of them is", "of them are"),
            };
            notes.push(Note::warning(format!("{who} not active: the login lets them in all the same.")));
        }
        if self.users.len() > 1 {
            notes.push(Note::info("Each gets the own username as login name."));
            let nameless = self.users.iter().filter(|p| p.username.is_empty()).count();
            if nameless > 0 {
                let who = count(nameless, "of them has", "of them have");
                notes.push(Note::warning(format!("{who} no username, and so gets no login.")));
            }
        }
        if let Some(logins) = self.logins() {
            notes.extend(reading("the logins of this VM", logins));
            if let Some(list) = logins.value() {
                notes.extend(match self.users.as_slice() {
                    [only] => self.preview_of(only, &list.rows),
                    _ => self.preview_of_all(&list.rows),
                });
            }
        }
        notes
    }

    fn parse(&self, _: Timestamp) -> Result<Intent, FieldErrors> {
        let mut errors = FieldErrors::default();
        let vm = errors.take(Key::Vm, self.vm.value().copied().ok_or("choose one from the list"));
        let login_name = match self.users.len() {
            1 => errors.take(Key::LoginName, self.login_name().parse::<LoginName>()).map(Some),
            _ => Some(None),
        };
        let groups = errors.take(Key::Groups, self.groups.parse());
        match (vm, login_name, groups) {
            (Some(vm), Some(login_name), Some(groups)) => Ok(Intent::GrantLogin(intent::GrantLogin {
                users: self.users.iter().map(|person| person.uuid).collect(),
                vm,
                login_name,
                groups,
            })),
            _ => Err(errors),
        }
    }

    fn changed(&mut self, key: Key, world: &mut World) -> Vec<Effect> {
        if key != Key::Vm {
            return Vec::new();
        }
        self.fill();
        self.read_logins(world)
    }

    fn awaiting(&self) -> Vec<TaskId> {
        let logins = self.logins.values().filter_map(Remote::awaiting);
        self.vms.awaiting().into_iter().chain(logins).collect()
    }

    fn answered(&mut self, task: TaskId, outcome: Result<Outcome, Failure>, now: Timestamp) {
        if self.vms.awaiting() == Some(task) {
            settle(&mut self.vms, task, outcome, now, |outcome| match outcome {
                Outcome::Vms(vms) => Some(vms),
                _ => None,
            });
            self.fill();
        } else if let Some(logins) = self.logins.values_mut().find(|l| l.awaiting() == Some(task)) {
            settle(logins, task, outcome, now, |outcome| match outcome {
                Outcome::Logins(list) => Some(list),
                _ => None,
            });
        }
    }

    fn again(&mut self, world: &mut World) -> Vec<Effect> {
        let mut effects = self.read_logins(world);
        if self.vms.value().is_none() && self.vms.awaiting().is_none() {
            let (task, fetch) = world.fetch(Read::Vms);
            self.vms.await_task(task);
            effects.push(fetch);
        }
        effects
    }
}
