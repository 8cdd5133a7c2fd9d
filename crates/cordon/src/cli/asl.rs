//! `cordon asl`: the States Language engine alone, with mocked tasks.

mod history;
mod judge;
mod run;
mod test;

use clap::Subcommand;

use super::{Format, Stop, Streams, Workflow, file, parameter, progress};

#[derive(Debug, Subcommand)]
pub(super) enum Arguments {
    /// Run one definition with mocked task results, in virtual time
    ///
    /// Exit codes: 0 it succeeded; 2 it failed, timed out or never ends; 3 bad input; 1 the tool failed.
    Run(run::Arguments),
    /// Run a folder of recorded cases and tell where the engine differs
    ///
    /// Exit codes: 0 every case agrees; 2 a case differs or cannot be run; 3 bad input; 1 the tool failed.
    Test(test::Arguments),
}

pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    match arguments {
        Arguments::Run(arguments) => run::run(arguments, streams),
        Arguments::Test(arguments) => test::run(arguments, streams),
    }
}

/// Text in a style, where output is colored.
fn styled(color: bool, style: anstyle::Style, text: &str) -> String {
    if color { format!("{}{text}{}", style.render(), style.render_reset()) } else { text.to_owned() }
}

/// The style of what is well or not.
fn verdict_style(well: bool) -> anstyle::Style {
    let color = if well { anstyle::AnsiColor::Green } else { anstyle::AnsiColor::Red };
    color.on_default().bold()
}
