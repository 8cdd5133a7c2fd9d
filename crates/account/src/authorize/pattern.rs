//! Texts with `*`, `?` and policy variables, matched as IAM matches them.

use std::borrow::Cow;

use aws_text::wildcard::{Matching, Token, matches_tokens};

use super::ConditionKeys;
use super::err::PolicyErrorKind;
use super::strictness::Strictness;

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Text(Token),
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Pattern {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    /// Nothing in the text is special: most actions are written out.
    Literal,
    /// The text has wildcards.
    Wildcards(Vec<Token>),
    /// The text has variables, and perhaps wildcards.
    Variables(Vec<Part>),
}

impl Pattern {
    /// Parses `text`; with `wildcards` false only variables are special, as in `StringEquals`, and with a strictness
    /// without variables `${` is literal, as in policies of version 2008-10-17.
    pub(super) fn parse(text: &str, wildcards: bool, strictness: Strictness) -> Result<Self, PolicyErrorKind> {
        let mut parts = Vec::new();
        let mut rest = text;
        loop {
            if strictness.variables
                && let Some(after) = rest.strip_prefix("${")
            {
                let Some((inside, after)) = after.split_once('}') else {
                    return Err(PolicyErrorKind::Variable(rest.to_owned()));
                };
                parts.push(variable(inside, strictness)?);
                rest = after;
                continue;
            }
            let mut chars = rest.chars();
            let Some(next) = chars.next() else { break };
            rest = chars.as_str();
            parts.push(Part::Text(match next {
                '*' if wildcards => Token::Many,
                '?' if wildcards => Token::One,
                other => Token::Literal(other),
            }));
        }
        let tokens: Option<Vec<Token>> = parts
            .iter()
            .map(|part| match part {
                Part::Text(token) => Some(*token),
                Part::Variable { .. } => None,
            })
            .collect();
        let kind = match tokens {
            None => Kind::Variables(parts),
            // An escape such as `${*}` is literal, but the text shows the escape.
            Some(tokens) if text.contains("${") => Kind::Wildcards(tokens),
            Some(tokens) if tokens.iter().all(|token| matches!(token, Token::Literal(_))) => Kind::Literal,
            Some(tokens) => Kind::Wildcards(tokens),
        };
        Ok(Self { text: text.to_owned(), kind })
    }

    /// The text as written in the policy.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the pattern matches `subject`. A variable without a value in `keys` matches nothing.
    pub(super) fn matches(&self, subject: &str, reach: Reach, ignore_case: bool, keys: &dyn ConditionKeys) -> bool {
        let tokens = match &self.kind {
            Kind::Literal if ignore_case => return self.text.eq_ignore_ascii_case(subject),
            Kind::Literal => return self.text == subject,
            Kind::Wildcards(tokens) => Cow::Borrowed(tokens.as_slice()),
            Kind::Variables(parts) => match resolve(parts, keys) {
                Some(tokens) => Cow::Owned(tokens),
                None => return false,
            },
        };
        match (tokens.as_ref(), reach) {
            ([Token::Many], _) => true,
            (tokens, Reach::Text) => matches_tokens(tokens, subject, Matching { ignore_case, separator: None }),
            (tokens, Reach::Resource) => {
                matches_tokens(tokens, subject, Matching { ignore_case, separator: Some(':') })
            }
            (tokens, Reach::Component) => components_match(tokens, subject, ignore_case),
        }
    }
}

fn variable(inside: &str, strictness: Strictness) -> Result<Part, PolicyErrorKind> {
    // `${*}`, `${?}` and `${$}` are the escapes of the policy grammar.
    match inside {
        "*" => return Ok(Part::Text(Token::Literal('*'))),
        "?" => return Ok(Part::Text(Token::Literal('?'))),
        "$" => return Ok(Part::Text(Token::Literal('$'))),
        _ => {}
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
    if !strictness.allows_key(key) {
        return Err(PolicyErrorKind::Variable(inside.to_owned()));
    }
    Ok(Part::Variable { key: key.to_owned(), default })
}

fn resolve(parts: &[Part], keys: &dyn ConditionKeys) -> Option<Vec<Token>> {
    let mut tokens = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Part::Text(token) => tokens.push(*token),
            Part::Variable { key, default } => {
                let values = keys.values(key);
                // A key with several values cannot stand in a text: IAM treats it as absent.
                let text = match values.as_deref() {
                    Some([only]) => only,
                    _ => default.as_ref()?,
                };
                tokens.extend(text.chars().map(Token::Literal));
            }
        }
    }
    Some(tokens)
}

/// Compares the six components of an ARN one by one.
fn components_match(tokens: &[Token], subject: &str, ignore_case: bool) -> bool {
    const COMPONENTS: usize = 6;
    let mut parts = tokens.splitn(COMPONENTS, |token| *token == Token::Literal(':'));
    let mut subjects = subject.splitn(COMPONENTS, ':');
    loop {
        match (parts.next(), subjects.next()) {
            (None, None) => return true,
            (Some(part), Some(subject)) => {
                if !matches_tokens(part, subject, Matching { ignore_case, separator: None }) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}
