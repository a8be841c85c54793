//! What lies above the panes and takes the keyboard: dialogs, forms, menus. Each has its state and its
//! update in a file of its own.

use crate::app::context::Context;

/// What lies above the panes.
#[derive(Debug)]
pub enum Overlay {
    /// The keys that work below it.
    Help,
}

impl Overlay {
    /// By what its keys are read.
    pub fn context(&self) -> Context {
        match self {
            Self::Help => Context::Reading,
        }
    }
}
