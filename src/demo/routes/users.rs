//! `/users`

use crate::demo::answer::{self, Shape, rails_value};
use crate::demo::auth;
use crate::demo::call::{Call, Handled};
use crate::demo::failure::Failure;
use crate::demo::list;
use crate::demo::query::{self, Fallback};
use crate::demo::record::{Record, User};
use crate::demo::rules::merge::{self, Old};
use crate::demo::rules::users;
use crate::demo::store::Store;
use crate::demo::uuid::Uuid;
use crate::secret::Secret;
use serde_json::Value;
use std::sync::Arc;

/// What a plain user sees of others.
const SAFE: &[&str] = &[
    "uuid",
    "is_active",
    "is_admin",
    "is_invited",
    "email",
    "first_name",
    "last_name",
    "username",
    "can_write",
    "can_manage",
];

fn is_readable(call: &Call, store: &Store, user: &User) -> bool {
    user.redirect_to_user_uuid.is_none()
        && (call.is_admin()
            || user.uuid() == call.viewer().uuid()
            || (user.is_active && call.viewer().can_read(store, &user.common)))
}

fn find(call: &Call, store: &Store) -> Result<Arc<User>, Failure> {
    call.found(store, |user: &User| is_readable(call, store, user))
}

fn show(call: &Call, store: &Store, user: &User) -> Handled {
    let all = call.is_admin() || user.uuid() == call.viewer().uuid();
    let shape = Shape::new(call.front, query::selected_of(call.front, &call.params)?);
    Ok(answer::one(&call.scene(store), &shape.only((!all).then_some(SAFE)), user))
}

pub fn list(call: &Call, store: &Store) -> Handled {
    may_bypass(call)?;
    let wants = call.wants()?;
    let shape = Shape::new(call.front, wants.selected()?).only((!call.is_admin()).then_some(SAFE));
    let readable = |user: &User| is_readable(call, store, user) && (call.is_admin() || user.is_active);
    let page = list::page(store, &wants, Fallback::Modified, readable)?;
    Ok(answer::list(&call.scene(store), &shape, &wants, &page))
}

fn may_bypass(call: &Call) -> Result<(), Failure> {
    if call.params.flag("bypass_federation") && !call.is_admin() {
        return Err(Failure::plain(
            403,
            "The bypass_federation parameter is only permitted when current user is admin",
        ));
    }
    Ok(())
}

pub fn get(call: &Call, store: &Store) -> Handled {
    show(call, store, &*find(call, store)?)
}

pub fn current(call: &Call, store: &Store) -> Handled {
    show(call, store, &call.viewer().user)
}

pub fn system(call: &Call, store: &Store) -> Handled {
    let user = store.users.get(Uuid::system_user()).ok_or_else(Failure::not_found)?;
    call.one(store, &**user)
}

pub fn create(call: &Call, store: &mut Store) -> Handled {
    let given = call.attributes::<User>()?;
    let user = users::create(&mut call.writer(store), call.viewer(), &given)?;
    show(call, store, &user)
}

pub fn update(call: &Call, store: &mut Store) -> Handled {
    may_bypass(call)?;
    let old = find(call, store)?;
    let given = call.attributes::<User>()?;
    let user = users::update(&mut call.writer(store), call.viewer(), &old, &given)?;
    show(call, store, &user)
}

pub fn delete(call: &Call, store: &mut Store) -> Handled {
    let user = find(call, store)?;
    if !call.is_admin() {
        return Err(Failure::denied());
    }
    let gone = show(call, store, &user)?;
    users::delete(&mut call.writer(store), &user)?;
    Ok(gone)
}

pub fn activate(call: &Call, store: &mut Store) -> Handled {
    let user = if call.is_admin() {
        // The server does not look whether it found one.
        let nobody = || Failure::exception("NoMethodError", "undefined method 'is_active' for nil");
        known(store, call.target().ok()).ok_or_else(nobody)?
    } else {
        Arc::clone(&call.viewer().user)
    };
    let user = users::activate(&mut call.writer(store), call.viewer(), &user)?;
    show(call, store, &user)
}

pub fn unset_up(call: &Call, store: &mut Store) -> Handled {
    let user = find(call, store)?;
    call.admin_required()?;
    let user = users::unset_up(&mut call.writer(store), call.viewer(), &user)?;
    show(call, store, &user)
}

pub fn set_up(call: &Call, store: &mut Store) -> Handled {
    call.admin_required()?;
    let user = match call.params.text("uuid") {
        Some(uuid) => known(store, Uuid::parse(uuid)).ok_or_else(Failure::not_found)?,
        None => new_user(call, store)?,
    };
    let mut writer = call.writer(store);
    let done = users::set_up(&mut writer, &user, call.params.text("vm_uuid"));
    if done.is_err() {
        // The account and its place in the group are made before the VM is looked for (api.md b.5).
        store.keep();
    }
    let links = done?;
    let scene = call.scene(store);
    let mut items: Vec<Value> = links.iter().map(|link| rails_value(&scene, &**link)).collect();
    items.push(rails_value(&scene, &*user));
    Ok(answer::hash_list(&items))
}

fn known(store: &Store, uuid: Option<Uuid>) -> Option<Arc<User>> {
    store.users.get(uuid?).filter(|user| user.redirect_to_user_uuid.is_none()).cloned()
}

/// Setting up an e-mail makes an account, whether one has it already or not (api.md b.5).
fn new_user(call: &Call, store: &mut Store) -> Result<Arc<User>, Failure> {
    let wanted = call.params.get("user").and_then(Value::as_object);
    let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else {
        return Err(Failure::argument("Required uuid or user"));
    };
    if wanted.get("email").is_none_or(Value::is_null) {
        return Err(Failure::argument("Require user email"));
    }
    let given = call.params.attributes("user")?;
    users::create(&mut call.writer(store), call.viewer(), &given)
}

pub fn merge(call: &Call, store: &mut Store) -> Handled {
    let (old, new) = merged_users(call, store)?;
    if old.uuid() == new.uuid() {
        return Err(Failure::invalid("cannot merge user to self"));
    }
    let owner =
        call.params.text("new_owner_uuid").ok_or_else(|| Failure::invalid("missing new_owner_uuid"))?;
    let owner = Uuid::parse(owner).ok_or_else(|| {
        Failure::plain(
            403,
            "cannot move objects into supplied new_owner_uuid: new user does not have write permission",
        )
    })?;
    let fate = if call.params.flag("redirect_to_new_user") { Old::Redirects } else { Old::Stays };
    let merged = merge::merge(&mut call.writer(store), &old, &new, owner, fate)?;
    call.one(store, &*merged)
}

fn merged_users(call: &Call, store: &Store) -> Result<(Arc<User>, Arc<User>), Failure> {
    let (old, new) = (call.params.text("old_user_uuid"), call.params.text("new_user_uuid"));
    if old.is_none() && new.is_none() {
        return merged_by_token(call, store);
    }
    if !call.is_admin() {
        return Err(Failure::plain(403, "Must be admin to use old_user_uuid/new_user_uuid"));
    }
    let (Some(old), Some(new)) = (old, new) else {
        return Err(Failure::invalid("Must supply both old_user_uuid and new_user_uuid"));
    };
    let user = |label: &str, uuid: &str| {
        known(store, Uuid::parse(uuid)).ok_or_else(|| Failure::invalid(format!("User in {label} not found")))
    };
    let new = user("new_user_uuid", new)?;
    Ok((user("old_user_uuid", old)?, new))
}

fn merged_by_token(call: &Call, store: &Store) -> Result<(Arc<User>, Arc<User>), Failure> {
    if !call.session.is_unscoped() {
        return Err(Failure::plain(403, "cannot merge with a scoped token"));
    }
    let given = call.params.text("new_user_token").unwrap_or_default();
    // No root token stands for a person who could take over an account.
    let nobody = Secret::new("\0".to_owned());
    let new = auth::authenticate(store, &nobody, given)
        .map_err(|_| Failure::plain(401, "invalid new_user_token"))?;
    if !new.is_unscoped() {
        return Err(Failure::plain(403, "supplied new_user_token has restricted scope"));
    }
    Ok((Arc::clone(&call.viewer().user), new.viewer.user))
}
