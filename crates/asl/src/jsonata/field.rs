use std::fmt;

/// The place of an expression, as messages name it: `Output`, `Choices[0]/Condition`. The name is made when it is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field<'a> {
    /// A field of a state.
    Named(&'a str),
    /// A field within another.
    Within(&'a Field<'a>, &'a str),
    /// An item of a list.
    Item(&'a Field<'a>, usize),
}

impl<'a> From<&'a str> for Field<'a> {
    fn from(name: &'a str) -> Field<'a> {
        Field::Named(name)
    }
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Named(name) => f.write_str(name),
            Field::Within(outer, name) => write!(f, "{outer}/{name}"),
            Field::Item(list, at) => write!(f, "{list}[{at}]"),
        }
    }
}
