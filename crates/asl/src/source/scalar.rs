//! What a plain YAML scalar means.
//!
//! CloudFormation reads YAML 1.1, the parser here YAML 1.2. A scalar that the two read differently is refused, so that no
//! definition means one thing here and another thing in AWS.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::RegexSet;

use super::Value;
use super::json::is_number;
use super::yaml::YamlError;

/// The type of a plain scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScalarType {
    Null,
    Boolean,
    Integer,
    Float,
    Text,
}

/// The types that have a pattern, in the order in which patterns are tried.
const TYPES: [ScalarType; 4] = [ScalarType::Null, ScalarType::Boolean, ScalarType::Integer, ScalarType::Float];

/// YAML 1.1 as SnakeYAML resolves it, the parser of CloudFormation's handler (`org.yaml.snakeyaml.resolver.Resolver`).
/// What SnakeYAML takes for a timestamp is text for the handler.
static YAML_1_1: LazyLock<RegexSet> = LazyLock::new(|| {
    whole([
        "~|null|Null|NULL|",
        "yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
        r"[-+]?0b_*[01][01_]*|[-+]?0_*[0-7][0-7_]*|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+",
        r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    ])
});

/// YAML 1.2 (YAML 1.2.2, section 10.3.2).
static YAML_1_2: LazyLock<RegexSet> = LazyLock::new(|| {
    whole([
        "~|null|Null|NULL|",
        "true|True|TRUE|false|False|FALSE",
        "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    ])
});

/// Patterns that match a whole text.
#[expect(clippy::expect_used, reason = "the patterns are constants, and a test of this module compiles them")]
fn whole(patterns: [&str; TYPES.len()]) -> RegexSet {
    RegexSet::new(patterns.map(|pattern| format!("^(?:{pattern})$"))).expect("valid patterns")
}

fn type_of(patterns: &RegexSet, text: &str) -> ScalarType {
    let first = patterns.matches(text).iter().next();
    first.and_then(|index| TYPES.get(index)).copied().unwrap_or(ScalarType::Text)
}

/// The value of a plain scalar.
///
/// # Errors
/// A scalar that YAML 1.1 and 1.2 read differently, and a number that JSON cannot hold.
pub(super) fn resolve(text: &str) -> Result<Value<'static>, YamlError> {
    let found = type_of(&YAML_1_2, text);
    if found != type_of(&YAML_1_1, text) || found == ScalarType::Integer && is_octal_in_1_1(text) {
        return Err(YamlError::Ambiguous(text.chars().take(64).collect()));
    }
    Ok(match found {
        ScalarType::Null => Value::Null,
        ScalarType::Boolean => Value::Bool(text.eq_ignore_ascii_case("true")),
        ScalarType::Integer | ScalarType::Float => number(text)?,
        ScalarType::Text => Value::String(Cow::Owned(text.to_owned())),
    })
}

/// Whether a decimal number starts with a zero, which makes it octal in YAML 1.1.
fn is_octal_in_1_1(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0x")
}

fn number(text: &str) -> Result<Value<'static>, YamlError> {
    let not_json = || YamlError::Number(text.chars().take(64).collect());
    let literal = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).map_err(|_| not_json())?.to_string(),
        None => {
            let literal = text.strip_prefix('+').unwrap_or(text);
            let value: f64 = literal.parse().ok().filter(|value: &f64| value.is_finite()).ok_or_else(not_json)?;
            // `.5` and `1.` are numbers of YAML only
            if is_number(literal) { literal.to_owned() } else { serde_json::Value::from(value).to_string() }
        }
    };
    Ok(Value::Number(Cow::Owned(literal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match resolve(text) {
            Ok(Value::Null) => "null".to_owned(),
            Ok(Value::Bool(value)) => value.to_string(),
            Ok(Value::Number(literal)) => literal.into_owned(),
            Ok(Value::String(text)) => format!("{text:?}"),
            Ok(_) => "a collection".to_owned(),
            Err(error) => format!("refused: {error}"),
        }
    }

    #[test]
    fn scalars_have_the_type_that_both_versions_give_them() {
        for (text, expected) in [
            ("", "null"),
            ("~", "null"),
            ("Null", "null"),
            ("true", "true"),
            ("FALSE", "false"),
            ("0", "0"),
            ("-0", "-0"),
            ("+5", "5"),
            ("99999999999999999999", "99999999999999999999"),
            ("0x1F", "31"),
            ("1.", "1.0"),
            (".5", "0.5"),
            ("2.50", "2.50"),
            ("1e3", "1e3"),
            ("abc", "\"abc\""),
            ("1.2.3", "\"1.2.3\""),
            ("$.a", "\"$.a\""),
            ("y", "\"y\""),
            ("2024-01-31T10:00:00Z", "\"2024-01-31T10:00:00Z\""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_the_versions_read_differently_is_refused() {
        for text in ["yes", "No", "on", "OFF", "0123", "08", "0o17", "0b1", "1_000", "12:30", "-.5", "+0x1F", "1_0.5"] {
            let expected = format!(
                "refused: `{text}` means different things in YAML 1.1, which CloudFormation reads, and 1.2; put it into quotes"
            );
            assert_eq!(shown(text), expected);
        }
        for text in [".inf", "-.INF", ".nan", "1e999", "0xfffffffffffffffff"] {
            assert_eq!(shown(text), format!("refused: `{text}` is a number that JSON cannot hold"));
        }
    }
}
