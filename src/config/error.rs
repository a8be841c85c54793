//! What can be wrong with the settings, and what was looked for. No value of a variable is in here but
//! the host's.

use super::places::{HOST, TOKEN};
use crate::model::ids::ClusterId;
use std::fmt;

/// One place where settings were looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// A variable's name or a file's path.
    pub what: String,
    /// What was there.
    pub found: Found,
}

/// What was found in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A variable that is not set, or empty.
    NotSet,
    /// A variable that is set.
    Set,
    /// A file that is not there.
    Missing,
    /// A file that was read, and what it had.
    Read(Vec<Part>),
}

/// A setting that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `ARVADOS_API_HOST`
    Host,
    /// `ARVADOS_API_TOKEN`
    Token,
}

impl Part {
    /// The variable that holds it.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Host => HOST,
            Self::Token => TOKEN,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet => f.write_str("not set"),
            Self::Set => f.write_str("set"),
            Self::Missing => f.write_str("not there"),
            Self::Read(parts) => match parts.as_slice() {
                [] => f.write_str("has neither host nor token"),
                [Part::Host] => f.write_str("has a host, no token"),
                [Part::Token] => f.write_str("has a token, no host"),
                _ => f.write_str("has both"),
            },
        }
    }
}

/// Why there is no cluster to connect to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Neither host nor token were found.
    #[error("{}", match expected {
        Some(id) => format!("No settings for cluster {id} were found."),
        None => "No cluster is configured.".to_owned(),
    })]
    NotConfigured {
        /// The cluster that was named, if one was.
        expected: Option<ClusterId>,
        /// Where they were looked for.
        looked: Vec<Looked>,
    },
    /// Only one of the two was found.
    #[error("{} is missing.", missing.variable())]
    Incomplete {
        /// The one that was not.
        missing: Part,
        /// Where it was looked for.
        looked: Vec<Looked>,
    },
    /// A line of a file that can't be understood.
    #[error("{path}, line {line}: {reason}")]
    Line {
        /// The file.
        path: String,
        /// Counted from one.
        line: usize,
        /// What is wrong, without what is there.
        reason: String,
    },
    /// A value that can't be understood; it is not shown.
    #[error("{place}{name} {reason}")]
    Value {
        /// Where it stands.
        place: Place,
        /// The variable.
        name: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// A file that is there but can't be read.
    #[error("{path} can't be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why not.
        reason: String,
        /// What to do: a sentence.
        remedy: &'static str,
    },
    /// A file that others can change names the host, and the token is from elsewhere.
    #[error("{what}, and the host is named there")]
    Doubtful {
        /// What is wrong with the file.
        what: String,
        /// What to do about it.
        remedy: String,
    },
    /// A variable that is not text.
    #[error("{0} is not readable text")]
    NotText(&'static str),
    /// The host can't be used.
    #[error("{place}ARVADOS_API_HOST={shown}: {reason}")]
    Host {
        /// Where it stands.
        place: Place,
        /// The value, cleaned, without what may be a secret.
        shown: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The token can't be one.
    #[error("{place}ARVADOS_API_TOKEN {reason}")]
    Token {
        /// Where it stands.
        place: Place,
        /// What is wrong, without what is there.
        reason: &'static str,
    },
    /// The proxy can't be used.
    #[error("{variable} can't be used: {reason}")]
    Proxy {
        /// The variable that names it.
        variable: &'static str,
        /// What is wrong, without what is there: it may hold a password.
        reason: String,
        /// The cluster's host.
        host: String,
    },
}

/// Where a value stands: what an error begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the environment.
    Environment,
    /// In a file.
    Line {
        /// The file.
        path: String,
        /// Counted from one.
        line: usize,
    },
}

impl Place {
    /// Whether it is a settings file; there is only one at a time.
    pub fn is_file(&self) -> bool {
        matches!(self, Self::Line { .. })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => Ok(()),
            Self::Line { path, line } => write!(f, "{path}, line {line}: "),
        }
    }
}

impl ConfigError {
    /// Where settings were looked for, if that is what is wrong.
    pub fn looked(&self) -> &[Looked] {
        match self {
            Self::NotConfigured { looked, .. } | Self::Incomplete { looked, .. } => looked,
            Self::Line { .. }
            | Self::Value { .. }
            | Self::Unreadable { .. }
            | Self::Doubtful { .. }
            | Self::NotText(_)
            | Self::Host { .. }
            | Self::Token { .. }
            | Self::Proxy { .. } => &[],
        }
    }

    /// All there is to say, in lines: what is wrong, what was looked for and where, and what to do.
    pub fn text(&self) -> String {
        if let Self::Proxy { variable, host, .. } = self {
            return format!(
                "{self}.\nNothing was sent, not directly either. Correct {variable}; or unset it, or name \
                 {host} in NO_PROXY, to connect directly."
            );
        }
        match self {
            Self::Unreadable { remedy, .. } => return format!("{self}.\n{remedy}"),
            Self::Doubtful { remedy, .. } => {
                return format!(
                    "{self}: the token, which is not from there, was not sent.\nSet ARVADOS_API_HOST in the \
                     environment too; or look at what stands in the file, then mend it: {remedy}"
                );
            }
            Self::NotText(variable) => return format!("{self}.\nCorrect or unset {variable}."),
            Self::NotConfigured { .. }
            | Self::Incomplete { .. }
            | Self::Line { .. }
            | Self::Value { .. }
            | Self::Host { .. }
            | Self::Token { .. }
            | Self::Proxy { .. } => {}
        }
        let looked = self.looked();
        if looked.is_empty() {
            return self.to_string();
        }
        let width = looked.iter().map(|l| l.what.chars().count()).max().unwrap_or_default();
        let head = std::iter::once("Looked for").chain(std::iter::repeat(""));
        let places: Vec<String> = looked
            .iter()
            .zip(head)
            .map(|(Looked { what, found }, head)| format!("{head:<10}   {what:<width$}   {found}"))
            .collect();
        format!(
            "{self}\n\n{}\n\nWorkbench shows both under \"Get API token\". Or try the built-in demo cluster:\n\n    \
             arv-admin --demo",
            places.join("\n")
        )
    }
}
