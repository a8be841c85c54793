//! A plan: what an intent would do, found out by a survey. Only surveys make one.

use crate::model::ids::{GroupUuid, TokenUuid, UserUuid, VmUuid};
use crate::model::text::{clean, named, visible};
use crate::model::token::Token;
use crate::model::user::User;
use crate::ops::failure::Failure;
use crate::ops::intent::Intent;
use crate::ops::rights::Right;
use crate::ops::step::{Risk, Step, Target};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How long a plan may be acted on; then it is surveyed again.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// What an intent would do, as of a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub(super) intent: Intent,
    pub(super) steps: Vec<Planned>,
    pub(super) refused: Vec<Refusal>,
    pub(super) unchanged: Vec<Unchanged>,
    pub(super) notes: Vec<Note>,
    pub(super) names: Names,
    pub(super) rights: Vec<Right>,
    /// Why none of it can be done, if something stands in the way of all.
    pub(super) blocked: Option<Failure>,
    pub(super) me: UserUuid,
    pub(super) surveyed: Timestamp,
}

/// A step and what it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What is done.
    pub step: Step,
    /// What is lost by it.
    pub losses: Losses,
}

/// What a step deletes or moves, counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Losses {
    /// VM logins: where, and under which name. The Unix accounts stay (api.md b.7).
    pub logins: Vec<(VmUuid, String)>,
    /// Memberships of groups, All users not counted.
    pub memberships: usize,
    /// Other permissions.
    pub permissions: usize,
    /// SSH keys of the user.
    pub keys: usize,
    /// SSH keys that others use, but whose records the user owns.
    pub keys_of_others: usize,
    /// Tokens.
    pub tokens: TokenCount,
    /// How many more have an end in records alone that any user could have written (api.md v58).
    pub doubtful_tokens: usize,
    /// Signatures of user agreements.
    pub signatures: usize,
    /// Containers queued, locked or running: their tokens go, so they break.
    pub work: usize,
    /// Projects, collections and the like, trash included, that change hands.
    pub moved: usize,
}

/// How many tokens, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenCount {
    /// Does not apply, or not known.
    #[default]
    NotCounted,
    /// From the audit log (api.md v6).
    AtMost(usize),
    /// From the server's list.
    Exactly(usize),
}

/// A target that is left alone although it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which.
    pub target: Target,
    /// Why, and what to do instead: a sentence's second half, "the last admin must stay one".
    pub reason: String,
}

/// A target that is already as wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unchanged {
    /// Which.
    pub target: Target,
    /// How it is: "already active".
    pub state: String,
}

impl Refusal {
    /// Why; what people named in it is made harmless.
    pub(super) fn new(target: Target, reason: &str) -> Self {
        Self { target, reason: clean(reason) }
    }
}

impl Unchanged {
    /// How it is; what people named in it is made harmless.
    pub(super) fn new(target: Target, state: &str) -> Self {
        Self { target, state: clean(state) }
    }
}

/// Something the operator should know before saying yes, or after it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// How much it matters.
    pub weight: Weight,
    /// A sentence.
    pub text: String,
}

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Good to know.
    Info,
    /// Look at it.
    Warning,
    /// It may do harm.
    Danger,
}

impl Note {
    /// What it tells of was named by people: one that steers a terminal or makes lines of its own is none.
    fn of(weight: Weight, text: String) -> Self {
        Self { weight, text: clean(&text) }
    }

    /// Good to know.
    pub fn info(text: impl Into<String>) -> Self {
        Self::of(Weight::Info, text.into())
    }

    /// Look at it.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::of(Weight::Warning, text.into())
    }

    /// It may do harm.
    pub fn danger(text: impl Into<String>) -> Self {
        Self::of(Weight::Danger, text.into())
    }
}

/// What people call the things a plan is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// Users.
    pub users: BTreeMap<UserUuid, User>,
    /// VMs, by host name.
    pub vms: BTreeMap<VmUuid, String>,
    /// Groups.
    pub groups: BTreeMap<GroupUuid, String>,
    /// Whose tokens are.
    pub owners: BTreeMap<TokenUuid, UserUuid>,
    /// Whom else the audit log names as their owners: any user can write there (api.md v58).
    pub other_owners: BTreeMap<TokenUuid, Vec<UserUuid>>,
    /// How many more it names who are not asked.
    pub owners_not_asked: BTreeMap<TokenUuid, usize>,
    /// Tokens, as the survey saw them.
    pub tokens: BTreeMap<TokenUuid, Token>,
}

impl Names {
    /// A user's name, or the UUID.
    pub fn user(&self, uuid: UserUuid) -> String {
        self.users.get(&uuid).map_or_else(|| uuid.to_string(), User::display_name)
    }

    /// A VM's host name, or the UUID.
    pub fn vm(&self, uuid: VmUuid) -> String {
        self.vms
            .get(&uuid)
            .filter(|name| !name.is_empty())
            .map_or_else(|| uuid.to_string(), |name| named(name))
    }

    /// What a target is called.
    pub fn target(&self, target: &Target) -> String {
        match target {
            Target::User(uuid) => self.user(*uuid),
            Target::Token(uuid) => uuid.to_string(),
            Target::Login { user, vm, login_name } => {
                format!("{} on {} ({})", login_named(login_name), self.vm(*vm), self.user(*user))
            }
            Target::Link(uuid) => uuid.to_string(),
        }
    }

    /// Adds users.
    pub fn add_users(&mut self, users: &[User]) {
        self.users.extend(users.iter().map(|user| (user.uuid, user.clone())));
    }
}

/// What a login is called; the server keeps some without a name that can be read (api.md v40).
pub fn login_named(login_name: &str) -> String {
    if login_name.is_empty() { "a login without a name".to_owned() } else { named(&visible(login_name)) }
}

impl Plan {
    /// What it is a plan of.
    pub fn intent(&self) -> &Intent {
        &self.intent
    }

    /// What will be done, in order.
    pub fn steps(&self) -> &[Planned] {
        &self.steps
    }

    /// What will not be done, and why.
    pub fn refused(&self) -> &[Refusal] {
        &self.refused
    }

    /// What is as wanted already.
    pub fn unchanged(&self) -> &[Unchanged] {
        &self.unchanged
    }

    /// Why none of it can be done, if something stands in the way of all: a journal that can't be believed.
    pub fn blocked(&self) -> Option<&Failure> {
        self.blocked.as_ref()
    }

    /// What to know before.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// What things are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Of a leaver: what could be granted anew to the successor, picked or not.
    pub fn rights(&self) -> &[Right] {
        &self.rights
    }

    /// When it was found out.
    pub fn surveyed(&self) -> Timestamp {
        self.surveyed
    }

    /// The worst of its steps.
    pub fn risk(&self) -> Risk {
        self.steps.iter().map(|planned| planned.step.risk()).max().unwrap_or(Risk::Harmless)
    }

    /// Whether too much may have changed since.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now.duration_since(self.surveyed) > FRESH
    }

    /// Everything lost, added up.
    pub fn losses(&self) -> Losses {
        self.steps.iter().fold(Losses::default(), |sum, planned| sum.plus(&planned.losses))
    }
}

#[cfg(test)]
impl Plan {
    /// A plan that no survey made, for the tests of what is done with one.
    pub(crate) fn sketched(intent: Intent, steps: Vec<Step>, names: Names, surveyed: Timestamp) -> Self {
        let steps = steps.into_iter().map(|step| Planned { step, losses: Losses::default() }).collect();
        let me = "zzzzz-tpzed-000000000000900".parse().expect("a user");
        let (refused, unchanged, notes, rights) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { intent, steps, refused, unchanged, notes, names, rights, blocked: None, me, surveyed }
    }

    /// With this left alone.
    pub(crate) fn refusing(mut self, target: Target, reason: &str) -> Self {
        self.refused.push(Refusal::new(target, reason));
        self
    }

    /// With the first step losing this.
    pub(crate) fn losing(mut self, losses: Losses) -> Self {
        if let Some(first) = self.steps.first_mut() {
            first.losses = losses;
        }
        self
    }
}

impl Losses {
    fn plus(mut self, other: &Self) -> Self {
        self.logins.extend(other.logins.iter().cloned());
        self.memberships += other.memberships;
        self.permissions += other.permissions;
        self.keys += other.keys;
        self.keys_of_others += other.keys_of_others;
        self.tokens = self.tokens.plus(other.tokens);
        self.doubtful_tokens += other.doubtful_tokens;
        self.signatures += other.signatures;
        self.work += other.work;
        self.moved += other.moved;
        self
    }
}

impl TokenCount {
    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::NotCounted, count) | (count, Self::NotCounted) => count,
            (Self::Exactly(a), Self::Exactly(b)) => Self::Exactly(a + b),
            (Self::AtMost(a) | Self::Exactly(a), Self::AtMost(b) | Self::Exactly(b)) => Self::AtMost(a + b),
        }
    }

    /// The number, however sure.
    pub fn number(self) -> usize {
        match self {
            Self::NotCounted => 0,
            Self::AtMost(n) | Self::Exactly(n) => n,
        }
    }
}
