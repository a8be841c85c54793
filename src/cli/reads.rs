//! The reads that the screen makes too, with their outcomes unwrapped.

use super::connect::Desk;
use super::exit::Stop;
use crate::model::ids::UserUuid;
use crate::model::token::TokenList;
use crate::model::user_page::UserPage;
use crate::ops::failure::ErrorKind;
use crate::ops::find_token::{Found, Given};
use crate::ops::read::{LoginList, Outcome, Read, SearchedUsers};
use crate::ops::rights::Right;
use crate::ops::summary::{Part, Summary};

macro_rules! read {
    ($desk:expr, $what:expr, $read:expr, $outcome:ident) => {
        match $read.run(&$desk.cluster).await {
            Ok(Outcome::$outcome(found)) => Ok(found),
            Ok(_) => Err(Stop::usage("the answer is of another kind than the question")),
            Err(error) => Err($desk.failed($what, error)),
        }
    };
}

/// One part of several: that it can't be had takes no other with it.
macro_rules! part {
    ($desk:expr, $what:expr, $answer:expr, $outcome:ident, answered) => {
        match Part::of($answer) {
            Ok(Part::Is(Outcome::$outcome(found))) => Ok(Part::Is(found)),
            Ok(Part::NotKnown(why)) => Ok(Part::NotKnown(why)),
            Ok(Part::Is(_)) => Err(Stop::usage("the answer is of another kind than the question")),
            Err(error) => Err($desk.failed($what, error)),
        }
    };
    ($desk:expr, $what:expr, $read:expr, $outcome:ident) => {
        part!($desk, $what, $read.run(&$desk.cluster).await, $outcome, answered)
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

/// What a user may do that could be granted to a successor, if that can be had.
pub async fn rights_if_any(desk: &Desk, user: UserUuid) -> Result<Part<Vec<Right>>, Stop> {
    part!(desk, "the permissions can't be listed", Read::Rights(user), Rights)
}

/// A user's VM logins, if they can be had.
pub async fn logins_if_any(desk: &Desk, user: UserUuid) -> Result<Part<LoginList>, Stop> {
    part!(desk, "the VM logins can't be listed", Read::Logins(user), Logins)
}

/// A user's tokens, if they can be had; `None` for whoever may not see them.
pub async fn tokens_if_any(desk: &Desk, user: UserUuid) -> Result<Option<Part<TokenList>>, Stop> {
    match Read::Tokens(user).run(&desk.cluster).await {
        Err(error) if error.kind() == ErrorKind::Forbidden => Ok(None),
        answer => part!(desk, "the tokens can't be listed", answer, Tokens, answered).map(Some),
    }
}

/// VM logins.
pub async fn logins(desk: &Desk, read: Read) -> Result<LoginList, Stop> {
    read!(desk, "the VM logins can't be listed", read, Logins)
}
