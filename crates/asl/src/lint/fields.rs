//! Which fields each object of a definition may have: the States Language as tables.
//!
//! The allowed fields per state type and query language, the ranges and the exclusions are those that
//! `ValidateStateMachineDefinition` enforces; the States Language specification names the same fields.

use super::choice_fields::{COMPARISONS, RULE, RULE_FIELDS};
use super::shape::{Bounds, PathUse, Shape};

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
    pub(super) shape: Shape,
    /// The only query language that has the field.
    pub(super) only: Option<Language>,
}

/// Fields of which an object has only one.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) names: &'static [&'static str],
    pub(super) need: Need,
}

/// How many fields of a group an object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// One.
    One,
    /// One or none.
    AtMostOne,
    /// One or none by the specification; Step Functions is not known to refuse both.
    AtMostOneBySpecification,
}

/// What an object looks like.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) fields: &'static [Field],
    /// The fields that must be there, in the order in which Step Functions lists them.
    pub(super) required: &'static [&'static str],
    pub(super) groups: &'static [Group],
}

pub(super) const fn both(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, only: None }
}

pub(super) const fn path(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, only: Some(Language::JsonPath) }
}

pub(super) const fn ata(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, only: Some(Language::Jsonata) }
}

const fn one_of(names: &'static [&'static str]) -> Group {
    Group { names, need: Need::One }
}

const fn not_both(names: &'static [&'static str]) -> Group {
    Group { names, need: Need::AtMostOne }
}

const LANGUAGES: Shape = Shape::OneOf(&["JSONPath", "JSONata"]);
const SECONDS: Shape = Shape::Integer(Bounds { min: 1, max: 99_999_999, specification_min: 1 });
const COUNT: Shape = Shape::Integer(Bounds { min: 0, max: i64::MAX, specification_min: 0 });
const REFERENCE: Shape = Shape::Path(PathUse::Reference);
const COUNT_PATH: Shape = Shape::Path(PathUse::Count);
const VALUE_PATH: Shape = Shape::Path(PathUse::Value);
const NEXT_OR_END: Group = one_of(&["Next", "End"]);

pub(super) const COMMENT: Field = both("Comment", Shape::Text);
const TYPE: Field = both("Type", Shape::Any);
const QUERY_LANGUAGE: Field = both("QueryLanguage", LANGUAGES);
const INPUT_PATH: Field = path("InputPath", VALUE_PATH);
const OUTPUT_PATH: Field = path("OutputPath", VALUE_PATH);
const RESULT_PATH: Field = path("ResultPath", Shape::Path(PathUse::Result));
const RESULT_SELECTOR: Field = path("ResultSelector", Shape::Template);
const PARAMETERS: Field = path("Parameters", Shape::Template);
const ARGUMENTS: Field = ata("Arguments", Shape::Data);
pub(super) const OUTPUT: Field = ata("Output", Shape::Data);
pub(super) const ASSIGN: Field = both("Assign", Shape::Assign);
pub(super) const NEXT: Field = both("Next", Shape::Literal);
const END: Field = both("End", Shape::Flag);
const RETRY: Field = both("Retry", Shape::Retry);
const CATCH: Field = both("Catch", Shape::Catch);

pub(super) static MACHINE: Spec = Spec {
    fields: &[
        COMMENT,
        QUERY_LANGUAGE,
        both("Version", Shape::OneOf(&["1.0"])),
        both("TimeoutSeconds", Shape::FixedInteger(Bounds { min: 0, max: 99_999_999, specification_min: 1 })),
        both("StartAt", Shape::Literal),
        both("States", Shape::States),
    ],
    required: &["States", "StartAt"],
    groups: &[],
};

pub(super) static BRANCH: Spec = Spec {
    fields: &[COMMENT, both("StartAt", Shape::Literal), both("States", Shape::States)],
    required: &["States", "StartAt"],
    groups: &[],
};

pub(super) static PROCESSOR: Spec = Spec {
    fields: &[
        COMMENT,
        both("ProcessorConfig", Shape::Processor),
        both("StartAt", Shape::Literal),
        both("States", Shape::States),
    ],
    required: &["States", "StartAt"],
    groups: &[],
};

static PASS: Spec = Spec {
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
        path("Result", Shape::Fixed),
    ],
    required: &[],
    groups: &[NEXT_OR_END],
};

static TASK: Spec = Spec {
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
        both("Resource", Shape::Resource),
        both("Credentials", Shape::Credentials),
        both("TimeoutSeconds", SECONDS),
        path("TimeoutSecondsPath", REFERENCE),
        both("HeartbeatSeconds", SECONDS),
        path("HeartbeatSecondsPath", REFERENCE),
    ],
    required: &["Resource"],
    groups: &[
        NEXT_OR_END,
        not_both(&["TimeoutSeconds", "TimeoutSecondsPath"]),
        not_both(&["HeartbeatSeconds", "HeartbeatSecondsPath"]),
    ],
};

static CHOICE: Spec = Spec {
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        INPUT_PATH,
        OUTPUT_PATH,
        OUTPUT,
        ASSIGN,
        both("Choices", Shape::Choices),
        both("Default", Shape::Literal),
    ],
    required: &["Choices"],
    groups: &[],
};

static WAIT: Spec = Spec {
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
        both("Seconds", Shape::Integer(Bounds { min: 0, max: 99_999_999, specification_min: 1 })),
        both("Timestamp", Shape::Timestamp),
        path("SecondsPath", REFERENCE),
        path("TimestampPath", REFERENCE),
    ],
    required: &[],
    groups: &[NEXT_OR_END, one_of(&["SecondsPath", "Seconds", "TimestampPath", "Timestamp"])],
};

static SUCCEED: Spec =
    Spec { fields: &[TYPE, COMMENT, QUERY_LANGUAGE, INPUT_PATH, OUTPUT_PATH, OUTPUT], required: &[], groups: &[] };

static FAIL: Spec = Spec {
    fields: &[
        TYPE,
        COMMENT,
        QUERY_LANGUAGE,
        both("Error", Shape::Text),
        both("Cause", Shape::Text),
        path("ErrorPath", Shape::Path(PathUse::Text)),
        path("CausePath", Shape::Path(PathUse::Text)),
    ],
    required: &[],
    groups: &[not_both(&["Error", "ErrorPath"]), not_both(&["Cause", "CausePath"])],
};

static PARALLEL: Spec = Spec {
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
        both("Branches", Shape::Branches),
    ],
    required: &["Branches"],
    groups: &[NEXT_OR_END],
};

static MAP: Spec = Spec {
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
        both("ItemProcessor", Shape::Object(&PROCESSOR)),
        both("Iterator", Shape::Object(&PROCESSOR)),
        path("ItemsPath", Shape::Path(PathUse::Reference)),
        ata("Items", Shape::Data),
        both("ItemSelector", Shape::Either),
        both("ItemReader", Shape::Object(&ITEM_READER)),
        both("ItemBatcher", Shape::Object(&ITEM_BATCHER)),
        both("ResultWriter", Shape::Object(&RESULT_WRITER)),
        both("MaxConcurrency", COUNT),
        path("MaxConcurrencyPath", COUNT_PATH),
        both("ToleratedFailurePercentage", Shape::Number { min: 0.0, max: 100.0 }),
        path("ToleratedFailurePercentagePath", COUNT_PATH),
        both("ToleratedFailureCount", COUNT),
        path("ToleratedFailureCountPath", COUNT_PATH),
        both("Label", Shape::Label),
    ],
    required: &[],
    groups: &[
        NEXT_OR_END,
        one_of(&["ItemProcessor", "Iterator"]),
        Group { names: &["ItemSelector", "Parameters"], need: Need::AtMostOneBySpecification },
        not_both(&["MaxConcurrency", "MaxConcurrencyPath"]),
        not_both(&["ToleratedFailurePercentage", "ToleratedFailurePercentagePath"]),
        not_both(&["ToleratedFailureCount", "ToleratedFailureCountPath"]),
    ],
};

/// The state types, in the order in which Step Functions lists them.
static TYPES: &[(&str, &Spec)] = &[
    ("Task", &TASK),
    ("Wait", &WAIT),
    ("Pass", &PASS),
    ("Succeed", &SUCCEED),
    ("Fail", &FAIL),
    ("Choice", &CHOICE),
    ("Parallel", &PARALLEL),
    ("Map", &MAP),
];

/// What a state of that type looks like.
pub(super) fn state(kind: &str) -> Option<&'static Spec> {
    TYPES.iter().find(|(name, _)| *name == kind).map(|(_, spec)| *spec)
}

/// The names of the state types.
pub(super) fn state_types() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|(name, _)| *name)
}

/// The names of all fields of machines and states.
pub(super) fn all_names() -> impl Iterator<Item = &'static str> {
    let specs =
        [&MACHINE, &PROCESSOR, &RULE, &RETRIER, &CATCHER].into_iter().chain(TYPES.iter().map(|(_, spec)| *spec));
    specs.flat_map(|spec| spec.fields).chain(RULE_FIELDS).chain(COMPARISONS).map(|field| field.name)
}

pub(super) static PROCESSOR_CONFIG: Spec = Spec {
    fields: &[
        both("Mode", Shape::OneOf(&["INLINE", "DISTRIBUTED"])),
        both("ExecutionType", Shape::OneOf(&["STANDARD", "EXPRESS"])),
    ],
    required: &[],
    groups: &[],
};

static ITEM_READER: Spec = Spec {
    fields: &[both("Resource", Shape::Reader), PARAMETERS, ARGUMENTS, both("ReaderConfig", Shape::ReaderConfig)],
    required: &["Resource"],
    groups: &[],
};

pub(super) static READER_CONFIG: Spec = Spec {
    fields: &[
        both("InputType", Shape::OneOf(&["CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"])),
        both("CSVHeaderLocation", Shape::OneOf(&["FIRST_ROW", "GIVEN"])),
        both("CSVHeaders", Shape::Strings),
        both("CSVDelimiter", Shape::OneOf(&["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"])),
        both("ItemsPointer", Shape::Literal),
        both("ManifestType", Shape::OneOf(&["ATHENA_DATA", "S3_INVENTORY"])),
        both("Transformation", Shape::OneOf(&["NONE", "LOAD_AND_FLATTEN"])),
        both("MaxItems", Shape::Integer(Bounds { min: 0, max: 100_000_000, specification_min: 0 })),
        path("MaxItemsPath", COUNT_PATH),
    ],
    required: &[],
    groups: &[not_both(&["MaxItems", "MaxItemsPath"])],
};

static ITEM_BATCHER: Spec = Spec {
    fields: &[
        both("BatchInput", Shape::Either),
        both("MaxItemsPerBatch", COUNT),
        path("MaxItemsPerBatchPath", COUNT_PATH),
        both("MaxInputBytesPerBatch", COUNT),
        path("MaxInputBytesPerBatchPath", COUNT_PATH),
    ],
    required: &[],
    groups: &[
        not_both(&["MaxItemsPerBatch", "MaxItemsPerBatchPath"]),
        not_both(&["MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"]),
    ],
};

static RESULT_WRITER: Spec = Spec {
    fields: &[
        both("Resource", Shape::Writer),
        PARAMETERS,
        ARGUMENTS,
        both("WriterConfig", Shape::Object(&WRITER_CONFIG)),
    ],
    required: &[],
    groups: &[],
};

static WRITER_CONFIG: Spec = Spec {
    fields: &[
        both("Transformation", Shape::OneOf(&["NONE", "COMPACT", "FLATTEN"])),
        both("OutputType", Shape::OneOf(&["JSON", "JSONL"])),
    ],
    required: &[],
    groups: &[],
};

pub(super) static RETRIER: Spec = Spec {
    fields: &[
        COMMENT,
        both("ErrorEquals", Shape::ErrorNames),
        both("IntervalSeconds", Shape::FixedInteger(Bounds { min: 0, max: 99_999_999, specification_min: 1 })),
        both("MaxAttempts", Shape::FixedInteger(Bounds { min: 0, max: 99_999_999, specification_min: 0 })),
        both("MaxDelaySeconds", Shape::FixedInteger(Bounds { min: 1, max: 31_622_400, specification_min: 1 })),
        both("BackoffRate", Shape::FixedNumber { min: 1.0, max: f64::MAX }),
        both("JitterStrategy", Shape::OneOf(&["NONE", "FULL"])),
    ],
    required: &["ErrorEquals"],
    groups: &[],
};

pub(super) static CATCHER: Spec = Spec {
    fields: &[COMMENT, both("ErrorEquals", Shape::ErrorNames), NEXT, RESULT_PATH, OUTPUT, ASSIGN],
    required: &["ErrorEquals", "Next"],
    groups: &[],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_required_fields_are_fields() {
        let specs =
            TYPES.iter().map(|(_, spec)| *spec).chain([&MACHINE, &BRANCH, &PROCESSOR, &ITEM_READER, &READER_CONFIG]);
        let specs = specs.chain([&ITEM_BATCHER, &RESULT_WRITER, &WRITER_CONFIG, &RETRIER, &CATCHER, &RULE]);
        for spec in specs {
            let named = spec.required.iter().chain(spec.groups.iter().flat_map(|group| group.names));
            for name in named {
                assert!(spec.fields.iter().any(|field| field.name == *name), "{name}");
            }
        }
    }
}
