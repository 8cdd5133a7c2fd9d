//! Identifiers in the shapes that AWS gives them, drawn from one seed.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// A seeded source of identifiers: the same seed and the same order of draws give the same identifiers.
#[derive(Debug, Clone)]
pub struct Ids {
    state: u64,
}

impl Ids {
    /// A source that starts at `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A resource identifier in the long form of EC2: the prefix, a hyphen, and 17 hexadecimal digits of which the
    /// first is 0, as in `sg-0f3c…`.
    pub fn resource(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{}", self.hex(16))
    }

    /// A random (version 4) UUID, as request ids and message ids are written.
    pub fn uuid(&mut self) -> String {
        let high = (self.next() & 0xffff_ffff_ffff_0fff) | 0x4000;
        let low = (self.next() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    /// `digits` lower-case hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            // Writing to a string cannot fail.
            let _ = write!(text, "{:016x}", self.next());
        }
        text.truncate(digits);
        text
    }

    /// `length` upper-case letters and digits, as access key ids and IAM unique ids end.
    pub fn alphanumeric(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        (0..length)
            .map(|_| {
                let [top, ..] = self.next().to_be_bytes();
                #[expect(clippy::indexing_slicing, reason = "five bits are an index into 32 characters")]
                char::from(ALPHABET[usize::from(top >> 3)])
            })
            .collect()
    }

    /// SplitMix64 (Steele, Lea and Flood 2014): small, fast, and every state is good.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The unique id that IAM would have given to an entity: the prefix (`AROA` for a role, `AIDA` for a user) and 17 letters
/// and digits that depend on the ARN alone.
pub fn unique_id(prefix: &str, arn: &str) -> String {
    let mut seed = [0; 8];
    for (target, byte) in seed.iter_mut().zip(Sha256::digest(arn.as_bytes())) {
        *target = byte;
    }
    format!("{prefix}{}", Ids::new(u64::from_be_bytes(seed)).alphanumeric(17))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_sequence() {
        let (mut first, mut second) = (Ids::new(7), Ids::new(7));
        for _ in 0..100 {
            assert_eq!(first.uuid(), second.uuid());
        }
        assert_ne!(first.uuid(), Ids::new(8).uuid());
    }

    #[test]
    fn identifiers_have_the_shapes_of_aws() {
        let mut ids = Ids::new(1);
        for _ in 0..200 {
            let group = ids.resource("sg");
            assert_eq!(group.len(), 20);
            assert!(group.starts_with("sg-0") && group[4..].chars().all(|c| c.is_ascii_hexdigit()));
            let uuid = ids.uuid();
            let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12]);
            assert_eq!(uuid.as_bytes().get(14), Some(&b'4'));
            assert!(matches!(uuid.as_bytes().get(19), Some(b'8' | b'9' | b'a' | b'b')));
        }
        assert_eq!(ids.alphanumeric(16).len(), 16);
        assert_eq!(ids.hex(17).len(), 17);
    }
}
