/// Condition keys that every simulated call carries, in lower case. A key that ends in `/` takes a tag key after it.
///
/// Source: IAM User Guide, "AWS global condition context keys". The keys of a service are in its row of the registry.
pub(crate) const GLOBAL_KEYS: &[&str] = &[
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:securetransport",
    "aws:userid",
    // Calls on tagged resources, and calls that tag.
    "aws:requesttag/",
    "aws:resourcetag/",
    "aws:tagkeys",
];

/// Condition keys of the services that the simulator hosts, in lower case (Service Authorization Reference).
pub(crate) const HOSTED_KEYS: &[&str] = &["states:statemachinequalifier"];

/// Whether `key` (compared without regard to case) is one of `known`.
pub(crate) fn is_listed(known: &[&str], key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    known.iter().any(|known| match known.strip_suffix('/') {
        Some(family) => {
            key.strip_prefix(family).and_then(|rest| rest.strip_prefix('/')).is_some_and(|name| !name.is_empty())
        }
        None => key == *known,
    })
}
