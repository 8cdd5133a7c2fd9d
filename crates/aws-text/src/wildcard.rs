//! Wildcard patterns: `*` stands for any characters. What else is special is the [`Dialect`].
//!
//! | dialect | `*` | `?` | `\` | used by |
//! |---|---|---|---|---|
//! | [`Dialect::STARS`] | any characters | itself | itself | lists of finding types and rule names |
//! | [`Dialect::IAM`] | any characters | one character | itself | policies |
//! | [`Dialect::EC2_FILTER`] | any characters | one character | makes the next character literal | filters of EC2 |
//! | [`Dialect::EVENT_PATTERN`] | any characters, not twice in a row | itself | makes `*` and `\` literal | EventBridge |
//!
//! Patterns and texts may come from an attacker: the time to match is at most the product of both lengths.

use thiserror::Error;

/// Which characters are special in a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// `?` stands for one character.
    pub question_mark: bool,
    /// What `\` does.
    pub backslash: Backslash,
}

/// What a backslash does in a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backslash {
    /// It stands for itself.
    Literal,
    /// It makes the next character literal; at the end of the pattern it stands for itself.
    Escape,
    /// It makes a `*` or `\` literal; before anything else it is an error, and so are two `*` in a row.
    StrictEscape,
}

/// A pattern that its dialect does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WildcardError {
    /// Two asterisks in a row.
    #[error("two wildcards in a row")]
    ConsecutiveWildcards,
    /// A backslash before anything but `*` or `\`.
    #[error("a backslash must be followed by `*` or `\\`")]
    InvalidEscape,
}

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Token {
    /// A character as it is.
    Literal(char),
    /// Any one character.
    One,
    /// Any characters, or none.
    Many,
}

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Wildcard {
    tokens: Vec<Token>,
}

/// How tokens are compared with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Matching {
    /// Whether letters of ASCII match in either case.
    pub ignore_case: bool,
    /// The character that separates segments, if wildcards stay within one: `?` never stands for it, and `*` only where
    /// the `*` ends its segment or the pattern.
    ///
    /// Source: IAM User Guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs".
    pub separator: Option<char>,
}

impl Dialect {
    /// Only `*` is special.
    pub const STARS: Self = Self { question_mark: false, backslash: Backslash::Literal };
    /// `*` and `?` are special (IAM User Guide, "IAM JSON policy elements: Resource").
    pub const IAM: Self = Self { question_mark: true, backslash: Backslash::Literal };
    /// `*` and `\` are special (EventBridge User Guide, "Wildcard matching").
    pub const EVENT_PATTERN: Self = Self { question_mark: false, backslash: Backslash::StrictEscape };
    /// `*`, `?` and `\` are special (EC2 User Guide, "List and filter your resources").
    pub const EC2_FILTER: Self = Self { question_mark: true, backslash: Backslash::Escape };
}

impl Wildcard {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A pattern that the dialect does not allow; only [`Dialect::EVENT_PATTERN`] refuses any.
    pub fn parse(text: &str, dialect: Dialect) -> Result<Self, WildcardError> {
        let mut tokens = Vec::with_capacity(text.len());
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            tokens.push(match c {
                '*' if dialect.backslash == Backslash::StrictEscape && tokens.last() == Some(&Token::Many) => {
                    return Err(WildcardError::ConsecutiveWildcards);
                }
                '*' => Token::Many,
                '?' if dialect.question_mark => Token::One,
                '\\' => match dialect.backslash {
                    Backslash::Literal => Token::Literal('\\'),
                    Backslash::Escape => Token::Literal(characters.next().unwrap_or('\\')),
                    Backslash::StrictEscape => match characters.next() {
                        Some(escaped @ ('*' | '\\')) => Token::Literal(escaped),
                        _ => return Err(WildcardError::InvalidEscape),
                    },
                },
                other => Token::Literal(other),
            });
        }
        Ok(Self { tokens })
    }

    /// Whether the pattern matches the whole text.
    pub fn matches(&self, text: &str) -> bool {
        matches_tokens(&self.tokens, text, Matching::default())
    }
}

/// Whether a pattern of [`Dialect::STARS`] matches the whole text.
///
/// ```
/// use aws_text::wildcard::matches_stars;
///
/// assert!(matches_stars("CryptoCurrency:EC2/*", "CryptoCurrency:EC2/BitcoinTool.B!DNS"));
/// assert!(!matches_stars("CryptoCurrency:EC2/", "CryptoCurrency:EC2/BitcoinTool.B!DNS"));
/// ```
pub fn matches_stars(pattern: &str, text: &str) -> bool {
    Wildcard::parse(pattern, Dialect::STARS).is_ok_and(|wildcard| wildcard.matches(text))
}

/// Whether a pattern of [`Dialect::IAM`] matches the whole text, across segments.
pub fn matches_iam(pattern: &str, text: &str) -> bool {
    Wildcard::parse(pattern, Dialect::IAM).is_ok_and(|wildcard| wildcard.matches(text))
}

/// Whether tokens match the whole text.
pub fn matches_tokens(tokens: &[Token], text: &str, matching: Matching) -> bool {
    match matching.separator {
        Some(separator)
            if tokens.iter().enumerate().any(|(at, token)| is_bounded(*token, tokens.get(at + 1), separator)) =>
        {
            matches_within_segments(tokens, text, separator, matching.ignore_case)
        }
        _ => matches_across_segments(tokens, text, matching.ignore_case),
    }
}

/// Whether a token may not stand for the separator although it stands for other characters.
fn is_bounded(token: Token, next: Option<&Token>, separator: char) -> bool {
    match token {
        Token::Literal(_) => false,
        Token::One => true,
        Token::Many => next.is_some_and(|next| *next != Token::Literal(separator)),
    }
}

fn stands_for(token: Token, c: char, ignore_case: bool) -> bool {
    match token {
        Token::Literal(wanted) => wanted == c || (ignore_case && wanted.eq_ignore_ascii_case(&c)),
        Token::One | Token::Many => true,
    }
}

/// Backtracks to the last `*` only: what an earlier one could take as well, the last one can take.
fn matches_across_segments(tokens: &[Token], text: &str, ignore_case: bool) -> bool {
    let mut rest = text.chars();
    let mut at = 0;
    // The token after the last `*`, and the text from which it was last tried.
    let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        let mut after = rest.clone();
        match (tokens.get(at), after.next()) {
            (Some(Token::Many), _) => {
                at += 1;
                retry = Some((at, rest.clone()));
                continue;
            }
            (None, None) => return true,
            (Some(_), None) => return false,
            (Some(token), Some(c)) if stands_for(*token, c, ignore_case) => {
                rest = after;
                at += 1;
                continue;
            }
            (_, Some(_)) => {}
        }
        let Some((token, from)) = &mut retry else { return false };
        from.next();
        at = *token;
        rest = from.clone();
    }
}

/// Keeps, for each prefix of the text, whether the tokens so far can match it: a `*` that stays in its segment may need an
/// earlier `*` to take more.
fn matches_within_segments(tokens: &[Token], text: &str, separator: char, ignore_case: bool) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reachable = vec![false; text.len() + 1];
    if let Some(start) = reachable.first_mut() {
        *start = true;
    }
    for (index, token) in tokens.iter().enumerate() {
        let bounded = is_bounded(*token, tokens.get(index + 1), separator);
        let mut next = vec![false; text.len() + 1];
        // Whether a `*` that began at an earlier position still reaches this one.
        let mut carried = false;
        for (position, before) in reachable.iter().enumerate() {
            let taken = text.get(position).copied().filter(|c| !bounded || *c != separator);
            if *token == Token::Many {
                carried = carried || *before;
                if let Some(slot) = next.get_mut(position) {
                    *slot = carried;
                }
                carried = carried && taken.is_some();
            } else if *before
                && taken.is_some_and(|c| stands_for(*token, c, ignore_case))
                && let Some(slot) = next.get_mut(position + 1)
            {
                *slot = true;
            }
        }
        reachable = next;
    }
    reachable.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "a:b/c", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "axbxc", true),
            ("a*b*c", "axcxb", false),
            ("a*b*c", "a1b2b3c", true),
            ("a*bb*b", "abb", false),
            ("*ä*", "xäy", true),
            ("**", "", true),
            ("A", "a", false),
            ("a?", "ab", false),
            ("*.png", "x.png.gz", false),
        ] {
            assert_eq!(matches_stars(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_question_mark_stands_for_one_character_in_policies() {
        for (pattern, text, expected) in [
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("?*?", "a", false),
            ("?*?", "ab", true),
            ("a\\*", "a\\b", true),
        ] {
            assert_eq!(matches_iam(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_backslash_escapes_in_filters_of_ec2() {
        let matches = |pattern, text| Wildcard::parse(pattern, Dialect::EC2_FILTER).map(|it| it.matches(text));
        for (pattern, text, expected) in [
            ("cordon-*", "cordon-isolation", true),
            ("?", "", false),
            ("*-iso*tion", "cordon-isolation", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("a\\", "a\\", true),
            ("ab", "AB", false),
            ("é?", "éß", true),
        ] {
            assert_eq!(matches(pattern, text), Ok(expected), "{pattern} {text}");
        }
        assert_eq!(matches(&format!("{}b", "*a".repeat(200)), &"a".repeat(5000)), Ok(false));
    }

    #[test]
    fn a_backslash_escapes_in_event_patterns() {
        let matches = |pattern, text| Wildcard::parse(pattern, Dialect::EVENT_PATTERN).map(|it| it.matches(text));
        for (pattern, text, expected) in [
            ("*", "", Ok(true)),
            ("a*", "a", Ok(true)),
            ("\\**\\\\", "*x\\", Ok(true)),
            ("\\*", "x", Ok(false)),
            ("*\\*", "x*", Ok(true)),
            ("*ü*", "grün", Ok(true)),
            ("a**b", "", Err(WildcardError::ConsecutiveWildcards)),
            ("a\\b", "", Err(WildcardError::InvalidEscape)),
            ("a\\", "", Err(WildcardError::InvalidEscape)),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn wildcards_stay_within_segments_where_there_are_any() {
        let within = Matching { ignore_case: false, separator: Some(':') };
        for (pattern, text, expected) in [
            ("a:*:c", "a:b:c", true),
            ("a:*:c", "a:b:b:c", true),
            ("a:*c", "a:b:c", false),
            ("a:*c*d", "a:bcbcd", true),
            ("a:*x*y:z", "a:xx:xy:z", false),
            ("a:*", "a:b:c", true),
            ("a?b", "a:b", false),
            ("*", "a:b", true),
        ] {
            let tokens = Wildcard::parse(pattern, Dialect::IAM).map(|it| it.tokens).unwrap_or_default();
            assert_eq!(matches_tokens(&tokens, text, within), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn letters_match_in_either_case_where_asked() {
        let matching = Matching { ignore_case: true, separator: None };
        let tokens = [Token::Literal('E'), Token::Many];
        assert!(matches_tokens(&tokens, "ec2", matching));
        assert!(!matches_tokens(&tokens, "ec2", Matching::default()));
    }
}
