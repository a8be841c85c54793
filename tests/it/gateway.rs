//! What gateways before a demo cluster have in common: they serve beside the test, and pass requests on.

use axum::Router;
use axum::body::Bytes;
use axum::http::request::Parts;
use std::net::SocketAddr;

/// Serves until the test is over.
pub fn serve(app: Router) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, app).await
        })
    });
    address
}

/// A request taken apart.
pub async fn taken(request: axum::extract::Request) -> (Parts, Bytes) {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (head, body)
}

/// Asks the cluster the same.
pub async fn passed_on(
    http: &reqwest::Client,
    cluster: &str,
    head: &Parts,
    body: Bytes,
) -> reqwest::Response {
    let path = head.uri.path_and_query().unwrap().as_str();
    let mut sent = http.request(head.method.clone(), format!("{cluster}{path}"));
    for name in ["authorization", "content-type", "x-http-method-override", "x-request-id"] {
        if let Some(value) = head.headers.get(name) {
            sent = sent.header(name, value);
        }
    }
    sent.body(body).send().await.unwrap()
}
