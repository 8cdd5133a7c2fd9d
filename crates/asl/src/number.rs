//! Conversion of floating-point numbers to JSON.

use serde_json::{Number, Value};

/// 2^53: up to here every integer has an exact floating-point form.
const MAX_SAFE: f64 = 9_007_199_254_740_992.0;

/// The JSON number: an integer where floating point is exact, null for NaN and infinity.
#[must_use]
pub(crate) fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() <= MAX_SAFE {
        // The value is an integer within the range of i64.
        #[expect(clippy::cast_possible_truncation, reason = "checked above")]
        let integer = value as i64;
        return Value::Number(Number::from(integer));
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}
