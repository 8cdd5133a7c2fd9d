//! `cordon route`: which rule matches an event, without anything being run.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;
use incident::finding::{self, Event};
use incident::{Incident, Outcome};
use serde_json::{Value, json};
use template::{Project, ProjectError, Surroundings, Template, routing};

use super::{Common, Format, Stop, Streams};
use crate::escape::escaped;
use crate::exit_code;
use crate::paint::Paint;
use crate::routing as report;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: Common,
}

/// The project's template for each place that an event reaches.
struct Stacks {
    project: Project,
    parameters: BTreeMap<String, String>,
    templates: BTreeMap<(String, String, String), Template>,
}

impl Stacks {
    fn of(common: &Common) -> Result<Stacks, ProjectError> {
        let mut parameters = ingest::default_parameters();
        parameters.extend(common.parameters());
        let mut stacks = Stacks { project: common.project()?, parameters, templates: BTreeMap::new() };
        // A template that cannot be read is reported once, before any event.
        stacks.template(ingest::stack_of(&Value::Null, None))?;
        Ok(stacks)
    }

    fn template(&mut self, place: Surroundings) -> Result<&Template, ProjectError> {
        let key = (place.account.clone(), place.region.clone(), place.partition.clone());
        let template = match self.templates.remove(&key) {
            Some(template) => template,
            None => template::read(self.project.template(), &self.parameters, &place)
                .map_err(|error| ProjectError::in_file(self.project.template_path(), error))?,
        };
        Ok(self.templates.entry(key).or_insert(template))
    }
}

pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let common = &arguments.common;
    let mut stacks = Stacks::of(common)?;
    let paint = Paint::new(streams.color);
    let mut out = std::io::BufWriter::new(&mut *streams.out);
    let mut code = exit_code::FINE;
    let mut failed = None;
    for input in ingest::find(&common.paths) {
        ingest::read(input, &mut |recorded| {
            let source = recorded.source.clone();
            let checked = recorded.event.map_err(|error| error.to_string());
            let written = match checked.and_then(|event| in_event_form(&event)) {
                Ok(event) => match stacks.template(place(&event)) {
                    Ok(template) => {
                        let routing = routing::route(template, &event);
                        match common.format {
                            Format::Json => writeln!(out, "{}", report::json(&routing, &source)),
                            Format::Human => write!(out, "{}", report::human(&routing, &source, paint)),
                        }
                    }
                    Err(error) => invalid(&mut out, streams.err, common.format, &source, &error.to_string(), &mut code),
                },
                Err(reason) => invalid(&mut out, streams.err, common.format, &source, &reason, &mut code),
            };
            failed = written.err();
            failed.is_none()
        });
        if let Some(error) = failed {
            return Err(Stop::Output(error));
        }
    }
    out.flush()?;
    Ok(code)
}

/// The event as EventBridge delivers it, or why the input is none.
fn in_event_form(event: &Value) -> Result<Value, String> {
    let event = finding::in_event_form(event).unwrap_or_else(|| event.clone());
    finding::envelope(&event).map_err(|error| error.to_string())?;
    Ok(event)
}

/// Where the stack is that an event reaches.
fn place(event: &Value) -> Surroundings {
    let incident = match finding::parse(event) {
        Ok(Event::GuardDuty(finding)) => Some(Incident::from_finding(&finding)),
        Ok(Event::ComplianceChange(change)) => Some(Incident::from_compliance_change(&change)),
        _ => None,
    };
    ingest::stack_of(event, incident.as_ref())
}

fn invalid(
    out: &mut impl Write,
    err: &mut dyn Write,
    format: Format,
    source: &ingest::Source,
    reason: &str,
    code: &mut u8,
) -> std::io::Result<()> {
    *code = exit_code::worse(*code, exit_code::BAD_INPUT);
    out.flush()?;
    writeln!(err, "cordon: {}: {}", escaped(&source.to_string()), escaped(reason))?;
    match format {
        Format::Human => Ok(()),
        Format::Json => writeln!(
            out,
            "{}",
            json!({"source": {"path": source.path, "line": source.line}, "rule": null, "playbook": null,
                   "version": null, "outcome": Outcome::Invalid.name(), "reason": reason, "rules": []})
        ),
    }
}
