//! What IAM holds of one account.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::document::{Document, encoded};
use crate::base::{Timestamp, unique_id};
use crate::service::Context;

/// AWS IAM of one account.
#[derive(Debug, Clone, Default, Hash)]
pub struct State {
    /// By name.
    pub(super) roles: BTreeMap<String, Role>,
    /// By name.
    pub(super) profiles: BTreeMap<String, Profile>,
    /// All profiles are known: one that is not here does not exist.
    pub(super) profiles_listed: bool,
}

#[derive(Debug, Clone, Hash)]
pub(super) struct Role {
    pub(super) identity: Identity,
    /// The trust policy, as JSON text.
    pub(super) trust: String,
    /// Further members of the answer, in its names.
    pub(super) rest: Map<String, Value>,
    pub(super) boundary: Option<String>,
    /// Inline policies by name.
    pub(super) inline: BTreeMap<String, Document>,
    pub(super) attached: Vec<Attached>,
    /// Known by a reference only, until its own document comes.
    pub(super) inferred: bool,
}

/// A managed policy that is attached to a role.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Attached {
    pub(super) name: String,
    pub(super) arn: String,
}

#[derive(Debug, Clone, Hash)]
pub(super) struct Profile {
    pub(super) identity: Identity,
    /// The name of its role: a profile has at most one.
    pub(super) role: Option<String>,
}

/// What roles and profiles have alike.
#[derive(Debug, Clone, Hash)]
pub(super) struct Identity {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) created: Timestamp,
    pub(super) tags: BTreeMap<String, String>,
}

/// The two kinds of entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Role,
    InstanceProfile,
}

impl Kind {
    /// What stands in an ARN before the path.
    pub(super) fn resource(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::InstanceProfile => "instance-profile",
        }
    }

    /// The names of name and id in answers.
    pub(super) fn members(self) -> (&'static str, &'static str) {
        match self {
            Self::Role => ("RoleName", "RoleId"),
            Self::InstanceProfile => ("InstanceProfileName", "InstanceProfileId"),
        }
    }

    fn id_prefix(self) -> &'static str {
        match self {
            Self::Role => "AROA",
            Self::InstanceProfile => "AIPA",
        }
    }
}

impl Identity {
    /// An entity of this account; its id depends on its ARN alone.
    pub(super) fn new(context: &Context<'_>, kind: Kind, path: &str, name: &str) -> Self {
        let arn = arn(context, kind, path, name);
        Self {
            path: path.to_owned(),
            name: name.to_owned(),
            id: unique_id(kind.id_prefix(), &arn),
            arn,
            created: context.now,
            tags: BTreeMap::new(),
        }
    }

    /// The members that each answer has.
    pub(super) fn shown(&self, kind: Kind) -> Map<String, Value> {
        let (name, id) = kind.members();
        Map::from_iter([
            ("Path".to_owned(), self.path.as_str().into()),
            (name.to_owned(), self.name.as_str().into()),
            (id.to_owned(), self.id.as_str().into()),
            ("Arn".to_owned(), self.arn.as_str().into()),
            ("CreateDate".to_owned(), self.created.iso_seconds().into()),
        ])
    }

    /// The tags as answers have them; null if there are none.
    pub(super) fn shown_tags(&self) -> Value {
        if self.tags.is_empty() {
            return Value::Null;
        }
        self.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
    }
}

impl Role {
    /// Whether only AWS may change it: a service-linked role, or one that IAM Identity Center made.
    pub(super) fn is_protected(&self) -> bool {
        ["/aws-service-role/", "/aws-reserved/"].iter().any(|path| self.identity.path.starts_with(path))
    }

    /// As lists and profiles show it.
    pub(super) fn shown(&self) -> Map<String, Value> {
        let mut shown = self.identity.shown(Kind::Role);
        shown.insert("AssumeRolePolicyDocument".to_owned(), encoded(&self.trust).into());
        shown
    }
}

impl State {
    /// A profile as answers show it.
    pub(super) fn shown_profile(&self, profile: &Profile) -> Map<String, Value> {
        let mut shown = profile.identity.shown(Kind::InstanceProfile);
        let roles = profile.role.iter().filter_map(|name| self.roles.get(name));
        shown.insert("Roles".to_owned(), roles.map(|role| Value::Object(role.shown())).collect());
        shown
    }
}

/// The ARN of an entity of this account.
pub(super) fn arn(context: &Context<'_>, kind: Kind, path: &str, name: &str) -> String {
    format!("arn:{}:iam::{}:{}{path}{name}", context.partition, context.account, kind.resource())
}
