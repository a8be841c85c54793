//! `/collections`: data there is to count, move and trash (api.md v28)

use super::groups::taken;
use crate::demo::answer::{self, Shape};
use crate::demo::call::{Call, Handled};
use crate::demo::failure::Failure;
use crate::demo::list;
use crate::demo::permissions::is_in_trash;
use crate::demo::query::Fallback;
use crate::demo::record::{Collection, Common, Record};
use crate::demo::request::Attributes;
use crate::demo::rules::common::{self, Taken};
use crate::demo::rules::groups::{end_of_trash, unique_collection};
use crate::demo::store::Store;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

const ATTRIBUTES: [&str; 12] = [
    "uuid",
    "owner_uuid",
    "name",
    "description",
    "portable_data_hash",
    "manifest_text",
    "properties",
    "trash_at",
    "delete_at",
    "replication_desired",
    "storage_classes_desired",
    "preserve_version",
];

fn is_readable(call: &Call, store: &Store, collection: &Collection) -> bool {
    call.viewer().can_read(store, &collection.common)
        && (call.params.flag("include_trash")
            || !(collection.is_trashed || is_in_trash(store, collection.common.owner_uuid)))
}

fn find(call: &Call, store: &Store) -> Result<Arc<Collection>, Failure> {
    call.found(store, |collection: &Collection| is_readable(call, store, collection))
}

/// Manifests come only with a record that is asked for by itself, or selected.
pub fn list(call: &Call, store: &Store) -> Handled {
    let wants = call.wants()?;
    let mut shape = Shape::new(call.front, wants.selected()?);
    if !wants.has_select() {
        shape = shape.without("manifest_text");
    }
    let readable = |collection: &Collection| is_readable(call, store, collection);
    let page = list::page(store, &wants, Fallback::Modified, readable)?;
    Ok(answer::list(&call.scene(store), &shape, &wants, &page))
}

pub fn get(call: &Call, store: &Store) -> Handled {
    call.one(store, &*find(call, store)?)
}

pub fn create(call: &Call, store: &mut Store) -> Handled {
    let given = call.attributes::<Collection>()?;
    common::must_be_active(call.viewer())?;
    let uuid = common::new_uuid::<Collection>(store, call.viewer(), &given)?;
    let owner = common::new_owner(store, call.viewer(), &given)?;
    let mut made = Collection::new(Common::new(uuid, store.clock.now()).owned_by(owner), "");
    made.name = None;
    apply(store, &mut made, &given)?;
    made.name = unique_collection(store, &made, taken(call))?;
    let made = call.writer(store).create(made);
    call.one(store, &*made)
}

fn apply(store: &Store, collection: &mut Collection, given: &Attributes) -> Result<(), Failure> {
    given.only("Collection", &ATTRIBUTES)?;
    if let Some(name) = given.filled("name") {
        collection.name = name;
    }
    if let Some(description) = given.filled("description") {
        collection.description = description;
    }
    if let Some(properties) = given.json("properties")? {
        collection.properties = properties;
    }
    if let Some(text) = given.text("manifest_text") {
        let text = text.unwrap_or_default();
        collection.portable_data_hash = Some(portable_hash(&text));
        let files = text.split_whitespace().filter(|word| word.split(':').count() == 3);
        collection.file_count = i64::try_from(files.clone().count()).unwrap_or_default();
        collection.file_size_total =
            files.filter_map(|word| word.split(':').nth(1)?.parse::<i64>().ok()).sum();
        collection.manifest_text = Some(text);
    }
    if let Some(at) = given.time("trash_at") {
        collection.trash_at = at;
        collection.delete_at = at.map(end_of_trash);
    }
    if let Some(at) = given.time("delete_at") {
        collection.delete_at = at;
    }
    collection.is_trashed = collection.trash_at.is_some_and(|at| at <= store.clock.now());
    Ok(())
}

/// A text in the form of a portable data hash: 32 hexadecimal digits and the manifest's size.
fn portable_hash(manifest: &str) -> String {
    if manifest.is_empty() {
        return "d41d8cd98f00b204e9800998ecf8427e+0".to_owned();
    }
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, manifest).hash(&mut hasher);
        hasher.finish()
    };
    format!("{:016x}{:016x}+{}", half(1), half(2), manifest.len())
}

pub fn update(call: &Call, store: &mut Store) -> Handled {
    let old = find(call, store)?;
    let given = call.attributes::<Collection>()?;
    let mut changed = (*old).clone();
    apply(store, &mut changed, &given)?;
    if let Some(Some(Ok(owner))) = given.uuid("owner_uuid")
        && owner != old.common.owner_uuid
    {
        common::check_owner(store, call.viewer(), owner)?;
        changed.common.owner_uuid = owner;
    }
    save(call, store, changed)
}

fn save(call: &Call, store: &mut Store, mut collection: Collection) -> Handled {
    common::must_be_active(call.viewer())?;
    if !call.viewer().can_write(store, collection.uuid()) {
        return Err(Failure::denied());
    }
    if !collection.is_trashed {
        collection.name = unique_collection(store, &collection, Taken::Refuse)?;
    }
    let saved = call.writer(store).update(collection);
    call.one(store, &*saved)
}

/// Puts it into the trash.
pub fn delete(call: &Call, store: &mut Store) -> Handled {
    let mut collection = (*find(call, store)?).clone();
    let now = store.clock.tick();
    collection.trash_at = Some(now);
    collection.delete_at = Some(end_of_trash(now));
    collection.is_trashed = true;
    save(call, store, collection)
}

pub fn untrash(call: &Call, store: &mut Store) -> Handled {
    let mut collection = (*call.found_readable::<Collection>(store)?).clone();
    collection.trash_at = None;
    collection.delete_at = None;
    collection.is_trashed = false;
    save(call, store, collection)
}
