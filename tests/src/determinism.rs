//! Same input, same bytes.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Failed, Trial};

use crate::scenarios::{folders, name, replay, run, run_all};
use crate::support;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("determinism::two_runs_give_the_same_bytes", twice),
        Trial::test("determinism::alone_or_among_a_thousand_throttled_ones", in_a_crowd),
        Trial::test("determinism::another_seed_gives_other_identifiers", other_seed),
    ]
}

fn bytes(folder: &Path) -> Result<Vec<u8>, Failed> {
    Ok(serde_json::to_vec(&run_all(&replay()?, folder)?)?)
}

fn twice() -> Result<(), Failed> {
    for folder in folders() {
        if bytes(&folder)? != bytes(&folder)? {
            return Err(format!("{}: two runs differ", name(&folder)).into());
        }
    }
    Ok(())
}

/// Replays that are throttled all the time would drain the retry budget that SDK clients share by default.
fn in_a_crowd() -> Result<(), Failed> {
    const CROWD: usize = 1_000;
    let root = support::root().join("fixtures/guardduty");
    let (one, throttled) = (root.join("crypto-currency"), root.join("isolation-throttled"));
    let (alone, throttled_alone) = (bytes(&one)?, bytes(&throttled)?);
    let shared = replay()?;
    let next = AtomicUsize::new(0);
    let differing: usize = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut differing = 0;
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= CROWD {
                            return differing;
                        }
                        let (folder, expected) =
                            if number % 100 == 99 { (&one, &alone) } else { (&throttled, &throttled_alone) };
                        let report =
                            run_all(&shared, folder).ok().and_then(|reports| serde_json::to_vec(&reports).ok());
                        if report.as_ref() != Some(expected) {
                            differing += 1;
                        }
                    }
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or(CROWD)).sum()
    });
    if differing > 0 {
        return Err(format!("{differing} of {CROWD} differ from the same event replayed alone").into());
    }
    Ok(())
}

fn other_seed() -> Result<(), Failed> {
    let folder = support::root().join("fixtures/guardduty/crypto-currency");
    let first = run(&replay()?.seed(1), &folder)?;
    let second = run(&replay()?.seed(2), &folder)?;
    if first == second {
        return Err("the seed changes nothing".into());
    }
    if first.outcome != second.outcome {
        return Err("the seed changes the outcome".into());
    }
    Ok(())
}
