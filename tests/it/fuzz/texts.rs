//! What people type, paste and configure.

use super::made_up::texts;
use arv_admin::cli::resolve::Word;
use arv_admin::config::{Settings, Surroundings, Wanted};
use arv_admin::model::ids::{AnyUuid, ClusterId, UserUuid};
use arv_admin::model::text::{clean, harmless_json, is_clean, named};
use arv_admin::model::token::{Expiry, Scope, Scopes};
use arv_admin::model::user::{User, UserRole, UserStatus};
use arv_admin::model::user_filter::UserFilter;
use arv_admin::model::vm::LoginName;
use arv_admin::model::when::parse_expiry;
use arv_admin::ops::find_token::Given;
use arv_admin::ops::journal::Journal;
use arv_admin::secret::Secret;
use jiff::Timestamp;
use std::ffi::OsString;
use std::fs;

const NOW: &str = "2026-11-24T10:42:00Z";

fn user(name: &str) -> User {
    User {
        uuid: "zzzzz-tpzed-000000000000001".parse().unwrap(),
        email: "rosa@example.org".into(),
        username: "rosa".into(),
        first_name: name.into(),
        last_name: "".into(),
        status: UserStatus::Active,
        role: UserRole::Plain.into(),
        created_at: None,
        modified_at: None,
        modified_by: None,
    }
}

#[test]
fn filter() {
    let pieces =
        ["is:", "!", "active", "setup", "inactive", "admin", "remote", " ", "ro", "sa", "ß", "Ø", "é"];
    let here: ClusterId = "zzzzz".parse().unwrap();
    bolero::check!().with_iterations(2_000).for_each(|bytes| {
        for text in texts(bytes, &pieces) {
            let filter = UserFilter::parse(&text);
            let middle = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let wider = UserFilter::parse(&text[..middle]);
            for someone in [user(&text), user("Rosa"), user("")] {
                let (is_in, is_in_wider) = (filter.matches(&someone, here), wider.matches(&someone, here));
                assert!(!(filter.narrows(&wider) && is_in && !is_in_wider), "{text:?} narrows {wider:?}");
            }
            let plain = text.split_whitespace().all(|word| !word.starts_with('!') && !word.contains(':'));
            assert!(!plain || filter.matches(&user(&text), here), "{text:?} does not find itself");
        }
    });
}

#[test]
fn expiry() {
    let pieces = [
        "never",
        "20",
        "26",
        "-",
        "12",
        "31",
        "T",
        ":",
        "00",
        "Z",
        " ",
        "d",
        "mo",
        "y",
        "w",
        "h",
        "P",
        "9999",
        "999999999",
        "+02:00",
        "[UTC]",
        "ago",
        "1",
        "e",
        ".",
        "0",
    ];
    let now: Timestamp = NOW.parse().unwrap();
    bolero::check!().with_iterations(2_000).for_each(|bytes| {
        for text in texts(bytes, &pieces) {
            match parse_expiry(&text, now) {
                Ok(Expiry::At(at)) => assert!(at > now, "{text:?} is past"),
                Ok(Expiry::Never) => {
                    assert!(text.trim().eq_ignore_ascii_case("never"), "{text:?} never ends");
                }
                Err(error) => assert!(is_clean(&error.to_string()), "{error}"),
            }
        }
    });
}

#[test]
fn names() {
    let pieces = [
        "GET",
        "POST",
        " ",
        "/",
        "arvados",
        "v1",
        "all",
        "..",
        "?",
        "#",
        "*",
        "zzzzz",
        "-",
        "tpzed",
        "gj3su",
        "000000000000001",
        "_",
        "$",
        "\u{1b}",
        "@",
        "v2/",
        "docker",
        "A",
    ];
    bolero::check!().with_iterations(2_000).for_each(|bytes| {
        for text in texts(bytes, &pieces) {
            if let Ok(name) = text.parse::<LoginName>() {
                let breaks = |c: char| matches!(c, ':' | '/') || c.is_whitespace() || c.is_control();
                let name = name.as_str();
                assert!(!name.contains(breaks) && !name.starts_with('-'), "{text:?}");
                assert!((1..=32).contains(&name.len()), "{text:?}");
            }
            if let Ok(scope) = text.parse::<Scope>() {
                assert_eq!(scope.as_str().parse::<Scope>().unwrap(), scope);
                assert!(is_clean(scope.as_str()), "{text:?}");
            }
            if let Ok(scopes) = text.parse::<Scopes>() {
                let wire = scopes.to_wire().into_iter().map(str::to_owned).collect();
                assert_eq!(Scopes::from_wire(wire), scopes, "{text:?}");
            }
            if let Ok(uuid) = text.parse::<AnyUuid>() {
                assert_eq!(uuid.to_string(), text);
            }
            match text.parse::<Word>() {
                Ok(Word::Uuid(uuid)) => assert_eq!(uuid.to_string(), text),
                Ok(Word::Email(word) | Word::Username(word)) => {
                    assert!(!word.is_empty() && !word.starts_with("v2/"), "{text:?}");
                }
                Err(said) => assert!(is_clean(&said) && said.len() < 500, "{said:?}"),
            }
        }
    });
}

#[test]
fn what_is_shown() {
    let pieces =
        ["=", "+", "\u{1b}[", "\r", "\n", "\t", " ", "\u{202e}", "e", "\u{301}", "李", "\"", "\\", "👩‍👩‍👧"];
    bolero::check!().with_iterations(2_000).for_each(|bytes| {
        for text in texts(bytes, &pieces) {
            let cleaned = clean(&text);
            assert!(is_clean(&cleaned) && clean(&cleaned) == cleaned, "{text:?}");
            let name = named(&text);
            assert!(is_clean(&name) && name.chars().count() <= 101 && named(&name) == name, "{text:?}");
            let json = serde_json::to_string(&text).unwrap();
            let shown = harmless_json(&json);
            assert!(is_clean(&shown), "{shown:?}");
            assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
        }
    });
}

#[test]
fn settings() {
    let pieces = [
        "ARVADOS_API_HOST",
        "ARVADOS_API_TOKEN",
        "ARVADOS_API_HOST_INSECURE",
        "=",
        "\n",
        " ",
        "#",
        "\r\n",
        "canary",
        "zzzzz.example",
        "http://",
        "https://",
        "127.0.0.1",
        "[::1]",
        ":",
        "9000",
        "/",
        "@",
        "?",
        "localhost",
        "\u{feff}",
        "true",
        "1",
        "v2/",
        "\\",
        "0x7f.1",
        "%31",
        "。",
    ];
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("home/.config/arvados/settings.conf");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    bolero::check!().with_iterations(300).for_each(|bytes| {
        let [_, chosen] = texts(bytes, &pieces);
        for content in [bytes, chosen.as_bytes()] {
            fs::write(&path, content).unwrap();
            let env = |name: &str| (name == "HOME").then(|| OsString::from("/home"));
            let said = match Settings::load(Wanted::Usual, &Surroundings::new(&env, root.path())) {
                Ok(settings) => {
                    let host = &settings.connection.host;
                    let odd = |c: char| c.is_whitespace() || c.is_control() || "/?#@\\".contains(c);
                    assert!(!host.is_empty() && !host.contains(odd), "{host:?}");
                    format!("{settings:?}")
                }
                Err(error) => format!("{error} {error:?}"),
            };
            let secret = String::from_utf8_lossy(content).contains("TOKEN=canary");
            let elsewhere = String::from_utf8_lossy(content).matches("canary").count() > 1;
            assert!(!secret || elsewhere || !said.contains("canary"), "{said}");
        }
    });
}

#[test]
fn given_tokens() {
    let pieces = [
        "v2/",
        "zzzzz-gj3su-",
        "000000000000001",
        "/",
        "canarycanarycanarycanarycanarycanarycanary",
        " ",
        "\n",
        "zzzzz-tpzed-",
        "a",
        "0",
    ];
    bolero::check!().with_iterations(2_000).for_each(|bytes| {
        for text in texts(bytes, &pieces) {
            let said = match Given::parse(&Secret::new(text)) {
                Ok(given) => format!("{given:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!said.contains("canary"), "{said}");
        }
    });
}

#[test]
fn journal() {
    let pieces = [
        "{",
        "}",
        "\"batch\":\"one\"",
        ",",
        "\"cluster\":\"zzzzz\"",
        "\n",
        "\"user\":\"zzzzz-tpzed-000000000000001\"",
        "\"change\":\"suspend\"",
        "\"change\":\"other\"",
        "\"result\":\"done\"",
        "\"result\":\"failed\"",
        "\"before\":{\"is_admin\":true}",
        "null",
        "\"at\":1",
        "[",
        "]",
        "{\"at\":\"2026-11-24T10:42:00Z\",\"verb\":\"Suspend\",\"by\":\"zzzzz-tpzed-000000000000001\",",
        "\"record\":\"before\",\"calls\":[]",
        "\"record\":\"result\"",
        "\"record\":\"token\",\"event\":\"helper_made\",\"expires_at\":null",
        "\"v\":1",
    ];
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.jsonl");
    let (here, user): (ClusterId, UserUuid) =
        ("zzzzz".parse().unwrap(), "zzzzz-tpzed-000000000000001".parse().unwrap());
    let last = b"\n{\"at\":\"2026-11-24T10:42:00Z\",\"verb\":\"Suspend\",\"by\":\"zzzzz-tpzed-000000000000002\",\"record\":\"before\",\"calls\":[],\"batch\":\"last\",\"cluster\":\"zzzzz\",\"user\":\"zzzzz-tpzed-000000000000001\",\"change\":\"suspend\",\"before\":{\"is_admin\":true}}\n";
    bolero::check!().with_iterations(300).for_each(|bytes| {
        let [_, chosen] = texts(bytes, &pieces);
        for content in [bytes, chosen.as_bytes()] {
            fs::write(&path, content).unwrap();
            assert!(Journal::at(path.clone()).flags_taken(here).is_ok());
            assert!(Journal::at(path.clone()).open_helpers(here, Timestamp::UNIX_EPOCH).is_ok());
            fs::write(&path, [content, last].concat()).unwrap();
            let taken = Journal::at(path.clone()).flags_taken(here).unwrap();
            assert!(taken.contains(&user), "the last line counts");
        }
    });
}
