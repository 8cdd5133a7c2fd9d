use std::fmt;
use std::sync::Arc;

use jsonata_core::ast::{AstNode, BinaryOp};
use jsonata_core::parser;
use jsonata_core::value::with_stack;

use super::bound::bound;
use super::quick::Quick;
use super::steps;
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
        let mut ast = parser::parse(source).map_err(|failure| error(failure.display_message()))?;
        if let Some(symbol) = later_operator(&mut ast) {
            return Err(error(format!("S0211: The symbol \"{symbol}\" cannot be used as a unary operator")));
        }
        let quick = Quick::of(&ast);
        let mut written = ast.clone();
        let nesting = depth(&mut ast, false);
        let nesting_with_bodies = depth(&mut ast, true);
        let bounded = bound(&mut ast);
        let added_nesting = depth(&mut ast, true).saturating_sub(nesting_with_bodies);
        let counted = steps::count(&mut ast);
        steps::count(&mut written);
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

/// The symbol at which JSONata 2.0.6, that of Step Functions, stops in an expression with an operator that came with 2.1:
/// the second of `??` or `?:`, which it reads as the operator `?` without an operand.
fn later_operator(node: &mut AstNode) -> Option<char> {
    let mut found = match node {
        AstNode::Binary { op: BinaryOp::Coalesce, .. } => Some('?'),
        AstNode::Binary { op: BinaryOp::Default, .. } => Some(':'),
        _ => None,
    };
    with_stack(|| for_each_child(node, &mut |child| found = found.or_else(|| later_operator(child))));
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
            let name: String = part
                .strip_prefix('.')
                .unwrap_or_default()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
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
