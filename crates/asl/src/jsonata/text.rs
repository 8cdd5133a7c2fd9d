//! The texts of errors as JSONata 2.0.6 has them, where those of `jsonata-core` differ.
//!
//! Source: the table of error codes in `jsonata.js` 2.0.6.

use serde_json::Value;

/// The texts without a value in them, by their codes.
const FIXED: [(&str, &str); 51] = [
    ("S0104", "The escape sequence \\u must be followed by 4 hex digits"),
    ("S0106", "Comment has no closing tag"),
    ("S0301", "Empty regular expressions are not allowed"),
    ("S0302", "No terminating / in regular expression"),
    ("S0209", "A predicate cannot follow a grouping expression in a step"),
    ("S0210", "Each step can only have one grouping expression"),
    ("S0212", "The left side of := must be a variable name (start with $)"),
    // The value is never finite, and JSON has no form for it.
    ("D1001", "Number out of range: null"),
    ("D1004", "Regular expression matches zero length string"),
    ("T1006", "Attempted to invoke a non-function"),
    ("T1008", "Attempted to partially apply a non-function"),
    ("T2003", "The left side of the range operator (..) must evaluate to an integer"),
    ("T2004", "The right side of the range operator (..) must evaluate to an integer"),
    ("T2006", "The right side of the function application operator ~> must be a function"),
    ("T2008", "The expressions within an order-by clause must evaluate to numeric or string values"),
    ("D3001", "Attempting to invoke string function on Infinity or NaN"),
    ("D3010", "Second argument of replace function cannot be an empty string"),
    ("D3011", "Fourth argument of replace function must evaluate to a positive number"),
    ("D3012", "Attempted to replace a matched string with a non-string value"),
    ("D3020", "Third argument of split function must evaluate to a positive number"),
    ("D3040", "Third argument of match function must evaluate to a positive number"),
    ("D3050", "The second argument of reduce function must be a function with at least two arguments"),
    (
        "D3070",
        "The single argument form of the sort function can only be applied to an array of strings or an array of numbers.  Use the second argument to specify a comparison function",
    ),
    ("D3080", "The picture string must only contain a maximum of two sub-pictures"),
    ("D3081", "The sub-picture must not contain more than one instance of the 'decimal-separator' character"),
    ("D3082", "The sub-picture must not contain more than one instance of the 'percent' character"),
    ("D3083", "The sub-picture must not contain more than one instance of the 'per-mille' character"),
    ("D3084", "The sub-picture must not contain both a 'percent' and a 'per-mille' character"),
    (
        "D3085",
        "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a member of the 'decimal digit family'",
    ),
    (
        "D3086",
        "The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character",
    ),
    (
        "D3087",
        "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character",
    ),
    ("D3088", "The sub-picture must not contain a 'grouping-separator' at the end of the integer part"),
    ("D3089", "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character"),
    (
        "D3090",
        "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an instance of the 'optional digit character'",
    ),
    (
        "D3091",
        "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by a member of the 'decimal digit family'",
    ),
    (
        "D3092",
        "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an 'exponent-separator'",
    ),
    (
        "D3093",
        "The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal digit family'",
    ),
    ("D3131", "In a decimal digit pattern, all digits must be from the same decimal group"),
    ("D3134", "The timezone integer format specifier cannot have more than four digits"),
    ("D3135", "No matching closing bracket ']' in date/time picture string"),
    ("D3136", "The date/time picture string is missing specifiers required to parse the timestamp"),
    ("D3138", "The $single() function expected exactly 1 matching result.  Instead it matched more."),
    ("D3139", "The $single() function expected exactly 1 matching result.  Instead it matched 0."),
    ("S0101", "String literal must be terminated by a matching quote"),
    ("S0105", "Quoted property name must be terminated with a backquote (`)"),
    ("S0207", "Unexpected end of expression"),
    ("S0215", "A context variable binding must precede any predicates on a step"),
    ("S0216", "A context variable binding must precede the 'order-by' clause on a step"),
    ("S0217", "The object representing the 'parent' cannot be derived from this expression"),
    ("S0402", "Choice groups containing parameterized types are not supported"),
    ("S0401", "Type parameters can only be applied to functions and arrays"),
];

/// The text of an error with its code, as JSONata 2.0.6 has it.
pub(super) fn of(message: &str) -> String {
    if message.ends_with("Unclosed comment") {
        return "S0106: Comment has no closing tag".to_owned();
    }
    let Some((code, rest)) = coded(message) else { return message.to_owned() };
    if let Some((_, text)) = FIXED.iter().find(|(known, _)| *known == code) {
        return format!("{code}: {text}");
    }
    let after = |start: &str| rest.strip_prefix(start);
    let text = match code {
        "S0102" => after("Number out of range: ").map(|token| format!("Number out of range: {}", quoted(token))),
        "S0103" => after("Unsupported escape sequence: \\")
            .map(|token| format!("Unsupported escape sequence: \\{}", quoted(token))),
        "S0201" => after("Syntax error: ").map(|token| format!("Syntax error: {}", symbol(token))),
        "S0202" => after("Expected ")
            .and_then(|rest| rest.split_once(", got "))
            .map(|(expected, found)| format!("Expected {}, got {}", symbol(expected), symbol(found))),
        "S0203" => after("Expected ")
            .and_then(|rest| rest.strip_suffix(" before end of expression"))
            .map(|expected| format!("Expected {} before end of expression", symbol(expected))),
        "S0204" => after("Unknown operator: ").map(|token| format!("Unknown operator: {}", quoted(token))),
        "S0208" => after("Parameter of ").map(|rest| format!("Parameter 1 of {rest}")),
        "S0211" => after("The symbol ")
            .and_then(|rest| rest.strip_suffix(" cannot be used as a unary operator"))
            .map(|token| format!("The symbol {} cannot be used as a unary operator", symbol(token))),
        "S0214" => after("Expected a variable reference after ")
            .map(|token| format!("The right side of {} must be a variable name (start with $)", quoted(token))),
        "T2001" | "T2002" => rest.split_once(" of the ").and_then(|(side, rest)| {
            let operator = rest.strip_suffix(" operator must evaluate to a number")?;
            Some(format!("{side} of the {} operator must evaluate to a number", quoted(operator)))
        }),
        "D3137" if rest.is_empty() => Some("$error() function evaluated".to_owned()),
        "D3141" if rest.is_empty() => Some("$assert() statement failed".to_owned()),
        "T1010" => rest.split_once(" passed to function $").and_then(|(start, rest)| {
            let (name, end) = rest.split_once(' ')?;
            Some(format!("{start} passed to function {} {end}", quoted(name)))
        }),
        "D3030" => after("Cannot convert '")
            .and_then(|rest| rest.strip_suffix("' to number"))
            .map(|value| format!("Unable to cast value to a number: {}", quoted(value))),
        "D3100" => after("Radix must be between 2 and 36, got ").map(|radix| {
            format!("The radix of the formatBase function must be between 2 and 36.  It was given {radix}")
        }),
        "D3130" => Some(format!(
            "Formatting or parsing an integer as a sequence starting with {} is not supported by this implementation",
            quoted(rest)
        )),
        "D3132" => Some(format!("Unknown component specifier {} in date/time picture string", quoted(rest))),
        "D3133" => Some(format!(
            "The 'name' modifier can only be applied to months and days in the date/time picture string, not {}",
            quoted(rest)
        )),
        _ => None,
    };
    format!("{code}: {}", text.as_deref().unwrap_or(rest))
}

/// The code and what follows it; the stages of `jsonata-core` may put their own words before.
fn coded(message: &str) -> Option<(&str, &str)> {
    let mut rest = message;
    loop {
        let (code, after) = rest.split_once(": ")?;
        if code.len() == 5 && code.starts_with(['D', 'S', 'T', 'U']) && code.chars().skip(1).all(|c| c.is_ascii_digit())
        {
            return Some((code, after));
        }
        if code.contains(['"', '\'']) {
            return None;
        }
        rest = after;
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The symbol that a token of the parser stands for, quoted as JSONata does.
fn symbol(token: &str) -> String {
    let symbols = [
        ("LeftParen", "("),
        ("RightParen", ")"),
        ("LeftBracket", "["),
        ("RightBracket", "]"),
        ("LeftBrace", "{"),
        ("RightBrace", "}"),
        ("Comma", ","),
        ("Colon", ":"),
        ("Semicolon", ";"),
        ("Dot", "."),
        ("DotDot", ".."),
        ("Question", "?"),
        ("QuestionQuestion", "?"),
        ("QuestionColon", ":"),
        ("Plus", "+"),
        ("Minus", "-"),
        ("Star", "*"),
        ("StarStar", "**"),
        ("Slash", "/"),
        ("Percent", "%"),
        ("Ampersand", "&"),
        ("Equal", "="),
        ("NotEqual", "!="),
        ("LessThan", "<"),
        ("GreaterThan", ">"),
        ("LessThanOrEqual", "<="),
        ("GreaterThanOrEqual", ">="),
        ("Caret", "^"),
        ("Hash", "#"),
        ("At", "@"),
        ("Pipe", "|"),
        ("ColonEqual", ":="),
        ("TildeArrow", "~>"),
        ("Eof", "(end)"),
        ("And", "and"),
        ("Or", "or"),
        ("In", "in"),
    ];
    if let Some((_, symbol)) = symbols.iter().find(|(name, _)| *name == token) {
        return quoted(symbol);
    }
    let inner = |kind: &str| token.strip_prefix(kind)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(number) = inner("Number") {
        return number.strip_suffix(".0").unwrap_or(number).to_owned();
    }
    ["Identifier", "String", "Variable"].iter().find_map(|kind| inner(kind)).unwrap_or(token).to_owned()
}
