//! Bytes that are kept until what they belong to is whole. They may be a secret that was pasted: none of these
//! copies stays behind in memory, also not where there was no room any more, and no log is told them. What a
//! paste becomes is wiped by who takes it, as keys in one piece are ([`super::keys`]).

use std::fmt;
use zeroize::Zeroize;

/// Bytes up to a limit; what goes beyond it is counted, not kept.
#[derive(Default)]
pub(super) struct Held {
    bytes: Vec<u8>,
    beyond: bool,
}

impl Held {
    pub(super) fn push(&mut self, byte: u8, limit: usize) {
        if self.bytes.len() >= limit {
            self.beyond = true;
            return;
        }
        if self.bytes.len() == self.bytes.capacity() {
            // Not left to the vector, which would leave a copy behind.
            let mut larger = Vec::with_capacity((2 * self.bytes.len()).max(64));
            larger.extend_from_slice(&self.bytes);
            self.bytes.zeroize();
            self.bytes = larger;
        }
        self.bytes.push(byte);
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether everything was kept.
    pub(super) fn is_whole(&self) -> bool {
        !self.beyond
    }

    /// Empties and wipes it.
    pub(super) fn wipe(&mut self) {
        self.bytes.zeroize();
        self.beyond = false;
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Held({})", self.bytes.len())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}
