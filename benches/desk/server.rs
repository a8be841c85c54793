//! A demo cluster in a process of its own: what it does is not done by what is measured.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A demo cluster, ready to answer; it ends when this is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub addr: SocketAddr,
    /// An admin's token.
    pub token: String,
}

impl Server {
    /// Starts one with so many users.
    pub fn start(program: &Path, users: usize) -> Self {
        let mut child = Command::new(program)
            .args(["demo-server", "--users", &users.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut value = |name: &str| {
            let line = lines.next().unwrap().unwrap();
            line.strip_prefix(name).unwrap().to_owned()
        };
        let addr = value("ARVADOS_API_HOST=http://").parse().unwrap();
        let token = value("ARVADOS_API_TOKEN=");
        Self { child, addr, token }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
