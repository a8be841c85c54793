//! What is asked on the terminal: the answer to a question, and a token that must not be seen.

use super::output::say_inline;
use crate::ops::find_token::Given;
use crate::secret::Secret;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{
    LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr, tcsetattr,
};
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use zeroize::Zeroizing;

/// The terminal that the program was started on, wherever its input comes from.
const TERMINAL: &str = "/dev/tty";

/// Who answers questions: whoever sits at the terminal, also where targets come on standard input.
pub struct Asked {
    terminal: File,
    lines: BufReader<File>,
}

impl Asked {
    /// Where there is a terminal to ask on, and to see the question on.
    pub fn on_terminal() -> Option<Self> {
        if !io::stderr().is_terminal() {
            return None;
        }
        if io::stdin().is_terminal() {
            return Self::on(File::from(io::stdin().as_fd().try_clone_to_owned().ok()?));
        }
        Self::on(File::open(TERMINAL).ok()?)
    }

    fn on(terminal: File) -> Option<Self> {
        let lines = BufReader::new(terminal.try_clone().ok()?);
        terminal.is_terminal().then_some(Self { terminal, lines })
    }

    /// Asks, and gives back what is answered; nothing at all if the terminal is closed. What was typed before
    /// the question could be read does not answer it: it may be the next line of a paste into the shell.
    pub fn line(&mut self, question: &str) -> io::Result<String> {
        tcflush(&self.terminal, QueueSelector::IFlush)?;
        self.lines.consume(self.lines.buffer().len());
        say_inline(question);
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        Ok(line)
    }
}

/// The most bytes of a paste that are looked at: a token with what it was copied with.
const LONGEST: usize = 64 * 1024;

/// More of the same paste is waited for so long.
const SAME_PASTE: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };

/// Asks for a text that is not shown: all lines of a paste, since a token may be wrapped over several, the last
/// with or without a line end. What is left of it is thrown away, so that the shell does not run it.
pub fn secret(question: &str) -> io::Result<Zeroizing<String>> {
    let unseen = Unseen::begin()?;
    let mut all = Zeroizing::new(Vec::with_capacity(LONGEST));
    let line = Zeroizing::new(rpassword::prompt_password(question)?);
    all.extend_from_slice(&line.as_bytes()[..line.len().min(LONGEST - 1)]);
    all.push(b'\n');
    // A line without its end is there only for who does not ask for lines.
    unseen.take_characters()?;
    while all.len() < LONGEST {
        let is_silent = !unseen.goes_on()?;
        if is_silent {
            if !Given::goes_on(&Secret::new(String::from_utf8_lossy(&all).into_owned())) {
                break;
            }
            unseen.say("\nThe token goes on: paste the rest of it, or press Enter if that was all: ")?;
        }
        let more = unseen.read(LONGEST - all.len())?;
        let was_all = is_silent && more.as_slice() == b"\n";
        if was_all || more.is_empty() || more.contains(&END) {
            break;
        }
        all.extend_from_slice(&more);
    }
    if all.len() >= LONGEST {
        return Err(io::Error::other(format!("more than {} kB were pasted", LONGEST >> 10)));
    }
    Ok(Zeroizing::new(String::from_utf8_lossy(&all).into_owned()))
}

/// Ctrl-D, where characters are read as they come.
const END: u8 = 4;

/// The terminal while nothing that is typed shows, not even between two lines.
struct Unseen {
    terminal: File,
    before: Termios,
}

impl Unseen {
    fn begin() -> io::Result<Self> {
        let terminal = File::options().read(true).write(true).open(TERMINAL)?;
        let before = tcgetattr(&terminal)?;
        let unseen = Self { terminal, before };
        // What was typed before the question is no answer to it, nor the beginning of one.
        tcsetattr(&unseen.terminal, OptionalActions::Flush, &unseen.modes())?;
        Ok(unseen)
    }

    fn modes(&self) -> Termios {
        let mut modes = self.before.clone();
        modes.local_modes -= LocalModes::ECHO | LocalModes::ECHONL;
        modes
    }

    /// From now on what is typed is there at once, not only when its line is ended.
    fn take_characters(&self) -> io::Result<()> {
        let mut modes = self.modes();
        modes.local_modes -= LocalModes::ICANON;
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        Ok(tcsetattr(&self.terminal, OptionalActions::Now, &modes)?)
    }

    /// Whether more of the paste is there, or comes at once.
    fn goes_on(&self) -> io::Result<bool> {
        let mut there = [PollFd::new(&self.terminal, PollFlags::IN)];
        Ok(poll(&mut there, Some(&SAME_PASTE))? > 0)
    }

    /// What comes next, however long it takes; nothing if the terminal is closed.
    fn read(&self, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
        let mut more = Zeroizing::new(vec![0; most.min(4096)]);
        let length = (&self.terminal).read(&mut more)?;
        more.truncate(length);
        Ok(more)
    }

    fn say(&self, text: &str) -> io::Result<()> {
        (&self.terminal).write_all(text.as_bytes())
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // Nobody can be told that a terminal that goes away is not as before.
        let _ = tcflush(&self.terminal, QueueSelector::IFlush);
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}
