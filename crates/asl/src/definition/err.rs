use std::fmt;

/// Why a definition cannot be run: at least one problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// The problems, in the order of the text.
    pub problems: Vec<ParseProblem>,
}

/// A problem of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseProblem {
    /// The line in the text, from 1; 0 of an internal error.
    pub line: usize,
    /// The column in characters, from 1; 0 of an internal error.
    pub column: usize,
    /// The location in the definition, such as `/States/X/Next`; empty or `/` for the definition itself.
    pub path: String,
    /// What is wrong: lower case, without a full stop.
    pub message: String,
}

impl fmt::Display for ParseProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}:{}: ", self.line, self.column)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ParseError {}
