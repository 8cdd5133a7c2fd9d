//! The messages of Step Functions for a text that is not JSON: those of Jackson, the library that it parses JSON with.

use super::report::{Diagnostic, aws_code};
use crate::source::{Expected, SourceError, SyntaxError};

/// How much of the text Jackson quotes.
const QUOTED: usize = 500;

/// The diagnostic for an error; `None` where Jackson accepts the text, or its message is not known.
pub(super) fn diagnostic(text: &str, error: &SourceError) -> Option<Diagnostic> {
    let value = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    // Jackson reports the location after the character or word that is wrong
    let (message, read) = match &error.error {
        SyntaxError::Word { word } => {
            (format!("Unrecognized token '{word}': was expecting {value}"), word.chars().count())
        }
        SyntaxError::Unexpected { found, expected } => {
            let wanted = match expected {
                Expected::Value => format!("expected a valid value {value}"),
                Expected::Name => "was expecting double-quote to start field name".to_owned(),
                Expected::Colon => "was expecting a colon to separate field name and value".to_owned(),
                Expected::ObjectNext => "was expecting comma to separate Object entries".to_owned(),
                Expected::ArrayNext => "was expecting comma to separate Array entries".to_owned(),
                Expected::Quote => return None,
            };
            (format!("Unexpected character ({}): {wanted}", character(*found)), 1)
        }
        SyntaxError::Control { code } => {
            let advice = "has to be escaped using backslash to be included in string value";
            (format!("Illegal unquoted character ((CTRL-CHAR, code {code})): {advice}"), 1)
        }
        _ => return None,
    };
    let location = location(text, error.position.line, error.position.column + read);
    let message = format!("{message}\n at {location}");
    Some(Diagnostic { code: aws_code::JSON, location: Some(location), message })
}

fn character(found: char) -> String {
    let code = u32::from(found);
    if code < 0x20 { format!("(CTRL-CHAR, code {code})") } else { format!("'{found}' (code {code})") }
}

fn location(text: &str, line: usize, column: usize) -> String {
    let length = text.chars().count();
    let quoted: String = text.chars().take(QUOTED).collect();
    let rest = if length > QUOTED { format!("[truncated {} chars]", length - QUOTED) } else { String::new() };
    format!("[Source: (String)\"{quoted}\"{rest}; line: {line}, column: {column}]")
}
