//! Reading lists to their end, page after page, past rows that can't be read.

use super::budget::MOST_LONG;
use super::client::{Client, Tries};
use super::decode::{self, Page, Record};
use super::error::Error;
use super::query::{Filter, PAGE, Query};
use crate::model::ids::AnyUuid;

/// So many pages are read of which no row can be named.
const MOST_NAMELESS: usize = 4;

impl Client {
    /// All rows of a list that can be paged by UUID: page after page until one is empty, never by
    /// counting rows, since the server may give short pages (api.md b.2). Rows that can't be read are left out
    /// and counted. Not for tokens, whose `uuid` filters are dropped (v16).
    pub(super) async fn all<T: Record>(&self, resource: &'static str, query: Query) -> Result<Vec<T>, Error> {
        self.all_tried(resource, query, Tries::All).await
    }

    /// The same, of which as much is kept as any list may have if it has no end, and that is said: by the list that is
    /// shown, and by each plan and report that was made of it. Not for what a change must know whole to do no harm,
    /// such as the names that a handover may clash with.
    pub(super) async fn most<T: Record>(
        &self,
        resource: &'static str,
        query: Query,
    ) -> Result<Vec<T>, Error> {
        self.read(resource, query, Tries::All, Endless::SoFar).await
    }

    /// The same, asked so often.
    pub(super) async fn all_tried<T: Record>(
        &self,
        resource: &'static str,
        query: Query,
        most: Tries,
    ) -> Result<Vec<T>, Error> {
        self.read(resource, query, most, Endless::Fails).await
    }

    async fn read<T: Record>(
        &self,
        resource: &'static str,
        query: Query,
        most: Tries,
        endless: Endless,
    ) -> Result<Vec<T>, Error> {
        let query = query.order(&["uuid asc"]).limit(PAGE);
        let mut rows: Vec<T> = Vec::new();
        let (mut at, mut size) = (Place::default(), Size::default());
        loop {
            let page: Page<T> = self.page_of(resource, &at.ask(&query), most, &mut size).await?;
            if page.rows == 0 {
                return Ok(rows);
            }
            self.unread.add(resource, page.unread.len());
            at.go_on(resource, &page)?;
            rows.extend(page.items);
            match (self.is_finite(resource, rows.len()), endless) {
                (Ok(()), _) => {}
                (Err(error), Endless::Fails) => return Err(error),
                (Err(_), Endless::SoFar) => {
                    self.unread.add_endless(resource, rows.len());
                    return Ok(rows);
                }
            }
        }
    }

    /// One page of a list. If it is too long, it has fewer rows than were asked for.
    pub(super) async fn page<T: Record>(
        &self,
        resource: &'static str,
        query: &Query,
    ) -> Result<Page<T>, Error> {
        self.page_tried(resource, query, Tries::All).await
    }

    /// The same, asked so often; two are enough where something less can be asked for.
    pub(super) async fn page_tried<T: Record>(
        &self,
        resource: &'static str,
        query: &Query,
        most: Tries,
    ) -> Result<Page<T>, Error> {
        self.page_of(resource, query, most, &mut Size::default()).await
    }

    /// A page that may be too long: it is asked for in ever smaller parts, down to one row. A row that is too
    /// long by itself is named, and read without what can be so long. The part of a list that comes after many
    /// such is read so, too: whoever wrote a thousand of them would hold the list up for hours.
    pub(super) async fn page_of<T: Record>(
        &self,
        resource: &'static str,
        query: &Query,
        most: Tries,
        size: &mut Size,
    ) -> Result<Page<T>, Error> {
        loop {
            if size.long >= MOST_LONG {
                let page: Page<T> =
                    Box::pin(self.get(resource, &query.clone().only(T::LEAN), most, decode::page)).await?;
                self.unread.add_lean(resource, page.rows);
                return Ok(page);
            }
            let rows = query.rows().min(size.at_once);
            let asked = query.clone().limit(rows);
            match Box::pin(self.get(resource, &asked, most, decode::page)).await {
                Err(Error::TooLong { .. }) if rows > size.least => {
                    size.at_once = (rows / 4).max(size.least);
                }
                Err(Error::TooLong { .. }) if rows > 0 => {
                    let page: Page<T> =
                        Box::pin(self.get(resource, &asked.only(T::LEAN), most, decode::page)).await?;
                    if let Some((_, uuid)) = page.last {
                        self.unread.add_long(resource, uuid);
                    }
                    size.long += 1;
                    return Ok(page);
                }
                Err(error) => return Err(error),
                Ok(page) => {
                    size.at_once = size.at_once.saturating_mul(2);
                    return Ok(page);
                }
            }
        }
    }

    /// Fails if a list is longer than any.
    pub fn is_finite(&self, resource: &str, rows: usize) -> Result<(), Error> {
        let most = self.budget.rows;
        if rows <= most {
            return Ok(());
        }
        Err(Error::Untrustworthy(format!(
            "the server gives more than {most} {resource}: the list is not read further"
        )))
    }

    /// Counts rows that could not be read.
    pub(super) fn count_unread(&self, resource: &'static str, rows: usize) {
        self.unread.add(resource, rows);
    }
}

/// What becomes of a list that is longer than any.
#[derive(Debug, Clone, Copy)]
enum Endless {
    /// It is an error.
    Fails,
    /// What was read of it is kept.
    SoFar,
}

/// How many rows of a list are asked for at once, and what was learnt of how long they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    at_once: usize,
    /// With fewer, reading would not go on.
    least: usize,
    /// So many pages of the fewest rows were too long.
    long: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self::of_at_least(1)
    }
}

impl Size {
    /// Never fewer rows than this.
    pub(super) fn of_at_least(least: usize) -> Self {
        Self { at_once: usize::MAX, least, long: 0 }
    }

    /// Whether rows were read without what can be long.
    pub(super) fn has_lean_rows(self) -> bool {
        self.long > 0
    }
}

/// How far a list is read that is paged by UUID: behind a UUID, and so many rows without one.
#[derive(Default)]
pub(super) struct Place {
    after: Option<AnyUuid>,
    skip: usize,
    nameless: Nameless,
}

/// Counts pages of rows of which none can be named: nothing tells whether they are the same again and again.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Nameless(usize);

impl Nameless {
    /// One more such page.
    pub(super) fn page(&mut self, resource: &str) -> Result<(), Error> {
        self.0 += 1;
        if self.0 <= MOST_NAMELESS {
            return Ok(());
        }
        Err(Error::Untrustworthy(format!(
            "the server gives page after page of {resource} without a UUID that can be read: the list is not \
             complete"
        )))
    }
}

impl Place {
    /// Behind this UUID.
    pub(super) fn behind(after: Option<AnyUuid>) -> Self {
        Self { after, ..Self::default() }
    }

    pub(super) fn ask(&self, query: &Query) -> Query {
        let query = query.clone().offset(self.skip);
        match self.after {
            Some(last) => query.and(Filter::after("uuid", last)),
            None => query,
        }
    }

    pub(super) fn go_on<T>(&mut self, resource: &str, page: &Page<T>) -> Result<(), Error> {
        let Some((at, last)) = page.last else {
            self.skip += page.rows;
            return self.nameless.page(resource);
        };
        let text = |uuid: AnyUuid| uuid.to_string();
        goes_on(resource, self.after.map(text), Some(text(last)))?;
        self.after = Some(last);
        self.skip = page.rows - at - 1;
        Ok(())
    }
}

/// Fails if a page does not go on after the UUID at which the one before it ended: it would be asked for
/// again for ever. UUIDs have one form, so every server orders them alike.
pub(super) fn goes_on(resource: &str, before: Option<String>, now: Option<String>) -> Result<(), Error> {
    match (before, now) {
        (Some(before), Some(now)) if now <= before => Err(Error::Untrustworthy(format!(
            "the server gives the same page of {resource} again and again: the list is not complete"
        ))),
        _ => Ok(()),
    }
}
