//! A server that speaks HTTP/2 over TLS in front of a demo cluster and does not deal fairly: it refuses a
//! request that is then as new, goes away when one is carried out, or lies about what it did.

use crate::http_client;
use crate::tls::certificate;
use axum::body::Bytes;
use axum::http::{Method, Request, Response};
use futures::stream::{FuturesUnordered, StreamExt};
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsAcceptor;

/// What it does to the requests that make or end tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dealing {
    /// The first that makes one is refused (`REFUSED_STREAM`), which the protocol says may be sent again.
    RefusesTheFirst,
    /// The first that makes one is carried out, but instead of an answer the connection goes away, and says that
    /// nothing was begun (`GOAWAY`).
    GoesAwayAfterTheFirst,
    /// What ends one is answered as if it were done.
    SaysItIsDeleted,
    /// What makes one is answered with another secret.
    GivesAnotherSecret(&'static str),
    /// What makes one is answered without a secret.
    GivesNoSecret,
}

/// The server.
pub struct TwoFaced {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    cluster: SocketAddr,
    http: reqwest::Client,
    dealing: Mutex<Option<Dealing>>,
    /// How many requests came to make a token.
    made: AtomicUsize,
}

#[derive(PartialEq, Eq)]
enum Then {
    GoOn,
    GoAway,
}

impl TwoFaced {
    /// Before this cluster; fair for now.
    pub fn before(cluster: SocketAddr) -> Self {
        let http = http_client();
        let chain = vec![CertificateDer::from_pem_file(certificate("server")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(certificate("key")).unwrap();
        let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let shared =
            Arc::new(Shared { cluster, http, dealing: Mutex::default(), made: AtomicUsize::default() });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let served = shared.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (acceptor, shared) = (acceptor.clone(), served.clone());
                std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(serve(client, &acceptor, &shared));
                });
            }
        });
        Self { address, shared }
    }

    /// From now on.
    pub fn deals(&self, dealing: Dealing) {
        self.shared.made.store(0, Ordering::SeqCst);
        *self.shared.dealing.lock().unwrap() = Some(dealing);
    }

    /// How many requests came since then to make a token.
    pub fn asked_to_make(&self) -> usize {
        self.shared.made.load(Ordering::SeqCst)
    }
}

async fn serve(client: TcpStream, acceptor: &TlsAcceptor, shared: &Shared) {
    client.set_nonblocking(true).unwrap();
    let client = tokio::net::TcpStream::from_std(client).unwrap();
    let Ok(tls) = acceptor.accept(client).await else { return };
    let Ok(mut connection) = h2::server::handshake(Forgetful(tls)).await else { return };
    let mut at_work = FuturesUnordered::new();
    loop {
        tokio::select! {
            next = connection.accept() => match next {
                Some(Ok((request, respond))) => at_work.push(answer(shared, request, respond)),
                Some(Err(_)) | None => break,
            },
            Some(then) = at_work.next() => {
                if then == Then::GoAway {
                    connection.abrupt_shutdown(Reason::NO_ERROR);
                }
            }
        }
    }
}

async fn answer(shared: &Shared, request: Request<RecvStream>, mut respond: SendResponse<Bytes>) -> Then {
    let (head, mut stream) = request.into_parts();
    let mut body = Vec::new();
    while let Some(Ok(piece)) = stream.data().await {
        let _ = stream.flow_control().release_capacity(piece.len());
        body.extend_from_slice(&piece);
    }
    let path = head.uri.path_and_query().unwrap().as_str();
    let is_read = head.headers.contains_key("x-http-method-override");
    let is_about_tokens = head.uri.path().contains("/api_client_authorizations") && !is_read;
    let makes = is_about_tokens && head.method == Method::POST;
    let ends = is_about_tokens && head.method == Method::DELETE;
    let nth = if makes { shared.made.fetch_add(1, Ordering::SeqCst) } else { 0 };
    let dealing = *shared.dealing.lock().unwrap();
    if makes && nth == 0 && dealing == Some(Dealing::RefusesTheFirst) {
        respond.send_reset(Reason::REFUSED_STREAM);
        return Then::GoOn;
    }
    let mut sent = shared.http.request(head.method, format!("http://{}{path}", shared.cluster));
    for name in ["authorization", "content-type", "x-http-method-override", "x-request-id"] {
        if let Some(value) = head.headers.get(name) {
            sent = sent.header(name, value);
        }
    }
    let lies = ends && dealing == Some(Dealing::SaysItIsDeleted);
    let (status, date, mut body) = if lies {
        (200, None, b"{}".to_vec())
    } else {
        let answer = sent.body(body).send().await.unwrap();
        let (status, date) = (answer.status().as_u16(), answer.headers().get("date").cloned());
        (status, date, answer.bytes().await.unwrap().to_vec())
    };
    if makes && nth == 0 && dealing == Some(Dealing::GoesAwayAfterTheFirst) {
        return Then::GoAway;
    }
    match dealing {
        Some(Dealing::GivesAnotherSecret(secret)) if makes => set_secret(&mut body, Some(secret)),
        Some(Dealing::GivesNoSecret) if makes => set_secret(&mut body, None),
        Some(_) | None => {}
    }
    let mut answer = Response::builder().status(status).header("Content-Type", "application/json");
    if let Some(date) = date {
        answer = answer.header("Date", date);
    }
    // Who does not listen to its end is no concern here.
    if let Ok(mut stream) = respond.send_response(answer.body(()).unwrap(), false) {
        let _ = stream.send_data(body.into(), true);
    }
    Then::GoOn
}

fn set_secret(body: &mut Vec<u8>, secret: Option<&str>) {
    let mut record: serde_json::Value = serde_json::from_slice(body).unwrap();
    record["api_token"] = secret.into();
    *body = serde_json::to_vec(&record).unwrap();
}

/// A connection that says, when it goes away, that it never saw a request: the library would say the truth.
struct Forgetful<S>(S);

/// The head of a `GOAWAY` frame: its length, its type, no flags, stream 0. The last stream that was seen follows.
const GOAWAY: [u8; 9] = [0, 0, 8, 7, 0, 0, 0, 0, 0];

impl<S: AsyncRead + Unpin> AsyncRead for Forgetful<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Forgetful<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut bytes = bytes.to_vec();
        if let Some(at) = bytes.windows(GOAWAY.len()).position(|frame| frame == GOAWAY) {
            bytes[at + GOAWAY.len()..][..4].fill(0);
        }
        Pin::new(&mut self.0).poll_write(context, &bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
