//! Surveys: the reads that find out what an intent would do. In batches, never a request per target.

use super::cluster::Cluster;
use super::intent::Intent;
use super::plan::findings::Findings;
use super::plan::{Note, Plan};
use crate::arvados::error::Error;
use crate::arvados::writer::Mode;

/// Finds out what `intent` would do.
pub async fn survey(cluster: &Cluster, intent: Intent) -> Result<Plan, Error> {
    let surveyed = cluster.here();
    let cluster = &Cluster { client: cluster.client.counting(), ..cluster.clone() };
    let mut findings = intent.find_out(cluster).await?;
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
