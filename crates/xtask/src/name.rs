//! Names in the spellings that the project uses.

use crate::error::TaskError;

/// A name of lower-case words with hyphens: of a function or a scenario.
#[derive(Debug, Clone)]
pub(crate) struct Name(String);

impl Name {
    /// Reads `isolate-host`.
    ///
    /// # Errors
    /// A name of anything but lower-case words, digits and single hyphens.
    pub(crate) fn parse(text: &str) -> Result<Name, TaskError> {
        let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if text.split('-').all(word) && text.starts_with(|c: char| c.is_ascii_lowercase()) {
            Ok(Name(text.to_owned()))
        } else {
            Err(TaskError::Failed(format!("`{text}` is not a name in lower case with hyphens, such as `isolate-host`")))
        }
    }

    /// `isolate-host`: the package, the folder, the physical name.
    pub(crate) fn kebab(&self) -> &str {
        &self.0
    }

    /// `isolate_host`: the crate in Rust.
    pub(crate) fn snake(&self) -> String {
        self.0.replace('-', "_")
    }

    /// `IsolateHost`: the logical id in a template.
    pub(crate) fn pascal(&self) -> String {
        let upper = |word: &str| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
        };
        self.0.split('-').map(upper).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Name;
    use crate::error::TaskError;

    #[test]
    fn has_three_spellings() -> Result<(), TaskError> {
        let name = Name::parse("isolate-host2")?;
        assert_eq!(
            (name.kebab(), name.snake().as_str(), name.pascal().as_str()),
            ("isolate-host2", "isolate_host2", "IsolateHost2")
        );
        Ok(())
    }

    #[test]
    fn is_lower_case_words_with_hyphens() {
        for wrong in ["", "-a", "a-", "a--b", "A", "a_b", "a/b", "1a", "../a"] {
            assert!(Name::parse(wrong).is_err(), "{wrong}");
        }
    }
}
