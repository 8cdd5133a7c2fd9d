//! AWS partitions, Regions and account ids.

/// A partition of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// The name in ARNs: `aws-us-gov`.
    pub name: &'static str,
    /// What the names of its Regions begin with; empty for `aws`, whose Regions have many prefixes.
    pub region_prefix: &'static str,
    /// The Region that requests to the global services, such as IAM, are signed for. It is also their
    /// `aws:RequestedRegion`.
    pub home_region: &'static str,
}

/// All partitions; `aws` last, because every other Region is in it.
///
/// Source: botocore, `partitions.json` and the endpoint rules of IAM; `botocore.json` beside this file holds what they
/// say.
pub const PARTITIONS: [Partition; 8] = [
    partition("aws-cn", "cn-", "cn-north-1"),
    partition("aws-us-gov", "us-gov-", "us-gov-west-1"),
    partition("aws-iso", "us-iso-", "us-iso-east-1"),
    partition("aws-iso-b", "us-isob-", "us-isob-east-1"),
    partition("aws-iso-e", "eu-isoe-", "eu-isoe-west-1"),
    partition("aws-iso-f", "us-isof-", "us-isof-south-1"),
    partition("aws-eusc", "eusc-", "eusc-de-east-1"),
    AWS,
];

const AWS: Partition = partition("aws", "", "us-east-1");

const fn partition(name: &'static str, region_prefix: &'static str, home_region: &'static str) -> Partition {
    Partition { name, region_prefix, home_region }
}

/// The partition that a Region belongs to.
pub fn partition_of(region: &str) -> Partition {
    PARTITIONS.into_iter().find(|partition| region.starts_with(partition.region_prefix)).unwrap_or(AWS)
}

/// The name of the partition that a Region belongs to.
///
/// ```
/// assert_eq!(aws_text::partition::of_region("us-gov-west-1"), "aws-us-gov");
/// assert_eq!(aws_text::partition::of_region("eu-central-1"), "aws");
/// ```
pub fn of_region(region: &str) -> &'static str {
    partition_of(region).name
}

/// The Region that requests to global services are signed for, in the partition of a Region.
///
/// ```
/// assert_eq!(aws_text::partition::home_region("us-gov-east-1"), "us-gov-west-1");
/// ```
pub fn home_region(region: &str) -> &'static str {
    partition_of(region).home_region
}

/// Whether a text has the form of a Region: lower-case parts joined by hyphens, a number last (`ap-southeast-2`).
pub fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let last_is_number = parts
        .next_back()
        .is_some_and(|last| !last.is_empty() && last.len() <= 2 && last.chars().all(|c| c.is_ascii_digit()));
    let rest: Vec<&str> = parts.collect();
    last_is_number
        && (2..=4).contains(&rest.len())
        && rest.iter().all(|part| (1..=12).contains(&part.len()) && part.chars().all(|c| c.is_ascii_lowercase()))
}

/// Whether a text has the form of an account id. AWS accounts have 12 digits; recorded events whose ids were replaced
/// have up to 13, and refusing those would lose the finding.
pub fn is_account(text: &str) -> bool {
    (12..=13).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]

    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// What `tests/python/partitions.py` reads from botocore.
    fn botocore() -> Vec<Value> {
        serde_json::from_str(include_str!("botocore.json")).unwrap()
    }

    #[test]
    fn the_table_is_what_botocore_says() {
        let ours: BTreeSet<&str> = PARTITIONS.iter().map(|partition| partition.name).collect();
        let botocore = botocore();
        let theirs: BTreeSet<&str> = botocore.iter().map(|it| it["partition"].as_str().unwrap()).collect();
        assert_eq!(ours, theirs);
        for it in &botocore {
            let (name, home) = (it["partition"].as_str().unwrap(), it["home_region"].as_str().unwrap());
            let regions = it["regions"].as_array().unwrap();
            assert!(!regions.is_empty());
            for region in regions {
                let region = region.as_str().unwrap();
                assert!(is_region(region), "{region}");
                assert_eq!((of_region(region), home_region(region)), (name, home), "{region}");
            }
        }
    }

    #[test]
    fn forms() {
        for region in ["", "us", "us-east", "US-EAST-1", "us-east-1;ls", "us--1", "-1", "a-b-c-d-e-1"] {
            assert!(!is_region(region), "{region}");
        }
        assert!(is_account("111122223333") && !is_account("11112222333x") && !is_account(""));
    }
}
