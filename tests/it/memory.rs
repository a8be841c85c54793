//! What other programs get of the real one's memory: nothing, as far as the system keeps them out. And what root
//! finds there of a secret when its dialog is closed: nothing.

use crate::pty::{self, PROGRAM};
use crate::world::World;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{FileExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;
use termlens::{Key, Terminal};

/// Somebody who is not root: of root's own processes nobody could tell.
const OTHER: u32 = 12_345;

#[test]
fn it_leaves_no_core_file_and_its_memory_and_environment_are_root_s_to_read() {
    let mut command = Command::new(PROGRAM);
    command.arg("demo-server").env_clear().env("ARVADOS_API_TOKEN", "canary").current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let file = tempfile::NamedTempFile::new().unwrap();
    if chown(file.path(), Some(OTHER), None).is_ok() {
        command.uid(OTHER);
    }
    let Ok(mut child) = command.spawn() else {
        let _ = io::stderr().write_all(b"NOT TRIED, since nobody but root can start this program here\n");
        return;
    };
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let of = |what: &str| format!("/proc/{}/{what}", child.id());
    let limits = fs::read_to_string(of("limits")).unwrap();
    let owners = ["mem", "environ"].map(|what| fs::metadata(of(what)).unwrap().uid());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(first.starts_with("ARVADOS_API_HOST="), "it runs: {first}");
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"]);
    assert_eq!(owners, [0, 0]);
}

/// So many bytes before and after tell whose memory it is.
const AROUND: usize = 160;

/// Where a text stands in the memory that a process can write to, with what is around it; `None` where that can't be
/// read.
fn found(pid: u32, text: &str) -> Option<Vec<String>> {
    let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let wanted = text.as_bytes();
    let mut found = Vec::new();
    let mut piece = Vec::new();
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (range, may) = (fields.next().unwrap(), fields.next().unwrap());
        // The kernel's own pages can't be read, and hold nothing of it.
        if !may.starts_with("rw") || line.ends_with("[vvar]") || line.ends_with("[vsyscall]") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let at = |text: &str| u64::from_str_radix(text, 16).unwrap();
        piece.resize(usize::try_from(at(to) - at(from)).unwrap(), 0);
        // A mapping may go between the list and the look.
        if memory.read_exact_at(&mut piece, at(from)).is_err() {
            continue;
        }
        for (at, _) in piece.windows(wanted.len()).enumerate().filter(|(_, window)| *window == wanted) {
            let around = &piece[at.saturating_sub(AROUND)..(at + wanted.len() + AROUND).min(piece.len())];
            found.push(format!("{line}: {}", around.escape_ascii()));
        }
    }
    Some(found)
}

/// Where it can't be read, and so not tried, is said.
fn is_counted(pid: u32) -> bool {
    let counted = found(pid, "no such text").is_some();
    if !counted {
        let _ =
            io::stderr().write_all(b"NOT TRIED, since nobody but root reads the memory of this program\n");
    }
    counted
}

fn none() -> Vec<String> {
    Vec::new()
}

/// After so long without an effect, a key is pressed again. It is not shorter, since on a busy machine what is then
/// pressed twice comes in one piece with the next key, which does nothing there.
const SHORT: Duration = Duration::from_secs(2);

struct Desk {
    world: World,
    terminal: Terminal,
    _home: tempfile::TempDir,
}

impl Desk {
    async fn start() -> Self {
        let world = World::institute_today().await;
        let home = tempfile::tempdir().unwrap();
        let mut terminal = pty::admin(&world, (120, 40), home.path()).spawn(PROGRAM).unwrap();
        terminal.wait_until(|screen| screen.contains("252 · by name")).unwrap();
        Self { world, terminal, _home: home }
    }

    fn see(&mut self, text: &str) {
        if let Err(error) = self.terminal.wait_until(|screen| screen.contains(text)) {
            let screen = self.terminal.screen().text();
            panic!("{error}:\n{screen}\n{text:?} does not come");
        }
    }

    /// Presses a key until something is seen: a key is ignored that came in one piece with another.
    fn press_until_seen(&mut self, key: Key, text: &str) {
        for _ in 0..30 {
            self.terminal.send(key).unwrap();
            if self.terminal.wait_until_for(|screen| screen.contains(text), SHORT).is_ok() {
                return;
            }
        }
        panic!("{}\n{text:?} does not come", self.terminal.screen().text());
    }

    /// Presses a key until something is no longer seen: what comes in the very moment in which a question comes up
    /// does not count.
    fn press_until_gone(&mut self, key: Key, seen: &str) {
        for _ in 0..30 {
            self.terminal.send(key).unwrap();
            if self.terminal.wait_until_for(|screen| !screen.contains(seen), SHORT).is_ok() {
                return;
            }
        }
        panic!("{}\n{seen:?} does not go", self.terminal.screen().text());
    }

    /// Something else happens: other dialogs, another frame.
    fn look_around(&mut self) {
        self.press_until_seen(Key::Char('?'), "Mark a range");
        self.press_until_gone(Key::Esc, "Mark a range");
    }

    fn found(&self, text: &str) -> Vec<String> {
        found(self.terminal.pid().unwrap(), text).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_new_token_stays_in_memory_when_its_dialog_is_closed() {
    let mut desk = Desk::start().await;
    if !is_counted(desk.terminal.pid().unwrap()) {
        return;
    }
    desk.press_until_seen(Key::Char('/'), "Enter keep");
    desk.terminal.send_str("rosa.delgado").unwrap();
    desk.see("1 of 252");
    desk.press_until_seen(Key::Enter, "Enter open");
    desk.press_until_seen(Key::Char(':'), "Commands");
    desk.terminal.send_str("Issue a token").unwrap();
    desk.see("> Issue a token");
    desk.press_until_seen(Key::Enter, "Ctrl-S");
    desk.press_until_seen(Key::Ctrl('s'), "y Yes");
    desk.press_until_gone(Key::Char('y'), "y Yes");
    desk.see("shown only now");
    desk.press_until_seen(Key::Char('s'), "export ARVADOS_API_TOKEN=");
    desk.press_until_seen(Key::Char('c'), "asked the terminal to copy");
    let copied =
        desk.terminal.screen().clipboard().and_then(|clipboard| clipboard.text()).unwrap().to_owned();
    let secret = copied.rsplit('/').next().unwrap().to_owned();
    assert!(secret.len() > 40, "that is one");
    assert!(!desk.found(&secret).is_empty(), "it is there while it is shown");
    desk.press_until_gone(Key::Esc, "shown only now");
    desk.look_around();
    assert_eq!(desk.found(&secret), none(), "no copy of it is left");
    assert_eq!(desk.found(&secret[..20]), none(), "nor of its beginning");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_pasted_token_stays_in_memory_when_its_dialog_is_closed() {
    let mut desk = Desk::start().await;
    if !is_counted(desk.terminal.pid().unwrap()) {
        return;
    }
    let rosa = desk.world.ask("GET", "users?filters=[[\"username\",\"=\",\"rdelgado\"]]", Value::Null).await;
    let rosa = rosa["items"][0]["uuid"].as_str().unwrap().parse().unwrap();
    let held = desk.world.token(rosa).await;
    let secret = held.v2.rsplit('/').next().unwrap().to_owned();
    desk.press_until_seen(Key::Char('f'), "Paste a v2 token");
    desk.terminal.paste(&held.v2).unwrap();
    desk.see("•••");
    assert!(!desk.found(&secret).is_empty(), "it is there while it is in the field");
    desk.terminal.send(Key::Enter).unwrap();
    desk.see("belongs to");
    desk.press_until_gone(Key::Esc, "Find a token");
    desk.look_around();
    assert_eq!(desk.found(&secret), none(), "no copy of it is left");
    assert_eq!(desk.found(&secret[..20]), none(), "nor of its beginning");
    assert_eq!(desk.found(&secret[24..]), none(), "nor of its end");
}
