//! The HTTP in front of the cluster: requests in, faults, what was seen, replies out.

use super::cluster::{Cluster, Incoming, Reply};
use super::faults::{self, Fault, Faults};
use super::wire::Line;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header, request};
use axum::response::Response;
use futures::{StreamExt, future, stream};
use serde_json::json;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// How many requests are remembered.
const MAX_SEEN: usize = 10_000;
/// How much is remembered of a body: there may be thousands of 128 MB.
const MAX_SEEN_BODY: usize = 1 << 20;

/// A request that came, for tests to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    pub path: String,
    /// The query, decoded: `name=value&…`.
    pub query: String,
    /// The body as text, its first megabyte; a form decoded like the query.
    pub body: String,
    /// The UUID of the token it came with, if that was good.
    pub token: Option<String>,
    /// What was answered; `None` where no answer was sent.
    pub status: Option<u16>,
    pub request_id: String,
}

/// What every request needs.
pub struct Shared {
    pub cluster: Cluster,
    pub faults: Faults,
    seen: Mutex<VecDeque<Seen>>,
}

impl Shared {
    pub fn new(cluster: Cluster) -> Self {
        Self { cluster, faults: Faults::default(), seen: Mutex::default() }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub fn forget_seen(&self) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn see(&self, seen: Seen) {
        let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == MAX_SEEN {
            all.pop_front();
        }
        all.push_back(seen);
    }
}

/// Takes one request. What the cluster answers is dated by its clock; what answers in its place, by the
/// machine's.
pub async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let mut response = answer(&shared, &line, request).await;
    let date = shared.cluster.now().http_date();
    let is_own = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if let Ok(date) = HeaderValue::from_str(&date)
        && is_own
    {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

async fn answer(shared: &Shared, line: &Line, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let most = shared.cluster.read().settings.max_request_size;
    let Ok(body) = to_bytes(body, most).await else {
        // Of a form the controller says so itself; of JSON it says that it can't be read. A gateway in front of
        // it, which most clusters have, would answer 413 to both.
        let status =
            if is_form(&parts.headers) { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST };
        return plain(status, "application/json", r#"{"errors":["http: request body too large"]}"#);
    };
    let trouble = shared.faults.trouble(parts.method.as_str(), parts.uri.path());
    faults::wait(trouble.latency).await;
    let mut seen = seen(shared, &parts, &body);
    if let Some(refusal) = trouble.fault.and_then(|fault| refusal(fault, &seen.request_id)) {
        seen.status = Some(refusal.status().as_u16());
        shared.see(seen);
        return refusal;
    }
    match trouble.fault {
        Some(Fault::Stall) => {
            shared.see(seen);
            line.ended().await;
            return Response::default();
        }
        Some(Fault::ResetBefore) => {
            shared.see(seen);
            line.reset();
            return Response::default();
        }
        _ => {}
    }
    let incoming = incoming(&parts, &body, &seen.request_id);
    let reply = match trouble.fault {
        Some(Fault::Pretence) => shared.cluster.pretend(&incoming),
        _ => shared.cluster.answer(&incoming),
    };
    seen.token = reply.token.map(|uuid| uuid.to_string());
    seen.status = Some(reply.status);
    match trouble.fault {
        Some(Fault::ResetAfter) => {
            seen.status = None;
            shared.see(seen);
            line.reset();
            Response::default()
        }
        Some(Fault::TruncatedBody) => {
            shared.see(seen);
            truncated(&reply)
        }
        _ => {
            shared.see(seen);
            whole(reply)
        }
    }
}

fn text_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn is_form(headers: &HeaderMap) -> bool {
    text_of(headers, "content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
}

fn incoming<'a>(parts: &'a request::Parts, body: &'a [u8], request_id: &'a str) -> Incoming<'a> {
    Incoming {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        instead: text_of(&parts.headers, "x-http-method-override"),
        authorization: text_of(&parts.headers, "authorization"),
        content_type: text_of(&parts.headers, "content-type"),
        request_id: Some(request_id),
        body,
    }
}

fn seen(shared: &Shared, parts: &request::Parts, body: &Bytes) -> Seen {
    let body = &body[..body.len().min(MAX_SEEN_BODY)];
    Seen {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: decoded(parts.uri.query().unwrap_or_default().as_bytes()),
        body: if is_form(&parts.headers) {
            decoded(body)
        } else {
            String::from_utf8_lossy(body).into_owned()
        },
        token: None,
        status: None,
        request_id: shared.cluster.request_id(text_of(&parts.headers, "x-request-id")),
    }
}

fn decoded(form: &[u8]) -> String {
    url::form_urlencoded::parse(form)
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

/// The answer of a fault that answers without asking the cluster.
fn refusal(fault: Fault, request_id: &str) -> Option<Response> {
    let refused = |status: StatusCode, text: &str| {
        let errors = json!({ "errors": [format!("{text} ({request_id})")] });
        named(plain(status, "application/json", &errors.to_string()), request_id)
    };
    Some(match fault {
        Fault::Unauthorized => refused(StatusCode::UNAUTHORIZED, "Not logged in"),
        Fault::Forbidden => refused(StatusCode::FORBIDDEN, "Forbidden"),
        Fault::NotFound => refused(StatusCode::NOT_FOUND, "Path not found"),
        Fault::TooManyRequests { retry_after } => {
            let mut response = refused(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
            response
        }
        Fault::ServerError => refused(StatusCode::INTERNAL_SERVER_ERROR, "PG::TRDeadlockDetected"),
        Fault::Unavailable => plain(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", ""),
        Fault::HtmlBody => plain(
            StatusCode::OK,
            "text/html",
            "<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n",
        ),
        Fault::Latency { .. }
        | Fault::Stall
        | Fault::ResetBefore
        | Fault::ResetAfter
        | Fault::TruncatedBody
        | Fault::Pretence => return None,
    })
}

fn plain(status: StatusCode, kind: &'static str, body: &str) -> Response {
    let mut response = Response::new(Body::from(body.to_owned()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn named(mut response: Response, request_id: &str) -> Response {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

fn head(reply: &Reply, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    named(response, &reply.request_id)
}

fn whole(mut reply: Reply) -> Response {
    let body = std::mem::take(&mut reply.body);
    head(&reply, Body::from(body))
}

/// Promises the whole body, sends half, and breaks off.
fn truncated(reply: &Reply) -> Response {
    let length = reply.body.len();
    let half = Bytes::copy_from_slice(&reply.body[..length / 2]);
    let sent = stream::once(future::ready(Ok(half)));
    let broken = sent.chain(stream::once(async {
        // What was given is written out while the body makes one wait; the error then drops the rest.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::BrokenPipe))
    }));
    let mut response = head(reply, Body::from_stream(broken));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}
