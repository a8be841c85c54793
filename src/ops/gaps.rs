//! Lists that a change only counts, shows or writes down: where the server can't give one, that is said, and
//! nothing stops. What a change needs to act right is not asked for in this way.

use super::part::Part;
use crate::arvados::error::Error;
use std::sync::{Mutex, PoisonError};

/// Permission links: what is lost of them first, since these are what an incident is about.
pub(super) const PERMISSIONS: &str = "VM logins, groups and other permissions";
/// SSH keys of users.
pub(super) const KEYS: &str = "SSH keys";
/// SSH keys whose records users own, whoever uses them.
pub(super) const KEYS_OWNED: &str = "SSH keys owned here";
/// Signatures of user agreements.
pub(super) const SIGNATURES: &str = "signatures";

/// What could not be had, and who said what. Several lists can be asked for at once.
#[derive(Debug, Default)]
pub(super) struct Gaps(Mutex<Vec<String>>);

impl Gaps {
    /// A part, or why it is not known; an error if that stands in the way of all else, too.
    pub async fn known<T>(
        &self,
        what: &str,
        read: impl Future<Output = Result<T, Error>>,
    ) -> Result<Part<T>, Error> {
        let part = Part::of(read.await)?;
        if let Some(why) = part.why_not() {
            let gap = format!("{what} ({why})");
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(gap);
        }
        Ok(part)
    }

    /// The same, and nothing where it is not known.
    pub async fn if_any<T: Default>(
        &self,
        what: &str,
        read: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        self.known(what, read).await.map(Part::or_default)
    }

    /// All of them.
    pub fn into_list(self) -> Vec<String> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
