//! The report of a run.

use incident::{Control, ControlState, Outcome};
use responder::{Assessment, Error, ErrorName, Result};
use serde::Serialize;

/// What was read back from the account.
#[derive(Debug, Serialize)]
pub struct Output {
    outcome: Outcome,
    controls: Vec<Control>,
    gaps: Vec<String>,
    residual_paths: Vec<String>,
}

/// Paths that isolation groups do not close (EC2 user guide, "Security group connection tracking"; VPC user guide, "Route 53
/// Resolver DNS Firewall": queries to the Resolver pass no security group).
const RESIDUAL_PATHS: [&str; 3] = [
    "connections that were tracked before the swap, a session of Systems Manager among them, stay open until they end or \
     idle out (up to 5 days for TCP); those through a NAT gateway, Network Load Balancer, PrivateLink or Transit Gateway \
     are always tracked",
    "DNS through the Route 53 Resolver of the VPC is not filtered by security groups",
    "the EC2 serial console is not filtered by security groups",
];

/// The report of an instance without network interfaces.
pub(crate) fn not_found() -> Output {
    Output {
        outcome: Outcome::NotFound,
        controls: Vec::new(),
        gaps: vec!["no network interface is attached any more: the instance is gone".to_owned()],
        residual_paths: Vec::new(),
    }
}

/// Builds the report from the controls: those before isolation, the interfaces, and those after it.
///
/// # Errors
/// `Containment.Interrupted` when a transient failure left a control open, unless this is the last attempt.
pub(crate) fn build(
    before: Vec<Assessment>,
    interfaces: Vec<Assessment>,
    after: Vec<Assessment>,
    mut gaps: Vec<String>,
    last_attempt: bool,
) -> Result<Output> {
    let held = interfaces.iter().filter(|assessed| assessed.control.state.holds()).count();
    let all = interfaces.len();
    let assessed: Vec<Assessment> = before.into_iter().chain(interfaces).chain(after).collect();
    let transient: Vec<&str> = assessed.iter().filter_map(|assessed| assessed.transient.as_deref()).collect();
    if !transient.is_empty() && !last_attempt {
        return Err(Error::new(
            ErrorName::ContainmentInterrupted,
            format!("{held} of {all} interfaces isolated; {}", transient.join("; ")),
        ));
    }
    let controls: Vec<Control> = assessed.into_iter().map(|assessed| assessed.control).collect();
    let outcome = if held == 0 {
        Outcome::Failed
    } else if held < all || controls.iter().any(|control| control.state == ControlState::Failed) {
        Outcome::PartiallyContained
    } else {
        Outcome::Contained
    };
    let open = controls.iter().filter(|control| !control.state.holds());
    gaps.splice(0..0, open.map(|control| format!("{}: {}", control.name, control.detail)));
    // If nothing was isolated every path is open, not only these.
    let paths = if held > 0 { RESIDUAL_PATHS.as_slice() } else { &[] };
    Ok(Output { outcome, controls, gaps, residual_paths: paths.iter().map(|path| (*path).to_owned()).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assessed(state: ControlState, transient: bool) -> Assessment {
        Assessment {
            control: Control::new("measure", "subject", state, "detail"),
            transient: transient.then(|| "throttled".to_owned()),
        }
    }

    fn outcome(before: ControlState, interfaces: &[ControlState]) -> Option<Outcome> {
        let interfaces = interfaces.iter().map(|state| assessed(*state, false)).collect();
        build(vec![assessed(before, false)], interfaces, Vec::new(), Vec::new(), false)
            .ok()
            .map(|output| output.outcome)
    }

    #[test]
    fn interfaces_decide_first_and_a_failed_control_makes_it_partial() {
        use ControlState::{AlreadyDone, Done, Failed, Gap};
        assert_eq!(outcome(Done, &[Done, AlreadyDone]), Some(Outcome::Contained));
        assert_eq!(outcome(Gap, &[Done]), Some(Outcome::Contained));
        assert_eq!(outcome(Failed, &[Done]), Some(Outcome::PartiallyContained));
        assert_eq!(outcome(Done, &[Done, Gap]), Some(Outcome::PartiallyContained));
        assert_eq!(outcome(Done, &[Done, Failed]), Some(Outcome::PartiallyContained));
        assert_eq!(outcome(Done, &[Failed, Failed]), Some(Outcome::Failed));
    }

    #[test]
    fn a_transient_failure_is_raised_until_the_last_attempt() {
        let run = |last| {
            let failed = vec![assessed(ControlState::Failed, true)];
            build(failed, vec![assessed(ControlState::Done, false)], Vec::new(), Vec::new(), last)
        };
        assert!(run(false).is_err_and(|error| error.name == ErrorName::ContainmentInterrupted));
        assert!(run(true).is_ok_and(|output| output.outcome == Outcome::PartiallyContained && output.gaps.len() == 1));
    }
}
