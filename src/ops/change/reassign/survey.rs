//! The survey of a reassignment.

use crate::arvados::error::Error;
use crate::arvados::links::{CAN_LOGIN, Link};
use crate::model::field::Field;
use crate::model::group::{Group, PermissionLevel};
use crate::model::ids::{LinkUuid, UserUuid};
use crate::model::text::{count, is_clean, named};
use crate::model::user::{User, UserRole, UserStatus};
use crate::ops::change::accounts::candidates::{Candidates, another_admin_remains, things, users_if_any};
use crate::ops::change::reassign::{Destination, Leaving, Parting, ReassignStep, Regrant};
use crate::ops::clash::Clashes;
use crate::ops::cluster::Cluster;
use crate::ops::holdings::Holdings;
use crate::ops::part::Part;
use crate::ops::plan::{Findings, Losses, Note, Target};
use crate::ops::reach::{self, places};
use crate::ops::{phrases, rights};
use std::collections::BTreeSet;

/// The longest name a project may have here; the server would take more, but no list shows it.
const LONGEST_NAME: usize = 255;

/// Hands over what the first user owns to the second.
pub(in crate::ops) async fn survey(
    cluster: &Cluster,
    (from, to): (UserUuid, UserUuid),
    project: Option<&str>,
    leaving: Leaving,
    picked: &[LinkUuid],
) -> Result<Findings<ReassignStep>, Error> {
    let Candidates { users, mut findings } = Candidates::find(cluster, &[from, to]).await?;
    let (Some(old), Some(new)) =
        (users.iter().find(|user| user.uuid == from), users.iter().find(|user| user.uuid == to))
    else {
        return Ok(findings);
    };
    let named = project_name(project, old);
    let refusal = match &named {
        _ if from == to => Some("the successor must be somebody else".to_owned()),
        Err(why) => Some((*why).to_owned()),
        Ok(_) => refusal(cluster, old, new, leaving).await?,
    };
    let name = match (named, refusal) {
        (Ok(name), None) => name,
        (_, refusal) => {
            // Of whoever hands over, as a row of what was done is: whose refusal it is stands in the reason.
            if let Some(reason) = refusal {
                findings.refuse(Target::User(from), reason);
            }
            return Ok(findings);
        }
    };

    let only = [old.uuid];
    let (holdings, projects, rights) = futures::try_join!(
        Box::pin(Holdings::of(cluster, &only)),
        cluster.client.projects_named(new.uuid, &name),
        async { Part::of(rights::of_user(cluster, old.uuid).await) },
    )?;
    // What goes with the account, or passes to the successor, must be known before all that is moved for good.
    if let Some(why) = holdings.links_not_known() {
        findings.refuse(Target::User(from), not_known(why));
        return Ok(findings);
    }
    holdings.add_names(&mut findings.names);
    let regrant = resolve(cluster, &mut findings, old, &holdings, leaving, picked).await?;
    if leaving == Leaving::Leaves {
        let unknown = |why| Note::warning(format!("What could be granted anew can't be listed: {why}."));
        findings.notes.extend(rights.why_not().map(unknown));
        findings.rights = rights.or_default();
    }
    // What was picked is part of what is wanted: without it the rest is not done either, since afterwards
    // there is nothing left to pick from.
    if !findings.refused.is_empty() {
        return Ok(findings);
    }
    // What is moved must be known, so that it can be told afterwards whether it was.
    let owned = match holdings.owned_by(old.uuid) {
        Some(owned) => owned,
        None => cluster.client.count_contents(old.uuid.into()).await?,
    };
    let parting = match leaving {
        Leaving::Stays if old.status == UserStatus::Inactive => Parting::StaysInactive,
        Leaving::Stays => Parting::Stays,
        Leaving::Leaves if old.status == UserStatus::Inactive && holdings.is_bare(old.uuid) => {
            Parting::EndedBefore
        }
        Leaving::Leaves => Parting::Ends,
    };
    // An earlier try may have come as far as the merge, which took the account out of All users.
    let apart = owned == 0 && parting == Parting::Stays && !reach::apart(cluster, &only).await?.is_empty();
    if owned == 0 && parting != Parting::Ends && regrant.is_empty() && !apart {
        findings.leave(Target::User(old.uuid), "owns nothing to hand over");
        return Ok(findings);
    }
    let usual = name == phrases::project_name(old);
    let (project, elsewhere) = match projects.into_iter().next() {
        None => (Destination::New(name), None),
        Some(project) => match place(cluster, old, new, project, owned, usual).await? {
            Ok(place) => place,
            Err(reason) => {
                findings.refuse(Target::User(old.uuid), reason);
                return Ok(findings);
            }
        },
    };

    findings.names.add_users(&users_if_any(cluster, &holdings.users_of_lost_keys(&only)).await?);
    note_what_moves(&mut findings, old, new, &project, owned);
    note_flags(&mut findings, old, new);
    findings.notes.extend(elsewhere.map(Note::warning));
    let losses = match leaving {
        Leaving::Leaves => {
            note_the_end(&mut findings, old, parting);
            findings.notes.extend(holdings.notes(&only, &findings.names, &cluster.session.cluster));
            Losses { moved: owned, ..holdings.losses(old.uuid) }
        }
        Leaving::Stays if owned == 0 => {
            let text = format!(
                "{} is active, but not in All users, and so sees nobody else: it is put back.",
                old.display_name()
            );
            findings.notes.push(Note::info(text));
            Losses::default()
        }
        Leaving::Stays => {
            findings.notes.extend(holdings.not_counted());
            let all = holdings.losses(old.uuid);
            note_what_goes_along(&mut findings, old, new, parting, &all);
            lost_by_who_stays(&all, owned)
        }
    };
    note_logins(&mut findings, new, &regrant);
    let step = ReassignStep { from: old.uuid, to: new.uuid, project, parting, regrant, owned };
    findings.plan(step, losses);
    Ok(findings)
}

/// Why nothing is handed over by whom nobody knows what they may do.
fn not_known(why: &str) -> String {
    format!(
        "what it may do can't be listed ({why}), so what goes or passes on is not known: deactivating needs no \
         list, and handing over can follow"
    )
}

/// How many further names are tried for a project.
const OTHER_NAMES: usize = 50;

/// Where the data goes, if the successor has a project of that name: there, unless something in it has a name
/// that is to move in as well, since the server would refuse everything then. Then a fresh one, with the
/// reason, if nobody asked for that very project; or why not at all.
async fn place(
    cluster: &Cluster,
    old: &User,
    new: &User,
    there: Group,
    owned: usize,
    usual: bool,
) -> Result<Result<(Destination, Option<String>), String>, Error> {
    if owned == 0 {
        return Ok(Ok((Destination::Existing(there.uuid, there.name.shown().into_owned()), None)));
    }
    let clashes = Clashes::between(&cluster.client, old.uuid, owned, there.uuid).await?;
    if clashes.is_empty() {
        return Ok(Ok((Destination::Existing(there.uuid, there.name.shown().into_owned()), None)));
    }
    let (name, new_name) = (named(&there.name), new.display_name());
    let taken = format!("{new_name} has the project {name} already, and {}", clashes.said());
    if usual {
        for number in 2..=OTHER_NAMES {
            let other = format!("{} {number}", there.name.shown());
            if cluster.client.projects_named(new.uuid, &other).await?.is_empty() {
                return Ok(Ok((
                    Destination::New(other),
                    Some(format!("{taken}: so it goes into a project of its own.")),
                )));
            }
        }
    }
    Ok(Err(format!("{taken}. The server would move nothing: name another project")))
}

/// The name of the project, or why it can't be one.
fn project_name(given: Option<&str>, old: &User) -> Result<String, &'static str> {
    let Some(given) = given else { return Ok(phrases::project_name(old)) };
    let name = given.trim();
    if name.is_empty() || name == "." || name == ".." || name.contains('/') {
        Err("a project can't have this name: not empty, no slash, not . or ..")
    } else if !is_clean(name) {
        Err("the project's name has control characters")
    } else if name.chars().count() > LONGEST_NAME {
        Err("the project's name is too long: 255 characters at most")
    } else {
        Ok(name.to_owned())
    }
}

/// Why this must not be done.
async fn refusal(
    cluster: &Cluster,
    old: &User,
    new: &User,
    leaving: Leaving,
) -> Result<Option<String>, Error> {
    let here = cluster.session.cluster.id;
    let new_name = new.display_name();
    let homes =
        [("the account".to_owned(), old), (format!("the account of the successor, {new_name},"), new)];
    if let Some((whose, home)) =
        homes.into_iter().find_map(|(whose, user)| Some((whose, user.foreign_home(here)?)))
    {
        return Ok(Some(format!("{whose} belongs to cluster {home}, and merging works here only")));
    }
    let me = cluster.session.my_uuid();
    Ok(if new.is_surely_inactive() {
        Some(format!("the successor, {new_name}, is not active"))
    } else if old.uuid == me {
        Some("you can't hand over your own account: it would end the token in use".to_owned())
    } else if old.is_admin() && new.role.is(&UserRole::Plain) {
        Some(format!("an admin, and the successor, {new_name}, is none: unmake the admin first"))
    } else if leaving == Leaving::Stays && old.status == UserStatus::Unreadable {
        let what =
            "whether it is active can't be read, so nobody knows whether to set it up again after the merge";
        Some(what.to_owned())
    } else if leaving == Leaving::Leaves
        && old.is_perhaps_active_admin()
        && !another_admin_remains(cluster, &[old.uuid]).await?
    {
        Some("the last active admin must stay one".to_owned())
    } else {
        None
    })
}

/// An admin's things do not go to somebody who is none; where it can't be read whether that is so, whoever
/// agrees must know.
fn note_flags(findings: &mut Findings<ReassignStep>, old: &User, new: &User) {
    if !old.is_perhaps_admin() || new.is_admin() {
        return;
    }
    for user in [old, new] {
        if let Field::Unreadable(flag) = &user.role {
            findings.notes.push(Note::danger(format!(
                "Whether {} is an admin can't be read ({flag}): look before an admin's things and rights go to \
                 somebody who is none.",
                user.display_name()
            )));
        }
    }
}

/// What the picked links allow. Those that an earlier try deleted are read back from the audit log
/// (api.md v32), so that a retry grants what the first one did not come to.
async fn resolve(
    cluster: &Cluster,
    findings: &mut Findings<ReassignStep>,
    old: &User,
    holdings: &Holdings,
    leaving: Leaving,
    picked: &[LinkUuid],
) -> Result<Vec<Regrant>, Error> {
    if leaving == Leaving::Stays {
        return Ok(Vec::new());
    }
    let mut links: Vec<Link> = holdings.links_of(old.uuid).cloned().collect();
    let mut seen = BTreeSet::new();
    let picked: Vec<LinkUuid> = picked.iter().copied().filter(|uuid| seen.insert(*uuid)).collect();
    let gone: Vec<LinkUuid> =
        picked.iter().copied().filter(|uuid| links.iter().all(|link| link.uuid != *uuid)).collect();
    if !gone.is_empty() {
        let deleted = cluster.client.deleted_links(&gone).await?;
        links.extend(deleted.into_iter().filter(|link| link.tail_uuid == old.uuid.into()));
    }
    let mut regrant: Vec<Regrant> = Vec::new();
    for uuid in picked {
        let link = links.iter().find(|link| link.uuid == uuid);
        let right = link.filter(|link| places(std::iter::once(*link)).next().is_none()).and_then(as_right);
        match right {
            // Twins are one login: the second link of it would only change the groups of the first.
            Some(right) if right.login.is_some() && regrant.iter().any(|r| r.is_same_place(&right)) => {}
            Some(right) if regrant.contains(&right) => {}
            Some(right) => regrant.push(right),
            None => findings.refuse(
                Target::Link(uuid),
                format!("no permission of {} that can be granted anew: nothing was done", old.display_name()),
            ),
        }
    }
    Ok(regrant)
}

fn as_right(link: &Link) -> Option<Regrant> {
    let login = if link.name == CAN_LOGIN {
        Some((link.properties.username.clone()?, link.properties.groups.clone()))
    } else {
        PermissionLevel::from_wire(&link.name)?;
        None
    };
    Some(Regrant { name: link.name.to_string(), head: link.head_uuid, login })
}

fn note_what_moves(
    findings: &mut Findings<ReassignStep>,
    old: &User,
    new: &User,
    project: &Destination,
    owned: usize,
) {
    let (old, new) = (old.display_name(), new.display_name());
    findings.notes.push(if owned == 0 {
        Note::info(format!("{old} owns nothing: no project is made."))
    } else {
        match project {
            Destination::New(name) => Note::info(format!(
                "{}, trash included, move into a new project of {new}: {name}.",
                things(owned)
            )),
            Destination::Existing(_, name) => Note::warning(format!(
                "{}, trash included, move into a project that {new} has already: {name}.",
                things(owned)
            )),
        }
    });
    if owned > 0 {
        findings
            .notes
            .push(Note::danger("The move can't be taken back, and the audit log does not show it."));
    }
}

fn note_the_end(findings: &mut Findings<ReassignStep>, old: &User, parting: Parting) {
    let name = old.display_name();
    findings.notes.push(Note::info(if parting == Parting::Ends {
        format!("{name} is deactivated first, so that no rights pass; only what is picked is granted anew.")
    } else {
        format!("{name} is deactivated already, so no rights pass; only what is picked is granted anew.")
    }));
}

fn note_what_goes_along(
    findings: &mut Findings<ReassignStep>,
    old: &User,
    new: &User,
    parting: Parting,
    all: &Losses,
) {
    let (old, new) = (old.display_name(), new.display_name());
    findings.notes.push(Note::danger(format!(
        "All rights of {old} pass to {new}: {} under their old names, {}, {}.",
        count(all.logins.len(), "VM login", "VM logins"),
        count(all.memberships, "group membership", "group memberships"),
        count(all.permissions, "other permission", "other permissions"),
    )));
    findings.notes.push(Note::warning(if parting == Parting::Stays {
        format!(
            "{old} stays active and can go on, but loses these rights, all tokens, all SSH keys and its place in \
             All users, without which it sees nobody: that is given back at once, by setting it up again."
        )
    } else {
        format!("{old} stays inactive, and loses these rights, all tokens and all SSH keys.")
    }));
    if all.work > 0 {
        findings.notes.push(Note::warning(format!(
            "{} when the tokens go.",
            count(
                all.work,
                "container is queued or running, and breaks",
                "containers are queued or running, and break"
            )
        )));
    }
}

fn note_logins(findings: &mut Findings<ReassignStep>, new: &User, regrant: &[Regrant]) {
    for right in regrant {
        if let (Some((name, _)), Ok(vm)) = (&right.login, right.head.try_into()) {
            let host = findings.names.vm(vm);
            findings.notes.push(Note::warning(format!(
                "The login {name} on {host} keeps its name: {} enters that Unix account, files and all.",
                new.display_name()
            )));
        }
    }
}

/// Of what there is, what somebody loses whose account stays.
fn lost_by_who_stays(all: &Losses, owned: usize) -> Losses {
    let Losses { keys, tokens, doubtful_tokens, work, .. } = *all;
    Losses { keys, tokens, doubtful_tokens, work, moved: owned, ..Losses::default() }
}
