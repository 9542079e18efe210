"""Requests made up from the OpenAPI document, good and bad: no answer is a
fault, and each is one that the document names, of the type and form that it
says. usage: random_calls.py URL NUMBER SEED"""
import json
import random
import sys
import urllib.parse

import jsonschema

from client import Api, check, secret

url, number, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rnd = random.Random(seed)
api = Api(url, secret(1))
doc = api("GET", "/openapi.json").json
defs = doc["components"]["schemas"]
WILD = ["", "0", "-1", "x" * 300, "é☃", "\x7f", "null", "true", "2026-02-30",
        "%", "..", "'; DROP TABLE r_vendor;--", "{}", "[]", "=1+1", "a,b", "99999"]


def resolve(v):
    while "$ref" in v:
        at = doc
        for part in v["$ref"][2:].split("/"):
            at = at[part]
        v = at
    return v


def anything():
    return rnd.choice([None, True, 7, -1, 2.5, rnd.choice(WILD), [], ["x"], {},
                       {"x": 1}, 10 ** 30])


def value(schema, good):
    schema = resolve(schema)
    if not good and rnd.random() < 0.4:
        return anything()
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return value(schema[word][0] if rnd.random() < 0.8 else
                         schema[word][-1], good)
    if "enum" in schema:
        return rnd.choice(schema["enum"])
    kind = schema.get("type")
    if kind == "string":
        form = schema.get("format")
        if form == "date":
            return "2026-%02d-%02d" % (rnd.randint(1, 12), rnd.randint(1, 28))
        if form == "date-time":
            return "2026-03-01T10:00:00Z"
        return "text %d" % rnd.randint(0, 10 ** 6)
    if kind == "integer":
        return rnd.randint(schema.get("minimum", 0),
                           min(schema.get("maximum", 9), 9))
    if kind == "boolean":
        return rnd.random() < 0.5
    if kind == "array":
        return [value(schema["items"], good)
                for _ in range(rnd.randint(0, 2))]
    if kind == "object":
        return {k: value(v, good)
                for k, v in schema.get("properties", {}).items()
                if k in schema.get("required", []) or rnd.random() < 0.3}
    return anything()


def text(v):
    return v if isinstance(v, str) else json.dumps(v)


ops = [(m, p, op) for p, item in doc["paths"].items()
       for m, op in item.items()]
# Records of 92 types are alike: of each kind of operation as many as of others.
own = [o for o in ops if o[2]["tags"] == ["tickmark"]]
of_type = [o for o in ops if o[2]["tags"] != ["tickmark"]]
known = {}
NAMED = {"/policies/": "POL-04", "/courses/": "security-awareness",
         "/procedures/": "leaver-account-access", "/access/": "vendor.name",
         "/ledger/": "7", "/tasks/of/": "E1", "/occurrences/": "AC-05",
         "/people/": "E1", "/results/": "9"}
bad = {}
forms = {}


def fault(word, what):
    bad.setdefault(word, what)


def one():
    method, path, op = rnd.choice(own if rnd.random() < 0.5 else of_type)
    good = rnd.random() < 0.5
    query, head = [], {}
    tag = op["tags"][0]
    for p in map(resolve, op["parameters"]):
        if not p.get("required") and rnd.random() < 0.8:
            continue
        v = text(value(p["schema"], good))
        if p["in"] == "query":
            query.append((p["name"], v if good else rnd.choice([v] + WILD)))
        elif p["in"] == "path":
            name = rnd.choice(known.get(tag) or [
                v for k, v in NAMED.items() if path.startswith(k)] or ["none"]) \
                if rnd.random() < 0.8 else rnd.choice(WILD)
            path = path.replace("{%s}" % p["name"], urllib.parse.quote(
                name or "x", safe=""))
        elif v.isascii() and v.isprintable():
            head[p["name"].replace("-", "_")] = "*" if p["name"] == "If-Match" \
                and good else v
    body = None
    if "requestBody" in op:
        media = rnd.choice(list(op["requestBody"]["content"]))
        schema = op["requestBody"]["content"][media]["schema"]
        body = value(schema, good)
        body = body if media == "text/csv" else json.dumps(body)
        if not isinstance(body, str):
            body = json.dumps(body)
        if not good and rnd.random() < 0.2:
            body = body[:len(body) // 2]
        head["Content_Type"] = media if good or rnd.random() < 0.9 else "a/b"
    full = path + ("?" + urllib.parse.urlencode(query) if query else "")
    a = api(method.upper(), full, body, **head)
    what = "%s %s %r -> %r" % (method, full[:200], (body or "")[:200], a)
    if a.status >= 500:
        fault("a fault", what)
    want = op["responses"].get(str(a.status))
    if want is None:
        # What is wrong before a route is known is of no operation.
        if a.status not in (400, 404):
            fault("a status that is not in the document", what)
        return
    media = (a.head["Content-Type"] or "").split(";")[0]
    content = resolve(want).get("content")
    if a.status in (204, 304) or content is None:
        if a.body:
            fault("a body where there is none", what)
        return
    if media not in content:
        fault("a type that is not in the document", what)
    elif a.json is not None and "schema" in content[media] and \
            (rnd.random() < 0.2 or a.status < 300):
        form = content[media]["schema"]
        ref = form.get("$ref") or op["operationId"]
        if form and not (query and ("format", "json") in query):
            if ref not in forms:
                forms[ref] = jsonschema.Draft202012Validator(
                    dict(form, components={"schemas": defs}))
            e = next(forms[ref].iter_errors(a.json), None)
            if e is not None:
                fault("an answer of another form", "%s: %s" % (e.message[:200],
                                                               what))
    if a.status == 201 and "id" in a.json:
        known.setdefault(tag, []).append(a.json["id"])
    return a.status


seen = {}
for _ in range(number):
    s = one()
    seen[s] = seen.get(s, 0) + 1
for word in ("a fault", "a status that is not in the document",
             "a type that is not in the document", "a body where there is none",
             "an answer of another form"):
    check(word not in bad, "%d requests: never %s" % (number, word),
          bad.get(word))
# Few records that are made up satisfy the rules: of some hundred, maybe none.
check(seen.get(200, 0) > number / 50 and
      (seen.get(201, 0) > 0 or number < 1000),
      "many of them are good", seen)
