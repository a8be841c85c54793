//! The way out to the terminal: a frame is collected, sent in one piece, and wiped here once it is out,
//! because it may show a new token's secret.

use std::io::{self, Write};
use zeroize::Zeroize;

/// Longer frames go out in pieces.
const LONGEST: usize = 64 * 1024;

/// Collects what is written until it is flushed.
#[derive(Debug)]
pub struct Frames<W: Write> {
    out: W,
    held: Vec<u8>,
}

impl<W: Write> Frames<W> {
    /// In front of this.
    pub fn new(out: W) -> Self {
        // Never grown: what was copied to a larger place would stay behind in the smaller one.
        Self { out, held: Vec::with_capacity(LONGEST) }
    }

    fn send(&mut self) -> io::Result<()> {
        let sent = self.out.write_all(&self.held);
        self.held.zeroize();
        sent
    }
}

impl<W: Write> Write for Frames<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.held.len() + bytes.len() > LONGEST {
            self.send()?;
        }
        let taken = bytes.len().min(LONGEST);
        self.held.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_goes_out_in_one_piece_and_nothing_of_it_stays() {
        let mut frames = Frames::new(Vec::new());
        frames.write_all(b"export ARVADOS_API_TOKEN=canary").unwrap();
        assert!(frames.out.is_empty());
        frames.flush().unwrap();
        assert_eq!(frames.out, b"export ARVADOS_API_TOKEN=canary");
        assert!(frames.held.is_empty());
        assert_eq!(frames.held.capacity(), LONGEST, "it has not moved");
    }

    #[test]
    fn a_frame_that_is_longer_goes_out_whole_all_the_same() {
        let mut frames = Frames::new(Vec::new());
        let long = vec![b'x'; 3 * LONGEST + 7];
        frames.write_all(b"before").unwrap();
        frames.write_all(&long).unwrap();
        frames.flush().unwrap();
        assert_eq!(frames.out.len(), long.len() + 6);
        assert_eq!(frames.held.capacity(), LONGEST);
    }
}
