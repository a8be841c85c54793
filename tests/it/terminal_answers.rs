//! The real binary in a real terminal that answers, late or unasked, while a question is open: nothing is
//! answered by it. The same for what is pasted where pastes are not bracketed.

use crate::pty::{self, PROGRAM};
use crate::world::World;
use std::path::Path;
use std::time::Duration;
use termlens::{Key, Screen, Terminal};

/// After so long without an effect, a key is pressed again.
const SHORT: Duration = Duration::from_millis(400);

/// What the terminal that the issue was seen in says, and others like it.
const ANSWERS: &[&str] = &[
    "\x1bP>|XTerm(379)\x1b\\",
    "\x1bP>|tmux 3.3a\x1b\\",
    "\x1bP>|kitty(0.26.5) yyy\x1b\\",
    "\x1b[?62;4c\x1b[>41;379;0c\x1bP!|7E565445\x1b\\",
    "\x1b]11;rgb:ffff/ffff/ffff\x07",
    "\x1b]52;c;eXlxeXE=\x1b\\",
    "\x1b]lyes\ny\x1b\\",
    "\x1b[?2026;2$y",
    "\x1bP1$r0;38:2::1:2:3m\x1b\\",
    "\x1b[?997;1n\x1b[I\x1b[O",
    "\x1b[1;2;3y",
    "\x1b_Gi=31;y\x1b\\",
];

struct Desk {
    world: World,
    terminal: Terminal,
}

impl Desk {
    /// With the question of whether one VM login is to be revoked.
    async fn asked() -> Self {
        let world = World::institute_today().await;
        let mut terminal = pty::admin(&world, (120, 40), Path::new("/nonexistent")).spawn(PROGRAM).unwrap();
        terminal.wait_until(|screen| screen.contains("252 · by name")).unwrap();
        terminal.send_str("/rosa.delgado\r").unwrap();
        terminal.wait_until(|screen| screen.contains("1 of 252")).unwrap();
        terminal.send_str("2").unwrap();
        terminal.wait_until(|screen| screen.contains("shell1")).unwrap();
        terminal.send_str("R").unwrap();
        terminal.wait_until(is_asked).unwrap();
        // What comes in the first moment would not count anyway.
        terminal.wait_until_for(|screen| !is_asked(screen), SHORT).unwrap_err();
        Self { world, terminal }
    }

    fn writes(&self) -> Vec<String> {
        self.world.writes().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect()
    }

    /// Waits until everything that was sent before has been heard: a key after it is.
    fn hear_all(&mut self) {
        self.terminal.wait_until_for(|screen| !is_asked(screen), SHORT).unwrap_err();
        self.terminal.send(Key::Char('D')).unwrap();
        self.terminal.wait_until(|screen| screen.contains("DELETE")).unwrap();
        self.terminal.send(Key::Char('D')).unwrap();
        self.terminal.wait_until(|screen| !screen.contains("DELETE")).unwrap();
    }

    fn quit(mut self) {
        for _ in 0..2 {
            self.terminal.send(Key::Ctrl('c')).unwrap();
        }
        assert!(self.terminal.wait_exit().unwrap().success());
    }
}

fn is_asked(screen: &Screen) -> bool {
    screen.contains("Revoke 1 VM login?") && screen.contains("y Yes")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_of_a_terminal_answers_a_question() {
    let mut desk = Desk::asked().await;
    for answer in ANSWERS {
        desk.terminal.send_str(answer).unwrap();
        assert!(is_asked(&desk.terminal.screen()), "{answer:?}");
    }
    desk.hear_all();
    for answer in ANSWERS {
        for byte in answer.chars() {
            desk.terminal.send_str(&byte.to_string()).unwrap();
        }
    }
    desk.hear_all();
    assert!(is_asked(&desk.terminal.screen()));
    assert_eq!(desk.writes(), Vec::<String>::new());
    assert!(desk.terminal.screen().clipboard().is_none(), "nothing was copied");
    desk.terminal.send(Key::Char('y')).unwrap();
    desk.terminal.wait_until(|screen| !is_asked(screen)).unwrap();
    desk.terminal.wait_until(|screen| screen.contains("evoked")).unwrap();
    assert_eq!(desk.writes().len(), 1, "a key of a person does: {:?}", desk.writes());
    desk.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paste_that_is_not_bracketed_answers_nothing_and_is_said_to_be_ignored() {
    let mut desk = Desk::asked().await;
    for paste in ["y\r", "yes\ryes\r", "\r\ry", "y\ny\n"] {
        desk.terminal.send_str(paste).unwrap();
        desk.terminal.wait_until(|screen| screen.contains("the rest was ignored")).unwrap();
        assert!(is_asked(&desk.terminal.screen()), "{paste:?}");
    }
    desk.hear_all();
    assert_eq!(desk.writes(), Vec::<String>::new());
    desk.quit();
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_leaves_whatever_the_terminal_has_begun_to_say() {
    // Not a paste: whether Ctrl-C comes by itself there is the reads' business, which `answers` can steer.
    for begin in ["\x1b[?62;", "\x1b]11;rgb:", "\x1bP>|XTerm(", "\x1b_G"] {
        let mut desk = Desk::asked().await;
        desk.terminal.send_str(begin).unwrap();
        assert!(is_asked(&desk.terminal.screen()));
        desk.terminal.send(Key::Ctrl('c')).unwrap();
        desk.terminal.wait_until(|screen| screen.contains("Ctrl-C again to quit")).unwrap();
        desk.terminal.send(Key::Ctrl('c')).unwrap();
        assert!(desk.terminal.wait_exit().unwrap().success(), "{begin:?}");
        assert_eq!(desk.writes(), Vec::<String>::new());
    }
}
