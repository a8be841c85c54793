//! Links: permission levels that only rise, logins that come in twins (api.md b.7, b.8, v7, v8, v20).

use super::common::{must_be_active, new_owner, new_uuid, not_found_text};
use crate::demo::failure::Failure;
use crate::demo::permissions::{Level, Viewer};
use crate::demo::record::{Common, Link, Record};
use crate::demo::request::Attributes;
use crate::demo::store::Store;
use crate::demo::uuid::{Kind, Uuid};
use crate::demo::write::Writer;
use std::sync::Arc;

const ATTRIBUTES: [&str; 7] =
    ["uuid", "owner_uuid", "link_class", "name", "tail_uuid", "head_uuid", "properties"];

/// Makes a link, or raises the one that is there. A lower level than the known one's changes nothing.
pub fn create(writer: &mut Writer<'_>, viewer: &Viewer, given: &Attributes) -> Result<Arc<Link>, Failure> {
    given.only("Link", &ATTRIBUTES)?;
    check_kind(given, "head")?;
    check_kind(given, "tail")?;
    let mut link = Link {
        common: Common::new(Uuid::MIN, writer.store.clock.now()),
        link_class: given.text("link_class").flatten().unwrap_or_default().into(),
        name: given.text("name").flatten().unwrap_or_default().into(),
        tail_uuid: end(given, "tail_uuid")?,
        head_uuid: end(given, "head_uuid")?,
        properties: given.json("properties")?.unwrap_or_default(),
    };
    let wanted = rank(&link.name).filter(|_| link.is_permission());
    let known = wanted.and_then(|_| overlapping(writer.store, &link).next().cloned());
    if let Some(known) = known {
        if rank(&known.name) >= wanted {
            return Ok(known);
        }
        let raised = Link { name: link.name, ..(*known).clone() };
        return save(writer, viewer, &known, raised);
    }
    validate(writer.store, viewer, &link)?;
    must_be_active(viewer)?;
    link.common.owner_uuid = if link.is_permission() {
        must_manage_head(writer.store, viewer, &link)?;
        Uuid::system_user()
    } else {
        new_owner(writer.store, viewer, given)?
    };
    link.common.uuid = new_uuid::<Link>(writer.store, viewer, given)?;
    link.name = highest(writer.store, &link).into();
    Ok(writer.create(link))
}

/// Changes the name or the properties of a link; its other twins go.
pub fn update(
    writer: &mut Writer<'_>,
    viewer: &Viewer,
    old: &Link,
    given: &Attributes,
) -> Result<Arc<Link>, Failure> {
    given.only("Link", &ATTRIBUTES)?;
    let mut link = old.clone();
    if let Some(name) = given.text("name") {
        link.name = name.unwrap_or_default().into();
    }
    if let Some(class) = given.text("link_class") {
        link.link_class = class.unwrap_or_default().into();
    }
    if given.has("tail_uuid") {
        link.tail_uuid = end(given, "tail_uuid")?;
    }
    if given.has("head_uuid") {
        link.head_uuid = end(given, "head_uuid")?;
    }
    if let Some(properties) = given.json("properties")? {
        link.properties = properties;
    }
    save(writer, viewer, old, link)
}

fn save(writer: &mut Writer<'_>, viewer: &Viewer, old: &Link, mut link: Link) -> Result<Arc<Link>, Failure> {
    validate(writer.store, viewer, &link)?;
    must_be_active(viewer)?;
    if link.is_permission() {
        must_manage_head(writer.store, viewer, &link)?;
    } else if !viewer.can_write(writer.store, link.uuid()) {
        return Err(Failure::denied());
    }
    let touches_permissions = link.is_permission() || old.is_permission();
    let moved = link.link_class != old.link_class
        || link.tail_uuid != old.tail_uuid
        || link.head_uuid != old.head_uuid;
    if touches_permissions && moved && !viewer.is_system() {
        return Err(Failure::runtime("Can only alter permission link level"));
    }
    link.name = highest(writer.store, &link).into();
    let link = writer.update(link);
    remove_overlapping(writer.store, &link);
    Ok(link)
}

/// Deletes a link, and with it the others it stands for: those leave no record.
pub fn delete(writer: &mut Writer<'_>, viewer: &Viewer, link: &Link) -> Result<(), Failure> {
    must_be_active(viewer)?;
    if link.is_permission() {
        must_manage_head(writer.store, viewer, link)?;
    } else if !viewer.can_write(writer.store, link.uuid()) {
        return Err(Failure::denied());
    }
    writer.delete::<Link>(link.uuid());
    remove_overlapping(writer.store, link);
    Ok(())
}

fn check_kind(given: &Attributes, end: &str) -> Result<(), Failure> {
    let (Some(Some(kind)), Some(Some(Ok(uuid)))) =
        (given.filled(&format!("{end}_kind")), given.uuid(&format!("{end}_uuid")))
    else {
        return Ok(());
    };
    let found = uuid.kind().map(Kind::name);
    if found == Some(kind.as_str()) {
        Ok(())
    } else {
        let found = found.unwrap_or_default();
        Err(Failure::invalid(format!("'{kind}' does not match uuid '{uuid}', expected '{found}'")))
    }
}

fn end(given: &Attributes, name: &str) -> Result<Option<Uuid>, Failure> {
    match given.uuid(name) {
        None | Some(None) => Ok(None),
        Some(Some(Ok(uuid))) => Ok(Some(uuid)),
        Some(Some(Err(text))) => Err(Failure::invalid(format!("{name} {text:?} is not a UUID"))),
    }
}

fn validate(store: &Store, viewer: &Viewer, link: &Link) -> Result<(), Failure> {
    let mut faults = Vec::new();
    let ends = [("Tail uuid", link.tail_uuid), ("Head uuid", link.head_uuid)];
    for (label, uuid) in ends {
        faults.extend(uuid.and_then(|uuid| not_found_text(store, viewer, label, uuid)));
    }
    if link.link_class == "name" {
        faults.push("Name Name links are obsolete".to_owned());
    }
    if link.is_permission() {
        faults.extend(permission_fault(store, viewer, link));
    }
    if faults.is_empty() { Ok(()) } else { Err(Failure::all_invalid(faults)) }
}

fn permission_fault(store: &Store, viewer: &Viewer, link: &Link) -> Option<String> {
    if Level::of_link(&link.name).is_none() {
        let names = "'can_read', 'can_write', 'can_manage', 'can_login'";
        return Some(format!("Name is invalid permission, must be one of {names}"));
    }
    match link.tail_uuid.map(|tail| (tail, tail.kind())) {
        Some((_, Some(Kind::User))) => {}
        Some((tail, Some(Kind::Group))) => match store.groups.get(tail) {
            None => return Some("Tail uuid does not exist".to_owned()),
            Some(group) if !group.is_role() => {
                let class = &group.group_class;
                return Some(format!("Tail uuid must be a user or role, was group with group_class {class}"));
            }
            Some(_) => {}
        },
        _ => return Some("Tail uuid must be a user or role".to_owned()),
    }
    let exists = link.head_uuid.is_some_and(|head| store.common(head).is_some());
    (!viewer.is_admin() && !exists).then(|| "Head uuid does not exist".to_owned())
}

fn must_manage_head(store: &Store, viewer: &Viewer, link: &Link) -> Result<(), Failure> {
    let Some(head) = link.head_uuid.filter(|head| head.kind().is_some()) else {
        return Err(Failure::exception("NoMethodError", "undefined method 'find_by_uuid' for nil"));
    };
    if viewer.can_manage(store, head) { Ok(()) } else { Err(Failure::denied()) }
}

/// The rank of a level among those that exclude each other; a login has none.
fn rank(name: &str) -> Option<Level> {
    Level::of_link(name).filter(|_| name != "can_login")
}

/// The other links that say the same of the same two, at whatever level.
fn overlapping<'a>(store: &'a Store, link: &Link) -> impl Iterator<Item = &'a Arc<Link>> + use<'a> {
    let (tail, head, uuid) = (link.tail_uuid, link.head_uuid, link.uuid());
    let ranked = link.is_permission() && rank(&link.name).is_some();
    let login = (link.is_permission() && link.name == "can_login")
        .then(|| link.properties.get("username").cloned())
        .flatten();
    tail.into_iter().flat_map(|tail| store.links.by("tail_uuid", tail)).filter(move |other| {
        other.is_permission()
            && other.head_uuid == head
            && other.uuid() != uuid
            && if ranked {
                rank(&other.name).is_some()
            } else {
                other.name == "can_login"
                    && login.is_some()
                    && other.properties.get("username") == login.as_ref()
            }
    })
}

/// The name that the link gets: never lower than an overlapping one's.
fn highest(store: &Store, link: &Link) -> String {
    match rank(&link.name).filter(|_| link.is_permission()) {
        None => link.name.clone().into_owned(),
        Some(level) => overlapping(store, link)
            .filter_map(|other| rank(&other.name))
            .fold(level, Level::max)
            .name()
            .to_owned(),
    }
}

fn remove_overlapping(store: &mut Store, link: &Link) {
    let others: Vec<Uuid> = overlapping(store, link).map(|other| other.uuid()).collect();
    for other in others {
        store.remove::<Link>(other);
    }
}
