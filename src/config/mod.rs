//! Where the cluster and the token come from: the environment, variable by variable, over the settings
//! file that the SDKs would read (api.md b.10); or, with `--cluster ID`, the file `ID.conf` alone.
//! Nothing here talks to a server, and no token gets into an error or a `{:?}`.

mod error;
mod file;
mod host;
mod places;
mod proxy;
mod standing;
mod trust;

pub use error::{ConfigError, Found, Looked, Part, Place};
pub use places::Surroundings;

use crate::arvados::connection::{Connection, Scheme, Trust};
use crate::model::ids::ClusterId;
use crate::secret::Secret;
use file::Variables;
use places::INSECURE;
use standing::Doubt;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Which settings are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The environment's, and those of `settings.conf` for what it leaves out.
    Usual,
    /// Those of `ID.conf`. The environment is not asked: the file was named, and half of one cluster's
    /// settings with half of another's would send a token where it does not belong.
    Cluster(ClusterId),
}

/// A cluster to connect to, and the token to do it with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it is and how it is trusted.
    pub connection: Connection,
    /// The cluster that was named: the one that answers must be it.
    pub expected: Option<ClusterId>,
    /// What other Arvados tools make of the settings, where it is something else: sentences.
    pub notes: Vec<String>,
}

impl Settings {
    /// Whether any certificate is believed, which must always be visible.
    pub fn is_insecure(&self) -> bool {
        self.connection.trust == Trust::Anything
    }

    /// Those of a cluster in this process.
    pub fn on_loopback(host: String, token: Secret) -> Self {
        Self { connection: Connection::on_loopback(host, token), expected: None, notes: Vec::new() }
    }

    /// Whose certificates are believed; nobody's where nothing is encrypted.
    pub fn certificates(&self) -> Option<String> {
        (self.connection.scheme == Scheme::Https).then(|| self.connection.trust.to_string())
    }

    /// Finds the settings.
    pub fn load(wanted: Wanted, around: &Surroundings<'_>) -> Result<Self, ConfigError> {
        let mut warnings = Vec::new();
        let mut notes = Vec::new();
        let mut looked = Vec::new();
        let from_env = match wanted {
            Wanted::Usual => Variables::from_env(around, &mut looked, &mut notes)?,
            Wanted::Cluster(_) => Variables::default(),
        };
        let said = Said { looked: &mut looked, warnings: &mut warnings, notes: &mut notes };
        let (from_file, doubt) = match read_file(wanted, around, said) {
            Ok(read) => read,
            Err(error) if from_env.is_enough() => {
                warnings.push(format!("{error}; the environment was enough without it"));
                (Variables::default(), None)
            }
            Err(error) => return Err(error),
        };
        let expected = match wanted {
            Wanted::Usual => None,
            Wanted::Cluster(id) => Some(id),
        };
        let is_used = !from_env.is_enough();
        let Variables { host, token, insecure } = from_env.or(from_file);
        let (host, token) = match (host, token) {
            (Some(host), Some(token)) => (host, token),
            (None, None) => return Err(ConfigError::NotConfigured { expected, looked }),
            (None, Some(_)) => return Err(ConfigError::Incomplete { missing: Part::Host, looked }),
            (Some(_), None) => return Err(ConfigError::Incomplete { missing: Part::Token, looked }),
        };
        if let Some(doubt) = doubt.filter(|_| is_used) {
            if host.place.is_file() && !token.place.is_file() {
                return Err(ConfigError::Doubtful { what: doubt.what, remedy: doubt.remedy });
            }
            warnings.push(format!("{}: {}", doubt.what, doubt.remedy));
        }
        let is_insecure = match insecure.filter(|value| file::is_true(&value.text)) {
            Some(value) if value.place.is_file() != host.place.is_file() => {
                warnings.push(not_for_this_host(&value.place));
                false
            }
            insecure => insecure.is_some(),
        };
        let (scheme, host) = host::parse(&host.text).map_err(|reason| ConfigError::Host {
            place: host.place.clone(),
            shown: host::shown(&host.text),
            reason,
        })?;
        if let Some(reason) = no_token(&token.text) {
            return Err(ConfigError::Token { place: token.place, reason });
        }
        let (trust, proxy) = match scheme {
            // Certificates play no part, and nobody is asked the way on one machine.
            Scheme::Http => (Trust::System, None),
            Scheme::Https if is_insecure => (Trust::Anything, proxy::find(around, &host)?),
            Scheme::Https => (trust::find(around, &mut warnings)?, proxy::find(around, &host)?),
        };
        // The token moves into the secret; the copies on the way are zeroed.
        let token = Secret::new(token.text.to_string());
        Ok(Self { connection: Connection { scheme, host, token, trust, proxy, warnings }, expected, notes })
    }
}

/// Why `ARVADOS_API_HOST_INSECURE` is not heard: whoever set it meant the host beside it, and a certificate that
/// is not checked is anybody's.
fn not_for_this_host(place: &Place) -> String {
    let (of, from) = match place {
        Place::Environment => {
            ("ARVADOS_API_HOST_INSECURE of the environment".to_owned(), "the settings file")
        }
        Place::Line { .. } => (format!("{place}{INSECURE}"), "the environment"),
    };
    format!("{of} is not for the host, which comes from {from}: the server's certificate is checked")
}

/// Why a value can't be a token, if so.
fn no_token(text: &str) -> Option<&'static str> {
    if text.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    let first = text.split_whitespace().next().unwrap_or_default().trim_end_matches(':');
    let is_header = ["Bearer", "OAuth2", "Authorization"].iter().any(|word| first.eq_ignore_ascii_case(word));
    Some(if is_header {
        "has more than the token: only the token itself belongs there, without \"Bearer\""
    } else if text.contains(" #") || text.contains("\t#") {
        "has more than the token: comments at the end of a line are not known, write them on a line of their own"
    } else {
        "has blanks or characters that no token has"
    })
}

/// What there is to say of the settings while they are found.
struct Said<'a> {
    looked: &'a mut Vec<Looked>,
    warnings: &'a mut Vec<String>,
    notes: &'a mut Vec<String>,
}

fn read_file(
    wanted: Wanted,
    around: &Surroundings<'_>,
    said: Said<'_>,
) -> Result<(Variables, Option<Doubt>), ConfigError> {
    let name = match wanted {
        Wanted::Usual => "settings.conf".to_owned(),
        Wanted::Cluster(id) => format!("{id}.conf"),
    };
    for directory in around.config_dirs() {
        let path = directory.join(&name);
        let what = around.shown(&path);
        let text = match around.read_settings(&path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                said.looked.push(Looked { what, found: Found::Missing });
                continue;
            }
            Err(error) => {
                let remedy = match wanted {
                    Wanted::Usual => {
                        "Make it readable, or set ARVADOS_API_HOST and ARVADOS_API_TOKEN in the environment."
                    }
                    Wanted::Cluster(_) => "Make it readable: --cluster takes the settings from there.",
                };
                return Err(ConfigError::Unreadable { path: what, reason: error.to_string(), remedy });
            }
        };
        let variables = Variables::from_file(&text, &what, said.notes)?;
        if variables.token.is_some() && around.is_open_to_others(&path) {
            let command = around.closing_command(&path);
            said.warnings
                .push(format!("{what} holds a token, and others on this machine can read it: {command}"));
        }
        said.looked.push(Looked { what, found: Found::Read(variables.parts()) });
        let doubt = standing::doubt(around, &path).filter(|_| !variables.is_empty());
        return Ok((variables, doubt));
    }
    Ok((Variables::default(), None))
}

/// Where this program keeps its journal and log: `$XDG_STATE_HOME/arv-admin`, by default in
/// `~/.local/state`. `None` without a home.
pub fn state_dir(around: &Surroundings<'_>) -> Option<PathBuf> {
    around.state_dir()
}

#[cfg(test)]
mod tests;
