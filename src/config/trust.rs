//! Which certificate authorities are believed: those of the first file of api.md b.10 that is there, else
//! the operating system's.

use super::error::ConfigError;
use super::places::Surroundings;
use crate::arvados::client::Trust;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FILES: [&str; 3] = [
    "/etc/arvados/ca-certificates.crt",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
];

/// Finds them.
pub fn find(around: &Surroundings<'_>, warnings: &mut Vec<String>) -> Result<Trust, ConfigError> {
    let named = around.env("SSL_CERT_FILE").filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = &named
        && let Some(trust) = read(around, path)?
    {
        return Ok(trust);
    }
    if let Some(path) = named {
        warnings.push(format!("SSL_CERT_FILE names {}, which is not there", around.shown(&path)));
    }
    for path in FILES {
        if let Some(trust) = read(around, Path::new(path))? {
            return Ok(trust);
        }
    }
    Ok(Trust::System)
}

fn read(around: &Surroundings<'_>, path: &Path) -> Result<Option<Trust>, ConfigError> {
    match around.read(path) {
        Ok(pem) => Ok(Some(Trust::Authorities(Arc::new(pem)))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ConfigError::Unreadable { path: around.shown(path), reason: error.to_string() }),
    }
}
