//! `/containers` and `/container_requests` (api.md v27)

use crate::demo::call::{Call, Handled};
use crate::demo::failure::Failure;
use crate::demo::record::{Common, Container, ContainerRequest, Record, Token};
use crate::demo::request::Attributes;
use crate::demo::rules::common;
use crate::demo::store::Store;
use crate::demo::uuid::{Kind, Uuid};
use crate::demo::write::Writer;

const ATTRIBUTES: [&str; 31] = [
    "uuid",
    "owner_uuid",
    "name",
    "description",
    "state",
    "priority",
    "command",
    "container_image",
    "properties",
    "container_uuid",
    "requesting_container_uuid",
    "cwd",
    "environment",
    "mounts",
    "output_path",
    "output_name",
    "runtime_constraints",
    "scheduling_parameters",
    "use_existing",
    "container_count_max",
    "filters",
    "expires_at",
    "log_uuid",
    "output_uuid",
    "output_ttl",
    "output_glob",
    "output_properties",
    "output_storage_classes",
    "runtime_token",
    "secret_mounts",
    "published_ports",
];
const UNFINISHED: [&str; 3] = ["Queued", "Locked", "Running"];

fn may_read(call: &Call, container: &Container) -> bool {
    call.is_admin() || container.runtime_user_uuid == Some(call.viewer().uuid())
}

pub fn containers(call: &Call, store: &Store) -> Handled {
    call.list(store, |container: &Container| may_read(call, container))
}

pub fn container(call: &Call, store: &Store) -> Handled {
    call.one(store, &*call.found(store, |container: &Container| may_read(call, container))?)
}

/// `containers/{uuid}/auth`: the token a running container works with, for the dispatcher that holds it.
pub fn auth(call: &Call, store: &Store) -> Handled {
    let container = call.found(store, |container: &Container| may_read(call, container))?;
    if container.locked_by_uuid != Some(call.session.token_uuid()) {
        return Err(Failure::plain(403, "Not locked by your token"));
    }
    match container.auth_uuid.and_then(|uuid| store.tokens.get(uuid)) {
        Some(token) => call.one(store, &**token),
        None => Err(Failure::invalid("Auth uuid not found")),
    }
}

/// A dispatcher takes a container: that makes a token for its user, which needs no expiry and is good for
/// everything, even if the user is inactive (api.md v27).
pub fn lock(call: &Call, store: &mut Store) -> Handled {
    call.admin_required()?;
    let mut container = (*call.found(store, |_: &Container| true)?).clone();
    if container.state != "Queued" {
        return Err(Failure::exception("ArvadosModel::LockFailedError", "cannot lock when not Queued"));
    }
    if container.priority == 0 {
        return Err(Failure::exception("ArvadosModel::LockFailedError", "cannot lock when priority<=0"));
    }
    let user = container.runtime_user_uuid.ok_or_else(|| Failure::invalid("Runtime user uuid not found"))?;
    let uuid = store.new_uuid(Kind::Token);
    let secret = store.new_secret();
    let token = Token::new(Common::new(uuid, store.clock.now()).owned_by(user), secret);
    let mut writer = call.writer(store);
    container.auth_uuid = Some(writer.as_system().create(token).uuid());
    container.state = "Locked".into();
    container.locked_by_uuid = Some(call.session.token_uuid());
    let container = writer.update(container);
    call.one(store, &*container)
}

/// A dispatcher gives a container back: its token goes.
pub fn unlock(call: &Call, store: &mut Store) -> Handled {
    call.admin_required()?;
    let mut container = (*call.found(store, |_: &Container| true)?).clone();
    if container.state != "Locked" {
        return Err(Failure::exception(
            "ArvadosModel::InvalidStateTransitionError",
            "cannot unlock when Queued",
        ));
    }
    let mut writer = call.writer(store);
    if let Some(token) = container.auth_uuid.take() {
        writer.as_system().delete::<Token>(token);
    }
    container.state = "Queued".into();
    container.locked_by_uuid = None;
    let container = writer.update(container);
    call.one(store, &*container)
}

pub fn requests(call: &Call, store: &Store) -> Handled {
    call.list(store, |request: &ContainerRequest| call.viewer().can_read(store, &request.common))
}

pub fn request(call: &Call, store: &Store) -> Handled {
    call.one(store, &*call.found_readable::<ContainerRequest>(store)?)
}

pub fn create(call: &Call, store: &mut Store) -> Handled {
    let given = call.attributes::<ContainerRequest>()?;
    common::must_be_active(call.viewer())?;
    let uuid = common::new_uuid::<ContainerRequest>(store, call.viewer(), &given)?;
    let owner = common::new_owner(store, call.viewer(), &given)?;
    let at = Common::new(uuid, store.clock.now()).owned_by(owner);
    let mut wanted = ContainerRequest::new(at, "", "Uncommitted");
    wanted.name = None;
    wanted.priority = 0;
    apply(&mut wanted, &given)?;
    let mut writer = call.writer(store);
    if wanted.state == "Committed" {
        commit(&mut writer, &mut wanted, call.viewer().uuid());
    }
    let made = writer.create(wanted);
    call.one(store, &*made)
}

fn apply(wanted: &mut ContainerRequest, given: &Attributes) -> Result<(), Failure> {
    given.only("ContainerRequest", &ATTRIBUTES)?;
    if let Some(name) = given.text("name") {
        wanted.name = name;
    }
    if let Some(description) = given.text("description") {
        wanted.description = description;
    }
    if let Some(Some(state)) = given.text("state") {
        if !["Uncommitted", "Committed", "Final"].contains(&state.as_str()) {
            return Err(Failure::invalid(format!("State invalid state {state:?}")));
        }
        wanted.state = state.into();
    }
    if let Some(priority) = given.number("priority") {
        wanted.priority = priority;
    }
    if let Some(command) = given.texts("command")? {
        wanted.command = command;
    }
    if let Some(image) = given.text("container_image") {
        wanted.container_image = image;
    }
    if let Some(properties) = given.json("properties")? {
        wanted.properties = properties;
    }
    Ok(())
}

fn commit(writer: &mut Writer<'_>, wanted: &mut ContainerRequest, user: Uuid) {
    let uuid = writer.store.new_uuid(Kind::Container);
    let mut container = Container::new(Common::new(uuid, writer.store.clock.now()), "Queued", user);
    container.priority = wanted.priority;
    container.command.clone_from(&wanted.command);
    container.container_image.clone_from(&wanted.container_image);
    wanted.container_uuid = Some(writer.as_system().create(container).uuid());
}

pub fn update(call: &Call, store: &mut Store) -> Handled {
    let old = call.found_readable::<ContainerRequest>(store)?;
    let given = call.attributes::<ContainerRequest>()?;
    common::must_be_active(call.viewer())?;
    if !call.viewer().can_write(store, old.uuid()) {
        return Err(Failure::denied());
    }
    let mut wanted = (*old).clone();
    apply(&mut wanted, &given)?;
    let mut writer = call.writer(store);
    if old.state == "Uncommitted" && wanted.state == "Committed" {
        commit(&mut writer, &mut wanted, call.viewer().uuid());
    }
    if wanted.state == "Committed" && wanted.priority == 0 && old.priority != 0 {
        cancel(&mut writer, &mut wanted);
    }
    let changed = writer.update(wanted);
    call.one(store, &*changed)
}

/// Priority 0 cancels; the container's token goes with it.
fn cancel(writer: &mut Writer<'_>, wanted: &mut ContainerRequest) {
    let container = wanted.container_uuid.and_then(|uuid| writer.store.containers.get(uuid)).cloned();
    let Some(container) = container.filter(|container| UNFINISHED.contains(&&*container.state)) else {
        return;
    };
    wanted.state = "Final".into();
    let mut ended = (*container).clone();
    ended.state = "Cancelled".into();
    ended.priority = 0;
    ended.finished_at = Some(writer.store.clock.now());
    ended.locked_by_uuid = None;
    if let Some(token) = ended.auth_uuid.take() {
        writer.as_system().delete::<Token>(token);
    }
    writer.as_system().update(ended);
}

pub fn delete(call: &Call, store: &mut Store) -> Handled {
    let row = call.found_readable::<ContainerRequest>(store)?;
    common::must_be_active(call.viewer())?;
    if !call.viewer().can_write(store, row.uuid()) {
        return Err(Failure::denied());
    }
    let gone = call.one(store, &*row)?;
    call.writer(store).delete::<ContainerRequest>(row.uuid());
    Ok(gone)
}
