use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::node::State;
use crate::base::{ServiceError, Timestamp};
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission};

/// An OpsItem that was created.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OpsItem {
    /// The id: `oi-` and 12 hexadecimal digits.
    pub id: String,
    /// When it was created.
    pub created: Timestamp,
    /// The title.
    pub title: String,
    /// The description, in Markdown.
    pub description: String,
    /// Where it came from.
    pub source: String,
    /// Severity `1` to `4`, if given.
    pub severity: Option<String>,
    /// The category, if given.
    pub category: Option<String>,
    /// Priority 1 to 5, if given.
    pub priority: Option<i64>,
    /// The operational data: value and type by key.
    pub operational_data: BTreeMap<String, (String, String)>,
    /// Topics that changes are announced to.
    pub notifications: Vec<String>,
    /// Related OpsItems.
    pub related: Vec<String>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
}

/// `ssm:CreateOpsItem` takes no resource; tags need `ssm:AddTagsToResource` on the OpsItem to be.
pub(super) fn permissions(_state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    let mut create = RequiredPermission::new("ssm:CreateOpsItem", "*");
    let mut tag = RequiredPermission::new("ssm:AddTagsToResource", context.arn("ssm", "opsitem/*"));
    let tags = params.peek_list("Tags");
    for given in &tags {
        let text = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let key = format!("aws:RequestTag/{}", text("Key"));
        create = create.key(key.clone(), text("Value")).key("aws:TagKeys", text("Key"));
        tag = tag.key(key, text("Value")).key("aws:TagKeys", text("Key"));
    }
    if tags.is_empty() { vec![create] } else { vec![create, tag] }
}

/// Creates an OpsItem, unless an open one has the same source and deduplication text (`/aws/dedup`).
pub(super) fn create_ops_item(
    state: &mut State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let title = bounded(&mut params, "Title", 1024)?;
    let description = bounded(&mut params, "Description", 2048)?;
    let source = bounded(&mut params, "Source", 128)?;
    let severity = params.take_string("Severity")?;
    let category = params.take_string("Category")?;
    let priority = params.take_integer("Priority")?;
    let mut operational_data = BTreeMap::new();
    for (key, mut data) in params.take_map_of_params("OperationalData")? {
        let value = data.take_string("Value")?.unwrap_or_default();
        let kind = data.take_string("Type")?.unwrap_or_else(|| "String".to_owned());
        operational_data.insert(key, (value, kind));
    }
    let notifications = params.take_list("Notifications")?.into_iter().map(|mut topic| topic.require_string("Arn"));
    let notifications = notifications.collect::<Result<Vec<_>, _>>()?;
    let related = params.take_list("RelatedOpsItems")?.into_iter().map(|mut item| item.require_string("OpsItemId"));
    let related = related.collect::<Result<Vec<_>, _>>()?;
    let mut tags = BTreeMap::new();
    for mut tag in params.take_list("Tags")? {
        tags.insert(tag.require_string("Key")?, tag.take_string("Value")?.unwrap_or_default());
    }
    match params.take_string("OpsItemType")?.as_deref() {
        None | Some("/aws/issue") => {}
        Some(other) => return Err(ServiceError::unsupported(format!("OpsItemType {other}"))),
    }
    // What is left here is not simulated, and must not leave an OpsItem behind.
    if !params.names().is_empty() {
        return Ok(Value::Null);
    }
    check_source(&source)?;
    check_operational_data(&operational_data)?;
    if let Some(priority) = priority
        && !(1..=5).contains(&priority)
    {
        return Err(constraint("priority", "Member must have value between 1 and 5"));
    }
    if let Some(severity) = &severity
        && !matches!(severity.as_str(), "1" | "2" | "3" | "4")
    {
        return Err(invalid("Severity", "must be 1, 2, 3 or 4"));
    }
    let dedup = operational_data.get("/aws/dedup");
    let twin = dedup.and_then(|_| {
        state.ops_items.iter().find(|item| item.source == source && item.operational_data.get("/aws/dedup") == dedup)
    });
    if let Some(twin) = twin {
        return Err(ServiceError::new(
            "OpsItemAlreadyExistsException",
            format!("Similar OpsItem already exists: {}", twin.id),
        )
        .field("OpsItemId", twin.id.clone()));
    }
    let id = format!("oi-{}", context.ids.hex(12));
    let arn = context.arn("ssm", &format!("opsitem/{id}"));
    let answer = json!({ "OpsItemId": id, "OpsItemArn": arn });
    state.ops_items.push(OpsItem {
        id,
        created: context.now,
        title,
        description,
        source,
        severity,
        category,
        priority,
        operational_data,
        notifications,
        related,
        tags,
    });
    Ok(answer)
}

fn bounded(params: &mut Params, name: &'static str, longest: usize) -> Result<String, ServiceError> {
    let text = params.require_string(name)?;
    if text.trim().is_empty() {
        return Err(constraint(
            &name.to_ascii_lowercase(),
            "Member must satisfy regular expression pattern: ^(?!\\s*$).+",
        ));
    }
    if text.chars().count() > longest {
        let bound = format!("Member must have length less than or equal to {longest}");
        return Err(constraint(&name.to_ascii_lowercase(), &bound));
    }
    Ok(text)
}

/// The name of a source must not pretend to be AWS.
fn check_source(source: &str) -> Result<(), ServiceError> {
    let lower = source.to_ascii_lowercase();
    if ["aws", "amazon", "amzn"].iter().any(|word| lower.contains(word)) {
        return Err(invalid("Source", "cannot contain aws, amazon or amzn"));
    }
    Ok(())
}

fn check_operational_data(data: &BTreeMap<String, (String, String)>) -> Result<(), ServiceError> {
    for (key, (value, kind)) in data {
        let lower = key.trim_start_matches('/').to_ascii_lowercase();
        let reserved = ["amazon", "aws", "amzn", "ssm"].iter().any(|prefix| lower.starts_with(prefix));
        // Keys of AWS's own that a caller may set.
        let own = matches!(key.as_str(), "/aws/dedup" | "/aws/resources" | "/aws/automations");
        if key.trim().is_empty() || key.chars().count() > 128 || (reserved && !own) {
            return Err(invalid("OperationalData", &format!("has the key `{key}`, which is reserved or malformed")));
        }
        if value.len() > 20 * 1024 || value.trim().is_empty() {
            return Err(invalid("OperationalData", &format!("has an empty value, or one over 20 KB, for `{key}`")));
        }
        if !matches!(kind.as_str(), "String" | "SearchableString") {
            return Err(constraint(
                &format!("operationalData.{key}.member.type"),
                "Member must satisfy enum value set: [SearchableString, String]",
            ));
        }
    }
    Ok(())
}

fn invalid(parameter: &str, why: &str) -> ServiceError {
    ServiceError::new("OpsItemInvalidParameterException", format!("{parameter} {why}"))
        .field("ParameterNames", vec![parameter.to_owned()])
}

fn constraint(member: &str, text: &str) -> ServiceError {
    ServiceError::new(
        "ValidationException",
        format!("1 validation error detected: Value at '{member}' failed to satisfy constraint: {text}"),
    )
}
