//! Byte offsets to lines and columns.

/// A place in a text. Both numbers count from 1, and the column counts characters, not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character within the line, from 1.
    pub column: usize,
}

/// Where each line of a text starts.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Lines<'t> {
        let breaks = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n').map(|(at, _)| at + 1);
        Lines { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    pub(super) fn position(&self, at: usize) -> Position {
        let (starts, _) = self.starts.split_at(self.starts.partition_point(|&start| start <= at));
        // the first line starts at 0, so that the list is not empty
        let start = starts.last().copied().unwrap_or(0);
        let end = self.text.floor_char_boundary(at).max(start);
        let before = self.text.split_at(end).0.split_at(start).1;
        Position { line: starts.len(), column: before.chars().count() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let lines = Lines::new("a\näöü{\n");
        assert_eq!(lines.position(0), Position { line: 1, column: 1 });
        assert_eq!(lines.position(1), Position { line: 1, column: 2 });
        assert_eq!(lines.position(2), Position { line: 2, column: 1 });
        assert_eq!(lines.position(8), Position { line: 2, column: 4 });
        assert_eq!(lines.position(99), Position { line: 3, column: 1 });
    }
}
