"""Prints botocore's version and the service models that standard input names, one a line, as JSON."""

import json
import sys

import botocore
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

loader = Loader()


def paginators(name):
    try:
        return loader.load_service_model(name, "paginators-1")["pagination"]
    except UnknownServiceError:
        return {}


names = sys.stdin.read().split()
services = {name: loader.load_service_model(name, "service-2") | {"pagination": paginators(name)} for name in names}
json.dump({"version": botocore.__version__, "services": services}, sys.stdout)
