//! The shell around the pure core: the terminal, the event loop, the tasks, the keys and the drawing.

pub mod layout;
pub mod theme;
pub mod view;
