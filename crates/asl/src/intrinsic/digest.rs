//! Message digests by the names that `States.Hash` takes.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    pub(crate) fn named(name: &str) -> Option<Algorithm> {
        Some(match name {
            "MD5" => Algorithm::Md5,
            "SHA-1" => Algorithm::Sha1,
            "SHA-256" => Algorithm::Sha256,
            "SHA-384" => Algorithm::Sha384,
            "SHA-512" => Algorithm::Sha512,
            _ => return None,
        })
    }
}

/// The digest in lower-case hexadecimal.
pub(crate) fn hash_hex(algorithm: Algorithm, data: &[u8]) -> String {
    match algorithm {
        Algorithm::Md5 => hex::encode(Md5::digest(data)),
        Algorithm::Sha1 => hex::encode(Sha1::digest(data)),
        Algorithm::Sha256 => hex::encode(Sha256::digest(data)),
        Algorithm::Sha384 => hex::encode(Sha384::digest(data)),
        Algorithm::Sha512 => hex::encode(Sha512::digest(data)),
    }
}
