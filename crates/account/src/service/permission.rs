use std::collections::BTreeMap;

/// One action on one resource that must be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequiredPermission {
    /// The action with its service prefix: `ec2:CreateTags`.
    pub(crate) action: String,
    /// The resource's ARN, or `*`.
    pub(crate) resource: String,
    /// The condition keys that this call supplies for this resource, beside the global ones.
    pub(crate) keys: BTreeMap<String, Vec<String>>,
    /// Whether the service checks this permission after it has answered, so that a refusal shows only in the resource
    /// that the call makes: [`crate::service::Context::deferred_refusals`].
    pub(crate) deferred: bool,
}

impl RequiredPermission {
    /// An action on a resource, without condition keys.
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), keys: BTreeMap::new(), deferred: false }
    }

    /// The same permission, checked only after the call has been answered.
    #[must_use]
    pub(crate) fn deferred(mut self) -> Self {
        self.deferred = true;
        self
    }

    /// The same permission with condition keys of one value each.
    #[must_use]
    pub(crate) fn keys(self, keys: &[(&str, &str)]) -> Self {
        keys.iter().fold(self, |permission, (name, value)| permission.key(*name, *value))
    }

    /// The same permission with a condition key of one value.
    #[must_use]
    pub(crate) fn key(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.keys.entry(name.into()).or_default().push(value.into());
        self
    }
}
