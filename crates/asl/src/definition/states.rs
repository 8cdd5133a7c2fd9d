//! Reading the states, type by type.

use std::sync::Arc;

use serde_json::{Map as Object, Value};

use super::choice::Condition;
use super::fields::{QueryLanguage, TextField};
use super::parse::{Names, Parser, Place};
use super::resource::Resource;
use super::retry::{Catcher, Handling, Jitter, Retrier};
use super::state::{Credentials, Fail, ItemSelector, Items, Map, Parallel, State, StateKind, Task, Wait, WaitFor};
use super::{Rule, choice};
use crate::history::ServiceCall;
use crate::jsonata::Expression;
use crate::payload::Payload;

pub(super) fn state(
    parser: &mut Parser,
    name: &str,
    map: &Object<String, Value>,
    place: &Place,
    names: &Names,
    depth: usize,
) -> Option<State> {
    let language = parser.query_language(map, place);
    let place = &Place { language, path: place.path.clone() };
    let kind = match map.get("Type").and_then(Value::as_str) {
        Some("Pass") => StateKind::Pass {
            result: map.get("Result").cloned().map(Payload::new),
            next: parser.next(map, place, names),
        },
        Some("Task") => StateKind::Task(Box::new(task(parser, map, place, names)?)),
        Some("Choice") => choice_state(parser, map, place, names),
        Some("Wait") => StateKind::Wait(wait(parser, map, place, names)?),
        Some("Succeed") => StateKind::Succeed,
        Some("Fail") => StateKind::Fail(Fail {
            error: parser.text_field(map, "Error", "ErrorPath", place),
            cause: parser.text_field(map, "Cause", "CausePath", place),
        }),
        Some("Parallel") => StateKind::Parallel(Box::new(parallel(parser, map, place, names, depth))),
        Some("Map") => StateKind::Map(Box::new(map_state(parser, map, place, names, depth)?)),
        _ => {
            parser.problem(&place.field("Type"), "it is none of the types of states");
            return None;
        }
    };
    let mut flow = parser.flow(map, place);
    // In a Map, `Parameters` is the old name of `ItemSelector`.
    if let (StateKind::Map(_), super::Flow::JsonPath(flow)) = (&kind, &mut flow) {
        Arc::make_mut(flow).parameters = None;
    }
    let comment = map.get("Comment").and_then(Value::as_str).map(str::to_owned);
    Some(State { name: Arc::from(name), place: place.path.clone(), first_edge: 0, comment, flow, kind })
}

fn task(parser: &mut Parser, map: &Object<String, Value>, place: &Place, names: &Names) -> Option<Task> {
    let text = parser.text(map, "Resource", place);
    let resource = text.and_then(Resource::parse);
    if resource.is_none() {
        parser.problem(&place.field("Resource"), "it is not a resource that a Task can call");
    }
    let credentials = match place.language {
        QueryLanguage::JsonPath => parser.template(map, "Credentials", place).map(Credentials::JsonPath),
        QueryLanguage::Jsonata => parser.jsonata(map, "Credentials", place).map(Credentials::Jsonata),
    };
    let timeout = parser.number(map, "TimeoutSeconds", Some("TimeoutSecondsPath"), place);
    let heartbeat = parser.number(map, "HeartbeatSeconds", Some("HeartbeatSecondsPath"), place);
    let handling = handling(parser, map, place, names);
    let next = parser.next(map, place, names);
    let resource = resource?;
    let call = ServiceCall {
        resource_type: Arc::from(resource.resource_type()),
        resource: Arc::from(resource.action_with_pattern()),
    };
    Some(Task { resource, call, credentials, timeout, heartbeat, handling, next })
}

fn wait(parser: &mut Parser, map: &Object<String, Value>, place: &Place, names: &Names) -> Option<Wait> {
    let next = parser.next(map, place, names);
    let until = if map.contains_key("SecondsPath") {
        WaitFor::SecondsPath(parser.path(map, "SecondsPath", place)?)
    } else if map.contains_key("TimestampPath") {
        WaitFor::TimestampPath(parser.path(map, "TimestampPath", place)?)
    } else if map.contains_key("Seconds") {
        WaitFor::Seconds(parser.number(map, "Seconds", None, place)?)
    } else if let Some(text) = parser.text(map, "Timestamp", place) {
        match Expression::delimited(text).filter(|_| place.language == QueryLanguage::Jsonata) {
            Some(source) => {
                WaitFor::Timestamp(TextField::Computed(parser.expression(source, &place.field("Timestamp"))?))
            }
            None => WaitFor::Timestamp(TextField::Given(Arc::from(text))),
        }
    } else {
        parser.problem(place, "a Wait state says how long");
        return None;
    };
    Some(Wait { until, next })
}

fn parallel(parser: &mut Parser, map: &Object<String, Value>, place: &Place, names: &Names, depth: usize) -> Parallel {
    let branches_place = place.field("Branches");
    let mut branches = Vec::new();
    for (at, branch) in parser.list(map, "Branches", place).iter().enumerate() {
        let place = branches_place.item(at);
        match branch.as_object() {
            Some(branch) => branches.push(parser.machine(branch, &place, depth + 1)),
            None => parser.problem(&place, "a branch is an object"),
        }
    }
    if !map.contains_key("Branches") {
        parser.problem(&branches_place, "a Parallel state has branches");
    }
    Parallel { branches, handling: handling(parser, map, place, names), next: parser.next(map, place, names) }
}

fn map_state(
    parser: &mut Parser,
    map: &Object<String, Value>,
    place: &Place,
    names: &Names,
    depth: usize,
) -> Option<Map> {
    let field = if map.contains_key("ItemProcessor") { "ItemProcessor" } else { "Iterator" };
    let processor_place = place.field(field);
    let Some(processor) = parser.object(map, field, place) else {
        parser.problem(&processor_place, "a Map state has a processor");
        return None;
    };
    let mode = processor.get("ProcessorConfig").and_then(|config| config.get("Mode")).and_then(Value::as_str);
    if mode == Some("DISTRIBUTED") {
        parser.problem(&processor_place.field("ProcessorConfig"), "a Map in distributed mode is not supported");
    }
    for unsupported in ["ItemReader", "ItemBatcher", "ResultWriter"] {
        if map.contains_key(unsupported) {
            parser
                .problem(&place.field(unsupported), "it belongs to a Map in distributed mode, which is not supported");
        }
    }
    let processor = parser.machine(processor, &processor_place, depth + 1);
    let items = match place.language {
        QueryLanguage::JsonPath => match parser.query(map, "ItemsPath", place) {
            Some(query) => Items::Path(query),
            None => Items::Input,
        },
        QueryLanguage::Jsonata => match parser.jsonata(map, "Items", place) {
            Some(template) => Items::Computed(template),
            None => Items::Input,
        },
    };
    let selector_field = if map.contains_key("ItemSelector") { "ItemSelector" } else { "Parameters" };
    let selector = match place.language {
        QueryLanguage::JsonPath => parser.template(map, selector_field, place).map(ItemSelector::JsonPath),
        QueryLanguage::Jsonata => parser.jsonata(map, "ItemSelector", place).map(ItemSelector::Jsonata),
    };
    Some(Map {
        processor,
        items,
        selector,
        max_concurrency: parser.number(map, "MaxConcurrency", Some("MaxConcurrencyPath"), place),
        tolerated_failure_count: parser.number(map, "ToleratedFailureCount", Some("ToleratedFailureCountPath"), place),
        tolerated_failure_percentage: parser.number(
            map,
            "ToleratedFailurePercentage",
            Some("ToleratedFailurePercentagePath"),
            place,
        ),
        handling: handling(parser, map, place, names),
        next: parser.next(map, place, names),
    })
}

fn choice_state(parser: &mut Parser, map: &Object<String, Value>, place: &Place, names: &Names) -> StateKind {
    let mut rules = Vec::new();
    for (at, rule) in parser.list(map, "Choices", place).iter().enumerate() {
        let place = place.field("Choices").item(at);
        let Some(rule) = rule.as_object() else {
            parser.problem(&place, "a rule is an object");
            continue;
        };
        let condition = match place.language {
            QueryLanguage::JsonPath => choice::condition(parser, rule, &place, 0),
            QueryLanguage::Jsonata => jsonata_condition(parser, rule, &place),
        };
        let flow = parser.catch_flow(rule, &place);
        let next = parser.target(rule, "Next", &place, names);
        if let (Some(condition), Some(next)) = (condition, next) {
            rules.push(Rule { condition, flow, next });
        } else if !rule.contains_key("Next") {
            parser.problem(&place.field("Next"), "a rule says where to go");
        }
    }
    StateKind::Choice { rules, default: parser.target(map, "Default", place, names) }
}

fn jsonata_condition(parser: &mut Parser, rule: &Object<String, Value>, place: &Place) -> Option<Condition> {
    match rule.get("Condition") {
        Some(Value::Bool(flag)) => Some(Condition::Constant(*flag)),
        Some(Value::String(text)) if Expression::delimited(text).is_some() => {
            let source = Expression::delimited(text)?;
            parser.expression(source, &place.field("Condition")).map(Condition::Expression)
        }
        _ => {
            parser.problem(&place.field("Condition"), "a condition is an expression or a truth value");
            None
        }
    }
}

fn handling(parser: &mut Parser, map: &Object<String, Value>, place: &Place, names: &Names) -> Handling {
    let mut handling = Handling::default();
    for (at, retrier) in parser.list(map, "Retry", place).iter().enumerate() {
        let place = place.field("Retry").item(at);
        match retrier.as_object() {
            Some(retrier) => handling.retry.push(read_retrier(parser, retrier, &place)),
            None => parser.problem(&place, "a retrier is an object"),
        }
    }
    for (at, catcher) in parser.list(map, "Catch", place).iter().enumerate() {
        let place = place.field("Catch").item(at);
        let Some(catcher) = catcher.as_object() else {
            parser.problem(&place, "a catcher is an object");
            continue;
        };
        let errors = errors(parser, catcher, &place);
        let flow = parser.catch_flow(catcher, &place);
        match parser.target(catcher, "Next", &place, names) {
            Some(next) => handling.catch.push(Catcher { errors, flow, next }),
            None => parser.problem(&place.field("Next"), "a catcher says where to go"),
        }
    }
    handling
}

fn errors(parser: &mut Parser, map: &Object<String, Value>, place: &Place) -> Vec<String> {
    let names: Vec<String> =
        parser.list(map, "ErrorEquals", place).iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if names.is_empty() {
        parser.problem(&place.field("ErrorEquals"), "it names no error");
    }
    names
}

fn read_retrier(parser: &mut Parser, map: &Object<String, Value>, place: &Place) -> Retrier {
    let mut whole = |field: &str, otherwise: u64| match map.get(field) {
        None => otherwise,
        Some(value) => value.as_u64().unwrap_or_else(|| {
            parser.problem(&place.field(field), "it is not a whole number");
            otherwise
        }),
    };
    let (interval_seconds, max_attempts) = (whole("IntervalSeconds", 1), whole("MaxAttempts", 3));
    let max_delay_seconds = map.contains_key("MaxDelaySeconds").then(|| whole("MaxDelaySeconds", 1));
    let jitter = match map.get("JitterStrategy").map(Value::as_str) {
        None | Some(Some("NONE")) => Jitter::None,
        Some(Some("FULL")) => Jitter::Full,
        Some(_) => {
            parser.problem(&place.field("JitterStrategy"), "it is FULL or NONE");
            Jitter::None
        }
    };
    let backoff_rate = map.get("BackoffRate").map_or(Some(2.0), Value::as_f64).unwrap_or_else(|| {
        parser.problem(&place.field("BackoffRate"), "it is not a number");
        2.0
    });
    Retrier {
        errors: errors(parser, map, place),
        interval_seconds,
        max_attempts,
        backoff_rate,
        max_delay_seconds,
        jitter,
    }
}
