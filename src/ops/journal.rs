//! The journal: what was done, to whom, and what was there before. JSON lines in the state directory,
//! readable by nobody else, and never a secret in it.

use std::path::PathBuf;
use std::sync::Arc;

/// Where applied changes are written down.
#[derive(Debug, Clone)]
pub struct Journal {
    path: Option<Arc<PathBuf>>,
}

impl Journal {
    /// Keeps the journal in this file, made if needed with mode 0600.
    pub fn at(path: PathBuf) -> Self {
        Self { path: Some(Arc::new(path)) }
    }

    /// Keeps none: the demo cluster's changes matter to nobody.
    pub fn none() -> Self {
        Self { path: None }
    }

    /// Where it is.
    pub fn path(&self) -> Option<&PathBuf> {
        self.path.as_deref()
    }
}
