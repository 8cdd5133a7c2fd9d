//! Whether the key of a snapshot prevents sharing.

use aws_sdk_kms::types::KeyManagerType;
use responder::{Error, Result, Target};

/// What a key means for sharing a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// A customer managed key: the snapshot can be shared together with the key.
    Possible,
    /// An AWS managed key, for EBS `aws/ebs`: its policy cannot be changed, so a snapshot under it cannot be shared
    /// (EBS user guide, "Share the KMS key used to encrypt a shared Amazon EBS snapshot").
    Impossible,
    /// The key could not be described, for this reason.
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
