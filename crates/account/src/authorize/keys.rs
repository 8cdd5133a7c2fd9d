/// Condition keys that the simulation gives to a call, in lower case: keys are compared without regard to case.
///
/// The keys of every call come from the principal and the connection; the others from the operations that the
/// Service Authorization Reference lists them for. A key that ends in `/` takes a tag key or path after it.
const SUPPLIED: &[&str] = &[
    // Every call.
    "aws:currenttime",
    "aws:epochtime",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:securetransport",
    "aws:userid",
    // Calls on tagged resources, and calls that tag.
    "aws:requesttag/",
    "aws:resourcetag/",
    "aws:tagkeys",
    // Amazon EC2 Auto Scaling, Elastic Load Balancing.
    "autoscaling:resourcetag/",
    "elasticloadbalancing:resourcetag/",
    // Amazon EC2.
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
    // AWS KMS.
    "kms:calleraccount",
    "kms:grantisforawsresource",
    "kms:viaservice",
    // Amazon DynamoDB.
    "dynamodb:enclosingoperation",
    "dynamodb:leadingkeys",
    "dynamodb:returnvalues",
    "dynamodb:select",
    // AWS IAM.
    "iam:passedtoservice",
    "iam:permissionsboundary",
    "iam:resourcetag/",
    // AWS Security Hub.
    "securityhub:asffsyntaxpath/",
    // AWS STS.
    "sts:externalid",
    "sts:rolesessionname",
];

/// Whether a simulated call can carry the condition key `key` (compared without regard to case).
///
/// A policy with any other key is refused when it is loaded: with a key nobody supplies a statement would quietly
/// never, or always, match.
pub fn is_supplied(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    SUPPLIED.iter().any(|known| match known.strip_suffix('/') {
        Some(family) => {
            key.strip_prefix(family).and_then(|rest| rest.strip_prefix('/')).is_some_and(|name| !name.is_empty())
        }
        None => key == *known,
    })
}
