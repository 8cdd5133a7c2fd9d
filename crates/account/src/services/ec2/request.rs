//! What requests have in common: dry run, filters, pages, tags to be.

use aws_text::wildcard::{Dialect, Wildcard};
use serde_json::{Map, Value};

use super::err::{Kind, combination, dry_run, invalid};
use super::state::Tags;
use crate::base::ServiceError;
use crate::protocol::Params;

/// Refuses a dry run, as EC2 does when the caller is authorized. To be called before any effect.
pub(super) fn begin(params: &mut Params) -> Result<(), ServiceError> {
    match params.take_bool("DryRun")? {
        Some(true) => Err(dry_run()),
        _ => Ok(()),
    }
}

/// Which resources a describe call asks for.
#[derive(Debug)]
pub(super) struct Selection {
    ids: Vec<String>,
    filters: Vec<Filter>,
    page: Page,
}

#[derive(Debug)]
struct Filter {
    name: String,
    values: Vec<String>,
}

#[derive(Debug)]
struct Page {
    size: Option<usize>,
    /// The key of the last resource of the page before.
    after: Option<String>,
}

/// A filter's name, and the path of the response members that it looks at; lists are looked through.
pub(super) type FilterTable = [(&'static str, &'static str)];

impl Selection {
    /// Takes `Filters`, `MaxResults`, `NextToken` and the list of ids, whose name is empty if there is none; `smallest` is the least page size.
    pub(super) fn take(params: &mut Params, ids: &str, smallest: i64) -> Result<Self, ServiceError> {
        let ids = if ids.is_empty() { Vec::new() } else { params.take_strings(ids)? };
        let filters = params
            .take_list("Filters")?
            .into_iter()
            .map(|mut filter| {
                let name = filter.require_string("Name")?;
                let values = filter.take_strings("Values")?;
                if values.is_empty() {
                    return Err(invalid(format!("The filter '{name}' has no values")));
                }
                Ok(Filter { name, values })
            })
            .collect::<Result<Vec<_>, ServiceError>>()?;
        let size = params.take_integer("MaxResults")?;
        let after = params.take_string("NextToken")?.filter(|token| !token.is_empty());
        if !ids.is_empty() && size.is_some() {
            return Err(combination("The parameter for a list of ids cannot be used with the parameter maxResults"));
        }
        if let Some(size) = size.filter(|size| *size < smallest) {
            return Err(invalid(format!(
                "Value ( {size} ) for parameter maxResults is invalid. Expecting a value greater than {smallest}."
            )));
        }
        let after =
            after.map(|token| key_of(&token).ok_or_else(|| invalid("Unable to parse pagination token"))).transpose()?;
        let size = size.and_then(|size| usize::try_from(size.min(1000)).ok());
        Ok(Self { ids, filters, page: Page { size, after } })
    }

    /// The ids that were asked for; empty for all.
    pub(super) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The values of a filter without wildcards, for finding candidates without looking at everything.
    pub(super) fn exact(&self, filter: &str) -> Option<&[String]> {
        let filter = self.filters.iter().find(|it| it.name == filter)?;
        let plain = !filter.values.iter().any(|value| value.contains(['*', '?', '\\']));
        plain.then_some(filter.values.as_slice())
    }

    /// Checks that every filter is known, before any resource is compared.
    pub(super) fn check(&self, table: &FilterTable) -> Result<(), ServiceError> {
        for filter in &self.filters {
            let known = filter.name.starts_with("tag:")
                || filter.name == "tag-key"
                || table.iter().any(|(name, _)| *name == filter.name);
            if !known {
                return Err(ServiceError::unsupported(format!("filter `{}`", filter.name)));
            }
        }
        Ok(())
    }

    /// Whether a rendered resource passes every filter.
    pub(super) fn passes(&self, resource: &Map<String, Value>, table: &FilterTable) -> bool {
        self.filters.iter().all(|filter| {
            if let Some(key) = filter.name.strip_prefix("tag:") {
                return tag_passes(resource, key, &filter.values);
            }
            let path = if filter.name == "tag-key" {
                Some("tagSet.key")
            } else {
                table.iter().find(|(name, _)| *name == filter.name).map(|(_, path)| *path)
            };
            path.is_some_and(|path| {
                any_at(resource, path, &|text| filter.values.iter().any(|value| matches_filter(value, text)))
            })
        })
    }

    /// Finds the resources of a table: by id where ids are given, else all; filtered; one page of them. Returns them and
    /// the token of the next page.
    pub(super) fn page<'a, T: 'a>(
        &self,
        kind: Kind,
        all: impl Iterator<Item = (&'a String, &'a T)>,
        get: impl Fn(&str) -> Option<(&'a String, &'a T)>,
        table: &FilterTable,
        render: impl Fn(&str, &T) -> Map<String, Value>,
    ) -> Result<(Vec<Value>, Option<String>), ServiceError> {
        self.check(table)?;
        if self.ids.is_empty() {
            return Ok(self.collect(all, table, render));
        }
        let mut found = Vec::with_capacity(self.ids.len());
        let mut absent = Vec::new();
        for id in &self.ids {
            match get(id) {
                Some(entry) => found.push(entry),
                None => absent.push(id.as_str()),
            }
        }
        match absent.as_slice() {
            [] => {}
            [id] => return Err(kind.absent(id)),
            ids => {
                // A malformed id is refused before any is looked for.
                let errors: Vec<ServiceError> = ids.iter().map(|id| kind.absent(id)).collect();
                let malformed = errors.into_iter().find(|error| error.code.ends_with(".Malformed"));
                return Err(malformed.unwrap_or_else(|| kind.absent_all(ids)));
            }
        }
        found.sort_by(|a, b| a.0.cmp(b.0));
        found.dedup_by(|a, b| a.0 == b.0);
        Ok(self.collect(found.into_iter(), table, render))
    }

    fn collect<'a, T: 'a>(
        &self,
        candidates: impl Iterator<Item = (&'a String, &'a T)>,
        table: &FilterTable,
        render: impl Fn(&str, &T) -> Map<String, Value>,
    ) -> (Vec<Value>, Option<String>) {
        let mut found = Vec::new();
        let mut last = None;
        for (id, resource) in candidates {
            if self.page.after.as_deref().is_some_and(|after| id.as_str() <= after) {
                continue;
            }
            let rendered = render(id, resource);
            if !self.passes(&rendered, table) {
                continue;
            }
            if self.page.size.is_some_and(|size| found.len() >= size) {
                return (found, last.map(token_of));
            }
            last = Some(id);
            found.push(Value::Object(rendered));
        }
        (found, None)
    }
}

fn tag_passes(resource: &Map<String, Value>, key: &str, values: &[String]) -> bool {
    let Some(Value::Array(tags)) = resource.get("tagSet") else { return false };
    tags.iter().any(|tag| {
        tag.get("key").and_then(Value::as_str) == Some(key)
            && tag
                .get("value")
                .and_then(Value::as_str)
                .is_some_and(|text| values.iter().any(|value| matches_filter(value, text)))
    })
}

/// Whether any text at a path passes; `|` separates paths.
fn any_at(resource: &Map<String, Value>, path: &str, passes: &dyn Fn(&str) -> bool) -> bool {
    path.split('|').any(|path| {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        resource.get(first).is_some_and(|value| any_in(value, rest, passes))
    })
}

fn any_in(value: &Value, path: &str, passes: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(|element| any_in(element, path, passes)),
        Value::Object(members) if !path.is_empty() => any_at(members, path, passes),
        Value::String(text) => passes(text),
        Value::Bool(true) => passes("true"),
        Value::Bool(false) => passes("false"),
        Value::Number(number) => passes(&number.to_string()),
        Value::Object(_) | Value::Null => false,
    }
}

/// Whether a filter value, which may have wildcards, matches a text.
fn matches_filter(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?', '\\']) {
        return pattern == text;
    }
    Wildcard::parse(pattern, Dialect::EC2_FILTER).is_ok_and(|wildcard| wildcard.matches(text))
}

fn token_of(key: &String) -> String {
    hex::encode(key)
}

fn key_of(token: &str) -> Option<String> {
    String::from_utf8(hex::decode(token).ok()?).ok()
}

/// Takes `TagSpecifications`; only those of `resource_type` may be there.
pub(super) fn tag_specifications(params: &mut Params, resource_type: &str) -> Result<Tags, ServiceError> {
    let mut tags = Tags::new();
    for mut specification in params.take_list("TagSpecifications")? {
        let kind = specification.require_string("ResourceType")?;
        if kind != resource_type {
            return Err(invalid(format!("'{kind}' is not a valid taggable resource type for this operation.")));
        }
        tags.extend(take_tags(&mut specification)?);
    }
    check_tags(&tags)?;
    Ok(tags)
}

/// Takes `Tags`, a list of `Key` and `Value`.
pub(super) fn take_tags(params: &mut Params) -> Result<Tags, ServiceError> {
    let mut tags = Tags::new();
    for mut tag in params.take_list("Tags")? {
        let key = tag.require_string("Key")?;
        let value = tag.take_string("Value")?.unwrap_or_default();
        if tags.insert(key.clone(), value).is_some() {
            return Err(invalid(format!("Duplicate tag key '{key}' specified.")));
        }
    }
    Ok(tags)
}

/// Keys have 1 to 127 characters and do not begin with `aws:`, values at most 256; 50 tags ("Tag restrictions").
pub(super) fn check_tags(tags: &Tags) -> Result<(), ServiceError> {
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 127 {
            return Err(invalid(format!("Tag key exceeds the maximum length of 127 characters: '{key}'")));
        }
        if key.starts_with("aws:") {
            return Err(invalid(format!("Tag keys starting with 'aws:' are reserved for internal use: '{key}'")));
        }
        if value.chars().count() > 256 {
            return Err(invalid(format!("Tag value exceeds the maximum length of 256 characters: '{key}'")));
        }
    }
    if tags.len() > 50 {
        return Err(ServiceError::new(
            "TagLimitExceeded",
            "The maximum number of Tags for a resource has been reached.",
        ));
    }
    Ok(())
}
