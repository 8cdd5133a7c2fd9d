//! From a text to a definition. Whatever the engine does not support is a problem with its location; all are collected.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map as Object, Value};

use super::err::{ParseError, ParseProblem};
use super::fields::{
    Assign, CatchFlow, DataPath, Flow, JsonPathFlow, JsonataFlow, Number, QueryLanguage, ResultPath, TextField,
};
use super::machine::{Definition, Machine, MachineId, StateId};
use super::state::Next;
use super::states;
use crate::jsonata::{Expression, JsonataTemplate};
use crate::lint::{self, Lint, Options, Stage};
use crate::path::{Path, Query, ReferencePath, Template};
use crate::source::{self, Document, Node};

/// How deeply machines may be nested. The work of the engine grows with the depth.
const MAX_NESTING: usize = 32;

pub(super) fn definition(text: &str) -> Result<Definition, ParseError> {
    let options = Options { stage: Stage::Substituted, ..Options::default() };
    let refusal = |lint: &Lint| ParseError { problems: lint.errors().map(ParseProblem::from).collect() };
    let document = source::read(text, options.stage).map_err(|error| refusal(&lint::refused(text, &error)))?;
    let lint = lint::lint_document(text, &document, options);
    if !lint.is_valid() {
        return Err(refusal(&lint));
    }
    read(&document.to_value()).map_err(|mut error| {
        for problem in &mut error.problems {
            set_position(problem, &document);
        }
        error
    })
}

fn set_position<'d, 't>(problem: &mut ParseProblem, document: &'d Document<'t>) -> &'d Node<'t> {
    let node = find(document.root(), &problem.path);
    let position = document.position(node.at);
    (problem.line, problem.column) = (position.line, position.column);
    node
}

fn read(value: &Value) -> Result<Definition, ParseError> {
    let mut parser = Parser {
        problems: Vec::new(),
        states: Vec::new(),
        machines: Vec::new(),
        plain_paths: Flow::JsonPath(Arc::default()),
        plain_expressions: Flow::Jsonata(Arc::default()),
    };
    let location = Location { path: String::new(), language: QueryLanguage::JsonPath };
    let Value::Object(root) = value else {
        parser.problem(&location, "a definition must be an object");
        return Err(ParseError { problems: parser.problems });
    };
    let language = parser.query_language(root, &location);
    let location = Location { language, ..location };
    let timeout_seconds = parser.number(root, "TimeoutSeconds", None, &location);
    parser.machine(root, &location, 0);
    if !parser.problems.is_empty() {
        return Err(ParseError { problems: parser.problems });
    }
    let states = parser.states.into_iter().collect::<Option<Vec<_>>>();
    let machines = parser.machines.into_iter().collect::<Option<Vec<_>>>();
    let (Some(mut states), Some(machines)) = (states, machines) else {
        // whoever leaves one out adds a problem
        let message = "internal error: a state or a machine was not read, without a problem".to_owned();
        return Err(ParseError { problems: vec![ParseProblem { line: 0, column: 0, path: String::new(), message }] });
    };
    Definition::number_edges(&mut states);
    let comment = root.get("Comment").and_then(Value::as_str).map(str::to_owned);
    Ok(Definition { comment, query_language: language, timeout_seconds, states, machines })
}

/// What the engine does not support of a definition that the linter accepts. Where a placeholder decides what a value is,
/// nothing is reported.
pub(crate) fn unsupported(document: &Document<'_>, stage: Stage) -> Vec<ParseProblem> {
    let Err(ParseError { mut problems }) = read(&document.to_value()) else { return Vec::new() };
    if stage != Stage::Authored {
        problems.iter_mut().for_each(|problem| _ = set_position(problem, document));
        return problems;
    }
    if problems.iter().any(|problem| problem.path.ends_with("/QueryLanguage")) {
        // a placeholder, as the linter accepts no other value; all that depends on the query language stays open
        return Vec::new();
    }
    problems.retain_mut(|problem| !is_open(set_position(problem, document), &problem.path));
    problems
}

/// Fields whose value is data of any depth; their problems are reported for the whole value.
const DATA_FIELDS: [&str; 8] =
    ["Parameters", "ResultSelector", "ItemSelector", "Credentials", "Arguments", "Output", "Items", "Assign"];

/// Whether a placeholder decides about a problem of the value at a path.
fn is_open(node: &Node<'_>, path: &str) -> bool {
    if matches!(path.rsplit('/').next(), Some("StartAt" | "Next" | "Default")) {
        // the linter has checked the targets, and accepts others only where the name of a state has a placeholder
        return true;
    }
    let is_data = path.split('/').any(|field| DATA_FIELDS.contains(&field));
    let within = |node: &Node<'_>| is_data && is_open(node, path);
    match &node.value {
        source::Value::Placeholder(_) => true,
        source::Value::String(text) => source::has_placeholder(text),
        source::Value::Array(items) => items.iter().any(within),
        source::Value::Object(object) => object.members().iter().any(|member| {
            let end = member.name == "End" && matches!(member.value.value, source::Value::Placeholder(_));
            end || source::has_placeholder(&member.name) || within(&member.value)
        }),
        source::Value::Null | source::Value::Bool(_) | source::Value::Number(_) => false,
    }
}

/// The value at a path, or the last value on the way to it that exists. A name can contain any character, `/` too, so that
/// the longest name that fits is followed.
fn find<'n, 't>(root: &'n Node<'t>, path: &str) -> &'n Node<'t> {
    let (mut node, mut rest) = (root, path);
    loop {
        let next = match &node.value {
            source::Value::Object(object) => {
                let after = |name: &str| {
                    rest.strip_prefix('/')?
                        .strip_prefix(name)
                        .filter(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
                };
                let fitting = object.effective().filter_map(|member| Some((after(&member.name)?, &member.value)));
                fitting.min_by_key(|(rest, _)| rest.len())
            }
            source::Value::Array(items) => rest.strip_prefix('[').and_then(|rest| {
                let (index, rest) = rest.split_once(']')?;
                Some((rest, items.get(index.parse::<usize>().ok()?)?))
            }),
            _ => None,
        };
        match next {
            Some((after, child)) => (node, rest) = (child, after),
            None => return node,
        }
    }
}

impl From<&lint::Problem> for ParseProblem {
    fn from(problem: &lint::Problem) -> ParseProblem {
        ParseProblem {
            line: problem.line,
            column: problem.column,
            path: problem.path.clone(),
            message: problem.message.clone(),
        }
    }
}

/// The location of a value, and the query language there.
#[derive(Clone)]
pub(super) struct Location {
    pub(super) path: String,
    pub(super) language: QueryLanguage,
}

impl Location {
    pub(super) fn field(&self, name: &str) -> Location {
        Location { path: format!("{}/{name}", self.path), language: self.language }
    }

    pub(super) fn item(&self, index: usize) -> Location {
        Location { path: format!("{}[{index}]", self.path), language: self.language }
    }
}

pub(super) struct Parser {
    problems: Vec<ParseProblem>,
    /// By id; nothing while a state is being read.
    states: Vec<Option<super::State>>,
    /// By id; nothing while a machine is being read.
    machines: Vec<Option<Machine>>,
    /// The flows of states without data fields, which share them: a small state is fast to enter.
    plain_paths: Flow,
    plain_expressions: Flow,
}

/// The states of one machine, by name.
pub(super) type Names = HashMap<String, StateId>;

impl Parser {
    pub(super) fn problem(&mut self, location: &Location, message: impl Into<String>) {
        self.problems.push(ParseProblem { line: 0, column: 0, path: location.path.clone(), message: message.into() });
    }

    pub(super) fn query_language(&mut self, map: &Object<String, Value>, location: &Location) -> QueryLanguage {
        match map.get("QueryLanguage").map(Value::as_str) {
            None => location.language,
            Some(Some("JSONPath")) => QueryLanguage::JsonPath,
            Some(Some("JSONata")) => QueryLanguage::Jsonata,
            Some(_) => {
                self.problem(&location.field("QueryLanguage"), "the query language must be `JSONPath` or `JSONata`");
                location.language
            }
        }
    }

    /// Reads a machine and the machines within it.
    pub(super) fn machine(&mut self, map: &Object<String, Value>, location: &Location, depth: usize) -> MachineId {
        let id = MachineId(self.machines.len());
        self.machines.push(None);
        if depth > MAX_NESTING {
            self.problem(location, "state machines are nested too deeply");
            return id;
        }
        let states_location = location.field("States");
        let Some(Value::Object(states)) = map.get("States") else {
            self.problem(&states_location, "a state machine needs `States`");
            return id;
        };
        let mut names = Names::new();
        for name in states.keys() {
            names.insert(name.clone(), StateId(self.states.len()));
            self.states.push(None);
        }
        match map.get("StartAt").and_then(Value::as_str).and_then(|name| names.get(name)) {
            Some(start) => {
                if let Some(slot) = self.machines.get_mut(id.0) {
                    *slot = Some(Machine { start: *start });
                }
            }
            None => self.problem(&location.field("StartAt"), "there is no state with this name in the state machine"),
        }
        for (name, value) in states {
            let location = states_location.field(name);
            let Value::Object(fields) = value else {
                self.problem(&location, "a state must be an object");
                continue;
            };
            let state = states::state(self, name, fields, &location, &names, depth);
            if let (Some(state), Some(StateId(at))) = (state, names.get(name))
                && let Some(slot) = self.states.get_mut(*at)
            {
                *slot = Some(state);
            }
        }
        id
    }

    pub(super) fn target(
        &mut self,
        map: &Object<String, Value>,
        field: &str,
        location: &Location,
        names: &Names,
    ) -> Option<StateId> {
        let name = map.get(field)?;
        let found = name.as_str().and_then(|name| names.get(name)).copied();
        if found.is_none() {
            self.problem(&location.field(field), "there is no state with this name in the state machine");
        }
        found
    }

    pub(super) fn next(&mut self, map: &Object<String, Value>, location: &Location, names: &Names) -> Next {
        if map.get("End") == Some(&Value::Bool(true)) {
            return Next::End;
        }
        match map.get("Next") {
            Some(_) => self.target(map, "Next", location, names).map_or(Next::End, Next::State),
            None => {
                self.problem(location, "a state needs `Next` or `End`");
                Next::End
            }
        }
    }

    pub(super) fn text<'a>(
        &mut self,
        map: &'a Object<String, Value>,
        field: &str,
        location: &Location,
    ) -> Option<&'a str> {
        let value = map.get(field)?;
        let text = value.as_str();
        if text.is_none() {
            self.problem(&location.field(field), "expected a string");
        }
        text
    }

    pub(super) fn object<'a>(
        &mut self,
        map: &'a Object<String, Value>,
        field: &str,
        location: &Location,
    ) -> Option<&'a Object<String, Value>> {
        let value = map.get(field)?;
        let object = value.as_object();
        if object.is_none() {
            self.problem(&location.field(field), "expected an object");
        }
        object
    }

    pub(super) fn list<'a>(&mut self, map: &'a Object<String, Value>, field: &str, location: &Location) -> &'a [Value] {
        match map.get(field) {
            None => &[],
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.problem(&location.field(field), "expected an array");
                &[]
            }
        }
    }

    pub(super) fn path(&mut self, map: &Object<String, Value>, field: &str, location: &Location) -> Option<Path> {
        let text = self.text(map, field, location)?;
        Path::parse(text).map_err(|failure| self.problem(&location.field(field), failure.to_string())).ok()
    }

    pub(super) fn query(&mut self, map: &Object<String, Value>, field: &str, location: &Location) -> Option<Query> {
        let text = self.text(map, field, location)?;
        Query::parse(text).map_err(|failure| self.problem(&location.field(field), failure.to_string())).ok()
    }

    pub(super) fn expression(&mut self, source: &str, location: &Location) -> Option<Expression> {
        Expression::parse(source).map_err(|failure| self.problem(location, failure.to_string())).ok()
    }

    /// A number, given as such, as an expression, or by a path in another field.
    pub(super) fn number(
        &mut self,
        map: &Object<String, Value>,
        field: &str,
        path_field: Option<&str>,
        location: &Location,
    ) -> Option<Number> {
        if let Some(path_field) = path_field.filter(|name| map.contains_key(*name)) {
            return self.path(map, path_field, location).map(Number::Path);
        }
        match map.get(field)? {
            Value::Number(number) => Some(Number::Given(number.clone())),
            Value::String(text) if location.language == QueryLanguage::Jsonata => match Expression::delimited(text) {
                Some(source) => self.expression(source, &location.field(field)).map(Number::Computed),
                None => {
                    self.problem(&location.field(field), "expected a number or an expression");
                    None
                }
            },
            _ => {
                self.problem(&location.field(field), "expected a number");
                None
            }
        }
    }

    /// A text, given as such, as an expression, or by a path in another field.
    pub(super) fn text_field(
        &mut self,
        map: &Object<String, Value>,
        field: &str,
        path_field: &str,
        location: &Location,
    ) -> Option<TextField> {
        if map.contains_key(path_field) {
            return self.query(map, path_field, location).map(TextField::Query);
        }
        let text = self.text(map, field, location)?;
        match Expression::delimited(text).filter(|_| location.language == QueryLanguage::Jsonata) {
            Some(source) => self.expression(source, &location.field(field)).map(TextField::Computed),
            None => Some(TextField::Given(Arc::from(text))),
        }
    }

    pub(super) fn template(
        &mut self,
        map: &Object<String, Value>,
        field: &str,
        location: &Location,
    ) -> Option<Template> {
        Template::parse(map.get(field)?)
            .map_err(|failure| self.problem(&location.field(field), failure.to_string()))
            .ok()
    }

    pub(super) fn jsonata(
        &mut self,
        map: &Object<String, Value>,
        field: &str,
        location: &Location,
    ) -> Option<JsonataTemplate> {
        JsonataTemplate::parse(map.get(field)?)
            .map_err(|failure| self.problem(&location.field(field), failure.to_string()))
            .ok()
    }

    pub(super) fn data_path(&mut self, map: &Object<String, Value>, field: &str, location: &Location) -> DataPath {
        match map.get(field) {
            None => DataPath::Whole,
            Some(Value::Null) => DataPath::Nothing,
            Some(Value::String(text)) if text == "$" => DataPath::Whole,
            Some(_) => self.query(map, field, location).map_or(DataPath::Whole, DataPath::Query),
        }
    }

    pub(super) fn result_path(&mut self, map: &Object<String, Value>, location: &Location) -> ResultPath {
        match map.get("ResultPath") {
            None => ResultPath::Replace,
            Some(Value::Null) => ResultPath::Discard,
            Some(Value::String(text)) => match ReferencePath::parse(text) {
                Ok(path) if path.is_root() => ResultPath::Replace,
                Ok(path) => ResultPath::Place(path),
                Err(failure) => {
                    self.problem(&location.field("ResultPath"), failure.to_string());
                    ResultPath::Replace
                }
            },
            Some(_) => {
                self.problem(&location.field("ResultPath"), "expected a path or null");
                ResultPath::Replace
            }
        }
    }

    pub(super) fn assign(&mut self, map: &Object<String, Value>, location: &Location) -> Option<Assign> {
        let fields = self.object(map, "Assign", location)?;
        Some(match location.language {
            QueryLanguage::JsonPath => {
                let mut fields = self.template(map, "Assign", location)?.into_fields();
                fields.sort_by(|(a, _), (b, _)| a.cmp(b));
                Assign::JsonPath(fields)
            }
            QueryLanguage::Jsonata => {
                let location = location.field("Assign");
                let mut out: Vec<(Arc<str>, JsonataTemplate)> = fields
                    .keys()
                    .filter_map(|name| Some((Arc::from(name.as_str()), self.jsonata(fields, name, &location)?)))
                    .collect();
                out.sort_by(|(a, _), (b, _)| a.cmp(b));
                Assign::Jsonata(out)
            }
        })
    }

    /// The data fields of a state.
    pub(super) fn flow(&mut self, map: &Object<String, Value>, location: &Location) -> Flow {
        let fields =
            ["InputPath", "Parameters", "Arguments", "ResultSelector", "ResultPath", "OutputPath", "Output", "Assign"];
        let plain = !fields.iter().any(|field| map.contains_key(*field));
        match location.language {
            QueryLanguage::JsonPath if plain => self.plain_paths.clone(),
            QueryLanguage::Jsonata if plain => self.plain_expressions.clone(),
            QueryLanguage::JsonPath => Flow::JsonPath(Arc::new(JsonPathFlow {
                input_path: self.data_path(map, "InputPath", location),
                parameters: self.template(map, "Parameters", location),
                result_selector: self.template(map, "ResultSelector", location),
                result_path: self.result_path(map, location),
                output_path: self.data_path(map, "OutputPath", location),
                assign: self.assign(map, location),
            })),
            QueryLanguage::Jsonata => Flow::Jsonata(Arc::new(JsonataFlow {
                arguments: self.jsonata(map, "Arguments", location),
                output: self.jsonata(map, "Output", location),
                assign: self.assign(map, location),
            })),
        }
    }

    /// The data fields of a Catcher or a Choice rule.
    pub(super) fn catch_flow(&mut self, map: &Object<String, Value>, location: &Location) -> CatchFlow {
        let assign = self.assign(map, location);
        match location.language {
            QueryLanguage::JsonPath => CatchFlow::JsonPath { result_path: self.result_path(map, location), assign },
            QueryLanguage::Jsonata => CatchFlow::Jsonata { output: self.jsonata(map, "Output", location), assign },
        }
    }
}
