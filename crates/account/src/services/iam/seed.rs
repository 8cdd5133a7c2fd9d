//! IAM from the outputs of CLI commands, in any order.
//!
//! | command | what it describes |
//! |---|---|
//! | `get-instance-profile`, `list-instance-profiles`, `list-instance-profiles-for-role` | profiles with their roles |
//! | `get-role`, `list-roles` | roles |
//! | `get-role-policy` | one inline policy of a role |
//! | `list-attached-role-policies` | the managed policies of a role, whose `RoleName` is to be added: the output has none |
//! | `get-account-authorization-details` | all of these for all roles; users, groups and policies are passed over |
//!
//! A document of a policy is an object, JSON text, or percent-encoded JSON text. Left out of a role or profile: the path
//! `/`, an id that depends on the ARN, made now. A profile that an instance has and no command describes is made up with a
//! role of its name, as the console makes the two, and the policy `AdministratorAccess`, for its power is not known; unless
//! `list-instance-profiles` was given, which names all that exist.

use std::collections::BTreeMap;

use aws_text::partition::home_region;
use serde_json::{Map, Value, json};

use super::document::{Document, policy_text_of};
use super::state::{Attached, Identity, Kind, Profile, Role, State, arn};
use crate::base::Timestamp;
use crate::protocol::Params;
use crate::service::{Context, SeedError};
use crate::services::ec2;
use crate::state::Accounts;

/// Reads one command's output.
pub(super) fn load(
    state: &mut State,
    context: &mut Context<'_>,
    command: &str,
    mut document: Params,
) -> Result<(), SeedError> {
    let missing = |member: &str| SeedError::malformed(member, "is missing");
    match command {
        "get-instance-profile" => {
            let it = document.take_params("InstanceProfile")?.ok_or_else(|| missing("InstanceProfile"))?;
            profile(state, context, it)
        }
        "list-instance-profiles" | "list-instance-profiles-for-role" => {
            state.profiles_listed |= command == "list-instance-profiles";
            document.take_list("InstanceProfiles")?.into_iter().try_for_each(|it| profile(state, context, it))
        }
        "get-role" => {
            let it = document.take_params("Role")?.ok_or_else(|| missing("Role"))?;
            role(state, context, it, false).map(drop)
        }
        "list-roles" => {
            document.take_list("Roles")?.into_iter().try_for_each(|it| role(state, context, it, false).map(drop))
        }
        "get-role-policy" => {
            let name = document.require_string("RoleName")?;
            inline(state, context, &name, document)
        }
        "list-attached-role-policies" => {
            let name = document.take_string("RoleName")?;
            let name = name.ok_or_else(|| {
                SeedError::malformed("RoleName", "is missing: the output does not say whose policies these are, add it")
            })?;
            attach(state, context, &name, document.take_list("AttachedPolicies")?)
        }
        "get-account-authorization-details" => {
            document.ignore(&["UserDetailList", "GroupDetailList", "Policies"]);
            document.take_list("RoleDetailList")?.into_iter().try_for_each(|it| detail(state, context, it))
        }
        other => Err(SeedError::unknown_command("iam", other)),
    }
}

/// A profile, with its roles.
fn profile(state: &mut State, context: &mut Context<'_>, mut document: Params) -> Result<(), SeedError> {
    let identity = identity(context, Kind::InstanceProfile, &mut document)?;
    let mut roles = Vec::new();
    for it in document.take_list("Roles")? {
        roles.push(role(state, context, it, true)?);
    }
    if roles.len() > 1 {
        return Err(SeedError::malformed(identity.name, "an instance profile has one role at most"));
    }
    state.profiles.insert(identity.name.clone(), Profile { identity, role: roles.pop() });
    Ok(())
}

/// A role by its own document, or `in_passing` in that of something else, which says less. Returns its name.
fn role(
    state: &mut State,
    context: &mut Context<'_>,
    mut document: Params,
    in_passing: bool,
) -> Result<String, SeedError> {
    let identity = identity(context, Kind::Role, &mut document)?;
    let trust = policy_text(&mut document, "AssumeRolePolicyDocument")?;
    let boundary = document.take_params("PermissionsBoundary")?;
    let boundary = boundary
        .map(|mut it| {
            it.ignore(&["PermissionsBoundaryType"]);
            it.require_string("PermissionsBoundaryArn")
        })
        .transpose()?;
    let mut rest = Map::new();
    for member in ["Description", "MaxSessionDuration"] {
        if let Some(value) = document.take_value(member) {
            rest.insert(member.to_owned(), value);
        }
    }
    if let Some(mut used) = document.take_params("RoleLastUsed")? {
        let at = moment(&mut used, "LastUsedDate")?.map(Timestamp::iso_seconds);
        let region = used.take_string("Region")?;
        let members = [("LastUsedDate", at), ("Region", region)];
        let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        rest.insert("RoleLastUsed".to_owned(), Value::Object(members.collect()));
    }
    let name = identity.name.clone();
    let (inline, attached) = match state.roles.remove(&name) {
        Some(present) if in_passing && !present.inferred => {
            state.roles.insert(name.clone(), present);
            return Ok(name);
        }
        Some(present) => (present.inline, present.attached),
        None => (BTreeMap::new(), Vec::new()),
    };
    let trust = trust.unwrap_or_else(|| trust_of_ec2(context));
    state.roles.insert(name.clone(), Role { identity, trust, rest, boundary, inline, attached, inferred: in_passing });
    Ok(name)
}

/// A role with everything that hangs on it.
fn detail(state: &mut State, context: &mut Context<'_>, mut document: Params) -> Result<(), SeedError> {
    let policies = document.take_list("RolePolicyList")?;
    let attached = document.take_list("AttachedManagedPolicies")?;
    let profiles = document.take_list("InstanceProfileList")?;
    let name = role(state, context, document, false)?;
    for policy in policies {
        inline(state, context, &name, policy)?;
    }
    attach(state, context, &name, attached)?;
    profiles.into_iter().try_for_each(|it| profile(state, context, it))
}

fn inline(state: &mut State, context: &Context<'_>, role: &str, mut document: Params) -> Result<(), SeedError> {
    let name = document.require_string("PolicyName")?;
    let text = policy_text(&mut document, "PolicyDocument")?
        .ok_or_else(|| SeedError::malformed("PolicyDocument", "is missing"))?;
    let policy = Document::present(text)
        .map_err(|why| SeedError::malformed("PolicyDocument", format!("the policy `{name}` of `{role}`: {why}")))?;
    known(state, context, role).inline.insert(name, policy);
    Ok(())
}

fn attach(state: &mut State, context: &Context<'_>, role: &str, policies: Vec<Params>) -> Result<(), SeedError> {
    let mut attached = Vec::with_capacity(policies.len());
    for mut policy in policies {
        attached
            .push(Attached { name: policy.require_string("PolicyName")?, arn: policy.require_string("PolicyArn")? });
    }
    known(state, context, role).attached = attached;
    Ok(())
}

/// The role of this name, made up until its own document comes.
fn known<'a>(state: &'a mut State, context: &Context<'_>, name: &str) -> &'a mut Role {
    state.roles.entry(name.to_owned()).or_insert_with(|| inferred_role(context, "/", name))
}

fn inferred_role(context: &Context<'_>, path: &str, name: &str) -> Role {
    Role {
        identity: Identity::new(context, Kind::Role, path, name),
        trust: trust_of_ec2(context),
        rest: Map::new(),
        boundary: None,
        inline: BTreeMap::new(),
        attached: Vec::new(),
        inferred: true,
    }
}

/// The trust policy of every role for instances.
fn trust_of_ec2(context: &Context<'_>) -> String {
    let statement = json!({
        "Effect": "Allow",
        "Principal": {"Service": ec2_principal(context.partition)},
        "Action": "sts:AssumeRole",
    });
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// The service principal of EC2.
fn ec2_principal(partition: &str) -> &'static str {
    if partition == "aws-cn" { "ec2.amazonaws.com.cn" } else { "ec2.amazonaws.com" }
}

fn identity(context: &Context<'_>, kind: Kind, document: &mut Params) -> Result<Identity, SeedError> {
    let (name_member, id_member) = kind.members();
    let name = document.require_string(name_member)?;
    let given = document.take_string("Arn")?;
    let path = match document.take_string("Path")? {
        Some(path) => path,
        None => given.as_deref().and_then(|arn| split(arn, kind)).map_or_else(|| "/".to_owned(), |(path, _)| path),
    };
    let expected = arn(context, kind, &path, &name);
    if let Some(given) = given.filter(|given| *given != expected) {
        return Err(SeedError::malformed(
            format!("{}.Arn", document.path()),
            format!("`{given}` is not that of `{name}` with the path `{path}` in this account, `{expected}`"),
        ));
    }
    let mut identity = Identity::new(context, kind, &path, &name);
    if let Some(id) = document.take_string(id_member)? {
        identity.id = id;
    }
    if let Some(created) = moment(document, "CreateDate")? {
        identity.created = created;
    }
    for mut tag in document.take_list("Tags")? {
        identity.tags.insert(tag.require_string("Key")?, tag.take_string("Value")?.unwrap_or_default());
    }
    Ok(identity)
}

/// Path and name in an ARN.
fn split(arn: &str, kind: Kind) -> Option<(String, &str)> {
    let (_, rest) = arn.split_once(&format!(":{}", kind.resource()))?;
    let (path, name) = rest.rsplit_once('/')?;
    Some((format!("{path}/"), name))
}

fn moment(document: &mut Params, member: &str) -> Result<Option<Timestamp>, SeedError> {
    let Some(text) = document.take_string(member)? else { return Ok(None) };
    let moment = Timestamp::parse(&text).map_err(|error| SeedError::malformed(member, error.to_string()))?;
    Ok(Some(moment))
}

fn policy_text(document: &mut Params, member: &str) -> Result<Option<String>, SeedError> {
    let Some(value) = document.take_value(member) else { return Ok(None) };
    let text = policy_text_of(value)
        .ok_or_else(|| SeedError::malformed(member, "expected an object, JSON text, or percent-encoded JSON text"))?;
    Ok(Some(text))
}

/// Makes up the profiles that instances of the Region have and no command described, with their roles.
pub(super) fn complete(accounts: &mut Accounts, context: &mut Context<'_>) -> Result<(), SeedError> {
    let profiles = accounts.entry(context.account, context.region).state::<ec2::State>().profiles_in_force();
    let state: &mut State = accounts.entry(context.account, home_region(context.region)).state_mut();
    for (arn, id) in profiles {
        state.ensure_profile(context, &arn, id.as_deref());
    }
    Ok(())
}

impl State {
    /// Makes up a profile that an instance has and no command described, and its role.
    fn ensure_profile(&mut self, context: &Context<'_>, profile_arn: &str, id: Option<&str>) {
        let Some((path, name)) = split(profile_arn, Kind::InstanceProfile) else { return };
        if self.profiles_listed || self.profiles.contains_key(name) {
            return;
        }
        let mut identity = Identity::new(context, Kind::InstanceProfile, &path, name);
        // A profile of another account is not one of this account.
        if identity.arn != profile_arn {
            return;
        }
        if let Some(id) = id {
            id.clone_into(&mut identity.id);
        }
        // Names of roles are shorter than those of profiles.
        let role_name: String = name.chars().take(64).collect();
        self.roles.entry(role_name.clone()).or_insert_with(|| Role {
            attached: vec![Attached {
                name: "AdministratorAccess".to_owned(),
                arn: format!("arn:{}:iam::aws:policy/AdministratorAccess", context.partition),
            }],
            ..inferred_role(context, &path, &role_name)
        });
        self.profiles.insert(name.to_owned(), Profile { identity, role: Some(role_name) });
    }
}
