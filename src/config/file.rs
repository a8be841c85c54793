//! The three variables, from the environment or from a settings file: `NAME=value` lines, comments and
//! blank lines, blanks around names and values left out, as the Go and Ruby SDKs read it.

use super::error::{ConfigError, Found, Looked, Part};
use super::places::Surroundings;
use super::{HOST, INSECURE, TOKEN};
use std::fmt;
use zeroize::Zeroizing;

/// What one place says. The token is zeroed when it is dropped.
#[derive(Default)]
pub struct Variables {
    pub host: Option<String>,
    pub token: Option<Zeroizing<String>>,
    pub insecure: Option<String>,
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variables").field("host", &self.host).finish_non_exhaustive()
    }
}

impl Variables {
    /// From the environment. A variable that is set to nothing is as good as none.
    pub fn from_env(around: &Surroundings<'_>, looked: &mut Vec<Looked>) -> Result<Self, ConfigError> {
        let mut get = |name: &'static str| -> Result<Option<String>, ConfigError> {
            let value = match around.env(name) {
                None => None,
                Some(value) => Some(value.into_string().map_err(|_| ConfigError::NotText(name))?),
            };
            let value = value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
            if name != INSECURE {
                let found = if value.is_some() { Found::Set } else { Found::NotSet };
                looked.push(Looked { what: name.to_owned(), found });
            }
            Ok(value)
        };
        Ok(Self { host: get(HOST)?, token: get(TOKEN)?.map(Zeroizing::new), insecure: get(INSECURE)? })
    }

    /// From the content of a file. Other variables are none of our business; the last of several counts.
    pub fn from_file(content: &[u8], path: &str) -> Result<Self, ConfigError> {
        let mut variables = Self::default();
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        for (i, line) in content.split(|&b| b == b'\n').enumerate() {
            let wrong = |reason| ConfigError::Line { path: path.to_owned(), line: i + 1, reason };
            let line = std::str::from_utf8(line).map_err(|_| wrong("not readable text"))?.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = line.split_once('=').ok_or_else(|| wrong("expected NAME=value"))?;
            let (name, value) = (name.trim(), value.trim());
            if name.is_empty() {
                return Err(wrong("expected NAME=value"));
            }
            if value.is_empty() {
                continue;
            }
            match name {
                HOST => variables.host = Some(value.to_owned()),
                TOKEN => variables.token = Some(Zeroizing::new(value.to_owned())),
                INSECURE => variables.insecure = Some(value.to_owned()),
                _ => {}
            }
        }
        Ok(variables)
    }

    /// Variable by variable: these, else the others.
    pub fn or(self, other: Self) -> Self {
        Self {
            host: self.host.or(other.host),
            token: self.token.or(other.token),
            insecure: self.insecure.or(other.insecure),
        }
    }

    /// Whether nothing needed is missing.
    pub fn is_enough(&self) -> bool {
        self.host.is_some() && self.token.is_some()
    }

    /// Which of the needed ones are there.
    pub fn parts(&self) -> Vec<Part> {
        let host = self.host.as_ref().map(|_| Part::Host);
        let token = self.token.as_ref().map(|_| Part::Token);
        host.into_iter().chain(token).collect()
    }
}

/// Whether the SDKs take a value of `ARVADOS_API_HOST_INSECURE` for true.
pub fn is_true(value: &str) -> bool {
    ["1", "t", "true", "y", "yes"].iter().any(|truth| value.eq_ignore_ascii_case(truth))
}
