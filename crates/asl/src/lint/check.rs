//! The walk over a definition: each object against its table of fields, each value against the type of its field.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fields::{self, Field, FieldGroup, Language, ObjectType, Presence};
use super::location::Location;
use super::report::{AwsError, Report, aws_code};
use super::rule;
use super::{Kind, Options, Rules};
use crate::source::{Document, Member, Node, Object};

/// What surrounds a value.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The query language of the state machine, which every state without one of its own uses, nested states too; nothing
    /// when a placeholder decides it.
    pub(super) machine: Option<Language>,
    /// The query language of the state, or of the state machine outside of states; nothing when a placeholder decides it.
    pub(super) language: Option<Language>,
    /// The type of the state machine, or of the child executions of a distributed map.
    pub(super) kind: Kind,
    /// Whether the query language of the state is an error already, so that fields of the other one are not reported too.
    pub(super) mixed: bool,
    /// Whether this is within a catcher.
    pub(super) catching: bool,
    /// The name of the state, under which the variables that it refers to are listed.
    pub(super) state: &'s str,
}

impl Scope<'_> {
    /// The scope outside of states.
    pub(super) fn of_machine(language: Option<Language>, kind: Kind) -> Scope<'static> {
        Scope { machine: language, language, kind, mixed: false, catching: false, state: "" }
    }

    pub(super) fn is_jsonata(self) -> bool {
        self.language == Some(Language::Jsonata)
    }

    pub(super) fn is_jsonpath(self) -> bool {
        self.language == Some(Language::JsonPath)
    }
}

/// The state of the walk: what was found, and what must be unique in a definition.
pub(super) struct Checker<'d, 't> {
    pub(super) report: Report<'d, 't>,
    pub(super) options: Options,
    /// The names of states seen so far, with the offset of the first state of each name.
    names: HashMap<String, usize>,
    /// The labels of distributed maps seen so far, with the offset of the first.
    pub(super) labels: HashMap<String, usize>,
    /// The variables that each state refers to.
    pub(super) references: BTreeMap<String, BTreeSet<String>>,
}

impl<'d, 't> Checker<'d, 't> {
    pub(super) fn new(document: &'d Document<'t>, options: Options) -> Checker<'d, 't> {
        Checker {
            report: Report::new(document),
            options,
            names: HashMap::new(),
            labels: HashMap::new(),
            references: BTreeMap::new(),
        }
    }

    /// Checks a whole definition.
    pub(super) fn machine(&mut self, root: &Node<'_>) {
        let location = Location::ROOT;
        let Some(machine) = self.object(root, &location) else { return };
        let language = self.language(machine, Some(Language::JsonPath));
        let scope = Scope::of_machine(language, self.options.kind);
        self.check_object(&fields::MACHINE, machine, &location, root.at, scope);
    }

    /// Checks an object against its table of fields: first the object as a whole, then its values in the order of the text.
    pub(super) fn check_object(
        &mut self,
        object_type: &'static ObjectType,
        object: &Object<'_>,
        location: &Location<'_>,
        at: usize,
        scope: Scope<'_>,
    ) {
        let find = |name: &str| object_type.fields.iter().find(|field| field.name == name);
        self.known_fields(object, location, scope, find);
        self.required(object_type.required, object, location, at);
        for group in object_type.groups {
            self.group(group, object, location, at);
        }
        self.values(object, location, scope, find);
    }

    /// Reports fields that the object cannot have, or not in this query language, and fields that appear twice.
    pub(super) fn known_fields(
        &mut self,
        object: &Object<'_>,
        location: &Location<'_>,
        scope: Scope<'_>,
        find: impl Fn(&str) -> Option<&'static Field>,
    ) {
        for member in object.members() {
            let name = member.name.as_ref();
            if self.has_placeholder(name) {
                continue;
            }
            let here = location.field(name);
            if member.repeated {
                let message = format!("`{name}` appears twice in its object; Step Functions uses the last one");
                self.report.warn(&rule::REPEATED_FIELD, &here, member.at, message);
                continue;
            }
            match find(name) {
                None => {
                    let aws_error = AwsError::schema(format!("Field '{name}' is not supported"), location);
                    let message = match similar(name) {
                        Some(known) => {
                            format!("this object has no field `{name}`; field names are case-sensitive: `{known}`")
                        }
                        None => format!("this object has no field `{name}`"),
                    };
                    self.report.error(&rule::UNKNOWN_FIELD, &here, member.at, message, aws_error);
                }
                Some(field) => self.language_of(field, member, location, scope),
            }
        }
    }

    fn language_of(&mut self, field: &Field, member: &Member<'_>, location: &Location<'_>, scope: Scope<'_>) {
        let (Some(only), Some(set)) = (field.only, scope.language) else { return };
        if only == set || scope.mixed {
            return;
        }
        let (name, set, only) = (field.name, set.name(), only.name());
        let words = format!(
            "The QueryLanguage is set to '{set}', but field '{name}' is only supported for the '{only}' QueryLanguage"
        );
        let message = format!("`{name}` needs the query language {only}, and this state uses {set}");
        let here = location.field(name);
        self.report.error(&rule::QUERY_LANGUAGE, &here, member.at, message, AwsError::schema(words, location));
    }

    /// Reports required fields that are missing.
    pub(super) fn required(&mut self, names: &[&str], object: &Object<'_>, location: &Location<'_>, at: usize) {
        if self.has_open_fields(object) {
            return;
        }
        let missing: Vec<&str> = names.iter().copied().filter(|name| object.get(name).is_none()).collect();
        if !missing.is_empty() {
            let words = format!("These fields are required: [{}]", missing.join(", "));
            let message = format!(
                "the required field {} is missing",
                missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
            );
            self.report.error(&rule::MISSING_FIELD, location, at, message, AwsError::schema(words, location));
        }
    }

    /// Reports a group of fields of which the object has several, or none although it needs one.
    pub(super) fn group(&mut self, group: &FieldGroup, object: &Object<'_>, location: &Location<'_>, at: usize) {
        // `"End": false` is the same as no `End`; a placeholder can be either
        let may_be_absent = |name: &str| {
            name == "End"
                && object.get(name).is_some_and(|end| end.value.as_bool() == Some(false) || self.is_open(&end.value))
        };
        let present = |name: &&&str| object.get(name).is_some() && !may_be_absent(name);
        let found: Vec<&str> = group.names.iter().filter(present).copied().collect();
        let open = self.has_open_fields(object) || object.get("End").is_some_and(|end| self.is_open(&end.value));
        let list = group.names.join(", ");
        if let [first, second, ..] = found[..] {
            let words = format!("There should only be one of the following fields: [{list}]");
            let here = location.field(second);
            let at = object.get(second).map_or(at, |member| member.at);
            let message = format!("`{first}` and `{second}` exclude each other");
            if group.presence == Presence::AtMostOneBySpecification && self.options.rules == Rules::Service {
                return self.report.warn(&rule::EXCLUSIVE_FIELDS, &here, at, message);
            }
            self.report.error(&rule::EXCLUSIVE_FIELDS, &here, at, message, AwsError::schema(words, location));
        } else if found.is_empty() && !open && group.presence == Presence::ExactlyOne {
            let words = format!("This object should have only one of the following fields: [{list}]");
            let message = format!("one of the fields {list} is required");
            self.report.error(&rule::MISSING_FIELD, location, at, message, AwsError::schema(words, location));
        }
    }

    /// Checks the values of known fields.
    pub(super) fn values(
        &mut self,
        object: &Object<'_>,
        location: &Location<'_>,
        scope: Scope<'_>,
        find: impl Fn(&str) -> Option<&'static Field>,
    ) {
        for member in object.effective() {
            // a field of the other query language is an error whatever its value is
            let in_scope = |field: &&Field| field.only.is_none_or(|only| Some(only) == scope.language);
            if let Some(field) = find(&member.name).filter(in_scope) {
                self.value(&field.field_type, field.name, &member.value, &location.field(field.name), scope);
            }
        }
    }

    /// Checks the states of a machine, a branch or an item processor.
    pub(super) fn states(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        let Some(states) = self.object(node, location) else { return };
        if states.members().is_empty() {
            let aws_error = AwsError::unworded(aws_code::SCHEMA, location);
            self.report.error(&rule::EMPTY, location, node.at, "a state machine needs at least one state", aws_error);
        }
        for member in states.members() {
            self.state_name(member, &location.field(&member.name));
        }
        for member in states.effective() {
            self.state(member, &location.field(&member.name), scope);
        }
    }

    pub(super) fn state_name(&mut self, member: &Member<'_>, location: &Location<'_>) {
        let name = member.name.as_ref();
        if self.has_placeholder(name) {
            return;
        }
        if name.chars().count() > 80 {
            let words =
                format!("Invalid State name: State '{name}' exceeds the 80-character limit allowed by the service");
            let message = "the name of the state is longer than 80 characters";
            self.report.error(
                &rule::STATE_NAME,
                location,
                member.at,
                message,
                AwsError::known(aws_code::STATE_NAME, words, location),
            );
        }
        if let Some(first) = self.names.get(name) {
            let message = format!("the state `{name}` exists already, in line {}", self.report.line(*first));
            let words = format!("Duplicate State name: {name}");
            let aws_error = AwsError::known(aws_code::DUPLICATE_STATE, words, location);
            self.report.error(&rule::DUPLICATE_STATE, location, member.at, message, aws_error);
        } else {
            self.names.insert(name.to_owned(), member.at);
        }
    }

    fn state(&mut self, member: &Member<'_>, location: &Location<'_>, scope: Scope<'_>) {
        let Some(state) = self.object(&member.value, location) else { return };
        let Some(type_field) = state.get("Type") else {
            return self.required(&["Type"], state, location, member.at);
        };
        let type_location = location.field("Type");
        let Some(state_type) = self.string(&type_field.value, &type_location) else { return };
        let Some(object_type) = fields::state(state_type) else {
            let types: Vec<&str> = fields::state_types().collect();
            let list = types.join(", ");
            let words = format!("The field 'Type' should have one of these values: [{list}]");
            let message = format!("`{state_type}` is not a state type; the types are {list}");
            let aws_error = AwsError::schema(words, &type_location);
            return self.report.error(&rule::ENUMERATION, &type_location, type_field.value.at, message, aws_error);
        };
        let language = self.language(state, scope.machine);
        let mixed = language == Some(Language::JsonPath) && scope.machine == Some(Language::Jsonata);
        let scope = Scope { language, mixed, catching: false, state: &member.name, ..scope };
        if mixed {
            let words = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
            let message = "a state of a state machine that uses JSONata cannot use JSONPath";
            let here = location.field("QueryLanguage");
            let at = state.get("QueryLanguage").map_or(member.at, |found| found.value.at);
            self.report.error(&rule::QUERY_LANGUAGE, &here, at, message, AwsError::schema(words, location));
        }
        self.check_object(object_type, state, location, member.at, scope);
        if state_type == "Task" {
            self.task(state, location, member.at, scope);
        }
        self.warnings(state_type, state, location, member, scope);
    }

    /// The scope of the fields of an object: in an item processor, the type is that of its child executions.
    pub(super) fn scope_of_processor<'s>(&self, name: &str, object: &Object<'_>, scope: Scope<'s>) -> Scope<'s> {
        if !matches!(name, "ItemProcessor" | "Iterator") {
            return scope;
        }
        let config = object.get("ProcessorConfig").and_then(|config| config.value.as_object());
        let kind = config.and_then(|config| config.get("ExecutionType")).and_then(|kind| kind.value.as_str());
        Scope { kind: if kind == Some("EXPRESS") { Kind::Express } else { scope.kind }, ..scope }
    }

    /// The query language that an object sets. Step Functions takes any value but `JSONPath` for JSONata, beside the error
    /// about the value.
    fn language(&self, object: &Object<'_>, inherited: Option<Language>) -> Option<Language> {
        match object.get("QueryLanguage") {
            None => inherited,
            Some(member) if self.is_open(&member.value) => None,
            Some(member) if member.value.as_str() == Some("JSONPath") => Some(Language::JsonPath),
            Some(_) => Some(Language::Jsonata),
        }
    }
}

/// A known field whose name differs only in upper and lower case.
fn similar(name: &str) -> Option<&'static str> {
    fields::all_names().find(|known| known.eq_ignore_ascii_case(name) && *known != name)
}
