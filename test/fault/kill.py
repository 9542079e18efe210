#!/usr/bin/python3
"""Kill -9 under load, on the whole program.

usage: kill.py PROGRAM [--kills N] [--seed N] [--every N] [--verbose]

In each round several commands work on one workspace at once: some that write
records, and by turns a collection, the tests, a rebuild, a report, and readers.
Each command that ends with 0 was acknowledged; at a moment by seed all of them
are killed. Afterwards all that was ever acknowledged must be there. Every
--every kills doctor looks at everything. Then the next round begins where this
one was killed.
"""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time


class Load:
    def __init__(self, o):
        self.o = o
        self.rng = random.Random(o.seed)
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
        self.base = tempfile.mkdtemp(prefix="tickmark-kill.", dir=base)
        self.w = self.base + "/w"
        self.csv = self.base + "/hr.csv"
        self.serial = 0
        self.acked = {}  # code of a person: name
        self.tried = {}  # the same, also what got no answer
        self.done = {}   # command: how many were answered

    def env(self):
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        return env

    def run(self, *args):
        p = subprocess.run([self.o.program] + list(args), env=self.env(), stdin=subprocess.DEVNULL,
                           capture_output=True, timeout=300)
        return p.returncode, p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace")

    def must(self, *args):
        rc, out, err = self.run(*args)
        if rc != 0:
            self.fail("%s: exit %d: %s%s" % (" ".join(args), rc, out[-2000:], err))
        return out

    def fail(self, what):
        kept = self.base + ".kept"
        shutil.copytree(self.w, kept, symlinks=True)
        print("# " + what)
        print("# the workspace is kept in " + kept)
        sys.exit(1)

    def people(self):
        with open(self.csv + ".new", "w") as f:
            f.write("employee_id,name,start_date,kind\n")
            for i in range(40):
                f.write("E%d,Demo Employee %d v%d,2024-01-08,employee\n" % (
                    i, i, self.serial if i % 10 == self.serial % 10 else 0))
        os.rename(self.csv + ".new", self.csv)

    def setup(self):
        self.people()
        self.must("init", self.w, "--org", "Example Cloud (demo)", "--demo")
        self.must("source", self.w, "add", "csv", "--name", "hr", "--table", "hr_person", "--file", self.csv)

    def next_command(self, first):
        """(words, code of the person that it writes or None)"""
        if first or self.rng.random() < 0.5:
            self.serial += 1
            code, name = "K%d" % (self.serial % 400), "Demo Person %d" % self.serial
            self.tried.setdefault(code, []).append(name)
            return ["record", self.w, "person", "put", "code=" + code, "name=" + name, "kind=employee"], code
        kind = self.rng.choice(("collect", "test", "rebuild", "rebuild", "records", "status", "sql", "report", "list"))
        if kind == "collect":
            self.serial += 1
            self.people()
            return ["collect", self.w, "hr"], None
        if kind == "test":
            return ["test", self.w, "CC6.1", "--as-of", "2026-01-%02d" % self.rng.randrange(1, 29)], None
        if kind == "records":
            return ["rebuild", self.w, "--records"] if self.rng.random() < 0.3 else ["doctor", self.w], None
        return {"rebuild": ["rebuild", self.w], "status": ["status", self.w],
                "sql": ["sql", self.w, "SELECT count(*) FROM hr_person"],
                "report": ["report", self.w, "--type", "1", "--as-of", "2026-01-31", "-o", self.base + "/out.pdf"],
                "list": ["record", self.w, "control", "list", "--json"]}[kind], None

    def round(self):
        """Work at once, until the moment comes; then nothing is left alive."""
        until = time.monotonic() + self.rng.choice((0.02, 0.08, 0.2)) * (0.2 + self.rng.random())
        live = []
        first = True
        while time.monotonic() < until:
            while len(live) < 3:
                words, code = self.next_command(first)
                first = False
                p = subprocess.Popen([self.o.program] + words, env=self.env(), stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
                live.append((p, words, code))
            time.sleep(0.002)
            live = [x for x in live if not self.ended(x)]
        killed = 0
        for p, words, code in live:
            try:
                os.killpg(p.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for x in live:
            x[0].wait()
            if x[0].returncode == -9:
                killed += 1
            else:
                self.ended(x)
        return killed

    def ended(self, x):
        p, words, code = x
        if p.poll() is None:
            return False
        if p.returncode == 0:
            self.done[words[0]] = self.done.get(words[0], 0) + 1
            if code is not None:
                self.acked[code] = self.tried[code][-1]
                self.tried[code] = self.tried[code][-1:]
        elif p.returncode < 0 and p.returncode != -9:
            self.fail("%s was ended by signal %d" % (" ".join(words), -p.returncode))
        return True

    def check(self):
        """Each person that was acknowledged is there, as of the last answer or
        of a write after it that got none."""
        have = {r["code"]: r["name"] for r in json.loads(self.must("record", self.w, "person", "list", "--json"))}
        for code, name in self.acked.items():
            if have.get(code) not in self.tried[code]:
                self.fail("lost: %s was acknowledged as %s, and is %s" % (code, name, have.get(code)))

    def finish(self, code):
        shutil.rmtree(self.base, ignore_errors=True)
        return code


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("--kills", type=int, default=100)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--every", type=int, default=25)
    p.add_argument("--verbose", action="store_true")
    o = p.parse_args()
    o.program = os.path.abspath(o.program)
    load = Load(o)
    try:
        load.setup()
        kills = rounds = doctors = 0
        while kills < o.kills:
            kills += load.round()
            rounds += 1
            load.check()
            if rounds % o.every == 0:
                load.must("doctor", load.w)
                doctors += 1
                if o.verbose:
                    print("# %d kills, %d people acknowledged" % (kills, len(load.acked)), flush=True)
        load.must("doctor", load.w)
        size = 0
        with open(load.w + "/ledger/checkpoint") as f:
            size = int(f.read().split("\n")[1])
        print("%d processes killed in %d rounds, %d entries, %d commands answered (%s): "
              "none lost, none corrupt, doctor found nothing in %d looks" % (
                  kills, rounds, size, sum(load.done.values()),
                  ", ".join("%s %d" % x for x in sorted(load.done.items())), doctors + 1))
    finally:
        shutil.rmtree(load.base, ignore_errors=True)


if __name__ == "__main__":
    main()
