//! What is asked on the terminal: the answer to a question, and a token that must not be seen.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal};
use zeroize::Zeroizing;

/// The terminal that the program was started on, wherever its input comes from.
const TERMINAL: &str = "/dev/tty";

/// Who answers questions: whoever sits at the terminal, also where targets come on standard input.
pub struct Asked(Box<dyn BufRead>);

impl Asked {
    /// Where there is a terminal to ask on, and to see the question on.
    pub fn on_terminal() -> Option<Self> {
        if !io::stderr().is_terminal() {
            return None;
        }
        if io::stdin().is_terminal() {
            return Some(Self(Box::new(io::stdin().lock())));
        }
        let terminal = File::open(TERMINAL).ok()?;
        terminal.is_terminal().then(|| Self(Box::new(BufReader::new(terminal))))
    }

    /// What is answered; nothing at all if the terminal is closed.
    pub fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        Ok(line)
    }
}

/// The most bytes of a paste that are looked at: a token with what it was copied with.
const LONGEST: usize = 64 * 1024;

/// After a line, the next one of the same paste is waited for so long.
const SAME_PASTE: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };

/// Asks for a text that is not shown: all lines of a paste, since a token may be wrapped over several. What is
/// left of it is thrown away, so that the shell does not run it.
pub fn secret(question: &str) -> io::Result<Zeroizing<String>> {
    let unseen = Unseen::begin()?;
    let mut all = Zeroizing::new(String::with_capacity(LONGEST));
    let mut question = question;
    loop {
        let line = Zeroizing::new(rpassword::prompt_password(question)?);
        if all.len() + line.len() >= LONGEST {
            return Ok(all);
        }
        all.push_str(&line);
        all.push('\n');
        if !unseen.goes_on()? {
            return Ok(all);
        }
        question = "";
    }
}

/// The terminal while nothing that is typed shows, not even between two lines.
struct Unseen {
    terminal: File,
    before: Termios,
}

impl Unseen {
    fn begin() -> io::Result<Self> {
        let terminal = File::options().read(true).write(true).open(TERMINAL)?;
        let before = tcgetattr(&terminal)?;
        let mut unseen = before.clone();
        unseen.local_modes -= LocalModes::ECHO | LocalModes::ECHONL;
        tcsetattr(&terminal, OptionalActions::Now, &unseen)?;
        Ok(Self { terminal, before })
    }

    /// Whether another line of the paste is there, or comes at once.
    fn goes_on(&self) -> io::Result<bool> {
        let mut there = [PollFd::new(&self.terminal, PollFlags::IN)];
        Ok(poll(&mut there, Some(&SAME_PASTE))? > 0)
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // Nobody can be told that a terminal that goes away is not as before.
        let _ = tcflush(&self.terminal, QueueSelector::IFlush);
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}
