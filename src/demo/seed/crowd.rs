//! Very many more users, for trying long lists: plausible accounts with the links every account has,
//! and a login, key, token or membership only for some, so that a hundred thousand are made in a moment.

use super::data::{Data, Level, Standing};
use super::groups::Role;
use super::history::History;
use crate::demo::moment::Moment;
use crate::demo::record::{Common, Link, User};
use crate::demo::uuid::{Kind, Uuid};
use fastrand::Rng;

/// The most links that one of the crowd has by [`History::quiet_link`].
const QUIET_LINKS: usize = 3;

/// New UUIDs in ascending order, evenly spread: rows that come in order go in several times faster.
struct Ascending {
    kind: Kind,
    next: u64,
    step: u64,
}

/// As many as nine characters tell apart; six more are left to chance.
const HEADS: u64 = 36_u64.pow(9);

impl Ascending {
    fn new(kind: Kind, count: usize) -> Self {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        Self { kind, next: 0, step: (HEADS / count).max(1) }
    }

    fn next(&mut self, chance: &mut Rng) -> Uuid {
        let mut head = self.next + chance.u64(..self.step);
        self.next += self.step;
        let mut tail = [b'0'; 15];
        for (at, place) in tail.iter_mut().enumerate().rev() {
            let digit = if at < 9 {
                let digit = head % 36;
                head /= 36;
                digit
            } else {
                chance.u64(..36)
            };
            *place = u8::try_from(digit)
                .ok()
                .and_then(|digit| b"0123456789abcdefghijklmnopqrstuvwxyz".get(usize::from(digit)).copied())
                .unwrap_or(b'0');
        }
        Uuid::own(self.kind, std::str::from_utf8(&tail).unwrap_or_default())
    }
}

impl History<'_> {
    pub fn add_crowd(&mut self, data: &Data, roles: &[Role<'_>], count: usize) {
        let vms: Vec<Uuid> = self.store.virtual_machines.iter().map(|vm| vm.common.uuid).collect();
        let admin = self.named("ada").unwrap_or_else(Uuid::system_user);
        let mut users = Ascending::new(Kind::User, count);
        let mut links = Ascending::new(Kind::Link, QUIET_LINKS * count);
        for _ in 0..count {
            let user = users.next(&mut self.chance);
            let (standing, at) = self.one_of_the_crowd(data, user);
            if standing == Standing::Active || standing == Standing::SetUp {
                self.quiet_link(&mut links, (user, Level::Write, Uuid::all_users()), at);
            }
            if standing == Standing::Active || standing == Standing::Deactivated {
                self.quiet_link(&mut links, (Uuid::all_users(), Level::Read, user), at);
            }
            if standing == Standing::Active {
                if let Some(role) = self.chance.choice(roles)
                    && self.percent(8)
                {
                    let level = self.level_by_chance();
                    self.quiet_link(&mut links, (user, level, role.uuid), at);
                }
                self.some_extras(&vms, user, (at, admin));
            }
        }
    }

    fn one_of_the_crowd(&mut self, data: &Data, uuid: Uuid) -> (Standing, Moment) {
        let first = self.one_of(&data.first_names);
        let last = self.one_of(&data.last_names);
        let standing = match self.standing_by_chance() {
            Standing::Suspended => Standing::Deactivated,
            other => other,
        };
        let days = self.chance.i64(1..data.institute.founded_days_ago - 100);
        let at = self.ago(days);
        let mut user = User::new(Common::new(uuid, at));
        user.first_name = Some(first.to_owned());
        user.last_name = Some(last.to_owned());
        user.username = Some(self.names.username(first, last));
        user.email = Some(self.names.email(first, last, &data.institute.domain));
        user.is_active = standing == Standing::Active;
        self.store.put(user);
        (standing, at)
    }

    fn some_extras(&mut self, vms: &[Uuid], user: Uuid, (at, by): (Moment, Uuid)) {
        if self.percent(2)
            && let Some(&vm) = self.chance.choice(vms)
            && let Some(name) = self.store.users.get(user).and_then(|row| row.username.clone())
        {
            let groups = if self.percent(40) { vec!["docker".to_owned()] } else { Vec::new() };
            self.login(user, vm, &name, &groups, (at, by));
            self.key(user, user, at, &name);
        }
        if self.percent(4) {
            let at = self.soon_after(at);
            self.login_token(user, at);
        }
    }

    /// A link of which the log has no record any more, as on a cluster that trims its old ones.
    fn quiet_link(&mut self, links: &mut Ascending, (tail, level, head): (Uuid, Level, Uuid), at: Moment) {
        let uuid = links.next(&mut self.chance);
        self.store.put(Link::permission(Common::new(uuid, at), tail, level.name(), head));
    }
}
