use super::parse;
use super::state::State;
use super::{ParseError, QueryLanguage, fields::Number};

/// A state machine, with the branches and item processors within it. Immutable; share it in an `Arc`.
#[derive(Debug)]
pub struct Definition {
    pub(super) comment: Option<String>,
    pub(super) query_language: QueryLanguage,
    pub(super) timeout_seconds: Option<Number>,
    pub(super) states: Vec<State>,
    pub(super) machines: Vec<Machine>,
}

/// The id of a state within its definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateId(pub(super) usize);

/// The id of a machine within its definition: the state machine itself, a branch, or the processor of a Map state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MachineId(pub(super) usize);

/// One machine of a definition.
#[derive(Debug, Clone, Copy)]
pub struct Machine {
    /// `StartAt`
    pub start: StateId,
}

impl Definition {
    /// The state machine itself.
    pub const ROOT: MachineId = MachineId(0);

    /// Reads a definition as CloudFormation hands it to Step Functions: JSON or YAML, its placeholders replaced.
    ///
    /// ```
    /// use asl::Definition;
    ///
    /// let definition = Definition::parse(r#"{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}"#)?;
    /// assert_eq!(definition.states().map(|(name, _)| name).collect::<Vec<_>>(), ["Done"]);
    ///
    /// let error = Definition::parse("StartAt: Done\nStates:\n  Done: {Type: Pass}\n").unwrap_err();
    /// assert_eq!(error.problems[0].message, "one of the fields Next, End is required");
    /// assert_eq!((error.problems[0].line, error.problems[0].column), (3, 3));
    /// # Ok::<(), asl::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// What `CreateStateMachine` refuses, and features that the engine does not support; each problem has its line and
    /// column.
    pub fn parse(text: &str) -> Result<Definition, ParseError> {
        parse::definition(text)
    }

    /// The machine's comment.
    #[must_use]
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// The query language of states without one of their own.
    #[must_use]
    pub fn query_language(&self) -> QueryLanguage {
        self.query_language
    }

    /// `TimeoutSeconds`: the seconds that an execution may take.
    #[must_use]
    pub fn timeout_seconds(&self) -> Option<&Number> {
        self.timeout_seconds.as_ref()
    }

    /// All states with their names, those of branches and item processors too.
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
