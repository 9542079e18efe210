#!/usr/bin/python3
"""Simulated power cuts under the whole program.

usage: powercut.py PROGRAM [--count N] [--seed N] [--nosync TEXT] [--jobs N]
                   [--until-loss] [--dir DIR] [--keep]

PROGRAM is the one with the layer (build/test/fault/tickmark). A workload of
real commands is recorded once; then, N times, the power goes at some point of
the record, by seed, and the workspace that is left is opened again. It must
hold what was acknowledged, doctor must find nothing, it must go on working,
and its ledger must extend every checkpoint that anybody could have seen. One
cut in five is followed by a second one while the workspace is put right.

--nosync TEXT forgets the syncs of paths that contain TEXT: then losses must be
found, or this program could not find any. Every second cut is then aimed: right
after a checkpoint got its name, when all that it stands for was to be durable,
and no write without a sync arrives. So it does not take luck.
"""
import argparse
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import disk  # noqa: E402


def run(program, args, trace=None, nosync=None, cwd=None):
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        if name in os.environ:
            env[name] = os.environ[name]
    if trace:
        env["TICKMARK_FAULT"] = "trace=" + trace + (",nosync=" + nosync if nosync else "")
    p = subprocess.run([program] + args, env=env, cwd=cwd, stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=300)
    return p.returncode, p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace")


def people(path, rows, word):
    with open(path, "w") as f:
        f.write("employee_id,name,start_date,kind\n")
        for i in range(rows):
            f.write("E%d,Demo Employee %d %s,2024-01-08,employee\n" % (i, i, word if i % 7 == 0 else ""))


def checkpoint_size(path):
    try:
        with open(os.path.join(path, "ledger/checkpoint"), "rb") as f:
            return int(f.read().split(b"\n")[1])
    except (OSError, IndexError, ValueError):
        return -1


def entries(path):
    """Every entry, from the bundles of the newest checkpoint."""
    out, size = [], checkpoint_size(path)
    for n in range((size + 255) // 256):
        whole = os.path.join(path, "ledger/tile/entries/%03d" % n)
        if not os.path.exists(whole):
            whole += ".p/%d" % (size % 256)
        with open(whole, "rb") as f:
            raw = f.read()
        at = 0
        while at < len(raw) and len(out) < size:
            n_ = raw[at] << 8 | raw[at + 1]
            out.append(raw[at + 2 : at + 2 + n_])
            at += 2 + n_
    return out


def workload(program, base, nosync, short):
    """Record it, or its beginning, below ${base}; returns the trace's operations."""
    w, trace = base + "/w", base + "/trace"
    os.mkdir(base + "/in")
    first = disk.Disk(base + "/in")  # an empty folder that the workspace is in
    w = base + "/in/w"
    csv = base + "/hr.csv"
    people(csv, 400, "")
    commands = [["init", w, "--org", "Example Cloud (demo)", "--demo"],
                ["source", w, "add", "csv", "--name", "hr", "--table", "hr_person", "--file", csv],
                ["collect", w, "hr"]]
    for i in range(4):
        commands.append(["record", w, "person", "put", "code=P%d" % i, "name=Demo Person %d" % i,
                         "kind=employee"])
    commands += [["collect", w, "hr"], ["test", w, "--as-of", "2026-01-31"], ["rebuild", w],
                 ["record", w, "person", "put", "code=P1", "name=Another Name"],
                 ["rebuild", w, "--records"], ["status", w],
                 ["record", w, "person", "put", "code=P8", "name=Demo Person 8", "kind=contractor"]]
    known = run(program, ["--help"])[1]
    if "  backup " in known:
        commands.insert(8, ["backup", w, "--to", base + "/in/depot", "--plain"])
        commands.append(["backup", w, "--to", base + "/in/depot", "--plain"])
    if "  erase " in known:
        commands.insert(-1, ["erase", w, "person", "P2", "--decision", "T-1", "--yes"])
    if "  keys " in known:
        for key in ("body", "signing", "master"):
            commands.insert(-1, ["keys", w, "rotate", key])
    erased = backups = 0
    for i, c in enumerate(commands[:5] if short else commands):
        if c[0] == "collect" and i > 3:
            people(csv, 420, "again")
        rc, out, err = run(program, c, trace, nosync)
        if rc not in (0, 1):
            sys.exit("powercut: %s: exit %d: %s" % (" ".join(c), rc, err))
        erased += c[0] == "erase"
        backups += c[0] == "backup"
        disk.put_mark(trace, json.dumps({"size": checkpoint_size(w), "command": c[0],
                                         "erased": erased, "backups": backups}))
    return first, disk.read_trace(trace), entries(w)


class Loss(Exception):
    pass


class Cutter:
    def __init__(self, o, first, ops, reference):
        self.o, self.first, self.ops, self.reference = o, first, ops, reference

    def look(self, w, acked, seen, made, deep, when="before any writer"):
        """The workspace after a cut: what must hold."""
        o = self.o
        described = os.path.exists(w + "/tickmark.workspace")
        if not described:
            if made:
                raise Loss("the workspace is gone")
            return False
        if deep:
            rc, out, err = run(o.program, ["doctor", w])
            # An erasure that was cut off is told, and finished by any writer.
            unfinished = rc == 1 and when.startswith("before") and all(
                "an erasure was not finished" in x for x in problems(out).split("; "))
            if rc != 0 and not unfinished:
                raise Loss("doctor, %s: exit %d: %s %s" % (when, rc, problems(out), err))
        return True

    def beside(self, where, mark):
        """What else was acknowledged: an erasure, a backup."""
        w, o = where + "/w", self.o
        if mark.get("erased"):
            rc, out, err = run(o.program, ["record", w, "person", "list", "--json"])
            if rc != 0 or "Demo Person 2" in out:
                raise Loss("a person who was erased is back: exit %d: %s" % (rc, err))
        if mark.get("backups"):
            rc, out, err = run(o.program, ["backup", w, "--to", where + "/depot", "--check"])
            if rc != 0:
                raise Loss("a backup: exit %d: %s %s" % (rc, out[-300:], err))

    def go_on(self, w, acked, seen, trace=None, ref=None):
        o, ref = self.o, ref or self.reference
        rc, out, err = run(o.program, ["record", w, "person", "put", "code=AFTER",
                                       "name=Demo Person", "kind=employee"], trace)
        if rc != 0:
            raise Loss("a record afterwards: exit %d: %s" % (rc, err))
        have = entries(w)
        n = max(acked, seen)
        if len(have) < n:
            raise Loss("%d entries, %d were acknowledged, a checkpoint had %d" % (
                len(have), acked, seen))
        for i in range(min(n, len(ref))):
            if have[i] != ref[i]:
                raise Loss("entry %d is another one" % i)

    def cut(self, model, seed, acked, seen, mark, at, aimed):
        o, rng = self.o, random.Random(seed)
        where = tempfile.mkdtemp(prefix="cut.", dir=o.work)
        told = ""
        try:
            told = model.power(rng, where + "/in", aimed)
            w = where + "/in/w"
            whole = self.look(w, acked, seen, bool(mark), rng.random() < 0.5 or aimed)
            if whole:
                self.beside(where + "/in", mark)
            if whole and rng.random() < 0.2:
                told += "; then " + self.twice(where, rng, acked, seen)
            elif whole:
                self.go_on(w, acked, seen)
                self.look(w, acked, seen, True, True, "after a writer")
            return None, told
        except Loss as x:
            if o.keep:
                shutil.copytree(where, o.work + "/kept.%d" % seed, symlinks=True)
            return "cut at %d of %d, seed %d (%s): %s" % (at, len(self.ops), seed, told, x), told
        finally:
            shutil.rmtree(where, ignore_errors=True)

    def twice(self, where, rng, acked, seen):
        """A second cut, while the first is put right."""
        again = disk.Disk(where + "/in")
        trace = where + "/trace"
        self.go_on(where + "/in/w", acked, seen, trace)
        ref = entries(where + "/in/w")
        ops = disk.read_trace(trace)
        stop = rng.randrange(len(ops) + 1)
        for op in ops[:stop]:
            again.do(op)
            if op[0] == disk.RENAME and op[7] == b"checkpoint":
                seen = max(seen, size_of(again, op[2]))
        told = again.power(rng, where + "/in2")
        w = where + "/in2/w"
        self.look(w, acked, seen, True, rng.random() < 0.5)
        self.go_on(w, acked, seen, None, ref)
        self.look(w, acked, seen, True, True, "after a writer")
        return told


def problems(out):
    return "; ".join(re.findall(r"^problem +(.*)$", out, re.M)[:4])


def size_of(model, ino):
    try:
        return int(bytes(model.nodes[ino].now()).split(b"\n")[1])
    except (KeyError, IndexError, ValueError):
        return 0


def part(args):
    """The cuts of one process: in order of the trace, so that it is read once."""
    o, first, ops, reference, cuts = args
    cutter = Cutter(o, first, ops, reference)
    model, at = first, 0
    acked = seen = done = 0
    mark = {}
    bad = []
    for stop, seed, aimed in cuts:
        while at < stop:
            op = ops[at]
            at += 1
            if op[0] == disk.MARK:
                mark = json.loads(op[6])
                acked = mark["size"]
                continue
            model.do(op)
            if op[0] == disk.RENAME and op[7] == b"checkpoint":
                seen = max(seen, size_of(model, op[2]))
        loss, told = cutter.cut(model, seed, acked, seen, mark, stop, aimed)
        done += 1
        if loss:
            bad.append(loss)
            if o.until_loss:
                break
        if o.verbose and done % 100 == 0:
            print("# %d cuts, %d losses" % (done, len(bad)), flush=True)
    return done, bad


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--nosync")
    p.add_argument("--until-loss", action="store_true",
                   help="a short workload, up to the first loss")
    p.add_argument("--jobs", type=int, default=1)
    p.add_argument("--dir", default="/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")
    p.add_argument("--keep", action="store_true")
    p.add_argument("--verbose", action="store_true")
    o = p.parse_args()
    o.program = os.path.abspath(o.program)
    o.work = tempfile.mkdtemp(prefix="tickmark-powercut.", dir=o.dir)
    try:
        first, ops, reference = workload(o.program, o.work, o.nosync, o.until_loss)
        rng = random.Random(o.seed)
        # Half of them anywhere, half beside what is not just one more write.
        turns = [i for i, op in enumerate(ops) if op[0] not in (disk.WRITE, disk.CUT)]
        cuts = sorted((rng.randrange(1, len(ops) + 1) if i % 2 == 0 else
                       min(len(ops), rng.choice(turns) + rng.randrange(3)),
                       o.seed * 1000003 + i, False) for i in range(o.count))
        if o.nosync:
            named = [i + 1 for i, op in enumerate(ops)
                     if op[0] == disk.RENAME and op[7] == b"checkpoint"]
            cuts = sorted((rng.choice(named), x[1], True) if i % 2 == 0 else x
                          for i, x in enumerate(cuts))
        jobs = [(o, first, ops, reference, cuts[i :: o.jobs]) for i in range(o.jobs)]
        if o.jobs == 1:
            results = [part(jobs[0])]
        else:
            with multiprocessing.Pool(o.jobs) as pool:
                results = pool.map(part, jobs)
        done = sum(r[0] for r in results)
        bad = [x for r in results for x in r[1]]
        for x in bad[:10]:
            print("# " + x)
        print("%d power cuts in a trace of %d changes and %d entries: %d lost or damaged something"
              % (done, len(ops), len(reference), len(bad)))
        sys.exit(1 if bad else 0)
    finally:
        if not o.keep:
            shutil.rmtree(o.work, ignore_errors=True)


if __name__ == "__main__":
    main()
