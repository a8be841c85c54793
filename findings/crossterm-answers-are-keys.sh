#!/usr/bin/env bash
# crossterm 0.29.0: what a terminal answers to a question comes as keys that nobody pressed.
#
# A terminal may send its version (XTVERSION, a DCS string) or a colour (OSC 4) late, or because another program had asked.
# Such a string has one beginning and one end in the standard; here it is read as Alt and its first letter, and then
# each further character as a key of its own. Of other keys: the line feed that tmux and alacritty send for
# the keypad's Enter is Ctrl-J, and st's Delete is F1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
crossterm = "=0.29.0"
TOML
cat >src/main.rs <<'RUST'
use crossterm::event::{poll, read, Event, KeyEvent};
use std::time::Duration;

fn main() {
    crossterm::terminal::enable_raw_mode().expect("a terminal");
    print!("ready\r\n");
    std::io::Write::flush(&mut std::io::stdout()).expect("a terminal");
    let mut keys = Vec::new();
    let mut patience = Duration::from_secs(10);
    while poll(patience).expect("a terminal") {
        if let Event::Key(KeyEvent { code, modifiers, .. }) = read().expect("a terminal") {
            keys.push(if modifiers.is_empty() { format!("{code}") } else { format!("{modifiers}-{code}") });
        }
        patience = Duration::from_millis(500);
    }
    crossterm::terminal::disable_raw_mode().expect("a terminal");
    println!("keys: {}", keys.join(" "));
}
RUST
cat >ask.py <<'PYTHON'
import os, pty, re, sys

for what, answer in [
    ("the version of an xterm", b"\x1bP>|XTerm(379)\x1b\\"),
    ("a colour", b"\x1b]4;1;rgb:cd/00/00\x07"),
    ("keypad Enter through tmux", b"\n"),
    ("Delete in st", b"\x1b[P"),
]:
    pid, master = pty.fork()
    if pid == 0:
        os.execv("target/debug/finding", ["finding"])
    seen = b""
    while b"ready" not in seen:
        seen += os.read(master, 1024)
    os.write(master, answer)
    while True:
        try:
            data = os.read(master, 1024)
        except OSError:
            break
        if not data:
            break
        seen += data
    os.waitpid(pid, 0)
    keys = re.search(rb"keys: (.*?)\r?\n", seen)[1].decode()
    print(f"{what}: {keys}")
PYTHON
cargo build --quiet
seen=$(python3 ask.py)
printf '%s\n' "$seen"
[ "$seen" = "the version of an xterm: Shift+Alt-P > | Shift-X Shift-T e r m ( 3 7 9 ) Alt-\\
a colour: Alt-] 4 ; 1 ; r g b : c d / 0 0 / 0 0 Control-g
keypad Enter through tmux: Control-j
Delete in st: F1" ] || { echo "this has changed" >&2; exit 1; }
