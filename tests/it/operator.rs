//! An operator's night: the real binary in a real terminal, against a cluster that is looked at as root.

use crate::pty::{self, PROGRAM};
use crate::world::World;
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::{TokenUuid, UserUuid};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use termlens::{Key, Terminal};

/// After so long without an effect, a key is pressed again.
const SHORT: Duration = Duration::from_millis(400);

/// An admin at a terminal.
struct Operator {
    world: World,
    terminal: Terminal,
    home: TempDir,
}

impl Operator {
    /// Starts the program with an admin's token, as any shell would.
    async fn start() -> Self {
        let world = World::institute_today().await;
        let home = tempfile::tempdir().unwrap();
        let mut terminal = pty::admin(&world, (120, 40), home.path()).spawn(PROGRAM).unwrap();
        terminal.wait_until(|screen| screen.contains("252 · by name")).unwrap();
        Self { world, terminal, home }
    }

    fn press(&mut self, key: char) {
        self.terminal.send(Key::Char(key)).unwrap();
    }

    fn enter(&mut self) {
        self.terminal.send(Key::Enter).unwrap();
    }

    fn see(&mut self, text: &str) {
        if let Err(error) = self.terminal.wait_until(|screen| screen.contains(text)) {
            panic!("{text:?} does not come ({error}):\n{}", self.terminal.screen().text());
        }
    }

    /// Filters the users, in place of what they were filtered by.
    fn filter(&mut self, text: &str, then: &str) {
        self.press('/');
        self.see("Enter keep");
        self.terminal.send(Key::Ctrl('u')).unwrap();
        self.terminal.send_str(text).unwrap();
        self.see(then);
        self.enter();
        self.see("Enter open");
    }

    /// Takes one of the commands.
    fn command(&mut self, name: &str) {
        self.press(':');
        self.see("Commands");
        self.terminal.send_str(name).unwrap();
        self.see(name);
        self.enter();
    }

    fn type_in(&mut self, text: &str) {
        self.terminal.send_str(text).unwrap();
    }

    /// Presses these keys until they do what is expected: what comes in the very moment in which a question
    /// comes up was meant for something else, and does not count.
    fn until(&mut self, seen: &str, keys: impl Fn(&mut Terminal)) {
        for _ in 0..100 {
            keys(&mut self.terminal);
            if self.terminal.wait_until_for(|screen| screen.contains(seen), SHORT).is_ok() {
                return;
            }
        }
        self.see(seen);
    }

    /// Answers a question by typing.
    fn answer(&mut self, prompt: &str, text: &str) {
        self.see(prompt);
        self.until(&format!("{prompt} {text}"), |terminal| {
            terminal.send(Key::Ctrl('u')).unwrap();
            terminal.send_str(text).unwrap();
        });
        self.enter();
    }

    /// Answers a question by `y`.
    fn yes(&mut self, then: &str) {
        self.see("y Yes");
        self.until(then, |terminal| terminal.send(Key::Char('y')).unwrap());
    }

    fn quit(&mut self) -> bool {
        self.press('q');
        self.terminal.wait_exit().unwrap().success()
    }

    async fn user(&self, username: &str) -> Value {
        let path = format!("users?filters=[[\"username\",\"=\",\"{username}\"]]");
        self.world.ask("GET", &path, Value::Null).await["items"][0].clone()
    }

    fn journal(&self) -> String {
        let path: PathBuf = self.home.path().join(".local/state/arv-admin/journal.jsonl");
        std::fs::read_to_string(path).unwrap()
    }
}

type Alive = BTreeSet<(TokenUuid, UserUuid)>;

async fn alive(world: &World) -> Alive {
    world.all_alive().await.into_iter().collect()
}

fn of(alive: &Alive, owner: UserUuid) -> Alive {
    alive.iter().filter(|(_, of)| *of == owner).copied().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_tokens_of_an_account_are_revoked_and_none_of_another() {
    let mut operator = Operator::start().await;
    let batchrunner: UserUuid = operator.user("batchrunner").await["uuid"].as_str().unwrap().parse().unwrap();
    let before = alive(&operator.world).await;
    let its = of(&before, batchrunner);
    assert_eq!(its.len(), 141);

    operator.filter("batchrunner", "1 of 252");
    operator.command("Revoke all tokens");
    operator.answer("type batchrunner:", "batchrunner");
    operator.see("141 revoked");

    let after = alive(&operator.world).await;
    assert_eq!(of(&after, batchrunner), Alive::new());
    let others: Alive = before.difference(&its).copied().collect();
    assert_eq!(after, others, "every other token lives, and no helper is left");
    operator.until("Enter open", |terminal| terminal.send(Key::Esc).unwrap());
    assert!(operator.quit());
}

#[tokio::test(flavor = "multi_thread")]
async fn five_marked_users_are_deactivated_although_the_filter_hides_two() {
    let mut operator = Operator::start().await;
    let marked = ["aikeda", "aparker", "cdeng", "cpederse", "crao"];
    operator.filter("abel", "2 of 252");
    operator.press('a');
    operator.see("2 marked");
    operator.filter("christine", "3 of 252");
    operator.press('a');
    operator.see("5 marked (2 hidden by the filter)");
    operator.command("Deactivate");
    operator.see("2 of them are hidden by the filter");
    operator.answer("2 are hidden, so type how many users there are in all:", "5");
    operator.see("5 deactivated");

    let all = operator.world.ask("GET", "users?limit=1000", Value::Null).await;
    for user in all["items"].as_array().unwrap() {
        let name = user["username"].as_str().unwrap_or_default();
        if marked.contains(&name) {
            assert_eq!(user["is_active"], false, "{name}");
            assert_eq!(user["is_invited"], false, "{name}");
        }
    }
    let unsetups = operator.world.writes().iter().filter(|seen| seen.path.ends_with("/unsetup")).count();
    assert_eq!(unsetups, 5, "these and no others");
    operator.until("Enter open", |terminal| terminal.send(Key::Esc).unwrap());
    assert!(operator.quit());
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_is_granted_where_the_login_exists_without_it_and_one_link_is_there_afterwards() {
    let mut operator = Operator::start().await;
    let rosa = operator.user("rdelgado").await["uuid"].as_str().unwrap().to_owned();
    let links = format!("links?filters=[[\"name\",\"=\",\"can_login\"],[\"tail_uuid\",\"=\",\"{rosa}\"]]");
    let vms = operator.world.ask("GET", "virtual_machines", Value::Null).await;
    let shell1 =
        vms["items"].as_array().unwrap().iter().find(|vm| vm["hostname"] == "shell1.institute.example");
    let shell1 = shell1.unwrap()["uuid"].as_str().unwrap().to_owned();
    let on_shell1 = |links: &Value| -> Vec<Value> {
        let links = links["items"].as_array().unwrap();
        links.iter().filter(|link| link["head_uuid"] == shell1.as_str()).cloned().collect()
    };
    let before = on_shell1(&operator.world.ask("GET", &links, Value::Null).await);
    assert_eq!(before.len(), 1);
    assert_eq!(before[0]["properties"]["groups"].as_array().map_or(0, Vec::len), 0);

    operator.filter("rosa.delgado", "1 of 252");
    operator.command("Grant a VM login");
    operator.see("VM login for Rosa Delgado");
    operator.type_in("shell1");
    // Chosen only where the VMs have been read; what becomes of the login is told only where it has been, too.
    operator.see("▸ shell1.institute.example");
    operator.enter();
    operator.see("docker means root");
    operator.see("has this login already");
    operator.terminal.send(Key::Ctrl('s')).unwrap();
    operator.yes("✓");

    let after = on_shell1(&operator.world.ask("GET", &links, Value::Null).await);
    assert_eq!(after.len(), 1, "changed, not granted a second time");
    assert_eq!(after[0]["uuid"], before[0]["uuid"]);
    assert_eq!(after[0]["properties"]["groups"], serde_json::json!(["docker"]));
    assert!(operator.quit());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaked_token_is_found_by_its_uuid_alone_and_revoked() {
    let mut operator = Operator::start().await;
    let leaked = "zzzzz-gj3su-077z32aux8dg2s1";
    let before = alive(&operator.world).await;
    operator.press('f');
    operator.see("Find a token");
    operator.terminal.paste(leaked).unwrap();
    operator.enter();
    operator.see("belongs to");
    operator.see("Batch Runner");
    operator.press('r');
    operator.yes("✓");

    let after = alive(&operator.world).await;
    let gone: Vec<String> = before.difference(&after).map(|(token, _)| token.to_string()).collect();
    assert_eq!(gone, [leaked]);
    assert!(operator.quit());
}

#[tokio::test(flavor = "multi_thread")]
async fn quitting_in_the_middle_of_a_bulk_action_loses_nothing() {
    let mut operator = Operator::start().await;
    let before = alive(&operator.world).await;
    let slow = Rule::new("/arvados/v1/api_client_authorizations/*", Fault::Latency { millis: 50 });
    operator.world.demo.faults().add_all([slow.method("DELETE")]);
    operator.filter("batchrunner", "1 of 252");
    operator.command("Revoke all tokens");
    operator.answer("type batchrunner:", "batchrunner");
    operator.see("of 141");
    operator.terminal.send(Key::Esc).unwrap();
    operator.see("goes on in the background");
    operator.press('q');
    operator.see("Quit?");
    operator.yes("Changes were under way");
    operator.terminal.wait_exit().unwrap();

    let after = alive(&operator.world).await;
    let gone = before.difference(&after).count();
    assert!(gone < 141, "it ended before all were revoked");
    assert_eq!(after.difference(&before).count(), 0, "the helper token is gone, too");
    let told = operator.terminal.screen().text();
    assert!(told.contains("Changes were under way"), "{told}");
    assert!(told.contains(&format!("{gone} done")), "{gone} are gone:\n{told}");
    let done = operator.journal().lines().filter(|line| line.contains("\"done\"")).count();
    assert!(done >= gone, "{done} of {gone} are in the journal");
}
