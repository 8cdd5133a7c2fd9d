//! Whether the dependencies of whatever uses the AWS SDK are compiled with one set of features, whatever package is built.
//!
//! Cargo unifies the features of a dependency over the packages that it builds. If one more feature of, say, `hashbrown`
//! is on in the workspace than in `-p notify`, the EC2 client is compiled twice, which takes minutes. The crate
//! `workspace-hack` turns the missing features on for everyone who uses the SDK.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde_json::Value;

use crate::error::TaskError;
use crate::process::{cargo, output};

/// Nothing to choose.
#[derive(Debug, Args)]
pub(crate) struct Options {}

/// A package of the workspace.
struct Member {
    name: String,
    has_dev_dependencies: bool,
}

/// The packages of a build, `name vVERSION`, each with the feature lists that it is compiled with: one, or two where a
/// build script or procedural macro uses other features than the program.
type Packages = BTreeMap<String, BTreeSet<String>>;

/// What `cargo tree` follows: the program alone, and everything that is compiled for it.
const EDGES: [&str; 2] = ["normal,no-proc-macro", "normal,build"];

/// Packages that may differ: only the command, `criterion` and the tasks use them.
const MAY_DIFFER: [&str; 2] = ["clap ", "clap_builder "];

/// Compares the features of the builds with the AWS SDK, of each package and of the whole workspace, with and without its tests.
pub(crate) fn run(_: &Options) -> Result<(), TaskError> {
    let members = members()?;
    let mut differences = BTreeMap::new();
    let mut compared = 0;
    for edges in EDGES {
        let with_tests = format!("{edges},dev");
        let workspace = packages(&["--workspace"], &with_tests)?;
        let mut builds = vec![(vec!["--workspace"], edges)];
        for member in &members {
            builds.push((vec!["-p", &member.name], edges));
            if member.has_dev_dependencies {
                builds.push((vec!["-p", &member.name], &with_tests));
            }
        }
        for (selection, edges) in builds {
            let build = packages(&selection, edges)?;
            if build.keys().any(|package| is_sdk(package)) {
                compared += 1;
                compare(&build, &workspace, &selection.join(" "), &mut differences);
            }
        }
    }
    if compared == 0 {
        return Err(TaskError::Failed("no package uses the AWS SDK".to_owned()));
    }
    if differences.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = differences
        .iter()
        .map(|((package, wanted), (found, selection))| {
            format!("  {package}: {found} with {selection}, {wanted} with the whole workspace")
        })
        .collect();
    Err(TaskError::Check(format!(
        "these would be compiled again, and what uses them; name the features in crates/workspace-hack/Cargo.toml:\n{}",
        lines.join("\n")
    )))
}

fn is_sdk(package: &str) -> bool {
    package.starts_with("aws-sdk-")
}

/// Adds the packages whose features in a build are not among those of the workspace.
fn compare(
    alone: &Packages,
    workspace: &Packages,
    selection: &str,
    differences: &mut BTreeMap<(String, String), (String, String)>,
) {
    let compared = alone.iter().filter(|(package, _)| !MAY_DIFFER.iter().any(|name| package.starts_with(name)));
    for (package, features) in compared {
        let wanted = workspace.get(package).cloned().unwrap_or_default();
        if !features.is_subset(&wanted) {
            let key = (package.clone(), shown(&wanted));
            differences.entry(key).or_insert_with(|| (shown(features), selection.to_owned()));
        }
    }
}

fn shown(variants: &BTreeSet<String>) -> String {
    variants.iter().map(|features| format!("[{features}]")).collect::<Vec<_>>().join(" and ")
}

/// The packages of the workspace.
fn members() -> Result<Vec<Member>, TaskError> {
    let text = output(&mut cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value =
        serde_json::from_str(&text).map_err(|error| TaskError::Failed(format!("cargo metadata: {error}")))?;
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    let member = |package: &Value| {
        let dependencies = package.get("dependencies")?.as_array()?;
        let has_dev_dependencies =
            dependencies.iter().any(|one| one.get("kind").and_then(Value::as_str) == Some("dev"));
        Some(Member { name: package.get("name")?.as_str()?.to_owned(), has_dev_dependencies })
    };
    packages
        .map(|package| member(package).ok_or_else(|| TaskError::Failed(format!("cargo metadata: {package}"))))
        .collect()
}

/// The packages of a build and their features, as Cargo resolves them.
fn packages(selection: &[&str], edges: &str) -> Result<Packages, TaskError> {
    let mut command = cargo(&["tree", "--locked", "--prefix", "none", "--format", "{p}|{f}", "--edges", edges]);
    let text = output(command.args(selection))?;
    let mut found = Packages::new();
    for line in text.lines() {
        let Some((package, features)) = line.trim_end_matches(" (*)").split_once('|') else { continue };
        let package = package.trim_end_matches(" (proc-macro)");
        found.entry(package.to_owned()).or_default().insert(features.to_owned());
    }
    Ok(found)
}
