#!/usr/bin/python3
"""Every n-th allocation and every n-th call on storage fails, to the end.

usage: nthfail.py PROGRAM [--step N | --budget S] [--seed N] [--only WORD] [--kinds K,K]
                  [--jobs N] [--verbose]

PROGRAM is the one with the layer (build/test/fault/tickmark). Each command is
run on a fresh copy of a small workspace with the n-th call failing, for n = 1,
2, 3 ... until the command no longer reaches it. It may succeed, or say no as it
would have; otherwise it ends with exit 3 and one line of error. Then the
workspace must be as it was or complete: doctor finds nothing, and the same
command works.

kinds: memory (one allocation), memory-on (all from then on), io (EIO), io-on,
full (ENOSPC from then on), kill (kill -9 before the n-th change), short (reads
and writes are short or interrupted, n is the seed).
--step N takes about every N-th n, by seed. --budget S spreads the n over the
command so that each kind of each command takes about S seconds.
"""
import argparse
import mmap
import multiprocessing
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

KINDS = {"memory": "alloc=%d", "memory-on": "alloc=%d,on", "io": "io=%d", "io-on": "io=%d,on",
         "full": "io=%d,on,errno=28", "kill": "kill=%d", "short": "short=%d"}
SHORT_SEEDS = 24

# Each with what it may answer besides 0, and whether it changes the workspace.
COMMANDS = [
    ("init", ["init", "NEW", "--org", "Example Cloud (demo)", "--demo"], ()),
    ("record put", ["record", "W", "person", "put", "code=P9", "name=Demo Person 9", "kind=employee"], ()),
    ("record list", ["record", "W", "control", "list"], ()),
    ("record show", ["record", "W", "control", "list", "--json"], ()),
    ("source add", ["source", "W", "add", "csv", "--name", "more", "--table", "hr_person", "--file", "CSV"], ()),
    ("source list", ["source", "W", "list"], ()),
    ("collect", ["collect", "W", "hr"], (1,)),
    ("test", ["test", "W", "--as-of", "2026-01-31"], (1,)),
    ("status", ["status", "W", "--as-of", "2026-01-31"], (1,)),
    ("sql", ["sql", "W", "SELECT count(*) FROM hr_person"], ()),
    ("report", ["report", "W", "--type", "1", "--as-of", "2026-01-31", "-o", "OUT.pdf"], (1,)),
    ("rebuild", ["rebuild", "W"], ()),
    ("rebuild records", ["rebuild", "W", "--records"], ()),
    ("doctor", ["doctor", "W"], (1,)),
    ("rotate master", ["keys", "W", "rotate", "master"], ()),
    ("rotate body", ["keys", "W", "rotate", "body"], ()),
    ("rotate signing", ["keys", "W", "rotate", "signing"], ()),
]


def run(program, args, fault=None, cwd=None):
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        if name in os.environ:
            env[name] = os.environ[name]
    if fault:
        env["TICKMARK_FAULT"] = fault
    p = subprocess.run([program] + args, env=env, cwd=cwd, stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=120)
    return p.returncode, p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace")


class State:
    """The counters of the layer, which its processes share."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as f:
            f.write(bytes(4096))
        self.f = open(path, "r+b")
        self.m = mmap.mmap(self.f.fileno(), 4096)

    def clear(self):
        self.m[:] = bytes(4096)

    def get(self):
        allocs, ios, changes, hits = struct.unpack_from("<QQQQ", self.m, 0)
        what = bytes(self.m[32:136]).split(b"\0")[0].decode()
        return allocs, ios, changes, hits, what


class Trial:
    def __init__(self, o, work, base):
        self.o, self.work, self.base = o, work, base
        os.mkdir(work)
        self.state = State(work + "/state")

    def fill(self, args):
        names = {"W": self.work + "/w", "NEW": self.work + "/new", "CSV": self.base + "/hr.csv",
                 "OUT.pdf": self.work + "/out.pdf"}
        return [names.get(a, a) for a in args]

    def fresh(self):
        for name in ("w", "new"):
            shutil.rmtree(self.work + "/" + name, ignore_errors=True)
        shutil.copytree(self.base + "/w", self.work + "/w", symlinks=True)
        if os.path.exists(self.work + "/out.pdf"):
            os.unlink(self.work + "/out.pdf")
        self.state.clear()

    def one(self, name, args, other, kind, n):
        """None: never reached; else (told, problem or '')."""
        self.fresh()
        args = self.fill(args)
        fault = "state=%s,%s" % (self.state.path, KINDS[kind] % n)
        try:
            rc, out, err = run(self.o.program, args, fault)
        except subprocess.TimeoutExpired:
            return True, "it hung"
        hits, what = self.state.get()[3:]
        if hits == 0 and kind != "short":
            return None
        problem = self.judge(rc, out, err, other, kind)
        if not problem:
            problem = self.after(args, other, rc, kind)
        if problem:
            problem = "%s, %s %d (%s): %s" % (name, kind, n, what, problem)
        return rc != 0, problem

    def step_for(self, args, kind, budget):
        """How far apart the n lie that can be tried in so many seconds."""
        begun = time.monotonic()
        self.fresh()
        run(self.o.program, self.fill(args), "state=" + self.state.path)
        allocs, ios, changes, _, _ = self.state.get()
        run(self.o.program, ["doctor", self.work + "/w"])
        took = (time.monotonic() - begun) * 1.3
        most = allocs if kind.startswith("memory") else changes if kind == "kill" else ios
        # On a slow machine a few are tried all the same.
        return max(1, min(int(most * took / budget), most // 4))

    def judge(self, rc, out, err, other, kind):
        if kind == "kill" and rc == -9:
            return ""
        if kind == "short" and rc not in (0,) + other:
            return "exit %d: %s" % (rc, err.strip())
        if rc == 0 or (rc in other and not err.startswith("tickmark: ")):
            return ""
        if rc != 3:
            return "exit %d: %s" % (rc, err.strip()[-300:])
        lines = [x for x in err.splitlines() if x]
        if len(lines) != 1 or not re.match(r"tickmark: .+", lines[0]):
            # With all calls failing, nothing can be said.
            if not (kind.endswith("-on") or kind == "full") or len(lines) > 1:
                return "not one line of error: %r" % err[-300:]
        return ""

    def after(self, args, other, rc, kind):
        o = self.o
        if args[0] == "init":
            new = self.work + "/new"
            if os.path.exists(new + "/tickmark.workspace"):
                code, out, err = run(o.program, ["doctor", new])
                return "" if code == 0 else "doctor afterwards: exit %d: %s %s" % (code, problems(out), err)
            if rc in (3, -9) and os.path.exists(new) and os.listdir(new):
                left = sorted(os.listdir(new))
                code, out, err = run(o.program, args)
                # Nothing could be removed either: then what is there is named.
                if code != 0 and not (kind == "io-on" and "not empty" in err):
                    return "it left %s, and again: %s" % (left, err)
            return ""
        code, out, err = run(o.program, ["doctor", self.work + "/w"])
        if code != 0:
            return "doctor afterwards: exit %d: %s %s" % (code, problems(out), err)
        if args[0] == "doctor":
            return ""
        code, out, err = run(o.program, args)
        if code not in (0,) + other and not "already" in err:
            return "again: exit %d: %s" % (code, err)
        return ""


def problems(out):
    return "; ".join(re.findall(r"^problem +(.*)$", out, re.M)[:4])


def setup(o, base):
    w, csv = base + "/w", base + "/hr.csv"
    with open(csv, "w") as f:
        f.write("employee_id,name,start_date,kind\n")
        for i in range(30):
            f.write("E%d,Demo Employee %d,2024-01-08,employee\n" % (i, i))
    for c in (["init", w, "--org", "Example Cloud (demo)", "--demo"],
              ["source", w, "add", "csv", "--name", "hr", "--table", "hr_person", "--file", csv],
              ["collect", w, "hr"]):
        rc, out, err = run(o.program, c)
        if rc != 0:
            sys.exit("nthfail: %s: exit %d: %s" % (" ".join(c), rc, err))
    with open(csv, "a") as f:
        f.write("E99,Demo Employee 99,2024-01-08,employee\n")


def part(args):
    """One command with one kind of fault, every n of it."""
    o, work, base, name, command, other, kind = args
    t = Trial(o, work, base)
    tried = told = 0
    bad = []
    rng = random.Random("%d %s %s" % (o.seed, name, kind))
    step = o.step if kind != "short" else 1
    if o.budget and kind != "short":
        step = t.step_for(command, kind, o.budget)
    n = rng.randrange(step) + 1
    begun = time.monotonic()
    while True:
        if kind == "short" and tried * o.step >= SHORT_SEEDS:
            break
        if (kind == "short" and o.budget and tried >= 2 and
                time.monotonic() - begun > o.budget):
            break
        got = t.one(name, command, other, kind, n)
        if got is None:
            break
        tried += 1
        told += got[0]
        if got[1]:
            bad.append(got[1])
        n += rng.randrange(1, 2 * step) if step > 1 else 1
    shutil.rmtree(work, ignore_errors=True)
    if o.verbose:
        print("# %-16s %-10s %6d failed in turn, to n = %d; %d told; %d wrong" % (
            name, kind, tried, n - 1, told, len(bad)), flush=True)
        for x in bad[:5]:
            print("#   " + x, flush=True)
    return tried, told, bad


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("--step", type=int, default=1)
    p.add_argument("--budget", type=float)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--only")
    p.add_argument("--kinds", default=",".join(KINDS))
    p.add_argument("--jobs", type=int, default=1)
    p.add_argument("--verbose", action="store_true")
    o = p.parse_args()
    o.program = os.path.abspath(o.program)
    base = tempfile.mkdtemp(prefix="tickmark-nthfail.",
                            dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")
    try:
        setup(o, base)
        jobs = []
        for name, command, other in COMMANDS:
            if o.only and o.only != name:
                continue
            for kind in o.kinds.split(","):
                jobs.append((o, "%s/%d" % (base, len(jobs)), base, name, command, other, kind))
        if o.jobs == 1:
            results = [part(j) for j in jobs]
        else:
            with multiprocessing.Pool(o.jobs) as pool:
                results = pool.map(part, jobs, 1)
        bad = [x for r in results for x in r[2]]
        for x in bad[:20]:
            print("# " + x)
        print("%d calls failed in turn in %d commands, %d of them told; %d did something wrong" % (
            sum(r[0] for r in results), len({j[3] for j in jobs}), sum(r[1] for r in results), len(bad)))
        sys.exit(1 if bad else 0)
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
