//! Where in a definition a value stands, as Step Functions writes it: `/States/Choose/Choices[0]/Next`.

use std::fmt;

/// Longer names are cut: a hostile definition could else have a place of a megabyte for each of its problems.
const LONGEST: usize = 256;

/// A path from the root of a definition, kept on the stack while walking down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Root,
    Field(&'p str),
    Item(usize),
}

impl Place<'static> {
    pub(super) const ROOT: Place<'static> = Place { parent: None, step: Step::Root };
}

impl<'p> Place<'p> {
    pub(super) fn field(&'p self, name: &'p str) -> Place<'p> {
        Place { parent: Some(self), step: Step::Field(name) }
    }

    pub(super) fn item(&'p self, index: usize) -> Place<'p> {
        Place { parent: Some(self), step: Step::Item(index) }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.write(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Field(name) => match name.char_indices().nth(LONGEST) {
                None => write!(f, "/{name}"),
                Some((end, _)) => write!(f, "/{}…", name.get(..end).unwrap_or_default()),
            },
            Step::Item(index) => write!(f, "[{index}]"),
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.step {
            Step::Root => f.write_str("/"),
            _ => self.write(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_step_functions_writes_it() {
        let states = Place::ROOT.field("States");
        let state = states.field("a b");
        let choices = state.field("Choices");
        let rule = choices.item(2);
        assert_eq!(Place::ROOT.to_string(), "/");
        assert_eq!(rule.field("Next").to_string(), "/States/a b/Choices[2]/Next");
        assert_eq!(Place::ROOT.field(&"ä".repeat(300)).to_string(), format!("/{}…", "ä".repeat(256)));
    }
}
