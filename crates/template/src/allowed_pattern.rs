//! `AllowedPattern` of a parameter: a regular expression that must match the whole value (AWS CloudFormation user guide,
//! "Parameters"). CloudFormation uses the syntax of `java.util.regex`.
//!
//! The `regex` crate reads the same syntax without lookaround and back-references, which it refuses. Two constructs that
//! it would read differently are handled here: Java's `\d`, `\w` and `\s` are ASCII, and a quantifier after a quantifier
//! is possessive.

use regex::Regex;

/// Whether the pattern matches the whole value.
///
/// # Errors
/// Why the pattern cannot be read, as half a sentence.
pub(super) fn matches(pattern: &str, value: &str) -> Result<bool, String> {
    let regex = Regex::new(&format!(r"\A(?:{})\z", with_ascii_classes(pattern)?))
        .map_err(|error| format!("the pattern is not a regular expression that can be checked: {}", reason(&error)))?;
    Ok(regex.is_match(value))
}

/// The pattern with the ASCII classes of Java written out.
fn with_ascii_classes(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len());
    let mut characters = pattern.chars().peekable();
    let mut in_class = false;
    let mut after_quantifier = false;
    while let Some(c) = characters.next() {
        let is_quantifier = !in_class && matches!(c, '*' | '+' | '?' | '}');
        // `a*?` is a lazy quantifier in both; whether the whole value matches does not depend on it.
        if after_quantifier && matches!(c, '*' | '+') && !in_class {
            return Err("a quantifier follows a quantifier: possessive quantifiers cannot be checked".to_owned());
        }
        after_quantifier = is_quantifier;
        match c {
            '\\' => match characters.next() {
                Some('d') => out.push_str("[0-9]"),
                Some('w') => out.push_str("[a-zA-Z0-9_]"),
                Some('s') => out.push_str(r"[ \t\n\x0B\f\r]"),
                Some(escaped) => out.extend(['\\', escaped]),
                None => out.push('\\'),
            },
            _ => {
                in_class = match c {
                    '[' => true,
                    ']' => false,
                    _ => in_class,
                };
                out.push(c);
            }
        }
    }
    Ok(out)
}

/// The last line of the message, which says what is wrong without drawing the pattern again.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().next_back().unwrap_or(&text).trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_whole_values() {
        for (pattern, value, expected) in [
            ("[0-9]{12}", "123456789012", true),
            ("[0-9]{12}", "1234567890123", false),
            ("[0-9]{12}", "12345678901a", false),
            ("^\\d{2,3}$", "12", true),
            ("^\\d{2,3}$", "1234", false),
            ("\\d+", "١٢", false),
            ("\\w+", "é", false),
            ("cordon-[a-z0-9-]*", "cordon-target-2", true),
            ("cordon-[a-z0-9-]*", "cordon", false),
            (".+\\.example", "a.example", true),
            (".+\\.example", "a-example", false),
            ("a?b+[^c]", "bbd", true),
            ("a?b+[^c]", "bbc", false),
            ("[\\w.-]{0,}", "", true),
            ("a|bc", "bc", true),
            ("a|bc", "abc", false),
            ("(?:arn:aws[a-z-]*:kms:.+)?", "", true),
            (".*.*.*.*.*x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
            (".*", "two\nlines", false),
        ] {
            assert_eq!(matches(pattern, value), Ok(expected), "{pattern} {value}");
        }
    }

    #[test]
    fn what_cannot_be_checked_is_refused() {
        for pattern in ["(?=a)a", "(a)\\1", "[a", "[]", "a{2", "a{3,1}", "a**", "a*+", "(a", "a\\", "[z-a]", "*"] {
            assert!(matches(pattern, "a").is_err(), "{pattern}");
        }
    }
}
