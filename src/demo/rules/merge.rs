//! Handing one account's things to another (api.md b.5, v24, v28). What moves leaves no audit record.

use super::users::{delete_credentials, is_local};
use crate::demo::failure::Failure;
use crate::demo::permissions::{Level, Viewer};
use crate::demo::record::{AuthorizedKey, Collection, ContainerRequest, Group, Link, Record, Token, User};
use crate::demo::store::{Store, Stored};
use crate::demo::uuid::Uuid;
use crate::demo::write::Writer;
use std::sync::Arc;

/// What becomes of the old account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Old {
    /// It stays, without its tokens and keys.
    Stays,
    /// It vanishes; who logs in to it gets the new one.
    Redirects,
}

/// Moves what `old` has to `new`, and what it owns to `owner`.
pub fn merge(
    writer: &mut Writer<'_>,
    old: &User,
    new: &Arc<User>,
    owner: Uuid,
    fate: Old,
) -> Result<Arc<User>, Failure> {
    if !Viewer::new(Arc::clone(new)).can(writer.store, owner, Level::Write) {
        return Err(Failure::plain(
            403,
            "cannot move objects into supplied new_owner_uuid: new user does not have write permission",
        ));
    }
    let (from, to) = (old.uuid(), new.uuid());
    let store = &mut *writer.store;
    move_names(store, from, owner)?;
    if fate == Old::Redirects && is_local(from) {
        change(store.tokens.by("owner_uuid", from).cloned().collect(), store, |token: &mut Token| {
            token.common.owner_uuid = to;
        });
        change(
            store.authorized_keys.by("owner_uuid", from).cloned().collect(),
            store,
            |key: &mut AuthorizedKey| {
                key.common.owner_uuid = to;
            },
        );
        let keys = store.authorized_keys.by("authorized_user_uuid", from).cloned().collect();
        change(keys, store, |key: &mut AuthorizedKey| key.authorized_user_uuid = Some(to));
        let heads = store.links.by("head_uuid", from).cloned().collect();
        change(heads, store, |link: &mut Link| link.head_uuid = Some(to));
    } else {
        delete_credentials(&mut writer.as_system(), from, |_| true);
    }
    let store = &mut *writer.store;
    let tails = store.links.by("tail_uuid", from).cloned().collect();
    change(tails, store, |link: &mut Link| link.tail_uuid = Some(to));
    let theirs = store.links.iter().filter(|link| link.common.owner_uuid == from).cloned().collect();
    change(theirs, store, |link: &mut Link| link.common.owner_uuid = to);

    if fate == Old::Stays {
        return writer.store.users.get(from).cloned().ok_or_else(Failure::not_found);
    }
    let mut gone = old.clone();
    gone.redirect_to_user_uuid = Some(to);
    gone.username = None;
    Ok(writer.as_system().update(gone))
}

fn change<R: Stored>(rows: Vec<Arc<R>>, store: &mut Store, mut with: impl FnMut(&mut R)) {
    for row in rows {
        let mut row = (*row).clone();
        with(&mut row);
        store.put(row);
    }
}

/// Gives `owner` what `from` owns; a name it has already refuses the whole merge.
fn move_names(store: &mut Store, from: Uuid, owner: Uuid) -> Result<(), Failure> {
    let clash = |table: &str, name: &str| {
        let detail = format!("Key (owner_uuid, name)=({owner}, {name}) already exists.");
        Failure::duplicate(&format!("index_{table}_on_owner_uuid_and_name"), &detail)
    };
    let groups: Vec<Arc<Group>> = store.groups.by("owner_uuid", from).cloned().collect();
    for group in groups.iter().filter(|group| !group.is_trashed) {
        if group.uuid() == owner {
            return Err(Failure::invalid("Owner uuid would create an ownership cycle"));
        }
        let mut others = store.groups.by("owner_uuid", owner);
        if others.any(|other| !other.is_trashed && other.name == group.name) {
            return Err(clash("groups", group.name.as_deref().unwrap_or_default()));
        }
    }
    let collections: Vec<Arc<Collection>> = store.collections.by("owner_uuid", from).cloned().collect();
    for collection in collections.iter().filter(|collection| !collection.is_trashed) {
        let mut others = store.collections.by("owner_uuid", owner);
        if others.any(|other| !other.is_trashed && other.name == collection.name) {
            return Err(clash("collections", collection.name.as_deref().unwrap_or_default()));
        }
    }
    change(groups, store, |group: &mut Group| group.common.owner_uuid = owner);
    change(collections, store, |collection: &mut Collection| collection.common.owner_uuid = owner);
    let requests = store.container_requests.by("owner_uuid", from).cloned().collect();
    change(requests, store, |request: &mut ContainerRequest| request.common.owner_uuid = owner);
    Ok(())
}
