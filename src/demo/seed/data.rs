//! The institute's data, read from `assets/demo/`: who is named, what things are called, and how much
//! of everything there is. What is not said there is made up by `people` and `crowd`.

use serde::Deserialize;
use std::collections::BTreeMap;

const INSTITUTE: &str = include_str!("../../../assets/demo/institute.json");
const PEOPLE: &str = include_str!("../../../assets/demo/people.json");
const FIRST_NAMES: &str = include_str!("../../../assets/demo/first_names.txt");
const LAST_NAMES: &str = include_str!("../../../assets/demo/last_names.txt");

/// What things are called.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Institute {
    pub domain: String,
    pub partner_domain: String,
    /// The cluster that federated users come from.
    pub partner_cluster: String,
    pub founded_days_ago: i64,
    /// Host names without the domain.
    pub vms: Vec<String>,
    pub departments: Vec<String>,
    pub roles: Vec<String>,
    pub groups: Vec<RoleGroup>,
    pub projects: Vec<String>,
    pub data: Vec<DataSet>,
    pub work: Vec<Work>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleGroup {
    pub name: String,
    pub about: String,
    /// How many of a hundred people are in it.
    pub share: u32,
    /// Its members see each other: a `can_read` link leads back to each of them.
    pub mutual: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSet {
    pub name: String,
    pub file: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    pub name: String,
    pub command: Vec<String>,
}

/// One account and what it has. What is `None` is left to chance.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub first: String,
    pub last: String,
    pub username: Option<String>,
    pub email: Option<String>,
    /// The last part of the UUID, where screens and tests want a known one.
    #[serde(default)]
    pub uuid: Option<String>,
    /// The cluster it belongs to; this one if `None`.
    #[serde(default)]
    pub home: Option<String>,
    #[serde(default)]
    pub standing: Standing,
    #[serde(default)]
    pub admin: bool,
    /// Days ago.
    pub joined: i64,
    /// Days ago: deactivated or suspended.
    #[serde(default)]
    pub left: i64,
    /// Days ago: somebody changed the profile.
    #[serde(default)]
    pub changed: Option<i64>,
    #[serde(default)]
    pub groups: Option<BTreeMap<String, Level>>,
    #[serde(default)]
    pub logins: Option<Vec<Login>>,
    #[serde(default)]
    pub keys: Option<usize>,
    /// The username of who owns the keys, if it is not the one they let in.
    #[serde(default)]
    pub key_owner: Option<String>,
    #[serde(default)]
    pub tokens: Option<Vec<TokenPlan>>,
    /// More tokens are made until so many are alive.
    #[serde(default)]
    pub live_tokens: usize,
    #[serde(default)]
    pub projects: Option<usize>,
    #[serde(default)]
    pub collections: Option<usize>,
    /// More collections, in the trash.
    #[serde(default)]
    pub trashed: usize,
    #[serde(default)]
    pub containers: Vec<Stage>,
}

/// How an account stands. The server only knows active or not; the rest is told by links and tokens.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    #[default]
    Active,
    /// Invited, not active yet.
    SetUp,
    /// Unset up: nothing is left but data and history (api.md v13).
    Deactivated,
    /// Inactive, while tokens, keys, logins and memberships live on (api.md v14).
    Suspended,
    NeverSetUp,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Level {
    #[serde(rename = "can_read")]
    Read,
    #[serde(rename = "can_write")]
    Write,
    #[serde(rename = "can_manage")]
    Manage,
}

impl Level {
    /// The name of the permission link.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "can_read",
            Self::Write => "can_write",
            Self::Manage => "can_manage",
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub vm: String,
    /// The username if `None`.
    #[serde(default, rename = "login")]
    pub name: Option<String>,
    pub groups: Vec<String>,
}

/// A token's life, in days before now.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenPlan {
    /// `login`, `own`, `elsewhere` (cached from the home cluster), or the username of who issued it.
    pub origin: String,
    pub made: i64,
    /// Days from now. Below zero it has expired and the server's sweep took it, of which the log says
    /// nothing (api.md v6); at zero it expired a moment ago.
    #[serde(default)]
    pub expires: Option<i64>,
    #[serde(default)]
    pub deleted: Option<i64>,
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The last part of the UUID, where screens and tests want a known one.
    #[serde(default)]
    pub tail: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Stage {
    Queued,
    Locked,
    Running,
    Complete,
}

impl Stage {
    /// The container's `state`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Locked => "Locked",
            Self::Running => "Running",
            Self::Complete => "Complete",
        }
    }
}

/// All there is to read.
pub struct Data {
    pub institute: Institute,
    pub people: Vec<Person>,
    pub first_names: Vec<&'static str>,
    pub last_names: Vec<&'static str>,
}

impl Data {
    #[expect(clippy::expect_used, reason = "the files are part of the program, and a test reads them")]
    pub fn read() -> Self {
        Self {
            institute: serde_json::from_str(INSTITUTE).expect("assets/demo/institute.json"),
            people: serde_json::from_str(PEOPLE).expect("assets/demo/people.json"),
            first_names: FIRST_NAMES.lines().collect(),
            last_names: LAST_NAMES.lines().collect(),
        }
    }
}
