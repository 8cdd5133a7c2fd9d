"""The wiring of a template as the SAM transform makes it, for the comparison with what the replay reads.

    python sam_agreement.py TEMPLATE --account ID --region NAME --partition NAME --stack-name NAME
                            [--parameter NAME=VALUE ...]

transforms the template with aws-sam-translator, the code behind the transform that CloudFormation runs, resolves the
intrinsic functions of the result for the stack, and writes one JSON object to standard output: parameters, functions,
machines, rules and roles by logical id, keys sorted. It has the shape of the summary that the replay makes of the same
template with the same parameters, and the two must be equal.

The transform is offline. It takes locations in S3 only, so local ones are wrapped as packaging would wrap them, and
unwrapped afterwards. Names and ARNs have the formats of the AWS service authorization reference; a resource without a
name of its own is called after stack and logical id, where CloudFormation would add random letters.
"""

import argparse
import json
import os
import re
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

LOCAL = "local"
LOCATIONS = ("CodeUri", "DefinitionUri")

# The property with the physical name, and the ARN, by type.
NAMES = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Events::Rule": "Name",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::CloudWatch::Alarm": "AlarmName",
}
ARNS = {
    "AWS::Lambda::Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "AWS::StepFunctions::StateMachine": "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
    "AWS::IAM::Role": "arn:{partition}:iam::{account}:role{path}{name}",
    "AWS::Events::Rule": "arn:{partition}:events:{region}:{account}:rule/{name}",
    "AWS::DynamoDB::Table": "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
    "AWS::SNS::Topic": "arn:{partition}:sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "arn:{partition}:sqs:{region}:{account}:{name}",
    "AWS::CloudWatch::Alarm": "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}",
}
REF_IS_ARN = ("AWS::StepFunctions::StateMachine", "AWS::SNS::Topic")
SUFFIXES = {
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}


class NoManagedPolicies:
    """In place of a look-up in the account: the template names no managed policy."""

    def load(self):
        return {}


class Stack:
    """A transformed template with what its names stand for."""

    def __init__(self, template, parameters, surroundings):
        self.resources = template["Resources"]
        self.parameters = parameters
        self.surroundings = surroundings

    def of_type(self, kind):
        return {key: value for key, value in self.resources.items() if value["Type"] == kind}

    def properties(self, logical_id):
        return self.resources[logical_id].get("Properties", {})

    def name(self, logical_id):
        own = self.properties(logical_id).get(NAMES[self.resources[logical_id]["Type"]])
        return self.resolve(own) if own is not None else f"{self.surroundings['stack_name']}-{logical_id}"

    def arn(self, logical_id):
        kind = self.resources[logical_id]["Type"]
        path = self.resolve(self.properties(logical_id).get("Path", "/"))
        name = self.name(logical_id)
        if kind == "AWS::Events::Rule":
            bus = self.resolve(self.properties(logical_id).get("EventBusName", "default"))
            name = name if bus == "default" else f"{bus}/{name}"
        return ARNS[kind].format(name=name, path=path, **self.surroundings)

    def reference(self, name):
        pseudo = {
            "AWS::AccountId": self.surroundings["account"],
            "AWS::Region": self.surroundings["region"],
            "AWS::Partition": self.surroundings["partition"],
            "AWS::StackName": self.surroundings["stack_name"],
            "AWS::URLSuffix": SUFFIXES.get(self.surroundings["partition"], "amazonaws.com"),
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        kind, properties = self.resources[name]["Type"], self.properties(name)
        if kind == "AWS::Lambda::Alias":
            return f"{self.arn(properties['FunctionName']['Ref'])}:{self.resolve(properties['Name'])}"
        if kind == "AWS::StepFunctions::StateMachineAlias":
            version = properties["DeploymentPreference"]["StateMachineVersionArn"]["Ref"]
            machine = self.properties(version)["StateMachineArn"]["Ref"]
            return f"{self.arn(machine)}:{self.resolve(properties['Name'])}"
        if kind in REF_IS_ARN:
            return self.arn(name)
        if kind == "AWS::SQS::Queue":
            suffix = pseudo["AWS::URLSuffix"]
            return "https://sqs.{region}.{suffix}/{account}/{name}".format(
                suffix=suffix, name=self.name(name), region=pseudo["AWS::Region"], account=pseudo["AWS::AccountId"]
            )
        return self.name(name)

    def attribute(self, name, attribute):
        kind = self.resources[name]["Type"]
        if attribute == ("TopicArn" if kind == "AWS::SNS::Topic" else "Arn"):
            return self.arn(name)
        if attribute in ("TopicName", "QueueName", "Name"):
            return self.name(name)
        if (kind, attribute) == ("AWS::SQS::Queue", "QueueUrl"):
            return self.reference(name)
        raise ValueError(f"{name} has no attribute {attribute} that is known before a deployment")

    def substitute(self, argument):
        text, variables = (argument, {}) if isinstance(argument, str) else argument

        def value(match):
            name = match.group(1)
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in variables:
                return scalar(self.resolve(variables[name]))
            if "." in name:
                return self.attribute(*name.split(".", 1))
            return self.reference(name)

        return re.sub(r"\$\{([^}]*)\}", value, text)

    def resolve(self, value):
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), = value.items()
            if function == "Ref":
                return self.reference(argument)
            if function == "Fn::Sub":
                return self.substitute(argument)
            if function == "Fn::GetAtt":
                pair = argument.split(".", 1) if isinstance(argument, str) else argument
                return self.attribute(*pair)
            if function == "Fn::Join":
                return argument[0].join(scalar(part) for part in self.resolve(argument[1]))
            if function.startswith("Fn::"):
                raise ValueError(f"{function} is left in the template")
        return {key: self.resolve(item) for key, item in value.items()}


def scalar(value):
    """Text as CloudFormation makes it of a scalar."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def texts(mapping):
    return {key: scalar(value) for key, value in mapping.items()}


def aliases(stack, kind, owner_of):
    """Name and ARN of the alias of each resource that has one."""
    found = {}
    for logical_id, alias in stack.of_type(kind).items():
        found[owner_of(alias["Properties"])] = (stack.resolve(alias["Properties"]["Name"]), stack.reference(logical_id))
    return found


def functions(stack):
    published = aliases(stack, "AWS::Lambda::Alias", lambda alias: alias["FunctionName"]["Ref"])
    result = {}
    for logical_id, function in stack.of_type("AWS::Lambda::Function").items():
        properties = stack.resolve(function["Properties"])
        alias, alias_arn = published.get(logical_id, (None, None))
        (architecture,) = properties.get("Architectures", ["x86_64"])
        result[logical_id] = {
            "name": stack.name(logical_id),
            "arn": stack.arn(logical_id),
            "alias": alias,
            "alias_arn": alias_arn,
            "architecture": architecture,
            "code": properties["Code"]["S3Key"],
            "environment": texts(properties.get("Environment", {}).get("Variables", {})),
            "handler": properties["Handler"],
            "memory": int(properties.get("MemorySize", 128)),
            "role": properties["Role"],
            "runtime": properties["Runtime"],
            "timeout": int(properties.get("Timeout", 3)),
        }
    return result


def machines(stack):
    def owner(alias):
        version = alias["DeploymentPreference"]["StateMachineVersionArn"]["Ref"]
        return stack.properties(version)["StateMachineArn"]["Ref"]

    published = aliases(stack, "AWS::StepFunctions::StateMachineAlias", owner)
    result = {}
    for logical_id, machine in stack.of_type("AWS::StepFunctions::StateMachine").items():
        # Attributes of the revision stand at versions only, which are not resolved.
        properties = stack.resolve(machine["Properties"])
        alias, alias_arn = published.get(logical_id, (None, None))
        result[logical_id] = {
            "name": stack.name(logical_id),
            "arn": stack.arn(logical_id),
            "alias": alias,
            "alias_arn": alias_arn,
            "definition": properties["DefinitionS3Location"]["Key"],
            "role": properties["RoleArn"],
            "substitutions": texts(properties.get("DefinitionSubstitutions", {})),
            "type": properties.get("StateMachineType", "STANDARD"),
        }
    return result


def target_input(target):
    if "Input" in target:
        return {"constant": target["Input"]}
    if "InputPath" in target:
        return {"path": target["InputPath"]}
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        return {"paths": transformer.get("InputPathsMap", {}), "template": transformer["InputTemplate"]}
    return None


def rules(stack):
    result = {}
    for logical_id, rule in stack.of_type("AWS::Events::Rule").items():
        properties = stack.resolve(rule["Properties"])
        result[logical_id] = {
            "event_bus": properties.get("EventBusName", "default"),
            "enabled": properties.get("State", "ENABLED") != "DISABLED",
            "pattern": properties["EventPattern"],
            "targets": [
                {
                    "id": target["Id"],
                    "arn": target["Arn"],
                    "dead_letter": target.get("DeadLetterConfig", {}).get("Arn"),
                    "input": target_input(target),
                    "maximum_attempts": int(target.get("RetryPolicy", {}).get("MaximumRetryAttempts", 185)),
                    "maximum_event_age": int(target.get("RetryPolicy", {}).get("MaximumEventAgeInSeconds", 86400)),
                    "role": target.get("RoleArn"),
                }
                for target in properties.get("Targets", [])
            ],
        }
    return result


def roles(stack):
    result = {}
    for logical_id, role in stack.of_type("AWS::IAM::Role").items():
        properties = stack.resolve(role["Properties"])
        result[logical_id] = {
            "name": stack.name(logical_id),
            "arn": stack.arn(logical_id),
            "managed_policies": properties.get("ManagedPolicyArns", []),
            "policies": [
                {"name": policy["PolicyName"], "document": policy["PolicyDocument"]}
                for policy in properties.get("Policies", [])
            ],
            "trust": properties["AssumeRolePolicyDocument"],
        }
    return result


def transformed(template, parameters):
    """The template after the transform; one without a transform is plain CloudFormation and stays as it is."""
    if "Transform" not in template:
        return template
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for key in LOCATIONS:
            if isinstance(properties.get(key), str):
                properties[key] = f"s3://{LOCAL}/{properties[key]}"
    return transform(template, dict(parameters), NoManagedPolicies())


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("template")
    for name in ("account", "region", "partition", "stack-name"):
        arguments.add_argument(f"--{name}", required=True)
    arguments.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    given = arguments.parse_args()
    surroundings = {key: getattr(given, key) for key in ("account", "region", "partition", "stack_name")}
    # The transform asks for the Region of the caller.
    os.environ["AWS_DEFAULT_REGION"] = given.region

    with open(given.template, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    declared = template.get("Parameters", {})
    parameters = {name: scalar(one["Default"]) for name, one in declared.items() if "Default" in one}
    parameters.update(pair.split("=", 1) for pair in given.parameter)
    unknown = set(parameters) - set(declared)
    if unknown or set(declared) - set(parameters):
        sys.exit(f"parameters that the template does not have: {sorted(unknown)}, without value: "
                 f"{sorted(set(declared) - set(parameters))}")

    stack = Stack(transformed(template, parameters), parameters, surroundings)
    summary = {
        "functions": functions(stack),
        "machines": machines(stack),
        "parameters": parameters,
        "roles": roles(stack),
        "rules": rules(stack),
    }
    json.dump(summary, sys.stdout, indent=2, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
