use std::fmt;

use crate::services::dynamodb::attribute::{Attribute, Item};

/// Where in an item: `Incident.Notes[0]`. Never empty, and the first step is a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::services::dynamodb) struct Path(pub(in crate::services::dynamodb) Vec<Step>);

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::services::dynamodb) enum Step {
    /// An attribute of the item, or an entry of a map.
    Name(String),
    /// An element of a list, from 0.
    Index(usize),
}

impl Path {
    /// The name of the item's attribute that the path begins with.
    pub(in crate::services::dynamodb) fn attribute(&self) -> &str {
        match self.0.first() {
            Some(Step::Name(name)) => name,
            _ => "",
        }
    }

    /// Whether the path goes into the attribute that it begins with.
    pub(in crate::services::dynamodb) fn is_nested(&self) -> bool {
        self.0.len() > 1
    }

    /// What the path leads to.
    pub(in crate::services::dynamodb) fn find<'a>(&self, item: &'a Item) -> Option<&'a Attribute> {
        let (first, rest) = self.0.split_first()?;
        let Step::Name(name) = first else { return None };
        rest.iter().try_fold(item.get(name)?, |value, step| match (value, step) {
            (Attribute::M(map), Step::Name(name)) => map.get(name),
            (Attribute::L(list), Step::Index(index)) => list.get(*index),
            _ => None,
        })
    }
}

impl fmt::Display for Path {
    /// A list of the steps, as DynamoDB shows a path in messages: `[Incident, Notes, [0]]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<String> = self
            .0
            .iter()
            .map(|step| match step {
                Step::Name(name) => name.clone(),
                Step::Index(index) => format!("[{index}]"),
            })
            .collect();
        write!(f, "[{}]", steps.join(", "))
    }
}
