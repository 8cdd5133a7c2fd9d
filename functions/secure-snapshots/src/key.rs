//! Whose key a snapshot is encrypted with.

use aws_sdk_kms::types::KeyManagerType;
use responder::{Error, Result, Target};

/// What a key means for sharing a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// A key of the customer's: the snapshot can be shared together with the key.
    Possible,
    /// A key that AWS manages, which for EBS is `aws/ebs`: its policy cannot be changed, so nothing under it can be shared
    /// (EBS user guide, "Share the KMS key used to encrypt a shared Amazon EBS snapshot").
    Impossible,
    /// The key could not be looked at.
    Unknown(String),
}

/// Whether a snapshot under this key can be shared.
///
/// # Errors
/// Transient failures of KMS.
pub(crate) async fn sharing(target: &Target, key: &str) -> Result<Sharing> {
    match target.kms().describe_key().key_id(key).send().await.map_err(Error::from_sdk("kms:DescribeKey")) {
        Ok(output) => {
            let manager = output.key_metadata().and_then(|key| key.key_manager().cloned());
            Ok(if manager == Some(KeyManagerType::Aws) { Sharing::Impossible } else { Sharing::Possible })
        }
        Err(error) if error.is_transient() => Err(error),
        Err(error) => Ok(Sharing::Unknown(error.to_string())),
    }
}
