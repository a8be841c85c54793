//! Keys that came in one piece. They may be a secret that was pasted where pastes are not bracketed: they are
//! told to no log, and wiped when they have been taken.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;
use std::hint::black_box;

/// The keys, in their order.
#[derive(Default)]
pub struct Keys(Vec<KeyEvent>);

impl Keys {
    /// One more.
    pub fn push(&mut self, key: KeyEvent) {
        if self.0.len() == self.0.capacity() {
            // Not left to the vector, which would leave a copy behind.
            let mut larger = Vec::with_capacity((2 * self.0.len()).max(8));
            larger.extend_from_slice(&self.0);
            self.wipe();
            self.0 = larger;
        }
        self.0.push(key);
    }

    /// The keys.
    pub fn as_slice(&self) -> &[KeyEvent] {
        &self.0
    }

    /// Makes them all no key. Seen by nobody, this would be left out if it were not said to be looked at.
    fn wipe(&mut self) {
        self.0.fill(KeyEvent::new(KeyCode::Null, KeyModifiers::NONE));
        black_box(self.0.as_slice());
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl FromIterator<KeyEvent> for Keys {
    fn from_iter<I: IntoIterator<Item = KeyEvent>>(keys: I) -> Self {
        let mut all = Self::default();
        keys.into_iter().for_each(|key| all.push(key));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_in_order_told_to_nobody_and_wiped() {
        let press = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        let mut keys: Keys = ('!'..='~').map(press).collect();
        assert!(keys.as_slice().iter().copied().eq(('!'..='~').map(press)));
        assert_eq!(format!("{keys:?}"), "Keys(94)");
        keys.wipe();
        assert!(keys.as_slice().iter().all(|key| key.code == KeyCode::Null));
    }
}
