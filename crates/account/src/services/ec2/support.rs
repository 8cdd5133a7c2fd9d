//! What of each operation is simulated.

use crate::service::Support;

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
    Support::of("GetManagedPrefixListEntries", "DryRun MaxResults PrefixListId"),
    Support::of("AssociateIamInstanceProfile", "DryRun IamInstanceProfile{Arn Name} InstanceId"),
    Support::of(
        "AuthorizeSecurityGroupEgress",
        "CidrIp DryRun FromPort GroupId GroupName IpPermissions{FromPort IpProtocol IpRanges{CidrIp Description} \
         Ipv6Ranges{CidrIpv6 Description} PrefixListIds{Description PrefixListId} ToPort \
         UserIdGroupPairs{Description GroupId}} IpProtocol ToPort TagSpecifications{ResourceType Tags{Key Value}}",
    ),
    Support::of(
        "AuthorizeSecurityGroupIngress",
        "CidrIp DryRun FromPort GroupId GroupName IpPermissions{FromPort IpProtocol IpRanges{CidrIp Description} \
         Ipv6Ranges{CidrIpv6 Description} PrefixListIds{Description PrefixListId} ToPort \
         UserIdGroupPairs{Description GroupId}} IpProtocol ToPort TagSpecifications{ResourceType Tags{Key Value}}",
    ),
    Support::of(
        "CopySnapshot",
        "Description DestinationRegion DryRun Encrypted KmsKeyId PresignedUrl SourceRegion SourceSnapshotId \
         TagSpecifications{ResourceType Tags{Key Value}}",
    ),
    Support::of(
        "CreateSecurityGroup",
        "Description DryRun GroupName TagSpecifications{ResourceType Tags{Key Value}} VpcId",
    ),
    Support::of(
        "CreateSnapshots",
        "CopyTagsFromSource Description DryRun InstanceSpecification{ExcludeBootVolume ExcludeDataVolumeIds \
         InstanceId} TagSpecifications{ResourceType Tags{Key Value}}",
    ),
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
    Support::of("ReplaceIamInstanceProfileAssociation", "AssociationId DryRun IamInstanceProfile{Arn Name}"),
    Support::of(
        "RevokeSecurityGroupEgress",
        "CidrIp DryRun FromPort GroupId GroupName IpPermissions{FromPort IpProtocol IpRanges{CidrIp Description} \
         Ipv6Ranges{CidrIpv6 Description} PrefixListIds{Description PrefixListId} ToPort \
         UserIdGroupPairs{Description GroupId}} IpProtocol ToPort SecurityGroupRuleIds",
    ),
    Support::of(
        "RevokeSecurityGroupIngress",
        "CidrIp DryRun FromPort GroupId GroupName IpPermissions{FromPort IpProtocol IpRanges{CidrIp Description} \
         Ipv6Ranges{CidrIpv6 Description} PrefixListIds{Description PrefixListId} ToPort \
         UserIdGroupPairs{Description GroupId}} IpProtocol ToPort SecurityGroupRuleIds",
    ),
];
