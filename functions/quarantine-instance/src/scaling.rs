//! Takes the instance out of its Auto Scaling group before it is isolated, because a failing health check would terminate
//! it and destroy the evidence. The desired capacity stays, so that the group launches a replacement.

use incident::BeforeImage;
use incident::host::{Membership, STANDBY};
use responder::{Assessment, Attempt, Error, Result, assess, host};

use crate::context::Context;

/// The group of the instance and the attempt to leave it.
pub(crate) struct Scaling {
    /// The membership before the run, or why it could not be read.
    before: Result<Option<Membership>>,
    /// Whether an earlier run took the instance out of a group.
    earlier: bool,
    attempt: Attempt,
}

impl Scaling {
    pub(crate) fn new(before: Result<Option<Membership>>, earlier_images: &[BeforeImage]) -> Scaling {
        let earlier = earlier_images.iter().any(|image| matches!(image, BeforeImage::AutoScaling { .. }));
        Scaling { before, earlier, attempt: Attempt::AlreadyDone }
    }

    /// The group in which the instance is in service.
    fn in_service(&self) -> Option<&Membership> {
        self.before.as_ref().ok()?.as_ref().filter(|membership| !membership.is_out_of_service())
    }

    /// The before-image, when the instance is about to leave its group.
    pub(crate) fn before_image(&self, context: &Context<'_>) -> Option<BeforeImage> {
        let membership = self.in_service()?.clone();
        Some(BeforeImage::AutoScaling { instance_id: context.instance_id.to_owned(), membership })
    }

    /// Puts the instance into Standby, which a release can undo. If Auto Scaling refuses that permanently, detaches it, which
    /// also keeps the desired capacity. A transient failure is left to the next run.
    pub(crate) async fn leave_group(&mut self, context: &Context<'_>, kept: Result<()>) {
        let Some(membership) = self.in_service() else { return };
        self.attempt = match kept {
            Err(error) => Attempt::Failed(error),
            Ok(()) => match standby(context, &membership.group).await {
                Ok(()) => Attempt::Changed(None),
                Err(refused) if refused.is_transient() => Attempt::Failed(refused),
                Err(refused) => detach_instead(context, &membership.group, refused).await,
            },
        };
    }

    /// Assesses the membership by what was read back; `None` when the instance was never in a group.
    pub(crate) fn assess(&self, context: &Context<'_>, after: &Result<Option<Membership>>) -> Option<Assessment> {
        match &self.before {
            Err(error) => return Some(Assessment::failed(STANDBY, context.instance_id, error)),
            Ok(None) if !self.earlier => return None,
            Ok(_) => {}
        }
        let read = after.as_ref().map(|after| match after {
            None => (true, "in no Auto Scaling group".to_owned()),
            Some(membership) => {
                (membership.is_out_of_service(), format!("{} in {}", membership.lifecycle_state, membership.group))
            }
        });
        Some(assess(STANDBY, context.instance_id, &self.attempt, read))
    }
}

/// Detaches the instance after Standby was refused, unless it is out of service: the refusal may answer a repeat whose
/// first answer was lost.
async fn detach_instead(context: &Context<'_>, group: &str, refused: Error) -> Attempt {
    match host::membership(context.target, context.instance_id).await {
        Ok(None) => return Attempt::Changed(None),
        Ok(Some(membership)) if membership.is_out_of_service() => return Attempt::Changed(None),
        _ => {}
    }
    match detach(context, group).await {
        Ok(()) => Attempt::Changed(Some(format!("standby was refused ({refused}), so it was detached"))),
        Err(error) => Attempt::Failed(Error {
            message: format!("{refused}; {error}; a failing health check can terminate the instance"),
            ..error
        }),
    }
}

async fn standby(context: &Context<'_>, group: &str) -> Result<()> {
    let call = context.target.auto_scaling().enter_standby();
    call.auto_scaling_group_name(group)
        .instance_ids(context.instance_id)
        .should_decrement_desired_capacity(false)
        .send()
        .await
        .map(|_| ())
        .map_err(Error::from_sdk("autoscaling:EnterStandby"))
}

async fn detach(context: &Context<'_>, group: &str) -> Result<()> {
    let call = context.target.auto_scaling().detach_instances();
    call.auto_scaling_group_name(group)
        .instance_ids(context.instance_id)
        .should_decrement_desired_capacity(false)
        .send()
        .await
        .map(|_| ())
        .map_err(Error::from_sdk("autoscaling:DetachInstances"))
}
