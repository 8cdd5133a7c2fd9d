//! Choice states.

use std::cmp::Ordering;

use serde_json::Value;

use super::Execution;
use super::core::Core;
use super::failure::StateError;
use super::flow;
use super::run::Progress;
use super::thread::Thread;
use super::view::View;
use crate::definition::{
    Comparison, Condition, EdgeKind, Glob, Kind, Next, Operand, OperandType, Operator, Rule, State, StateId,
};

use crate::jsonata::{EvaluationError, Field, evaluate};
use crate::path::Path;
use crate::payload::Payload;
use crate::time::Instant;

impl Execution {
    pub(super) fn choose(
        &mut self,
        thread: &Thread,
        state: &State,
        rules: &[Rule],
        default: Option<StateId>,
    ) -> Result<Progress, StateError> {
        let input = flow::effective_input(&mut self.core, thread, state)?;
        for (at, rule) in rules.iter().enumerate() {
            if holds(&mut self.core, thread, &input, &rule.condition, at)? {
                let produced = flow::rule(&mut self.core, thread, state, &rule.flow, at)?;
                self.take_edge(state, EdgeKind::Rule(at));
                return Ok(Progress::Exit { produced, next: Next::State(rule.next), previous: thread.last });
            }
        }
        let Some(default) = default else {
            let cause = "Failed to transition out of the state. The state does not point to a next state.";
            // The specification calls this States.NoChoiceMatched; Step Functions does not.
            return Err(StateError::Runtime(cause.to_owned()));
        };
        let produced = flow::pass_through(&mut self.core, thread, state)?;
        self.take_edge(state, EdgeKind::Default);
        Ok(Progress::Exit { produced, next: Next::State(default), previous: thread.last })
    }
}

fn holds(
    core: &mut Core,
    thread: &Thread,
    input: &Payload,
    condition: &Condition,
    rule: usize,
) -> Result<bool, StateError> {
    match condition {
        Condition::And(all) => {
            for condition in all {
                if !holds(core, thread, input, condition, rule)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Condition::Or(any) => {
            for condition in any {
                if holds(core, thread, input, condition, rule)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Condition::Not(condition) => Ok(!holds(core, thread, input, condition, rule)?),
        Condition::Constant(flag) => Ok(*flag),
        Condition::Expression(expression) => {
            let rule = Field::Item(&Field::Named("Choices"), rule);
            let field = Field::Within(&rule, "Condition");
            let value = evaluate(expression, &mut View::new(core, thread), field)?;
            value.as_bool().ok_or_else(|| EvaluationError::unexpected(expression, field, "boolean", &value).into())
        }
        Condition::Variable(path, comparison) => {
            let mut view = View::new(core, thread);
            view.dollar = input.clone();
            compare(&mut view, path, comparison)
        }
    }
}

fn compare(view: &mut View<'_>, path: &Path, comparison: &Comparison) -> Result<bool, StateError> {
    let found = path.evaluate(view);
    if let Comparison::Is(Kind::Present, wanted) = comparison {
        return Ok(found.is_ok() == *wanted);
    }
    let value = found.map_err(|_| invalid_reference(path))?;
    Ok(match comparison {
        Comparison::Is(kind, wanted) => is_kind(*kind, &value) == *wanted,
        Comparison::Matches(glob) => value.as_str().is_some_and(|text| matches(glob, text)),
        Comparison::Value(operator, operand) => {
            order_with(&value, operand).is_some_and(|order| operator.accepts(order))
        }
        Comparison::Path(operator, operand_type, path) => {
            let other = path.evaluate(view).map_err(|_| invalid_reference(path))?;
            order_between(*operand_type, &value, &other).is_some_and(|order| accepts(*operator, order))
        }
    })
}

fn accepts(operator: Operator, order: Ordering) -> bool {
    operator.accepts(order)
}

fn invalid_reference(path: &Path) -> StateError {
    StateError::Runtime(format!(
        "Invalid path '{}': The choice state's condition path references an invalid value.",
        path.text()
    ))
}

fn is_kind(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::Null => value.is_null(),
        Kind::Present => true,
        Kind::Numeric => value.is_number(),
        Kind::String => value.is_string(),
        Kind::Boolean => value.is_boolean(),
        Kind::Timestamp => value.as_str().is_some_and(|text| Instant::parse(text).is_some()),
    }
}

fn order_with(value: &Value, operand: &Operand) -> Option<Ordering> {
    match operand {
        Operand::String(text) => Some(compare_texts(value.as_str()?, text)),
        Operand::Numeric(number) => compare_numbers(value.as_number()?, number),
        Operand::Boolean(flag) => Some(value.as_bool()?.cmp(flag)),
        Operand::Timestamp(instant) => Some(Instant::parse(value.as_str()?)?.cmp(&instant.0)),
    }
}

fn order_between(operand_type: OperandType, left: &Value, right: &Value) -> Option<Ordering> {
    match operand_type {
        OperandType::String => Some(compare_texts(left.as_str()?, right.as_str()?)),
        OperandType::Numeric => compare_numbers(left.as_number()?, right.as_number()?),
        OperandType::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
        OperandType::Timestamp => Some(Instant::parse(left.as_str()?)?.cmp(&Instant::parse(right.as_str()?)?)),
    }
}

/// By UTF-16 code units, as Java compares texts.
fn compare_texts(left: &str, right: &str) -> Ordering {
    left.encode_utf16().cmp(right.encode_utf16())
}

fn compare_numbers(left: &serde_json::Number, right: &serde_json::Number) -> Option<Ordering> {
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// Whether a text fits a pattern: its first and last parts are at the ends, the others follow each other.
fn matches(glob: &[Glob], text: &str) -> bool {
    let mut rest = text;
    let mut anchored = true;
    for (at, part) in glob.iter().enumerate() {
        let Glob::Text(part) = part else {
            anchored = false;
            continue;
        };
        let last = at + 1 == glob.len();
        let after = match (anchored, last) {
            (true, _) => rest.strip_prefix(part.as_str()),
            (false, true) => return rest.ends_with(part.as_str()),
            (false, false) => rest.find(part.as_str()).and_then(|start| rest.get(start + part.len()..)),
        };
        match after {
            Some(after) => rest = after,
            None => return false,
        }
        anchored = true;
    }
    !anchored || rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(parts: &[&str]) -> Vec<Glob> {
        parts.iter().map(|part| if *part == "*" { Glob::Any } else { Glob::Text((*part).to_owned()) }).collect()
    }

    #[test]
    fn patterns_match_whole_texts() {
        assert!(matches(&glob(&["log-", "*", ".txt"]), "log-1.txt"));
        assert!(matches(&glob(&["*"]), ""));
        assert!(matches(&glob(&["*", "a", "*", "a"]), "aa"));
        assert!(!matches(&glob(&["*", "a", "*", "a"]), "a"));
        assert!(!matches(&glob(&["log"]), "logs"));
        assert!(!matches(&glob(&["log-", "*"]), "log"));
        assert!(matches(&[], ""));
    }
}
