//! Servers that are broken or mean harm: answers without an end, pages that repeat, redirects elsewhere,
//! errors that steer the terminal.

use crate::program::Program;
use crate::wild::{Asked, send, serve, serve_json};
use arv_admin::arvados::client::{Client, Connection};
use arv_admin::arvados::error::Error;
use arv_admin::arvados::tokens::{Reading, Readings};
use arv_admin::arvados::writer::{Mode, WriteAccess, Writer};
use arv_admin::model::user_page::{Bound, Federation, UserPage};
use arv_admin::secret::Secret;
use arv_admin::timer::ManualTime;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

const TOKEN: &str = "v2/zzzzz-gj3su-000000000000001/canary0secret0canary0secret0canary0secret0canary0secr";

fn client(address: SocketAddr) -> Client {
    let connection = Connection::on_loopback(address.to_string(), Secret::new(TOKEN.to_owned()));
    let start = "2026-11-24T10:42:00Z".parse().unwrap();
    let time = ManualTime::starting_at(start).skipping(Duration::from_secs(30));
    Client::new(&connection, time.timer()).unwrap()
}

fn assert_too_long<T: std::fmt::Debug>(answer: Result<T, Error>, asked: &Asked) {
    let error = answer.unwrap_err();
    assert!(error.to_string().contains("longer than 4 MB"), "{error}");
    assert!(error.request_id().is_some());
    assert_eq!(asked.heads().len(), 1, "it is not asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_an_end_is_given_up() {
    let (address, asked) = serve(|_, client| {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        let _ = client.write_all(head.as_bytes());
        while client.write_all(chunk.as_bytes()).is_ok() {}
    });
    assert_too_long(client(address).current_user(None).await, &asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_answer_that_unpacks_to_a_huge_one_is_given_up() {
    let bomb = bomb(80 << 20);
    assert!(bomb.len() < 1 << 20);
    let (address, asked) = serve(move |_, client| {
        send(client, "200 OK", "Content-Encoding: gzip\r\n", &bomb);
    });
    assert_too_long(client(address).current_user(None).await, &asked);
}

/// So many blanks, packed.
fn bomb(blanks: usize) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    // One block with the fixed codes: a blank, then "258 times the one before" again and again.
    let (mut bits, mut held) = (0_u32, 0);
    let mut put = |code: u32, length: u32| {
        for at in 0..length {
            bits |= (code >> at & 1) << held;
            held += 1;
            if held == 8 {
                bytes.push(u8::try_from(bits).unwrap());
                (bits, held) = (0, 0);
            }
        }
    };
    put(0b011, 3);
    put((0b0011_0000_u32 + u32::from(b' ')).reverse_bits() >> 24, 8);
    for _ in 0..blanks / 258 {
        put(0b1100_0101_u32.reverse_bits() >> 24, 8);
        put(0, 5);
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_refusal_is_a_refusal() {
    let (address, _) = serve_json("403 Forbidden", format!("{{\"errors\":[\"{}\"]}}", "x".repeat(8 << 20)));
    let error = client(address).current_user(None).await.unwrap_err();
    assert_eq!(error.to_string(), "403 forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_error_messages_few_are_kept() {
    let messages: Vec<String> = (0..1_000).map(|n| format!("{n} {}", "x".repeat(10_000))).collect();
    let body = serde_json::json!({ "errors": messages }).to_string();
    let (address, _) = serve_json("422 Unprocessable Entity", body[..900_000].to_owned() + "\"]}");
    let text = client(address).current_user(None).await.unwrap_err().to_string();
    assert!(text.starts_with("422 0 xxx") && text.len() < 2_000, "{}", text.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_has_no_end_is_unknown_not_failed() {
    let (address, asked) = serve_json("200 OK", " ".repeat(65 << 20));
    let client = client(address);
    let leave = WriteAccess::for_mode(Mode::ReadWrite).unwrap();
    let user = "zzzzz-tpzed-000000000000001".parse().unwrap();
    let answer = Writer::new(&client, &leave).unsetup_user(user).await;
    assert!(answer.unwrap_err().leaves_write_unknown());
    assert_eq!(asked.heads().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_repeat_for_ever_are_no_list() {
    let row = serde_json::json!({
        "uuid": "zzzzz-2x53u-000000000000001", "hostname": "shell", "object_uuid": null,
        "owner_uuid": "zzzzz-tpzed-000000000000001",
    });
    let text = |error: Error| error.to_string();

    let (address, asked) = serve_json("200 OK", serde_json::json!({ "items": [row] }).to_string());
    let said = client(address).virtual_machines().await.map_err(text).unwrap_err();
    assert!(said.contains("again and again"), "{said}");
    assert_eq!(asked.heads().len(), 2);

    let token = row.to_string().replace("2x53u", "gj3su");
    let other = token.replace("000000000000001", "000000000000002");
    let (address, asked) = serve_json("200 OK", format!("{{\"items\":[{token},{other}]}}"));
    let listed = client(address).everyones_tokens(Readings::UntilQuiet).await.unwrap();
    assert_eq!(
        (listed.reading, listed.tokens.len()),
        (Reading::Moving, 2),
        "what was seen, and no more is said"
    );
    assert_eq!(asked.heads().len(), 8, "four times two pages");

    let user = row.to_string().replace("2x53u", "tpzed");
    let (address, _) = serve_json("200 OK", format!("{{\"items\":[{user}]}}"));
    let after = Some(Bound::User("zzzzz-tpzed-000000000000001".parse().unwrap()));
    let page = UserPage { after, until: None, limit: 1000, federation: Federation::Ask, so_far: 0 };
    let said = client(address).users_page(page).await.map_err(text).unwrap_err();
    assert!(said.contains("again and again"), "{said}");

    // Another user on each page, for ever.
    let page = UserPage { after: None, so_far: 1_999_999, ..page };
    assert_eq!(client(address).users_page(page).await.map_err(text).unwrap().users.len(), 1);
    let page = UserPage { so_far: 2_000_000, ..page };
    for said in [
        client(address).users_page(page).await.map_err(text).unwrap_err(),
        client(address).counted_users(None, page).await.map_err(text).unwrap_err(),
    ] {
        assert!(said.contains("more than 2000000 users: the list is not read further"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_is_followed_and_none_carries_the_token() {
    let (elsewhere, asked_elsewhere) = serve_json("200 OK", "{}".to_owned());
    for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 X"] {
        for place in [format!("http://{elsewhere}/arvados/v1/users/current"), format!("//{elsewhere}/")] {
            let (address, asked) = serve(move |_, client| {
                send(client, status, &format!("Location: {place}\r\n"), b"");
            });
            let client = client(address);
            let error = client.current_user(None).await.unwrap_err();
            assert!(error.to_string().contains("redirects are not followed"), "{error}");
            let leave = WriteAccess::for_mode(Mode::ReadWrite).unwrap();
            let user = "zzzzz-tpzed-000000000000001".parse().unwrap();
            assert!(Writer::new(&client, &leave).unsetup_user(user).await.is_err());
            assert!(asked.heads().iter().all(|head| head.contains(TOKEN)), "the token went where it belongs");
        }
    }
    assert_eq!(asked_elsewhere.heads(), Vec::<String>::new());
}

#[test]
fn an_error_of_the_server_steers_no_terminal() {
    let text = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{200b}no\r\nFORGED: all is well";
    let body = serde_json::json!({ "errors": [text] }).to_string();
    let (address, _) = serve(move |_, client| {
        let headers = "X-Request-Id: req-forged\r\nRetry-After: forged\r\n";
        send(client, "422 Unprocessable", headers, body.as_bytes());
    });
    let program = Program::new(&format!("http://{address}"), TOKEN);
    for format in ["table", "json"] {
        let ran = program.run(&["check", "--format", format]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("FORGED: all is well"), "the words are shown: {ran:?}");
        let said = ran.out + &ran.err;
        crate::hostile::assert_harmless(&said, "what an error says");
        assert!(!said.lines().any(|line| line.starts_with("FORGED")), "{said}");
        assert!(!said.contains("forged"), "our own request id is told: {said}");
    }
}
