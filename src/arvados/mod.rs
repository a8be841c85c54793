//! The only place that knows HTTP and the API's JSON. [`client::Client`] reads and retries;
//! [`writer::Writer`] writes, once, and exists only where writing is allowed. One file per resource
//! says which columns are asked for and turns records of the wire into those of [`crate::model`].

mod authorities;
pub mod authorized_keys;
pub mod budget;
pub mod client;
mod clock;
pub mod cluster;
pub mod connection;
pub mod containers;
pub mod contents;
mod decode;
pub mod error;
pub mod groups;
mod hearing;
mod limit;
pub mod links;
pub mod logs;
pub mod lost;
mod mend;
mod paging;
pub mod query;
pub mod request;
pub mod stranger;
pub mod tokens;
mod transport;
pub mod unread;
pub mod users;
pub mod virtual_machines;
mod wiped;
pub mod writer;
