//! Functions at the end of a path: `$.items.length()`.

use serde_json::{Value, json};

use super::err::PathError;
use super::parse::Path;
use crate::number::number;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Length,
    Min,
    Max,
    Average,
    Sum,
    StandardDeviation,
    First,
    Last,
    Keys,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Function> {
        Some(match name {
            "length" | "size" => Function::Length,
            "min" => Function::Min,
            "max" => Function::Max,
            "avg" => Function::Average,
            "sum" => Function::Sum,
            "stddev" => Function::StandardDeviation,
            "first" => Function::First,
            "last" => Function::Last,
            "keys" => Function::Keys,
            _ => return None,
        })
    }

    pub(super) fn apply(self, value: &Value, path: &Path) -> Result<Value, PathError> {
        let nothing = || PathError::NoResults(path.text().to_owned());
        match self {
            Function::Length => match value {
                Value::Array(items) => Ok(json!(items.len())),
                Value::Object(map) => Ok(json!(map.len())),
                Value::String(text) => Ok(json!(text.encode_utf16().count())),
                _ => Err(nothing()),
            },
            Function::Keys => value.as_object().map(|map| map.keys().map(|key| json!(key)).collect()).ok_or_else(nothing),
            Function::First => value.as_array().and_then(|items| items.first()).cloned().ok_or_else(nothing),
            Function::Last => value.as_array().and_then(|items| items.last()).cloned().ok_or_else(nothing),
            Function::Min | Function::Max | Function::Average | Function::Sum | Function::StandardDeviation => {
                let numbers: Vec<f64> = value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
                if numbers.is_empty() {
                    return Err(PathError::Function("Aggregation function attempted to calculate value using empty array".to_owned()));
                }
                Ok(number(self.aggregate(&numbers)))
            }
        }
    }

    fn aggregate(self, numbers: &[f64]) -> f64 {
        // A list of a length that f64 does not hold exactly does not fit in memory.
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
        let count = numbers.len() as f64;
        let sum: f64 = numbers.iter().sum();
        match self {
            Function::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
            Function::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Function::Average => sum / count,
            Function::StandardDeviation => {
                let squares: f64 = numbers.iter().map(|n| n * n).sum();
                (squares / count - (sum / count).powi(2)).max(0.0).sqrt()
            }
            _ => sum,
        }
    }
}
