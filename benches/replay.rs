//! How long one finding takes from event to record, against reading its JSON in the same run.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use ingest::{InputEvent, Source};
use simulator::{Handlers, Replay};
use template::Project;

/// One instance with one interface and two volumes; three interfaces over two VPCs; a Config rule.
const SCENARIOS: [&str; 3] =
    ["guardduty/crypto-currency", "guardduty/interfaces-over-two-vpcs", "config/several-offending-among-good"];

fn replays(criterion: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let Ok(project) = Project::find(&root) else { return };
    let replay = Replay::new(project, Handlers::deployed());
    let mut group = criterion.benchmark_group("replay");
    for scenario in SCENARIOS {
        let path = root.join("fixtures").join(scenario).join("event.json");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        group.bench_function(format!("{scenario}/json"), |bencher| {
            bencher.iter(|| serde_json::from_str::<serde_json::Value>(black_box(&text)));
        });
        group.bench_function(format!("{scenario}/whole"), |bencher| {
            bencher.iter(|| {
                let source = Source { path: path.display().to_string(), line: None };
                replay.event(InputEvent { source, event: Ok(serde_json::from_str(&text).unwrap_or_default()) })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, replays);
criterion_main!(benches);
