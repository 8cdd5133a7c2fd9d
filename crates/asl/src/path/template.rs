use std::sync::Arc;

use serde_json::{Map, Value};

use super::err::{PathError, PathSyntaxError};
use super::eval::Found;
use super::parse::{ContextPart, Path, Root};
use crate::intrinsic::{Call, IntrinsicError};
use crate::payload::Payload;

/// The data that paths are evaluated against.
pub(crate) trait Lookup {
    /// The value of `$`.
    fn input(&self) -> &Payload;
    /// The value of `$$`; without the input of the execution where it is not needed, because it can be large.
    fn context(&mut self, with_input: bool) -> Payload;
    /// The input of the execution.
    fn execution_input(&self) -> Payload;
    /// A variable in scope.
    fn variable(&self, name: &str) -> Option<Payload>;
    /// The next number of the execution's random sequence.
    fn random(&mut self) -> u64;
    /// Counts the bytes of values that were looked up; false when there are more than one state can use.
    fn spend(&mut self, bytes: usize) -> bool;
}

/// The size of a payload in bytes from which on the values found in it are counted.
const COUNTED: usize = 4096;

/// A path or a call of an intrinsic function.
#[derive(Debug, Clone)]
pub enum Query {
    /// A path.
    Path(Path),
    /// A call.
    Call(Call),
}

/// Why a query or a template has no result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TemplateError {
    /// A path has no result. `field` is the field of the template, with its `.$`.
    Path { path: String, field: String, error: PathError, input: Payload },
    /// A function failed.
    Intrinsic { call: String, error: IntrinsicError },
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// The text is neither a path nor a call of an intrinsic function.
    pub fn parse(text: &str) -> Result<Query, PathSyntaxError> {
        if text.starts_with("States.") {
            Call::parse(text).map(Query::Call)
        } else {
            Path::parse(text).map(Query::Path)
        }
    }

    /// The text the query was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Query::Path(path) => path.text(),
            Query::Call(call) => call.text(),
        }
    }

    /// The value; `field` is named in an error.
    pub(crate) fn evaluate(&self, lookup: &mut dyn Lookup, field: &str) -> Result<Payload, TemplateError> {
        match self {
            Query::Path(path) => path.evaluate(lookup).map_err(|error| {
                let input = path.start(lookup).map_or_else(|_| lookup.input().clone(), |(start, _)| start);
                TemplateError::Path { path: path.text().to_owned(), field: field.to_owned(), error, input }
            }),
            Query::Call(call) => call
                .evaluate(lookup)
                .map(Payload::new)
                .map_err(|error| TemplateError::Intrinsic { call: call.text().to_owned(), error }),
        }
    }
}

impl Query {
    /// The value of a field of a template, where an index past the end of an array gives null.
    fn evaluate_field(&self, lookup: &mut dyn Lookup, field: &str) -> Result<Payload, TemplateError> {
        match self.evaluate(lookup, field) {
            Err(TemplateError::Path { error: PathError::OutOfRange(_), .. }) => Ok(Payload::new(Value::Null)),
            other => other,
        }
    }
}

impl Path {
    /// The value of the root of the path, and how many steps have been taken from there.
    fn start(&self, lookup: &mut dyn Lookup) -> Result<(Payload, usize), PathError> {
        Ok(match self.root() {
            Root::Input | Root::Item => (lookup.input().clone(), 0),
            Root::Context => match self.context_part() {
                ContextPart::Input => (lookup.execution_input(), 2),
                ContextPart::Whole => (lookup.context(true), 0),
                ContextPart::Other => (lookup.context(false), 0),
            },
            Root::Variable(name) => {
                (lookup.variable(name).ok_or_else(|| PathError::NoVariable(format!("${name}")))?, 0)
            }
        })
    }

    /// The value of the path. A path that leads to a whole payload shares it.
    pub(crate) fn evaluate(&self, lookup: &mut dyn Lookup) -> Result<Payload, PathError> {
        let (start, taken) = self.start(lookup)?;
        let found = if self.is_whole(taken) {
            start
        } else {
            let value = self.find(&start, &start, taken).map(Found::into_value)?;
            if start.size().is_some_and(|size| size < COUNTED) {
                return Ok(Payload::new(value));
            }
            Payload::new(value)
        };
        // a hostile definition can look up the same large value many thousand times
        if found.size().is_some_and(|size| lookup.spend(size)) { Ok(found) } else { Err(PathError::TooLarge) }
    }
}

/// A payload template (`Parameters`, `ResultSelector`, `ItemSelector`, `Assign`).
#[derive(Debug, Clone)]
pub enum Template {
    /// A value without any field that ends in `.$`.
    Fixed(Payload),
    /// An object some of whose fields are queries.
    Object {
        /// Fields with values of their own.
        fixed: Vec<(String, Template)>,
        /// Name, name with `.$`, and query.
        queries: Vec<(String, String, Query)>,
    },
    /// An array that holds such an object.
    Array(Vec<Template>),
}

impl Template {
    /// Reads a template. The value comes from a parser that bounds its depth.
    ///
    /// # Errors
    /// The value of a field that ends in `.$` is not a query.
    pub fn parse(value: &Value) -> Result<Template, PathSyntaxError> {
        match value {
            Value::Object(map) => {
                let (mut fixed, mut queries) = (Vec::new(), Vec::new());
                for (field, value) in map {
                    match field.strip_suffix(".$") {
                        Some(name) => {
                            let text = value.as_str().ok_or_else(|| PathSyntaxError {
                                text: field.clone(),
                                reason: "a field that ends in `.$` holds a text",
                            })?;
                            queries.push((name.to_owned(), field.clone(), Query::parse(text)?));
                        }
                        None => fixed.push((field.clone(), Template::parse(value)?)),
                    }
                }
                if queries.is_empty() && fixed.iter().all(|(_, template)| matches!(template, Template::Fixed(_))) {
                    return Ok(Template::Fixed(Payload::new(value.clone())));
                }
                hash_order(&mut queries);
                Ok(Template::Object { fixed, queries })
            }
            Value::Array(items) => {
                let items = items.iter().map(Template::parse).collect::<Result<Vec<_>, _>>()?;
                if items.iter().all(|template| matches!(template, Template::Fixed(_))) {
                    return Ok(Template::Fixed(Payload::new(value.clone())));
                }
                Ok(Template::Array(items))
            }
            _ => Ok(Template::Fixed(Payload::new(value.clone()))),
        }
    }

    /// The value of the template.
    pub(crate) fn evaluate(&self, lookup: &mut dyn Lookup) -> Result<Payload, TemplateError> {
        match self {
            Template::Fixed(payload) => Ok(payload.clone()),
            _ => self.build(lookup).map(Payload::new),
        }
    }

    fn build(&self, lookup: &mut dyn Lookup) -> Result<Value, TemplateError> {
        match self {
            Template::Fixed(payload) => Ok(payload.value().clone()),
            Template::Object { fixed, queries } => {
                let mut out = Map::with_capacity(fixed.len() + queries.len());
                for (name, template) in fixed {
                    out.insert(name.clone(), template.build(lookup)?);
                }
                for (name, field, query) in queries {
                    out.insert(name.clone(), query.evaluate_field(lookup, field)?.into_value());
                }
                Ok(Value::Object(out))
            }
            Template::Array(items) => items.iter().map(|template| template.build(lookup)).collect(),
        }
    }

    /// The names and templates of the fields of an `Assign` object.
    pub(crate) fn into_fields(self) -> Vec<(Arc<str>, AssignedField)> {
        match self {
            Template::Object { fixed, queries } => {
                let fixed =
                    fixed.into_iter().map(|(name, template)| (Arc::from(name), AssignedField::Template(template)));
                let queries = queries
                    .into_iter()
                    .map(|(name, field, query)| (Arc::from(name), AssignedField::Query(field, query)));
                fixed.chain(queries).collect()
            }
            Template::Fixed(payload) => match payload.into_value() {
                Value::Object(map) => {
                    let field = |(name, value): (String, Value)| {
                        (Arc::from(name), AssignedField::Template(Template::Fixed(Payload::new(value))))
                    };
                    map.into_iter().map(field).collect()
                }
                _ => Vec::new(),
            },
            Template::Array(_) => Vec::new(),
        }
    }
}

/// One field of an `Assign` object.
#[derive(Debug, Clone)]
pub(crate) enum AssignedField {
    Template(Template),
    Query(String, Query),
}

impl AssignedField {
    pub(crate) fn evaluate(&self, lookup: &mut dyn Lookup) -> Result<Payload, TemplateError> {
        match self {
            AssignedField::Template(template) => template.evaluate(lookup),
            AssignedField::Query(field, query) => query.evaluate_field(lookup, field),
        }
    }
}

/// Step Functions adds the fields with queries after the others, in the order of a Java `HashMap` of their names. The order is
/// visible wherever a payload becomes text.
fn hash_order(queries: &mut [(String, String, Query)]) {
    let mut buckets = 16;
    while queries.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    queries.sort_by_cached_key(|(name, _, _)| {
        let hash = name.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
}
