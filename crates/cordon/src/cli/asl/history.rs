//! The history of an execution for a person: an event a line.

use std::io::{self, Write};

use asl::{HistoryEvent, Timestamp};
use serde_json::Value;

use super::styled;
use crate::escape::escaped;

/// Characters of one detail of an event.
const DETAIL: usize = 120;

/// Events shown of each end of a history that is longer than twice that.
const SHOWN: usize = 200;

/// Writes the events with the time since the start and their details; long details are cut, and JSON has them all.
///
/// # Errors
/// When the output cannot be written.
pub(super) fn write(out: &mut impl Write, history: &[HistoryEvent], began: Timestamp, color: bool) -> io::Result<()> {
    let heading = format!("{:>6} {:>6} {:>12}  {}", "id", "after", "seconds", "event");
    writeln!(out, "{}", styled(color, anstyle::Style::new().dimmed(), &heading))?;
    for (at, event) in history.iter().enumerate() {
        if at >= SHOWN && at < history.len().saturating_sub(SHOWN) {
            if at == SHOWN {
                let left_out = history.len() - 2 * SHOWN;
                writeln!(out, "       … {left_out} events are not shown; --format json has them all")?;
            }
            continue;
        }
        writeln!(out, "{}", line(event, began, color))?;
    }
    Ok(())
}

fn line(event: &HistoryEvent, began: Timestamp, color: bool) -> String {
    let seconds = seconds_between(began, event.timestamp);
    let kind = event.details.event_type();
    let style = if kind.ends_with("Failed") || kind.ends_with("TimedOut") || kind.ends_with("Aborted") {
        anstyle::AnsiColor::Red.on_default()
    } else {
        anstyle::Style::new()
    };
    let mut out = format!(
        "{:>6} {:>6} {seconds:>12}  {}",
        event.id,
        event.previous_event_id,
        styled(color, style, &format!("{kind:<26}"))
    );
    let flat = event.to_flat();
    for (name, value) in flat.as_object().into_iter().flatten() {
        if matches!(name.as_str(), "id" | "prev" | "type") {
            continue;
        }
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        out.push_str("  ");
        if name != "name" {
            out.push_str(&styled(color, anstyle::Style::new().dimmed(), &format!("{name} ")));
        }
        out.push_str(&cut(&text));
    }
    out.trim_end().to_owned()
}

/// The beginning of a detail on one line; a payload can be a quarter of a megabyte.
fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(DETAIL).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    escaped(&shown)
}

/// Seconds with milliseconds, such as `12.010`.
pub(super) fn seconds_between(from: Timestamp, to: Timestamp) -> String {
    let millis = to.0.saturating_sub(from.0).max(0);
    format!("{}.{:03}", millis / 1000, millis % 1000)
}
