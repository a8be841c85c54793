//! The seed at work: rows go in, change and go out at times in the past, and every such write leaves
//! the audit record that the server would have made. The records are put in at the end, in the order
//! of time.

use super::names::Names;
use crate::demo::moment::Moment;
use crate::demo::record::{Audited, Log, Snapshot, User};
use crate::demo::store::{Store, Stored};
use crate::demo::uuid::{Kind, Uuid};
use crate::secret::Secret;
use fastrand::Rng;
use jiff::SignedDuration;

const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A cluster in the making.
pub struct History<'a> {
    pub store: &'a mut Store,
    pub chance: Rng,
    pub now: Moment,
    pub names: Names,
    records: Vec<Log>,
}

/// `at`, moved on by `by`, or back.
pub fn shift(at: Moment, by: SignedDuration) -> Moment {
    at.saturating_add(by)
}

impl<'a> History<'a> {
    pub fn new(store: &'a mut Store, now: Moment, seed: u64) -> Self {
        Self { store, chance: Rng::with_seed(seed), now, names: Names::default(), records: Vec::new() }
    }

    /// Some time of the day that many days ago, always before now.
    pub fn ago(&mut self, days: i64) -> Moment {
        let of_the_day =
            SignedDuration::from_secs(self.chance.i64(60..36_000)) + self.chance_micros(1_000_000);
        shift(self.now, -(SignedDuration::from_hours(24 * days) + of_the_day))
    }

    /// A short while after `at`, but before now.
    pub fn soon_after(&mut self, at: Moment) -> Moment {
        let while_ = SignedDuration::from_secs(self.chance.i64(5..600)) + self.chance_micros(1_000_000);
        shift(at, while_).min(shift(self.now, -SignedDuration::from_micros(1)))
    }

    fn chance_micros(&mut self, below: i64) -> SignedDuration {
        SignedDuration::from_micros(self.chance.i64(0..below))
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, times: u32) -> bool {
        self.chance.u32(..100) < times
    }

    /// One of them; the default of an empty list.
    pub fn one_of<T: Clone + Default>(&mut self, list: &[T]) -> T {
        self.chance.choice(list).cloned().unwrap_or_default()
    }

    /// A new UUID of this cluster.
    pub fn uuid(&mut self, kind: Kind) -> Uuid {
        self.uuid_of(crate::demo::store::cluster(), kind)
    }

    /// A new UUID of any cluster.
    pub fn uuid_of(&mut self, cluster: &str, kind: Kind) -> Uuid {
        let tail: [u8; 15] = std::array::from_fn(|_| self.letter());
        Uuid::build(cluster, kind, std::str::from_utf8(&tail).unwrap_or_default())
    }

    pub fn secret(&mut self) -> Secret {
        Secret::new((0..50).map(|_| char::from(self.letter())).collect())
    }

    fn letter(&mut self) -> u8 {
        ALPHABET[self.chance.usize(..ALPHABET.len())]
    }

    /// `len` hexadecimal digits.
    pub fn hex(&mut self, len: usize) -> String {
        (0..len).map(|_| char::from(ALPHABET[self.chance.usize(..16)])).collect()
    }

    /// Puts a new row in: made when and by whom it says itself.
    pub fn add<R: Stored + Audited>(&mut self, row: R) -> Uuid {
        let at = row.common().created_at;
        let by = row.common().modified_by_user_uuid.unwrap_or_else(Uuid::system_user);
        let uuid = self.store.put(row);
        let new = self.store.get::<R>(uuid).map(R::snapshot);
        self.record(at, by, None, new);
        uuid
    }

    /// Changes a row, as `by` did at `at`.
    pub fn change<R: Stored + Audited>(
        &mut self,
        uuid: Uuid,
        at: Moment,
        by: Uuid,
        edit: impl FnOnce(&mut R),
    ) {
        let Some(old) = self.store.get::<R>(uuid).cloned() else { return };
        let mut row = R::clone(&old);
        edit(&mut row);
        row.common_mut().modified_at = at;
        row.common_mut().modified_by_user_uuid = Some(by);
        self.store.put(row);
        let new = self.store.get::<R>(uuid).map(R::snapshot);
        self.record(at, by, Some(R::snapshot(&old)), new);
    }

    /// Takes a row out, as `by` did at `at`.
    pub fn delete<R: Stored + Audited>(&mut self, uuid: Uuid, at: Moment, by: Uuid) {
        if let Some(old) = self.store.remove::<R>(uuid) {
            self.record(at, by, Some(R::snapshot(&old)), None);
        }
    }

    /// The server saw `user` at work.
    pub fn activity(&mut self, user: Uuid, at: Moment) {
        let uuid = self.uuid(Kind::Log);
        self.records.push(Log::of_activity(uuid, at, user));
    }

    /// The user of that username.
    pub fn named(&self, username: &str) -> Option<Uuid> {
        self.store.user_named(username).map(|user: &std::sync::Arc<User>| user.common.uuid)
    }

    fn record(&mut self, at: Moment, by: Uuid, old: Option<Snapshot>, new: Option<Snapshot>) {
        let uuid = self.uuid(Kind::Log);
        self.records.extend(Log::of_write(uuid, at, by, old, new));
    }

    /// Puts the records in.
    pub fn close(mut self) {
        self.records.sort_by_key(|record| record.event_at);
        for record in self.records {
            self.store.put(record);
        }
    }
}
