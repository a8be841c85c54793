//! Reading lists to their end, page after page, past rows that can't be read.

use super::client::{Client, Tries};
use super::decode::{Page, Record};
use super::error::Error;
use super::query::{Filter, PAGE, Query};
use crate::model::ids::AnyUuid;

/// No list is longer: a server whose pages never end gives up before this machine does.
const LONGEST_LIST: usize = 2_000_000;

/// So many pages are read of which no row can be named.
const MOST_NAMELESS: usize = 4;

impl Client {
    /// All rows of a list that can be paged by UUID: page after page until one is empty, never by
    /// counting rows, since the server may give short pages (api.md b.2). Rows that can't be read are left out
    /// and counted. Not for tokens, whose `uuid` filters are dropped (v16).
    pub(super) async fn all<T: Record>(&self, resource: &'static str, query: Query) -> Result<Vec<T>, Error> {
        self.all_tried(resource, query, Tries::All).await
    }

    /// The same, asked so often.
    pub(super) async fn all_tried<T: Record>(
        &self,
        resource: &'static str,
        query: Query,
        most: Tries,
    ) -> Result<Vec<T>, Error> {
        let query = query.order(&["uuid asc"]).limit(PAGE);
        let mut rows: Vec<T> = Vec::new();
        let mut at = Place::default();
        loop {
            let page: Page<T> = self.page_tried(resource, &at.ask(&query), most).await?;
            if page.rows == 0 {
                return Ok(rows);
            }
            self.unread.add(resource, page.unread.len());
            at.go_on(resource, &page)?;
            rows.extend(page.items);
            is_finite(resource, rows.len())?;
        }
    }

    /// Counts rows that could not be read.
    pub(super) fn count_unread(&self, resource: &'static str, rows: usize) {
        self.unread.add(resource, rows);
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

/// Fails if a list is longer than any.
pub(super) fn is_finite(resource: &str, rows: usize) -> Result<(), Error> {
    if rows <= LONGEST_LIST {
        return Ok(());
    }
    Err(Error::Untrustworthy(format!(
        "the server gives more than {LONGEST_LIST} {resource}: the list is not read further"
    )))
}
