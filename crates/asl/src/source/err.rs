//! What is wrong with a text that cannot be read.

use super::{MAX_BYTES, MAX_DEPTH, Position, YamlError};

/// Why a text cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error} at line {}, column {}", position.line, position.column)]
pub struct SourceError {
    /// What is wrong.
    pub error: SyntaxError,
    /// The byte offset at which it is wrong.
    pub at: usize,
    /// The same place as line and column.
    pub position: Position,
}

/// What can be wrong with a text. `expected` says in words what could have stood there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// Nothing but white space.
    #[error("the text is empty")]
    Empty,
    /// A character that cannot stand there.
    #[error("unexpected `{found}`, expected {expected}")]
    Unexpected {
        /// The character.
        found: char,
        /// What could have stood there.
        expected: Expected,
    },
    /// A bare word that is not `true`, `false` or `null`.
    #[error("unknown word `{word}`, expected a value")]
    Word {
        /// The word, at most 256 characters of it.
        word: String,
    },
    /// The text ends in the middle.
    #[error("the text ends too early, expected {expected}")]
    End {
        /// What should have followed.
        expected: Expected,
        /// Where the innermost open object or array starts, as byte offset.
        open: Option<usize>,
    },
    /// A control character within a string must be written as an escape.
    #[error("control character U+{code:04X} in a string must be written as an escape")]
    Control {
        /// The character's code.
        code: u32,
    },
    /// An escape that JSON does not know.
    #[error("unknown escape `\\{found}` in a string")]
    Escape {
        /// What follows the backslash.
        found: char,
    },
    /// `\u` without four hexadecimal digits, or half of a surrogate pair.
    #[error("invalid `\\u` escape in a string")]
    Unicode,
    /// A number written as JSON does not allow it, such as `01` or `1.`.
    #[error("invalid number `{literal}`")]
    Number {
        /// The number as written, at most 64 characters of it.
        literal: String,
    },
    /// A number too large for a 64-bit float.
    #[error("number `{literal}` is too large")]
    NumberRange {
        /// The number as written, at most 64 characters of it.
        literal: String,
    },
    /// Something follows the value.
    #[error("unexpected text after the end of the value")]
    Trailing,
    /// Objects and arrays nested too deeply.
    #[error("nested deeper than {MAX_DEPTH} levels")]
    Depth,
    /// A text too long.
    #[error("the text is longer than {MAX_BYTES} bytes")]
    Size,
    /// What only YAML has.
    #[error(transparent)]
    Yaml(#[from] YamlError),
}

/// What could have stood in the place of an unexpected character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Any value.
    Value,
    /// A property name in double quotes.
    Name,
    /// The colon after a property name.
    Colon,
    /// A comma or the end of an object.
    ObjectNext,
    /// A comma or the end of an array.
    ArrayNext,
    /// The closing quote of a string.
    Quote,
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Expected::Value => "a value",
            Expected::Name => "a property name in double quotes",
            Expected::Colon => "`:`",
            Expected::ObjectNext => "`,` or `}`",
            Expected::ArrayNext => "`,` or `]`",
            Expected::Quote => "the closing `\"` of a string",
        })
    }
}
