//! What a terminal still answers when it is left: read, and thrown away. To the shell it would be typed.

use super::parser::{Parser, Said};
use super::reply::Reply;
use crate::timer::Timer;
use jiff::SignedDuration;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::os::fd::AsFd;
use std::time::Duration;
use zeroize::Zeroize;

/// How often something may come: more is no answer.
const READS: usize = 256;

/// Reads until the terminal has answered what kind it is (DA1), which it is asked last, but no longer than
/// this. Blocks: the terminal is being left, and perhaps by a fault.
pub fn hear_out(terminal: impl AsFd, timer: &Timer, most: Duration) {
    let begun = timer.now();
    let mut parser = Parser::default();
    let mut buffer = [0; 256];
    for _ in 0..READS {
        let gone_by = timer.now().duration_since(begun);
        let left = SignedDuration::try_from(most).unwrap_or_default() - gone_by;
        // Not more, if the clock was set back meanwhile.
        let left = Duration::try_from(left).unwrap_or_default().min(most);
        let Ok(left) = Timespec::try_from(left) else { return };
        let mut asked = [PollFd::new(&terminal, PollFlags::IN)];
        match poll(&mut asked, Some(&left)) {
            Err(rustix::io::Errno::INTR) => continue,
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let Ok(length @ 1..) = rustix::io::read(&terminal, &mut buffer) else { return };
        let mut has_answered = false;
        parser.feed(&buffer[..length], |said| {
            has_answered |= said == Said::Reply(Reply::DeviceAttributes);
        });
        // Somebody may be typing a secret.
        buffer.zeroize();
        if has_answered {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timer::ManualTime;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;
    use std::thread;

    /// Time stands still: only what comes ends it, or that nothing does.
    fn standing_still() -> Timer {
        ManualTime::starting_at(jiff::Timestamp::UNIX_EPOCH).timer()
    }

    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn an_answer_that_comes_in_pieces_is_waited_for_and_no_longer() {
        let (mut terminal, mut program) = UnixStream::pair().unwrap();
        let answers = thread::spawn(move || {
            for byte in b"q\x1b[2;4R\x1b]11;rgb:0000/0000/0000\x07\x1b[?62;4c" {
                terminal.write_all(&[*byte]).unwrap();
                thread::yield_now();
            }
            terminal
        });
        hear_out(&program, &standing_still(), LONG);
        let mut terminal = answers.join().unwrap();
        terminal.write_all(b"echo").unwrap();
        drop(terminal);
        let mut rest = String::new();
        program.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "echo", "what comes after it is not read");
    }

    #[test]
    fn a_terminal_that_says_nothing_or_is_gone_or_never_ends_is_not_waited_for_longer() {
        let (terminal, program) = UnixStream::pair().unwrap();
        hear_out(&program, &standing_still(), Duration::from_millis(1));
        drop(terminal);
        hear_out(&program, &standing_still(), LONG);
        let (mut terminal, program) = UnixStream::pair().unwrap();
        let pours = thread::spawn(move || while terminal.write_all(b"yyyy").is_ok() {});
        hear_out(&program, &standing_still(), LONG);
        drop(program);
        pours.join().unwrap();
    }
}
