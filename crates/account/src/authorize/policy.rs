use serde_json::Value;

use super::condition::Condition;
use super::err::PolicyError;
use super::parse;
use super::pattern::Pattern;
use super::strictness::KeyFilter;
use super::usage::Permission;

/// What a role may do: the statements of one or several identity policies, in order.
///
/// The default policy has no statement and grants nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Policy {
    pub(super) statements: Vec<Statement>,
}

/// Whether a statement grants or refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The statement grants what it matches, unless another denies it.
    Allow,
    /// The statement refuses what it matches, whatever others grant.
    Deny,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Statement {
    /// The `Sid`, or `#` and the position from 0; behind the policy's name when it has one.
    pub(super) name: String,
    pub(super) effect: Effect,
    pub(super) actions: Selection,
    pub(super) resources: Selection,
    pub(super) conditions: Vec<Condition>,
}

/// What an element such as `Action` lists, or, as `NotAction` does, all but that.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Selection {
    Listed(Vec<Pattern>),
    AllBut(Vec<Pattern>),
}

impl Policy {
    /// Reads a policy document (`Version`, `Statement`) whose condition keys must pass `supplied`. `name` and `/` go
    /// before the name of each statement, so that the statements of a role's several policies stay apart after
    /// [`Policy::and`].
    ///
    /// # Errors
    /// What is not an identity policy, or cannot be evaluated here, with its place in the document.
    pub(crate) fn parse_strictly(
        document: &Value,
        name: Option<&str>,
        supplied: KeyFilter,
    ) -> Result<Self, PolicyError> {
        parse::document(document, name, Some(supplied))
    }

    /// Reads a policy document that grants calls which are not simulated, such as that of an instance's role. A condition
    /// key or variable that no simulated call carries is absent in every call, as IAM treats it, and no error.
    ///
    /// # Errors
    /// What is not an identity policy, with its place in the document.
    pub fn parse_foreign(document: &Value) -> Result<Self, PolicyError> {
        parse::document(document, None, None)
    }

    /// This policy and `other` together, as two policies attached to one role.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.statements.extend(other.statements);
        self
    }

    /// Every permission the policy grants: each listed action of each `Allow` statement, as written.
    ///
    /// A `NotAction` statement counts as one permission, written `not` and its actions.
    pub fn permissions(&self) -> Vec<Permission> {
        self.statements
            .iter()
            .filter(|statement| statement.effect == Effect::Allow)
            .flat_map(|statement| {
                statement
                    .actions
                    .names()
                    .into_iter()
                    .map(|action| Permission { statement: statement.name.clone(), action })
            })
            .collect()
    }
}

impl Selection {
    /// The texts a permission is listed under.
    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Listed(patterns) => patterns.iter().map(|pattern| pattern.text().to_owned()).collect(),
            Self::AllBut(patterns) => {
                let texts: Vec<&str> = patterns.iter().map(Pattern::text).collect();
                vec![format!("not {}", texts.join(", "))]
            }
        }
    }
}
