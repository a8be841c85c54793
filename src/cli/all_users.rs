//! `arv-admin users list`: all users, page after page.

use super::connect::Desk;
use super::exit::{Exit, Stop};
use super::output::say;
use super::records::UserRecord;
use super::{reads, resolve};
use crate::model::ids::UserUuid;
use crate::model::user_filter::{KINDS, SearchedUser, UserFilter};
use crate::model::user_page::{Bound, Rest, ranges};
use futures::stream::{self, StreamExt};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How many parts of the list are read at once.
const SIDE_BY_SIDE: usize = 4;

/// All users. The first page is printed as soon as it is there, then part after part, read side by side.
pub async fn list(desk: &mut Desk, filter: Option<&str>) -> Result<Exit, Stop> {
    let here = desk.cluster.session.cluster.id;
    let wanted = UserFilter::parse(filter.unwrap_or_default());
    if let Some(unknown) = wanted.unknown().next() {
        return Err(Stop::usage(format!(
            "--filter {}: only is:{} are known",
            resolve::quoted(unknown),
            KINDS.join(", is:")
        )));
    }
    let mut printed = std::mem::replace(&mut desk.output, super::output::Output::nowhere());
    let desk = &*desk;
    let mut rows = printed.rows::<UserRecord>();
    let mut seen = HashSet::new();
    let mut add = |page: &[SearchedUser]| {
        let fresh = page.iter().filter(|SearchedUser { user, text }| {
            seen.insert(user.uuid) && wanted.matches_text(user, text, here)
        });
        rows.add(&fresh.map(|row| UserRecord::from(&row.user)).collect::<Vec<_>>())
    };
    let read = Reading { desk, so_far: AtomicUsize::new(0), given_up: AtomicBool::new(false) };
    let mut after = None;
    let mut rest = Rest::APage;
    while rest == Rest::APage {
        let (page, left) = match read.counted_page(after).await {
            Ok(page) => page,
            Err(stop) if read.so_far() == 0 => return Err(stop),
            // What is begun to be printed is ended: JSON without its last bracket is none.
            Err(stop) => {
                rows.end()?;
                not_whole(&read);
                return Err(stop);
            }
        };
        add(&page)?;
        // Of a page in which nobody can be named nobody knows where it ends: it is read again, and over.
        after = page.last().map(|last| last.user.uuid).or(after);
        rest = left;
    }
    if rest == Rest::More {
        let parts = ranges(here, after.map(Bound::User));
        // A satellite can't bear more (api.md v26).
        let at_once = if desk.cluster.session.is_satellite() { 1 } else { SIDE_BY_SIDE };
        let parts = stream::iter(parts).map(|(after, until)| read.part(after, until));
        let mut parts = parts.buffered(at_once);
        let mut broken = None;
        while let Some(Part { users, end }) = parts.next().await {
            add(&users)?;
            broken = broken.or(end.err());
        }
        if let Some(stop) = broken {
            rows.end()?;
            not_whole(&read);
            return Err(stop);
        }
    }
    rows.end()?;
    Ok(Exit::Done)
}

fn not_whole(read: &Reading<'_>) {
    say(&format!("{} users were read and looked through: the list is not complete", read.so_far()));
}

/// All users of a range, as far as they came.
struct Part {
    users: Vec<SearchedUser>,
    end: Result<(), Stop>,
}

/// All users on their way.
struct Reading<'a> {
    desk: &'a Desk,
    /// How many came, in all parts.
    so_far: AtomicUsize,
    /// Whether a part could not be read: the others end with what they have, which is shown.
    given_up: AtomicBool,
}

impl Reading<'_> {
    fn so_far(&self) -> usize {
        self.so_far.load(Ordering::Relaxed)
    }

    fn came(&self, users: &[SearchedUser]) {
        self.so_far.fetch_add(users.len(), Ordering::Relaxed);
    }

    /// A page, and what is left behind it. A satellite's login cluster is not asked to count.
    async fn counted_page(&self, after: Option<UserUuid>) -> Result<(Vec<SearchedUser>, Rest), Stop> {
        let page = self.desk.cluster.page_of_users(after.map(Bound::User), None, self.so_far());
        let (users, rest) = if self.desk.cluster.session.is_satellite() {
            (reads::users(self.desk, page).await?.rows, Rest::More)
        } else {
            let counted = self.desk.cluster.client.counted_users(after, page).await;
            let failed = |error| self.desk.failed("the users can't be listed", error);
            let (rows, rest) = counted.map_err(failed)?;
            (rows.users.into_iter().map(SearchedUser::from).collect(), rest)
        };
        self.came(&users);
        Ok((users, rest))
    }

    /// Page after page until one is empty, or comes again. What can't be read is counted, and said when all is
    /// printed.
    async fn part(&self, mut after: Option<Bound>, until: Option<Bound>) -> Part {
        let mut users: Vec<SearchedUser> = Vec::new();
        let end = loop {
            if self.given_up.load(Ordering::Relaxed) {
                break Ok(());
            }
            let page = self.desk.cluster.page_of_users(after, until, self.so_far());
            let page = match reads::users(self.desk, page).await {
                Ok(page) => page.rows,
                Err(stop) => {
                    self.given_up.store(true, Ordering::Relaxed);
                    break Err(stop);
                }
            };
            let last = page.last().map(|row| Bound::User(row.user.uuid));
            if last.is_none() || last == after {
                break Ok(());
            }
            after = last;
            self.came(&page);
            users.extend(page);
        };
        Part { users, end }
    }
}
