use std::borrow::Cow;
use std::collections::BTreeMap;

/// The condition keys that a call carries.
pub trait ConditionKeys {
    /// The values of a key, found without regard to case; `None` if the call does not carry it.
    fn values(&self, key: &str) -> Option<Cow<'_, [String]>>;
}

impl ConditionKeys for BTreeMap<String, Vec<String>> {
    fn values(&self, key: &str) -> Option<Cow<'_, [String]>> {
        let values = self.get(key).or_else(|| {
            let mut all = self.iter();
            all.find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, values)| values)
        });
        values.map(|values| Cow::Borrowed(values.as_slice()))
    }
}
