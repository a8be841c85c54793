//! `/groups` and what projects and users own (api.md b.8, v28)

use crate::demo::answer::{Answer, List, Totals, rails_value};
use crate::demo::call::{Call, Handled};
use crate::demo::columns::Columns;
use crate::demo::failure::Failure;
use crate::demo::list;
use crate::demo::permissions::is_in_trash;
use crate::demo::query::{Count, Fallback, Wants};
use crate::demo::record::{Collection, ContainerRequest, Group, Record};
use crate::demo::rules::common::Taken;
use crate::demo::rules::groups;
use crate::demo::store::Store;
use crate::demo::uuid::{Kind, Uuid};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

fn is_readable(call: &Call, store: &Store, group: &Group) -> bool {
    call.viewer().can_read(store, &group.common)
        && (call.params.flag("include_trash") || !is_in_trash(store, group.uuid()))
}

fn find(call: &Call, store: &Store) -> Result<Arc<Group>, Failure> {
    call.found(store, |group: &Group| is_readable(call, store, group))
}

pub fn list(call: &Call, store: &Store) -> Handled {
    call.list(store, |group: &Group| is_readable(call, store, group))
}

pub fn get(call: &Call, store: &Store) -> Handled {
    call.one(store, &*find(call, store)?)
}

/// What to do about a taken name, as the request says.
pub fn taken(call: &Call) -> Taken {
    if call.params.flag("ensure_unique_name") { Taken::Number } else { Taken::Refuse }
}

pub fn create(call: &Call, store: &mut Store) -> Handled {
    let given = call.attributes::<Group>()?;
    let group = groups::create(&mut call.writer(store), call.viewer(), &given, taken(call))?;
    call.one(store, &*group)
}

pub fn update(call: &Call, store: &mut Store) -> Handled {
    let old = find(call, store)?;
    let given = call.attributes::<Group>()?;
    let group = groups::update(&mut call.writer(store), call.viewer(), &old, &given)?;
    call.one(store, &*group)
}

pub fn delete(call: &Call, store: &mut Store) -> Handled {
    let old = find(call, store)?;
    let group = groups::trash(&mut call.writer(store), call.viewer(), &old)?;
    call.one(store, &*group)
}

pub fn untrash(call: &Call, store: &mut Store) -> Handled {
    let old = call.found_readable::<Group>(store)?;
    let group = groups::untrash(&mut call.writer(store), call.viewer(), &old)?;
    call.one(store, &*group)
}

/// What a project or a user owns: projects, container requests, collections.
pub fn contents(call: &Call, store: &Store) -> Handled {
    let wants = call.wants()?;
    let given = call.uuid.as_deref().or_else(|| call.params.text("uuid"));
    let owners = match given {
        None => None,
        Some(text) => Some(owners(call, store, Uuid::parse(text).ok_or_else(Failure::not_found)?)?),
    };
    let mut found = Contents { call, store, wants: &wants, owners, items: Vec::new(), available: 0 };
    found.add::<Group>(|group| group.group_class != "role" && !group.is_trashed)?;
    found.add::<ContainerRequest>(|_| true)?;
    found.add::<Collection>(|collection| !collection.is_trashed)?;
    let available = (wants.count == Count::Exact).then_some(found.available);
    Ok(Answer::of(&List {
        kind: "arvados#objectList".to_owned(),
        front: call.front,
        totals: Some(Totals { available, offset: wants.offset, limit: wants.limit }),
        items: found.items,
    }))
}

fn owners(call: &Call, store: &Store, uuid: Uuid) -> Result<BTreeSet<Uuid>, Failure> {
    let known = match uuid.kind() {
        Some(Kind::User) => store.users.get(uuid).is_some_and(|user| user.redirect_to_user_uuid.is_none()),
        Some(Kind::Group) => store.groups.get(uuid).is_some_and(|group| is_readable(call, store, group)),
        _ => false,
    };
    if !known {
        return Err(Failure::not_found());
    }
    let mut owners = BTreeSet::from([uuid]);
    if call.params.flag("recursive") {
        let mut open = vec![uuid];
        while let Some(at) = open.pop() {
            for group in store.groups.by("owner_uuid", at).filter(|group| !group.is_role()) {
                if owners.insert(group.uuid()) {
                    open.push(group.uuid());
                }
            }
        }
    }
    Ok(owners)
}

struct Contents<'a> {
    call: &'a Call,
    store: &'a Store,
    wants: &'a Wants,
    owners: Option<BTreeSet<Uuid>>,
    items: Vec<Value>,
    available: usize,
}

impl Contents<'_> {
    fn add<R: Columns>(&mut self, shown: impl Fn(&R) -> bool) -> Result<(), Failure> {
        let Self { call, store, wants, .. } = *self;
        let trash = call.params.flag("include_trash");
        let mut part = wants.part(0, usize::MAX);
        part.count = Count::None;
        // A filter may name its table; those of other tables do not count here.
        part.filters.retain(|filter| {
            filter.attributes.iter().all(|name| {
                name.split_once('.').is_none_or(|(table, _)| table == R::TABLE || R::column(table).is_some())
            })
        });
        let owners = self.owners.as_ref();
        let page = list::whole(store, &part, Fallback::Modified, |row: &R| {
            let common = row.common();
            owners.is_none_or(|owners| owners.contains(&common.owner_uuid))
                && call.viewer().can_read(store, common)
                && (trash || (shown(row) && !is_in_trash(store, common.owner_uuid)))
        })?;
        let role = |row: &R| {
            R::KIND == Kind::Group && store.groups.get(row.uuid()).is_some_and(|group| group.is_role())
        };
        let rows: Vec<&Arc<R>> = page.rows.iter().filter(|row| !role(row)).collect();
        let skip = wants.offset.saturating_sub(self.available);
        let room = wants.limit.saturating_sub(self.items.len());
        let scene = call.scene(store);
        self.items.extend(rows.iter().skip(skip).take(room).map(|row| rails_value(&scene, &***row)));
        self.available += rows.len();
        Ok(())
    }
}
