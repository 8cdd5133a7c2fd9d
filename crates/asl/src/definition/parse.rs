//! From JSON to a definition. What the interpreter cannot represent is a problem with its place; problems are collected.

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
use crate::lint::{self, Lint, Options};
use crate::path::{Path, Query, ReferencePath, Template};
use crate::source::{self, Node};

/// Machines within machines deeper than this are refused; the interpreter's work grows with the depth.
const MAX_NESTING: usize = 32;

pub(super) fn definition(text: &str) -> Result<Definition, ParseError> {
    let refusal = |lint: &Lint| ParseError { problems: lint.errors().map(ParseProblem::from).collect() };
    let Ok(document) = source::parse(text) else { return Err(refusal(&lint::lint(text))) };
    let lint = lint::lint_document(text, &document, Options::default());
    if !lint.is_valid() {
        return Err(refusal(&lint));
    }
    read(&document.to_value()).map_err(|mut error| {
        for problem in &mut error.problems {
            let position = document.position(offset(document.root(), &problem.path));
            (problem.line, problem.column) = (position.line, position.column);
        }
        error
    })
}

fn read(value: &Value) -> Result<Definition, ParseError> {
    let mut parser = Parser {
        problems: Vec::new(),
        states: Vec::new(),
        machines: Vec::new(),
        plain_paths: Flow::JsonPath(Arc::default()),
        plain_expressions: Flow::Jsonata(Arc::default()),
    };
    let place = Place { path: String::new(), language: QueryLanguage::JsonPath };
    let Value::Object(root) = value else {
        parser.problem(&place, "a definition is an object");
        return Err(ParseError { problems: parser.problems });
    };
    let language = parser.query_language(root, &place);
    let place = Place { language, ..place };
    let timeout_seconds = parser.number(root, "TimeoutSeconds", None, &place);
    parser.machine(root, &place, 0);
    if parser.problems.is_empty() && parser.states.iter().any(Option::is_none) {
        parser.problem(&place, "a state cannot be read");
    }
    let Parser { problems, states, machines, .. } = parser;
    if !problems.is_empty() {
        return Err(ParseError { problems });
    }
    let mut states: Vec<_> = states.into_iter().flatten().collect();
    Definition::number_edges(&mut states);
    let comment = root.get("Comment").and_then(Value::as_str).map(str::to_owned);
    Ok(Definition { comment, query_language: language, timeout_seconds, states, machines })
}

/// The offset of the value at a path, or of the last value on the way that is there. Names may hold any character, so that
/// the longest name that fits counts.
fn offset(root: &Node<'_>, path: &str) -> usize {
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
            None => return node.at,
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

/// Where in the document the parser is, and in which language expressions are.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) language: QueryLanguage,
}

impl Place {
    pub(super) fn field(&self, name: &str) -> Place {
        Place { path: format!("{}/{name}", self.path), language: self.language }
    }

    pub(super) fn item(&self, index: usize) -> Place {
        Place { path: format!("{}[{index}]", self.path), language: self.language }
    }
}

pub(super) struct Parser {
    problems: Vec<ParseProblem>,
    states: Vec<Option<super::State>>,
    machines: Vec<Machine>,
    /// The flows of states without data fields, which share them: a state that is small is fast to reach.
    plain_paths: Flow,
    plain_expressions: Flow,
}

/// The states of one machine by their names.
pub(super) type Names = HashMap<String, StateId>;

impl Parser {
    pub(super) fn problem(&mut self, place: &Place, message: impl Into<String>) {
        self.problems.push(ParseProblem { line: 0, column: 0, path: place.path.clone(), message: message.into() });
    }

    pub(super) fn query_language(&mut self, map: &Object<String, Value>, place: &Place) -> QueryLanguage {
        match map.get("QueryLanguage").map(Value::as_str) {
            None => place.language,
            Some(Some("JSONPath")) => QueryLanguage::JsonPath,
            Some(Some("JSONata")) => QueryLanguage::Jsonata,
            Some(_) => {
                self.problem(&place.field("QueryLanguage"), "the query language is JSONPath or JSONata");
                place.language
            }
        }
    }

    /// Reads a machine and the machines within it.
    pub(super) fn machine(&mut self, map: &Object<String, Value>, place: &Place, depth: usize) -> MachineId {
        let id = MachineId(self.machines.len());
        self.machines.push(Machine { start: StateId(usize::MAX) });
        if depth > MAX_NESTING {
            self.problem(place, "machines are nested too deeply");
            return id;
        }
        let states_place = place.field("States");
        let Some(Value::Object(states)) = map.get("States") else {
            self.problem(&states_place, "a machine has an object of states");
            return id;
        };
        let mut names = Names::new();
        for name in states.keys() {
            names.insert(name.clone(), StateId(self.states.len()));
            self.states.push(None);
        }
        match map.get("StartAt").and_then(Value::as_str).and_then(|name| names.get(name)) {
            Some(start) => {
                if let Some(machine) = self.machines.get_mut(id.0) {
                    machine.start = *start;
                }
            }
            None => self.problem(&place.field("StartAt"), "it names no state of the machine"),
        }
        for (name, value) in states {
            let place = states_place.field(name);
            let Value::Object(fields) = value else {
                self.problem(&place, "a state is an object");
                continue;
            };
            let state = states::state(self, name, fields, &place, &names, depth);
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
        place: &Place,
        names: &Names,
    ) -> Option<StateId> {
        let name = map.get(field)?;
        let found = name.as_str().and_then(|name| names.get(name)).copied();
        if found.is_none() {
            self.problem(&place.field(field), "it names no state of the machine");
        }
        found
    }

    pub(super) fn next(&mut self, map: &Object<String, Value>, place: &Place, names: &Names) -> Next {
        if map.get("End") == Some(&Value::Bool(true)) {
            return Next::End;
        }
        match map.get("Next") {
            Some(_) => self.target(map, "Next", place, names).map_or(Next::End, Next::State),
            None => {
                self.problem(place, "a state has `Next` or `End`");
                Next::End
            }
        }
    }

    pub(super) fn text<'a>(&mut self, map: &'a Object<String, Value>, field: &str, place: &Place) -> Option<&'a str> {
        let value = map.get(field)?;
        let text = value.as_str();
        if text.is_none() {
            self.problem(&place.field(field), "it is not a text");
        }
        text
    }

    pub(super) fn object<'a>(
        &mut self,
        map: &'a Object<String, Value>,
        field: &str,
        place: &Place,
    ) -> Option<&'a Object<String, Value>> {
        let value = map.get(field)?;
        let object = value.as_object();
        if object.is_none() {
            self.problem(&place.field(field), "it is not an object");
        }
        object
    }

    pub(super) fn list<'a>(&mut self, map: &'a Object<String, Value>, field: &str, place: &Place) -> &'a [Value] {
        match map.get(field) {
            None => &[],
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.problem(&place.field(field), "it is not an array");
                &[]
            }
        }
    }

    pub(super) fn path(&mut self, map: &Object<String, Value>, field: &str, place: &Place) -> Option<Path> {
        let text = self.text(map, field, place)?;
        Path::parse(text).map_err(|failure| self.problem(&place.field(field), failure.to_string())).ok()
    }

    pub(super) fn query(&mut self, map: &Object<String, Value>, field: &str, place: &Place) -> Option<Query> {
        let text = self.text(map, field, place)?;
        Query::parse(text).map_err(|failure| self.problem(&place.field(field), failure.to_string())).ok()
    }

    pub(super) fn expression(&mut self, source: &str, place: &Place) -> Option<Expression> {
        Expression::parse(source).map_err(|failure| self.problem(place, failure.to_string())).ok()
    }

    /// A number, given as such, as an expression, or by a path in another field.
    pub(super) fn number(
        &mut self,
        map: &Object<String, Value>,
        field: &str,
        path_field: Option<&str>,
        place: &Place,
    ) -> Option<Number> {
        if let Some(path_field) = path_field.filter(|name| map.contains_key(*name)) {
            return self.path(map, path_field, place).map(Number::Path);
        }
        match map.get(field)? {
            Value::Number(number) => Some(Number::Given(number.clone())),
            Value::String(text) if place.language == QueryLanguage::Jsonata => match Expression::delimited(text) {
                Some(source) => self.expression(source, &place.field(field)).map(Number::Computed),
                None => {
                    self.problem(&place.field(field), "it is neither a number nor an expression");
                    None
                }
            },
            _ => {
                self.problem(&place.field(field), "it is not a number");
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
        place: &Place,
    ) -> Option<TextField> {
        if map.contains_key(path_field) {
            return self.query(map, path_field, place).map(TextField::Query);
        }
        let text = self.text(map, field, place)?;
        match Expression::delimited(text).filter(|_| place.language == QueryLanguage::Jsonata) {
            Some(source) => self.expression(source, &place.field(field)).map(TextField::Computed),
            None => Some(TextField::Given(Arc::from(text))),
        }
    }

    pub(super) fn template(&mut self, map: &Object<String, Value>, field: &str, place: &Place) -> Option<Template> {
        Template::parse(map.get(field)?).map_err(|failure| self.problem(&place.field(field), failure.to_string())).ok()
    }

    pub(super) fn jsonata(
        &mut self,
        map: &Object<String, Value>,
        field: &str,
        place: &Place,
    ) -> Option<JsonataTemplate> {
        JsonataTemplate::parse(map.get(field)?)
            .map_err(|failure| self.problem(&place.field(field), failure.to_string()))
            .ok()
    }

    pub(super) fn data_path(&mut self, map: &Object<String, Value>, field: &str, place: &Place) -> DataPath {
        match map.get(field) {
            None => DataPath::Whole,
            Some(Value::Null) => DataPath::Nothing,
            Some(Value::String(text)) if text == "$" => DataPath::Whole,
            Some(_) => self.query(map, field, place).map_or(DataPath::Whole, DataPath::Query),
        }
    }

    pub(super) fn result_path(&mut self, map: &Object<String, Value>, place: &Place) -> ResultPath {
        match map.get("ResultPath") {
            None => ResultPath::Replace,
            Some(Value::Null) => ResultPath::Discard,
            Some(Value::String(text)) => match ReferencePath::parse(text) {
                Ok(path) if path.is_root() => ResultPath::Replace,
                Ok(path) => ResultPath::Place(path),
                Err(failure) => {
                    self.problem(&place.field("ResultPath"), failure.to_string());
                    ResultPath::Replace
                }
            },
            Some(_) => {
                self.problem(&place.field("ResultPath"), "it is neither a path nor null");
                ResultPath::Replace
            }
        }
    }

    pub(super) fn assign(&mut self, map: &Object<String, Value>, place: &Place) -> Option<Assign> {
        let fields = self.object(map, "Assign", place)?;
        Some(match place.language {
            QueryLanguage::JsonPath => {
                let mut fields = self.template(map, "Assign", place)?.into_fields();
                fields.sort_by(|(a, _), (b, _)| a.cmp(b));
                Assign::JsonPath(fields)
            }
            QueryLanguage::Jsonata => {
                let place = place.field("Assign");
                let mut out: Vec<(Arc<str>, JsonataTemplate)> = fields
                    .keys()
                    .filter_map(|name| Some((Arc::from(name.as_str()), self.jsonata(fields, name, &place)?)))
                    .collect();
                out.sort_by(|(a, _), (b, _)| a.cmp(b));
                Assign::Jsonata(out)
            }
        })
    }

    /// The data fields of a state.
    pub(super) fn flow(&mut self, map: &Object<String, Value>, place: &Place) -> Flow {
        let fields =
            ["InputPath", "Parameters", "Arguments", "ResultSelector", "ResultPath", "OutputPath", "Output", "Assign"];
        let plain = !fields.iter().any(|field| map.contains_key(*field));
        match place.language {
            QueryLanguage::JsonPath if plain => self.plain_paths.clone(),
            QueryLanguage::Jsonata if plain => self.plain_expressions.clone(),
            QueryLanguage::JsonPath => Flow::JsonPath(Arc::new(JsonPathFlow {
                input_path: self.data_path(map, "InputPath", place),
                parameters: self.template(map, "Parameters", place),
                result_selector: self.template(map, "ResultSelector", place),
                result_path: self.result_path(map, place),
                output_path: self.data_path(map, "OutputPath", place),
                assign: self.assign(map, place),
            })),
            QueryLanguage::Jsonata => Flow::Jsonata(Arc::new(JsonataFlow {
                arguments: self.jsonata(map, "Arguments", place),
                output: self.jsonata(map, "Output", place),
                assign: self.assign(map, place),
            })),
        }
    }

    /// The data fields of a Catcher or a Choice rule.
    pub(super) fn catch_flow(&mut self, map: &Object<String, Value>, place: &Place) -> CatchFlow {
        let assign = self.assign(map, place);
        match place.language {
            QueryLanguage::JsonPath => CatchFlow::JsonPath { result_path: self.result_path(map, place), assign },
            QueryLanguage::Jsonata => CatchFlow::Jsonata { output: self.jsonata(map, "Output", place), assign },
        }
    }
}
