//! Writes. They are sent once and never repeated by themselves: a write that got no answer is unknown,
//! and only a read can tell.

use super::client::{Client, Tells, nameless};
use super::decode::{self, Record};
use super::error::{Error, Setting};
use crate::model::ids::AnyUuid;
use reqwest::Method;
use serde::Serialize;

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

    /// POST, PATCH or PUT, answered with a record; `known` is its UUID, where it is there already.
    pub(super) async fn send<B: Serialize, T: Record>(
        &self,
        method: Method,
        path: &str,
        body: &B,
        known: Option<AnyUuid>,
    ) -> Result<T, Error> {
        let read = |json: &[u8]| decode::one(json, known);
        let record = self.client.write(method, path, Some(written(body)?), Tells::Records, read).await?;
        record.ok_or_else(|| nameless(path))
    }

    /// POST, answered with a record that has a new secret in it: of what brought it nothing stays behind, as far as
    /// that can be reached.
    pub(super) async fn send_for_secret<B: Serialize, T: Record>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, Error> {
        let read = |json: &[u8]| decode::one(json, None);
        let body = Some(written(body)?);
        let record = self.client.write(Method::POST, path, body, Tells::Secret, read).await?;
        record.ok_or_else(|| nameless(path))
    }

    /// POST of which only matters that it was done.
    pub(super) async fn call<B: Serialize>(&self, path: &str, body: &B) -> Result<(), Error> {
        done(
            self.client
                .write(Method::POST, path, Some(written(body)?), Tells::Records, decode::anything)
                .await,
        )
    }

    /// DELETE.
    pub(super) async fn delete(&self, path: &str) -> Result<(), Error> {
        done(self.client.write(Method::DELETE, path, None, Tells::Records, decode::anything).await)
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

fn written<B: Serialize>(body: &B) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(body)
        .map_err(|e| Error::Config(Setting::None, format!("the request can't be written: {e}")))
}
