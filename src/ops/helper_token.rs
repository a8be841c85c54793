//! Helper tokens as they are asked for: what they may do, and how long they live at most, by which a later start knows
//! those that were left.

use crate::arvados::request::{Blank, Request};
use crate::model::ids::UserUuid;
use crate::model::token::Scopes;
use jiff::SignedDuration;

/// What a step needs a helper for.
#[derive(Debug, Clone, Copy)]
pub(super) struct HelperNeed {
    /// Whose it is to be, as far as known.
    pub owner: UserUuid,
    /// What it must be allowed to do.
    pub scopes: &'static str,
}

/// How much later than asked it may end, by the rounding of either side.
pub const SLACK: SignedDuration = SignedDuration::from_secs(1);

/// To see and delete its owner's tokens: nothing else (api.md v4).
pub const LIST_AND_DELETE: &str =
    "GET /arvados/v1/api_client_authorizations, DELETE /arvados/v1/api_client_authorizations/";

/// To change when they end as well.
pub const AND_CHANGE: &str = "GET /arvados/v1/api_client_authorizations, \
    DELETE /arvados/v1/api_client_authorizations/, PUT /arvados/v1/api_client_authorizations/";

/// One of these. Where it could not be read as scopes the helper might do nothing, never more.
pub fn scopes(of_helpers: &str) -> Scopes {
    of_helpers.parse().unwrap_or(Scopes::Only(Vec::new()))
}

pub fn same(one: &Scopes, other: &Scopes) -> bool {
    let sorted = |scopes: &Scopes| {
        let mut texts: Vec<String> = scopes.to_wire().into_iter().map(str::to_owned).collect();
        texts.sort_unstable();
        texts
    };
    sorted(one) == sorted(other)
}

/// A helper token is made first (api.md v4).
pub(super) fn make_helper(need: &HelperNeed) -> Request {
    Request::issue_token(need.owner, Blank::Open("<in some minutes>"), &scopes(need.scopes))
        .meant("make a helper token for the owner, for the next requests")
}

pub(super) fn delete_helper() -> Request {
    Request::delete_token(Blank::Open("<helper>")).meant("delete the helper, last")
}
