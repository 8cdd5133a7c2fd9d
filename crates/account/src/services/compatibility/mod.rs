//! The page that says what of each service is simulated. It is written from what each operation declares, which is what
//! it takes; `UPDATE_EXPECT=1` rewrites it.

#![expect(clippy::unwrap_used, reason = "a test")]

mod probe;

use std::collections::BTreeSet;
use std::fmt::Write;

use expect_test::expect_file;

use super::all;
use crate::service::{AnyService, Deviation, Support};

const HEAD: &str = "\
# The simulated account, operation by operation

What the simulated account (`crates/account`) does with each operation that it has. `cargo test -p account` writes this
page and holds it: an operation is asked for each parameter that it declares, and in a development build no call
succeeds with a parameter that is not declared. The names, and those of the parameters that are refused, are in the
service's model, which `cargo xtask models` draws from botocore. `A{B}` is a parameter with names inside it.

What is not here is refused with its name: an operation, a parameter, a value. Nothing is ignored without a word.
";

#[test]
fn the_page_is_as_the_operations_declare() {
    expect_file!["../../../../../docs/simulated-account.md"].assert_eq(&page());
}

fn page() -> String {
    let services: Vec<&dyn AnyService> = all().collect();
    let operations: usize = services.iter().map(|service| service.operations().len()).sum();
    let mut out = format!("{HEAD}\n{operations} operations of {} services.\n", services.len());
    for service in services {
        let command = match service.cli_name() {
            name if name == service.name() => String::new(),
            name => format!(" (`{name}` in the AWS CLI and in `account.json`)"),
        };
        writeln!(out, "\n## {}{command}\n", service.name()).unwrap();
        writeln!(out, "| operation | parameters | refused |\n|---|---|---|").unwrap();
        for support in service.support() {
            let name = support.operation;
            let refused = refused(support, &service.model().parameters(name)).join(" ");
            writeln!(out, "| `{name}` | {} | {} |", code(support.parameters), code(&refused)).unwrap();
        }
        writeln!(out, "\nOtherwise than in AWS:\n").unwrap();
        let everywhere = service.deviations().iter().map(|it| (None, it));
        let somewhere =
            service.support().iter().flat_map(|it| it.deviations.iter().map(|one| (Some(it.operation), one)));
        for (operation, Deviation { what, why }) in everywhere.chain(somewhere) {
            let operation = operation.map_or_else(String::new, |operation| format!("`{operation}`: "));
            writeln!(out, "- {operation}{what}. Reason: {why}.").unwrap();
        }
    }
    out
}

fn code(names: &str) -> String {
    if names.is_empty() { String::new() } else { format!("`{names}`") }
}

/// The parameters that AWS has and the operation does not take; of a structure that it does not take, only the structure.
fn refused(support: &Support, all: &BTreeSet<String>) -> Vec<String> {
    let declared = support.names();
    // A parameter that is declared without names inside it is taken with all of them.
    let is_whole =
        |name: &str| declared.contains(name) && !declared.iter().any(|it| it.starts_with(&format!("{name}.")));
    let outer = |name: &str| -> Vec<String> {
        name.match_indices('.').map(|(end, _)| name.get(..end).unwrap_or_default().to_owned()).collect()
    };
    let is_refused = |name: &str| !declared.contains(name) && !outer(name).iter().any(|outer| is_whole(outer));
    all.iter().filter(|name| is_refused(name) && !outer(name).iter().any(|outer| is_refused(outer))).cloned().collect()
}
