//! Confirmation. What must be answered follows from the plan, in one table here; and a plan that was not
//! answered can't be applied, because [`Confirmed`] is made nowhere else.

use crate::model::ids::UserUuid;
use crate::model::user::UserRole;
use crate::ops::intent::Intent;
use crate::ops::plan::{Plan, Planned};
use crate::ops::step::{Risk, Step};
use jiff::Timestamp;

/// The most targets that a single key may confirm.
const FEW: usize = 10;

/// A plan that may be applied. Not `Clone`: one answer is for one application.
#[derive(Debug, PartialEq, Eq)]
pub struct Confirmed<T>(T);

impl Confirmed<Plan> {
    /// What was confirmed.
    pub fn plan(&self) -> &Plan {
        &self.0
    }

    /// Uses the confirmation up.
    pub(super) fn into_plan(self) -> Plan {
        self.0
    }
}

/// What a plan needs before it can be applied.
#[derive(Debug, PartialEq, Eq)]
pub enum Review {
    /// There is nothing to do: all is refused or already so.
    Nothing(Plan),
    /// Harmless.
    Free(Confirmed<Plan>),
    /// A question.
    Ask(Challenge),
}

/// A plan and the question it asks.
#[derive(Debug, PartialEq, Eq)]
pub struct Challenge {
    plan: Plan,
    ask: Ask,
}

/// What must be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// `y`
    YesNo,
    /// How many targets there are.
    TypeCount(usize),
    /// A name: of the user whom it is about.
    TypeName(String),
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A single key.
    Yes,
    /// Some text.
    Typed(String),
    /// `--yes` on the command line, which answers everything.
    YesFlag,
}

/// Why an answer did not confirm.
#[derive(Debug, PartialEq, Eq)]
pub enum Unconfirmed {
    /// Not what was asked: ask again.
    Wrong(Box<Challenge>),
    /// Too long ago: survey again, and ask again.
    Stale(Box<Intent>),
}

impl Plan {
    /// What must be answered, if `hidden` of its targets can't be seen on the screen.
    pub fn review(self, hidden: usize) -> Review {
        if self.steps.is_empty() {
            return Review::Nothing(self);
        }
        match self.ask(hidden) {
            None => Review::Free(Confirmed(self)),
            Some(ask) => Review::Ask(Challenge { plan: self, ask }),
        }
    }

    /// The table of answers (design: "Writes").
    fn ask(&self, hidden: usize) -> Option<Ask> {
        let count = self.steps.len();
        if let Some(user) = self.named() {
            let name =
                self.names.users.get(&user).map_or_else(|| user.to_string(), |u| u.confirm_name().to_owned());
            return Some(Ask::TypeName(name));
        }
        if self.risk() == Risk::Harmless {
            None
        } else if count > FEW || hidden > 0 {
            Some(Ask::TypeCount(count))
        } else {
            Some(Ask::YesNo)
        }
    }

    /// Whose name must be typed, if anyone's: of a single user who loses everything of a kind, or one's own
    /// when one gives up the admin's rights, alone or among others.
    fn named(&self) -> Option<UserUuid> {
        let gives_up = |planned: &Planned| matches!(&planned.step, Step::SetRole { user, role: UserRole::Plain } if *user == self.me);
        if self.steps.iter().any(gives_up) {
            return Some(self.me);
        }
        match self.steps.as_slice() {
            [
                Planned {
                    step: Step::Reassign { from: user, .. } | Step::RevokeAllOf { owner: user, .. },
                    ..
                },
            ] => Some(*user),
            _ => None,
        }
    }
}

impl Challenge {
    /// What is asked about.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What must be answered.
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// Takes an answer.
    pub fn answer(self, given: &Answer, now: Timestamp) -> Result<Confirmed<Plan>, Unconfirmed> {
        let right = match (&self.ask, given) {
            (_, Answer::YesFlag) | (Ask::YesNo, Answer::Yes) => true,
            (Ask::TypeCount(count), Answer::Typed(text)) => text.trim() == count.to_string(),
            (Ask::TypeName(name), Answer::Typed(text)) => text.trim() == name,
            (Ask::YesNo, Answer::Typed(_)) | (Ask::TypeCount(_) | Ask::TypeName(_), Answer::Yes) => false,
        };
        if !right {
            Err(Unconfirmed::Wrong(Box::new(self)))
        } else if self.plan.is_stale(now) {
            Err(Unconfirmed::Stale(Box::new(self.plan.intent)))
        } else {
            Ok(Confirmed(self.plan))
        }
    }
}
