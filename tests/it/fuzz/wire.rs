//! What a server may answer: every read and every write, given records and errors that are almost right.

use super::made_up::Choices;
use crate::wild::{send, serve};
use arv_admin::arvados::client::{Client, Connection};
use arv_admin::arvados::error::Error;
use arv_admin::arvados::links::LinkProperties;
use arv_admin::arvados::request::UserFlags;
use arv_admin::arvados::tokens::Readings;
use arv_admin::arvados::writer::{Mode, WriteAccess, Writer};
use arv_admin::model::ids::{UserUuid, VmUuid};
use arv_admin::model::token::{Expiry, Scopes};
use arv_admin::model::user::Notify;
use arv_admin::model::user_page::{Federation, UserPage};
use arv_admin::secret::Secret;
use arv_admin::timer::ManualTime;
use serde_json::{Map, Value, json};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

/// What is answered to everything now: a status, and a body.
static ANSWER: Mutex<(&str, Vec<u8>)> = Mutex::new(("200 OK", Vec::new()));

/// With what errors come.
const STATUSES: [&str; 6] =
    ["401 Unauthorized", "403 Forbidden", "404 Not Found", "422 Unprocessable Entity", "500 Oh", "503 Busy"];

struct Desk {
    runtime: tokio::runtime::Runtime,
    client: Client,
}

fn desk() -> Desk {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (address, _) = serve(|_, client| {
        let (status, body) = ANSWER.lock().unwrap().clone();
        send(client, status, "", &body);
    });
    let connection = Connection::on_loopback(address.to_string(), Secret::new("canary".to_owned()));
    let time = ManualTime::starting_at("2026-11-24T10:42:00Z".parse().unwrap());
    let time = time.skipping(Duration::from_secs(30));
    Desk { client: Client::new(&connection, time.timer()).unwrap(), runtime }
}

/// A record that has every field any read knows, of the kind that the read wants.
fn record(infix: &str) -> Value {
    let uuid = |infix: &str| format!("zzzzz-{infix}-000000000000001");
    json!({
        "uuid": uuid(infix), "owner_uuid": uuid("tpzed"), "created_at": "2026-11-24T10:42:00.000000000Z",
        "modified_at": "2026-11-24T10:42:00Z", "modified_by_user_uuid": uuid("tpzed"),
        "email": "rosa@example.org", "username": "rosa", "first_name": "Rosa", "last_name": "",
        "is_active": true, "is_admin": false, "is_invited": true, "prefs": { "profile": {} },
        "scopes": ["all", "GET /"], "expires_at": null, "created_by_ip_address": "::1", "last_used_at": null,
        "api_token": "secret-part", "link_class": "permission", "name": "can_login", "tail_uuid": uuid("tpzed"),
        "head_uuid": uuid("2x53u"), "properties": {
            "username": "rosa", "groups": ["docker"], "new_attributes": { "scopes": ["all"] }, "old_attributes": null,
        },
        "hostname": "shell1", "group_class": "role", "authorized_user_uuid": uuid("tpzed"),
        "public_key": "ssh-ed25519 AAAA", "object_uuid": uuid("gj3su"), "object_owner_uuid": uuid("tpzed"),
        "event_at": "2026-11-24T10:42:00Z", "event_type": "create", "auth_uuid": uuid("gj3su"),
        "runtime_user_uuid": uuid("tpzed"), "state": "Running", "ClusterID": "zzzzz",
        "API": { "MaxItemsPerResponse": 1000 }, "Login": { "LoginCluster": "" },
        "Users": { "SyncIgnoredGroups": {}, "SyncRequiredGroups": {} }, "RemoteClusters": { "yyyyy": { "ActivateUsers": true } },
    })
}

/// Puts something wrong in place of what is there, somewhere.
fn spoil(value: &mut Value, choices: &mut Choices<'_>) {
    match value {
        Value::Object(fields) if !fields.is_empty() && choices.below(6) > 0 => {
            let at = choices.below(fields.len());
            if let Some((_, field)) = fields.iter_mut().nth(at) {
                spoil(field, choices);
            }
        }
        Value::Array(items) if !items.is_empty() && choices.below(6) > 0 => {
            let at = choices.below(items.len());
            spoil(&mut items[at], choices);
        }
        Value::String(text) if choices.below(2) > 0 => {
            let at = (0..=choices.below(text.len() + 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            text.truncate(at);
            text.push(choices.character());
        }
        value => {
            *value = match choices.below(12) {
                0 => Value::Null,
                1 => json!(""),
                2 => json!(0),
                3 => json!(-1.5e300),
                4 => json!([]),
                5 => json!({}),
                6 => json!(true),
                7 => json!("9999-12-31T23:59:59Z"),
                8 => json!("long ".repeat(20_000)),
                9 => (0..200).fold(json!(1), |deep, _| json!([deep])),
                10 => json!([[null], { "": "x" }, "\u{0}\u{1b}"]),
                _ => Value::Object(Map::from_iter([("uuid".to_owned(), json!("zzzzz-tpzed-\u{301}"))])),
            };
        }
    }
}

fn body(choices: &mut Choices<'_>, infix: &str) -> Vec<u8> {
    let mut record = record(infix);
    for _ in 0..choices.below(4) {
        spoil(&mut record, choices);
    }
    let mut whole = match choices.below(4) {
        0 => record,
        1 => json!({ "items": [], "items_available": 5, "ClusterID": "zzzzz" }),
        _ => json!({ "items": [record.clone(), record], "items_available": 2 }),
    };
    if choices.below(8) == 1 {
        spoil(&mut whole, choices);
    }
    let mut text = whole.to_string().into_bytes();
    if choices.below(16) == 1 {
        text.truncate(choices.below(256) * text.len() / 256);
    }
    text
}

/// An error as the controller and the Rails API word them (api.md v21), and what else may stand there.
fn error(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut whole = json!({
        "errors": ["//railsapi.internal/arvados/v1/users/x?filters=secret: 422 Unprocessable: #<Oh: no> (req-0)"],
        "error_token": "1700000000+abcdef01",
    });
    for _ in 0..choices.below(4) {
        spoil(&mut whole, choices);
    }
    whole.to_string().into_bytes()
}

/// How many things can be asked for.
const ASKED: usize = READ + 10;

/// How many of them only read.
const READ: usize = 20;

async fn ask(client: &Client, which: usize) -> Result<(), Error> {
    if which < READ {
        return read(client, which).await;
    }
    let leave = WriteAccess::for_mode(Mode::ReadWrite).unwrap();
    let writer = Writer::new(client, &leave);
    let user: UserUuid = "zzzzz-tpzed-000000000000001".parse().unwrap();
    let token = "zzzzz-gj3su-000000000000001".parse().unwrap();
    let vm: VmUuid = "zzzzz-2x53u-000000000000001".parse().unwrap();
    let group = "zzzzz-j7d0g-000000000000001".parse().unwrap();
    let link = "zzzzz-o0j2j-000000000000001".parse().unwrap();
    let login = LinkProperties::login("rosa".to_owned(), vec!["docker".to_owned()]);
    match which - READ {
        0 => writer.issue_token(user, Expiry::Never, &Scopes::All).await.map(|issued| {
            assert_eq!(issued.token.owner, user, "another's token got through");
            assert!(!format!("{issued:?}").contains("secret-part"), "its secret is shown");
        }),
        1 => writer.change_expiry(token, user, Expiry::Never).await.map(drop),
        2 => writer.delete_token(token).await,
        3 => writer.update_user(user, UserFlags { is_active: Some(true), is_admin: None }).await.map(drop),
        4 => writer.unsetup_user(user).await.map(drop),
        5 => writer.set_up_user(user, Some(vm), Notify::Silently).await,
        6 => writer.merge_users(user, user, group).await,
        7 => writer.create_link(user.into(), "can_login", vm.into(), &login).await.map(drop),
        8 => writer.update_link(link, &login).await.map(drop),
        _ => writer.create_project(user, "Data").await.map(drop),
    }
}

async fn read(client: &Client, which: usize) -> Result<(), Error> {
    let user = "zzzzz-tpzed-000000000000001".parse().unwrap();
    let token = "zzzzz-gj3su-000000000000001".parse().unwrap();
    let vm = "zzzzz-2x53u-000000000000001".parse().unwrap();
    let group = "zzzzz-j7d0g-000000000000001".parse().unwrap();
    let link = "zzzzz-o0j2j-000000000000001".parse().unwrap();
    let page = UserPage { after: None, until: None, limit: 1000, federation: Federation::Ask, so_far: 0 };
    match which {
        0 => client.current_user(None).await.map(drop),
        1 => client.users_page(page).await.map(drop),
        2 => client.users_by_uuid(&[user], Federation::Ask).await.map(drop),
        3 => client.preferences_of(&[user], Federation::Ask).await.map(drop),
        4 => client.active_admins(Federation::Bypass).await.map(drop),
        5 => client.current_token().await.map(drop),
        6 => client.everyones_tokens(Readings::UntilQuiet).await.map(drop),
        7 => client.visible_token(token, None).await.map(drop),
        8 => client.tokens_of(user, Readings::UntilQuiet).await.map(|listed| {
            assert!(listed.tokens.iter().all(|token| token.owner == user), "another's token got through");
        }),
        9 => client.token_events_of(&[user]).await.map(drop),
        10 => client.log_begins("zzzzz".parse().unwrap()).await.map(drop),
        11 => client.deleted_links(&[link]).await.map(drop),
        12 => client.permissions_of(&[user]).await.map(drop),
        13 => client.login_links_on(&[vm]).await.map(drop),
        14 => client.groups_by_uuid(&[group]).await.map(drop),
        15 => client.virtual_machines().await.map(drop),
        16 => client.keys_of(&[user]).await.map(drop),
        17 => client.unfinished_containers(&[user]).await.map(drop),
        18 => client.cluster_facts().await.map(drop),
        _ => client.count_contents(user.into()).await.map(drop),
    }
}

#[test]
fn wire() {
    static DESK: OnceLock<Desk> = OnceLock::new();
    let infixes = ["tpzed", "gj3su", "57u5n", "o0j2j", "j7d0g", "2x53u", "fngyi", "dz642"];
    bolero::check!().with_iterations(400).for_each(|bytes| {
        let Desk { runtime, client } = DESK.get_or_init(desk);
        let mut choices = Choices(bytes);
        let which = choices.below(ASKED);
        let likely: [usize; ASKED] =
            [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 3, 4, 5, 6, 7, 0, 4, 1, 1, 1, 0, 0, 0, 0, 3, 3, 4];
        let likely = likely[which];
        let infix = infixes[if choices.below(8) == 1 { choices.below(8) } else { likely }];
        let status = STATUSES[choices.below(STATUSES.len())];
        let answers = [
            ("200 OK", body(&mut choices, infix)),
            ("200 OK", bytes.to_vec()),
            (status, error(&mut choices)),
            (status, bytes.to_vec()),
        ];
        for answer in answers {
            *ANSWER.lock().unwrap() = answer;
            if let Err(error) = runtime.block_on(ask(client, which)) {
                let said = format!("{error} {error:?}");
                assert!(arv_admin::model::text::is_clean(&error.to_string()), "{said}");
                let secret =
                    ["canary", "secret-part", "filters=secret"].iter().any(|word| said.contains(word));
                assert!(!secret && said.len() < 3_000, "{said}");
            }
        }
    });
}
