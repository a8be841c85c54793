//! Reading the dates that people and programs write, as far as Rails takes them: a day that its month has
//! not rolls over into the next, a date alone is midnight, a time without a zone is UTC, and what is no
//! date is none (api.md v9, v33). Words for days (`monday`) and times without a date, which Rails fills
//! up with today, are not read.

use super::{Civil, DAY, MICROS, Moment};

pub const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub fn moment(text: &str) -> Option<Moment> {
    let mut rest = text.trim();
    let before_christ = rest.strip_suffix("BC").map(str::trim_end);
    rest = before_christ.unwrap_or(rest);
    let (year, month, day, rest) = numbers(rest).or_else(|| compact(rest)).or_else(|| worded(rest))?;
    let (of_day, zone) = time_of_day(rest)?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = if before_christ.is_some() { 1 - year } else { year };
    let local = Moment::of_civil(Civil { year, month, day, of_day })?;
    local.0.checked_sub(zone * MICROS).map(Moment)
}

/// A number of `1..=max` digits, and what follows it.
fn number(text: &str, max: usize) -> Option<(i64, &str)> {
    let digits = text.bytes().take(max).take_while(u8::is_ascii_digit).count();
    Some((text.get(..digits)?.parse().ok()?, &text[digits..]))
}

/// `2031-02-03`, `-0043-3-15`, `2031/02/03`
fn numbers(text: &str) -> Option<(i64, i64, i64, &str)> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (year, text) = number(text, 9)?;
    let mark = text.chars().next().filter(|mark| "-/.".contains(*mark))?;
    let (month, text) = number(text.strip_prefix(mark)?, 2)?;
    let Some(text) = text.strip_prefix(mark) else { return Some((sign * year, month, 1, text)) };
    let (day, text) = number(text, 2)?;
    Some((sign * year, month, day, text))
}

/// `20310203`
fn compact(text: &str) -> Option<(i64, i64, i64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (date, rest) = text.split_at(digits);
    let date: i64 = (digits == 8).then(|| date.parse().ok()).flatten()?;
    Some((date / 10_000, date / 100 % 100, date % 100, rest))
}

/// `3 Feb 2031`, `Feb 3, 2031`, either after a day of the week
fn worded(text: &str) -> Option<(i64, i64, i64, &str)> {
    let text = match text.split_once(", ") {
        Some((weekday, rest)) if weekday.len() >= 3 && weekday.bytes().all(|b| b.is_ascii_alphabetic()) => {
            rest
        }
        _ => text,
    };
    let (day, month, text) = if let Some((day, text)) = number(text, 2) {
        let (month, text) = month(text.trim_start())?;
        (day, month, text)
    } else {
        let (month, text) = month(text)?;
        let (day, text) = number(text.trim_start(), 2)?;
        (day, month, text)
    };
    let (year, text) = number(text.trim_start_matches([',', ' ', '-']), 9)?;
    Some((year, month, day, text))
}

fn month(text: &str) -> Option<(i64, &str)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = text.split_at(letters);
    let known = |month: &&str| word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(month));
    let at = MONTHS.iter().position(known)?;
    Some((i64::try_from(at).ok()? + 1, rest))
}

/// The microseconds since midnight and the zone's seconds east of Greenwich of what follows a date.
fn time_of_day(text: &str) -> Option<(i64, i64)> {
    let text = text.trim_start_matches(['T', 't', ' ']);
    let Some((hour, rest)) = number(text, 2) else { return Some((0, zone(text)?)) };
    let (minute, rest) = match rest.strip_prefix(':') {
        Some(rest) => number(rest, 2)?,
        None => number(rest, 2).unwrap_or((0, rest)),
    };
    let (second, rest) = match rest.strip_prefix(':') {
        Some(rest) => number(rest, 2)?,
        None => number(rest, 2).unwrap_or((0, rest)),
    };
    let (micros, rest) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => fraction(rest)?,
        None => (0, rest),
    };
    let second_of_day = hour * 3600 + minute * 60 + second;
    // The second 60 is the next minute's first; midnight may be the hour 24 of the day before.
    let fits = hour <= 24 && minute < 60 && second <= 60 && (hour < 24 || second_of_day == DAY);
    fits.then_some(())?;
    Some((second_of_day * MICROS + micros, zone(rest.trim_start())?))
}

/// Microseconds; what is finer is dropped.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, rest) = text.split_at(digits);
    let mut micros = 0;
    for digit in fraction.bytes().chain(std::iter::repeat(b'0')).take(6) {
        micros = micros * 10 + i64::from(digit - b'0');
    }
    (digits > 0).then_some((micros, rest))
}

/// Seconds east of Greenwich; an unknown name is UTC.
fn zone(text: &str) -> Option<i64> {
    let sign = match text.bytes().next() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(byte) if byte.is_ascii_alphabetic() => return Some(0),
        None => return Some(0),
        Some(_) => return None,
    };
    let (hours, rest) = number(&text[1..], 2)?;
    let (minutes, rest) = number(rest.strip_prefix(':').unwrap_or(rest), 2).unwrap_or((0, rest));
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        moment(text).map_or_else(|| "null".to_owned(), |moment| moment.to_string().replace(".000000000Z", ""))
    }

    #[test]
    fn dates_are_read_as_the_server_reads_them() {
        for (text, wanted) in [
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59"),
            ("2027-02-30", "2027-03-02T00:00:00"),
            ("2031-02-30T00:00:00Z", "2031-03-02T00:00:00"),
            ("2031-04-31 01:02:03", "2031-05-01T01:02:03"),
            ("2031-01-31", "2031-01-31T00:00:00"),
            ("2031-01-31T10:00:00", "2031-01-31T10:00:00"),
            ("2031-01-31T10:00:00+02:00", "2031-01-31T08:00:00"),
            ("2031-01-31 10:00:00 -0530", "2031-01-31T15:30:00"),
            ("2031-01-31T10:00:00.25 UTC", "2031-01-31T10:00:00.250000000Z"),
            (" 2031-01-31 24:00 ", "2031-02-01T00:00:00"),
            ("2031-12-31T23:59:60Z", "2032-01-01T00:00:00"),
            ("2031/1/31", "2031-01-31T00:00:00"),
            ("20310131T100000Z", "2031-01-31T10:00:00"),
            ("31 Jan 2031", "2031-01-31T00:00:00"),
            ("Fri, January 31, 2031 10:00 GMT", "2031-01-31T10:00:00"),
            ("9999-12-31T23:59:59-05:00", "10000-01-01T04:59:59"),
            ("10000-01-01", "10000-01-01T00:00:00"),
            ("250000-01-01T00:00:00Z", "250000-01-01T00:00:00"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00"),
            ("0044-03-15 BC", "-0043-03-15T00:00:00"),
            ("-0043-03-15", "-0043-03-15T00:00:00"),
        ] {
            assert_eq!(read(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "garbage",
            "never",
            "2031-13-01",
            "2031-01-32",
            "2031-00-01",
            "2031-01-01T25:00:00Z",
            "2031-01-01T10:61:00Z",
            "2031-01-01T10:00:00+99:00",
            "12345",
            "99999999999999999999-01-01",
            "999999999-01-01",
            "2031-01-01T",
            "Jan",
            "\u{1b}[31m2031",
            "２０３１-01-01",
        ] {
            let wanted = if text == "2031-01-01T" { "2031-01-01T00:00:00" } else { "null" };
            assert_eq!(read(text), wanted, "{text}");
        }
    }
}
