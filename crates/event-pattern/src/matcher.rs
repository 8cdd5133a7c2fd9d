//! What a single value can be compared with.

use aws_text::wildcard::Wildcard;
use std::fmt;
use std::net::IpAddr;

use super::address::{self, Block};
use super::number::millionths;

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Matcher {
    /// This text.
    Text(String),
    /// This address, however it is written.
    Address(IpAddr, String),
    /// This number: by value where it can be compared, by text else.
    Number(Option<i64>, String),
    /// `true`, `false` or `null`.
    Constant(Constant),
    /// A test of text, as an operator names it.
    Test(Test),
    /// A number within bounds; each with whether it belongs to the range.
    Range {
        /// From here.
        bottom: Option<(i64, bool)>,
        /// To here.
        top: Option<(i64, bool)>,
        /// As the pattern writes it.
        written: String,
    },
    /// An address of the block.
    Cidr(Block, String),
    /// Any value.
    Present,
    /// No value at all.
    Absent,
    /// Any value that passes none of these tests.
    NoneOf(Vec<Matcher>),
}

/// The words of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Constant {
    True,
    False,
    Null,
}

/// A test of text with its operand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Test {
    Prefix(String),
    Suffix(String),
    IgnoreCase(String),
    PrefixIgnoreCase(String),
    SuffixIgnoreCase(String),
    Wildcard(Wildcard, String),
}

/// A value of an event.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Text(String),
    Number(Option<i64>, String),
    Constant(Constant),
}

impl Scalar {
    /// A number with its text.
    pub(super) fn number(text: String) -> Self {
        Self::Number(millionths(&text), text)
    }
}

impl Matcher {
    /// Whether a value matches; [`Matcher::Absent`] is about there being none, so no value does.
    pub(super) fn takes(&self, value: &Scalar) -> bool {
        match (self, value) {
            (Self::Present, _) => true,
            (Self::Absent, _) => false,
            (Self::NoneOf(none), value) => !none.iter().any(|one| one.takes(value)),
            (Self::Text(wanted), Scalar::Text(text)) => wanted == text,
            (Self::Address(wanted, written), Scalar::Text(text)) => {
                written == text || address::address(text) == Some(*wanted)
            }
            (Self::Number(Some(wanted), _), Scalar::Number(Some(number), _)) => wanted == number,
            (Self::Number(None, wanted), Scalar::Number(None, number)) => wanted == number,
            (Self::Constant(wanted), Scalar::Constant(constant)) => wanted == constant,
            (Self::Test(test), Scalar::Text(text)) => test.passes(text),
            (Self::Range { bottom, top, .. }, Scalar::Number(Some(number), _)) => {
                bottom.is_none_or(|(bound, inclusive)| *number > bound || (inclusive && *number == bound))
                    && top.is_none_or(|(bound, inclusive)| *number < bound || (inclusive && *number == bound))
            }
            (Self::Cidr(block, _), Scalar::Text(text)) => {
                address::address(text).is_some_and(|address| block.has(address))
            }
            _ => false,
        }
    }
}

impl Test {
    fn passes(&self, text: &str) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(prefix),
            Self::Suffix(suffix) => text.ends_with(suffix),
            Self::IgnoreCase(wanted) => {
                let mut text = text.chars();
                wanted.chars().all(|c| text.next().is_some_and(|other| same_letter(c, other))) && text.next().is_none()
            }
            Self::PrefixIgnoreCase(prefix) => {
                let mut text = text.chars();
                prefix.chars().all(|c| text.next().is_some_and(|other| same_letter(c, other)))
            }
            Self::SuffixIgnoreCase(suffix) => {
                let mut text = text.chars().rev();
                suffix.chars().rev().all(|c| text.next().is_some_and(|other| same_letter(c, other)))
            }
            Self::Wildcard(wildcard, _) => wildcard.matches(text),
        }
    }
}

/// Letter by letter, as Event Ruler compares: equal in lower case or equal in upper case.
fn same_letter(a: char, b: char) -> bool {
    a == b || a.to_lowercase().eq(b.to_lowercase()) || a.to_uppercase().eq(b.to_uppercase())
}

impl fmt::Display for Matcher {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Address(_, text) => write!(out, "{}", quoted(text)),
            Self::Number(_, text) => out.write_str(text),
            Self::Constant(constant) => constant.fmt(out),
            Self::Test(test) => test.fmt(out),
            Self::Range { written, .. } => write!(out, "a number {written}"),
            Self::Cidr(_, text) => write!(out, "an address in {text}"),
            Self::Present => out.write_str("any value"),
            Self::Absent => out.write_str("no value"),
            Self::NoneOf(none) => {
                out.write_str("anything but ")?;
                join(out, none, " and ")
            }
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix(text) => write!(out, "text that starts with {}", quoted(text)),
            Self::Suffix(text) => write!(out, "text that ends with {}", quoted(text)),
            Self::IgnoreCase(text) => write!(out, "{} in any case", quoted(text)),
            Self::PrefixIgnoreCase(text) => write!(out, "text that starts with {} in any case", quoted(text)),
            Self::SuffixIgnoreCase(text) => write!(out, "text that ends with {} in any case", quoted(text)),
            Self::Wildcard(_, text) => write!(out, "text like {}", quoted(text)),
        }
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::True => "true",
            Self::False => "false",
            Self::Null => "null",
        })
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(out, "{}", quoted(text)),
            Self::Number(_, text) => out.write_str(text),
            Self::Constant(constant) => constant.fmt(out),
        }
    }
}

/// What the matchers want, as `"a" or "b"`.
pub(super) fn wanted(matchers: &[Matcher]) -> String {
    struct Or<'a>(&'a [Matcher]);
    impl fmt::Display for Or<'_> {
        fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            join(out, self.0, " or ")
        }
    }
    Or(matchers).to_string()
}

fn join(out: &mut fmt::Formatter<'_>, matchers: &[Matcher], between: &str) -> fmt::Result {
    for (index, matcher) in matchers.iter().enumerate() {
        if index > 0 {
            out.write_str(between)?;
        }
        write!(out, "{matcher}")?;
    }
    Ok(())
}

/// Text as JSON writes it, shortened: the text of an event can be long and hold control characters.
fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    serde_json::Value::String(shown).to_string()
}
