//! The reads that the screen makes too, with what is said where they fail.

use super::connect::Desk;
use super::exit::Stop;
use crate::model::ids::UserUuid;
use crate::model::token::TokenList;
use crate::model::user_page::UserPage;
use crate::ops::failure::{Error, ErrorKind};
use crate::ops::find_token::{Found, Given, find as find_token};
use crate::ops::read::{self, LoginList, LoginsOf, SearchedUsers};
use crate::ops::rights::{self, Right};
use crate::ops::summary::{self, Part, Summary};

/// One page of all users.
pub async fn users(desk: &Desk, page: UserPage) -> Result<SearchedUsers, Stop> {
    let failed = |error| desk.failed("the users can't be listed", error);
    read::users(&desk.cluster, page).await.map_err(failed)
}

/// What matters of a user.
pub async fn summary(desk: &Desk, user: UserUuid) -> Result<Summary, Stop> {
    let failed = |error| desk.failed("the user can't be shown", error);
    summary::read(&desk.cluster, user).await.map_err(failed)
}

/// A user's tokens.
pub async fn tokens(desk: &Desk, user: UserUuid) -> Result<TokenList, Stop> {
    let failed = |error| desk.failed("the tokens can't be listed", error);
    read::tokens(&desk.cluster, user).await.map_err(failed)
}

/// Whose a token is.
pub async fn find(desk: &Desk, given: Given) -> Result<Found, Stop> {
    let failed = |error| desk.failed("the token can't be identified", error);
    find_token(&desk.cluster, given).await.map_err(failed)
}

/// One part of several: that it can't be had takes no other with it.
fn part<T>(desk: &Desk, what: &str, answer: Result<T, Error>) -> Result<Part<T>, Stop> {
    Part::of(answer).map_err(|error| desk.failed(what, error))
}

/// What a user may do that could be granted to a successor, if that can be had.
pub async fn rights_if_any(desk: &Desk, user: UserUuid) -> Result<Part<Vec<Right>>, Stop> {
    part(desk, "the permissions can't be listed", rights::of_user(&desk.cluster, user).await)
}

/// A user's VM logins, if they can be had.
pub async fn logins_if_any(desk: &Desk, user: UserUuid) -> Result<Part<LoginList>, Stop> {
    let logins = read::logins(&desk.cluster, LoginsOf::User(user)).await;
    part(desk, "the VM logins can't be listed", logins)
}

/// A user's tokens, if they can be had; `None` for whoever may not see them.
pub async fn tokens_if_any(desk: &Desk, user: UserUuid) -> Result<Option<Part<TokenList>>, Stop> {
    match read::tokens(&desk.cluster, user).await {
        Err(error) if error.kind() == ErrorKind::Forbidden => Ok(None),
        answer => part(desk, "the tokens can't be listed", answer).map(Some),
    }
}

/// VM logins.
pub async fn logins(desk: &Desk, of: LoginsOf) -> Result<LoginList, Stop> {
    let failed = |error| desk.failed("the VM logins can't be listed", error);
    read::logins(&desk.cluster, of).await.map_err(failed)
}
