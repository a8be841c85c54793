//! `/links` and `/permissions/{uuid}` (api.md b.7, b.8)

use crate::demo::answer::{self, Shape};
use crate::demo::call::{Call, Handled};
use crate::demo::failure::Failure;
use crate::demo::list::Page;
use crate::demo::record::Link;
use crate::demo::rules::links;
use crate::demo::store::Store;
use crate::demo::uuid::Kind;
use std::sync::Arc;

fn find(call: &Call, store: &Store) -> Result<Arc<Link>, Failure> {
    call.found(store, |link: &Link| {
        let viewer = call.viewer();
        if link.is_permission() {
            link.tail_uuid == Some(viewer.uuid())
                || link.head_uuid.is_some_and(|head| viewer.can_manage(store, head))
        } else {
            viewer.can_read_link(store, link)
        }
    })
}

pub fn list(call: &Call, store: &Store) -> Handled {
    call.list(store, |link: &Link| call.viewer().can_read_link(store, link))
}

pub fn get(call: &Call, store: &Store) -> Handled {
    call.one(store, &*find(call, store)?)
}

pub fn create(call: &Call, store: &mut Store) -> Handled {
    let given = call.attributes::<Link>()?;
    let link = links::create(&mut call.writer(store), call.viewer(), &given)?;
    call.one(store, &*link)
}

pub fn update(call: &Call, store: &mut Store) -> Handled {
    let old = find(call, store)?;
    let given = call.attributes::<Link>()?;
    let link = links::update(&mut call.writer(store), call.viewer(), &old, &given)?;
    call.one(store, &*link)
}

pub fn delete(call: &Call, store: &mut Store) -> Handled {
    let link = find(call, store)?;
    let gone = call.one(store, &*link)?;
    links::delete(&mut call.writer(store), call.viewer(), &link)?;
    Ok(gone)
}

/// Every permission on an object, for those who manage it.
pub fn permissions(call: &Call, store: &Store) -> Handled {
    let target = call.target()?;
    let known = store
        .common(target)
        .filter(|common| target.kind() != Some(Kind::Token) && call.viewer().can_read(store, common));
    if known.is_none() {
        return Err(Failure::not_found());
    }
    if !call.viewer().can_manage(store, target) {
        return Err(Failure::plain(403, "Forbidden"));
    }
    let rows: Vec<Arc<Link>> =
        store.links.by("head_uuid", target).filter(|link| link.is_permission()).cloned().collect();
    let mut wants = call.wants()?;
    wants.offset = 0;
    wants.limit = rows.len();
    let page = Page { available: Some(rows.len()), rows, limit: wants.limit };
    Ok(answer::list(&call.scene(store), &Shape::new(call.front, None), &wants, &page))
}
