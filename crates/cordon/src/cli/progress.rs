//! Progress on a terminal; nothing anywhere else.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on stderr over a known number of events, or a spinner.
pub(super) fn bar(total: Option<u64>, shown: bool) -> ProgressBar {
    bar_of("events", total, shown)
}

/// The same over other things.
pub(super) fn bar_of(things: &str, total: Option<u64>, shown: bool) -> ProgressBar {
    if !shown {
        return ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
    }
    let bar = match total {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::new_spinner(),
    };
    let template = if total.is_some() {
        format!("{{bar:30}} {{pos}}/{{len}} {things}, {{per_sec}}, {{eta}} left")
    } else {
        format!("{{spinner}} {{pos}} {things}, {{per_sec}}")
    };
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
