//! The list of users: how it is read, what is shown of it, its cursor and marks.

use crate::app::cursor::{Cursor, Motion};
use crate::app::effect::{Effect, TaskId};
use crate::app::listing::{Listing, Terms};
use crate::app::message::Edit;
use crate::app::overlay::field::{Edited, TextField};
use crate::app::picks::Marking;
use crate::app::selection::{Chosen, ChosenBy, ChosenUsers, Selection};
use crate::app::sort::Sort;
use crate::app::tasks::Tasks;
use crate::app::user_table::{Place, UserTable};
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
    cursor: Cursor<UserUuid>,
    /// On whom the cursor was put by hand: it comes back there when the filter allows. Until then it stays
    /// in the first row, whoever arrives there.
    anchor: Option<UserUuid>,
    marks: Selection<UserUuid>,
    hidden_marks: usize,
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
            cursor: Cursor::default(),
            anchor: None,
            marks: Selection::default(),
            hidden_marks: 0,
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
        self.table.everyone()
    }

    /// A user that is known.
    pub fn get(&self, uuid: UserUuid) -> Option<&User> {
        self.table.get(uuid)
    }

    /// The cursor.
    pub fn cursor(&self) -> &Cursor<UserUuid> {
        &self.cursor
    }

    /// The marks.
    pub fn marks(&self) -> &Selection<UserUuid> {
        &self.marks
    }

    /// How many marked users the filter hides.
    pub fn hidden_marks(&self) -> usize {
        self.hidden_marks
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
        if self.marks.is_empty() {
            return Chosen::under_cursor(self.cursor.id());
        }
        let marked = self.everyone().map(|user| user.uuid).filter(|&uuid| self.marks.is_marked(uuid));
        let (mut ids, shown): (Vec<_>, Vec<_>) = marked.partition(|&uuid| !self.table.is_shown(uuid));
        let hidden = ids.len();
        ids.extend(shown);
        Chosen { ids, hidden, source: ChosenBy::Marks }
    }

    /// The same, in no order.
    pub(super) fn each_chosen(&self) -> impl Iterator<Item = UserUuid> + '_ {
        let cursor = self.cursor.id().filter(|_| self.marks.is_empty());
        self.marks.iter().chain(cursor)
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
        Brought { lost_marks: self.drop_marks(), ..Brought::default() }
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
        self.drop_marks()
    }

    fn drop_marks(&mut self) -> usize {
        let table = &self.table;
        self.marks.retain(|uuid| table.get(uuid).is_some())
    }

    /// The user has begun to work with the list: from now on the cursor stays on its row's user.
    pub(super) fn hold(&mut self) {
        let in_rows = self.input == UsersInput::Rows;
        if self.anchor.is_none_or(|anchor| in_rows && !self.table.is_shown(anchor)) {
            self.anchor = self.cursor.id().or(self.anchor);
        }
    }

    /// Moves the cursor.
    pub(super) fn go(&mut self, motion: Motion, height: usize) {
        let index = motion.apply(self.cursor.index(), self.table.shown_len(), height);
        self.anchor = self.table.id_at(index);
        self.cursor.put(self.anchor, index, self.table.shown_len(), height);
    }

    /// Puts the cursor on a user, taking the filter away if it hides the user. Whether the user is known.
    pub(super) fn go_to(&mut self, uuid: UserUuid, height: usize) -> bool {
        if self.table.get(uuid).is_none() {
            return false;
        }
        if !self.table.is_shown(uuid) {
            self.clear_filter(height);
        }
        self.anchor = Some(uuid);
        self.reflow(height);
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
        match (marking, self.cursor.id()) {
            (Marking::All, _) => self.marks.mark_all(self.table.shown().map(|user| user.uuid)),
            (Marking::Invert, _) => self.marks.invert(self.table.shown().map(|user| user.uuid)),
            (Marking::One, Some(id)) => {
                self.marks.toggle(id);
                self.go(Motion::Down, height);
            }
            (Marking::Range, Some(id)) => {
                let here = self.cursor.index();
                let start = match self.marks.range_start().and_then(|start| self.table.place_of(start)) {
                    Some(Place::At(start)) => start,
                    Some(Place::Before(_)) | None => here,
                };
                let (from, to) = (start.min(here), start.max(here));
                self.marks.mark_range(self.table.window(from, to - from + 1).map(|user| user.uuid), id);
            }
            (Marking::One | Marking::Range, None) => {}
        }
    }

    /// Takes the marks of these away: what they were made for is done.
    pub(super) fn unmark(&mut self, done: &BTreeSet<UserUuid>, height: usize) {
        self.marks.retain(|uuid| !done.contains(&uuid));
        self.reflow(height);
    }

    /// Takes all marks away. Whether there were any.
    pub(super) fn clear_marks(&mut self) -> bool {
        let any = !self.marks.is_empty();
        self.marks.clear();
        self.hidden_marks = 0;
        any
    }

    /// The rows or their order changed: the cursor finds its user again.
    pub(super) fn reflow(&mut self, height: usize) {
        let len = self.table.shown_len();
        let last = len.saturating_sub(1);
        let index = match self.anchor.map(|anchor| self.table.place_of(anchor)) {
            Some(Some(Place::At(index) | Place::Before(index))) => index.min(last),
            // The user is gone: on to whoever is there now.
            Some(None) => {
                let index = self.cursor.index().min(last);
                self.anchor = self.table.id_at(index);
                index
            }
            None => 0,
        };
        self.cursor.carry(self.table.id_at(index), index, len, height);
        self.hidden_marks = if self.marks.len() <= len {
            self.marks.iter().filter(|&uuid| !self.table.is_shown(uuid)).count()
        } else {
            let shown = self.table.shown().filter(|user| self.marks.is_marked(user.uuid)).count();
            self.marks.len() - shown
        };
    }
}
