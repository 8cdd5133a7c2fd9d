//! Reading files, with the place of what is wrong with them.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// A sentence that names the file.
pub(super) fn text(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| format!("standard input: {error}"))?;
    } else {
        bytes = std::fs::read(path).map_err(|error| format!("{shown}: cannot be read: {error}"))?;
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
        format!("{shown}:{line}: not UTF-8")
    })
}

/// The JSON value in a file, or in standard input for `-`.
///
/// # Errors
/// A sentence with the file and the line and column of what is not JSON.
pub(super) fn json(path: &Path) -> Result<Value, String> {
    parse(&text(path)?).map_err(|said| format!("{}:{said}", path.display()))
}

/// The JSON value of a text; an error starts with line and column.
fn parse(text: &str) -> Result<Value, String> {
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        format!("{}:{}: not JSON: {said}", error.line(), error.column())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_has_a_place() {
        assert_eq!(
            parse("{\n  \"a\": 1,\n}").err().as_deref(),
            Some("3:1: not JSON: trailing comma"),
            "the line and column of the closing brace"
        );
        assert_eq!(parse("\u{feff}[1]").ok(), Some(serde_json::json!([1])));
        assert!(text(Path::new("/no/such/file")).is_err_and(|said| said.starts_with("/no/such/file: cannot be read")));
    }
}
