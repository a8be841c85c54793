//! Starts the screen or a subcommand.

fn main() {}
