//! Which cluster a token is sent to: the real program, before a server that says it is another.

use crate::http_client;
use crate::program::{Program, Ran};
use crate::pty::{self, PROGRAM};
use crate::spoiler::{Shape, Spoil, Spoiler};
use crate::tap::{Sent, tap};
use crate::world::World;
use std::net::SocketAddr;
use termlens::{Key, TerminalBuilder};

/// As long as the server makes them.
const SECRET: &str = "canary0secret0canary1secret1canary2secret2canary3x";

/// One that was made for one cluster.
const SALTED: &str = "0123456789abcdef0123456789abcdef01234567";

/// A cluster that says something else of itself, with a wire before it.
struct Elsewhere {
    world: World,
    address: SocketAddr,
    gateway: Spoiler,
    wire: Sent,
}

impl Elsewhere {
    async fn new() -> Self {
        let world = World::institute_today().await;
        let gateway = Spoiler::before(world.demo.addr(), http_client());
        let (address, wire) = tap(gateway.address);
        Self { world, address, gateway, wire }
    }

    fn says(&self, field: &str, with: Shape) {
        self.gateway.spoil(Some(Spoil { resource: "config".to_owned(), field: field.to_owned(), with }));
    }

    fn program(&self, token: &str) -> Program {
        Program::new(&format!("http://{}", self.address), token)
    }

    fn checks(&self, token: &str, more: &[&str]) -> Ran {
        self.program(token).run(&[&["check"], more].concat())
    }

    fn terminal(&self, token: &str, home: &tempfile::TempDir) -> TerminalBuilder {
        pty::at(&format!("http://{}", self.address), token, (100, 30), home.path())
    }

    fn was_sent(&self, token: &str) -> bool {
        self.wire.text().contains(token.rsplit('/').next().unwrap())
    }
}

fn token_of(cluster: &str, secret: &str) -> String {
    format!("v2/{cluster}-gj3su-000000000000001/{secret}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_asked_which_cluster_it_is_before_it_gets_the_token() {
    let at = Elsewhere::new().await;
    let token = at.world.demo.admin_token().to_owned();
    assert_eq!(at.checks(&token, &[]).code, 0);
    let text = at.wire.text();
    let requests: Vec<&str> = text.split("\r\n\r\n").filter(|head| head.starts_with("GET ")).collect();
    let (config, others): (Vec<&str>, Vec<&str>) =
        requests.iter().partition(|head| head.starts_with("GET /arvados/v1/config?"));
    assert!(!config.is_empty() && others.len() > 1, "{text}");
    let has_token = |head: &&str| head.to_ascii_lowercase().contains("authorization:");
    assert!(!config.iter().any(has_token) && others.iter().all(has_token), "{text}");
    assert!(requests[0].starts_with("GET /arvados/v1/config?"), "it is the first: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_cluster_stays_here_and_both_are_named() {
    let at = Elsewhere::new().await;
    let token = token_of("yyyyy", SECRET);
    for command in
        [&["check"][..], &["users", "list", "--format", "json"], &["users", "suspend", "rdelgado", "--yes"]]
    {
        let ran = at.program(&token).run(command);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
        let told = format!(
            "{} is cluster zzzzz, and the token is one of cluster yyyyy: it was not sent\n",
            at.address
        );
        assert!(ran.err.contains(&told) && ran.err.contains("--any-cluster"), "{ran:?}");
    }
    // The other way round: it is the cluster that is another.
    let mine = at.world.demo.admin_token().to_owned();
    at.says("ClusterID", Shape::Json("\"yyyyy\""));
    let ran = at.checks(&mine, &[]);
    assert!(ran.err.contains("is cluster yyyyy, and the token is one of cluster zzzzz"), "{ran:?}");
    at.says("ClusterID", Shape::Absent);
    let ran = at.checks(&mine, &[]);
    assert!(ran.err.contains("does not say which cluster it is, and the token is one of"), "{ran:?}");
    assert!(!at.wire.text().to_ascii_lowercase().contains("authorization:"), "{}", at.wire.text());

    let ran = at.checks(&token, &["--any-cluster"]);
    assert!(at.was_sent(&token), "it was wanted");
    assert_eq!(ran.code, 4, "this server does not know it: {ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_federation_s_tokens_go_where_it_takes_them() {
    let at = Elsewhere::new().await;
    let (whole, salted) = (token_of("yyyyy", SECRET), token_of("yyyyy", SALTED));
    let knows = "{\"yyyyy\":{\"Host\":\"yyyyy.example\"}}";
    at.says("RemoteClusters", Shape::Json(knows));
    at.checks(&whole, &[]);
    assert!(!at.was_sent(&whole), "a peer could use it at its home");
    at.checks(&salted, &[]);
    assert!(at.was_sent(&salted), "it is made for such a peer");
    at.says("Login", Shape::Json("{\"LoginCluster\":\"yyyyy\"}"));
    at.checks(&whole, &[]);
    assert!(at.was_sent(&whole), "all tokens of a satellite come from its login cluster");

    let at = Elsewhere::new().await;
    let stranger = token_of("wwwww", SALTED);
    at.checks(&stranger, &[]);
    assert!(!at.was_sent(&stranger), "this one knows no cluster wwwww");
    at.checks(SECRET, &[]);
    assert!(at.was_sent(SECRET), "one in the old form does not say where it comes from");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_cluster_is_that_one_or_gets_nothing() {
    let at = Elsewhere::new().await;
    let token = at.world.demo.admin_token().to_owned();
    let program = Program::unconfigured();
    let content = format!("ARVADOS_API_HOST=http://{}\nARVADOS_API_TOKEN={token}\n", at.address);
    program.file(".config/arvados/pirca.conf", content);
    for more in [&[][..], &["--any-cluster"]] {
        let ran = program.run(&[&["--cluster", "pirca", "check"], more].concat());
        assert_eq!(ran.code, 1, "{ran:?}");
        let told = format!(
            "the settings of pirca name {}, but that is cluster zzzzz: the token was not sent",
            at.address
        );
        assert!(ran.err.contains(&told), "{ran:?}");
    }
    assert!(!at.was_sent(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_it_is_asked_for_and_no_is_the_answer_of_enter() {
    let at = Elsewhere::new().await;
    let token = token_of("yyyyy", SECRET);
    let home = tempfile::tempdir().unwrap();
    for (answer, code) in [("\n", 2), ("yes\n", 4)] {
        let mut terminal = at.terminal(&token, &home).args(["users", "list"]).spawn(PROGRAM).unwrap();
        terminal.wait_until(|screen| screen.contains("? [y/N]")).unwrap();
        let asked = terminal.screen().text();
        let line = format!("{} is cluster zzzzz, and the token is one of cluster yyyyy", at.address);
        assert!(asked.contains(&line), "{asked}");
        assert!(!at.was_sent(&token));
        terminal.send_str(answer).unwrap();
        assert_eq!(terminal.wait_exit().unwrap().code(), Some(code), "{}", terminal.screen().text());
    }
    assert!(at.was_sent(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_says_that_it_was_not_sent_and_sends_it_when_told_to() {
    let at = Elsewhere::new().await;
    let token = token_of("yyyyy", SECRET);
    let home = tempfile::tempdir().unwrap();
    let mut terminal = at.terminal(&token, &home).spawn(PROGRAM).unwrap();
    terminal.wait_until(|screen| screen.contains("--any-cluster")).unwrap();
    let shown = terminal.screen().text();
    assert!(shown.contains("is cluster zzzzz, and the token is one of cluster yyyyy"), "{shown}");
    assert!(shown.contains("Ctrl-S  send the token there all the same"), "{shown}");
    terminal.send_str("y\r!").unwrap();
    terminal.wait_until(|screen| screen.contains("Messages")).unwrap();
    assert!(!at.was_sent(&token));
    terminal.send(Key::Esc).unwrap();
    terminal.wait_until(|screen| !screen.contains("Messages")).unwrap();
    terminal.send(Key::Ctrl('s')).unwrap();
    terminal.wait_until(|screen| screen.contains("does not accept the token")).unwrap();
    assert!(at.was_sent(&token));

    let at = Elsewhere::new().await;
    let mut terminal = at.terminal(&token, &home).arg("--any-cluster").spawn(PROGRAM).unwrap();
    terminal.wait_until(|screen| screen.contains("does not accept the token")).unwrap();
    assert!(at.was_sent(&token));
}
