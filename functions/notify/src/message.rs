//! A notification in the format of its medium.

use incident::text;
use responder::Result;

use crate::notice::{Notice, NoticeKey};
use crate::{body, chat};

/// SNS accepts 262,144 bytes, attributes included; people read less. Longer text is cut.
const MAX_BODY_BYTES: usize = 32 * 1024;

/// SNS subjects are ASCII, begin with a letter, number or punctuation mark, and have fewer than 100 characters
/// (`Publish`, parameter `Subject`).
const MAX_SUBJECT: usize = 99;

/// Who reads the topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Mail and the like: plain text.
    Text,
    /// Amazon Q Developer in chat applications: its schema of custom notifications.
    Chat,
}

impl Format {
    /// The format of a name, or `None`.
    pub(crate) fn from_name(name: &str) -> Option<Format> {
        match name {
            "text" => Some(Format::Text),
            "chat" => Some(Format::Chat),
            _ => None,
        }
    }

    /// One harmless line of a text that nobody can trust, in this medium.
    pub(crate) fn safe(self, text: &str, max: usize) -> String {
        match self {
            Format::Text => text::inert(text, max),
            Format::Chat => text::inert_in_chat(text, max),
        }
    }
}

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// Renders a notice. The same notice always gives the same text.
///
/// # Errors
/// As [`chat::custom_notification`].
pub(crate) fn render(notice: &Notice, key: &NoticeKey, format: Format) -> Result<Message> {
    let body = match format {
        Format::Text => cut(body::text(notice, key), MAX_BODY_BYTES),
        Format::Chat => chat::custom_notification(notice, key)?,
    };
    Ok(Message { subject: subject(notice), body })
}

/// One ASCII line with outcome and resource.
pub(crate) fn subject(notice: &Notice) -> String {
    let what = match notice.incident() {
        Some(incident) => format!(
            "{} {} ({})",
            incident.resource.kind(),
            incident.resource.id().unwrap_or("without id"),
            incident.finding.finding_type
        ),
        None => "an event that could not be triaged".to_owned(),
    };
    let sample = notice.incident().is_some_and(|incident| incident.finding.sample);
    let prefix = if sample { "[SAMPLE] " } else { "" };
    let subject = format!("{prefix}Cordon {}: {}", notice.name(), text::inert(&what, 200));
    let harmless = |c: char| (c.is_ascii_graphic() || c == ' ') && !matches!(c, '<' | '>' | '`');
    subject.chars().map(|c| if harmless(c) { c } else { '?' }).take(MAX_SUBJECT).collect()
}

/// Cuts text to `max` bytes, on a character boundary, and adds an ellipsis.
pub(crate) fn cut(text: String, max: usize) -> String {
    if text.len() <= max {
        return text;
    }
    let mut cut = text;
    cut.truncate(cut.floor_char_boundary(max));
    cut.push_str("…\n");
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use incident::Report;

    #[test]
    fn limits_hold_for_a_report_of_any_size() {
        let mut report = Report::escalated("ä".repeat(100_000));
        report.gaps = vec!["漢".repeat(50_000); 500];
        let notice = Notice::Outcome(Box::new(report));
        let key = notice.key("execution:cordon-respond-ec2:one");
        for format in [Format::Text, Format::Chat] {
            let Ok(message) = render(&notice, &key, format) else { unreachable!("every report can be rendered") };
            assert!(message.body.len() <= MAX_BODY_BYTES + 4);
            assert!(message.subject.len() <= MAX_SUBJECT && message.subject.is_ascii());
        }
    }
}
