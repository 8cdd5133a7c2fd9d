//! Moments of virtual time, in the forms that AWS writes and reads.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use thiserror::Error;

/// A moment: milliseconds since 1970-01-01T00:00:00Z, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// Text that is not a moment.
#[derive(Debug, Error)]
#[error("`{0}` is not an ISO 8601 moment such as `2026-03-01T12:00:00Z`")]
pub struct TimestampError(String);

impl Timestamp {
    /// A moment, in milliseconds since the epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Reads an ISO 8601 moment with `Z` or an offset; more precision than a millisecond is cut off.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        text.parse::<jiff::Timestamp>()
            .map(|moment| Self(moment.as_millisecond()))
            .map_err(|_| TimestampError(text.to_owned()))
    }

    /// `2026-03-01T12:00:00.000Z`, as EC2 and most XML answers write a moment.
    pub fn iso_millis(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%S.%3fZ")
    }

    /// `2026-03-01T12:00:00Z`, as STS writes a moment.
    pub fn iso_seconds(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%SZ")
    }

    /// Seconds since the epoch with a fraction, as the JSON protocols write a moment.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any real date are below 2^53")]
    pub fn epoch_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn epoch_whole_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The moment `duration` later; stops at the last one that can be represented.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// The time from `earlier` to this moment; zero if this moment comes first.
    pub fn since(self, earlier: Self) -> Duration {
        u64::try_from(self.0.saturating_sub(earlier.0)).map_or(Duration::ZERO, Duration::from_millis)
    }

    /// A moment that the calendar does not reach is written as the last, or first, one that it does.
    fn format(self, pattern: &str) -> String {
        let last = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(last).to_zoned(TimeZone::UTC).strftime(pattern).to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso_millis())
    }
}

impl From<Timestamp> for SystemTime {
    fn from(moment: Timestamp) -> Self {
        u64::try_from(moment.0).map_or_else(
            |_| UNIX_EPOCH - Duration::from_millis(moment.0.unsigned_abs()),
            |millis| UNIX_EPOCH + Duration::from_millis(millis),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_the_forms_of_aws() -> Result<(), TimestampError> {
        let moment = Timestamp::parse("2026-03-01T12:00:00.25+01:00")?;
        assert_eq!(moment.iso_millis(), "2026-03-01T11:00:00.250Z");
        assert_eq!(moment.iso_seconds(), "2026-03-01T11:00:00Z");
        assert!((moment.epoch_seconds() - 1_772_362_800.25).abs() < 1e-6);
        assert_eq!(moment.after(Duration::from_millis(750)).iso_seconds(), "2026-03-01T11:00:01Z");
        Ok(())
    }

    #[test]
    fn refuses_what_is_not_a_moment() {
        assert!(Timestamp::parse("yesterday").is_err());
        assert!(Timestamp::parse("2026-03-01").is_err());
    }

    #[test]
    fn converts_moments_before_the_epoch() {
        assert_eq!(SystemTime::from(Timestamp::from_millis(-5)), UNIX_EPOCH - Duration::from_millis(5));
    }
}
