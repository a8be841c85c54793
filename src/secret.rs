//! A secret text: an API token. It has no `Display` and no `Serialize`, its `Debug` says nothing, and
//! its memory is zeroed when it is dropped. [`Secret::expose`] may be called only in the files that
//! `tests/architecture.rs` lists.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// A text that must not be shown, logged, serialised or left in memory.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes over `text`; the string's own buffer becomes the secret's.
    pub fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// How many characters it has: what a masked field shows.
    pub fn chars(&self) -> usize {
        self.expose().chars().count()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// By hand, because effects and messages that carry one are compared in tests. Time does not matter
/// here: nothing compares a secret with what a stranger sent.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

/// Whether a text may hold a secret: a v2 token, or a run of characters as long as one. Where it stands in place
/// of something else, it must not be repeated.
pub fn may_be_one(text: &str) -> bool {
    const SHORTEST: usize = 40;
    let is_run = |run: &str| run.len() >= SHORTEST;
    text.contains("v2/") || text.split(|c: char| !c.is_ascii_alphanumeric()).any(is_run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_it() {
        let secret = Secret::new("canary".to_owned());
        assert!(!format!("{secret:?}").contains("canary"));
    }
}
