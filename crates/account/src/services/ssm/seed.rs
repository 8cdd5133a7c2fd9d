//! Reading `account.json`: managed nodes, by `describe-instance-information`.

use super::node::{Node, State};
use crate::protocol::Params;
use crate::service::{Context, SeedError};

/// Reads the output of one command.
pub(super) fn seed(
    state: &mut State,
    _context: &mut Context<'_>,
    command: &str,
    mut document: Params,
) -> Result<(), SeedError> {
    match command {
        "describe-instance-information" => {
            for given in document.take_list("InstanceInformationList")? {
                state.add_node(Node::read(given)?);
            }
            Ok(())
        }
        other => Err(SeedError::unknown_command("ssm", other)),
    }
}
