"""Prints what botocore knows of the AWS partitions: the content of `crates/aws-text/src/botocore.json`.

For each partition its Regions, and the Region that requests to IAM, a global service, are signed for.
"""

import json

import botocore.session
from botocore.loaders import Loader


def home_region(iam, partition):
    """The Region in the credential scope of IAM; botocore's implicit global Region where IAM has no own endpoint."""
    scopes = {
        endpoint["credentialScope"]["region"]
        for endpoint in iam.get(partition["id"], {}).values()
        if "credentialScope" in endpoint
    }
    if len(scopes) > 1:
        raise SystemExit(f"{partition['id']}: IAM is signed for several Regions: {sorted(scopes)}")
    return scopes.pop() if scopes else partition["outputs"]["implicitGlobalRegion"]


def main():
    session = botocore.session.get_session()
    loader: Loader = session.get_component("data_loader")
    endpoints = loader.load_data("endpoints")["partitions"]
    iam = {it["partition"]: it["services"].get("iam", {}).get("endpoints", {}) for it in endpoints}
    rows = []
    for partition in loader.load_data("partitions")["partitions"]:
        regions = [region for region in partition["regions"] if not region.endswith("-global")]
        rows.append(
            {
                "partition": partition["id"],
                "home_region": home_region(iam, partition),
                "regions": sorted(regions),
            }
        )
    print(json.dumps(sorted(rows, key=lambda row: row["partition"]), indent=2))


if __name__ == "__main__":
    main()
