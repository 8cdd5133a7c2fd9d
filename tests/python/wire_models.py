"""The service models of botocore, and what requests and responses have in common."""

import base64
import binascii
import re

import botocore.session
from botocore.utils import parse_timestamp

# Values that a service is known to send and its model does not list, by the model's name of the type.
SENT_NEVERTHELESS = {"PlatformValues": {"windows"}}

# The service that botocore calls otherwise than requests are signed for. The classic load balancers have the same name
# there, and another API version.
BOTOCORE_NAMES = {"elasticloadbalancing": "elbv2"}

SCALARS = {"string", "character", "integer", "long", "float", "double", "boolean", "timestamp", "blob"}


class Models:
    """Service models by name, each loaded once."""

    def __init__(self):
        self._session = botocore.session.get_session()
        self._session.set_credentials("testing", "testing")
        self._services = {}
        self._endpoints = {}

    def service(self, name):
        if name not in self._services:
            self._services[name] = self._session.get_service_model(BOTOCORE_NAMES.get(name, name))
        return self._services[name]

    def endpoint(self, name, region):
        """Where botocore sends the calls of a Region to, without a path."""
        if (name, region) not in self._endpoints:
            client = self._session.create_client(BOTOCORE_NAMES.get(name, name), region_name=region)
            self._endpoints[name, region] = client.meta.endpoint_url
        return self._endpoints[name, region]


class Problems(list):
    """Problems with their places."""

    def at(self, path, text):
        self.append(f"{path or '(top)'}: {text}")


def below(path, name):
    """The path of a member."""
    return f"{path}.{name}" if path else name


def scalar_of_text(shape, text, path, problems):
    """The value of a scalar that is written as text (forms, XML, headers)."""
    kind = shape.type_name
    if kind == "boolean":
        if text not in ("true", "false"):
            problems.at(path, f"`{text}` is not a boolean")
        return text == "true"
    if kind in ("integer", "long"):
        if not re.fullmatch(r"-?\d+", text):
            problems.at(path, f"`{text}` is not an integer")
            return 0
        return bounded(shape, int(text), path, problems)
    if kind in ("float", "double"):
        try:
            return float(text)
        except ValueError:
            problems.at(path, f"`{text}` is not a number")
            return 0.0
    if kind == "timestamp":
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text):
            problems.at(path, f"`{text}` is not a time of the form that is sent")
            return parse_timestamp(0)
        return parse_timestamp(text)
    if kind == "blob":
        return blob(text, path, problems)
    return enumerated(shape, text, path, problems)


def scalar_of_json(shape, value, path, problems):
    """The value of a scalar that is written as JSON."""
    kind = shape.type_name
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = {
        "boolean": isinstance(value, bool),
        "integer": number and value == int(value),
        "long": number and value == int(value),
        "float": number,
        "double": number,
        "timestamp": number,
    }.get(kind, isinstance(value, str))
    if not fits:
        problems.at(path, f"`{value}` is not a {kind}")
        return None
    if kind == "timestamp":
        return parse_timestamp(value)
    if kind == "blob":
        return blob(value, path, problems)
    if kind in ("string", "character"):
        return enumerated(shape, value, path, problems)
    return bounded(shape, value, path, problems)


def enumerated(shape, text, path, problems):
    """A string, which must be among the values that the model lists, where it lists any."""
    values = getattr(shape, "enum", None)
    if values and text not in values and text not in SENT_NEVERTHELESS.get(shape.name, ()):
        problems.at(path, f"`{text}` is not one of {', '.join(values[:8])}{', …' if len(values) > 8 else ''}")
    return bounded(shape, text, path, problems)


def bounded(shape, value, path, problems):
    """A value within the maximum that the model gives, which botocore itself does not check."""
    most = shape.metadata.get("max")
    size = value if isinstance(value, (int, float)) else len(value)
    if most is not None and size > most:
        problems.at(path, f"`{value}` is above the maximum of {most}")
    return value


def blob(text, path, problems):
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        problems.at(path, "not Base64")
        return b""


def missing_members(shape, value, path, problems):
    """Members that the model requires and a response lacks."""
    for name in shape.required_members:
        if name not in value:
            problems.at(below(path, name), "required and missing")
