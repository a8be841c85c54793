//! A proxy between the program and its server that notes when what went through.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

/// What marks a request for a page of users.
const USERS: &str = "/arvados/v1/users?";

/// What went through.
#[derive(Default)]
pub struct Seen {
    /// When the first page of users was asked for.
    pub asked: Option<Instant>,
    /// When the first bytes of its answer came.
    pub answered: Option<Instant>,
    /// How many requests only read.
    pub reads: usize,
    /// How many change something.
    pub writes: usize,
    /// The pages of users that were asked for, connection by connection: path and query.
    pub pages: Vec<Vec<String>>,
}

/// A proxy for as long as the process lives.
pub struct Proxy {
    /// Where it listens.
    pub addr: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

impl Proxy {
    /// Starts one in front of a server.
    pub fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = listener.local_addr()?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(upstream) = TcpStream::connect(server) else { continue };
                let index = {
                    let mut seen = kept.lock().unwrap();
                    seen.pages.push(Vec::new());
                    seen.pages.len() - 1
                };
                for stream in [&client, &upstream] {
                    stream.set_nodelay(true).unwrap();
                }
                let (c, u) = (client.try_clone().unwrap(), upstream.try_clone().unwrap());
                let requests = Arc::clone(&kept);
                thread::spawn(move || copy(client, upstream, |bytes| note_request(&requests, index, bytes)));
                let answers = Arc::clone(&kept);
                thread::spawn(move || copy(u, c, |_| note_answer(&answers, index)));
            }
        });
        Ok(Self { addr, seen })
    }

    /// What went through since this was asked last.
    pub fn take(&self) -> Seen {
        let mut seen = self.seen.lock().unwrap();
        let connections = seen.pages.len();
        let taken = std::mem::take(&mut *seen);
        seen.pages = vec![Vec::new(); connections];
        taken
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, mut note: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        note(&buffer[..read]);
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    // The other side may have gone first.
    let _ = to.shutdown(Shutdown::Write);
}

/// Heads of requests are small and sent whole, so that each begins a piece; a piece that begins with something
/// else is a body.
fn note_request(seen: &Mutex<Seen>, index: usize, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut words = text.lines().next().unwrap_or_default().split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return };
    if !path.starts_with("/arvados/v1/") {
        return;
    }
    let mut seen = seen.lock().unwrap();
    // Long queries travel as bodies.
    if method == "GET" || text.to_lowercase().contains("x-http-method-override: get") {
        seen.reads += 1;
    } else {
        seen.writes += 1;
    }
    if path.starts_with(USERS) {
        seen.asked.get_or_insert_with(Instant::now);
        seen.pages[index].push(path.to_owned());
    }
}

fn note_answer(seen: &Mutex<Seen>, index: usize) {
    let mut seen = seen.lock().unwrap();
    if !seen.pages[index].is_empty() {
        seen.answered.get_or_insert_with(Instant::now);
    }
}
