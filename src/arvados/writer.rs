//! Writes. They are sent once and never repeated by themselves: a write that got no answer is unknown,
//! and only a read can tell.

use super::client::{Client, Tells, nameless};
use super::decode::{self, Record};
use super::error::Error;
use super::request::Request;

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
}

/// Where nothing is wanted of the answer, one that is too long is a yes: its status was one. It is the record
/// that was deleted, whose owner made it so long.
fn done(answer: Result<(), Error>) -> Result<(), Error> {
    match answer {
        Err(Error::TooLong { .. }) => Ok(()),
        answer => answer,
    }
}
