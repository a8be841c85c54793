//! Surveys: the reads that find out what an intent would do. In batches, never a request per target.

pub(super) mod holdings;
mod logins;
pub(super) mod reach;
mod reassign;
mod tokens;
pub(super) mod users;

use super::cluster::Cluster;
use super::intent::Intent;
use super::plan::{Names, Note, Plan, Planned, Refusal, Unchanged};
use super::rights::Right;
use crate::arvados::error::Error;

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

/// Finds out what `intent` would do.
pub async fn survey(cluster: &Cluster, intent: Intent) -> Result<Plan, Error> {
    let surveyed = cluster.now();
    let findings = match &intent {
        Intent::SetUp { .. }
        | Intent::Activate { .. }
        | Intent::Deactivate { .. }
        | Intent::Suspend { .. }
        | Intent::Resume { .. }
        | Intent::SetRole { .. } => users::survey(cluster, &intent).await?,
        Intent::Reassign { .. } => reassign::survey(cluster, &intent).await?,
        Intent::IssueToken { .. }
        | Intent::ChangeExpiry { .. }
        | Intent::RevokeTokens { .. }
        | Intent::RevokeAllOf { .. }
        | Intent::ListExactly { .. } => tokens::survey(cluster, &intent).await?,
        Intent::GrantLogin { .. } | Intent::EditLogins { .. } | Intent::RevokeLogins { .. } => {
            logins::survey(cluster, &intent).await?
        }
    };
    let Findings { steps, refused, unchanged, notes, names, rights } = findings;
    let me = cluster.session.my_uuid();
    Ok(Plan { intent, steps, refused, unchanged, notes, names, rights, me, surveyed })
}
