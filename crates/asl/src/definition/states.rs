//! Reading states, type by type.

use std::sync::Arc;

use serde_json::{Map as Object, Value};

use super::choice::Condition;
use super::fields::{QueryLanguage, TextField};
use super::parse::{Location, Names, Parser};
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
    location: &Location,
    names: &Names,
    depth: usize,
) -> Option<State> {
    let language = parser.query_language(map, location);
    let location = &Location { language, path: location.path.clone() };
    let kind = match map.get("Type").and_then(Value::as_str) {
        Some("Pass") => StateKind::Pass {
            result: map.get("Result").cloned().map(Payload::new),
            next: parser.next(map, location, names),
        },
        Some("Task") => StateKind::Task(Box::new(task(parser, map, location, names)?)),
        Some("Choice") => choice_state(parser, map, location, names),
        Some("Wait") => StateKind::Wait(wait(parser, map, location, names)?),
        Some("Succeed") => StateKind::Succeed,
        Some("Fail") => StateKind::Fail(Fail {
            error: parser.text_field(map, "Error", "ErrorPath", location),
            cause: parser.text_field(map, "Cause", "CausePath", location),
        }),
        Some("Parallel") => StateKind::Parallel(Box::new(parallel(parser, map, location, names, depth))),
        Some("Map") => StateKind::Map(Box::new(map_state(parser, map, location, names, depth)?)),
        _ => {
            parser.problem(&location.field("Type"), "unknown state type");
            return None;
        }
    };
    let mut flow = parser.flow(map, location);
    // In a Map, `Parameters` is the old name of `ItemSelector`.
    if let (StateKind::Map(_), super::Flow::JsonPath(flow)) = (&kind, &mut flow) {
        Arc::make_mut(flow).parameters = None;
    }
    let comment = map.get("Comment").and_then(Value::as_str).map(str::to_owned);
    Some(State { name: Arc::from(name), place: location.path.clone(), first_edge: 0, comment, flow, kind })
}

fn task(parser: &mut Parser, map: &Object<String, Value>, location: &Location, names: &Names) -> Option<Task> {
    let text = parser.text(map, "Resource", location);
    let resource = text.and_then(Resource::parse);
    if resource.is_none() {
        parser.problem(
            &location.field("Resource"),
            "the engine supports Lambda functions, activities and service integrations only",
        );
    }
    let credentials = match location.language {
        QueryLanguage::JsonPath => parser.template(map, "Credentials", location).map(Credentials::JsonPath),
        QueryLanguage::Jsonata => parser.jsonata(map, "Credentials", location).map(Credentials::Jsonata),
    };
    let timeout = parser.number(map, "TimeoutSeconds", Some("TimeoutSecondsPath"), location);
    let heartbeat = parser.number(map, "HeartbeatSeconds", Some("HeartbeatSecondsPath"), location);
    let handling = handling(parser, map, location, names);
    let next = parser.next(map, location, names);
    let resource = resource?;
    let call = ServiceCall {
        resource_type: Arc::from(resource.resource_type()),
        resource: Arc::from(resource.action_with_pattern()),
    };
    Some(Task { resource, call, credentials, timeout, heartbeat, handling, next })
}

fn wait(parser: &mut Parser, map: &Object<String, Value>, location: &Location, names: &Names) -> Option<Wait> {
    let next = parser.next(map, location, names);
    let until = if map.contains_key("SecondsPath") {
        WaitFor::SecondsPath(parser.path(map, "SecondsPath", location)?)
    } else if map.contains_key("TimestampPath") {
        WaitFor::TimestampPath(parser.path(map, "TimestampPath", location)?)
    } else if map.contains_key("Seconds") {
        WaitFor::Seconds(parser.number(map, "Seconds", None, location)?)
    } else if let Some(text) = parser.text(map, "Timestamp", location) {
        match Expression::delimited(text).filter(|_| location.language == QueryLanguage::Jsonata) {
            Some(source) => {
                WaitFor::Timestamp(TextField::Computed(parser.expression(source, &location.field("Timestamp"))?))
            }
            None => WaitFor::Timestamp(TextField::Given(Arc::from(text))),
        }
    } else {
        parser.problem(location, "a Wait state needs `Seconds`, `SecondsPath`, `Timestamp` or `TimestampPath`");
        return None;
    };
    Some(Wait { until, next })
}

fn parallel(
    parser: &mut Parser,
    map: &Object<String, Value>,
    location: &Location,
    names: &Names,
    depth: usize,
) -> Parallel {
    let branches_location = location.field("Branches");
    let mut branches = Vec::new();
    for (at, branch) in parser.list(map, "Branches", location).iter().enumerate() {
        let location = branches_location.item(at);
        match branch.as_object() {
            Some(branch) => branches.push(parser.machine(branch, &location, depth + 1)),
            None => parser.problem(&location, "a branch must be an object"),
        }
    }
    if !map.contains_key("Branches") {
        parser.problem(&branches_location, "a Parallel state needs `Branches`");
    }
    Parallel { branches, handling: handling(parser, map, location, names), next: parser.next(map, location, names) }
}

fn map_state(
    parser: &mut Parser,
    map: &Object<String, Value>,
    location: &Location,
    names: &Names,
    depth: usize,
) -> Option<Map> {
    let field = if map.contains_key("ItemProcessor") { "ItemProcessor" } else { "Iterator" };
    let processor_location = location.field(field);
    let Some(processor) = parser.object(map, field, location) else {
        parser.problem(&processor_location, "a Map state needs `ItemProcessor`");
        return None;
    };
    let mode = processor.get("ProcessorConfig").and_then(|config| config.get("Mode")).and_then(Value::as_str);
    if mode == Some("DISTRIBUTED") {
        parser
            .problem(&processor_location.field("ProcessorConfig"), "Map states in distributed mode are not supported");
    }
    for unsupported in ["ItemReader", "ItemBatcher", "ResultWriter"] {
        if map.contains_key(unsupported) {
            parser.problem(&location.field(unsupported), "Map states in distributed mode are not supported");
        }
    }
    let processor = parser.machine(processor, &processor_location, depth + 1);
    let items = match location.language {
        QueryLanguage::JsonPath => match parser.query(map, "ItemsPath", location) {
            Some(query) => Items::Path(query),
            None => Items::Input,
        },
        QueryLanguage::Jsonata => match parser.jsonata(map, "Items", location) {
            Some(template) => Items::Computed(template),
            None => Items::Input,
        },
    };
    let selector_field = if map.contains_key("ItemSelector") { "ItemSelector" } else { "Parameters" };
    let selector = match location.language {
        QueryLanguage::JsonPath => parser.template(map, selector_field, location).map(ItemSelector::JsonPath),
        QueryLanguage::Jsonata => parser.jsonata(map, "ItemSelector", location).map(ItemSelector::Jsonata),
    };
    Some(Map {
        processor,
        items,
        selector,
        max_concurrency: parser.number(map, "MaxConcurrency", Some("MaxConcurrencyPath"), location),
        tolerated_failure_count: parser.number(
            map,
            "ToleratedFailureCount",
            Some("ToleratedFailureCountPath"),
            location,
        ),
        tolerated_failure_percentage: parser.number(
            map,
            "ToleratedFailurePercentage",
            Some("ToleratedFailurePercentagePath"),
            location,
        ),
        handling: handling(parser, map, location, names),
        next: parser.next(map, location, names),
    })
}

fn choice_state(parser: &mut Parser, map: &Object<String, Value>, location: &Location, names: &Names) -> StateKind {
    let mut rules = Vec::new();
    for (at, rule) in parser.list(map, "Choices", location).iter().enumerate() {
        let location = location.field("Choices").item(at);
        let Some(rule) = rule.as_object() else {
            parser.problem(&location, "a rule must be an object");
            continue;
        };
        let condition = match location.language {
            QueryLanguage::JsonPath => choice::condition(parser, rule, &location, 0),
            QueryLanguage::Jsonata => jsonata_condition(parser, rule, &location),
        };
        let flow = parser.catch_flow(rule, &location);
        let next = parser.target(rule, "Next", &location, names);
        if let (Some(condition), Some(next)) = (condition, next) {
            rules.push(Rule { condition, flow, next });
        } else if !rule.contains_key("Next") {
            parser.problem(&location.field("Next"), "a rule needs `Next`");
        }
    }
    StateKind::Choice { rules, default: parser.target(map, "Default", location, names) }
}

fn jsonata_condition(parser: &mut Parser, rule: &Object<String, Value>, location: &Location) -> Option<Condition> {
    match rule.get("Condition") {
        Some(Value::Bool(flag)) => Some(Condition::Constant(*flag)),
        Some(Value::String(text)) if Expression::delimited(text).is_some() => {
            let source = Expression::delimited(text)?;
            parser.expression(source, &location.field("Condition")).map(Condition::Expression)
        }
        _ => {
            parser.problem(&location.field("Condition"), "a condition must be an expression, true or false");
            None
        }
    }
}

fn handling(parser: &mut Parser, map: &Object<String, Value>, location: &Location, names: &Names) -> Handling {
    let mut handling = Handling::default();
    for (at, retrier) in parser.list(map, "Retry", location).iter().enumerate() {
        let location = location.field("Retry").item(at);
        match retrier.as_object() {
            Some(retrier) => handling.retry.push(read_retrier(parser, retrier, &location)),
            None => parser.problem(&location, "a retrier must be an object"),
        }
    }
    for (at, catcher) in parser.list(map, "Catch", location).iter().enumerate() {
        let location = location.field("Catch").item(at);
        let Some(catcher) = catcher.as_object() else {
            parser.problem(&location, "a catcher must be an object");
            continue;
        };
        let errors = errors(parser, catcher, &location);
        let flow = parser.catch_flow(catcher, &location);
        match parser.target(catcher, "Next", &location, names) {
            Some(next) => handling.catch.push(Catcher { errors, flow, next }),
            None => parser.problem(&location.field("Next"), "a catcher needs `Next`"),
        }
    }
    handling
}

fn errors(parser: &mut Parser, map: &Object<String, Value>, location: &Location) -> Vec<String> {
    let names: Vec<String> =
        parser.list(map, "ErrorEquals", location).iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if names.is_empty() {
        parser.problem(&location.field("ErrorEquals"), "expected a list of error names");
    }
    names
}

fn read_retrier(parser: &mut Parser, map: &Object<String, Value>, location: &Location) -> Retrier {
    let mut whole = |field: &str, otherwise: u64| match map.get(field) {
        None => otherwise,
        Some(value) => value.as_u64().unwrap_or_else(|| {
            parser.problem(&location.field(field), "expected a non-negative integer");
            otherwise
        }),
    };
    let (interval_seconds, max_attempts) = (whole("IntervalSeconds", 1), whole("MaxAttempts", 3));
    let max_delay_seconds = map.contains_key("MaxDelaySeconds").then(|| whole("MaxDelaySeconds", 1));
    let jitter = match map.get("JitterStrategy").map(Value::as_str) {
        None | Some(Some("NONE")) => Jitter::None,
        Some(Some("FULL")) => Jitter::Full,
        Some(_) => {
            parser.problem(&location.field("JitterStrategy"), "expected `FULL` or `NONE`");
            Jitter::None
        }
    };
    let backoff_rate = map.get("BackoffRate").map_or(Some(2.0), Value::as_f64).unwrap_or_else(|| {
        parser.problem(&location.field("BackoffRate"), "expected a number");
        2.0
    });
    Retrier {
        errors: errors(parser, map, location),
        interval_seconds,
        max_attempts,
        backoff_rate,
        max_delay_seconds,
        jitter,
    }
}
