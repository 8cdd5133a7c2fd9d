//! Reads a table; its head describes the form.

use std::collections::BTreeMap;

use super::{Kind, Member, Model, Operation, Protocol, Route, Structure};

impl Model {
    /// Reads a table.
    ///
    /// # Panics
    ///
    /// With the line that it cannot read. Tables are part of the program and are generated; a test reads each.
    pub(crate) fn read(text: &'static str) -> Self {
        let lines: Vec<Vec<&'static str>> =
            text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
        let named = |mark: &str| -> BTreeMap<&'static str, usize> {
            let marked = lines.iter().filter_map(|line| match line.as_slice() {
                [first, name, ..] if *first == mark => Some(*name),
                _ => None,
            });
            marked.enumerate().map(|(index, name)| (name, index)).collect()
        };
        let reader = Reader { values: named("@"), structures: named("=") };
        let mut model = Self {
            protocol: Protocol::RestJson,
            signing_name: "",
            api_version: "",
            namespace: "",
            operations: BTreeMap::new(),
            errors: BTreeMap::new(),
            values: Vec::new(),
            structures: Vec::new(),
        };
        for line in &lines {
            if reader.line(&mut model, line).is_none() {
                malformed(line);
            }
        }
        model
    }
}

#[expect(clippy::panic, reason = "a table is part of the program, and a test reads each")]
fn malformed(line: &[&str]) -> ! {
    panic!("malformed line in a service model: {line:?}")
}

/// The positions of what lines refer to by name.
struct Reader {
    values: BTreeMap<&'static str, usize>,
    structures: BTreeMap<&'static str, usize>,
}

impl Reader {
    fn line(&self, model: &mut Model, line: &[&'static str]) -> Option<()> {
        match *line {
            ["!", protocol, signing_name, api_version, namespace] => {
                model.protocol = protocol_named(protocol)?;
                model.signing_name = signing_name;
                model.api_version = api_version;
                model.namespace = present(namespace).unwrap_or_default();
            }
            [">", name, input, output, route, pages] => {
                let operation = Operation {
                    name,
                    input: self.structure(input)?,
                    output: self.structure(output)?,
                    route: read_optional(route, |route| {
                        let (method, path) = route.split_once(' ')?;
                        Some(Route { method, path })
                    })?,
                    next_page: read_optional(pages, |pages| pages.split(':').nth(1))?,
                };
                model.operations.insert(name, operation);
            }
            ["x", code, status] => {
                model.errors.insert(code, status.parse().ok()?);
            }
            ["@", _, ref values @ ..] => model.values.push(values.to_vec()),
            ["=", _] => model.structures.push(Structure {
                members: Vec::new(),
                by_sdk: BTreeMap::new(),
                by_request: BTreeMap::new(),
                by_response: BTreeMap::new(),
            }),
            [sdk, request, response, kind] => {
                let structure = model.structures.last_mut()?;
                let index = structure.members.len();
                let named = |name: &'static str| if name.is_empty() { sdk } else { name };
                structure.by_sdk.insert(sdk, index);
                structure.by_request.insert(named(request), index);
                structure.by_response.insert(named(response), index);
                let (kind, required) = kind.strip_suffix('!').map_or((kind, false), |kind| (kind, true));
                structure.members.push(Member { sdk, response: named(response), kind: self.kind(kind)?, required });
            }
            _ => return None,
        }
        Some(())
    }

    /// `None` for a name that no structure has; `Some(None)` for none.
    fn structure(&self, name: &'static str) -> Option<Option<usize>> {
        present(name).map_or(Some(None), |name| self.structures.get(name).map(|index| Some(*index)))
    }

    fn kind(&self, text: &'static str) -> Option<Kind> {
        Some(match text {
            "s" => Kind::Text,
            "b" => Kind::Boolean,
            "i" => Kind::Integer,
            "d" => Kind::Number,
            "t" => Kind::Moment,
            "x" => Kind::Bytes,
            "*" => Kind::Any,
            _ => {
                if let Some(name) = text.strip_prefix('@') {
                    Kind::OneOf(*self.values.get(name)?)
                } else if let Some(name) = inside(text, '{', '}') {
                    Kind::Structure(*self.structures.get(name)?)
                } else if let Some(element) = inside(text, '[', ']') {
                    match prefix(element) {
                        Some((name, element)) => Kind::List(Box::new(self.kind(element)?), Some(name)),
                        None => Kind::List(Box::new(self.kind(element)?), None),
                    }
                } else {
                    let value = inside(text, '<', '>')?;
                    let (key_name, rest) = prefix(value).unwrap_or(("key", value));
                    let (value_name, rest) = prefix(rest).unwrap_or(("value", rest));
                    Kind::Map(Box::new(self.kind(rest)?), key_name, value_name)
                }
            }
        })
    }
}

/// What stands before the first colon, unless that belongs to a type inside.
fn prefix(text: &'static str) -> Option<(&'static str, &'static str)> {
    text.split_once(':').filter(|(name, _)| !name.contains(['[', '{', '<']))
}

fn inside(text: &'static str, open: char, close: char) -> Option<&'static str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

fn present(text: &'static str) -> Option<&'static str> {
    (text != "-").then_some(text)
}

fn read_optional<T>(text: &'static str, read: impl Fn(&'static str) -> Option<T>) -> Option<Option<T>> {
    present(text).map_or(Some(None), |text| read(text).map(Some))
}

fn protocol_named(name: &str) -> Option<Protocol> {
    Some(match name {
        "ec2" => Protocol::Ec2Query,
        "query" => Protocol::Query,
        "json-1.0" => Protocol::Json10,
        "json-1.1" => Protocol::Json11,
        "rest-json" => Protocol::RestJson,
        _ => return None,
    })
}
