//! The full names of an operation's parameters, and values for them.

use std::collections::BTreeSet;

use super::{Kind, Model};

impl Model {
    /// The full names of an operation's parameters, without positions in lists and keys of maps: `Filters`,
    /// `Filters.Name`. A structure inside itself is not repeated.
    pub(crate) fn parameters(&self, operation: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        if let Some(input) = self.operations.get(operation).and_then(|operation| operation.input) {
            self.names(input, "", &mut Vec::new(), &mut names);
        }
        names
    }

    fn names(&self, structure: usize, path: &str, around: &mut Vec<usize>, names: &mut BTreeSet<String>) {
        if around.contains(&structure) {
            return;
        }
        around.push(structure);
        for member in &self.structure_at(structure).members {
            let full = if path.is_empty() { member.sdk.to_owned() } else { format!("{path}.{}", member.sdk) };
            if let Some(inner) = member.kind.structure() {
                self.names(inner, &full, around, names);
            }
            names.insert(full);
        }
        around.pop();
    }
}

impl Kind {
    /// The structure that a value is, or that a list or map has.
    pub(super) fn structure(&self) -> Option<usize> {
        match self {
            Self::Structure(index) => Some(*index),
            Self::List(kind, _) | Self::Map(kind, ..) => kind.structure(),
            _ => None,
        }
    }
}

mod examples {
    use serde_json::{Map, Value, json};

    use super::*;

    impl Model {
        /// The parameters that an operation requires and those of `wanted`, which are full names, with some value.
        pub(crate) fn example(&self, operation: &str, wanted: &BTreeSet<String>) -> Value {
            let input = self.operations.get(operation).and_then(|operation| operation.input);
            input.map_or_else(|| json!({}), |input| self.structure_example(input, "", wanted))
        }

        fn structure_example(&self, structure: usize, path: &str, wanted: &BTreeSet<String>) -> Value {
            let mut members = Map::new();
            for member in &self.structure_at(structure).members {
                let full = if path.is_empty() { member.sdk.to_owned() } else { format!("{path}.{}", member.sdk) };
                if member.required || wanted.contains(&full) {
                    members.insert(member.sdk.to_owned(), self.value_example(&member.kind, &full, wanted));
                }
            }
            Value::Object(members)
        }

        fn value_example(&self, kind: &Kind, path: &str, wanted: &BTreeSet<String>) -> Value {
            match kind {
                Kind::Text | Kind::Bytes | Kind::Any => json!("111"),
                Kind::OneOf(values) => json!(self.values.get(*values).and_then(|values| values.first())),
                Kind::Boolean => json!(false),
                Kind::Integer | Kind::Number => json!(10),
                Kind::Moment => json!("2026-03-01T00:00:00Z"),
                Kind::Structure(structure) => self.structure_example(*structure, path, wanted),
                Kind::List(kind, _) => json!([self.value_example(kind, path, wanted)]),
                Kind::Map(kind, ..) => json!({"k": self.value_example(kind, path, wanted)}),
            }
        }
    }
}
