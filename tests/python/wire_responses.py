"""Responses: walked along the model member by member, and read by botocore's own parser."""

import json
from xml.etree import ElementTree

from botocore.parsers import ResponseParserError, create_parser

from wire_models import Problems, SCALARS, below, missing_members, scalar_of_json, scalar_of_text

# What errors carry beside the members of their own shape.
JSON_ERROR_NAMES = {"__type", "message", "Message", "code", "Code"}


def check_response(service, operation, response):
    """The problems of a response to an operation."""
    problems = Problems()
    protocol = service.metadata["protocol"]
    content_type = response["headers"].get("content-type", "").split(";")[0]
    expected = {
        "ec2": "text/xml",
        "query": "text/xml",
        "json": f"application/x-amz-json-{service.metadata.get('jsonVersion')}",
        "rest-json": "application/json",
    }[protocol]
    if content_type != expected:
        problems.at("Content-Type", f"`{content_type}`, not {expected}")
    failed = response["status"] >= 300
    read = {"body": response["body"], "headers": response["headers"], "status_code": response["status"]}
    try:
        parsed = create_parser(protocol).parse(read, operation.output_shape)
    except (ResponseParserError, ValueError, KeyError, TypeError) as error:
        problems.at("", f"botocore cannot read it: {error}")
        parsed = {}
    if not parsed.get("ResponseMetadata", {}).get("RequestId"):
        problems.at("", "botocore finds no request id")
    if failed:
        check_error(service, protocol, response, parsed, problems)
        return problems
    walk = walk_xml if protocol in ("ec2", "query") else walk_json
    members = walk(service, operation, response["body"], problems)
    parsed.pop("ResponseMetadata", None)
    missing = set(leaves(members)) - set(leaves(parsed))
    for path in sorted(missing):
        problems.at(path, "in the response, and botocore does not find it")
    return problems


def leaves(value, path=""):
    """The paths of all scalars of a value; lists by index."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, below(path, key))
    elif isinstance(value, list):
        for i, one in enumerate(value):
            yield from leaves(one, f"{path}[{i}]")
    elif value is not None:
        yield path


# ---- JSON ---------------------------------------------------------------------------------------------------------


def walk_json(_service, operation, body, problems):
    shape = operation.output_shape
    document = json.loads(body or b"{}")
    if shape is None:
        for key in document:
            problems.append(f"unknown member {key}: the operation has no output")
        return {}
    return json_value(shape, document, "", problems)


def json_value(shape, value, path, problems):
    kind = shape.type_name
    if kind in SCALARS:
        scalar_of_json(shape, value, path, problems)
        return value
    if kind == "list":
        if not isinstance(value, list):
            problems.at(path, "not a list")
            return []
        return [json_value(shape.member, one, f"{path}[{i}]", problems) for i, one in enumerate(value)]
    if not isinstance(value, dict):
        problems.at(path, f"not a {kind}")
        return {}
    if kind == "map":
        return {key: json_value(shape.value, one, below(path, key), problems) for key, one in value.items()}
    names = {member_shape.serialization.get("name", member): member for member, member_shape in shape.members.items()}
    members = {}
    for key, one in value.items():
        if key in names:
            members[names[key]] = json_value(shape.members[names[key]], one, below(path, key), problems)
        else:
            problems.append(f"unknown member {below(path, key)}")
    missing_members(shape, members, path, problems)
    return members


# ---- XML ----------------------------------------------------------------------------------------------------------


def local(element, namespace, problems):
    """The name of an element without its namespace, which must be the service's."""
    found, _, name = element.tag.rpartition("}")
    if found.lstrip("{").rstrip("/") != namespace.rstrip("/"):
        problems.at(name, f"in the XML namespace `{found.lstrip('{')}`, not {namespace}")
    return name


def walk_xml(service, operation, body, problems):
    shape = operation.output_shape
    namespace = service.metadata["xmlNamespace"]
    root = ElementTree.fromstring(body)
    if local(root, namespace, problems) != f"{operation.name}Response":
        problems.at("", f"the root element is {root.tag}, not {operation.name}Response")
    children = {local(child, namespace, problems): child for child in root}
    if service.metadata["protocol"] == "ec2":
        if children.pop("requestId", None) is None:
            problems.at("requestId", "missing")
        elements = [child for child in root if child in children.values()]
    else:
        metadata = children.pop("ResponseMetadata", None)
        if metadata is None or [local(one, namespace, problems) for one in metadata] != ["RequestId"]:
            problems.at("ResponseMetadata", "missing, or not just a RequestId")
        wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
        elements = list(children.pop(wrapper)) if wrapper in children else []
        for name in children:
            problems.append(f"unknown element {name}")
    if shape is None:
        for element in elements:
            # What the API reference of EC2 lists for these operations, and botocore leaves out.
            if (local(element, namespace, problems), element.text) != ("return", "true"):
                problems.append(f"unknown member {element.tag}: the operation has no output")
        return {}
    return xml_structure(shape, elements, "", namespace, problems)


def xml_structure(shape, elements, path, namespace, problems):
    # A flattened list has its elements beside the other members.
    names = {}
    for member, member_shape in shape.members.items():
        name = member_shape.serialization.get("name", member)
        if member_shape.type_name == "list" and member_shape.serialization.get("flattened"):
            name = member_shape.member.serialization.get("name", name)
        names[name] = member
    members = {}
    for element in elements:
        name = local(element, namespace, problems)
        if name not in names:
            problems.append(f"unknown member {below(path, name)}")
            continue
        member = names[name]
        member_shape = shape.members[member]
        at = below(path, member)
        if member_shape.type_name == "list" and member_shape.serialization.get("flattened"):
            found = members.setdefault(member, [])
            found.append(xml_value(member_shape.member, element, f"{at}[{len(found)}]", namespace, problems))
        elif member in members:
            problems.at(at, "given twice")
        else:
            members[member] = xml_value(member_shape, element, at, namespace, problems)
    missing_members(shape, members, path, problems)
    return members


def xml_value(shape, element, path, namespace, problems):
    kind = shape.type_name
    if kind in SCALARS:
        if len(element):
            problems.at(path, f"not a {kind} but elements")
            return ""
        text = element.text or ""
        if text or kind not in ("string", "character"):
            scalar_of_text(shape, text, path, problems)
        return text
    if (element.text or "").strip():
        problems.at(path, f"not a {kind} but the text `{element.text.strip()}`")
        return {}
    if kind == "structure":
        return xml_structure(shape, list(element), path, namespace, problems)
    if kind == "list":
        name = shape.member.serialization.get("name", "member")
        return [
            xml_value(shape.member, one, f"{path}[{i}]", namespace, problems)
            for i, one in enumerate(children_named(element, name, path, namespace, problems))
        ]
    pairs = {}
    for entry in children_named(element, "entry", path, namespace, problems):
        parts = {local(part, namespace, problems): part for part in entry}
        key = parts.pop(shape.key.serialization.get("name", "key"), None)
        value = parts.pop(shape.value.serialization.get("name", "value"), None)
        if key is None or value is None or parts:
            problems.at(path, "an entry is not one key and one value")
        else:
            pairs[key.text] = xml_value(shape.value, value, below(path, key.text), namespace, problems)
    return pairs


def children_named(element, name, path, namespace, problems):
    found = []
    for child in element:
        if local(child, namespace, problems) == name:
            found.append(child)
        else:
            problems.append(f"unknown element {below(path, child.tag)}: the elements are called {name}")
    return found


# ---- Errors -------------------------------------------------------------------------------------------------------


def check_error(service, protocol, response, parsed, problems):
    code = parsed.get("Error", {}).get("Code")
    if not code or code == str(response["status"]):
        problems.at("", f"botocore finds no error code in {response['body']!r}")
        return
    if not parsed["Error"].get("Message"):
        problems.at("", f"botocore finds no message for {code}")
    if protocol in ("json", "rest-json"):
        shape = service.shape_for_error_code(code)
        known = set(shape.members) if shape is not None else set()
        for name, value in json.loads(response["body"]).items():
            if name in known:
                json_value(shape.members[name], value, name, problems)
            elif name not in JSON_ERROR_NAMES:
                problems.append(f"unknown member {name} of the error {code}")
    else:
        root = ElementTree.fromstring(response["body"])
        outer = [child.tag.rpartition("}")[2] for child in root]
        expected = ["Errors", "RequestID"] if protocol == "ec2" else ["Error", "RequestId"]
        if outer != expected:
            problems.at("", f"the error has the elements {outer}, not {expected}")
