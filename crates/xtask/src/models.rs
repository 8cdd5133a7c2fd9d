//! The tables of the simulated account, from the service models of botocore.

mod botocore;
mod operations;
mod table;

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

/// A service: what its folder in the simulated account and its table are called, and its name in botocore.
struct Service {
    name: &'static str,
    botocore: &'static str,
    /// The operations of a service that the account does not answer itself.
    called: &'static [&'static str],
}

impl Service {
    /// Whether the simulated account answers it: the table is used for bytes, not only for names.
    fn is_served(&self) -> bool {
        self.called.is_empty()
    }
}

const fn simulated(name: &'static str) -> Service {
    Service { name, botocore: name, called: &[] }
}

/// The services with a table.
const SERVICES: &[Service] = &[
    simulated("autoscaling"),
    simulated("dynamodb"),
    simulated("ec2"),
    simulated("elbv2"),
    simulated("iam"),
    simulated("kms"),
    simulated("securityhub"),
    simulated("sns"),
    simulated("ssm"),
    simulated("sts"),
    // Called by definitions, and answered by whoever runs these, not by a service of the account.
    Service { name: "lambda", botocore: "lambda", called: &["Invoke"] },
    Service { name: "states", botocore: "stepfunctions", called: &["StartExecution"] },
];

/// Structures that are left out, as the simulation does not look inside them: the descriptions of every kind of resource
/// in a finding of Security Hub are 3,000 lines.
const OPAQUE: &[&str] = &["ResourceDetails"];

/// Where the tables are.
const FOLDER: &str = "crates/account/src/model";

/// Writes or checks the tables.
pub(crate) fn run(options: &Options) -> Result<(), TaskError> {
    let botocore = Botocore::load(SERVICES.iter().map(|service| service.botocore))?;
    let sources = operations::Sources::read("crates/account/src")?;
    for service in SERVICES {
        let mut operations = sources.operations_of(service.name);
        operations.extend(service.called.iter().map(|name| (*name).to_owned()));
        let text = table::write(service, &botocore.version, botocore.service(service.botocore)?, &operations)?;
        project::generated(format!("{FOLDER}/{}.tsv", service.name), &text, options.check)?;
    }
    Ok(())
}
