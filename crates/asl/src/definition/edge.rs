//! The edges of a definition: everything that an execution of it can do. Their coverage by tests is measured.

use std::fmt;

use super::machine::Definition;
use super::state::{State, StateKind};

/// One thing that an execution of a definition can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge<'a> {
    /// The location of the state in the definition, through branches and item processors, such as
    /// `/States/Respond/Branches[1]/States/Snapshot`.
    pub place: &'a str,
    /// The name of the state.
    pub state: &'a str,
    /// What the state does.
    pub kind: EdgeKind,
}

/// What a state can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// The state is entered.
    Entered,
    /// The rule with that index of a Choice state matches.
    Rule(usize),
    /// No rule of a Choice state matches, and the execution continues with `Default`.
    Default,
    /// The retrier with that index runs the state again.
    Retry(usize),
    /// The catcher with that index handles an error.
    Catch(usize),
}

/// The location of the edge in the definition, such as `/States/Snapshot/Catch[0]`.
impl fmt::Display for Edge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.place)?;
        match self.kind {
            EdgeKind::Entered => Ok(()),
            EdgeKind::Rule(at) => write!(f, "/Choices[{at}]"),
            EdgeKind::Default => f.write_str("/Default"),
            EdgeKind::Retry(at) => write!(f, "/Retry[{at}]"),
            EdgeKind::Catch(at) => write!(f, "/Catch[{at}]"),
        }
    }
}

impl Definition {
    /// Every edge: each state, each rule and `Default` of a Choice, each Retrier and Catcher, those of nested machines too.
    pub fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        self.states.iter().flat_map(|state| {
            let edge = move |kind| Edge { place: &state.place, state: state.name(), kind };
            kinds(state).map(edge)
        })
    }

    pub(crate) fn edge_count(&self) -> usize {
        self.states.last().map_or(0, |last| last.first_edge + kinds(last).count())
    }

    /// Numbers the edges in the order of [`Definition::edges`].
    pub(super) fn number_edges(states: &mut [State]) {
        let mut next = 0;
        for state in states {
            state.first_edge = next;
            next += kinds(state).count();
        }
    }
}

impl State {
    /// The number of an edge of this state within its definition.
    pub(crate) fn edge(&self, kind: EdgeKind) -> usize {
        let retriers = || self.handling().map_or(0, |handling| handling.retry.len());
        self.first_edge
            + match kind {
                EdgeKind::Entered => 0,
                EdgeKind::Rule(at) | EdgeKind::Retry(at) => 1 + at,
                EdgeKind::Default => 1 + rules_of(self),
                EdgeKind::Catch(at) => 1 + retriers() + at,
            }
    }
}

fn rules_of(state: &State) -> usize {
    match state.kind() {
        StateKind::Choice { rules, .. } => rules.len(),
        _ => 0,
    }
}

fn kinds(state: &State) -> impl Iterator<Item = EdgeKind> + use<> {
    let default = matches!(state.kind(), StateKind::Choice { default: Some(_), .. }).then_some(EdgeKind::Default);
    let (retriers, catchers) = state.handling().map_or((0, 0), |handling| (handling.retry.len(), handling.catch.len()));
    std::iter::once(EdgeKind::Entered)
        .chain((0..rules_of(state)).map(EdgeKind::Rule))
        .chain(default)
        .chain((0..retriers).map(EdgeKind::Retry))
        .chain((0..catchers).map(EdgeKind::Catch))
}
