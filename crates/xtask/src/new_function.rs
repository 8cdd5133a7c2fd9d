//! A new Lambda function: its crate, and every place that lists the functions.

mod edit;

use std::path::PathBuf;

use clap::Args;

use crate::error::TaskError;
use crate::name::Name;
use crate::project;

/// What the function is called, and what it does.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Name in lower case with hyphens: of the crate and, after the stack name, of the Lambda function
    name: String,
    /// What it does, as one clause without a full stop: "Denies the sessions of a role"
    #[arg(long)]
    description: String,
}

const MANIFEST: &str = include_str!("new_function/manifest.txt");
const HANDLER: &str = include_str!("new_function/handler.txt");
const MAIN: &str = include_str!("new_function/main.txt");

/// Writes the crate and registers it. It compiles, and no definition calls it yet.
pub(crate) fn run(options: &Options) -> Result<(), TaskError> {
    let name = Name::parse(&options.name)?;
    let folder = PathBuf::from("functions").join(name.kebab());
    if project::root().join(&folder).exists() {
        return Err(TaskError::Failed(format!("{} is there already", folder.display())));
    }
    let fill = |text: &str| filled(text, &name, &options.description);
    let mut files = vec![
        (folder.join("Cargo.toml"), fill(MANIFEST)),
        (folder.join("src/lib.rs"), fill(HANDLER)),
        (folder.join("src/main.rs"), fill(MAIN)),
    ];
    for place in edit::PLACES {
        let text = project::read(place.path)?;
        files.push((place.path.into(), place.with(&text, &fill(place.text))?));
    }
    for (path, text) in &files {
        project::create(path, text)?;
    }
    say(&format!(
        "Wrote functions/{name} and registered it. What only you can say:\n\
         - functions/{name}/src/lib.rs: what it does; new error names go to responder::ErrorName\n\
         - infra/template.yaml: its permissions and environment; {logical}Function.Alias among the\n  \
           DefinitionSubstitutions of the playbook that calls it, and lambda:InvokeFunction in the role of that playbook\n\
         - infra/member.yaml: the same permissions in a role of its own, if it acts in other accounts\n\
         - statemachines/PLAYBOOK: the Task that calls it, with TimeoutSeconds, Retry and Catch\n\
         - fixtures: a scenario for each new edge of the definition (cargo xtask new-scenario)",
        name = name.kebab(),
        logical = name.pascal(),
    ));
    Ok(())
}

fn filled(text: &str, name: &Name, description: &str) -> String {
    text.replace("DESCRIPTION", description)
        .replace("LOGICAL", &name.pascal())
        .replace("CRATE", &name.snake())
        .replace("NAME", name.kebab())
}

#[expect(clippy::print_stdout, reason = "the report of the task to the person who started it")]
fn say(text: &str) {
    println!("{text}");
}
