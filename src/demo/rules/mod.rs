//! The server's rules for writing: what is refused, and what else a write brings about.

pub mod common;
pub mod groups;
pub mod keys;
pub mod links;
pub mod merge;
pub mod users;
