//! How much of an operation is simulated: what its page says, and what development builds hold it to.

use std::collections::BTreeSet;

/// What of an operation is simulated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Support {
    /// The operation: `DescribeInstances`.
    pub(crate) operation: &'static str,
    /// The parameters that it takes: names, each with the names inside it in braces where not all of them are taken:
    /// `DryRun Filters{Name Values} InstanceIds`.
    pub(crate) parameters: &'static str,
    /// Where it does otherwise than AWS.
    pub(crate) deviations: &'static [Deviation],
}

/// Something that AWS does otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deviation {
    /// What the simulation does, and what AWS does.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the page of the simulated account, which a test writes"))]
    pub(crate) what: &'static str,
    /// Why it does not do as AWS.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the page of the simulated account, which a test writes"))]
    pub(crate) why: &'static str,
}

impl Support {
    /// An operation and its parameters.
    pub(crate) const fn of(operation: &'static str, parameters: &'static str) -> Self {
        Self { operation, parameters, deviations: &[] }
    }

    /// The same with what AWS does otherwise.
    #[must_use]
    pub(crate) const fn but(mut self, deviations: &'static [Deviation]) -> Self {
        self.deviations = deviations;
        self
    }

    /// The full names of the parameters: `Filters`, `Filters.Name`.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut within: Vec<&str> = Vec::new();
        let mut last = "";
        let spaced = self.parameters.replace('{', " { ").replace('}', " } ");
        for word in spaced.split_whitespace() {
            match word {
                "{" => within.push(last),
                "}" => drop(within.pop()),
                name => {
                    let full = within.iter().copied().chain([name]).collect::<Vec<_>>().join(".");
                    names.insert(full);
                    last = name;
                }
            }
        }
        names
    }

    /// A parameter that an operation asked for and that is not declared. `taken` are full names.
    pub(crate) fn undeclared(&self, taken: &BTreeSet<String>) -> Option<String> {
        taken.difference(&self.names()).next().cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_full() {
        let support = Support::of("X", "A B{C{D} E} F");
        let names = support.names();
        assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), ["A", "B", "B.C", "B.C.D", "B.E", "F"]);
    }

    #[test]
    fn parameters_that_are_read_are_declared() {
        let support = Support::of("X", "A B{C D}");
        let undeclared = |taken: &[&str]| support.undeclared(&taken.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(undeclared(&["A", "B", "B.C"]), None);
        assert_eq!(undeclared(&["A", "B", "C"]), Some("C".to_owned()));
    }
}
