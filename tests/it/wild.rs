//! A server that is no Arvados: it answers whatever a test wants, as long as somebody listens.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What it was asked: whole heads of requests.
#[derive(Clone, Default)]
pub struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    pub fn note(&self, head: &str) {
        self.0.lock().unwrap().push(head.to_owned());
    }

    pub fn heads(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Serves, one answer a connection; `answer` writes it, head and all, to a request that begins with the
/// given line.
pub fn serve(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> (SocketAddr, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Asked::default();
    let written = asked.clone();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let (answer, written) = (answer.clone(), written.clone());
            thread::spawn(move || {
                let Some(head) = read_head(&client) else { return };
                written.note(&head);
                let mut client = client;
                answer(head.lines().next().unwrap_or_default(), &mut client);
            });
        }
    });
    (address, asked)
}

/// Serves the same JSON whatever it is asked.
pub fn serve_json(status: &'static str, body: String) -> (SocketAddr, Asked) {
    serve(move |_, client| {
        send(client, status, "Content-Type: application/json\r\n", body.as_bytes());
    })
}

/// An answer of known length. Who does not listen to its end is no concern here.
pub fn send(client: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = client.write_all(head.as_bytes()).and_then(|()| client.write_all(body));
}

/// Reads a request, its body too.
fn read_head(client: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(client);
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<u64>().ok())?
    });
    std::io::copy(&mut reader.by_ref().take(length.unwrap_or(0)), &mut std::io::sink()).ok()?;
    Some(head)
}
