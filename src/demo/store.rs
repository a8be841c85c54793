//! What the demo cluster knows: its tables, its clock and its source of names. Putting rows in here
//! follows no rule of the server and leaves no audit record; that is `write`'s business, and the seed
//! makes its own history.

use super::clock::{Clock, Time};
use super::moment::Moment;
use super::record::{
    AuthorizedKey, Collection, Common, Container, ContainerRequest, Credential, Group, Link, Log, Record,
    Token, User, VirtualMachine,
};
use super::settings::Settings;
use super::table::Table;
use super::uuid::{CLUSTER, Kind, Uuid};
use crate::secret::Secret;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The tables. Reading is open; rows go in by [`Store::put`].
pub struct Store {
    pub users: Table<User>,
    /// Found by `owner_uuid`, and by the text `secret`.
    pub tokens: Table<Token>,
    /// Found by `tail_uuid` and by `head_uuid`.
    pub links: Table<Link>,
    pub virtual_machines: Table<VirtualMachine>,
    /// Found by `owner_uuid`.
    pub groups: Table<Group>,
    /// Found by `owner_uuid` and by `authorized_user_uuid`.
    pub authorized_keys: Table<AuthorizedKey>,
    /// Found by `object_uuid` and by `object_owner_uuid`.
    pub logs: Table<Log>,
    pub containers: Table<Container>,
    /// Found by `owner_uuid`.
    pub container_requests: Table<ContainerRequest>,
    /// Found by `owner_uuid`.
    pub collections: Table<Collection>,
    pub credentials: Table<Credential>,
    /// The other clusters this one knows.
    pub remotes: BTreeSet<String>,
    pub settings: Settings,
    pub clock: Clock,
    chance: fastrand::Rng,
    next_log: i64,
    next_sweep: Moment,
}

/// How often expired tokens are deleted.
const SWEEP: SignedDuration = SignedDuration::from_secs(60);

/// A row that the store has a table for.
pub trait Stored: Record + 'static {
    fn table(store: &Store) -> &Table<Self>;
    fn table_mut(store: &mut Store) -> &mut Table<Self>;
    /// What the store sets itself when the row goes in.
    fn number(&mut self, _store: &mut Store) {}
}

macro_rules! stored {
    ($($row:ident $table:ident),+) => {$(
        impl Stored for $row {
            fn table(store: &Store) -> &Table<Self> {
                &store.$table
            }
            fn table_mut(store: &mut Store) -> &mut Table<Self> {
                &mut store.$table
            }
        }
    )+};
}

stored!(
    User users, Token tokens, Link links, VirtualMachine virtual_machines, Group groups,
    AuthorizedKey authorized_keys, Container containers, ContainerRequest container_requests,
    Collection collections, Credential credentials
);

impl Stored for Log {
    fn table(store: &Store) -> &Table<Self> {
        &store.logs
    }
    fn table_mut(store: &mut Store) -> &mut Table<Self> {
        &mut store.logs
    }
    fn number(&mut self, store: &mut Store) {
        if self.id == 0 {
            self.id = store.next_log;
            store.next_log += 1;
        }
    }
}

impl Store {
    /// A new cluster: the system user, the anonymous user and the three groups every cluster has, as old
    /// as its clock. With a set clock its UUIDs and secrets come out the same every time.
    pub fn new(time: Time) -> Self {
        let chance = match time {
            Time::Real | Time::Ahead(_) => fastrand::Rng::new(),
            Time::From(start) => fastrand::Rng::with_seed(start.as_second().unsigned_abs()),
        };
        let mut store = Self {
            users: Table::new()
                .indexed_text("username", |user: &User| user.username.as_deref())
                .indexed_text("email", |user: &User| user.email.as_deref()),
            tokens: Table::new()
                .indexed("owner_uuid", |token: &Token| Some(token.common.owner_uuid))
                .indexed_text("secret", |token: &Token| Some(token.secret.expose())),
            links: Table::new()
                .indexed("tail_uuid", |link: &Link| link.tail_uuid)
                .indexed("head_uuid", |link: &Link| link.head_uuid),
            virtual_machines: Table::new(),
            groups: Table::new().indexed("owner_uuid", |group: &Group| Some(group.common.owner_uuid)),
            authorized_keys: Table::new()
                .indexed("owner_uuid", |key: &AuthorizedKey| Some(key.common.owner_uuid))
                .indexed("authorized_user_uuid", |key: &AuthorizedKey| key.authorized_user_uuid),
            logs: Table::new()
                .indexed("object_uuid", |log: &Log| log.object_uuid)
                .indexed("object_owner_uuid", |log: &Log| log.object_owner_uuid),
            containers: Table::new(),
            container_requests: Table::new()
                .indexed("owner_uuid", |request: &ContainerRequest| Some(request.common.owner_uuid)),
            collections: Table::new()
                .indexed("owner_uuid", |collection: &Collection| Some(collection.common.owner_uuid)),
            credentials: Table::new(),
            remotes: BTreeSet::new(),
            settings: Settings::default(),
            clock: Clock::new(time),
            chance,
            next_log: 1,
            next_sweep: Moment::MIN,
        };
        store.next_sweep = store.clock.now().saturating_add(SWEEP);
        store.put_what_every_cluster_has();
        store
    }

    /// Puts a row in, in place of the one that has its UUID. Leaves no audit record.
    pub fn put<R: Stored>(&mut self, mut row: R) -> Uuid {
        row.number(self);
        let uuid = row.uuid();
        R::table_mut(self).put(Arc::new(row));
        uuid
    }

    /// Takes a row out. Leaves no audit record.
    pub fn remove<R: Stored>(&mut self, uuid: Uuid) -> Option<Arc<R>> {
        R::table_mut(self).remove(uuid)
    }

    pub fn get<R: Stored>(&self, uuid: Uuid) -> Option<&Arc<R>> {
        R::table(self).get(uuid)
    }

    /// A UUID of this cluster that nothing has yet.
    pub fn new_uuid(&mut self, kind: Kind) -> Uuid {
        Uuid::own(kind, &self.letters(15))
    }

    /// A new token's secret.
    pub fn new_secret(&mut self) -> Secret {
        Secret::new(self.letters(50))
    }

    /// The source of chance: with a set clock the same numbers every time.
    pub fn chance(&mut self) -> &mut fastrand::Rng {
        &mut self.chance
    }

    /// `len` characters out of `0-9a-z`.
    pub fn letters(&mut self, len: usize) -> String {
        const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        (0..len).map(|_| char::from(ALPHABET[self.chance.usize(..ALPHABET.len())])).collect()
    }

    /// The kind-specific existence check behind "not found": any table, by the UUID's kind.
    pub fn common(&self, uuid: Uuid) -> Option<&Common> {
        match uuid.kind()? {
            Kind::User => self.users.get(uuid).map(|row| &row.common),
            Kind::Token => self.tokens.get(uuid).map(|row| &row.common),
            Kind::Link => self.links.get(uuid).map(|row| &row.common),
            Kind::VirtualMachine => self.virtual_machines.get(uuid).map(|row| &row.common),
            Kind::Group => self.groups.get(uuid).map(|row| &row.common),
            Kind::AuthorizedKey => self.authorized_keys.get(uuid).map(|row| &row.common),
            Kind::Log => self.logs.get(uuid).map(|row| &row.common),
            Kind::Container => self.containers.get(uuid).map(|row| &row.common),
            Kind::ContainerRequest => self.container_requests.get(uuid).map(|row| &row.common),
            Kind::Collection => self.collections.get(uuid).map(|row| &row.common),
            Kind::Credential => self.credentials.get(uuid).map(|row| &row.common),
        }
    }

    /// The user of that username.
    pub fn user_named(&self, username: &str) -> Option<&Arc<User>> {
        self.users.by_text("username", username).next()
    }

    /// Starts a transaction.
    pub(super) fn begin(&mut self) {
        self.every_table(&TableStep::Begin);
    }

    /// Ends a transaction, keeping what was written.
    pub(super) fn commit(&mut self) {
        self.every_table(&TableStep::Commit);
    }

    /// Ends a transaction as if nothing had been written.
    pub(super) fn roll_back(&mut self) {
        self.every_table(&TableStep::RollBack);
    }

    /// Keeps what was written so far, also if the rest of the transaction is undone.
    pub(super) fn keep(&mut self) {
        self.commit();
        self.begin();
    }

    /// Whether it is time to delete expired tokens, which the server does once a minute.
    pub(super) fn sweep_is_due(&self) -> bool {
        self.clock.now() >= self.next_sweep
    }

    /// Deletes expired tokens, without an audit record (api.md v6).
    pub(super) fn sweep(&mut self) {
        let now = self.clock.now();
        let expired = self.tokens.iter().filter(|token| token.lives_until().is_some_and(|end| end <= now));
        let expired: Vec<Uuid> = expired.map(|token| token.common.uuid).collect();
        for uuid in expired {
            self.tokens.remove(uuid);
        }
        self.next_sweep = now.saturating_add(SWEEP);
    }

    fn every_table(&mut self, step: &TableStep) {
        step.on(&mut self.users);
        step.on(&mut self.tokens);
        step.on(&mut self.links);
        step.on(&mut self.virtual_machines);
        step.on(&mut self.groups);
        step.on(&mut self.authorized_keys);
        step.on(&mut self.logs);
        step.on(&mut self.containers);
        step.on(&mut self.container_requests);
        step.on(&mut self.collections);
        step.on(&mut self.credentials);
    }

    fn put_what_every_cluster_has(&mut self) {
        let at: Moment = self.clock.tick();
        let mut system = User::new(Common::new(Uuid::system_user(), at));
        system.email = Some("root".to_owned());
        system.first_name = Some("root".to_owned());
        system.last_name = Some(String::new());
        system.is_active = true;
        system.is_admin = true;
        self.put(system);
        let mut anonymous = User::new(Common::new(Uuid::anonymous_user(), at));
        anonymous.email = Some("anonymous".to_owned());
        anonymous.first_name = Some("Anonymous".to_owned());
        anonymous.last_name = Some(String::new());
        self.put(anonymous);
        let groups = [
            (Uuid::system_group(), "System group", "System group"),
            (Uuid::all_users(), "All users", "All users"),
            (Uuid::anonymous_group(), "Anonymous users", "Anonymous users"),
        ];
        for (uuid, name, description) in groups {
            let mut group = Group::new(Common::new(uuid, at), "role", name);
            group.description = Some(description.to_owned());
            self.put(group);
        }
        let readers = [("anonymousmember", Uuid::anonymous_user()), ("everybodyreads0", Uuid::all_users())];
        for (tail, reader) in readers {
            let common = Common::new(Uuid::own(Kind::Link, tail), at);
            self.put(Link::permission(common, reader, "can_read", Uuid::anonymous_group()));
        }
    }
}

enum TableStep {
    Begin,
    Commit,
    RollBack,
}

impl TableStep {
    fn on<R: Record>(&self, table: &mut Table<R>) {
        match self {
            Self::Begin => table.begin(),
            Self::Commit => table.commit(),
            Self::RollBack => table.roll_back(),
        }
    }
}

/// The id of this cluster, for a seed that makes users of others too.
pub const fn cluster() -> &'static str {
    CLUSTER
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> Store {
        Store::new(Time::From(jiff::Timestamp::UNIX_EPOCH))
    }

    fn someone(store: &mut Store, username: &str) -> Uuid {
        let uuid = store.new_uuid(Kind::User);
        let at = store.clock.tick();
        let mut user = User::new(Common::new(uuid, at));
        user.username = Some(username.to_owned());
        store.put(user)
    }

    #[test]
    fn a_rolled_back_write_leaves_no_trace() {
        let mut store = store();
        let ann = someone(&mut store, "ann");
        store.begin();
        let bob = someone(&mut store, "bob");
        store.remove::<User>(ann);
        store.roll_back();
        assert_eq!(store.user_named("ann").map(|user| user.uuid()), Some(ann));
        assert!(store.user_named("bob").is_none() && !store.users.contains(bob));
    }

    #[test]
    fn links_are_found_from_both_ends_and_no_longer_after_they_went() {
        let mut store = store();
        let ann = someone(&mut store, "ann");
        let uuid = store.new_uuid(Kind::Link);
        let at = store.clock.tick();
        store.put(Link::permission(Common::new(uuid, at), ann, "can_write", Uuid::all_users()));
        assert_eq!(store.links.by("tail_uuid", ann).count(), 1);
        assert_eq!(store.links.by("head_uuid", Uuid::all_users()).count(), 1);
        store.remove::<Link>(uuid);
        assert_eq!(store.links.by("tail_uuid", ann).count(), 0);
    }

    #[test]
    fn a_set_clock_gives_every_instant_once() {
        let mut store = store();
        assert!(store.clock.tick() < store.clock.tick());
    }
}
