/// How strictly a policy document is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    /// Whether `${…}` is a variable: since version 2012-10-17.
    pub(super) variables: bool,
    /// Whether somebody else wrote the document, for calls that nobody simulates: a key that no simulated call carries is
    /// absent then, as IAM takes it, and no error.
    pub(super) foreign: bool,
}

impl Reading {
    /// Of texts without variables.
    pub(super) const PLAIN: Self = Self { variables: false, foreign: false };
}
