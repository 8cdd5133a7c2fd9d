//! `cordon route`.

use std::io::Write;

use clap::Args;
use incident::Outcome;
use serde_json::json;

use super::{Common, Format, Stop, Streams};
use crate::events;
use crate::handlers::Handlers;
use crate::human::Paint;
use crate::record::worse_exit_code;
use crate::replay::Replay;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let common = &arguments.common;
    let replay = Replay::new(common.project()?, Handlers::deployed()).parameters(common.parameters());
    replay.check().map_err(|error| Stop::BadInput(error.to_string()))?;
    let paint = Paint::new(streams.color);
    let mut out = std::io::BufWriter::new(&mut *streams.out);
    let mut code = 0;
    let mut failed = None;
    for input in events::find(&common.paths) {
        events::read(input, &mut |recorded| {
            let source = recorded.source.clone();
            let written = match recorded.event {
                Ok(event) => match replay.route(&event) {
                    Ok(routed) => match common.format {
                        Format::Json => writeln!(out, "{}", routed.json(&source)),
                        Format::Human => write!(out, "{}", routed.human(&source, paint)),
                    },
                    Err(reason) => invalid(&mut out, streams.err, common.format, &source, &reason, &mut code),
                },
                Err(error) => invalid(&mut out, streams.err, common.format, &source, &error.to_string(), &mut code),
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

fn invalid(
    out: &mut impl Write,
    err: &mut dyn Write,
    format: Format,
    source: &events::Source,
    reason: &str,
    code: &mut u8,
) -> std::io::Result<()> {
    *code = worse_exit_code(*code, 3);
    out.flush()?;
    writeln!(err, "cordon: {}: {}", incident::text::line(&source.to_string(), 300), incident::text::line(reason, 400))?;
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
