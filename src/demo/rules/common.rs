//! Rules that hold for every kind of object: UUIDs that exist, owners that may own, names that are free.

use crate::demo::failure::Failure;
use crate::demo::permissions::Viewer;
use crate::demo::request::Attributes;
use crate::demo::store::{Store, Stored};
use crate::demo::uuid::{Kind, Uuid};

/// Only active users make or change things (api.md v14).
pub fn must_be_active(viewer: &Viewer) -> Result<(), Failure> {
    if viewer.user.is_active { Ok(()) } else { Err(Failure::denied()) }
}

/// `Head uuid '…' not found`, if the object a UUID names does not exist for `viewer`.
pub fn not_found_text(store: &Store, viewer: &Viewer, label: &str, uuid: Uuid) -> Option<String> {
    if uuid == Uuid::system_user() || uuid.kind().is_none() {
        return None;
    }
    let gone = uuid.kind() == Some(Kind::User)
        && store.users.get(uuid).is_some_and(|user| user.redirect_to_user_uuid.is_some());
    let found = !gone && store.common(uuid).is_some_and(|common| viewer.can_read(store, common));
    (!found).then(|| format!("{label} '{uuid}' not found"))
}

/// The UUID of a new row: a new one, or the one an admin gave.
pub fn new_uuid<R: Stored>(store: &mut Store, viewer: &Viewer, given: &Attributes) -> Result<Uuid, Failure> {
    let uuid = match given.uuid("uuid") {
        None | Some(None) => return Ok(store.new_uuid(R::KIND)),
        Some(Some(Ok(uuid))) if uuid.kind() == Some(R::KIND) => uuid,
        Some(Some(_)) => {
            return Err(Failure::invalid(format!(
                "Uuid does not match the pattern of {}",
                R::KIND.singular()
            )));
        }
    };
    if !viewer.is_admin() {
        return Err(Failure::denied());
    }
    if store.get::<R>(uuid).is_some() {
        let detail = format!("Key (uuid)=({uuid}) already exists.");
        return Err(Failure::duplicate(&format!("index_{}s_on_uuid", R::KIND.singular()), &detail));
    }
    Ok(uuid)
}

/// Who a new row is to belong to: the user, or whom it names and may write for.
pub fn new_owner(store: &Store, viewer: &Viewer, given: &Attributes) -> Result<Uuid, Failure> {
    match given.uuid("owner_uuid") {
        None | Some(None) => Ok(viewer.uuid()),
        Some(Some(Ok(owner))) => check_owner(store, viewer, owner).map(|()| owner),
        Some(Some(Err(_))) => Err(Failure::plain(403, "Owner uuid must be set to User or Group")),
    }
}

/// Refuses owners that can't own, or that the user may not write for.
pub fn check_owner(store: &Store, viewer: &Viewer, owner: Uuid) -> Result<(), Failure> {
    if let Some(text) = not_found_text(store, viewer, "Owner uuid", owner) {
        return Err(Failure::invalid(text));
    }
    if !matches!(owner.kind(), Some(Kind::User | Kind::Group)) {
        return Err(Failure::plain(403, "Owner uuid must be set to User or Group"));
    }
    if !viewer.can_write(store, owner) {
        return Err(Failure::plain(
            403,
            "Owner uuid cannot be set or changed without write permission on new owner",
        ));
    }
    if store.groups.get(owner).is_some_and(|group| group.group_class != "project") {
        return Err(Failure::plain(403, "Owner uuid must be a project"));
    }
    Ok(())
}

/// What to do about a name that its owner has given already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Refuse,
    Number,
}

/// The name to use, where `owners_names` tells whether one is taken (api.md v28).
pub fn free_name(
    store: &mut Store,
    index: &str,
    owner: Uuid,
    name: String,
    taken: Taken,
    is_taken: impl Fn(&Store, &str) -> bool,
) -> Result<String, Failure> {
    if !is_taken(store, &name) {
        return Ok(name);
    }
    match taken {
        Taken::Refuse => {
            let detail = format!("Key (owner_uuid, name)=({owner}, {name}) already exists.");
            Err(Failure::duplicate(index, &detail))
        }
        Taken::Number => {
            let text = store.clock.tick().to_string();
            let millis = text.get(..23).unwrap_or(&text);
            Ok(format!("{name} ({millis}Z)"))
        }
    }
}
