//! The fields of the rules of Choice states.

use super::field_type::{FieldType, PathUse};
use super::fields::{ASSIGN, COMMENT, Field, NEXT, OUTPUT, ObjectType, jsonata_only, jsonpath_only};

/// A rule of a Choice state.
pub(super) static RULE: ObjectType =
    ObjectType { fields: &[COMMENT, NEXT, ASSIGN, OUTPUT, CONDITION], required: &["Next"], groups: &[] };

/// A rule within `And`, `Or` or `Not`.
pub(super) static NESTED_RULE: ObjectType = ObjectType { fields: &[COMMENT], required: &[], groups: &[] };

const CONDITION: Field = jsonata_only("Condition", FieldType::Condition);

/// The fields that only rules in JSONPath have, nested or not.
pub(super) static RULE_FIELDS: &[Field] = &[
    jsonpath_only("And", FieldType::NestedRules),
    jsonpath_only("Or", FieldType::NestedRules),
    jsonpath_only("Not", FieldType::NestedRule),
    jsonpath_only("Variable", FieldType::Path(PathUse::Variable)),
];

/// Fields of which a rule has exactly one.
pub(super) static OPERATORS: &[&str] = &["And", "Or", "Not", "Variable", "Condition"];

const STRING: FieldType = FieldType::LiteralString;
const NUMBER: FieldType = FieldType::LiteralNumber { min: f64::MIN, max: f64::MAX };
const PATH: FieldType = FieldType::Path(PathUse::Variable);

/// The comparison operators of a rule with `Variable`.
pub(super) static COMPARISONS: &[Field] = &[
    jsonpath_only("StringEquals", STRING),
    jsonpath_only("StringEqualsPath", PATH),
    jsonpath_only("StringLessThan", STRING),
    jsonpath_only("StringLessThanPath", PATH),
    jsonpath_only("StringGreaterThan", STRING),
    jsonpath_only("StringGreaterThanPath", PATH),
    jsonpath_only("StringLessThanEquals", STRING),
    jsonpath_only("StringLessThanEqualsPath", PATH),
    jsonpath_only("StringGreaterThanEquals", STRING),
    jsonpath_only("StringGreaterThanEqualsPath", PATH),
    jsonpath_only("StringMatches", STRING),
    jsonpath_only("NumericEquals", NUMBER),
    jsonpath_only("NumericEqualsPath", PATH),
    jsonpath_only("NumericLessThan", NUMBER),
    jsonpath_only("NumericLessThanPath", PATH),
    jsonpath_only("NumericGreaterThan", NUMBER),
    jsonpath_only("NumericGreaterThanPath", PATH),
    jsonpath_only("NumericLessThanEquals", NUMBER),
    jsonpath_only("NumericLessThanEqualsPath", PATH),
    jsonpath_only("NumericGreaterThanEquals", NUMBER),
    jsonpath_only("NumericGreaterThanEqualsPath", PATH),
    jsonpath_only("BooleanEquals", FieldType::LiteralBoolean),
    jsonpath_only("BooleanEqualsPath", PATH),
    jsonpath_only("TimestampEquals", FieldType::Timestamp),
    jsonpath_only("TimestampEqualsPath", PATH),
    jsonpath_only("TimestampLessThan", FieldType::Timestamp),
    jsonpath_only("TimestampLessThanPath", PATH),
    jsonpath_only("TimestampGreaterThan", FieldType::Timestamp),
    jsonpath_only("TimestampGreaterThanPath", PATH),
    jsonpath_only("TimestampLessThanEquals", FieldType::Timestamp),
    jsonpath_only("TimestampLessThanEqualsPath", PATH),
    jsonpath_only("TimestampGreaterThanEquals", FieldType::Timestamp),
    jsonpath_only("TimestampGreaterThanEqualsPath", PATH),
    jsonpath_only("IsNull", FieldType::LiteralBoolean),
    jsonpath_only("IsPresent", FieldType::LiteralBoolean),
    jsonpath_only("IsNumeric", FieldType::LiteralBoolean),
    jsonpath_only("IsString", FieldType::LiteralBoolean),
    jsonpath_only("IsBoolean", FieldType::LiteralBoolean),
    jsonpath_only("IsTimestamp", FieldType::LiteralBoolean),
];
