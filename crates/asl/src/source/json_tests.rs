use proptest::prelude::*;

use super::*;

fn check(text: &str, error: &str) {
    let found = parse(text).map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(found, Err(error.to_owned()), "{text}");
}

#[test]
fn keeps_the_place_of_names_and_values() -> Result<(), SourceError> {
    let document = parse("{\n  \"ä\": [1, {\"b\": null}]\n}")?;
    let object = document.root().as_object().cloned().unwrap_or_default();
    let member = object.get("ä");
    assert_eq!(member.map(|member| document.position(member.at)).map(|at| (at.line, at.column)), Some((2, 3)));
    assert_eq!(member.map(|member| document.position(member.value.at)).map(|at| (at.line, at.column)), Some((2, 8)));
    let inner = member.and_then(|member| member.value.as_array()).and_then(|items| items.get(1));
    assert_eq!(inner.map(|node| document.position(node.at)).map(|at| (at.line, at.column)), Some((2, 12)));
    Ok(())
}

#[test]
fn notes_repeated_names_and_lets_the_last_count() -> Result<(), SourceError> {
    for filler in [0, 40] {
        let filling: String = (0..filler).map(|n| format!("\"f{n}\": {n},")).collect();
        let text = format!("{{{filling}\"a\": 1, \"b\": 2, \"a\": 3}}");
        let document = parse(&text)?;
        let object = document.root().as_object().cloned().unwrap_or_default();
        let repeated: Vec<&str> = object.members().iter().filter(|m| m.repeated).map(|m| m.name.as_ref()).collect();
        assert_eq!(repeated, ["a"]);
        assert_eq!(object.get("a").and_then(|member| member.value.as_f64()), Some(3.0));
        assert_eq!(object.effective().count(), filler + 2);
        assert_eq!(document.to_value().get("a"), Some(&serde_json::json!(3)));
    }
    Ok(())
}

#[test]
fn resolves_escapes() -> Result<(), SourceError> {
    let document = parse(r#""a\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00z""#)?;
    assert_eq!(document.root().as_str(), Some("a\"\\/\u{8}\u{c}\n\r\tä😀z"));
    Ok(())
}

#[test]
fn says_what_is_wrong_and_where() {
    check("", "the text is empty at line 1, column 1");
    check(" \n ", "the text is empty at line 2, column 2");
    check("{} {}", "unexpected text after the end of the value at line 1, column 4");
    check("{\"a\" 1}", "unexpected `1`, expected `:` at line 1, column 6");
    check("{\"a\": 1,}", "unexpected `}`, expected a property name in double quotes at line 1, column 9");
    check("[1 2]", "unexpected `2`, expected `,` or `]` at line 1, column 4");
    check("[1, 2", "the text ends too early, expected `,` or `]` at line 1, column 6");
    check("{\"a", "the text ends too early, expected the closing `\"` of a string at line 1, column 4");
    check("not json", "unknown word `not`, expected a value at line 1, column 1");
    check("'a'", "unexpected `'`, expected a value at line 1, column 1");
    check("\"a\nb\"", "control character U+000A in a string must be written as an escape at line 1, column 3");
    check(r#""\q""#, r"unknown escape `\q` in a string at line 1, column 2");
    check(r#""\ud800x""#, r"invalid `\u` escape in a string at line 1, column 2");
    check("01", "invalid number `01` at line 1, column 1");
    check("[1.]", "invalid number `1.` at line 1, column 2");
    check("1e999", "number `1e999` is too large at line 1, column 1");
    check(&"[".repeat(100_000), "nested deeper than 200 levels at line 1, column 201");
    check(&" ".repeat(MAX_BYTES + 1), "the text is longer than 8388608 bytes at line 1, column 1");
}

#[test]
fn accepts_the_depth_it_promises() {
    let text = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert!(parse(&text).is_ok());
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC*") {
        let _ = parse(&text);
    }

    #[test]
    fn never_panics_on_what_looks_like_json(text in "[\\[\\]{}:,\"\\\\u0-9a-f.eE+\\- \ntrl]{0,40}") {
        let _ = parse(&text);
    }

    /// Reads what `serde_json` reads, and refuses what it refuses; numbers beyond a float's range apart.
    #[test]
    fn agrees_with_serde_json(text in "[\\[\\]{}:,\"\\\\ntru0-9.eE+\\- ]{0,12}") {
        let ours = parse(&text).ok().map(|document| document.to_value());
        let theirs = serde_json::from_str::<serde_json::Value>(&text).ok();
        prop_assert_eq!(ours, theirs);
    }
}
