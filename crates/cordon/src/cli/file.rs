//! Reading files, with the place of what is wrong with them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

/// Bytes that a file may have: a definition has at most an eighth of that, and every byte of JSON may take a hundred of
/// memory.
pub(super) const MOST_BYTES: usize = 16 << 20;

/// The text of a file, or of standard input for `-`.
///
/// # Errors
/// A sentence that names the file.
pub(super) fn text(path: &Path, most: usize) -> Result<String, String> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| format!("{shown}: cannot be read: {error}");
    let mut bytes = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    if is_standard_input(path) {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(unreadable)?;
    }
    if bytes.len() > most {
        return Err(format!("{shown}: longer than {most} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
        format!("{shown}:{line}: not UTF-8")
    })
}

/// Whether a path stands for standard input.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

/// The JSON value in a file, or in standard input for `-`.
///
/// # Errors
/// A sentence with the file and the line and column of what is not JSON.
pub(super) fn json(path: &Path, most: usize) -> Result<Value, String> {
    parse(&text(path, most)?).map_err(|said| format!("{}:{said}", path.display()))
}

/// The JSON value of a text; an error starts with line and column.
fn parse(text: &str) -> Result<Value, String> {
    // Some editors begin a file with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        let place = format!("{}:{}", error.line(), error.column());
        match said.split(" at line ").next().unwrap_or_default() {
            "recursion limit exceeded" => format!("{place}: nested deeper than 127 levels"),
            said => format!("{place}: not JSON: {said}"),
        }
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
        let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
        assert_eq!(parse(&deep).err().as_deref(), Some("1:128: nested deeper than 127 levels"));
        assert!(
            text(Path::new("/no/such/file"), 9).is_err_and(|said| said.starts_with("/no/such/file: cannot be read"))
        );
    }
}
