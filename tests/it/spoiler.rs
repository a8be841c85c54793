//! A gateway between the program and a demo cluster that puts something else in the place of one field of one
//! record, wherever that record is answered.

use crate::gateway;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What is put where.
#[derive(Debug, Clone)]
pub struct Spoil {
    /// The first part of the path, such as `users`.
    pub resource: String,
    pub field: String,
    pub with: Shape,
}

/// What stands in a field then, as JSON; nothing where it is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Absent,
    Json(&'static str),
    Long,
    Deep,
}

impl Shape {
    pub const ALL: [Self; 12] = [
        Self::Absent,
        Self::Json("null"),
        Self::Json("12345"),
        Self::Json("1e999"),
        Self::Json("true"),
        Self::Json("\"odd\\u001b[2J\""),
        Self::Json("\"9999-12-31T23:59:59Z\""),
        Self::Json("\"\\ud800\""),
        Self::Json("[1,null,\"x\"]"),
        Self::Json("{\"a\":{\"b\":1}}"),
        Self::Long,
        Self::Deep,
    ];

    fn json(self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Json(json) => Some(json.to_owned()),
            Self::Long => Some(format!("\"{}\"", "long ".repeat(20_000))),
            Self::Deep => Some(format!("{}1{}", "[{\"a\":".repeat(300), "}]".repeat(300))),
        }
    }
}

/// The gateway: what it spoils, and which fields it saw.
#[derive(Clone)]
pub struct Spoiler {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    cluster: String,
    http: reqwest::Client,
    spoil: Mutex<Option<Spoil>>,
    seen: Mutex<BTreeSet<(String, String)>>,
    bytes: AtomicUsize,
    /// The UUID of the record that is spoilt, once one was.
    victim: Mutex<Option<String>>,
    /// The records whose UUIDs are taken away.
    nameless: Mutex<BTreeSet<String>>,
    /// At most so many rows a page.
    page: Mutex<Option<usize>>,
    /// What the clock of the cluster shows instead of the time.
    shows: Mutex<Option<&'static str>>,
    /// A text that is put in the place of another, whatever comes of it.
    blot: Mutex<Option<(String, String)>>,
    /// Whether changes are answered with 500 although they are carried out; but for what is made of this resource.
    fails: Mutex<Option<&'static str>>,
}

impl Spoiler {
    /// Before this cluster.
    pub fn before(cluster: SocketAddr, http: reqwest::Client) -> Self {
        let shared = Arc::new(Shared {
            cluster: format!("http://{cluster}"),
            http,
            spoil: Mutex::default(),
            seen: Mutex::default(),
            bytes: AtomicUsize::default(),
            victim: Mutex::default(),
            nameless: Mutex::default(),
            page: Mutex::default(),
            shows: Mutex::default(),
            blot: Mutex::default(),
            fails: Mutex::default(),
        });
        let address = gateway::serve(Router::new().fallback(pass).with_state(shared.clone()));
        Self { address, shared }
    }

    pub fn spoil(&self, spoil: Option<Spoil>) {
        *self.shared.spoil.lock().unwrap() = spoil;
        *self.shared.victim.lock().unwrap() = None;
    }

    /// What the clock of the cluster shows from now on.
    pub fn show_date(&self, date: Option<&'static str>) {
        *self.shared.shows.lock().unwrap() = date;
    }

    /// Puts one text in the place of another wherever it is answered: what comes of it need be no JSON.
    pub fn blot(&self, blot: Option<(&str, &str)>) {
        *self.shared.blot.lock().unwrap() = blot.map(|(from, to)| (from.to_owned(), to.to_owned()));
    }

    /// The same, of this record.
    pub fn spoil_record(&self, uuid: &str, spoil: Spoil) {
        self.spoil(Some(spoil));
        *self.shared.victim.lock().unwrap() = Some(format!("\"{uuid}\""));
    }

    /// Takes the UUIDs of these records away, and lets the server say that it gives so many rows a page.
    pub fn unname(&self, uuids: &[String], page: usize) {
        *self.shared.nameless.lock().unwrap() = uuids.iter().map(|uuid| format!("\"{uuid}\"")).collect();
        *self.shared.page.lock().unwrap() = Some(page);
    }

    /// From now on changes are carried out and answered with 500, but for `POST`s of this resource.
    pub fn fail_changes_but_making(&self, resource: Option<&'static str>) {
        *self.shared.fails.lock().unwrap() = resource;
    }

    /// How many bytes of bodies were answered since the last time.
    pub fn take_bytes(&self) -> usize {
        self.shared.bytes.swap(0, Ordering::Relaxed)
    }

    /// The fields of records that were answered since the last time, each with its resource.
    pub fn take_seen(&self) -> BTreeSet<(String, String)> {
        std::mem::take(&mut self.shared.seen.lock().unwrap())
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (head, body) = gateway::taken(request).await;
    let path = head.uri.path();
    let resource = path.trim_start_matches("/arvados/v1/").split('/').next().unwrap().to_owned();
    let is_read = head.method == "GET"
        || head.headers.contains_key("x-http-method-override")
        || std::str::from_utf8(&body).is_ok_and(|body| body.contains("_method=GET"));
    let fails = shared.fails.lock().unwrap().filter(|_| !is_read);
    let fails = fails.is_some_and(|made| head.method != "POST" || resource != made);
    let answer = gateway::passed_on(&shared.http, &shared.cluster, &head, body).await;
    let status = answer.status();
    let shows = shared.shows.lock().unwrap().map(axum::http::HeaderValue::from_static);
    let date = shows.or_else(|| answer.headers().get("date").cloned());
    let body = answer.bytes().await.unwrap();
    shared.bytes.fetch_add(body.len(), Ordering::Relaxed);
    if fails && status.is_success() {
        let body = r#"{"errors":["//railsapi.internal/x: 500 Internal Server Error: can't be read back"]}"#;
        return answered(500, date, body.into());
    }
    let body = if status.is_success() { shared.look(&resource, &body) } else { body.to_vec() };
    let body = match &*shared.blot.lock().unwrap() {
        Some((from, to)) => String::from_utf8(body).unwrap().replace(from, to).into_bytes(),
        None => body,
    };
    answered(status.as_u16(), date, body.into())
}

/// With the server's own date: its clock is not that of this machine.
fn answered(status: u16, date: Option<axum::http::HeaderValue>, body: Body) -> Response {
    let mut answer = Response::builder().status(status).header("Content-Type", "application/json");
    if let Some(date) = date {
        answer = answer.header("Date", date);
    }
    answer.body(body).unwrap()
}

type Fields = BTreeMap<String, Box<RawValue>>;

impl Shared {
    fn look(&self, resource: &str, body: &[u8]) -> Vec<u8> {
        let Ok(mut whole) = serde_json::from_slice::<Fields>(body) else { return body.to_vec() };
        if let (Some(rows), "config") = (*self.page.lock().unwrap(), resource) {
            let field = "API.MaxItemsPerResponse";
            return json(&with(whole, field, Some(rows.to_string())));
        }
        self.take_names(&mut whole);
        let spoil = self.spoil.lock().unwrap().clone();
        let spoil = spoil.filter(|spoil| spoil.resource == resource);
        let items =
            whole.get("items").and_then(|items| serde_json::from_str::<Vec<Fields>>(items.get()).ok());
        let Some(mut rows) = items else {
            self.note(resource, &whole);
            return match spoil {
                Some(spoil) if self.is_victim(&whole) => json(&spoiled(whole, &spoil)),
                Some(_) | None => body.to_vec(),
            };
        };
        if let Some(first) = rows.first() {
            self.note(resource, first);
        }
        let Some(spoil) = spoil else { return json(&whole) };
        // One record, wherever it is answered.
        if let Some(which) = rows.iter().position(|row| self.is_victim(row)) {
            let row = std::mem::take(&mut rows[which]);
            let text: Vec<String> = rows.iter().map(|row| String::from_utf8(json(row)).unwrap()).collect();
            let mut text = text;
            text[which] = String::from_utf8(json(&spoiled(row, &spoil))).unwrap();
            whole.insert("items".to_owned(), RawValue::from_string(format!("[{}]", text.join(","))).unwrap());
        }
        json(&whole)
    }

    fn take_names(&self, whole: &mut Fields) {
        let nameless = self.nameless.lock().unwrap();
        let items = whole.get("items").filter(|_| !nameless.is_empty());
        let items = items.and_then(|items| serde_json::from_str::<Vec<Fields>>(items.get()).ok());
        let Some(mut rows) = items else { return };
        for row in &mut rows {
            if row.get("uuid").is_some_and(|uuid| nameless.contains(uuid.get())) {
                row.insert("uuid".to_owned(), RawValue::from_string("null".to_owned()).unwrap());
            }
        }
        whole.insert(
            "items".to_owned(),
            RawValue::from_string(serde_json::to_string(&rows).unwrap()).unwrap(),
        );
    }

    /// Whether this is the record that is spoilt: the first that is answered.
    fn is_victim(&self, row: &Fields) -> bool {
        let Some(uuid) = row.get("uuid") else { return true };
        let mut victim = self.victim.lock().unwrap();
        *victim.get_or_insert_with(|| uuid.get().to_owned()) == uuid.get()
    }

    fn note(&self, resource: &str, row: &Fields) {
        let mut seen = self.seen.lock().unwrap();
        for (field, value) in row {
            seen.insert((resource.to_owned(), field.clone()));
            // What stands in the properties of a link or a log record is read as well.
            if let (true, Ok(Value::Object(within))) =
                (field == "properties", serde_json::from_str::<Value>(value.get()))
            {
                for (name, value) in within {
                    seen.insert((resource.to_owned(), format!("properties.{name}")));
                    for within in value.as_object().into_iter().flat_map(|value| value.keys()) {
                        seen.insert((resource.to_owned(), format!("properties.{name}.{within}")));
                    }
                }
            }
        }
    }
}

/// The record with something else in a field, which may be one within.
fn spoiled(row: Fields, spoil: &Spoil) -> Fields {
    with(row, &spoil.field, spoil.with.json())
}

fn with(mut row: Fields, field: &str, json_text: Option<String>) -> Fields {
    if let Some((outer, inner)) = field.split_once('.') {
        let within = row.get(outer).and_then(|within| serde_json::from_str::<Fields>(within.get()).ok());
        if let Some(within) = within {
            let text = String::from_utf8(json(&with(within, inner, json_text))).unwrap();
            row.insert(outer.to_owned(), RawValue::from_string(text).unwrap());
        }
        return row;
    }
    match json_text {
        None => drop(row.remove(field)),
        Some(text) => drop(row.insert(field.to_owned(), RawValue::from_string(text).unwrap())),
    }
    row
}

fn json(fields: &Fields) -> Vec<u8> {
    serde_json::to_vec(fields).unwrap()
}
