//! The names of what is owned: below one owner the server keeps those of a kind apart (the unique indexes of
//! its tables), so that things with a name that is taken there can't be moved in (api.md v28).

use super::client::Client;
use super::decode::{Record, Row};
use super::error::{Error, ErrorKind};
use super::query::{BATCH, Filter, Query};
use crate::model::field::Text;
use crate::model::ids::AnyUuid;

const COLUMNS: &[&str] = &["uuid", "name"];

/// What has names that an owner can have only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// Projects and filter groups.
    Group,
    /// Collections, by their current versions.
    Collection,
    /// External credentials (api.md v42); clusters before 3.2 have none.
    Credential,
}

impl Named {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Group, Self::Collection, Self::Credential];

    fn resource(self) -> &'static str {
        match self {
            Self::Group => "groups",
            Self::Collection => "collections",
            Self::Credential => "credentials",
        }
    }
}

/// What something is called.
struct NameOf(Text);

impl Record for NameOf {
    fn read(row: &Row<'_>) -> Option<Self> {
        Some(Self(row.text("name")))
    }
}

impl Client {
    /// The names of all that is directly below `owner`, trash included: what is there to be trashed by its
    /// date is so only when the server next looks.
    pub async fn names_below(&self, owner: AnyUuid, kind: Named) -> Result<Vec<String>, Error> {
        self.named(kind, vec![Filter::eq("owner_uuid", owner)]).await
    }

    /// Those of these names that something directly below `owner` has.
    pub async fn names_taken(
        &self,
        owner: AnyUuid,
        kind: Named,
        names: &[String],
    ) -> Result<Vec<String>, Error> {
        let mut taken = Vec::new();
        for batch in names.chunks(BATCH) {
            let filters = vec![Filter::eq("owner_uuid", owner), Filter::any_of("name", batch)];
            taken.extend(self.named(kind, filters).await?);
        }
        Ok(taken)
    }

    async fn named(&self, kind: Named, filters: Vec<Filter>) -> Result<Vec<String>, Error> {
        let mut query = Query::new(filters).select(COLUMNS);
        if kind != Named::Credential {
            query = query.with("include_trash", true);
        }
        let records = match self.all::<NameOf>(kind.resource(), query).await {
            Err(error) if kind == Named::Credential && is_unknown(&error) => return Ok(Vec::new()),
            records => records?,
        };
        let (read, unread): (Vec<Text>, Vec<Text>) =
            records.into_iter().map(|NameOf(name)| name).partition(|name| matches!(name, Text::Is(_)));
        self.count_unread(kind.resource(), unread.len());
        Ok(read.iter().map(|name| (**name).to_owned()).filter(|name| !name.is_empty()).collect())
    }
}

/// Whether a server says that it has no such resource.
fn is_unknown(error: &Error) -> bool {
    matches!(error, Error::Status { code: 405, .. }) || error.kind() == ErrorKind::NotFound
}
