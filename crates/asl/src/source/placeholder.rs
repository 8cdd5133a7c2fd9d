//! `${Name}`: what CloudFormation replaces in a definition before Step Functions reads it.
//!
//! The name can be any text (the resource schema of `AWS::StepFunctions::StateMachine` has the key pattern `.*`), and the
//! value goes into the text as it is, so that a placeholder can stand for a name, a number or a whole object. A name with
//! quotes, braces, backslashes or control characters is not looked for: in a definition that is an expression.

/// The length in bytes of the placeholder that a text starts with.
pub(super) fn length_at_start(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("${")?;
    let end = rest.find(|c: char| matches!(c, '{' | '}' | '"' | '\\') || c.is_control())?;
    let closed = end > 0 && rest.get(end..)?.starts_with('}');
    closed.then_some("${".len() + end + "}".len())
}

/// The first placeholder of a text, as byte offset and length.
pub(super) fn first(text: &str) -> Option<(usize, usize)> {
    text.match_indices("${").find_map(|(at, _)| Some((at, length_at_start(text.get(at..)?)?)))
}

/// Whether a text contains a placeholder.
///
/// ```
/// assert!(asl::source::has_placeholder("arn:${Partition}:states:::sns:publish"));
/// assert!(!asl::source::has_placeholder("$.cost"));
/// ```
#[must_use]
pub fn has_placeholder(text: &str) -> bool {
    first(text).is_some()
}

/// Whether a text without quotes, once its placeholders are replaced, can be a value that is not text: nothing stands
/// beside the placeholders but characters of a number.
pub(super) fn can_be_any_value(text: &str) -> bool {
    let mut rest = text;
    let mut found = false;
    while let Some((at, length)) = first(rest) {
        let (before, placeholder) = rest.split_at(at);
        if !before.chars().all(is_of_number) {
            return false;
        }
        found = true;
        rest = placeholder.split_at(length).1;
    }
    found && rest.chars().all(is_of_number)
}

/// A character that a number can have.
pub(super) fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_free() {
        for text in ["${A}", "${triage_function_arn}", "${a-b}", "${a.b}", "${a b}", "x ${ä} y", "${${A}}"] {
            assert!(has_placeholder(text), "{text}");
        }
        for text in ["", "$", "${}", "${a", "$a", "$ {a}", "${\"a\": 1}", "${a\n}", "{% $x{a} %}"] {
            assert!(!has_placeholder(text), "{text}");
        }
    }

    #[test]
    fn text_beside_a_placeholder_makes_it_text() {
        for text in ["${A}", "${A}${B}", "-${A}", "${A}0", "1${A}.5"] {
            assert!(can_be_any_value(text), "{text}");
        }
        for text in ["", "5", "${A}s", "arn:${A}", "${A} ${B}"] {
            assert!(!can_be_any_value(text), "{text}");
        }
    }
}
