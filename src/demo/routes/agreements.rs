//! `/user_agreements`, answered by the Rails API itself (api.md b.5)

use crate::demo::answer::{self, Shape};
use crate::demo::call::{Call, Handled};
use crate::demo::columns::Columns;
use crate::demo::failure::Failure;
use crate::demo::list::Page;
use crate::demo::permissions;
use crate::demo::record::{Common, Link};
use crate::demo::rules::users;
use crate::demo::store::Store;
use crate::demo::uuid::{Kind, Uuid};
use crate::demo::write::Writer;
use std::sync::Arc;

fn all<R: Columns>(call: &Call, store: &Store, rows: Vec<Arc<R>>) -> Handled {
    let wants = call.wants()?;
    let available = Some(rows.len());
    let rows = rows.into_iter().skip(wants.offset).take(wants.limit).collect();
    let page = Page { rows, available, limit: wants.limit };
    Ok(answer::list(&call.scene(store), &Shape::new(call.front, None), &wants, &page))
}

/// What everybody must sign: nothing for those who are not invited.
pub fn list(call: &Call, store: &Store) -> Handled {
    let invited = permissions::is_invited(store, &call.viewer().user);
    let rows = users::agreements(store)
        .filter(|_| invited)
        .filter_map(|uuid| store.collections.get(uuid).cloned())
        .collect();
    all(call, store, rows)
}

/// What the user signed, or, for an admin, the user of the parameter `uuid`.
pub fn signatures(call: &Call, store: &Store) -> Handled {
    let named = call.params.text("uuid").filter(|_| call.is_admin()).and_then(Uuid::parse);
    let user = named.unwrap_or(call.viewer().uuid());
    all(call, store, users::signatures(store, user).cloned().collect())
}

pub fn sign(call: &Call, store: &mut Store) -> Handled {
    let agreement = call
        .params
        .text("uuid")
        .and_then(Uuid::parse)
        .filter(|uuid| store.collections.contains(*uuid))
        .ok_or_else(Failure::not_found)?;
    let common = Common::new(store.new_uuid(Kind::Link), store.clock.now());
    let mut link = Link::permission(common, call.viewer().uuid(), "click", agreement);
    link.link_class = "signature".into();
    let link = Writer::new(store, Uuid::system_user()).create(link);
    call.one(store, &*link)
}
