//! A secret is seen nowhere but in the Authorization header and where it is told, once: the dialog of a new
//! token, the standard output of `tokens issue`. Not even a part of it.

use crate::harness::{Screen, Start};
use crate::program::Program;
use crate::tap::tap;
use crate::world::{Held, World};
use arv_admin::cli::args::Arguments;
use arv_admin::demo::{Fault, Rule};
use arv_admin::ops::journal::Journal;
use arv_admin::secret::Secret;
use arv_admin::tui::terminal::install_panic_hook;
use clap::CommandFactory;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A part this long is in no other text by chance; whatever shows twice as much of a secret shows one.
const PART: usize = 10;

/// Fails if any part of a secret is in the text.
fn assert_silent(text: &str, secrets: &[&str], place: &str) {
    for secret in secrets {
        assert!(secret.len() >= 40, "{secret:?} is no secret");
        if let Some(part) = parts(secret).find(|part| text.contains(part)) {
            panic!("{part:?} of a secret is in {place}:\n{text}");
        }
    }
}

fn parts(secret: &str) -> impl Iterator<Item = &str> {
    (0..=secret.len() - PART).step_by(PART).map(|at| &secret[at..at + PART])
}

/// The secret of a `v2/…` token.
fn bare(v2: &str) -> &str {
    v2.rsplit('/').next().unwrap()
}

/// How long something must have been on the screen before a key answers it, and more.
const TO_READ: Duration = Duration::from_millis(400);

/// A screen that is looked at after every key.
struct Watched {
    screen: Screen,
    secrets: Vec<String>,
}

impl Watched {
    async fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.screen.press(key).await;
            self.look();
            self.screen.settle().await;
            self.look();
            self.screen.advance(TO_READ).await;
        }
    }

    async fn paste(&mut self, text: &str) {
        self.screen.paste(text).await;
        self.screen.settle().await;
        self.look();
    }

    fn secrets(&self) -> Vec<&str> {
        self.secrets.iter().map(String::as_str).collect()
    }

    /// The frame, the state behind it, and what went to the terminal beside the frames.
    fn look(&mut self) {
        let frame = self.screen.text().replace('\n', "");
        let (state, aside) = (format!("{:?}", self.screen.state()), self.screen.aside());
        let secrets = self.secrets();
        assert_silent(&frame, &secrets, "a frame");
        assert_silent(&state, &secrets, "the state");
        assert_silent(&aside, &secrets, "what went to the terminal");
    }

    /// The tokens of a user as the server has them, in the v2 form.
    fn tokens_of(&self, username: &str) -> Vec<String> {
        self.screen.demo.with_store(|store| {
            let user = store.user_named(username).unwrap().common.uuid;
            store.tokens.by("owner_uuid", user).map(|token| token.v2()).collect()
        })
    }

    async fn filter(&mut self, words: &str) {
        self.screen.press("/").await;
        self.screen.type_text(words).await;
        self.press("Enter").await;
        self.screen.advance(Duration::from_secs(1)).await;
        self.look();
    }
}

fn files_in(directory: &Path) -> Vec<(String, String)> {
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap());
    let read = |file: fs::DirEntry| {
        (file.file_name().to_string_lossy().into_owned(), fs::read_to_string(file.path()).unwrap())
    };
    files.map(read).collect()
}

async fn watched(directory: &Path) -> Watched {
    let start = Start {
        // Few, because the whole state is looked through after every key.
        users: 60,
        journal: Journal::at(directory.join("journal.jsonl")),
        export_to: vec![directory.to_owned()],
        ..Start::default()
    };
    let screen = Screen::start(start).await;
    let in_use = bare(screen.demo.admin_token()).to_owned();
    let mut watched = Watched { screen, secrets: vec![in_use] };
    let leaked = watched.tokens_of("rdelgado").into_iter().map(|v2| bare(&v2).to_owned());
    watched.secrets.extend(leaked);
    watched.look();
    watched
}

#[tokio::test]
async fn what_is_pasted_to_be_found_is_shown_nowhere_and_sent_as_authorization_only() {
    let directory = tempfile::tempdir().unwrap();
    let mut at = watched(directory.path()).await;
    at.filter("rosa delgado").await;
    let [first, second, ..] = &at.tokens_of("rdelgado")[..] else { panic!("she has several") };
    let (first, second) = (first.clone(), second.clone());

    for given in [first.as_str(), bare(&second)] {
        at.press("f").await;
        at.paste(given).await;
        at.press("Enter c Esc").await;
    }
    // What is no token is not repeated, and one of another cluster is not sent.
    let foreign = format!("v2/yyyyy-gj3su-{}/{}", "0".repeat(15), bare(&first));
    for given in [format!("{first} and more"), first.replace("v2/", "v9/"), foreign] {
        at.press("f").await;
        at.paste(&given).await;
        // Once out of what was pasted, once out of the dialog: not further.
        at.press("Enter Esc").await;
    }
    // Answers that are errors.
    for fault in [Fault::ServerError, Fault::HtmlBody, Fault::TruncatedBody, Fault::Unauthorized] {
        let rule = Rule::new("/arvados/v1/api_client_authorizations/current", fault);
        at.screen.demo.faults().add(rule);
        at.press("f").await;
        at.paste(&first).await;
        at.screen.press("Enter").await;
        at.screen.advance(Duration::from_secs(60)).await;
        at.look();
        at.press("Esc ! Esc").await;
        at.screen.demo.faults().clear();
    }
    // Then it is revoked, by itself.
    at.press("f").await;
    at.paste(&first).await;
    at.press("Enter r d D e y").await;
    assert!(!at.tokens_of("rdelgado").contains(&first), "{}", at.screen.text());
    at.press("Esc ! Esc").await;
    assert_nothing_kept(&at, directory.path());
}

#[tokio::test]
async fn a_new_token_is_told_by_its_dialog_alone_and_only_when_asked() {
    let directory = tempfile::tempdir().unwrap();
    let mut at = watched(directory.path()).await;
    at.filter("rosa delgado").await;
    let before = at.tokens_of("rdelgado");
    at.press("Enter 1 A Ctrl-S d D e y").await;
    let new = at.tokens_of("rdelgado").into_iter().find(|v2| !before.contains(v2));
    let new = new.unwrap_or_else(|| panic!("none was issued:\n{}", at.screen.text()));
    let secret = bare(&new).to_owned();
    at.secrets.push(secret.clone());
    at.look();

    let shows = |at: &mut Watched| parts(&secret).any(|part| at.screen.text().contains(part));
    at.screen.press("s").await;
    assert!(shows(&mut at), "it is shown on request:\n{}", at.screen.text());
    assert_silent(&format!("{:?}", at.screen.state()), &at.secrets(), "the state");
    at.screen.advance(Duration::from_secs(61)).await;
    assert!(!shows(&mut at), "it is hidden after a minute:\n{}", at.screen.text());
    at.look();
    assert!(!at.screen.aside().contains("]52;"), "nothing is copied unasked");
    at.screen.press("c").await;
    assert!(at.screen.aside().contains("]52;"), "it is copied on request, as the clipboard wants it");
    // The same key again shows it alone, in the terminal's own lines, until a key comes or a minute is over.
    let before = at.screen.aside().len();
    at.screen.press("c").await;
    assert!(at.screen.aside()[before..].contains(&new), "it is shown alone");
    assert_silent(&format!("{:?}", at.screen.state()), &at.secrets(), "the state");
    at.screen.advance(Duration::from_secs(61)).await;
    assert!(at.screen.state().alone().is_none(), "it is wiped after a minute");
    assert!(!shows(&mut at));
    at.screen.press("c c").await;
    assert!(at.screen.state().alone().is_some());
    at.screen.press("Ctrl-Z").await;
    assert!(at.screen.state().alone().is_none(), "it is wiped before the shell comes");
    at.screen.come_back();
    at.screen.press("Esc Esc r ! Esc").await;
    assert_nothing_kept(&at, directory.path());
}

/// No secret is in any request but its Authorization header, nor in the journal, nor in a file.
fn assert_nothing_kept(at: &Watched, directory: &Path) {
    for seen in at.screen.demo.requests() {
        assert_silent(&format!("{seen:?}"), &at.secrets(), "a request");
    }
    let files = files_in(directory);
    let journalled = |(name, text): &(String, String)| name == "journal.jsonl" && text.contains("gj3su");
    assert!(files.iter().any(journalled), "it was journalled");
    assert!(files.len() > 1, "something was exported");
    for (name, text) in files {
        assert_silent(&text, &at.secrets(), &name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_send_it_in_the_header_and_write_it_nowhere() {
    let world = World::empty_today().await;
    let person = |name: &str, is_admin: bool| json!({ "email": format!("{name}@example.org"), "username": name, "is_active": true, "is_admin": is_admin });
    let admin = world.user_with(person("admin", true)).await;
    let rosa = world.user_with(person("rosa", false)).await;
    let (in_use, leaked, other): (Held, Held, Held) =
        (world.token(admin).await, world.token(rosa).await, world.token(rosa).await);
    let (address, wire) = tap(world.demo.addr());
    let mut program = Program::new(&format!("http://{address}"), &in_use.v2);
    program.set("ARV_ADMIN_LOG", "trace");
    let mut secrets = vec![in_use.secret.clone(), leaked.secret.clone(), other.secret.clone()];

    let issued = program.run(&["tokens", "issue", "rosa", "--yes"]);
    let told = bare(issued.out.trim()).to_owned();
    assert_silent(&issued.err, &[&told], "standard error");
    secrets.push(told);
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();

    let of_no_cluster = leaked.v2.replace("zzzzz", "yyyyy");
    let garbage = format!("{} {}", leaked.v2, leaked.v2);
    for (args, input) in [
        (&["check"][..], ""),
        (&["users", "show", "rosa"], ""),
        (&["tokens", "list", "rosa", "--format", "json"], ""),
        (&["tokens", "list", "rosa", "--exact", "--yes", "--format", "csv"], ""),
        (&["tokens", "issue", "rosa", "--dry-run"], ""),
        (&["tokens", "issue", "rosa"], ""),
        (&["tokens", "identify"], leaked.v2.as_str()),
        (&["tokens", "identify", "--format", "json"], &other.secret),
        (&["tokens", "identify"], &of_no_cluster),
        (&["tokens", "identify"], &garbage),
        (&["tokens", "identify", &leaked.v2], ""),
        (&["tokens", "revoke", &leaked.v2, "--yes"], ""),
        (&["users", "show", &leaked.v2], ""),
        (&["tokens", "revoke", "-", "--dry-run", "--format", "json"], &leaked.v2),
        (&["tokens", "revoke", "-", "--yes", "--format", "json"], &leaked.v2),
        (&["tokens", "identify"], &leaked.v2),
        (&["users", "suspend", "rosa", "--yes"], ""),
        (&["tokens", "revoke", "--all-of", "rosa", "--yes"], ""),
    ] {
        let ran = program.run_with(args, input);
        assert_silent(&ran.out, &secrets, &format!("the output of {args:?}"));
        assert_silent(&ran.err, &secrets, &format!("the errors of {args:?}"));
    }
    // None that is tried again: that would take its time.
    for fault in [Fault::HtmlBody, Fault::TruncatedBody, Fault::Unauthorized, Fault::Forbidden] {
        world.demo.faults().add(Rule::new("*", fault));
        let ran = program.run(&["check"]);
        assert_ne!(ran.code, 0);
        assert_silent(&format!("{ran:?}"), &secrets, "an error message");
        world.demo.faults().clear();
    }
    assert_eq!(world.alive(rosa).await, []);

    let sent = wire.text();
    for secret in [&in_use.secret, &leaked.secret, &other.secret] {
        assert!(sent.contains(secret.as_str()), "the wire was watched");
    }
    assert_silent(&wire.text_without_authorization(), &secrets, "a request");
    let written = program.written();
    let has = |name: &str, part: &str| written.iter().any(|(n, text)| n == name && text.contains(part));
    assert!(has("arv-admin.log", "req-") && has("journal.jsonl", "gj3su"), "{written:?}");
    for (name, text) in &written {
        assert_silent(text, &secrets, name);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn who_lists_the_processes_sees_none_and_the_environment_has_what_it_was_given() {
    let world = World::institute_today().await;
    let in_use = world.demo.admin_token().to_owned();
    let leaked = world.demo.with_store(|store| {
        let user = store.user_named("rdelgado").unwrap().common.uuid;
        store.tokens.by("owner_uuid", user).next().unwrap().v2()
    });
    let program = Program::new(&world.demo.url(), &in_use);
    let secrets = [bare(&in_use), bare(&leaked)];
    let ran = program.run_watched(&["tokens", "revoke", "-", "--yes"], &format!("{leaked}\n"), |id| {
        let of = |what: &str| {
            String::from_utf8_lossy(&fs::read(format!("/proc/{id}/{what}")).unwrap()).into_owned()
        };
        assert_silent(&of("cmdline"), &secrets, "the command line");
        assert_silent(&of("comm"), &secrets, "the name of the process");
        let given = format!("ARVADOS_API_TOKEN={in_use}");
        // It is empty for a moment while the kernel starts the program.
        // Sealed, it is root's alone to read.
        if fs::File::open(format!("/proc/{id}/environ")).is_err() {
            return;
        }
        let environ = std::iter::repeat_with(|| of("environ")).find(|text| !text.is_empty()).unwrap();
        assert!(environ.split('\0').any(|variable| variable == given), "{environ:?}");
        assert_silent(&environ.replace(&given, ""), &secrets, "the environment");
    });
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_silent(&format!("{ran:?}"), &secrets, "what was printed");
}

/// What stands on a command line stands in the shell's history.
#[test]
fn no_command_takes_a_secret_as_an_argument() {
    fn look(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        for argument in command.get_arguments() {
            let about =
                format!("{} {:?} {:?}", argument.get_id(), argument.get_value_names(), argument.get_help());
            let about = about.to_lowercase();
            if ["token", "secret", "password", "credential"].iter().any(|word| about.contains(word)) {
                found.push(format!("{path} {}", argument.get_id()));
            }
        }
        for inner in command.get_subcommands() {
            look(inner, &format!("{path} {}", inner.get_name()), found);
        }
    }
    let mut found = Vec::new();
    look(&Arguments::command(), "arv-admin", &mut found);
    found.retain(|argument| !argument.ends_with(" read_only"));
    let known = [
        // UUIDs, or nothing; a secret in their place is refused and not repeated.
        "arv-admin tokens list exact",
        "arv-admin tokens identify uuid",
        "arv-admin tokens expire tokens",
        "arv-admin tokens revoke tokens",
        "arv-admin tokens revoke all_of",
        // Opens a cluster of made-up people only.
        "arv-admin demo-server root_token",
        // Take no value.
        "arv-admin any_cluster",
        "arv-admin demo-server no_trusted_tokens",
    ];
    let new: Vec<&String> = found.iter().filter(|argument| !known.contains(&argument.as_str())).collect();
    assert!(new.is_empty(), "looked at yet? {new:?}");
}

#[test]
fn a_fault_with_a_secret_in_hand_tells_its_place_alone() {
    let ran = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "secrets::dies_with_a_secret_in_hand", "--ignored", "--nocapture"])
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    assert!(!ran.status.success());
    let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert!(said.contains("a fault in the program") && said.contains("tests/it/secrets.rs"), "{said}");
    assert_silent(&said, &[HELD], "what a fault says");
}

const HELD: &str = "canary0secret0canary1secret1canary2secret2canary3x";

/// What the test above runs in a process of its own.
#[test]
#[ignore = "is run by another test, in a process of its own"]
fn dies_with_a_secret_in_hand() {
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|how| how == "full") {
        install_panic_hook();
        let held = Secret::new(HELD.to_owned());
        assert_eq!(held.expose(), "another", "{held:?} {}", held.expose());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_the_place_of_something_else_is_not_repeated() {
    let world = World::institute_today().await;
    let mut program = Program::new(&world.demo.url(), world.demo.admin_token());
    let v2 = format!("v2/zzzzz-gj3su-000000000000001/{HELD}");
    for text in [v2.as_str(), HELD] {
        for args in [
            &["--cluster", text, "users", "list"][..],
            &[&format!("--cluster={text}"), "users", "list"],
            &["users", "list", &format!("--format={text}")],
            &["users", "list", &format!("--no-such-option={text}")],
            &["users", "show", text],
            &["users", "list", "--filter", text, "--format", text],
            &["users", "setup", "ada", "--vm", text, "--dry-run"],
            &["logins", "list", "--vm", text],
            &["logins", "grant", "ada", "--vm", "shell1.institute.example", "--login", text, "--dry-run"],
            &["tokens", "revoke", text],
            &["tokens", "expire", text, "--at", text],
            &[text],
        ] {
            let ran = program.run(args);
            assert_ne!(ran.code, 0, "{args:?}");
            assert_silent(&format!("{}{}", ran.out, ran.err), &[HELD], "what is said of an argument");
        }
    }
    program.set("ARVADOS_API_HOST", "https://admin:canary-password@x.example");
    let ran = program.run(&["check"]);
    assert!(ran.code != 0 && !ran.err.contains("canary-password"), "{ran:?}");
}
