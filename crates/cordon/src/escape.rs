//! Text from outside (file names, events, definitions, answers) on a terminal.

use incident::text;

/// The text on one line, without harm for a terminal or its reader: control characters (terminal escapes, line breaks) and
/// characters that reorder or hide text (bidirectional controls, zero-width characters) are written as escapes.
///
/// Everything that a command prints for a person and did not write itself passes through here; JSON has escapes of its own.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || text::is_deceptive(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_reaches_the_terminal_as_a_command() {
        for (text, shown) in [
            ("plain.json → ok", "plain.json → ok"),
            ("a\u{1b}[31mred", "a\\u{1b}[31mred"),
            ("two\nlines\r\tand a tab", "two\\nlines\\r\\tand a tab"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("no\u{200b}width", "no\\u{200b}width"),
            ("c1 \u{9b}2J", "c1 \\u{9b}2J"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }
}
