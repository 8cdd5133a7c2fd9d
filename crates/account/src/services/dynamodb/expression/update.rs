use super::cursor::Cursor;
use super::lexer::Kind;
use super::path::{Path, Step};
use super::placeholders::Placeholders;
use crate::services::dynamodb::attribute::Attribute;
use crate::services::dynamodb::err::ExpressionError;

type Parsed<T> = Result<T, ExpressionError>;

/// An update, section by section.
#[derive(Debug, Clone, Default, PartialEq, Hash)]
pub(in crate::services::dynamodb) struct Update {
    pub(super) set: Vec<(Path, Assigned)>,
    pub(super) remove: Vec<Path>,
    pub(super) add: Vec<(Path, Attribute)>,
    pub(super) delete: Vec<(Path, Attribute)>,
}

/// The right side of a `SET` clause.
#[derive(Debug, Clone, PartialEq, Hash)]
pub(super) enum Assigned {
    Value(Source),
    Sum(Source, Source),
    Difference(Source, Source),
}

/// Where a `SET` clause takes a value from.
#[derive(Debug, Clone, PartialEq, Hash)]
pub(super) enum Source {
    Path(Path),
    Value(Attribute),
    IfNotExists(Path, Box<Source>),
    ListAppend(Box<Source>, Box<Source>),
}

impl Update {
    /// The paths that the update writes, in the order of the sections.
    pub(in crate::services::dynamodb) fn targets(&self) -> impl Iterator<Item = &Path> {
        let set = self.set.iter().map(|(path, _)| path);
        let changed = self.add.iter().chain(&self.delete).map(|(path, _)| path);
        set.chain(&self.remove).chain(changed)
    }
}

/// Parses a whole update.
pub(in crate::services::dynamodb) fn update(expression: &str, placeholders: &mut Placeholders) -> Parsed<Update> {
    let mut cursor = Cursor::new(expression, placeholders)?;
    let mut update = Update::default();
    let mut seen: Vec<&'static str> = Vec::new();
    while !cursor.at_end() {
        let Some(section) = ["SET", "REMOVE", "ADD", "DELETE"].into_iter().find(|section| cursor.take_word(section))
        else {
            return Err(cursor.unexpected());
        };
        if seen.contains(&section) {
            return Err(ExpressionError::SectionTwice(section));
        }
        seen.push(section);
        loop {
            let path = cursor.path()?;
            match section {
                "SET" => {
                    cursor.expect_mark("=")?;
                    update.set.push((path, assigned(&mut cursor)?));
                }
                "REMOVE" => update.remove.push(path),
                "ADD" => update.add.push((path, changing(&mut cursor, "ADD")?)),
                _ => update.delete.push((path, changing(&mut cursor, "DELETE")?)),
            }
            if !cursor.take_mark(",") {
                break;
            }
        }
    }
    check_apart(&update.targets().collect::<Vec<_>>())?;
    Ok(update)
}

fn assigned(cursor: &mut Cursor<'_>) -> Parsed<Assigned> {
    let first = source(cursor)?;
    let sign = match cursor.peek(Kind::Mark) {
        Some("+") => "+",
        Some("-") => "-",
        _ => return Ok(Assigned::Value(first)),
    };
    cursor.take(Kind::Mark);
    cursor.operator()?;
    let second = source(cursor)?;
    for side in [&first, &second] {
        if let Some(operand) = wrong(side, "N") {
            return Err(ExpressionError::OperandType { function: sign.to_owned(), operand: operand.to_owned() });
        }
    }
    Ok(if sign == "+" { Assigned::Sum(first, second) } else { Assigned::Difference(first, second) })
}

fn source(cursor: &mut Cursor<'_>) -> Parsed<Source> {
    if let Some(key) = cursor.take(Kind::Value) {
        return cursor.placeholders.value(&key).map(Source::Value);
    }
    if cursor.take_mark("(") {
        let inner = cursor.nested(source)?;
        cursor.expect_mark(")")?;
        return Ok(inner);
    }
    let Some(name) = cursor.peek(Kind::Word).filter(|_| cursor.followed_by("(")).map(str::to_owned) else {
        return cursor.path().map(Source::Path);
    };
    if !matches!(name.as_str(), "if_not_exists" | "list_append") {
        return Err(ExpressionError::UnknownFunction(name));
    }
    cursor.operator()?;
    cursor.take(Kind::Word);
    cursor.expect_mark("(")?;
    let list = cursor.nested(|cursor| {
        let mut list = vec![source(cursor)?];
        while cursor.take_mark(",") {
            list.push(source(cursor)?);
        }
        Ok(list)
    })?;
    cursor.expect_mark(")")?;
    let count = list.len();
    let Ok([first, second]) = <[Source; 2]>::try_from(list) else {
        return Err(ExpressionError::OperandCount { function: name, count });
    };
    if name == "if_not_exists" {
        let Source::Path(path) = first else { return Err(ExpressionError::PathRequired(name)) };
        return Ok(Source::IfNotExists(path, Box::new(second)));
    }
    for side in [&first, &second] {
        if let Some(operand) = wrong(side, "L") {
            return Err(ExpressionError::OperandType { function: name, operand: operand.to_owned() });
        }
    }
    Ok(Source::ListAppend(Box::new(first), Box::new(second)))
}

/// The type of a source that is known now and is not `wanted`.
fn wrong(source: &Source, wanted: &str) -> Option<&'static str> {
    match source {
        Source::Value(value) if value.tag() != wanted => Some(value.tag()),
        Source::ListAppend(..) if wanted != "L" => Some("L"),
        _ => None,
    }
}

/// The operand of `ADD` or `DELETE`: a number to add, or a set to join or take away.
fn changing(cursor: &mut Cursor<'_>, action: &'static str) -> Parsed<Attribute> {
    let Some(key) = cursor.take(Kind::Value) else { return Err(cursor.unexpected()) };
    cursor.operator()?;
    let value = cursor.placeholders.value(&key)?;
    match &value {
        Attribute::Ss(_) | Attribute::Ns(_) | Attribute::Bs(_) => Ok(value),
        Attribute::N(_) if action == "ADD" => Ok(value),
        other => Err(ExpressionError::UpdateOperandType { action, operand: other.long_name() }),
    }
}

/// Refuses two paths if one equals the other or is its beginning.
fn check_apart(paths: &[&Path]) -> Parsed<()> {
    for (index, two) in paths.iter().enumerate() {
        for one in paths.iter().take(index) {
            let parting = one.0.iter().zip(&two.0).find(|(a, b)| a != b);
            let names = || (one.to_string(), two.to_string());
            match parting {
                None => {
                    let (one, two) = names();
                    return Err(ExpressionError::Overlap { one, two });
                }
                Some((Step::Name(_), Step::Index(_)) | (Step::Index(_), Step::Name(_))) => {
                    let (one, two) = names();
                    return Err(ExpressionError::Conflict { one, two });
                }
                Some(_) => (),
            }
        }
    }
    Ok(())
}
