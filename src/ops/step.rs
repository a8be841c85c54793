//! The steps of a plan: each is one target's change, which may take several requests. A change's own file has all that
//! is true of its steps.

pub use super::change::accounts::activate::ActivateStep;
pub use super::change::accounts::deactivate::DeactivateStep;
pub use super::change::accounts::resume::ResumeStep;
pub use super::change::accounts::set_role::SetRoleStep;
pub use super::change::accounts::set_up::SetUpStep;
pub use super::change::accounts::suspend::SuspendStep;
pub use super::change::logins::steps::{ChangeLoginStep, CreateLoginStep, DeleteLoginStep};
pub use super::change::reassign::{Destination, Parting, ReassignStep, Regrant};
pub use super::change::tokens::exactly::ListExactlyStep;
pub use super::change::tokens::expiry::ChangeExpiryStep;
pub use super::change::tokens::issue::IssueTokenStep;
pub use super::change::tokens::revoke::RevokeTokenStep;
pub use super::change::tokens::revoke_all::RevokeAllOfStep;
pub use super::plan::target::{Risk, Target, Via};

use super::change::logins::steps::LoginStep;
use super::engine::{Act, StepDone, Turn};
use super::failure::Failure;
use super::plan::names::Names;
use crate::arvados::request::Request;
use crate::model::ids::UserUuid;

/// Lists the steps: an enum of them, and what each is asked.
macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident($step:ident),)*) => {
        /// One target's change.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Step {
            $($(#[$doc])* $name($step),)*
        }

        $(impl From<$step> for Step {
            fn from(step: $step) -> Self {
                Self::$name(step)
            }
        })*

        /// The same of whichever step it is.
        macro_rules! whichever {
            ($any:expr, $one:ident => $of_it:expr) => {
                match $any {
                    $(Step::$name($one) => $of_it,)*
                }
            };
        }
    };
}

steps! {
    /// `POST /users/setup`, then activation if wanted.
    SetUp(SetUpStep),
    /// PATCH `is_active: true`.
    Activate(ActivateStep),
    /// `POST /users/U/unsetup`.
    Deactivate(DeactivateStep),
    /// Delete the membership of All users, PATCH `is_active: false`, read whether it held.
    Suspend(SuspendStep),
    /// PATCH `is_active: true`, and the admin flag if the journal says that suspending took it.
    Resume(ResumeStep),
    /// PATCH `is_admin`.
    SetRole(SetRoleStep),
    /// Unsetup if leaving, a project, merge, grants, and a look at what moved.
    Reassign(ReassignStep),
    /// `POST /api_client_authorizations`.
    IssueToken(IssueTokenStep),
    /// `PUT /api_client_authorizations/T`.
    ChangeExpiry(ChangeExpiryStep),
    /// `DELETE /api_client_authorizations/T`.
    RevokeToken(RevokeTokenStep),
    /// List and delete until nothing is left; grows while it is applied.
    RevokeAllOf(RevokeAllOfStep),
    /// List with a helper token.
    ListExactly(ListExactlyStep),
    /// `POST /links` of a login that is not there.
    CreateLogin(CreateLoginStep),
    /// `PATCH /links/L` with the whole properties: changes the groups and removes twins.
    ChangeLogin(ChangeLoginStep),
    /// `DELETE /links/L`: its twins go with it.
    DeleteLogin(DeleteLoginStep),
}

impl From<LoginStep> for Step {
    fn from(step: LoginStep) -> Self {
        match step {
            LoginStep::Create(step) => step.into(),
            LoginStep::Change(step) => step.into(),
            LoginStep::Delete(step) => step.into(),
        }
    }
}

impl Step {
    /// What it is about.
    pub fn target(&self) -> Target {
        self.act().is().target
    }

    /// How bad it is, by what the server does.
    pub fn risk(&self) -> Risk {
        self.act().is().risk
    }

    /// What it does to its target.
    pub fn says(&self, names: &Names) -> String {
        self.act().says(names)
    }

    /// Who is no active admin after it, whatever it was before.
    pub fn ends_admin(&self) -> Option<UserUuid> {
        self.act().ends_admin()
    }

    /// What is sent for it, if nothing else is done with its helper.
    pub fn requests(&self) -> Vec<Request> {
        self.act().requests_alone()
    }

    /// All else that it is asked.
    pub(super) fn act(&self) -> &dyn Act {
        whichever!(self, step => step)
    }

    pub(super) async fn apply(&self, turn: &Turn<'_>) -> Result<StepDone, Failure> {
        whichever!(self, step => Box::pin(step.apply(turn)).await)
    }
}
