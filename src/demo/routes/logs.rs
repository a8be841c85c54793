//! `/logs`, answered by the Rails API itself (api.md v6, v32)

use crate::demo::call::{Call, Handled};
use crate::demo::failure::Failure;
use crate::demo::record::{Common, Log, LogProperties, Record};
use crate::demo::store::Store;
use crate::demo::uuid::{Kind, Uuid};
use std::sync::Arc;

const ATTRIBUTES: [&str; 8] = [
    "uuid",
    "owner_uuid",
    "object_uuid",
    "object_owner_uuid",
    "event_at",
    "event_type",
    "summary",
    "properties",
];

fn is_readable(call: &Call, store: &Store, log: &Log) -> bool {
    call.is_admin() || {
        let reach = call.viewer().reach(store);
        [Some(log.common.owner_uuid), log.object_uuid, log.object_owner_uuid]
            .into_iter()
            .flatten()
            .any(|uuid| reach.contains_key(&uuid))
    }
}

fn find(call: &Call, store: &Store) -> Result<Arc<Log>, Failure> {
    call.found(store, |log: &Log| is_readable(call, store, log))
}

pub fn list(call: &Call, store: &Store) -> Handled {
    call.list(store, |log: &Log| is_readable(call, store, log))
}

pub fn get(call: &Call, store: &Store) -> Handled {
    call.one(store, &*find(call, store)?)
}

/// Anybody may write to the log, about anything, in anybody's name and of any time; only who wrote it is
/// the server's word (api.md v58).
pub fn create(call: &Call, store: &mut Store) -> Handled {
    let given = call.attributes::<Log>()?;
    given.only("Log", &ATTRIBUTES)?;
    let at = store.clock.tick();
    let by = call.viewer().uuid();
    let (object_uuid, object_text) = apart(given.uuid("object_uuid"));
    let (object_owner_uuid, object_owner_text) = apart(given.uuid("object_owner_uuid"));
    let log = Log {
        common: Common::new(store.new_uuid(Kind::Log), at).owned_by(by).made_by(by),
        id: 0,
        object_uuid,
        object_owner_uuid,
        object_text,
        object_owner_text,
        event_at: given.time("event_at").flatten().unwrap_or(at),
        event_type: given.text("event_type").flatten().unwrap_or_default().into(),
        summary: given.text("summary").flatten(),
        properties: LogProperties::Free(given.json("properties")?.unwrap_or_default()),
    };
    let uuid: Uuid = store.put(log);
    let log = store.logs.get(uuid).cloned().ok_or_else(Failure::not_found)?;
    call.one(store, &*log)
}

/// A UUID, or the text that is none.
#[expect(clippy::option_option, reason = "not named and null are the same here")]
fn apart(given: Option<Option<Result<Uuid, String>>>) -> (Option<Uuid>, Option<String>) {
    match given.flatten() {
        None => (None, None),
        Some(Ok(uuid)) => (Some(uuid), None),
        Some(Err(text)) => (None, Some(text)),
    }
}

/// Clusters that trim their audit log: an admin may.
pub fn delete(call: &Call, store: &mut Store) -> Handled {
    let log = find(call, store)?;
    if !call.is_admin() {
        return Err(Failure::denied());
    }
    let gone = call.one(store, &*log)?;
    store.remove::<Log>(log.uuid());
    Ok(gone)
}
