//! What no account of EC2 can be, once everything is read.

use super::super::state::State;
use crate::service::{Context, SeedError};
use crate::state::Accounts;

/// Refuses an account that contradicts itself.
pub(crate) fn complete(accounts: &mut Accounts, context: &mut Context<'_>) -> Result<(), SeedError> {
    accounts.entry(context.account, context.region).state::<State>().check_attachments()
}

impl State {
    /// Refuses attachments that two documents describe differently, or that lead to nothing.
    fn check_attachments(&self) -> Result<(), SeedError> {
        for (id, interface) in &self.interfaces {
            let Some(instance) = interface.attachment.as_ref().and_then(|it| it.instance.as_deref()) else { continue };
            self.check_attached("describe-network-interfaces", id, instance)?;
        }
        for (id, volume) in &self.volumes {
            volume.instances.iter().try_for_each(|instance| self.check_attached("describe-volumes", id, instance))?;
        }
        for (id, instance) in &self.instances {
            for interface in &instance.interfaces {
                let attachment = self.interfaces.get(interface).and_then(|it| it.attachment.as_ref());
                let other = attachment.and_then(|it| it.instance.as_deref());
                if other != Some(id) {
                    let described = other.map_or_else(|| "to no instance".to_owned(), |other| format!("to `{other}`"));
                    return Err(contradiction(
                        "describe-instances",
                        format!(
                            "`{id}` has the interface `{interface}`, which by its own description is attached {described}"
                        ),
                    ));
                }
            }
        }
        Ok(())
    }

    fn check_attached(&self, command: &str, id: &str, instance: &str) -> Result<(), SeedError> {
        match self.instances.get(instance) {
            None => Err(contradiction(
                command,
                format!(
                    "`{id}` is attached to `{instance}`, which no describe-instances shows: add the instance, or leave out what it has"
                ),
            )),
            Some(it) if it.state == "terminated" => Err(contradiction(
                command,
                format!("`{id}` is attached to `{instance}`, which is terminated: nothing is attached to it any more"),
            )),
            Some(_) => Ok(()),
        }
    }
}

fn contradiction(command: &str, reason: String) -> SeedError {
    SeedError::malformed(format!("ec2.{command}"), reason)
}
