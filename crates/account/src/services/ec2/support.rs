//! What of each operation is simulated.

use crate::service::{Deviation, Support};

/// What AWS does otherwise, whatever the operation.
pub(super) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        what: "a change shows in the next call, while EC2 is eventually consistent",
        why: "a replay has the same result each time it is run; what comes late is a planned fault",
    },
    Deviation {
        what: "a filter that the operation does not know here is refused with its name",
        why: "a filter is added when a function uses it",
    },
];

/// The parameters that name a group and rules of it, with others.
macro_rules! rules {
    ($others:literal) => {
        concat!(
            "CidrIp DryRun FromPort GroupId GroupName IpPermissions{FromPort IpProtocol IpRanges{CidrIp Description} ",
            "Ipv6Ranges{CidrIpv6 Description} PrefixListIds{Description PrefixListId} ToPort UserIdGroupPairs{",
            "Description GroupId GroupName PeeringStatus UserId VpcId VpcPeeringConnectionId}} IpProtocol ToPort ",
            $others
        )
    };
}

/// What each operation takes, and what AWS does otherwise.
pub(super) const SUPPORT: &[Support] = &[
    Support::of("DescribeAddresses", "AllocationIds DryRun Filters{Name Values} MaxResults NextToken PublicIps"),
    Support::of(
        "DescribeIamInstanceProfileAssociations",
        "AssociationIds DryRun Filters{Name Values} MaxResults NextToken",
    ),
    Support::of("DescribeInstanceAttribute", "Attribute DryRun InstanceId"),
    Support::of("DescribeInstances", "DryRun Filters{Name Values} InstanceIds MaxResults NextToken"),
    Support::of("DescribeLockedSnapshots", "DryRun Filters{Name Values} MaxResults NextToken SnapshotIds"),
    Support::of("DescribeNetworkInterfaces", "DryRun Filters{Name Values} MaxResults NetworkInterfaceIds NextToken"),
    Support::of("DescribeSecurityGroupRules", "DryRun Filters{Name Values} MaxResults NextToken SecurityGroupRuleIds"),
    Support::of("DescribeSecurityGroups", "DryRun Filters{Name Values} GroupIds GroupNames MaxResults NextToken"),
    Support::of("DescribeSnapshots", "DryRun Filters{Name Values} MaxResults NextToken OwnerIds SnapshotIds"),
    Support::of("DescribeSubnets", "DryRun Filters{Name Values} MaxResults NextToken SubnetIds"),
    Support::of("DescribeTags", "DryRun Filters{Name Values} MaxResults NextToken"),
    Support::of("DescribeVolumes", "DryRun Filters{Name Values} MaxResults NextToken VolumeIds"),
    Support::of("DescribeVpcs", "DryRun Filters{Name Values} MaxResults NextToken VpcIds"),
    Support::of("GetConsoleOutput", "DryRun InstanceId Latest"),
    Support::of("GetManagedPrefixListEntries", "DryRun MaxResults PrefixListId")
        .but(&[Deviation { what: "there is one page", why: "a list has at most 1,000 entries" }]),
    Support::of("AssociateIamInstanceProfile", "DryRun IamInstanceProfile{Arn Name} InstanceId").but(&[Deviation {
        what: "`iam:PassRole` is required on the role with the name of the profile",
        why: "a profile and its role have one name as the console makes them, and EC2 here does not look into IAM",
    }]),
    Support::of("AuthorizeSecurityGroupEgress", rules!("TagSpecifications{ResourceType Tags{Key Value}}")),
    Support::of("AuthorizeSecurityGroupIngress", rules!("TagSpecifications{ResourceType Tags{Key Value}}")),
    Support::of(
        "CopySnapshot",
        "Description DestinationRegion DryRun Encrypted KmsKeyId PresignedUrl SourceRegion SourceSnapshotId \
         TagSpecifications{ResourceType Tags{Key Value}}",
    )
    .but(&[
        Deviation {
            what: "`SourceRegion` must be the Region of the call",
            why: "copies stay in their Region: evidence is copied to have a key of its own",
        },
        Deviation {
            what: "a key of another account is taken for one that may be used",
            why: "there are no key policies and grants",
        },
    ]),
    Support::of(
        "CreateSecurityGroup",
        "Description DryRun GroupName TagSpecifications{ResourceType Tags{Key Value}} VpcId",
    ),
    Support::of(
        "CreateSnapshots",
        "CopyTagsFromSource Description DryRun InstanceSpecification{ExcludeBootVolume ExcludeDataVolumeIds \
         InstanceId} TagSpecifications{ResourceType Tags{Key Value}}",
    )
    .but(&[Deviation {
        what: "a snapshot takes a time that depends on the size of its volume",
        why: "the time that AWS takes varies, and a replay has one clock",
    }]),
    Support::of("CreateTags", "DryRun Resources Tags{Key Value}"),
    Support::of("DeleteSecurityGroup", "DryRun GroupId"),
    Support::of("DeleteTags", "DryRun Resources Tags{Key Value}"),
    Support::of("DisassociateAddress", "AssociationId DryRun PublicIp"),
    Support::of("DisassociateIamInstanceProfile", "AssociationId DryRun"),
    Support::of("LockSnapshot", "CoolOffPeriod DryRun ExpirationDate LockDuration LockMode SnapshotId"),
    Support::of(
        "ModifyInstanceAttribute",
        "Attribute BlockDeviceMappings{DeviceName Ebs{DeleteOnTermination VolumeId}} DisableApiStop{Value} \
         DisableApiTermination{Value} DryRun Groups InstanceId InstanceInitiatedShutdownBehavior{Value} \
         SourceDestCheck{Value} Value",
    ),
    Support::of(
        "ModifyNetworkInterfaceAttribute",
        "Attachment{AttachmentId DeleteOnTermination} Description{Value} DryRun Groups NetworkInterfaceId \
         SourceDestCheck{Value}",
    ),
    Support::of("ReplaceIamInstanceProfileAssociation", "AssociationId DryRun IamInstanceProfile{Arn Name}").but(&[
        Deviation {
            what: "`iam:PassRole` is required on the role with the name of the profile",
            why: "a profile and its role have one name as the console makes them, and EC2 here does not look into IAM",
        },
    ]),
    Support::of("RevokeSecurityGroupEgress", rules!("SecurityGroupRuleIds")),
    Support::of("RevokeSecurityGroupIngress", rules!("SecurityGroupRuleIds")),
];
