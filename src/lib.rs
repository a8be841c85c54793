//! Administer the users of an Arvados cluster, on the screen and from scripts.

pub mod demo;
pub mod model;
pub mod secret;
