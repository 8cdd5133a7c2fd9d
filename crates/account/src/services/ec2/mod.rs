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
mod network;
mod permissions;
mod prefix_lists;
mod profiles;
mod read;
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

use crate::base::Refusal;
use crate::model::Model;
use crate::service::{Described, Operation, Refusals, Requires, Scope, Seeding, Service};
use crate::state::Region;

pub use locks::LockState;
pub use read::ReadEc2;
pub use state::State;
pub use view::{GroupView, InstanceView, InterfaceView, RuleView, SnapshotView};

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// Amazon EC2: names, protocol and operations.
pub(crate) static SERVICE: Service<State> = Service {
    name: "ec2",
    cli_name: "ec2",
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
    condition_keys: &[
        "ec2:createaction",
        "ec2:encrypted",
        "ec2:instanceid",
        "ec2:instanceprofile",
        "ec2:instancetype",
        "ec2:networkinterfaceid",
        "ec2:region",
        "ec2:resourcetag/",
        "ec2:securitygroupid",
        "ec2:vpc",
        "ec2:vpcid",
        "ec2:volumeid",
    ],
    operations: &[
        Operation::read("DescribeAddresses", Requires::AnyResource, network::describe_addresses),
        Operation::read("DescribeIamInstanceProfileAssociations", Requires::AnyResource, profiles::describe),
        Operation::read(
            "DescribeInstanceAttribute",
            Requires::Permissions(permissions::instance_attribute),
            instances::attribute,
        ),
        Operation::read("DescribeInstances", Requires::AnyResource, instances::describe).taking(120),
        Operation::read("DescribeLockedSnapshots", Requires::AnyResource, locks::describe),
        Operation::read("DescribeNetworkInterfaces", Requires::AnyResource, interfaces::describe).taking(90),
        Operation::read("DescribeSecurityGroupRules", Requires::AnyResource, rules::describe),
        Operation::read("DescribeSecurityGroups", Requires::AnyResource, groups::describe),
        Operation::read("DescribeSnapshots", Requires::AnyResource, snapshots::describe).taking(90),
        Operation::read("DescribeSubnets", Requires::AnyResource, network::describe_subnets),
        Operation::read("DescribeTags", Requires::AnyResource, tags::describe),
        Operation::read("DescribeVolumes", Requires::AnyResource, snapshots::describe_volumes).taking(90),
        Operation::read("DescribeVpcs", Requires::AnyResource, network::describe_vpcs),
        Operation::read(
            "GetConsoleOutput",
            Requires::Permissions(permissions::console_output),
            instances::console_output,
        ),
        Operation::read(
            "GetManagedPrefixListEntries",
            Requires::Permissions(prefix_lists::permissions),
            prefix_lists::entries,
        ),
        Operation::write(
            "AssociateIamInstanceProfile",
            Requires::Permissions(permissions::associate_profile),
            profiles::associate,
        ),
        Operation::write(
            "AuthorizeSecurityGroupEgress",
            Requires::Permissions(permissions::authorize_egress),
            rules::authorize_egress,
        ),
        Operation::write(
            "AuthorizeSecurityGroupIngress",
            Requires::Permissions(permissions::authorize_ingress),
            rules::authorize_ingress,
        ),
        Operation::write("CopySnapshot", Requires::Permissions(copies::permissions), copies::copy).taking(400),
        Operation::write("CreateSecurityGroup", Requires::Permissions(permissions::create_group), groups::create)
            .taking(250),
        Operation::write(
            "CreateSnapshots",
            Requires::Permissions(permissions::create_snapshots),
            snapshots::create_all,
        )
        .taking(900),
        Operation::write("CreateTags", Requires::Permissions(permissions::create_tags), tags::create),
        Operation::write("DeleteSecurityGroup", Requires::Permissions(permissions::delete_group), groups::delete),
        Operation::write("DeleteTags", Requires::Permissions(permissions::delete_tags), tags::delete),
        Operation::write(
            "DisassociateAddress",
            Requires::Permissions(permissions::disassociate_address),
            network::disassociate_address,
        ),
        Operation::write(
            "DisassociateIamInstanceProfile",
            Requires::Permissions(permissions::disassociate_profile),
            profiles::disassociate,
        ),
        Operation::write("LockSnapshot", Requires::Permissions(permissions::lock_snapshot), locks::lock),
        Operation::write(
            "ModifyInstanceAttribute",
            Requires::Permissions(permissions::modify_instance),
            instances::modify,
        ),
        Operation::write(
            "ModifyNetworkInterfaceAttribute",
            Requires::Permissions(permissions::modify_interface),
            interfaces::modify,
        ),
        Operation::write(
            "ReplaceIamInstanceProfileAssociation",
            Requires::Permissions(permissions::replace_profile),
            profiles::replace,
        ),
        Operation::write(
            "RevokeSecurityGroupEgress",
            Requires::Permissions(permissions::revoke_egress),
            rules::revoke_egress,
        ),
        Operation::write(
            "RevokeSecurityGroupIngress",
            Requires::Permissions(permissions::revoke_ingress),
            rules::revoke_ingress,
        ),
    ],
    support: support::SUPPORT,
    deviations: support::DEVIATIONS,
    install: Region::with::<State>,
    advance: Some(copies::advance),
    seeding: Seeding {
        load: seed::load,
        described: &[
            Described::new("describe-instances", &["Reservations", "Instances"], "InstanceId"),
            Described::new(
                "describe-instances",
                &["Reservations", "Instances", "NetworkInterfaces"],
                "NetworkInterfaceId",
            ),
            Described::new("describe-network-interfaces", &["NetworkInterfaces"], "NetworkInterfaceId"),
            Described::new("describe-volumes", &["Volumes"], "VolumeId"),
            Described::new("describe-security-groups", &["SecurityGroups"], "GroupId"),
            Described::new("describe-security-group-rules", &["SecurityGroupRules"], "SecurityGroupRuleId"),
            Described::new("describe-vpcs", &["Vpcs"], "VpcId"),
            Described::new("describe-subnets", &["Subnets"], "SubnetId"),
            Described::new("describe-addresses", &["Addresses"], "AllocationId"),
            Described::new("describe-snapshots", &["Snapshots"], "SnapshotId"),
            Described::new(
                "describe-iam-instance-profile-associations",
                &["IamInstanceProfileAssociations"],
                "AssociationId",
            ),
        ],
        complete: Some(seed::complete),
    },
};
