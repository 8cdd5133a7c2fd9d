//! What earlier rounds read. The definition passes it back, so that a round that only waits costs one call.

use std::collections::BTreeMap;

use incident::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a lock that was read is trusted while the evidence is pending. A lock that someone removes is restored in the
/// first round after that.
const LOCK_TRUSTED_SECONDS: i64 = 3600;

/// What earlier rounds read. It is empty in the first round, and everything is read then.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// Active locks, by snapshot.
    locks: BTreeMap<String, Lock>,
    /// Whether snapshots under a key can be shared, by key.
    can_be_shared: BTreeMap<String, bool>,
}

/// A lock that was active when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lock {
    words: String,
    read_at: Timestamp,
}

impl Known {
    /// The description of a snapshot's lock, unless it was read too long ago.
    pub(crate) fn lock(&self, snapshot: &str, now: Timestamp) -> Option<&str> {
        let lock = self.locks.get(snapshot)?;
        (now < lock.read_at.plus_seconds(LOCK_TRUSTED_SECONDS)).then_some(lock.words.as_str())
    }

    /// Whether an earlier round read a lock of the snapshot.
    pub(crate) fn was_locked(&self, snapshot: &str) -> bool {
        self.locks.contains_key(snapshot)
    }

    /// Notes a lock that was just read.
    pub(crate) fn note_lock(&mut self, snapshot: &str, words: &str, now: Timestamp) {
        self.locks.insert(snapshot.to_owned(), Lock { words: words.to_owned(), read_at: now });
    }

    /// Whether snapshots under a key can be shared, if an earlier round found out.
    pub(crate) fn can_be_shared(&self, key: &str) -> Option<bool> {
        self.can_be_shared.get(key).copied()
    }

    /// Notes whether snapshots under a key can be shared.
    pub(crate) fn note_key(&mut self, key: &str, can_be_shared: bool) {
        self.can_be_shared.insert(key.to_owned(), can_be_shared);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_counts_as_read_for_an_hour() {
        let read = Timestamp::from_unix_seconds(1_770_000_000);
        let mut known = Known::default();
        known.note_lock("snap-1", "governance lock", read);
        assert!(known.lock("snap-1", read.plus_seconds(3599)).is_some());
        assert_eq!(known.lock("snap-1", read.plus_seconds(3600)), None);
        assert_eq!(known.lock("snap-2", read), None);
        assert!(known.was_locked("snap-1") && !known.was_locked("snap-2"));
    }

    #[test]
    fn what_an_older_or_a_newer_version_handed_on_can_be_read() -> Result<(), serde_json::Error> {
        assert_eq!(serde_json::from_str::<Known>("{}")?, Known::default());
        assert_eq!(serde_json::from_str::<Known>(r#"{"locks": {}, "more": 1}"#)?, Known::default());
        Ok(())
    }
}
