//! All users that are known, sorted and filtered: kept so, not made so for every look. A page of a thousand
//! is merged into a hundred thousand, and a filter that is typed on looks only at what it still shows.

use crate::app::list::{Place, Rows};
use crate::app::sort::Sort;
use crate::model::ids::{ClusterId, UserUuid};
use crate::model::likeness::{Look, Outlines};
use crate::model::user::User;
use crate::model::user_filter::{SearchedUser, UserFilter};
use hashbrown::HashTable;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// All users that are known, sorted and filtered.
#[derive(Debug)]
pub struct UserTable {
    rows: Vec<SearchedUser>,
    /// Each row's rank in the order in use, beside the rows: most comparisons look at nothing else.
    ranks: Vec<u128>,
    /// The rows by their UUIDs, which are looked at in the rows: kept here once more, those of a hundred thousand
    /// would take megabytes.
    places: HashTable<Known>,
    hashing: RandomState,
    outlines: Outlines,
    /// All rows, sorted.
    order: Vec<u32>,
    /// Those that the filter lets through, sorted.
    shown: Vec<u32>,
    sort: Sort,
    filter: UserFilter,
    here: Option<ClusterId>,
}

/// A row that is found by its UUID, with what that hashes to: a table that grows looks at no row for it.
#[derive(Debug, Clone, Copy)]
struct Known {
    place: u32,
    hash: u32,
}

impl Known {
    /// As the table wants it, which looks at both ends.
    fn hash(self) -> u64 {
        u64::from(self.hash) << 32 | u64::from(self.hash)
    }
}

/// A row's number. There are never four thousand million.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

impl UserTable {
    /// Nobody yet; at this cluster, once it is known.
    pub fn new(here: Option<ClusterId>) -> Self {
        Self {
            rows: Vec::new(),
            ranks: Vec::new(),
            places: HashTable::new(),
            hashing: RandomState::new(),
            outlines: Outlines::default(),
            order: Vec::new(),
            shown: Vec::new(),
            sort: Sort::default(),
            filter: UserFilter::default(),
            here,
        }
    }

    /// How many are known.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The user in this row of what is shown.
    pub fn at(&self, index: usize) -> Option<&User> {
        self.shown.get(index).map(|&place| &self.rows[place as usize].user)
    }

    /// What is shown, from row `top`, at most `height` rows.
    pub fn window(&self, top: usize, height: usize) -> impl Iterator<Item = &User> {
        self.shown.iter().skip(top).take(height).map(|&place| &self.rows[place as usize].user)
    }

    /// All that is shown.
    pub fn shown(&self) -> impl DoubleEndedIterator<Item = &User> {
        self.shown.iter().map(|&place| &self.rows[place as usize].user)
    }

    /// Everyone, sorted, filtered away or not.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.order.iter().map(|&place| &self.rows[place as usize].user)
    }

    /// A user that is known.
    pub fn get(&self, uuid: UserUuid) -> Option<&User> {
        self.row(uuid).map(|row| &row.user)
    }

    /// What is to be known of a user's name: whether it looks like that of anybody who is known.
    pub fn look(&self, user: &User) -> Look {
        let row = self.row(user.uuid);
        let among_all = row.map_or(Look::Plain, |row| self.outlines.look(row.text.outline(), &row.user));
        // The worse of both is said.
        among_all.max(Look::of(user))
    }

    /// What it is sorted by.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// What it is filtered by.
    pub fn filter(&self) -> &UserFilter {
        &self.filter
    }

    /// Sorts it anew.
    pub fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
        self.resort();
    }

    /// Filters it anew.
    pub fn set_filter(&mut self, filter: UserFilter) {
        let few = filter.narrows(&self.filter) && self.shown.len() < self.rows.len() / 8;
        let shown = if few {
            let passes = |place: &u32| self.is_let_through(&filter, &self.rows[*place as usize]);
            self.shown.iter().copied().filter(passes).collect()
        } else {
            self.let_through(&filter, &self.order)
        };
        self.shown = shown;
        self.filter = filter;
    }

    /// Takes users in: those that are there are replaced.
    pub fn put(&mut self, users: Vec<SearchedUser>) {
        // Those that have a place in `fresh`, and whether some had one in the order before.
        let (mut seen, mut moved, mut renamed) = (HashSet::new(), false, false);
        let mut fresh = Vec::with_capacity(users.len());
        for searched in users {
            let known = self.place(searched.user.uuid);
            let place = known.unwrap_or_else(|| number(self.rows.len()));
            match self.rows.get_mut(place as usize) {
                Some(row) if row.user == searched.user => continue,
                Some(row) => {
                    renamed |= row.user.first_name != searched.user.first_name
                        || row.user.last_name != searched.user.last_name;
                    *row = searched;
                    self.ranks[place as usize] = self.rank(place);
                    if !seen.insert(place) {
                        continue;
                    }
                    moved = true;
                }
                None => {
                    self.outlines.add(searched.text.outline(), &searched.user);
                    self.rows.push(searched);
                    self.found_at(place);
                    self.ranks.push(self.rank(place));
                    seen.insert(place);
                }
            }
            fresh.push(place);
        }
        if renamed {
            self.look_again();
        }
        if moved {
            self.order.retain(|place| !seen.contains(place));
            self.shown.retain(|place| !seen.contains(place));
        }
        fresh.sort_unstable_by(|&a, &b| self.compare_places(a, b));
        self.order = self.merged(&self.order, &fresh);
        if self.filter.is_empty() && self.here.is_some() {
            self.shown.clone_from(&self.order);
            return;
        }
        fresh.retain(|&place| self.passes(&self.rows[place as usize]));
        self.shown = self.merged(&self.shown, &fresh);
    }

    /// Takes these users out.
    pub fn remove(&mut self, gone: &[UserUuid]) {
        let gone: HashSet<UserUuid> = gone.iter().copied().collect();
        let before = self.rows.len();
        self.rows.retain(|row| !gone.contains(&row.user.uuid));
        if self.rows.len() != before {
            self.renumber();
            self.look_again();
        }
    }

    /// A name that nobody has any more is like nobody's.
    fn look_again(&mut self) {
        self.outlines.clear();
        for row in &self.rows {
            self.outlines.add(row.text.outline(), &row.user);
        }
    }

    /// At which cluster.
    pub fn set_here(&mut self, here: ClusterId) {
        self.here = Some(here);
        self.resort();
    }

    fn renumber(&mut self) {
        self.places.clear();
        (0..number(self.rows.len())).for_each(|place| self.found_at(place));
        self.order = (0..number(self.rows.len())).collect();
        self.resort();
    }

    fn resort(&mut self) {
        self.ranks = (0..number(self.rows.len())).map(|place| self.rank(place)).collect();
        let mut order = std::mem::take(&mut self.order);
        order.sort_unstable_by(|&a, &b| self.compare_places(a, b));
        self.shown = self.let_through(&self.filter, &order);
        self.order = order;
    }

    /// Two sorted lists as one. The next one's place is looked for from the last one's on, in steps that
    /// double: the two lie near each other, and far fewer rows are compared than from the middle of the rest.
    fn merged(&self, old: &[u32], fresh: &[u32]) -> Vec<u32> {
        let mut merged = Vec::with_capacity(old.len() + fresh.len());
        let mut rest = old;
        for &place in fresh {
            let is_before = |other: &u32| self.compare_places(*other, place) == Ordering::Less;
            let mut reach = 1;
            while rest.get(reach - 1).is_some_and(is_before) {
                reach *= 2;
            }
            let known = reach / 2;
            let before = known + rest[known..rest.len().min(reach)].partition_point(is_before);
            merged.extend_from_slice(&rest[..before]);
            merged.push(place);
            rest = &rest[before..];
        }
        merged.extend_from_slice(rest);
        merged
    }

    fn row(&self, uuid: UserUuid) -> Option<&SearchedUser> {
        self.place(uuid).map(|place| &self.rows[place as usize])
    }

    fn place(&self, uuid: UserUuid) -> Option<u32> {
        let looked_for = self.known(0, uuid);
        let is_there = |known: &Known| {
            known.hash == looked_for.hash && self.rows[known.place as usize].user.uuid == uuid
        };
        self.places.find(looked_for.hash(), is_there).map(|known| known.place)
    }

    fn known(&self, place: u32, uuid: UserUuid) -> Known {
        // Half of it tells rows apart well enough.
        let hash = (self.hashing.hash_one(uuid) >> 32) as u32;
        Known { place, hash }
    }

    /// A row that is there from now on is found by its UUID.
    fn found_at(&mut self, place: u32) {
        let known = self.known(place, self.rows[place as usize].user.uuid);
        self.places.insert_unique(known.hash(), known, |known| known.hash());
    }

    fn passes(&self, row: &SearchedUser) -> bool {
        self.is_let_through(&self.filter, row)
    }

    fn is_let_through(&self, filter: &UserFilter, row: &SearchedUser) -> bool {
        self.here.is_some_and(|here| filter.matches_text(&row.user, &row.text, here))
    }

    /// Those of an order that a filter lets through. Everyone is looked at as they lie in memory: looked at
    /// in their order, a hundred thousand would take several times as long.
    fn let_through(&self, filter: &UserFilter, order: &[u32]) -> Vec<u32> {
        if filter.is_empty() {
            return order.to_vec();
        }
        let passes: Vec<bool> = self.rows.iter().map(|row| self.is_let_through(filter, row)).collect();
        order.iter().copied().filter(|&place| passes[place as usize]).collect()
    }

    fn rank(&self, place: u32) -> u128 {
        let row = &self.rows[place as usize];
        self.here.map_or(0, |here| self.sort.rank((&row.user, &row.text), here))
    }

    fn compare_places(&self, a: u32, b: u32) -> Ordering {
        self.ranks[a as usize]
            .cmp(&self.ranks[b as usize])
            .then_with(|| self.compare(&self.rows[a as usize], &self.rows[b as usize]))
    }

    fn compare(&self, a: &SearchedUser, b: &SearchedUser) -> Ordering {
        self.here
            .map_or(Ordering::Equal, |here| self.sort.compare((&a.user, &a.text), (&b.user, &b.text), here))
    }
}

impl Rows for UserTable {
    type Id = UserUuid;

    fn shown_len(&self) -> usize {
        self.shown.len()
    }

    fn id_at(&self, index: usize) -> Option<UserUuid> {
        self.at(index).map(|user| user.uuid)
    }

    fn place_of(&self, uuid: UserUuid) -> Option<Place> {
        let row = self.row(uuid)?;
        let index = self
            .shown
            .partition_point(|&other| self.compare(&self.rows[other as usize], row) == Ordering::Less);
        let there = self.id_at(index) == Some(uuid);
        Some(if there { Place::At(index) } else { Place::Before(index) })
    }

    fn is_known(&self, uuid: UserUuid) -> bool {
        self.place(uuid).is_some()
    }

    fn is_shown(&self, uuid: UserUuid) -> bool {
        self.row(uuid).is_some_and(|row| self.passes(row))
    }

    fn everyone(&self) -> impl Iterator<Item = UserUuid> {
        self.users().map(|user| user.uuid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::sort::SortKey;
    use crate::app::testing::{here, people, user};
    use crate::model::field::Date;
    use proptest::prelude::*;

    fn names(table: &UserTable) -> Vec<String> {
        table.shown().map(User::full_name).collect()
    }

    fn searched(users: Vec<User>) -> Vec<SearchedUser> {
        users.into_iter().map(SearchedUser::from).collect()
    }

    fn table(users: Vec<User>) -> UserTable {
        let mut table = UserTable::new(Some(here()));
        table.put(searched(users));
        table
    }

    #[test]
    fn users_are_sorted_by_what_was_chosen_and_turned_around_with_equals_in_their_order() {
        let mut table =
            table(vec![user(1, "Rosa"), user(2, "ábel"), user(3, ""), user(4, "Zoë"), user(5, "Abel")]);
        assert_eq!(names(&table), ["ábel", "Abel", "Rosa", "Zoë", ""]);
        table.set_sort(Sort::by(SortKey::Name).reversed());
        assert_eq!(names(&table), ["Zoë", "Rosa", "ábel", "Abel", ""]);
        table.set_sort(Sort::by(SortKey::Status));
        assert_eq!(names(&table), ["ábel", "Abel", "Rosa", "Zoë", ""]);
    }

    #[test]
    fn a_date_that_nobody_can_have_gets_no_user_to_the_top_whichever_end_comes_first() {
        let made = |number: u32, name: &str, at: &str| User {
            created_at: Some(Date::parse(at).into()),
            ..user(number, name)
        };
        let mut table = table(vec![
            made(1, "late", "9999-12-31T23:59:59Z"),
            made(2, "odd", "garbage"),
            made(3, "old", "2020-01-01T00:00:00Z"),
            user(4, "untold"),
            made(5, "new", "2026-01-01T00:00:00Z"),
        ]);
        table.set_sort(Sort::by(SortKey::Created));
        assert_eq!(names(&table), ["new", "old", "late", "odd", "untold"]);
        table.set_sort(Sort::by(SortKey::Created).reversed());
        assert_eq!(names(&table), ["old", "new", "late", "odd", "untold"]);
    }

    #[test]
    fn a_user_that_changed_changes_place_and_may_leave_the_filter() {
        let mut table = table(people(5));
        table.set_filter(UserFilter::parse("person"));
        table.put(searched(vec![user(2, "Aaron")]));
        assert_eq!(table.len(), 5);
        assert_eq!(table.shown_len(), 4);
        table.set_filter(UserFilter::default());
        assert_eq!(names(&table)[0], "Aaron");
    }

    #[test]
    fn a_user_that_is_filtered_away_still_has_a_place() {
        let mut table = table(people(5));
        let third = table.id_at(2).expect("five are shown");
        assert_eq!(table.place_of(third), Some(Place::At(2)));
        table.set_filter(UserFilter::parse("!3"));
        assert_eq!(table.place_of(third), Some(Place::Before(2)));
    }

    proptest! {
        #[test]
        fn however_pages_arrive_the_list_is_the_same(
            numbers in prop::collection::vec((0_u32..60, "[abc]{0,2}"), 0..120),
            cuts in prop::collection::vec(1_usize..30, 1..10),
            filter in "[abc!]{0,2}",
            key in prop::sample::select(SortKey::ALL.to_vec()),
        ) {
            let users: Vec<User> = numbers.iter().map(|(number, name)| user(*number, name)).collect();
            let mut whole = UserTable::new(Some(here()));
            whole.put(searched(users.clone()));
            whole.set_filter(UserFilter::parse(&filter));
            whole.set_sort(Sort::by(key));

            let mut paged = UserTable::new(Some(here()));
            paged.set_sort(Sort::by(key));
            paged.set_filter(UserFilter::parse(&filter));
            let mut rest = users.as_slice();
            for cut in cuts.into_iter().cycle() {
                if rest.is_empty() { break; }
                let (page, later) = rest.split_at(cut.min(rest.len()));
                paged.put(searched(page.to_vec()));
                rest = later;
            }
            prop_assert_eq!(paged.shown().collect::<Vec<_>>(), whole.shown().collect::<Vec<_>>());
            prop_assert_eq!(paged.everyone().collect::<Vec<_>>(), whole.everyone().collect::<Vec<_>>());
            for (index, shown) in whole.shown().enumerate() {
                prop_assert_eq!(paged.place_of(shown.uuid), Some(Place::At(index)));
            }
        }

        #[test]
        fn ranks_put_nobody_before_whom_the_order_puts_first(
            people in prop::collection::vec(("[abZé\u{0}]{0,20}", prop::option::of(-9_000_i64..9_000)), 0..40),
            key in prop::sample::select(SortKey::ALL.to_vec()),
            reversed: bool,
        ) {
            let made = |(number, (name, created)): (u32, (String, Option<i64>))| User {
                created_at: created.and_then(|at| jiff::Timestamp::from_second(at).ok().map(|at| Date::from(at).into())),
                ..user(number, &name)
            };
            let sort = if reversed { Sort::by(key).reversed() } else { Sort::by(key) };
            let mut table = table((1..).zip(people).map(made).collect());
            table.set_sort(sort);
            for pair in table.order.windows(2) {
                let (a, b) = (&table.rows[pair[0] as usize], &table.rows[pair[1] as usize]);
                prop_assert_eq!(table.compare(a, b), Ordering::Less, "{:?} {:?}", &a.user, &b.user);
            }
        }

        #[test]
        fn typing_a_filter_letter_by_letter_shows_what_pasting_it_does(filter in "[abi:s! ]{0,6}") {
            let users: Vec<User> = ["ab", "ba", "as", "is", "sab", "bi"]
                .iter()
                .zip(1..)
                .map(|(name, number)| user(number, name))
                .collect();
            let mut pasted = table(users.clone());
            pasted.set_filter(UserFilter::parse(&filter));
            let mut typed = table(users);
            for end in 0..=filter.len() {
                typed.set_filter(UserFilter::parse(&filter[..end]));
            }
            prop_assert_eq!(typed.shown().collect::<Vec<_>>(), pasted.shown().collect::<Vec<_>>());
        }
    }
}
