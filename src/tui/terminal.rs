//! The terminal's modes: set when the screen opens, and put back in the right order whichever way the
//! program leaves it: at the end, to the background, by a signal or by a fault. What was drawn is wiped
//! before: GNU screen and mosh have no alternate screen, so that it would stay there for the next reader.

use super::reader;
use crate::timer::Timer;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::ResetColor;
use crossterm::terminal::{
    self, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{Command, execute};
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the modes are set: one terminal, so one flag, which the panic hook can read as well.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Whether the terminal may still answer something, in a place that the panic hook can read as well.
static OWED: AtomicBool = AtomicBool::new(false);

/// How long answers are waited for when the terminal is left: as long as a slow line takes, and no longer than
/// somebody waits for the shell.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What a terminal may still answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owed {
    /// Nothing that it was asked.
    Nothing,
    /// What it was asked, and last of all what kind of terminal it is (DA1).
    Answers,
}

/// Tells what the terminal may still answer: if it is left before, that is waited for, so that the shell does
/// not get it as if it had been typed.
pub fn may_answer(owed: Owed) {
    OWED.store(owed == Owed::Answers, Ordering::SeqCst);
}

/// Whether there is a terminal to draw on and to hear keys from.
pub fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The modes, as long as this lives.
#[derive(Debug)]
pub struct Modes(());

impl Modes {
    /// Sets them.
    pub fn enter() -> io::Result<Self> {
        // Made before anything is set, so that what is half set is put back.
        let modes = Self(());
        set()?;
        Ok(modes)
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        restore();
    }
}

/// Sets the modes again, after somebody else had the terminal.
pub fn set_again() -> io::Result<()> {
    disable_raw_mode()?;
    set()
}

/// Puts the modes back, stops the process as ^Z does, and sets them again when it is continued. No stream
/// of events may live meanwhile: it would take the shell's keys.
pub fn suspend() -> io::Result<()> {
    restore();
    signal_hook::low_level::raise(signal_hook::consts::SIGTSTP)?;
    set()
}

fn set() -> io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste, Hide)
}

/// Puts the modes back, if they are set. What the terminal still sends meanwhile is taken away before it
/// could reach the shell: raw mode ends last.
fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    // The terminal may be gone; then there is nothing to put back and nobody to tell.
    let _ = execute!(io::stdout(), EndSynchronizedUpdate, DisableBracketedPaste, ResetColor, Wipe, Show);
    if OWED.swap(false, Ordering::SeqCst) {
        reader::hear_out(io::stdin(), &Timer::system(), LAST_WORDS);
    }
    // Before anybody can see that the shell is back: what is typed then is for the shell.
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
    let _ = execute!(io::stdout(), LeaveAlternateScreen);
    let _ = disable_raw_mode();
}

/// Wipes what was drawn, and goes to the first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wipe;

impl Command for Wipe {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        // Line by line, since what a terminal clears in one go it may keep among the lines scrolled off.
        let rows = terminal::size().map_or(0, |(_, rows)| rows);
        for row in 0..rows {
            MoveTo(0, row).write_ansi(f)?;
            Clear(ClearType::CurrentLine).write_ansi(f)?;
        }
        // What is below, if the size has just changed.
        MoveTo(0, 0).write_ansi(f)?;
        Clear(ClearType::FromCursorDown).write_ansi(f)
    }
}

/// Says on standard error what can't be said on the screen any more.
pub fn tell(text: &str) {
    // With nobody there to read it, it is lost.
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
}

/// Puts the terminal right when the program panics, and says where, but not why: the reason may quote
/// anything, secrets too. A task that panics is told of on the screen, so it leaves the terminal alone.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|info| {
        let place = place(info);
        tracing::error!(place, "panicked");
        if tokio::task::try_id().is_none() {
            restore();
            tell(&fault(&place));
        }
    }));
}

fn place(info: &PanicHookInfo<'_>) -> String {
    info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string)
}

fn fault(place: &str) -> String {
    format!(
        "arv-admin had to stop: a fault in the program, at {place}.\n\
         Changes that were under way may be done or not; the journal has those that were finished.\n\
         Please report it with this place."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_its_place_and_what_to_do() {
        let text = fault("src/app/update.rs:7:1");
        assert!(text.contains("src/app/update.rs:7:1") && text.contains("journal"));
    }

    #[test]
    fn putting_back_what_was_not_set_does_nothing() {
        restore();
        assert!(!ENTERED.load(Ordering::SeqCst));
    }
}
