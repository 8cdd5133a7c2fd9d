//! `AllowedPattern` of a parameter: the small part of regular expressions that such patterns need.
//!
//! CloudFormation asks that the pattern matches the whole value (AWS CloudFormation user guide, Parameters). Literals,
//! `.`, character classes with ranges, `\d`, `\w`, `\s`, and the quantifiers `*`, `+`, `?`, `{n}`, `{n,}`, `{n,m}` are
//! taken; everything else (groups, alternatives, references) is refused rather than misread.

use std::iter::Peekable;
use std::str::Chars;

/// The most repetitions that a pattern may ask for.
const MOST: usize = 10_000;

#[derive(Debug)]
struct Piece {
    set: Set,
    least: usize,
    most: usize,
}

#[derive(Debug)]
enum Set {
    Any,
    Of { negated: bool, ranges: Vec<(char, char)> },
}

/// Whether the pattern matches the whole value.
///
/// # Errors
/// Why the pattern cannot be read, as half a sentence.
pub(super) fn matches(pattern: &str, value: &str) -> Result<bool, String> {
    let inner = pattern.strip_prefix('^').unwrap_or(pattern);
    let inner = inner.strip_suffix('$').filter(|rest| !rest.ends_with('\\')).unwrap_or(inner);
    let pieces = parse(inner)?;
    let value: Vec<char> = value.chars().collect();
    // The places in the value that the pieces so far can have come to: no backtracking, so no pattern is slow.
    let mut reached = vec![false; value.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for piece in &pieces {
        reached = advance(piece, &value, &reached);
    }
    Ok(reached.last().copied().unwrap_or(false))
}

fn advance(piece: &Piece, value: &[char], reached: &[bool]) -> Vec<bool> {
    let mut next = vec![false; reached.len()];
    for (start, _) in reached.iter().enumerate().filter(|(_, reached)| **reached) {
        let run = value.iter().skip(start).take_while(|c| piece.set.has(**c)).count();
        if run >= piece.least {
            for place in next.iter_mut().skip(start + piece.least).take(run.min(piece.most) - piece.least + 1) {
                *place = true;
            }
        }
    }
    next
}

impl Set {
    fn has(&self, c: char) -> bool {
        match self {
            Self::Any => c != '\n' && c != '\r',
            Self::Of { negated, ranges } => ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *negated,
        }
    }
}

fn parse(pattern: &str) -> Result<Vec<Piece>, String> {
    let mut characters = pattern.chars().peekable();
    let mut pieces = Vec::new();
    while let Some(c) = characters.next() {
        let set = match c {
            '.' => Set::Any,
            '[' => class(&mut characters)?,
            '\\' => Set::Of { negated: false, ranges: escape(&mut characters)? },
            '(' | ')' | '|' | '^' | '$' | '*' | '+' | '?' | '{' | '}' | ']' => {
                return Err(format!("the reader does not know `{c}` at this place of a pattern"));
            }
            literal => Set::Of { negated: false, ranges: vec![(literal, literal)] },
        };
        let (least, most) = quantifier(&mut characters)?;
        pieces.push(Piece { set, least, most });
    }
    Ok(pieces)
}

fn quantifier(characters: &mut Peekable<Chars<'_>>) -> Result<(usize, usize), String> {
    let bounds = match characters.peek() {
        Some('*') => (0, usize::MAX),
        Some('+') => (1, usize::MAX),
        Some('?') => (0, 1),
        Some('{') => {
            characters.next();
            let mut inside = String::new();
            loop {
                match characters.next() {
                    Some('}') => break,
                    Some(c) => inside.push(c),
                    None => return Err("a number of repetitions has no end".to_owned()),
                }
            }
            return counted(&inside)
                .filter(|(least, most)| least <= most && *least <= MOST)
                .ok_or_else(|| format!("`{{{inside}}}` is no number of repetitions"));
        }
        _ => return Ok((1, 1)),
    };
    characters.next();
    match characters.peek() {
        Some('+' | '?' | '*') => Err("the reader does not know a quantifier after a quantifier".to_owned()),
        _ => Ok(bounds),
    }
}

fn counted(inside: &str) -> Option<(usize, usize)> {
    match inside.split_once(',') {
        None => inside.parse().ok().map(|count| (count, count)),
        Some((least, "")) => least.parse().ok().map(|least| (least, usize::MAX)),
        Some((least, most)) => Some((least.parse().ok()?, most.parse().ok()?)),
    }
}

fn class(characters: &mut Peekable<Chars<'_>>) -> Result<Set, String> {
    let negated = characters.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        let from = match characters.next() {
            None => return Err("a character class has no end".to_owned()),
            Some(']') if ranges.is_empty() => return Err("a character class is empty".to_owned()),
            Some(']') => return Ok(Set::Of { negated, ranges }),
            Some('[' | '&') => return Err("the reader knows no classes within classes".to_owned()),
            Some('\\') => {
                ranges.extend(escape(characters)?);
                continue;
            }
            Some(c) => c,
        };
        let mut ahead = characters.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(to)) if to != ']' => {
                if to == '\\' || to < from {
                    return Err(format!("`{from}-{to}` is no range of characters"));
                }
                *characters = ahead;
                ranges.push((from, to));
            }
            _ => ranges.push((from, from)),
        }
    }
}

fn escape(characters: &mut Peekable<Chars<'_>>) -> Result<Vec<(char, char)>, String> {
    match characters.next() {
        Some('d') => Ok(vec![('0', '9')]),
        Some('w') => Ok(vec![('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')]),
        Some('s') => Ok(vec![(' ', ' '), ('\t', '\r')]),
        Some(c) if !c.is_alphanumeric() => Ok(vec![(c, c)]),
        Some(c) => Err(format!("the reader does not know `\\{c}`")),
        None => Err("the pattern ends in a backslash".to_owned()),
    }
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
            ("cordon-[a-z0-9-]*", "cordon-target-2", true),
            ("cordon-[a-z0-9-]*", "cordon", false),
            (".+\\.example", "a.example", true),
            (".+\\.example", "a-example", false),
            ("a?b+[^c]", "bbd", true),
            ("a?b+[^c]", "bbc", false),
            ("[\\w.-]{0,}", "", true),
            (".*.*.*.*.*x", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(matches(pattern, value), Ok(expected), "{pattern} {value}");
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for pattern in ["(a|b)", "a|b", "[a", "[]", "a{2", "a{3,1}", "a**", "\\b", "a\\", "[z-a]", "*"] {
            assert!(matches(pattern, "a").is_err(), "{pattern}");
        }
    }
}
