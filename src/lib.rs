//! Administer the users of an Arvados cluster, on the screen and from scripts.
//!
//! | module | what it is |
//! |---|---|
//! | [`model`] | records as the program means them |
//! | [`arvados`] | HTTP and the API's JSON |
//! | [`demo`] | a demo cluster: a real server, sharing no type with the client |

pub mod arvados;
pub mod demo;
pub mod model;
pub mod secret;
pub mod timer;
