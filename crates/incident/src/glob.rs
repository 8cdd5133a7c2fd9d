//! Patterns in which `*` stands for any text.

/// Whether a pattern matches a whole text. Its time is at most the product of both lengths, for texts come from
/// findings.
///
/// ```
/// assert!(incident::glob::matches("CryptoCurrency:EC2/*", "CryptoCurrency:EC2/BitcoinTool.B!DNS"));
/// assert!(!incident::glob::matches("CryptoCurrency:EC2/", "CryptoCurrency:EC2/BitcoinTool.B!DNS"));
/// ```
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let (Some(start), last) = (parts.next(), parts.next_back()) else { return pattern == text };
    let Some(end) = last else { return start == text };
    let Some(mut rest) = text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)) else { return false };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "a:b/c", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "axbxc", true),
            ("a*b*c", "axcxb", false),
            ("a*bb*b", "abb", false),
            ("*ä*", "xäy", true),
            ("**", "", true),
            ("A", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
