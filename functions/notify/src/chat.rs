//! The schema of custom notifications of Amazon Q Developer in chat applications (administrator guide, "Custom
//! notifications"): version and source are fixed, the thread keeps everything about one incident together.

use responder::{Error, ErrorName, Result};
use serde::Serialize;

use crate::message::{Format, cut, subject};
use crate::notice::{Notice, NoticeKey};
use crate::{body, wording};

/// The schema allows more, but Slack shows at most 150 characters of a header and 3,000 of a text block. The rest is in the
/// incident table.
const MAX_TITLE: usize = 150;
const MAX_DESCRIPTION_BYTES: usize = 3_000;
const MAX_STEP: usize = 600;
const MAX_KEYWORD: usize = 64;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomNotification {
    version: &'static str,
    source: &'static str,
    id: String,
    content: Content,
    metadata: Metadata,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    text_type: &'static str,
    title: String,
    description: String,
    next_steps: Vec<String>,
    keywords: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    thread_id: String,
    summary: String,
    event_type: String,
    related_resources: Vec<String>,
    additional_context: Context,
}

#[derive(Debug, Serialize)]
struct Context {
    key: String,
}

/// The notice as a custom notification, one JSON document.
///
/// # Errors
/// `Aws.Unexpected` when it cannot be serialized.
pub(crate) fn custom_notification(notice: &Notice, key: &NoticeKey) -> Result<String> {
    let safe = |text: &str, max: usize| Format::Chat.safe(text, max);
    let title = safe(&subject(notice), MAX_TITLE);
    let description = format!(
        "{}: {}\n{}",
        notice.name().to_uppercase(),
        wording::meaning(notice),
        body::facts(notice, Format::Chat)
    );
    let mut next_steps = vec![safe(&wording::next_action(notice), MAX_STEP)];
    next_steps.extend(wording::release(notice).map(|release| format!("To release: {}", safe(release, MAX_STEP))));
    let incident = notice.incident();
    let mut keywords = vec![notice.name().to_owned()];
    keywords.extend(incident.map(|incident| safe(&incident.family, MAX_KEYWORD)));
    keywords.extend(incident.map(|incident| safe(&incident.account, MAX_KEYWORD)));
    let notification = CustomNotification {
        version: "1.0",
        source: "custom",
        id: key.text(),
        content: Content {
            text_type: "client-markdown",
            title: title.clone(),
            description: cut(description, MAX_DESCRIPTION_BYTES),
            next_steps,
            keywords,
        },
        metadata: Metadata {
            thread_id: key.incident_id.clone(),
            summary: title,
            event_type: format!("cordon-{}", notice.name()),
            related_resources: incident
                .and_then(|incident| incident.resource.id())
                .map(|id| safe(id, 128))
                .into_iter()
                .collect(),
            additional_context: Context { key: key.text() },
        },
    };
    serde_json::to_string(&notification)
        .map_err(|error| Error::new(ErrorName::AwsUnexpected, format!("the notification: {error}")))
}
