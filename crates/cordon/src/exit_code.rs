//! The exit codes of the command, in the order of their rank.

/// Nothing to report.
pub(crate) const FINE: u8 = 0;
/// The tool itself failed.
pub(crate) const TOOL_FAILED: u8 = 1;
/// A check failed: an expectation differs, an incident needs a person, an invariant is broken.
pub(crate) const CHECK_FAILED: u8 = 2;
/// The input cannot be used, wrong arguments included.
pub(crate) const BAD_INPUT: u8 = 3;

/// The exit codes of all commands together.
pub(crate) const HELP: &str = "Exit codes: 0 fine; 1 the tool failed; 2 a check failed; 3 bad input. Each command's --help \
                               says what its checks are.";
/// The exit codes of `replay`.
pub(crate) const REPLAY_HELP: &str = "Exit codes: 0 every event is as its scenario expects, or without a scenario needs nobody; 1 the tool failed; 2 an \
     expectation differs, or an incident without a scenario is failed, escalated or partially contained; 3 bad input.";
/// The exit codes of `explore`.
pub(crate) const EXPLORE_HELP: &str = "Exit codes: 0 every invariant holds; 1 the tool failed; 2 an invariant is broken; 3 bad input, or a fault of --only \
     that hits no call.";
/// The exit codes of `route`.
pub(crate) const ROUTE_HELP: &str =
    "Exit codes: 0 every input is an event, whether a rule matches or not; 1 the tool failed; 3 bad input.";
/// The exit codes of `lint`.
pub(crate) const LINT_HELP: &str =
    "Exit codes: 0 no errors (warnings are fine); 1 the tool failed; 3 a definition has errors or cannot be read.";
/// The exit codes of `kill-switch engage` and `release`.
pub(crate) const SWITCH_HELP: &str = "Exit codes: 0 the switch was set; 1 the switch could not be reached; 2 its record cannot be read, which stops the \
     response too; 3 bad input.";
/// The exit codes of `kill-switch status`.
pub(crate) const STATUS_HELP: &str =
    "Exit codes: 0 the response acts; 1 the switch could not be reached; 2 the response is paused; 3 bad input.";
/// The exit codes of `asl run`.
pub(crate) const ASL_RUN_HELP: &str =
    "Exit codes: 0 the execution succeeded; 1 the tool failed; 2 it failed, timed out or never ends; 3 bad input.";
/// The exit codes of `asl test`.
pub(crate) const ASL_TEST_HELP: &str =
    "Exit codes: 0 every case agrees; 1 the tool failed; 2 a case differs or cannot be run; 3 bad input.";

/// Of two exit codes the one that ranks higher: the tool failed, bad input, a check failed, fine.
pub(crate) fn worse(a: u8, b: u8) -> u8 {
    const RANK: [u8; 4] = [TOOL_FAILED, BAD_INPUT, CHECK_FAILED, FINE];
    RANK.into_iter().find(|code| *code == a || *code == b).unwrap_or(TOOL_FAILED)
}
