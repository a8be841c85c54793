//! Points in time as people write and read them. All dates are UTC: an audit over several time zones
//! must not depend on where the reader's shell runs.

use super::field;
use super::token::Expiry;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

/// Why a text is no expiry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryError {
    /// Not a date, a span or `never`.
    #[error("write a date (2027-01-31 or 2027-01-31T18:00), a time from now (12h, 30d, 6mo, 1y) or never")]
    Unreadable,
    /// A date or a span, but later than any instant that is known here: jiff's last is on 9999-12-30.
    #[error(
        "that is later than can be set: the last day is 9999-12-29; for a token that never ends write never"
    )]
    TooLate,
    /// The server would take it, and the token would be dead at once (api.md v9).
    #[error("{0} is past")]
    Past(String),
}

/// Reads an expiry: `never`, a date, a date and time (UTC unless it names an offset), or a span from
/// `now`. A date alone means its end. Nothing unreadable gets past this: the server would store it as
/// "never expires" (api.md v9).
pub fn parse_expiry(text: &str, now: Timestamp) -> Result<Expiry, ExpiryError> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("never") {
        return Ok(Expiry::Never);
    }
    // The server keeps microseconds and may round: whole seconds come back as they were sent.
    let at = parse_instant(text, now)?;
    let at = Timestamp::from_second(at.as_second()).map_err(|_| ExpiryError::TooLate)?;
    if at <= now { Err(ExpiryError::Past(date_time(at))) } else { Ok(Expiry::At(at)) }
}

fn parse_instant(text: &str, now: Timestamp) -> Result<Timestamp, ExpiryError> {
    let utc = |at: DateTime| {
        let zoned = at.to_zoned_datetime(TimeZone::UTC);
        zoned.map(|zoned| zoned.timestamp()).map_err(|_| ExpiryError::TooLate)
    };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if text.len() == 10
        && let Ok(date) = text.parse::<Date>()
    {
        return utc(date.at(23, 59, 59, 0));
    }
    if text.contains('-') {
        let dotted = text.replace(' ', "T");
        if let Ok(at) = dotted.parse::<DateTime>() {
            return utc(at);
        }
        if matches!(field::Date::parse(&dotted), field::Date::After9999(_)) {
            return Err(ExpiryError::TooLate);
        }
    }
    let span: Span = text.parse().map_err(|_| ExpiryError::Unreadable)?;
    let zoned = now.to_zoned_datetime(TimeZone::UTC);
    zoned.checked_add(span).map(|zoned| zoned.timestamp()).map_err(|_| {
        if span.is_negative() { ExpiryError::Past(text.to_owned()) } else { ExpiryError::TooLate }
    })
}

/// `2026-12-23`
pub fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// `2026-12-23 10:42`, UTC.
pub fn date_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// `2026-12-23 10:42 UTC`
pub fn date_time_utc(at: Timestamp) -> String {
    format!("{} UTC", date_time(at))
}

/// `10:42`, UTC: for "as of".
pub fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M").to_string()
}

/// How far the clock here may be from the cluster's before it is said.
const CLOSE: SignedDuration = SignedDuration::from_mins(2);

/// Why it matters that clocks differ.
pub const ENDS_BY_THE_CLUSTERS: &str = "tokens end by the cluster's clock";

/// What to say where the clock here and the cluster's differ by more than two minutes: by how much, and what
/// either shows. In a line of 80 cells, sign and margins included: on the screen the rest would be cut off.
pub fn clocks_apart(here: Timestamp, server: Timestamp) -> Option<String> {
    let apart = server.duration_since(here);
    if apart.abs() <= CLOSE {
        return None;
    }
    let way = if apart.is_positive() { "slow" } else { "fast" };
    // As between the two minutes that are shown.
    let minute = |at: Timestamp| at.as_second().div_euclid(60);
    let minutes = (minute(server) - minute(here)).abs();
    let (hours, rest) = (minutes / 60, minutes % 60);
    Some(if date(here) == date(server) {
        let by = match (hours, rest) {
            (0, rest) => format!("{rest} min"),
            (hours, 0) => format!("{hours} h"),
            (hours, rest) => format!("{hours} h {rest} min"),
        };
        format!("this computer's clock is {by} {way}: {}, the cluster's {} UTC", clock(here), clock(server))
    } else {
        let by = match hours {
            0 => format!("{minutes} min"),
            1..24 => format!("{hours} h"),
            _ => amount(apart.abs().as_secs()).0,
        };
        format!("clock here is {by} {way}: {}, there {}", date_time(here), date_time_utc(server))
    })
}

/// Up to a month "in 3 days" or "3 days ago", beyond that the date.
pub fn relative_or_date(at: Timestamp, now: Timestamp) -> String {
    if at.duration_since(now).abs() <= SignedDuration::from_hours(31 * 24) {
        relative(at, now)
    } else {
        date(at)
    }
}

/// Below it, what is to come is told by the second: who gave a token 90 seconds must not read of one minute.
const BY_THE_SECOND: i64 = 600;

/// "in 3 days", "in 1 min 30 s", "5 years ago", "now", however far away.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let apart = at.duration_since(now);
    // To the nearest, so that what was given five minutes ends in five at once afterwards, too.
    let seconds = (apart.as_millis() + 500) / 1_000;
    if let Ok(seconds @ 1..BY_THE_SECOND) = i64::try_from(seconds) {
        return match (seconds / 60, seconds % 60) {
            (0, rest) => format!("in {rest} s"),
            (1, 0) => "in 1 minute".to_owned(),
            (minutes, 0) => format!("in {minutes} minutes"),
            (minutes, rest) => format!("in {minutes} min {rest} s"),
        };
    }
    match amount(apart.abs().as_secs()) {
        (_, 0) => "now".to_owned(),
        (amount, _) if apart.is_positive() => format!("in {amount}"),
        (amount, _) => format!("{amount} ago"),
    }
}

/// "3 days", and 3: so many of the unit that fits; none of any for less than a minute.
fn amount(seconds: i64) -> (String, i64) {
    // Rounded, not cut: what was made for 30 days ends "in 30 days", not in 29.
    let rounded = |unit: i64| (seconds + unit / 2) / unit;
    let (count, unit) = match seconds {
        0..60 => return (String::new(), 0),
        60..3_570 => (rounded(60), "minute"),
        3_570..84_600 => (rounded(3_600), "hour"),
        84_600..2_678_400 => (rounded(86_400), "day"),
        2_678_400..31_557_600 => (rounded(2_629_800), "month"),
        _ => (seconds / 31_557_600, "year"),
    };
    let count = count.max(1);
    let plural = if count == 1 { "" } else { "s" };
    (format!("{count} {unit}{plural}"), count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    #[test]
    fn dates_and_spans_are_read() {
        let now = at("2026-11-24T10:42:00Z");
        let expiry = |text| parse_expiry(text, now);
        assert_eq!(expiry("never"), Ok(Expiry::Never));
        assert_eq!(expiry("2026-12-23"), Ok(Expiry::At(at("2026-12-23T23:59:59Z"))));
        assert_eq!(expiry("2026-12-23 18:00"), Ok(Expiry::At(at("2026-12-23T18:00:00Z"))));
        assert_eq!(expiry("2026-12-23T18:00:00+02:00"), Ok(Expiry::At(at("2026-12-23T16:00:00Z"))));
        assert_eq!(expiry("30d"), Ok(Expiry::At(at("2026-12-24T10:42:00Z"))));
        assert_eq!(expiry("1y"), Ok(Expiry::At(at("2027-11-24T10:42:00Z"))));
        assert_eq!(expiry("6mo"), Ok(Expiry::At(at("2027-05-24T10:42:00Z"))));
    }

    #[test]
    fn an_expiry_is_asked_for_in_whole_seconds() {
        let now = at("2026-11-24T10:42:00.1234567Z");
        assert_eq!(parse_expiry("30d", now), Ok(Expiry::At(at("2026-12-24T10:42:00Z"))));
    }

    #[test]
    fn what_is_no_date_or_past_is_refused() {
        let now = at("2026-11-24T10:42:00Z");
        for text in ["", "garbage", "12345", "2026-13-01", "2026-02-30", "tomorrow-ish"] {
            assert_eq!(parse_expiry(text, now), Err(ExpiryError::Unreadable), "{text}");
        }
        assert_eq!(parse_expiry("2020-01-01", now), Err(ExpiryError::Past("2020-01-01 23:59".to_owned())));
        assert!(matches!(parse_expiry("1d ago", now), Err(ExpiryError::Past(_))));
    }

    #[test]
    fn clocks_that_differ_by_more_than_two_minutes_are_told_with_both_times() {
        let server = at("2026-11-24T10:42:00Z");
        assert_eq!(clocks_apart(server, server), None);
        assert_eq!(clocks_apart(at("2026-11-24T10:40:00Z"), server), None);
        let said = |here| clocks_apart(at(here), server).expect("something");
        assert_eq!(
            said("2026-11-24T09:42:30Z"),
            "this computer's clock is 1 h slow: 09:42, the cluster's 10:42 UTC"
        );
        assert_eq!(
            said("2026-11-24T00:01:00Z"),
            "this computer's clock is 10 h 41 min slow: 00:01, the cluster's 10:42 UTC"
        );
        assert_eq!(
            said("2026-11-24T11:42:00Z"),
            "this computer's clock is 1 h fast: 11:42, the cluster's 10:42 UTC"
        );
        assert_eq!(
            said("2026-11-23T23:50:00Z"),
            "clock here is 10 h slow: 2026-11-23 23:50, there 2026-11-24 10:42 UTC"
        );
        for (here, by) in [
            ("2014-11-20T10:42:00Z", "12 years"),
            ("2025-12-20T10:42:00Z", "11 months"),
            ("2026-11-04T10:42:00Z", "20 days"),
        ] {
            let said = said(here);
            assert!(said.starts_with(&format!("clock here is {by} slow: ")), "{said}");
            // With a sign and margins, in a line of 80 cells.
            assert!(said.len() <= 74, "{said}");
        }
    }

    #[test]
    fn what_is_soon_is_told_by_the_second() {
        let now = at("2026-11-24T10:42:00Z");
        for (then, said) in [
            ("2026-11-24T10:43:30Z", "in 1 min 30 s"),
            ("2026-11-24T10:43:29.8Z", "in 1 min 30 s"),
            ("2026-11-24T10:42:45Z", "in 45 s"),
            ("2026-11-24T10:43:00Z", "in 1 minute"),
            ("2026-11-24T10:47:00Z", "in 5 minutes"),
            ("2026-11-24T10:51:59Z", "in 9 min 59 s"),
            ("2026-11-24T10:52:31Z", "in 11 minutes"),
            ("2026-11-24T10:42:00Z", "now"),
            ("2026-11-24T10:41:20Z", "now"),
            ("2026-11-24T10:40:30Z", "2 minutes ago"),
        ] {
            assert_eq!(relative(at(then), now), said, "{then}");
        }
    }

    #[test]
    fn a_date_that_is_too_late_is_not_taken_for_no_date() {
        let now = at("2026-11-24T10:42:00Z");
        for text in ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31 18:00", "9000y"] {
            assert_eq!(parse_expiry(text, now), Err(ExpiryError::TooLate), "{text}");
        }
        assert!(parse_expiry("9999-12-29", now).is_ok());
        assert_eq!(
            ExpiryError::TooLate.to_string(),
            "that is later than can be set: the last day is 9999-12-29; for a token that never ends write never"
        );
    }

    #[test]
    fn times_are_relative_up_to_a_month() {
        let now = at("2026-11-24T10:42:00Z");
        assert_eq!(relative_or_date(at("2026-11-27T11:00:00Z"), now), "in 3 days");
        assert_eq!(relative_or_date(at("2026-11-24T10:00:00Z"), now), "42 minutes ago");
        assert_eq!(relative_or_date(at("2026-10-01T10:00:00Z"), now), "2026-10-01");
        assert_eq!(relative(at("2021-02-11T10:00:00Z"), now), "5 years ago");
        assert_eq!(relative(at("2026-11-23T10:42:00Z"), now), "1 day ago");
        assert_eq!(relative(at("2026-12-24T10:41:50Z"), now), "in 30 days");
        assert_eq!(relative(at("2026-11-24T11:41:40Z"), now), "in 1 hour");
    }
}
