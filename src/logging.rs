//! A log for finding out what went wrong, in a file and never on the screen. There is none unless
//! `ARV_ADMIN_LOG` asks for it: `error`, `warn`, `info`, `debug` or `trace`. Only this program's own events
//! are kept: libraries could log headers and bodies. What is logged are endpoints, statuses and request
//! ids; no names, no queries, no secrets.

use crate::config::{Surroundings, state_dir};
use crate::own_file::{NotOwn, Wanted, open_own};
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Mutex;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// The variable that asks for a log.
pub const VARIABLE: &str = "ARV_ADMIN_LOG";

/// Why there is no log although one was asked for.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// No level.
    #[error("{VARIABLE} must be error, warn, info, debug or trace")]
    Level,
    /// Neither `HOME` nor `XDG_STATE_HOME` is set.
    #[error("{VARIABLE} is set, but there is no home directory to keep the log in")]
    NoHome,
    /// The file can't be written.
    #[error("the log {} can't be written: {}", path.display(), reason.in_words())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        reason: NotOwn,
    },
}

/// Starts the log, if one is asked for.
pub fn start(around: &Surroundings<'_>) -> Result<(), LoggingError> {
    let Some(level) = around.env(VARIABLE).filter(|value| !value.is_empty()) else {
        return Ok(());
    };
    let level =
        level.to_str().and_then(|text| LevelFilter::from_str(text).ok()).ok_or(LoggingError::Level)?;
    if level == LevelFilter::OFF {
        return Ok(());
    }
    let path = state_dir(around).ok_or(LoggingError::NoHome)?.join("arv-admin.log");
    let file = open(&path).map_err(|reason| LoggingError::File { path, reason })?;
    let filter = EnvFilter::new(format!("arv_admin={level}"));
    // Fails if there is one already, which is as good.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .try_init();
    Ok(())
}

fn open(path: &Path) -> Result<File, NotOwn> {
    let file = open_own(path, Wanted::Append)?;
    // One that was there may have been open to the eyes of others.
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}
