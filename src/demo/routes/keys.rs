//! `/authorized_keys` (api.md b.9)

use crate::demo::call::{Call, Handled};
use crate::demo::failure::Failure;
use crate::demo::record::{AuthorizedKey, Record};
use crate::demo::rules::common::must_be_active;
use crate::demo::rules::keys;
use crate::demo::store::Store;

pub fn list(call: &Call, store: &Store) -> Handled {
    call.list(store, |key: &AuthorizedKey| call.viewer().can_read(store, &key.common))
}

pub fn get(call: &Call, store: &Store) -> Handled {
    call.one(store, &*call.found_readable::<AuthorizedKey>(store)?)
}

pub fn create(call: &Call, store: &mut Store) -> Handled {
    let given = call.attributes::<AuthorizedKey>()?;
    let key = keys::create(&mut call.writer(store), call.viewer(), &given)?;
    call.one(store, &*key)
}

pub fn update(call: &Call, store: &mut Store) -> Handled {
    let old = call.found_readable::<AuthorizedKey>(store)?;
    let given = call.attributes::<AuthorizedKey>()?;
    let key = keys::update(&mut call.writer(store), call.viewer(), &old, &given)?;
    call.one(store, &*key)
}

pub fn delete(call: &Call, store: &mut Store) -> Handled {
    let key = call.found_readable::<AuthorizedKey>(store)?;
    must_be_active(call.viewer())?;
    if !call.viewer().can_write(store, key.uuid()) {
        return Err(Failure::denied());
    }
    let gone = call.one(store, &*key)?;
    call.writer(store).delete::<AuthorizedKey>(key.uuid());
    Ok(gone)
}
