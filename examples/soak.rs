//! Does an incident end, whatever the user does meanwhile? A demo cluster where every request takes 100 ms, a user
//! with ordinary tokens who acts for a minute, and the program that revokes all that user has:
//! `cargo build --release`, then
//! `cargo run --release --example soak [-- --attack killers|loops|moving|all] [--runs 10] [--minutes 1]`.
//! Where revoking does not end it, what the program names instead is done. Afterwards it is looked on the server
//! which tokens live, and whether any was made after the program had said that it is over.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it waits, reads the clock, prints what it saw, and fails by panicking"
)]

use arv_admin::demo::uuid::Uuid;
use arv_admin::demo::{self, Contents, Demo, Fault, Options, Rule};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long each request takes, of the program and of the user.
const LATENCY: u64 = 100;

/// How long the server deletes, in one `unsetup`: tokens that are made meanwhile live on.
const UNSETUP: SignedDuration = SignedDuration::from_millis(50);

/// The user's requests carry this, so that the program's can be counted.
const USERS_OWN: &str = "req-00000000000000user00";

/// What the user does, by so many loops at a time.
#[derive(Clone, Copy)]
struct Attack {
    name: &'static str,
    /// List tokens and delete those that are good for little: helper tokens.
    killers: usize,
    /// Make a token and delete it again.
    loops: usize,
    /// Make a token, go on with it, and delete the one before.
    moving: usize,
}

const ATTACKS: [Attack; 4] = [
    Attack { name: "killers", killers: 4, loops: 0, moving: 0 },
    Attack { name: "loops", killers: 2, loops: 4, moving: 0 },
    Attack { name: "moving", killers: 0, loops: 0, moving: 4 },
    Attack { name: "all", killers: 2, loops: 4, moving: 4 },
];

#[tokio::main]
async fn main() -> ExitCode {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let given = |name: &str| args.iter().position(|arg| arg == name).map(|at| args[at + 1].as_str());
    let runs: usize = given("--runs").unwrap_or("10").parse().unwrap();
    let minutes: f64 = given("--minutes").unwrap_or("1").parse().unwrap();
    let chosen = given("--attack").unwrap_or("all");
    let attack = ATTACKS.into_iter().find(|attack| attack.name == chosen).unwrap();
    let lasts = Duration::from_secs_f64(minutes * 60.0);
    // Each with a cluster of its own; they wait for latency nearly all the time.
    let ended = futures::future::join_all((1..=runs).map(|number| run(number, attack, lasts))).await;
    let good = ended.into_iter().filter(|good| *good).count();
    let verdict = if good == runs { "as wanted" } else { "MISSED" };
    println!("{chosen}: {good} of {runs} with none alive    {verdict}");
    if good == runs { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One incident, from before it until the user gives up. Whether it was ended, and stayed so.
async fn run(number: usize, attack: Attack, lasts: Duration) -> bool {
    let demo = demo::start(Options { contents: Contents::Empty, ..Options::default() }).await.unwrap();
    let root = Caller::new(&demo, demo.root_token());
    let admin =
        json!({ "email": "admin@example.org", "username": "admin", "is_active": true, "is_admin": true });
    let admin = root.made("users", json!({ "user": admin })).await["uuid"].as_str().unwrap().to_owned();
    let rosa = json!({ "email": "rosa@example.org", "username": "rosa", "is_active": true });
    let rosa = root.made("users", json!({ "user": rosa })).await["uuid"].as_str().unwrap().to_owned();
    let admin = root.token_of(&admin).await;
    let user = Arc::new(User::default());
    for _ in 0..attack.killers + attack.loops + attack.moving {
        user.keep(root.token_of(&rosa).await);
    }
    let rosa = Uuid::parse(&rosa).unwrap();
    demo.with_store(|store| store.settings.unsetup_takes = UNSETUP);
    demo.faults().add(Rule::new("*", Fault::Latency { millis: LATENCY }));
    demo.clear_requests();

    let begun = Instant::now();
    let acts = [(attack.killers, Act::Kill), (attack.loops, Act::Loop), (attack.moving, Act::Move)];
    let acts = acts.into_iter().flat_map(|(count, act)| std::iter::repeat_n(act, count));
    let loops: Vec<_> =
        acts.map(|act| tokio::spawn(act.for_ever(Caller::new(&demo, ""), Arc::clone(&user)))).collect();
    tokio::time::sleep(Duration::from_secs(1)).await;

    let home = tempfile::tempdir().unwrap();
    let program = async |args: &[&str]| {
        let mut command = Command::new(program());
        command.args(args).env_clear().env("HOME", home.path()).stdin(Stdio::null());
        command.env("ARVADOS_API_HOST", demo.url()).env("ARVADOS_API_TOKEN", &admin);
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let revoke = ["tokens", "revoke", "--all-of", "rosa", "--yes"];
    let started = Instant::now();
    let (code, said) = program(&revoke).await;
    let mut exits = vec![format!("revoke {code}")];
    let mut last = (code, said);
    if code != 0 && last.1.contains("arv-admin users deactivate") {
        let (code, _) = program(&["users", "deactivate", "rosa", "--yes"]).await;
        exits.push(format!("deactivate {code}"));
        last = program(&revoke).await;
        exits.push(format!("revoke {}", last.0));
    }
    let taken = started.elapsed();
    let requests = demo.requests().iter().filter(|seen| seen.request_id != USERS_OWN).count();
    let (alive, made) = (tokens_of(&demo, rosa), ever_made(&demo, rosa));
    // The user goes on with whatever there still is.
    tokio::time::sleep(lasts.saturating_sub(begun.elapsed())).await;
    let (alive_in_the_end, made_later) = (tokens_of(&demo, rosa), ever_made(&demo, rosa) - made);
    user.stop.store(true, Ordering::Relaxed);
    for act in loops {
        act.await.unwrap();
    }
    demo.stop().await;
    println!(
        "{} {number:>2}: alive {alive}, after {:.0} s {alive_in_the_end}; made {made}, afterwards {made_later}; \
         helpers killed {}; exit {}; {:.1} s, {requests} requests",
        attack.name,
        begun.elapsed().as_secs_f64(),
        user.killed.load(Ordering::Relaxed),
        exits.join(", "),
        taken.as_secs_f64(),
    );
    let good = last.0 == 0 && alive == 0 && alive_in_the_end == 0 && made_later == 0;
    if !good {
        println!("{}", last.1);
    }
    good
}

/// The program as it was built beside this example.
fn program() -> PathBuf {
    let example = std::env::current_exe().unwrap();
    let path = example.parent().unwrap().parent().unwrap().join("arv-admin");
    assert!(path.exists(), "build the program first: cargo build --release");
    path
}

fn tokens_of(demo: &Demo, user: Uuid) -> usize {
    demo.with_store(|store| store.tokens.iter().filter(|token| token.common.owner_uuid == user).count())
}

/// How many tokens of the user were ever made, by the server's own records.
fn ever_made(demo: &Demo, user: Uuid) -> usize {
    demo.with_store(|store| {
        let is_made = |event: &str, owner: Option<Uuid>| event == "create" && owner == Some(user);
        store.logs.iter().filter(|log| is_made(&log.event_type, log.object_owner_uuid)).count()
    })
}

/// Somebody who asks the cluster.
#[derive(Clone)]
struct Caller {
    api: String,
    http: reqwest::Client,
    token: String,
}

impl Caller {
    fn new(demo: &Demo, token: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { api: format!("{}/arvados/v1", demo.url()), http, token: token.to_owned() }
    }

    /// The status, and what was answered.
    async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("{}/{path}", self.api)).bearer_auth(&self.token);
        let request = request.header("X-Request-Id", USERS_OWN);
        let request = match body {
            Value::Null => request,
            body => request.header("Content-Type", "application/json").body(body.to_string()),
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        // Else it would be no attack at all.
        assert!([200, 401, 404].contains(&status), "{status} for {path}");
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn made(&self, resource: &str, body: Value) -> Value {
        let (status, made) = self.ask("POST", resource, body).await;
        assert_eq!(status, 200, "{made}");
        made
    }

    async fn token_of(&self, owner: &str) -> String {
        let body = json!({ "api_client_authorization": { "owner_uuid": owner } });
        v2(&self.made("api_client_authorizations", body).await)
    }
}

/// A token as it is sent.
fn v2(token: &Value) -> String {
    format!("v2/{}/{}", token["uuid"].as_str().unwrap(), token["api_token"].as_str().unwrap())
}

fn uuid_of(v2: &str) -> &str {
    v2.split('/').nth(1).unwrap_or_default()
}

/// What all loops of the user know.
#[derive(Default)]
struct User {
    stop: AtomicBool,
    /// Tokens that nobody has deleted as far as they know, and that none of them goes on with.
    spare: Mutex<Vec<String>>,
    /// How many helper tokens they deleted.
    killed: AtomicUsize,
}

impl User {
    fn keep(&self, token: String) {
        self.spare.lock().unwrap().push(token);
    }
}

#[derive(Clone, Copy)]
enum Act {
    Kill,
    Loop,
    Move,
}

impl Act {
    /// Until the user gives up; with another token wherever one is refused.
    async fn for_ever(self, mut caller: Caller, user: Arc<User>) {
        while !user.stop.load(Ordering::Relaxed) {
            if caller.token.is_empty() {
                caller.token = user.spare.lock().unwrap().pop().unwrap_or_default();
            }
            if caller.token.is_empty() {
                tokio::time::sleep(Duration::from_millis(LATENCY)).await;
            } else if self.once(&mut caller, &user).await == 401 {
                caller.token.clear();
            }
        }
    }

    /// One turn; the last status.
    async fn once(self, caller: &mut Caller, user: &Arc<User>) -> u16 {
        const TOKENS: &str = "api_client_authorizations";
        if matches!(self, Self::Kill) {
            let (status, listed) = caller.ask("GET", &format!("{TOKENS}?limit=1000"), Value::Null).await;
            let all = listed["items"].as_array().cloned().unwrap_or_default();
            let helpers = all.iter().filter(|token| token["scopes"] != json!(["all"]));
            let deletions = helpers.map(|token| format!("{TOKENS}/{}", token["uuid"].as_str().unwrap()));
            let caller = &*caller;
            let delete = |path: String| async move { caller.ask("DELETE", &path, Value::Null).await };
            let deleted = futures::future::join_all(deletions.map(delete)).await;
            let killed = deleted.iter().filter(|(status, _)| *status == 200).count();
            user.killed.fetch_add(killed, Ordering::Relaxed);
            return status;
        }
        let (status, made) = caller.ask("POST", TOKENS, json!({})).await;
        if status != 200 {
            return status;
        }
        let mut old = v2(&made);
        if matches!(self, Self::Move) {
            std::mem::swap(&mut caller.token, &mut old);
        }
        let (caller, user) = (caller.clone(), Arc::clone(user));
        let delete = async move {
            let (status, _) = caller.ask("DELETE", &format!("{TOKENS}/{}", uuid_of(&old)), Value::Null).await;
            // One that could not be deleted may still be good for something.
            if status == 401 {
                user.spare.lock().unwrap().push(old);
            }
            status
        };
        match self {
            // Who goes on does so at once.
            Self::Move => {
                tokio::spawn(delete);
                200
            }
            Self::Loop | Self::Kill => delete.await,
        }
    }
}
