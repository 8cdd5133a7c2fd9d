//! The fields of the rules of Choice states.

use super::fields::{ASSIGN, COMMENT, Field, NEXT, OUTPUT, Spec, ata, path};
use super::shape::{PathUse, Shape};

/// A rule of a Choice state.
pub(super) static RULE: Spec =
    Spec { fields: &[COMMENT, NEXT, ASSIGN, OUTPUT, CONDITION], required: &["Next"], groups: &[] };

/// A rule within `And`, `Or` or `Not`.
pub(super) static NESTED_RULE: Spec = Spec { fields: &[COMMENT], required: &[], groups: &[] };

const CONDITION: Field = ata("Condition", Shape::Condition);

/// The fields of rules, nested or not, that only JSONPath has.
pub(super) static RULE_FIELDS: &[Field] = &[
    path("And", Shape::Rules),
    path("Or", Shape::Rules),
    path("Not", Shape::Rule),
    path("Variable", Shape::Path(PathUse::Variable)),
];

/// A rule has one of these.
pub(super) static RULE_KINDS: &[&str] = &["And", "Or", "Not", "Variable", "Condition"];

const TEXT: Shape = Shape::Literal;
const NUMBER: Shape = Shape::FixedNumber { min: f64::MIN, max: f64::MAX };
const COMPARED: Shape = Shape::Path(PathUse::Variable);

/// The comparisons of a rule with `Variable`.
pub(super) static COMPARISONS: &[Field] = &[
    path("StringEquals", TEXT),
    path("StringEqualsPath", COMPARED),
    path("StringLessThan", TEXT),
    path("StringLessThanPath", COMPARED),
    path("StringGreaterThan", TEXT),
    path("StringGreaterThanPath", COMPARED),
    path("StringLessThanEquals", TEXT),
    path("StringLessThanEqualsPath", COMPARED),
    path("StringGreaterThanEquals", TEXT),
    path("StringGreaterThanEqualsPath", COMPARED),
    path("StringMatches", TEXT),
    path("NumericEquals", NUMBER),
    path("NumericEqualsPath", COMPARED),
    path("NumericLessThan", NUMBER),
    path("NumericLessThanPath", COMPARED),
    path("NumericGreaterThan", NUMBER),
    path("NumericGreaterThanPath", COMPARED),
    path("NumericLessThanEquals", NUMBER),
    path("NumericLessThanEqualsPath", COMPARED),
    path("NumericGreaterThanEquals", NUMBER),
    path("NumericGreaterThanEqualsPath", COMPARED),
    path("BooleanEquals", Shape::Flag),
    path("BooleanEqualsPath", COMPARED),
    path("TimestampEquals", Shape::Timestamp),
    path("TimestampEqualsPath", COMPARED),
    path("TimestampLessThan", Shape::Timestamp),
    path("TimestampLessThanPath", COMPARED),
    path("TimestampGreaterThan", Shape::Timestamp),
    path("TimestampGreaterThanPath", COMPARED),
    path("TimestampLessThanEquals", Shape::Timestamp),
    path("TimestampLessThanEqualsPath", COMPARED),
    path("TimestampGreaterThanEquals", Shape::Timestamp),
    path("TimestampGreaterThanEqualsPath", COMPARED),
    path("IsNull", Shape::Flag),
    path("IsPresent", Shape::Flag),
    path("IsNumeric", Shape::Flag),
    path("IsString", Shape::Flag),
    path("IsBoolean", Shape::Flag),
    path("IsTimestamp", Shape::Flag),
];
