//! A wire between the program and a server, on which everything the program sends is written down, its
//! headers too.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What was sent so far.
#[derive(Clone, Default)]
pub struct Sent(Arc<Mutex<Vec<u8>>>);

impl Sent {
    /// All of it.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }

    /// All of it but the headers that may hold a secret.
    pub fn text_without_authorization(&self) -> String {
        let is_other = |line: &&str| !line.to_ascii_lowercase().starts_with("authorization:");
        self.text().lines().filter(is_other).collect::<Vec<_>>().join("\n")
    }
}

/// Listens on an address of its own for what is meant for `server`.
pub fn tap(server: SocketAddr) -> (SocketAddr, Sent) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let sent = Sent::default();
    let written = sent.clone();
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let Ok(server) = TcpStream::connect(server) else { break };
            let (back_from, back_to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let written = written.clone();
            thread::spawn(move || pass(client, server, |bytes| written.0.lock().unwrap().extend(bytes)));
            thread::spawn(move || pass(back_from, back_to, |_| {}));
        }
    });
    (address, sent)
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut see: impl FnMut(&[u8])) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        see(&buffer[..read]);
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    // Who is gone already needs no telling.
    let _ = to.shutdown(Shutdown::Write);
}
