//! What is done to one login, or makes it.

use crate::arvados::links::{CAN_LOGIN, LinkProperties};
use crate::arvados::request::Request;
use crate::model::ids::{LinkUuid, UserUuid, VmUuid};
use crate::model::text::count;
use crate::model::unix_name::group_list;
use crate::model::vm::{LoginName, UnixGroup};
use crate::ops::change::logins::write;
use crate::ops::engine::{Act, LookAt, StepDone, Turn, What};
use crate::ops::failure::Failure;
use crate::ops::journal::ChangeKind;
use crate::ops::plan::{Names, Risk, Target};
use std::collections::BTreeMap;

/// `POST /links` of a login that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateLoginStep {
    /// Who.
    pub user: UserUuid,
    /// Where.
    pub vm: VmUuid,
    /// Under which name.
    pub login_name: LoginName,
    /// In which groups.
    pub groups: Vec<UnixGroup>,
}

/// `PATCH /links/L` with the whole properties: changes the groups and removes twins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeLoginStep {
    /// The link that stays.
    pub link: LinkUuid,
    /// Who.
    pub user: UserUuid,
    /// Where.
    pub vm: VmUuid,
    /// Its name, as it is.
    pub login_name: String,
    /// The groups it gets.
    pub groups: Vec<UnixGroup>,
    /// What else its properties have, as JSON by name.
    pub others: BTreeMap<String, String>,
    /// How many twins go.
    pub twins: usize,
}

/// `DELETE /links/L`: its twins go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteLoginStep {
    /// Any link of it.
    pub link: LinkUuid,
    /// Who.
    pub user: UserUuid,
    /// Where.
    pub vm: VmUuid,
    /// Its name.
    pub login_name: String,
}

/// One of these.
#[derive(Debug)]
pub enum LoginStep {
    /// It is made.
    Create(CreateLoginStep),
    /// It is changed.
    Change(ChangeLoginStep),
    /// It is taken away.
    Delete(DeleteLoginStep),
}

impl Act for CreateLoginStep {
    fn is(&self) -> What {
        What {
            target: Target::Login { user: self.user, vm: self.vm, login_name: self.login_name.to_string() },
            risk: Risk::Reversible,
            kind: ChangeKind::Elsewhere,
        }
    }

    fn says(&self, _names: &Names) -> String {
        format!("new login, {}", in_groups(&self.groups))
    }

    fn requests(&self) -> Vec<Request> {
        let properties = LinkProperties::login(self.login_name.as_str().to_owned(), unix(&self.groups));
        let request = Request::create_link(self.user.into(), CAN_LOGIN, self.vm.into(), &properties);
        vec![request.meant("make the login")]
    }

    fn look_at(&self, at: &mut LookAt) {
        at.logins.insert(self.user);
    }

    async fn apply(&self, &Turn { bench, look, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let login = (self.user, self.vm, self.login_name.to_string());
        write::grant(bench, look, doing, login, &write::names(&self.groups)).await
    }
}

impl Act for ChangeLoginStep {
    fn is(&self) -> What {
        What {
            target: Target::Login { user: self.user, vm: self.vm, login_name: self.login_name.clone() },
            risk: Risk::Reversible,
            kind: ChangeKind::Elsewhere,
        }
    }

    fn says(&self, _names: &Names) -> String {
        let twins = match self.twins {
            0 => String::new(),
            n => format!("; {} removed", count(n, "twin", "twins")),
        };
        format!("is there; will be {}{twins}", in_groups(&self.groups))
    }

    fn requests(&self) -> Vec<Request> {
        let (name, others) = (self.login_name.clone(), self.others.clone());
        let properties = LinkProperties::login_with(name, unix(&self.groups), others);
        vec![Request::update_link(self.link, &properties).meant("change its groups; twins go with it")]
    }

    fn look_at(&self, at: &mut LookAt) {
        at.logins.insert(self.user);
    }

    async fn apply(&self, &Turn { bench, look, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let login = (self.user, self.vm, self.login_name.clone());
        write::change(bench, look, doing, login, &write::names(&self.groups), Some(self.link)).await
    }
}

impl Act for DeleteLoginStep {
    fn is(&self) -> What {
        What {
            target: Target::Login { user: self.user, vm: self.vm, login_name: self.login_name.clone() },
            risk: Risk::Lossy,
            kind: ChangeKind::Elsewhere,
        }
    }

    fn says(&self, _names: &Names) -> String {
        "login revoked; the Unix account stays on the VM".to_owned()
    }

    fn requests(&self) -> Vec<Request> {
        vec![Request::delete_link(self.link).meant("take the login away; twins go with it")]
    }

    fn look_at(&self, at: &mut LookAt) {
        at.logins.insert(self.user);
    }

    async fn apply(&self, &Turn { bench, look, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        write::delete(bench, look, doing, (self.user, self.vm, self.login_name.clone())).await
    }
}

fn unix(groups: &[UnixGroup]) -> Vec<String> {
    groups.iter().map(ToString::to_string).collect()
}

fn in_groups(groups: &[UnixGroup]) -> String {
    if groups.is_empty() {
        return "in no groups".to_owned();
    }
    format!("in {}", group_list(groups.iter().map(UnixGroup::as_str)))
}
