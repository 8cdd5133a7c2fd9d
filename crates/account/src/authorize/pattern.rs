//! Texts with `*`, `?` and policy variables, matched as IAM matches them.

use std::collections::BTreeMap;

use super::err::PolicyErrorKind;
use super::keys::is_supplied;
use super::reading::Reading;

/// A condition key's values, by key, as a call supplies them.
pub(super) type Context = BTreeMap<String, Vec<String>>;

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Char(char),
    One,
    Many,
    /// `${key}` or `${key, 'default'}`.
    Variable {
        key: String,
        default: Option<String>,
    },
}

/// How far a wildcard reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Over anything.
    Text,
    /// Within a segment of an ARN; a `*` that ends its segment goes beyond the colon.
    ///
    /// Source: IAM User Guide, "IAM JSON policy elements: Resource", "Using wildcards in resource ARNs".
    Resource,
    /// Within one of the six components of an ARN, as `ArnLike` compares.
    ///
    /// Source: IAM User Guide, "Amazon Resource Name (ARN) condition operators".
    Component,
}

/// A parsed pattern together with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
    tokens: Vec<Token>,
    /// Whether nothing in it is special: most actions are written out.
    literal: bool,
}

impl Pattern {
    /// Parses `text`; with `wildcards` false only variables are special, as in `StringEquals`, and in a reading without
    /// variables `${` is literal, as in policies of version 2008-10-17.
    pub(super) fn parse(text: &str, wildcards: bool, reading: Reading) -> Result<Self, PolicyErrorKind> {
        let mut tokens = Vec::new();
        let mut rest = text;
        loop {
            if reading.variables
                && let Some(after) = rest.strip_prefix("${")
            {
                let Some((inside, after)) = after.split_once('}') else {
                    return Err(PolicyErrorKind::Variable(rest.to_owned()));
                };
                tokens.push(variable(inside, reading)?);
                rest = after;
                continue;
            }
            let mut chars = rest.chars();
            let Some(next) = chars.next() else { break };
            rest = chars.as_str();
            tokens.push(match next {
                '*' if wildcards => Token::Many,
                '?' if wildcards => Token::One,
                other => Token::Char(other),
            });
        }
        let literal = tokens.iter().all(|token| matches!(token, Token::Char(_)));
        Ok(Self { text: text.to_owned(), tokens, literal })
    }

    /// The text as written in the policy.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the pattern matches `subject`. A variable without a value in `context` matches nothing.
    pub(super) fn matches(&self, subject: &str, reach: Reach, ignore_case: bool, context: &Context) -> bool {
        if self.literal {
            return if ignore_case { self.text.eq_ignore_ascii_case(subject) } else { self.text == subject };
        }
        let Some(tokens) = resolve(&self.tokens, context) else { return false };
        if tokens == [Flat::Many] {
            return true;
        }
        match reach {
            Reach::Text => glob(&tokens, subject, ignore_case, |_, _| true),
            Reach::Resource => glob(&tokens, subject, ignore_case, |after, passed| {
                passed != ':' || matches!(after, None | Some(Flat::Char(':')))
            }),
            Reach::Component => components(&tokens, subject, ignore_case),
        }
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any characters and `?` for any one.
pub(crate) fn text_matches(pattern: &str, text: &str) -> bool {
    let tokens: Vec<Flat> = pattern
        .chars()
        .map(|c| match c {
            '*' => Flat::Many,
            '?' => Flat::One,
            other => Flat::Char(other),
        })
        .collect();
    glob(&tokens, text, false, |_, _| true)
}

/// A token whose variables have been replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flat {
    Char(char),
    One,
    Many,
}

fn variable(inside: &str, reading: Reading) -> Result<Token, PolicyErrorKind> {
    // `${*}`, `${?}` and `${$}` are the escapes of the policy grammar.
    if matches!(inside, "*" | "?" | "$") {
        return inside.chars().next().map(Token::Char).ok_or_else(|| PolicyErrorKind::Variable(inside.to_owned()));
    }
    let (key, default) = match inside.split_once(',') {
        None => (inside.trim(), None),
        Some((key, default)) => {
            let quoted = default.trim();
            let text = quoted
                .strip_prefix('\'')
                .and_then(|text| text.strip_suffix('\''))
                .ok_or_else(|| PolicyErrorKind::Variable(inside.to_owned()))?;
            (key.trim(), Some(text.to_owned()))
        }
    };
    if !reading.foreign && !is_supplied(key) {
        return Err(PolicyErrorKind::Variable(inside.to_owned()));
    }
    Ok(Token::Variable { key: key.to_owned(), default })
}

/// The values of `key` in `context`, found without regard to case.
pub(super) fn values<'a>(context: &'a Context, key: &str) -> Option<&'a [String]> {
    context
        .get(key)
        .or_else(|| context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, v)| v))
        .map(Vec::as_slice)
}

fn resolve(tokens: &[Token], context: &Context) -> Option<Vec<Flat>> {
    let mut flat = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token {
            Token::Char(c) => flat.push(Flat::Char(*c)),
            Token::One => flat.push(Flat::One),
            Token::Many => flat.push(Flat::Many),
            Token::Variable { key, default } => {
                // A key with several values cannot stand in a text: IAM treats it as absent.
                let text = match values(context, key) {
                    Some([only]) => only,
                    _ => default.as_ref()?,
                };
                flat.extend(text.chars().map(Flat::Char));
            }
        }
    }
    Some(flat)
}

/// Matches with backtracking to the last `*` only, or to earlier ones when `*` may not swallow a character.
///
/// `may_pass(after, c)` says whether a `*` that is followed by the token `after` may swallow `c`. The table of
/// reachable positions keeps the work at pattern length times subject length, whatever the pattern.
fn glob(tokens: &[Flat], subject: &str, ignore_case: bool, may_pass: impl Fn(Option<&Flat>, char) -> bool) -> bool {
    let subject: Vec<char> = subject.chars().collect();
    // `reach` holds, for each prefix length of the subject, whether the tokens so far can match that prefix.
    let mut reach = vec![false; subject.len() + 1];
    if let Some(start) = reach.first_mut() {
        *start = true;
    }
    for (index, token) in tokens.iter().enumerate() {
        let mut next = vec![false; subject.len() + 1];
        let mut carried = false;
        for (position, reachable) in reach.iter().enumerate() {
            let current = subject.get(position).copied();
            match token {
                Flat::Many => {
                    carried = carried || *reachable;
                    if let Some(slot) = next.get_mut(position) {
                        *slot = carried;
                    }
                    carried = carried && current.is_some_and(|c| may_pass(tokens.get(index + 1), c));
                }
                Flat::One | Flat::Char(_) => {
                    let matched = *reachable
                        && current.is_some_and(|c| match token {
                            // A `?` stands for one character of the segment, never for the colon itself.
                            Flat::One => c != ':' || may_pass(Some(&Flat::One), c),
                            Flat::Char(wanted) => same(*wanted, c, ignore_case),
                            Flat::Many => false,
                        });
                    if matched && let Some(slot) = next.get_mut(position + 1) {
                        *slot = true;
                    }
                }
            }
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

fn same(a: char, b: char, ignore_case: bool) -> bool {
    a == b || (ignore_case && a.eq_ignore_ascii_case(&b))
}

/// Compares the six components of an ARN one by one.
fn components(tokens: &[Flat], subject: &str, ignore_case: bool) -> bool {
    let mut parts: Vec<Vec<Flat>> = vec![Vec::new()];
    for token in tokens {
        if *token == Flat::Char(':') && parts.len() < 6 {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(*token);
        }
    }
    let subjects: Vec<&str> = subject.splitn(6, ':').collect();
    parts.len() == subjects.len()
        && parts.iter().zip(&subjects).all(|(part, subject)| glob(part, subject, ignore_case, |_, _| true))
}
