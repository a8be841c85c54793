//! The started program against one odd value in one record: every command still ends well, and tells of all
//! others.

use crate::http_client;
use crate::program::Program;
use crate::spoiler::{Shape, Spoil, Spoiler};
use crate::world::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_shown_as_that_and_as_no_other_value() {
    let world = World::empty_today().await;
    let token = world.admins_token().await;
    let rosa = world.user("rosa").await;
    let held = world.token(rosa).await;
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    let program = Program::new(&format!("http://{}", gateway.address), &token);
    let user = rosa.to_string();
    let whole = program.run(&["users", "list", "--format", "table"]).out;
    for (field, with, shown) in [
        ("first_name", Shape::Json("12345"), "12345"),
        ("email", Shape::Json("true"), "true"),
        ("username", Shape::Json("12345"), "12345"),
        ("created_at", Shape::Json("\"garbage\""), "garbage"),
        ("is_admin", Shape::Json("12345"), "12345"),
    ] {
        let spoil = Spoil { resource: "users".to_owned(), field: field.to_owned(), with };
        gateway.spoil_record(rosa.as_str(), spoil);
        let one = program.run(&["users", "show", &user]);
        let all = program.run(&["users", "list", "--format", "table"]);
        gateway.spoil(None);
        assert!(one.out.contains(&format!("unreadable: {shown}")), "{field}: {one:?}");
        // All others are what they are without it.
        for line in whole.lines().skip(1).filter(|line| !line.contains(rosa.as_str())) {
            let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert!(all.out.lines().any(|other| words(other) == words(line)), "{field}: {line}: {all:?}");
        }
    }
    // The record of its making: the log has others of this user.
    let filters = json!([["object_uuid", "=", held.uuid], ["event_type", "=", "create"]]);
    let made =
        world.ask("GET", &format!("logs?filters={filters}"), json!(null)).await["items"][0]["uuid"].clone();
    let made: String = serde_json::from_value(made).unwrap();
    for (field, with, shown, never) in [
        ("properties.new_attributes.scopes", Shape::Json("12345"), "unreadable: 12345", "nothing"),
        ("properties.new_attributes.expires_at", Shape::Json("\"garbage\""), "unreadable: garbage", "never"),
    ] {
        let spoil = Spoil { resource: "logs".to_owned(), field: field.to_owned(), with };
        gateway.spoil_record(&made, spoil);
        let listed = program.run(&["tokens", "list", &user, "--format", "table"]);
        gateway.spoil(None);
        assert!(listed.out.contains(held.uuid.as_str()), "{field}: {listed:?}");
        assert!(listed.out.contains(shown) && !listed.out.contains(never), "{field}: {listed:?}");
    }
}

/// What people and programs have written, by resource and field.
const WORST: [(&str, &str, Shape); 8] = [
    // The first token that is answered is the admin's own.
    ("api_client_authorizations", "expires_at", Shape::Json("\"9999-12-31T23:59:59Z\"")),
    ("api_client_authorizations", "scopes", Shape::Json("{\"a\":{\"b\":1}}")),
    ("authorized_keys", "expires_at", Shape::Json("\"9999-12-31T23:59:59Z\"")),
    ("logs", "properties", Shape::Deep),
    ("users", "uuid", Shape::Json("null")),
    ("users", "first_name", Shape::Deep),
    ("users", "last_name", Shape::Json("[1,null,\"x\"]")),
    ("users", "first_name", Shape::Json("12345")),
];

#[tokio::test(flavor = "multi_thread")]
async fn one_odd_value_stops_no_command() {
    let world = World::empty_today().await;
    let admin = world.an_admin().await;
    let token =
        world.token_with(json!({ "owner_uuid": admin, "expires_at": "9999-12-31T23:59:59Z" })).await.v2;
    let rosa = world.user("rosa").await;
    let vm = world.vm("shell1").await;
    world.link(rosa, "can_login", vm, json!({ "username": "rosa", "groups": [] })).await;
    let key = json!({ "name": "laptop", "authorized_user_uuid": rosa, "owner_uuid": rosa,
        "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5FfJ7sMwTsVYCFIHHgbBDdXbEMPNYNrN4HHCJ7qDtP rosa" });
    world.ask("POST", "authorized_keys", json!({ "authorized_key": key })).await;
    let held = world.token_with(json!({ "owner_uuid": rosa, "expires_at": "9999-12-31T23:59:59Z" })).await;
    world.token(rosa).await;
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    let program = Program::new(&format!("http://{}", gateway.address), &token);
    let uuid = held.uuid.to_string();
    let user = rosa.to_string();
    let commands: [&[&str]; 10] = [
        &["users", "list"],
        &["users", "show", &user],
        &["tokens", "list", &user],
        &["tokens", "list", &user, "--exact", "--yes"],
        &["tokens", "revoke", &uuid, "--dry-run"],
        &["tokens", "revoke", "--all-of", &user, "--dry-run"],
        &["users", "deactivate", &user, "--dry-run"],
        &["users", "suspend", &user, "--dry-run"],
        &["logins", "list"],
        &["logins", "grant", &user, "--vm", "shell1", "--login", "rosa3", "--dry-run"],
    ];
    for (resource, field, with) in WORST {
        for command in commands {
            let spoil = Spoil { resource: resource.to_owned(), field: field.to_owned(), with };
            gateway.spoil(Some(spoil));
            let ran = program.run(command);
            gateway.spoil(None);
            let name = format!("{command:?} with {resource}.{field} {with:?}: {ran:?}");
            // A value that can't be read is shown as that; a row that is left out of a list is not shown.
            let left_out = ran.err.contains("left out, because it can't be read which they are");
            let is_of_the_list = resource == "users" && field == "uuid" && command == ["users", "list"];
            assert_eq!(left_out, is_of_the_list, "{name}");
            assert_eq!(ran.code, if is_of_the_list { 3 } else { 0 }, "{name}");
            assert!(!ran.out.trim().is_empty(), "{name}");
            let of_rosa =
                ran.out.contains(rosa.as_str()) || ran.out.contains("rosa") || ran.out.contains(&uuid);
            assert!(of_rosa, "{name}");
        }
    }
    // What was done, and not only planned.
    gateway.spoil(Some(Spoil {
        resource: "api_client_authorizations".to_owned(),
        field: "expires_at".to_owned(),
        with: Shape::Json("\"9999-12-31T23:59:59Z\""),
    }));
    let revoked = program.run(&["tokens", "revoke", "--all-of", &user, "--yes"]);
    assert_eq!(revoked.code, 0, "{revoked:?}");
    assert_eq!(world.alive(rosa).await, [], "{revoked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_a_row_left_out_ends_with_3_in_every_format() {
    let world = World::empty_today().await;
    let token = world.admins_token().await;
    let rosa = world.user("rosa").await;
    let vm = world.vm("shell1").await;
    let links = [
        world.link(rosa, "can_login", vm, json!({ "username": "rosa", "groups": [] })).await,
        world.link(rosa, "can_login", vm, json!({ "username": "rosa2", "groups": [] })).await,
    ];
    let held = [world.token(rosa).await.uuid, world.token(rosa).await.uuid];
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    let program = Program::new(&format!("http://{}", gateway.address), &token);
    let user = rosa.to_string();
    let log = {
        let filters = json!([["object_uuid", "=", held[0]], ["event_type", "=", "create"]]);
        let made = world.ask("GET", &format!("logs?filters={filters}"), json!(null)).await;
        made["items"][0]["uuid"].as_str().unwrap().to_owned()
    };
    let cases: [(&str, &str, &str, &[&str]); 5] = [
        ("users", "uuid", rosa.as_str(), &["users", "list"]),
        ("links", "uuid", links[0].as_str(), &["logins", "list"]),
        ("links", "uuid", links[0].as_str(), &["users", "show", &user]),
        ("logs", "object_uuid", &log, &["tokens", "list", &user]),
        (
            "api_client_authorizations",
            "uuid",
            held[0].as_str(),
            &["tokens", "list", &user, "--exact", "--yes"],
        ),
    ];
    for (resource, field, uuid, command) in cases {
        for format in ["table", "json", "csv", "jsonl"] {
            let spoil =
                Spoil { resource: resource.to_owned(), field: field.to_owned(), with: Shape::Json("12345") };
            gateway.spoil_record(uuid, spoil);
            let command = [command, &["--format", format]].concat();
            let ran = program.run(&command);
            gateway.spoil(None);
            assert_eq!(ran.code, 3, "{command:?}: {ran:?}");
            assert!(!ran.out.trim().is_empty() && !ran.err.is_empty(), "{command:?}: {ran:?}");
            assert_eq!(program.run(&command).code, 0, "{command:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_no_json_hides_nobody_and_stops_no_revoking() {
    let world = World::empty_today().await;
    let token = world.admins_token().await;
    let (rosa, otto) = (world.user("rosa").await, world.user("otto").await);
    world.tokens(rosa, 2).await;
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    let program = Program::new(&format!("http://{}", gateway.address), &token);
    for (odd, shown) in [("NaN", "unreadable: NaN"), ("\"ro\u{1}sa\"", "rosa"), ("01", "unreadable: 01")] {
        gateway.blot(Some(("\"username\":\"rosa\"", &format!("\"username\":{odd}"))));
        let listed = program.run(&["users", "list", "--format", "table"]);
        let one = program.run(&["users", "show", rosa.as_str()]);
        gateway.blot(None);
        assert_eq!((listed.code, one.code), (0, 0), "{odd:?}: {listed:?} {one:?}");
        let line = listed.out.lines().find(|line| line.contains(rosa.as_str())).unwrap();
        assert!(line.contains(shown) && listed.out.contains(otto.as_str()), "{odd:?}: {listed:?}");
        assert!(one.out.contains(shown), "{odd:?}: {one:?}");
    }
    // Every token's scopes, the own ones too.
    gateway.blot(Some(("\"scopes\":[\"all\"]", "\"scopes\":NaN")));
    let revoked = program.run(&["tokens", "revoke", "--all-of", rosa.as_str(), "--yes"]);
    gateway.blot(None);
    assert_eq!((revoked.code, world.alive(rosa).await), (0, vec![]), "{revoked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_has_null_or_words_for_what_cannot_be_read_and_what_stands_there_beside_it() {
    let world = World::empty_today().await;
    let admin = world.an_admin().await;
    let token = world.token(admin).await;
    let rosa = world.user("rosa").await;
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    let program = Program::new(&format!("http://{}", gateway.address), &token.v2);
    let (user, mine) = (rosa.to_string(), admin.to_string());
    let of_users: [&[&str]; 2] = [&["users", "list"], &["users", "show", &user]];
    let of_tokens: [&[&str]; 1] = [&["tokens", "list", &mine]];
    for (resource, uuid, field, with, told, value, words, commands) in [
        (
            "users",
            rosa.as_str(),
            "username",
            "12345",
            "12345",
            json!(null),
            "unreadable: 12345",
            &of_users[..],
        ),
        ("users", rosa.as_str(), "is_admin", "\"odd\"", "odd", json!(null), "", &of_users[..1]),
        (
            "users",
            rosa.as_str(),
            "created_at",
            "\"soon\"",
            "soon",
            json!(null),
            "unreadable: soon",
            &of_users,
        ),
        (
            "api_client_authorizations",
            token.uuid.as_str(),
            "expires_at",
            "\"soon\"",
            "soon",
            // Null would say that it never ends.
            json!("unreadable: soon"),
            "unreadable: soon",
            &of_tokens,
        ),
        (
            "api_client_authorizations",
            token.uuid.as_str(),
            "scopes",
            "null",
            "null",
            json!(null),
            "unreadable: null",
            &of_tokens,
        ),
    ] {
        for &command in commands {
            let whole = program.run(&[command, &["--format", "json"]].concat());
            assert!(!whole.out.contains("\"unreadable\""), "{whole:?}");
            let spoil =
                Spoil { resource: resource.to_owned(), field: field.to_owned(), with: Shape::Json(with) };
            gateway.spoil_record(uuid, spoil);
            let data = program.run(&[command, &["--format", "json"]].concat());
            let csv = program.run(&[command, &["--format", "csv"]].concat());
            gateway.spoil(None);
            assert_eq!((data.code, csv.code), (0, 0), "{command:?} {field}: {data:?} {csv:?}");
            let data = data.json();
            let rows = data.as_array().cloned().unwrap_or_else(|| vec![data.clone()]);
            let row = rows.iter().find(|row| row["uuid"] == uuid).unwrap();
            assert_eq!(
                (&row[field], &row["unreadable"]),
                (&value, &json!({ field: told })),
                "{command:?}: {row}"
            );
            let others = rows.iter().filter(|row| row["uuid"] != uuid);
            assert!(others.clone().all(|row| row.get("unreadable").is_none()), "{command:?}: {data}");
            assert!(csv.out.contains(words) && !csv.out.contains("unreadable,"), "{command:?}: {csv:?}");
        }
    }
}
