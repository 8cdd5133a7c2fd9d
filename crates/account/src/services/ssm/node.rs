use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ops_item::OpsItem;
use crate::base::Timestamp;
use crate::protocol::Params;
use crate::service::SeedError;

/// What AWS Systems Manager holds in one Region of one account.
#[derive(Debug, Clone, Default, Hash)]
pub struct State {
    nodes: BTreeMap<String, Node>,
    pub(super) ops_items: Vec<OpsItem>,
}

/// A managed node.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Node {
    /// The instance id (`i-…`) or, outside of EC2, the node id (`mi-…`).
    pub id: String,
    /// The members of `InstanceInformation`, moments as epoch seconds.
    pub information: Map<String, Value>,
}

/// Members of `InstanceInformation` that are texts.
const TEXTS: &[&str] = &[
    "PingStatus",
    "AgentVersion",
    "PlatformType",
    "PlatformName",
    "PlatformVersion",
    "ActivationId",
    "IamRole",
    "ResourceType",
    "Name",
    "IPAddress",
    "ComputerName",
    "AssociationStatus",
    "SourceId",
    "SourceType",
    "SourceLocation",
];
/// Members that are moments.
const MOMENTS: &[&str] =
    &["LastPingDateTime", "RegistrationDate", "LastAssociationExecutionDate", "LastSuccessfulAssociationExecutionDate"];

impl State {
    /// Adds a managed node, or replaces the one with the same id.
    pub fn add_node(&mut self, node: Node) {
        self.nodes.insert(node.id.clone(), node);
    }

    /// All managed nodes by id.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The OpsItems that were created, in their order.
    pub fn ops_items(&self) -> &[OpsItem] {
        &self.ops_items
    }
}

impl Node {
    /// Reads an `InstanceInformation` as the CLI prints it. What is left out of it and every node has, gets a stated
    /// default: `Online`, `EC2Instance` (`ManagedInstance` for `mi-…`), agent 3.3.0.0.
    pub(super) fn read(mut given: Params) -> Result<Self, SeedError> {
        let id = given.require_string("InstanceId")?;
        if !is_node_id(&id) {
            let place = format!("{}.InstanceId", given.path());
            return Err(SeedError::malformed(place, format!("`{id}` is neither `i-…` nor `mi-…`")));
        }
        let mut information = Map::new();
        information.insert("InstanceId".to_owned(), id.clone().into());
        for name in TEXTS {
            if let Some(text) = given.take_string(name)? {
                information.insert((*name).to_owned(), text.into());
            }
        }
        for name in MOMENTS {
            let place = format!("{}.{name}", given.path());
            match given.take_value(name) {
                None => {}
                Some(Value::Number(seconds)) => {
                    information.insert((*name).to_owned(), Value::Number(seconds));
                }
                Some(Value::String(text)) => {
                    let moment =
                        Timestamp::parse(&text).map_err(|error| SeedError::malformed(place, error.to_string()))?;
                    information.insert((*name).to_owned(), moment.epoch_seconds().into());
                }
                Some(_) => return Err(SeedError::malformed(place, "expected a moment")),
            }
        }
        if let Some(latest) = given.take_bool("IsLatestVersion")? {
            information.insert("IsLatestVersion".to_owned(), latest.into());
        }
        if let Some(overview) = given.take_value("AssociationOverview") {
            information.insert("AssociationOverview".to_owned(), overview);
        }
        let resource = if id.starts_with("mi-") { "ManagedInstance" } else { "EC2Instance" };
        for (name, value) in [("PingStatus", "Online"), ("ResourceType", resource), ("AgentVersion", "3.3.0.0")] {
            information.entry(name).or_insert_with(|| value.into());
        }
        let enumerated: [(&str, &[&str]); 3] = [
            ("PingStatus", &["Online", "ConnectionLost", "Inactive"]),
            ("PlatformType", &["Windows", "Linux", "MacOS"]),
            ("ResourceType", &["ManagedInstance", "EC2Instance"]),
        ];
        for (name, words) in enumerated {
            if let Some(Value::String(text)) = information.get(name)
                && !words.contains(&text.as_str())
            {
                let place = format!("{}.{name}", given.path());
                return Err(SeedError::malformed(place, format!("`{text}` is none of {}", words.join(", "))));
            }
        }
        Ok(Self { id, information })
    }

    /// A member of the information that is a text.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.information.get(member).and_then(Value::as_str)
    }
}

/// Whether a text has the form of an instance id or node id: `i-` and 8 or 17 letters, digits or underscores, `mi-`
/// and 17.
pub(super) fn is_node_id(text: &str) -> bool {
    let word = |rest: &str| rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match (text.strip_prefix("mi-"), text.strip_prefix("i-")) {
        (Some(rest), _) => rest.len() == 17 && word(rest),
        (None, Some(rest)) => matches!(rest.len(), 8 | 17) && word(rest),
        (None, None) => false,
    }
}
