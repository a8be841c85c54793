//! Applying a reassignment (api.md v28): the leaver's account is ended first, so that no rights pass, then
//! the data moves into a project of the successor, then what was picked is granted anew. Each part looks
//! first at what an earlier try has done.

use crate::arvados::error::Error;
use crate::arvados::links::{CAN_LOGIN, Link};
use crate::model::group::PermissionLevel;
use crate::model::ids::GroupUuid;
use crate::model::text::count;
use crate::model::user::{Notify, User, UserStatus};
use crate::ops::change::accounts::candidates::another_admin_remains;
use crate::ops::change::accounts::ending::{Ended, end};
use crate::ops::change::accounts::standing::{last_admin, unless_changed};
use crate::ops::change::reassign::{Destination, Parting, ReassignStep, Regrant, regranted};
use crate::ops::clash::Clashes;
use crate::ops::engine::belongings::Belongings;
use crate::ops::engine::{Bench, Seen, StepDone, Unseen, after_silence};
use crate::ops::failure::{ErrorKind, Failure, conflict};
use crate::ops::journal::Doing;
use crate::ops::plan::{ItemResult, Note, Unclear};
use crate::ops::reach;

/// One handover.
pub(in crate::ops) struct Handover<'a> {
    pub bench: &'a Bench<'a>,
    pub doing: &'a Doing,
    /// As it was agreed to.
    pub step: &'a ReassignStep,
}

/// How far it came, for what is said when it does not go on.
#[derive(Default)]
struct Came {
    /// What is done: "the account is deactivated".
    so_far: Vec<String>,
    notes: Vec<Note>,
}

impl Came {
    fn did(&mut self, what: impl Into<String>) {
        self.so_far.push(what.into());
    }

    /// What failed, after what is done.
    fn saying(&self, what: &str) -> String {
        if self.so_far.is_empty() {
            return what.to_owned();
        }
        format!("{}, but {what}", self.so_far.join(", "))
    }

    fn failed(&self, what: &str, failure: impl Into<Failure>) -> ItemResult {
        let failure = failure.into();
        let advice = advice(&failure);
        let reason = format!("{}: {}", self.saying(what), failure.reason);
        ItemResult::Failed(Failure { reason, advice, ..failure })
    }

    /// What is said of something that is not done, or of which nobody can say.
    fn not_seen(&self, not_done: &str, not_known: &str, unseen: Unseen) -> ItemResult {
        match unseen {
            Unseen::NotDone(failure) => self.failed(not_done, failure),
            Unseen::Unclear(unclear) => self.unknown(not_known, unclear),
        }
    }

    fn unknown(&self, what: &str, unclear: Unclear) -> ItemResult {
        ItemResult::Unknown(unclear.during(&self.saying(what)))
    }
}

/// What to do next: only what can come out otherwise the next time is to be tried again.
fn advice(failure: &Failure) -> &'static str {
    match failure.kind {
        ErrorKind::Unreachable
        | ErrorKind::Busy
        | ErrorKind::Server
        | ErrorKind::Conflict
        | ErrorKind::WebPage
        | ErrorKind::Unexpected => "try again: what was done already is found, and not done twice",
        ErrorKind::Invalid => {
            "the server would refuse it again: mend what it names, then reassign once more; what was done already \
             is found, and not done twice"
        }
        ErrorKind::NotAuthorised
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::Settings
        | ErrorKind::TokenElsewhere => failure.advice,
    }
}

/// A part that did not come out as wanted: the result of the whole.
type Stopped = ItemResult;

impl Handover<'_> {
    /// Carries it out, granting the successor anew what was picked.
    pub async fn carry_out(&self) -> StepDone {
        let mut far = Came::default();
        let result = match Box::pin(self.run(&mut far)).await {
            Ok(()) => ItemResult::Done,
            Err(stopped) => stopped,
        };
        far.notes.into_iter().fold(StepDone::of(self.doing, result), StepDone::note)
    }

    async fn run(&self, came: &mut Came) -> Result<(), Stopped> {
        let cluster = self.bench.cluster;
        let (old, new, owned) = futures::try_join!(
            cluster.user(self.step.from),
            cluster.user(self.step.to),
            cluster.client.count_contents(self.step.from.into()),
        )
        .map_err(|error| ItemResult::Failed(error.into()))?;
        unless_changed(self.bench, &new).await.map_err(ItemResult::Failed)?;
        self.see_whether_it_fits(owned).await?;
        self.leave(&old, owned, came).await?;
        self.hand_over(owned, came).await?;
        self.grant_all(&self.step.regrant, came).await
    }

    /// What the project can't take must be known before anything is ended: the server would move nothing.
    async fn see_whether_it_fits(&self, owned: usize) -> Result<(), Stopped> {
        if owned == 0 || self.step.owned == 0 {
            return Ok(());
        }
        let failed = |error: Error| ItemResult::Failed(error.into());
        let project = match &self.step.project {
            Destination::Existing(uuid, _) => Some(*uuid),
            Destination::New(name) => self.find_project(name).await.map_err(failed)?,
        };
        let Some(project) = project else { return Ok(()) };
        let client = &self.bench.cluster.client;
        let clashes = Clashes::between(client, self.step.from, owned, project).await.map_err(failed)?;
        if clashes.is_empty() {
            return Ok(());
        }
        Err(ItemResult::Failed(Failure::plain(
            ErrorKind::Conflict,
            format!("nothing was done, since {}: the server would move nothing", clashes.said()),
            "reassign once more, into another project",
        )))
    }

    fn after_silence(&self, error: &Error, looked: Result<Seen, Error>) -> Result<(), Unseen> {
        after_silence(self.bench, &self.bench.names.user(self.step.from), error, looked)
    }

    /// Puts who stays back into All users: the merge gave that place to the successor (api.md v28).
    async fn put_back(&self, came: &mut Came) -> Result<(), Stopped> {
        const NOT_BACK: &str =
            "the old account could not be put back into All users, and sees nobody until it is set up";
        if self.step.parting != Parting::Stays {
            return Ok(());
        }
        let set_up = self.bench.writer().set_up_user(self.step.from, None, Notify::Silently).await;
        let apart = reach::apart(self.bench.cluster, &[self.step.from]).await;
        let looked = apart.map(|apart| {
            if apart.contains(&self.step.from) {
                Seen::Otherwise("it is not in All users".to_owned())
            } else {
                Seen::AsWanted
            }
        });
        match (set_up, looked) {
            (Err(error), looked) if error.leaves_write_unknown() => {
                let what = "it is not known whether the old account was put back into All users";
                self.after_silence(&error, looked).map_err(|unseen| came.not_seen(NOT_BACK, what, unseen))?;
            }
            (Err(error), _) => return Err(came.failed(NOT_BACK, error)),
            (Ok(()), Ok(Seen::Otherwise(seen) | Seen::Unreadable(seen))) => {
                return Err(came.failed(NOT_BACK, conflict(format!("the server said yes, yet {seen}"))));
            }
            (Ok(()), Ok(Seen::AsWanted)) => {}
            (Ok(()), Err(error)) => came.notes.push(Note::warning(format!(
                "The server said that the old account is back in All users, which could not be looked up: {error}."
            ))),
        }
        came.did("the old account was put back into All users");
        Ok(())
    }

    /// Ends the leaver's account, or only writes down what an active user loses.
    async fn leave(&self, old: &User, owned: usize, came: &mut Came) -> Result<(), Stopped> {
        let ended = self.end_account(old, owned, came).await.map_err(ItemResult::Failed)?;
        match ended {
            None => Ok(()),
            Some(Ended::Done(seen)) => {
                came.notes.extend(seen);
                came.did("the account is deactivated");
                Ok(())
            }
            Some(Ended::Unclear(unclear)) => {
                Err(came
                    .unknown("no data was moved, since it is not known whether the account ended", unclear))
            }
        }
    }

    async fn end_account(&self, old: &User, owned: usize, came: &mut Came) -> Result<Option<Ended>, Failure> {
        let bench = self.bench;
        let mut all = Belongings::of(bench, &[self.step.from]).await?;
        let belongings = all.remove(&self.step.from).ok_or_else(Error::no_such_user)?;
        let nothing_to_end = old.status == UserStatus::Inactive && belongings.are_gone();
        let stays = matches!(self.step.parting, Parting::Stays | Parting::StaysInactive);
        let ends = !stays && !nothing_to_end;
        if stays || (ends && old.status != UserStatus::Inactive) {
            unless_changed(bench, old).await?;
        }
        if ends
            && old.is_perhaps_active_admin()
            && !another_admin_remains(bench.cluster, &bench.losing).await?
        {
            return Err(last_admin(bench));
        }
        belongings.write_down(bench, self.doing, old, Some(owned))?;
        came.notes.extend(belongings.had.not_kept(&bench.names.user(old.uuid)));
        if ends { end(bench, &belongings.had).await.map(Some) } else { Ok(None) }
    }

    /// Moves what is owned, and counts it afterwards.
    async fn hand_over(&self, owned: usize, came: &mut Came) -> Result<(), Stopped> {
        let client = &self.bench.cluster.client;
        let name = self.bench.names.user(self.step.from);
        if owned == 0 {
            came.notes.push(Note::info(format!("{name} owns nothing (any more): nothing was moved.")));
            return self.put_back(came).await;
        }
        if self.step.owned == 0 {
            let new = count(owned, "thing", "things");
            let text =
                format!("{name} owns {new} by now, of which the plan knew nothing: reassign once more.");
            came.notes.push(Note::warning(text));
            // What the plan said holds all the same.
            return self.put_back(came).await;
        }
        let (project, project_name) = self.place(came).await?;
        let there = client
            .count_contents(project.into())
            .await
            .map_err(|error| came.failed("the data was not moved: counting before failed", error))?;
        let silence = match self.bench.writer().merge_users(self.step.from, self.step.to, project).await {
            Ok(()) => None,
            Err(error) if error.leaves_write_unknown() => Some(error),
            Err(error) => return Err(came.failed("the data was not moved", error)),
        };
        let counted = futures::try_join!(
            client.count_contents(self.step.from.into()),
            client.count_contents(project.into())
        );
        let still = |left| format!("{name} still owns {left} of {owned}");
        if let Some(error) = silence {
            let looked = match &counted {
                Ok((0, _)) => Ok(Seen::AsWanted),
                Ok((left, _)) => Ok(Seen::Otherwise(still(*left))),
                Err(again) => Err(again.clone()),
            };
            let what = "it is not known whether the data was moved";
            self.after_silence(&error, looked)
                .map_err(|unseen| came.not_seen("the data was not moved", what, unseen))?;
        }
        let moved = match counted {
            Ok((0, inside)) => {
                came.notes.push(arrived(&name, &project_name, owned, inside.saturating_sub(there)));
                Ok(())
            }
            Ok((left, _)) => {
                let not_so = conflict(format!("the server said yes, yet {}", still(left)));
                Err(came.failed("the data was not moved", not_so))
            }
            Err(error) => {
                came.notes.push(Note::warning(format!(
                    "The data was moved into {project_name}, but could not be counted afterwards: {error}."
                )));
                Ok(())
            }
        };
        if moved.is_ok() {
            came.did("the data was moved");
        }
        // Whatever the counting shows: the server said that it merged.
        let back = self.put_back(came).await;
        moved.and(back)
    }

    /// The project: one that is there, else a new one.
    async fn place(&self, came: &mut Came) -> Result<(GroupUuid, String), Stopped> {
        const NOT_MADE: &str = "no data was moved, since the project could not be made";
        let name = match &self.step.project {
            Destination::Existing(uuid, name) => return Ok((*uuid, name.clone())),
            Destination::New(name) => name,
        };
        let there = self.find_project(name).await.map_err(|error| came.failed(NOT_MADE, error))?;
        if let Some(uuid) = there {
            return Ok((uuid, name.clone()));
        }
        let made = match self.bench.writer().create_project(self.step.to, name).await {
            Ok(project) => (project.uuid, project.name.shown().into_owned()),
            Err(error) if error.leaves_write_unknown() => {
                let found = self.find_project(name).await;
                let looked = match &found {
                    Ok(Some(_)) => Ok(Seen::AsWanted),
                    Ok(None) => Ok(Seen::Otherwise("it is not there".to_owned())),
                    Err(again) => Err(again.clone()),
                };
                let what = "no data was moved, since it is not known whether the project was made";
                self.after_silence(&error, looked).map_err(|unseen| came.not_seen(NOT_MADE, what, unseen))?;
                match found {
                    Ok(Some(uuid)) => (uuid, name.clone()),
                    Ok(None) | Err(_) => return Err(came.failed(NOT_MADE, error)),
                }
            }
            Err(error) => return Err(came.failed(NOT_MADE, error)),
        };
        came.did(format!("the project {} was made", made.1));
        Ok(made)
    }

    async fn find_project(&self, name: &str) -> Result<Option<GroupUuid>, Error> {
        let projects = self.bench.cluster.client.projects_named(self.step.to, name).await?;
        Ok(projects.first().map(|project| project.uuid))
    }

    /// Grants the successor what was picked. The data has moved by then, so what goes wrong says that.
    async fn grant_all(&self, regrant: &[Regrant], came: &Came) -> Result<(), Stopped> {
        let mut failures: Vec<Failure> = Vec::new();
        let mut unclear: Vec<Unclear> = Vec::new();
        for right in regrant {
            match self.grant(right).await {
                Ok(Ok(())) => {}
                Ok(Err(unknown)) => unclear.push(unknown),
                Err(failure) => failures.push(failure),
            }
        }
        let rights = |n| count(n, "permission", "permissions");
        let not_known = match unclear.len() {
            0 => String::new(),
            n => format!("of {} it is not known whether it was granted anew", rights(n)),
        };
        let number = failures.len();
        match (failures.into_iter().next(), unclear.into_iter().next()) {
            (None, None) => Ok(()),
            (None, Some(first)) => Err(came.unknown(&not_known, first)),
            (Some(first), unknown) => {
                let and = if unknown.is_some() { format!(", {not_known}") } else { String::new() };
                Err(came.failed(&format!("{} could not be granted anew{and}", rights(number)), first))
            }
        }
    }

    async fn grant(&self, right: &Regrant) -> Result<Result<(), Unclear>, Failure> {
        let client = &self.bench.cluster.client;
        let links = client.permissions_of(&[self.step.to]).await?;
        if links.iter().any(|link| gives(link, right)) {
            return Ok(Ok(()));
        }
        let writer = self.bench.writer();
        let properties = regranted(right);
        // A second link for the same login would leave its groups to chance (api.md v7).
        let twin = links.iter().find(|link| {
            right.login.is_some()
                && link.name == CAN_LOGIN
                && link.head_uuid == right.head
                && link.properties.username == properties.username
        });
        let written = match twin {
            Some(twin) => writer.update_link(twin.uuid, &properties).await,
            None => writer.create_link(self.step.to.into(), &right.name, right.head, &properties).await,
        };
        match written {
            Ok(link) if gives(&link, right) => Ok(Ok(())),
            Ok(_) => Err(conflict("the server said yes, yet it is not there".to_owned())),
            Err(error) if error.leaves_write_unknown() => {
                let looked = client.permissions_of(&[self.step.to]).await.map(|links| {
                    if links.iter().any(|link| gives(link, right)) {
                        Seen::AsWanted
                    } else {
                        Seen::Otherwise("it is not there".to_owned())
                    }
                });
                match self.after_silence(&error, looked) {
                    Ok(()) => Ok(Ok(())),
                    Err(Unseen::NotDone(failure)) => Err(failure),
                    Err(Unseen::Unclear(unclear)) => Ok(Err(unclear)),
                }
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What counting afterwards showed.
fn arrived(name: &str, project: &str, owned: usize, inside: usize) -> Note {
    if inside >= owned {
        Note::info(format!(
            "Checked by counting: {inside} of {owned} are in {project} now, and {name} owns nothing."
        ))
    } else {
        Note::warning(format!(
            "{name} owns nothing any more, but only {inside} of {owned} are in {project}: look at it."
        ))
    }
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
