//! Account over organization over template: properties over every combination of records.

use incident::configuration::{
    Budget, Cap, Configuration, Defaults, Exemption, ExemptionKind, FindingTypeRule, PartialBudget, PartialThresholds,
    SelfProtection, Then, limits, policy,
};
use incident::finding::{self, Event};
use incident::{Action, Incident, Mode, Thresholds};
use libtest_mimic::Trial;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::support::{Checked, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("configuration::account_over_organization_field_by_field", field_by_field),
        trial("configuration::what_protects_adds_up", protection_adds_up),
        trial("configuration::a_cap_never_allows_more", cap_never_allows_more),
        trial("configuration::what_is_written_is_what_is_read", round_trip),
    ]
}

fn runner() -> TestRunner {
    TestRunner::new_with_rng(
        Config { cases: 2_000, failure_persistence: None, ..Config::default() },
        TestRng::deterministic_rng(RngAlgorithm::ChaCha),
    )
}

fn mode() -> impl Strategy<Value = Mode> {
    prop::sample::select(Mode::ALL.to_vec())
}

/// Finding types share letters with patterns, so that some match.
fn pattern() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["*", "Backdoor:*", "Backdoor:EC2/C&CActivity.B", "*CActivity*", "Recon:*", "Backdoor"])
        .prop_map(str::to_owned)
}

fn then() -> impl Strategy<Value = Then> {
    prop_oneof![mode().prop_map(Then::Mode), Just(Then::AtMost(Cap::Notify)), Just(Then::AtMost(Cap::RequestApproval))]
}

fn record() -> impl Strategy<Value = Configuration> {
    let rule =
        (pattern(), then()).prop_map(|(pattern, then)| FindingTypeRule { pattern, then, reason: "because".to_owned() });
    let exemption = "i-[0-9a-f]{8}".prop_map(|id| Exemption {
        kind: ExemptionKind::Instance,
        id,
        reason: "because".to_owned(),
        until: None,
    });
    let limit = || option::of(0_u32..=1_000);
    (
        option::of(mode()),
        (option::of(0_u8..=5), option::of(5_u8..=10)),
        prop::collection::vec(rule, 0..3),
        prop::collection::vec(exemption, 0..3),
        option::of("[a-z]{1,3}:"),
        (limit(), limit(), limit(), limit()),
        (prop::collection::vec("i-[0-9a-f]{8}", 0..3), prop::collection::vec("[A-Za-z_-]{1,9}", 0..3)),
    )
        .prop_map(|(mode, (suspected, confirmed), finding_types, exemptions, prefix, budget, own)| {
            let (instances, break_glass_roles) = own;
            let (account, region, vpc, auto_scaling_group) = budget;
            Configuration {
                schema: incident::SCHEMA,
                mode,
                thresholds: PartialThresholds {
                    suspected: suspected.map(f64::from),
                    confirmed: confirmed.map(f64::from),
                },
                finding_types,
                exemptions,
                protected_tag_prefix: prefix,
                budget: PartialBudget { account, region, vpc, auto_scaling_group },
                self_protection: SelfProtection { domain_controllers: instances.clone(), break_glass_roles, instances },
            }
        })
}

const DEFAULTS: Defaults = Defaults { mode: Mode::Observe, thresholds: Thresholds { suspected: 4.0, confirmed: 7.0 } };
const BUDGET: Budget = Budget { account: 20, region: 10, vpc: 5, auto_scaling_group: 2 };

fn layers() -> impl Strategy<Value = (Option<Configuration>, Option<Configuration>)> {
    (option::of(record()), option::of(record()))
}

fn field_by_field() -> Checked {
    let mut runner = runner();
    runner.run(&layers(), |(account, organization)| {
        let (account, organization) = (account.as_ref(), organization.as_ref());
        // Written out once more, so that a slip in either shows.
        macro_rules! expected {
            ($($field:ident).+, $default:expr) => {
                match (account.and_then(|it| it.$($field).+.clone()), organization.and_then(|it| it.$($field).+.clone())) {
                    (Some(own), _) => own,
                    (None, Some(common)) => common,
                    (None, None) => $default,
                }
            };
        }
        let (suspected, confirmed) = (expected!(thresholds.suspected, 4.0), expected!(thresholds.confirmed, 7.0));
        match policy(account, organization, DEFAULTS) {
            Ok(policy) => {
                prop_assert_eq!(policy.mode, expected!(mode, Mode::Observe));
                prop_assert_eq!(policy.thresholds, Thresholds { suspected, confirmed });
                let rules: Vec<FindingTypeRule> =
                    [account, organization].into_iter().flatten().flat_map(|it| it.finding_types.clone()).collect();
                prop_assert_eq!(policy.finding_types, rules);
            }
            Err(error) => prop_assert!(suspected > confirmed, "{}", error),
        }
        let budget = limits(account, organization, BUDGET).budget;
        prop_assert_eq!(budget.account, expected!(budget.account, 20));
        prop_assert_eq!(budget.region, expected!(budget.region, 10));
        prop_assert_eq!(budget.vpc, expected!(budget.vpc, 5));
        prop_assert_eq!(budget.auto_scaling_group, expected!(budget.auto_scaling_group, 2));
        Ok(())
    })?;
    Ok(())
}

fn protection_adds_up() -> Checked {
    let mut runner = runner();
    runner.run(&layers(), |(account, organization)| {
        let together = limits(account.as_ref(), organization.as_ref(), BUDGET);
        for layer in [account, organization].into_iter().flatten() {
            prop_assert!(layer.exemptions.iter().all(|one| together.exemptions.contains(one)));
            let (own, all) = (&layer.self_protection, &together.self_protection);
            prop_assert!(own.instances.iter().all(|one| all.instances.contains(one)));
            prop_assert!(own.domain_controllers.iter().all(|one| all.domain_controllers.contains(one)));
            prop_assert!(own.break_glass_roles.iter().all(|one| all.break_glass_roles.contains(one)));
        }
        Ok(())
    })?;
    Ok(())
}

/// Whatever is configured: with a cap in force no more is done than it says, and without a rule the mode alone decides.
fn cap_never_allows_more() -> Checked {
    let mut runner = runner();
    runner.run(&(layers(), 1_u8..=10), |((account, organization), severity)| {
        let Ok(policy) = policy(account.as_ref(), organization.as_ref(), DEFAULTS) else { return Ok(()) };
        let event = finding::parse(&json!({
            "source": "aws.guardduty", "detail-type": "GuardDuty Finding",
            "detail": {
                "id": "f", "type": "Backdoor:EC2/C&CActivity.B", "severity": severity, "accountId": "111122223333",
                "region": "eu-central-1",
                "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-1"}}, "service": {},
            },
        }));
        let Ok(Event::GuardDuty(finding)) = &event else { return Err(TestCaseError::fail("not a finding")) };
        let incident = Incident::from_finding(finding);
        let Ok(event) = &event else { return Err(TestCaseError::fail("not an event")) };
        let decision = incident::decide(&incident, event, &policy);
        let rule = policy.rule_for("Backdoor:EC2/C&CActivity.B").map(|rule| rule.then);
        let mode = match rule {
            Some(Then::Mode(mode)) => mode,
            _ => policy.mode,
        };
        prop_assert_eq!(decision.mode, mode);
        match rule {
            Some(Then::AtMost(Cap::Notify)) => {
                prop_assert!(matches!(decision.action, Action::Notify | Action::Observe), "{:?}", decision);
            }
            Some(Then::AtMost(Cap::RequestApproval)) => {
                prop_assert!(!decision.action.mutates(), "{:?}", decision);
            }
            _ => {}
        }
        if decision.action.mutates() {
            let severity = f64::from(severity);
            let enough = match mode {
                Mode::ContainSuspected => severity >= policy.thresholds.suspected,
                Mode::ContainConfirmed => severity >= policy.thresholds.confirmed,
                Mode::Observe | Mode::ApprovalRequired => false,
            };
            prop_assert!(enough, "{:?} at severity {}", decision, severity);
        }
        Ok(())
    })?;
    Ok(())
}

fn round_trip() -> Checked {
    let mut runner = runner();
    runner.run(&record(), |record| {
        let text = serde_json::to_string(&record).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(Configuration::read(&text), Ok(record));
        Ok(())
    })?;
    Ok(())
}
