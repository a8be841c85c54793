//! An ordinary user writes records that are longer than anybody reads: about a token, with somebody else as
//! tail, in its own preferences. What an administrator does goes on, names what was too long, and writes down
//! what it left out.

use crate::harness::{Screen, Start};
use crate::program::Program;
use crate::world::{START, World, carry_out, survey};
use crate::{http_client, wild};
use arv_admin::arvados::budget::Budget;
use arv_admin::arvados::client::{Client, Connection};
use arv_admin::arvados::tokens::{Reading, Readings};
use arv_admin::model::ids::UserUuid;
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::intent::{self, Intent};
use arv_admin::ops::read::Read;
use arv_admin::ops::report::{Ended, Tally};
use arv_admin::secret::Secret;
use arv_admin::timer::ManualTime;
use serde_json::{Value, json};

/// Somebody with an account and nothing else.
struct Attacker {
    uuid: UserUuid,
    token: String,
    url: String,
    http: reqwest::Client,
}

impl Attacker {
    async fn on(world: &World) -> Self {
        let mallory = json!({ "email": "mallory@example.org", "username": "mallory", "is_active": true });
        let uuid = world.user_with(mallory).await;
        let token = world.token(uuid).await.v2;
        Self { uuid, token, url: format!("{}/arvados/v1", world.demo.url()), http: http_client() }
    }

    async fn sends(&self, method: reqwest::Method, path: &str, body: &Value) -> (u16, Value) {
        let request = self.http.request(method, format!("{}/{path}", self.url)).bearer_auth(&self.token);
        let request = request.header("Content-Type", "application/json").body(body.to_string());
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
    }

    async fn writes(&self, method: reqwest::Method, path: &str, body: &Value) -> String {
        let (status, record) = self.sends(method, path, body).await;
        assert_eq!(status, 200, "{path}: an ordinary user can write this");
        record["uuid"].as_str().unwrap().to_owned()
    }

    /// A record of the log, about a token of somebody, of so many bytes.
    async fn logs_about(&self, token: impl ToString, owner: UserUuid, bytes: usize) -> String {
        let log = json!({ "log": {
            "object_uuid": token.to_string(), "object_owner_uuid": owner, "event_type": "update",
            "properties": { "new_attributes": { "scopes": ["all"], "x": "x".repeat(bytes) } },
        }});
        self.writes(reqwest::Method::POST, "logs", &log).await
    }

    /// A permission on something of its own, for somebody who did not ask for it.
    async fn shares_with(&self, tail: UserUuid, project: &str, bytes: usize) -> String {
        let link = json!({ "link": {
            "link_class": "permission", "name": "can_read", "tail_uuid": tail, "head_uuid": project,
            "properties": { "x": "x".repeat(bytes) },
        }});
        self.writes(reqwest::Method::POST, "links", &link).await
    }

    async fn prefers(&self, bytes: usize) {
        let user = json!({ "user": { "prefs": { "x": "x".repeat(bytes) } } });
        self.writes(reqwest::Method::PATCH, &format!("users/{}", self.uuid), &user).await;
    }

    async fn project(&self) -> String {
        let group = json!({ "group": { "name": "trap", "group_class": "project" } });
        self.writes(reqwest::Method::POST, "groups", &group).await
    }
}

/// An admin who reads no more than this of an answer.
async fn admin_within(world: &World, answer: usize) -> Cluster {
    let admin = world.admin().await;
    let client = admin.client.within(Budget { answer, ..Budget::default() });
    Cluster { client, ..admin }
}

#[tokio::test]
async fn the_demo_server_takes_what_the_real_one_takes() {
    let world = World::empty().await;
    let mallory = Attacker::on(&world).await;
    let rosa = world.user("rosa").await;
    mallory.prefers(2 << 20).await;
    let log = json!({ "log": { "object_uuid": rosa, "event_type": "x".repeat(256) } });
    assert_eq!(mallory.sends(reqwest::Method::POST, "logs", &log).await.0, 422, "names have 255 letters");
    let user = json!({ "user": { "first_name": "x".repeat(256) } });
    let path = format!("users/{}", mallory.uuid);
    assert_eq!(mallory.sends(reqwest::Method::PATCH, &path, &user).await.0, 422);
}

#[tokio::test]
async fn records_that_are_too_long_stop_nothing_and_are_named() {
    let world = World::empty().await;
    let mallory = Attacker::on(&world).await;
    let rosa = world.user("rosa").await;
    let token = world.token(rosa).await.uuid;
    let project = mallory.project().await;
    let log = mallory.logs_about(token, rosa, 200_000).await;
    let link = mallory.shares_with(rosa, &project, 200_000).await;
    mallory.prefers(200_000).await;
    let admin = admin_within(&world, 64 << 10).await;

    for read in [
        Read::Tokens(rosa),
        Read::Logins(rosa),
        Read::AllLogins,
        Read::Summary(rosa),
        Read::Rights(rosa),
        Read::UsersAgain(vec![rosa, mallory.uuid]),
    ] {
        let what = format!("{read:?}");
        read.run(&admin).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    let users = vec![rosa, mallory.uuid];
    for intent in [
        Intent::Deactivate(intent::Deactivate { users: users.clone() }),
        Intent::Suspend(intent::Suspend { users: users.clone() }),
        Intent::RevokeAllOf(intent::RevokeAllOf { users: users.clone() }),
    ] {
        let plan = survey(&admin, intent).await;
        assert_eq!(plan.steps().len(), 2, "{:?}", plan.refused());
    }
    let plan = survey(&admin, Intent::Deactivate(intent::Deactivate { users: users.clone() })).await;
    let notes: Vec<String> = plan.notes().iter().map(|note| note.text.clone()).collect();
    assert!(notes.iter().any(|note| note.contains(&log) && note.contains(&link)), "{notes:?}");

    let report = carry_out(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })).await;
    assert_eq!((report.ended, world.alive(rosa).await), (Ended::Completed, vec![]));
    let report = carry_out(&admin, Intent::Deactivate(intent::Deactivate { users })).await;
    assert_eq!(report.tally(), Tally { done: 2, ..Tally::default() });
}

#[tokio::test]
async fn hundreds_of_them_cost_no_more_than_a_few() {
    let world = World::empty().await;
    let mallory = Attacker::on(&world).await;
    let rosa = world.user("rosa").await;
    let tokens = world.tokens(rosa, 3).await;
    for _ in 0..40 {
        mallory.logs_about(tokens[0], rosa, 70_000).await;
    }
    let admin = admin_within(&world, 64 << 10).await;
    world.demo.clear_requests();
    let events = admin.client.token_events_of(&[rosa]).await.unwrap();
    for token in tokens {
        assert!(events.iter().any(|event| event.token == token), "all tokens are known");
    }
    let asked = world.demo.requests().len();
    assert!(asked < 40, "{asked} requests");
    assert!(admin.client.unread().long_in_words().unwrap().contains("5 more"));
}

#[tokio::test]
async fn scopes_that_are_too_long_save_no_token() {
    let world = World::empty().await;
    let mallory = Attacker::on(&world).await;
    let scopes: Vec<String> = vec!["GET /x".repeat(1_000); 40];
    for _ in 0..3 {
        let token = json!({ "api_client_authorization": { "scopes": scopes } });
        mallory.writes(reqwest::Method::POST, "api_client_authorizations", &token).await;
    }
    world.tokens(mallory.uuid, 3).await;
    let admin = admin_within(&world, 64 << 10).await;
    let report =
        carry_out(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![mallory.uuid] })).await;
    assert_eq!((report.ended, world.alive(mallory.uuid).await), (Ended::Completed, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_names_below_a_list_what_of_it_could_not_be_read_whole() {
    let world = World::empty().await;
    let mallory = Attacker::on(&world).await;
    let rosa = world.user("rosa").await;
    let token = world.token(rosa).await.uuid;
    let vm = world.vm("shell1").await;
    world.link(rosa, "can_login", vm, json!({ "username": "rosa", "groups": [] })).await;
    let log = mallory.logs_about(token, rosa, 5 << 20).await;
    let properties = json!({ "username": "rosa", "groups": [], "x": "x".repeat(5 << 20) });
    let link = world.link(rosa, "can_login", world.vm("shell2").await, properties).await;
    let secret = Secret::new(world.demo.admin_token().to_owned());
    let connection = Connection::on_loopback(world.demo.addr().to_string(), secret);
    let start = Start { connection: Some(connection), size: (200, 40), ..Start::default() };
    let mut screen = Screen::open(start).await;
    screen.until_shown("rosa@").await;
    screen.press("/").await;
    screen.type_text("rosa").await;
    screen.press("Enter Enter").await;
    screen.until_shown("at most 1, perhaps alive; not all read: see !").await;
    screen.press("2").await;
    screen.until_shown("shell2").await;
    screen.assert_shows("not all read: see !");
    screen.press("!").await;
    screen.until_shown(&link.as_str()[12..]).await;
    screen.press("j").await;
    screen.until_shown(&log[12..]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_ends_an_incident_whatever_the_user_wrote() {
    const LONG: usize = 5 << 20;
    let world = World::empty_today().await;
    let mallory = Attacker::on(&world).await;
    let rosa = world.user("rosa").await;
    let token = world.token(rosa).await.uuid;
    let project = mallory.project().await;
    let log = mallory.logs_about(token, rosa, LONG).await;
    let link = mallory.shares_with(rosa, &project, LONG).await;
    mallory.shares_with(mallory.uuid, &project, 100_000).await;
    mallory.prefers(300_000).await;
    let admin = world.an_admin().await;
    let mut program = Program::new(&world.demo.url(), &world.token(admin).await.v2);
    let state = program.home().join("state");
    program.set("XDG_STATE_HOME", state.to_str().unwrap());

    let listed = program.run(&["tokens", "list", rosa.as_str()]);
    assert!(listed.code == 3 && listed.out.contains(token.as_str()), "{listed:?}");
    assert!(listed.err.contains(&log), "{listed:?}");
    let ended = program.run(&["users", "deactivate", rosa.as_str(), mallory.uuid.as_str(), "--yes"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.err.contains(&link) || ended.out.contains(&link), "{ended:?}");
    let journal = std::fs::read_to_string(state.join("arv-admin/journal.jsonl")).unwrap();
    assert!(journal.len() < 100_000, "{} bytes", journal.len());
    assert!(journal.contains(r#""prefs_cut":"300008 bytes: not kept""#), "it says what it cut: {journal}");
    assert!(journal.contains(r#""arv-admin:cut":"not read""#), "{journal}");
    assert!(journal.contains("bytes, the rest is not kept"), "{journal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_millions_of_rows_and_a_list_without_an_end_are_given_up() {
    let rows = format!("{{\"items\":[{}{{}}]}}", "{},".repeat(1_000_000));
    let (address, _) = wild::serve_json("200 OK", rows);
    let client = client(address);
    let error = client.active_admins(arv_admin::model::user_page::Federation::Ask).await.unwrap_err();
    assert!(error.to_string().contains("not what the Arvados API gives"), "{error}");

    let next = std::sync::atomic::AtomicUsize::new(0);
    let (address, asked) = wild::serve(move |_, client| {
        let row = |_| {
            let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            format!("{{\"uuid\":\"zzzzz-tpzed-{n:015}\"}}")
        };
        let rows: Vec<String> = (0..100).map(row).collect();
        let body = format!("{{\"items\":[{}]}}", rows.join(","));
        wild::send(client, "200 OK", "Content-Type: application/json\r\n", body.as_bytes());
    });
    let client = self::client(address).within(Budget { rows: 1_000, ..Budget::default() });
    let error = client.active_admins(arv_admin::model::user_page::Federation::Ask).await.unwrap_err();
    assert!(error.to_string().contains("more than 1000 users"), "{error}");
    assert_eq!(asked.heads().len(), 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_list_without_an_end_that_is_shown_what_was_read_is_kept_and_said() {
    let owner: UserUuid = "zzzzz-tpzed-000000000000001".parse().unwrap();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let (address, asked) = wild::serve(move |request, client| {
        let kind = if request.contains("/links") {
            "o0j2j"
        } else if request.contains("/logs") {
            "57u5n"
        } else {
            "gj3su"
        };
        // Tokens are asked for by their place, all else by what comes behind the last.
        let offset =
            request.split("offset=").nth(1).and_then(|rest| rest.split(['&', ' ']).next()?.parse().ok());
        let row = |at: usize| {
            let n = match kind {
                "gj3su" => offset.unwrap_or(0) + at,
                _ => next.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
            };
            format!(
                "{{\"uuid\":\"zzzzz-{kind}-{n:015}\",\"owner_uuid\":\"{owner}\",\"event_type\":\"create\",\
                 \"object_uuid\":\"zzzzz-gj3su-{n:015}\",\"object_owner_uuid\":\"{owner}\",\
                 \"link_class\":\"permission\",\"name\":\"can_login\",\"tail_uuid\":\"{owner}\",\
                 \"head_uuid\":\"zzzzz-2x53u-000000000000001\",\"scopes\":[\"all\"]}}"
            )
        };
        let rows: Vec<String> = (0..100).map(row).collect();
        let body = format!("{{\"items\":[{}]}}", rows.join(","));
        wild::send(client, "200 OK", "Content-Type: application/json\r\n", body.as_bytes());
    });
    let most = Budget { rows: 1_000, ..Budget::default() };
    let fresh = || client(address).within(most).counting();
    let said = |client: &Client| client.unread().endless_in_words().unwrap();

    let logins = fresh();
    assert_eq!(logins.all_login_links().await.unwrap().len(), 1_100);
    assert_eq!(said(&logins), "not read further after 1100 links, of which the server gives more and more");
    let log = fresh();
    assert_eq!(log.token_events_of(&[owner]).await.unwrap().len(), 1_100);
    assert!(said(&log).contains("1100 records of the audit log"));
    let before = asked.heads().len();
    let tokens = fresh();
    let listed = tokens.tokens_of(owner, Readings::UntilQuiet).await.unwrap();
    assert!(listed.tokens.len() > 1_000, "{}", listed.tokens.len());
    assert_eq!(listed.reading, Reading::Moving, "that these are all, nobody can say");
    assert!(said(&tokens).contains(" tokens, of which"), "{}", said(&tokens));
    assert!(asked.heads().len() - before < 15, "it is not read over and over");
}

fn client(address: std::net::SocketAddr) -> Client {
    let token = "v2/zzzzz-gj3su-000000000000001/canary0secret0canary0secret0canary0secret0canary0secr";
    let connection = Connection::on_loopback(address.to_string(), Secret::new(token.to_owned()));
    Client::new(&connection, ManualTime::starting_at(START.parse().unwrap()).timer()).unwrap()
}
