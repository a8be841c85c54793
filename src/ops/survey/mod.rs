//! Surveys: the reads that find out what an intent would do. In batches, never a request per target.

pub(super) mod holdings;
mod locate;
mod logins;
pub(super) mod reach;
mod reassign;
mod revoke_all;
mod tokens;
pub(super) mod users;

use super::cluster::Cluster;
use super::intent::Intent;
use super::plan::{Losses, Names, Note, Plan, Planned, Refusal, Unchanged};
use super::rights::Right;
use super::step::{Step, Target};
use crate::arvados::error::Error;
use crate::arvados::writer::Mode;

/// What a survey found; [`survey`] makes the plan of it.
#[derive(Debug, Default)]
struct Findings {
    steps: Vec<Planned>,
    refused: Vec<Refusal>,
    unchanged: Vec<Unchanged>,
    notes: Vec<Note>,
    names: Names,
    rights: Vec<Right>,
}

impl Findings {
    /// Leaves a target alone, and says why.
    fn refuse(&mut self, target: Target, reason: impl AsRef<str>) {
        self.refused.push(Refusal::new(target, reason.as_ref()));
    }

    /// Leaves a target as it is, and says how that is.
    fn leave(&mut self, target: Target, state: impl AsRef<str>) {
        self.unchanged.push(Unchanged::new(target, state.as_ref()));
    }

    fn plan(&mut self, step: Step, losses: Losses) {
        self.steps.push(Planned { step, losses });
    }
}

/// Finds out what `intent` would do.
pub async fn survey(cluster: &Cluster, intent: Intent) -> Result<Plan, Error> {
    let surveyed = cluster.here();
    let cluster = &Cluster { client: cluster.client.counting(), ..cluster.clone() };
    let mut findings = match &intent {
        Intent::SetUp { users, vm, notify, activation } => {
            let wanted = users::SetUp { vm: *vm, notify: *notify, activation: *activation };
            users::set_up(cluster, users, wanted).await?
        }
        Intent::Activate { users } => users::activate(cluster, users).await?,
        Intent::Deactivate { users } => users::deactivate(cluster, users).await?,
        Intent::Suspend { users } => users::suspend(cluster, users).await?,
        Intent::Resume { users } => users::resume(cluster, users).await?,
        Intent::SetRole { users, role } => users::set_role(cluster, users, *role).await?,
        Intent::Reassign { from, to, project, leaving, regrant } => {
            reassign::survey(cluster, (*from, *to), project.as_deref(), *leaving, regrant).await?
        }
        Intent::IssueToken { owner, expiry, scopes } => {
            tokens::issue(cluster, *owner, *expiry, scopes).await?
        }
        Intent::ChangeExpiry { tokens, expiry } => tokens::change_expiry(cluster, tokens, *expiry).await?,
        Intent::RevokeTokens { tokens, chosen, secret } => {
            tokens::revoke(cluster, tokens, *chosen, secret.as_ref()).await?
        }
        Intent::RevokeAllOf { users } => revoke_all::revoke_all(cluster, users).await?,
        Intent::ListExactly { owner } => tokens::list_exactly(cluster, *owner).await?,
        Intent::GrantLogin { users, vm, login_name, groups } => {
            logins::grant(cluster, users, *vm, login_name.as_ref(), groups).await?
        }
        Intent::EditLogins { links, groups } => logins::edit(cluster, links, groups).await?,
        Intent::RevokeLogins { links } => logins::revoke(cluster, links).await?,
    };
    if let Some(unread) = cluster.client.unread().in_words() {
        findings.notes.push(Note::warning(format!(
            "Not counted here, because it can't be read which they are: {unread}"
        )));
    }
    if let Some(long) = cluster.client.unread().long_in_words() {
        findings.notes.push(Note::warning(format!("Records are {long}")));
    }
    if let Some(endless) = cluster.client.unread().endless_in_words() {
        findings.notes.push(Note::warning(format!("Lists are {endless}")));
    }
    // Said before the question: a journal that may be somebody else's ends each step before it is begun.
    let is_writing = !findings.steps.is_empty() && cluster.mode == Mode::ReadWrite;
    let blocked = is_writing.then(|| cluster.journal.usable().err()).flatten();
    if let Some(failure) = &blocked {
        let note = format!("Nothing of this can be done: {}; {}.", failure.reason, failure.advice);
        findings.notes.insert(0, Note::danger(note));
    }
    findings.notes.extend(super::doubts::notes(&intent, &findings.names));
    let Findings { steps, refused, unchanged, notes, names, rights } = findings;
    let me = cluster.session.my_uuid();
    Ok(Plan { intent, steps, refused, unchanged, notes, names, rights, blocked, me, surveyed })
}
