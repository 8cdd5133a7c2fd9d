//! `cordon asl`: the States Language engine alone, with mocked tasks.

mod history;
mod judge;
mod run;
mod test;

use clap::Subcommand;

use super::{Format, Stop, Streams, Workflow, file, parameter, progress};
use crate::exit_code;

#[derive(Debug, Subcommand)]
pub(super) enum Arguments {
    /// Run one definition with mocked task results, in virtual time
    #[command(after_help = exit_code::ASL_RUN_HELP)]
    Run(run::Arguments),
    /// Run a folder of recorded cases and show where the engine differs
    #[command(after_help = exit_code::ASL_TEST_HELP)]
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

/// The style of a verdict.
fn verdict_style(well: bool) -> anstyle::Style {
    let color = if well { anstyle::AnsiColor::Green } else { anstyle::AnsiColor::Red };
    color.on_default().bold()
}
