//! A notification in the form of its medium.

use incident::text;

use crate::notice::{Notice, NoticeKey};
use crate::{body, chat};

/// SNS takes 262,144 bytes, attributes included; a person reads less. Everything past this is cut.
const MAX_BODY_BYTES: usize = 32 * 1024;

/// SNS subjects are ASCII, begin with a letter, number or punctuation mark, and have fewer than 100 characters
/// (`Publish`, parameter `Subject`).
const MAX_SUBJECT: usize = 99;

/// What reads the topic.
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

/// The notification of a notice. The same notice gives the same text.
pub(crate) fn of(notice: &Notice, key: &NoticeKey, format: Format) -> Message {
    let body = match format {
        Format::Text => cut(body::text(notice, key), MAX_BODY_BYTES),
        Format::Chat => chat::custom_notification(notice, key),
    };
    Message { subject: subject(notice), body }
}

/// One line of ASCII that says what and where.
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

/// At most so many bytes, cut on a character boundary.
pub(crate) fn cut(text: String, max: usize) -> String {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut cut = text.get(..end).unwrap_or_default().to_owned();
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
            let message = of(&notice, &key, format);
            assert!(message.body.len() <= MAX_BODY_BYTES + 4);
            assert!(message.subject.len() <= MAX_SUBJECT && message.subject.is_ascii());
        }
    }
}
