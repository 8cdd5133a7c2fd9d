//! Lines of at most 100 columns: labels with their texts, wrapped between words with a hanging indent. Nothing is cut; a
//! single word that is longer than a line, such as a path, stays whole so that it can be copied.

use std::fmt::Write;

use textwrap::{Options, WordSplitter, wrap};

use crate::escape::escaped;

/// Widest line, in columns.
const WIDTH: usize = 100;

/// Columns of a label and the space around it.
const LABEL: usize = 16;

/// A text after a prefix; the lines after the first are indented by the width of the prefix.
pub(crate) fn hanging(out: &mut String, prefix: &str, text: &str) {
    hanging_painted(out, prefix, prefix, text);
}

/// [`hanging`] with a prefix that has colors: `plain` is the same prefix without them.
pub(crate) fn hanging_painted(out: &mut String, painted: &str, plain: &str, text: &str) {
    let indent = " ".repeat(textwrap::core::display_width(plain));
    let options = Options::new(WIDTH)
        .initial_indent(&indent)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    let text = escaped(text);
    for (at, line) in wrap(&text, options).into_iter().enumerate() {
        let line = line.trim_end();
        // Writing to a text cannot fail.
        let _ = match (at, line.strip_prefix(indent.as_str())) {
            (0, Some(rest)) => writeln!(out, "{painted}{rest}"),
            (0, None) => writeln!(out, "{}", painted.trim_end()),
            _ => writeln!(out, "{line}"),
        };
    }
}

/// A label with its text.
pub(crate) fn row(out: &mut String, label: &str, text: &str) {
    hanging(out, &heading(label), text);
}

/// A label with a list; nothing where the list is empty.
pub(crate) fn list<'t>(out: &mut String, label: &str, entries: impl IntoIterator<Item = &'t String>) {
    for (at, entry) in entries.into_iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        hanging(out, &format!("{}- ", heading(label)), entry);
    }
}

/// The label at the beginning of a line, padded to the column of its text.
pub(crate) fn heading(label: &str) -> String {
    format!("  {label:<width$}", width = LABEL - 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_wrap_between_words_and_are_not_cut() {
        let text = "sg-0e099ec6cd7363ca5 ".repeat(20);
        let mut out = String::new();
        row(&mut out, "read back", &text);
        assert!(out.lines().count() > 1 && out.lines().all(|line| line.len() <= WIDTH), "{out}");
        assert!(out.lines().skip(1).all(|line| line.starts_with(&" ".repeat(LABEL))), "{out}");
        assert_eq!(out.matches("sg-0e099ec6cd7363ca5").count(), 20);
    }

    #[test]
    fn a_word_that_is_longer_than_a_line_stays_whole() {
        let word = "a/".repeat(80);
        let mut out = String::new();
        list(&mut out, "gaps", [&word]);
        assert!(out.contains(&word), "{out}");
    }

    #[test]
    fn an_empty_text_leaves_its_label() {
        let mut out = String::new();
        row(&mut out, "reason", "");
        assert_eq!(out, "  reason\n");
    }
}
