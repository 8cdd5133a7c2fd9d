//! Lists the rules of the project and what each one starts:
//!
//! ```text
//! cargo run -p template --example wiring
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use template::{Destination, Project, Surroundings, read};

fn main() -> Result<(), Box<dyn Error>> {
    let project = Project::find(Path::new("."))?;
    let stack = Surroundings {
        account: "111122223333".into(),
        region: "eu-central-1".into(),
        partition: "aws".into(),
        stack_name: "cordon".into(),
    };
    let template = read(project.template(), &BTreeMap::new(), &stack)?;
    for rule in &template.rules {
        for target in &rule.targets {
            if let Destination::Machine { .. } = &target.destination {
                println!("{} starts {}", rule.label, target.arn);
            }
        }
    }
    Ok(())
}
