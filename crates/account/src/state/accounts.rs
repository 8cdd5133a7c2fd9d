use std::collections::BTreeMap;

use super::Region;

/// All accounts with their Regions. Clones share the state of services until one of them changes it.
#[derive(Debug, Clone, Hash)]
pub(crate) struct Accounts {
    /// A Region in which nothing is.
    empty: Region,
    /// By account, then Region.
    regions: BTreeMap<String, BTreeMap<String, Region>>,
}

impl Accounts {
    /// No account yet. `empty` is the Region that a first access makes.
    pub(crate) fn new(empty: Region) -> Self {
        Self { empty, regions: BTreeMap::new() }
    }

    /// A Region that was accessed before.
    pub(crate) fn get(&self, account: &str, region: &str) -> Option<&Region> {
        self.regions.get(account)?.get(region)
    }

    /// A Region that was accessed before.
    pub(crate) fn get_mut(&mut self, account: &str, region: &str) -> Option<&mut Region> {
        self.regions.get_mut(account)?.get_mut(region)
    }

    /// A Region, empty at the first access.
    pub(crate) fn entry(&mut self, account: &str, region: &str) -> &mut Region {
        // Only the first access allocates names.
        if !self.regions.get(account).is_some_and(|regions| regions.contains_key(region)) {
            let regions = self.regions.entry(account.to_owned()).or_default();
            regions.insert(region.to_owned(), self.empty.clone());
        }
        #[expect(clippy::expect_used, reason = "the lines above insert the Region if it is missing")]
        self.get_mut(account, region).expect("a Region")
    }

    /// All Regions, by account and name.
    pub(crate) fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.values().flat_map(BTreeMap::values)
    }
}
