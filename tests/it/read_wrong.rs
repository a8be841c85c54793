//! What could be read as its opposite: a list that forged records made empty, an answer that sounds as if a token
//! were dead, a plan that nothing will come of. Each is played against the real program or its real loop.

use crate::attacker::{Asked, Villain, liar};
use crate::harness::{Screen, Start};
use crate::http_client;
use crate::program::Program;
use crate::world::{Held, World};
use arv_admin::demo::{self, Contents, Fault, Rule};
use arv_admin::model::ids::UserUuid;
use arv_admin::ops::journal::Journal;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;

const ROSA: &str = "zzzzz-tpzed-3kz0nwtjehhl0u4";

/// rdelgado writes of each of her tokens that it was deleted.
async fn forge_ends(screen: &Screen) -> usize {
    let api = format!("{}/arvados/v1", screen.demo.url());
    let ask = async |method: reqwest::Method, path: &str, token: &str, body: Value| -> Value {
        let request = http_client().request(method, format!("{api}/{path}")).bearer_auth(token);
        let request = request.header("Content-Type", "application/json").body(body.to_string());
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}");
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    };
    let made = json!({ "api_client_authorization": { "owner_uuid": ROSA } });
    let held = ask(reqwest::Method::POST, "api_client_authorizations", screen.demo.root_token(), made).await;
    let text = |name: &str| held[name].as_str().unwrap().to_owned();
    let v2 = format!("v2/{}/{}", text("uuid"), text("api_token"));
    let listed = ask(reqwest::Method::GET, "api_client_authorizations?limit=1000", &v2, json!({})).await;
    let tokens = listed["items"].as_array().unwrap();
    for token in tokens {
        let uuid = &token["uuid"];
        let log = json!({ "log": {
            "object_uuid": uuid, "object_owner_uuid": ROSA, "event_type": "delete",
            "event_at": "1971-01-01T00:00:00Z", "properties": { "old_attributes": { "uuid": uuid } },
        } });
        ask(reqwest::Method::POST, "logs", &v2, log).await;
    }
    tokens.len()
}

#[tokio::test]
async fn where_forged_records_end_all_tokens_the_pane_does_not_say_that_there_are_none() {
    for (size, source) in
        [((80, 24), "audit log since 2019-07-30"), ((120, 40), "0 known;"), ((60, 16), "0 known;")]
    {
        let mut screen = Screen::start(Start { size, ..Start::default() }).await;
        let alive = forge_ends(&screen).await;
        let ended = alive + 2;
        screen.press("/").await;
        screen.type_text("rosa.delgado").await;
        screen.press("Enter Enter").await;
        screen.settle().await;
        let shown = screen.text();
        assert!(shown.contains(&format!("1 Tokens 0+{ended}?")), "{shown}");
        assert!(!shown.contains("no token that may be alive"), "{shown}");
        let middle = screen.row("no token that is");
        assert!(middle.contains("The audit log knows of"), "{middle}");
        let words = shown.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("E lists exactly"), "{shown}");
        let below = screen.row("0 known;");
        assert!(below.contains(&format!("0 known; {ended} ended by the log alone")), "{below}");
        assert!(shown.contains(source), "{shown}");
        assert!(
            below.contains("audit log since 2019-07-30") || below.contains('…'),
            "cut in silence: {below}"
        );
        // The plan counts them, too.
        screen.press(":").await;
        screen.type_text("deactivate").await;
        screen.press("Enter").await;
        screen.settle().await;
        let plan = screen.text().replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        let counted = format!("{ended} tokens at most");
        assert!(plan.contains(&counted) || plan.contains("10 more lines below"), "{plan}");
    }
}

/// An admin, rosa with a token, and a server that answers every DELETE so.
async fn lied_to(status: u16, body: &'static str) -> (World, Program, UserUuid, Held) {
    let world = World::empty_today().await;
    let admin = world.an_admin().await;
    let rosa = world.user("rosa").await;
    let held = world.token(rosa).await;
    let address = liar(&world.demo.url(), move |asked: &Asked| {
        (asked.method == "DELETE").then(|| (status, body.to_owned()))
    });
    let program = Program::new(&format!("http://{address}"), &world.token(admin).await.v2);
    (world, program, rosa, held)
}

const NOT_LOGGED_IN: &str = r#"{"errors":["Not logged in (req-1)"]}"#;
const NOT_FOUND: &str = r#"{"errors":["Path not found (req-1)"]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_lives_is_not_called_dead_whatever_the_deletion_is_answered_with() {
    for (status, body) in [(401, NOT_LOGGED_IN), (404, NOT_FOUND)] {
        let (world, program, rosa, held) = lied_to(status, body).await;
        let ran = program.run_with(&["tokens", "revoke", "-", "--yes"], &held.v2);
        let said = format!("{}{}", ran.out, ran.err);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(said.contains("yet it still takes the token: it is alive"), "{ran:?}");
        for lie in ["not valid (any more)", "already gone", "it is gone", "merged away"] {
            assert!(!said.contains(lie), "{lie}: {ran:?}");
        }
        assert!(world.alive(rosa).await.contains(&held.uuid));
    }
    // By its UUID, with a helper.
    let (_world, program, _rosa, held) = lied_to(404, NOT_FOUND).await;
    let ran = program.run(&["tokens", "revoke", held.uuid.as_str(), "--yes"]);
    let said = format!("{}{}", ran.out, ran.err);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(said.contains("yet it still lists the token: it is alive"), "{ran:?}");
    assert!(!said.contains("it is gone") && !said.contains("already gone"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_whose_change_is_not_found_is_looked_for_before_it_is_called_gone() {
    let (world, _, rosa, held) = lied_to(404, NOT_FOUND).await;
    let address = liar(&world.demo.url(), |asked: &Asked| {
        matches!(asked.method.as_str(), "PATCH" | "PUT").then(|| (404, NOT_FOUND.to_owned()))
    });
    let admin = json!({ "email": "b@example.org", "username": "b", "is_active": true, "is_admin": true });
    let admin = world.token(world.user_with(admin).await).await;
    let program = Program::new(&format!("http://{address}"), &admin.v2);
    let ran = program.run(&["tokens", "expire", held.uuid.as_str(), "--at", "1d", "--yes"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(format!("{}{}", ran.out, ran.err).contains("yet it still lists the token"), "{ran:?}");
    assert_eq!(world.alive(rosa).await.len(), 1, "no helper is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_said_yes_to_is_not_called_revoked_before_it_was_looked_for() {
    let (world, program, rosa, held) = lied_to(200, "{}").await;
    world.tokens(rosa, 2).await;
    for args in [
        vec!["tokens", "revoke", held.uuid.as_str(), "--yes"],
        vec!["tokens", "revoke", "--all-of", "rosa", "--yes"],
    ] {
        let ran = program.run(&args);
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(ran.err.contains("] accepted: "), "{ran:?}");
        assert!(!ran.err.contains("] revoked: "), "{ran:?}");
    }
    assert_eq!(world.alive(rosa).await.iter().filter(|token| **token == held.uuid).count(), 1);
    let villain = Villain::new(&world.demo.url(), &held.v2);
    assert!(villain.is_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_whose_real_run_would_be_refused_says_so_and_why() {
    let (world, _, _, _) = lied_to(404, NOT_FOUND).await;
    let admin = json!({ "email": "b@example.org", "username": "b", "is_active": true, "is_admin": true });
    let admin = world.token(world.user_with(admin).await).await;
    let program = Program::new(&world.demo.url(), &admin.v2);
    let dry = ["users", "suspend", "rosa", "--dry-run"];
    assert_eq!(program.run(&dry).code, 0);
    let journal = program.file(".local/state/arv-admin/journal.jsonl", "");
    std::fs::set_permissions(&journal, std::fs::Permissions::from_mode(0o666)).unwrap();
    for format in ["table", "json", "csv"] {
        let ran = program.run(&[&dry[..], &["--format", format]].concat());
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("not a dry run, this would change nothing: "), "{ran:?}");
        assert!(ran.err.contains("others on this machine can write into it"), "{ran:?}");
        assert!(!ran.out.is_empty(), "the plan is printed all the same: {ran:?}");
    }
    // A file where the journal's folder is to be.
    let mut program = Program::new(&world.demo.url(), &admin.v2);
    let taken = program.file("taken", "").display().to_string();
    program.set("XDG_STATE_HOME", &taken);
    let ran = program.run(&dry);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("not a dry run, this would change nothing: "), "{ran:?}");
    assert!(ran.err.contains("can't be used"), "{ran:?}");
    assert!(world.writes().iter().all(|write| !write.path.contains("/users/")), "{:?}", world.writes());
}

#[tokio::test]
async fn the_screen_asks_nothing_where_nothing_can_be_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let journal = Journal::at(path);
    let mut screen = Screen::start(Start { journal, ..Start::default() }).await;
    screen.press("/").await;
    screen.type_text("rosa.delgado").await;
    screen.press("Enter").await;
    screen.press(":").await;
    screen.type_text("suspend").await;
    screen.press("Enter").await;
    screen.settle().await;
    screen.assert_shows("Nothing of this can be done");
    screen.assert_hides("Yes");
    screen.assert_hides("There is nothing to do");
    screen.assert_shows("Close");
    screen.press("y").await;
    screen.settle().await;
    assert_eq!(screen.writes(), Vec::<String>::new());
    screen.assert_hides("failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_fuller_than_what_the_server_counts_is_not_the_last() {
    let (world, _, rosa, _) = lied_to(404, NOT_FOUND).await;
    let first = std::sync::atomic::AtomicBool::new(true);
    let address = liar(&world.demo.url(), move |asked: &Asked| {
        let is_list = asked.path == "/arvados/v1/users" && asked.method == "GET";
        (is_list && first.swap(false, std::sync::atomic::Ordering::Relaxed)).then(|| {
            let row =
                |n: usize| json!({ "uuid": format!("zzzzz-tpzed-{n:015}"), "username": format!("u{n}") });
            (200, json!({ "items": [row(1), row(2)], "items_available": 1 }).to_string())
        })
    });
    let program = Program::new(&format!("http://{address}"), world.demo.root_token());
    let ran = program.run(&["users", "list", "--format", "csv"]);
    assert!(ran.out.contains("zzzzz-tpzed-000000000000002"), "the first page: {ran:?}");
    assert!(ran.out.contains(rosa.as_str()), "and what comes behind it: {ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_list_of_users_breaks_off_all_that_were_read_are_shown_and_counted() {
    let contents = Contents::Institute { users: 6_000 };
    let demo = demo::start(demo::Options { contents, ..demo::Options::default() }).await.unwrap();
    demo.faults().add(Rule::new("*/users", Fault::Forbidden).from_nth(6));
    let program = Program::new(&demo.url(), demo.admin_token());
    let ran = program.run(&["users", "list", "--format", "json"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    let shown = serde_json::from_str::<Vec<Value>>(&ran.out).unwrap().len();
    assert!((1_001..6_000).contains(&shown), "{shown}: {}", ran.err);
    let said = format!("{shown} users were read and looked through: the list is not complete");
    assert!(ran.err.contains(&said), "{shown}: {}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn blanks_in_a_login_part_no_columns() {
    let (world, program, rosa, _) = lied_to(404, NOT_FOUND).await;
    let properties = json!({ "username": "rosa          root", "groups": [] });
    world.link(rosa, "can_login", world.vm("shell").await, properties).await;
    let table = program.run(&["logins", "list"]);
    assert!(table.out.contains("  rosa root  "), "{table:?}");
    let whole = program.run(&["logins", "list", "--format", "json"]);
    assert!(whole.out.contains("rosa          root"), "scripts see what is there: {whole:?}");
}
