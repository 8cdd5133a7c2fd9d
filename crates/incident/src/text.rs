//! Makes text safe to show. Everything in a finding is attacker-controlled: it passes through here before it reaches a
//! message, a note, a tag or a terminal.

use sha2::{Digest, Sha256};

/// Characters that reorder, hide or break the text around them: bidirectional controls, zero-width characters, line and
/// paragraph separators, fillers that show nothing, byte-order mark, interlinear and tag characters, variation selectors
/// (Unicode 16, chapter 23, and the property `Default_Ignorable_Code_Point`).
pub fn is_deceptive(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// One line of harmless text of at most `max` characters: control and deceptive characters removed, white space folded,
/// cut at a character boundary with an ellipsis.
///
/// ```
/// assert_eq!(incident::text::line("a\r\nb\u{202e}c", 10), "a bc");
/// assert_eq!(incident::text::line("abcdef", 4), "abc…");
/// ```
pub fn line(text: &str, max: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    let mut pending_space = false;
    // Hostile text can be huge, so nothing after the cut is read.
    for c in text.chars() {
        if c.is_whitespace() {
            pending_space = !out.is_empty();
            continue;
        }
        if c.is_control() || is_deceptive(c) {
            continue;
        }
        let needed = 1 + usize::from(pending_space);
        if count + needed > max {
            if max > 0 {
                while count + 1 > max {
                    out.pop();
                    count -= 1;
                }
                out.push('…');
            }
            return out;
        }
        if pending_space {
            out.push(' ');
            pending_space = false;
        }
        out.push(c);
        count += needed;
    }
    out
}

/// [`line`], with everything a mail or chat client would turn into a link, a mention or markup made inert:
/// `http://` becomes `hxxp[:]//`, other schemes lose their colon, dots inside names and addresses (and what IDNA reads
/// as a dot) become `[.]`, angle brackets become single guillemets, `@` at the start of a word and Markdown's backticks
/// are replaced, the brackets of a Markdown link are parted, emphasis is escaped.
///
/// ```
/// assert_eq!(incident::text::inert("<!channel> http://evil.example.com 1.2.3.4", 99), "‹!channel› hxxp[:]//evil[.]example[.]com 1[.]2[.]3[.]4");
/// ```
pub fn inert(text: &str, max: usize) -> String {
    let cleaned: Vec<char> = line(text, max).chars().collect();
    let at = |index: usize| cleaned.get(index).copied();
    let mut out = String::with_capacity(cleaned.len() + 16);
    for (index, c) in cleaned.iter().copied().enumerate() {
        let before = index.checked_sub(1).and_then(at).unwrap_or(' ');
        let after = at(index + 1).unwrap_or(' ');
        match c {
            '<' => out.push('‹'),
            '>' => out.push('›'),
            '`' => out.push('\''),
            '@' if !before.is_alphanumeric() => out.push('＠'),
            '.' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}'
                if before.is_alphanumeric() && after.is_alphanumeric() && !is_in_number(&cleaned, index) =>
            {
                out.push_str("[.]");
            }
            ':' if after == '/' && at(index + 2) == Some('/') => {
                defang_http(&mut out);
                out.push_str("[:]");
            }
            ':' if !after.is_whitespace() && ends_with_scheme(&out) => out.push_str("[:]"),
            ']' if after == '(' || after == '[' => out.push_str("] "),
            '*' | '_' | '~' if !before.is_alphanumeric() => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// [`inert`] for a chat: `&` is written as its entity, so that no entity of the text is read as one, and emphasis is
/// replaced by characters that look alike, for Slack knows no escape (Slack, "Formatting text for app surfaces").
///
/// ```
/// assert_eq!(incident::text::inert_in_chat("&lt;!here&gt; *now*", 99), "&amp;lt;!here&amp;gt; ∗now∗");
/// ```
pub fn inert_in_chat(text: &str, max: usize) -> String {
    let mut out = String::new();
    let safe = inert(text, max);
    let mut characters = safe.chars().peekable();
    let mut before = ' ';
    while let Some(c) = characters.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '\\' if matches!(characters.peek(), Some('*' | '_' | '~')) => continue,
            '*' => out.push('∗'),
            '~' => out.push('∼'),
            '_' if !before.is_alphanumeric() || !characters.peek().is_some_and(|next| next.is_alphanumeric()) => {
                out.push('＿');
            }
            _ => out.push(c),
        }
        before = c;
    }
    out
}

/// Schemes that a client may follow without `//`.
const SCHEMES: [&str; 8] = ["javascript", "vbscript", "data", "mailto", "tel", "sms", "file", "slack"];

fn ends_with_scheme(out: &str) -> bool {
    let word = last_word(out);
    SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(word))
}

/// The letters and digits at the end.
fn last_word(out: &str) -> &str {
    let end_of_rest = out.char_indices().rev().find(|(_, c)| !c.is_ascii_alphanumeric());
    end_of_rest.and_then(|(at, c)| out.get(at + c.len_utf8()..)).unwrap_or(out)
}

/// `http` and `https` at the end, in any case, become `hxxp` and `hxxps`.
fn defang_http(out: &mut String) {
    let word = last_word(out);
    let replacement = match word.to_ascii_lowercase().as_str() {
        "http" => "hxxp",
        "https" => "hxxps",
        _ => return,
    };
    out.truncate(out.len() - word.len());
    out.push_str(replacement);
}

/// Whether a dot is the decimal point of a number: digits around it, and nothing else that makes it an address.
fn is_in_number(text: &[char], dot: usize) -> bool {
    let part_of_word = |c: &char| c.is_alphanumeric() || *c == '.';
    let before = text.iter().take(dot).rev().take_while(|c| part_of_word(c)).count();
    let after = text.iter().skip(dot + 1).take_while(|c| part_of_word(c)).count();
    let word: String = text.iter().skip(dot - before).take(before + 1 + after).collect();
    word.parse::<f64>().is_ok()
}

/// The first 12 hexadecimal digits of the SHA-256 of parts, each closed by a zero byte so that parts cannot run into
/// each other.
pub fn short_hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    let mut digits = hex::encode(hasher.finalize());
    digits.truncate(12);
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_survives() {
        let hostile =
            "\u{202E}<!channel> `rm -rf /`\r\nSubject: x @here <b>https://evil.example/?q=1</b> $(id) ; *bold*";
        let inert = inert(hostile, 200);
        for bad in ["<", ">", "`", "\r", "\n", "\u{202E}", "http", "://", " @here"] {
            assert!(!inert.contains(bad), "{bad:?} in {inert}");
        }
        assert!(inert.contains("hxxps[:]//evil[.]example"));
        assert_eq!(super::inert("[pay](HtTpS://a。b) JavaScript:x", 99), "[pay] (hxxps[:]//a[.]b) JavaScript[:]x");
        assert_eq!(super::inert("severity 3.9 of /usr/sbin/httpd", 99), "severity 3.9 of /usr/sbin/httpd");
    }

    #[test]
    fn cuts_on_character_boundaries_and_never_exceeds() {
        for max in 0..12 {
            let cut = line("äöü € 漢字 🦀🦀", max);
            assert!(cut.chars().count() <= max, "{max}: {cut}");
        }
        assert_eq!(line("  a  b  ", 10), "a b");
        assert_eq!(line("abc", 3), "abc");
    }
}
