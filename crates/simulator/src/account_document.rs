//! The account beside an event: `account.json` holds the whole of it; `account.patch.json` names an account of the folder
//! `base-accounts` and says what is special. `fixtures/README.md` describes both forms.

mod err;
mod expand;
mod merge;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ingest::BASE_ACCOUNTS;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use err::{AccountDocumentError, Problem};
use variables::Variables;

/// `account.patch.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountPatch {
    base: String,
    #[serde(default)]
    from_event: BTreeMap<String, Option<String>>,
    #[serde(default)]
    values: Map<String, Value>,
    #[serde(default)]
    patch: Map<String, Value>,
}

/// `base-accounts/NAME.json`: a whole account, or another base and what differs from it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BaseAccount {
    #[expect(dead_code, reason = "it tells the reader of the file what the account is")]
    docs: String,
    #[serde(default)]
    base: Option<String>,
    #[serde(default)]
    from_event: BTreeMap<String, Option<String>>,
    #[serde(default)]
    values: Map<String, Value>,
    #[serde(default)]
    account: Option<Map<String, Value>>,
    #[serde(default)]
    patch: Map<String, Value>,
}

/// The account that lies in the folder of an `event.json`, as a whole document; `None` when the folder has none.
///
/// # Errors
/// A file that cannot be read, a base that is not there, or a patch that does not fit its base.
pub fn beside_event(folder: &Path) -> Result<Option<Value>, AccountDocumentError> {
    let whole: Option<Value> = read(&folder.join("account.json"))?;
    let path = folder.join("account.patch.json");
    let Some(AccountPatch { base, from_event, values, patch }) = read(&path)? else { return Ok(whole) };
    if whole.is_some() {
        return Err(AccountDocumentError::BothForms { folder: folder.to_owned() });
    }
    let event = folder.join("event.json");
    let event: Value = read(&event)?.ok_or(AccountDocumentError::NoEvent { path: event })?;
    let (mut account, mut variables) = BaseAccounts::above(&path, folder)?.base(&path, &base, &mut Vec::new())?;
    let own: Vec<String> = from_event
        .iter()
        .filter(|(_, pointer)| pointer.is_some())
        .map(|(name, _)| name)
        .chain(values.keys())
        .cloned()
        .collect();
    let here = |problem| AccountDocumentError::Content { path: path.clone(), problem };
    variables.set(from_event, values).map_err(here)?;
    merge::merge(&mut account, patch, "patch").map_err(here)?;
    let mut reader = variables.reader(&event);
    let account = expand::account(account, &mut reader).map_err(here)?;
    match own.into_iter().find(|name| !reader.has_read(name)) {
        Some(name) => Err(here(Problem::UnusedVariable { name })),
        None => Ok(Some(account)),
    }
}

/// The folder with the accounts that others start from.
struct BaseAccounts(PathBuf);

impl BaseAccounts {
    /// The nearest folder `base-accounts` in the folder of a scenario or above it.
    fn above(patch: &Path, folder: &Path) -> Result<Self, AccountDocumentError> {
        let unreadable = |source| AccountDocumentError::Unreadable { path: folder.to_owned(), source };
        let folder = std::path::absolute(folder).map_err(unreadable)?;
        let found = folder.ancestors().map(|above| above.join(BASE_ACCOUNTS)).find(|accounts| accounts.is_dir());
        found.map(Self).ok_or_else(|| AccountDocumentError::NoBaseAccounts { path: patch.to_owned() })
    }

    /// The account of a name, and the variables in it. `through` holds the names on the way here.
    fn base(
        &self,
        from: &Path,
        name: &str,
        through: &mut Vec<String>,
    ) -> Result<(Map<String, Value>, Variables), AccountDocumentError> {
        let wrong = |problem| AccountDocumentError::Content { path: from.to_owned(), problem };
        if !is_name(name) {
            return Err(wrong(Problem::BaseName { name: name.to_owned() }));
        }
        let cyclic = through.iter().any(|seen| seen == name);
        through.push(name.to_owned());
        if cyclic {
            return Err(wrong(Problem::Cycle { through: through.join("` → `") }));
        }
        let path = self.0.join(format!("{name}.json"));
        let Some(document) = read::<BaseAccount>(&path)? else {
            return Err(wrong(Problem::UnknownBase { name: name.to_owned(), known: self.names()? }));
        };
        let here = |problem| AccountDocumentError::Content { path: path.clone(), problem };
        let (mut account, mut variables) = match (document.account, document.base) {
            (Some(account), None) if document.patch.is_empty() => (account, Variables::default()),
            (None, Some(base)) => self.base(&path, &base, through)?,
            (Some(_), _) | (None, None) => return Err(here(Problem::BaseForm)),
        };
        variables.set(document.from_event, document.values).map_err(here)?;
        merge::merge(&mut account, document.patch, "patch").map_err(here)?;
        Ok((account, variables))
    }

    /// The names of all accounts, for an error.
    fn names(&self) -> Result<String, AccountDocumentError> {
        let unreadable = |source| AccountDocumentError::Unreadable { path: self.0.clone(), source };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.0).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                names.extend(path.file_stem().map(|name| format!("`{}`", name.display())));
            }
        }
        names.sort();
        Ok(names.join(", "))
    }
}

/// Whether a text is in kebab-case, and so no path.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Reads a JSON file; `None` when it is not there.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, AccountDocumentError> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|source| AccountDocumentError::Json { path: path.to_owned(), source }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(AccountDocumentError::Unreadable { path: path.to_owned(), source }),
    }
}
