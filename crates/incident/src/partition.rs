//! AWS partitions, Regions and account ids as they appear in findings.

/// The partition a Region belongs to, by the Region's prefix: `aws`, `aws-cn`, `aws-us-gov`, `aws-iso`, `aws-iso-b`,
/// `aws-iso-e`, `aws-iso-f` or `aws-eusc` (botocore `endpoints.json`, key `partitions`).
///
/// ```
/// assert_eq!(incident::partition::of_region("us-gov-west-1"), "aws-us-gov");
/// assert_eq!(incident::partition::of_region("eu-central-1"), "aws");
/// ```
pub fn of_region(region: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
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
    use super::*;

    #[test]
    fn forms() {
        for region in ["us-east-1", "us-gov-west-1", "ap-southeast-2", "eusc-de-east-1", "us-iso-east-1"] {
            assert!(is_region(region), "{region}");
        }
        for region in ["", "us", "us-east", "US-EAST-1", "us-east-1;ls", "us--1", "-1", "a-b-c-d-e-1"] {
            assert!(!is_region(region), "{region}");
        }
        assert_eq!(of_region("us-isob-east-1"), "aws-iso-b");
        assert!(is_account("111122223333") && !is_account("11112222333x") && !is_account(""));
    }
}
