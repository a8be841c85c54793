//! Writes. They are sent once and never repeated by themselves: a write that got no answer is unknown,
//! and only a read can tell.

use super::client::Client;
use super::error::Error;
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

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

    /// POST, PATCH or PUT.
    pub(super) async fn send<B: Serialize, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<T, Error> {
        let body = serde_json::to_vec(body)
            .map_err(|e| Error::Config(format!("the request can't be written: {e}")))?;
        self.client.write(method, path, Some(body)).await
    }

    /// DELETE.
    pub(super) async fn delete(&self, path: &str) -> Result<(), Error> {
        self.client.write::<serde::de::IgnoredAny>(Method::DELETE, path, None).await.map(drop)
    }
}
