"""Requests: read back along the model, validated, and made again by botocore."""

import json
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.serialize import create_serializer
from botocore.validate import ParamValidator

from wire_models import Problems, SCALARS, below, bounded, scalar_of_json, scalar_of_text


def check_request(models, service, request):
    """The operation model that a request is for (None if it does not tell) and the request's problems."""
    problems = Problems()
    protocol = service.metadata["protocol"]
    read = {"ec2": read_form, "query": read_form, "json": read_json, "rest-json": read_rest}[protocol]
    operation, parameters = read(service, request, problems)
    check_endpoint(models, service, request, problems)
    if operation is None:
        return None, problems
    shape = operation.input_shape
    if shape is not None:
        problems.extend(filter(None, ParamValidator().validate(parameters, shape).generate_report().splitlines()))
        if not problems:
            compare_with_botocore(operation, protocol, parameters, request, problems)
    return operation, problems


def check_endpoint(models, service, request, problems):
    """The credential scope, from which AWS takes Region and service, and the host."""
    authorization = request["headers"].get("authorization", "")
    signing_name = service.metadata.get("signingName", service.metadata["endpointPrefix"])
    scope = authorization.split(",")[0].split("/")
    if not authorization.startswith("AWS4-HMAC-SHA256 Credential=") or len(scope) != 5:
        problems.at("Authorization", "not signed with AWS4-HMAC-SHA256")
    elif scope[3:] != [signing_name, "aws4_request"]:
        problems.at("Authorization", f"not signed for {signing_name}")
    else:
        url = urlsplit(request["url"])
        endpoint = models.endpoint(service.service_name, scope[2])
        if f"{url.scheme}://{url.netloc}" != endpoint:
            problems.at("", f"botocore sends to {endpoint}, not to {url.scheme}://{url.netloc}")


# ---- Forms: EC2 and the Query protocol ----------------------------------------------------------------------------


def read_form(service, request, problems):
    pairs = parse_qsl(request["body"].decode(), keep_blank_values=True, strict_parsing=True)
    form = dict(pairs)
    if len(form) != len(pairs):
        problems.at("", "a parameter is given twice")
    name = form.pop("Action", None)
    if name not in service.operation_names:
        problems.at("Action", f"`{name}` is not an operation of {service.service_name}")
        return None, {}
    if form.pop("Version", None) != service.metadata["apiVersion"]:
        problems.at("Version", f"not {service.metadata['apiVersion']}")
    operation = service.operation_model(name)
    parameters = {}
    if operation.input_shape is not None:
        is_ec2 = service.metadata["protocol"] == "ec2"
        parameters = structure_of_form(operation.input_shape, form, "", is_ec2, problems)
    for key in form:
        problems.append(f"unknown parameter {key}")
    return operation, parameters


def form_name(member, shape, is_ec2):
    """The name of a structure's member on the wire."""
    serialization = shape.serialization
    if is_ec2:
        name = serialization.get("queryName")
        if name is None and "name" in serialization:
            name = serialization["name"][0].upper() + serialization["name"][1:]
        return name or member
    return serialization.get("name", member)


def structure_of_form(shape, form, prefix, is_ec2, problems):
    value = {}
    for member, member_shape in shape.members.items():
        found = value_of_form(member_shape, form, below(prefix, form_name(member, member_shape, is_ec2)), is_ec2, problems)
        if found is not None:
            value[member] = found
    return value


def value_of_form(shape, form, prefix, is_ec2, problems):
    """Takes what is under a prefix out of the form; None if there is nothing."""
    if not any(key == prefix or key.startswith(f"{prefix}.") for key in form):
        return None
    if shape.type_name in SCALARS:
        text = form.pop(prefix, None)
        return None if text is None else scalar_of_text(shape, text, prefix, problems)
    if shape.type_name == "structure":
        return structure_of_form(shape, form, prefix, is_ec2, problems)
    flat = is_ec2 or shape.serialization.get("flattened")
    if shape.type_name == "list":
        if not flat:
            prefix = f"{prefix}.{shape.member.serialization.get('name', 'member')}"
        elements = numbered(prefix, lambda at: value_of_form(shape.member, form, at, is_ec2, problems))
        return bounded(shape, elements, prefix, problems)
    if not flat:
        prefix = f"{prefix}.entry"
    key_name = shape.key.serialization.get("name", "key")
    value_name = shape.value.serialization.get("name", "value")

    def entry(at):
        key = value_of_form(shape.key, form, f"{at}.{key_name}", is_ec2, problems)
        value = value_of_form(shape.value, form, f"{at}.{value_name}", is_ec2, problems)
        return None if key is None else (key, value)

    return dict(numbered(prefix, entry))


def numbered(prefix, read):
    """The elements 1, 2, 3 … as long as there are any."""
    found = []
    while (element := read(f"{prefix}.{len(found) + 1}")) is not None:
        found.append(element)
    return found


# ---- JSON: the operation in a header ------------------------------------------------------------------------------


def read_json(service, request, problems):
    prefix, _, name = request["headers"].get("x-amz-target", "").rpartition(".")
    if prefix != service.metadata["targetPrefix"] or name not in service.operation_names:
        problems.at("X-Amz-Target", f"`{prefix}.{name}` is not an operation of {service.service_name}")
        return None, {}
    expected = f"application/x-amz-json-{service.metadata['jsonVersion']}"
    if request["headers"].get("content-type") != expected:
        problems.at("Content-Type", f"not {expected}")
    operation = service.operation_model(name)
    body = json.loads(request["body"] or b"{}")
    return operation, value_of_json(operation.input_shape, body, "", problems)


def value_of_json(shape, value, path, problems):
    """A JSON value as botocore's parameters."""
    kind = shape.type_name
    if kind in SCALARS:
        return scalar_of_json(shape, value, path, problems)
    if kind == "list":
        if not isinstance(value, list):
            problems.at(path, "not a list")
            return []
        elements = [value_of_json(shape.member, one, f"{path}[{i}]", problems) for i, one in enumerate(value)]
        return bounded(shape, elements, path, problems)
    if not isinstance(value, dict):
        problems.at(path, f"not a {kind}")
        return {}
    if kind == "map":
        return {key: value_of_json(shape.value, one, below(path, key), problems) for key, one in value.items()}
    names = {member_shape.serialization.get("name", member): member for member, member_shape in shape.members.items()}
    parameters = {}
    for key, one in value.items():
        if key in names:
            parameters[names[key]] = value_of_json(shape.members[names[key]], one, below(path, key), problems)
        else:
            problems.append(f"unknown parameter {below(path, key)}")
    return parameters


# ---- REST: the operation in method and path -----------------------------------------------------------------------


def read_rest(service, request, problems):
    url = urlsplit(request["url"])
    operation, labels = route(service, request["method"], url.path)
    if operation is None:
        problems.at("", f"{request['method']} {url.path} is not an operation of {service.service_name}")
        return None, {}
    shape = operation.input_shape
    body_names = {}
    parameters = {}
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    for member, member_shape in shape.members.items():
        place = member_shape.serialization.get("location")
        name = member_shape.serialization.get("name", member)
        if place is None:
            body_names[member] = member_shape
        text = {"uri": labels, "querystring": query, "header": request["headers"]}.get(place, {}).pop(
            name.lower() if place == "header" else name, None
        )
        if text is not None:
            parameters[member] = scalar_of_text(member_shape, text, member, problems)
    for key in query:
        problems.append(f"unknown query parameter {key}")
    if body_names:
        if request["headers"].get("content-type") != "application/json":
            problems.at("Content-Type", "not application/json")
        wanted = value_of_json(shape, json.loads(request["body"] or b"{}"), "", problems)
        for member in wanted:
            if member not in body_names:
                problems.append(f"unknown parameter {member}: it belongs in the path, the query or a header")
        parameters.update(wanted)
    return operation, parameters


def route(service, method, path):
    """The operation of a method and path with the labels of the path; the template with the fewest labels wins."""
    found = (None, {})
    for name in service.operation_names:
        operation = service.operation_model(name)
        labels = match(operation.http["requestUri"].split("?")[0], path)
        if operation.http["method"] == method and labels is not None:
            if found[0] is None or len(labels) < len(found[1]):
                found = (operation, labels)
    return found


def match(template, path):
    parts, given = template.split("/"), path.split("/")
    if len(parts) != len(given):
        return None
    labels = {}
    for part, text in zip(parts, given):
        if part.startswith("{"):
            labels[part.strip("{}+")] = unquote(text)
        elif part != text:
            return None
    return labels


# ---- The same request, made by botocore ---------------------------------------------------------------------------


def compare_with_botocore(operation, protocol, parameters, request, problems):
    serializer = create_serializer(protocol, include_validation=False)
    made = serializer.serialize_to_request(parameters, operation)
    if made["method"] != request["method"]:
        problems.at("", f"botocore sends {made['method']}")
    url = urlsplit(request["url"])
    if made["url_path"].split("?")[0] != url.path:
        problems.at("", f"botocore sends to the path {made['url_path']}")
    if protocol in ("ec2", "query"):
        ours = dict(parse_qsl(request["body"].decode(), keep_blank_values=True))
        theirs = {key: str(value) for key, value in made["body"].items()}
    else:
        ours = json.loads(request["body"] or b"{}")
        theirs = json.loads(made["body"] or b"{}")
    if ours != theirs:
        problems.at("", f"botocore sends {json.dumps(theirs, sort_keys=True)} for {json.dumps(ours, sort_keys=True)}")
