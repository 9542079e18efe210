"""Every route attacked by every role, and with every kind of bad body.
usage: attack.py URL TOP     (TOP: the sources, for the rules of access)

What a role may is worked out from the texts of content/access, not asked of
the program. Names of people are marked, so that they are noticed wherever
they come out; each answer that is no success is a problem."""
import glob
import hashlib
import json
import os
import sys
import urllib.parse

from client import Api, check, secret

URL, TOP = sys.argv[1], sys.argv[2]
sys.path.insert(0, TOP + "/test/schema")
import access_model  # noqa: E402

os.chdir(TOP)
groups, rules, types = {}, [], {}
for path in sorted(glob.glob("content/access/*.rules")):
    access_model.read_rules(path, groups, rules)
of = {name: g for g, names in groups.items() for name in names}
for path in glob.glob("content/types/*.type"):
    name, t = access_model.read_type(path)
    types[name] = t
own = Api(URL, secret(1))
doc = own("GET", "/openapi.json").json


def grants(role, typ, act):
    """never, sometimes, always"""
    mine = [r for r in rules if r["kind"] == "allow" and
            r["group"] == of.get(typ, of["tables"]) and act in r["acts"] and
            role in r["roles"]]
    if not mine:
        return "never"
    return "always" if any(not r["need"] and r["states"] is None
                           for r in mine) else "sometimes"


# --- who there is -------------------------------------------------------------
MARK = "Qzx"
ROLES = access_model.ROLES
bad = {}


def fault(word, what):
    bad.setdefault(word, what)


def made(a, what):
    if a.status not in (200, 201):
        raise SystemExit("%s: %r" % (what, a))
    return a.json


for i, role in enumerate(ROLES):
    made(own("POST", "/person", {
        "code": "P%d" % i, "name": "%s %s" % (MARK, role), "kind": "employee",
        "email": "%s.%s@example.org" % (MARK, role), "login": MARK + role,
        "start_on": "2020-01-01", "state": "active"}), "person")
party = made(own("POST", "/customer", {"name": "Party"}), "customer")["id"]
made(own("POST", "/engagement", {"code": "ENG", "firm": "Firm",
                                 "kind": "type_1", "categories": ["security"],
                                 "access_from": "2020-01-01"}), "engagement")
apis = {}
for i, role in enumerate(ROLES):
    user = {"login": "u-" + role, "roles": [role]}
    if role in ("partner", "customer"):
        user["party"] = party
    elif role == "auditor":
        user["engagements"] = ["ENG"]
    else:
        user["person"] = "P%d" % i
    made(own("POST", "/user", user), "user")
    made(own("POST", "/token", {
        "name": "t-" + role, "user": "u-" + role, "scopes": ["read", "write"],
        "expires_on": "2027-06-30", "digest": hashlib.sha256(
            secret(100 + i).encode()).hexdigest()}), "token")
    apis[role] = Api(URL, secret(100 + i))
for typ, body in (
        ("finding", {"code": "F-1", "title": "Ports", "severity": "low"}),
        ("concern", {"code": "C-1", "summary": "About somebody"}),
        ("vendor", {"name": "Acme"})):
    own("POST", "/" + typ, body)
SAMPLES = {"vendor": "Acme", "finding": "F-1", "concern": "C-1",
           "person": "P2", "token": "t-owner", "user": "u-owner",
           "control": "AC-05", "criterion": "CC6.1", "meeting": "none",
           "account": "none", "workpaper": "none"}
NAMES = {"/policies/": "POL-04", "/courses/": "security-awareness",
         "/procedures/": "leaver-account-access", "/access/": "person.name",
         "/ledger/": "7", "/tasks/of/": "P3", "/occurrences/": "AC-05",
         "/people/": "P3", "/results/": "9", "/campaigns/": "ACK",
         "/reviews/": "AR", "/messages/": "1", "/feeds/": "x.ics"}


def resolve(v):
    while "$ref" in v:
        at = doc
        for part in v["$ref"][2:].split("/"):
            at = at[part]
        v = at
    return v


def form_of(op):
    content = op.get("requestBody", {}).get("content", {})
    return resolve(content["application/json"]["schema"]) \
        if "application/json" in content else None


def value(s):
    """Something good of that form."""
    s = resolve(s)
    for word in ("anyOf", "oneOf"):
        if word in s:
            s = resolve(s[word][0])
    if "enum" in s:
        return s["enum"][0]
    if "x-record" in s:
        return {"person": "P2", "policy": "POL-04", "control": "AC-05"}.get(
            s["x-record"], "none")
    if s.get("format") == "date":
        return "2026-06-30"
    if s.get("format") == "date-time":
        return "2026-06-30T00:00:00Z"
    kind = s.get("type")
    return {"string": "text", "integer": 1, "boolean": False}.get(kind) \
        if kind in ("string", "integer", "boolean") else \
        [value(s["items"])] if kind == "array" else \
        {k: value(v) for k, v in s.get("properties", {}).items()
         if k in s.get("required", [])}


ops = []
for path, item in doc["paths"].items():
    for method, op in item.items():
        tag = op["tags"][0]
        if tag == "tickmark" or tag in SAMPLES:
            ops.append((method.upper(), path, op, tag))


def ask(api, method, path, op, tag, body=None, **head):
    name = SAMPLES.get(tag) or next((v for k, v in NAMES.items()
                                     if path.startswith(k)), "none")
    full = path.replace("{name}", urllib.parse.quote(name)).replace(
        "{item}", "1")
    if method == "GET" and "application/json" in \
            op["responses"]["200"].get("content", {}) and \
            any("limit" in p.get("$ref", "") for p in op["parameters"]):
        full += "?limit=3"
    if "from" in [p.get("name") for p in op["parameters"]] and \
            "?" not in full:
        full += "?from=1"
    if method in ("PATCH", "DELETE") and "{name}" in path:
        head["If_Match"] = "*"
    a = api(method, full, body, **head)
    if a.status >= 500:
        fault("a fault", "%s %s: %r" % (method, full, a))
    if a.status >= 400:
        p = a.json or {}
        if (a.head["Content-Type"] != "application/problem+json" or
                p.get("status") != a.status or
                not all(p.get(k) for k in ("type", "title", "detail",
                                           "instance"))):
            fault("no problem", "%s %s: %r" % (method, full, a))
    return a


# Who sees names of people, beside who they are themselves.
SEES = {"owner", "compliance", "privacy"}
seen, marks = {}, 0
for role in reversed(ROLES):
    api = apis[role]
    for method, path, op, tag in ops:
        rule = op.get("x-access")
        form = form_of(op)
        if method == "DELETE" and role == "owner" and tag != "tickmark":
            continue
        body = value(form) if form else b"code\n" if "requestBody" in op \
            else None
        head = {"Content_Type": "text/csv"} if body == b"code\n" else {}
        a = ask(api, method, path, op, tag, body, **head)
        what = "%s: %s %s: %r" % (role, method, path, a)
        seen[a.status] = seen.get(a.status, 0) + 1
        if rule:
            may = grants(role, rule["type"], rule["act"])
            if may == "never" and a.status != 403:
                fault("somebody whom no rule lets in", what)
            if may == "always" and a.status == 403 and method == "GET" and \
                    not path.endswith("/pdf"):  # it tells of people
                fault("somebody who may is kept out", what)
        marks += role in SEES and MARK.encode() in a.body
        if role not in SEES and a.body:
            text = a.body.decode(errors="replace")
            mine = "%s %s" % (MARK, role)
            if MARK in text.replace(mine, "").replace(
                    "%s.%s@" % (MARK, role), "").replace(MARK + role, ""):
                fault("a name that is not theirs", what)
        if method != "GET" and a.status < 300 and role in (
                "read_only", "auditor", "partner", "customer") and \
                tag == "tickmark" and "calendar" not in path:
            fault("a write by who only looks", what)
for word in ("a fault", "no problem", "somebody whom no rule lets in",
             "somebody who may is kept out", "a name that is not theirs",
             "a write by who only looks"):
    check(word not in bad, "%d routes, each role: never %s" %
          (len(ops), word), bad.get(word))
check(marks > 3, "names are told to those who see them", marks)
check(seen.get(200, 0) > 200 and seen.get(403, 0) > 300, "of both many", seen)

# --- bodies -----------------------------------------------------------------------
bad.clear()
n = 0


def refused(op, a, want, pointer, what):
    global n
    n += 1
    at = [e.get("pointer") for e in (a.json or {}).get("errors", [])]
    if a.status != want or (pointer and pointer not in at):
        fault(what, "%s: %r" % (op["operationId"], a))


for method, path, op, tag in ops:
    form = form_of(op)
    if not form or tag != "tickmark":
        continue
    J = {"Content_Type": "application/json"}
    needed = form.get("required", [])
    good = value(form)
    refused(op, ask(own, method, path, op, tag, b'{"a":', **J), 400, None,
            "half a JSON")
    refused(op, ask(own, method, path, op, tag, b"[]", **J), 422, None,
            "no object")
    refused(op, ask(own, method, path, op, tag, b"{}", Content_Type="a/b"),
            415, None, "another type")
    refused(op, ask(own, method, path, op, tag, dict(good, nope=1)), 422,
            "/nope", "an unknown field")
    wrong = {k: {"x": [1.5]} for k in form["properties"]}
    a = ask(own, method, path, op, tag, wrong)
    for k in wrong:
        refused(op, a, 422, "/" + k, "a wrong type")
    # All that is too long, or names nothing, in one.
    long, lost = dict(good), dict(good)
    for k, s in form["properties"].items():
        one = resolve(s["anyOf"][0])
        if one.get("maxLength", 10 ** 6) < 10 ** 5:
            long[k] = "x" * (one["maxLength"] + 1)
        if "x-record" in one:
            lost[k] = "nothing"
    for body, word in ((long, "too long"), (lost, "a reference to nothing")):
        if body != good:
            a = ask(own, method, path, op, tag, body)
            for k in body:
                if body[k] != good.get(k):
                    refused(op, a, 422, "/" + k, word)
    if needed:
        a = ask(own, method, path, op, tag, {})
        for k in needed:
            refused(op, a, 422, "/" + k, "what is needed")
for word in ("half a JSON", "no object", "another type", "an unknown field",
             "a wrong type", "too long", "a reference to nothing",
             "what is needed"):
    check(word not in bad, "refused with its place: " + word, bad.get(word))
check(n > 150, "in many ways", n)
