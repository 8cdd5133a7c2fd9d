//! A point in time, as stored items and configuration write it: RFC 3339.

use std::str::FromStr;
use std::time::SystemTime;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// A point in time in UTC, to the nanosecond. It is read from RFC 3339 with any offset and written in UTC.
///
/// ```
/// let timestamp: incident::Timestamp = "2026-03-01T13:30:00+01:00".parse()?;
/// assert_eq!(timestamp.to_string(), "2026-03-01T12:30:00Z");
/// assert_eq!(timestamp.hour(), "2026-03-01T12");
/// # Ok::<(), incident::timestamp::TimestampError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(jiff::Timestamp);

/// A text that is not a timestamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an RFC 3339 timestamp such as 2026-03-01T12:00:00Z")]
pub struct TimestampError(String);

impl Timestamp {
    /// Converts Unix seconds; a value outside the years -9999 to 9999 becomes the nearest representable timestamp.
    pub fn from_unix_seconds(seconds: i64) -> Timestamp {
        let nearest = if seconds < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Timestamp(jiff::Timestamp::from_second(seconds).unwrap_or(nearest))
    }

    /// Seconds since 1970-01-01T00:00:00Z, rounded toward zero.
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// The same time without its fraction of a second.
    #[must_use]
    pub fn whole_seconds(self) -> Timestamp {
        Timestamp::from_unix_seconds(self.unix_seconds())
    }

    /// The time this many seconds later, or the last representable time if that is out of range.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Timestamp {
        Timestamp(self.0.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(jiff::Timestamp::MAX))
    }

    /// The UTC clock hour that contains it: `2026-03-01T12`.
    pub fn hour(self) -> String {
        self.0.strftime("%Y-%m-%dT%H").to_string()
    }
}

/// A system time outside the years -9999 to 9999 becomes the nearest representable timestamp.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Timestamp {
        let nearest = if time < SystemTime::UNIX_EPOCH { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Timestamp(jiff::Timestamp::try_from(time).unwrap_or(nearest))
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Timestamp, TimestampError> {
        match text.parse::<jiff::Timestamp>() {
            Ok(timestamp) => Ok(Timestamp(timestamp)),
            // People write the end of 9999 for "forever"; the last time that jiff represents is some hours earlier.
            Err(_) if text.get(..19).is_some_and(is_last_day) => Ok(Timestamp(jiff::Timestamp::MAX)),
            Err(_) => Err(TimestampError(crate::text::line(text, 64))),
        }
    }
}

fn is_last_day(text: &str) -> bool {
    text.starts_with("9999-12-3") && text.parse::<jiff::civil::DateTime>().is_ok()
}

impl TryFrom<String> for Timestamp {
    type Error = TimestampError;

    fn try_from(text: String) -> Result<Timestamp, TimestampError> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> String {
        timestamp.to_string()
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_calendar_is_a_timestamp_and_other_text_is_not() {
        let last: Result<Timestamp, _> = "9999-12-31T23:59:59Z".parse();
        assert!(last.is_ok_and(|last| last > Timestamp::from_unix_seconds(4_000_000_000)));
        for text in ["9999-12-39T00:00:00Z", "9999-12-31", "10000-01-01T00:00:00Z", "tomorrow", ""] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn conversions_from_outside_the_calendar_saturate() {
        assert!(Timestamp::from_unix_seconds(i64::MIN) < Timestamp::from_unix_seconds(0));
        assert!(Timestamp::from_unix_seconds(i64::MAX) > Timestamp::from_unix_seconds(4_000_000_000));
        let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(1_500);
        assert_eq!(Timestamp::from(time).to_string(), "1970-01-01T00:00:01.5Z");
        assert_eq!(Timestamp::from(time).whole_seconds(), Timestamp::from_unix_seconds(1));
    }
}
