//! Which fields each object of a definition may have: the States Language as tables.
//!
//! The allowed fields per state type and query language, the ranges and the exclusions are those that
//! `ValidateStateMachineDefinition` enforces; the States Language specification names the same fields.

use super::choice_fields::{COMPARISONS, RULE, RULE_FIELDS};
use super::field_type::{Bounds, FieldType, PathUse};

/// A query language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    JsonPath,
    Jsonata,
}

impl Language {
    pub(super) fn name(self) -> &'static str {
        match self {
            Language::JsonPath => "JSONPath",
            Language::Jsonata => "JSONata",
        }
    }
}

/// A field that an object may have.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) field_type: FieldType,
    /// The only query language that has the field.
    pub(super) only: Option<Language>,
}

/// Fields that exclude each other.
#[derive(Debug)]
pub(super) struct FieldGroup {
    pub(super) names: &'static [&'static str],
    pub(super) presence: Presence,
}

/// How many fields of a group an object may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// Exactly one.
    ExactlyOne,
    /// One or none.
    AtMostOne,
    /// One or none by the specification; Step Functions is not known to refuse both.
    AtMostOneBySpecification,
}

/// The fields of one kind of object.
#[derive(Debug)]
pub(super) struct ObjectType {
    pub(super) fields: &'static [Field],
    /// The required fields, in the order in which Step Functions lists them.
    pub(super) required: &'static [&'static str],
    pub(super) groups: &'static [FieldGroup],
}

pub(super) const fn any_language(name: &'static str, field_type: FieldType) -> Field {
    Field { name, field_type, only: None }
}

pub(super) const fn jsonpath_only(name: &'static str, field_type: FieldType) -> Field {
    Field { name, field_type, only: Some(Language::JsonPath) }
}

pub(super) const fn jsonata_only(name: &'static str, field_type: FieldType) -> Field {
    Field { name, field_type, only: Some(Language::Jsonata) }
}

const fn one_of(names: &'static [&'static str]) -> FieldGroup {
    FieldGroup { names, presence: Presence::ExactlyOne }
}

const fn not_both(names: &'static [&'static str]) -> FieldGroup {
    FieldGroup { names, presence: Presence::AtMostOne }
}

const LANGUAGES: FieldType = FieldType::Enumeration(&["JSONPath", "JSONata"]);
const SECONDS: FieldType = FieldType::Integer(Bounds { min: 1, max: 99_999_999, specification_min: 1 });
const COUNT: FieldType = FieldType::Integer(Bounds { min: 0, max: i64::MAX, specification_min: 0 });
const REFERENCE: FieldType = FieldType::Path(PathUse::Reference);
const COUNT_PATH: FieldType = FieldType::Path(PathUse::Count);
const VALUE_PATH: FieldType = FieldType::Path(PathUse::Value);
const NEXT_OR_END: FieldGroup = one_of(&["Next", "End"]);

pub(super) const COMMENT: Field = any_language("Comment", FieldType::String);
const TYPE: Field = any_language("Type", FieldType::Any);
const QUERY_LANGUAGE: Field = any_language("QueryLanguage", LANGUAGES);
const INPUT_PATH: Field = jsonpath_only("InputPath", VALUE_PATH);
const OUTPUT_PATH: Field = jsonpath_only("OutputPath", VALUE_PATH);
const RESULT_PATH: Field = jsonpath_only("ResultPath", FieldType::Path(PathUse::Result));
const RESULT_SELECTOR: Field = jsonpath_only("ResultSelector", FieldType::PayloadTemplate);
const PARAMETERS: Field = jsonpath_only("Parameters", FieldType::PayloadTemplate);
const ARGUMENTS: Field = jsonata_only("Arguments", FieldType::JsonataData);
pub(super) const OUTPUT: Field = jsonata_only("Output", FieldType::JsonataData);
pub(super) const ASSIGN: Field = any_language("Assign", FieldType::Assign);
pub(super) const NEXT: Field = any_language("Next", FieldType::LiteralString);
const END: Field = any_language("End", FieldType::LiteralBoolean);
const RETRY: Field = any_language("Retry", FieldType::Retry);
const CATCH: Field = any_language("Catch", FieldType::Catch);

pub(super) static MACHINE: ObjectType = ObjectType {
    fields: &[
        COMMENT,
        QUERY_LANGUAGE,
        any_language("Version", FieldType::Enumeration(&["1.0"])),
        any_language(
            "TimeoutSeconds",
            FieldType::LiteralInteger(Bounds { min: 0, max: 99_999_999, specification_min: 1 }),
        ),
        any_language("StartAt", FieldType::LiteralString),
        any_language("States", FieldType::States),
    ],
    required: &["States", "StartAt"],
    groups: &[],
};

pub(super) static BRANCH: ObjectType = ObjectType {
    fields: &[COMMENT, any_language("StartAt", FieldType::LiteralString), any_language("States", FieldType::States)],
    required: &["States", "StartAt"],
    groups: &[],
};

pub(super) static PROCESSOR: ObjectType = ObjectType {
    fields: &[
        COMMENT,
        any_language("ProcessorConfig", FieldType::ProcessorConfig),
        any_language("StartAt", FieldType::LiteralString),
        any_language("States", FieldType::States),
    ],
    required: &["States", "StartAt"],
    groups: &[],
};

static PASS: ObjectType = ObjectType {
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        INPUT_PATH,
        OUTPUT_PATH,
        RESULT_PATH,
        PARAMETERS,
        OUTPUT,
        ASSIGN,
        NEXT,
        END,
        jsonpath_only("Result", FieldType::StaticData),
    ],
    required: &[],
    groups: &[NEXT_OR_END],
};

static TASK: ObjectType = ObjectType {
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        INPUT_PATH,
        OUTPUT_PATH,
        RESULT_PATH,
        RESULT_SELECTOR,
        PARAMETERS,
        ARGUMENTS,
        OUTPUT,
        ASSIGN,
        RETRY,
        CATCH,
        NEXT,
        END,
        any_language("Resource", FieldType::Resource),
        any_language("Credentials", FieldType::Credentials),
        any_language("TimeoutSeconds", SECONDS),
        jsonpath_only("TimeoutSecondsPath", REFERENCE),
        any_language("HeartbeatSeconds", SECONDS),
        jsonpath_only("HeartbeatSecondsPath", REFERENCE),
    ],
    required: &["Resource"],
    groups: &[
        NEXT_OR_END,
        not_both(&["TimeoutSeconds", "TimeoutSecondsPath"]),
        not_both(&["HeartbeatSeconds", "HeartbeatSecondsPath"]),
    ],
};

static CHOICE: ObjectType = ObjectType {
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        INPUT_PATH,
        OUTPUT_PATH,
        OUTPUT,
        ASSIGN,
        any_language("Choices", FieldType::Choices),
        any_language("Default", FieldType::LiteralString),
    ],
    required: &["Choices"],
    groups: &[],
};

static WAIT: ObjectType = ObjectType {
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        INPUT_PATH,
        OUTPUT_PATH,
        OUTPUT,
        ASSIGN,
        NEXT,
        END,
        any_language("Seconds", FieldType::Integer(Bounds { min: 0, max: 99_999_999, specification_min: 1 })),
        any_language("Timestamp", FieldType::Timestamp),
        jsonpath_only("SecondsPath", REFERENCE),
        jsonpath_only("TimestampPath", REFERENCE),
    ],
    required: &[],
    groups: &[NEXT_OR_END, one_of(&["SecondsPath", "Seconds", "TimestampPath", "Timestamp"])],
};

static SUCCEED: ObjectType = ObjectType {
    fields: &[TYPE, COMMENT, QUERY_LANGUAGE, INPUT_PATH, OUTPUT_PATH, OUTPUT],
    required: &[],
    groups: &[],
};

static FAIL: ObjectType = ObjectType {
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        any_language("Error", FieldType::String),
        any_language("Cause", FieldType::String),
        jsonpath_only("ErrorPath", FieldType::Path(PathUse::Text)),
        jsonpath_only("CausePath", FieldType::Path(PathUse::Text)),
    ],
    required: &[],
    groups: &[not_both(&["Error", "ErrorPath"]), not_both(&["Cause", "CausePath"])],
};

static PARALLEL: ObjectType = ObjectType {
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        INPUT_PATH,
        OUTPUT_PATH,
        RESULT_PATH,
        RESULT_SELECTOR,
        PARAMETERS,
        ARGUMENTS,
        OUTPUT,
        ASSIGN,
        RETRY,
        CATCH,
        NEXT,
        END,
        any_language("Branches", FieldType::Branches),
    ],
    required: &["Branches"],
    groups: &[NEXT_OR_END],
};

static MAP: ObjectType = ObjectType {
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        INPUT_PATH,
        OUTPUT_PATH,
        RESULT_PATH,
        RESULT_SELECTOR,
        PARAMETERS,
        OUTPUT,
        ASSIGN,
        RETRY,
        CATCH,
        NEXT,
        END,
        any_language("ItemProcessor", FieldType::Object(&PROCESSOR)),
        any_language("Iterator", FieldType::Object(&PROCESSOR)),
        jsonpath_only("ItemsPath", FieldType::Path(PathUse::Reference)),
        jsonata_only("Items", FieldType::JsonataData),
        any_language("ItemSelector", FieldType::TemplateOrData),
        any_language("ItemReader", FieldType::Object(&ITEM_READER)),
        any_language("ItemBatcher", FieldType::Object(&ITEM_BATCHER)),
        any_language("ResultWriter", FieldType::Object(&RESULT_WRITER)),
        any_language("MaxConcurrency", COUNT),
        jsonpath_only("MaxConcurrencyPath", COUNT_PATH),
        any_language("ToleratedFailurePercentage", FieldType::Number { min: 0.0, max: 100.0 }),
        jsonpath_only("ToleratedFailurePercentagePath", COUNT_PATH),
        any_language("ToleratedFailureCount", COUNT),
        jsonpath_only("ToleratedFailureCountPath", COUNT_PATH),
        any_language("Label", FieldType::Label),
    ],
    required: &[],
    groups: &[
        NEXT_OR_END,
        one_of(&["ItemProcessor", "Iterator"]),
        FieldGroup { names: &["ItemSelector", "Parameters"], presence: Presence::AtMostOneBySpecification },
        not_both(&["MaxConcurrency", "MaxConcurrencyPath"]),
        not_both(&["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"]),
        not_both(&["ToleratedFailureCount", "ToleratedFailureCountPath"]),
    ],
};

/// The state types, in the order in which Step Functions lists them.
static TYPES: &[(&str, &ObjectType)] = &[
    ("Task", &TASK),
    ("Wait", &WAIT),
    ("Pass", &PASS),
    ("Succeed", &SUCCEED),
    ("Fail", &FAIL),
    ("Choice", &CHOICE),
    ("Parallel", &PARALLEL),
    ("Map", &MAP),
];

/// The fields of a state of that type.
pub(super) fn state(kind: &str) -> Option<&'static ObjectType> {
    TYPES.iter().find(|(name, _)| *name == kind).map(|(_, object_type)| *object_type)
}

/// The names of the state types.
pub(super) fn state_types() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|(name, _)| *name)
}

/// The names of all fields of machines and states.
pub(super) fn all_names() -> impl Iterator<Item = &'static str> {
    let object_types = [&MACHINE, &PROCESSOR, &RULE, &RETRIER, &CATCHER]
        .into_iter()
        .chain(TYPES.iter().map(|(_, object_type)| *object_type));
    object_types
        .flat_map(|object_type| object_type.fields)
        .chain(RULE_FIELDS)
        .chain(COMPARISONS)
        .map(|field| field.name)
}

pub(super) static PROCESSOR_CONFIG: ObjectType = ObjectType {
    fields: &[
        any_language("Mode", FieldType::Enumeration(&["INLINE", "DISTRIBUTED"])),
        any_language("ExecutionType", FieldType::Enumeration(&["STANDARD", "EXPRESS"])),
    ],
    required: &[],
    groups: &[],
};

static ITEM_READER: ObjectType = ObjectType {
    fields: &[
        any_language("Resource", FieldType::ReaderResource),
        PARAMETERS,
        ARGUMENTS,
        any_language("ReaderConfig", FieldType::ReaderConfig),
    ],
    required: &["Resource"],
    groups: &[],
};

pub(super) static READER_CONFIG: ObjectType = ObjectType {
    fields: &[
        any_language("InputType", FieldType::Enumeration(&["CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"])),
        any_language("CSVHeaderLocation", FieldType::Enumeration(&["FIRST_ROW", "GIVEN"])),
        any_language("CSVHeaders", FieldType::Strings),
        any_language("CSVDelimiter", FieldType::Enumeration(&["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"])),
        any_language("ItemsPointer", FieldType::LiteralString),
        any_language("ManifestType", FieldType::Enumeration(&["ATHENA_DATA", "S3_INVENTORY"])),
        any_language("Transformation", FieldType::Enumeration(&["NONE", "LOAD_AND_FLATTEN"])),
        any_language("MaxItems", FieldType::Integer(Bounds { min: 0, max: 100_000_000, specification_min: 0 })),
        jsonpath_only("MaxItemsPath", COUNT_PATH),
    ],
    required: &[],
    groups: &[not_both(&["MaxItems", "MaxItemsPath"])],
};

static ITEM_BATCHER: ObjectType = ObjectType {
    fields: &[
        any_language("BatchInput", FieldType::TemplateOrData),
        any_language("MaxItemsPerBatch", COUNT),
        jsonpath_only("MaxItemsPerBatchPath", COUNT_PATH),
        any_language("MaxInputBytesPerBatch", COUNT),
        jsonpath_only("MaxInputBytesPerBatchPath", COUNT_PATH),
    ],
    required: &[],
    groups: &[
        not_both(&["MaxItemsPerBatch", "MaxItemsPerBatchPath"]),
        not_both(&["MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"]),
    ],
};

static RESULT_WRITER: ObjectType = ObjectType {
    fields: &[
        any_language("Resource", FieldType::WriterResource),
        PARAMETERS,
        ARGUMENTS,
        any_language("WriterConfig", FieldType::Object(&WRITER_CONFIG)),
    ],
    required: &[],
    groups: &[],
};

static WRITER_CONFIG: ObjectType = ObjectType {
    fields: &[
        any_language("Transformation", FieldType::Enumeration(&["NONE", "COMPACT", "FLATTEN"])),
        any_language("OutputType", FieldType::Enumeration(&["JSON", "JSONL"])),
    ],
    required: &[],
    groups: &[],
};

pub(super) static RETRIER: ObjectType = ObjectType {
    fields: &[
        COMMENT,
        any_language("ErrorEquals", FieldType::ErrorNames),
        any_language(
            "IntervalSeconds",
            FieldType::LiteralInteger(Bounds { min: 0, max: 99_999_999, specification_min: 1 }),
        ),
        any_language(
            "MaxAttempts",
            FieldType::LiteralInteger(Bounds { min: 0, max: 99_999_999, specification_min: 0 }),
        ),
        any_language(
            "MaxDelaySeconds",
            FieldType::LiteralInteger(Bounds { min: 1, max: 31_622_400, specification_min: 1 }),
        ),
        any_language("BackoffRate", FieldType::LiteralNumber { min: 1.0, max: f64::MAX }),
        any_language("JitterStrategy", FieldType::Enumeration(&["NONE", "FULL"])),
    ],
    required: &["ErrorEquals"],
    groups: &[],
};

pub(super) static CATCHER: ObjectType = ObjectType {
    fields: &[COMMENT, any_language("ErrorEquals", FieldType::ErrorNames), NEXT, RESULT_PATH, OUTPUT, ASSIGN],
    required: &["ErrorEquals", "Next"],
    groups: &[],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_required_fields_are_fields() {
        let object_types = TYPES.iter().map(|(_, object_type)| *object_type).chain([
            &MACHINE,
            &BRANCH,
            &PROCESSOR,
            &ITEM_READER,
            &READER_CONFIG,
        ]);
        let object_types =
            object_types.chain([&ITEM_BATCHER, &RESULT_WRITER, &WRITER_CONFIG, &RETRIER, &CATCHER, &RULE]);
        for object_type in object_types {
            let named = object_type.required.iter().chain(object_type.groups.iter().flat_map(|group| group.names));
            for name in named {
                assert!(object_type.fields.iter().any(|field| field.name == *name), "{name}");
            }
        }
    }
}
