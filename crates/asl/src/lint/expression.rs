//! JSONata expressions: whether they can be parsed, and what they read.

use std::collections::BTreeSet;

use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use jsonata_core::parser::{self, ParserError};

use super::check::{Checker, Scope};
use super::place::Place;
use super::report::{Wording, aws_code};
use super::rule;
use crate::source::Node;

/// Whether a string is meant as an expression.
pub(super) fn is_meant(text: &str) -> bool {
    text.starts_with("{%")
}

impl Checker<'_, '_> {
    /// Checks a string that starts as an expression does.
    pub(super) fn expression(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        let Some(text) = node.as_str() else { return };
        let Some(source) = text.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}")) else {
            let wording = Wording::schema("JSONata string must start with {% and end with %}", place);
            return self.report.error(&rule::JSONATA, place, node.at, "the expression has no closing `%}`", wording);
        };
        match parser::parse(source) {
            Err(error) => {
                let words = match error {
                    ParserError::UnclosedString if is_open_regex(source) => OPEN_REGEX.to_owned(),
                    _ => words_of(&error.to_string()),
                };
                let message = format!("the expression cannot be parsed: {words}");
                let wording = Wording::known(aws_code::JSONATA, words, place);
                self.report.error(&rule::JSONATA, place, node.at, message, wording);
            }
            Ok(ast) => self.reads(&Reads::of(&ast), node, place, scope),
        }
    }

    fn reads(&mut self, reads: &Reads, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        for name in &reads.context {
            let (words, message) = match name.as_str() {
                "$$" => (
                    "Reference to '$$' is not supported.".to_owned(),
                    "`$$` reads nothing; the input is `$states.input`".to_owned(),
                ),
                _ => (
                    format!("Reference to '{name}' at the top level is not supported."),
                    format!("`{name}` reads nothing here; the input is `$states.input`, a variable is `$name`"),
                ),
            };
            let wording = Wording::known(aws_code::JSONATA_UNSUPPORTED, words, place);
            self.report.error(&rule::JSONATA, place, node.at, message, wording);
        }
        for field in &reads.states {
            match field.as_str() {
                "input" | "context" | "result" => {}
                "errorOutput" if scope.catching => {}
                "errorOutput" => {
                    let words = "Field '$states.errorOutput' does not exist.";
                    let wording = Wording::known(aws_code::JSONATA_UNSUPPORTED, words, place);
                    let message = "`$states.errorOutput` is there in a catcher only";
                    self.report.error(&rule::JSONATA, place, node.at, message, wording);
                }
                _ => {
                    let message = format!("`$states` has no field `{field}`");
                    self.report.warn(&rule::STATES_FIELD, place, node.at, message);
                }
            }
        }
        for variable in &reads.variables {
            self.note(variable, scope);
        }
    }
}

/// What an expression reads.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reads {
    /// Names at the top level, and `$` and `$$`: all of them read a context item, and Step Functions gives none.
    context: Vec<String>,
    /// The same, to list each once.
    known: BTreeSet<String>,
    /// Fields of `$states`.
    states: BTreeSet<String>,
    /// Variables that the expression does not bind itself.
    variables: BTreeSet<String>,
}

impl Reads {
    /// Walks a tree. Only the first step of a path reads the context item: later steps, predicates, sort terms and grouping
    /// read what the step before gives. A function's body reads the context item of the expression around it.
    fn of(ast: &AstNode) -> Reads {
        let mut reads = Reads::default();
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
                // `$name(…)` calls a function: workflow variables cannot hold one
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

/// What JSONata says of a regular expression without its closing slash; the parser takes it for a string.
const OPEN_REGEX: &str = "No terminating / in regular expression";

/// Whether what is left open in an expression is a regular expression: then a slash closes it, and nothing else is open.
fn is_open_regex(source: &str) -> bool {
    !matches!(parser::parse(&format!("{source}/")), Err(ParserError::UnclosedString))
}

/// The parser's message in JSONata's own words: without its code, tokens written as in an expression.
fn words_of(message: &str) -> String {
    let words = match message.split_once(": ") {
        Some((code, words)) if code.len() == 5 && code.starts_with(['S', 'D', 'T', 'U']) => words,
        _ => message,
    };
    TOKENS.iter().fold(words.to_owned(), |words, (token, symbol)| replace_word(&words, token, symbol))
}

/// The parser's names of tokens, which its messages hold where JSONata's hold the symbols.
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
