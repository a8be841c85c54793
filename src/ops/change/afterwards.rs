//! Looks at all that steps left to be looked at, all of a sort at once.

use crate::ops::change::accounts::{ending, set_up, standing};
use crate::ops::change::logins::write;
use crate::ops::change::tokens::{check, revoke_all};
use crate::ops::engine::{Bench, Check};

/// Looks at all that was left to be looked at. What is not as wanted is corrected, and what could not be
/// looked at is told.
pub(in crate::ops) async fn all(bench: &Bench<'_>) {
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
    Box::pin(ending::check(bench, &ended)).await;
    standing::check_accounts(bench, &accounts).await;
    set_up::check_logins(bench, &made).await;
    write::check(bench, &changed).await;
    Box::pin(revoke_all::check(bench, swept)).await;
    Box::pin(check::check(bench, &tokens)).await;
}
