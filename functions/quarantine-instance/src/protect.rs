//! Protects the instance and its volumes from destruction. `ModifyInstanceAttribute` accepts one attribute per call.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, AttributeValue, EbsInstanceBlockDeviceSpecification, InstanceBlockDeviceMappingSpecification,
};
use futures_util::future::join_all;
use incident::BeforeImage;
use incident::host::{Guard, Protection, SPOT};
use responder::{Assessment, Attempt, Error, Result, assess};

use crate::context::Context;

/// The guards of a run and the attempt to set each.
pub(crate) struct Guards {
    /// The protection before the run, or why it could not be read.
    before: Result<Protection>,
    attempts: Vec<(Guard, Attempt)>,
}

impl Guards {
    pub(crate) fn new(before: Result<Protection>) -> Guards {
        Guards { before, attempts: Vec::new() }
    }

    /// The before-image, when a guard is about to be set.
    pub(crate) fn before_image(&self, context: &Context<'_>) -> Option<BeforeImage> {
        let protection = self.before.as_ref().ok()?;
        missing(protection).next()?;
        Some(BeforeImage::Protection { instance_id: context.instance_id.to_owned(), protection: protection.clone() })
    }

    /// Sets every guard that applies and is not set, concurrently. Without its before-image nothing is changed.
    pub(crate) async fn set(&mut self, context: &Context<'_>, kept: Result<()>) {
        let Ok(protection) = &self.before else { return };
        let attempts = Guard::ALL.iter().map(|guard| {
            let kept = kept.clone();
            async move {
                let attempt = if !guard.applies(protection) {
                    Attempt::Gap(SPOT.to_owned())
                } else if guard.holds(protection) {
                    Attempt::AlreadyDone
                } else if let Err(error) = kept {
                    Attempt::Failed(error)
                } else {
                    refused_by_kind(Box::pin(set(context, *guard, protection)).await)
                };
                (*guard, attempt)
            }
        });
        self.attempts = join_all(attempts).await;
    }

    /// Assesses the guards by what was read back.
    pub(crate) fn assess(&self, context: &Context<'_>, after: &Result<Protection>) -> Vec<Assessment> {
        if let Err(error) = &self.before {
            return vec![Assessment::failed("protect-instance", context.instance_id, error)];
        }
        self.attempts
            .iter()
            .map(|(guard, attempt)| {
                let read = after.as_ref().map(|after| (guard.holds(after), guard.state(after)));
                assess(guard.measure(), context.instance_id, attempt, read)
            })
            .collect()
    }
}

fn missing(protection: &Protection) -> impl Iterator<Item = Guard> {
    Guard::ALL.into_iter().filter(|guard| guard.applies(protection) && !guard.holds(protection))
}

/// Some instance types do not support the attribute (an instance-store root cannot be stopped): that is a gap, no failure.
fn refused_by_kind(result: Result<()>) -> Attempt {
    match result {
        Err(error) if error.has_code("UnsupportedOperation") => Attempt::Gap(error.message),
        result => Attempt::from_result(result),
    }
}

async fn set(context: &Context<'_>, guard: Guard, protection: &Protection) -> Result<()> {
    let call = context.target.ec2().modify_instance_attribute().instance_id(context.instance_id);
    let yes = AttributeBooleanValue::builder().value(true).build();
    let call = match guard {
        Guard::Termination => call.disable_api_termination(yes),
        Guard::Stop => call.disable_api_stop(yes),
        Guard::Shutdown => call.instance_initiated_shutdown_behavior(AttributeValue::builder().value("stop").build()),
        Guard::Volumes => {
            let dying = protection.volumes.iter().filter(|volume| volume.delete_on_termination);
            let mappings = dying.map(|volume| {
                InstanceBlockDeviceMappingSpecification::builder()
                    .device_name(&volume.device)
                    .ebs(
                        EbsInstanceBlockDeviceSpecification::builder()
                            .volume_id(&volume.volume_id)
                            .delete_on_termination(false)
                            .build(),
                    )
                    .build()
            });
            call.set_block_device_mappings(Some(mappings.collect()))
        }
    };
    call.send().await.map(|_| ()).map_err(Error::from_sdk("ec2:ModifyInstanceAttribute"))
}
