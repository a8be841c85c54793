//! What users, groups, machines and keys are called is written by people who may mean harm: terminal
//! escapes, overrides of direction, characters nobody sees, formulas, a megabyte of text. It is shown,
//! printed and exported without harm, and in JSON nothing of it is lost.

use crate::harness::{Screen, Start};
use crate::program::{Program, Ran};
use crate::world::World;
use arv_admin::app::context::Context;
use arv_admin::demo::record::{Link, LogProperties};
use arv_admin::demo::store::Store;
use arv_admin::ops::journal::Journal;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// The user whose everything is hostile.
const VICTIM: &str = "zzzzz-tpzed-3kz0nwtjehhl0u4";

/// Steers the terminal, turns the text around, hides a part of it, forges a line, and is a formula.
fn steering(what: &str) -> String {
    format!(
        "=cmd|'/C calc'!A0 \u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31m\u{9b}31m\u{90}q\u{9c}\u{8}\u{7f}{what}\
         \u{202e}\u{2066}\u{200f}\u{61c}\u{200b}\u{200d}\u{feff}\u{ad}\u{e0041}\u{fe0f}\u{2028}e{}\
         \r\nFORGED {what} line\tafter a tab",
        "\u{301}".repeat(50)
    )
}

/// Text that is written from right to left; nothing is wrong with it.
fn from_right_to_left(_: &str) -> String {
    "שלום رضا".to_owned()
}

fn a_megabyte(what: &str) -> String {
    format!("{what} {}", "x".repeat(1 << 20))
}

/// Gives the user, and all it has to do with, such texts.
fn poison(store: &mut Store, text: impl Fn(&str) -> String) {
    let mut user = (**store.user_named("rdelgado").unwrap()).clone();
    let uuid = user.common.uuid;
    user.first_name = Some(text("first name"));
    user.last_name = Some(text("last name"));
    user.email = Some(text("e-mail"));
    user.username = Some(text("username"));
    user.prefs.insert(text("preference"), json!(text("its value")));
    let links: Vec<_> = store.links.by("tail_uuid", uuid).cloned().collect();
    for link in links {
        let mut link = (*link).clone();
        if link.name == "can_login" {
            link.properties.insert("username".to_owned(), json!(text("login")));
            link.properties.insert("groups".to_owned(), json!([text("unix group")]));
        }
        if let Some(group) = link.head_uuid.and_then(|head| store.groups.get(head).cloned()) {
            let mut group = (*group).clone();
            if group.common.uuid.to_string() != "zzzzz-j7d0g-fffffffffffffff" {
                group.name = Some(text("group"));
                store.put(group);
            }
        }
        store.put(link);
    }
    for machine in store.virtual_machines.iter().cloned().collect::<Vec<_>>() {
        let mut machine = (*machine).clone();
        machine.hostname = Some(text("host"));
        store.put(machine);
    }
    for key in store.authorized_keys.by("authorized_user_uuid", uuid).cloned().collect::<Vec<_>>() {
        let mut key = (*key).clone();
        let comment = text("comment");
        key.public_key = key.public_key.map(|public| format!("{public} {comment}"));
        key.name = Some(text("key"));
        store.put(key);
    }
    for token in store.tokens.by("owner_uuid", uuid).cloned().collect::<Vec<_>>() {
        let mut token = (*token).clone();
        token.scopes = vec![format!("GET /{}", text("scope"))];
        store.put(token);
    }
    for log in store.logs.by("object_owner_uuid", uuid).cloned().collect::<Vec<_>>() {
        if !log.object_uuid.is_some_and(|object| object.to_string().contains("-gj3su-")) {
            continue;
        }
        let mut log = (*log).clone();
        log.properties = LogProperties::Free(
            json!({
                "old_attributes": null,
                "new_attributes": {
                    "scopes": [format!("GET /{}", text("scope"))],
                    "created_at": log.event_at.to_string(),
                    "expires_at": null,
                    "created_by_ip_address": text("address"),
                },
            })
            .as_object()
            .unwrap()
            .clone(),
        );
        store.put(log);
    }
    store.put(user);
}

/// Fails if a terminal, or a reader, could be tricked by this.
pub fn assert_harmless(text: &str, place: &str) {
    for (line, text) in text.lines().enumerate() {
        let mut marks = 0;
        for c in text.chars() {
            let hidden = c.is_control()
                || matches!(c,
                    '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                    | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}');
            assert!(!hidden, "{c:?} is in {place}, line {}: {text:?}", line + 1);
            marks = if c == '\u{301}' { marks + 1 } else { 0 };
            assert!(marks < 5, "accents are heaped in {place}, line {}: {text:?}", line + 1);
        }
    }
}

/// No name makes a line of its own.
fn assert_no_line_is_forged(text: &str, place: &str) {
    let forged = text.lines().find(|line| line.trim_start().starts_with("FORGED"));
    assert!(forged.is_none(), "a line is forged in {place}:\n{text}");
}

fn assert_frame_is_harmless(screen: &mut Screen) {
    let text = screen.text();
    assert_harmless(&text, "a frame");
    let width = usize::from(screen.buffer().area.width);
    for row in text.lines() {
        assert!(row.width() <= width + row.matches(' ').count(), "a row runs over its end: {row:?}");
    }
    for cell in screen.cells() {
        assert!(cell.symbol().chars().count() <= 6 && cell.symbol().width() <= 2, "{:?}", cell.symbol());
    }
    assert_harmless(&screen.aside().replace(['\u{1b}', '\u{7}'], ""), "what went to the terminal");
}

async fn press(screen: &mut Screen, keys: &str) {
    for key in keys.split_whitespace() {
        screen.press(key).await;
        screen.settle().await;
        screen.advance(Duration::from_millis(400)).await;
        assert_frame_is_harmless(screen);
    }
}

async fn take(screen: &mut Screen, command: &str) {
    aim(screen).await;
    press(screen, ":").await;
    screen.type_text(command).await;
    press(screen, "Enter").await;
}

/// A screen on which the cursor stands on the victim.
async fn on_the_victim(size: (u16, u16), directory: &Path, text: fn(&str) -> String) -> Screen {
    let start = Start {
        size,
        users: 60,
        journal: Journal::at(directory.join("journal.jsonl")),
        export_to: vec![directory.to_owned()],
        ..Start::default()
    };
    let mut screen = Screen::start(start).await;
    screen.demo.with_store(|store| poison(store, text));
    press(&mut screen, "r").await;
    aim(&mut screen).await;
    screen
}

/// Puts the cursor of the list on the victim, wherever it is now.
async fn aim(screen: &mut Screen) {
    for _ in 0..20 {
        if screen.context() == Context::Users {
            break;
        }
        press(screen, "Esc").await;
    }
    if !is_on_the_victim(screen) {
        press(screen, "/").await;
        screen.type_text("3kz0nwtjehhl0u4").await;
        press(screen, "Enter").await;
    }
    screen.advance(Duration::from_secs(1)).await;
    assert!(is_on_the_victim(screen), "{}", screen.text());
}

fn is_on_the_victim(screen: &Screen) -> bool {
    screen.world().current_user().is_some_and(|user| user.uuid.as_str() == VICTIM)
}

/// Every place that shows something of a user.
async fn go_everywhere(screen: &mut Screen) {
    press(screen, "c C s Esc x Esc").await;
    aim(screen).await;
    press(screen, "Enter 1 j k 2 j k").await;
    for question in ["Deactivate", "Suspend", "Make admin", "Revoke all", "List the tokens exactly"] {
        take(screen, question).await;
        press(screen, "d D PgDn").await;
    }
    for form in ["Set up", "Reassign", "Issue", "Grant"] {
        take(screen, form).await;
        press(screen, "Down Enter Down Tab Down Enter Tab Ctrl-S d D").await;
    }
    take(screen, "Logins of a VM").await;
    press(screen, "Enter j Enter").await;
    for (tab, change) in [("2", "E"), ("2", "R"), ("1", "X"), ("1", "R")] {
        aim(screen).await;
        press(screen, "Enter").await;
        press(screen, tab).await;
        press(screen, change).await;
        press(screen, "Down d D").await;
    }
    aim(screen).await;
}

#[tokio::test]
async fn every_screen_shows_it_without_harm() {
    for size in [(120, 40), (80, 24)] {
        for text in [steering, from_right_to_left] {
            let directory = tempfile::tempdir().unwrap();
            let mut screen = on_the_victim(size, directory.path(), text).await;
            assert_frame_is_harmless(&mut screen);
            go_everywhere(&mut screen).await;
        }
    }
}

#[tokio::test]
async fn a_megabyte_in_every_field_leaves_the_screen_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let mut screen = on_the_victim((120, 40), directory.path(), a_megabyte).await;
    press(&mut screen, "Enter 1 2").await;
    take(&mut screen, "Deactivate").await;
    screen.assert_shows("Gentler: suspend");
    press(&mut screen, "d D Esc Esc").await;
    take(&mut screen, "Grant").await;
    press(&mut screen, "Down Enter Esc Esc").await;
    assert!(screen.text().len() < 20_000);
}

#[tokio::test]
async fn what_is_done_is_told_exported_and_journalled_without_harm() {
    let directory = tempfile::tempdir().unwrap();
    let mut screen = on_the_victim((120, 40), directory.path(), steering).await;
    take(&mut screen, "Deactivate").await;
    press(&mut screen, "e y e Esc").await;
    let is_active = screen.demo.with_store(|store| {
        store.users.iter().find(|user| user.common.uuid.to_string() == VICTIM).unwrap().is_active
    });
    assert!(!is_active, "it was done:\n{}", screen.text());
    press(&mut screen, "! Esc").await;
    let mut exports = 0;
    for entry in fs::read_dir(directory.path()).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        assert_harmless(&text, &path.display().to_string());
        if path.extension().is_some_and(|extension| extension == "csv") {
            exports += 1;
            assert_no_formula(&text);
            continue;
        }
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let all = |pointer: &str| lines.iter().filter_map(|line| line.pointer(pointer)).collect::<Vec<_>>();
        let keys = all("/before/keys/0/name");
        assert_eq!(keys, [&json!(steering("key"))], "the journal has all of it");
        let prefs = all("/before/prefs")[0].as_str().unwrap();
        assert!(prefs.contains(&json!(steering("preference")).to_string()), "{prefs}");
    }
    assert!(exports > 0);
}

fn assert_no_formula(csv: &str) {
    for record in csv::Reader::from_reader(csv.as_bytes()).records() {
        for field in &record.unwrap() {
            assert!(!field.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']), "{field:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_prints_it_without_harm() {
    let world = World::institute_today().await;
    world.demo.with_store(|store| poison(store, steering));
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    let (vm, login, token) = world.demo.with_store(|store| {
        let is_login = |link: &&Arc<Link>| link.name == "can_login";
        let user =
            store.users.iter().find(|user| user.common.uuid.to_string() == VICTIM).unwrap().common.uuid;
        let link = store.links.by("tail_uuid", user).find(is_login).unwrap();
        let token = store.tokens.by("owner_uuid", user).next().unwrap();
        let (vm, token) = (link.head_uuid.unwrap().to_string(), token.common.uuid.to_string());
        (vm, link.common.uuid.to_string(), token)
    });
    for format in ["table", "json", "jsonl", "csv"] {
        for args in [
            &["users", "list"][..],
            &["users", "show", VICTIM],
            &["tokens", "list", VICTIM],
            &["tokens", "identify", &token],
            &["logins", "list"],
            &["logins", "list", "--user", VICTIM],
            &["logins", "list", "--vm", &vm],
        ] {
            let mut args = args.to_vec();
            args.extend(["--format", format]);
            assert_printed_without_harm(&program.run(&args), &args);
        }
    }
    let nowhere = "no-such-host";
    for args in [
        &["users", "deactivate", VICTIM][..],
        &["users", "suspend", VICTIM],
        &["users", "admin", VICTIM, "--on"],
        &["users", "setup", VICTIM, "--vm", &vm],
        &["users", "reassign", VICTIM, "--to", "ada"],
        &["users", "reassign", VICTIM, "--to", "ada", "--regrant", &login],
        &["users", "reassign", VICTIM, "--to", "ada", "--stays"],
        &["tokens", "issue", VICTIM],
        &["tokens", "revoke", &token],
        &["tokens", "revoke", "--all-of", VICTIM],
        &["logins", "grant", VICTIM, "--vm", &vm, "--login", "rosa"],
        &["logins", "grant", VICTIM, "--vm", nowhere],
        &["logins", "revoke", VICTIM, "--vm", &vm],
        &["logins", "revoke", "ada", "--vm", &vm],
    ] {
        for how in [&["--dry-run"][..], &["--dry-run", "--format", "json"], &[]] {
            let args: Vec<&str> = args.iter().chain(how).copied().collect();
            let ran = program.run(&args);
            // No account can be called what its username is.
            let is_no_login = args.contains(&"setup") && args.contains(&"--vm") && ran.code == 4;
            let fine = how.is_empty() || ran.code == 0 || args.contains(&nowhere) || is_no_login;
            assert!(fine && !ran.err.contains("Usage:"), "{args:?} is not looked into: {}", ran.err);
            assert_printed_without_harm(&ran, &args);
        }
    }
    let done = program.run(&["logins", "revoke", VICTIM, "--vm", &vm, "--yes"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert_printed_without_harm(&done, &["logins", "revoke", "--yes"]);
    for (name, text) in program.written() {
        assert_harmless(&text, &name);
    }
}

fn assert_printed_without_harm(ran: &Ran, args: &[&str]) {
    for (text, stream) in [(&ran.out, "standard output"), (&ran.err, "standard error")] {
        let place = format!("{stream} of {args:?}");
        assert_harmless(text, &place);
        assert_no_line_is_forged(text, &place);
    }
    if args.contains(&"csv") {
        assert_no_formula(&ran.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_all_of_it() {
    let world = World::institute_today().await;
    world.demo.with_store(|store| poison(store, steering));
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    let shown = program.run(&["users", "show", VICTIM, "--format", "json"]).json();
    assert_eq!(shown["email"], steering("e-mail"));
    assert_eq!(shown["first_name"], steering("first name"));
    assert_eq!(shown["username"], steering("username"));
    assert_eq!(shown["authorized_keys"][0]["name"], steering("key"));
    assert_eq!(shown["logins"][0]["hostname"], steering("host"));
    assert_eq!(shown["logins"][0]["username"], steering("login"));
    assert_eq!(shown["logins"][0]["groups"][0], steering("unix group"));
    assert!(shown["groups"].to_string().contains(&json!(steering("group")).to_string()));
    let tokens = program.run(&["tokens", "list", VICTIM, "--format", "json"]).json();
    assert_eq!(tokens[0]["scopes"][0], format!("GET /{}", steering("scope")));
    let csv = program.run(&["users", "list", "--format", "csv"]).out;
    let row = csv::Reader::from_reader(csv.as_bytes())
        .into_records()
        .map(Result::unwrap)
        .find(|row| &row[0] == VICTIM)
        .unwrap();
    assert!(row[1].starts_with("'=cmd|"), "{row:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_letters_are_cut_for_people_and_not_for_programs() {
    let world = World::institute_today().await;
    world.demo.with_store(|store| poison(store, |what| format!("{what} {}", "x".repeat(10_000))));
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    let list = program.run(&["users", "list"]);
    assert!(list.out.lines().all(|line| line.len() < 2_000));
    let list = program.run(&["users", "list", "--format", "jsonl"]).out;
    assert!(list.contains(&format!("first name {}", "x".repeat(10_000))));
    for args in [&["users", "show", VICTIM][..], &["users", "deactivate", VICTIM, "--dry-run"]] {
        let ran = program.run(args);
        assert!(ran.out.len() + ran.err.len() < 20_000, "{args:?}: {}", ran.out.len() + ran.err.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_odd_link_hides_no_other_and_can_be_mended_or_taken_away() {
    for odd in [
        json!({ "username": "rdelgado", "groups": "docker" }),
        json!({ "username": "rdelgado", "groups": ["docker", 5] }),
        json!({ "username": 5, "groups": { "a": 1 } }),
        json!({ "username": ["a"] }),
    ] {
        let world = World::institute_today().await;
        let program = Program::new(&world.demo.url(), world.demo.admin_token());
        let vm = world.vm("odd.example").await;
        let link = world.link(VICTIM, "can_login", vm, odd.clone()).await;
        let list = program.run(&["logins", "list", "--format", "json"]);
        assert_eq!(list.code, 0, "{odd}: {list:?}");
        let rows = list.json();
        assert!(rows.as_array().unwrap().len() > 5, "all others are there: {rows}");
        let shown = program.run(&["users", "show", VICTIM]);
        assert!(shown.code == 0 && shown.out.contains("odd.example"), "{odd}: {shown:?}");
        if odd["username"] == "rdelgado" {
            let host = vm.to_string();
            let edit = ["logins", "edit", VICTIM, "--vm", host.as_str(), "--group", "docker", "--yes"];
            let mended = program.run(&edit);
            assert_eq!(mended.code, 0, "{odd}: {mended:?}");
            let now = world.ask("GET", &format!("links/{link}"), Value::Null).await;
            assert_eq!(now["properties"], json!({ "username": "rdelgado", "groups": ["docker"] }));
        } else {
            let host = vm.to_string();
            let edit = ["logins", "edit", VICTIM, "--vm", host.as_str(), "--group", "docker", "--yes"];
            let refused = program.run(&edit);
            let said = format!("{}{}", refused.out, refused.err);
            assert!(said.contains("a login without a name on odd.example"), "{odd}: {refused:?}");
            assert!(
                said.contains("or one that is no text, so nobody can log in by it: revoke it"),
                "{refused:?}"
            );
        }
        let ended = program.run(&["users", "deactivate", VICTIM, "--yes"]);
        assert_eq!(ended.code, 0, "{odd}: {ended:?}");
    }
}
