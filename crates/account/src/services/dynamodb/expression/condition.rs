use super::cursor::Cursor;
use super::lexer::Kind;
use super::path::Path;
use super::placeholders::Placeholders;
use crate::services::dynamodb::attribute::Attribute;
use crate::services::dynamodb::err::ExpressionError;

/// The most operands of `IN`.
const MAX_IN: usize = 100;

type Parsed<T> = Result<T, ExpressionError>;

/// A condition, filter or key condition.
#[derive(Debug, Clone, PartialEq, Hash)]
pub(in crate::services::dynamodb) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Comparator, Operand, Operand),
    Between { value: Operand, low: Operand, high: Operand },
    In { value: Operand, list: Vec<Operand> },
    Exists(Path),
    NotExists(Path),
    HasType(Path, String),
    BeginsWith(Operand, Operand),
    Contains(Operand, Operand),
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::services::dynamodb) enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a comparison compares.
#[derive(Debug, Clone, PartialEq, Hash)]
pub(in crate::services::dynamodb) enum Operand {
    Path(Path),
    Value(Attribute),
    /// `size(path)`.
    Size(Path),
}

impl Comparator {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Condition {
    /// Calls `visit` with every path of the condition.
    pub(in crate::services::dynamodb) fn paths(&self, visit: &mut dyn FnMut(&Path)) {
        let mut operand = |operand: &Operand| match operand {
            Operand::Path(path) | Operand::Size(path) => visit(path),
            Operand::Value(_) => (),
        };
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.paths(visit)),
            Self::Not(inner) => inner.paths(visit),
            Self::Compare(_, a, b) | Self::BeginsWith(a, b) | Self::Contains(a, b) => {
                operand(a);
                operand(b);
            }
            Self::Between { value, low, high } => [value, low, high].into_iter().for_each(operand),
            Self::In { value, list } => std::iter::once(value).chain(list).for_each(operand),
            Self::Exists(path) | Self::NotExists(path) | Self::HasType(path, _) => visit(path),
        }
    }
}

/// Parses a whole condition.
pub(in crate::services::dynamodb) fn condition(expression: &str, placeholders: &mut Placeholders) -> Parsed<Condition> {
    let mut cursor = Cursor::new(expression, placeholders)?;
    let parsed = any(&mut cursor)?;
    cursor.expect_end()?;
    Ok(parsed)
}

fn any(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    let mut parts = vec![all(cursor)?];
    while cursor.take_word("OR") {
        cursor.operator()?;
        parts.push(all(cursor)?);
    }
    Ok(single_or(parts, Condition::Any))
}

fn all(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    let mut parts = vec![negation(cursor)?];
    while cursor.take_word("AND") {
        cursor.operator()?;
        parts.push(negation(cursor)?);
    }
    Ok(single_or(parts, Condition::All))
}

fn single_or(mut parts: Vec<Condition>, several: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            several(parts)
        }
        None => several(parts),
    }
}

fn negation(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    if cursor.take_word("NOT") {
        cursor.operator()?;
        return cursor.nested(|cursor| Ok(Condition::Not(Box::new(negation(cursor)?))));
    }
    if cursor.take_mark("(") {
        if cursor.doubly_enclosed() {
            return Err(ExpressionError::RedundantParentheses);
        }
        let inner = cursor.nested(any)?;
        cursor.expect_mark(")")?;
        return Ok(inner);
    }
    predicate(cursor)
}

fn predicate(cursor: &mut Cursor<'_>) -> Parsed<Condition> {
    if let Some(name) = cursor.peek(Kind::Word).map(str::to_owned)
        && cursor.followed_by("(")
        && name != "size"
    {
        return function(cursor, &name);
    }
    let value = operand(cursor)?;
    if cursor.take_word("BETWEEN") {
        cursor.operator()?;
        let low = operand(cursor)?;
        if !cursor.take_word("AND") {
            return Err(cursor.unexpected());
        }
        let high = operand(cursor)?;
        check_bounds(&low, &high)?;
        return Ok(Condition::Between { value, low, high });
    }
    if cursor.take_word("IN") {
        cursor.operator()?;
        cursor.expect_mark("(")?;
        let mut list = vec![operand(cursor)?];
        while cursor.take_mark(",") {
            list.push(operand(cursor)?);
        }
        cursor.expect_mark(")")?;
        if list.len() > MAX_IN {
            return Err(ExpressionError::OperandCount { function: "IN".to_owned(), count: list.len() + 1 });
        }
        return Ok(Condition::In { value, list });
    }
    let comparator = match cursor.peek(Kind::Mark) {
        Some("=") => Comparator::Equal,
        Some("<>") => Comparator::NotEqual,
        Some("<") => Comparator::Less,
        Some("<=") => Comparator::LessOrEqual,
        Some(">") => Comparator::Greater,
        Some(">=") => Comparator::GreaterOrEqual,
        // A size is a number, and no condition by itself.
        _ if matches!(value, Operand::Size(_)) => return Err(ExpressionError::MisusedFunction("size".to_owned())),
        _ => return Err(cursor.unexpected()),
    };
    cursor.take(Kind::Mark);
    cursor.operator()?;
    let other = operand(cursor)?;
    check_distinct(comparator.sign(), &value, &other)?;
    if !matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
        for side in [&value, &other] {
            if let Operand::Value(constant) = side
                && !matches!(constant, Attribute::S(_) | Attribute::N(_) | Attribute::B(_))
            {
                return Err(ExpressionError::OperandType {
                    function: comparator.sign().to_owned(),
                    operand: constant.tag().to_owned(),
                });
            }
        }
    }
    Ok(Condition::Compare(comparator, value, other))
}

fn operand(cursor: &mut Cursor<'_>) -> Parsed<Operand> {
    if let Some(key) = cursor.take(Kind::Value) {
        return cursor.placeholders.value(&key).map(Operand::Value);
    }
    if let Some(name) = cursor.peek(Kind::Word).map(str::to_owned)
        && cursor.followed_by("(")
    {
        if name != "size" {
            return Err(if is_function(&name) {
                ExpressionError::MisusedFunction(name)
            } else {
                ExpressionError::UnknownFunction(name)
            });
        }
        let [argument] = arguments::<1>(cursor, &name)?;
        return match argument {
            Operand::Path(path) => Ok(Operand::Size(path)),
            Operand::Value(value) => {
                Err(ExpressionError::OperandType { function: name, operand: value.tag().to_owned() })
            }
            Operand::Size(_) => Err(ExpressionError::MisusedFunction(name)),
        };
    }
    cursor.path().map(Operand::Path)
}

fn is_function(name: &str) -> bool {
    matches!(name, "attribute_exists" | "attribute_not_exists" | "attribute_type" | "begins_with" | "contains" | "size")
}

fn function(cursor: &mut Cursor<'_>, name: &str) -> Parsed<Condition> {
    match name {
        "attribute_exists" => Ok(Condition::Exists(path_argument(cursor, name)?)),
        "attribute_not_exists" => Ok(Condition::NotExists(path_argument(cursor, name)?)),
        "attribute_type" => {
            let [path, kind] = arguments::<2>(cursor, name)?;
            let Operand::Path(path) = path else { return Err(ExpressionError::PathRequired(name.to_owned())) };
            match kind {
                Operand::Value(Attribute::S(kind)) => {
                    if !matches!(kind.as_str(), "S" | "N" | "B" | "BOOL" | "NULL" | "L" | "M" | "SS" | "NS" | "BS") {
                        return Err(ExpressionError::UnknownType(kind));
                    }
                    Ok(Condition::HasType(path, kind))
                }
                Operand::Value(other) => {
                    Err(ExpressionError::OperandType { function: name.to_owned(), operand: other.tag().to_owned() })
                }
                Operand::Path(_) | Operand::Size(_) => Err(ExpressionError::OperandType {
                    function: name.to_owned(),
                    operand: "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}".to_owned(),
                }),
            }
        }
        "begins_with" => {
            let [value, prefix] = arguments::<2>(cursor, name)?;
            check_distinct(name, &value, &prefix)?;
            for side in [&value, &prefix] {
                let operand = match side {
                    Operand::Value(Attribute::S(_) | Attribute::B(_)) | Operand::Path(_) => continue,
                    Operand::Value(other) => other.tag(),
                    Operand::Size(_) => "N",
                };
                return Err(ExpressionError::OperandType { function: name.to_owned(), operand: operand.to_owned() });
            }
            Ok(Condition::BeginsWith(value, prefix))
        }
        "contains" => {
            let [value, part] = arguments::<2>(cursor, name)?;
            check_distinct(name, &value, &part)?;
            Ok(Condition::Contains(value, part))
        }
        other => Err(ExpressionError::UnknownFunction(other.to_owned())),
    }
}

fn path_argument(cursor: &mut Cursor<'_>, name: &str) -> Parsed<Path> {
    let [argument] = arguments::<1>(cursor, name)?;
    match argument {
        Operand::Path(path) => Ok(path),
        Operand::Value(_) | Operand::Size(_) => Err(ExpressionError::PathRequired(name.to_owned())),
    }
}

/// The arguments of a function, parentheses included.
fn arguments<const N: usize>(cursor: &mut Cursor<'_>, name: &str) -> Parsed<[Operand; N]> {
    cursor.operator()?;
    cursor.take(Kind::Word);
    cursor.expect_mark("(")?;
    let list = cursor.nested(|cursor| {
        let mut list = vec![operand(cursor)?];
        while cursor.take_mark(",") {
            list.push(operand(cursor)?);
        }
        Ok(list)
    })?;
    cursor.expect_mark(")")?;
    let count = list.len();
    <[Operand; N]>::try_from(list).map_err(|_| ExpressionError::OperandCount { function: name.to_owned(), count })
}

fn check_distinct(operator: &str, first: &Operand, second: &Operand) -> Parsed<()> {
    match (first, second) {
        (Operand::Path(a), Operand::Path(b)) if a == b => {
            Err(ExpressionError::NotDistinct { operator: operator.to_owned(), path: a.to_string() })
        }
        _ => Ok(()),
    }
}

fn check_bounds(low: &Operand, high: &Operand) -> Parsed<()> {
    let (Operand::Value(lower), Operand::Value(upper)) = (low, high) else { return Ok(()) };
    if lower.tag() != upper.tag() {
        return Err(ExpressionError::BoundTypes { lower: lower.shown(), upper: upper.shown() });
    }
    match super::evaluate::order(lower, upper) {
        None => Err(ExpressionError::OperandType { function: "BETWEEN".to_owned(), operand: lower.tag().to_owned() }),
        Some(std::cmp::Ordering::Greater) => {
            Err(ExpressionError::BoundOrder { lower: lower.shown(), upper: upper.shown() })
        }
        Some(_) => Ok(()),
    }
}
