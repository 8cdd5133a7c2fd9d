//! The rules, each with its stable code and what it requires.

/// A rule that a definition can break.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// The stable code, in kebab case.
    pub code: &'static str,
    /// What the rule requires, one sentence.
    pub summary: &'static str,
}

macro_rules! rules {
    ($($name:ident = $code:literal, $summary:literal;)*) => {
        $(pub(super) static $name: Rule = Rule { code: $code, summary: $summary };)*

        /// Every rule, in the order in which the documentation lists them.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    // errors: what Step Functions refuses
    JSON = "json", "A definition is JSON text, or YAML where CloudFormation deploys it.";
    YAML = "yaml", "A definition in YAML is one document without repeated keys, aliases and tags.";
    SIZE = "size", "A definition is at most 1,048,576 characters long.";
    TYPE = "type", "A field has a value of the type that the language gives it.";
    RANGE = "range", "A number lies within the range of its field.";
    ENUMERATION = "enumeration", "A field with listed values has one of them.";
    EMPTY = "empty", "A list that must not be empty is not.";
    UNKNOWN_FIELD = "unknown-field", "A field is one that its object may have.";
    MISSING_FIELD = "missing-field", "A field that its object must have is there.";
    EXCLUSIVE_FIELDS = "exclusive-fields", "Of fields that exclude each other only one is there.";
    QUERY_LANGUAGE = "query-language", "A state uses the fields of its query language only.";
    PATH = "path", "A path is written as the language's JSONPath dialect allows.";
    TEMPLATE = "template", "A field ending in `.$` holds a path or an intrinsic function.";
    JSONATA = "jsonata", "A JSONata expression can be parsed and reads only what a state offers.";
    TIMESTAMP = "timestamp", "A timestamp is written as RFC 3339 with `T` and a zone.";
    VARIABLE_NAME = "variable-name", "A variable has a name that an expression can refer to.";
    ERROR_NAMES = "error-names", "`States.ALL` stands alone and in the last retrier or catcher.";
    RESOURCE = "resource", "A task's resource is one that Step Functions can call.";
    PARAMETERS = "parameters", "A service integration is given the parameters that it requires.";
    CREDENTIALS = "credentials", "A task's credentials name a role.";
    EXPRESS = "express", "An Express state machine neither waits for a job or a callback nor runs a distributed map.";
    STATE_NAME = "state-name", "A state's name is at most 80 characters long.";
    DUPLICATE_STATE = "duplicate-state", "A state's name appears once in the whole state machine.";
    LABEL = "label", "A map's label is at most 40 allowed characters, and used once.";
    MISSING_STATE = "missing-state", "A transition leads to a state that exists beside it.";
    UNREACHABLE_STATE = "unreachable-state", "Every state can be reached from the first one.";
    NO_TERMINAL_STATE = "no-terminal-state", "A state machine has a state that ends it.";
    // warnings: what Step Functions accepts
    TASK_TIMEOUT = "task-timeout", "A task has a timeout.";
    UNREACHABLE_CATCH = "unreachable-catch", "A catcher can be reached.";
    UNREACHABLE_RETRY = "unreachable-retry", "A retrier can be reached.";
    RETRY_PERMANENT = "retry-permanent", "A retrier names errors that can pass.";
    RETRY_EVERYTHING = "retry-everything", "A retrier names the errors that can pass, not all of them.";
    CHOICE_DEFAULT = "choice-default", "A choice has a default.";
    REPEATED_FIELD = "repeated-field", "A property appears once in its object.";
    LITERAL_PATH = "literal-path", "A value that looks like a path or an expression is evaluated.";
    STATIC_RESULT = "static-result", "A Pass state's `Result` holds no path, for it is not evaluated.";
    HEARTBEAT = "heartbeat", "A task's heartbeat is shorter than its timeout.";
    UNKNOWN_ERROR = "unknown-error", "An error name that starts with `States.` is one that Step Functions raises.";
    UNKNOWN_INTEGRATION = "unknown-integration", "A service integration is one that Step Functions documents.";
    INTRINSIC_ARGUMENTS = "intrinsic-arguments", "An intrinsic function is given as many arguments as it takes.";
    DISTRIBUTED_ONLY = "distributed-only", "A field of the distributed mode stands in a map of that mode.";
    NESTED_TERMINAL = "nested-terminal", "A branch or an item processor has a state that ends it.";
    NOT_SIMULATED = "not-simulated", "A definition uses only features that this engine supports.";
    STATES_FIELD = "states-field", "A field of `$states` exists where it is read.";
    QUOTED_PLACEHOLDER = "quoted-placeholder", "A placeholder for a number, a boolean or an object is not in quotes.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(codes.len(), RULES.len());
        assert!(codes.iter().all(|code| code.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
        assert!(RULES.iter().all(|rule| rule.summary.ends_with('.')));
    }
}
