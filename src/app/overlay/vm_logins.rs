//! The logins of a VM, whoever has them: first the VM is chosen, then its logins are listed.

use super::chooser::ListCursor;
use super::line::Moved;
use super::reaction::{Next, Reaction, unexpected};
use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::ctx::Ctx;
use crate::app::effect::{Clip, Effect, TaskId};
use crate::app::message::Message;
use crate::app::notices;
use crate::app::remote::Remote;
use crate::app::world::World;
use crate::model::vm::Vm;
use crate::ops::Mode;
use crate::ops::failure::Failure;
use crate::ops::intent::{self, Intent};
use crate::ops::read::{LoginList, LoginRow, Outcome, Read};

/// The logins of a VM.
#[derive(Debug, Default)]
pub struct VmLoginsDialog {
    vms: Remote<Vec<Vm>>,
    vm_cursor: ListCursor,
    chosen: Option<Vm>,
    logins: Remote<LoginList>,
    cursor: ListCursor,
}

impl VmLoginsDialog {
    /// Opens it: reads which VMs there are.
    pub fn open(world: &mut World) -> (Self, Vec<Effect>) {
        let mut dialog = Self::default();
        let effects = dialog.read_vms(world);
        (dialog, effects)
    }

    /// The VMs to choose from.
    pub fn vms(&self) -> &Remote<Vec<Vm>> {
        &self.vms
    }

    /// The VM whose logins are listed, once it is chosen.
    pub fn chosen(&self) -> Option<&Vm> {
        self.chosen.as_ref()
    }

    /// Its logins.
    pub fn logins(&self) -> &Remote<LoginList> {
        &self.logins
    }

    /// The cursor of the list that is shown.
    pub fn cursor(&self) -> ListCursor {
        if self.chosen.is_some() { self.cursor } else { self.vm_cursor }
    }

    /// What it is about.
    pub fn title(&self) -> String {
        match &self.chosen {
            Some(vm) => format!("Logins of {}", vm.hostname.shown()),
            None => "Logins of which VM?".to_owned(),
        }
    }

    /// By what its keys are read.
    pub fn context(&self) -> Context {
        if self.chosen.is_some() { Context::VmLogins } else { Context::Choice }
    }

    /// Whether this is the task whose answer it waits for.
    pub fn awaits(&self, task: TaskId) -> bool {
        self.vms.awaiting() == Some(task) || self.logins.awaiting() == Some(task)
    }

    fn rows(&self) -> &[LoginRow] {
        self.logins.value().map_or(&[], |list| &list.rows)
    }

    /// The login under the cursor.
    pub fn current(&self) -> Option<&LoginRow> {
        self.rows().get(self.cursor.at())
    }

    fn read_vms(&mut self, world: &mut World) -> Vec<Effect> {
        let (task, fetch) = world.fetch(Read::Vms);
        let old = self.vms.await_task(task).map(Effect::Cancel);
        old.into_iter().chain([fetch]).collect()
    }

    /// Reads the logins of the chosen VM (again).
    pub fn read_logins(&mut self, world: &mut World) -> Vec<Effect> {
        let Some(vm) = &self.chosen else { return Vec::new() };
        let (task, fetch) = world.fetch(Read::LoginsOn(vm.uuid));
        let old = self.logins.await_task(task).map(Effect::Cancel);
        old.into_iter().chain([fetch]).collect()
    }

    /// Takes a message.
    pub fn update(&mut self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        match message {
            Message::Action(action) => self.act(action, world, ctx),
            Message::Answered { task, outcome } => {
                self.answered(task, outcome, ctx);
                Reaction::Stay(Vec::new())
            }
            Message::TaskFailed { task, reason } => {
                self.answered(task, Err(unexpected(&reason)), ctx);
                Reaction::Stay(Vec::new())
            }
            _ => Reaction::Ignored,
        }
    }

    fn answered(&mut self, task: TaskId, outcome: Result<Outcome, Failure>, ctx: &Ctx) {
        let height = ctx.viewport.overlay_rows;
        if self.vms.awaiting() == Some(task) {
            let vms = outcome.and_then(|outcome| match outcome {
                Outcome::Vms(vms) => Ok(vms),
                _ => Err(unexpected("another answer than VMs")),
            });
            self.vms.settle(task, vms, ctx.now);
        } else {
            let on = self.current().and_then(|row| row.login.links.first()).map(|link| link.uuid);
            let logins = outcome.and_then(|outcome| match outcome {
                Outcome::Logins(list) => Ok(list),
                _ => Err(unexpected("another answer than logins")),
            });
            self.logins.settle(task, logins, ctx.now);
            // The cursor stays on its login, by id.
            let is_on = |row: &LoginRow| row.login.links.iter().any(|link| Some(link.uuid) == on);
            let at = self.rows().iter().position(is_on).unwrap_or(self.cursor.at());
            let len = self.rows().len();
            self.cursor.put(at, len, height);
        }
    }

    fn act(&mut self, action: Action, world: &mut World, ctx: &Ctx) -> Reaction {
        let height = ctx.viewport.overlay_rows;
        let moved = if self.chosen.is_some() {
            let len = self.rows().len();
            self.cursor.follow(action, len, height)
        } else {
            let len = self.vms.value().map_or(0, Vec::len);
            self.vm_cursor.follow(action, len, height)
        };
        if moved == Moved::Yes {
            return Reaction::Stay(Vec::new());
        }
        match (action, &self.chosen) {
            (Action::Back, Some(_)) => {
                self.chosen = None;
                self.cursor = ListCursor::default();
                let old = self.logins.awaiting().map(Effect::Cancel);
                self.logins = Remote::default();
                Reaction::Stay(old.into_iter().collect())
            }
            (Action::Back, None) => {
                Reaction::Close(self.vms.awaiting().map(Effect::Cancel).into_iter().collect())
            }
            (Action::Open | Action::Submit, None) => {
                self.chosen = self.vms.value().and_then(|vms| vms.get(self.vm_cursor.at())).cloned();
                Reaction::Stay(self.read_logins(world))
            }
            (Action::Refresh, Some(_)) => Reaction::Stay(self.read_logins(world)),
            (Action::Refresh, None) => Reaction::Stay(self.read_vms(world)),
            (Action::Open | Action::EditLogin, Some(_)) => match self.current().cloned() {
                None => Reaction::Ignored,
                Some(row) => match may_change(world) {
                    Ok(()) => Reaction::Open(Vec::new(), Next::EditLogins(vec![row])),
                    Err(why) => Reaction::Stay(vec![world.say(notices::Tone::Info, why, ctx)]),
                },
            },
            (Action::RevokeLogins, Some(_)) => match self.current().and_then(|row| row.login.links.first()) {
                None => Reaction::Ignored,
                Some(link) => match may_change(world) {
                    Ok(()) => {
                        let intent = Intent::RevokeLogins(intent::RevokeLogins { links: vec![link.uuid] });
                        Reaction::Open(Vec::new(), Next::Confirm(intent))
                    }
                    Err(why) => Reaction::Stay(vec![world.say(notices::Tone::Info, why, ctx)]),
                },
            },
            (Action::CopyUuid, Some(_)) => match self.current() {
                Some(row) => {
                    let uuid = row.login.user.to_string();
                    Reaction::Stay(vec![Effect::Copy(Clip::Text("the user's UUID", uuid), Action::CopyUuid)])
                }
                None => Reaction::Ignored,
            },
            (Action::GoToOwner, Some(_)) => match self.current().map(|row| row.login.user) {
                Some(user) => Reaction::Close(world.go_to_user(user, ctx)),
                None => Reaction::Ignored,
            },
            _ => Reaction::Ignored,
        }
    }
}

/// Whether VM logins can be changed, or why not.
pub fn may_change(world: &World) -> Result<(), &'static str> {
    if world.launch.mode == Mode::ReadOnly {
        Err("read-only mode: nothing is changed")
    } else if world.session.value().is_none_or(|session| !session.is_admin()) {
        Err("this needs an admin's token")
    } else {
        Ok(())
    }
}
