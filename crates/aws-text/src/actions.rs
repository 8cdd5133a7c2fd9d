//! What the Service Authorization Reference says about an IAM action: resource types, their ARN forms, condition keys.
//!
//! `actions.tsv` has the actions that the templates grant and that the simulated account knows; `cargo xtask authorization`
//! writes it.

use crate::wildcard::matches_iam;

const TABLE: &str = include_str!("actions.tsv");

/// A condition key that services of every kind may have. Others that begin with `aws:` belong to every call.
const TAG_KEYS: [&str; 3] = ["aws:requesttag/", "aws:resourcetag/", "aws:tagkeys"];

/// One row of an action.
#[derive(Debug, Clone, Copy)]
struct Row {
    /// `*`, or the form of an ARN with `${Names}` in it.
    arn: &'static str,
    keys: &'static str,
    is_resource: bool,
}

/// What the reference does not allow for: an action on a resource with condition keys. A `*` in the resource stands for
/// any text. Empty if all of it fits.
pub fn misfits<'a>(action: &str, resource: &str, keys: impl Iterator<Item = &'a str>) -> Vec<String> {
    let Some(rows) = rows(action) else { return vec![format!("{action} is no action that the table has")] };
    let fitting: Vec<Row> = rows.iter().copied().filter(|row| row.is_resource && fits(row.arn, resource)).collect();
    let has_resources = rows.iter().any(|row| row.is_resource);
    let mut misfits = Vec::new();
    if has_resources && fitting.is_empty() {
        let forms: Vec<&str> = rows.iter().filter(|row| row.is_resource).map(|row| row.arn).collect();
        misfits.push(format!("{action} is not on {resource}, but on {}", forms.join(" or ")));
    } else if !has_resources && resource != "*" {
        misfits.push(format!("{action} is on no resource, and not on {resource}"));
    }
    let of_call = rows.iter().filter(|row| !row.is_resource);
    let known: Vec<&str> = fitting.iter().chain(of_call).flat_map(|row| row.keys.split(' ')).collect();
    for key in keys.filter(|key| !is_global(key)) {
        if !known.iter().any(|known| is_key(known, key)) {
            misfits.push(format!("{action} on {resource} has no condition key {key}"));
        }
    }
    misfits
}

fn rows(action: &str) -> Option<Vec<Row>> {
    let mut lines = TABLE.lines().skip_while(|line| line.strip_prefix(">\t") != Some(action));
    lines.next()?;
    let rows = lines.take_while(|line| !line.starts_with('>')).filter_map(|line| {
        let (name, rest) = line.split_once('\t')?;
        let (arn, keys) = rest.split_once('\t')?;
        Some(Row { arn, keys, is_resource: name != "-" })
    });
    Some(rows.collect())
}

/// Whether some ARN has a form and is meant by another, which may have `*` in it. The parts are compared one by one, so
/// that no `*` spans two of them.
fn fits(form: &str, arn: &str) -> bool {
    let form = with_wildcards(form);
    let (form, arn): (Vec<&str>, Vec<&str>) = (form.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    form.len() == arn.len() && form.iter().zip(&arn).all(|(form, part)| overlap(form.as_bytes(), part.as_bytes()))
}

/// Whether some text matches both patterns, in which `*` stands for any text.
fn overlap(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([], []) => true,
        ([b'*', rest @ ..], pattern) | (pattern, [b'*', rest @ ..]) => {
            // The `*` stands for nothing, or for the next character of the other pattern and more.
            overlap(rest, pattern)
                || pattern.split_first().is_some_and(|(_, behind)| overlap(&[b"*", rest].concat(), behind))
        }
        ([a, one @ ..], [b, other @ ..]) => a == b && overlap(one, other),
        _ => false,
    }
}

/// The form with `*` for each `${Name}`.
fn with_wildcards(form: &str) -> String {
    let mut pieces = form.split("${");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + "*" + piece.split_once('}').map_or("", |(_, rest)| rest))
}

fn is_global(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.starts_with("aws:") && !TAG_KEYS.iter().any(|tag| key.starts_with(tag))
}

/// Whether a key is the one of the reference, in which `${TagKey}` stands for a name.
fn is_key(known: &str, key: &str) -> bool {
    matches_iam(&with_wildcards(known).to_ascii_lowercase(), &key.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_overlap_where_one_text_matches_both() {
        for (one, other, expected) in [
            ("targetgroup/*/*", "targetgroup/*", true),
            ("log-group:*:log-stream:*", "log-group:/aws/lambda/f:*", true),
            ("instance/*", "instance/i-1", true),
            ("instance/*", "volume/*", false),
            ("", "*", true),
            ("a*b", "a*c", false),
        ] {
            assert_eq!(overlap(one.as_bytes(), other.as_bytes()), expected, "{one} {other}");
            assert_eq!(overlap(other.as_bytes(), one.as_bytes()), expected, "{other} {one}");
        }
    }

    fn found(action: &str, resource: &str, keys: &[&str]) -> Vec<String> {
        misfits(action, resource, keys.iter().copied())
    }

    #[test]
    fn an_action_fits_its_resource_types_and_keys() {
        let snapshot = "arn:aws:ec2:eu-central-1::snapshot/*";
        assert!(
            found("ec2:LockSnapshot", snapshot, &["ec2:ResourceTag/a", "aws:PrincipalArn", "ec2:Region"]).is_empty()
        );
        assert!(found("ec2:DescribeInstances", "*", &["ec2:Region"]).is_empty());
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let instance = "arn:aws:ec2:eu-central-1:111122223333:instance/i-1";
        for (action, resource, key, expected) in [
            ("ec2:Nonsense", "*", "aws:SourceIp", "is no action"),
            (
                "ec2:LockSnapshot",
                instance,
                "ec2:Region",
                "is not on arn:aws:ec2:eu-central-1:111122223333:instance/i-1",
            ),
            ("ec2:DescribeInstances", instance, "ec2:Region", "is on no resource"),
            ("ec2:ModifyInstanceAttribute", instance, "ec2:VolumeID", "has no condition key ec2:VolumeID"),
            ("ec2:ModifyInstanceAttribute", instance, "aws:RequestTag/a", "has no condition key aws:RequestTag/a"),
        ] {
            let misfits = found(action, resource, &[key]);
            assert!(misfits.len() == 1 && misfits.iter().all(|text| text.contains(expected)), "{misfits:?}");
        }
    }
}
