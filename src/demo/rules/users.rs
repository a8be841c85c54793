//! Accounts: creation, change, set up, activation, deactivation, deletion (api.md b.5, v11 to v14, v22 to
//! v24, v31).

use super::common;
use crate::demo::columns::Columns;
use crate::demo::failure::Failure;
use crate::demo::permissions::{self, Viewer};
use crate::demo::record::{AuthorizedKey, Common, Json, Link, Record, Token, User};
use crate::demo::request::Attributes;
use crate::demo::store::{Store, Stored};
use crate::demo::table::Table;
use crate::demo::uuid::{CLUSTER, Kind, Uuid};
use crate::demo::write::Writer;
use serde_json::Value;
use std::sync::Arc;

const ATTRIBUTES: [&str; 11] = [
    "uuid",
    "owner_uuid",
    "email",
    "username",
    "first_name",
    "last_name",
    "identity_url",
    "is_active",
    "is_admin",
    "prefs",
    "redirect_to_user_uuid",
];
/// Usernames nobody gets (`Users.AutoSetupUsernameBlacklist`).
const NEVER_USED: [&str; 6] = ["arvados", "git", "gitolite", "gitolite-admin", "root", "syslog"];

/// Makes an account, with a username from its e-mail if it names none.
pub fn create(writer: &mut Writer<'_>, viewer: &Viewer, given: &Attributes) -> Result<Arc<User>, Failure> {
    given.only("User", &ATTRIBUTES)?;
    if !viewer.is_admin() {
        return Err(Failure::denied());
    }
    let uuid = common::new_uuid::<User>(writer.store, viewer, given)?;
    let at = writer.store.clock.now();
    let mut user = User::new(Common::new(uuid, at));
    apply(&mut user, given)?;
    if user.email.is_some()
        && let Some(wanted) = initial_username(&user)
    {
        user.username = Some(usable_username(writer.store, &wanted));
    }
    let refused = username_faults(writer.store, &user);
    if !refused.is_empty() {
        return Err(Failure::all_invalid(refused));
    }
    let user = writer.create(user);
    if user.is_active {
        set_up(writer, &user, None)?;
    }
    let link = Common::new(writer.store.new_uuid(Kind::Link), at);
    writer.as_system().create(Link::permission(link, Uuid::system_group(), "can_manage", uuid));
    Ok(user)
}

/// Changes an account. What a plain user may not change about itself is left as it was (api.md v20).
pub fn update(
    writer: &mut Writer<'_>,
    viewer: &Viewer,
    old: &User,
    given: &Attributes,
) -> Result<Arc<User>, Failure> {
    given.only("User", &ATTRIBUTES)?;
    let mut user = old.clone();
    apply(&mut user, given)?;
    save(writer, viewer, old, user)
}

fn save(writer: &mut Writer<'_>, viewer: &Viewer, old: &User, mut user: User) -> Result<Arc<User>, Failure> {
    let mut refused =
        if user.username == old.username { Vec::new() } else { username_faults(writer.store, &user) };
    if old.is_active && !user.is_active && is_in_all_users(writer.store, old.uuid()) {
        refused.push(
            "Is active cannot be set to false directly, use the 'Deactivate' button on Workbench, or the \
             'unsetup' API call"
                .to_owned(),
        );
    }
    if !refused.is_empty() {
        return Err(Failure::all_invalid(refused));
    }
    if !viewer.is_admin() {
        let renamed = user.username != old.username || user.email != old.email;
        if renamed || user.uuid() != viewer.uuid() || user.common.owner_uuid != old.common.owner_uuid {
            return Err(Failure::denied());
        }
        user.is_active = old.is_active;
        user.is_admin = old.is_admin;
        user.redirect_to_user_uuid = old.redirect_to_user_uuid;
    }
    if user.is_admin && !user.is_active {
        return Err(Failure::runtime("Admin users cannot be inactive"));
    }
    if user.uuid() == Uuid::system_user() && !user.is_admin {
        return Err(Failure::runtime("System root user cannot be non-admin"));
    }
    let user = writer.update(user);
    if user.is_active && !old.is_active {
        set_up(writer, &user, None)?;
    }
    Ok(user)
}

fn apply(user: &mut User, given: &Attributes) -> Result<(), Failure> {
    let set = |field: &mut Option<String>, name: &str| {
        if let Some(text) = given.filled(name) {
            *field = text;
        }
    };
    set(&mut user.email, "email");
    set(&mut user.username, "username");
    set(&mut user.first_name, "first_name");
    set(&mut user.last_name, "last_name");
    set(&mut user.identity_url, "identity_url");
    user.is_active = given.flag("is_active").unwrap_or(user.is_active);
    user.is_admin = given.flag("is_admin").unwrap_or(user.is_admin);
    if let Some(prefs) = given.json("prefs")? {
        user.prefs = prefs;
    }
    Ok(())
}

fn username_faults(store: &Store, user: &User) -> Vec<String> {
    let Some(username) = &user.username else { return Vec::new() };
    let mut faults = Vec::new();
    let starts_well = username.starts_with(|letter: char| letter.is_ascii_alphabetic());
    if !starts_well || !username.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        faults.push("Username must begin with a letter and contain only alphanumerics".to_owned());
    }
    if store.user_named(username).is_some_and(|other| other.uuid() != user.uuid()) {
        faults.push("Username has already been taken".to_owned());
    }
    faults
}

/// What a new account's username is made of: the one asked for, else the e-mail's local part.
fn initial_username(user: &User) -> Option<String> {
    let wanted = match (&user.username, &user.email) {
        (Some(username), _) => username.clone(),
        (None, Some(email)) => {
            let (local, host) = email.split_once('@')?;
            if local.is_empty() || host.is_empty() {
                return None;
            }
            let plain = local.split('+').next().unwrap_or_default();
            if plain.is_empty() { local.to_owned() } else { plain.to_owned() }
        }
        (None, None) => return None,
    };
    let usable: String = wanted
        .trim_start_matches(|letter: char| !letter.is_ascii_alphabetic())
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    (!usable.is_empty()).then_some(usable)
}

/// The name, or the name with the smallest free number from 2 up (api.md v11).
fn usable_username(store: &Store, wanted: &str) -> String {
    let is_free = |name: &str| store.user_named(name).is_none() && !NEVER_USED.contains(&name);
    if is_free(wanted) {
        return wanted.to_owned();
    }
    let mut number = 2;
    loop {
        let name = format!("{wanted}{number}");
        if is_free(&name) {
            return name;
        }
        number += 1;
    }
}

fn is_in_all_users(store: &Store, user: Uuid) -> bool {
    store
        .links
        .by("tail_uuid", user)
        .any(|link| link.is_permission() && link.head_uuid == Some(Uuid::all_users()))
}

/// The links that setting up gives: the login if a VM is named, the membership, the visibility.
pub fn set_up(writer: &mut Writer<'_>, user: &User, vm: Option<&str>) -> Result<Vec<Arc<Link>>, Failure> {
    if [Uuid::system_user(), Uuid::anonymous_user()].contains(&user.uuid()) {
        return Ok(Vec::new());
    }
    let membership = permission(writer, user.uuid(), "can_write", Uuid::all_users());
    let visibility = permission(writer, Uuid::all_users(), "can_read", user.uuid());
    let login = match (vm.filter(|vm| !vm.is_empty()), &user.username) {
        (Some(vm), Some(username)) => Some(login(writer, user.uuid(), username, vm)?),
        _ => None,
    };
    Ok(login.into_iter().chain([membership, visibility]).collect())
}

fn permission(writer: &mut Writer<'_>, tail: Uuid, name: &'static str, head: Uuid) -> Arc<Link> {
    let known = find_permission(writer.store, tail, name, head, |_| true);
    known.unwrap_or_else(|| {
        let common = Common::new(writer.store.new_uuid(Kind::Link), writer.store.clock.now());
        writer.create(Link::permission(common, tail, name, head))
    })
}

fn find_permission(
    store: &Store,
    tail: Uuid,
    name: &str,
    head: Uuid,
    fits: impl Fn(&Link) -> bool,
) -> Option<Arc<Link>> {
    store
        .links
        .by("tail_uuid", tail)
        .find(|link| link.is_permission() && link.name == name && link.head_uuid == Some(head) && fits(link))
        .cloned()
}

fn login(writer: &mut Writer<'_>, user: Uuid, username: &str, vm: &str) -> Result<Arc<Link>, Failure> {
    let vm = Uuid::parse(vm)
        .filter(|vm| writer.store.virtual_machines.contains(*vm))
        .ok_or_else(|| Failure::runtime(&format!("No vm found for {vm}")))?;
    let has_name = |link: &Link| link.properties.get("username").and_then(Value::as_str) == Some(username);
    if let Some(known) = find_permission(writer.store, user, "can_login", vm, has_name) {
        return Ok(known);
    }
    let common = Common::new(writer.store.new_uuid(Kind::Link), writer.store.clock.now());
    let mut link = Link::permission(common, user, "can_login", vm);
    link.properties.insert("username".to_owned(), username.into());
    Ok(writer.create(link))
}

/// Activates an account whose agreements are signed, in the system user's name (api.md v24, v31).
pub fn activate(writer: &mut Writer<'_>, viewer: &Viewer, user: &User) -> Result<Arc<User>, Failure> {
    if user.is_active {
        return Ok(Arc::new(user.clone()));
    }
    if !viewer.is_admin() && !permissions::is_invited(writer.store, user) {
        return Err(Failure::argument("Cannot activate without being invited."));
    }
    let signed: Vec<Uuid> = signatures(writer.store, user.uuid()).filter_map(|link| link.head_uuid).collect();
    let open: Vec<String> = agreements(writer.store)
        .filter(|agreement| !signed.contains(agreement))
        .map(|agreement| agreement.to_string())
        .collect();
    if !open.is_empty() {
        return Err(Failure::denied_because(&format!("Cannot activate without user agreements {open:?}.")));
    }
    let mut active = user.clone();
    active.is_active = true;
    let system = writer.store.users.get(Uuid::system_user()).cloned().ok_or_else(Failure::not_found)?;
    save(&mut writer.as_system(), &Viewer::new(system), user, active)
}

/// The agreements every user must sign.
pub fn agreements(store: &Store) -> impl Iterator<Item = Uuid> {
    store
        .links
        .by("tail_uuid", Uuid::system_user())
        .filter(|link| link.link_class == "signature" && link.name == "require")
        .filter_map(|link| link.head_uuid)
        .filter(|head| head.kind() == Some(Kind::Collection))
}

/// What `user` signed.
pub fn signatures(store: &Store, user: Uuid) -> impl Iterator<Item = &Arc<Link>> {
    store
        .links
        .by("tail_uuid", user)
        .filter(|link| link.link_class == "signature" && link.name == "click")
        .filter(|link| link.common.owner_uuid == Uuid::system_user())
}

/// Deactivates: permissions, signatures, tokens, keys and preferences go, the account turns inactive and
/// is no admin any more (api.md b.5, v13).
pub fn unset_up(writer: &mut Writer<'_>, viewer: &Viewer, user: &User) -> Result<Arc<User>, Failure> {
    let uuid = user.uuid();
    if uuid == Uuid::system_user() {
        return Err(Failure::runtime("System root user cannot be deactivated"));
    }
    let links = uuids(writer.store.links.by("tail_uuid", uuid).filter(|link| link.is_permission()));
    writer.delete_all::<Link>(links);
    let links = uuids(writer.store.links.by("tail_uuid", uuid).filter(|link| link.link_class == "signature"));
    writer.delete_all::<Link>(links);
    let (now, takes) = (writer.store.clock.now(), writer.store.settings.unsetup_takes);
    let is_listed = |token: &Token| takes.is_zero() || now.duration_since(token.common.created_at) >= takes;
    delete_credentials(writer, uuid, is_listed);
    let mut changed = user.clone();
    changed.prefs = Json::new();
    changed.is_admin = false;
    changed.is_active = false;
    save(writer, viewer, user, changed)
}

/// Deletes a user's tokens, those that are `listed`, and the SSH keys it owns or that let it in.
pub fn delete_credentials(writer: &mut Writer<'_>, user: Uuid, listed: impl Fn(&Token) -> bool) {
    let tokens = uuids(writer.store.tokens.by("owner_uuid", user).filter(|token| listed(token)));
    writer.delete_all::<Token>(tokens);
    for column in ["owner_uuid", "authorized_user_uuid"] {
        let keys = uuids(writer.store.authorized_keys.by(column, user));
        writer.delete_all::<AuthorizedKey>(keys);
    }
}

fn uuids<'a, R: Record + 'a>(rows: impl Iterator<Item = &'a Arc<R>>) -> Vec<Uuid> {
    rows.map(|row| row.uuid()).collect()
}

/// Deletes an account that owns nothing, not even a log record of its own doing (api.md v22).
pub fn delete(writer: &mut Writer<'_>, user: &User) -> Result<(), Failure> {
    let uuid = user.uuid();
    if [Uuid::system_user(), Uuid::anonymous_user()].contains(&uuid) {
        return Err(Failure::denied());
    }
    if let Some(table) = owned_by(writer.store, uuid) {
        return Err(Failure::exception(
            "ActiveRecord::DeleteRestrictionError",
            &format!("Cannot delete record because of dependent {table}"),
        ));
    }
    delete_links_of(writer, uuid);
    writer.delete::<User>(uuid);
    Ok(())
}

/// The links that go with an object when it is deleted.
pub fn delete_links_of(writer: &mut Writer<'_>, uuid: Uuid) {
    for column in ["tail_uuid", "head_uuid"] {
        let links = uuids(writer.store.links.by(column, uuid));
        writer.delete_all::<Link>(links);
    }
}

fn owned_by(store: &Store, user: Uuid) -> Option<&'static str> {
    fn any<R: Stored + Columns>(store: &Store, user: Uuid) -> Option<&'static str> {
        let table: &Table<R> = R::table(store);
        let owned = if table.has_index("owner_uuid") {
            table.by("owner_uuid", user).next().is_some()
        } else {
            table.iter().any(|row| row.common().owner_uuid == user)
        };
        owned.then_some(R::TABLE)
    }
    use crate::demo::record::{Collection, ContainerRequest, Group, Log, VirtualMachine};
    any::<AuthorizedKey>(store, user)
        .or_else(|| any::<Collection>(store, user))
        .or_else(|| any::<ContainerRequest>(store, user))
        .or_else(|| any::<Group>(store, user))
        .or_else(|| any::<Link>(store, user))
        .or_else(|| any::<VirtualMachine>(store, user))
        .or_else(|| any::<Log>(store, user))
}

/// Whether the account belongs to this cluster.
pub fn is_local(user: Uuid) -> bool {
    user.cluster() == CLUSTER
}
