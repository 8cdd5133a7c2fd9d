//! Base64 as `States.Base64Encode` and `States.Base64Decode` use it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) fn encode(text: &str) -> String {
    STANDARD.encode(text)
}

/// The text behind a Base64 text; bytes that are not UTF-8 become replacement characters, as in Java.
pub(super) fn decode(text: &str) -> Option<String> {
    STANDARD.decode(text).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
