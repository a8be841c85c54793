//! The list of users: how it is read, what is shown of it, its cursor and marks.

use crate::app::cursor::{Cursor, Motion};
use crate::app::effect::{Effect, TaskId};
use crate::app::list::{Marking, Picks, Rows};
use crate::app::listing::{Listing, Terms};
use crate::app::message::Edit;
use crate::app::overlay::field::{Edited, TextField};
use crate::app::selection::{ChosenUsers, Selection};
use crate::app::sort::Sort;
use crate::app::tasks::Tasks;
use crate::app::user_table::UserTable;
use crate::model::ids::UserUuid;
use crate::model::user::User;
use crate::model::user_filter::{SearchedUser, UserFilter};
use crate::ops::failure::Failure;
use crate::ops::read::{Read, SearchedUsers};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashSet};

/// How long a reading that was halted may go on where it was.
const OUTDATED: SignedDuration = SignedDuration::from_mins(5);

/// The list of users.
#[derive(Debug)]
pub struct UsersPane {
    table: UserTable,
    picks: Picks<UserUuid>,
    input: UsersInput,
    field: TextField,
    reading: Option<Reading>,
    error: Option<Failure>,
    as_of: Option<Timestamp>,
    unread: usize,
    again: Vec<(TaskId, Vec<UserUuid>)>,
}

impl Default for UsersPane {
    fn default() -> Self {
        Self {
            table: UserTable::new(None),
            picks: Picks::default(),
            input: UsersInput::default(),
            field: TextField::default(),
            reading: None,
            error: None,
            as_of: None,
            unread: 0,
            again: Vec::new(),
        }
    }
}

/// What of the pane has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UsersInput {
    /// The rows.
    #[default]
    Rows,
    /// The filter, which is being typed.
    Filter,
}

/// A reading of all users under way, or halted by a failure.
#[derive(Debug)]
struct Reading {
    listing: Listing,
    begun: Timestamp,
    so_far: usize,
    unread: usize,
    into: Target,
    /// Users read again meanwhile, because something changed them: newer than any page asked for before.
    overruled: HashSet<UserUuid>,
    /// Why users that something changed meanwhile could not be read again.
    missed: Option<Failure>,
}

/// Where the pages go.
#[derive(Debug)]
enum Target {
    /// Into the rows at once: the list was never whole.
    Rows,
    /// Aside, until they are whole: only then the rows become what they say.
    Aside(Aside),
}

/// What the pages of a list say that is read again. Rows that are as they were are not kept twice: of a
/// hundred thousand that would be most of the memory.
#[derive(Debug, Default)]
struct Aside {
    /// Everyone who is there.
    there: HashSet<UserUuid>,
    /// Those who are new, or not as they were.
    changed: Vec<SearchedUser>,
}

/// How far the list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load<'a> {
    /// Nothing was asked for yet.
    Untouched,
    /// The list fills; so many came so far.
    Filling(usize),
    /// It is whole, and read again; so many came so far.
    Refreshing(usize),
    /// It is whole.
    Whole,
    /// It is not whole, because a page could not be read.
    Incomplete(&'a Failure),
    /// It is whole, but could not be read again.
    NotRefreshed(&'a Failure),
}

/// What a page or a second look brought.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Brought {
    pub effects: Vec<Effect>,
    pub failure: Option<Failure>,
    /// How many marked users are no longer there.
    pub lost_marks: usize,
}

impl UsersPane {
    /// All users, sorted and filtered.
    pub fn table(&self) -> &UserTable {
        &self.table
    }

    /// Everyone that is known, filtered away or not.
    pub fn everyone(&self) -> impl Iterator<Item = &User> {
        self.table.users()
    }

    /// A user that is known.
    pub fn get(&self, uuid: UserUuid) -> Option<&User> {
        self.table.get(uuid)
    }

    /// The cursor.
    pub fn cursor(&self) -> &Cursor<UserUuid> {
        self.picks.cursor()
    }

    /// The marks.
    pub fn marks(&self) -> &Selection<UserUuid> {
        self.picks.marks()
    }

    /// How many marked users the filter hides.
    pub fn hidden_marks(&self) -> usize {
        self.picks.hidden()
    }

    /// What of it has the keyboard.
    pub fn input(&self) -> UsersInput {
        self.input
    }

    /// The filter as it is typed.
    pub fn filter_field(&self) -> &TextField {
        &self.field
    }

    /// How many users there are that can't be shown, because their UUIDs can't be read.
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// When the list was read, if it was whole once.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// How far it is read.
    pub fn load(&self) -> Load<'_> {
        match (&self.reading, &self.error) {
            (Some(Reading { into: Target::Rows, .. }), Some(error)) => Load::Incomplete(error),
            (Some(Reading { into: Target::Rows, so_far, .. }), None) => Load::Filling(*so_far),
            (Some(Reading { into: Target::Aside(_), so_far, .. }), None) => Load::Refreshing(*so_far),
            (Some(Reading { into: Target::Aside(_), .. }) | None, Some(error)) => Load::NotRefreshed(error),
            (None, None) if self.as_of.is_some() => Load::Whole,
            (None, None) => Load::Untouched,
        }
    }

    /// Whether it has rows, and more of them are on their way.
    pub fn grows(&self) -> bool {
        matches!(self.load(), Load::Filling(_) | Load::Refreshing(_)) && !self.table.is_empty()
    }

    /// Whom an action is about: the marked users, those that the filter hides first; else the one under the
    /// cursor.
    pub fn chosen(&self) -> ChosenUsers {
        self.picks.chosen(&self.table)
    }

    /// The same, in no order.
    pub(super) fn each_chosen(&self) -> impl Iterator<Item = UserUuid> + '_ {
        self.picks.each_chosen()
    }

    /// Reads the list: the first time, again, or on from where it failed.
    pub(super) fn read(&mut self, terms: Terms, tasks: &mut Tasks, now: Timestamp) -> Vec<Effect> {
        let is_outdated = |reading: &mut Reading| {
            matches!(reading.into, Target::Aside(_)) && now.duration_since(reading.begun) > OUTDATED
        };
        if self.error.is_some() {
            // What its first pages say is no news any more: from the start.
            self.reading.take_if(is_outdated);
        }
        match (&mut self.reading, self.error.take()) {
            (Some(_), None) => Vec::new(),
            (Some(halted), Some(_)) => halted.listing.resume(tasks),
            (None, _) => {
                self.table.set_here(terms.cluster);
                let (listing, effect) = Listing::begin(terms, tasks);
                let into = match self.as_of {
                    None => Target::Rows,
                    Some(_) => Target::Aside(Aside::default()),
                };
                let overruled = HashSet::new();
                self.reading = Some(Reading {
                    listing,
                    begun: now,
                    so_far: 0,
                    unread: 0,
                    into,
                    overruled,
                    missed: None,
                });
                vec![effect]
            }
        }
    }

    /// Reads these users again, because something changed them.
    pub(super) fn read_again(&mut self, users: Vec<UserUuid>, tasks: &mut Tasks) -> Option<Effect> {
        if users.is_empty() {
            return None;
        }
        let (task, effect) = tasks.fetch(Read::UsersAgain(users.clone()));
        // Of these, an answer that was asked for before may not come over the newer one.
        let newer: HashSet<UserUuid> = users.iter().copied().collect();
        for (_, asked) in &mut self.again {
            asked.retain(|user| !newer.contains(user));
        }
        self.again.push((task, users));
        Some(effect)
    }

    /// Whether the answer of this task is for the list.
    pub fn awaits(&self, task: TaskId) -> bool {
        self.reading.as_ref().is_some_and(|reading| reading.listing.awaits(task))
            || self.again.iter().any(|(again, _)| *again == task)
    }

    /// Takes an answer.
    pub(super) fn answered(
        &mut self,
        task: TaskId,
        answer: Result<SearchedUsers, Failure>,
        tasks: &mut Tasks,
        height: usize,
    ) -> Brought {
        let brought = if let Some(at) = self.again.iter().position(|(again, _)| *again == task) {
            let (_, asked) = self.again.remove(at);
            self.take_again(&asked, answer)
        } else {
            self.take_page(task, answer, tasks)
        };
        self.reflow(height);
        brought
    }

    fn take_again(&mut self, asked: &[UserUuid], answer: Result<SearchedUsers, Failure>) -> Brought {
        let mut users = match answer {
            Ok(users) => users.rows,
            Err(_) if asked.is_empty() => return Brought::default(),
            Err(failure) => {
                // They were changed, and what is shown of them is what was so before.
                let stale = Some(failure.clone());
                match &mut self.reading {
                    Some(reading) => reading.missed = stale,
                    None => self.error = stale,
                }
                return Brought { failure: Some(failure), ..Brought::default() };
            }
        };
        let wanted: HashSet<UserUuid> = asked.iter().copied().collect();
        users.retain(|row| wanted.contains(&row.user.uuid));
        let there: HashSet<UserUuid> = users.iter().map(|row| row.user.uuid).collect();
        let gone: Vec<UserUuid> = asked.iter().copied().filter(|uuid| !there.contains(uuid)).collect();
        if let Some(reading) = &mut self.reading {
            reading.overruled.extend(wanted);
        }
        self.table.put(users);
        self.table.remove(&gone);
        Brought { lost_marks: self.picks.drop_marks(&self.table), ..Brought::default() }
    }

    fn take_page(
        &mut self,
        task: TaskId,
        answer: Result<SearchedUsers, Failure>,
        tasks: &mut Tasks,
    ) -> Brought {
        let Some(reading) = &mut self.reading else { return Brought::default() };
        let (mut page, unread) = match answer {
            Ok(page) => (page.rows, page.unread),
            Err(failure) => {
                let effects = reading.listing.halt();
                let effects = effects.into_iter().filter(|cancel| *cancel != Effect::Cancel(task)).collect();
                self.error = Some(failure.clone());
                return Brought { effects, failure: Some(failure), lost_marks: 0 };
            }
        };
        let last = page.last().map(|row| row.user.uuid);
        let effects = reading.listing.answered(task, last, page.len() + unread, tasks);
        reading.unread += unread;
        reading.so_far += page.len();
        page.retain(|row| !reading.overruled.contains(&row.user.uuid));
        match &mut reading.into {
            Target::Rows => self.table.put(page),
            Target::Aside(aside) => {
                aside.there.extend(page.iter().map(|row| row.user.uuid));
                page.retain(|row| self.table.get(row.user.uuid) != Some(&row.user));
                aside.changed.append(&mut page);
            }
        }
        let lost_marks = if reading.listing.is_done() { self.finish() } else { 0 };
        Brought { effects, failure: None, lost_marks }
    }

    /// All pages are there.
    fn finish(&mut self) -> usize {
        let Some(reading) = self.reading.take() else { return 0 };
        self.as_of = Some(reading.begun);
        self.unread = reading.unread;
        self.error = reading.missed;
        if let Target::Aside(Aside { there, mut changed }) = reading.into {
            // Who was read again meanwhile is in the rows already, or taken out of them.
            let newer = |uuid: &UserUuid| reading.overruled.contains(uuid);
            changed.retain(|row| !newer(&row.user.uuid));
            let is_gone = |uuid: &UserUuid| !there.contains(uuid) && !newer(uuid);
            let gone: Vec<UserUuid> = self.everyone().map(|user| user.uuid).filter(is_gone).collect();
            self.table.remove(&gone);
            self.table.put(changed);
        }
        self.picks.drop_marks(&self.table)
    }

    /// The user has begun to work with the list: from now on the cursor stays on its row's user.
    pub(super) fn hold(&mut self) {
        match self.input {
            UsersInput::Rows => self.picks.hold(&self.table),
            UsersInput::Filter => self.picks.begin(),
        }
    }

    /// Moves the cursor.
    pub(super) fn go(&mut self, motion: Motion, height: usize) {
        self.picks.go(motion, &self.table, height);
    }

    /// Puts the cursor on a user, taking the filter away if it hides the user. Whether the user is known.
    pub(super) fn go_to(&mut self, uuid: UserUuid, height: usize) -> bool {
        if self.table.get(uuid).is_none() {
            return false;
        }
        if !self.table.is_shown(uuid) {
            self.clear_filter(height);
        }
        self.picks.go_to(uuid, &self.table, height);
        true
    }

    /// Sorts anew; the cursor stays on its user.
    pub(super) fn sort(&mut self, sort: Sort, height: usize) {
        self.table.set_sort(sort);
        self.reflow(height);
    }

    /// Begins to type the filter.
    pub(super) fn begin_filter(&mut self) {
        self.input = UsersInput::Filter;
    }

    /// Leaves the filter as it is, and stays with the user under the cursor.
    pub(super) fn end_filter(&mut self) {
        self.input = UsersInput::Rows;
        self.hold();
    }

    /// Takes the filter away. Whether there was one.
    pub(super) fn clear_filter(&mut self, height: usize) -> bool {
        let typing = std::mem::take(&mut self.input) == UsersInput::Filter;
        let was_filtered = !self.field.text().is_empty();
        self.field = TextField::default();
        self.table.set_filter(UserFilter::default());
        self.reflow(height);
        was_filtered || typing
    }

    /// Types in the filter.
    pub(super) fn edit(&mut self, edit: &Edit, height: usize) {
        if self.input == UsersInput::Filter && self.field.edit(edit) == Edited::Text {
            self.table.set_filter(UserFilter::parse(self.field.text()));
            self.reflow(height);
        }
    }

    /// Marks rows.
    pub(super) fn mark(&mut self, marking: Marking, height: usize) {
        self.picks.mark(marking, &self.table, height);
    }

    /// Takes the marks of these away: what they were made for is done.
    pub(super) fn unmark(&mut self, done: &BTreeSet<UserUuid>, height: usize) {
        self.picks.unmark(|uuid| done.contains(&uuid));
        self.reflow(height);
    }

    /// Takes all marks away. Whether there were any.
    pub(super) fn clear_marks(&mut self) -> bool {
        let any = !self.marks().is_empty();
        self.picks.clear();
        any
    }

    /// The rows or their order changed: the cursor finds its user again.
    pub(super) fn reflow(&mut self, height: usize) {
        self.picks.reflow(&self.table, height);
    }
}
