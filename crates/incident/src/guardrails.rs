//! Guardrails: exemptions and self-protection, which require approval before an instance is contained.
//!
//! A suspect host can write its own tags, so a tag exempts only under the configured protected prefix. Every other tag that
//! claims an exemption is ignored, and the decision says so.

use crate::configuration::{Exemption, ExemptionKind, Limits};
use crate::{Incident, InstanceFacts, Timestamp, text};

/// The part of an exempting tag's key after the protected prefix; the tag's value is the reason.
pub const EXEMPT: &str = "exempt";

/// The guardrails that apply to an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// Why approval is required, in sentences; empty when no guardrail applies.
    pub reasons: Vec<String>,
    /// Claimed or expired exemptions that do not apply, in sentences.
    pub ignored: Vec<String>,
}

/// The account that the response runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseAccount<'a> {
    /// Account id of the response account.
    pub id: &'a str,
    /// Whether it holds nothing but the response, so that its instances belong to the response.
    pub dedicated: bool,
}

/// Evaluates the guardrails of an account for an instance. `roles` are the names of the roles of its profile; IAM compares
/// them without regard to case (IAM API reference, `CreateRole`).
pub fn evaluate(
    limits: &Limits,
    own: ResponseAccount<'_>,
    incident: &Incident,
    facts: &InstanceFacts,
    roles: &[String],
    now: Timestamp,
) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for exemption in limits.exemptions.iter().filter(|exemption| applies_to(exemption, facts, roles)) {
        let (kind, id) = (exemption.kind.label(), text::line(&exemption.id, 256));
        let reason = text::line(&exemption.reason, 256);
        match exemption.until {
            Some(until) if until <= now => {
                evaluation
                    .ignored
                    .push(format!("the exemption of {kind} {id} ended at {until} and is ignored: {reason}"));
            }
            _ => evaluation.reasons.push(format!("{kind} {id} is exempt: {reason}; a person decides")),
        }
    }
    evaluate_tags(limits, facts, &mut evaluation);
    evaluate_self_protection(limits, own, incident, facts, roles, &mut evaluation);
    evaluation
}

fn applies_to(exemption: &Exemption, facts: &InstanceFacts, roles: &[String]) -> bool {
    let id = exemption.id.as_str();
    match exemption.kind {
        ExemptionKind::Instance => facts.instance_id == id,
        ExemptionKind::Vpc => facts.interfaces.iter().any(|interface| interface.vpc_id == id),
        ExemptionKind::Subnet => facts.interfaces.iter().any(|interface| interface.subnet_id.as_deref() == Some(id)),
        ExemptionKind::AutoScalingGroup => facts.auto_scaling_group.as_deref() == Some(id),
        ExemptionKind::Image => facts.image_id.as_deref() == Some(id),
        ExemptionKind::Role => roles.iter().any(|role| role.eq_ignore_ascii_case(id)),
    }
}

fn evaluate_tags(limits: &Limits, facts: &InstanceFacts, evaluation: &mut Evaluation) {
    for (key, value) in &facts.tags {
        let shown = text::line(key, 128);
        match &limits.protected_tag_prefix {
            Some(prefix) if key.strip_prefix(prefix.as_str()) == Some(EXEMPT) => evaluation
                .reasons
                .push(format!("the protected tag {shown} exempts it: {}; a person decides", text::line(value, 256))),
            _ if !key.to_lowercase().contains(EXEMPT) => {}
            Some(prefix) => evaluation.ignored.push(format!(
                "the tag {shown} exempts nothing: the suspect could have written it, because it is not {prefix}{EXEMPT}"
            )),
            None => evaluation.ignored.push(format!(
                "the tag {shown} exempts nothing: the suspect could have written it, and no tag prefix is protected"
            )),
        }
    }
}

fn evaluate_self_protection(
    limits: &Limits,
    own: ResponseAccount<'_>,
    incident: &Incident,
    facts: &InstanceFacts,
    roles: &[String],
    evaluation: &mut Evaluation,
) {
    let mut protect = |what: String| evaluation.reasons.push(format!("{what}; a person decides"));
    if own.dedicated && incident.account == own.id {
        protect(format!("the instance is in the response account {}, which is dedicated to the response", own.id));
    }
    let translating: Vec<&str> = facts
        .interfaces
        .iter()
        .filter(|interface| !interface.source_dest_check)
        .map(|interface| interface.id.as_str())
        .collect();
    if !translating.is_empty() {
        protect(format!(
            "it forwards traffic like a NAT instance: no source/destination check on {}",
            translating.join(" ")
        ));
    }
    let protection = &limits.self_protection;
    if protection.domain_controllers.contains(&facts.instance_id) {
        protect(format!("{} is configured as a domain controller", facts.instance_id));
    }
    if protection.instances.contains(&facts.instance_id) {
        protect(format!("{} is configured as an instance that the response needs", facts.instance_id));
    }
    let breaks_glass =
        |role: &&String| protection.break_glass_roles.iter().any(|configured| configured.eq_ignore_ascii_case(role));
    for role in roles.iter().filter(breaks_glass) {
        protect(format!("its role {} is configured as a break-glass role", text::line(role, 128)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configuration::{Budget, SelfProtection};
    use crate::facts::Interface;

    fn facts() -> InstanceFacts {
        let interface = |id: &str, vpc: &str, subnet: &str| Interface {
            id: id.to_owned(),
            vpc_id: vpc.to_owned(),
            groups: vec!["sg-1".to_owned()],
            requester_managed: false,
            private_ip: None,
            public_ip: None,
            ipv6: Vec::new(),
            subnet_id: Some(subnet.to_owned()),
            source_dest_check: true,
            private_ips: Vec::new(),
            elastic_addresses: Vec::new(),
        };
        InstanceFacts {
            instance_id: "i-1".to_owned(),
            owner: None,
            state: "running".to_owned(),
            image_id: Some("ami-1".to_owned()),
            platform: None,
            launched_at: None,
            root_device_type: None,
            interfaces: vec![interface("eni-1", "vpc-1", "subnet-1"), interface("eni-2", "vpc-2", "subnet-2")],
            volumes: Vec::new(),
            instance_profile_arn: None,
            auto_scaling_group: Some("web".to_owned()),
            managed_node: None,
            tags: [("Name".to_owned(), "web".to_owned())].into(),
            isolated: false,
            host: crate::host::Host::default(),
        }
    }

    fn limits() -> Limits {
        Limits {
            exemptions: Vec::new(),
            protected_tag_prefix: None,
            budget: Budget { account: 1, region: 1, vpc: 1, auto_scaling_group: 1 },
            self_protection: SelfProtection::default(),
        }
    }

    fn incident() -> Incident {
        let event = serde_json::json!({
            "source": "aws.guardduty", "detail-type": "GuardDuty Finding",
            "detail": {
                "id": "f", "type": "Backdoor:EC2/C&CActivity.B", "severity": 8, "accountId": "111122223333",
                "region": "eu-central-1",
                "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-1"}}, "service": {},
            },
        });
        match crate::finding::parse(&event) {
            Ok(crate::Event::GuardDuty(finding)) => Incident::from_finding(&finding),
            other => unreachable!("{other:?}"),
        }
    }

    fn found(limits: &Limits, facts: &InstanceFacts, roles: &[&str], dedicated: bool) -> Evaluation {
        let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        let own = ResponseAccount { id: "111122223333", dedicated };
        evaluate(limits, own, &incident(), facts, &roles, Timestamp::from_unix_seconds(1_770_000_000))
    }

    #[test]
    fn nothing_forbids_an_ordinary_instance() {
        assert_eq!(found(&limits(), &facts(), &["web"], false), Evaluation::default());
    }

    #[test]
    fn each_kind_of_exemption_holds_for_what_it_names_and_for_nothing_else() {
        for (kind, id, other) in [
            (ExemptionKind::Instance, "i-1", "i-10"),
            (ExemptionKind::Vpc, "vpc-2", "vpc-3"),
            (ExemptionKind::Subnet, "subnet-2", "subnet-3"),
            (ExemptionKind::AutoScalingGroup, "web", "we"),
            (ExemptionKind::Image, "ami-1", "ami-2"),
            (ExemptionKind::Role, "reader", "read"),
            (ExemptionKind::Role, "Reader", "Read"),
        ] {
            for (id, until, evaluation, ignored) in [
                (id, None, 1, 0),
                (id, Some("2026-06-01T00:00:00Z"), 1, 0),
                (id, Some("2026-01-01T00:00:00Z"), 0, 1),
                (other, None, 0, 0),
            ] {
                let mut limits = limits();
                limits.exemptions = vec![Exemption {
                    kind,
                    id: id.to_owned(),
                    reason: "agreed".to_owned(),
                    until: until.and_then(|until| until.parse().ok()),
                }];
                let found = found(&limits, &facts(), &["reader"], false);
                assert_eq!(
                    (found.reasons.len(), found.ignored.len()),
                    (evaluation, ignored),
                    "{kind:?} {id} {until:?}"
                );
            }
        }
    }

    #[test]
    fn a_tag_exempts_under_the_protected_prefix_only() {
        for (prefix, key, evaluation, ignored) in [
            (Some("soc:"), "soc:exempt", 1, 0),
            (Some("soc:"), "soc:exempted", 0, 1),
            (Some("soc:"), "SOC:exempt", 0, 1),
            (Some("soc:"), "cordon:exempt", 0, 1),
            (Some("soc:"), "exempt", 0, 1),
            (Some("soc:"), "\u{200B}soc:exempt", 0, 1),
            (None, "soc:exempt", 0, 1),
            (None, "Quarantine-EXEMPT", 0, 1),
            (None, "team", 0, 0),
        ] {
            let mut limits = limits();
            limits.protected_tag_prefix = prefix.map(str::to_owned);
            let mut facts = facts();
            facts.tags.insert(key.to_owned(), "yes".to_owned());
            let found = found(&limits, &facts, &[], false);
            assert_eq!((found.reasons.len(), found.ignored.len()), (evaluation, ignored), "{prefix:?} {key:?}");
        }
    }

    #[test]
    fn the_response_does_not_cut_off_itself() {
        assert_eq!(found(&limits(), &facts(), &[], true).reasons.len(), 1);
        let mut nat = facts();
        nat.interfaces.iter_mut().skip(1).for_each(|interface| interface.source_dest_check = false);
        assert_eq!(found(&limits(), &nat, &[], false).reasons.len(), 1);
        let protected = |change: fn(&mut SelfProtection)| {
            let mut limits = limits();
            change(&mut limits.self_protection);
            found(&limits, &facts(), &["admin"], false).reasons.len()
        };
        assert_eq!(protected(|own| own.instances = vec!["i-1".to_owned()]), 1);
        assert_eq!(protected(|own| own.domain_controllers = vec!["i-1".to_owned()]), 1);
        assert_eq!(protected(|own| own.break_glass_roles = vec!["admin".to_owned()]), 1);
        assert_eq!(protected(|own| own.instances = vec!["i-2".to_owned()]), 0);
    }
}
