//! The instance profile that a finding names, with its role, which no finding names.

use std::collections::BTreeSet;

use account::unique_id;
use incident::Incident;
use serde_json::{Map, Value, json};

use super::{made_up, text};

/// A profile of the incident's account.
struct Profile<'a> {
    arn: &'a str,
    id: Option<&'a str>,
    /// With both slashes.
    path: String,
    name: &'a str,
}

/// Adds the association of the profile that the finding names to `ec2`, and returns the profile and its role for `iam`.
/// A text that names no profile of the incident's account adds only a note.
pub(super) fn add(
    incident: &Incident,
    instance: &str,
    named: &Value,
    ec2: &mut Map<String, Value>,
    notes: &mut Vec<String>,
) -> Option<Value> {
    let Some(profile) = profile_of(incident, named) else {
        if text(named, "arn").is_some() {
            notes.push("instance profile: none, for what the finding names is no profile of this account".to_owned());
        }
        return None;
    };
    let Profile { arn, id, path, name } = &profile;
    let id = id.map_or_else(|| unique_id("AIPA", arn), str::to_owned);
    ec2.insert(
        "describe-iam-instance-profile-associations".into(),
        json!({"IamInstanceProfileAssociations": [{
            "AssociationId": made_up("iip-assoc", &[instance]), "InstanceId": instance, "State": "associated",
            "IamInstanceProfile": {"Arn": arn, "Id": id},
        }]}),
    );
    // Names of roles are shorter than those of profiles.
    let role: String = name.chars().take(64).collect();
    let role_arn = format!("arn:{}:iam::{}:role{path}{role}", incident.partition, incident.account);
    let role_id = unique_id("AROA", &role_arn);
    notes.push(format!(
        "instance profile {name}: has the role {role} ({role_id}) with the attached policy AdministratorAccess, which no other instance has"
    ));
    let policy = format!("arn:{}:iam::aws:policy/AdministratorAccess", incident.partition);
    Some(json!({
        "get-instance-profile": {"InstanceProfile": {
            "Path": path, "InstanceProfileName": name, "InstanceProfileId": id, "Arn": arn,
            "Roles": [{"Path": path, "RoleName": role, "RoleId": role_id, "Arn": role_arn}],
        }},
        "list-attached-role-policies": {
            "RoleName": role, "AttachedPolicies": [{"PolicyName": "AdministratorAccess", "PolicyArn": policy}],
        },
    }))
}

fn profile_of<'a>(incident: &Incident, named: &'a Value) -> Option<Profile<'a>> {
    let arn = text(named, "arn")?;
    let account = format!("arn:{}:iam::{}:instance-profile/", incident.partition, incident.account);
    let rest = arn.strip_prefix(&account)?;
    let (path, name) = rest.rsplit_once('/').map_or(("/".to_owned(), rest), |(path, name)| (format!("/{path}/"), name));
    // The characters that IAM allows in names and paths: a finding is not trusted.
    let of_name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let fits = (1..=128).contains(&name.len()) && name.chars().all(of_name);
    let fits = fits && path.len() <= 512 && path.chars().all(|c| c.is_ascii_graphic());
    fits.then(|| Profile { arn, id: text(named, "id"), path, name })
}

/// The roles that are made up for an `account.json`, in sentences: one for each profile that an instance has and `iam`
/// does not describe. Where all profiles are listed nothing is made up.
pub(crate) fn assumed_roles(account: &Value) -> Vec<String> {
    let iam = account.get("iam").unwrap_or(&Value::Null);
    if iam.get("list-instance-profiles").is_some() {
        return Vec::new();
    }
    let mut described = BTreeSet::new();
    each_object(iam, &mut |object| described.extend(object.get("InstanceProfileName").and_then(Value::as_str)));
    let mut had = BTreeSet::new();
    each_object(account.get("ec2").unwrap_or(&Value::Null), &mut |object| {
        let arn = object.get("IamInstanceProfile").and_then(|profile| text(profile, "Arn"));
        had.extend(arn.and_then(|arn| arn.rsplit('/').next()));
    });
    let missing = had.difference(&described);
    missing.map(|name| format!(
        "instance profile {}: a role of its name with the policy AdministratorAccess, for account.json does not describe it",
        incident::text::line(name, 128)
    )).collect()
}

fn each_object<'a>(value: &'a Value, visit: &mut impl FnMut(&'a Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(object);
            object.values().for_each(|value| each_object(value, visit));
        }
        Value::Array(values) => values.iter().for_each(|value| each_object(value, visit)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]

    use account::ec2::ReadEc2;
    use account::iam::ReadIam;
    use account::{Setup, Timestamp, World};
    use incident::finding::{self, Event};

    use super::*;

    const INSTANCE: &str = "i-0ddddddddddddddd1";

    /// The account made from a finding that names this profile, loaded, and what was noted of the profile.
    fn assumed(profile: Value) -> (World, Vec<String>) {
        loaded(json!({"instanceId": INSTANCE, "iamInstanceProfile": profile}))
    }

    fn loaded(details: Value) -> (World, Vec<String>) {
        let event = json!({
            "version": "0", "id": "1", "detail-type": "GuardDuty Finding", "source": "aws.guardduty",
            "account": "111122223333", "time": "2026-03-01T12:00:00Z", "region": "eu-central-1", "resources": [],
            "detail": {
                "schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-central-1", "partition": "aws",
                "id": "f1", "arn": "arn:aws:guardduty:eu-central-1:111122223333:detector/d/finding/f1",
                "type": "CryptoCurrency:EC2/BitcoinTool.B!DNS", "severity": 8,
                "resource": {"resourceType": "Instance", "instanceDetails": details},
                "service": {"serviceName": "guardduty", "detectorId": "d", "resourceRole": "TARGET", "archived": false, "count": 1,
                    "eventFirstSeen": "2026-03-01T11:00:00Z", "eventLastSeen": "2026-03-01T11:00:00Z"},
                "title": "t", "description": "d", "createdAt": "2026-03-01T11:00:00Z", "updatedAt": "2026-03-01T11:00:00Z",
            }
        });
        let Event::GuardDuty(finding) = finding::parse(&event).unwrap() else { unreachable!("a finding") };
        let made = crate::synthesize::synthesize_account(&Incident::from_finding(&finding), &event);
        let world = World::new(Setup { started_at: Timestamp::from_millis(0), seed: 1 });
        world.load("111122223333", "eu-central-1", &made.account).unwrap();
        (world, made.notes.into_iter().filter(|note| note.contains("profile")).collect())
    }

    #[test]
    fn a_named_profile_gives_the_instance_a_role_with_power() {
        let arn = "arn:aws:iam::111122223333:instance-profile/app/web";
        let (world, notes) = assumed(json!({"arn": arn, "id": "AIPAEXAMPLEWEBAAAAAA1"}));
        let session = world.instance_session("111122223333", "eu-central-1", INSTANCE).unwrap();
        assert_eq!((session.profile_arn.as_str(), session.role.as_str()), (arn, "web"));
        let [note] = notes.as_slice() else { unreachable!("one note: {notes:?}") };
        assert!(session.role_id.starts_with("AROA") && note.contains(&session.role_id), "{note}");
        assert!(world.session_permits("111122223333", "eu-central-1", &session, "s3:GetObject", "*"));
    }

    #[test]
    fn a_finding_that_contradicts_itself_still_makes_an_account() {
        let interface = json!({"networkInterfaceId": "eni-0111111111111111a", "vpcId": "vpc-0aaaaaaaaaaaaaaa1"});
        let profile = json!({"arn": "arn:aws:iam::111122223333:instance-profile/web"});
        let view = |state: &str| {
            let (world, _) =
                loaded(json!({"instanceId": INSTANCE, "instanceState": state, "iamInstanceProfile": profile,
                "networkInterfaces": [interface, interface]}));
            world.instance("111122223333", "eu-central-1", INSTANCE).unwrap()
        };
        assert_eq!(view("running").interfaces.len(), 1);
        let gone = view("terminated");
        assert!(gone.interfaces.is_empty() && gone.volumes.is_empty() && gone.profile_arn.is_none());
    }

    #[test]
    fn what_is_no_profile_of_the_account_is_left_out() {
        for arn in [
            "arn:aws:iam::444455556666:instance-profile/web",
            "arn:aws-cn:iam::111122223333:instance-profile/web",
            "arn:aws:iam::111122223333:role/web",
            "arn:aws:iam::111122223333:instance-profile/",
            "arn:aws:iam::111122223333:instance-profile/a b",
            "arn:aws:iam::111122223333:instance-profile/<script>/w\u{202e}eb",
            "web",
        ] {
            let (world, notes) = assumed(json!({"arn": arn, "id": "x"}));
            assert_eq!(world.instance_session("111122223333", "eu-central-1", INSTANCE), None, "{arn}");
            assert_eq!(world.instance("111122223333", "eu-central-1", INSTANCE).unwrap().profile_arn, None, "{arn}");
            assert_eq!(notes.len(), 1, "{arn}: {notes:?}");
        }
        assert!(assumed(Value::Null).1.is_empty());
    }
}
