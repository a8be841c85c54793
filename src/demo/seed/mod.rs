//! With what the demo cluster starts: a believable institute that has been there since 2019, and is
//! the same every time. The seed writes rows and audit records directly; it obeys the server's rules
//! where the server would have, and knows nothing of requests.

mod crowd;
mod data;
mod groups;
mod history;
mod names;
mod people;
mod shells;
#[cfg(test)]
mod tests;
mod tokens;
mod work;

use super::record::{Group, Link, User};
use super::store::{Store, Stored};
use super::uuid::{Kind, Uuid};
use crate::demo::moment::Moment;
use data::Data;
use history::History;

/// Up to so many people have a whole life; who comes after them is one of a crowd.
const WITH_A_LIFE: usize = 250;
const SEED: u64 = 0x5eed_ed00_2019;
const ADMIN: &str = "ada";
const ADMIN_TOKEN: &str = "ada0demo7q2k9xw";

/// Whom the demo's user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeded {
    pub admin: Uuid,
    /// The admin's token with which `--demo` works.
    pub admin_token: Uuid,
}

/// Fills a new store with an institute of `users` people (the system's own two users not counted, and
/// never fewer than the named ones), as it is at the time of the store's clock.
pub fn institute(store: &mut Store, users: usize) -> Seeded {
    let now = store.clock.now();
    let data = Data::read();
    let mut history = History::new(store, now, SEED);
    let founded = history.ago(data.institute.founded_days_ago);
    backdate::<User>(history.store, founded);
    backdate::<Group>(history.store, founded);
    backdate::<Link>(history.store, founded);
    history.set_up_vms(&data);
    for person in &data.people {
        for name in [&person.username, &person.email].into_iter().flatten() {
            history.names.take(name);
        }
    }
    let mut named = data.people.iter();
    let mut admin = Uuid::system_user();
    let mut roles = Vec::new();
    if let Some(first) = named.next() {
        // The groups need somebody who made them, and their maker is in some of them.
        admin = history.live(&data, &[], first);
        roles = history.found_groups(&data, admin);
    }
    for person in named {
        history.live(&data, &roles, person);
    }
    let made_up = users.saturating_sub(data.people.len());
    let with_a_life = made_up.min(WITH_A_LIFE.saturating_sub(data.people.len()));
    for _ in 0..with_a_life {
        let person = history.person_by_chance(&data);
        history.live(&data, &roles, &person);
    }
    history.add_crowd(&data, &roles, made_up - with_a_life);
    history.close();
    Seeded {
        admin: store.user_named(ADMIN).map_or(admin, |user| user.common.uuid),
        admin_token: Uuid::own(Kind::Token, ADMIN_TOKEN),
    }
}

/// What every cluster has is as old as the cluster.
fn backdate<R: Stored>(store: &mut Store, at: Moment) {
    let rows: Vec<R> = R::table(store).iter().map(|row| R::clone(row)).collect();
    for mut row in rows {
        row.common_mut().created_at = at;
        row.common_mut().modified_at = at;
        store.put(row);
    }
}
