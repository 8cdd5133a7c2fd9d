//! JSONata expressions: syntax, and the names that they refer to.

use std::collections::BTreeSet;

use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use jsonata_core::parser::{self, ParserError};

use super::check::{Checker, Scope};
use super::location::Location;
use super::report::{AwsError, aws_code};
use super::rule;
use crate::source::Node;

/// Whether a string is meant as an expression: it starts with `{%`.
pub(super) fn is_meant(text: &str) -> bool {
    text.starts_with("{%")
}

impl Checker<'_, '_> {
    /// Checks a string that starts with `{%`.
    pub(super) fn expression(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        let Some(text) = self.string(node, location) else { return };
        let Some(source) = text.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}")) else {
            let aws_error = AwsError::schema("JSONata string must start with {% and end with %}", location);
            return self.report.error(
                &rule::JSONATA,
                location,
                node.at,
                "the expression has no closing `%}`",
                aws_error,
            );
        };
        match parser::parse(source) {
            Err(error) => {
                let words = match error {
                    ParserError::UnclosedString if is_open_regex(source) => OPEN_REGEX.to_owned(),
                    _ => words_of(&error.to_string()),
                };
                let message = format!("the expression cannot be parsed: {words}");
                let aws_error = AwsError::known(aws_code::JSONATA, words, location);
                self.report.error(&rule::JSONATA, location, node.at, message, aws_error);
            }
            Ok(ast) => self.reads(&References::of(&ast), node, location, scope),
        }
    }

    fn reads(&mut self, reads: &References, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        for name in &reads.context {
            let (words, message) = match name.as_str() {
                "$$" => (
                    "Reference to '$$' is not supported.".to_owned(),
                    "`$$` is undefined in Step Functions; the input is `$states.input`".to_owned(),
                ),
                _ => (
                    format!("Reference to '{name}' at the top level is not supported."),
                    format!("`{name}` is undefined here; the input is `$states.input`, and a variable is `$name`"),
                ),
            };
            let aws_error = AwsError::known(aws_code::JSONATA_UNSUPPORTED, words, location);
            self.report.error(&rule::JSONATA, location, node.at, message, aws_error);
        }
        for field in &reads.states {
            match field.as_str() {
                "input" | "context" | "result" => {}
                "errorOutput" if scope.catching => {}
                "errorOutput" => {
                    let words = "Field '$states.errorOutput' does not exist.";
                    let aws_error = AwsError::known(aws_code::JSONATA_UNSUPPORTED, words, location);
                    let message = "`$states.errorOutput` exists in `Catch` only";
                    self.report.error(&rule::JSONATA, location, node.at, message, aws_error);
                }
                _ => {
                    let message = format!("`$states` has no field `{field}`");
                    self.report.warn(&rule::STATES_FIELD, location, node.at, message);
                }
            }
        }
        for variable in &reads.variables {
            self.note(variable, scope);
        }
    }
}

/// The names that an expression refers to.
#[derive(Debug, Default, PartialEq, Eq)]
struct References {
    /// Names at the top level, and `$` and `$$`. All of them refer to the context item, which Step Functions does not set.
    context: Vec<String>,
    /// The same names, to list each once.
    known: BTreeSet<String>,
    /// Fields of `$states`.
    states: BTreeSet<String>,
    /// Variables that the expression does not assign itself.
    variables: BTreeSet<String>,
}

impl References {
    /// Walks a syntax tree. Only the first step of a path refers to the context item: later steps, predicates, sort terms and
    /// grouping refer to the result of the step before. The body of a function refers to the context item around it.
    fn of(ast: &AstNode) -> References {
        let mut reads = References::default();
        let mut bound = BTreeSet::new();
        let mut open = vec![(ast, true)];
        while let Some((node, top)) = open.pop() {
            let mut next = Vec::new();
            reads.visit(node, top, &mut bound, &mut next);
            open.extend(next.into_iter().rev());
        }
        reads.variables.retain(|name| !bound.contains(name));
        reads
    }

    fn visit<'a>(
        &mut self,
        node: &'a AstNode,
        top: bool,
        bound: &mut BTreeSet<String>,
        next: &mut Vec<(&'a AstNode, bool)>,
    ) {
        match node {
            AstNode::Name(name) if top => self.context(name),
            AstNode::Variable(name) if name.is_empty() && top => self.context("$"),
            AstNode::Variable(name) if name.is_empty() => {}
            AstNode::Variable(name) if name == "$" => self.context("$$"),
            AstNode::ParentVariable(_) => self.context("$$"),
            AstNode::Variable(name) if name != "states" => {
                self.variables.insert(name.clone());
            }
            AstNode::Path { steps } => self.steps(steps, top, bound, next),
            AstNode::Binary { op: BinaryOp::ColonEqual, lhs, rhs } => {
                if let AstNode::Variable(name) = lhs.as_ref() {
                    bound.insert(name.clone());
                }
                next.push((rhs, top));
            }
            AstNode::Binary { op: BinaryOp::FocusBind | BinaryOp::IndexBind, lhs, rhs } => {
                if let AstNode::Variable(name) = rhs.as_ref() {
                    bound.insert(name.clone());
                }
                next.push((lhs, top));
            }
            AstNode::Binary { lhs, rhs, .. } => next.extend([(lhs.as_ref(), top), (rhs.as_ref(), top)]),
            AstNode::Unary { operand, .. } => next.push((operand, top)),
            AstNode::Function { name, args, is_builtin } => {
                // `$name(…)` calls a function, and a workflow variable cannot be one
                if top && !is_builtin {
                    self.context(name);
                }
                next.extend(args.iter().map(|argument| (argument, top)));
            }
            AstNode::Call { procedure, args } => {
                next.push((procedure, top));
                next.extend(args.iter().map(|argument| (argument, top)));
            }
            AstNode::Lambda { params, body, .. } => {
                bound.extend(params.iter().cloned());
                next.push((body, top));
            }
            AstNode::Array(items) | AstNode::Block(items) => next.extend(items.iter().map(|item| (item, top))),
            AstNode::ArrayGroup(items) => next.extend(items.iter().map(|item| (item, false))),
            AstNode::Object(pairs) => next.extend(pairs.iter().flat_map(|(name, value)| [(name, top), (value, top)])),
            AstNode::ObjectTransform { input, pattern } => {
                next.push((input, top));
                next.extend(pattern.iter().flat_map(|(name, value)| [(name, false), (value, false)]));
            }
            AstNode::Conditional { condition, then_branch, else_branch } => {
                next.extend([(condition.as_ref(), top), (then_branch.as_ref(), top)]);
                next.extend(else_branch.as_deref().map(|branch| (branch, top)));
            }
            AstNode::FunctionApplication(inner) => next.push((inner, false)),
            AstNode::Sort { input, terms } => {
                next.push((input, top));
                next.extend(terms.iter().map(|(term, _)| (term, false)));
            }
            AstNode::Transform { location, update, delete } => {
                next.extend([(location.as_ref(), false), (update.as_ref(), false)]);
                next.extend(delete.as_deref().map(|delete| (delete, false)));
            }
            _ => {}
        }
    }

    fn steps<'a>(
        &mut self,
        steps: &'a [PathStep],
        top: bool,
        bound: &mut BTreeSet<String>,
        next: &mut Vec<(&'a AstNode, bool)>,
    ) {
        if let [first, second, ..] = steps
            && let (AstNode::Variable(variable), AstNode::Name(field)) = (&first.node, &second.node)
            && variable == "states"
        {
            self.states.insert(field.clone());
        }
        for (index, step) in steps.iter().enumerate() {
            bound.extend(step.focus.iter().chain(&step.index_var).cloned());
            next.push((&step.node, top && index == 0));
            for stage in &step.stages {
                match stage {
                    Stage::Filter(filter) => next.push((filter, false)),
                    Stage::Index(variable) => {
                        bound.insert(variable.clone());
                    }
                    Stage::KeepArray => {}
                }
            }
        }
    }

    fn context(&mut self, name: &str) {
        if self.known.insert(name.to_owned()) {
            self.context.push(name.to_owned());
        }
    }
}

/// JSONata's message for a regular expression without a closing slash, which the parser takes for a string.
const OPEN_REGEX: &str = "No terminating / in regular expression";

/// Whether the unclosed part of an expression is a regular expression: a slash at the end closes it.
fn is_open_regex(source: &str) -> bool {
    !matches!(parser::parse(&format!("{source}/")), Err(ParserError::UnclosedString))
}

/// The parser's message as JSONata writes it: without the error code, and with symbols for the names of tokens.
fn words_of(message: &str) -> String {
    let words = match message.split_once(": ") {
        Some((code, words)) if code.len() == 5 && code.starts_with(['S', 'D', 'T', 'U']) => words,
        _ => message,
    };
    TOKENS.iter().fold(words.to_owned(), |words, (token, symbol)| replace_word(&words, token, symbol))
}

/// The parser's names of tokens, and the symbols that JSONata has in its messages.
static TOKENS: &[(&str, &str)] = &[
    ("LeftParen", "\"(\""),
    ("RightParen", "\")\""),
    ("LeftBracket", "\"[\""),
    ("RightBracket", "\"]\""),
    ("LeftBrace", "\"{\""),
    ("RightBrace", "\"}\""),
    ("Comma", "\",\""),
    ("Colon", "\":\""),
    ("Semicolon", "\";\""),
    ("Dot", "\".\""),
    ("Plus", "\"+\""),
    ("Minus", "\"-\""),
    ("Star", "\"*\""),
    ("Slash", "\"/\""),
    ("Percent", "\"%\""),
    ("Equal", "\"=\""),
    ("NotEqual", "\"!=\""),
    ("LessThan", "\"<\""),
    ("LessThanOrEqual", "\"<=\""),
    ("GreaterThan", "\">\""),
    ("GreaterThanOrEqual", "\">=\""),
    ("Ampersand", "\"&\""),
    ("ColonEqual", "\":=\""),
    ("Question", "\"?\""),
    ("Pipe", "\"|\""),
    ("Caret", "\"^\""),
    ("Hash", "\"#\""),
    ("At", "\"@\""),
    ("StarStar", "\"**\""),
    ("DotDot", "\"..\""),
    ("QuestionQuestion", "\"??\""),
    ("QuestionColon", "\"?:\""),
    ("TildeArrow", "\"~>\""),
    ("And", "\"and\""),
    ("Or", "\"or\""),
    ("In", "\"in\""),
    ("True", "true"),
    ("False", "false"),
    ("Null", "null"),
];

/// Replaces a word where it stands alone.
fn replace_word(text: &str, word: &str, by: &str) -> String {
    text.split(' ')
        .map(|part| {
            let (bare, comma) = part.strip_suffix(',').map_or((part, ""), |bare| (bare, ","));
            if bare == word { format!("{by}{comma}") } else { part.to_owned() }
        })
        .collect::<Vec<_>>()
        .join(" ")
}
