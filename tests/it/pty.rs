//! A terminal with nothing of the developer's: what every program in one starts from.

use crate::world::World;
use std::path::Path;
use std::time::Duration;
use termlens::{Terminal, TerminalBuilder};

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_arv-admin");

/// Of this size, with this home.
pub fn empty(columns: u16, rows: u16, home: &Path) -> TerminalBuilder {
    Terminal::builder()
        .size(columns, rows)
        .env_clear()
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .env("HOME", home)
        .timeout(Duration::from_secs(60))
}

/// The same for a shell that says when it is ready, and finds other programs.
pub fn shell(columns: u16, rows: u16) -> TerminalBuilder {
    let path = std::env::var("PATH").unwrap_or_default();
    empty(columns, rows, Path::new("/nonexistent")).env("PS1", "shell> ").env("PATH", path)
}

/// With a cluster and a token in its environment.
pub fn at(host: &str, token: &str, (columns, rows): (u16, u16), home: &Path) -> TerminalBuilder {
    empty(columns, rows, home).env("ARVADOS_API_HOST", host).env("ARVADOS_API_TOKEN", token)
}

/// The same, for the admin of a demo cluster.
pub fn admin(world: &World, size: (u16, u16), home: &Path) -> TerminalBuilder {
    at(&world.demo.url(), world.demo.admin_token(), size, home)
}

/// Starts a program in GNU screen, which keeps what it has in this directory and reads no settings.
pub fn in_screen(terminal: TerminalBuilder, directory: &Path, program: &[&str]) -> Terminal {
    let terminal = terminal.env("SCREENDIR", directory).args(["-U", "-c", "/dev/null", "-m"]);
    terminal.args(program).spawn("screen").unwrap()
}
