//! Where the cluster and the token come from: the environment, variable by variable, over the settings
//! file that the SDKs would read (api.md b.10); or, with `--cluster ID`, the file `ID.conf` alone.
//! Nothing here talks to a server, and no token gets into an error or a `{:?}`.

mod error;
mod file;
mod host;
mod places;
mod trust;

pub use error::{ConfigError, Found, Looked, Part};
pub use places::Surroundings;

use crate::arvados::client::{Connection, Scheme, Trust};
use crate::model::ids::ClusterId;
use crate::secret::Secret;
use file::Variables;
use std::path::PathBuf;
use zeroize::Zeroizing;

const HOST: &str = "ARVADOS_API_HOST";
const TOKEN: &str = "ARVADOS_API_TOKEN";
const INSECURE: &str = "ARVADOS_API_HOST_INSECURE";

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
    /// What is wrong with the settings without making them unusable: sentences.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Whether any certificate is believed, which must always be visible.
    pub fn is_insecure(&self) -> bool {
        self.connection.trust == Trust::Anything
    }

    /// Finds the settings.
    pub fn load(wanted: Wanted, around: &Surroundings<'_>) -> Result<Self, ConfigError> {
        let mut warnings = Vec::new();
        let mut looked = Vec::new();
        let from_env = match wanted {
            Wanted::Usual => Variables::from_env(around, &mut looked)?,
            Wanted::Cluster(_) => Variables::default(),
        };
        let from_file = match read_file(wanted, around, &mut looked, &mut warnings) {
            Ok(variables) => variables,
            Err(error) if from_env.is_enough() => {
                warnings.push(format!("{error}; the environment was enough without it"));
                Variables::default()
            }
            Err(error) => return Err(error),
        };
        let expected = match wanted {
            Wanted::Usual => None,
            Wanted::Cluster(id) => Some(id),
        };
        let Variables { host, token, insecure } = from_env.or(from_file);
        let (host, token) = match (host, token) {
            (Some(host), Some(token)) => (host, token),
            (None, None) => return Err(ConfigError::NotConfigured { expected, looked }),
            (None, Some(_)) => return Err(ConfigError::Incomplete { missing: Part::Host, looked }),
            (Some(_), None) => return Err(ConfigError::Incomplete { missing: Part::Token, looked }),
        };
        let (scheme, host) = host::parse(&host)?;
        if !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ConfigError::Token);
        }
        let trust = match scheme {
            // Certificates play no part.
            Scheme::Http => Trust::System,
            Scheme::Https if insecure.as_deref().is_some_and(file::is_true) => Trust::Anything,
            Scheme::Https => trust::find(around, &mut warnings)?,
        };
        // The token moves into the secret; the copies on the way are zeroed.
        let token = Secret::new(token.to_string());
        Ok(Self { connection: Connection { scheme, host, token, trust }, expected, warnings })
    }
}

fn read_file(
    wanted: Wanted,
    around: &Surroundings<'_>,
    looked: &mut Vec<Looked>,
    warnings: &mut Vec<String>,
) -> Result<Variables, ConfigError> {
    let name = match wanted {
        Wanted::Usual => "settings.conf".to_owned(),
        Wanted::Cluster(id) => format!("{id}.conf"),
    };
    for directory in around.config_dirs() {
        let path = directory.join(&name);
        let what = around.shown(&path);
        let text = match around.read(&path) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                looked.push(Looked { what, found: Found::Missing });
                continue;
            }
            Err(error) => return Err(ConfigError::Unreadable { path: what, reason: error.to_string() }),
        };
        let variables = Variables::from_file(&text, &what)?;
        if variables.token.is_some() && around.is_open_to_others(&path) {
            warnings.push(match around.take_from_others(&path) {
                Ok(()) => format!(
                    "{what} holds a token, and others on this machine could read it; now only you can"
                ),
                Err(_) => format!("{what} holds a token and can be read by others: chmod 600 {what}"),
            });
        }
        looked.push(Looked { what, found: Found::Read(variables.parts()) });
        return Ok(variables);
    }
    Ok(Variables::default())
}

/// Where this program keeps its journal and log: `$XDG_STATE_HOME/arv-admin`, by default in
/// `~/.local/state`. `None` without a home.
pub fn state_dir(around: &Surroundings<'_>) -> Option<PathBuf> {
    around.state_dir()
}

#[cfg(test)]
mod tests;
