//! How much is read of what a server gives. Any user can write records of 25 MB about anything (api.md v58),
//! and a server may be anybody's: neither may fill this machine's memory or disk, nor hide what others have.

/// How much is read of one answer and of one list. Tests take less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of an answer, unpacked. A page of a thousand records is about a megabyte; a longer one is asked
    /// for in parts.
    pub answer: usize,
    /// Rows of a list: a server whose pages never end gives up before this machine does.
    pub rows: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { answer: 4 << 20, rows: 2_000_000 }
    }
}

/// Bytes of JSON of one text: names have at most 255 letters, an SSH key of 16,384 bits three thousand.
pub(super) const LONGEST_TEXT: usize = 16 << 10;

/// Bytes of JSON of a list of texts, such as a token's scopes.
pub(super) const LONGEST_LIST_OF_TEXTS: usize = 16 << 10;

/// Bytes of JSON of a link's properties that are kept; an update must send all of them along.
pub(super) const LONGEST_PROPERTIES: usize = 64 << 10;

/// Bytes of JSON of a user's preferences that are kept.
pub(super) const LONGEST_PREFERENCES: usize = 256 << 10;

/// Fields of a record that are looked at: the widest table has about forty columns.
pub(super) const MOST_FIELDS: usize = 256;

/// Rows of one page: no page that is asked for has more than a thousand.
pub(super) const MOST_ROWS: usize = 10_000;

/// So many records of a list are found one by one that are too long; the rest is asked for without what can
/// be so long.
pub(super) const MOST_LONG: usize = 8;
