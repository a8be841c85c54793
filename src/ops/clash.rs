//! Whether a project can take what somebody owns: a name that is taken there makes the server refuse the
//! whole move (api.md v28), and by then the leaver's account would be over.

use crate::arvados::client::Client;
use crate::arvados::contents::Named;
use crate::arvados::error::Error;
use crate::model::ids::{GroupUuid, UserUuid};
use crate::model::text::{count, listed, named};
use std::collections::BTreeSet;

/// The names of what a user owns that something of the same kind in a project has, too.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Clashes(BTreeSet<(Named, String)>);

impl Clashes {
    /// Finds them, where the user owns so many things. Of the two sides the shorter one is read whole, of the other only those names.
    pub async fn between(
        client: &Client,
        from: UserUuid,
        owned: usize,
        project: GroupUuid,
    ) -> Result<Self, Error> {
        let (from, project) = (from.into(), project.into());
        let inside = client.count_contents(project).await?;
        let (short, long) = if owned < inside { (from, project) } else { (project, from) };
        let kinds = Named::ALL.map(|kind| async move {
            let names = client.names_below(short, kind).await?;
            let taken = client.names_taken(long, kind, &names).await?;
            Ok::<_, Error>(taken.into_iter().map(move |name| (kind, name)))
        });
        let found = futures::future::try_join_all(kinds).await?;
        Ok(Self(found.into_iter().flatten().collect()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// "2 names are taken there: project drafts, collection home data"
    pub fn said(&self) -> String {
        let names: Vec<String> =
            self.0.iter().map(|(kind, name)| format!("{} {}", word(*kind), named(name))).collect();
        format!("{} there: {}", count(names.len(), "name is taken", "names are taken"), listed(&names))
    }
}

fn word(kind: Named) -> &'static str {
    match kind {
        Named::Group => "project",
        Named::Collection => "collection",
        Named::Credential => "credential",
    }
}
