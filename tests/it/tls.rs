//! The real thing on loopback: a server that speaks TLS in front of a demo cluster, and a proxy that connects,
//! refuses or is none.

use crate::wild::Asked;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

/// A certificate of `tests/it/certificates`, which `make.py` there describes.
pub fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/certificates").join(format!("{name}.pem"))
}

/// Serves with TLS, showing that certificate, what `backend` serves without.
pub fn front(name: &str, backend: SocketAddr) -> SocketAddr {
    let _known = rustls::crypto::ring::default_provider().install_default();
    let chain = vec![CertificateDer::from_pem_file(certificate(name)).unwrap()];
    let key = PrivateKeyDer::from_pem_file(certificate("key")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
    let config = Arc::new(config);
    listen(move |client| {
        let mut tls = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), client);
        // Who does not like the certificate goes away here.
        let Some(request) = read_request(&mut tls) else { return };
        let mut server = TcpStream::connect(backend).unwrap();
        let text = String::from_utf8_lossy(&request).replacen("\r\n", "\r\nConnection: close\r\n", 1);
        server.write_all(text.as_bytes()).unwrap();
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).unwrap();
        let _ = tls.write_all(&answer);
        tls.conn.send_close_notify();
        let _ = tls.flush();
    })
}

/// What a proxy does.
#[derive(Clone, Copy)]
pub enum Proxy {
    /// Connects.
    Connects,
    /// Connects those who give this in `Proxy-Authorization`; answers others 407.
    Wants(&'static str),
    /// Answers this, line and headers, and closes.
    Answers(&'static str),
    /// Says no to every other request, beginning with the first, and yes to the rest.
    Wavers,
    /// Never answers.
    IsSilent,
}

/// A proxy, and what it was asked.
pub fn proxy(kind: Proxy) -> (SocketAddr, Asked) {
    let asked = Asked::default();
    let written = asked.clone();
    let address = listen(move |mut client| {
        let Some(head) = read_request(&mut client) else { return };
        let head = String::from_utf8_lossy(&head).into_owned();
        written.note(&head);
        let refuses = match kind {
            Proxy::Connects => None,
            Proxy::Wants(login) if head.contains(&format!("Basic {login}\r\n")) => None,
            Proxy::Wants(_) => {
                Some("407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"")
            }
            Proxy::Answers(answer) => Some(answer),
            Proxy::Wavers if written.heads().len() % 2 == 1 => Some("403 Not now"),
            Proxy::Wavers => Some("200 Connection established"),
            Proxy::IsSilent => {
                let _ = client.read(&mut [0; 16]);
                return;
            }
        };
        if let Some(answer) = refuses {
            let start = if answer.starts_with(char::is_numeric) { "HTTP/1.1 " } else { "" };
            let _ = client.write_all(format!("{start}{answer}\r\nContent-Length: 0\r\n\r\n").as_bytes());
            return;
        }
        let to = head.split_whitespace().nth(1).unwrap();
        let server = TcpStream::connect(to).unwrap();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let (back_from, back_to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        thread::spawn(move || pass(back_from, back_to));
        pass(client, server);
    });
    (address, asked)
}

/// A server that closes every connection as soon as something comes.
pub fn closing() -> SocketAddr {
    listen(|mut client| {
        let _ = client.read(&mut [0; 16]);
        let _ = client.shutdown(Shutdown::Both);
    })
}

/// A server without TLS, as it answers to TLS.
pub fn plain() -> SocketAddr {
    listen(|mut client| {
        let _ = client.read(&mut [0; 1024]);
        let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    })
}

fn listen(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let serve = serve.clone();
            thread::spawn(move || serve(client));
        }
    });
    address
}

/// A request, head and body.
fn read_request(from: &mut impl Read) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = request.windows(4).position(|end| end == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if request.len() >= end + 4 + length.unwrap_or(0) {
                return Some(request);
            }
        }
        match from.read(&mut buffer) {
            Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
            Ok(0) | Err(_) => return None,
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
