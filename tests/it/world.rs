//! A demo cluster that starts with nothing, what tests put into it, and how they look at it: as root,
//! with HTTP of their own, so that no answer passes through what is tested.

use crate::http_client;
use arv_admin::arvados::client::{Client, Connection};
use arv_admin::arvados::writer::{Mode, WriteAccess};
use arv_admin::demo::Moment;
use arv_admin::demo::record::{Common, Token};
use arv_admin::demo::store::Store;
use arv_admin::demo::uuid::{Kind, Uuid};
use arv_admin::demo::{self, Contents, Demo, Options, Seen, Time};
use arv_admin::model::ids::{LinkUuid, TokenUuid, UserUuid, VmUuid};
use arv_admin::model::token::TokenList;
use arv_admin::ops::apply::{StopFlag, apply};
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::confirm::{Answer, Confirmed, Review};
use arv_admin::ops::intent::Intent;
use arv_admin::ops::journal::Journal;
use arv_admin::ops::plan::Plan;
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::ops::report::{ApplyReport, Issued, Item, Product, Progress};
use arv_admin::secret::Secret;
use arv_admin::timer::ManualTime;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::str::FromStr;
use std::sync::Mutex;
use std::time::Duration;

/// When the tests take place.
pub const START: &str = "2026-11-24T10:42:00Z";

/// A token as its owner holds it.
#[derive(Clone)]
pub struct Held {
    pub uuid: TokenUuid,
    pub v2: String,
    pub secret: String,
}

pub struct World {
    pub demo: Demo,
    pub time: ManualTime,
    http: reqwest::Client,
}

impl World {
    pub async fn empty() -> Self {
        Self::with_contents(Contents::Empty).await
    }

    /// Another one with nothing, that is looked at with the same HTTP: what is dear to make is made once.
    pub async fn another(&self) -> Self {
        let start = START.parse().unwrap();
        let options = Options { contents: Contents::Empty, time: Time::From(start), ..Options::default() };
        let time = ManualTime::starting_at(start).skipping(Duration::from_secs(30));
        Self { demo: demo::start(options).await.unwrap(), time, http: self.http.clone() }
    }

    /// With nothing, on the real clock: for programs that have no other.
    pub async fn empty_today() -> Self {
        Self::today(Contents::Empty).await
    }

    /// The same, with a clock that is so far ahead of the real one.
    pub async fn empty_ahead(by: SignedDuration) -> Self {
        Self::on(Contents::Empty, Time::Ahead(by)).await
    }

    async fn today(contents: Contents) -> Self {
        Self::on(contents, Time::Real).await
    }

    async fn on(contents: Contents, time: Time) -> Self {
        let options = Options { contents, time, ..Options::default() };
        let time = ManualTime::starting_at(START.parse().unwrap());
        Self { demo: demo::start(options).await.unwrap(), time, http: http_client() }
    }

    /// The institute that `--demo` shows.
    pub async fn institute() -> Self {
        Self::with_contents(Contents::Institute { users: 250 }).await
    }

    /// The same, on the real clock: for programs that have no other.
    pub async fn institute_today() -> Self {
        Self::institute_of(250).await
    }

    /// The same, of so many people.
    pub async fn institute_of(users: usize) -> Self {
        Self::today(Contents::Institute { users }).await
    }

    async fn with_contents(contents: Contents) -> Self {
        let start = START.parse().unwrap();
        let options = Options { contents, time: Time::From(start), ..Options::default() };
        let time = ManualTime::starting_at(start).skipping(Duration::from_secs(30));
        Self { demo: demo::start(options).await.unwrap(), time, http: http_client() }
    }

    /// A request as root.
    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}/arvados/v1/{path}", self.demo.url());
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, url).bearer_auth(self.demo.root_token());
        let request = if body.is_null() {
            request
        } else {
            request.header("Content-Type", "application/json").body(body.to_string())
        };
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// What a request as root is answered with, good or bad.
    pub async fn status(&self, method: &str, path: &str, body: Value) -> u16 {
        let url = format!("{}/arvados/v1/{path}", self.demo.url());
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, url).bearer_auth(self.demo.root_token());
        let request = request.header("Content-Type", "application/json").body(body.to_string());
        request.send().await.unwrap().status().as_u16()
    }

    /// The UUIDs of all tokens, whatever their records hold.
    pub async fn uuids_of_tokens(&self) -> Vec<TokenUuid> {
        let path = "api_client_authorizations?select=[\"uuid\"]&limit=1000";
        let page = self.ask("GET", path, Value::Null).await;
        page["items"].as_array().unwrap().iter().map(uuid_of).collect()
    }

    /// An active user.
    pub async fn user(&self, name: &str) -> UserUuid {
        self.user_with(json!({ "email": format!("{name}@example.org"), "username": name, "is_active": true }))
            .await
    }

    pub async fn user_with(&self, attributes: Value) -> UserUuid {
        uuid_of(&self.ask("POST", "users", json!({ "user": attributes })).await)
    }

    /// Whatever is made with this request, by its UUID.
    async fn made<T: FromStr<Err: std::fmt::Debug>>(&self, resource: &str, body: Value) -> T {
        uuid_of(&self.ask("POST", resource, body).await)
    }

    pub async fn vm(&self, hostname: &str) -> VmUuid {
        self.made("virtual_machines", json!({ "virtual_machine": { "hostname": hostname } })).await
    }

    pub async fn role(&self, name: &str) -> String {
        let group = json!({ "name": name, "group_class": "role" });
        self.made("groups", json!({ "group": group })).await
    }

    pub async fn project(&self, owner: UserUuid, name: &str) -> String {
        let group = json!({ "name": name, "group_class": "project", "owner_uuid": owner });
        self.made("groups", json!({ "group": group })).await
    }

    /// A permission.
    pub async fn link(
        &self,
        tail: impl ToString,
        name: &str,
        head: impl ToString,
        properties: Value,
    ) -> LinkUuid {
        let link = json!({
            "link_class": "permission", "tail_uuid": tail.to_string(), "name": name,
            "head_uuid": head.to_string(), "properties": properties,
        });
        self.made("links", json!({ "link": link })).await
    }

    /// A token of a user, without an end, with all scopes.
    pub async fn token(&self, owner: UserUuid) -> Held {
        self.token_with(json!({ "owner_uuid": owner })).await
    }

    pub async fn token_with(&self, attributes: Value) -> Held {
        let body = json!({ "api_client_authorization": attributes });
        let made = self.ask("POST", "api_client_authorizations", body).await;
        let secret = made["api_token"].as_str().unwrap().to_owned();
        let uuid = made["uuid"].as_str().unwrap();
        Held { uuid: uuid.parse().unwrap(), v2: format!("v2/{uuid}/{secret}"), secret }
    }

    pub async fn tokens(&self, owner: UserUuid, count: usize) -> Vec<TokenUuid> {
        let mut made = Vec::new();
        for _ in 0..count {
            made.push(self.token(owner).await.uuid);
        }
        made
    }

    /// The tokens of a user that the server lists to root; oldest first.
    pub async fn alive(&self, owner: UserUuid) -> Vec<TokenUuid> {
        let all = self.all_alive().await.into_iter();
        all.filter(|(_, of)| *of == owner).map(|(token, _)| token).collect()
    }

    /// All tokens that the server lists to root, page after page, with their owners; oldest first.
    pub async fn all_alive(&self) -> Vec<(TokenUuid, UserUuid)> {
        let mut alive = Vec::new();
        let mut offset = 0;
        loop {
            let path = format!("api_client_authorizations?limit=1000&offset={offset}");
            let page = self.ask("GET", &path, Value::Null).await;
            let rows = page["items"].as_array().unwrap();
            if rows.is_empty() {
                alive.reverse();
                return alive;
            }
            offset += rows.len();
            let owner = |row: &Value| row["owner_uuid"].as_str().unwrap().parse().unwrap();
            alive.extend(rows.iter().map(|row| (uuid_of(row), owner(row))));
        }
    }

    pub fn client(&self, token: &str) -> Client {
        let connection = Connection::on_loopback(self.demo.addr().to_string(), Secret::new(token.to_owned()));
        Client::new(&connection, self.time.timer()).unwrap()
    }

    /// Connected with a token.
    pub async fn with(&self, token: &str) -> Cluster {
        let client = self.client(token);
        Cluster::connect(client, self.demo.addr().to_string(), Mode::ReadWrite).await.unwrap()
    }

    /// Another user, who is an admin.
    pub async fn an_admin(&self) -> UserUuid {
        let admin =
            json!({ "email": "admin@example.org", "username": "admin", "is_active": true, "is_admin": true });
        self.user_with(admin).await
    }

    /// The token of another admin.
    pub async fn admins_token(&self) -> String {
        self.token(self.an_admin().await).await.v2
    }

    /// Connected with an admin's token.
    pub async fn admin(&self) -> Cluster {
        self.with(&self.admins_token().await).await
    }

    pub async fn root(&self) -> Cluster {
        self.with(self.demo.root_token()).await
    }

    /// The requests that changed something, with the token they came with.
    pub fn writes(&self) -> Vec<Seen> {
        let seen = self.demo.requests().into_iter();
        seen.filter(|r| r.method != "GET" && !r.body.contains("_method=GET")).collect()
    }
}

/// Makes a token behind the server's back.
pub fn mint(store: &mut Store, owner: UserUuid) -> String {
    let uuid = store.new_uuid(Kind::Token);
    let mut common = Common::new(uuid, Moment::read(START).unwrap());
    common.owner_uuid = Uuid::parse(owner.as_str()).unwrap();
    let secret = store.new_secret();
    store.put(Token::new(common, secret)).to_string()
}

/// The UUID of a record.
pub fn uuid_of<T: FromStr<Err: std::fmt::Debug>>(record: &Value) -> T {
    record["uuid"].as_str().unwrap().parse().unwrap()
}

/// What an intent would do.
pub async fn survey(cluster: &Cluster, intent: Intent) -> Plan {
    match as_a_task(Read::Survey(intent).run(cluster)).await.unwrap() {
        Outcome::Surveyed(plan) => *plan,
        other => panic!("not a plan: {other:?}"),
    }
}

pub fn confirmed(plan: Plan, cluster: &Cluster) -> Confirmed<Plan> {
    match plan.review(0) {
        Review::Free(confirmed) => confirmed,
        Review::Ask(challenge) => challenge.answer(&Answer::YesFlag, cluster.here()).unwrap(),
        Review::Nothing(plan) => panic!("nothing to do: {plan:?}"),
    }
}

/// What the screen runs as a task must be able to move between threads.
fn as_a_task<F: Future + Send>(work: F) -> F {
    work
}

/// Surveys, confirms and applies.
pub async fn carry_out(cluster: &Cluster, intent: Intent) -> ApplyReport {
    carry_out_watched(cluster, intent, &Journal::none(), |_, _| {}).await.0
}

/// The same, journalled, and with the progress that was shown; `watch` may stop it.
pub async fn carry_out_watched(
    cluster: &Cluster,
    intent: Intent,
    journal: &Journal,
    watch: impl Fn(&Progress, &StopFlag) + Send + Sync,
) -> (ApplyReport, Vec<Item>) {
    let cluster = &cluster.clone().keeping(journal.clone());
    let plan = confirmed(survey(cluster, intent).await, cluster);
    let leave = WriteAccess::for_mode(Mode::ReadWrite).unwrap();
    let stop = StopFlag::default();
    let shown = Mutex::new(Vec::new());
    let progress = |progress: Progress| {
        watch(&progress, &stop);
        if let Progress::Finished { item, .. } = progress {
            shown.lock().unwrap().push(item);
        }
    };
    let report = as_a_task(apply(plan, cluster, &leave, progress, &stop)).await;
    (report, shown.into_inner().unwrap())
}

/// Surveys; then something else happens; then what was confirmed is applied.
pub async fn carry_out_after<F: Future<Output = ()>>(
    cluster: &Cluster,
    intent: Intent,
    meanwhile: F,
) -> ApplyReport {
    let plan = confirmed(Box::pin(survey(cluster, intent)).await, cluster);
    meanwhile.await;
    let leave = WriteAccess::for_mode(Mode::ReadWrite).unwrap();
    Box::pin(apply(plan, cluster, &leave, |_| {}, &StopFlag::default())).await
}

/// The token that a change brought.
pub fn token_of(report: &ApplyReport) -> &Issued {
    match &report.brought {
        Some(Product::Token(issued)) => issued,
        other => panic!("no token: {other:?}"),
    }
}

/// The list that a change brought.
pub fn list_of(report: &ApplyReport) -> &TokenList {
    match &report.brought {
        Some(Product::List(list)) => list,
        other => panic!("no list: {other:?}"),
    }
}
