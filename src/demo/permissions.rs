//! Who may do what: the permission links and ownership followed as the server follows them (api.md b.2,
//! b.8, v14). Nothing is cached between requests.

use super::columns::Scene;
use super::record::{Common, Link, User};
use super::store::Store;
use super::uuid::{Kind, Uuid};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How much a permission allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Read,
    Write,
    Manage,
}

impl Level {
    /// The level a permission link of that name gives; a login lets its VM be seen.
    pub fn of_link(name: &str) -> Option<Self> {
        match name {
            "can_read" | "can_login" => Some(Self::Read),
            "can_write" => Some(Self::Write),
            "can_manage" => Some(Self::Manage),
            _ => None,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "can_read",
            Self::Write => "can_write",
            Self::Manage => "can_manage",
        }
    }
}

/// A permission a user has on something, however it came by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub level: Level,
    /// Whether it extends to what the thing owns.
    pub owned: bool,
}

/// Everything a user has a permission on, itself included.
pub type Reach = BTreeMap<Uuid, Grant>;

/// The user who asks, with what it can reach.
pub struct Viewer {
    pub user: Arc<User>,
    reach: OnceCell<Reach>,
}

impl Viewer {
    pub fn new(user: Arc<User>) -> Self {
        Self { user, reach: OnceCell::new() }
    }

    pub fn uuid(&self) -> Uuid {
        self.user.common.uuid
    }

    pub fn is_admin(&self) -> bool {
        self.user.is_admin
    }

    pub fn is_system(&self) -> bool {
        self.uuid() == Uuid::system_user()
    }

    pub fn reach(&self, store: &Store) -> &Reach {
        self.reach.get_or_init(|| reach(store, self.uuid()))
    }

    /// Whether it has at least `level` on `target`, which need not be in any table.
    pub fn can(&self, store: &Store, target: Uuid, level: Level) -> bool {
        if self.is_admin() || target == self.uuid() {
            return true;
        }
        let reach = self.reach(store);
        let direct = reach.get(&target).is_some_and(|grant| grant.level >= level);
        direct
            || store
                .common(target)
                .and_then(|common| reach.get(&common.owner_uuid))
                .is_some_and(|grant| grant.owned && grant.level >= level)
    }

    pub fn can_write(&self, store: &Store, target: Uuid) -> bool {
        self.can(store, target, Level::Write)
    }

    pub fn can_manage(&self, store: &Store, target: Uuid) -> bool {
        self.can(store, target, Level::Manage)
    }

    /// Whether a row can be read, trash aside.
    pub fn can_read(&self, store: &Store, common: &Common) -> bool {
        if self.is_admin() {
            return true;
        }
        // Active users see every role group (`Users.RoleGroupsVisibleToAll`).
        let is_role = |uuid: Uuid| store.groups.get(uuid).is_some_and(|group| group.is_role());
        if self.user.is_active && common.uuid.kind() == Some(Kind::Group) && is_role(common.uuid) {
            return true;
        }
        let reach = self.reach(store);
        reach.contains_key(&common.uuid)
            || (common.uuid.kind() != Some(Kind::Group)
                && reach.get(&common.owner_uuid).is_some_and(|grant| grant.owned))
    }

    /// Whether a link can be read: like any row, or a permission of or on oneself or on what one manages.
    pub fn can_read_link(&self, store: &Store, link: &Link) -> bool {
        self.can_read(store, &link.common)
            || (link.is_permission()
                && (link.tail_uuid.is_some_and(|tail| self.is_or_manages_user(store, tail))
                    || link.head_uuid.is_some_and(|head| {
                        self.is_or_manages_user(store, head) || self.can_manage(store, head)
                    })))
    }

    fn is_or_manages_user(&self, store: &Store, uuid: Uuid) -> bool {
        uuid == self.uuid()
            || (uuid.kind() == Some(Kind::User)
                && self.reach(store).get(&uuid).is_some_and(|grant| grant.level == Level::Manage))
    }
}

/// What `user` can reach: permission links from it and from the groups and managed users on the way,
/// and the groups they own. The lowest level on a way counts, the best way wins.
pub fn reach(store: &Store, user: Uuid) -> Reach {
    let mut reach = Reach::new();
    let mut open = vec![(user, Level::Manage)];
    while let Some((at, level)) = open.pop() {
        let owned = match at.kind() {
            Some(Kind::Group) => true,
            Some(Kind::User) => level == Level::Manage,
            _ => false,
        };
        if reach.get(&at).is_some_and(|known: &Grant| known.level >= level) {
            continue;
        }
        reach.insert(at, Grant { level, owned });
        if !owned {
            continue;
        }
        for link in permissions_from(store, at) {
            if let (Some(head), Some(step)) = (link.head_uuid, Level::of_link(&link.name)) {
                open.push((head, level.min(step)));
            }
        }
        open.extend(store.groups.by("owner_uuid", at).map(|group| (group.common.uuid, level)));
    }
    reach
}

fn permissions_from(store: &Store, tail: Uuid) -> impl Iterator<Item = &Arc<Link>> {
    store.links.by("tail_uuid", tail).filter(|link| link.is_permission())
}

/// Whether a user is active, or is a member of the group of all users by any way (api.md v14).
pub fn is_invited(store: &Store, user: &User) -> bool {
    if user.is_active {
        return true;
    }
    let mut seen = BTreeSet::new();
    let mut open = vec![user.common.uuid];
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        for link in permissions_from(store, at) {
            let (Some(head), Some(level)) = (link.head_uuid, Level::of_link(&link.name)) else { continue };
            match head.kind() {
                Some(Kind::Group) if is_all_users(head) => return true,
                Some(Kind::Group) => open.push(head),
                Some(Kind::User) if level == Level::Manage => open.push(head),
                _ => {}
            }
        }
    }
    false
}

fn is_all_users(group: Uuid) -> bool {
    group.as_str().ends_with("-fffffffffffffff")
}

/// The `writable_by` column: the owner, and for those who may write also the asker and who else may.
pub fn writable_by(scene: &Scene<'_>, common: &Common) -> Vec<Uuid> {
    let Scene { store, viewer } = scene;
    let mut uuids = vec![common.owner_uuid];
    if viewer.can_write(store, common.uuid) && !uuids.contains(&viewer.uuid()) {
        uuids.push(viewer.uuid());
    }
    if viewer.can_manage(store, common.uuid) {
        for link in store.links.by("head_uuid", common.uuid).filter(|link| link.is_permission()) {
            if let Some(tail) = link.tail_uuid
                && Level::of_link(&link.name) >= Some(Level::Write)
                && !uuids.contains(&tail)
            {
                uuids.push(tail);
            }
        }
    }
    uuids
}

/// Whether a group lies in the trash, or in a project that does.
pub fn is_in_trash(store: &Store, mut group: Uuid) -> bool {
    let mut steps = 0;
    while let Some(row) = store.groups.get(group) {
        if row.is_trashed {
            return true;
        }
        group = row.common.owner_uuid;
        steps += 1;
        if steps > 100 {
            break;
        }
    }
    false
}
