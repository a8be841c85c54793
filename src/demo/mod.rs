//! The demo cluster: a real HTTP server on loopback that follows an Arvados cluster's rules. It knows
//! nothing of the program that uses it: an emulator that shared types with the client would repeat the
//! client's mistakes.

pub mod clock;
pub mod record;
pub mod seed;
pub mod store;
pub mod table;
pub mod uuid;

/// With what the demo cluster starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Only the system and anonymous users, as a cluster just installed.
    Empty,
    /// A believable institute of about this many users.
    Institute { users: usize },
}
