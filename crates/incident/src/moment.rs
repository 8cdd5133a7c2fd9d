//! A moment, as records and configuration write it: RFC 3339.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A moment in UTC, to the nanosecond. It is read from RFC 3339 with any offset and written in UTC.
///
/// ```
/// let moment: incident::Moment = "2026-03-01T13:30:00+01:00".parse()?;
/// assert_eq!(moment.to_string(), "2026-03-01T12:30:00Z");
/// assert_eq!(moment.hour(), "2026-03-01T12");
/// # Ok::<(), incident::moment::MomentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment(Timestamp);

/// A text that is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a moment in the form of RFC 3339, such as 2026-03-01T12:00:00Z")]
pub struct MomentError(String);

impl Moment {
    /// The moment so many seconds after the start of 1970; the first one there is where that is out of range.
    pub fn of_epoch_seconds(seconds: i64) -> Moment {
        Moment(Timestamp::from_second(seconds).unwrap_or_default())
    }

    /// Seconds since the start of 1970.
    pub fn epoch_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// The moment so many seconds later; the last one there is where that is out of range.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Moment {
        Moment(self.0.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX))
    }

    /// The hour it lies in: `2026-03-01T12`.
    pub fn hour(self) -> String {
        self.0.strftime("%Y-%m-%dT%H").to_string()
    }
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Moment, MomentError> {
        match text.parse::<Timestamp>() {
            Ok(timestamp) => Ok(Moment(timestamp)),
            // The end of 9999 is "for ever" to many; the library's last moment lies some hours before it.
            Err(_) if text.get(..19).is_some_and(is_last_day) => Ok(Moment(Timestamp::MAX)),
            Err(_) => Err(MomentError(crate::text::line(text, 64))),
        }
    }
}

fn is_last_day(text: &str) -> bool {
    text.starts_with("9999-12-3") && text.parse::<jiff::civil::DateTime>().is_ok()
}

impl TryFrom<String> for Moment {
    type Error = MomentError;

    fn try_from(text: String) -> Result<Moment, MomentError> {
        text.parse()
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> String {
        moment.to_string()
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_calendar_is_a_moment_and_what_is_none_is_not() {
        let last: Result<Moment, _> = "9999-12-31T23:59:59Z".parse();
        assert!(last.is_ok_and(|last| last > Moment::of_epoch_seconds(4_000_000_000)));
        for text in ["9999-12-39T00:00:00Z", "9999-12-31", "10000-01-01T00:00:00Z", "tomorrow", ""] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
