//! The places that list the functions.

use crate::error::TaskError;

/// A file that lists the functions, and where a new one is added to it.
pub(crate) struct Place {
    /// The file, by its path from the root.
    pub(crate) path: &'static str,
    at: Position,
    /// What is added, with the words of a template.
    pub(crate) text: &'static str,
}

enum Position {
    /// In order among the lines with a text, of those below a heading.
    Sorted { below: &'static str, among: &'static str },
    /// After the last line with this text.
    After(&'static str),
    /// Before the first line with this text.
    Before(&'static str),
}

/// All of them. A function that one of these lacks is not in the workspace, in a replay or in the stack.
pub(crate) const PLACES: [Place; 4] = [
    Place {
        path: "Cargo.toml",
        at: Position::Sorted { below: "[workspace.dependencies]", among: "path = \"functions/" },
        text: "NAME = { path = \"functions/NAME\" }\n",
    },
    Place {
        path: "crates/simulator/Cargo.toml",
        at: Position::Sorted { below: "[dependencies]", among: ".workspace = true" },
        text: "NAME.workspace = true\n",
    },
    Place {
        path: "crates/simulator/src/handlers.rs",
        at: Position::After("Function::new("),
        text: "        handlers.set(\"NAME\", Function::new(CRATE::handle));\n",
    },
    Place {
        path: "infra/template.yaml",
        at: Position::Before("# ---- State and people"),
        text: include_str!("template.txt"),
    },
];

impl Place {
    /// The file with the addition.
    ///
    /// # Errors
    /// The file has no line to add it at.
    pub(crate) fn with(&self, file: &str, addition: &str) -> Result<String, TaskError> {
        let lines: Vec<&str> = file.split_inclusive('\n').collect();
        let (at, sought) = match self.at {
            Position::Sorted { below, among } => {
                let below = lines.iter().position(|line| line.trim_end() == below).unwrap_or(lines.len());
                let mut like = lines.iter().enumerate().skip(below).filter(|(_, line)| line.contains(among));
                let last = like.clone().next_back().map(|(at, _)| at + 1);
                (like.find(|(_, line)| **line > addition).map(|(at, _)| at).or(last), among)
            }
            Position::After(text) => (lines.iter().rposition(|line| line.contains(text)).map(|line| line + 1), text),
            Position::Before(text) => (lines.iter().position(|line| line.contains(text)), text),
        };
        let at = at.ok_or_else(|| TaskError::Failed(format!("{}: no line contains `{sought}`", self.path)))?;
        let (before, after) = lines.split_at(at);
        Ok(before.iter().copied().chain([addition]).chain(after.iter().copied()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::PLACES;
    use crate::error::TaskError;
    use crate::project;

    /// The places are those of this project, not of an earlier one.
    #[test]
    fn every_place_takes_a_function() -> Result<(), TaskError> {
        for place in PLACES {
            let file = project::read(place.path)?;
            let edited = place.with(&file, place.text)?;
            assert_eq!(edited.len(), file.len() + place.text.len(), "{}", place.path);
            assert_eq!(edited.replacen(place.text, "", 1), file, "{}", place.path);
        }
        Ok(())
    }
}
