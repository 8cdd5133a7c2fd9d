//! Amazon EC2: instances, interfaces, security groups, volumes, snapshots, tags, networks and profile associations.
//!
//! Operations see parameters in SDK names and return members in the names of responses, which filters look at too.

mod copies;
mod err;
mod groups;
mod hosting;
mod instances;
mod interfaces;
mod locks;
mod needs;
mod network;
mod prefix_lists;
mod profiles;
mod render;
mod request;
mod rules;
mod seed;
mod snapshots;
mod state;
mod support;
mod tags;
mod view;

#[cfg(test)]
mod evidence_tests;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::model::Model;
use crate::operation::{Needs, Operation, Refusal, Refusals, Scope, Service};

pub use locks::LockState;
pub use state::State;
pub use view::{GroupView, InstanceView, InterfaceView, RuleView, SnapshotView};

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// Amazon EC2: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "ec2",
    scope: Scope::Regional,
    refusals: Refusals {
        unknown_key: Refusal {
            code: "AuthFailure",
            message: "AWS was not able to validate the provided access credentials",
            status: 401,
        },
        expired_token: Refusal { code: "RequestExpired", message: "Request has expired.", status: 400 },
        access_denied: Refusal {
            code: "UnauthorizedOperation",
            message: "You are not authorized to perform this operation. ",
            status: 403,
        },
        throttled: Refusal { code: "RequestLimitExceeded", message: "Request limit exceeded.", status: 503 },
        server_error: Refusal { code: "InternalError", message: "An internal error has occurred", status: 500 },
    },
    model: &MODEL,
    operations: &[
        Operation::read("DescribeAddresses", Needs::AnyResource, network::describe_addresses),
        Operation::read("DescribeIamInstanceProfileAssociations", Needs::AnyResource, profiles::describe),
        Operation::read("DescribeInstanceAttribute", Needs::Of(needs::instance_attribute), instances::attribute),
        Operation::read("DescribeInstances", Needs::AnyResource, instances::describe).taking(120),
        Operation::read("DescribeLockedSnapshots", Needs::AnyResource, locks::describe),
        Operation::read("DescribeNetworkInterfaces", Needs::AnyResource, interfaces::describe).taking(90),
        Operation::read("DescribeSecurityGroupRules", Needs::AnyResource, rules::describe),
        Operation::read("DescribeSecurityGroups", Needs::AnyResource, groups::describe),
        Operation::read("DescribeSnapshots", Needs::AnyResource, snapshots::describe).taking(90),
        Operation::read("DescribeSubnets", Needs::AnyResource, network::describe_subnets),
        Operation::read("DescribeTags", Needs::AnyResource, tags::describe),
        Operation::read("DescribeVolumes", Needs::AnyResource, snapshots::describe_volumes).taking(90),
        Operation::read("DescribeVpcs", Needs::AnyResource, network::describe_vpcs),
        Operation::read("GetConsoleOutput", Needs::Of(needs::console_output), instances::console_output),
        Operation::read("GetManagedPrefixListEntries", Needs::Of(prefix_lists::needs), prefix_lists::entries),
        Operation::write("AssociateIamInstanceProfile", Needs::Of(needs::associate_profile), profiles::associate),
        Operation::write("AuthorizeSecurityGroupEgress", Needs::Of(needs::authorize_egress), rules::authorize_egress),
        Operation::write(
            "AuthorizeSecurityGroupIngress",
            Needs::Of(needs::authorize_ingress),
            rules::authorize_ingress,
        ),
        Operation::write("CopySnapshot", Needs::Of(copies::needs), copies::copy).taking(400),
        Operation::write("CreateSecurityGroup", Needs::Of(needs::create_group), groups::create).taking(250),
        Operation::write("CreateSnapshots", Needs::Of(needs::create_snapshots), snapshots::create_all).taking(900),
        Operation::write("CreateTags", Needs::Of(needs::create_tags), tags::create),
        Operation::write("DeleteSecurityGroup", Needs::Of(needs::delete_group), groups::delete),
        Operation::write("DeleteTags", Needs::Of(needs::delete_tags), tags::delete),
        Operation::write("DisassociateAddress", Needs::Of(needs::disassociate_address), network::disassociate_address),
        Operation::write(
            "DisassociateIamInstanceProfile",
            Needs::Of(needs::disassociate_profile),
            profiles::disassociate,
        ),
        Operation::write("LockSnapshot", Needs::Of(needs::lock_snapshot), locks::lock),
        Operation::write("ModifyInstanceAttribute", Needs::Of(needs::modify_instance), instances::modify),
        Operation::write("ModifyNetworkInterfaceAttribute", Needs::Of(needs::modify_interface), interfaces::modify),
        Operation::write("ReplaceIamInstanceProfileAssociation", Needs::Of(needs::replace_profile), profiles::replace),
        Operation::write("RevokeSecurityGroupEgress", Needs::Of(needs::revoke_egress), rules::revoke_egress),
        Operation::write("RevokeSecurityGroupIngress", Needs::Of(needs::revoke_ingress), rules::revoke_ingress),
    ],
    support: support::SUPPORT,
    state: |region| &mut region.ec2,
    seed: seed::load,
};
