"""A client of the API for the tests, and their answers: one line a check,
"STATUS TAB NAME TAB NOTE", which lib.sh turns into TAP."""
import http.client
import json
import sys


class Api:
    def __init__(self, at, token=None):
        host, port = at.split("//")[1].strip("/").rsplit(":", 1)
        self.conn = http.client.HTTPConnection(host, int(port), timeout=60)
        self.token = token

    def __call__(self, method, path, body=None, base="/api/v1", **fields):
        head = {k.replace("_", "-"): v for k, v in fields.items()
                if v is not None}
        if self.token and "Authorization" not in head:
            head["Authorization"] = "Bearer " + self.token
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            head.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        try:
            self.conn.request(method, base + path, body, head)
            return Answer(self.conn.getresponse())
        except (http.client.RemoteDisconnected, ConnectionError):
            self.conn.close()
            self.conn.request(method, base + path, body, head)
            return Answer(self.conn.getresponse())


class Answer:
    def __init__(self, r):
        self.status = r.status
        self.body = r.read()
        self.head = r.headers
        self.json = None
        if self.body and "json" in (r.headers.get("Content-Type") or ""):
            self.json = json.loads(self.body)

    def __repr__(self):
        return "%d %s" % (self.status, self.body[:600].decode(errors="replace"))


def check(ok, name, note=""):
    note = str(note).replace("\n", " ").replace("\t", " ")
    print("%d\t%s\t%s" % (0 if ok else 1, name, "" if ok else note), flush=True)
    return ok


def status(a, want, name):
    return check(a.status == want, name, "wanted %d, got %r" % (want, a))


def secret(n):
    """The form of a token's secret; the tests know what they are."""
    return "tm1_" + "%026d" % n + "%026d" % (n + 1)


if __name__ == "__main__":
    print(secret(int(sys.argv[1])))
