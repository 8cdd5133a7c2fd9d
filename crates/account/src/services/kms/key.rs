//! Keys and their aliases.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::base::{ServiceError, Timestamp};
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission, SeedError};

/// What AWS KMS holds in one Region of one account.
#[derive(Debug, Clone, Default, Hash)]
pub struct State {
    /// The description of each key, by its id.
    keys: BTreeMap<String, Map<String, Value>>,
    /// The key of each alias, by the alias's name (`alias/aws/ebs`).
    aliases: BTreeMap<String, String>,
}

/// Members of a key that are only shown (API reference, `KeyMetadata`).
const SHOWN: [&str; 19] = [
    "Description",
    "KeyUsage",
    "Origin",
    "CustomKeyStoreId",
    "CloudHsmClusterId",
    "ExpirationModel",
    "CustomerMasterKeySpec",
    "KeySpec",
    "EncryptionAlgorithms",
    "SigningAlgorithms",
    "KeyAgreementAlgorithms",
    "EncapsulationAlgorithms",
    "MacAlgorithms",
    "MultiRegion",
    "MultiRegionConfiguration",
    "PendingDeletionWindowInDays",
    "XksKeyConfiguration",
    "CurrentKeyMaterialId",
    "Enabled",
];

impl State {
    /// The key that an id, an ARN, an alias or an alias's ARN means.
    fn find(&self, name: &str) -> Option<&Map<String, Value>> {
        let name = if name.starts_with("arn:") { name.splitn(6, ':').nth(5)? } else { name };
        let id = match name.strip_prefix("key/") {
            Some(id) => id,
            None if name.starts_with("alias/") => self.aliases.get(name)?,
            None => name,
        };
        self.keys.get(id)
    }

    /// The ARN of a key that can encrypt now.
    pub(crate) fn usable(&self, name: &str) -> Option<&str> {
        let key = self.find(name)?;
        let is = |member: &str, value: &str| key.get(member).and_then(Value::as_str) == Some(value);
        let can = is("KeyState", "Enabled") && is("KeySpec", "SYMMETRIC_DEFAULT");
        key.get("Arn").and_then(Value::as_str).filter(|_| can)
    }
}

pub(super) fn permissions(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    let name = params.peek_string("KeyId").unwrap_or("*");
    let arn = state.find(name).and_then(|key| key.get("Arn")).and_then(Value::as_str).map(str::to_owned);
    let arn = arn.unwrap_or_else(|| arn_of(context, name));
    vec![RequiredPermission::new("kms:DescribeKey", arn).key("kms:CallerAccount", context.account)]
}

fn arn_of(context: &Context<'_>, name: &str) -> String {
    match name {
        name if name.starts_with("arn:") => name.to_owned(),
        name if name.starts_with("alias/") => context.arn("kms", name),
        name => context.arn("kms", &format!("key/{name}")),
    }
}

pub(super) fn describe(state: &State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    let name = params.require_string("KeyId")?;
    let own = context.arn("kms", "");
    if name.starts_with("arn:") && !name.starts_with(&own) {
        return Err(ServiceError::unsupported(format!("the key `{name}` of another account or Region")));
    }
    let key = state.find(&name).ok_or_else(|| {
        let kind = if name.contains("alias/") { "Alias" } else { "Key" };
        let text = match kind {
            "Alias" => format!("Alias {} is not found.", arn_of(context, &name)),
            _ => format!("Key '{}' does not exist", arn_of(context, &name)),
        };
        ServiceError::new("NotFoundException", text)
    })?;
    Ok(json!({"KeyMetadata": key}))
}

/// Reads `describe-key`, once for each key, and `list-aliases`.
pub(super) fn seed(
    state: &mut State,
    context: &mut Context<'_>,
    command: &str,
    mut document: Params,
) -> Result<(), SeedError> {
    match command {
        "describe-key" => {
            let key = document.take_params("KeyMetadata")?.ok_or_else(|| document.missing("KeyMetadata"))?;
            declare(state, context, key)
        }
        "list-aliases" => {
            document.ignore(&["Truncated"]);
            for mut alias in document.take_list("Aliases")? {
                alias.ignore(&["AliasArn", "CreationDate", "LastUpdatedDate"]);
                let name = alias.require_string("AliasName")?;
                if let Some(key) = alias.take_string("TargetKeyId")? {
                    state.aliases.insert(name, key);
                }
            }
            Ok(())
        }
        other => Err(SeedError::unknown_command("kms", other)),
    }
}

/// A key. Left out: a symmetric one that the customer manages, enabled.
fn declare(state: &mut State, context: &Context<'_>, mut it: Params) -> Result<(), SeedError> {
    let id = it.require_string("KeyId")?;
    it.ignore(&["AWSAccountId", "Arn"]);
    let created = moment(&mut it, "CreationDate")?.unwrap_or(context.now);
    let (deleted, valid_to) = (moment(&mut it, "DeletionDate")?, moment(&mut it, "ValidTo")?);
    let manager = it.take_string("KeyManager")?.unwrap_or_else(|| "CUSTOMER".to_owned());
    let key_state = it.take_string("KeyState")?.unwrap_or_else(|| "Enabled".to_owned());
    let mut key: Map<String, Value> =
        SHOWN.iter().filter_map(|name| Some(((*name).to_owned(), it.take_value(name)?))).collect();
    for (name, value) in [
        ("Enabled", Value::from(key_state == "Enabled")),
        ("KeyUsage", "ENCRYPT_DECRYPT".into()),
        ("KeySpec", "SYMMETRIC_DEFAULT".into()),
        ("Origin", "AWS_KMS".into()),
        ("MultiRegion", false.into()),
    ] {
        key.entry(name).or_insert(value);
    }
    for (name, value) in [
        ("AWSAccountId", Value::from(context.account)),
        ("KeyId", id.as_str().into()),
        ("Arn", context.arn("kms", &format!("key/{id}")).into()),
        ("CreationDate", created.epoch_seconds().into()),
        ("DeletionDate", deleted.map(Timestamp::epoch_seconds).into()),
        ("ValidTo", valid_to.map(Timestamp::epoch_seconds).into()),
        ("KeyManager", manager.into()),
        ("KeyState", key_state.into()),
    ] {
        if !value.is_null() {
            key.insert(name.to_owned(), value);
        }
    }
    state.keys.insert(id, key);
    Ok(())
}

fn moment(it: &mut Params, name: &str) -> Result<Option<Timestamp>, SeedError> {
    let place = format!("{}.{name}", it.path());
    let moment = it.take_string(name)?.map(|text| Timestamp::parse(&text));
    moment.transpose().map_err(|error| SeedError::malformed(place, error.to_string()))
}
