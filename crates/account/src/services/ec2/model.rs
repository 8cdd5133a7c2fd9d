//! The names of the EC2 API: each member's name in the SDKs (and the CLI), in requests and in responses, with its type.
//!
//! `model.tsv` holds the structures of the simulated operations, drawn from the service model that AWS publishes. With
//! it a request is read with SDK names and checked, an `account.json` with CLI names becomes what responses are made
//! of, and an unknown name is found wherever it is nested.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::base::Timestamp;

/// The parsed table.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

#[derive(Debug, Default)]
struct Model {
    operations: BTreeMap<&'static str, (&'static str, &'static str)>,
    structures: BTreeMap<&'static str, Structure>,
}

#[derive(Debug, Default)]
struct Structure {
    members: Vec<Member>,
    by_sdk: BTreeMap<&'static str, usize>,
    by_request: BTreeMap<&'static str, usize>,
    by_response: BTreeMap<&'static str, usize>,
}

#[derive(Debug, Clone, Copy, Hash)]
struct Member {
    sdk: &'static str,
    response: &'static str,
    kind: Kind,
    list: bool,
    required: bool,
}

/// What a member, or each element of a list, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Text,
    Boolean,
    Integer,
    Number,
    Moment,
    Bytes,
    Structure(&'static str),
}

/// Which names a value has, and which it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Direction {
    RequestToSdk,
    SdkToResponse,
    ResponseToSdk,
    /// Only checked: a request that has SDK names already.
    SdkToSdk,
}

/// What does not fit the model.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Misfit {
    /// No such member, by its full name.
    Unknown(String),
    /// A value of the wrong type: full name, and what was expected.
    Type(String, &'static str),
    /// A required member that is not there, by its full name.
    Missing(String),
}

/// A request from the wire, in SDK names and types. `None` for an operation that is not in the model.
pub(super) fn request(operation: &str, parameters: Value) -> Option<Result<Value, Misfit>> {
    let (input, _) = MODEL.operations.get(operation)?;
    Some(MODEL.convert(input, parameters, Direction::RequestToSdk, ""))
}

/// A request that has SDK names, checked.
pub(super) fn sdk_request(operation: &str, parameters: Value) -> Option<Result<Value, Misfit>> {
    let (input, _) = MODEL.operations.get(operation)?;
    Some(MODEL.convert(input, parameters, Direction::SdkToSdk, ""))
}

/// A response in SDK names.
pub(super) fn sdk_response(operation: &str, response: Value) -> Option<Result<Value, Misfit>> {
    let (_, output) = MODEL.operations.get(operation)?;
    if *output == "-" {
        // On the wire such an operation says `return`, which the SDKs drop.
        return Some(Ok(Value::Object(Map::new())));
    }
    Some(MODEL.convert(output, response, Direction::ResponseToSdk, ""))
}

/// A structure with SDK names, as the CLI prints it, in the names of responses.
pub(super) fn response_form(structure: &str, value: Value, path: &str) -> Result<Value, Misfit> {
    MODEL.convert(structure, value, Direction::SdkToResponse, path)
}

/// The output structure of an operation.
pub(super) fn output_of(operation: &str) -> Option<&'static str> {
    MODEL.operations.get(operation).map(|(_, output)| *output)
}

impl Model {
    fn read(text: &'static str) -> Self {
        let mut model = Self::default();
        let mut current = "";
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split('\t');
            let first = cells.next().unwrap_or_default();
            if let Some(name) = first.strip_prefix('=') {
                current = name;
                continue;
            }
            let mut next = || cells.next().unwrap_or_default();
            if first == ">" {
                model.operations.insert(next(), (next(), next()));
                continue;
            }
            let (request, response, kind) = (next(), next(), next());
            let named = |name: &'static str| if name.is_empty() { first } else { name };
            let structure = model.structures.entry(current).or_default();
            let index = structure.members.len();
            structure.by_sdk.insert(first, index);
            structure.by_request.insert(named(request), index);
            structure.by_response.insert(named(response), index);
            structure.members.push(Member::read(first, named(response), kind));
        }
        model
    }

    fn convert(&self, structure: &str, value: Value, direction: Direction, path: &str) -> Result<Value, Misfit> {
        let members = match value {
            Value::Object(members) => members,
            // An empty structure is an empty text on the wire.
            Value::String(text) if text.is_empty() => Map::new(),
            _ => return Err(Misfit::Type(path.to_owned(), "a structure")),
        };
        let empty = Structure::default();
        let structure = self.structures.get(structure).unwrap_or(&empty);
        let mut converted = Map::with_capacity(members.len());
        for (name, value) in members {
            let index = match direction {
                Direction::RequestToSdk => structure.by_request.get(name.as_str()),
                Direction::SdkToResponse | Direction::SdkToSdk => structure.by_sdk.get(name.as_str()),
                Direction::ResponseToSdk => structure.by_response.get(name.as_str()),
            };
            let full = if path.is_empty() { name } else { format!("{path}.{name}") };
            let Some(member) = index.and_then(|index| structure.members.get(*index)) else {
                return Err(Misfit::Unknown(full));
            };
            let target = if direction == Direction::SdkToResponse { member.response } else { member.sdk };
            let value = match value {
                Value::Null => continue,
                value if member.list => self.convert_list(member, value, direction, &full)?,
                value => self.convert_one(member.kind, value, direction, &full)?,
            };
            converted.insert(target.to_owned(), value);
        }
        if matches!(direction, Direction::RequestToSdk | Direction::SdkToSdk)
            && let Some(missing) =
                structure.members.iter().find(|member| member.required && !converted.contains_key(member.sdk))
        {
            let full = if path.is_empty() { missing.sdk.to_owned() } else { format!("{path}.{}", missing.sdk) };
            return Err(Misfit::Missing(full));
        }
        Ok(Value::Object(converted))
    }

    fn convert_list(&self, member: &Member, value: Value, direction: Direction, path: &str) -> Result<Value, Misfit> {
        let elements = match value {
            Value::Array(elements) => elements,
            Value::String(text) if text.is_empty() => Vec::new(),
            _ => return Err(Misfit::Type(path.to_owned(), "a list")),
        };
        let converted: Result<Vec<Value>, Misfit> = elements
            .into_iter()
            .enumerate()
            .map(|(index, element)| self.convert_one(member.kind, element, direction, &format!("{path}[{index}]")))
            .collect();
        converted.map(Value::Array)
    }

    fn convert_one(&self, kind: Kind, value: Value, direction: Direction, path: &str) -> Result<Value, Misfit> {
        let text_form = direction == Direction::RequestToSdk;
        match (kind, value) {
            (Kind::Structure(name), value) => self.convert(name, value, direction, path),
            // The CLI writes moments with an offset, EC2 answers in UTC with milliseconds.
            (Kind::Moment, Value::String(text)) if direction == Direction::SdkToResponse => {
                let moment =
                    Timestamp::parse(&text).map_err(|_| Misfit::Type(path.to_owned(), "an ISO 8601 moment"))?;
                Ok(Value::String(moment.iso_millis()))
            }
            (Kind::Text | Kind::Bytes | Kind::Moment, value @ Value::String(_))
            | (Kind::Boolean, value @ Value::Bool(_))
            | (Kind::Number | Kind::Moment, value @ Value::Number(_)) => Ok(value),
            (Kind::Integer, Value::Number(number)) if number.is_i64() => Ok(Value::Number(number)),
            (Kind::Boolean, Value::String(text)) if text_form => match text.as_str() {
                "true" | "True" | "TRUE" | "1" => Ok(Value::Bool(true)),
                "false" | "False" | "FALSE" | "0" => Ok(Value::Bool(false)),
                _ => Err(Misfit::Type(path.to_owned(), "a boolean")),
            },
            (Kind::Integer, Value::String(text)) if text_form => {
                text.parse::<i64>().map(Value::from).map_err(|_| Misfit::Type(path.to_owned(), "an integer"))
            }
            (Kind::Number, Value::String(text)) if text_form => {
                text.parse::<f64>().map(Value::from).map_err(|_| Misfit::Type(path.to_owned(), "a number"))
            }
            (kind, _) => Err(Misfit::Type(path.to_owned(), kind.described())),
        }
    }
}

impl Member {
    fn read(sdk: &'static str, response: &'static str, kind: &'static str) -> Self {
        let required = kind.ends_with('!');
        let kind = kind.trim_end_matches('!');
        let list = kind.starts_with('[');
        let kind = match kind.trim_matches(['[', ']']) {
            "b" => Kind::Boolean,
            "i" => Kind::Integer,
            "d" => Kind::Number,
            "t" => Kind::Moment,
            "x" => Kind::Bytes,
            "s" => Kind::Text,
            structure => Kind::Structure(structure.trim_matches(['{', '}'])),
        };
        Self { sdk, response, kind, list, required }
    }
}

impl Kind {
    fn described(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Moment => "a moment",
            Self::Bytes => "bytes",
            Self::Structure(_) => "a structure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_request_gets_sdk_names_and_types() {
        let wire = json!({"GroupId": "sg-1", "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": "22", "Groups": [{"GroupId": "sg-2"}]}], "DryRun": "true"});
        let expected = json!({"GroupId": "sg-1", "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 22, "UserIdGroupPairs": [{"GroupId": "sg-2"}]}], "DryRun": true});
        assert_eq!(request("AuthorizeSecurityGroupIngress", wire), Some(Ok(expected)));
        assert_eq!(request("Nonsense", json!({})), None);
    }

    #[test]
    fn what_does_not_fit_is_named_in_full() {
        let misfit = |value| request("AuthorizeSecurityGroupIngress", value).and_then(Result::err);
        let unknown = Misfit::Unknown("IpPermissions[0].Port".to_owned());
        assert_eq!(misfit(json!({"IpPermissions": [{"Port": "22"}]})), Some(unknown));
        let wrong = Misfit::Type("IpPermissions[0].FromPort".to_owned(), "an integer");
        assert_eq!(misfit(json!({"IpPermissions": [{"FromPort": "ssh"}]})), Some(wrong));
        let missing = request("CreateSnapshots", json!("")).and_then(Result::err);
        assert_eq!(missing, Some(Misfit::Missing("InstanceSpecification".to_owned())));
    }

    #[test]
    fn a_cli_document_becomes_a_response() {
        let cli = json!({"InstanceId": "i-1", "State": {"Name": "running", "Code": 16}, "SecurityGroups": [{"GroupId": "sg-1"}]});
        let expected = json!({"instanceId": "i-1", "instanceState": {"name": "running", "code": 16}, "groupSet": [{"groupId": "sg-1"}]});
        assert_eq!(response_form("Instance", cli, ""), Ok(expected));
    }
}
