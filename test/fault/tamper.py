#!/usr/bin/python3
"""Seeded changes to a workspace: doctor must find and name each.

usage: tamper.py PROGRAM [--count N] [--seed N] [--first N] [--only KIND] [--jobs N]
                 [--verbose] [--keep]

Each change is made to a fresh copy of a workspace, as somebody with access to
its files would make it: a bit, a row, an order, a removal, an addition, files
exchanged or put back from before. doctor must then say no and name the place.
What can be derived from the rest may instead have been derived again: then it
must be as it was.
"""
import argparse
import collections
import hashlib
import json
import multiprocessing
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile


def run(program, args):
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        if name in os.environ:
            env[name] = os.environ[name]
    p = subprocess.run([program] + args, env=env, stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=120)
    return p.returncode, p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace")


class Nothing(Exception):
    """The change would change nothing that anybody reads: take another."""


def read(path):
    with open(path, "rb") as f:
        return f.read()


def write(path, data):
    mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o600
    if os.path.exists(path):
        os.chmod(path, 0o600)
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, mode)


def files_below(w, under, want=lambda name: True):
    out = []
    for at, dirs, names in os.walk(os.path.join(w, under)):
        dirs.sort()
        out += [os.path.relpath(os.path.join(at, n), w) for n in sorted(names) if want(n)]
    return out


def bundle_entries(data):
    out, at = [], 0
    while at < len(data):
        n = data[at] << 8 | data[at + 1]
        out.append(data[at + 2 : at + 2 + n])
        at += 2 + n
    return out


def bundle_bytes(list_):
    return b"".join(bytes((len(x) >> 8, len(x) & 255)) + x for x in list_)


def pack_records(data):
    """[(offset, length, commitment)]"""
    out, at = [], 16
    while at + 80 <= len(data):
        n = int.from_bytes(data[at + 8 : at + 16], "big")
        out.append((at, 80 + n, data[at + 16 : at + 48].hex()))
        at += 80 + n
    return out


def connect(path):
    db = sqlite3.connect(path, isolation_level=None)
    db.text_factory = bytes
    db.execute("PRAGMA foreign_keys=OFF")
    db.execute("PRAGMA ignore_check_constraints=ON")
    return db


# The index of words lies as it was written, time after time: what it says is
# what can be asked of it.
INDEX = {
    b"search_doc": ["SELECT id FROM search_doc"],
    b"search_docsize": ["SELECT d.id, s.id IS NULL, s.sz FROM search_docsize s LEFT JOIN search_doc d ON d.doc = s.id"],
    b"search_data": ["SELECT block FROM search_data WHERE id = 1"],
    b"search_idx": [],
    b"search": ["SELECT d.id, v.col, v.offset, v.term FROM temp.words v LEFT JOIN search_doc d ON d.doc = v.doc",
                "SELECT v.term, (SELECT group_concat(id) FROM (SELECT d.id FROM search s JOIN search_doc d ON"
                " d.doc = s.rowid WHERE search MATCH '\"' || v.term || '\"' ORDER BY d.id)) FROM temp.word v"],
}


def dump(path):
    """Everything that a database says, whatever its pages are: {table: hash}."""
    try:
        return dump_all(path)
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return {"all": "not to be read"}


def dump_all(path):
    out = {}
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    db.text_factory = bytes
    try:
        if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'search'").fetchone():
            db.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, search, instance)")
            db.execute("CREATE VIRTUAL TABLE temp.word USING fts5vocab(main, search, row)")
        for (name, sql) in db.execute(
                "SELECT name, sql FROM sqlite_schema ORDER BY type, name").fetchall():
            out["declaration of %s" % name.decode()] = sql
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' "
                                  "AND name NOT LIKE 'sqlite_stat%' ORDER BY name").fetchall():
            h = hashlib.sha256()
            for select in INDEX.get(name, ['SELECT * FROM "%s"' % name.decode()]):
                for row in sorted(map(repr, db.execute(select).fetchall())):
                    h.update(row.encode())
            out[name.decode()] = h.hexdigest()
    finally:
        db.close()
    return out


def other_value(rng, v):
    if v is None:
        return rng.choice((0, 1, b"x".decode()))
    if isinstance(v, int):
        return v + rng.choice((-1, 1, 7, 1 << 20))
    if isinstance(v, float):
        return v + 1.0
    return v  # text and blobs: by their own


def change_text(rng, v):
    if not v:
        return b"x"
    k = rng.randrange(len(v))
    return v[:k] + bytes((v[k] ^ (1 << rng.randrange(3)),)) + v[k + 1 :]


def columns(db, table):
    """[(name, is part of the primary key, declared type)]"""
    return [(r[1].decode(), r[5] > 0, r[2].decode()) for r in db.execute('PRAGMA table_info("%s")' % table)]


def pick_row(rng, db, table):
    n = db.execute('SELECT count(*) FROM "%s"' % table).fetchone()[0]
    if n == 0:
        raise Nothing
    return db.execute('SELECT * FROM "%s" LIMIT 1 OFFSET ?' % table, (rng.randrange(n),)).fetchone()


def where_row(cols, row):
    """A condition for this very row."""
    keys = [i for i, c in enumerate(cols) if c[1]] or range(len(cols))
    terms = ['"%s" IS ?%d' % (cols[i][0], j + 1) for j, i in enumerate(keys)]
    return " AND ".join(terms), [fit(cols[i], row[i]) for i in keys]


def fit(col, v):
    """As the column's type wants it: Python hands out bytes for text."""
    if isinstance(v, bytes) and col[2].upper() not in ("BLOB", "ANY", ""):
        return v.decode("utf-8", "replace")
    return v


def change_row(rng, db, table):
    """Change, remove, add or exchange; returns words about the row."""
    cols = columns(db, table)
    row = pick_row(rng, db, table)
    how = rng.choice(("update", "update", "update", "delete", "insert", "swap"))
    cond, args = where_row(cols, row)
    try:
        if how == "delete":
            db.execute('DELETE FROM "%s" WHERE %s' % (table, cond), args)
        elif how == "update":
            i = rng.randrange(len(cols))
            v = row[i]
            new = change_text(rng, v) if isinstance(v, bytes) else other_value(rng, v)
            db.execute('UPDATE "%s" SET "%s" = ?%d WHERE %s' % (table, cols[i][0], len(args) + 1, cond),
                       args + [fit(cols[i], new)])
        elif how == "insert":
            new = [fit(cols[i], change_text(rng, v) if cols[i][1] and isinstance(v, bytes) else
                       v + 1000003 if cols[i][1] and isinstance(v, int) else v) for i, v in enumerate(row)]
            db.execute('INSERT INTO "%s" VALUES (%s)' % (table, ",".join("?" * len(cols))), new)
        else:
            second = pick_row(rng, db, table)
            i = rng.randrange(len(cols))
            if second[i] == row[i] or cols[i][1]:
                raise Nothing
            cond2, args2 = where_row(cols, second)
            db.execute('UPDATE "%s" SET "%s" = ?%d WHERE %s' % (table, cols[i][0], len(args) + 1, cond),
                       args + [fit(cols[i], second[i])])
            db.execute('UPDATE "%s" SET "%s" = ?%d WHERE %s' % (table, cols[i][0], len(args2) + 1, cond2),
                       args2 + [fit(cols[i], row[i])])
    except (sqlite3.IntegrityError, sqlite3.OperationalError):
        raise Nothing
    return how, row


class Changes:
    """Each method makes one change in ${w} and returns what doctor must name:
    a list of patterns, each of which some line of it must match."""

    def __init__(self, base):
        self.base = base
        self.w0 = base + "/w"
        self.old = base + "/old"
        self.kinds = {name[3:]: getattr(self, name) for name in dir(self) if name.startswith("do_")}
        self.weights = {"row_of_a_record": 4, "row_of_entry": 2, "row_of_body": 2, "row_of_evidence": 4,
                        "bit_of_a_bundle": 3, "bit_of_a_tile": 3, "bit_of_a_body": 4, "bit_of_a_database": 3}

    # --- files of the ledger ---

    def ledger_file(self, rng, w, kind=None):
        names = files_below(w, "ledger/tile")
        if kind == "bundle":
            names = [n for n in names if "/entries/" in n]
        elif kind == "tile":
            names = [n for n in names if "/entries/" not in n]
        return rng.choice(names)

    def flip(self, rng, path, lo=0, hi=None):
        data = bytearray(read(path))
        k = rng.randrange(lo, hi or len(data))
        data[k] ^= 1 << rng.randrange(8)
        write(path, data)
        return k

    def do_bit_of_a_bundle(self, rng, w):
        name = self.ledger_file(rng, w, "bundle")
        self.flip(rng, w + "/" + name)
        return [re.escape(name)]

    def do_bit_of_a_tile(self, rng, w):
        name = self.ledger_file(rng, w, "tile")
        self.flip(rng, w + "/" + name)
        return [re.escape(name)]

    def do_bit_of_the_checkpoint(self, rng, w):
        self.flip(rng, w + "/ledger/checkpoint")
        return ["ledger/checkpoint"]

    def do_bit_of_the_vkey(self, rng, w):
        self.flip(rng, w + "/ledger/vkey")
        return ["ledger(/vkey|/checkpoint)?:"]

    def do_length_of_a_ledger_file(self, rng, w):
        name = rng.choice(files_below(w, "ledger"))
        data = read(w + "/" + name)
        k = rng.randrange(1, 40)
        write(w + "/" + name, data[:-k] if rng.random() < 0.5 else data + rng.randbytes(k))
        return [re.escape(name) + "|ledger: "]

    def do_removal_of_a_ledger_file(self, rng, w):
        name = rng.choice(files_below(w, "ledger"))
        at = name.rsplit("/", 1)
        if ".p/" in name and any(int(x) > int(at[1]) for x in os.listdir(w + "/" + at[0])):
            raise Nothing  # an older partial file, which nothing needs
        os.unlink(w + "/" + name)
        return [re.escape(name)]

    def do_exchange_of_ledger_files(self, rng, w):
        a, b = self.ledger_file(rng, w), self.ledger_file(rng, w)
        da, db_ = read(w + "/" + a), read(w + "/" + b)
        if da == db_:
            raise Nothing
        write(w + "/" + a, db_)
        write(w + "/" + b, da)
        return [re.escape(a), re.escape(b)]

    def do_order_in_a_bundle(self, rng, w):
        name = self.ledger_file(rng, w, "bundle")
        list_ = bundle_entries(read(w + "/" + name))
        if len(list_) < 2:
            raise Nothing
        i = rng.randrange(len(list_) - 1)
        list_[i], list_[i + 1] = list_[i + 1], list_[i]
        write(w + "/" + name, bundle_bytes(list_))
        return ["entry %d of the bundle.*%s" % (self.first(name) + i, re.escape(name))]

    def do_entry_out_of_a_bundle(self, rng, w):
        name = self.ledger_file(rng, w, "bundle")
        list_ = bundle_entries(read(w + "/" + name))
        del list_[rng.randrange(len(list_))]
        write(w + "/" + name, bundle_bytes(list_))
        return [re.escape(name)]

    def do_other_entry_in_a_bundle(self, rng, w):
        name = self.ledger_file(rng, w, "bundle")
        list_ = bundle_entries(read(w + "/" + name))
        i = rng.randrange(len(list_))
        list_[i] = re.sub(rb"^time (\d+)", lambda m: b"time %d" % (int(m[1]) + 1), list_[i], flags=re.M)
        write(w + "/" + name, bundle_bytes(list_))
        return ["entry %d of the bundle.*%s" % (self.first(name) + i, re.escape(name))]

    @staticmethod
    def first(name):
        return 256 * int(re.search(r"entries/(\d+)", name)[1])

    def do_file_that_does_not_belong(self, rng, w):
        name = self.ledger_file(rng, w)
        new = re.sub(r"/(\d{3})(\.p/\d+)?$", lambda m: "/%03d" % (int(m[1]) + rng.choice((1, 2, 5, 40))), name)
        if os.path.exists(w + "/" + new) or os.path.isdir(w + "/" + new):
            raise Nothing
        write(w + "/" + new, read(w + "/" + name))
        return [re.escape(new)]

    def do_wider_partial_that_does_not_belong(self, rng, w):
        names = [n for n in files_below(w, "ledger/tile") if ".p/" in n]
        name = rng.choice(names)
        at, width = name.rsplit("/", 1)
        more = rng.randrange(1, 5)
        data = read(w + "/" + name)
        tail = bundle_bytes([b"x" * 60] * more) if "/entries/" in name else rng.randbytes(32 * more)
        new = "%s/%d" % (at, int(width) + more)
        write(w + "/" + new, data + tail)
        return [re.escape(new)]

    # --- an entry everywhere that it stands ---

    def do_forged_entry(self, rng, w):
        """Row, bundle and tile agree on another entry; nobody could sign it."""
        name = rng.choice([n for n in files_below(w, "ledger/tile/entries")])
        list_ = bundle_entries(read(w + "/" + name))
        i = rng.randrange(len(list_))
        new = re.sub(rb"^actor (.)", lambda m: b"actor " + bytes((m[1][0] ^ 1,)), list_[i], flags=re.M)
        list_[i] = new
        index = self.first(name) + i
        write(w + "/" + name, bundle_bytes(list_))
        tile = name.replace("/entries/", "/0/")
        data = bytearray(read(w + "/" + tile))
        data[32 * i : 32 * i + 32] = hashlib.sha256(b"\0" + new).digest()
        write(w + "/" + tile, data)
        db = connect(w + "/records.db")
        db.execute("UPDATE entry SET bytes = ? WHERE idx = ?", (new, index))
        db.close()
        return ["root that the checkpoint signs|hash %d of the tile.*tile/1/" % (index // 256)]

    def do_entry_cut_off_everywhere(self, rng, w):
        """The last entries are removed from row, bundle and tile."""
        size = int(read(w + "/ledger/checkpoint").split(b"\n")[1])
        k = rng.randrange(1, min(6, size % 256))
        for level in ("entries", "0"):
            at = "%s/ledger/tile/%s/%03d.p/" % (w, level, size // 256)
            data = read(at + str(size % 256))
            data = bundle_bytes(bundle_entries(data)[:-k]) if level == "entries" else data[: -32 * k]
            os.unlink(at + str(size % 256))
            write(at + str(size % 256 - k), data)
        db = connect(w + "/records.db")
        db.execute("DELETE FROM entry WHERE idx >= ?", (size - k,))
        db.close()
        return [r"(entries \d+ to|entry) %d of records.db (are|is) missing" % (size - 1) + "|%03d" % (size // 256)]

    # --- bodies ---

    def packs(self, w):
        return files_below(w, "bodies")

    def do_bit_of_a_body(self, rng, w):
        name = rng.choice(self.packs(w))
        at, n, c = rng.choice(pack_records(read(w + "/" + name)))
        self.flip(rng, w + "/" + name, at, at + n)
        return ["(%s|%s at %d)" % (c, re.escape(name), at)]

    def do_bit_of_a_body_header(self, rng, w):
        name = rng.choice(self.packs(w))
        at, n, c = rng.choice(pack_records(read(w + "/" + name)))
        self.flip(rng, w + "/" + name, at, at + 80)
        return ["(%s|%s at %d)" % (c, re.escape(name), at)]

    def do_bit_of_a_pack_header(self, rng, w):
        name = rng.choice(self.packs(w))
        self.flip(rng, w + "/" + name, 0, 16)
        return [re.escape(name)]

    def do_length_of_a_pack(self, rng, w):
        name = rng.choice(self.packs(w))
        data = read(w + "/" + name)
        write(w + "/" + name, data[: -rng.randrange(1, min(5000, len(data)))])
        return [re.escape(name)]

    def do_removal_of_a_pack(self, rng, w):
        name = rng.choice(self.packs(w))
        os.unlink(w + "/" + name)
        return [re.escape(name)]

    def do_exchange_of_bodies(self, rng, w):
        """Two records change places in the pack."""
        name = rng.choice(self.packs(w))
        data = read(w + "/" + name)
        rec = pack_records(data)
        i = rng.randrange(len(rec) - 1)
        (a, na, ca), (b, nb, cb) = rec[i], rec[i + 1]
        write(w + "/" + name, data[:a] + data[b : b + nb] + data[a : a + na] + data[b + nb :])
        return [ca + "|" + cb]

    def do_exchange_of_bodies_by_row(self, rng, w):
        """The rows of two bodies point to each other's place."""
        db = connect(w + "/records.db")
        a = pick_row(rng, db, "body")
        b = pick_row(rng, db, "body")
        if a[0] == b[0]:
            db.close()
            raise Nothing
        for x, y in ((a, b), (b, a)):
            db.execute("UPDATE body SET pack = ?, off = ?, len = ? WHERE commitment = ?", (y[1], y[2], y[3], x[0]))
        db.close()
        return [a[0].hex(), b[0].hex()]

    def do_body_removed_everywhere(self, rng, w):
        """The row of a body goes, and its record becomes rubbish."""
        db = connect(w + "/records.db")
        a = pick_row(rng, db, "body")
        db.execute("DELETE FROM body WHERE commitment = ?", (a[0],))
        db.close()
        path = "%s/bodies/pack-%06d" % (w, a[1])
        data = bytearray(read(path))
        data[a[2] : a[2] + a[3]] = bytes(a[3])
        write(path, data)
        return [a[0].hex()]

    # --- rows ---

    def rows(self, rng, w, file, tables):
        path = w + "/" + file
        db = connect(path)
        try:
            table = rng.choice(tables(db))
            how, row = change_row(rng, db, table)
        finally:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.close()
        if dump(path) == self.dump0(file):
            raise Nothing
        return table, how, row

    def dump0(self, file):
        cache = self.__dict__.setdefault("dumps", {})
        if file not in cache:
            cache[file] = dump(self.w0 + "/" + file)
        return cache[file]

    def do_row_of_entry(self, rng, w):
        t, how, row = self.rows(rng, w, "records.db", lambda db: ["entry"])
        if how == "insert":
            return ["entry|entries"]
        return [r"(entry|entries) (\d+ to )?%d\b|entries \d+ to \d+" % row[0]]

    def do_row_of_body(self, rng, w):
        t, how, row = self.rows(rng, w, "records.db", lambda db: ["body"])
        return [row[0].hex() if how == "delete" else "[0-9a-f]{64}|pack-"]

    def do_row_of_pack(self, rng, w):
        t, how, row = self.rows(rng, w, "records.db", lambda db: ["pack"])
        return [r"pack(-0*| )%d\b|pack-|table pack" % row[0]]

    def do_row_of_a_record(self, rng, w):
        def tables(db):
            names = [r[0].decode() for r in db.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND (name LIKE 'r!_%' ESCAPE '!'"
                " OR name = 'revision')")]
            return [n for n in names if db.execute('SELECT count(*) FROM "%s"' % n).fetchone()[0]] + ["revision"]
        t, how, row = self.rows(rng, w, "records.db", tables)
        ident = row[1] if t == "revision" else row[0]
        return [re.escape(t) + " ", re.escape(ident.decode()) if how in ("update", "delete") else t]

    def do_row_of_another_table(self, rng, w):
        known = ("entry", "body", "pack", "revision", "body_inline")
        def tables(db):
            return [r[0].decode() for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
                    if r[0].decode() not in known and not r[0].startswith((b"r_", b"sqlite_"))]
        t, how, row = self.rows(rng, w, "records.db", tables)
        if self.still_true(w):
            raise Nothing
        return ["records.db|" + re.escape(t)]

    def only_result(self, w):
        """Nothing but such a column differs."""
        def rest(path):
            db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
            db.text_factory = bytes
            out = [db.execute('SELECT * FROM "%s"' % n.decode()).fetchall() for (n,) in db.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN"
                " ('result', 'result_meta') ORDER BY name").fetchall()]
            db.close()
            return out
        try:
            return rest(w + "/records.db") == rest(self.w0 + "/records.db") and self.still_true(w)
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            return False

    def still_true(self, w):
        """Two columns may say other things than the ledger: how far exceptions
        were weighed for a result, and how far the tables follow it."""
        def told(path):
            db = connect(path)
            names = [r[1].decode() for r in db.execute("PRAGMA table_info(result)") if r[1] != b"excepted"]
            out = (db.execute("SELECT %s FROM result ORDER BY entry" % ",".join(names)).fetchall(),
                   db.execute("SELECT * FROM adopted ORDER BY procedure").fetchall(),
                   db.execute("SELECT * FROM declared").fetchall())
            upto = db.execute("SELECT upto FROM result_meta").fetchall()
            last, size = (db.execute("SELECT max(%s) + 1 FROM %s" % x).fetchone()[0] for x in
                          (("entry", "result"), ("idx", "entry")))
            weighed = db.execute("SELECT excepted FROM result ORDER BY entry").fetchall()
            db.close()
            return out, len(upto) == 1 and (last or 0) <= upto[0][0] <= size, weighed, size
        was, now = told(self.w0 + "/records.db"), told(w + "/records.db")
        return was[0] == now[0] and now[1] and all(
            a[0] <= b[0] <= now[3] for a, b in zip(was[2], now[2]))

    def do_schema_of_records(self, rng, w):
        db = connect(w + "/records.db")
        names = [r[0].decode() for r in db.execute("SELECT name FROM sqlite_schema WHERE type IN ('index', 'table') "
                                                   "AND name NOT LIKE 'sqlite_%'")]
        name = rng.choice(names)
        kind = db.execute("SELECT type FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0].decode()
        db.execute('DROP %s "%s"' % (kind.upper(), name))
        db.close()
        return ["records.db|" + re.escape(name)]

    def do_row_of_evidence(self, rng, w):
        def tables(db):
            names = [r[0].decode() for r in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            return [n for n in names if not n.startswith("sqlite_") and
                    db.execute('SELECT count(*) FROM "%s"' % n).fetchone()[0]]
        self.rows(rng, w, "evidence.db", tables)
        return ["evidence.db"]

    def do_bit_of_a_database(self, rng, w):
        file = rng.choice(("records.db", "records.db", "evidence.db", "keys/subjects.db"))
        self.flip(rng, w + "/" + file)
        if dump(w + "/" + file) == self.dump0(file):
            db = sqlite3.connect("file:%s/%s?mode=ro" % (w, file), uri=True)
            try:
                good = db.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok"
            except sqlite3.DatabaseError:
                good = False
            db.close()
            if good:
                raise Nothing
        elif file == "records.db" and self.only_result(w):
            raise Nothing
        return [re.escape(file)] if file != "records.db" else ["records.db|r_|revision|entry|body|pack"]

    def do_length_of_a_database(self, rng, w):
        file = rng.choice(("records.db", "evidence.db", "keys/subjects.db"))
        data = read(w + "/" + file)
        write(w + "/" + file, data[: rng.randrange(len(data))])
        return [re.escape(file)]

    # --- keys ---

    def do_bit_of_a_key(self, rng, w):
        name = rng.choice(("master.key", "ledger.key"))
        self.flip(rng, w + "/keys/" + name)
        return ["keys/(master|ledger).key"]

    def do_length_of_a_key(self, rng, w):
        name = rng.choice(("master.key", "ledger.key"))
        data = read(w + "/keys/" + name)
        k = rng.randrange(1, 32)
        write(w + "/keys/" + name, data[:-k] if rng.random() < 0.5 else data + rng.randbytes(k))
        return ["keys/" + name]

    def do_removal_of_a_key_file(self, rng, w):
        name = rng.choice(("master.key", "ledger.key", "subjects.db"))
        os.unlink(w + "/keys/" + name)
        return ["keys/" + name + "|sealed with a key that is not here"]

    def do_row_of_subjects(self, rng, w):
        t, how, row = self.rows(rng, w, "keys/subjects.db", lambda db: ["subject"])
        return [r"subject|[0-9a-f]{64}"]

    # --- the description, and things from before ---

    def do_description(self, rng, w):
        path = w + "/tickmark.workspace"
        lines = read(path).split(b"\n")
        i = rng.choice([k for k, x in enumerate(lines) if b" = " in x])
        key, value = lines[i].split(b" = ", 1)
        new = {b"zone": b"Europe/Berlin", b"demo": b"no", b"format": b"2",
               b"created": b"2020-01-01T00:00:00Z"}.get(key, value[:-1] + bytes((value[-1] ^ 1,)))
        lines[i] = key + b" = " + new
        write(path, b"\n".join(lines))
        return ["tickmark.workspace|" + key.decode()]

    def do_removal_of_a_file(self, rng, w):
        name = rng.choice(("records.db", "evidence.db", "tickmark.workspace"))
        os.unlink(w + "/" + name)
        return [re.escape(name) + "|not a workspace|no workspace"]

    def do_file_put_back(self, rng, w):
        """One file as it was some commands ago."""
        names = [n for n in files_below(self.old, "") if n != "lock" and os.path.exists(w + "/" + n)
                 and read(self.old + "/" + n) != read(w + "/" + n)]
        name = rng.choice(names)
        write(w + "/" + name, read(self.old + "/" + name))
        return [re.escape(name) + "|sealed with a key that is not here" +
                ("|entries|entry" if name == "records.db" else "")]


def lines_of(out):
    return re.findall(r"^problem +(.*)$", out, re.M)


def part(args):
    o, base, number = args
    ch = Changes(base)
    names = sorted(ch.kinds)
    weights = [ch.weights.get(n, 1) for n in names]
    bad, counts, rebuilt = [], collections.Counter(), 0
    work = tempfile.mkdtemp(prefix="part%d." % number, dir=base)
    for k in range(o.first + number, o.first + o.count, o.jobs):
        rng = random.Random(o.seed * 1000003 + k)
        while True:
            kind = o.only or rng.choices(names, weights)[0]
            w = work + "/w"
            shutil.rmtree(w, ignore_errors=True)
            shutil.copytree(ch.w0, w, symlinks=True)
            try:
                wanted = ch.kinds[kind](rng, w)
                break
            except Nothing:
                continue
        # Whatever the copy's databases wrote beside themselves is part of it.
        rc, out, err = run(o.program, ["doctor", w])
        counts[kind] += 1
        said = lines_of(out) + [x for x in err.splitlines() if x]
        problem = ""
        if rc == 0:
            if kind == "file_put_back":
                # An older checkpoint is what a crash leaves: the next writer
                # signs the newest one again, to the byte.
                run(o.program, ["rebuild", w])
            problem = derived_again(ch, w)
            if not problem:
                rebuilt += 1
        elif rc not in (1, 2, 3):
            problem = "exit %d: %s" % (rc, err)
        else:
            for pattern in wanted:
                if not any(re.search(pattern, x) for x in said):
                    problem = "not named (%s): %s" % (pattern, " | ".join(said)[:500])
        if problem:
            bad.append("%s, change %d: %s" % (kind, k, problem))
            if o.verbose:
                print("# " + bad[-1], flush=True)
            if o.keep:
                shutil.copytree(w, "%s/kept.%d" % (base, k))
        if o.verbose and sum(counts.values()) % 100 == 0:
            print("# %d changes, %d not found" % (sum(counts.values()), len(bad)), flush=True)
    return counts, rebuilt, bad


def derived_again(ch, w):
    """doctor said yes: is all as it was?"""
    for at, dirs, names in os.walk(ch.w0):
        for n in names:
            if n == "lock" or n.endswith(("-wal", "-shm", "-journal")):
                continue
            rel = os.path.relpath(os.path.join(at, n), ch.w0)
            if not os.path.exists(w + "/" + rel):
                return "not found: %s is missing" % rel
            if rel.endswith(".db"):
                was, now = ch.dump0(rel), dump(w + "/" + rel)
                if now != was:
                    return "not found, and %s is another one: %s" % (rel, ", ".join(
                        sorted(k for k in was.keys() | now.keys() if was.get(k) != now.get(k))))
            elif read(w + "/" + rel) != read(os.path.join(at, n)):
                return "not found, and %s is another one" % rel
    for n in files_below(w, ""):
        if not os.path.exists(ch.w0 + "/" + n) and not n.endswith(("-wal", "-shm", "lock")):
            return "not found: %s does not belong" % n
    return ""


def setup(o, base):
    w, csv = base + "/w", base + "/hr.csv"

    def people(n, word):
        with open(csv, "w") as f:
            f.write("employee_id,name,start_date,kind\n")
            for i in range(n):
                f.write("E%d,Demo Employee %d%s,2024-01-08,employee\n" % (i, i, word if i % 9 == 0 else ""))

    def do(*c):
        rc, out, err = run(o.program, list(c))
        if rc not in (0, 1):
            sys.exit("tamper: %s: exit %d: %s" % (" ".join(c), rc, err))

    people(120, "")
    do("init", w, "--org", "Example Cloud (demo)", "--demo", "--zone", "UTC")
    do("source", w, "add", "csv", "--name", "hr", "--table", "hr_person", "--file", csv)
    do("collect", w, "hr")
    for i in range(3):
        do("record", w, "person", "put", "code=P%d" % i, "name=Demo Person %d" % i, "kind=employee")
    shutil.copytree(w, base + "/old")
    people(130, " again")
    do("collect", w, "hr")
    do("record", w, "person", "put", "code=P1", "name=Another Name")
    do("record", w, "person", "put", "code=P7", "name=Demo Person 7", "kind=contractor")
    do("test", w, "--as-of", "2026-01-31")
    do("rebuild", w)
    # Nothing is left in logs: what is changed is what is read.
    for d in (w, base + "/old"):
        for name in ("records.db", "evidence.db", "keys/subjects.db"):
            db = sqlite3.connect(d + "/" + name)
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.close()
    rc, out, err = run(o.program, ["doctor", w])
    if rc != 0:
        sys.exit("tamper: the workspace is not whole to begin with: %s %s" % (out, err))
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--first", type=int, default=0)
    p.add_argument("--only")
    p.add_argument("--jobs", type=int, default=1)
    p.add_argument("--verbose", action="store_true")
    p.add_argument("--keep", action="store_true")
    o = p.parse_args()
    o.program = os.path.abspath(o.program)
    base = tempfile.mkdtemp(prefix="tickmark-tamper.", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")
    try:
        setup(o, base)
        if o.jobs == 1:
            results = [part((o, base, 0))]
        else:
            with multiprocessing.Pool(o.jobs) as pool:
                results = pool.map(part, [(o, base, i) for i in range(o.jobs)], 1)
        counts = sum((r[0] for r in results), collections.Counter())
        bad = [x for r in results for x in r[2]]
        if o.verbose:
            for kind, n in sorted(counts.items()):
                print("# %6d %s" % (n, kind.replace("_", " ")))
        for x in bad[:40] if not o.verbose else ():
            print("# " + x)
        print("%d changes of %d kinds: %d found and named, %d derived again, %d not found or not named" % (
            sum(counts.values()), len(counts),
            sum(counts.values()) - len(bad) - sum(r[1] for r in results), sum(r[1] for r in results), len(bad)))
        sys.exit(1 if bad else 0)
    finally:
        if not o.keep:
            shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
