//! What is said of the names of those whom a change is about, where a name is not what it seems: whoever answers
//! must not take one user for another.

use super::intent::Intent;
use super::plan::{Names, Note};
use crate::model::ids::UserUuid;
use crate::model::likeness::{Look, Outline, Outlines};
use crate::model::text::{listed, named};
use crate::model::user::User;
use std::collections::BTreeSet;

/// What a plan says of the names of its users, among those that it knows of.
pub(super) fn notes(intent: &Intent, names: &Names) -> Vec<Note> {
    let mut outlines = Outlines::default();
    for user in names.users.values() {
        outlines.add(Outline::of(user), user);
    }
    let about: BTreeSet<UserUuid> =
        intent.users().into_iter().chain(names.owners.values().copied()).collect();
    let about: Vec<&User> = about.iter().filter_map(|uuid| names.users.get(uuid)).collect();
    let are = |is: &dyn Fn(&User) -> bool| about.iter().copied().filter(|user| is(user)).collect::<Vec<_>>();
    let mixed = are(&|user| Look::of(user) == Look::Mixed);
    let looks = |look: Look| are(&|user| outlines.look(Outline::of(user), user) == look);
    let notes = [mixed_up(&mixed), alike_names(&looks(Look::Alike)), namesakes(&looks(Look::Namesake))];
    notes.into_iter().flatten().collect()
}

/// Of users whose names have letters of several alphabets.
fn mixed_up(users: &[&User]) -> Option<Note> {
    said(users, "letters of several alphabets in one word of a name or e-mail, which may look like another's")
}

/// Of users whose names look like others'.
pub fn alike_names(users: &[&User]) -> Option<Note> {
    said(users, "a name that looks like another user's and is written otherwise")
}

/// Of users whose names others have as well.
pub fn namesakes(users: &[&User]) -> Option<Note> {
    said(users, "a name that another user has as well")
}

fn said(users: &[&User], what: &str) -> Option<Note> {
    let has = if users.len() == 1 { "has" } else { "have" };
    let who: Vec<String> = users.iter().map(|user| account(user)).collect();
    (!users.is_empty())
        .then(|| Note::warning(format!("{} {has} {what}: go by username and UUID.", listed(&who))))
}

fn account(user: &User) -> String {
    if user.username.is_empty() {
        return user.uuid.to_string();
    }
    format!("{} ({})", named(&user.username), user.uuid)
}
