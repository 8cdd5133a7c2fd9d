//! The recorded cases: what Step Functions did, and what this engine does.
//!
//! The cases are not part of the project. `CORDON_ASL_CASES` names the folder that holds them, a folder per group;
//! `CORDON_ASL_VERBOSE` set to anything prints every difference.

use std::error::Error;
use std::fs;
use std::path::Path;

use asl::conformance::{Case, Totals, run_case};
use serde_json::Value;

/// Groups, measure, and the per mille of their cases that must agree.
const LEAST: [(&[&str], &str, usize); 4] = [
    (&["core", "lambda"], "outcome", 990),
    (&["core", "lambda"], "full", 970),
    (&["callback", "integration"], "outcome", 970),
    (&["callback", "integration"], "full", 950),
];

#[test]
fn the_engine_does_what_was_recorded() -> Result<(), Box<dyn Error>> {
    let Some(folder) = std::env::var_os("CORDON_ASL_CASES") else {
        println!("skipped: CORDON_ASL_CASES is not set");
        return Ok(());
    };
    let verbose = std::env::var_os("CORDON_ASL_VERBOSE").is_some();
    let mut totals = Totals::default();
    for group in ["core", "lambda", "callback", "integration"] {
        run_group(&Path::new(&folder).join(group), verbose, &mut totals)?;
    }
    println!("{totals}");
    let missed: Vec<String> = LEAST
        .iter()
        .filter_map(|(groups, measure, least)| {
            let counts = groups.iter().filter_map(|group| totals.get(group, measure));
            let (passed, all) = counts.fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
            let names = groups.join(" and ");
            (all == 0 || passed * 1000 < all * least).then(|| format!("{names}, {measure}: {passed} of {all}"))
        })
        .collect();
    assert!(missed.is_empty(), "below what is required: {}", missed.join("; "));
    Ok(())
}

fn run_group(folder: &Path, verbose: bool, totals: &mut Totals) -> Result<(), Box<dyn Error>> {
    let mut files: Vec<_> =
        fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?.into_iter().map(|entry| entry.path()).collect();
    files.sort();
    for file in files {
        let value: Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
        let case = Case::parse(&value)?;
        match run_case(&case) {
            Ok(report) => {
                totals.add(&report);
                if let Some(difference) = report.difference.filter(|_| verbose) {
                    println!("{} {}: {difference}", report.group, report.name);
                }
            }
            Err(refused) => {
                totals.add_refused(&case);
                if verbose {
                    println!("{} {}: refused: {refused}", case.group, case.name);
                }
            }
        }
    }
    Ok(())
}
