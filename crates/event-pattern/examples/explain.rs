//! Tells whether an event matches a pattern, and if not, why:
//!
//! ```text
//! cargo run -p event-pattern --example explain -- pattern.json event.json
//! ```

use std::error::Error;

use event_pattern::Pattern;

fn main() -> Result<(), Box<dyn Error>> {
    let mut files = std::env::args().skip(1);
    let (Some(pattern), Some(event)) = (files.next(), files.next()) else {
        return Err("usage: explain PATTERN_JSON EVENT_JSON".into());
    };
    let pattern = Pattern::parse(&serde_json::from_slice(&std::fs::read(pattern)?)?)?;
    match pattern.explain(&serde_json::from_slice(&std::fs::read(event)?)?) {
        Ok(()) => println!("matches"),
        Err(why) => println!("does not match: {why}"),
    }
    Ok(())
}
