//! Paths and intrinsic functions, checked by the parsers that the engine uses.

use super::check::{Checker, Scope};
use super::field_type::PathUse;
use super::location::Location;
use super::report::AwsError;
use super::rule;
use crate::intrinsic::{Argument, Call};
use crate::path::{Path, Query, ReferencePath, Root};
use crate::source::{Node, Value};

/// Why a path is invalid, and the message of Step Functions where it is known.
type Refusal = (String, Option<&'static str>);

impl Checker<'_, '_> {
    /// Checks the field `name`, whose value is a path.
    pub(super) fn path(
        &mut self,
        role: PathUse,
        name: &str,
        node: &Node<'_>,
        location: &Location<'_>,
        scope: Scope<'_>,
    ) {
        if matches!(role, PathUse::Value | PathUse::Result) && matches!(node.value, Value::Null) {
            return;
        }
        let Some(text) = self.string(node, location) else { return };
        match read(role, text) {
            Ok(query) => self.note_variables(&query, scope),
            Err((reason, words)) => {
                let message = format!("`{name}`: {reason}");
                match words {
                    Some(words) => {
                        self.report.error(&rule::PATH, location, node.at, message, AwsError::schema(words, location));
                    }
                    None => self.report.schema_error(&rule::PATH, location, node.at, message),
                }
            }
        }
    }

    /// Checks a string that is a path or a call of an intrinsic function. An error says why it is neither.
    pub(super) fn query(
        &mut self,
        text: &str,
        node: &Node<'_>,
        location: &Location<'_>,
        scope: Scope<'_>,
    ) -> Result<(), String> {
        let query = Query::parse(text).map_err(|error| error.to_string())?;
        if let Query::Call(call) = &query {
            if let Some(escape) = unknown_escape(text) {
                return Err(format!(
                    "`{text}` has the unknown escape `\\{escape}`; the escapes are `\\'`, `\\{{`, `\\}}` and `\\\\`"
                ));
            }
            self.arity(call, node, location);
        }
        self.note_variables(&query, scope);
        Ok(())
    }

    /// Lists the variables that a query refers to under the name of the state.
    fn note_variables(&mut self, query: &Query, scope: Scope<'_>) {
        match query {
            Query::Path(path) => self.note_variable(path, scope),
            Query::Call(call) => self.note_call(call, scope),
        }
    }

    fn note_call(&mut self, call: &Call, scope: Scope<'_>) {
        for argument in call.arguments() {
            match argument {
                Argument::Path(path) => self.note_variable(path, scope),
                Argument::Call(call) => self.note_call(call, scope),
                Argument::Literal(_) => {}
            }
        }
    }

    fn note_variable(&mut self, path: &Path, scope: Scope<'_>) {
        if let Root::Variable(name) = path.root() {
            self.note(name, scope);
        }
    }

    /// Lists a variable under the name of the state.
    pub(super) fn note(&mut self, variable: &str, scope: Scope<'_>) {
        self.references.entry(scope.state.to_owned()).or_default().insert(variable.to_owned());
    }

    /// Warns of calls with a wrong number of arguments, which always fail.
    fn arity(&mut self, call: &Call, node: &Node<'_>, location: &Location<'_>) {
        let name = call.text().split('(').next().unwrap_or_default().trim();
        let count = call.arguments().len();
        let known = ARITY.iter().find(|(known, _, _)| *known == name);
        if let Some((_, least, most)) = known.filter(|(_, least, most)| !(*least..=*most).contains(&count)) {
            let wanted = if least == most { least.to_string() } else { format!("at least {least}") };
            let message = format!("`{name}` takes {wanted} arguments; this call has {count}");
            self.report.warn(&rule::INTRINSIC_ARGUMENTS, location, node.at, message);
        }
        for argument in call.arguments() {
            if let Argument::Call(call) = argument {
                self.arity(call, node, location);
            }
        }
    }
}

/// The least and the greatest number of arguments of each function.
static ARITY: &[(&str, usize, usize)] = &[
    ("States.ArrayContains", 2, 2),
    ("States.ArrayGetItem", 2, 2),
    ("States.ArrayLength", 1, 1),
    ("States.ArrayPartition", 2, 2),
    ("States.ArrayRange", 3, 3),
    ("States.ArrayUnique", 1, 1),
    ("States.Base64Decode", 1, 1),
    ("States.Base64Encode", 1, 1),
    ("States.Format", 1, usize::MAX),
    ("States.Hash", 2, 2),
    ("States.JsonMerge", 3, 3),
    ("States.JsonToString", 1, 1),
    ("States.MathAdd", 2, 2),
    ("States.MathRandom", 2, 3),
    ("States.StringSplit", 2, 2),
    ("States.StringToJson", 1, 1),
    ("States.UUID", 0, 0),
];

fn read(role: PathUse, text: &str) -> Result<Query, Refusal> {
    let definite = |path: Path| {
        if path.is_definite() { Ok(path) } else { Err((format!("`{text}` can select several values"), None)) }
    };
    let path = |words| Path::parse(text).map_err(|error| (error.to_string(), words));
    let not_json_path = Some("Value must be a valid JSONPath.").filter(|_| !text.starts_with('$'));
    let not_reference =
        Some("Value is not a Reference Path: Reference path didn't start with '$'").filter(|_| !text.starts_with('$'));
    match role {
        PathUse::Value => path(not_json_path).map(Query::Path),
        PathUse::Result => {
            ReferencePath::parse(text).map_err(|error| (error.to_string(), not_json_path))?;
            path(None).map(Query::Path)
        }
        PathUse::Reference => definite(path(not_json_path)?).map(Query::Path),
        PathUse::Count => {
            let path = definite(path(not_json_path)?)?;
            if *path.root() == Root::Context {
                return Err((
                    format!("`{text}` reads the context object, which this field does not support"),
                    Some("Value is not a Reference Path"),
                ));
            }
            Ok(Query::Path(path))
        }
        PathUse::Variable => definite(path(not_reference)?).map(Query::Path),
        PathUse::Text => match Query::parse(text).map_err(|error| (error.to_string(), not_json_path))? {
            Query::Path(path) => definite(path).map(Query::Path),
            call => Ok(call),
        },
    }
}

/// The character of the first escape within quotes that intrinsic functions do not know.
fn unknown_escape(text: &str) -> Option<char> {
    let mut quoted = false;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => quoted = !quoted,
            '\\' if quoted => match chars.next() {
                Some('\'' | '{' | '}' | '\\') | None => {}
                found => return found,
            },
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_escapes_that_intrinsic_functions_do_not_know() {
        assert_eq!(unknown_escape(r"States.Format('a\'\\\{\}b')"), None);
        assert_eq!(unknown_escape(r#"States.Format('a\"b')"#), Some('"'));
        assert_eq!(unknown_escape(r"States.Format('\n')"), Some('n'));
    }

    #[test]
    fn each_use_takes_its_own_paths() {
        let takes = |role, text| read(role, text).is_ok();
        for role in
            [PathUse::Value, PathUse::Result, PathUse::Reference, PathUse::Count, PathUse::Variable, PathUse::Text]
        {
            assert!(takes(role, "$.a.b[0]"), "{role:?}");
            assert!(!takes(role, "a"), "{role:?}");
            assert!(!takes(role, "$$23"), "{role:?}");
            assert_eq!(takes(role, "$.a[*]"), role == PathUse::Value, "{role:?}");
            assert_eq!(takes(role, "States.UUID()"), role == PathUse::Text, "{role:?}");
            assert_eq!(takes(role, "$variable"), role != PathUse::Result, "{role:?}");
        }
        assert!(takes(PathUse::Reference, "$$.Execution.Input") && !takes(PathUse::Count, "$$.Execution.Input"));
    }
}
