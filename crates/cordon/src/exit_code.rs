//! The exit codes of the command, in the order of their rank.

/// Nothing to report.
pub(crate) const FINE: u8 = 0;
/// The tool itself failed.
pub(crate) const TOOL_FAILED: u8 = 1;
/// A check failed: an expectation differs, an incident needs a person, an invariant is broken.
pub(crate) const CHECK_FAILED: u8 = 2;
/// The input cannot be used, wrong arguments included.
pub(crate) const BAD_INPUT: u8 = 3;

/// Of two exit codes the one that ranks higher: the tool failed, bad input, a check failed, fine.
pub(crate) fn worse(a: u8, b: u8) -> u8 {
    const RANK: [u8; 4] = [TOOL_FAILED, BAD_INPUT, CHECK_FAILED, FINE];
    RANK.into_iter().find(|code| *code == a || *code == b).unwrap_or(TOOL_FAILED)
}
