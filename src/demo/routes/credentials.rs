//! `/credentials`, answered by the Rails API itself: secrets of other services that containers may use.
//! They belong to the system user and are shared by permission links (api.md v42).

use crate::demo::call::{Call, Handled};
use crate::demo::failure::Failure;
use crate::demo::record::{Common, Credential, Link, Record};
use crate::demo::request::Attributes;
use crate::demo::rules::{common, users};
use crate::demo::store::Store;
use crate::demo::uuid::{Kind, Uuid};
use std::sync::Arc;

const ATTRIBUTES: [&str; 9] = [
    "uuid",
    "owner_uuid",
    "name",
    "description",
    "credential_class",
    "scopes",
    "external_id",
    "secret",
    "expires_at",
];
/// The one class that the server knows itself, by its reserved name.
const KNOWN_CLASS: &str = "arv:aws_access_key";

pub fn list(call: &Call, store: &Store) -> Handled {
    let wants = call.wants()?;
    if wants.filters.iter().any(|filter| filter.attributes.iter().any(|name| name.contains("secret"))) {
        return Err(Failure::denied_because("Cannot filter on 'secret'"));
    }
    call.list(store, |credential: &Credential| call.viewer().can_read(store, &credential.common))
}

pub fn get(call: &Call, store: &Store) -> Handled {
    call.one(store, &*call.found_readable::<Credential>(store)?)
}

/// The secret is for running containers alone; the demo's do nothing that could ask for it.
pub fn secret(call: &Call, store: &Store) -> Handled {
    call.found_readable::<Credential>(store)?;
    Err(Failure::plain(403, "Token is not associated with a running container."))
}

pub fn create(call: &Call, store: &mut Store) -> Handled {
    let given = call.attributes::<Credential>()?;
    given.only("Credential", &ATTRIBUTES)?;
    common::must_be_active(call.viewer())?;
    let uuid = common::new_uuid::<Credential>(store, call.viewer(), &given)?;
    let manager = given.uuid("owner_uuid").flatten().and_then(Result::ok).unwrap_or(call.viewer().uuid());
    let mut credential = Credential::new(Common::new(uuid, store.clock.now()));
    apply(&mut credential, &given)?;
    validate(store, &credential)?;
    let credential = call.writer(store).create(credential);
    let link = Common::new(store.new_uuid(Kind::Link), credential.common.created_at);
    call.writer(store).as_system().create(Link::permission(link, manager, "can_manage", uuid));
    call.one(store, &*credential)
}

pub fn update(call: &Call, store: &mut Store) -> Handled {
    let mut credential = (*may_change(call, store)?).clone();
    let given = call.attributes::<Credential>()?;
    given.only("Credential", &ATTRIBUTES)?;
    if given.uuid("owner_uuid").flatten().is_some_and(|owner| owner != Ok(Uuid::system_user())) {
        return Err(Failure::runtime("Owner uuid for credential must be system user"));
    }
    apply(&mut credential, &given)?;
    validate(store, &credential)?;
    let credential = call.writer(store).update(credential);
    call.one(store, &*credential)
}

pub fn delete(call: &Call, store: &mut Store) -> Handled {
    let credential = may_change(call, store)?;
    let gone = call.one(store, &*credential)?;
    let mut writer = call.writer(store);
    users::delete_links_of(&mut writer, credential.uuid());
    writer.delete::<Credential>(credential.uuid());
    Ok(gone)
}

fn may_change(call: &Call, store: &Store) -> Result<Arc<Credential>, Failure> {
    let credential = call.found_readable::<Credential>(store)?;
    common::must_be_active(call.viewer())?;
    if call.viewer().can_write(store, credential.uuid()) { Ok(credential) } else { Err(Failure::denied()) }
}

fn apply(credential: &mut Credential, given: &Attributes) -> Result<(), Failure> {
    let set = |field: &mut Option<String>, name: &str| {
        if let Some(text) = given.filled(name) {
            *field = text;
        }
    };
    set(&mut credential.name, "name");
    set(&mut credential.description, "description");
    set(&mut credential.credential_class, "credential_class");
    set(&mut credential.external_id, "external_id");
    if let Some(secret) = given.filled("secret") {
        credential.has_secret = secret.is_some();
    }
    if let Some(scopes) = given.texts("scopes")? {
        credential.scopes = scopes;
    }
    if let Some(at) = given.time("expires_at") {
        credential.expires_at = at;
    }
    Ok(())
}

fn validate(store: &Store, credential: &Credential) -> Result<(), Failure> {
    let Credential { name, credential_class: class, external_id, expires_at, .. } = credential;
    let blank = [
        ("Name", name.as_deref().is_none_or(|name| name.trim().is_empty())),
        ("Credential class", class.is_none()),
        ("External", external_id.is_none()),
        ("Secret", !credential.has_secret),
        ("Expires at", expires_at.is_none()),
    ];
    let mut faults: Vec<String> = blank
        .iter()
        .filter(|(_, blank)| *blank)
        .map(|(label, _)| format!("{label} can't be blank"))
        .collect();
    let class = class.as_deref().unwrap_or_default();
    if KNOWN_CLASS.strip_prefix("arv:") == Some(class) {
        faults
            .push(format!("Credential class {class} conflicts with reserved credential class {KNOWN_CLASS}"));
    } else if class.starts_with("arv:") && class != KNOWN_CLASS {
        faults.push(format!("Credential class {class} is not implemented"));
    } else if class == KNOWN_CLASS && !credential.scopes.iter().any(|scope| scope.starts_with("s3://")) {
        faults.push(format!("Scopes cannot be blank for credential class {class}"));
    }
    if !faults.is_empty() {
        return Err(Failure::all_invalid(faults));
    }
    let taken =
        store.credentials.iter().any(|other| other.uuid() != credential.uuid() && other.name == *name);
    if taken {
        let owner = credential.common.owner_uuid;
        let detail = format!(
            "Key (owner_uuid, name)=({owner}, {}) already exists.",
            name.as_deref().unwrap_or_default()
        );
        return Err(Failure::duplicate("index_credentials_on_owner_uuid_and_name", &detail));
    }
    Ok(())
}
