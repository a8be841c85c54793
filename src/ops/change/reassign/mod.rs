//! Handing over what a user owns (api.md v28).

mod handover;
mod survey;

use self::handover::Handover;
use crate::arvados::error::Error;
use crate::arvados::links::LinkProperties;
use crate::arvados::request::{Blank, Request};
use crate::model::ids::{AnyUuid, GroupUuid, LinkUuid, UserUuid};
use crate::model::text::{count, named};
use crate::model::user::Notify;
use crate::ops::change::accounts::deactivate::end_requests;
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Act, Asks, Change, Is, Named, StepDone, Takes, Touches, Turn, What};
use crate::ops::failure::Failure;
use crate::ops::journal::ChangeKind;
use crate::ops::plan::{Findings, Names, Risk, Target};

/// Hand over what a user owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reassign {
    /// Whose data.
    pub from: UserUuid,
    /// Who gets it.
    pub to: UserUuid,
    /// The name of the project it goes to; `None` for the usual one.
    pub project: Option<String>,
    /// What becomes of the old account.
    pub leaving: Leaving,
    /// Permission links of the old user that are granted anew to the successor. VM logins are never
    /// among them unless picked one by one.
    pub regrant: Vec<LinkUuid>,
}

/// What becomes of an account whose data is reassigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// It is deactivated first, so that no rights pass on (api.md v28).
    Leaves,
    /// It stays active; all its rights go along.
    Stays,
}

/// Unsetup if leaving, a project, merge, grants, and a look at what moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReassignStep {
    /// Whose data.
    pub from: UserUuid,
    /// Who gets it.
    pub to: UserUuid,
    /// Where it goes.
    pub project: Destination,
    /// What becomes of the old account.
    pub parting: Parting,
    /// What is granted to the successor anew.
    pub regrant: Vec<Regrant>,
    /// How many things there are to move, trash included.
    pub owned: usize,
}

/// What becomes of an account whose data is reassigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parting {
    /// It is ended first, so that no rights pass on (api.md v28).
    Ends,
    /// It was ended before, by an earlier try perhaps.
    EndedBefore,
    /// It stays active; all its rights go along, its place in All users too, which it is given back.
    Stays,
    /// It was no longer, or not yet, invited, and stays so; all its rights go along.
    StaysInactive,
}

/// Where reassigned data goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A project to be made, of this name.
    New(String),
    /// One that is there, from an earlier try.
    Existing(GroupUuid, String),
}

/// A permission of a leaver that the successor is granted anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regrant {
    /// `can_read`, `can_write`, `can_manage` or `can_login`.
    pub name: String,
    /// On what.
    pub head: AnyUuid,
    /// For a login: its name and groups.
    pub login: Option<(String, Vec<String>)>,
}

impl Regrant {
    /// Whether both are the same permission, perhaps at another level or in other groups.
    pub fn is_same_place(&self, other: &Self) -> bool {
        let name = |right: &Self| right.login.as_ref().map(|(name, _)| name.clone());
        self.head == other.head && self.login.is_some() == other.login.is_some() && name(self) == name(other)
    }
}

impl Change for Reassign {
    type Step = ReassignStep;

    fn is(&self) -> Is {
        Is::of(Touches::Records, "Reassign the data of", "reassigned").at_once()
    }

    fn title(&self, names: &Names) -> String {
        format!("Reassign the data of {} to {}", names.user(self.from), names.user(self.to))
    }

    fn named(&mut self) -> Named<'_> {
        Named::Only(vec![self.from, self.to])
    }

    fn takes(&self) -> Takes {
        match self.leaving {
            Leaving::Leaves => Takes::All,
            Leaving::Stays => Takes::Nothing,
        }
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        survey::survey(cluster, (self.from, self.to), self.project.as_deref(), self.leaving, &self.regrant)
            .await
    }
}

impl Act for ReassignStep {
    fn is(&self) -> What {
        What { target: Target::User(self.from), risk: Risk::Final, kind: ChangeKind::Other }
    }

    fn says(&self, names: &Names) -> String {
        let (to, owned) = (names.user(self.to), self.owned);
        let project = match &self.project {
            Destination::New(name) => format!("the new project {}", named(name)),
            Destination::Existing(_, name) => format!("the project {}, which is there", named(name)),
        };
        let account = match self.parting {
            Parting::Ends => "deactivated first",
            Parting::EndedBefore => "deactivated already",
            Parting::Stays => "stays active",
            Parting::StaysInactive => "stays inactive",
        };
        let rights = match self.regrant.len() {
            0 => String::new(),
            n => format!(", {} granted anew", count(n, "right", "rights")),
        };
        if owned == 0 {
            return format!("{account}; owns nothing, so no project is made for {to}{rights}");
        }
        let owned = count(owned, "thing goes", "things go");
        format!("{account}; {owned} to {to} in {project}{rights}")
    }

    fn requests(&self) -> Vec<Request> {
        let &Self { from, to, ref project, parting, ref regrant, owned } = self;
        let mut requests = part(from, parting);
        if owned > 0 {
            requests.extend(hand_over(from, to, project));
        }
        if parting == Parting::Stays {
            requests.push(back(from));
        }
        requests.extend(regrant.iter().map(|right| grant(to, right)));
        requests.push(Request::contents().meant("count what is owned, before and after"));
        requests
    }

    fn ends_admin(&self) -> Option<UserUuid> {
        match self.parting {
            Parting::Ends | Parting::EndedBefore => Some(self.from),
            Parting::Stays | Parting::StaysInactive => None,
        }
    }

    fn asks(&self, _me: UserUuid) -> Asks {
        Asks::NameOrCount(self.from)
    }

    async fn apply(&self, &Turn { bench, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        Ok(Handover { bench, doing, step: self }.carry_out().await)
    }
}

fn part(from: UserUuid, parting: Parting) -> Vec<Request> {
    match parting {
        Parting::Ends => end_requests(from),
        Parting::EndedBefore | Parting::Stays | Parting::StaysInactive => Vec::new(),
    }
}

fn hand_over(from: UserUuid, to: UserUuid, project: &Destination) -> Vec<Request> {
    let (make, place) = match project {
        Destination::Existing(uuid, _) => (None, Blank::Filled(*uuid)),
        Destination::New(name) => {
            (Some(Request::create_project(to, name).meant("make the project")), Blank::Open("<project>"))
        }
    };
    let merge = Request::merge_users(from, to, place).meant("move everything that is owned");
    make.into_iter().chain([merge]).collect()
}

/// The merge gave the old account's place in All users away.
fn back(from: UserUuid) -> Request {
    Request::set_up_user(from, None, Notify::Silently).meant("put the old account back into All users")
}

fn grant(to: UserUuid, right: &Regrant) -> Request {
    Request::create_link(to.into(), &right.name, right.head, &regranted(right)).meant("grant what was picked")
}

/// The properties of a permission that is granted anew.
pub(in crate::ops) fn regranted(right: &Regrant) -> LinkProperties {
    match &right.login {
        Some((name, groups)) => LinkProperties::login(name.clone(), groups.clone()),
        None => LinkProperties::default(),
    }
}
