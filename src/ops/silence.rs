//! How long the server did not answer during a change: whoever waits is told, long before a request is given up.

use jiff::Timestamp;
use std::time::Duration;

/// After so long without an answer, it is said.
pub const QUIET: Duration = Duration::from_secs(10);

/// As long as it lasts, it is said again after so long.
const AGAIN: Duration = Duration::from_secs(60);

/// A silence of the server, and what was said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    since: Timestamp,
    said: Said,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    /// That it lasted so long.
    Lasting(Duration),
}

/// What is to be done about a silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// To look again after so long.
    LookAfter(Duration),
    /// To say that it has lasted so long.
    Say(Duration),
}

impl Silence {
    /// Something is asked for.
    pub fn since(at: Timestamp) -> Self {
        Self { since: at, said: Said::Nothing }
    }

    /// The server answered last at this time: a silence that began earlier is over.
    pub fn answered(&mut self, at: Timestamp) {
        if at > self.since {
            *self = Self::since(at);
        }
    }

    /// Looks how long it is, however late: it is said once when it is long, and again each minute.
    pub fn look(&mut self, now: Timestamp) -> Then {
        let lasts = self.lasts(now);
        let due = match self.said {
            Said::Nothing => QUIET,
            Said::Lasting(before) => before + AGAIN,
        };
        if lasts >= due {
            self.said = Said::Lasting(lasts);
            return Then::Say(lasts);
        }
        // An answer in between makes the next silence due earlier than this one.
        Then::LookAfter(due.saturating_sub(lasts).min(QUIET))
    }

    /// How long it is, if it was said.
    pub fn said(&self, now: Timestamp) -> Option<Duration> {
        match self.said {
            Said::Nothing => None,
            Said::Lasting(_) => Some(self.lasts(now)),
        }
    }

    fn lasts(&self, now: Timestamp) -> Duration {
        Duration::try_from(now.duration_since(self.since)).unwrap_or_default()
    }
}

/// A silence in few words.
pub fn in_short(lasts: Duration) -> String {
    format!("no answer for {} s", lasts.as_secs())
}

/// The same, with what becomes of it.
pub fn in_words(lasts: Duration) -> String {
    format!("{}; waits up to 1 min to read, 5 min to change; no change is sent twice", in_short(lasts))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::constant(1_795_516_920, 0);

    fn at(seconds: u64) -> Timestamp {
        START + Duration::from_secs(seconds)
    }

    fn seconds(then: Then) -> (&'static str, u64) {
        match then {
            Then::LookAfter(delay) => ("look after", delay.as_secs()),
            Then::Say(lasts) => ("say", lasts.as_secs()),
        }
    }

    #[test]
    fn ten_seconds_without_an_answer_are_said_and_each_further_minute() {
        let mut silence = Silence::since(at(0));
        assert_eq!(seconds(silence.look(at(0))), ("look after", 10));
        silence.answered(at(9));
        assert_eq!(seconds(silence.look(at(10))), ("look after", 9), "an answer came in between");
        assert_eq!(silence.said(at(10)), None);
        assert_eq!(seconds(silence.look(at(19))), ("say", 10));
        assert_eq!(seconds(silence.look(at(29))), ("look after", 10), "it was said");
        assert_eq!(silence.said(at(30)), Some(Duration::from_secs(21)));
        assert_eq!(seconds(silence.look(at(79))), ("say", 70));
        silence.answered(at(80));
        assert_eq!(silence.said(at(81)), None);
        assert_eq!(seconds(silence.look(at(90))), ("say", 10), "another one");
    }

    #[test]
    fn whoever_looks_too_late_still_says_it_and_an_old_answer_ends_nothing() {
        let mut silence = Silence::since(at(0));
        assert_eq!(seconds(silence.look(at(3600))), ("say", 3600), "the lid was closed");
        silence.answered(at(0));
        assert_eq!(silence.said(at(3600)), Some(Duration::from_secs(3600)));
    }
}
