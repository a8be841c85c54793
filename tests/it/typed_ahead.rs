//! What is typed or pasted into a terminal when the command line asks, and before it does.

use crate::pty::{self, PROGRAM};
use crate::world::World;
use serde_json::Value;
use termlens::TerminalBuilder;

fn terminal(world: &World, home: &tempfile::TempDir) -> TerminalBuilder {
    pty::admin(world, (100, 30), home.path()).env("PATH", std::env::var("PATH").unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_typed_before_the_question_does_not_answer_it() {
    let world = World::empty_today().await;
    let nina = world.user("nina").await;
    let home = tempfile::tempdir().unwrap();
    let gate = home.path().join("gate");
    // A shell that has the next line already when it starts the program, as after a paste.
    let script = format!(
        "mkfifo '{0}'; echo ready; read x < '{0}'; exec {PROGRAM} users deactivate nina",
        gate.display()
    );
    let mut shell = terminal(&world, &home).args(["-c", &script]).spawn("/bin/sh").unwrap();
    shell.wait_until(|screen| screen.contains("ready")).unwrap();
    shell.send_str("yes\n").unwrap();
    // It is there: the terminal has shown it.
    shell.wait_until(|screen| screen.contains("yes")).unwrap();
    world.demo.clear_requests();
    std::fs::write(&gate, "go\n").unwrap();
    shell.wait_until(|screen| screen.contains("Do it? [y/N]")).unwrap();
    shell.send_str("\n").unwrap();
    assert_eq!(shell.wait_exit().unwrap().code(), Some(2), "{}", shell.screen().text());
    assert!(shell.screen().text().contains("nothing was changed"));
    assert!(world.writes().is_empty());

    let mut answered = terminal(&world, &home).args(["users", "deactivate", "nina"]).spawn(PROGRAM).unwrap();
    answered.wait_until(|screen| screen.contains("Do it? [y/N]")).unwrap();
    answered.send_str("yes\n").unwrap();
    assert!(answered.wait_exit().unwrap().success());
    let user = world.ask("GET", &format!("users/{nina}"), Value::Null).await;
    assert_eq!(user["is_active"], false, "what is typed afterwards does");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_pasted_in_two_lines_is_whole_though_its_last_line_has_no_end() {
    let world = World::empty_today().await;
    let nina = world.user("nina").await;
    let home = tempfile::tempdir().unwrap();
    let token = world.token(nina).await.v2;
    let (first, rest) = token.split_at(token.len() - 25);
    let mut terminal = terminal(&world, &home).args(["tokens", "identify"]).spawn(PROGRAM).unwrap();
    terminal.wait_until(|screen| screen.contains("not shown")).unwrap();
    terminal.send_str(&format!("{first}\n{rest}")).unwrap();
    assert!(terminal.wait_exit().unwrap().success());
    let text = terminal.screen().text();
    assert!(text.contains(nina.as_str()) && !text.contains("refused"), "{text}");
    assert!(!text.contains(rest) && !text.contains(&first[40..]), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rest_of_a_token_may_come_much_later_and_enter_says_that_there_is_none() {
    let world = World::empty_today().await;
    let nina = world.user("nina").await;
    let home = tempfile::tempdir().unwrap();
    let token = world.token(nina).await.v2;
    let (first, rest) = token.split_at(token.len() - 25);
    for (rest, found) in [(rest, true), ("\n", false)] {
        let mut terminal = terminal(&world, &home).args(["tokens", "identify"]).spawn(PROGRAM).unwrap();
        terminal.wait_until(|screen| screen.contains("not shown")).unwrap();
        terminal.send_str(&format!("{first}\n")).unwrap();
        terminal.wait_until(|screen| screen.contains("paste the rest of it")).unwrap();
        terminal.send_str(rest).unwrap();
        terminal.wait_exit().unwrap();
        let text = terminal.screen().text();
        assert_eq!(!text.contains("refused"), found, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_before_a_token_is_asked_for_is_no_token() {
    let world = World::empty_today().await;
    let nina = world.user("nina").await;
    let home = tempfile::tempdir().unwrap();
    let (before, token) = (world.token(nina).await, world.token(nina).await);
    let gate = home.path().join("gate");
    let script =
        format!("mkfifo '{0}'; echo ready; read x < '{0}'; exec {PROGRAM} tokens identify", gate.display());
    let mut shell = terminal(&world, &home).args(["-c", &script]).spawn("/bin/sh").unwrap();
    shell.wait_until(|screen| screen.contains("ready")).unwrap();
    shell.send_str(&format!("{}\n", before.uuid)).unwrap();
    shell.wait_until(|screen| screen.contains(before.uuid.as_str())).unwrap();
    std::fs::write(&gate, "go\n").unwrap();
    shell.wait_until(|screen| screen.contains("not shown")).unwrap();
    shell.send_str(&format!("{}\n", token.v2)).unwrap();
    assert!(shell.wait_exit().unwrap().success());
    let text = shell.screen().text();
    assert!(text.contains(&format!("token       {}", token.uuid)), "{text}");
}
