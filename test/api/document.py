"""Is the OpenAPI document what it says to be? By the schema of the OpenAPI
Initiative and the jsonschema package, neither of which is ours.
usage: document.py FILE [all]     without "all": the paths and schemas of some
types, as those of all are alike."""
import json
import os
import sys

import jsonschema

from client import check

SOME = {"tickmark", "vendor", "hr_person"}
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "../data/openapi-3.1.schema.json")) as f:
    form = json.load(f)
with open(sys.argv[1]) as f:
    doc = json.load(f)

if len(sys.argv) < 3:
    doc["paths"] = {p: v for p, v in doc["paths"].items()
                    if SOME & {t for op in v.values() for t in op["tags"]}}
    schemas = doc["components"]["schemas"]
    for name in list(schemas):
        if "." in name and name.split(".")[1] not in SOME:
            del schemas[name]
wrong = [e for e in jsonschema.Draft202012Validator(form).iter_errors(doc)]
check(not wrong, "it is an OpenAPI 3.1 document", wrong[:1])
check(doc["openapi"] == "3.1.0" and len(doc["paths"]) > 9, "of many paths")
bad = ""
for name, s in doc["components"]["schemas"].items():
    try:
        jsonschema.Draft202012Validator.check_schema(s)
    except jsonschema.SchemaError as e:
        bad = "%s: %s" % (name, e.message)
check(not bad, "its schemas are JSON Schemas", bad)


def refs(v):
    if isinstance(v, dict):
        if isinstance(v.get("$ref"), str):
            yield v["$ref"]
        for x in v.values():
            yield from refs(x)
    elif isinstance(v, list):
        for x in v:
            yield from refs(x)


def there(ref):
    at = doc
    for part in ref[2:].split("/"):
        at = at.get(part) if isinstance(at, dict) else None
    return at is not None


lost = [r for r in set(refs(doc)) if not there(r)]
check(not lost, "and no reference leads nowhere", lost[:3])
ids = [op["operationId"] for p in doc["paths"].values() for op in p.values()]
check(len(ids) == len(set(ids)), "each operation has its name")
