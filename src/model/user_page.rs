//! Pages of the list of all users: which part of it is asked for.

use super::ids::{ClusterId, UserUuid};
use super::user::User;
use std::fmt;

/// A part of all users: those whose UUID is above `after` and below `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserPage {
    /// The last UUID seen of this range, or where the range begins.
    pub after: Option<Bound>,
    /// Where the range ends.
    pub until: Option<Bound>,
    /// At most so many rows.
    pub limit: usize,
    /// Whether a satellite asks its login cluster.
    pub federation: Federation,
    /// How many users the pages before it gave, in all ranges: a list whose pages never end is given up.
    pub so_far: usize,
}

/// What a page gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRows {
    /// The users, by UUID.
    pub users: Vec<User>,
    /// How many more there are whose UUID can't be read: they can be counted and nothing else.
    pub unread: usize,
}

impl From<Vec<User>> for UserRows {
    fn from(users: Vec<User>) -> Self {
        Self { users, unread: 0 }
    }
}

/// How many rows there are behind a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// There are none: the server counted.
    None,
    /// As many as fit another page, by the server's count.
    APage,
    /// More, or nobody knows: a page may be short for reasons of the server's (api.md b.2), so only an empty one
    /// is the end.
    More,
}

/// A place between or at UUIDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Exactly this user.
    User(UserUuid),
    /// Before the users whose UUID's last part begins with this character, on the given cluster.
    Tail(ClusterId, char),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(uuid) => uuid.fmt(f),
            Self::Tail(cluster, first) => write!(f, "{cluster}-tpzed-{first}"),
        }
    }
}

/// Where the last part of a UUID is cut: it is 15 evenly spread characters of 0-9 and a-z.
const CUTS: [char; 3] = ['9', 'i', 'r'];

/// Four ranges to be read side by side (api.md v25): from `after` to the first cut, and so on. The cuts are
/// texts that no UUID equals, so every UUID, of whatever cluster, is in exactly one range, however the
/// server orders them; but what came up to `after` may come again.
pub fn ranges(cluster: ClusterId, after: Option<Bound>) -> [(Option<Bound>, Option<Bound>); 4] {
    let [first, second, third] = CUTS.map(|cut| Some(Bound::Tail(cluster, cut)));
    [(after, first), (first, second), (second, third), (third, None)]
}

/// Whether reading users on a satellite asks the login cluster, which writes into the local cache and
/// can even deactivate users locally (api.md v26).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Federation {
    /// As the server does it by itself.
    Ask,
    /// Only the local records: what read-only mode uses.
    Bypass,
}
