#!/usr/bin/python3
"""A time stamp authority for tests: openssl ts -reply behind a small server.

usage: tsa.py DIR [MODE]    prints its port; DIR has or gets ca.pem, tsa.pem

MODE: good (default), stale (always the first answer), mute (no answer),
other (signs another digest), garbage, refuse.
"""
import http.server
import os
import subprocess
import sys
import time

DIR = os.path.abspath(sys.argv[1])
MODE = sys.argv[2] if len(sys.argv) > 2 else "good"
CONF = f"""
[req]
distinguished_name = dn
prompt = no
[dn]
CN = Test Authority
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[ts]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = t
[t]
serial = {DIR}/serial
crypto_device = builtin
signer_cert = {DIR}/tsa.pem
certs = {DIR}/ca.pem
signer_key = {DIR}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def run(*args, data=None):
    return subprocess.run(("openssl",) + args, check=True, input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          cwd=DIR).stdout


def make():
    os.makedirs(DIR, exist_ok=True)
    with open(f"{DIR}/conf", "w") as f:
        f.write(CONF)
    if os.path.exists(f"{DIR}/tsa.pem"):
        return
    run("req", "-new", "-x509", "-config", "conf", "-extensions", "ca",
        "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out",
        "ca.pem", "-days", "30", "-subj", "/CN=Test Root " + os.urandom(4).hex())
    run("req", "-new", "-config", "conf", "-newkey", "rsa:2048", "-nodes",
        "-keyout", "tsa.key", "-out", "tsa.csr", "-subj",
        "/O=Example/CN=Test Stamps")
    run("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
        "-CAcreateserial", "-days", "30", "-extfile", "conf", "-extensions",
        "ts", "-out", "tsa.pem")
    with open(f"{DIR}/serial", "w") as f:
        f.write("01\n")


def reply(query):
    with open(f"{DIR}/query", "wb") as f:
        f.write(query)
    return run("ts", "-reply", "-config", "conf", "-section", "t",
               "-queryfile", "query")


class Handler(http.server.BaseHTTPRequestHandler):
    first = None

    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        if MODE == "mute":
            time.sleep(60)
        if MODE == "garbage":
            body = b"\x30\x82\xff\xffno"
        elif MODE == "refuse":
            body = bytes.fromhex("30123010020102300b0c09") + \
                b"no stamps"
        elif MODE == "other":
            body = reply(run("ts", "-query", "-sha256", "-cert", "-data",
                             "conf"))
        elif MODE == "stale" and Handler.first:
            body = Handler.first
        else:
            body = Handler.first = reply(query)
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


make()
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
