//! Helper tokens that the real program leaves behind because it is killed, each at another moment, and what the
//! next start says and does of it.

use crate::attacker::{Asked, When, gateway};
use crate::program::Program;
use crate::pty::{self, PROGRAM};
use crate::world::World;
use arv_admin::model::ids::{TokenUuid, UserUuid};
use futures::FutureExt;
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use termlens::Key;

/// After so long without an effect, a key is pressed again.
const SHORT: Duration = Duration::from_millis(400);

/// A cluster with an admin, and rosa, who has three tokens.
struct Scene {
    world: World,
    admin: String,
    rosa: UserUuid,
    hers: Vec<TokenUuid>,
}

/// When the program is killed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// The request for the helper has not come to the cluster.
    Asked,
    /// The helper is made, and no answer came.
    MadeUnheard,
    /// The answer came, and the helper is at work.
    AtWork,
}

impl Scene {
    async fn new() -> Self {
        let world = World::empty_today().await;
        let admin = world.admins_token().await;
        let rosa = world.user("rosa").await;
        let hers = world.tokens(rosa, 3).await;
        Self { world, admin, rosa, hers }
    }

    /// A program that was killed then, while it was about to revoke all of rosa's tokens; before that another one
    /// of the same administrator says `meanwhile`.
    async fn killed(&self, moment: Moment) -> (Program, String) {
        let held = Arc::new(AtomicBool::new(false));
        let (admin, holds) = (self.admin.clone(), held.clone());
        let address = gateway(&self.world.demo.url(), move |asked| {
            let now = is_then(moment, &asked, &admin);
            let held = holds.clone();
            async move {
                if now {
                    held.store(true, Ordering::Relaxed);
                    std::future::pending::<()>().await;
                }
            }
            .boxed()
        });
        let mut program = Program::new(&format!("http://{address}"), &self.admin);
        let direct = self.world.demo.url();
        let killed = tokio::task::spawn_blocking(move || {
            let mut meanwhile = String::new();
            let is_held = || held.load(Ordering::Relaxed);
            let args = ["tokens", "revoke", "--all-of", "rosa", "--yes"];
            program.kill_when(&args, is_held, || {
                meanwhile = program.run_with_env(&["check"], "ARVADOS_API_HOST", &direct).err;
            });
            program.set("ARVADOS_API_HOST", &direct);
            (program, meanwhile)
        });
        killed.await.unwrap()
    }

    async fn helpers(&self) -> Vec<TokenUuid> {
        let mut alive = self.world.alive(self.rosa).await;
        alive.retain(|token| !self.hers.contains(token));
        alive
    }
}

fn is_then(moment: Moment, asked: &Asked, admin: &str) -> bool {
    let makes = asked.method == "POST" && asked.path.ends_with("/api_client_authorizations");
    match moment {
        Moment::Asked => makes && asked.when == When::Before,
        Moment::MadeUnheard => makes && asked.when == When::After,
        Moment::AtWork => asked.token != admin && !asked.token.is_empty() && asked.when == When::Before,
    }
}

fn journal(program: &Program) -> PathBuf {
    program.home().join(".local/state/arv-admin/journal.jsonl")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_left_behind_by_a_killed_program_is_named_and_ended_by_the_command_that_is_named() {
    for moment in [Moment::MadeUnheard, Moment::AtWork] {
        let scene = Scene::new().await;
        let (program, meanwhile) = scene.killed(moment).await;
        assert_eq!(meanwhile, "", "while it is at work, nothing is left behind");
        let helpers = scene.helpers().await;
        let [helper] = helpers[..] else { panic!("one is left: {helpers:?}") };

        let ran = program.run(&["check"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let command = format!("arv-admin tokens revoke {helper}");
        assert!(ran.err.contains(&format!("the helper token {helper} of ")), "{ran:?}");
        assert!(ran.err.contains("it ends by itself at ") && ran.err.contains(&command), "{ran:?}");
        let ran = program.run(&["users", "activate", "rosa", "--yes"]);
        assert!(ran.err.contains(&command), "what changes anything says it too: {ran:?}");
        let ran = program.run(&["users", "list"]);
        assert_eq!(ran.err, "", "what only reads does not");
        let ran = program.run(&["check", "--read-only"]);
        assert!(ran.err.contains(helper.as_str()) && !ran.err.contains("end it now"), "not offered: {ran:?}");

        let mut words: Vec<&str> = command.split(' ').skip(1).collect();
        words.push("--yes");
        let ran = program.run(&words);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(!ran.err.contains("left behind"), "it is about to be ended: {ran:?}");
        assert_eq!(scene.world.alive(scene.rosa).await, scene.hers, "it is gone, and hers are not");
        let ran = program.run(&["check"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_that_was_perhaps_asked_for_is_said_to_be_not_found_and_when_it_would_end() {
    let scene = Scene::new().await;
    let (program, meanwhile) = scene.killed(Moment::Asked).await;
    assert_eq!(meanwhile, "");
    let ran = program.run(&["check"]);
    assert!(ran.err.contains("none was found in the audit log"), "{ran:?}");
    assert!(ran.err.contains("it ends by itself at ") && !ran.err.contains("end it now"), "{ran:?}");
    assert_eq!(scene.helpers().await, [], "it was asked for only");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_that_were_asked_for_at_once_each_without_an_answer_is_named() {
    let scene = Scene::new().await;
    let (program, _) = scene.killed(Moment::AtWork).await;
    let helper = scene.helpers().await[0];
    let path = journal(&program);
    let lines = fs::read_to_string(&path).unwrap();
    let asked = lines.lines().find(|line| line.contains("helper_asked")).unwrap();
    let mut another: serde_json::Value = serde_json::from_str(asked).unwrap();
    another["nonce"] = json!("another00000");
    fs::write(&path, format!("{lines}{another}\n")).unwrap();
    let said = program.run(&["check"]).err;
    assert!(said.contains(helper.as_str()), "{said}");
    assert!(said.contains("heard no answer: none was found in the audit log"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rosa_writes_into_the_log_is_not_taken_for_a_helper() {
    let scene = Scene::new().await;
    let (program, _) = scene.killed(Moment::Asked).await;
    let text = fs::read_to_string(journal(&program)).unwrap();
    let asked = text.lines().find(|line| line.contains("helper_asked")).unwrap();
    let asked: serde_json::Value = serde_json::from_str(asked).unwrap();
    let villain =
        crate::attacker::Villain::new(&scene.world.demo.url(), &scene.world.token(scene.rosa).await.v2);
    let scopes =
        ["GET /arvados/v1/api_client_authorizations", "DELETE /arvados/v1/api_client_authorizations/"];
    let record = json!({
        "event_type": "create", "object_uuid": scene.hers[0], "object_owner_uuid": scene.rosa,
        "event_at": asked["at"],
        "properties": { "new_attributes": {
            "uuid": scene.hers[0], "owner_uuid": scene.rosa, "expires_at": asked["expires_at"], "scopes": scopes
        }},
    });
    villain.log(record).await;
    let ran = program.run(&["check"]);
    assert!(ran.err.contains("none was found in the audit log"), "{ran:?}");
    assert!(!ran.err.contains(scene.hers[0].as_str()), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helper_that_has_ended_by_itself_is_not_mentioned_and_a_doubtful_journal_not_believed() {
    let scene = Scene::new().await;
    let (program, _) = scene.killed(Moment::AtWork).await;
    let path = journal(&program);
    let whole = fs::read_to_string(&path).unwrap();
    let mut ended = String::new();
    for line in whole.lines() {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["v"], 1, "every line says what it is like");
        if line["expires_at"].is_string() {
            line["expires_at"] = line["at"].clone();
        }
        ended.push_str(&line.to_string());
        ended.push('\n');
    }
    fs::write(&path, ended).unwrap();
    assert_eq!(program.run(&["check"]).err, "");

    fs::write(&path, whole).unwrap();
    let elsewhere = program.home().join("elsewhere");
    fs::hard_link(&path, &elsewhere).unwrap();
    let ran = program.run(&["check"]);
    assert!(ran.err.contains("were not looked for") && ran.err.contains("another name"), "{ran:?}");
    assert!(!ran.err.contains("-gj3su-"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_names_a_helper_left_behind_and_ends_it_when_that_is_confirmed() {
    let scene = Scene::new().await;
    let (program, _) = scene.killed(Moment::AtWork).await;
    let start = |args: &[&str]| {
        pty::at(&scene.world.demo.url(), &scene.admin, (100, 30), program.home())
            .args(args)
            .spawn(PROGRAM)
            .unwrap()
    };
    let mut terminal = start(&["--read-only"]);
    terminal.wait_until(|screen| screen.contains("left behind")).unwrap();
    assert!(!terminal.screen().contains(":end helper"), "said, and not offered");
    terminal.send_str(":end helper").unwrap();
    terminal.wait_until(|screen| screen.contains("End helper tokens")).unwrap();
    terminal.send(Key::Enter).unwrap();
    terminal.wait_until(|screen| screen.contains("read-only mode: nothing is changed")).unwrap();
    drop(terminal);

    let mut terminal = start(&[]);
    terminal.wait_until(|screen| screen.contains("left behind") && screen.contains(":end helper")).unwrap();
    terminal.send_str(":end helper\r").unwrap();
    terminal.wait_until(|screen| screen.contains("y Yes")).unwrap();
    assert_eq!(scene.helpers().await.len(), 1, "nothing is done without a yes");
    // What is pressed in the very moment in which the question comes up does not count.
    for _ in 0..100 {
        terminal.send(Key::Char('y')).unwrap();
        if terminal.wait_until_for(|screen| !screen.contains("y Yes"), SHORT).is_ok() {
            break;
        }
    }
    terminal.wait_until(|s| s.contains("Enter open") && !s.contains("left behind")).unwrap();
    // Until what became of it has come, it is offered still.
    for _ in 0..100 {
        terminal.send_str(":").unwrap();
        terminal.wait_until(|screen| screen.contains("Commands") && !screen.contains("left behind")).unwrap();
        if !terminal.screen().contains("End helper tokens") {
            break;
        }
        terminal.send_str("\u{1b}").unwrap();
        terminal.wait_until(|screen| !screen.contains("Commands")).unwrap();
    }
    assert!(!terminal.screen().contains("End helper tokens"), "there is none any more");
    assert_eq!(scene.world.alive(scene.rosa).await, scene.hers);
    drop(terminal);
    assert_eq!(program.run(&["check"]).err, "");
}
