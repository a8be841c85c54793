//! What a page of 60 MB costs: names and properties that somebody wrote at length, in every row of it.

use crate::figure::{most, print};
use crate::program;
use crate::server::Server;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

/// Bytes of such a page.
const PAGE: usize = 60 << 20;

/// Megabytes: an eighth of what the worst of them took when a page was read whole, 1437 MB.
const TARGET: f64 = 180.0;

/// What is long in which list.
#[derive(Clone, Copy)]
struct Long {
    resource: &'static str,
    column: &'static str,
}

/// Where everything else comes from.
struct Gateway {
    server: String,
    http: reqwest::Client,
    long: Long,
    /// How long a row is, by the first page: fewer rows make a shorter one.
    each: OnceLock<usize>,
}

/// Measures the program on each of them.
pub fn figures(server: &Server) {
    // The key exchange is not part of it: the server speaks plain HTTP.
    rustls::crypto::ring::default_provider().install_default().ok();
    let users = Long { resource: "users", column: "first_name" };
    let logs = Long { resource: "logs", column: "properties" };
    let links = Long { resource: "links", column: "properties" };
    let whose = user(server);
    measure(server, users, "users", &["users", "list"]);
    measure(server, logs, "log records", &["tokens", "list", &whose]);
    measure(server, links, "links", &["logins", "list"]);
}

fn measure(server: &Server, long: Long, name: &str, command: &[&str]) {
    let address = gateway(server, long);
    let state = std::env::temp_dir().join(format!("arv-admin-figures-{}", std::process::id()));
    let mut child = Command::new(program())
        .args(command)
        .env("ARVADOS_API_HOST", format!("http://{address}"))
        .env("ARVADOS_API_TOKEN", &server.token)
        .env("XDG_STATE_HOME", &state)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // What a process took at most is told while it lives, and for a moment when it has ended.
    let mut peak = None;
    while child.try_wait().unwrap().is_none() {
        peak = at_most(child.id()).or(peak);
        thread::sleep(Duration::from_millis(2));
    }
    fs::remove_dir_all(state).ok();
    let what = format!("peak memory where a page of {name} has 60 MB");
    match peak {
        Some(peak) => print(&what, peak, most(TARGET, "MB")),
        None => println!("{what}: not measured here, there is no /proc"),
    }
}

/// Megabytes that a process took at most so far, where the system tells.
fn at_most(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1_024.0)
}

/// Somebody with tokens.
fn user(server: &Server) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let filters =
            r#"[["object_uuid","is_a","arvados#apiClientAuthorization"],["event_type","=","create"]]"#;
        let url = format!("http://{}/arvados/v1/logs", server.addr);
        let asked = reqwest::Client::new().get(url).query(&[("filters", filters), ("limit", "1")]);
        let answer = asked.bearer_auth(&server.token).send().await.unwrap().bytes().await.unwrap();
        let page: Value = serde_json::from_slice(&answer).unwrap();
        page["items"][0]["object_owner_uuid"].as_str().unwrap().to_owned()
    })
}

/// Starts one that serves as long as this process lives.
fn gateway(server: &Server, long: Long) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let gateway = Gateway {
        server: format!("http://{}", server.addr),
        http: reqwest::Client::new(),
        long,
        each: OnceLock::new(),
    };
    let app = Router::new().fallback(pass).with_state(Arc::new(gateway));
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), app).await.unwrap();
        });
    });
    address
}

async fn pass(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let path = head.uri.path_and_query().unwrap().as_str();
    let asked = format!("{path}&{}", String::from_utf8_lossy(&body));
    let mut sent = gateway.http.request(head.method, format!("{}{path}", gateway.server));
    for name in ["authorization", "content-type", "x-http-method-override", "x-request-id"] {
        if let Some(value) = head.headers.get(name) {
            sent = sent.header(name, value);
        }
    }
    let answer = sent.body(body).send().await.unwrap();
    let (status, date) = (answer.status(), answer.headers().get("date").cloned());
    let answer = answer.bytes().await.unwrap();
    let Long { resource, column } = gateway.long;
    let is_long = head.uri.path() == format!("/arvados/v1/{resource}") && asked.contains(column);
    let body = if is_long { lengthened(&answer, column, &gateway.each) } else { answer.to_vec() };
    let mut given = Response::builder().status(status).header("Content-Type", "application/json");
    if let Some(date) = date {
        given = given.header("Date", date);
    }
    given.body(Body::from(body)).unwrap()
}

/// The same page with a long column in every row: a text, or as many small members as take that room.
fn lengthened(page: &[u8], column: &str, each: &OnceLock<usize>) -> Vec<u8> {
    let mut page: Value = serde_json::from_slice(page).unwrap();
    let rows = page["items"].as_array_mut().unwrap();
    if rows.is_empty() {
        return page.to_string().into_bytes();
    }
    let each = *each.get_or_init(|| PAGE / rows.len());
    for row in rows.iter_mut() {
        row[column] = "@@".into();
    }
    let value = if column == "properties" {
        let members = (0..each / 20).map(|at| format!("\"k{at}\":[{at}]"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    } else {
        format!("\"{}\"", "n".repeat(each))
    };
    page.to_string().replace("\"@@\"", &value).into_bytes()
}
