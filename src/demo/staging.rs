//! What the programs around a cluster do while nobody asks them: for tests and rehearsals that need it
//! to have happened. Done as the system user does it, audit records included.

use super::Demo;
use super::record::{Common, Container, Token};
use super::store::Store;
use super::uuid::{Kind, Uuid};
use super::write::Writer;

/// A container at work, and the token it works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtWork {
    pub container: Uuid,
    pub token: Uuid,
}

impl Demo {
    /// The token that login-sync makes for the user of that username on a shell node: by the system user,
    /// good for everything, without an end, and no container's. `None` if there is no such user.
    pub fn login_sync_token(&self, username: &str) -> Option<Uuid> {
        self.with_store(|store| {
            let user = store.user_named(username)?.common.uuid;
            Some(system_token(store, user))
        })
    }

    /// A container that runs for the user of that username, with a token of its own (`auth_uuid`), which
    /// looks like login-sync's in every other way. `None` if there is no such user.
    pub fn running_container(&self, username: &str) -> Option<AtWork> {
        self.with_store(|store| {
            let user = store.user_named(username)?.common.uuid;
            let token = system_token(store, user);
            let uuid = store.new_uuid(Kind::Container);
            let now = store.clock.now();
            let mut container = Container::new(Common::new(uuid, now), "Running", user);
            container.auth_uuid = Some(token);
            container.locked_by_uuid = Some(Uuid::system_token());
            container.started_at = Some(now);
            Writer::new(store, Uuid::system_user()).create(container);
            Some(AtWork { container: uuid, token })
        })
    }
}

fn system_token(store: &mut Store, user: Uuid) -> Uuid {
    let uuid = store.new_uuid(Kind::Token);
    let token = Token::new(Common::new(uuid, store.clock.now()).owned_by(user), store.new_secret());
    Writer::new(store, Uuid::system_user()).create(token);
    uuid
}
