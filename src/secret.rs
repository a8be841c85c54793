//! A secret text: an API token. It has no `Display` and no `Serialize`, its `Debug` says nothing, and
//! its memory is zeroed when it is dropped. [`Secret::expose`] may be called only in the files that
//! `tests/architecture/main.rs` lists.

use std::fmt;
use zeroize::Zeroizing;

/// A text that must not be shown, logged, serialised or left in memory.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over `text`; the string's own buffer becomes the secret's.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
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

/// A text of somebody else's without the words in it that may be secrets.
pub fn left_out(text: &str) -> String {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '=' | ',' | '`' | '(' | ')');
    let words = text.split_inclusive(is_end).map(|word| {
        let inner = word.trim_end_matches(is_end);
        let end = &word[inner.len()..];
        if may_be_one(inner) { format!("{NOT_REPEATED}{end}") } else { word.to_owned() }
    });
    words.collect()
}

/// What stands in the place of a text that may be a secret.
pub const NOT_REPEATED: &str = "(not repeated, since it looks like a token)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_it() {
        let secret = Secret::new("canary".to_owned());
        assert!(!format!("{secret:?}").contains("canary"));
    }

    #[test]
    fn what_may_be_one_is_left_out_of_a_text_and_the_rest_stays() {
        let held = "a1".repeat(25);
        for secret in [held.clone(), format!("v2/zzzzz-gj3su-000000000000001/{held}")] {
            let said = left_out(&format!("invalid value '{secret}' for '--format=<F>': try --help"));
            assert_eq!(said, format!("invalid value '{NOT_REPEATED}' for '--format=<F>': try --help"));
        }
        let plain = "no such user: rosa.delgado@institute.example (zzzzz-tpzed-3kz0nwtjehhl0u4)";
        assert_eq!(left_out(plain), plain);
    }
}
