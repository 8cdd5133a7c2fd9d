//! Disassociates Elastic IP addresses: nothing outside reaches the host through them any more, and tracked flows lose the
//! address translation that they depend on.

use futures_util::future::join_all;
use incident::host::{DISASSOCIATE_ADDRESS, ElasticAddress};
use incident::{BeforeImage, Interface};
use responder::{Assessment, Attempt, Error, Result, assess};

use crate::context::Context;

/// The addresses of a run and the attempt to disassociate each.
pub(crate) struct Addresses {
    /// The associated addresses, and whether an AWS service manages the interface.
    before: Vec<(ElasticAddress, bool)>,
    /// The addresses that an earlier run disassociated.
    earlier: Vec<ElasticAddress>,
    attempts: Vec<Attempt>,
}

impl Addresses {
    pub(crate) fn new(interfaces: &[Interface], earlier_images: &[BeforeImage]) -> Addresses {
        let before: Vec<(ElasticAddress, bool)> = interfaces
            .iter()
            .flat_map(|interface| {
                interface.elastic_addresses.iter().map(|address| (address.clone(), interface.requester_managed))
            })
            .collect();
        let is_there =
            |address: &ElasticAddress| before.iter().any(|(it, _)| it.allocation_id == address.allocation_id);
        let earlier = earlier_images
            .iter()
            .filter_map(|image| match image {
                BeforeImage::ElasticAddress { address } if !is_there(address) => Some(address.clone()),
                _ => None,
            })
            .collect();
        Addresses { before, earlier, attempts: Vec::new() }
    }

    pub(crate) fn before_images(&self) -> impl Iterator<Item = BeforeImage> {
        let ours = self.before.iter().filter(|(_, managed)| !managed);
        ours.map(|(address, _)| BeforeImage::ElasticAddress { address: address.clone() })
    }

    /// Disassociates the addresses concurrently.
    pub(crate) async fn disassociate(&mut self, context: &Context<'_>, kept: impl Fn(&BeforeImage) -> Result<()>) {
        let attempts = self.before.iter().map(|(address, managed)| {
            let kept = (!managed).then(|| kept(&BeforeImage::ElasticAddress { address: address.clone() }));
            async move {
                match kept {
                    None => Attempt::Gap(format!("{} is managed by an AWS service", address.interface_id)),
                    Some(Err(error)) => Attempt::Failed(error),
                    Some(Ok(())) => match Box::pin(disassociate(context, address)).await {
                        // Someone else, or an attempt whose answer was lost, has disassociated it.
                        Err(error) if error.has_code("InvalidAssociationID.NotFound") => Attempt::AlreadyDone,
                        result => Attempt::from_result(result),
                    },
                }
            }
        });
        self.attempts = join_all(attempts).await;
    }

    /// Assesses the addresses by the interfaces that were read back.
    pub(crate) fn assess(&self, interfaces: &[Interface]) -> Vec<Assessment> {
        let read = |address: &ElasticAddress| -> Result<(bool, String), &Error> {
            let mut associated = interfaces.iter().flat_map(|interface| &interface.elastic_addresses);
            Ok(match associated.find(|found| found.allocation_id == address.allocation_id) {
                Some(found) => (false, format!("{} is on {}", found.public_ip, found.interface_id)),
                None => (true, format!("{} is on no interface of the instance", address.public_ip)),
            })
        };
        let tried = self.before.iter().zip(&self.attempts);
        let assessed = |address: &ElasticAddress, attempt: &Attempt| {
            assess(DISASSOCIATE_ADDRESS, &address.allocation_id, attempt, read(address))
        };
        tried
            .map(|((address, _), attempt)| assessed(address, attempt))
            .chain(self.earlier.iter().map(|address| assessed(address, &Attempt::AlreadyDone)))
            .collect()
    }
}

async fn disassociate(context: &Context<'_>, address: &ElasticAddress) -> Result<()> {
    let call = context.target.ec2().disassociate_address().association_id(&address.association_id);
    call.send().await.map(|_| ()).map_err(Error::from_sdk("ec2:DisassociateAddress"))
}
