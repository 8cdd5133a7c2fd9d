//! Wildcards: an asterisk stands for any characters, a backslash takes an asterisk or a backslash as itself.

use super::err::Problem;

/// A wildcard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wildcard {
    /// What stands between the asterisks: one part more than there are asterisks.
    parts: Vec<String>,
}

impl Wildcard {
    /// Reads a wildcard.
    ///
    /// # Errors
    /// Two asterisks in a row, and a backslash before anything else.
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        let mut parts = vec![String::new()];
        let mut after_asterisk = false;
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            let literal = match c {
                '*' if after_asterisk => return Err(Problem::ConsecutiveWildcards),
                '*' => {
                    parts.push(String::new());
                    after_asterisk = true;
                    continue;
                }
                '\\' => characters.next().filter(|c| matches!(c, '*' | '\\')).ok_or(Problem::InvalidEscape)?,
                c => c,
            };
            after_asterisk = false;
            if let Some(part) = parts.last_mut() {
                part.push(literal);
            }
        }
        Ok(Self { parts })
    }

    /// Whether the wildcard covers the whole text. Each part is taken at its first place, which leaves the most to those
    /// behind it, so the time is bounded by the lengths.
    pub(super) fn covers(&self, text: &str) -> bool {
        let (first, last, between) = match self.parts.as_slice() {
            [] => return text.is_empty(),
            [only] => return text == only,
            [first, between @ .., last] => (first, last, between),
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for part in between {
            let Some((_, after)) = rest.split_once(part.as_str()) else { return false };
            rest = after;
        }
        rest.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, Wildcard};

    #[test]
    fn wildcards_cover_whole_texts() {
        for (wildcard, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*", "a", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*.png", "x.png", true),
            ("*.png", "x.png.gz", false),
            ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "acb", false),
            ("\\**\\\\", "*x\\", true),
            ("\\*", "x", false),
            ("*ü*", "grün", true),
        ] {
            assert_eq!(Wildcard::read(wildcard).map(|read| read.covers(text)), Ok(expected), "{wildcard} {text}");
        }
    }

    #[test]
    fn broken_wildcards_are_refused() {
        assert_eq!(Wildcard::read("a**b"), Err(Problem::ConsecutiveWildcards));
        assert_eq!(Wildcard::read("a\\b"), Err(Problem::InvalidEscape));
        assert_eq!(Wildcard::read("a\\"), Err(Problem::InvalidEscape));
        assert!(Wildcard::read("*\\*").is_ok());
    }
}
