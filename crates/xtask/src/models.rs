//! The tables of the simulated account, from the service models of botocore.

mod botocore;
mod operations;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;

use self::botocore::Botocore;
pub(crate) use self::operations::{Simulated, simulated};
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
}

/// Structures that are left out, as the simulation does not look inside them: the descriptions of every kind of resource
/// in a finding of Security Hub are 3,000 lines.
const OPAQUE: &[&str] = &["ResourceDetails"];

/// Writes or checks the tables, each in the folder of its service, which is called as botocore calls it.
pub(crate) fn run(options: &Options) -> Result<(), TaskError> {
    let mut tables = BTreeMap::new();
    for (folder, Simulated { operations, .. }) in simulated()? {
        let botocore = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        tables.insert(folder.join("model.tsv"), Service { botocore, operations });
    }
    if tables.is_empty() {
        return Err(TaskError::Failed("found no service of the simulated account".to_owned()));
    }
    let botocore = Botocore::load(tables.values().map(|service| service.botocore.as_str()))?;
    for (path, service) in &tables {
        let text = table::write(service, &botocore.version, botocore.service(&service.botocore)?)?;
        project::generated(path, &text, options.check)?;
    }
    Ok(())
}
