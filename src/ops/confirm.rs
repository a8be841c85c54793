//! Confirmation. What must be answered follows from the plan, in one table here; and a plan that was not
//! answered can't be applied, because [`Confirmed`] is made nowhere else.

use crate::model::text::clean;
use crate::ops::engine::Asks;
use crate::ops::intent::Intent;
use crate::ops::plan::Plan;
use crate::ops::step::Risk;
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
    /// There is nothing to do, or nothing can be done: all is refused or already so, or something is in the way.
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
        if self.steps.is_empty() || self.blocked.is_some() {
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
        let asks: Vec<Asks> = self.steps.iter().map(|planned| planned.step.act().asks(self.me)).collect();
        let named = asks.iter().find_map(|asks| match *asks {
            Asks::Name(user) => Some(user),
            Asks::NameOrCount(user) if count == 1 => Some(user),
            Asks::NameOrCount(_) | Asks::AsUsual => None,
        });
        if let Some(user) = named {
            let name =
                self.names.users.get(&user).map_or_else(|| user.to_string(), |u| u.confirm_name().to_owned());
            return Some(Ask::TypeName(name));
        }
        // That somebody loses all of a kind is, of several people, more than one key says.
        let takes_all = asks.iter().any(|asks| matches!(asks, Asks::NameOrCount(_)));
        if self.risk() == Risk::Harmless {
            None
        } else if count > FEW || hidden > 0 || takes_all {
            Some(Ask::TypeCount(count))
        } else {
            Some(Ask::YesNo)
        }
    }
}

/// What people see of a text, and so can type.
fn as_typed(text: &str) -> String {
    clean(text).trim().to_owned()
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
            (Ask::TypeName(name), Answer::Typed(text)) => as_typed(text) == as_typed(name),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{TokenUuid, UserUuid};
    use crate::model::user::UserRole;
    use crate::model::user::{User, UserStatus};
    use crate::ops::intent;
    use crate::ops::plan::{Losses, Names, Planned};
    use crate::ops::step::{self, Destination, Parting, Step, Via};
    use jiff::SignedDuration;

    fn now() -> Timestamp {
        "2026-11-24T10:42:00Z".parse().expect("a time")
    }

    fn user(n: usize) -> UserUuid {
        format!("zzzzz-tpzed-{n:015}").parse().expect("a user")
    }

    fn me() -> UserUuid {
        user(900)
    }

    fn person(uuid: UserUuid, username: &str) -> User {
        User {
            uuid,
            email: "rosa@institute.example".into(),
            username: username.into(),
            first_name: "Rosa".into(),
            last_name: "Delgado".into(),
            status: UserStatus::Active,
            role: UserRole::Plain.into(),
            created_at: None,
            modified_at: None,
            modified_by: None,
        }
    }

    fn plan(steps: Vec<Step>) -> Plan {
        let mut names = Names::default();
        names.add_users(&[person(user(1), "rdelgado"), person(user(2), ""), person(me(), "ada")]);
        Plan {
            intent: Intent::Deactivate(intent::Deactivate { users: Vec::new() }),
            steps: steps.into_iter().map(|step| Planned { step, losses: Losses::default() }).collect(),
            refused: Vec::new(),
            unchanged: Vec::new(),
            notes: Vec::new(),
            names,
            rights: Vec::new(),
            blocked: None,
            me: me(),
            surveyed: now(),
        }
    }

    fn deactivate(count: usize) -> Plan {
        plan((1..=count).map(|n| Step::Deactivate(step::DeactivateStep { user: user(n) })).collect())
    }

    fn asked(plan: Plan, hidden: usize) -> Ask {
        challenge(plan, hidden).ask().clone()
    }

    fn challenge(plan: Plan, hidden: usize) -> Challenge {
        match plan.review(hidden) {
            Review::Ask(challenge) => challenge,
            other => panic!("asks nothing: {other:?}"),
        }
    }

    fn reassign(from: UserUuid) -> Step {
        Step::Reassign(step::ReassignStep {
            from,
            to: user(3),
            project: Destination::New("Data".to_owned()),
            parting: Parting::Ends,
            regrant: Vec::new(),
            owned: 3,
        })
    }

    #[test]
    fn up_to_ten_visible_targets_take_one_key_also_when_lossy() {
        assert_eq!(asked(deactivate(1), 0), Ask::YesNo);
        assert_eq!(asked(deactivate(10), 0), Ask::YesNo);
        let token: TokenUuid = "zzzzz-gj3su-077z32aux8dg2s1".parse().expect("a token");
        let revoke = Step::RevokeToken(step::RevokeTokenStep { token, owner: user(1), via: Via::TokenInUse });
        assert_eq!(asked(plan(vec![revoke]), 0), Ask::YesNo);
    }

    #[test]
    fn many_or_hidden_targets_must_be_counted() {
        assert_eq!(asked(deactivate(11), 0), Ask::TypeCount(11));
        assert_eq!(asked(deactivate(5), 2), Ask::TypeCount(5));
    }

    #[test]
    fn what_takes_everything_of_a_user_wants_its_name() {
        assert_eq!(asked(plan(vec![reassign(user(1))]), 0), Ask::TypeName("rdelgado".to_owned()));
        let revoke_all =
            |owner| Step::RevokeAllOf(step::RevokeAllOfStep { owner, at_most: 3, via: Via::Helper });
        assert_eq!(
            asked(plan(vec![revoke_all(user(2))]), 0),
            Ask::TypeName("rosa@institute.example".to_owned()),
            "without a username, the e-mail"
        );
        assert_eq!(
            asked(plan(vec![revoke_all(user(7))]), 0),
            Ask::TypeName(user(7).to_string()),
            "of a user who is not known, the UUID"
        );
        let several = (1..=12).map(|n| revoke_all(user(n))).collect();
        assert_eq!(asked(plan(several), 0), Ask::TypeCount(12));
    }

    #[test]
    fn giving_up_ones_own_admin_flag_wants_ones_own_name_alone_or_among_others() {
        let unmake = |user| Step::SetRole(step::SetRoleStep { user, role: UserRole::Plain });
        assert_eq!(asked(plan(vec![unmake(user(1))]), 0), Ask::YesNo);
        assert_eq!(asked(plan(vec![unmake(me())]), 0), Ask::TypeName("ada".to_owned()));
        assert_eq!(asked(plan(vec![unmake(user(1)), unmake(me())]), 0), Ask::TypeName("ada".to_owned()));
    }

    #[test]
    fn nothing_to_do_asks_nothing() {
        assert!(matches!(deactivate(0).review(0), Review::Nothing(_)));
    }

    #[test]
    fn a_wrong_answer_does_not_confirm_and_asks_again() {
        for (plan, wrong) in [
            (deactivate(12), Answer::Yes),
            (deactivate(12), Answer::Typed("11".to_owned())),
            (deactivate(1), Answer::Typed("y".to_owned())),
            (plan(vec![reassign(user(1))]), Answer::Yes),
            (plan(vec![reassign(user(1))]), Answer::Typed("RDelgado".to_owned())),
            (plan(vec![reassign(user(1))]), Answer::Typed(String::new())),
        ] {
            let before = challenge(plan, 0);
            let ask = before.ask().clone();
            match before.answer(&wrong, now()) {
                Err(Unconfirmed::Wrong(again)) => assert_eq!(*again.ask(), ask),
                other => panic!("{wrong:?} gave {other:?}"),
            }
        }
    }

    #[test]
    fn the_right_answer_confirms_this_plan() {
        for (plan, right) in [
            (deactivate(1), Answer::Yes),
            (deactivate(12), Answer::Typed(" 12 ".to_owned())),
            (plan(vec![reassign(user(1))]), Answer::Typed("rdelgado".to_owned())),
            (plan(vec![reassign(user(1))]), Answer::YesFlag),
        ] {
            let steps = plan.steps.clone();
            let confirmed = challenge(plan, 0).answer(&right, now()).expect("right");
            assert_eq!(confirmed.plan().steps(), steps);
        }
    }

    #[test]
    fn a_plan_older_than_a_minute_is_surveyed_again() {
        let later = now() + SignedDuration::from_secs(61);
        match challenge(deactivate(1), 0).answer(&Answer::Yes, later) {
            Err(Unconfirmed::Stale(intent)) => {
                assert_eq!(*intent, Intent::Deactivate(intent::Deactivate { users: Vec::new() }));
            }
            other => panic!("{other:?}"),
        }
    }
}
