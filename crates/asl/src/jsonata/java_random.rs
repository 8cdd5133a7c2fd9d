//! The generator of `java.util.Random`, with which Step Functions answers `$random(seed)`.
//!
//! Source: the documentation of `java.util.Random`, which specifies the generator: a linear congruential one of 48 bits.

/// The state of the generator: 48 bits.
pub(super) struct JavaRandom(u64);

const MULTIPLIER: u64 = 0x5_DEEC_E66D;
const MASK: u64 = (1 << 48) - 1;

impl JavaRandom {
    pub(super) fn new(seed: i64) -> JavaRandom {
        JavaRandom((seed.cast_unsigned() ^ MULTIPLIER) & MASK)
    }

    /// The upper bits of the next state, at most 32.
    fn next(&mut self, bits: u32) -> u64 {
        self.0 = self.0.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        self.0 >> (48 - bits)
    }

    /// A number from 0 up to but not including 1.
    pub(super) fn next_double(&mut self) -> f64 {
        let bits = (self.next(26) << 27) + self.next(27);
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what a 64-bit float holds")]
        let value = bits as f64 / (1_u64 << 53) as f64;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `new java.util.Random(seed).nextDouble()` gives; Step Functions was measured with 42 (floci-io/floci#2662).
    #[test]
    #[expect(clippy::float_cmp, reason = "the bits must be the same")]
    fn numbers_are_those_of_java() {
        for (seed, number) in [(42, 0.727_563_680_032_868_1), (0, 0.730_967_787_376_657), (1, 0.730_878_190_703_290_9)]
        {
            assert_eq!(JavaRandom::new(seed).next_double(), number, "{seed}");
        }
    }
}
