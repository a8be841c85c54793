//! The demo cluster: a real HTTP server on loopback.
