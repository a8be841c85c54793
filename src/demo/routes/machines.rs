//! `/virtual_machines`, answered by the Rails API itself (api.md b.7, v7)

use crate::demo::answer;
use crate::demo::call::{Call, Handled};
use crate::demo::failure::Failure;
use crate::demo::record::{AuthorizedKey, Common, Record, VirtualMachine};
use crate::demo::request::Attributes;
use crate::demo::rules::{common, users};
use crate::demo::store::Store;
use serde_json::{Value, json};
use std::sync::Arc;

const ATTRIBUTES: [&str; 3] = ["uuid", "owner_uuid", "hostname"];

pub fn list(call: &Call, store: &Store) -> Handled {
    call.list(store, |vm: &VirtualMachine| call.viewer().can_read(store, &vm.common))
}

pub fn get(call: &Call, store: &Store) -> Handled {
    call.one(store, &*call.found_readable::<VirtualMachine>(store)?)
}

fn denied_unless_admin(call: &Call) -> Result<(), Failure> {
    if call.is_admin() { Ok(()) } else { Err(Failure::denied()) }
}

fn apply(vm: &mut VirtualMachine, given: &Attributes) -> Result<(), Failure> {
    given.only("VirtualMachine", &ATTRIBUTES)?;
    if let Some(hostname) = given.text("hostname") {
        vm.hostname = hostname;
    }
    Ok(())
}

pub fn create(call: &Call, store: &mut Store) -> Handled {
    let given = call.attributes::<VirtualMachine>()?;
    denied_unless_admin(call)?;
    let uuid = common::new_uuid::<VirtualMachine>(store, call.viewer(), &given)?;
    let owner = common::new_owner(store, call.viewer(), &given)?;
    let at = store.clock.now();
    let mut vm = VirtualMachine { common: Common::new(uuid, at).owned_by(owner), hostname: None };
    apply(&mut vm, &given)?;
    let vm = call.writer(store).create(vm);
    call.one(store, &*vm)
}

pub fn update(call: &Call, store: &mut Store) -> Handled {
    let mut vm = (*call.found_readable::<VirtualMachine>(store)?).clone();
    denied_unless_admin(call)?;
    apply(&mut vm, &call.attributes::<VirtualMachine>()?)?;
    let vm = call.writer(store).update(vm);
    call.one(store, &*vm)
}

pub fn delete(call: &Call, store: &mut Store) -> Handled {
    let vm = call.found_readable::<VirtualMachine>(store)?;
    denied_unless_admin(call)?;
    let gone = call.one(store, &*vm)?;
    let mut writer = call.writer(store);
    users::delete_links_of(&mut writer, vm.uuid());
    writer.delete::<VirtualMachine>(vm.uuid());
    Ok(gone)
}

pub fn logins(call: &Call, store: &Store) -> Handled {
    let vm = call.found_readable::<VirtualMachine>(store)?;
    call.admin_required()?;
    Ok(answer::hash_list(&rows(store, &vm)))
}

pub fn all_logins(call: &Call, store: &Store) -> Handled {
    call.admin_required()?;
    let items: Vec<Value> = store.virtual_machines.iter().flat_map(|vm| rows(store, vm)).collect();
    Ok(answer::hash_list(&items))
}

/// One row for each login and each key of its user, or one without a key.
fn rows(store: &Store, vm: &VirtualMachine) -> Vec<Value> {
    let mut rows = Vec::new();
    let links = store.links.by("head_uuid", vm.uuid());
    for link in links.filter(|link| link.is_permission() && link.name == "can_login") {
        let username = link.properties.get("username").and_then(Value::as_str).unwrap_or_default();
        let user = link
            .tail_uuid
            .and_then(|tail| store.users.get(tail))
            .filter(|user| user.redirect_to_user_uuid.is_none());
        let Some(user) = user.filter(|_| !username.trim().is_empty()) else { continue };
        let groups = link.properties.get("groups").filter(|groups| groups.is_array());
        let keys: Vec<&Arc<AuthorizedKey>> =
            store.authorized_keys.by("authorized_user_uuid", user.uuid()).collect();
        let keys = if keys.is_empty() { vec![None] } else { keys.into_iter().map(Some).collect() };
        for key in keys {
            rows.push(json!({
                "username": username,
                "hostname": vm.hostname,
                "groups": groups.cloned().unwrap_or_else(|| json!([])),
                "public_key": key.and_then(|key| key.public_key.as_deref()),
                "user_uuid": user.uuid().as_str(),
                "virtual_machine_uuid": vm.uuid().as_str(),
                "authorized_key_uuid": key.map(|key| key.uuid().to_string()),
            }));
        }
    }
    rows
}
