//! What an overlay answers with, as data: no overlay knows what lies above or below it.

use super::line::{Line, Tone};
use crate::app::action::Action;
use crate::app::effect::{Effect, TaskId};
use crate::model::ids::UserUuid;
use crate::ops::confirm::Confirmed;
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::intent::Intent;
use crate::ops::plan::Plan;
use crate::ops::read::LoginRow;

/// What an overlay did with a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Reaction {
    /// It stays, and asks for this.
    Stay(Vec<Effect>),
    /// It stays, asks for this, and something opens above it.
    Open(Vec<Effect>, Next),
    /// It is closed, and asks for this.
    Close(Vec<Effect>),
    /// It is closed, asks for this, and something opens in its place.
    GiveWay(Vec<Effect>, Next),
    /// It is closed, and then this action is taken by what is below.
    Perform(Action),
    /// The message means nothing to it.
    Ignored,
}

/// What opens above an overlay, or in its place.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// The dialog that surveys a change and asks.
    Confirm(Intent),
    /// The form that hands over what a user owns.
    Reassign(UserUuid),
    /// The form for the groups of logins.
    EditLogins(Vec<LoginRow>),
    /// A change that was begun before.
    Progress(TaskId),
    /// What was asked is answered: it begins, and is watched.
    Apply(Box<Confirmed<Plan>>),
}

/// A fault of the program, told like any failure.
pub(super) fn unexpected(reason: &str) -> Failure {
    Failure::plain(ErrorKind::Unexpected, reason, "this is a fault of the program; try again")
}

/// What failed, why, and what to do.
pub(super) fn failure_lines(what: &str, failure: &Failure) -> Vec<Line> {
    let mut lines = vec![Line::new(Tone::Danger, format!("{what}: {}", failure.reason))];
    if let Some(id) = &failure.request_id {
        lines.push(Line::dim(format!("request {id}")));
    }
    lines.push(Line::plain(failure.advice));
    lines
}
