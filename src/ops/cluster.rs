//! The cluster one is connected to: what every read and write needs of it.

use crate::arvados::client::Client;
use crate::arvados::error::Error;
use crate::arvados::query::PAGE;
use crate::arvados::writer::Mode;
use crate::model::ids::UserUuid;
use crate::model::session::Session;
use crate::model::user::User;
use crate::model::user_page::{Bound, Federation, UserPage};
use crate::ops::journal::Journal;
use jiff::Timestamp;

/// A cluster, the token in use, and what is known of both.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// The connection.
    pub client: Client,
    /// Who is asking, and what may be seen.
    pub session: Session,
    /// Whether anything may be changed.
    pub mode: Mode,
    /// Where changes are written down, and what was.
    pub journal: Journal,
}

impl Cluster {
    /// Finds out who is asking and what may be seen.
    pub async fn connect(client: Client, host: String, mode: Mode) -> Result<Self, Error> {
        let session = super::session::find_out(&client, host).await?;
        Ok(Self { client, session, mode, journal: Journal::none() })
    }

    /// The same, with its changes written down.
    pub fn keeping(self, journal: Journal) -> Self {
        Self { journal, ..self }
    }

    /// What time it is at the cluster: what ends there ends by its clock, and spans count from it.
    pub fn now(&self) -> Timestamp {
        self.client.server_now()
    }

    /// What time it is here: for what goes by between two looks at the clock, since what is known of the
    /// cluster's may change between them.
    pub fn here(&self) -> Timestamp {
        self.client.timer().now()
    }

    /// Fails if the server refuses the token in use as well: a 401 for another token says nothing of that
    /// one then.
    pub(super) async fn takes_this_token(&self) -> Result<(), Error> {
        self.client.current_token().await.map(drop)
    }

    /// How lists of users are asked for: on a satellite, reading them writes into its cache, which
    /// read-only mode must not cause (api.md v26).
    pub fn federation(&self) -> Federation {
        if self.session.is_satellite() && self.mode == Mode::ReadOnly {
            Federation::Bypass
        } else {
            Federation::Ask
        }
    }

    /// As many users of a range as come at once; `so_far` were read before.
    pub fn page_of_users(&self, after: Option<Bound>, until: Option<Bound>, so_far: usize) -> UserPage {
        let limit = self.session.cluster.max_items.clamp(1, PAGE);
        UserPage { after, until, limit, federation: self.federation(), so_far }
    }

    /// These users, as far as they are there, read as [`Self::federation`] says.
    pub(super) async fn users(&self, uuids: &[UserUuid]) -> Result<Vec<User>, Error> {
        self.client.users_by_uuid(uuids, self.federation()).await
    }

    /// One user, read as [`Self::federation`] says; an error if it is not there, or merged away.
    pub(super) async fn user(&self, uuid: UserUuid) -> Result<User, Error> {
        if self.federation() == Federation::Ask {
            return self.client.user(uuid).await;
        }
        let found = self.users(&[uuid]).await?.into_iter().next();
        found.ok_or_else(Error::no_such_user)
    }
}
