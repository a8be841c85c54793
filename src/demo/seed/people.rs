//! The people: each account's life from its making to now, as the named ones' data or chance has it.

use super::data::{Data, Level, Person, Standing};
use super::groups::Role;
use super::history::{History, shift};
use crate::demo::moment::Moment;
use crate::demo::record::{AuthorizedKey, Common, Json, Link, Token, User};
use crate::demo::uuid::{Kind, Uuid};
use jiff::SignedDuration;
use serde_json::json;
use std::sync::Arc;

/// A person while their life is told.
pub struct Member<'p> {
    pub uuid: Uuid,
    pub person: &'p Person,
    /// From when on the account could be used, or was set up.
    pub since: Moment,
    /// Until when it did things: when its person left, or now.
    until: Moment,
}

impl Member<'_> {
    /// A time by which all that the person made was there.
    pub fn until_at_least(&self) -> Moment {
        shift(self.until, -SignedDuration::from_hours(1))
    }
}

impl History<'_> {
    /// Tells the life of one account.
    pub fn live(&mut self, data: &Data, roles: &[Role<'_>], person: &Person) -> Uuid {
        let joined = self.ago(person.joined);
        let until = if person.left > 0 { self.ago(person.left) } else { self.now };
        let uuid = self.make_user(person, joined);
        let mut member = Member { uuid, person, since: joined, until };
        if person.standing == Standing::NeverSetUp {
            return uuid;
        }
        member.since = self.soon_after(joined);
        let admin = self.admin_for(uuid, member.since);
        self.permission(uuid, Level::Write, Uuid::all_users(), (member.since, admin));
        if person.standing != Standing::SetUp {
            let at = self.soon_after(member.since);
            self.activate(data, &member, at);
            member.since = at;
        }
        self.join_groups(roles, &member);
        self.give_logins(data, &member);
        self.give_keys(&member);
        if person.standing == Standing::SetUp {
            if person.tokens.is_some() {
                self.give_tokens(&member);
            }
            return uuid;
        }
        self.give_tokens(&member);
        self.give_data(data, &member);
        self.give_work(data, &member);
        self.work_days(&member);
        let admin = self.admin_for(uuid, until);
        match person.standing {
            Standing::Deactivated => self.unset_up(uuid, until, admin),
            Standing::Suspended => self.suspend(uuid, until, admin),
            Standing::Active | Standing::SetUp | Standing::NeverSetUp => {}
        }
        if let Some(days) = person.changed {
            let at = self.ago(days);
            let ada = self.named("ada").unwrap_or(admin);
            self.change::<User>(uuid, at, ada, |user| {
                user.prefs.insert("profile".to_owned(), json!({"role": "Group leader"}));
            });
        }
        uuid
    }

    /// Some time while the account was in use and `other` was there too.
    pub fn within(&mut self, member: &Member<'_>, other: Uuid) -> Moment {
        let other = self.store.common(other).map_or(member.since, |row| row.created_at);
        let since = member.since.max(other);
        let (from, to) = (since.as_microsecond() + 1, member.until_at_least().as_microsecond());
        if from >= to {
            return self.soon_after(since);
        }
        Moment::from_microsecond(self.chance.i64(from..to))
    }

    /// Who did what admins do for `user` at `at`: mostly Ada, but nobody set up themselves.
    pub fn admin_for(&mut self, user: Uuid, at: Moment) -> Uuid {
        let order = if self.percent(75) { ["ada", "npetrov"] } else { ["npetrov", "ada"] };
        order
            .into_iter()
            .filter_map(|name| self.store.user_named(name))
            .find(|admin| admin.common.uuid != user && admin.common.created_at < at)
            .map_or_else(Uuid::system_user, |admin| admin.common.uuid)
    }

    fn make_user(&mut self, person: &Person, at: Moment) -> Uuid {
        let cluster = person.home.as_deref().unwrap_or(crate::demo::store::cluster());
        let uuid = match &person.uuid {
            Some(tail) => Uuid::build(cluster, Kind::User, tail),
            None => self.uuid_of(cluster, Kind::User),
        };
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut user = User::new(Common::new(uuid, at));
        user.first_name = text(&person.first);
        user.last_name = text(&person.last);
        user.username.clone_from(&person.username);
        user.email.clone_from(&person.email);
        user.is_admin = false;
        self.add(user)
    }

    /// Activation also lets all users see this one (api.md b.5).
    fn activate(&mut self, data: &Data, member: &Member<'_>, at: Moment) {
        let role = self.one_of(&data.institute.roles);
        let department = self.one_of(&data.institute.departments);
        let is_admin = member.person.admin;
        self.change::<User>(member.uuid, at, Uuid::system_user(), |user| {
            user.is_active = true;
            user.is_admin = is_admin;
            user.prefs =
                Json::from_iter([("profile".to_owned(), json!({"organization": department, "role": role}))]);
        });
        self.permission(Uuid::all_users(), Level::Read, member.uuid, (at, Uuid::system_user()));
    }

    /// The days on which the server saw the person at work: recent ones, then fewer and fewer.
    fn work_days(&mut self, member: &Member<'_>) {
        let mut at =
            self.within(member, member.uuid).max(shift(member.until, -SignedDuration::from_hours(24 * 30)));
        let mut gap = 1;
        for _ in 0..self.chance.usize(1..9) {
            if at <= member.since || at >= member.until {
                break;
            }
            self.activity(member.uuid, at);
            gap += self.chance.i64(0..2 * gap + 2);
            at = shift(at, -SignedDuration::from_hours(24 * gap + 2));
        }
    }

    /// What deactivation deletes (api.md v13).
    fn unset_up(&mut self, user: Uuid, at: Moment, by: Uuid) {
        for link in self.links_from(user) {
            self.delete::<Link>(link, at, by);
        }
        let tokens: Vec<Uuid> = self.store.tokens.by("owner_uuid", user).map(|row| row.common.uuid).collect();
        for token in tokens {
            self.delete::<Token>(token, at, by);
        }
        let keys: Vec<Uuid> =
            self.store.authorized_keys.by("authorized_user_uuid", user).map(|row| row.common.uuid).collect();
        for key in keys {
            self.delete::<AuthorizedKey>(key, at, by);
        }
        self.change::<User>(user, at, by, |row| {
            row.is_active = false;
            row.is_admin = false;
            row.prefs = Json::new();
        });
    }

    /// What suspending leaves (api.md v14).
    fn suspend(&mut self, user: Uuid, at: Moment, by: Uuid) {
        for link in self.links_from(user) {
            if self.store.links.get(link).is_some_and(|row| row.head_uuid == Some(Uuid::all_users())) {
                self.delete::<Link>(link, at, by);
            }
        }
        self.change::<User>(user, at, by, |row| row.is_active = false);
    }

    fn links_from(&self, user: Uuid) -> Vec<Uuid> {
        let links = self.store.links.by("tail_uuid", user);
        links.filter(|row| row.is_permission()).map(|row: &Arc<Link>| row.common.uuid).collect()
    }

    /// Somebody made up.
    pub fn person_by_chance(&mut self, data: &Data) -> Person {
        let first = self.one_of(&data.first_names);
        let last = self.one_of(&data.last_names);
        let abroad = self.percent(6);
        let domain = if abroad { &data.institute.partner_domain } else { &data.institute.domain };
        let standing = self.standing_by_chance();
        let joined = match standing {
            Standing::SetUp | Standing::NeverSetUp => self.chance.i64(1..400),
            _ => self.chance.i64(30..data.institute.founded_days_ago - 100),
        };
        let left = match standing {
            Standing::Deactivated | Standing::Suspended => self.chance.i64(2..joined - 20),
            _ => 0,
        };
        Person {
            first: first.to_owned(),
            last: last.to_owned(),
            username: Some(self.names.username(first, last)),
            email: Some(self.names.email(first, last, domain)),
            home: abroad.then(|| data.institute.partner_cluster.clone()),
            standing,
            joined,
            left,
            // Tokens of people from elsewhere are issued there.
            tokens: abroad.then(Vec::new),
            ..Person::default()
        }
    }

    pub fn standing_by_chance(&mut self) -> Standing {
        match self.chance.u32(..100) {
            0..79 => Standing::Active,
            79..85 => Standing::SetUp,
            85..95 => Standing::Deactivated,
            95..96 => Standing::Suspended,
            _ => Standing::NeverSetUp,
        }
    }
}
