//! The demo cluster's instants. They are a type of its own, with the reach and the rules of the server's
//! database, not of a library that the client uses too: an emulator that shared it would be blind where
//! the client is (api.md v33).

mod read;

use jiff::SignedDuration;
use serde::{Serialize, Serializer};
use std::fmt;

const MICROS: i64 = 1_000_000;
const DAY: i64 = 86_400;
/// The days from 0000-03-01 to 1970-01-01, by the calendar of today run backwards.
const DAYS_TO_EPOCH: i64 = 719_468;
/// 400 years, after which the calendar repeats itself.
const ERA: i64 = 146_097;

/// An instant to the microsecond, as the database keeps it: from some 290,000 years before 1970 to as
/// many after. The database's own limits (4713 BC and 294276) are not looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// The date and time of day of an instant, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Civil {
    /// 0 is the year before 1, as in ISO 8601.
    year: i64,
    month: i64,
    day: i64,
    /// Microseconds since midnight.
    of_day: i64,
}

impl Moment {
    pub const MIN: Self = Self(i64::MIN);
    pub const MAX: Self = Self(i64::MAX);
    /// 1970-01-01
    pub const UNIX_EPOCH: Self = Self(0);
    /// 0001-01-01: what Go, and so the controller, takes for no time at all.
    const GO_ZERO: Self = Self(-62_135_596_800 * MICROS);

    pub const fn from_microsecond(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn as_microsecond(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, towards the past.
    pub const fn as_second(self) -> i64 {
        self.0.div_euclid(MICROS)
    }

    /// A time as a client may write it; `None` is what the server stores for one it can't read
    /// (api.md v9, v33).
    pub fn read(text: &str) -> Option<Self> {
        read::moment(text)
    }

    /// So much later, or earlier; at the ends of what there is, the end.
    #[must_use]
    pub fn saturating_add(self, by: SignedDuration) -> Self {
        let micros = by.as_micros().clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Self(self.0.saturating_add(i64::try_from(micros).unwrap_or_default()))
    }

    /// How long after `earlier` it is.
    pub fn duration_since(self, earlier: Self) -> SignedDuration {
        SignedDuration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// Whether the controller, being Go, can read it where the Rails API wrote it: years of four digits.
    pub fn is_of_four_digits(self) -> bool {
        // From 0000-01-01 to the end of 9999.
        (-62_167_219_200 * MICROS..253_402_300_800 * MICROS).contains(&self.0)
    }

    /// Whether the controller takes it for no time at all, and gives null.
    pub fn is_none_to_go(self) -> bool {
        self == Self::GO_ZERO
    }

    /// `Mon, 30 Nov 2026 22:04:39 GMT`, as in an HTTP header.
    pub fn http_date(self) -> String {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        let Civil { year, month, day, of_day } = self.civil();
        let second = of_day / MICROS;
        let weekday = usize::try_from(self.as_second().div_euclid(DAY).rem_euclid(7)).unwrap_or_default();
        let month = usize::try_from(month - 1).unwrap_or_default();
        format!(
            "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
            DAYS[weekday],
            read::MONTHS[month],
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    }

    fn civil(self) -> Civil {
        let days = self.0.div_euclid(DAY * MICROS) + DAYS_TO_EPOCH;
        let (era, day_of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        // Years and months that begin with March: the leap day is the last of its year.
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        Civil {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            of_day: self.0.rem_euclid(DAY * MICROS),
        }
    }

    /// The instant of a date, however far its day lies beyond its month; `None` beyond what there is.
    fn of_civil(civil: Civil) -> Option<Self> {
        let Civil { year, month, day, of_day } = civil;
        let year = if month <= 2 { year - 1 } else { year };
        let from_march = (month + 9) % 12;
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_era =
            365 * year_of_era + year_of_era / 4 - year_of_era / 100 + (153 * from_march + 2) / 5 + day - 1;
        let days = era.checked_mul(ERA)?.checked_add(day_of_era)?.checked_sub(DAYS_TO_EPOCH)?;
        days.checked_mul(DAY * MICROS)?.checked_add(of_day).map(Self)
    }

    /// Writes it into `room` and gives the part that is used.
    fn write(self, room: &mut [u8; 40]) -> &str {
        let Civil { year, month, day, of_day } = self.civil();
        let second = of_day / MICROS;
        let mut pen = Pen { room, at: 0 };
        if year < 0 {
            pen.put(b'-');
        }
        pen.digits(year.abs(), year.abs().checked_ilog10().map_or(4, |digits| (digits + 1).max(4)));
        for (mark, number, digits) in [
            (b'-', month, 2),
            (b'-', day, 2),
            (b'T', second / 3600, 2),
            (b':', second / 60 % 60, 2),
            (b':', second % 60, 2),
            (b'.', of_day % MICROS * 1000, 9),
        ] {
            pen.put(mark);
            pen.digits(number, digits);
        }
        pen.put(b'Z');
        let end = pen.at;
        std::str::from_utf8(&room[..end]).unwrap_or_default()
    }
}

struct Pen<'a> {
    room: &'a mut [u8; 40],
    at: usize,
}

impl Pen<'_> {
    fn put(&mut self, byte: u8) {
        self.room[self.at] = byte;
        self.at += 1;
    }

    fn digits(&mut self, mut number: i64, digits: u32) {
        let from = self.at;
        self.at += usize::try_from(digits).unwrap_or_default();
        for place in self.room[from..self.at].iter_mut().rev() {
            *place = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
        }
    }
}

/// `2031-02-03T04:05:06.000000000Z`: with nine decimals, as the server's answers have it.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.write(&mut [0; 40]))
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.write(&mut [0; 40]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn instants_are_written_with_four_digits_of_year_and_nine_decimals() {
        let written = |micros: i64| Moment(micros).to_string();
        assert_eq!(written(0), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(written(-1), "1969-12-31T23:59:59.999999000Z");
        assert_eq!(written(951_782_400 * MICROS), "2000-02-29T00:00:00.000000000Z");
        assert_eq!(written(253_402_300_800 * MICROS), "10000-01-01T00:00:00.000000000Z");
        assert_eq!(Moment::GO_ZERO.to_string(), "0001-01-01T00:00:00.000000000Z");
        assert_eq!(written(-62_167_219_201 * MICROS), "-0001-12-31T23:59:59.000000000Z");
        assert!(Moment::MIN.to_string().starts_with("-290308-") && Moment::MAX.to_string().len() < 40);
    }

    #[test]
    fn a_header_says_the_day_of_the_week() {
        assert_eq!(Moment(1_796_076_279 * MICROS).http_date(), "Mon, 30 Nov 2026 22:04:39 GMT");
        assert_eq!(Moment(0).http_date(), "Thu, 01 Jan 1970 00:00:00 GMT");
    }

    proptest! {
        /// Every instant survives being written and read, and later ones are written later.
        #[test]
        fn what_is_written_is_read_again(micros in -300_000_000_000 * MICROS..300_000_000_000 * MICROS) {
            let moment = Moment(micros);
            prop_assert_eq!(Moment::read(&moment.to_string()), Some(moment));
            prop_assert!(moment.saturating_add(SignedDuration::from_micros(1)) > moment);
        }
    }
}
