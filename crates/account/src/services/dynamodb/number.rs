//! DynamoDB's numbers: decimal, exact, up to 38 significant digits.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::err::NumberError;

/// The most significant digits a number may have.
///
/// Source: DynamoDB Developer Guide, "Supported data types and naming rules", "Number".
const MAX_DIGITS: usize = 38;
/// Exponents of the leading digit that can be stored: 9.99…E+125 and 1E-130.
const EXPONENTS: std::ops::RangeInclusive<i64> = -130..=125;

/// A decimal number: `digits` × 10^`exponent`, without trailing zeros in `digits`; zero is all zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Number {
    negative: bool,
    digits: u128,
    exponent: i32,
}

impl Number {
    /// The sum, exact.
    ///
    /// # Errors
    /// A sum with more digits or another magnitude than can be stored.
    pub(crate) fn plus(self, other: Self) -> Result<Self, NumberError> {
        if self.digits == 0 {
            return Ok(other);
        }
        if other.digits == 0 {
            return Ok(self);
        }
        let exponent = self.exponent.min(other.exponent);
        // A term that does not fit when aligned has its last digit more than 38 places from its first, and so has
        // the sum: the other term ends at the lower exponent.
        let (Some(a), Some(b)) = (self.aligned(exponent), other.aligned(exponent)) else {
            return Err(NumberError::Digits);
        };
        let sum = if self.negative == other.negative {
            let digits = a.checked_add(b).ok_or(NumberError::Digits)?;
            Self { negative: self.negative, digits, exponent }
        } else if a >= b {
            Self { negative: self.negative, digits: a - b, exponent }
        } else {
            Self { negative: other.negative, digits: b - a, exponent }
        };
        sum.normal()
    }

    /// The difference, exact; errors as [`Number::plus`].
    pub(crate) fn minus(self, other: Self) -> Result<Self, NumberError> {
        let negated = Self { negative: !other.negative && other.digits != 0, ..other };
        self.plus(negated)
    }

    /// A whole number.
    pub(crate) fn whole(value: usize) -> Self {
        let plain = Self { negative: false, digits: value as u128, exponent: 0 };
        plain.normal().unwrap_or_default()
    }

    /// The bytes that an item's size counts for the number: one per two significant digits, plus one, and one more
    /// for a sign.
    ///
    /// Source: DynamoDB Developer Guide, "DynamoDB item sizes and formats".
    pub(crate) fn size(self) -> usize {
        if self.digits == 0 {
            return 1;
        }
        self.places().div_ceil(2) + 1 + usize::from(self.negative)
    }

    fn aligned(self, exponent: i32) -> Option<u128> {
        let places = u32::try_from(self.exponent.checked_sub(exponent)?).ok()?;
        self.digits.checked_mul(10_u128.checked_pow(places)?)
    }

    fn normal(mut self) -> Result<Self, NumberError> {
        if self.digits == 0 {
            return Ok(Self::default());
        }
        while self.digits.is_multiple_of(10) {
            self.digits /= 10;
            self.exponent += 1;
        }
        if self.places() > MAX_DIGITS {
            return Err(NumberError::Digits);
        }
        check_magnitude(self.leading())?;
        Ok(self)
    }

    /// How many digits are significant.
    fn places(self) -> usize {
        self.digits.checked_ilog10().map_or(1, |log| log as usize + 1)
    }

    /// The power of ten of the leading digit.
    fn leading(self) -> i64 {
        i64::from(self.exponent) + i64::try_from(self.places()).unwrap_or_default() - 1
    }

    fn compare_magnitude(self, other: Self) -> Ordering {
        match (self.digits == 0, other.digits == 0) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.leading().cmp(&other.leading()).then_with(|| self.widened().cmp(&other.widened())),
        }
    }

    /// The digits with zeros appended to the full width: comparable between numbers with one leading power.
    fn widened(self) -> u128 {
        let missing = u32::try_from(MAX_DIGITS.saturating_sub(self.places())).unwrap_or_default();
        self.digits.saturating_mul(10_u128.saturating_pow(missing))
    }
}

fn check_magnitude(leading: i64) -> Result<(), NumberError> {
    if leading > *EXPONENTS.end() {
        Err(NumberError::Overflow)
    } else if leading < *EXPONENTS.start() {
        Err(NumberError::Underflow)
    } else {
        Ok(())
    }
}

impl FromStr for Number {
    type Err = NumberError;

    /// Reads `-12.50e3` and the like.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        let malformed = || NumberError::NotNumeric(text.to_owned());
        if text.is_empty() {
            return Err(NumberError::Empty);
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            None => (text, 0_i64),
            Some((mantissa, exponent)) => (mantissa, written_exponent(exponent).ok_or_else(malformed)?),
        };
        let (negative, unsigned) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return Err(malformed());
        }
        let written = format!("{whole}{fraction}");
        let trimmed = written.trim_end_matches('0');
        let dropped = written.len() - trimmed.len();
        let significant = trimmed.trim_start_matches('0');
        if significant.is_empty() {
            return Ok(Self::default());
        }
        let lowest = exponent
            .saturating_sub(i64::try_from(fraction.len()).unwrap_or(i64::MAX))
            .saturating_add(i64::try_from(dropped).unwrap_or(i64::MAX));
        let places = i64::try_from(significant.len()).unwrap_or(i64::MAX);
        check_magnitude(lowest.saturating_add(places).saturating_sub(1))?;
        if significant.len() > MAX_DIGITS {
            return Err(NumberError::Digits);
        }
        let digits = significant.parse().map_err(|_| malformed())?;
        let exponent = i32::try_from(lowest).map_err(|_| NumberError::Underflow)?;
        Ok(Self { negative, digits, exponent })
    }
}

/// Reads an exponent; one of any length, because its digits may be padded or absurd.
fn written_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value = digits.parse().unwrap_or(i64::MAX / 4);
    Some(if negative { -value } else { value })
}

impl fmt::Display for Number {
    /// Writes all digits without an exponent, as DynamoDB returns a number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        let digits = self.digits.to_string();
        if self.exponent >= 0 {
            let zeros = usize::try_from(self.exponent).unwrap_or_default();
            return write!(f, "{digits}{}", "0".repeat(zeros));
        }
        let fraction = usize::try_from(self.exponent.unsigned_abs()).unwrap_or_default();
        match digits.len().checked_sub(fraction).filter(|whole| *whole > 0) {
            Some(whole) => {
                let (whole, fraction) = digits.split_at(whole);
                write!(f, "{whole}.{fraction}")
            }
            None => write!(f, "0.{}{digits}", "0".repeat(fraction - digits.len())),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_magnitude(*other),
            (true, true) => other.compare_magnitude(*self),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn one_value_has_one_form() {
        for (text, written) in [
            ("1", "1"),
            ("+1.00", "1"),
            ("-0", "0"),
            ("0.10", "0.1"),
            (".5", "0.5"),
            ("5.", "5"),
            ("1e3", "1000"),
            ("1.5E-3", "0.0015"),
            ("-123.4500", "-123.45"),
            ("0e999999999999999999999", "0"),
            ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
        ] {
            assert_eq!(number(text).to_string(), written, "{text}");
        }
        assert_eq!(number("100"), number("1e2"));
    }

    #[test]
    fn refuses_what_cannot_be_stored() {
        let error = |text: &str| text.parse::<Number>().unwrap_err();
        assert_eq!(error(""), NumberError::Empty);
        for text in ["abc", "1a", "1.2.3", "--1", ".", "e5", "1e", "1e+", "NaN", "0x1", " 1", "１"] {
            assert!(matches!(error(text), NumberError::NotNumeric(_)), "{text}");
        }
        assert_eq!(error("1e126"), NumberError::Overflow);
        assert_eq!(error("1e-131"), NumberError::Underflow);
        assert_eq!(error("1e99999999999999999999"), NumberError::Overflow);
        assert_eq!(error("123456789012345678901234567890123456789"), NumberError::Digits);
        assert!("9.9e125".parse::<Number>().is_ok());
    }

    #[test]
    fn arithmetic_is_exact() {
        let sum = |a: &str, b: &str| number(a).plus(number(b)).map(|sum| sum.to_string());
        assert_eq!(sum("0.1", "0.2").unwrap(), "0.3");
        assert_eq!(sum("9007199254740993", "1").unwrap(), "9007199254740994");
        assert_eq!(sum("5", "-5").unwrap(), "0");
        assert_eq!(sum("-1.5", "0.25").unwrap(), "-1.25");
        assert_eq!(sum("99999999999999999999999999999999999999", "1").unwrap(), format!("1{}", "0".repeat(38)));
        assert_eq!(sum("1e60", "1"), Err(NumberError::Digits));
        assert_eq!(number("3").minus(number("10")).unwrap().to_string(), "-7");
        assert_eq!(number("3").minus(number("0")).unwrap().to_string(), "3");
        assert_eq!(Number::whole(1200).to_string(), "1200");
    }

    #[test]
    fn writing_and_reading_agree_with_machine_integers() {
        let mut ids = crate::Ids::new(5);
        for _ in 0..2_000 {
            let draw = |hex: &str| i64::from_str_radix(hex, 16).unwrap() - (1 << 55);
            let (a, b) = (draw(&ids.hex(14)), draw(&ids.hex(14)));
            let (x, y) = (number(&a.to_string()), number(&b.to_string()));
            assert_eq!(x.to_string(), a.to_string());
            assert_eq!(x.plus(y).unwrap().to_string(), (a + b).to_string());
            assert_eq!(x.minus(y).unwrap().to_string(), (a - b).to_string());
            assert_eq!(x.cmp(&y), a.cmp(&b));
            let scaled = number(&format!("{a}e-7"));
            assert_eq!(number(&scaled.to_string()), scaled);
        }
    }

    #[test]
    fn order_is_by_value() {
        let sorted = ["-1e20", "-3", "-0.5", "0", "1e-100", "0.09", "0.1", "2", "10", "10.5", "1e125"];
        let mut numbers: Vec<Number> = sorted.iter().rev().map(|text| number(text)).collect();
        numbers.sort();
        assert_eq!(numbers, sorted.iter().map(|text| number(text)).collect::<Vec<_>>());
    }
}
