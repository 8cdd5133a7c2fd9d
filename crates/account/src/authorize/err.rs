use thiserror::Error;

/// Why a policy document was refused, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {kind}")]
pub struct PolicyError {
    /// The place, as a path from the top of the document: `Statement[2].Condition.StringEquals`.
    pub place: String,
    /// What is wrong there.
    pub kind: PolicyErrorKind,
}

/// What may be wrong with a policy document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyErrorKind {
    /// A value has another type than the policy grammar gives it.
    #[error("expected {expected}, found {found}")]
    Type {
        /// What the grammar wants there.
        expected: &'static str,
        /// What the document has.
        found: &'static str,
    },
    /// An element must be present and is not.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// An element is not part of an identity policy, or not one this simulation evaluates.
    #[error("unknown element `{0}`")]
    UnknownElement(String),
    /// Two elements exclude each other, as `Action` and `NotAction` do.
    #[error("`{0}` and `{1}` exclude each other")]
    Exclusive(&'static str, &'static str),
    /// A list that must have an entry has none.
    #[error("at least one value is required")]
    Empty,
    /// `Version` is none of the two that exist.
    #[error("unknown policy version `{0}`")]
    Version(String),
    /// `Effect` is neither `Allow` nor `Deny`.
    #[error("`Effect` must be `Allow` or `Deny`, found `{0}`")]
    Effect(String),
    /// Two statements of one document share a `Sid`.
    #[error("the statement id `{0}` is used twice")]
    DuplicateSid(String),
    /// A `Sid` has a character other than letters and digits.
    #[error("the statement id `{0}` has characters other than A-Z, a-z and 0-9")]
    Sid(String),
    /// An action is neither `*` nor `service:Name`.
    #[error("`{0}` is not an action: expected `service:Name` or `*`")]
    Action(String),
    /// A resource is neither `*` nor an ARN.
    #[error("`{0}` is not a resource: expected an ARN or `*`")]
    Resource(String),
    /// A condition operator that this simulation does not evaluate.
    #[error("the condition operator `{0}` is not evaluated by the simulated account")]
    Operator(String),
    /// A condition key that no simulated call carries.
    #[error("the condition key `{0}` is not supplied by the simulated account")]
    Key(String),
    /// A policy variable without its end, or with a key that no simulated call carries.
    #[error("the policy variable `{0}` is not one the simulated account can resolve")]
    Variable(String),
    /// A condition value that its operator cannot compare with.
    #[error("`{value}` is not {expected}")]
    ConditionValue {
        /// The value as written.
        value: String,
        /// What the operator compares with.
        expected: &'static str,
    },
}

impl PolicyError {
    pub(super) fn new(place: impl Into<String>, kind: PolicyErrorKind) -> Self {
        Self { place: place.into(), kind }
    }
}
