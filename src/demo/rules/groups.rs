//! Role groups and projects: whom they belong to, names, the trash (api.md b.8, v28).

use super::common::{Taken, check_owner, free_name, must_be_active, new_owner, new_uuid};
use crate::demo::failure::Failure;
use crate::demo::moment::Moment;
use crate::demo::permissions::Viewer;
use crate::demo::record::{Collection, Common, Group, Link, Record};
use crate::demo::request::Attributes;
use crate::demo::store::Store;
use crate::demo::uuid::{Kind, Uuid};
use crate::demo::write::Writer;
use jiff::SignedDuration;
use std::sync::Arc;

const ATTRIBUTES: [&str; 9] = [
    "uuid",
    "owner_uuid",
    "name",
    "group_class",
    "description",
    "properties",
    "trash_at",
    "delete_at",
    "frozen_by_uuid",
];
/// How long things stay in the trash (`Collections.DefaultTrashLifetime`).
const TRASH: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Makes a group. A role belongs to the system user and is managed by whom it was to belong to.
pub fn create(
    writer: &mut Writer<'_>,
    viewer: &Viewer,
    given: &Attributes,
    taken: Taken,
) -> Result<Arc<Group>, Failure> {
    given.only("Group", &ATTRIBUTES)?;
    let class = given.text("group_class").flatten().unwrap_or_default();
    let class = match class.as_str() {
        "role" => "role",
        "project" => "project",
        "filter" => "filter",
        _ => {
            return Err(Failure::invalid(format!(
                "Group class value must be one of 'project', 'role' or 'filter', was '{class}'"
            )));
        }
    };
    must_be_active(viewer)?;
    let uuid = new_uuid::<Group>(writer.store, viewer, given)?;
    let (owner, manager) = match class {
        "role" => {
            let manager = given.uuid("owner_uuid").flatten().and_then(Result::ok).unwrap_or(viewer.uuid());
            (Uuid::system_user(), Some(manager))
        }
        _ => (new_owner(writer.store, viewer, given)?, None),
    };
    let name = given.filled("name").flatten().unwrap_or_else(|| uuid.to_string());
    check_name(class, &name)?;
    let name = unique(writer.store, owner, uuid, name, taken)?;
    let mut group = Group::new(Common::new(uuid, writer.store.clock.now()).owned_by(owner), class, name);
    group.description = given.filled("description").flatten();
    group.properties = given.json("properties")?.unwrap_or_default();
    if class == "filter" && !group.properties.get("filters").is_some_and(serde_json::Value::is_array) {
        return Err(Failure::invalid(
            "Properties filters property missing, it must be an array of arrays, each with 3 elements",
        ));
    }
    let group = writer.create(group);
    if let Some(manager) = manager {
        let common = Common::new(writer.store.new_uuid(Kind::Link), group.common.created_at);
        writer.as_system().create(Link::permission(common, manager, "can_manage", uuid));
    }
    Ok(group)
}

/// Changes a group.
pub fn update(
    writer: &mut Writer<'_>,
    viewer: &Viewer,
    old: &Group,
    given: &Attributes,
) -> Result<Arc<Group>, Failure> {
    given.only("Group", &ATTRIBUTES)?;
    let mut group = old.clone();
    if let Some(name) = given.filled("name") {
        group.name = name;
    }
    if given.text("group_class").is_some_and(|class| class.as_deref() != Some(&*old.group_class)) {
        return Err(Failure::invalid("Group class cannot be modified after record is created"));
    }
    if let Some(description) = given.filled("description") {
        group.description = description;
    }
    if let Some(properties) = given.json("properties")? {
        group.properties = properties;
    }
    if let Some(at) = given.time("trash_at") {
        group.trash_at = at;
        group.delete_at = at.map(end_of_trash);
    }
    if let Some(at) = given.time("delete_at") {
        group.delete_at = at;
    }
    if let Some(Some(Ok(owner))) = given.uuid("owner_uuid") {
        group.common.owner_uuid = owner;
    }
    save(writer, viewer, old, group)
}

fn save(
    writer: &mut Writer<'_>,
    viewer: &Viewer,
    old: &Group,
    mut group: Group,
) -> Result<Arc<Group>, Failure> {
    must_be_active(viewer)?;
    let moved = group.common.owner_uuid != old.common.owner_uuid;
    if group.is_role() {
        if moved {
            return Err(Failure::runtime("Owner uuid for role must be system user"));
        }
        if !viewer.can_manage(writer.store, group.uuid()) {
            return Err(Failure::denied());
        }
    } else if moved {
        if lies_in(writer.store, group.common.owner_uuid, group.uuid()) {
            return Err(Failure::invalid("Owner uuid would create an ownership cycle"));
        }
        check_owner(writer.store, viewer, group.common.owner_uuid)?;
    }
    if !viewer.can_write(writer.store, group.uuid()) {
        return Err(Failure::denied());
    }
    group.is_trashed = group.trash_at.is_some_and(|at| at <= writer.store.clock.now());
    if old.is_trashed && !group.is_trashed && group.is_role() {
        return Err(Failure::runtime("Role groups cannot be untrashed"));
    }
    if moved || group.name != old.name || old.is_trashed != group.is_trashed {
        let name = group.name.clone().unwrap_or_default();
        check_name(&group.group_class, &name)?;
        if !group.is_trashed {
            unique(writer.store, group.common.owner_uuid, group.uuid(), name, Taken::Refuse)?;
        }
    }
    Ok(writer.update(group))
}

/// Puts a group into the trash: a project for two weeks; a role for good, with what it allowed.
pub fn trash(writer: &mut Writer<'_>, viewer: &Viewer, old: &Group) -> Result<Arc<Group>, Failure> {
    let special = [Uuid::system_group(), Uuid::all_users(), Uuid::anonymous_group()];
    if special.contains(&old.uuid()) {
        return Err(Failure::denied());
    }
    let now = writer.store.clock.tick();
    let mut group = old.clone();
    group.trash_at = Some(now);
    group.delete_at = Some(if group.is_role() { now } else { end_of_trash(now) });
    let group = save(writer, viewer, old, group)?;
    if group.is_role() {
        let links = writer.store.links.by("tail_uuid", group.uuid());
        let links: Vec<Uuid> = links.filter(|link| link.is_permission()).map(|link| link.uuid()).collect();
        writer.delete_all::<Link>(links);
    }
    Ok(group)
}

/// Takes a project out of the trash.
pub fn untrash(writer: &mut Writer<'_>, viewer: &Viewer, old: &Group) -> Result<Arc<Group>, Failure> {
    let group = Group { trash_at: None, delete_at: None, ..old.clone() };
    save(writer, viewer, old, group)
}

/// When something put into the trash at `at` is deleted.
pub fn end_of_trash(at: Moment) -> Moment {
    at.saturating_add(TRASH)
}

/// A name that no other group of the owner has.
fn unique(store: &mut Store, owner: Uuid, uuid: Uuid, name: String, taken: Taken) -> Result<String, Failure> {
    free_name(store, "index_groups_on_owner_uuid_and_name", owner, name, taken, |store, name| {
        store
            .groups
            .by("owner_uuid", owner)
            .any(|other| other.uuid() != uuid && !other.is_trashed && other.name.as_deref() == Some(name))
    })
}

/// A name that no other collection of the owner has.
pub fn unique_collection(
    store: &mut Store,
    collection: &Collection,
    taken: Taken,
) -> Result<Option<String>, Failure> {
    let Some(name) = collection.name.clone() else { return Ok(None) };
    let (owner, uuid) = (collection.common.owner_uuid, collection.uuid());
    free_name(store, "index_collections_on_owner_uuid_and_name", owner, name, taken, |store, name| {
        store
            .collections
            .by("owner_uuid", owner)
            .any(|other| other.uuid() != uuid && !other.is_trashed && other.name.as_deref() == Some(name))
    })
    .map(Some)
}

fn check_name(class: &str, name: &str) -> Result<(), Failure> {
    if class == "role" {
        return Ok(());
    }
    match name {
        "." | ".." => Err(Failure::invalid("Name cannot be '.' or '..'")),
        _ if name.contains('/') => Err(Failure::invalid("Name cannot contain a '/' character")),
        _ => Ok(()),
    }
}

fn lies_in(store: &Store, mut at: Uuid, project: Uuid) -> bool {
    for _ in 0..100 {
        if at == project {
            return true;
        }
        match store.groups.get(at) {
            Some(group) => at = group.common.owner_uuid,
            None => return false,
        }
    }
    true
}
