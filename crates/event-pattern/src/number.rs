//! Numbers as EventBridge compares them: decimal, six places after the point, between -5.0e9 and 5.0e9.

/// The bound in millionths (EventBridge user guide, Numeric matching).
const BOUND: i64 = 5_000_000_000_000_000;

/// The number of a JSON text in millionths; `None` where EventBridge cannot compare it, because it is out of range or
/// has more than six decimals.
pub(super) fn millionths(text: &str) -> Option<i64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let dropped = i32::try_from(digits.len() - significant.len()).ok()?;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    // The value is significant × 10^shift; in millionths six powers more.
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?.checked_add(dropped)?.checked_add(6)?;
    let scale = 10_i64.checked_pow(u32::try_from(shift).ok()?)?;
    let value = significant.parse::<i64>().ok()?.checked_mul(scale).filter(|value| *value <= BOUND)?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::millionths;

    #[test]
    fn numbers_are_compared_by_value() {
        for (text, expected) in [
            ("0", Some(0)),
            ("-0.0", Some(0)),
            ("1", Some(1_000_000)),
            ("3.018e2", Some(301_800_000)),
            ("301.8", Some(301_800_000)),
            ("0.000001", Some(1)),
            ("1e-6", Some(1)),
            ("0.0000010", Some(1)),
            ("0.0000001", None),
            ("-4e-8", None),
            ("5000000000", Some(5_000_000_000_000_000)),
            ("-5e9", Some(-5_000_000_000_000_000)),
            ("5000000000.000001", None),
            ("123456789012", None),
            ("1e400", None),
            ("1e-400", None),
            ("1e99999999999", None),
            ("", None),
            ("1x", None),
        ] {
            assert_eq!(millionths(text), expected, "{text}");
        }
    }
}
