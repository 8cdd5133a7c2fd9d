//! The walk over a definition: each object against its table, each value against its shape.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fields::{self, Field, Group, Language, Need, Spec};
use super::place::Place;
use super::report::{Report, Wording, aws_code};
use super::rule;
use super::{Kind, Options, Rules};
use crate::source::{Document, Member, Node, Object};

/// What surrounds a value.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The query language of the whole machine, which states without one of their own use, nested ones too.
    pub(super) machine: Language,
    /// The query language here.
    pub(super) language: Language,
    /// Express or Standard: that of the machine, or of the children of a distributed map.
    pub(super) kind: Kind,
    /// Whether the state may not have this query language; that its fields are of the other one is then no news.
    pub(super) mixed: bool,
    /// Whether this is within a catcher.
    pub(super) catching: bool,
    /// The name of the state, to list the variables it refers to.
    pub(super) state: &'s str,
}

/// The state of the walk.
pub(super) struct Checker<'d, 't> {
    pub(super) report: Report<'d, 't>,
    pub(super) options: Options,
    /// Names of states seen so far, to the offset of the first of that name.
    names: HashMap<String, usize>,
    /// Labels of maps seen so far, likewise.
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
        let place = Place::ROOT;
        let Some(machine) = self.object(root, &place) else { return };
        let language = language(machine, Language::JsonPath);
        let kind = self.options.kind;
        let scope = Scope { machine: language, language, kind, mixed: false, catching: false, state: "" };
        self.against(&fields::MACHINE, machine, &place, root.at, scope);
    }

    /// Checks an object against its table: first the object as a whole, then its fields in the order of the text.
    pub(super) fn against(
        &mut self,
        spec: &'static Spec,
        object: &Object<'_>,
        place: &Place<'_>,
        at: usize,
        scope: Scope<'_>,
    ) {
        let find = |name: &str| spec.fields.iter().find(|field| field.name == name);
        self.known_fields(object, place, scope, find);
        self.required(spec.required, object, place, at);
        for group in spec.groups {
            self.group(group, object, place, at);
        }
        self.values(object, place, scope, find);
    }

    /// Refuses fields that the object does not have, or not in this query language.
    pub(super) fn known_fields(
        &mut self,
        object: &Object<'_>,
        place: &Place<'_>,
        scope: Scope<'_>,
        find: impl Fn(&str) -> Option<&'static Field>,
    ) {
        for member in object.members() {
            let name = member.name.as_ref();
            let here = place.field(name);
            if member.repeated {
                let message = format!("`{name}` is there already; the last one counts");
                self.report.warn(&rule::REPEATED_FIELD, &here, member.at, message);
                continue;
            }
            match find(name) {
                None => {
                    let wording = Wording::schema(format!("Field '{name}' is not supported"), place);
                    let hint = similar(name).map(|known| format!("; field names are case-sensitive: `{known}`"));
                    let message = format!("the field `{name}` is not known here{}", hint.unwrap_or_default());
                    self.report.error(&rule::UNKNOWN_FIELD, &here, member.at, message, wording);
                }
                Some(field) => self.language_of(field, member, place, scope),
            }
        }
    }

    fn language_of(&mut self, field: &Field, member: &Member<'_>, place: &Place<'_>, scope: Scope<'_>) {
        let Some(only) = field.only.filter(|only| *only != scope.language && !scope.mixed) else { return };
        let (name, set, only) = (field.name, scope.language.name(), only.name());
        let words = format!(
            "The QueryLanguage is set to '{set}', but field '{name}' is only supported for the '{only}' QueryLanguage"
        );
        let message = format!("`{name}` is a field of {only}, and the query language here is {set}");
        let here = place.field(name);
        self.report.error(&rule::QUERY_LANGUAGE, &here, member.at, message, Wording::schema(words, place));
    }

    /// Demands fields.
    pub(super) fn required(&mut self, names: &[&str], object: &Object<'_>, place: &Place<'_>, at: usize) {
        let missing: Vec<&str> = names.iter().copied().filter(|name| object.get(name).is_none()).collect();
        if !missing.is_empty() {
            let words = format!("These fields are required: [{}]", missing.join(", "));
            let message =
                format!("missing {}", missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and "));
            self.report.error(&rule::MISSING_FIELD, place, at, message, Wording::schema(words, place));
        }
    }

    /// Demands that one field of a group is there, or at most one.
    pub(super) fn group(&mut self, group: &Group, object: &Object<'_>, place: &Place<'_>, at: usize) {
        let present = |name: &&&str| match object.get(name) {
            // "End": false says as little as no "End"
            Some(member) if **name == "End" => member.value.as_bool() != Some(false),
            found => found.is_some(),
        };
        let found: Vec<&str> = group.names.iter().filter(present).copied().collect();
        let list = group.names.join(", ");
        if let [first, second, ..] = found[..] {
            let words = format!("There should only be one of the following fields: [{list}]");
            let here = place.field(second);
            let at = object.get(second).map_or(at, |member| member.at);
            let message = format!("`{first}` and `{second}` exclude each other");
            if group.need == Need::AtMostOneBySpecification && self.options.rules == Rules::Service {
                return self.report.warn(&rule::EXCLUSIVE_FIELDS, &here, at, message);
            }
            self.report.error(&rule::EXCLUSIVE_FIELDS, &here, at, message, Wording::schema(words, place));
        } else if found.is_empty() && group.need == Need::One {
            let words = format!("This object should have only one of the following fields: [{list}]");
            let message = format!("one of {list} is missing");
            self.report.error(&rule::MISSING_FIELD, place, at, message, Wording::schema(words, place));
        }
    }

    /// Checks the values of known fields.
    pub(super) fn values(
        &mut self,
        object: &Object<'_>,
        place: &Place<'_>,
        scope: Scope<'_>,
        find: impl Fn(&str) -> Option<&'static Field>,
    ) {
        for member in object.effective() {
            // a field of the other language is refused as such, whatever it holds
            if let Some(field) = find(&member.name).filter(|field| field.only.is_none_or(|only| only == scope.language))
            {
                self.value(&field.shape, field.name, &member.value, &place.field(field.name), scope);
            }
        }
    }

    /// Checks the states of a machine, a branch or an item processor.
    pub(super) fn states(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        let Some(states) = self.object(node, place) else { return };
        if states.members().is_empty() {
            let wording = Wording::unknown(aws_code::SCHEMA, place);
            self.report.error(&rule::EMPTY, place, node.at, "there is no state", wording);
        }
        for member in states.members() {
            self.state_name(member, &place.field(&member.name));
        }
        for member in states.effective() {
            self.state(member, &place.field(&member.name), scope);
        }
    }

    pub(super) fn state_name(&mut self, member: &Member<'_>, place: &Place<'_>) {
        let name = member.name.as_ref();
        if name.chars().count() > 80 {
            let words =
                format!("Invalid State name: State '{name}' exceeds the 80-character limit allowed by the service");
            let message = "the name of the state is longer than 80 characters";
            self.report.error(
                &rule::STATE_NAME,
                place,
                member.at,
                message,
                Wording::known(aws_code::STATE_NAME, words, place),
            );
        }
        if let Some(first) = self.names.get(name) {
            let message = format!("there is a state of this name already, in line {}", self.report.line(*first));
            let words = format!("Duplicate State name: {name}");
            let wording = Wording::known(aws_code::DUPLICATE_STATE, words, place);
            self.report.error(&rule::DUPLICATE_STATE, place, member.at, message, wording);
        } else {
            self.names.insert(name.to_owned(), member.at);
        }
    }

    fn state(&mut self, member: &Member<'_>, place: &Place<'_>, scope: Scope<'_>) {
        let Some(state) = self.object(&member.value, place) else { return };
        let Some(kind) = state.get("Type") else {
            return self.required(&["Type"], state, place, member.at);
        };
        let type_place = place.field("Type");
        let Some(kind) = self.string(&kind.value, &type_place).map(|name| (name, kind.value.at)) else { return };
        let Some(spec) = fields::state(kind.0) else {
            let types: Vec<&str> = fields::state_types().collect();
            let list = types.join(", ");
            let words = format!("The field 'Type' should have one of these values: [{list}]");
            let message = format!("`{}` is no state type; there are {list}", kind.0);
            let wording = Wording::schema(words, &type_place);
            return self.report.error(&rule::ENUMERATION, &type_place, kind.1, message, wording);
        };
        let own = language(state, scope.machine);
        let mixed = own == Language::JsonPath && scope.machine == Language::Jsonata;
        let scope = Scope { language: own, mixed, catching: false, state: &member.name, ..scope };
        if mixed {
            let words = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
            let message = "a state of a JSONata state machine cannot use JSONPath";
            let here = place.field("QueryLanguage");
            let at = state.get("QueryLanguage").map_or(member.at, |found| found.value.at);
            self.report.error(&rule::QUERY_LANGUAGE, &here, at, message, Wording::schema(words, place));
        }
        self.against(spec, state, place, member.at, scope);
        if kind.0 == "Task" {
            self.task(state, place, member.at, scope);
        }
        self.warnings(kind.0, state, place, member, scope);
    }

    /// The scope of the fields of an object; that of an item processor whose children are Express is Express.
    pub(super) fn scope_of_processor<'s>(&self, name: &str, object: &Object<'_>, scope: Scope<'s>) -> Scope<'s> {
        if !matches!(name, "ItemProcessor" | "Iterator") {
            return scope;
        }
        let config = object.get("ProcessorConfig").and_then(|config| config.value.as_object());
        let kind = config.and_then(|config| config.get("ExecutionType")).and_then(|kind| kind.value.as_str());
        Scope { kind: if kind == Some("EXPRESS") { Kind::Express } else { scope.kind }, ..scope }
    }
}

/// The query language that an object sets. Anything but the exact `JSONPath` makes it JSONata, as Step Functions takes
/// it; that the value is wrong is said elsewhere.
fn language(object: &Object<'_>, inherited: Language) -> Language {
    match object.get("QueryLanguage") {
        None => inherited,
        Some(member) if member.value.as_str() == Some("JSONPath") => Language::JsonPath,
        Some(_) => Language::Jsonata,
    }
}

/// A known field that differs in its letters' case only.
fn similar(name: &str) -> Option<&'static str> {
    fields::all_names().find(|known| known.eq_ignore_ascii_case(name) && *known != name)
}
