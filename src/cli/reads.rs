//! The reads that the screen makes too, with their outcomes unwrapped.

use super::connect::Desk;
use super::exit::Stop;
use crate::model::ids::UserUuid;
use crate::model::token::TokenList;
use crate::model::user_page::UserPage;
use crate::ops::find_token::{Found, Given};
use crate::ops::read::{LoginList, Outcome, Read, SearchedUsers};
use crate::ops::rights::Right;
use crate::ops::summary::Summary;

macro_rules! read {
    ($desk:expr, $what:expr, $read:expr, $outcome:ident) => {
        match $read.run(&$desk.cluster).await {
            Ok(Outcome::$outcome(found)) => Ok(found),
            Ok(_) => Err(Stop::usage("the answer is of another kind than the question")),
            Err(error) => Err($desk.failed($what, &error)),
        }
    };
}

/// One page of all users.
pub async fn users(desk: &Desk, page: UserPage) -> Result<SearchedUsers, Stop> {
    read!(desk, "the users can't be listed", Read::Users(page), Users)
}

/// What matters of a user.
pub async fn summary(desk: &Desk, user: UserUuid) -> Result<Summary, Stop> {
    read!(desk, "the user can't be shown", Read::Summary(user), Summary).map(|summary| *summary)
}

/// A user's tokens.
pub async fn tokens(desk: &Desk, user: UserUuid) -> Result<TokenList, Stop> {
    read!(desk, "the tokens can't be listed", Read::Tokens(user), Tokens)
}

/// Whose a token is.
pub async fn find(desk: &Desk, given: Given) -> Result<Found, Stop> {
    read!(desk, "the token can't be identified", Read::FindToken(given), Found).map(|found| *found)
}

/// What a user may do that could be granted to a successor.
pub async fn rights(desk: &Desk, user: UserUuid) -> Result<Vec<Right>, Stop> {
    read!(desk, "the permissions can't be listed", Read::Rights(user), Rights)
}

/// VM logins.
pub async fn logins(desk: &Desk, read: Read) -> Result<LoginList, Stop> {
    read!(desk, "the VM logins can't be listed", read, Logins)
}
