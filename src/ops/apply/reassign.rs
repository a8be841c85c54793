//! Applying a reassignment (api.md v28): the leaver's account is ended first, so that no rights pass, then
//! the data moves into a project of the successor, then what was picked is granted anew. Each part looks
//! first at what an earlier try has done.

use super::bench::{Bench, StepDone};
use super::leave::{Belongings, Ended, end};
use super::users::{came, conflict, keep_an_admin, unless_changed};
use crate::arvados::error::Error;
use crate::arvados::links::{CAN_LOGIN, Link, LinkProperties};
use crate::model::group::PermissionLevel;
use crate::model::ids::{GroupUuid, UserUuid};
use crate::model::text::count;
use crate::model::user::{User, UserStatus};
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::intent::Leaving;
use crate::ops::journal::Before;
use crate::ops::plan::{Note, Planned};
use crate::ops::report::ItemResult;
use crate::ops::step::{Destination, Regrant, Step};

pub(super) async fn apply_step(bench: &Bench<'_>, planned: &Planned) -> StepDone {
    let step = &planned.step;
    let Step::Reassign { from, to, project, leaving, regrant, .. } = step else {
        // The engine sends the others elsewhere.
        return StepDone::default();
    };
    let handover = Handover { bench, step, from: *from, to: *to, project, leaving: *leaving };
    let mut notes = Vec::new();
    let result = match Box::pin(handover.run(regrant, &mut notes)).await {
        Ok(result) => result,
        Err(failure) => ItemResult::Failed(failure),
    };
    notes.into_iter().fold(came(step, result), StepDone::note)
}

struct Handover<'a> {
    bench: &'a Bench<'a>,
    step: &'a Step,
    from: UserUuid,
    to: UserUuid,
    project: &'a Destination,
    leaving: Leaving,
}

impl Handover<'_> {
    async fn run(&self, regrant: &[Regrant], notes: &mut Vec<Note>) -> Result<ItemResult, Failure> {
        let cluster = self.bench.cluster;
        let (old, new, owned) = futures::try_join!(
            cluster.user(self.from),
            cluster.user(self.to),
            cluster.client.count_contents(self.from.into()),
        )?;
        unless_changed(self.bench, &new).await?;
        if let Some(stopped) = self.leave(&old, owned, notes).await? {
            return Ok(stopped);
        }
        match self.hand_over(owned, notes).await? {
            ItemResult::Done => self.grant_all(regrant).await,
            result => Ok(result),
        }
    }

    /// Ends the leaver's account, or only writes down what an active user loses. A result if it can't go
    /// on from there.
    async fn leave(
        &self,
        old: &User,
        owned: usize,
        notes: &mut Vec<Note>,
    ) -> Result<Option<ItemResult>, Failure> {
        let belongings = Belongings::of(self.bench, self.from).await?;
        if self.leaving == Leaving::Stays {
            unless_changed(self.bench, old).await?;
            self.write_down(old, belongings.before, owned)?;
            return Ok(None);
        }
        if old.status == UserStatus::Inactive && belongings.are_gone() {
            self.write_down(old, belongings.before, owned)?;
            return Ok(None);
        }
        if old.status != UserStatus::Inactive {
            unless_changed(self.bench, old).await?;
        }
        keep_an_admin(self.bench, old).await?;
        match end(self.bench, self.step, old, belongings, Some(owned)).await? {
            Ended::Done(seen) => {
                notes.extend(seen);
                Ok(None)
            }
            Ended::Unclear(seen) => {
                Ok(Some(ItemResult::Unknown(format!("deactivating: {seen}; no data was moved"))))
            }
        }
    }

    fn write_down(&self, old: &User, before: Before, owned: usize) -> Result<(), Failure> {
        let flags = Before::flags_of(old);
        let before =
            Before { is_active: flags.is_active, is_admin: flags.is_admin, owned: Some(owned), ..before };
        self.bench.write_down(self.step, &before)
    }

    /// Moves what is owned, and counts it afterwards.
    async fn hand_over(&self, owned: usize, notes: &mut Vec<Note>) -> Result<ItemResult, Failure> {
        let client = &self.bench.cluster.client;
        let name = self.bench.names.user(self.from);
        if owned == 0 {
            notes.push(Note::info(format!("{name} owns nothing (any more): nothing was moved.")));
            return Ok(ItemResult::Done);
        }
        let (project, project_name) =
            self.place().await.map_err(|failure| during("the project could not be made", failure))?;
        let there = client.count_contents(project.into()).await?;
        let merged = self.bench.writer().merge_users(self.from, self.to, project).await;
        let lost = match merged {
            Ok(()) => false,
            Err(error) if error.leaves_write_unknown() => true,
            Err(error) => return Err(during("the data was not moved", error.into())),
        };
        let counted = futures::try_join!(
            client.count_contents(self.from.into()),
            client.count_contents(project.into())
        );
        let (left, inside) = match counted {
            Ok(counted) => counted,
            Err(error) => {
                return Ok(ItemResult::Unknown(format!("moved or not; counting afterwards failed: {error}")));
            }
        };
        if left > 0 {
            let seen = format!("{name} still owns {left} of {owned}");
            return if lost {
                Ok(ItemResult::Unknown(format!("no answer; looked again: {seen}")))
            } else {
                Err(conflict(format!("the server said yes, yet {seen}")))
            };
        }
        let arrived = inside.saturating_sub(there);
        notes.push(if arrived >= owned {
            Note::info(format!(
                "Checked by counting: {arrived} of {owned} are in {project_name} now, and {name} owns nothing."
            ))
        } else {
            Note::warning(format!(
                "{name} owns nothing any more, but only {arrived} of {owned} are in {project_name}: look at it."
            ))
        });
        Ok(ItemResult::Done)
    }

    /// The project: one that is there, else a new one.
    async fn place(&self) -> Result<(GroupUuid, String), Failure> {
        let name = match self.project {
            Destination::Existing(uuid, name) => return Ok((*uuid, name.clone())),
            Destination::New(name) => name,
        };
        if let Some(uuid) = self.find_project(name).await? {
            return Ok((uuid, name.clone()));
        }
        match self.bench.writer().create_project(self.to, name).await {
            Ok(project) => Ok((project.uuid, project.name)),
            Err(error) if error.leaves_write_unknown() => match self.find_project(name).await? {
                Some(uuid) => Ok((uuid, name.clone())),
                None => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }

    async fn find_project(&self, name: &str) -> Result<Option<GroupUuid>, Error> {
        let projects = self.bench.cluster.client.projects_named(self.to, name).await?;
        Ok(projects.first().map(|project| project.uuid))
    }

    /// Grants the successor what was picked. The data has moved by then, so a failure says that.
    async fn grant_all(&self, regrant: &[Regrant]) -> Result<ItemResult, Failure> {
        let mut failures: Vec<Failure> = Vec::new();
        let mut unclear: Vec<String> = Vec::new();
        for right in regrant {
            match self.grant(right).await {
                Ok(Granted::Yes) => {}
                Ok(Granted::Unclear(seen)) => unclear.push(seen),
                Err(failure) => failures.push(failure),
            }
        }
        let number = failures.len();
        match failures.into_iter().next() {
            None if unclear.is_empty() => Ok(ItemResult::Done),
            None => Ok(ItemResult::Unknown(format!(
                "the data was moved; granting {} anew: {}",
                count(unclear.len(), "permission", "permissions"),
                unclear.join("; ")
            ))),
            Some(first) => Err(during(
                &format!(
                    "the data was moved, but {} could not be granted anew",
                    count(number, "permission", "permissions")
                ),
                first,
            )),
        }
    }

    async fn grant(&self, right: &Regrant) -> Result<Granted, Failure> {
        let links = self.bench.cluster.client.permissions_of(&[self.to]).await?;
        if links.iter().any(|link| gives(link, right)) {
            return Ok(Granted::Yes);
        }
        let writer = self.bench.writer();
        let properties = match &right.login {
            Some((name, groups)) => LinkProperties::login(name.clone(), groups.clone()),
            None => LinkProperties::default(),
        };
        // A second link for the same login would leave its groups to chance (api.md v7).
        let twin = links.iter().find(|link| {
            right.login.is_some()
                && link.name == CAN_LOGIN
                && link.head_uuid == right.head
                && link.properties.username == properties.username
        });
        let written = match twin {
            Some(twin) => writer.update_link(twin.uuid, &properties).await,
            None => writer.create_link(self.to.into(), &right.name, right.head, &properties).await,
        };
        match written {
            Ok(link) if gives(&link, right) => Ok(Granted::Yes),
            Ok(_) => Err(conflict("the server said yes, yet it is not there".to_owned())),
            Err(error) if error.leaves_write_unknown() => {
                match self.bench.cluster.client.permissions_of(&[self.to]).await {
                    Ok(links) if links.iter().any(|link| gives(link, right)) => Ok(Granted::Yes),
                    Ok(_) => Err(error.into()),
                    Err(again) => {
                        Ok(Granted::Unclear(format!("no answer; looking again failed too: {again}")))
                    }
                }
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// How granting a right came out.
enum Granted {
    /// It is there.
    Yes,
    /// No answer came, and looking again did not tell.
    Unclear(String),
}

/// Whether a link gives at least this right.
fn gives(link: &Link, right: &Regrant) -> bool {
    if link.head_uuid != right.head {
        return false;
    }
    match &right.login {
        Some((name, groups)) => {
            let sorted = |groups: &[String]| {
                let mut groups = groups.to_vec();
                groups.sort_unstable();
                groups
            };
            link.name == CAN_LOGIN
                && link.properties.username.as_deref() == Some(name)
                && sorted(&link.properties.groups) == sorted(groups)
        }
        None => match (PermissionLevel::from_wire(&link.name), PermissionLevel::from_wire(&right.name)) {
            (Some(has), Some(wanted)) => has >= wanted,
            _ => false,
        },
    }
}

/// A failure, with what it was that failed. A write without an answer is said to be one.
fn during(what: &str, failure: Failure) -> Failure {
    let advice = if failure.kind == ErrorKind::NotAuthorised {
        failure.advice
    } else {
        "try again: what was done already is found, and not done twice"
    };
    Failure { reason: format!("{what}: {}", failure.reason), advice, ..failure }
}
