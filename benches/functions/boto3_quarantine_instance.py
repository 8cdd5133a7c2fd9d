"""The start of `quarantine-instance` with boto3: the clients that the Rust function has, then the first poll."""

import os
import urllib.request

import boto3
from botocore.config import Config

CONFIG = Config(connect_timeout=2, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 3})
clients = [boto3.client(name, config=CONFIG) for name in ("ec2", "dynamodb", "autoscaling", "elbv2", "sts")]

urllib.request.urlopen(f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation/next").read()
