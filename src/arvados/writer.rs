//! Writes. They are sent once and never repeated by themselves: a write that got no answer is unknown,
//! and only a read can tell.

use super::client::{Client, Tells, nameless};
use super::decode::{self, Record};
use super::error::Error;
use super::links::{Kept, Link, LinkProperties};
use super::request::{Request, UserFlags};
use crate::model::group::Group;
use crate::model::ids::{AnyUuid, GroupUuid, LinkUuid, UserUuid, VmUuid};
use crate::model::user::{Notify, User};

/// Leave to write. Made only without `--read-only`, and without it no write can be called, not even that of a
/// helper token.
#[derive(Debug, Clone)]
pub struct WriteAccess(());

impl WriteAccess {
    /// Leave to write, if the mode gives it.
    pub fn for_mode(mode: Mode) -> Option<Self> {
        match mode {
            Mode::ReadWrite => Some(Self(())),
            Mode::ReadOnly => None,
        }
    }
}

/// Whether this run of the program may change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It may.
    ReadWrite,
    /// `--read-only`
    ReadOnly,
}

/// A client that may write.
#[derive(Debug)]
pub struct Writer<'a> {
    client: &'a Client,
}

impl<'a> Writer<'a> {
    /// Writes with the client's token.
    pub fn new(client: &'a Client, _leave: &WriteAccess) -> Self {
        Self { client }
    }

    /// What it writes with.
    pub(super) fn client(&self) -> &Client {
        self.client
    }

    /// A request that is answered with a record.
    pub(super) async fn send<T: Record>(&self, request: Request) -> Result<T, Error> {
        self.send_telling(&request, Tells::Records).await
    }

    /// One that is answered with a record that has a new secret in it: of what brought it nothing stays behind, as far
    /// as that can be reached.
    pub(super) async fn send_for_secret<T: Record>(&self, request: Request) -> Result<T, Error> {
        self.send_telling(&request, Tells::Secret).await
    }

    async fn send_telling<T: Record>(&self, request: &Request, tells: Tells) -> Result<T, Error> {
        let read = |json: &[u8]| decode::one(json, request.known());
        let (method, path, body) = request.parts()?;
        let record = self.client.write(method, path, body, tells, read).await?;
        record.ok_or_else(|| nameless(path))
    }

    /// One of which only matters that it was done.
    pub(super) async fn call(&self, request: Request) -> Result<(), Error> {
        let (method, path, body) = request.parts()?;
        done(self.client.write(method, path, body, Tells::Records, decode::anything).await)
    }

    /// [`Request::update_user`]
    pub async fn update_user(&self, uuid: UserUuid, flags: UserFlags) -> Result<User, Error> {
        self.send(Request::update_user(uuid, flags)).await
    }

    /// [`Request::set_up_user`]
    pub async fn set_up_user(&self, uuid: UserUuid, vm: Option<VmUuid>, notify: Notify) -> Result<(), Error> {
        self.call(Request::set_up_user(uuid, vm, notify)).await
    }

    /// [`Request::unsetup_user`]
    pub async fn unsetup_user(&self, uuid: UserUuid) -> Result<User, Error> {
        self.send(Request::unsetup_user(uuid)).await
    }

    /// [`Request::merge_users`]
    pub async fn merge_users(&self, old: UserUuid, new: UserUuid, new_owner: GroupUuid) -> Result<(), Error> {
        self.call(Request::merge_users(old, new, new_owner.into())).await
    }

    /// [`Request::create_link`]
    pub async fn create_link(
        &self,
        tail: AnyUuid,
        name: &str,
        head: AnyUuid,
        properties: &LinkProperties,
    ) -> Result<Link, Error> {
        self.send(Request::create_link(tail, name, head, properties)).await
    }

    /// [`Request::update_link`]
    pub async fn update_link(&self, uuid: LinkUuid, properties: &LinkProperties) -> Result<Link, Error> {
        if properties.kept() != Kept::Whole {
            return Err(Error::NotPossible(
                "its properties are too long to be kept, and a change would take most of them away: revoke the \
                 login, and grant it anew"
                    .to_owned(),
            ));
        }
        self.send(Request::update_link(uuid, properties)).await
    }

    /// [`Request::delete_link`]
    pub async fn delete_link(&self, uuid: LinkUuid) -> Result<(), Error> {
        self.call(Request::delete_link(uuid)).await
    }

    /// [`Request::create_project`]
    pub async fn create_project(&self, owner: UserUuid, name: &str) -> Result<Group, Error> {
        self.send(Request::create_project(owner, name)).await
    }
}

/// Where nothing is wanted of the answer, one that is too long is a yes: its status was one. It is the record
/// that was deleted, whose owner made it so long.
fn done(answer: Result<(), Error>) -> Result<(), Error> {
    match answer {
        Err(Error::TooLong { .. }) => Ok(()),
        answer => answer,
    }
}
