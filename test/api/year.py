"""A year in the life of a company, through the API alone: what each person has
to do is asserted month after month. The clock of a demo workspace is moved;
beside HTTP there are only those who collect, test and erase at the machine.
usage: year.py TICKMARK (in an empty directory)"""
import atexit
import hashlib
import json
import os
import subprocess
import sys

from client import Api, check, secret

BIN = sys.argv[1]
PEOPLE = {"lea": ("E9", ["owner", "privacy"]), "ada": ("E1", ["compliance"]),
          "bo": ("E2", ["engineer"]), "cy": ("E3", ["employee"]),
          "pia": ("E4", ["privacy"]), "new": ("E5", ["employee"])}
server = None
atexit.register(lambda: server and server.kill())
api = {}
clock = None
url = None


def run(*args, ok=(0,)):
    r = subprocess.run([BIN] + list(args), capture_output=True, text=True,
                       env=dict(os.environ, TICKMARK_CLOCK=clock), timeout=120)
    if r.returncode not in ok:
        raise SystemExit("%s: %s %s" % (args, r.stdout[-500:], r.stderr))
    return r.stdout


def stop():
    global server
    if server is not None:
        server.terminate()
        server.wait(30)
        server = None


def at(day, hour="08:00"):
    """It is that day; the server starts anew, as after a night."""
    global clock, server, url
    stop()
    clock = "%sT%s:00Z" % (day, hour)
    server = subprocess.Popen(
        [BIN, "serve", "w", "--listen", "127.0.0.1:0"], text=True,
        stdout=subprocess.PIPE, stderr=open("log", "a"),
        env=dict(os.environ, TICKMARK_CLOCK=clock))
    url = server.stdout.readline().split()[-1]
    for i, name in enumerate(PEOPLE):
        api[name] = Api(url, secret(10 + 2 * i))


def rest(word, a, want=None):
    """That went well, or was refused as it had to be."""
    good = a.status in (200, 201, 204) if want is None else a.status == want
    if not check(good, word, a) and want is None:
        raise SystemExit("%s: %r" % (word, a))
    return a.json


def post(who, path, body=None, word=None, want=None):
    return rest(word or "%s: %s" % (who, path),
                api[who]("POST", path, body if body is not None else {}),
                want)


def put(who, path, body, word=None, want=None):
    return rest(word or "%s: %s %s" % (who, path, list(body)[0]),
                api[who]("PATCH", path, body, If_Match="*"), want)


def step(who, path, states, **more):
    for i, s in enumerate(states):
        put(who, path, dict(more if i == 0 else {}, state=s))


def inbox(who):
    a = api[who]("GET", "/tasks/mine?limit=500")
    if a.status != 200:
        raise SystemExit("inbox of %s: %r" % (who, a))
    return a.json["items"]


def waits(who, source, has="", **more):
    """Somebody has that on the inbox, so."""
    got = [t for t in inbox(who) if t["source"] == source and
           has in t["title"]]
    ok = len(got) > 0 and all(t.get(k) == v for t in got
                              for k, v in more.items())
    check(ok, "%s: %s has %s %s %s" % (clock[:10], who, source, has, more or ""),
          [(t["source"], t["title"], t["due_on"], t["overdue"], t["why"])
           for t in inbox(who)])
    return got


def free(who, source, has=""):
    got = [t for t in inbox(who) if t["source"] == source and
           has in t["title"]]
    check(not got, "%s: nothing of %s %s waits for %s" %
          (clock[:10], source, has, who), got)


def roster(rows, word, want=None, **query):
    text = "code,name,kind,start_on,end_on,manager,login,email,role\n" + "".join(
        ",".join(r) + "\n" for r in rows)
    path = "/people:import" + ("?" + "&".join(
        "%s=%s" % kv for kv in query.items()) if query else "")
    return rest(word, api["lea"]("POST", path, text,
                                 Content_Type="text/csv"), want)


def crm(*rows):
    with open("crm.csv", "w") as f:
        f.write("app,account_id,login,email,role,admin,status\n" +
                "".join("crm,%s\n" % r for r in rows))


# --- January: it begins --------------------------------------------------------------
clock = "2026-01-05T08:00:00Z"
run("init", "w", "--org", "Example Cloud (demo)", "--demo")
with open("w/serve.conf", "w") as f:
    f.write("api.rate = 2000\napi.burst = 5000\n")
with open("w/program.conf", "w") as f:
    f.write("escalate.after = 3\nescalate.lead.after = 20\n"
            "escalate.lead = E9\n")
run("record", "w", "person", "put", "code=E9", "name=Lea Lead",
    "kind=employee", "start_on=2024-01-01", "state=active")
run("user", "w", "add", "lea", "--role", "owner", "--role", "privacy",
    "--person", "E9")
run("record", "w", "token", "put", "name=lea", "user=lea",
    "scopes=read;write", "expires_on=2026-12-31", "digest=" +
    hashlib.sha256(secret(10).encode()).hexdigest())
crm("1,ada,ada@example.org,sales,no,active", "2,bo,bo@example.org,admin,yes,active",
    "3,old,old@example.org,sales,no,active")
run("source", "w", "add", "csv", "--name", "crm", "--table", "saas_account",
    "--file", os.path.abspath("crm.csv"), "--max-gap", "2d", "--owner", "E9")
at("2026-01-05")
STAFF = [["E9", "Lea Lead", "employee", "2024-01-01", "", "", "lea",
          "lea@example.org", "Head"],
         ["E1", "Ada One", "employee", "2024-01-08", "", "E9", "ada",
          "ada@example.org", "Compliance lead"],
         ["E2", "Bo Two", "employee", "2024-01-08", "", "E9", "bo",
          "bo@example.org", "Engineer"],
         ["E3", "Cy Three", "employee", "2024-01-08", "", "E2", "cy",
          "cy@example.org", "Support"],
         ["E4", "Pia Four", "employee", "2024-01-08", "", "E9", "pia",
          "pia@example.org", "Privacy officer"]]
a = roster(STAFF, "a roster is planned", dry_run="true")
check(a["joins"] == 4 and api["lea"]("GET", "/person?count=true").json["count"]
      == 1, "and nothing is written", a)
roster(STAFF, "and comes in", whole="true")
for i, (name, (code, roles)) in enumerate(PEOPLE.items()):
    if name in ("lea", "new"):
        continue
    post("lea", "/user", {"login": name, "roles": roles, "person": code})
    post("lea", "/token", {"name": name, "user": name,
                           "scopes": ["read", "write"],
                           "expires_on": "2026-12-31",
                           "digest": hashlib.sha256(secret(
                               10 + 2 * i).encode()).hexdigest()})
for code, owner in (("AC-05", "E1"), ("AC-03", "E2")):
    put("ada", "/control/" + code, {"owner": owner, "state": "designed"})
    put("ada", "/control/" + code, {"state": "implemented",
                                    "effective_on": "2026-01-01"})
waits("ada", "occurrence", "AC-05", due_on="2026-03-31", overdue=False)
free("bo", "occurrence", "AC-05")
rest("an employee sees no task of others", api["cy"]("GET", "/tasks"))
check(api["cy"]("GET", "/tasks").json["items"] == [], "none at all")

# a policy, published and to be acknowledged
post("ada", "/policies/POL-04/draft", {"owner": "E9", "summary": "The first"})
post("ada", "/policies/POL-04/review", {"reviewer": "E2"})
post("ada", "/policies/POL-04/approve", {}, "the author does not approve", 422)
post("ada", "/policies/POL-04/approve", {"by": "E9"}, "nor for another", 403)
post("cy", "/policies/POL-04/approve", {}, "an employee sees no draft", 404)
post("lea", "/policies/POL-04/approve")
post("lea", "/policies/POL-04/publish")
rest("no person is asked what was not published", api["cy"](
    "GET", "/policies/POL-05"), 404)
check(len(rest("who works here reads it", api["cy"](
    "GET", "/policies/POL-04"))["text"]) > 1000, "all of it")
ack = post("ada", "/campaigns", {"policies": ["POL-04"], "title": "Access",
                                 "due_on": "2026-01-20",
                                 "owner": "E1"})["code"]
waits("cy", "acknowledgement", "POL-04", due_on="2026-01-20")
old = post("cy", "/tasks/calendar")["url"]
first = Api(url)("GET", old, base="")
check(first.status == 200 and b"POL-04" in first.body and
      first.head["Content-Type"].startswith("text/calendar"),
      "a calendar shows it to whoever has its address", first)
feed = post("cy", "/tasks/calendar")["url"]
rest("a new address ends the one before", Api(url)("GET", old, base=""), 404)
rest("and counts itself", Api(url)("GET", feed, base=""))
rest("which may be ended too", api["cy"]("DELETE", "/tasks/calendar"), 204)
rest("and is no more", Api(url)("GET", feed, base=""), 404)
rest("it is no token", Api(url, feed.split("/")[-1])("GET", "/me"), 401)
post("cy", "/acknowledge", {"person": "E2"}, "not for somebody else", 422)
post("cy", "/acknowledge")
free("cy", "acknowledgement")
post("cy", "/acknowledge", {}, "not twice", 422)
for who in ("ada", "lea", "pia"):
    post(who, "/acknowledge")

# a course
post("ada", "/courses/security-awareness/assign")
waits("cy", "training", "security-awareness", overdue=False)
course = api["cy"]("GET", "/courses/security-awareness").json
check('"answer":' not in json.dumps(course), "a course tells no answers")
right = {q["id"]: q["answer"] for m in json.loads(run(
    "training", "w", "show", "security-awareness", "--with-answers",
    "--json"))["modules"] for q in m["questions"]}
a = post("cy", "/courses/security-awareness/answers",
         {"answers": dict.fromkeys(right, "a")})
check(not a["passed"] and a["read_again"], "guessing does not do", a)
waits("cy", "training")
a = post("cy", "/courses/security-awareness/answers", {"answers": right})
check(a["passed"] and a["score"] == 100, "knowing does", a)
free("cy", "training")

# --- February: somebody comes ----------------------------------------------------------
at("2026-02-02")
waits("bo", "acknowledgement", "POL-04", overdue=True, why="own")
waits("lea", "acknowledgement", "POL-04", overdue=True, why="manager")
check(rest("the campaign", api["ada"]("GET", "/campaigns"))["items"][0]
      ["overdue"] == 1, "counts one as overdue")
post("bo", "/acknowledge")
free("lea", "acknowledgement")
STAFF.append(["E5", "Ny Five", "employee", "2026-02-16", "", "E2", "ny",
              "ny@example.org", "Support"])
a = roster(STAFF, "somebody is hired", whole="true")
check(a["joins"] == 1 and a["same"] == 5, "and only that changes", a)
check(post("ada", "/people/checklists")["done"] == 1, "with a checklist")
waits("bo", "checklist.item")
at("2026-02-16")
roster(STAFF, "the first day", whole="true")
check(api["lea"]("GET", "/person/E5").json["state"] == "active", "is here")
post("lea", "/user", {"login": "new", "roles": ["employee"], "person": "E5"})
post("lea", "/token", {"name": "new", "user": "new",
                       "scopes": ["read", "write"], "expires_on": "2026-12-31",
                       "digest": hashlib.sha256(secret(20).encode())
                       .hexdigest()})
check(post("ada", "/courses/security-awareness/assign")["done"] == 1,
      "one who has no course yet")
put("ada", "/campaign/" + ack, {"joiner_days": 14})
check(post("ada", "/campaigns/%s/refresh" % ack)["done"] == 1,
      "and was not asked yet")
waits("new", "training", "security-awareness", overdue=False)
waits("new", "acknowledgement", "POL-04", due_on="2026-03-02")
post("new", "/acknowledge")
post("new", "/courses/security-awareness/answers", {"answers": right})
free("new", "training")
for t in waits("new", "checklist.item"):
    put("new", "/checklist_item/" + t["record"], {
        "state": "done", "done_on": "2026-02-16", "done_by": "E5"},
        "an item is done")
free("new", "checklist.item")

# --- March: an access review -------------------------------------------------------------
crm("1,ada,ada@example.org,sales,no,active", "2,bo,bo@example.org,admin,yes,active",
    "3,old,old@example.org,sales,no,active", "5,ny,ny@example.org,sales,no,active")
at("2026-03-02")
review = {"code": "AR-2026-Q1", "sources": ["crm"], "reviewers": ["E1", "E2"],
          "owner": "E1", "validator": "E2", "due_on": "2026-03-20",
          "control": "AC-05"}
post("ada", "/reviews", review, "nothing is frozen that was not looked at", 422)
run("collect", "w")
post("cy", "/reviews", review, "an employee freezes nothing", 403)
a = post("ada", "/reviews", review)
check(a["rows"] == 4 and a["privileged"] == 1 and a["unmatched"] == 1,
      "a frozen list", a)
post("ada", "/reviews", review, "once", 409)
waits("ada", "review.decide")
waits("bo", "review.decide")
rows = rest("its rows", api["ada"]("GET", "/reviews/AR-2026-Q1/rows"))["items"]
check(len(rows) == 4, "are four", rows)
for r in rows:
    who = {"E1": "ada", "E2": "bo"}[r["reviewer"]]
    other = "bo" if who == "ada" else "ada"
    path = "/reviews/AR-2026-Q1/rows/%d" % r["number"]
    if r["person"] in ("E1", "E2"):
        post({"E1": "ada", "E2": "bo"}[r["person"]], path,
             {"decision": "keep"}, "nobody certifies their own access", 403)
        post({"E1": "ada", "E2": "bo"}[r["person"]], path,
             {"decision": "keep", "by": r["reviewer"]},
             "nor as somebody else", 403 if r["person"] == "E1" else 422)
    post("cy", path, {"decision": "keep"}, "nor whoever passes by", 404)
    post(who, path, {"decision": "remove" if "old" in str(r["account"]) or
                     r["person"] is None else "keep",
                     "reason": "as it is"})
free("ada", "review.decide")
free("bo", "review.decide")
waits("lea", "review.remove", due_on="2026-03-09")
a = post("ada", "/reviews/AR-2026-Q1/check")
check(a["state"] == "remediating" and a["removing"] == 1 and
      a["not_collected_since"] == 1, "a removal waits until it is seen", a)
post("ada", "/occurrences/AC-05", {"evidence": "It was done"},
     "it is shown by what the control names", 422)
a = post("ada", "/occurrences/AC-05", {
    "evidence": "Review AR-2026-Q1 and its user list; IPE in folder 7"})
check(a["state"] == "on_time", "the control was carried out", a)
free("ada", "occurrence", "AC-05")
crm("1,ada,ada@example.org,sales,no,active", "2,bo,bo@example.org,admin,yes,active",
    "5,ny,ny@example.org,sales,no,active")
at("2026-03-11")
waits("lea", "review.remove", overdue=True)
run("collect", "w")
a = post("ada", "/reviews/AR-2026-Q1/check")
check(a["state"] == "closed" and a["found_gone"] == 1, "it is gone, and seen", a)
free("lea", "review.remove")

# --- April: a vendor -------------------------------------------------------------------------
at("2026-04-15")
post("ada", "/vendor", {"name": "Old Mail", "tier": "low", "service": "Mail",
                        "owner": "E2", "contract_until": "2026-05-31"})
step("ada", "/vendor/Old%20Mail", ["assessed", "active"])
waits("bo", "vendor.contract", "Old Mail", due_on="2026-05-31", overdue=False)
put("ada", "/vendor/Old%20Mail", {"state": "ended"}, "it does not just end", 422)
put("ada", "/vendor/Old%20Mail", {"state": "offboarding",
                                  "exit_reason": "Another is better"})
free("bo", "vendor.contract")
put("ada", "/vendor/Old%20Mail", {"state": "ended", "ended_on": "2026-04-15"},
    "not while our data is there", 422)
put("ada", "/vendor/Old%20Mail", {
    "state": "ended", "access_removed_on": "2026-04-14",
    "data_returned_on": "2026-04-15", "exit_proof": "Letter of 15 April",
    "ended_on": "2026-04-15"})

# --- June: a breach ------------------------------------------------------------------------
at("2026-06-01")
post("pia", "/jurisdiction", {}, "who may not, may not", 403)
post("ada", "/jurisdiction", {
    "code": "DE", "name": "Germany", "request_days": 30, "extension_days": 60,
    "complaint_days": 30, "breach_authority_hours": 72,
    "breach_people_hours": 240})
post("ada", "/severity_deadline", {"kind": "incident", "severity": "high",
                                   "hours": 4})
post("bo", "/incident", {"code": "INC-1", "title": "Mail went astray",
                         "severity": "high", "owner": "E2",
                         "detected_at": "2026-06-01T06:00:00Z",
                         "personal_data": True})
waits("bo", "incident.triage", "INC-1", due_at="2026-06-01T10:00:00Z",
      overdue=False)
put("bo", "/incident/INC-1", {"state": "triaged",
                              "triaged_at": "2026-06-01T07:00:00Z"})
waits("bo", "incident.lead", "INC-1")
put("lea", "/incident/INC-1", {
    "breach_decision": "breach", "breach_reason": "Names of customers",
    "decided_by": "E9", "decided_at": "2026-06-01T08:00:00Z"})
for code, to in (("BN-1", "authority"), ("BN-2", "people")):
    post("pia", "/breach_notice", {"code": code, "incident": "INC-1",
                                   "jurisdiction": "DE", "recipient": to,
                                   "decided_by": "E4"})
waits("pia", "breach.assess", "BN-1", clock=True, due_at="2026-06-04T06:00:00Z")
for code in ("BN-1", "BN-2"):
    put("pia", "/breach_notice/" + code, {"state": "required",
                                          "decision_reason": "Risk"})
waits("pia", "breach.send", "BN-1", clock=True, overdue=False)
put("pia", "/breach_notice/BN-1", {"state": "sent", "text": "Dear authority",
                                   "sent_at": "2026-06-01T08:00:00Z"})
at("2026-06-18")
t = waits("pia", "breach.send", "BN-2", clock=True, overdue=True)
check(inbox("pia")[0]["id"] == t[0]["id"], "a clock that ran out comes first")
waits("lea", "breach.send", "BN-2", why="manager")
put("pia", "/breach_notice/BN-2", {
    "state": "sent", "text": "Dear people", "sent_at": "2026-06-18T08:00:00Z"},
    "late says why", 422)
put("lea", "/incident/INC-1", {"state": "closed", "cause": "A slip",
                               "lessons": "Ask twice",
                               "closed_at": "2026-06-18T08:00:00Z",
                               "control_failure": False,
                               "commitment_broken": False},
    "no breach is closed with a notice to be sent", 422)
put("pia", "/breach_notice/BN-2", {
    "state": "sent", "text": "Dear people", "sent_at": "2026-06-18T08:00:00Z",
    "delay_reason": "Addresses were missing"})
free("pia", "breach.send")
put("lea", "/incident/INC-1", {"state": "closed", "cause": "A slip",
                               "lessons": "Ask twice",
                               "closed_at": "2026-06-18T08:00:00Z",
                               "control_failure": False,
                               "commitment_broken": False})
free("bo", "incident.lead")

# --- July: a control that nobody carried out; somebody leaves ---------------------------------
at("2026-07-10")
waits("ada", "occurrence", "AC-05")
late = [t for t in inbox("ada") if t["overdue"] and
        t["source"] == "occurrence"]
check(len(late) == 1 and late[0]["due_on"] == "2026-06-30", "of last quarter",
      late)
waits("lea", "occurrence", "AC-05", why="manager", overdue=True)
STAFF[5][4] = "2026-07-10"
a = roster(STAFF, "a last day", whole="true")
check(post("ada", "/people/checklists")["done"] == 1, "and its checklist")
waits("bo", "checklist.item")
at("2026-07-13")
roster(STAFF, "and gone", whole="true")
check(api["lea"]("GET", "/person/E5").json["state"] == "ended", "so it says")
rest("whoever is gone may still sign in until disabled", api["new"](
    "GET", "/me"))
put("lea", "/user/new", {"state": "disabled"})
rest("and then no more", api["new"]("GET", "/me"), 401)
at("2026-07-20")
run("collect", "w")
run("test", "w", "leaver-saas-access", ok=(1,))
waits("bo", "test.exceptions", "AC-03")
res = [r for r in rest("results", api["ada"]("GET", "/results"))["items"]
       if r["procedure"] == "leaver-saas-access"][0]
check(res["outcome"] == "exceptions" and res["fail"] == 1, "one leaver", res)
m = rest("and whose access it is", api["lea"](
    "GET", "/results/%d/members?filter=status=fail" % res["entry"]))["items"]
check(len(m) == 1 and "ny" in json.dumps(m[0]), "is told to who may see it", m)
m = rest("not to others", api["bo"](
    "GET", "/results/%d/members?filter=status=fail" % res["entry"]))["items"]
check(m and m[0]["label"] == {"masked": True}, "it is masked", m)
crm("1,ada,ada@example.org,sales,no,active", "2,bo,bo@example.org,admin,yes,active")
at("2026-07-21")
run("collect", "w")
waits("bo", "test.exceptions", "AC-03")
at("2026-07-22")
run("test", "w", "leaver-saas-access")
free("bo", "test.exceptions", "AC-03")

# --- August: somebody asks to be forgotten ------------------------------------------------------
at("2026-08-03")
post("pia", "/subject_request", {
    "code": "DSR-1", "kind": "deletion", "subject_name": "Ny Five",
    "jurisdiction": "DE", "received_at": "2026-08-03T07:00:00Z", "assignee": "E4"})
waits("pia", "subject_request", "DSR-1", clock=True, overdue=False)
put("pia", "/subject_request/DSR-1", {"state": "verifying"})
put("pia", "/subject_request/DSR-1", {"state": "working"},
    "nothing before it is certain who asks", 422)
put("pia", "/subject_request/DSR-1", {
    "state": "working", "identity_checked_at": "2026-08-03T08:00:00Z",
    "identity_method": "Call back"})
at("2026-09-10")
waits("pia", "subject_request", "DSR-1", overdue=True)
waits("lea", "subject_request", "DSR-1", why="manager")
person = api["lea"]("GET", "/person?retired=true&filter=code=E5").json["items"]
check(person[0]["name"] == "Ny Five", "a name", person)
stop()
run("erase", "w", "person", "E5", "--decision", "DSR-1", "--yes")
at("2026-09-10", "10:00")
gone = json.dumps(api["lea"]("GET", "/person?retired=true").json) + json.dumps(
    api["lea"]("GET", "/tables/saas_account?as_of=2026-07-01").json)
check("Ny Five" not in gone and "ny@example.org" not in gone,
      "is nowhere any more", gone[:300])
put("pia", "/subject_request/DSR-1", {
    "state": "fulfilled", "answered_at": "2026-09-10T09:00:00Z",
    "answer": "Erased", "recipients_told": "none"})
free("pia", "subject_request")
rest("the ledger knows who asked for it", api["lea"]("GET", "/ledger"))

# --- October: an exception that ends ---------------------------------------------------------------
at("2026-09-15")
ex = post("bo", "/policies/POL-04/exceptions", {
    "reason": "An old scanner", "until": "2026-10-31"})["code"]
put("lea", "/exception/" + ex, {"approver": "E9"})
waits("lea", "exception.approve", ex)
put("bo", "/exception/" + ex, {"state": "approved",
                               "starts_on": "2026-09-15"},
    "nobody approves their own", 403)
put("lea", "/exception/" + ex, {"state": "approved",
                                "starts_on": "2026-09-15"})
check(api["ada"]("GET", "/policies?filter=code=POL-04").json["items"][0]
      ["exceptions"] == 1, "one exception counts")
free("bo", "exception.ends")
at("2026-10-05")
waits("bo", "exception.ends", ex, overdue=False)
put("lea", "/exception/" + ex, {"expires": "2026-12-31"},
    "it is not prolonged", 422)
at("2026-11-09")
waits("bo", "exception.ends", ex, overdue=True)
check(api["ada"]("GET", "/policies?filter=code=POL-04").json["items"][0]
      ["exceptions"] == 0, "none counts any more")
put("lea", "/exception/" + ex, {"state": "expired"})
free("bo", "exception.ends")

# --- December: what there was ----------------------------------------------------------------------
at("2026-12-15")
a = rest("the year", api["ada"](
    "GET", "/occurrences?control=AC-05&period=2026-01-01..2026-12-31"))["items"]
check([(o["state"], o["overdue"]) for o in a] == [
    ("on_time", False), ("missed", False), ("expected", True),
    ("expected", False)],
      "nothing drops out of the count", a)
check(a[0]["performer"] == "E1", "and who did what is known")
for path in ("/tasks", "/readiness", "/readiness/controls", "/results",
             "/occurrences", "/policies", "/campaigns", "/reviews", "/sources",
             "/runs", "/gap/items", "/ledger/entries", "/person", "/incident"):
    for kind in ("csv", "xlsx", "json"):
        a = api["lea"]("GET", path + "?format=" + kind)
        if a.status != 200 or not a.body:
            check(False, "%s as %s" % (path, kind), a)
then = rest("readiness in spring", api["ada"](
    "GET", "/readiness/summary?as_of=2026-03-31"))
check(then["as_of"].startswith("2026-03-31"), "as of then", then)
h = rest("history as of June", api["lea"](
    "GET", "/vendor/Old%20Mail?as_of=2026-04-14"), 404)
a = api["lea"]("GET", "/vendor?retired=true&filter=name=Old%20Mail")
i = a.json["items"][0]["id"]
all_of = api["lea"]("GET", "/vendor/%s/history" % i).json["items"]
some = api["lea"]("GET", "/vendor/%s/history?known_at=%d" % (
    i, all_of[1]["entry"] + 1)).json["items"]
check(len(all_of) == 5 and len(some) == 2, "history as known then",
      (len(all_of), len(some)))
stop()
