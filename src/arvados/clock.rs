//! What the cluster's clock shows, as far as its answers tell: tokens end by that one, whatever the clock of
//! this computer shows. Each answer carries a `Date`, cut to the second, of some instant between the sending
//! of the request and its arrival here. So each bounds the difference of the clocks, and together they bound
//! it closely, however slow a single one was.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// `Date` is cut to it.
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// 2020-01-01: no server of this API shows an earlier date, but what answers for one may (a cache, an
/// appliance without a clock).
const NOT_BEFORE: i64 = 1_577_836_800;

/// 2100-01-01: a clock that shows a later one was never set.
const NOT_AFTER: i64 = 4_102_444_800;

/// Whether no server's clock can show this.
fn is_odd(date: Timestamp) -> bool {
    !(NOT_BEFORE..NOT_AFTER).contains(&date.as_second())
}

/// How far the cluster's clock is ahead of this computer's: between these, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bounds {
    least: SignedDuration,
    most: SignedDuration,
}

impl Bounds {
    /// What one answer tells. None if it tells nothing: a date that no server shows, or a clock here that
    /// was set back while the answer was waited for.
    fn of(date: Timestamp, sent: Timestamp, received: Timestamp) -> Option<Self> {
        let tells_nothing = is_odd(date) || received < sent;
        (!tells_nothing).then(|| Self {
            least: date.duration_since(received),
            most: date.duration_since(sent).saturating_add(SECOND),
        })
    }

    /// What both tell, unless they contradict each other.
    fn and(self, other: Self) -> Option<Self> {
        let both = Self { least: self.least.max(other.least), most: self.most.min(other.most) };
        (both.least <= both.most).then_some(both)
    }

    /// The likeliest difference: none, if that is possible at all, so that nothing is mended that is right.
    fn likeliest(self) -> SignedDuration {
        if self.least <= SignedDuration::ZERO && self.most >= SignedDuration::ZERO {
            return SignedDuration::ZERO;
        }
        self.least.saturating_add(self.most.saturating_sub(self.least) / 2)
    }
}

/// What is known of the cluster's clock; shared by all that ask the same cluster.
#[derive(Debug, Default)]
pub(super) struct ServerClock(Mutex<Known>);

#[derive(Debug, Default, Clone, Copy)]
struct Known {
    bounds: Option<Bounds>,
    /// What the last answer told, if it contradicts the ones before: one of them may come from something
    /// else than the server; two of a kind mean that a clock was set.
    doubt: Option<Bounds>,
    /// A date that no server's clock can show, and some answer had.
    odd: Option<Timestamp>,
}

impl ServerClock {
    /// Takes what an answer told, and when it was asked for and came, by the clock here.
    pub fn heard(&self, date: Timestamp, sent: Timestamp, received: Timestamp) {
        let mut known = self.known();
        known.odd = Some(date).filter(|date| is_odd(*date)).or(known.odd);
        let Some(heard) = Bounds::of(date, sent, received) else { return };
        *known = known.and(heard);
    }

    /// How far the cluster's clock is ahead of this computer's, within a second or so; nothing where no
    /// answer told, or where they may well agree.
    pub fn ahead(&self) -> SignedDuration {
        self.known().bounds.map_or(SignedDuration::ZERO, Bounds::likeliest)
    }

    /// What its answers show, if no server's clock can show that, and none has shown anything better.
    pub fn odd(&self) -> Option<Timestamp> {
        let known = self.known();
        known.odd.filter(|_| known.bounds.is_none())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn and(self, heard: Bounds) -> Self {
        let Some(bounds) = self.bounds else { return Self { bounds: Some(heard), doubt: None, ..self } };
        if let Some(closer) = bounds.and(heard) {
            return Self { bounds: Some(closer), doubt: None, ..self };
        }
        match self.doubt.and_then(|doubt| doubt.and(heard)) {
            Some(agreed) => Self { bounds: Some(agreed), doubt: None, ..self },
            None => Self { doubt: Some(heard), ..self },
        }
    }
}

/// The date of an answer, as `Date` gives it; nothing where there is none that can be read, or where a cache
/// answered (`Age`), whose date is that of another answer.
pub(super) fn date_of(headers: &reqwest::header::HeaderMap) -> Option<Timestamp> {
    if headers.contains_key(reqwest::header::AGE) {
        return None;
    }
    let date = headers.get(reqwest::header::DATE)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(date.trim()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use reqwest::header::{AGE, DATE, HeaderMap, HeaderValue};

    const HERE: i64 = 1_795_516_920;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(HERE * 1000 + milliseconds).expect("a time")
    }

    /// Asks a server whose clock is so far ahead, and which answers in the middle of the time that takes.
    fn ask(clock: &ServerClock, ahead: SignedDuration, sent: i64, takes: i64) {
        let shown = at(sent + takes / 2) + ahead;
        let date = Timestamp::from_second(shown.as_second()).expect("a time");
        clock.heard(date, at(sent), at(sent + takes));
    }

    #[test]
    fn clocks_that_may_agree_are_left_alone() {
        let clock = ServerClock::default();
        assert_eq!(clock.ahead(), SignedDuration::ZERO, "nothing is known");
        for (sent, takes) in [(0, 0), (300, 40), (999, 1), (1_500, 8_000)] {
            ask(&clock, SignedDuration::ZERO, sent, takes);
            assert_eq!(clock.ahead(), SignedDuration::ZERO);
        }
    }

    #[test]
    fn a_slow_answer_takes_nothing_from_what_a_quick_one_told() {
        let clock = ServerClock::default();
        let hour = SignedDuration::from_hours(1);
        ask(&clock, hour, 0, 20);
        let quick = clock.ahead();
        assert!((quick - hour).abs() <= SignedDuration::from_millis(600), "{quick:?}");
        ask(&clock, hour, 5_000, 50_000);
        assert_eq!(clock.ahead(), quick);
    }

    #[test]
    fn one_odd_date_is_not_believed_and_two_that_agree_are() {
        let clock = ServerClock::default();
        ask(&clock, SignedDuration::ZERO, 0, 20);
        let proxy = SignedDuration::from_hours(-5);
        ask(&clock, proxy, 1_000, 20);
        assert_eq!(clock.ahead(), SignedDuration::ZERO, "one");
        ask(&clock, SignedDuration::ZERO, 2_000, 20);
        ask(&clock, proxy, 3_000, 20);
        assert_eq!(clock.ahead(), SignedDuration::ZERO, "again one, with a good one between");
        // This computer's clock is set forward by five hours: every answer says so from now on.
        ask(&clock, proxy, 4_000, 20);
        assert!((clock.ahead() - proxy).abs() <= SECOND, "{:?}", clock.ahead());
    }

    #[test]
    fn dates_that_tell_nothing_are_left_out() {
        let clock = ServerClock::default();
        let epoch = Timestamp::UNIX_EPOCH;
        for _ in 0..3 {
            clock.heard(epoch, at(0), at(10));
            clock.heard(at(7_200_000), at(10), at(0));
        }
        assert_eq!(clock.ahead(), SignedDuration::ZERO);
        assert_eq!(clock.odd(), Some(epoch), "it is said");
        let late = "2150-01-01T00:00:00Z".parse().expect("a time");
        clock.heard(late, at(0), at(10));
        assert_eq!((clock.ahead(), clock.odd()), (SignedDuration::ZERO, Some(late)));
        clock.heard(at(7_200_000), at(0), at(10));
        assert!(clock.ahead() > SignedDuration::from_hours(1) && clock.odd().is_none(), "a good one came");
    }

    #[test]
    fn the_date_is_the_servers_own_or_none() {
        let with = |name, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(DATE, HeaderValue::from_static("Tue, 24 Nov 2026 10:42:00 GMT"));
            headers.insert(name, HeaderValue::from_static(value));
            date_of(&headers)
        };
        let date = "2026-11-24T10:42:00Z".parse().ok();
        assert_eq!(with(DATE, "Tue, 24 Nov 2026 10:42:00 GMT"), date);
        assert_eq!(with(DATE, "Tue, 24 Nov 2026 12:42:00 +0200"), date);
        for odd in ["", "now", "0", "Mon, 24 Nov 2026 10:42:00 GMT", "2026-11-24", "Tue, 24 Nov 99999"] {
            assert_eq!(with(DATE, odd), None, "{odd}");
        }
        assert_eq!(with(AGE, "0"), None, "a cache's");
        assert_eq!(date_of(&HeaderMap::new()), None);
    }

    proptest! {
        /// However far apart the clocks are and however slow the answers: it is never wrong by more than
        /// half of what the quickest took, and the second a date is cut to.
        #[test]
        fn the_difference_is_found(
            ahead in -40_000_000_000_i64..40_000_000_000,
            answers in prop::collection::vec((0_i64..5_000, 0_i64..60_000), 1..8),
        ) {
            let clock = ServerClock::default();
            let ahead = SignedDuration::from_millis(ahead);
            let mut sent = 0;
            for (pause, takes) in &answers {
                sent += pause;
                ask(&clock, ahead, sent, *takes);
                sent += takes;
            }
            let quickest = answers.iter().map(|(_, takes)| *takes).min().unwrap_or(0);
            let most = SignedDuration::from_millis(quickest + 1_001);
            prop_assert!((clock.ahead() - ahead).abs() <= most, "{:?} {ahead:?}", clock.ahead());
        }
    }
}
