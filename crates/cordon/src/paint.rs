//! Colors of outcomes and verdicts.

use incident::Outcome;

/// Styles, empty without color.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    /// With color or without.
    pub(crate) fn new(color: bool) -> Paint {
        Paint(color)
    }

    fn paint(self, style: anstyle::Style, text: &str) -> String {
        if self.0 { format!("{}{text}{}", style.render(), style.render_reset()) } else { text.to_owned() }
    }

    /// Emphasized text.
    pub(crate) fn bold(self, text: &str) -> String {
        self.paint(anstyle::Style::new().bold(), text)
    }

    /// Text of less interest.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint(anstyle::Style::new().dimmed(), text)
    }

    /// A verdict in its color: green is fine, red is not.
    pub(crate) fn verdict(self, fine: bool, text: &str) -> String {
        let color = if fine { anstyle::AnsiColor::Green } else { anstyle::AnsiColor::Red };
        self.paint(color.on_default().bold(), text)
    }

    /// An outcome in its color: red needs a person now, yellow will, green is fine.
    pub(crate) fn outcome(self, outcome: Outcome) -> String {
        let color = match outcome {
            _ if outcome.needs_a_person() => anstyle::AnsiColor::Red,
            Outcome::AwaitingApproval | Outcome::Unmatched | Outcome::Invalid => anstyle::AnsiColor::Yellow,
            Outcome::Contained | Outcome::Remediated | Outcome::Released | Outcome::AlreadyCompliant => {
                anstyle::AnsiColor::Green
            }
            _ => anstyle::AnsiColor::Cyan,
        };
        self.paint(color.on_default().bold(), outcome.name())
    }
}
