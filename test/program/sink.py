#!/usr/bin/python3
"""A mail server and a webhook for tests, on loopback, with TLS.

usage: sink.py DIR     prints "SMTP HTTPS", their ports; DIR gets ca.pem and what
                       came: mail-N.eml with its envelope, hook-N.json

The mail server wants STARTTLS and a login, refuses "gone@" for ever and every
other recipient once with 451. The webhook answers 503 at first, then 200.
"""
import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

DIR = os.path.abspath(sys.argv[1])
CERT, KEY = DIR + "/ca.pem", DIR + "/key.pem"
subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
                "-keyout", KEY, "-out", CERT], check=True,
               stderr=subprocess.DEVNULL)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERT, KEY)
count = {"mail": 0, "hook": 0}


class Mail:
    seen = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return "550 5.1.1 no such user " + address
        if address not in self.seen:
            self.seen.add(address)
            return "451 4.7.1 try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        count["mail"] += 1
        name = "%s/mail-%d" % (DIR, count["mail"])
        with open(name + ".eml", "wb") as f:
            f.write(envelope.original_content)
        with open(name + ".json", "w") as f:
            json.dump({"from": envelope.mail_from, "to": envelope.rcpt_tos,
                       "tls": session.ssl is not None}, f)
        return "250 OK"


def login(server, session, envelope, mechanism, data):
    good = data.login == b"tickmark" and data.password == b"correct horse"
    return AuthResult(success=good)


class Hook(http.server.BaseHTTPRequestHandler):
    refused = False

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 200 if Hook.refused else 503
        Hook.refused = True
        if status == 200:
            count["hook"] += 1
            with open("%s/hook-%d.json" % (DIR, count["hook"]), "w") as f:
                json.dump({"id": self.headers["Tickmark-Id"],
                           "signature": self.headers["Tickmark-Signature"],
                           "body": body.decode()}, f)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


# The controller connects to itself, so it has to know its port.
with socket.create_server(("127.0.0.1", 0)) as s:
    port = s.getsockname()[1]
mail = Controller(Mail(), hostname="127.0.0.1", port=port,
                  tls_context=context, require_starttls=True,
                  authenticator=login, auth_required=True)
mail.start()
web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
web.socket = context.wrap_socket(web.socket, server_side=True)
threading.Thread(target=web.serve_forever, daemon=True).start()
print(port, web.server_port, flush=True)
sys.stdin.read()
mail.stop()
