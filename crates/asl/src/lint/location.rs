//! The location of a value in a definition, as Step Functions writes it: `/States/Choose/Choices[0]/Next`.

use std::fmt;

/// Longer names are cut, because a hostile definition could have a name of a megabyte in the location of each problem.
const LONGEST: usize = 256;

/// A path from the root of a definition, kept on the stack while walking down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Location<'p> {
    parent: Option<&'p Location<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Root,
    Field(&'p str),
    Item(usize),
}

impl Location<'static> {
    pub(super) const ROOT: Location<'static> = Location { parent: None, step: Step::Root };
}

impl<'p> Location<'p> {
    pub(super) fn field(&'p self, name: &'p str) -> Location<'p> {
        Location { parent: Some(self), step: Step::Field(name) }
    }

    pub(super) fn item(&'p self, index: usize) -> Location<'p> {
        Location { parent: Some(self), step: Step::Item(index) }
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

impl fmt::Display for Location<'_> {
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
        let states = Location::ROOT.field("States");
        let state = states.field("a b");
        let choices = state.field("Choices");
        let rule = choices.item(2);
        assert_eq!(Location::ROOT.to_string(), "/");
        assert_eq!(rule.field("Next").to_string(), "/States/a b/Choices[2]/Next");
        assert_eq!(Location::ROOT.field(&"ä".repeat(300)).to_string(), format!("/{}…", "ä".repeat(256)));
    }
}
