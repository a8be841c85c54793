//! Forms: what must be said before a change can be looked at. A form makes an intent only of fields that
//! are right, and the intent then goes through the same dialog as any other. The form stays below that
//! dialog, so that nothing filled in is lost when the answer is no.

pub mod edit_login;
pub mod expiry;
pub mod fields;
pub mod fill;
pub mod grant_login;
pub mod groups;
pub mod issue_token;
pub mod reassign;
pub mod set_up;

use super::field::Edited;
use super::line::Line;
use super::reaction::{Next, Reaction, unexpected};
use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::effect::{Effect, TaskId};
use crate::app::message::{Edit, Message};
use crate::app::world::World;
use fields::{FieldLine, FieldMut, FieldRef, Key, Took};
use fill::Fill;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A form on the screen.
#[derive(Debug)]
pub struct FormDialog {
    form: Box<dyn Fill>,
    focus: Key,
    /// Fields whose errors are shown: those that were typed in, or all once it was submitted.
    checked: BTreeSet<Key>,
}

impl FormDialog {
    /// Opens it.
    pub fn new(form: impl Fill + 'static) -> Self {
        let focus = form.keys().first().copied().unwrap_or(Key::Vm);
        Self { form: Box::new(form), focus, checked: BTreeSet::new() }
    }

    /// What it is about.
    pub fn title(&self) -> String {
        self.form.title()
    }

    /// What submitting does.
    pub fn submit_label(&self) -> String {
        self.form.submit_label()
    }

    /// Which field has the focus.
    pub fn focus(&self) -> Key {
        self.focus
    }

    /// The fields, to be drawn.
    pub fn lines(&self, now: Timestamp) -> Vec<FieldLine<'_>> {
        let errors = self.form.parse(now).err().unwrap_or_default();
        let line = |key| {
            let mut line = self.form.line(key)?;
            // Whoever is still typing what to look for, and sees it, has done nothing wrong.
            let finds = matches!(&line.field, FieldRef::Pick(pick)
                if !pick.field().is_blank() && !pick.rows().is_empty());
            let is_checked = self.checked.contains(&key) && !(finds && key == self.focus);
            line.error = errors.of(key).filter(|_| is_checked).map(str::to_owned);
            Some(line)
        };
        self.form.keys().into_iter().filter_map(line).collect()
    }

    /// What is known of what is filled in.
    pub fn preview(&self) -> Vec<Line> {
        self.form.preview().iter().map(Line::from).collect()
    }

    /// Whether this is a task whose answer it waits for.
    pub fn awaits(&self, task: TaskId) -> bool {
        self.form.awaiting().contains(&task)
    }

    /// Takes a message.
    pub fn update(&mut self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        match message {
            Message::Action(action) => self.act(action, world, ctx),
            Message::Edit(edit) => Reaction::Stay(self.edit(&edit, world)),
            Message::Answered { task, outcome } => {
                self.form.answered(task, outcome, ctx.now);
                Reaction::Stay(Vec::new())
            }
            Message::TaskFailed { task, reason } => {
                self.form.answered(task, Err(unexpected(&reason)), ctx.now);
                Reaction::Stay(Vec::new())
            }
            Message::Woken(_)
            | Message::Ignored(_)
            | Message::Resized
            | Message::Progress { .. }
            | Message::Listened { .. }
            | Message::Applied { .. }
            | Message::Told(_)
            | Message::Terminate => Reaction::Ignored,
        }
    }

    fn act(&mut self, action: Action, world: &mut World, ctx: &Ctx) -> Reaction {
        let effects = match action {
            Action::Back => {
                return Reaction::Close(self.form.awaiting().into_iter().map(Effect::Cancel).collect());
            }
            Action::Submit => return self.submit(world, ctx),
            Action::Open => return self.enter(world, ctx),
            Action::NextField => {
                let mut effects = self.leave(world);
                effects.extend(self.go(1));
                effects
            }
            Action::PreviousField => {
                let mut effects = self.leave(world);
                effects.extend(self.go(-1));
                effects
            }
            Action::Down | Action::NextChoice => self.step(1, world),
            Action::Up | Action::PreviousChoice => self.step(-1, world),
            Action::PageDown => self.step(10, world),
            Action::PageUp => self.step(-10, world),
            Action::Mark => self.edit(&Edit::Insert(' '), world),
            Action::Refresh => self.form.again(world),
            _ => return Reaction::Ignored,
        };
        Reaction::Stay(effects)
    }

    /// Moves within the field if it is a list or a choice, else to the next one.
    fn step(&mut self, by: isize, world: &mut World) -> Vec<Effect> {
        match self.form.field(self.focus) {
            Some(FieldMut::Text(_)) | None => self.go(by.signum()),
            Some(FieldMut::Choice(choice)) => {
                if by > 0 {
                    choice.next();
                } else {
                    choice.previous();
                }
                self.was_changed(world)
            }
            Some(FieldMut::Pick(pick)) => {
                pick.step(by);
                Vec::new()
            }
            Some(FieldMut::Checks(checks)) => {
                checks.step(by);
                Vec::new()
            }
        }
    }

    fn go(&mut self, by: isize) -> Vec<Effect> {
        let keys = self.form.keys();
        let at = keys.iter().position(|key| *key == self.focus).unwrap_or(0);
        let last = keys.len().saturating_sub(1);
        let to = if by > 0 { if at == last { 0 } else { at + 1 } } else { at.checked_sub(1).unwrap_or(last) };
        if let Some(key) = keys.get(to) {
            self.focus = *key;
        }
        Vec::new()
    }

    fn edit(&mut self, edit: &Edit, world: &mut World) -> Vec<Effect> {
        let edited = match self.form.field(self.focus) {
            None => return Vec::new(),
            Some(FieldMut::Text(field)) => field.edit(edit),
            Some(FieldMut::Pick(pick)) => pick.edit(edit),
            Some(FieldMut::Choice(choice)) => match edit {
                Edit::Insert(' ') | Edit::Right => {
                    choice.next();
                    Edited::Text
                }
                Edit::Left => {
                    choice.previous();
                    Edited::Text
                }
                _ => Edited::Cursor,
            },
            Some(FieldMut::Checks(checks)) => match edit {
                Edit::Insert(' ') => {
                    checks.toggle();
                    Edited::Text
                }
                _ => Edited::Cursor,
            },
        };
        match edited {
            Edited::Text => self.was_changed(world),
            Edited::Cursor => Vec::new(),
        }
    }

    fn was_changed(&mut self, world: &mut World) -> Vec<Effect> {
        self.checked.insert(self.focus);
        self.form.changed(self.focus, world)
    }

    /// Leaving a list that was searched or moved in takes what its cursor is on.
    fn leave(&mut self, world: &mut World) -> Vec<Effect> {
        let Some(FieldMut::Pick(pick)) = self.form.field(self.focus) else { return Vec::new() };
        if pick.chosen().is_none() && pick.is_touched() && pick.take() == Took::It {
            self.was_changed(world)
        } else {
            Vec::new()
        }
    }

    /// Enter takes what a list's cursor is on and goes on to the next field; on the last one it submits.
    fn enter(&mut self, world: &mut World, ctx: &Ctx) -> Reaction {
        let mut effects = Vec::new();
        if let Some(FieldMut::Pick(pick)) = self.form.field(self.focus)
            && pick.chosen().is_none()
        {
            if pick.take() == Took::Nothing {
                return Reaction::Stay(effects);
            }
            effects = self.was_changed(world);
        }
        if self.form.keys().last() == Some(&self.focus) {
            return self.submit(world, ctx);
        }
        effects.extend(self.go(1));
        Reaction::Stay(effects)
    }

    fn submit(&mut self, world: &mut World, ctx: &Ctx) -> Reaction {
        let effects = self.leave(world);
        match self.form.parse(ctx.server_now) {
            Ok(intent) => Reaction::Open(effects, Next::Confirm(intent)),
            Err(errors) => {
                self.checked.extend(self.form.keys());
                if let Some(key) = errors.first() {
                    self.focus = key;
                }
                Reaction::Stay(effects)
            }
        }
    }
}
