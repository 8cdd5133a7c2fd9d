//! Edge coverage: the edges of its definition that an execution took.

use super::Execution;
use crate::definition::{Edge, EdgeKind, State};

/// A bit for each edge of a definition, by its number.
pub(super) struct EdgeSet(Vec<u64>);

impl EdgeSet {
    pub(super) fn none_of(edges: usize) -> EdgeSet {
        EdgeSet(vec![0; edges.div_ceil(64)])
    }

    #[expect(clippy::indexing_slicing, reason = "there is a bit for each edge of the definition, and it numbers them")]
    fn add(&mut self, edge: usize) {
        self.0[edge / 64] |= 1 << (edge % 64);
    }

    fn has(&self, edge: usize) -> bool {
        self.0.get(edge / 64).is_some_and(|word| word & (1 << (edge % 64)) != 0)
    }
}

impl Execution {
    /// The edges of the definition that were taken so far, each once, in the order of
    /// [`Definition::edges`](crate::Definition::edges).
    pub fn edges_taken(&self) -> impl Iterator<Item = Edge<'_>> {
        self.definition.edges().enumerate().filter_map(|(at, edge)| self.taken.has(at).then_some(edge))
    }

    pub(super) fn take_edge(&mut self, state: &State, kind: EdgeKind) {
        self.taken.add(state.edge(kind));
    }
}
