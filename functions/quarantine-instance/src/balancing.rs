//! Deregisters the instance and the addresses of its interfaces from the target groups of load balancers.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetGroup};
use futures_util::future::join_all;
use incident::host::{DEREGISTER, Membership, Registration};
use incident::{BeforeImage, Interface};
use responder::{Assessment, Attempt, Error, Result, assess, host};

use crate::context::Context;

/// The registrations of a run and the attempt to remove each.
#[derive(Default)]
pub(crate) struct Balancing {
    /// The registrations when the run began.
    before: Vec<Registration>,
    /// The registrations that an earlier run removed.
    earlier: Vec<Registration>,
    attempts: BTreeMap<Registration, Attempt>,
    /// Target groups, or lists of them, that could not be read, by target group ARN or instance id.
    unread: Vec<(String, Error)>,
    /// How many target groups exceeded the limit and were not checked.
    unchecked_groups: usize,
}

impl Balancing {
    /// Finds the registrations in the target groups of the VPCs and in those of the Auto Scaling group.
    pub(crate) async fn find(
        context: &Context<'_>,
        groups: Result<Vec<TargetGroup>>,
        membership: Option<&Membership>,
        interfaces: &[Interface],
        earlier_images: &[BeforeImage],
    ) -> Balancing {
        let mut found = Balancing::default();
        let groups = groups.unwrap_or_else(|error| {
            found.unread.push((context.instance_id.to_owned(), error));
            Vec::new()
        });
        let (of_vpcs, too_many) = host::candidates(&groups, &[], interfaces);
        found.unchecked_groups = too_many;
        let of_group = async {
            match membership {
                Some(membership) => Box::pin(host::target_groups_of(context.target, &membership.group)).await,
                None => Ok(Vec::new()),
            }
        };
        let registrations = Box::pin(host::registrations(context.target, &of_vpcs, context.instance_id, interfaces));
        let (of_group, (before, unread)) = tokio::join!(of_group, registrations);
        found.before = before;
        found.unread.extend(unread);
        match of_group {
            Err(error) => found.unread.push((context.instance_id.to_owned(), error)),
            Ok(of_group) => {
                let more: Vec<String> = of_group.into_iter().filter(|arn| !of_vpcs.contains(arn)).collect();
                let read = host::registrations(context.target, &more, context.instance_id, interfaces);
                let (before, unread) = Box::pin(read).await;
                found.before.extend(before);
                found.unread.extend(unread);
            }
        }
        found.earlier = earlier_images
            .iter()
            .filter_map(|image| match image {
                BeforeImage::Target { registration } if !found.before.contains(registration) => {
                    Some(registration.clone())
                }
                _ => None,
            })
            .collect();
        found
    }

    /// The registrations when the search itself failed or took too long.
    pub(crate) fn unknown(context: &Context<'_>, error: Error) -> Balancing {
        Balancing { unread: vec![(context.instance_id.to_owned(), error)], ..Balancing::default() }
    }

    pub(crate) fn before_images(&self) -> impl Iterator<Item = BeforeImage> {
        self.before.iter().map(|registration| BeforeImage::Target { registration: registration.clone() })
    }

    /// Deregisters with one call per target group, concurrently. `DeregisterTargets` succeeds for an absent target.
    pub(crate) async fn deregister(&mut self, context: &Context<'_>, kept: impl Fn(&BeforeImage) -> Result<()>) {
        let mut by_group: BTreeMap<&str, Vec<&Registration>> = BTreeMap::new();
        for registration in &self.before {
            match kept(&BeforeImage::Target { registration: registration.clone() }) {
                Ok(()) => by_group.entry(&registration.target_group).or_default().push(registration),
                Err(error) => drop(self.attempts.insert(registration.clone(), Attempt::Failed(error))),
            }
        }
        let calls = by_group.into_iter().map(|(group, registrations)| {
            Box::pin(async move { (deregister(context, group, &registrations).await, registrations) })
        });
        for (result, registrations) in join_all(calls).await {
            for registration in registrations {
                self.attempts.insert(registration.clone(), Attempt::from_result(result.clone()));
            }
        }
    }

    /// Reads the target groups that had a registration again.
    pub(crate) async fn read_back(
        &self,
        context: &Context<'_>,
        interfaces: &[Interface],
    ) -> (Vec<Registration>, Vec<(String, Error)>) {
        let mut groups: Vec<String> =
            self.before.iter().chain(&self.earlier).map(|found| found.target_group.clone()).collect();
        groups.sort_unstable();
        groups.dedup();
        Box::pin(host::registrations(context.target, &groups, context.instance_id, interfaces)).await
    }

    /// Assesses the registrations by what was read back.
    pub(crate) fn assess(
        &self,
        context: &Context<'_>,
        (after, unread): &(Vec<Registration>, Vec<(String, Error)>),
    ) -> Vec<Assessment> {
        let mut assessed: Vec<Assessment> = self
            .before
            .iter()
            .chain(&self.earlier)
            .map(|registration| {
                let attempt = self.attempts.get(registration).unwrap_or(&Attempt::AlreadyDone);
                let read = match unread.iter().find(|(group, _)| *group == registration.target_group) {
                    Some((_, error)) => Err(error),
                    None if after.contains(registration) => Ok((false, "registered".to_owned())),
                    None => Ok((true, "not registered or draining".to_owned())),
                };
                assess(DEREGISTER, &registration.describe(), attempt, read)
            })
            .collect();
        assessed.extend(self.unread.iter().map(|(what, error)| Assessment::failed(DEREGISTER, what, error)));
        if self.unchecked_groups > 0 {
            let why = format!(
                "{} target groups of its VPCs were not checked: check by hand whether they send it traffic",
                self.unchecked_groups
            );
            assessed.push(assess(DEREGISTER, context.instance_id, &Attempt::Gap(why), Ok((false, String::new()))));
        }
        assessed
    }
}

async fn deregister(context: &Context<'_>, group: &str, registrations: &[&Registration]) -> Result<()> {
    let targets = registrations.iter().map(|registration| {
        TargetDescription::builder()
            .id(&registration.target)
            .set_port(registration.port)
            .set_availability_zone(registration.availability_zone.clone())
            .build()
    });
    context
        .target
        .load_balancing()
        .deregister_targets()
        .target_group_arn(group)
        .set_targets(Some(targets.collect()))
        .send()
        .await
        .map(|_| ())
        .map_err(Error::from_sdk("elasticloadbalancing:DeregisterTargets"))
}
