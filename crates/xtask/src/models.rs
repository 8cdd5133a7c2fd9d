//! The tables of the simulated account, from the service models of botocore.

mod botocore;
mod operations;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use clap::Args;

use self::botocore::Botocore;
use crate::error::TaskError;
use crate::project;

/// What to do with the tables.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Writes nothing; fails if a table is not what would be written
    #[arg(long)]
    check: bool,
}

/// A table to write.
struct Service {
    /// Its name in botocore.
    botocore: String,
    operations: BTreeSet<String>,
    /// Whether the simulated account answers it: its table is used for bytes, not only for names.
    is_served: bool,
}

/// Services that definitions call, and that whoever runs these answers: the name of the table, the name in botocore, and
/// the operations.
const CALLED: [(&str, &str, &[&str]); 2] =
    [("lambda", "lambda", &["Invoke"]), ("states", "stepfunctions", &["StartExecution"])];

/// Where the tables of these are.
const CALLED_FOLDER: &str = "crates/account/src/model";

/// Structures that are left out, as the simulation does not look inside them: the descriptions of every kind of resource
/// in a finding of Security Hub are 3,000 lines.
const OPAQUE: &[&str] = &["ResourceDetails"];

/// Writes or checks the tables: one in the folder of each service of the simulated account, which is called as botocore
/// calls it, and those of the services that definitions call.
pub(crate) fn run(options: &Options) -> Result<(), TaskError> {
    let mut tables = BTreeMap::new();
    for (folder, operations) in operations::simulated("crates/account/src")? {
        let botocore = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        tables.insert(folder.join("model.tsv"), Service { botocore, operations, is_served: true });
    }
    for (name, botocore, operations) in CALLED {
        let operations = operations.iter().map(|name| (*name).to_owned()).collect();
        let service = Service { botocore: botocore.to_owned(), operations, is_served: false };
        tables.insert(Path::new(CALLED_FOLDER).join(format!("{name}.tsv")), service);
    }
    let botocore = Botocore::load(tables.values().map(|service| service.botocore.as_str()))?;
    for (path, service) in &tables {
        let text = table::write(service, &botocore.version, botocore.service(&service.botocore)?)?;
        project::generated(path, &text, options.check)?;
    }
    Ok(())
}
