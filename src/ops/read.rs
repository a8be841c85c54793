//! Every read of the server that the screen can ask for, with its typed outcome. The command line runs
//! the same reads.

use crate::arvados::error::Error;
use crate::model::ids::{UserUuid, VmUuid};
use crate::model::session::Session;
use crate::model::token::TokenList;
use crate::model::user::User;
use crate::model::user_filter::SearchedUser;
use crate::model::user_page::{UserPage, UserRows};
use crate::model::vm::Vm;
use crate::ops::cluster::Cluster;
use crate::ops::failure::Failure;
use crate::ops::find_token::{Found, Given};
use crate::ops::intent::Intent;
use crate::ops::left_helpers::LeftHelper;
pub use crate::ops::login_list::{Extent, LoginList, LoginRow};
use crate::ops::plan::Plan;
use crate::ops::rights::Right;
use crate::ops::summary::Summary;

/// A read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Who am I, where, and what may I see.
    Session,
    /// One page of a range of all users.
    Users(UserPage),
    /// These users again, after something changed them.
    UsersAgain(Vec<UserUuid>),
    /// A user's tokens: from the audit log, or exact where the token in use sees them.
    Tokens(UserUuid),
    /// A user's VM logins.
    Logins(UserUuid),
    /// A VM's logins, whoever has them.
    LoginsOn(VmUuid),
    /// All VM logins of the cluster.
    AllLogins,
    /// All VMs.
    Vms,
    /// What else matters of a user, counted.
    Summary(UserUuid),
    /// What a user may do that could be granted to a successor.
    Rights(UserUuid),
    /// Whose token is this.
    FindToken(Given),
    /// Helper tokens that an earlier program left behind, by the journal.
    LeftHelpers,
    /// What would this do.
    Survey(Intent),
}

/// What a read gave.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Of [`Read::Session`].
    Session(Box<Session>),
    /// Of [`Read::Users`]: the range is at its end when there is nobody.
    Users(SearchedUsers),
    /// Of [`Read::UsersAgain`]: those that are still there.
    UsersAgain(Vec<User>),
    /// Of [`Read::Tokens`].
    Tokens(TokenList),
    /// Of [`Read::Logins`], [`Read::LoginsOn`] and [`Read::AllLogins`].
    Logins(LoginList),
    /// Of [`Read::Vms`].
    Vms(Vec<Vm>),
    /// Of [`Read::Summary`].
    Summary(Box<Summary>),
    /// Of [`Read::Rights`].
    Rights(Vec<Right>),
    /// Of [`Read::FindToken`].
    Found(Box<Found>),
    /// Of [`Read::LeftHelpers`]; a failure if the journal can't be read, or is not believed.
    LeftHelpers(Result<Vec<LeftHelper>, Failure>),
    /// Of [`Read::Survey`].
    Surveyed(Box<Plan>),
}

impl Read {
    /// Asks the server. [`Read::Session`] asks again who one is, with the same token.
    pub async fn run(self, cluster: &Cluster) -> Result<Outcome, Error> {
        Ok(match self {
            Self::Session => {
                let session = super::session::find_out(&cluster.client, cluster.session.host.clone()).await?;
                Outcome::Session(Box::new(session))
            }
            Self::Users(page) => Outcome::Users(users(cluster, page).await?),
            Self::UsersAgain(users) => Outcome::UsersAgain(cluster.users(&users).await?),
            Self::Tokens(owner) => Outcome::Tokens(tokens(cluster, owner).await?),
            Self::Logins(user) => Outcome::Logins(logins(cluster, LoginsOf::User(user)).await?),
            Self::LoginsOn(vm) => Outcome::Logins(logins(cluster, LoginsOf::Vm(vm)).await?),
            Self::AllLogins => Outcome::Logins(logins(cluster, LoginsOf::All).await?),
            Self::Vms => Outcome::Vms(cluster.client.virtual_machines().await?),
            Self::Summary(user) => Outcome::Summary(Box::new(super::summary::read(cluster, user).await?)),
            Self::Rights(user) => Outcome::Rights(super::rights::of_user(cluster, user).await?),
            Self::FindToken(given) => {
                Outcome::Found(Box::new(super::find_token::find(cluster, given).await?))
            }
            Self::LeftHelpers => Outcome::LeftHelpers(Box::pin(super::left_helpers::find(cluster)).await),
            Self::Survey(intent) => {
                Outcome::Surveyed(Box::new(super::survey::survey(cluster, intent).await?))
            }
        })
    }
}

/// A page of all users, ready to be searched.
pub async fn users(cluster: &Cluster, page: UserPage) -> Result<SearchedUsers, Error> {
    cluster.client.users_page(page).await.map(SearchedUsers::from)
}

/// A user's tokens: from the audit log, or exact where the token in use sees them.
pub async fn tokens(cluster: &Cluster, owner: UserUuid) -> Result<TokenList, Error> {
    let apart = counting(cluster);
    let list = super::tokens::list(&apart, owner).await;
    // How many of the tokens themselves are unreadable the list says.
    let left_out = left_out(cluster, &apart, &["api_client_authorizations"]);
    Ok(TokenList { left_out, ..list? })
}

/// VM logins.
pub async fn logins(cluster: &Cluster, of: LoginsOf) -> Result<LoginList, Error> {
    let apart = counting(cluster);
    let list = match of {
        LoginsOf::User(user) => super::logins::of_user(&apart, user).await,
        LoginsOf::Vm(vm) => super::logins::on_vm(&apart, vm).await,
        LoginsOf::All => super::logins::all(&apart).await,
    };
    let left_out = left_out(cluster, &apart, &[]);
    Ok(LoginList { left_out, ..list? })
}

/// Which logins.
#[derive(Debug, Clone, Copy)]
pub enum LoginsOf {
    /// A user's.
    User(UserUuid),
    /// Those on a VM.
    Vm(VmUuid),
    /// All that there are.
    All,
}

/// The same cluster, with a count of its own of what can't be read.
fn counting(cluster: &Cluster) -> Cluster {
    Cluster { client: cluster.client.counting(), ..cluster.clone() }
}

/// What a read left out, but what is said of it otherwise; it counts in the whole as well.
fn left_out(cluster: &Cluster, apart: &Cluster, known: &[&str]) -> Option<String> {
    let said = apart.client.unread().remark_but(known);
    cluster.client.unread().take_in(apart.client.unread());
    said
}

impl Outcome {
    /// What of a list could not be read, in words.
    pub fn left_out(&self) -> Option<&str> {
        match self {
            Self::Tokens(list) => list.left_out.as_deref(),
            Self::Logins(list) => list.left_out.as_deref(),
            Self::Session(_)
            | Self::Users(_)
            | Self::UsersAgain(_)
            | Self::Vms(_)
            | Self::Summary(_)
            | Self::Rights(_)
            | Self::Found(_)
            | Self::LeftHelpers(_)
            | Self::Surveyed(_) => None,
        }
    }

    /// A page of users.
    pub fn users(page: impl Into<UserRows>) -> Self {
        Self::Users(SearchedUsers::from(page.into()))
    }
}

/// A page of users, ready to be searched.
#[derive(Debug, PartialEq, Eq)]
pub struct SearchedUsers {
    /// The users.
    pub rows: Vec<SearchedUser>,
    /// How many more there are whose UUIDs can't be read.
    pub unread: usize,
}

impl From<UserRows> for SearchedUsers {
    fn from(page: UserRows) -> Self {
        Self { rows: page.users.into_iter().map(SearchedUser::from).collect(), unread: page.unread }
    }
}
