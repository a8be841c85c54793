//! The line breaks while a change is at work: an SSH connection that is gone. The terminal is held by
//! `script`, which is killed as sshd would be; where there is no `script`, this is left out and says so.

use crate::world::World;
use arv_admin::demo::{Fault, Rule};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

const ROWS: NonZeroU16 = NonZeroU16::new(40).unwrap();
const COLUMNS: NonZeroU16 = NonZeroU16::new(120).unwrap();

/// After so long without an effect, keys are pressed again.
const SHORT: Duration = Duration::from_millis(400);

/// A terminal on a line that can break.
struct Line {
    script: Child,
    screen: vt100::Parser,
    output: Receiver<Vec<u8>>,
}

impl Line {
    fn see(&mut self, text: &str) {
        assert!(self.sees(text, Duration::from_secs(60)), "{text:?} does not come:\n{}", self.text());
    }

    /// Whether this comes before nothing more comes for a while.
    fn sees(&mut self, text: &str, patience: Duration) -> bool {
        while !self.text().contains(text) {
            match self.output.recv_timeout(patience) {
                Ok(more) => self.screen.process(&more),
                Err(_) => return false,
            }
        }
        true
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    fn press(&mut self, keys: &str) {
        let keyboard = self.script.stdin.as_mut().unwrap();
        keyboard.write_all(keys.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

fn script_is_there() -> bool {
    Command::new("script").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_breaks_in_the_middle_of_a_change_ends_the_program_and_loses_nothing() {
    if !script_is_there() {
        println!("left out: there is no `script` to hold the terminal");
        return;
    }
    let world = World::institute_today().await;
    let home = tempfile::tempdir().unwrap();
    let before: BTreeSet<_> = world.all_alive().await.into_iter().collect();
    let slow = Rule::new("/arvados/v1/api_client_authorizations/*", Fault::Latency { millis: 50 });
    world.demo.faults().add_all([slow.method("DELETE")]);

    // Whoever holds the far end of this is still running: the program, and nobody else.
    let alive = home.path().join("alive");
    assert!(Command::new("mkfifo").arg(&alive).status().unwrap().success());
    let program = env!("CARGO_BIN_EXE_arv-admin");
    let command = format!("stty cols {COLUMNS} rows {ROWS}; exec 3>'{}'; exec '{program}'", alive.display());
    let mut script = Command::new("script")
        .args(["-q", "-c", &command, "/dev/null"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .env("HOME", home.path())
        .env("ARVADOS_API_HOST", world.demo.url())
        .env("ARVADOS_API_TOKEN", world.demo.admin_token())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut alive = File::open(alive).unwrap();
    let mut screen = script.stdout.take().unwrap();
    let (sender, output) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4_096];
        while let Ok(read @ 1..) = screen.read(&mut buffer) {
            if sender.send(buffer[..read].to_vec()).is_err() {
                break;
            }
        }
    });
    let mut line = Line { script, screen: vt100::Parser::new(ROWS, COLUMNS, 0), output };

    line.see("252 · by name");
    line.press("/batchrunner\r");
    line.see("1 of 252");
    line.press(":revoke all");
    line.see("Revoke all tokens");
    line.press("\r");
    line.see("batchrunner:");
    // The question takes no answer in the moment in which it comes up.
    let revoking = || world.writes().iter().any(|seen| seen.method == "DELETE");
    for _ in 0..100 {
        if revoking() {
            break;
        }
        line.press("\u{15}batchrunner");
        // What comes in one piece answers nothing: it might be a paste.
        line.sees("of 141", SHORT);
        line.press("\r");
        line.sees("of 141", SHORT);
    }
    assert!(revoking(), "{}", line.text());
    line.script.kill().unwrap();
    line.script.wait().unwrap();

    // This comes to its end when the program has.
    let mut nothing = Vec::new();
    alive.read_to_end(&mut nothing).unwrap();
    let after: BTreeSet<_> = world.all_alive().await.into_iter().collect();
    let gone = before.difference(&after).count();
    assert!((1..141).contains(&gone), "{gone} were revoked before it ended");
    assert_eq!(after.difference(&before).count(), 0, "the helper token is gone, too");
    let journal = home.path().join(".local/state/arv-admin/journal.jsonl");
    let journal = std::fs::read_to_string(journal).unwrap();
    let is_done = |line: &&str| serde_json::from_str::<Value>(line).unwrap().to_string().contains("\"done\"");
    assert!(journal.lines().filter(is_done).count() >= gone, "the journal has them all");
}
