//! One table of rows by UUID, with the indexes that keep big lists fast and an undo log that lets a
//! refused write leave no trace. Rows are shared pointers: a list or an audit record copies none.

use super::record::Record;
use super::uuid::Uuid;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::RangeBounds;
use std::sync::Arc;

/// Rows of one kind.
pub struct Table<R> {
    rows: BTreeMap<Uuid, Arc<R>>,
    indexes: Vec<Index<R>>,
    texts: Vec<TextIndex<R>>,
    undo: Option<Vec<(Uuid, Option<Arc<R>>)>>,
}

struct Index<R> {
    column: &'static str,
    key: fn(&R) -> Option<Uuid>,
    entries: BTreeSet<(Uuid, Uuid)>,
}

struct TextIndex<R> {
    column: &'static str,
    key: fn(&R) -> Option<&str>,
    /// Mostly one row a text; in the order of their UUIDs.
    entries: HashMap<String, Vec<Uuid>>,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), indexes: Vec::new(), texts: Vec::new(), undo: None }
    }
}

impl<R: Record> Table<R> {
    /// An empty table with no index but the UUID.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with rows also found by a column that holds a UUID.
    #[must_use]
    pub fn indexed(mut self, column: &'static str, key: fn(&R) -> Option<Uuid>) -> Self {
        self.indexes.push(Index { column, key, entries: BTreeSet::new() });
        self
    }

    /// The same, with rows also found by a text.
    #[must_use]
    pub fn indexed_text(mut self, column: &'static str, key: fn(&R) -> Option<&str>) -> Self {
        self.texts.push(TextIndex { column, key, entries: HashMap::new() });
        self
    }

    pub fn get(&self, uuid: Uuid) -> Option<&Arc<R>> {
        self.rows.get(&uuid)
    }

    pub fn contains(&self, uuid: Uuid) -> bool {
        self.rows.contains_key(&uuid)
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows in the order of their UUIDs.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<R>> {
        self.rows.values()
    }

    /// The rows of a range of UUIDs, in their order.
    pub fn range(&self, range: impl RangeBounds<Uuid>) -> impl DoubleEndedIterator<Item = &Arc<R>> {
        self.rows.range(range).map(|(_, row)| row)
    }

    /// Whether `column` has an index.
    pub fn has_index(&self, column: &str) -> bool {
        self.indexes.iter().any(|index| index.column == column)
    }

    /// The rows whose indexed `column` is `key`, in the order of their UUIDs; none for other columns.
    pub fn by<'a>(&'a self, column: &str, key: Uuid) -> impl Iterator<Item = &'a Arc<R>> + use<'a, R> {
        self.indexes
            .iter()
            .find(|index| index.column == column)
            .into_iter()
            .flat_map(move |index| index.entries.range((key, Uuid::MIN)..=(key, Uuid::MAX)))
            .filter_map(|(_, uuid)| self.rows.get(uuid))
    }

    /// The rows whose indexed text `column` is `text`; none for other columns.
    pub fn by_text<'a>(&'a self, column: &str, text: &str) -> impl Iterator<Item = &'a Arc<R>> + use<'a, R> {
        self.texts
            .iter()
            .find(|index| index.column == column)
            .and_then(|index| index.entries.get(text))
            .into_iter()
            .flatten()
            .filter_map(|uuid| self.rows.get(uuid))
    }

    /// Puts a row in, in place of the one that has its UUID.
    pub(super) fn put(&mut self, row: Arc<R>) {
        let uuid = row.uuid();
        self.unindex(uuid);
        for index in &mut self.indexes {
            if let Some(key) = (index.key)(&row) {
                index.entries.insert((key, uuid));
            }
        }
        for index in &mut self.texts {
            if let Some(key) = (index.key)(&row) {
                let rows = index.entries.entry(key.to_owned()).or_insert_with(|| Vec::with_capacity(1));
                if let Err(place) = rows.binary_search(&uuid) {
                    rows.insert(place, uuid);
                }
            }
        }
        let before = self.rows.insert(uuid, row);
        if let Some(undo) = &mut self.undo {
            undo.push((uuid, before));
        }
    }

    pub(super) fn remove(&mut self, uuid: Uuid) -> Option<Arc<R>> {
        self.unindex(uuid);
        let before = self.rows.remove(&uuid)?;
        if let Some(undo) = &mut self.undo {
            undo.push((uuid, Some(Arc::clone(&before))));
        }
        Some(before)
    }

    pub(super) fn begin(&mut self) {
        self.undo = Some(Vec::new());
    }

    pub(super) fn commit(&mut self) {
        self.undo = None;
    }

    /// Puts back what was there when the transaction began.
    pub(super) fn roll_back(&mut self) {
        for (uuid, before) in self.undo.take().unwrap_or_default().into_iter().rev() {
            match before {
                Some(row) => self.put(row),
                None => {
                    self.remove(uuid);
                }
            }
        }
    }

    fn unindex(&mut self, uuid: Uuid) {
        let Some(row) = self.rows.get(&uuid) else { return };
        for index in &mut self.indexes {
            if let Some(key) = (index.key)(row) {
                index.entries.remove(&(key, uuid));
            }
        }
        for index in &mut self.texts {
            if let Some(key) = (index.key)(row)
                && let Some(rows) = index.entries.get_mut(key)
            {
                rows.retain(|row| *row != uuid);
                if rows.is_empty() {
                    index.entries.remove(key);
                }
            }
        }
    }
}
