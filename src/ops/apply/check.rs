//! What is looked at when some steps are over, for all of them at once: whether what the server said yes to
//! is so. Until then a step counts as done by the server's word.

use super::bench::Bench;
use super::leave::{self, Had};
use super::logins::{self, Wanted};
use super::revoke_all::{self, Sweep};
use super::token_check::{self as token, TokenCheck};
use super::users::{self, Account};
use crate::model::ids::UserUuid;
use crate::ops::logins::Key;
use crate::ops::step::{Step, Via};

/// What a step left to be looked at.
#[derive(Debug)]
pub(super) enum Check {
    /// An account was ended, of a user who had this.
    Ended(Had),
    /// An account's status or role was changed.
    Account { user: UserUuid, wanted: Account },
    /// A user was set up with this login.
    LoginMade(Key),
    /// A login was changed.
    Login { login: Key, wanted: Wanted },
    /// All that a user had was revoked with the token in use.
    Swept(Sweep),
    /// A token was revoked, or its end was changed.
    Token(TokenCheck),
}

/// Whether a step's helper is needed for the look afterwards.
pub(super) fn needs_helper(step: &Step) -> bool {
    matches!(step, Step::RevokeToken { via: Via::Helper, .. } | Step::ChangeExpiry { via: Via::Helper, .. })
}

/// Looks at all that was left to be looked at. What is not as wanted is corrected, and what could not be
/// looked at is told.
pub(super) async fn all(bench: &Bench<'_>) {
    let (mut ended, mut accounts, mut made) = (Vec::new(), Vec::new(), Vec::new());
    let (mut changed, mut swept, mut tokens) = (Vec::new(), Vec::new(), Vec::new());
    for (place, check) in bench.take_checks() {
        match check {
            Check::Ended(had) => ended.push((place, had)),
            Check::Account { user, wanted } => accounts.push((place, user, wanted)),
            Check::LoginMade(login) => made.push((place, login)),
            Check::Login { login, wanted } => changed.push((place, login, wanted)),
            Check::Swept(sweep) => swept.push(sweep),
            Check::Token(check) => tokens.push((place, check)),
        }
    }
    Box::pin(leave::check(bench, &ended)).await;
    users::check_accounts(bench, &accounts).await;
    users::check_logins(bench, &made).await;
    logins::check(bench, &changed).await;
    Box::pin(revoke_all::check(bench, swept)).await;
    Box::pin(token::check(bench, &tokens)).await;
}
