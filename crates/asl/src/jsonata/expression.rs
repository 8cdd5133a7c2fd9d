use std::fmt;
use std::sync::Arc;

use jsonata_core::ast::{AstNode, BinaryOp};
use jsonata_core::parser::{self, ParserError};
use jsonata_core::value::with_stack;

use super::blame::Calls;
use super::bound::bound;
use super::library::adapt;
use super::quick::Quick;
use super::steps;
use super::text;
use super::tree::{depth, for_each_child};

/// A parsed expression. It knows which names it mentions, so that only those are bound when it is evaluated.
#[derive(Clone)]
pub struct Expression {
    source: String,
    /// The tree, in which calls of functions that may make large values are bounded.
    pub(super) ast: Arc<AstNode>,
    /// The tree as it was written, for when a variable has the name of such a function.
    pub(super) written: Option<Arc<AstNode>>,
    /// Levels that its evaluation nests as it is written, without those that functions add by calling each other.
    pub(super) nesting: usize,
    /// Levels that the functions that bound values add to it.
    pub(super) added_nesting: usize,
    /// Whether the tree calls the functions that bound values.
    pub(super) bounded: bool,
    /// Whether the trees call the functions that count steps.
    pub(super) counted: bool,
    /// The same, where no interpreter is needed.
    pub(super) quick: Option<Quick>,
    pub(super) names: Vec<String>,
    pub(super) states: StatesUse,
}

/// Why a text is not an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{source_text}` is not a JSONata expression: {reason}")]
pub struct ExpressionError {
    /// The text.
    pub source_text: String,
    /// What the parser says.
    pub reason: String,
}

/// Which fields of `$states` an expression may use.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct StatesUse {
    pub(super) input: bool,
    pub(super) result: bool,
    pub(super) error_output: bool,
    pub(super) context: bool,
}

/// Longer expressions are refused: the parser's memory grows with the text.
const MAX_LENGTH: usize = 262_144;

impl Expression {
    /// The expression inside of `{% … %}`; `None` when the text is not of that form.
    #[must_use]
    pub fn delimited(text: &str) -> Option<&str> {
        text.strip_prefix("{%")?.strip_suffix("%}").map(str::trim)
    }

    /// Reads an expression, without delimiters.
    ///
    /// # Errors
    /// When the text is not JSONata.
    pub fn parse(source: &str) -> Result<Expression, ExpressionError> {
        let error = |reason: String| ExpressionError { source_text: source.to_owned(), reason };
        if source.len() > MAX_LENGTH {
            return Err(error("it is too long".to_owned()));
        }
        let mut ast = parser::parse(source).map_err(|failure| error(text::of(&failure.display_message())))?;
        if let Some(reason) = refusal(&mut ast) {
            return Err(error(reason));
        }
        let quick = Quick::of(&ast);
        let nesting = depth(&mut ast, false);
        let nesting_with_bodies = depth(&mut ast, true);
        adapt(&mut ast);
        let mut written = ast.clone();
        let bounded = bound(&mut ast);
        let counted = steps::count(&mut ast);
        steps::count(&mut written);
        let added_nesting = depth(&mut ast, true).saturating_sub(nesting_with_bodies);
        Ok(Expression {
            source: source.to_owned(),
            ast: Arc::new(ast),
            written: bounded.then(|| Arc::new(written)),
            nesting,
            added_nesting,
            bounded,
            counted,
            quick,
            names: mentioned_names(source),
            states: StatesUse::of(source),
        })
    }

    /// The tree with calls that note their arguments.
    pub(super) fn noting(&self) -> Result<(AstNode, Calls), ParserError> {
        let mut ast = parser::parse(&self.source)?;
        let calls = Calls::note(&mut ast);
        adapt(&mut ast);
        bound(&mut ast);
        steps::count(&mut ast);
        Ok((ast, calls))
    }

    /// The text, without delimiters.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names that follow a `$` in the text: all variables and functions it refers to, and perhaps some it only quotes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.source).finish()
    }
}

/// What JSONata 2.0.6, that of Step Functions, says of an expression that later versions or `jsonata-core` accept.
fn refusal(node: &mut AstNode) -> Option<String> {
    let unary = |symbol: char| Some(format!("S0211: The symbol \"{symbol}\" cannot be used as a unary operator"));
    let mut found = match node {
        // It reads the second sign as an operator without its left side.
        AstNode::Binary { op: BinaryOp::Coalesce, .. } => unary('?'),
        AstNode::Binary { op: BinaryOp::Default, .. } => unary(':'),
        AstNode::Binary { op: BinaryOp::Range, .. } => Some("S0201: Syntax error: \"..\"".to_owned()),
        AstNode::Regex { pattern, .. } if pattern.is_empty() => {
            Some("S0301: Empty regular expressions are not allowed".to_owned())
        }
        AstNode::Regex { flags, .. } => {
            let unknown = flags.trim_start_matches(['i', 'm']);
            (!unknown.is_empty()).then(|| format!("S0201: Syntax error: \"{unknown}\""))
        }
        _ => None,
    };
    with_stack(|| {
        let in_array = matches!(node, AstNode::Array(_) | AstNode::ArrayGroup(_));
        for_each_child(node, &mut |child| {
            let AstNode::Binary { op: BinaryOp::Range, lhs, rhs } = child else {
                found = found.take().or_else(|| refusal(child));
                return;
            };
            // A range stands in an array only.
            if in_array {
                found = found.take().or_else(|| refusal(lhs)).or_else(|| refusal(rhs));
            } else {
                found = found.take().or_else(|| refusal(child));
            }
        });
    });
    found
}

fn mentioned_names(source: &str) -> Vec<String> {
    let mut names: Vec<String> = source
        .split('$')
        .skip(1)
        .map(|part| part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .filter(|name: &String| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl StatesUse {
    /// Reads which fields follow `$states`; all of them where anything else follows it.
    fn of(source: &str) -> StatesUse {
        let mut used = StatesUse::default();
        for part in source.split("$states").skip(1) {
            if part.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let field = part.strip_prefix('.').unwrap_or("");
            let name: String = field.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            match name.as_str() {
                "input" => used.input = true,
                "result" => used.result = true,
                "errorOutput" => used.error_output = true,
                "context" => used.context = true,
                _ => return StatesUse { input: true, result: true, error_output: true, context: true },
            }
        }
        used
    }
}
