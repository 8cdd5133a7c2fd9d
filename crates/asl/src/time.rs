//! Timestamps: milliseconds since the Unix epoch, and their RFC 3339 texts.

use std::fmt;

/// A point in time, UTC, in milliseconds since 1970-01-01T00:00:00Z. Shown as `2024-01-01T00:00:00.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// A text that is not a timestamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an RFC 3339 timestamp")]
pub struct TimestampError(pub String);

const MS_PER_DAY: i64 = 86_400_000;

impl Timestamp {
    /// Reads an RFC 3339 timestamp with an upper-case `T` and an offset or `Z`. Seconds are optional, as in ISO 8601; fractions
    /// have one to nine digits and are truncated to milliseconds.
    ///
    /// # Errors
    /// The text is not such a timestamp, or its day or time does not exist.
    pub fn parse(text: &str) -> Result<Timestamp, TimestampError> {
        Instant::parse(text).map(|instant| instant.to_timestamp()).ok_or_else(|| TimestampError(text.to_owned()))
    }

    /// The time this many seconds later, or the end of representable time.
    #[must_use]
    pub fn plus_seconds(self, seconds: u64) -> Timestamp {
        let ms = i64::try_from(seconds).ok().and_then(|s| s.checked_mul(1000)).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_add(ms))
    }

    /// The time this many milliseconds later, or the end of representable time.
    #[must_use]
    pub fn plus_millis(self, millis: u64) -> Timestamp {
        Timestamp(self.0.saturating_add(i64::try_from(millis).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0.div_euclid(MS_PER_DAY);
        let ms = self.0.rem_euclid(MS_PER_DAY);
        let (year, month, day) = civil_from_days(days);
        let (hour, minute, second, milli) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

/// A point in time to the nanosecond, as timestamps are compared in Choice rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant {
    seconds: i64,
    nanos: u32,
}

impl Instant {
    pub(crate) fn to_timestamp(self) -> Timestamp {
        Timestamp(self.seconds.saturating_mul(1000).saturating_add(i64::from(self.nanos / 1_000_000)))
    }

    /// Reads a timestamp; `None` when the text is not one.
    pub(crate) fn parse(text: &str) -> Option<Instant> {
        let mut scan = Scan { rest: text.as_bytes() };
        let year = scan.digits(4)?;
        scan.byte(b'-')?;
        let month = scan.digits(2)?;
        scan.byte(b'-')?;
        let day = scan.digits(2)?;
        scan.byte(b'T')?;
        let hour = scan.digits(2)?;
        scan.byte(b':')?;
        let minute = scan.digits(2)?;
        let (mut second, mut nanos) = (0, 0);
        if scan.byte(b':').is_some() {
            second = scan.digits(2)?;
            if scan.byte(b'.').is_some() {
                nanos = scan.fraction()?;
            }
        }
        let offset = scan.offset()?;
        let valid = scan.rest.is_empty()
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        if !valid {
            return None;
        }
        let days = days_from_civil(year, month, day);
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
        Some(Instant { seconds, nanos })
    }
}

struct Scan<'a> {
    rest: &'a [u8],
}

impl Scan<'_> {
    fn byte(&mut self, wanted: u8) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        (*first == wanted).then(|| self.rest = rest)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (head, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        head.iter().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
    }

    fn fraction(&mut self) -> Option<u32> {
        let mut nanos = 0;
        let mut count = 0;
        while let Some((first, rest)) = self.rest.split_first().filter(|(b, _)| b.is_ascii_digit()) {
            if count == 9 {
                return None;
            }
            nanos = nanos * 10 + u32::from(first - b'0');
            count += 1;
            self.rest = rest;
        }
        (count > 0).then(|| nanos * 10_u32.pow(9 - count))
    }

    /// The offset from UTC in seconds.
    fn offset(&mut self) -> Option<i64> {
        if self.byte(b'Z').is_some() {
            return Some(0);
        }
        let sign = if self.byte(b'+').is_some() {
            1
        } else {
            self.byte(b'-')?;
            -1
        };
        let hours = self.digits(2)?;
        self.byte(b':')?;
        let minutes = self.digits(2)?;
        (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar, counted in eras of 400 years from 1 March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;

    #[test]
    fn shows_what_it_reads() {
        for text in [
            "1970-01-01T00:00:00.000Z",
            "2024-02-29T23:59:59.999Z",
            "1969-12-31T23:59:59.001Z",
            "2100-03-01T00:00:00.000Z",
        ] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn reads_offsets_and_fractions() {
        let expected = Timestamp::parse("2016-12-05T21:29:29.123Z").unwrap();
        assert_eq!(Timestamp::parse("2016-12-05T22:59:29.123999999+01:30").unwrap(), expected);
        assert_eq!(Timestamp::parse("2016-12-05T21:29Z").unwrap().to_string(), "2016-12-05T21:29:00.000Z");
    }

    #[test]
    fn refuses_what_is_not_a_time() {
        for text in [
            "",
            "2016-12-05",
            "2016-12-05 21:29:29Z",
            "2016-12-05T21:29:29",
            "2016-13-05T21:29:29Z",
            "2016-02-30T21:29:29Z",
            "2016-12-05T25:29:29Z",
            "2016-12-05T21:29:29.Z",
            "2016-12-05t21:29:29z",
            "2016-12-05T21:29:29Zx",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }
}
