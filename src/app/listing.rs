//! Reading all users in pages: which page comes next, in which range. What is in the pages is not its
//! business.
//!
//! A first, short page is shown at once. Then, if there is more, four ranges are read side by side
//! ([`ranges`]). A range is at its end when a page is empty, never by the number of rows.

use crate::app::effect::{Effect, TaskId};
use crate::app::tasks::Tasks;
use crate::model::ids::{ClusterId, UserUuid};
use crate::model::user_page::{Bound, Federation, UserPage, ranges};
use crate::ops::read::Read;

/// Rows of the first page.
const FIRST: usize = 100;

/// Rows of every other page, if the server gives so many.
const PAGE: usize = 1_000;

/// How the list may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Whose UUIDs are cut.
    pub cluster: ClusterId,
    /// The most rows that the server gives at once.
    pub max_items: usize,
    /// Whether a satellite asks its login cluster.
    pub federation: Federation,
    /// How many requests at once.
    pub width: Width,
}

/// How many requests at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// One after another: what a satellite can bear (api.md v26).
    One,
    /// Four side by side.
    Four,
}

/// A reading of all users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    terms: Terms,
    ranges: Vec<Range>,
    first: First,
    so_far: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    Awaited,
    Seen,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    after: Option<Bound>,
    until: Option<Bound>,
    at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Page(TaskId),
    /// Its page failed, or was given up.
    Halt,
    End,
}

impl Listing {
    /// Begins with the first page.
    pub fn begin(terms: Terms, tasks: &mut Tasks) -> (Self, Effect) {
        let mut listing = Self { terms, ranges: Vec::new(), first: First::Awaited, so_far: 0 };
        let effect = listing.open(None, None, tasks);
        (listing, effect)
    }

    /// Whether this is one of its pages.
    pub fn awaits(&self, task: TaskId) -> bool {
        self.ranges.iter().any(|range| range.at == At::Page(task))
    }

    /// Whether all ranges are at their end.
    pub fn is_done(&self) -> bool {
        self.ranges.iter().all(|range| range.at == At::End)
    }

    /// A page came: its last row, or none if it was empty, and how many rows it had.
    pub fn answered(
        &mut self,
        task: TaskId,
        last: Option<UserUuid>,
        rows: usize,
        tasks: &mut Tasks,
    ) -> Vec<Effect> {
        let Some(at) = self.ranges.iter().position(|range| range.at == At::Page(task)) else {
            return Vec::new();
        };
        self.so_far += rows;
        let last = last.map(Bound::User);
        // A server that gives the same page again would be asked for ever.
        if last.is_none() || last == self.ranges[at].after {
            self.ranges[at].at = At::End;
            return Vec::new();
        }
        self.ranges[at].after = last;
        let full = rows >= self.limit();
        if std::mem::replace(&mut self.first, First::Seen) == First::Awaited
            && full
            && self.terms.width == Width::Four
        {
            self.ranges.clear();
            return ranges(self.terms.cluster, last)
                .map(|(after, until)| self.open(after, until, tasks))
                .into_iter()
                .collect();
        }
        vec![self.next(at, tasks)]
    }

    /// A page failed: gives the others up; [`Listing::resume`] goes on where each range was.
    pub fn halt(&mut self) -> Vec<Effect> {
        let mut cancelled = Vec::new();
        for range in &mut self.ranges {
            if let At::Page(task) = range.at {
                range.at = At::Halt;
                cancelled.push(Effect::Cancel(task));
            }
        }
        cancelled
    }

    /// Goes on where it was halted.
    pub fn resume(&mut self, tasks: &mut Tasks) -> Vec<Effect> {
        let halted: Vec<usize> =
            (0..self.ranges.len()).filter(|&at| self.ranges[at].at == At::Halt).collect();
        halted.into_iter().map(|at| self.next(at, tasks)).collect()
    }

    fn limit(&self) -> usize {
        let most = match self.first {
            First::Awaited => FIRST,
            First::Seen => PAGE,
        };
        most.min(self.terms.max_items).max(1)
    }

    fn open(&mut self, after: Option<Bound>, until: Option<Bound>, tasks: &mut Tasks) -> Effect {
        self.ranges.push(Range { after, until, at: At::Halt });
        self.next(self.ranges.len() - 1, tasks)
    }

    fn next(&mut self, at: usize, tasks: &mut Tasks) -> Effect {
        let (limit, so_far) = (self.limit(), self.so_far);
        let range = &mut self.ranges[at];
        let Terms { federation, .. } = self.terms;
        let page = UserPage { after: range.after, until: range.until, limit, federation, so_far };
        let (task, fetch) = tasks.fetch(Read::Users(page));
        range.at = At::Page(task);
        fetch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(width: Width) -> Terms {
        Terms {
            cluster: "mmmmm".parse().expect("a cluster"),
            max_items: 1_000,
            federation: Federation::Ask,
            width,
        }
    }

    fn user(cluster: &str, tail: &str) -> UserUuid {
        format!("{cluster}-tpzed-{tail:0>15}").parse().expect("a user's UUID")
    }

    /// A server: the rows of a page.
    fn page_of(all: &[UserUuid], page: UserPage, cut_to: usize) -> Vec<UserUuid> {
        let text = |bound: Bound| bound.to_string();
        all.iter()
            .copied()
            .filter(|uuid| page.after.is_none_or(|after| uuid.as_str() > text(after).as_str()))
            .filter(|uuid| page.until.is_none_or(|until| uuid.as_str() < text(until).as_str()))
            .take(page.limit.min(cut_to))
            .collect()
    }

    fn page(effect: Effect) -> (TaskId, UserPage) {
        match effect {
            Effect::Fetch { task, read: Read::Users(page) } => (task, page),
            other => panic!("not a page: {other:?}"),
        }
    }

    /// Reads everything, answering the outstanding page that `choose` points at.
    fn read_all(
        all: &[UserUuid],
        width: Width,
        cut_to: usize,
        mut choose: impl FnMut() -> usize,
    ) -> (Vec<UserUuid>, usize) {
        let mut tasks = Tasks::default();
        let (mut listing, first) = Listing::begin(terms(width), &mut tasks);
        let mut waiting = vec![page(first)];
        let (mut seen, mut most) = (Vec::new(), 0);
        while !waiting.is_empty() {
            most = most.max(waiting.len());
            let (task, asked) = waiting.swap_remove(choose() % waiting.len());
            let rows = page_of(all, asked, cut_to);
            seen.extend(&rows);
            waiting.extend(
                listing.answered(task, rows.last().copied(), rows.len(), &mut tasks).into_iter().map(page),
            );
        }
        assert!(listing.is_done());
        seen.sort();
        seen.dedup();
        (seen, most)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn everyone_is_read_whatever_their_cluster_and_in_whatever_order_pages_come(
            users in prop::collection::btree_set(("(aaaaa|mmmmm|mmmmm|zzzzz)", "[0-9a-z]{15}"), 0..600),
            cut_to in 20_usize..1_500,
            order in prop::collection::vec(any::<usize>(), 1..20),
        ) {
            let all: Vec<UserUuid> = users.iter().map(|(cluster, tail)| user(cluster, tail)).collect();
            let mut order = order.into_iter().cycle();
            let (seen, most) = read_all(&all, Width::Four, cut_to, || order.next().unwrap_or(0));
            prop_assert_eq!(&seen, &all);
            prop_assert!(most <= 4);
            let (seen, most) = read_all(&all, Width::One, cut_to, || 0);
            prop_assert_eq!(&seen, &all);
            prop_assert_eq!(most, 1);
        }
    }

    #[test]
    fn a_small_cluster_is_read_in_two_requests() {
        let mut tasks = Tasks::default();
        let (mut listing, first) = Listing::begin(terms(Width::Four), &mut tasks);
        let (task, asked) = page(first);
        assert_eq!((asked.after, asked.until, asked.limit), (None, None, 100));
        let last = user("mmmmm", "5");
        let next = listing.answered(task, Some(last), 12, &mut tasks);
        let [next] = <[Effect; 1]>::try_from(next).expect("one page");
        let (task, asked) = page(next);
        assert_eq!((asked.after, asked.until, asked.limit), (Some(Bound::User(last)), None, 1_000));
        assert_eq!(asked.so_far, 12, "so that a list without an end is given up");
        assert_eq!(listing.answered(task, None, 0, &mut tasks), []);
        assert!(listing.is_done());
    }

    #[test]
    fn after_a_failure_it_goes_on_where_it_was() {
        let mut tasks = Tasks::default();
        let (mut listing, first) = Listing::begin(terms(Width::Four), &mut tasks);
        let (task, _) = page(first);
        let last = user("mmmmm", "5");
        let four: Vec<_> =
            listing.answered(task, Some(last), 100, &mut tasks).into_iter().map(page).collect();
        assert_eq!(four.len(), 4);
        assert_eq!(listing.answered(four[3].0, None, 0, &mut tasks), []);
        assert_eq!(
            listing.halt(),
            four[..3].iter().map(|(task, _)| Effect::Cancel(*task)).collect::<Vec<_>>()
        );
        assert!(!listing.is_done() && !listing.awaits(four[0].0));
        let again: Vec<_> = listing.resume(&mut tasks).into_iter().map(|e| page(e).1).collect();
        assert_eq!(again, four[..3].iter().map(|(_, asked)| *asked).collect::<Vec<_>>());
    }
}
