//! Hears the terminal: bytes become keys, pastes and answers. Reads as long as it lives, and takes nothing
//! with it when it is dropped but what it has read: the shell's keys are the shell's.

mod held;
pub mod keys;
mod last_words;
mod parser;
pub mod reply;
mod sequence;

pub use last_words::hear_out;

use super::runtime::Heard;
use crate::timer::Timer;
use crossterm::event::Event;
use futures::future::BoxFuture;
use futures::stream::Stream;
use parser::{Dropped, Parser, Said};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use zeroize::Zeroize;

/// How much is read at once. More that is there already belongs to the same piece, up to a limit: what
/// somebody pours in without end is not waited for.
const ONE_READ: usize = 4 * 1024;

/// How many reads make one piece at most.
const READS_AT_ONCE: usize = 16;

/// The keyboard, as a stream. Ends with an error when the terminal is gone.
///
/// The descriptor stays as it is: whether reading it may block is shared with the shell. Nothing is read
/// from it but what the system says is there.
#[derive(Debug)]
pub struct Reader {
    terminal: AsyncFd<OwnedFd>,
    parser: Parser,
    buffer: Vec<u8>,
    heard: VecDeque<Heard>,
    timer: Timer,
    patience: Patience,
}

/// A wait for more of something unfinished.
enum Patience {
    None,
    Until(BoxFuture<'static, ()>),
}

impl std::fmt::Debug for Patience {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Patience")
    }
}

/// What came in one piece.
#[derive(Default)]
struct Piece {
    heard: Vec<Heard>,
    keys: usize,
}

impl Piece {
    fn push(&mut self, said: Said) {
        let heard = match said {
            Said::Key(key) => {
                self.keys += 1;
                if let Some(Heard::Burst(burst)) = self.heard.last_mut() {
                    return burst.push(key);
                }
                Heard::Burst([key].into_iter().collect())
            }
            Said::Paste(text) => Heard::Event(Event::Paste(text)),
            Said::Reply(reply) => Heard::Reply(reply),
        };
        self.heard.push(heard);
    }
}

impl Reader {
    /// Of the terminal that standard input is.
    pub fn of_stdin(timer: Timer) -> io::Result<Self> {
        Self::new(io::stdin().as_fd().try_clone_to_owned()?, timer)
    }

    /// Of this terminal.
    #[expect(
        deprecated,
        reason = "its successor is unsafe for types that may name another descriptor later, which an OwnedFd never does"
    )]
    pub fn new(terminal: OwnedFd, timer: Timer) -> io::Result<Self> {
        Ok(Self {
            terminal: AsyncFd::with_interest(terminal, Interest::READABLE)?,
            parser: Parser::default(),
            buffer: vec![0; ONE_READ],
            heard: VecDeque::new(),
            timer,
            patience: Patience::None,
        })
    }

    /// Takes what is there. Ready if that was something, or the terminal is gone.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut piece = Piece::default();
        let mut gone = None;
        {
            let mut guard = ready!(self.terminal.poll_read_ready(cx))?;
            for _ in 0..READS_AT_ONCE {
                match read_what_is_there(guard.get_inner(), &mut self.buffer) {
                    Ok(Some(0)) => gone = Some(io::ErrorKind::UnexpectedEof.into()),
                    Ok(Some(length)) => {
                        self.parser.feed(&self.buffer[..length], |said| piece.push(said));
                        // It may be a secret that was pasted.
                        self.buffer[..length].zeroize();
                        continue;
                    }
                    Ok(None) => guard.clear_ready(),
                    Err(error) => gone = Some(error),
                }
                break;
            }
        }
        self.hear(piece);
        match gone {
            // What came before is heard first.
            Some(error) if self.heard.is_empty() => Poll::Ready(Err(error)),
            Some(_) | None => Poll::Ready(Ok(())),
        }
    }

    /// Passes on what came in one piece, and waits for as long as the parser would.
    fn hear(&mut self, piece: Piece) {
        let dropped = self.parser.take_dropped();
        // A paste in brackets is somebody's own, and on a slow line comes in one piece with the key after it.
        let replied = piece.heard.iter().any(|heard| matches!(heard, Heard::Reply(_)));
        let is_all = !replied && dropped == Dropped::Nothing && self.parser.is_between();
        let single = piece.keys == 1 && !self.parser.is_doubtful();
        self.heard.extend(piece.heard.into_iter().map(|heard| match heard {
            Heard::Burst(keys) if single => match keys.as_slice() {
                [key] if is_all => Heard::Event(Event::Key(*key)),
                [key] => Heard::Beside(*key),
                _ => Heard::Burst(keys),
            },
            as_before => as_before,
        }));
        self.patience = match self.parser.patience() {
            Some(time) => Patience::Until(self.timer.wait(time)),
            None => Patience::None,
        };
    }
}

impl Stream for Reader {
    type Item = io::Result<Heard>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(heard) = self.heard.pop_front() {
                return Poll::Ready(Some(Ok(heard)));
            }
            match self.poll_read(cx) {
                Poll::Ready(Ok(())) => continue,
                Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                Poll::Pending => {}
            }
            match &mut self.patience {
                Patience::None => return Poll::Pending,
                Patience::Until(over) => ready!(over.as_mut().poll(cx)),
            }
            let mut piece = Piece::default();
            self.parser.tire(|said| piece.push(said));
            self.hear(piece);
        }
    }
}

/// What can be read without waiting; nothing if there is nothing, of length 0 at the end.
fn read_what_is_there(terminal: &OwnedFd, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    loop {
        let mut asked = [PollFd::new(terminal, PollFlags::IN)];
        match poll(&mut asked, Some(&Timespec::default())) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        return match rustix::io::read(terminal, &mut *buffer) {
            Ok(length) => Ok(Some(length)),
            Err(rustix::io::Errno::INTR) => continue,
            Err(rustix::io::Errno::AGAIN) => Ok(None),
            Err(error) => Err(error.into()),
        };
    }
}
