//! Hides placeholders from the YAML parser, to which `{`, `:` and `#` mean something.
//!
//! Every character of a placeholder becomes one of a private plane of Unicode, so that places stay the same and the text
//! can be restored from what the parser gives.

use std::borrow::Cow;

use super::placeholder;

/// Where the private plane starts (Unicode, "Supplementary Private Use Area-A"). Its last two code points are none.
const PLANE: u32 = 0xf_0000;

/// The characters that have a place in the plane.
const HIDEABLE: u32 = 0xfffd;

fn is_hidden(c: char) -> bool {
    (PLANE..=PLANE + HIDEABLE).contains(&u32::from(c))
}

/// The text with its placeholders hidden; the text itself when it has none, or cannot be told from hidden text.
pub(super) fn hide(text: &str) -> Cow<'_, str> {
    let Some(_) = placeholder::first(text).filter(|_| !text.chars().any(is_hidden)) else {
        return Cow::Borrowed(text);
    };
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, length)) = placeholder::first(rest) {
        let (before, from) = rest.split_at(at);
        let (found, after) = from.split_at(length);
        hidden.push_str(before);
        hidden.extend(found.chars().map(hide_character));
        rest = after;
    }
    hidden.push_str(rest);
    Cow::Owned(hidden)
}

/// A character of the plane; one that has no place in it stays as it is.
fn hide_character(c: char) -> char {
    let code = u32::from(c);
    if code <= HIDEABLE { char::from_u32(PLANE + code).unwrap_or(c) } else { c }
}

/// A text in which hidden characters are as they were.
pub(super) fn restore(text: &str) -> String {
    let shown = |c: char| if is_hidden(c) { char::from_u32(u32::from(c) - PLANE).unwrap_or(c) } else { c };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_placeholders_and_restores_them() {
        let text = "a: {b: ${x: #y}, \u{1f600}${\u{1f600}ä}}";
        let hidden = hide(text);
        assert_eq!(hidden.chars().count(), text.chars().count());
        assert!(!hidden.contains(['$', '#', 'x']));
        assert_eq!(restore(&hidden), text);
        assert!(matches!(hide("a: $b"), Cow::Borrowed(_)));
        assert!(matches!(hide("\u{f0041} ${a}"), Cow::Borrowed(_)), "hidden text could not be told from this");
    }
}
