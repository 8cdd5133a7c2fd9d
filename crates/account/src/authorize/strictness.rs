/// How strictly a policy document is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strictness {
    /// Whether `${…}` is a variable: since version 2012-10-17.
    pub(super) variables: bool,
    /// Which condition keys simulated calls carry; any other is an error. `None` for a document that grants calls which
    /// are not simulated: there an unknown key is absent, as IAM treats it.
    pub(super) supplied: Option<KeyFilter>,
}

/// Whether simulated calls can carry a condition key.
pub(crate) type KeyFilter = fn(&str) -> bool;

impl Strictness {
    /// For texts without variables.
    pub(super) const PLAIN: Self = Self { variables: false, supplied: None };

    /// Whether a condition key may stand in the document.
    pub(super) fn allows_key(self, key: &str) -> bool {
        self.supplied.is_none_or(|supplied| supplied(key))
    }
}
