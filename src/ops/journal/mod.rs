//! The journal: what was done, to whom, and what was there before. JSON lines in the state directory,
//! readable by nobody else, and never a secret in it.

mod before;
mod flags;
mod helpers;
mod read;
mod record;

pub use self::before::{Before, KeyBefore, TokenBefore};
pub use self::helpers::{OpenHelper, OpenHelpers};
pub use self::record::{ChangeKind, TokenEvent};

use self::record::{Record, TargetFields, VERSION, Written};
use crate::model::ids::{ClusterId, TokenUuid, UserUuid};
use crate::model::text::harmless_json;
use crate::model::token::Ends;
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::plan::{ItemResult, Note, Target};
use crate::ops::process::Process;
use crate::own_file::{NotOwn, Wanted, open_own};
use jiff::Timestamp;
use rustix::fs::{Access, access};
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where applied changes are written down.
#[derive(Debug, Clone)]
pub struct Journal {
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    File(Arc<PathBuf>),
    /// Nobody needs one.
    NotNeeded,
    /// One is needed, and there is no place for it.
    Missing,
}

/// Which application a record belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Names it; the ids of its requests are `req-` and this, and more.
    pub id: &'a str,
    /// Where.
    pub cluster: ClusterId,
    /// Whose token is used.
    pub by: UserUuid,
    /// What is wanted: "Deactivate".
    pub verb: &'static str,
}

/// A step, as it is written down before it is begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doing {
    /// What it is about.
    pub target: Target,
    /// What readers know it as.
    pub kind: ChangeKind,
    /// What is sent for it: method and path.
    pub calls: Vec<String>,
}

/// A helper token that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedHelper {
    /// Whose it is to be.
    pub owner: UserUuid,
    /// Ties it to the answer.
    pub nonce: String,
}

impl AskedHelper {
    fn target(&self, token: Option<TokenUuid>) -> TargetFields {
        TargetFields { user: Some(self.owner), token, ..TargetFields::default() }
    }
}

impl Journal {
    /// Keeps the journal in this file, made if needed with mode 0600.
    pub fn at(path: PathBuf) -> Self {
        Self { place: Place::File(Arc::new(path)) }
    }

    /// Keeps none: the demo cluster's changes matter to nobody.
    pub fn none() -> Self {
        Self { place: Place::NotNeeded }
    }

    /// There is no place for one, so that nothing can be written down, and so nothing changed.
    pub fn nowhere() -> Self {
        Self { place: Place::Missing }
    }

    /// Fails if nothing can be written down, for want of a place of one's own.
    pub fn usable(&self) -> Result<(), Failure> {
        match self.place {
            // Nothing is made for it: a dry run asks, too.
            Place::File(ref path) => {
                let there = match open_own(path, Wanted::Read) {
                    Ok(_) => Some(path.as_path()),
                    Err(error) if error.is_missing() => {
                        path.ancestors().skip(1).find(|folder| folder.exists())
                    }
                    Err(error) => return Err(unusable(path, &error)),
                };
                let may_write = there.map_or(Ok(()), |there| access(there, Access::WRITE_OK));
                may_write.map_err(|errno| unusable(path, &io::Error::from(errno).into()))
            }
            Place::NotNeeded => Ok(()),
            Place::Missing => Err(Failure::plain(
                ErrorKind::Settings,
                "there is no place for the journal of changes",
                "set HOME or XDG_STATE_HOME to a directory of yours (an absolute path)",
            )),
        }
    }

    /// Where it is.
    pub fn path(&self) -> Option<&PathBuf> {
        match &self.place {
            Place::File(path) => Some(path),
            Place::NotNeeded | Place::Missing => None,
        }
    }

    /// Writes down what is there before a step. If that fails, the step must not be begun.
    pub(super) fn before(
        &self,
        batch: &Batch<'_>,
        at: Timestamp,
        doing: &Doing,
        before: &Before,
    ) -> Result<(), Failure> {
        let undone =
            |failure: Failure| Failure { reason: format!("{}: nothing was done", failure.reason), ..failure };
        self.usable().map_err(undone)?;
        let (change, calls) = (Some(doing.kind), doing.calls.clone());
        self.write(batch, at, TargetFields::of(&doing.target), Record::Before { change, calls, before })
            .map(drop)
            .map_err(undone)
    }

    /// Writes down that a helper token is about to be asked for, which ends by itself then, on the disk before
    /// anything is sent: whatever becomes of this process, the next one knows of it. If that fails, it must not
    /// be asked for.
    pub(super) fn helper_asked(
        &self,
        batch: &Batch<'_>,
        at: Timestamp,
        asked: &AskedHelper,
        end: Timestamp,
    ) -> Result<(), Failure> {
        let not_asked =
            |failure: Failure| Failure { reason: format!("{}: nothing was sent", failure.reason), ..failure };
        self.usable().map_err(not_asked)?;
        let record = Record::Token {
            event: TokenEvent::HelperAsked,
            expires_at: Some(end.into()),
            nonce: Some(asked.nonce.clone()),
            process: Some(Process::this()),
        };
        let written = self.write(batch, at, asked.target(None), record).map_err(not_asked)?;
        match (written, self.path()) {
            (Some(file), Some(path)) => {
                file.sync_data().map_err(|error| not_asked(unusable(path, &error.into())))
            }
            _ => Ok(()),
        }
    }

    /// Writes down what came of asking for a helper token.
    pub(super) fn helper_answered(
        &self,
        batch: &Batch<'_>,
        at: Timestamp,
        asked: &AskedHelper,
        event: TokenEvent,
        made: Option<(TokenUuid, &Ends)>,
    ) -> Result<(), Failure> {
        let record = Record::Token {
            event,
            expires_at: made.and_then(|(_, ends)| ends.date().cloned()),
            nonce: Some(asked.nonce.clone()),
            process: None,
        };
        self.write(batch, at, asked.target(made.map(|(token, _)| token)), record).map(drop)
    }

    /// Writes down a token that was made or deleted beside the targets.
    pub(super) fn token(
        &self,
        batch: &Batch<'_>,
        at: Timestamp,
        owner: UserUuid,
        token: TokenUuid,
        event: TokenEvent,
        ends: &Ends,
    ) -> Result<(), Failure> {
        let fields = TargetFields { user: Some(owner), token: Some(token), ..TargetFields::default() };
        let record = Record::Token { event, expires_at: ends.date().cloned(), nonce: None, process: None };
        self.write(batch, at, fields, record).map(drop)
    }

    /// Writes down what became of an item.
    pub(super) fn result(
        &self,
        batch: &Batch<'_>,
        at: Timestamp,
        target: &Target,
        result: &ItemResult,
    ) -> Result<(), Failure> {
        let (text, request_id) = (result.why().map(str::to_owned), result.request_id().map(str::to_owned));
        let result = result.came();
        self.write(batch, at, TargetFields::of(target), Record::Result { result, text, request_id }).map(drop)
    }

    /// Takes the file from the eyes of others, if they can read it.
    pub(super) fn repair(&self) -> Result<Option<Note>, Failure> {
        let Some(path) = self.path() else { return Ok(None) };
        let file = match open_own(path, Wanted::Read) {
            Err(error) if error.is_missing() => return Ok(None),
            opened => opened.map_err(|e| unusable(path, &e))?,
        };
        let io = |error: io::Error| unusable(path, &error.into());
        let others = file.metadata().map_err(io)?.permissions().mode() & 0o077;
        if others == 0 {
            return Ok(None);
        }
        file.set_permissions(Permissions::from_mode(0o600)).map_err(io)?;
        Ok(Some(Note::warning(format!(
            "Others on this machine could read the journal {}; now only you can.",
            path.display()
        ))))
    }

    /// The file, unless there is none.
    fn write(
        &self,
        batch: &Batch<'_>,
        at: Timestamp,
        target: TargetFields,
        record: Record<&Before>,
    ) -> Result<Option<File>, Failure> {
        let Some(path) = self.path() else { return Ok(None) };
        let line = Written {
            v: VERSION,
            at,
            batch: batch.id.to_owned(),
            cluster: batch.cluster.to_string(),
            by: batch.by,
            verb: batch.verb.to_owned(),
            target,
            record,
        };
        let io = |error: io::Error| unusable(path, &error.into());
        let mut text = serde_json::to_string(&line).map_err(|e| io(e.into()))?;
        text.push('\n');
        // Who looks at the file sees what others wrote, and it must not steer the terminal.
        let text = harmless_json(&text);
        // One write for the whole line: another process may append to the same file.
        let mut file = open_own(path, Wanted::Append).map_err(|e| unusable(path, &e))?;
        file.write_all(text.as_bytes()).map_err(io)?;
        Ok(Some(file))
    }
}

fn unusable(path: &Path, error: &NotOwn) -> Failure {
    let (reason, advice) = match error {
        NotOwn::Io(error) => (
            format!("the journal {} can't be used ({error})", path.display()),
            "make that file writable, or set XDG_STATE_HOME to a directory that is",
        ),
        NotOwn::Doubtful { what, remedy } => (
            format!("the journal {} is not believed, nor written to: {what}; {remedy}", path.display()),
            "do that, or set XDG_STATE_HOME to a folder of your own",
        ),
    };
    Failure::plain(ErrorKind::Unexpected, reason, advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::user::UserRole;
    use crate::ops::step::{self, Step};

    fn user(last: char) -> UserUuid {
        format!("zzzzz-tpzed-00000000000000{last}").parse().expect("a user")
    }

    fn batch(id: &str) -> Batch<'_> {
        Batch { id, cluster: "zzzzz".parse().expect("a cluster"), by: user('a'), verb: "Suspend" }
    }

    fn now() -> Timestamp {
        "2026-11-24T10:42:00Z".parse().expect("a time")
    }

    fn suspend(journal: &Journal, id: &str, role: UserRole, result: Option<&ItemResult>) {
        let step = Step::Suspend(step::SuspendStep { user: user('1'), places: Vec::new(), role });
        journal
            .before(
                &batch(id),
                now(),
                &step.act().doing(),
                &Before { is_admin: Some(role == UserRole::Admin), ..Before::default() },
            )
            .expect("written");
        if let Some(result) = result {
            journal.result(&batch(id), now(), &step.target(), result).expect("written");
        }
    }

    fn taken(journal: &Journal) -> bool {
        let taken = journal.flags_taken("zzzzz".parse().expect("a cluster")).expect("readable");
        taken.contains(&user('1'))
    }

    #[test]
    fn the_file_is_for_its_owner_only_and_lines_are_json() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("arv-admin/journal.jsonl");
        let journal = Journal::at(path.clone());
        suspend(&journal, "one", UserRole::Plain, Some(&ItemResult::Done));
        let mode = |path: &Path| path.metadata().expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().expect("a directory")), 0o700);
        let text = std::fs::read_to_string(&path).expect("readable");
        assert_eq!(text.lines().count(), 2);
        for line in text.lines() {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(line["user"], user('1').as_str());
        }
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("changed");
        assert!(journal.repair().expect("repaired").is_some());
        assert_eq!(mode(&path), 0o600);
        assert_eq!(journal.repair().expect("well"), None);
    }

    #[test]
    fn resuming_gives_the_flag_back_only_if_suspending_took_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let journal = Journal::at(directory.path().join("journal.jsonl"));
        assert!(!taken(&journal), "nothing is written down yet");
        suspend(&journal, "one", UserRole::Plain, Some(&ItemResult::Done));
        assert!(!taken(&journal), "a plain user had none");
        suspend(&journal, "two", UserRole::Admin, Some(&ItemResult::Unchanged("inactive".to_owned())));
        assert!(!taken(&journal), "nothing was done");
        suspend(&journal, "three", UserRole::Admin, Some(&ItemResult::Done));
        assert!(taken(&journal));

        let resume = Step::Resume(step::ResumeStep { user: user('1'), role: UserRole::Plain });
        journal.before(&batch("four"), now(), &resume.act().doing(), &Before::default()).expect("written");
        journal.result(&batch("four"), now(), &resume.target(), &ItemResult::Done).expect("written");
        assert!(!taken(&journal), "it was given back");
    }

    #[test]
    fn what_a_look_afterwards_showed_not_to_hold_changed_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let journal = Journal::at(directory.path().join("journal.jsonl"));
        suspend(&journal, "one", UserRole::Admin, Some(&ItemResult::Done));
        let step = Step::Deactivate(step::DeactivateStep { user: user('1') });
        journal.before(&batch("two"), now(), &step.act().doing(), &Before::default()).expect("written");
        for (result, is_taken) in [(ItemResult::Done, false), (failed(), true)] {
            journal.result(&batch("two"), now(), &step.target(), &result).expect("written");
            assert_eq!(taken(&journal), is_taken);
        }
    }

    fn failed() -> ItemResult {
        let reason = "the server said yes, yet the account is active".to_owned();
        ItemResult::Failed(Failure::plain(ErrorKind::Conflict, reason, "look"))
    }

    #[test]
    fn without_a_place_for_the_journal_nothing_may_be_begun() {
        let step = Step::Activate(step::ActivateStep { user: user('1') });
        let failure = Journal::nowhere()
            .before(&batch("one"), now(), &step.act().doing(), &Before::default())
            .expect_err("there is no place");
        assert!(failure.advice.contains("XDG_STATE_HOME"));
        Journal::none()
            .before(&batch("one"), now(), &step.act().doing(), &Before::default())
            .expect("none is needed");
    }

    #[test]
    fn a_suspension_without_known_end_counts() {
        let directory = tempfile::tempdir().expect("a directory");
        let journal = Journal::at(directory.path().join("journal.jsonl"));
        suspend(&journal, "one", UserRole::Admin, None);
        assert!(taken(&journal));
    }

    #[test]
    fn what_is_no_plain_file_is_not_written_to() {
        let directory = tempfile::tempdir().expect("a directory");
        let (link, target) = (directory.path().join("link"), directory.path().join("target"));
        std::fs::write(&target, "").expect("written");
        std::os::unix::fs::symlink(&target, &link).expect("linked");
        let step = Step::Activate(step::ActivateStep { user: user('1') });
        for path in [link, directory.path().to_owned()] {
            let journal = Journal::at(path);
            assert!(journal.repair().is_err(), "nothing is said to be mended");
            let failure = journal
                .before(&batch("one"), now(), &step.act().doing(), &Before::default())
                .expect_err("no plain file");
            assert!(failure.reason.contains("no plain file"), "{}", failure.reason);
        }
        assert_eq!(std::fs::read_to_string(&target).expect("readable"), "");
    }

    #[test]
    fn what_cannot_be_written_is_said_with_its_reason() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("file");
        std::fs::write(&file, "").expect("written");
        let journal = Journal::at(file.join("journal.jsonl"));
        let step = Step::Activate(step::ActivateStep { user: user('1') });
        let failure = journal
            .before(&batch("one"), now(), &step.act().doing(), &Before::default())
            .expect_err("not a directory");
        assert!(failure.reason.contains("nothing was done"), "{}", failure.reason);
    }
}
