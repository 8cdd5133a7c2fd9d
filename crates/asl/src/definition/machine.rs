use super::parse;
use super::state::State;
use super::{ParseError, QueryLanguage, fields::Number};

/// A machine and all the machines within it. Immutable; share it in an `Arc`.
#[derive(Debug)]
pub struct Definition {
    pub(super) comment: Option<String>,
    pub(super) query_language: QueryLanguage,
    pub(super) timeout_seconds: Option<Number>,
    pub(super) states: Vec<State>,
    pub(super) machines: Vec<Machine>,
}

/// The number of a state within its definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateId(pub(super) usize);

/// The number of a machine within its definition: the whole one, a branch, or the processor of a Map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MachineId(pub(super) usize);

/// One machine of a definition.
#[derive(Debug, Clone, Copy)]
pub struct Machine {
    /// Where it starts.
    pub start: StateId,
}

impl Definition {
    /// The machine that the definition is, not one within it.
    pub const ROOT: MachineId = MachineId(0);

    /// Reads a definition.
    ///
    /// # Errors
    /// When `CreateStateMachine` would refuse the text, or the interpreter does not support what it asks for. The problems
    /// name line and column.
    pub fn parse(text: &str) -> Result<Definition, ParseError> {
        parse::definition(text)
    }

    /// The machine's comment.
    #[must_use]
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// The query language of states that name none.
    #[must_use]
    pub fn query_language(&self) -> QueryLanguage {
        self.query_language
    }

    /// Seconds the whole execution may take.
    #[must_use]
    pub fn timeout_seconds(&self) -> Option<&Number> {
        self.timeout_seconds.as_ref()
    }

    /// All states by name, those of nested machines too.
    pub fn states(&self) -> impl Iterator<Item = (&str, &State)> {
        self.states.iter().map(|state| (state.name(), state))
    }

    /// A state of this definition.
    #[expect(
        clippy::indexing_slicing,
        reason = "the parser makes the ids, and gives no definition in which a state is missing"
    )]
    pub(crate) fn state(&self, id: StateId) -> &State {
        &self.states[id.0]
    }

    /// Where a machine of this definition starts.
    #[expect(clippy::indexing_slicing, reason = "the parser makes the ids as it adds machines")]
    pub(crate) fn start_of(&self, id: MachineId) -> StateId {
        self.machines[id.0].start
    }
}
