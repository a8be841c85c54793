//! What comes on standard input: all of it, or an error. A list that is cut in silence would be done half, and
//! nobody told.

use super::exit::Stop;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use zeroize::{Zeroize, Zeroizing};

/// The longest list: some 200,000 users or tokens, each by its UUID.
const LONGEST: usize = 8 << 20;

/// What is read at once.
const PIECE: usize = 64 << 10;

/// All of standard input, as text; too much of it is an error before anything is done. It may hold a token:
/// every buffer that it was in is zeroed, so the library's own, which keeps what it read, is gone round.
pub fn all() -> Result<Zeroizing<String>, Stop> {
    let unreadable = |error: io::Error| Stop::usage(format!("standard input can't be read: {error}"));
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned().map_err(unreadable)?);
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    let mut all = Zeroizing::new(Vec::with_capacity(PIECE));
    loop {
        let read = match input.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(error)),
        };
        if all.len() + read > LONGEST {
            return Err(Stop::usage(format!(
                "standard input is longer than {} MB: nothing was done; give it in parts",
                LONGEST >> 20
            )));
        }
        append(&mut all, &piece[..read]);
    }
    // Not by taking it over with its error, which would hold it.
    String::from_utf8(std::mem::take(&mut *all)).map(Zeroizing::new).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        error.into_bytes().zeroize();
        Stop::usage(format!("standard input is no text in UTF-8 (byte {}): nothing was done", at + 1))
    })
}

/// Adds to a buffer; the one it outgrows is zeroed, which `Vec` alone would not do.
fn append(all: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    let needed = all.len() + more.len();
    if needed > all.capacity() {
        let mut grown = Zeroizing::new(Vec::with_capacity(needed.max(all.capacity() * 2)));
        grown.extend_from_slice(all);
        *all = grown;
    }
    all.extend_from_slice(more);
}
