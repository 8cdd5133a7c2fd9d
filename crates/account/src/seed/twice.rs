//! Resources that a document describes twice in the same place.

use std::collections::BTreeSet;

use serde_json::Value;

use super::SeedError;

/// Command, the lists down to the descriptions, and the member with the id, per service.
const DESCRIBED: &[(&str, &str, &[&str], &str)] = &[
    ("ec2", "describe-instances", &["Reservations", "Instances"], "InstanceId"),
    ("ec2", "describe-instances", &["Reservations", "Instances", "NetworkInterfaces"], "NetworkInterfaceId"),
    ("ec2", "describe-network-interfaces", &["NetworkInterfaces"], "NetworkInterfaceId"),
    ("ec2", "describe-volumes", &["Volumes"], "VolumeId"),
    ("ec2", "describe-security-groups", &["SecurityGroups"], "GroupId"),
    ("ec2", "describe-security-group-rules", &["SecurityGroupRules"], "SecurityGroupRuleId"),
    ("ec2", "describe-vpcs", &["Vpcs"], "VpcId"),
    ("ec2", "describe-subnets", &["Subnets"], "SubnetId"),
    ("ec2", "describe-addresses", &["Addresses"], "AllocationId"),
    ("ec2", "describe-snapshots", &["Snapshots"], "SnapshotId"),
    ("ec2", "describe-iam-instance-profile-associations", &["IamInstanceProfileAssociations"], "AssociationId"),
    ("autoscaling", "describe-auto-scaling-groups", &["AutoScalingGroups"], "AutoScalingGroupName"),
    ("autoscaling", "describe-auto-scaling-groups", &["AutoScalingGroups", "Instances"], "InstanceId"),
    ("elasticloadbalancing", "describe-target-groups", &["TargetGroups"], "TargetGroupArn"),
    ("iam", "get-instance-profile", &["InstanceProfile"], "InstanceProfileName"),
    ("iam", "list-instance-profiles", &["InstanceProfiles"], "InstanceProfileName"),
    ("iam", "get-role", &["Role"], "RoleName"),
    ("iam", "list-roles", &["Roles"], "RoleName"),
    ("iam", "get-account-authorization-details", &["RoleDetailList"], "RoleName"),
    ("sns", "list-topics", &["Topics"], "TopicArn"),
    ("ssm", "describe-instance-information", &["InstanceInformationList"], "InstanceId"),
];

/// Refuses outputs of one command that describe a resource twice: one of the two would be passed over.
pub(super) fn refuse(service: &str, command: &str, outputs: &[Value]) -> Result<(), SeedError> {
    for (_, _, path, id) in DESCRIBED.iter().filter(|(of, name, ..)| *of == service && *name == command) {
        let mut seen = BTreeSet::new();
        for output in outputs {
            visit(output, path, &mut |described| {
                let Some(id) = described.get(*id).and_then(Value::as_str) else { return Ok(()) };
                if seen.insert(id.to_owned()) {
                    return Ok(());
                }
                Err(SeedError::malformed(path.join("."), format!("`{id}` is described twice")))
            })?;
        }
    }
    Ok(())
}

/// Shows `found` everything at a path; lists are looked through.
fn visit(
    value: &Value,
    path: &[&str],
    found: &mut dyn FnMut(&Value) -> Result<(), SeedError>,
) -> Result<(), SeedError> {
    match (value, path.split_first()) {
        (Value::Array(elements), _) => elements.iter().try_for_each(|element| visit(element, path, found)),
        (_, None) => found(value),
        (_, Some((first, rest))) => value.get(*first).map_or(Ok(()), |inner| visit(inner, rest, found)),
    }
}
