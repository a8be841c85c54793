//! What lies above the panes and takes the keyboard: dialogs, forms, menus. Each has its state and its
//! update in a file of its own.

/// What lies above the panes.
#[derive(Debug)]
pub enum Overlay {
    /// The keys that work below it.
    Help,
}
