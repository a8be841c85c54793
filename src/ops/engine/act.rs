//! What is asked of every change: of what is wanted, how it is called and found out; of each step, what it does to its
//! target and how that is applied. A change's own file in `change` answers, and nothing here names one.

use super::bench::{Bench, StepDone};
use super::look::{Look, LookAt};
use crate::arvados::error::Error;
use crate::arvados::request::Request;
use crate::model::ids::{LinkUuid, TokenUuid, UserUuid};
use crate::model::session::Session;
use crate::ops::cluster::Cluster;
use crate::ops::failure::Failure;
use crate::ops::helper_token::{HelperNeed, delete_helper, make_helper};
use crate::ops::journal::{ChangeKind, Doing};
use crate::ops::plan::{Findings, Names, Risk, Target, people};

/// What somebody wants changed.
pub(in crate::ops) trait Change: Clone {
    /// What it comes to for one target.
    type Step;

    /// What it is called, and what it may change.
    fn is(&self) -> Is;

    /// What is wanted, as a title: "Deactivate 5 users".
    fn title(&self, names: &Names) -> String {
        format!("{} {}", self.is().verb, people(&self.users(), names))
    }

    /// What it names.
    fn named(&mut self) -> Named<'_>;

    /// Whom it is about, as far as it says so.
    fn users(&self) -> Vec<UserUuid> {
        match self.clone().named() {
            Named::Users(users) => std::mem::take(users),
            Named::Only(users) => users,
            Named::Tokens(_) | Named::Links(_) => Vec::new(),
        }
    }

    /// What its users have lost when it is done.
    fn takes(&self) -> Takes {
        Takes::Nothing
    }

    /// Finds out what it would do.
    fn survey(&self, cluster: &Cluster) -> impl Future<Output = Result<Findings<Self::Step>, Error>> + Send;
}

/// One target's change, which may take several requests.
pub(in crate::ops) trait Act {
    /// What it is about, and what it is.
    fn is(&self) -> What;

    /// What it does to its target.
    fn says(&self, names: &Names) -> String;

    /// What is sent for it, in order, the helper token left out.
    fn requests(&self) -> Vec<Request>;

    /// What it needs a helper token for.
    fn helper(&self) -> Option<HelperNeed> {
        None
    }

    /// Whether the look afterwards is made with the helper, which then goes after it.
    fn is_looked_at_by_helper(&self) -> bool {
        false
    }

    /// Who is no active admin after it, whatever it was before.
    fn ends_admin(&self) -> Option<UserUuid> {
        None
    }

    /// Whether it ends the token in use, or its rights: then it has its turn when all else is done.
    fn ends_the_session(&self, _session: &Session) -> bool {
        false
    }

    /// What must be typed for it, where more than a key must.
    fn asks(&self, _me: UserUuid) -> Asks {
        Asks::AsUsual
    }

    /// How many items it will have, as far as known.
    fn items(&self) -> usize {
        1
    }

    /// Adds what must be known of its target just before it is applied.
    fn look_at(&self, _at: &mut LookAt) {}

    /// What is sent for it, if nothing else is done with its helper.
    fn requests_alone(&self) -> Vec<Request> {
        let mut requests = self.requests();
        if let Some(need) = self.helper() {
            requests.insert(0, make_helper(&need));
            requests.push(delete_helper());
        }
        requests
    }

    /// As the journal has it.
    fn doing(&self) -> Doing {
        let calls =
            self.requests_alone().iter().map(|sent| format!("{} {}", sent.method, sent.path)).collect();
        let What { target, kind, .. } = self.is();
        Doing { target, kind, calls }
    }

    /// Applies it.
    fn apply(&self, turn: &Turn<'_>) -> impl Future<Output = Result<StepDone, Failure>> + Send
    where
        Self: Sized;
}

/// What a change is called, and what it may change.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Is {
    /// For titles and messages: "Deactivate".
    pub verb: &'static str,
    /// For what was done: "139 revoked".
    pub done: &'static str,
    /// What is said of a target while the change goes on: that the server said yes. Whether that is so is looked at
    /// when all had their turn, but of what is looked at at once.
    pub accepted: &'static str,
    pub touches: Touches,
}

impl Is {
    pub const fn of(touches: Touches, verb: &'static str, done: &'static str) -> Self {
        Self { verb, done, accepted: "accepted", touches }
    }

    /// Looked at at once: what is said to be done is done.
    pub const fn at_once(self) -> Self {
        Self { accepted: self.done, ..self }
    }
}

/// What a step is about, how bad it is by what the server does, and what the journal's readers know it as.
pub(in crate::ops) struct What {
    pub target: Target,
    pub risk: Risk,
    pub kind: ChangeKind,
}

/// A step's turn.
pub(in crate::ops) struct Turn<'a> {
    pub bench: &'a Bench<'a>,
    /// What there is of its target.
    pub look: &'a Look,
    /// Its place in the plan.
    pub place: usize,
    pub doing: &'a Doing,
}

/// What may be otherwise after a change than it was read before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touches {
    /// The records of its users, and all that they have.
    Records,
    /// What its users have.
    Belongings,
    /// What belongs to whoever its items are of: it does not say of whom they are.
    ItsItems,
    /// Nothing: it only reads.
    Nothing,
}

/// What users have lost when a change is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing else than its items.
    Nothing,
    /// All tokens.
    Tokens,
    /// All tokens, logins and rights.
    All,
}

/// What must be typed for a step, where more than a key must.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ops) enum Asks {
    /// No more than for anything of its risk.
    AsUsual,
    /// This user's name, alone or among others.
    Name(UserUuid),
    /// This user's name if it is alone, how many they are if not: everything of a kind goes.
    NameOrCount(UserUuid),
}

/// What a change names. All but the targets of it that are to be tried again can be left out of a list; links are not,
/// since the next survey leaves those alone that are as wanted by then.
pub(in crate::ops) enum Named<'a> {
    Users(&'a mut Vec<UserUuid>),
    Tokens(&'a mut Vec<TokenUuid>),
    /// Any link of each login.
    Links(&'a mut Vec<LinkUuid>),
    /// No list: it is about these.
    Only(Vec<UserUuid>),
}
