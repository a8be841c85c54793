//! The form for setting users up.

use super::fields::{Choice, FieldErrors, FieldLine, FieldMut, FieldRef, Key, Pick, search};
use super::fill::{Fill, reading, settle};
use crate::app::effect::{Effect, TaskId};
use crate::app::remote::Remote;
use crate::app::world::World;
use crate::model::ids::{UserUuid, VmUuid};
use crate::model::text::count;
use crate::model::user::{Notify, User};
use crate::model::vm::Vm;
use crate::ops::failure::Failure;
use crate::ops::intent::{self, Activation, Intent};
use crate::ops::plan::Note;
use crate::ops::read::{Outcome, Read};
use jiff::Timestamp;

/// What stands in the list of VMs for none.
const NO_VM: &str = "none";

/// The form for setting users up.
#[derive(Debug)]
pub struct SetUpForm {
    users: Vec<UserUuid>,
    people: String,
    /// How many of them get no login, because they have no username.
    nameless: usize,
    vms: Remote<Vec<Vm>>,
    vm: Pick<Option<VmUuid>>,
    mail: Choice<Notify>,
    activation: Choice<Activation>,
}

impl SetUpForm {
    /// For these users.
    pub fn open(users: Vec<UserUuid>, people: String, world: &mut World) -> (Self, Vec<Effect>) {
        let nameless = users
            .iter()
            .filter(|user| world.user(**user).is_some_and(|user: &User| user.username.is_empty()))
            .count();
        let mut form = Self {
            users,
            people,
            nameless,
            vms: Remote::default(),
            vm: Pick::default(),
            mail: Choice::new((Notify::Silently, "no mail"), [(Notify::ByMail, "the server's welcome mail")]),
            activation: Choice::new(
                (Activation::Later, "later, by themselves or an admin"),
                [(Activation::Now, "now")],
            ),
        };
        form.vm.choose(None, NO_VM.to_owned());
        let effects = form.again(world);
        (form, effects)
    }

    fn fill(&mut self) {
        let vms = self.vms.value().into_iter().flatten();
        let rows = std::iter::once((None, NO_VM.to_owned()))
            .chain(vms.map(|vm| (Some(vm.uuid), vm.hostname.shown().into_owned())));
        self.vm.fill(search(self.vm.query(), rows, usize::MAX));
    }
}

impl Fill for SetUpForm {
    fn title(&self) -> String {
        format!("Set up {}", self.people)
    }

    fn submit_label(&self) -> String {
        "set up".to_owned()
    }

    fn keys(&self) -> Vec<Key> {
        vec![Key::Vm, Key::Mail, Key::Activation]
    }

    fn line(&self, key: Key) -> Option<FieldLine<'_>> {
        Some(match key {
            Key::Vm => {
                FieldLine::new(key, "VM login on", FieldRef::Pick(&self.vm)).with(reading("VMs", &self.vms))
            }
            Key::Mail => FieldLine::new(key, "Mail", FieldRef::Choice(&self.mail)),
            Key::Activation => FieldLine::new(key, "Activate", FieldRef::Choice(&self.activation)).with(
                (*self.activation.value() == Activation::Now)
                    .then(|| Note::warning("without their signing the cluster's agreements, if it has any")),
            ),
            _ => return None,
        })
    }

    fn field(&mut self, key: Key) -> Option<FieldMut<'_>> {
        match key {
            Key::Vm => Some(FieldMut::Pick(&mut self.vm)),
            Key::Mail => Some(FieldMut::Choice(&mut self.mail)),
            Key::Activation => Some(FieldMut::Choice(&mut self.activation)),
            _ => None,
        }
    }

    fn preview(&self) -> Vec<Note> {
        if self.nameless > 0 && matches!(self.vm.value(), Some(Some(_))) {
            let users = count(self.nameless, "user has", "users have");
            vec![Note::warning(format!("{users} no username, and so gets no login."))]
        } else {
            Vec::new()
        }
    }

    fn parse(&self, _: Timestamp) -> Result<Intent, FieldErrors> {
        let mut errors = FieldErrors::default();
        let vm = errors.take(Key::Vm, self.vm.value().ok_or("choose one from the list, or none"));
        match vm {
            Some(vm) => Ok(Intent::SetUp(intent::SetUp {
                users: self.users.clone(),
                vm: *vm,
                notify: *self.mail.value(),
                activation: *self.activation.value(),
            })),
            None => Err(errors),
        }
    }

    fn changed(&mut self, key: Key, _: &mut World) -> Vec<Effect> {
        if key == Key::Vm {
            self.fill();
        }
        Vec::new()
    }

    fn awaiting(&self) -> Vec<TaskId> {
        self.vms.awaiting().into_iter().collect()
    }

    fn answered(&mut self, task: TaskId, outcome: Result<Outcome, Failure>, now: Timestamp) {
        settle(&mut self.vms, task, outcome, now, |outcome| match outcome {
            Outcome::Vms(vms) => Some(vms),
            _ => None,
        });
        self.fill();
    }

    fn again(&mut self, world: &mut World) -> Vec<Effect> {
        if self.vms.value().is_some() || self.vms.awaiting().is_some() {
            return Vec::new();
        }
        let (task, fetch) = world.fetch(Read::Vms);
        self.vms.await_task(task);
        self.fill();
        vec![fetch]
    }
}
