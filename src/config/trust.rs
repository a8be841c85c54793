//! Which certificate authorities are believed: those of the first file of api.md b.10 that is there, else
//! the operating system's.

use super::error::ConfigError;
use super::file::unquoted;
use super::places::Surroundings;
use crate::arvados::connection::{CaFile, Trust};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const VARIABLE: &str = "SSL_CERT_FILE";

const FILES: [&str; 3] = [
    "/etc/arvados/ca-certificates.crt",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
];

/// Finds them.
pub fn find(around: &Surroundings<'_>, warnings: &mut Vec<String>) -> Result<Trust, ConfigError> {
    let named = around.env(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    let named = named.map(|path| match path.to_str().map(|text| unquoted(text.trim())) {
        Some(Ok(bare)) => PathBuf::from(bare),
        _ => path,
    });
    if let Some(path) = &named
        && let Some(trust) = read(around, path, Some(VARIABLE))?
    {
        return Ok(trust);
    }
    let mut trust = Trust::System;
    for path in FILES {
        if let Some(found) = read(around, Path::new(path), None)? {
            trust = found;
            break;
        }
    }
    if let Some(path) = named {
        let why = if path.starts_with("~") { " (nobody expands the ~: write the whole path)" } else { "" };
        // Not with `~` for the home: what is named is told as it is written.
        let path = crate::model::text::clean(&path.to_string_lossy());
        warnings.push(format!("{VARIABLE} names {path}, which is not there{why}; used is {trust}"));
    }
    Ok(trust)
}

fn read(
    around: &Surroundings<'_>,
    path: &Path,
    variable: Option<&'static str>,
) -> Result<Option<Trust>, ConfigError> {
    match around.read(path) {
        Ok(pem) => {
            Ok(Some(Trust::Authorities(CaFile { path: around.shown(path), variable, pem: Arc::new(pem) })))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let path = around.shown(path);
            let (path, remedy) = match variable {
                Some(variable) => (format!("{path} ({variable})"), "Correct or unset SSL_CERT_FILE."),
                None => (path, "Make it readable, or name another file in SSL_CERT_FILE."),
            };
            Err(ConfigError::Unreadable { path, reason: error.to_string(), remedy })
        }
    }
}
