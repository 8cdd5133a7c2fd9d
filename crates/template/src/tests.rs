//! The reader on small templates and on the project's own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Destination, MachineKind, Surroundings, TargetInput, Template, TemplateError, read, summary};

const TEMPLATE: &str = include_str!("../../../infra/template.yaml");
const MEMBER: &str = include_str!("../../../infra/member.yaml");

fn surroundings(partition: &str) -> Surroundings {
    Surroundings {
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
        partition: partition.to_owned(),
        stack_name: "cordon".to_owned(),
    }
}

fn values(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read_with(text: &str, parameters: &[(&str, &str)]) -> Result<Template, TemplateError> {
    read(text, &values(parameters), &surroundings("aws"))
}

fn message(text: &str) -> String {
    read_with(text, &[]).map_or_else(|error| error.to_string(), |_| "no error".to_owned())
}

#[test]
fn the_template_of_the_project_is_read() {
    let template = read_with(TEMPLATE, &[]).unwrap();
    assert_eq!(template.parameters["Mode"], "observe");
    assert!(template.functions.len() >= 7);
    for function in &template.functions {
        assert_eq!(function.alias_arn, Some(format!("{}:live", function.arn)), "{}", function.logical_id);
        assert_eq!(function.architecture, "arm64");
        assert_eq!(function.environment["RESPONSE_ACCOUNT"], "111122223333");
        assert_eq!(function.code_uri, format!("../target/lambda/{}/", function.package));
        let role = template.role(&function.role).unwrap();
        assert!(!role.policies.is_empty() && !role.made_by_transform);
    }
    for machine in &template.machines {
        assert_eq!(machine.kind, MachineKind::Standard);
        let functions = machine.substitutions.values().filter(|value| value.contains(":function:"));
        for arn in functions {
            let function = template.function_by_arn(arn).unwrap();
            assert_eq!(function.alias_arn.as_ref(), Some(arn), "a definition calls aliases");
        }
    }
}

#[test]
fn the_rules_of_the_project_start_aliases_and_may_start_nothing_else() {
    let template = read_with(TEMPLATE, &[]).unwrap();
    let mut starting = 0;
    for rule in &template.rules {
        for target in &rule.targets {
            assert!(target.dead_letter.is_some(), "{}", rule.logical_id);
            let Destination::Machine { logical_id, alias } = &target.destination else { continue };
            starting += 1;
            let machine = template.machine(logical_id).unwrap();
            assert!(alias.is_some());
            assert_eq!(Some(&target.arn), machine.alias_arn.as_ref());
            assert_eq!(target.input, TargetInput::Event);
            let role = template.role(target.role.as_ref().unwrap()).unwrap();
            let [(_, document)] = role.policies.as_slice() else { unreachable!("one policy") };
            // Step Functions authorizes the start of an alias on the ARN of its machine; the alias is a condition key
            // (developer guide, "Authorization for versions and aliases").
            let [statement] = document["Statement"].as_array().unwrap().as_slice() else {
                unreachable!("one statement")
            };
            assert_eq!(statement["Action"], "states:StartExecution");
            assert_eq!(statement["Effect"], "Allow");
            assert_eq!(statement["Resource"], machine.arn.as_str());
            let condition = json!({"StringEquals": {"states:StateMachineQualifier": alias}});
            assert_eq!(statement["Condition"], condition);
        }
    }
    assert!(starting >= 2);
}

/// Only people write the kill switch (`control`) and the configuration. The partition key of an item is the condition key
/// `dynamodb:LeadingKeys` (DynamoDB developer guide, "Using IAM policy conditions for fine-grained access control").
#[test]
fn no_role_writes_the_kill_switch_or_the_configuration() {
    const WRITES: [&str; 6] = ["Put", "Update", "Delete", "BatchWrite", "Transact", "PartiQL"];
    const OWN: [&str; 3] = ["inc-", "no-incident-", "budget#"];
    let listed = |value: &Value| match value {
        Value::Array(values) => values.clone(),
        Value::Null => Vec::new(),
        value => vec![value.clone()],
    };
    let template = read_with(TEMPLATE, &[]).unwrap();
    let mut seen = 0;
    for role in &template.roles {
        for (_, document) in &role.policies {
            for statement in listed(&document["Statement"]) {
                let writes = listed(&statement["Action"]).iter().filter_map(Value::as_str).any(|action| {
                    let operation = action.strip_prefix("dynamodb:");
                    operation.is_some_and(|operation| {
                        operation.contains('*') || WRITES.iter().any(|verb| operation.starts_with(verb))
                    })
                });
                if !writes {
                    continue;
                }
                seen += 1;
                let keys = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
                let keys = listed(keys);
                let is_own = |key: &Value| OWN.iter().any(|own| key.as_str().is_some_and(|key| key.starts_with(own)));
                assert!(!keys.is_empty() && keys.iter().all(is_own), "{}: {}", role.logical_id, statement["Sid"]);
            }
        }
    }
    assert!(seen >= 9, "{seen} statements write");
}

#[test]
fn overrides_reach_the_definitions() {
    let template = read_with(TEMPLATE, &[("Mode", "contain-suspected"), ("SuspectedSeverity", "5.5")]).unwrap();
    let machine = template.machine("RespondEc2").unwrap();
    assert_eq!(machine.substitutions["Mode"], "contain-suspected");
    assert_eq!(machine.substitutions["SuspectedSeverity"], "5.5");
}

#[test]
fn the_partition_is_nowhere_a_literal() {
    let template = read(TEMPLATE, &values(&[]), &surroundings("aws-us-gov")).unwrap();
    assert!(!summary(&template).to_string().contains("arn:aws:"));
}

#[test]
fn the_member_template_is_read() {
    let template = read_with(MEMBER, &[("ResponseAccount", "444455556666")]).unwrap();
    assert!(!template.roles.is_empty());
    assert!(template.functions.is_empty() && template.rules.is_empty());
    for role in &template.roles {
        assert!(role.name.starts_with("cordon-target-"));
        let principal = role.trust["Statement"][0]["Principal"]["AWS"].as_str().unwrap();
        assert!(principal.starts_with("arn:aws:iam::444455556666:role/cordon-"), "{principal}");
    }
    assert_eq!(
        read_with(MEMBER, &[]),
        Err(TemplateError::ParameterWithoutValue { name: "ResponseAccount".to_owned() })
    );
    let error = read_with(MEMBER, &[("ResponseAccount", "4444")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the parameter `ResponseAccount` cannot be `4444`: it must match `[0-9]{12}` as a whole"
    );
}

#[test]
fn parameters_are_checked() {
    let error = read_with(TEMPLATE, &[("Mod", "observe")]).unwrap_err().to_string();
    assert!(error.starts_with("the template has no parameter `Mod`; it has `BreakGlassRolePath`, "), "{error}");
    let error = read_with(TEMPLATE, &[("Mode", "everything")]).unwrap_err().to_string();
    assert!(error.starts_with("the parameter `Mode` cannot be `everything`: the template allows observe, "), "{error}");
    let error = read_with(TEMPLATE, &[("SuspectedSeverity", "high")]).unwrap_err().to_string();
    assert_eq!(error, "the parameter `SuspectedSeverity` cannot be `high`: it must be a number");
}

/// A template with one topic whose display name is the given YAML, and that name as it is read.
fn displayed(value: &str) -> Result<String, TemplateError> {
    let text = format!(
        "Parameters:\n  Color: {{Type: String, Default: red}}\nResources:\n  T: {{Type: AWS::SNS::Topic}}\n  Q: {{Type: AWS::SQS::Queue}}\n  R: {{Type: AWS::Events::Rule, Properties: {{EventPattern: {{source: [a]}}}}}}\nOutputs:\n  O:\n    Value: {value}\n"
    );
    read_with(&text, &[]).map(|template| template.outputs["O"].clone())
}

#[test]
fn intrinsic_functions_have_short_and_long_forms() {
    for (value, expected) in [
        ("!Ref Color", "red"),
        ("{Ref: Color}", "red"),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
        ("!Ref T", "arn:aws:sns:eu-central-1:111122223333:cordon-T"),
        ("!Ref Q", "https://sqs.eu-central-1.amazonaws.com/111122223333/cordon-Q"),
        ("!Ref R", "cordon-R"),
        ("!GetAtt T.TopicName", "cordon-T"),
        ("!GetAtt [Q, Arn]", "arn:aws:sqs:eu-central-1:111122223333:cordon-Q"),
        ("{'Fn::GetAtt': R.Arn}", "arn:aws:events:eu-central-1:111122223333:rule/cordon-R"),
        ("!Sub '${Color}-${!Color}-${Q.QueueName}'", "red-${Color}-cordon-Q"),
        ("!Sub ['${a}${Color}', {a: !Ref Color}]", "redred"),
        ("{'Fn::Sub': ['${a} $5', {a: 1}]}", "1 $5"),
        ("!Join ['-', [a, !Ref Color, !Sub '${Color}s']]", "a-red-reds"),
        ("{'Fn::Join': ['', [a, b]]}", "ab"),
        ("5", "5"),
    ] {
        assert_eq!(displayed(value).as_deref(), Ok(expected), "{value}");
    }
}

#[test]
fn what_the_reader_does_not_know_is_named_with_its_place() {
    for (value, expected) in [
        ("!FindInMap [a, b, c]", "line 9, column 12: `!FindInMap` is not taken"),
        ("{'Fn::If': [a, b, c]}", "line 9, column 23: `Fn::If` is not taken"),
        ("{Ref: Color, other: 1}", "line 9, column 13: `Ref` beside other keys is not taken"),
        ("!Ref Paint", "line 9, column 12: nothing in the template is named `Paint`"),
        ("!Ref AWS::NoValue", "line 9, column 12: `AWS::NoValue` is not taken"),
        ("!GetAtt Q.Url", "line 9, column 12: `Q` has no attribute `Url`"),
        ("!GetAtt P.Arn", "line 9, column 12: nothing in the template is named `P`"),
        ("!Sub '${Color'", "`${` without `}` is not taken"),
        ("!Sub '${T.Alias}'", "`T` has no attribute `Alias`"),
        ("yes", "line 9, column 12: not readable as YAML: `yes` means different things"),
        ("0123", "`0123` means different things"),
        ("12:30", "`12:30` means different things"),
        ("1_000", "`1_000` means different things"),
        ("[a]", "line 9, column 12: `Value` must be text"),
    ] {
        let error = displayed(value).unwrap_err().to_string();
        assert!(error.contains(expected), "{value}: {error}");
    }
    for value in ["'yes'", "\"0123\"", "N", "2012-10-17", "a:b", "12:30:x"] {
        assert!(displayed(value).is_ok(), "{value}");
    }
}

#[test]
fn yaml_that_hides_something_is_refused() {
    assert!(message("Resources: {A: 1, A: 2}").contains("duplicated key"));
    assert!(message("a: &x 1\nResources: *x").contains("line 2, column 12: not readable as YAML: aliases"));
    assert!(message("a: &x {b: 1}\nResources:\n  C: *x").contains("aliases are not taken"));
    assert!(message("a: 1\n---\nb: 1").contains("more than one document"));
    assert!(message("").contains("there is no document"));
    assert!(message("1: a").contains("a key must be plain text"));
    assert!(message("a: !!binary x").contains("line 1, column 4"));
    assert!(message(&format!("Resources: {}", "[".repeat(100_000))).contains("longer than"));
    assert!(message(&format!("Resources: {}1{}", "[".repeat(90), "]".repeat(90))).contains("nested more than 64"));
    assert!(message(&format!("Resources:\n  {}1", "- ".repeat(400))).contains("nested more than 64"));
    assert!(message("Resources: [").contains("not readable as YAML"));
}

#[test]
fn unknown_properties_types_and_sections_are_errors() {
    assert_eq!(
        message("Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      Paint: red\n"),
        "line 5, column 7: `Paint` in the properties of `T` is not taken: the reader knows DisplayName, KmsMasterKeyId, \
         Tags, TopicName"
    );
    assert!(
        message("Resources:\n  B:\n    Type: AWS::S3::Bucket\n")
            .contains("line 3, column 11: the type `AWS::S3::Bucket`")
    );
    assert!(message("Conditions: {}\nResources: {}").contains("`Conditions` in the template is not taken"));
    assert!(message("Resources: {}\nOther: 1").contains("line 2, column 1: `Other` in the template"));
    assert!(message("Outputs: {}").contains("the template has no `Resources`"));
    assert!(message("Transform: Other\nResources: {}").contains("the transform `Other` is not taken"));
    assert!(message("Globals: {}\nResources: {}").contains("it needs `Transform"));
    assert!(message("Resources: {F: {Type: AWS::Serverless::Function}}").contains("it needs `Transform"));
    assert!(message("Resources: {T: {Type: !Ref X}}").contains("`Type` must be text"));
    assert!(
        message("Resources: {T: {Type: AWS::SNS::Topic, DependsOn: U}}")
            .contains("nothing in the template is named `U`")
    );
    assert!(
        message("Resources: {T: {Type: AWS::SNS::Topic, Condition: U}}").contains("`Condition` in the resource `T`")
    );
}

/// A function and a machine with holes for the properties under test.
fn sam(globals: &str, function: &str, machine: &str) -> String {
    format!(
        "Transform: AWS::Serverless-2016-10-31
Globals: {globals}
Resources:
  R:
    Type: AWS::IAM::Role
    Properties: {{Path: /a/, AssumeRolePolicyDocument: {{}}}}
  F:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: ../target/f, Handler: h, Runtime: r, Role: !GetAtt R.Arn, {function}}}
  M:
    Type: AWS::Serverless::StateMachine
    Properties: {{DefinitionUri: m/v1.asl.json, Role: !GetAtt R.Arn, {machine}}}
"
    )
}

#[test]
fn globals_are_merged_as_sam_does() {
    let globals = "{Function: {Timeout: 9, Architectures: [arm64], Environment: {Variables: {A: a, B: b}}}}";
    let text = sam(globals, "MemorySize: 512, Environment: {Variables: {B: !Ref AWS::Region, C: 3}}", "");
    let template = read_with(&text, &[]).unwrap();
    let function = &template.functions[0];
    assert_eq!(function.timeout_seconds, 9);
    assert_eq!(function.memory_mb, 512);
    assert_eq!(function.environment, values(&[("A", "a"), ("B", "eu-central-1"), ("C", "3")]));
    let text = sam(globals, "Timeout: 4, Architectures: [x86_64]", "");
    let template = read_with(&text, &[]).unwrap();
    assert_eq!(template.functions[0].timeout_seconds, 4);
    assert_eq!(template.functions[0].architecture, "x86_64");
    assert!(message(&sam("{Function: {Role: r}}", "", "")).contains("`Role` in Globals is not taken"));
    assert!(message(&sam("{Api: {}}", "", "")).contains("`Api` in `Globals` is not taken"));
    assert!(message(&sam("{StateMachine: {Role: r}}", "", "")).contains("`Role` in `StateMachine`"));
}

#[test]
fn names_are_deterministic_and_arns_have_the_path() {
    let template = read_with(&sam("{}", "", "AutoPublishAlias: live"), &[]).unwrap();
    assert_eq!(template.roles[0].arn, "arn:aws:iam::111122223333:role/a/cordon-R");
    assert_eq!(template.functions[0].arn, "arn:aws:lambda:eu-central-1:111122223333:function:cordon-F");
    assert_eq!(template.functions[0].alias_arn, None);
    assert_eq!(
        template.machines[0].alias_arn.as_deref(),
        Some("arn:aws:states:eu-central-1:111122223333:stateMachine:cordon-M:live")
    );
    assert_eq!(template.functions[0].role, "R");
}

#[test]
fn roles_are_explicit() {
    assert!(message(&sam("{}", "Policies: [AWSLambdaExecute]", "")).contains("`Policies` in the properties of `F`"));
    assert!(message(&sam("{}", "", "Policies: []")).contains("`Policies` in the properties of `M`"));
    let text = sam("{}", "", "").replace("Role: !GetAtt R.Arn, }", "Role: 'arn:aws:iam::1:role/x'}");
    assert!(message(&text).contains("the role `arn:aws:iam::1:role/x` is not taken"));
}

#[test]
fn events_of_machines_are_rules() {
    let pattern = "Pattern: {source: [a]}";
    let event = |more: &str| {
        format!("Events: {{E: {{Type: EventBridgeRule, Properties: {{{pattern}{more}}}}}}}, AutoPublishAlias: live")
    };
    let template = read_with(&sam("{}", "", &event("")), &[]).unwrap();
    let rule = &template.rules[0];
    assert_eq!((rule.logical_id.as_str(), rule.label.as_str(), rule.name.as_str()), ("ME", "E", "cordon-ME"));
    assert_eq!(rule.event_bus, "default");
    let unqualified = Destination::Machine { logical_id: "M".to_owned(), alias: None };
    assert_eq!(rule.targets[0].destination, unqualified, "without UseAliasAsEventTarget");
    assert_eq!(template.roles.last().map(|role| role.logical_id.as_str()), Some("MERole"));

    let template = read_with(
        &sam(
            "{}",
            "",
            &format!("{}, UseAliasAsEventTarget: true", event(", State: DISABLED, Input: '{}', RuleName: n")),
        ),
        &[],
    )
    .unwrap();
    let rule = &template.rules[0];
    assert!(!rule.enabled);
    assert_eq!(rule.arn, "arn:aws:events:eu-central-1:111122223333:rule/n");
    assert_eq!(rule.targets[0].input, TargetInput::Constant("{}".to_owned()));
    assert!(rule.targets[0].arn.ends_with(":live"));

    for (machine, expected) in [
        ("UseAliasAsEventTarget: true", "it needs `AutoPublishAlias`"),
        ("Events: {E: {Type: Schedule, Properties: {}}}", "the event type `Schedule`"),
        (
            "Events: {E: {Type: EventBridgeRule, Properties: {Pattern: {a: b}}}}",
            "the event pattern of `ME` is not valid: `a`",
        ),
        ("Events: {E: {Type: EventBridgeRule, Properties: {}}}", "has no `Pattern`"),
        ("Events: {E: {Type: EventBridgeRule}}", "has no `Properties`"),
        ("DeploymentPreference: {}", "`DeploymentPreference` in"),
        ("DefinitionUri2: x", "`DefinitionUri2` in"),
    ] {
        let error = message(&sam("{}", "", machine));
        assert!(error.contains(expected), "{machine}: {error}");
    }
    let error = message(&sam("{}", "", &event(", RetryPolicy: {MaximumRetryAttempts: 186}")));
    assert!(error.contains("`MaximumRetryAttempts` must be 0 to 185"), "{error}");
    let error = message(&sam("{}", "", &event(", Input: a, InputPath: b")));
    assert!(error.contains("more than one input"), "{error}");
    let error = message(&sam("{}", "", &event(", DeadLetterConfig: {Type: SQS}")));
    assert!(error.contains("the queue stands in the template"), "{error}");
}

#[test]
fn no_text_makes_the_reader_panic() {
    proptest::proptest!(|(text in "[a-zA-Z!&*:{}\\[\\],\\-' \"\\n|>#%@0-9.]{0,200}")| {
        let _ = read_with(&text, &[]);
    });
    // Texts near a real one get further into the stages.
    proptest::proptest!(|(at in 0..TEMPLATE.len(), length in 0..400_usize, with in "[a-z!:{}\\[\\] \\n-]{0,12}")| {
        let end = (at + length).min(TEMPLATE.len());
        if let (Some(before), Some(after)) = (TEMPLATE.get(..at), TEMPLATE.get(end..)) {
            let _ = read_with(&format!("{before}{with}{after}"), &[]);
        }
    });
}

/// What differs from the reference, by action and the end of the resource: a resource that the action is not checked on,
/// and a grant on everything of an action that is checked on instances.
const DIFFERENCES: [(&str, &str); 2] =
    [("ec2:DisassociateAddress", "instance/*"), ("ec2:DescribeInstanceAttribute", "*")];

#[test]
fn grants_fit_the_service_authorization_reference() {
    let own = read_with(TEMPLATE, &[]).unwrap();
    let member = read_with(MEMBER, &[("ResponseAccount", "444455556666")]).unwrap();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for role in own.roles.iter().chain(&member.roles) {
        for (_, document) in &role.policies {
            for statement in several(&document["Statement"]) {
                let keys: Vec<&str> = statement["Condition"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .flat_map(|(_, keys)| keys.as_object().unwrap().keys().map(String::as_str))
                    .collect();
                for action in several(&statement["Action"]).iter().map(|action| action.as_str().unwrap()) {
                    for resource in several(&statement["Resource"]).iter().map(|resource| resource.as_str().unwrap()) {
                        let is_end = |end: &str| resource == end || resource.ends_with(&format!(":{end}"));
                        let known = DIFFERENCES.iter().find(|(of, end)| *of == action && is_end(end));
                        seen.extend(known);
                        let misfits = aws_text::actions::misfits(action, resource, keys.iter().copied());
                        let misfits = misfits.into_iter().filter(|_| known.is_none());
                        wrong.extend(misfits.map(|misfit| format!("{}: {misfit}", role.logical_id)));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(seen, DIFFERENCES.iter().collect(), "a difference is gone");
}

/// One or several.
fn several(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}
