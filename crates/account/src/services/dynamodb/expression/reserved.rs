use std::collections::HashSet;
use std::sync::LazyLock;

/// Words that may not stand as bare attribute names in expressions.
///
/// Source: DynamoDB Developer Guide, "Reserved words in DynamoDB".
const WORDS: &str = include_str!("reserved.txt");

static RESERVED: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.split_ascii_whitespace().collect());

/// Whether `word` is reserved, without regard to case.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.contains(word.to_ascii_uppercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole() {
        assert_eq!(WORDS.split_ascii_whitespace().count(), 573);
        for word in ["Status", "zone", "ABORT", "name", "ttl", "count"] {
            assert!(is_reserved(word), "{word}");
        }
        for word in ["incident", "pk", "stat", ""] {
            assert!(!is_reserved(word), "{word}");
        }
    }
}
