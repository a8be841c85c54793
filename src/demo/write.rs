//! Writing as the server writes: who and when go into the row, and an audit record beside it (api.md v6).

use super::record::{Audited, Log, Record};
use super::store::{Store, Stored};
use super::uuid::{Kind, Uuid};
use std::sync::Arc;

/// Writes in somebody's name.
pub struct Writer<'a> {
    pub store: &'a mut Store,
    by: Uuid,
}

impl<'a> Writer<'a> {
    pub fn new(store: &'a mut Store, by: Uuid) -> Self {
        Self { store, by }
    }

    /// The same in the system user's name.
    pub fn as_system(&mut self) -> Writer<'_> {
        Writer { store: self.store, by: Uuid::system_user() }
    }

    /// Puts a new row in.
    pub fn create<R: Stored + Audited>(&mut self, mut row: R) -> Arc<R> {
        let at = self.store.clock.tick();
        let by = self.by;
        let common = row.common_mut();
        common.created_at = at;
        common.modified_at = at;
        common.modified_by_user_uuid = (R::KIND != Kind::Token).then_some(by);
        let row = self.put(row);
        self.log(None, Some(&row));
        row
    }

    /// Puts a changed row in the place of the one with its UUID. A row that is the same keeps its times;
    /// that it was written is logged all the same, but for tokens.
    pub fn update<R: Stored + Audited + PartialEq>(&mut self, mut row: R) -> Arc<R> {
        let old = self.store.get::<R>(row.uuid()).cloned();
        let changed = old.as_deref() != Some(&row);
        if changed {
            let at = self.store.clock.tick();
            let by = self.by;
            let common = row.common_mut();
            common.modified_at = at;
            common.modified_by_user_uuid = (R::KIND != Kind::Token).then_some(by);
        }
        let row = self.put(row);
        if changed || R::KIND != Kind::Token {
            self.log(old.as_ref(), Some(&row));
        }
        row
    }

    /// Takes a row out.
    pub fn delete<R: Stored + Audited>(&mut self, uuid: Uuid) -> Option<Arc<R>> {
        let row = self.store.remove::<R>(uuid)?;
        self.log(Some(&row), None);
        Some(row)
    }

    /// Takes several rows out.
    pub fn delete_all<R: Stored + Audited>(&mut self, uuids: Vec<Uuid>) {
        for uuid in uuids {
            self.delete::<R>(uuid);
        }
    }

    fn put<R: Stored>(&mut self, row: R) -> Arc<R> {
        let row = Arc::new(row);
        R::table_mut(self.store).put(Arc::clone(&row));
        row
    }

    fn log<R: Record + Audited>(&mut self, old: Option<&Arc<R>>, new: Option<&Arc<R>>) {
        let uuid = self.store.new_uuid(Kind::Log);
        let at = self.store.clock.tick();
        let log = Log::of_write(uuid, at, self.by, old.map(R::snapshot), new.map(R::snapshot));
        if let Some(mut log) = log {
            log.event_at = new.map_or(at, |row| row.common().modified_at);
            self.store.put(log);
        }
    }
}
