//! Administer the users of an Arvados cluster, on the screen and from scripts.
//!
//! | module | what it is |
//! |---|---|
//! | [`model`] | records as the program means them |
//! | [`arvados`] | HTTP and the API's JSON |
//! | [`ops`] | use cases: reads, and intent, survey, plan, confirmation, application |
//! | [`app`] | the pure core of the screen |
//! | [`cli`] | the command line |
//! | [`config`] | where host and token come from |
//! | [`logging`] | the log file |
//! | [`tui`] | terminal, loop, tasks and drawing |
//! | [`program`] | starts the screen or a subcommand |
//! | [`own_file`] | files that must be this user's own |
//! | [`seal`] | no core files, and nobody else's eyes |
//! | [`secret`] | what must not be shown |
//! | [`timer`] | the time, and waiting for it |
//! | [`demo`] | a demo cluster: a real server, sharing no type with the client |

pub mod app;
pub mod arvados;
pub mod cli;
pub mod config;
pub mod demo;
pub mod logging;
pub mod model;
pub mod ops;
pub mod own_file;
pub mod program;
pub mod seal;
pub mod secret;
pub mod timer;
pub mod tui;
