//! An API token, without its secret: no type here has a place for one.

use super::field::{Date, Field, Unreadable};
use super::ids::{ContainerUuid, TokenUuid, UserUuid};
use super::text::clean_start;
use jiff::Timestamp;
use std::fmt;
use std::str::FromStr;

/// A token as a list or the audit log tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Names it; public, and of no use without the secret.
    pub uuid: TokenUuid,
    /// Whose it is: with it one acts as this user.
    pub owner: UserUuid,
    /// What it allows.
    pub scopes: Field<Scopes>,
    /// When it was made; the server leaves it out of `…/current`.
    pub created_at: Option<Date>,
    /// When it ends by itself.
    pub expiry: Ends,
    /// How it came to be, as far as the audit log or its record tells.
    pub origin: Origin,
}

impl Token {
    /// One of which no record tells more than whose it is.
    pub fn bare(uuid: TokenUuid, owner: UserUuid) -> Self {
        Self {
            uuid,
            owner,
            scopes: Field::Unreadable(Unreadable::missing()),
            created_at: None,
            expiry: Ends::On(Date::Unreadable(Unreadable::missing())),
            origin: Origin::Unknown,
        }
    }

    /// What it allows, for exports: the scopes as the server has them, else what stands there.
    pub fn scopes_to_wire(&self) -> Field<Vec<String>> {
        match &self.scopes {
            Field::Is(scopes) => Field::Is(scopes.to_wire().into_iter().map(str::to_owned).collect()),
            Field::Unreadable(what) => Field::Unreadable(what.clone()),
        }
    }

    /// Whether its scopes are known to allow this request.
    pub fn allows(&self, request: &str) -> bool {
        self.scopes.get().is_some_and(|scopes| scopes.allow(request))
    }
}

/// How a token came to be (api.md v6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Made by a login in a browser: its record has the address it came from.
    Login,
    /// What this container at work acts with (`containers.auth_uuid`, api.md v27).
    Container(ContainerUuid),
    /// Made by the system user, with all scopes and no end: by login-sync on a VM, for a container, or by an
    /// operator with the system root token. Nothing tells these apart once no container has it.
    Server,
    /// Issued through the API by this user.
    IssuedBy(UserUuid),
    /// The server's list does not tell.
    Unknown,
}

/// When a token is to end: what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expiry {
    /// At this instant.
    At(Timestamp),
    /// Not before it is revoked. Sorts last.
    Never,
}

/// What to say of [`Origin::Server`].
pub const MADE_BY_THE_SERVER: &str =
    "made by the server (login-sync, a container, an operator with the system token)";

impl Expiry {
    /// For the wire.
    pub fn to_wire(self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Never => None,
        }
    }

    /// Whether it is over at `now`.
    pub fn is_past(self, now: Timestamp) -> bool {
        matches!(self, Self::At(at) if at <= now)
    }
}

/// When a token ends by itself, as its record says: that may be later than all instants, or nothing that
/// anybody can read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ends {
    /// Then.
    On(Date),
    /// Not before it is revoked. Sorts last.
    Never,
}

impl Ends {
    /// The instant, if it is one.
    pub fn at(&self) -> Option<Timestamp> {
        self.date().and_then(Date::at)
    }

    /// The date, if it has one: none is never.
    pub fn date(&self) -> Option<&Date> {
        match self {
            Self::On(date) => Some(date),
            Self::Never => None,
        }
    }

    /// Whether it is known to have ended at `now`.
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.at().is_some_and(|at| at <= now)
    }

    /// Whether it is known to be this. The server keeps microseconds, and prints more digits than it keeps.
    pub fn is(&self, expiry: Expiry) -> bool {
        match (self, expiry) {
            (Self::On(date), Expiry::At(wanted)) => {
                date.at().is_some_and(|at| at.as_second() == wanted.as_second())
            }
            (Self::Never, Expiry::Never) => true,
            (Self::On(_), Expiry::Never) | (Self::Never, Expiry::At(_)) => false,
        }
    }
}

impl Ends {
    /// Whether two records say the same: instants to the second, since the server prints more digits than it
    /// keeps.
    pub fn is_the_same(&self, other: &Self) -> bool {
        match (self.at(), other.at()) {
            (Some(one), Some(other)) => one.as_second() == other.as_second(),
            _ => self == other,
        }
    }
}

impl From<Expiry> for Ends {
    fn from(expiry: Expiry) -> Self {
        match expiry {
            Expiry::At(at) => Self::On(Date::At(at)),
            Expiry::Never => Self::Never,
        }
    }
}

/// What a token allows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scopes {
    /// Everything its owner may do (`["all"]`).
    All,
    /// Only these requests; none at all if empty.
    Only(Vec<Scope>),
}

impl Scopes {
    /// From the wire. What does not read as a scope is kept as text: the server takes anything (v16).
    pub fn from_wire(texts: Vec<String>) -> Self {
        if texts.iter().any(|t| t == "all") {
            Self::All
        } else {
            Self::Only(texts.into_iter().map(Scope).collect())
        }
    }

    /// Whether they allow this request, by the server's rule: the scope itself, or one that ends in `/`
    /// and begins it (api.md b.6).
    pub fn allow(&self, request: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(scopes) => scopes
                .iter()
                .any(|Scope(s)| s == request || (s.ends_with('/') && request.starts_with(s.as_str()))),
        }
    }

    /// For the wire.
    pub fn to_wire(&self) -> Vec<&str> {
        match self {
            Self::All => vec!["all"],
            Self::Only(scopes) => scopes.iter().map(Scope::as_str).collect(),
        }
    }
}

/// Of a scope, people are shown no more characters.
const LONGEST_SHOWN: usize = 300;

/// As people read it: harmless, and not endless.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Only(scopes) if scopes.is_empty() => f.write_str("nothing"),
            Self::Only(scopes) => {
                for (i, scope) in scopes.iter().enumerate() {
                    if i > 0 {
                        f.write_str(", ")?;
                    }
                    f.write_str(&clean_start(scope.as_str(), LONGEST_SHOWN))?;
                }
                Ok(())
            }
        }
    }
}

/// One request a token allows: `GET /arvados/v1/users`; a path that ends in `/` allows all below it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope(String);

/// Why a text is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Not two words.
    #[error("a scope is `METHOD /path`, such as `GET /arvados/v1/users`, or `all`")]
    Form,
    /// The method is unknown.
    #[error("the method must be GET, HEAD, POST, PUT, PATCH or DELETE")]
    Method,
    /// The path does not start with a slash.
    #[error("the path must start with / and have no blanks")]
    Path,
}

impl Scope {
    /// The scope as the server takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let (method, path) = text.trim().split_once(' ').ok_or(ScopeError::Form)?;
        if !["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].contains(&method) {
            return Err(ScopeError::Method);
        }
        let visible = |c: char| c.is_ascii_graphic();
        if !path.starts_with('/') || !path.chars().all(visible) {
            return Err(ScopeError::Path);
        }
        Ok(Self(format!("{method} {path}")))
    }
}

impl FromStr for Scopes {
    type Err = ScopeError;

    /// Reads `all`, or scopes parted by commas or line ends.
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let parts: Vec<&str> = text.split([',', '\n']).map(str::trim).filter(|p| !p.is_empty()).collect();
        match parts.as_slice() {
            ["all"] => Ok(Self::All),
            [] => Err(ScopeError::Form),
            parts => parts.iter().map(|p| p.parse()).collect::<Result<_, _>>().map(Self::Only),
        }
    }
}

/// Where a list of tokens comes from, and so what it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSource {
    /// Put together from the audit log: an upper bound, "perhaps alive" (api.md v6).
    AuditLog {
        /// How far back the cluster's log goes: what was issued earlier is not in the list.
        since: Option<Timestamp>,
    },
    /// The server's own list: exact.
    Server,
}

/// A user's tokens, every one checked to be that user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenList {
    /// Whose they are.
    pub owner: UserUuid,
    /// The tokens, newest first.
    pub rows: Vec<Token>,
    /// Where they come from.
    pub source: TokenSource,
    /// How many more there are that nobody can name, because their UUIDs can't be read.
    pub unread: usize,
    /// Of the log: how many more have an end in records alone that any user could have written (api.md v58).
    pub doubtful: usize,
    /// Of the log: how many more are named in such records alone.
    pub unproven: usize,
    /// What else to know of the list.
    pub remark: Option<String>,
    /// What else that it is made of can't be read, in words.
    pub left_out: Option<String>,
}

impl TokenList {
    /// One of which nothing else is to be said.
    pub fn new(owner: UserUuid, rows: Vec<Token>, source: TokenSource) -> Self {
        Self { owner, rows, source, unread: 0, doubtful: 0, unproven: 0, remark: None, left_out: None }
    }
}

impl TokenList {
    /// How many may be alive, of a list from the log: "at most 3, perhaps alive". No bound where more may be.
    pub fn perhaps_alive(&self) -> String {
        match (self.rows.len(), self.doubtful) {
            (0, _) => "0 known".to_owned(),
            (rows, 0) => format!("at most {rows}, perhaps alive"),
            (rows, _) => format!("{rows} perhaps alive"),
        }
    }
}

/// What is said of tokens whose end is in records alone that any user could have written (api.md v58). Revoking by
/// their owner, and by a helper token, leaves just such records: most are true, and none is a proof.
pub fn doubtfully_dead(tokens: usize) -> String {
    format!(
        "{tokens} more ended by the log alone (revoking leaves such records, but any user can write them, too)"
    )
}

/// The same in few words, for a line of the screen.
pub fn doubtfully_dead_in_short(tokens: usize) -> String {
    format!("{tokens} ended by the log alone")
}

/// What a list from the log is not sure of, behind what it has: `; 3 more are …`, or nothing.
pub fn doubts(list: &TokenList) -> String {
    let said = |tokens: usize, said: fn(usize) -> String| {
        if tokens == 0 { String::new() } else { format!("; {}", said(tokens)) }
    };
    said(list.doubtful, doubtfully_dead) + &said(list.unproven, named_by_anybody)
}

/// What is said of tokens of which nobody else wrote than somebody who has nothing to do with them (api.md v58).
pub fn named_by_anybody(tokens: usize) -> String {
    let verb = if tokens == 1 { "is" } else { "are" };
    format!("{tokens} more {verb} named only by records that any user could have written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_checked_before_they_reach_the_server() {
        assert_eq!("all".parse::<Scopes>(), Ok(Scopes::All));
        assert!("GET /arvados/v1/users, DELETE /arvados/v1/links/".parse::<Scopes>().is_ok());
        assert_eq!("GET".parse::<Scopes>(), Err(ScopeError::Form));
        assert_eq!("FETCH /x".parse::<Scopes>(), Err(ScopeError::Method));
        assert_eq!("GET users".parse::<Scopes>(), Err(ScopeError::Path));
        assert_eq!("GET /a b".parse::<Scopes>(), Err(ScopeError::Path));
        assert_eq!("".parse::<Scopes>(), Err(ScopeError::Form));
    }

    #[test]
    fn a_scope_that_ends_in_a_slash_allows_all_below_it() {
        let scopes: Scopes = "GET /a, DELETE /a/".parse().expect("scopes");
        assert!(scopes.allow("GET /a") && scopes.allow("DELETE /a/x"));
        assert!(!scopes.allow("GET /a/x") && !scopes.allow("DELETE /a") && !scopes.allow("PUT /a"));
    }
}
