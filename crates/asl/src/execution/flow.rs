//! Input and output processing of states.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::core::Core;
use super::failure::StateError;
use super::thread::Thread;
use super::view::View;
use crate::definition::{Assign, CatchFlow, DataPath, Flow, JsonPathFlow, Number, ResultPath, State, TextField};
use crate::error;
use crate::history::Assigned;
use crate::jsonata::{EvaluationError, Expression, Field, evaluate};
use crate::path::{Path, Query};
use crate::payload::Payload;

/// The output of a state and the variables it assigns.
pub(super) struct Produced {
    pub(super) output: Payload,
    pub(super) assigned: Option<Arc<Assigned>>,
}

/// The input after `InputPath`; with expressions, the input itself.
pub(super) fn effective_input(core: &mut Core, thread: &Thread, state: &State) -> Result<Payload, StateError> {
    match state.flow() {
        Flow::Jsonata(_) => Ok(thread.input.clone()),
        Flow::JsonPath(flow) => data_path(&flow.input_path, &mut View::new(core, thread)),
    }
}

/// The input after `InputPath` and `Parameters`, or `Arguments`; `token` is what `$$.Task.Token` gives.
pub(super) fn arguments(
    core: &mut Core,
    thread: &Thread,
    state: &State,
    token: Option<&str>,
) -> Result<Payload, StateError> {
    match state.flow() {
        Flow::Jsonata(flow) => match &flow.arguments {
            None => Ok(thread.input.clone()),
            Some(template) => {
                let mut view = View::new(core, thread);
                view.token = token;
                Ok(template.evaluate(&mut view, "Arguments")?)
            }
        },
        Flow::JsonPath(flow) => {
            let input = effective_input(core, thread, state)?;
            let Some(template) = &flow.parameters else { return Ok(input) };
            let mut view = View::new(core, thread);
            view.token = token;
            view.dollar = input;
            template.evaluate(&mut view).map_err(StateError::not_found)
        }
    }
}

/// The output of a state that has a result.
pub(super) fn produce(
    core: &mut Core,
    thread: &Thread,
    state: &State,
    result: &Payload,
) -> Result<Produced, StateError> {
    let produced = match state.flow() {
        Flow::Jsonata(flow) => {
            let mut view = View::new(core, thread);
            view.result = Some(result);
            let assigned = assign(flow.assign.as_ref(), &mut view, None)?;
            let output = match &flow.output {
                Some(template) => template.evaluate(&mut view, "Output")?,
                None => result.clone(),
            };
            Produced { output, assigned }
        }
        Flow::JsonPath(flow) => produce_with_paths(core, thread, flow, result)?,
    };
    limited(core, &thread.name, produced)
}

fn produce_with_paths(
    core: &mut Core,
    thread: &Thread,
    flow: &JsonPathFlow,
    result: &Payload,
) -> Result<Produced, StateError> {
    let mut view = View::new(core, thread);
    view.dollar = result.clone();
    let selected = match &flow.result_selector {
        Some(template) => template.evaluate(&mut view).map_err(StateError::not_found)?,
        None => result.clone(),
    };
    view.dollar = selected.clone();
    let assigned = assign(flow.assign.as_ref(), &mut view, None)?;
    let combined = combine(&flow.result_path, &thread.input, selected)?;
    view.dollar = combined;
    let output = data_path(&flow.output_path, &mut view)?;
    Ok(Produced { output, assigned })
}

/// The output of a state that has no result: Choice, Wait, Succeed.
pub(super) fn pass_through(core: &mut Core, thread: &Thread, state: &State) -> Result<Produced, StateError> {
    let input = effective_input(core, thread, state)?;
    produce_from_input(core, thread, state.flow(), &input)
}

fn produce_from_input(core: &mut Core, thread: &Thread, flow: &Flow, input: &Payload) -> Result<Produced, StateError> {
    let mut view = View::new(core, thread);
    let produced = match flow {
        Flow::Jsonata(flow) => {
            let assigned = assign(flow.assign.as_ref(), &mut view, None)?;
            let output = match &flow.output {
                Some(template) => template.evaluate(&mut view, "Output")?,
                None => thread.input.clone(),
            };
            Produced { output, assigned }
        }
        Flow::JsonPath(flow) => {
            view.dollar = input.clone();
            let assigned = assign(flow.assign.as_ref(), &mut view, None)?;
            let output = data_path(&flow.output_path, &mut view)?;
            Produced { output, assigned }
        }
    };
    limited(core, &thread.name, produced)
}

/// The output of a Choice state when the rule with that index applies.
pub(super) fn rule(
    core: &mut Core,
    thread: &Thread,
    state: &State,
    flow: &CatchFlow,
    index: usize,
) -> Result<Produced, StateError> {
    let holder = Field::Item(&Field::Named("Choices"), index);
    let input = effective_input(core, thread, state)?;
    let mut view = View::new(core, thread);
    let produced = match (flow, state.flow()) {
        (CatchFlow::Jsonata { output, assign: variables }, _) => {
            let assigned = assign(variables.as_ref(), &mut view, Some(&holder))?;
            let output = match output {
                Some(template) => template.evaluate(&mut view, Field::Within(&holder, "Output"))?,
                None => thread.input.clone(),
            };
            Produced { output, assigned }
        }
        (CatchFlow::JsonPath { assign: variables, .. }, Flow::JsonPath(flow)) => {
            view.dollar = input;
            let assigned = assign(variables.as_ref(), &mut view, Some(&holder))?;
            let output = data_path(&flow.output_path, &mut view)?;
            Produced { output, assigned }
        }
        (CatchFlow::JsonPath { .. }, Flow::Jsonata(_)) => {
            return Err(StateError::Internal("a rule has another query language than its state"));
        }
    };
    limited(core, &thread.name, produced)
}

/// The output of the Catcher with that index.
pub(super) fn caught(
    core: &mut Core,
    thread: &Thread,
    flow: &CatchFlow,
    index: usize,
    error_output: &Payload,
) -> Result<Produced, StateError> {
    let holder = Field::Item(&Field::Named("Catch"), index);
    let mut view = View::new(core, thread);
    let produced = match flow {
        CatchFlow::Jsonata { output, assign: variables } => {
            view.error_output = Some(error_output);
            let assigned = assign(variables.as_ref(), &mut view, Some(&holder))?;
            let output = match output {
                Some(template) => template.evaluate(&mut view, Field::Within(&holder, "Output"))?,
                None => error_output.clone(),
            };
            Produced { output, assigned }
        }
        CatchFlow::JsonPath { result_path, assign: variables } => {
            view.dollar = error_output.clone();
            let assigned = assign(variables.as_ref(), &mut view, Some(&holder))?;
            Produced { output: combine(result_path, &thread.input, error_output.clone())?, assigned }
        }
    };
    limited(core, &thread.name, produced)
}

/// The text of a field that may be given, looked up or computed.
pub(super) fn text(core: &mut Core, thread: &Thread, field: &TextField, name: &str) -> Result<Arc<str>, StateError> {
    let mut view = View::new(core, thread);
    match field {
        TextField::Given(text) => Ok(Arc::clone(text)),
        TextField::Query(query) => {
            let field = format!("{name}Path");
            let value = query.evaluate(&mut view, &field).map_err(StateError::not_found)?;
            let text = value.as_str().map(Arc::from);
            text.ok_or_else(|| {
                StateError::Runtime(format!(
                    "The {field} field refers to value \"{}\" which is not a valid string: {}",
                    value.value(),
                    query.text()
                ))
            })
        }
        TextField::Computed(expression) => {
            let value = evaluate(expression, &mut view, name)?;
            value
                .as_str()
                .map(Arc::from)
                .ok_or_else(|| EvaluationError::unexpected(expression, name, "string", &value).into())
        }
    }
}

/// A number of whole units, as seconds or a count; `name` is the field without `Path`. At a path, a text that is such a
/// number counts as one.
pub(super) fn whole_number(
    core: &mut Core,
    thread: &Thread,
    state: &State,
    field: &Number,
    name: &str,
) -> Result<i64, StateError> {
    match field {
        Number::Given(number) => Ok(number.as_i64().unwrap_or(i64::MAX)),
        Number::Path(path) => {
            let value = path_value(core, thread, state, path)?;
            let whole = value.as_i64().or_else(|| value.as_str()?.parse().ok());
            whole.ok_or_else(|| {
                let (shown, path) = (bare(&value), path.text());
                StateError::Runtime(format!(
                    "The {name}Path field refers to value \"{shown}\" which is not a valid integer: {path}"
                ))
            })
        }
        Number::Computed(expression) => {
            let value = computed_number(core, thread, expression, name)?;
            value.as_i64().ok_or_else(|| EvaluationError::unexpected(expression, name, "integer", &value).into())
        }
    }
}

/// A text as it is, anything else as JSON.
pub(super) fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(super) fn computed_number(
    core: &mut Core,
    thread: &Thread,
    expression: &Expression,
    name: &str,
) -> Result<Payload, StateError> {
    let value = evaluate(expression, &mut View::new(core, thread), name)?;
    if value.is_number() {
        Ok(value)
    } else {
        Err(EvaluationError::unexpected(expression, name, "number", &value).into())
    }
}

/// The value of a path in a field of its own, as `SecondsPath`, applied to the input after `InputPath`.
pub(super) fn path_value(core: &mut Core, thread: &Thread, state: &State, path: &Path) -> Result<Payload, StateError> {
    let input = effective_input(core, thread, state)?;
    let mut view = View::new(core, thread);
    view.dollar = input;
    path.evaluate(&mut view).map_err(|failure| StateError::invalid_path(path.text(), &failure))
}

fn data_path(path: &DataPath, view: &mut View<'_>) -> Result<Payload, StateError> {
    match path {
        DataPath::Whole => Ok(view.dollar.clone()),
        DataPath::Nothing => Ok(Payload::new(Value::Object(Map::new()))),
        DataPath::Query(Query::Path(path)) => {
            path.evaluate(view).map_err(|failure| StateError::invalid_path(path.text(), &failure))
        }
        DataPath::Query(query) => query.evaluate(view, "InputPath").map_err(StateError::not_found),
    }
}

fn combine(path: &ResultPath, input: &Payload, result: Payload) -> Result<Payload, StateError> {
    match path {
        ResultPath::Replace => Ok(result),
        ResultPath::Discard => Ok(input.clone()),
        ResultPath::Place(reference) => {
            let written = reference.write(input.value().clone(), result.into_value());
            let cause = || format!("Unable to apply Reference Path {} to input {}", reference.text(), input.value());
            written.map(Payload::new).ok_or_else(|| StateError::Named(error::RESULT_PATH_MATCH_FAILURE, cause()))
        }
    }
}

/// Evaluates the variables to assign; `holder` is what holds them if not the state, as `Choices[0]`.
fn assign(
    fields: Option<&Assign>,
    view: &mut View<'_>,
    holder: Option<&Field<'_>>,
) -> Result<Option<Arc<Assigned>>, StateError> {
    let mut assigned = Assigned::new();
    match fields {
        None => return Ok(None),
        Some(Assign::JsonPath(fields)) => {
            for (name, field) in fields {
                assigned.push((Arc::clone(name), field.evaluate(view).map_err(StateError::not_found)?));
            }
        }
        Some(Assign::Jsonata(fields)) => {
            let field = holder.map_or(Field::Named("Assign"), |holder| Field::Within(holder, "Assign"));
            for (name, template) in fields {
                assigned.push((Arc::clone(name), template.evaluate(view, Field::Within(&field, name))?));
            }
        }
    }
    Ok(Some(Arc::new(assigned)))
}

/// The cause of a payload that is too large; `what` is the state, or the task that returned it.
pub(super) fn too_large(what: &str) -> String {
    format!(
        "The state/task '{what}' returned a result with a size exceeding the maximum number of bytes service limit."
    )
}

/// Whether a payload is within the limit.
pub(super) fn fits(core: &Core, payload: &Payload) -> bool {
    payload.size().is_some_and(|size| size <= core.limits.payload_bytes)
}

fn limited(core: &Core, name: &str, produced: Produced) -> Result<Produced, StateError> {
    let variables = produced.assigned.iter().flat_map(|assigned| assigned.iter());
    if !fits(core, &produced.output) || variables.into_iter().any(|(_, value)| !fits(core, value)) {
        return Err(StateError::TooLarge(too_large(name)));
    }
    Ok(produced)
}
