"""Records over HTTP: what is asked well, and what is not. usage: play.py URL"""
import csv
import io
import json
import socket
import sys
import zipfile

from client import Api, check, secret, status

URL = sys.argv[1]
api = Api(URL, secret(1))      # owner, privacy
looker = Api(URL, secret(3))   # read_only
reads = Api(URL, secret(5))    # the owner, by a token that only reads
nobody = Api(URL)
J = "application/json"


def errors(a):
    return [(e.get("pointer"), e["message"]) for e in a.json.get("errors", [])]


# --- who asks
a = nobody("GET", "/me")
status(a, 401, "no token, no answer")
check(a.head["WWW-Authenticate"] == "Bearer" and
      a.head["Content-Type"] == "application/problem+json" and
      a.json["status"] == 401 and a.json["instance"] == "/api/v1/me",
      "the problem says what is missing", a)
status(nobody("GET", "/me", Authorization="Bearer " + secret(77)), 401,
       "nor for a token that is not known")
status(nobody("GET", "/nothing"), 401, "which paths there are is not told")
status(nobody("GET", "/me", Authorization="Basic eA=="), 401, "Bearer only")
status(api("GET", "/me"), 200, "a token is known")
status(reads("POST", "/vendor", {"name": "R"}), 403,
       "a token that reads does not write")
status(looker("POST", "/vendor", {"name": "R"}), 403,
       "nor does a role that only looks")
a = api("GET", "/me")
for name, value in (("X-Content-Type-Options", "nosniff"),
                    ("Cache-Control", "private, no-cache")):
    check(a.head[name] == value, "%s: %s" % (name, value), a.head)
check(a.head["Access-Control-Allow-Origin"] is None and
      a.head["Set-Cookie"] is None, "no other origin, no cookie")

# --- one record
a = api("POST", "/vendor", {"name": "Acme", "tier": "high",
                            "service": "Backup storage",
                            "extra": {"cost": 3}})
status(a, 201, "made")
ID = a.json["id"]
check(a.head["Location"] == "/api/v1/vendor/" + ID and a.head["ETag"] == '"1"'
      and a.json["state"] == "proposed", "its address and revision", a.head)
status(api("POST", "/vendor", {"name": "Acme"}), 409, "not made twice")
status(api("GET", "/vendor/acme"), 200, "found by its handle in any case")
a = api("GET", "/vendor/" + ID, If_None_Match='W/"x", "1"')
status(a, 304, "unchanged for who has it")
check(a.body == b"", "and not sent again")
status(api("HEAD", "/vendor/" + ID), 200, "HEAD")
status(api("PATCH", "/vendor/Acme", {"tier": "low"}), 428,
       "a change says which revision it is of")
status(api("PATCH", "/vendor/Acme", {"tier": "low"}, If_Match='"9"'), 412,
       "a stale one is refused")
status(api("PATCH", "/vendor/Acme", {"tier": "low"}, If_Match='9'), 400,
       "an ETag has quotes")
a = api("PATCH", "/vendor/Acme", {"tier": "low", "service": None,
                                  "extra": {"cost": None, "note": "x"}},
        If_Match='"1"', Content_Type="application/merge-patch+json")
status(a, 200, "changed")
check(a.json["rev"] == 2 and "service" not in a.json and
      a.json["extra"] == {"note": "x"}, "as a merge patch says", a)
a = api("PATCH", "/vendor/Acme", {"state": "active"}, If_Match="*")
status(a, 422, "a step that is not declared")
check(errors(a) and errors(a)[0][0] == "/state", "is told of the state", a)
a = api("GET", "/vendor/Acme/steps")
check([s["to"] for s in a.json["items"]] == ["assessed", "ended"],
      "the steps that there are", a)
status(api("DELETE", "/vendor/Acme"), 428, "retiring says so too")
status(api("DELETE", "/vendor/Acme", If_Match='"2"'), 204, "retired")
status(api("GET", "/vendor/Acme"), 404, "its handle is free")
a = api("GET", "/vendor/" + ID)
check(a.json["retired"], "by its id it is there", a)
a = api("GET", "/vendor/%s/history" % ID)
check([h["action"] for h in a.json["items"]] == ["put", "put", "retire"],
      "its history", a)

# --- what is wrong with a body
for body, want, pointer, name in (
        (b'{"name":', 400, None, "half a JSON"),
        (b'[1]', 422, None, "no object"),
        (b'{"name":"a","name":"b"}', 400, None, "a key twice"),
        (b'{"name":"\xff"}', 400, None, "not UTF-8"),
        (b'{"a":' * 70 + b'1' + b'}' * 70, 400, None, "too deep"),
        (b'{}', 422, "/name", "what is required"),
        (b'{"name":"W","tier":"huge"}', 422, "/tier", "no such value"),
        (b'{"name":"W","tier":7}', 422, "/tier", "another type"),
        (b'{"name":"W","tier":["low"]}', 422, "/tier", "a list for one"),
        (b'{"name":["W"]}', 422, "/name", "a list for a text"),
        (b'{"name":"W","nmae":1}', 422, "/nmae", "no such field"),
        (b'{"name":"' + b'x' * 201 + b'"}', 422, "/name", "too long"),
        (b'{"name":"W","owner":"nobody"}', 422, "/owner",
         "a reference to nothing"),
        (b'{"name":"W","dpa_until":"2026-02-30"}', 422, "/dpa_until",
         "no such day"),
        (b'{"name":"W","id":"x"}', 422, "/id", "an id of one's own"),
        (b'{"name":"W","extra":{"A b":1}}', 422, None, "a bad extra name"),
):
    a = api("POST", "/vendor", body, Content_Type=J)
    ok = a.status == want and (pointer is None or
                               pointer in [e[0] for e in errors(a)])
    check(ok, "refused: " + name, a)
status(api("POST", "/vendor", b"{}", Content_Type="text/plain"), 415,
       "another media type")
status(api("POST", "/vendor", b"{}"), 415, "no media type")
status(api("POST", "/vendor", b" " * 1100000, Content_Type=J), 413,
       "over a MiB")
for path, want, name in (
        ("/vendor?nope=1", 400, "no such parameter"),
        ("/vendor?limit=0", 400, "no rows"), ("/vendor?limit=x", 400, "no number"),
        ("/vendor?limit=5&limit=6", 400, "twice"),
        ("/vendor?filter=tier", 400, "no filter"),
        ("/vendor?filter=nope%3D1", 400, "no field to filter"),
        ("/vendor?filter=tier%3Dhuge", 422, "no value to filter"),
        ("/vendor?sort=nope", 400, "no field to sort by"),
        ("/vendor?cursor=AAAA", 400, "no cursor"),
        ("/vendor?fields=nope", 400, "no field to show"),
        ("/vendor?as_of=yesterday", 400, "no time"),
        ("/vendor?known_at=99999999", 400, "a position that is not there"),
        ("/vendor?q=%25", 422, "no word"), ("/vendor?x=%zz", 400, "no escape"),
        ("/vendor?q=a%00", 400, "a NUL"), ("/vendor?format=pdf", 400, "a format"),
        ("/vendor/", 404, "a slash too many"), ("/Vendor", 404, "another case"),
        ("/vendor/no one", 404, "nobody"), ("/vendor/x/y/z", 404, "too deep"),
        ("/hr_person", 404, "a table is no type"),
        ("/tables/vendors", 404, "no table")):
    status(api("GET", path.replace(" ", "%20")), want, "refused: " + name)
status(api("GET", "/vendor", Accept="image/png"), 406, "no picture of it")
a = api("DELETE", "/vendor")
check(a.status == 405 and a.head["Allow"] == "GET, POST", "and not all of them",
      a)

# --- what is no HTTP as it should be
def raw(text):
    host, port = URL.split("//")[1].strip("/").rsplit(":", 1)
    with socket.create_connection((host, int(port)), 10) as s:
        s.sendall(text)
        got = b""
        while True:
            more = s.recv(65536)
            if not more:
                break
            got += more
    head, _, body = got.partition(b"\r\n\r\n")
    return int(head.split()[1]), head, body


HOST = b"Host: x\r\n"
for text, want, name in (
        (b"GET /api/v1/me HTTP/1.1\r\n\r\n", 400, "no host"),
        (b"GET /api/v1/me HTTP/1.1\r\n" + HOST + b"A b: c\r\n\r\n", 400,
         "a bad field"),
        (b"GET /api/v1/me HTTP/2.7\r\n" + HOST + b"\r\n", 505, "a version"),
        (b"BREW /api/v1/me HTTP/1.1\r\n" + HOST + b"\r\n", 501, "a method"),
        (b"GET /api/v1/" + b"x" * 20000 + b" HTTP/1.1\r\n", 414, "too long"),
        (b"GET /api/v1/me HTTP/1.1\r\n" + HOST + b"A: " + b"x" * 70000, 431,
         "too many fields"),
        (b"POST /api/v1/vendor HTTP/1.1\r\n" + HOST +
         b"Content-Length: 2000000\r\n\r\n", 413, "a body too large"),
        (b"POST /api/v1/vendor HTTP/1.1\r\n" + HOST +
         b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "no chunk")):
    code, head, body = raw(text)
    try:
        p = json.loads(body)
        ok = code == want == p["status"] and p["detail"] and p["fix"] and \
            p["instance"].startswith("/api/v1/") and \
            b"application/problem+json" in head
    except ValueError:
        ok = False
    check(ok, "a problem: " + name, (code, head, body[:300]))
code, head, body = raw(b"GET /x HTTP/1.1\r\n\r\n")
check(code == 400 and body == b"400 Bad Request\n", "but not of the API elsewhere",
      body)

# --- the same request twice
key = {"Idempotency_Key": "k-1"}
a = api("POST", "/vendor", {"name": "Once"}, **key)
b = api("POST", "/vendor", {"name": "Once"}, **key)
check(a.status == b.status == 201 and a.body == b.body and
      b.head["Location"] == a.head["Location"], "done once, answered twice", b)
status(api("POST", "/vendor", {"name": "Twice"}, **key), 422,
       "another request under the key")
api("PATCH", "/vendor/Once", {"name": "Once more"}, If_Match="*")
check(api("POST", "/vendor", {"name": "Once"}, **key).body == a.body,
      "as it was, whatever came since")
status(api("POST", "/vendor", {"name": "X"}, Idempotency_Key="a b"), 400,
       "a key has no spaces")

# --- many
rows = [["name", "tier", "service"]]
for i in range(2000):
    rows.append(["Many %04d" % i, ["low", "high", "medium"][i % 3], "=1+%d" % i])
bad = {i * 53 + 7 for i in range(37)}
for i in bad:
    rows[i + 1][1] = "tall"
out = io.StringIO()
csv.writer(out).writerows(rows)
a = api("POST", "/vendor:import", out.getvalue(), Content_Type="text/csv")
status(a, 422, "a batch with 37 bad rows is refused")
check(a.json["wrong"] == 37 and {e["row"] - 1 for e in a.json["errors"]} == bad
      and all(e["pointer"] == "/%d/tier" % (e["row"] - 1) and
              e["line"] == e["row"] + 1 for e in a.json["errors"]),
      "each of them is named", a)
check(api("GET", "/vendor?filter=name~Many&count=true").json["count"] == 0,
      "and nothing was written")
for i in bad:
    rows[i + 1][1] = "high"
out = io.StringIO()
csv.writer(out).writerows(rows)
a = api("POST", "/vendor:import?dry_run=true", out.getvalue(),
        Content_Type="text/csv")
check(a.status == 200 and a.json == {"dry_run": True, "added": 2000,
                                     "changed": 0, "same": 0}, "a dry run", a)
a = api("POST", "/vendor:import", out.getvalue(), Content_Type="text/csv",
        Idempotency_Key="many")
check(a.json["added"] == 2000, "then all of them", a)
b = api("POST", "/vendor:import", out.getvalue(), Content_Type="text/csv",
        Idempotency_Key="many")
check(b.body == a.body, "and once")
a = api("POST", "/vendor:import", [{"name": "J"}, 3, {"name": "J2",
                                                      "owner": "nobody"}])
check(a.status == 422 and [e["pointer"] for e in a.json["errors"]] ==
      ["/1", "/2/owner"], "the same in JSON", a)

# --- pages
seen, cursor, pages = [], "", 0
while cursor is not None:
    a = api("GET", "/vendor?filter=name~Many&sort=-tier&limit=300&fields=tier" +
            ("&cursor=" + cursor if cursor else ""))
    seen += [r["id"] for r in a.json["items"]]
    cursor = a.json["next"]
    pages += 1
    api("POST", "/vendor", {"name": "Many between %d" % pages, "tier": "high"})
check(len(seen) == len(set(seen)) and len(seen) >= 2000,
      "pages hold each row once, whatever is written meanwhile", len(seen))
status(api("GET", "/vendor?sort=tier&cursor=" + api(
    "GET", "/vendor?limit=1").json["next"]), 400,
    "a cursor fits no other question")

# --- files
a = api("GET", "/vendor?format=csv&filter=name~Many%200")
table = list(csv.reader(io.StringIO(a.body.decode())))
check(a.head["Content-Disposition"] ==
      'attachment; filename="vendor.csv"' and len(table) == 1001, "as CSV",
      a.head)
col = table[0].index("service")
check(all(r[col].startswith("'=1+") for r in table[1:]),
      "where no formula begins", table[1])
b = api("POST", "/vendor:import", a.body, Content_Type="text/csv")
check(b.status == 200 and b.json["same"] == 1000,
      "which read again changes nothing", b)
a = api("GET", "/vendor?filter=name~Many%200", Accept="application/vnd."
        "openxmlformats-officedocument.spreadsheetml.sheet")
sheet = zipfile.ZipFile(io.BytesIO(a.body)).read("xl/worksheets/sheet1.xml")
check(sheet.count(b"<row ") == 1001 and b"<f>" not in sheet and
      b"=1+7" in sheet, "as XLSX, texts as texts", a.head)
a = api("GET", "/vendor?format=json&filter=name~Many%200")
check(len(a.json) == 1000, "as JSON")
status(looker("GET", "/vendor?format=csv"), 200, "who may export")

# --- people: masked, searched, noted
api("POST", "/person", {"code": "E1", "name": "Ada Example", "kind": "employee",
                        "role": "Librarian", "start_on": "2020-01-01"})
a = looker("GET", "/person/E1")
check(a.json["name"] == {"masked": True} and a.json["role"] == "Librarian",
      "a name is not for everybody", a)
check(api("GET", "/person/E1").json["name"] == "Ada Example", "but for some")
status(looker("GET", "/person?filter=name~Ada"), 403, "nor is it searched for")
status(looker("GET", "/person?sort=name"), 403, "or sorted by")
check(api("GET", "/person?q=ada").json["items"] == [],
      "no word of it is in the index")
check(len(api("GET", "/person?q=librar*").json["items"]) == 1,
      "where the role is")
a = looker("GET", "/search?q=librarian")
check(all("Ada" not in json.dumps(i) for i in a.json["items"]), "by any way", a)

# --- at another time
head = len(api("GET", "/vendor/%s/history" % ID).json["items"])
first = api("GET", "/vendor/%s/history" % ID).json["items"][0]
a = api("GET", "/vendor/%s?known_at=%d" % (ID, first["entry"] + 1))
check(a.status == 200 and a.json["tier"] == "high", "as it was known then", a)
status(api("GET", "/vendor/%s?known_at=%d" % (ID, first["entry"])), 404,
       "before that it was not")
a = api("GET", "/vendor?known_at=%d" % (first["entry"] + 1))
check([r["name"] for r in a.json["items"]] == ["Acme"], "a list of then", a)
check(api("GET", "/vendor?as_of=2020-01-01").json["items"] == [],
      "long ago there was nothing")
check(api("GET", "/person?as_of=2020-06-01").json["items"][0]["code"] == "E1",
      "a person counts from the first day")
check(looker("GET", "/person?as_of=2020-06-01").json["items"][0]["name"] ==
      {"masked": True}, "masked then as now")
a = api("GET", "/tables/hr_person?filter=name~a")
status(a, 200, "tables of evidence")
a = api("GET", "/types")
check("vendor" in [t["name"] for t in a.json["items"]], "types are listed")
