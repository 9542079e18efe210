"""A disk that loses power.

It follows the trace that test/fault/layer.c writes. For each file and folder
it knows what a sync has made durable and what was done since; power(rng) picks,
by seed, what of the latter had reached the disk, and gives the tree that is
found when the machine is started again.

What a disk may do here: keep or lose every write that no sync followed, sector
by sector (512 or 4096 bytes), in any order; keep a file longer than its data,
with zeros or rubbish where no write arrived; lose a new name, a removal or a
rename whose folder was not synced, each for itself, also when the file was
synced. What it may not: change a sector that nobody wrote, lose what a sync
returned for, or do half a rename.
"""
import os
import random
import stat
import struct

CREATE, WRITE, CUT, SYNC, RENAME, REMOVE, MKDIR, MODE, LINK, MARK = range(1, 11)
HEAD = struct.Struct("<B3xIQQQQII")


def read_trace(path):
    """[(op, mode, ino, dir, dir2, off, bytes1, bytes2)]"""
    ops = []
    with open(path, "rb") as f:
        raw = f.read()
    at = 0
    while at < len(raw):
        op, mode, ino, d, d2, off, n1, n2 = HEAD.unpack_from(raw, at)
        at += HEAD.size
        ops.append((op, mode, ino, d, d2, off, raw[at : at + n1], raw[at + n1 : at + n1 + n2]))
        at += n1 + n2
    return ops


def put_mark(path, text):
    """The driver's own word in a trace: what was acknowledged by now."""
    with open(path, "ab") as f:
        f.write(HEAD.pack(MARK, 0, 0, 0, 0, 0, len(text), 0) + text.encode())


class File:
    def __init__(self, data=b"", mode=0o600):
        self.data = bytearray(data)  # durable
        self.mode = mode
        self.since = []  # (offset, bytes), or (None, size)

    def apply(self, data, op):
        at, x = op
        if at is None:
            if x < len(data):
                del data[x:]
            else:
                data.extend(bytes(x - len(data)))
        else:
            if at > len(data):
                data.extend(bytes(at - len(data)))
            data[at : at + len(x)] = x

    def now(self):
        data = bytearray(self.data)
        for op in self.since:
            self.apply(data, op)
        return data

    def sync(self):
        for op in self.since:
            self.apply(self.data, op)
        self.since = []

    def after(self, rng, how):
        """What is there after the cut."""
        if how == "files":  # each file whole or as it was
            how = rng.choice(("none", "all"))
        if not self.since or how == "none":
            return self.data
        if how == "all":
            return self.now()
        if how == "prefix":
            n = rng.randrange(len(self.since) + 1)
            data = bytearray(self.data)
            for op in self.since[:n]:
                self.apply(data, op)
            if n < len(self.since) and self.since[n][0] is not None:
                at, x = self.since[n]
                k = rng.randrange(0, len(x) + 1)
                k -= (at + k) % 512  # up to the end of a sector
                if k > 0:
                    self.apply(data, (at, x[:k]))
            return data
        return self.torn(rng)

    def torn(self, rng):
        """Every sector for itself, as of some moment since the last sync."""
        sector = rng.choice((512, 4096))
        rubbish = rng.random() < 0.3
        # A cut is ordered after what came before it, and not undone by what
        # comes after: blocks that were freed are not found again.
        eras = [[]]
        for op in self.since:
            if op[0] is None:
                eras.append([])
            eras[-1].append(op)
        data = bytearray(self.data)
        last = rng.randrange(len(eras))
        for era in eras[:last]:
            for op in era:
                self.apply(data, op)
        sizes = [len(data)]
        touches = {}
        base = bytearray(data)
        for op in eras[last]:
            at, x = op
            if at is None:
                self.apply(data, op)
                base = bytearray(data)
                sizes = [len(data)]
                continue
            self.apply(data, op)
            sizes.append(max(sizes[-1], at + len(x)))
            for s in range(at // sector, (at + len(x) - 1) // sector + 1):
                lo, hi = max(at, s * sector), min(at + len(x), (s + 1) * sector)
                touches.setdefault(s, []).append((lo, x[lo - at : hi - at]))
        size = rng.choice(sizes)
        out = bytearray(base)
        if size > len(out):
            more = size - len(out)
            out.extend(rng.randbytes(more) if rubbish else bytes(more))
        keep = rng.choice((0.1, 0.5, 0.9))
        for s, list_ in touches.items():
            n = len(list_) if rng.random() < keep else rng.randrange(len(list_))
            if n and s * sector >= len(base):  # new: nothing of it is rubbish
                end = min((s + 1) * sector, size)
                if end > s * sector:
                    out[s * sector : end] = bytes(end - s * sector)
            for lo, piece in list_[:n]:
                piece = piece[: max(0, size - lo)]
                out[lo : lo + len(piece)] = piece
        return out


class Disk:
    def __init__(self, root):
        """What is below ${root} now is durable."""
        self.nodes = {}  # ino: File, or dict of names (durable)
        self.modes = {}  # of folders
        self.names = []  # [(dir, name, ino or None)] of each change since
        self.root = self.scan(root)

    def scan(self, path):
        st = os.lstat(path)
        if stat.S_ISDIR(st.st_mode):
            self.nodes[st.st_ino] = {n: self.scan(os.path.join(path, n)) for n in os.listdir(path)}
            self.modes[st.st_ino] = stat.S_IMODE(st.st_mode)
        elif stat.S_ISREG(st.st_mode):
            with open(path, "rb") as f:
                self.nodes[st.st_ino] = File(f.read(), stat.S_IMODE(st.st_mode))
        return st.st_ino

    def do(self, op):
        kind, mode, ino, d, d2, off, a, b = op
        if kind in (CREATE, LINK, MKDIR):
            if d not in self.nodes:
                return
            if kind == CREATE:
                self.nodes[ino] = File(mode=stat.S_IMODE(mode))
            elif kind == MKDIR:
                self.nodes[ino] = {}
                self.modes[ino] = stat.S_IMODE(mode)
            self.names.append([(d, a.decode(), ino)])
        elif kind == REMOVE:
            if d in self.nodes:
                self.names.append([(d, a.decode(), None)])
        elif kind == RENAME:
            both = [(d, a.decode(), None), (d2, b.decode(), ino)]
            both = [x for x in both if x[0] in self.nodes]
            if both:
                self.names.append(both)
        elif ino in self.nodes:
            f = self.nodes[ino]
            if kind == WRITE:
                f.since.append((off, a))
            elif kind == CUT:
                f.since.append((None, off))
            elif kind == MODE:
                f.mode = off
            elif kind == SYNC:
                if isinstance(f, File):
                    f.sync()
                else:
                    self.sync_dir(ino)

    def sync_dir(self, ino):
        left = []
        for change in self.names:
            if any(x[0] == ino for x in change):
                self.apply_names(self.nodes, change)
            else:
                left.append(change)
        self.names = left

    @staticmethod
    def apply_names(nodes, change):
        for d, name, ino in change:
            if ino is None:
                nodes[d].pop(name, None)
            else:
                nodes[d][name] = ino

    def power(self, rng, where, worst=False):
        """Write the tree that is left to ${where}; a sentence of what was done.
        ${worst}: no write without a sync, but every name."""
        how = rng.choice(("none", "all", "files", "prefix", "torn", "torn", "torn"))
        names = rng.choice(("none", "all", "prefix", "any"))
        if worst:
            how, names = "none", "all"
        if names == "none":
            kept = []
        elif names == "all":
            kept = self.names
        elif names == "prefix":
            kept = self.names[: rng.randrange(len(self.names) + 1)]
        else:
            kept = [x for x in self.names if rng.random() < 0.5]
        dirs = {i: dict(x) for i, x in self.nodes.items() if isinstance(x, dict)}
        for change in kept:
            self.apply_names(dirs, change)
        self.put(self.root, where, dirs, rng, how)
        lost = sum(len(f.since) for f in self.nodes.values() if isinstance(f, File))
        return "%d writes and %d names not synced; writes: %s, names: %s" % (
            lost, len(self.names), how, names)

    def put(self, ino, path, dirs, rng, how):
        x = self.nodes[ino]
        if isinstance(x, dict):
            os.mkdir(path, 0o700)
            for name, sub in sorted(dirs[ino].items()):
                # The shared memory of SQLite is no file of anybody: at the
                # start it is not there, or holds anything.
                if name.endswith("-shm") and rng.random() < 0.5:
                    continue
                self.put(sub, os.path.join(path, name), dirs, rng, how)
            os.chmod(path, self.modes[ino])
        else:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            with open(fd, "wb") as f:
                f.write(x.after(rng, how))
            os.chmod(path, x.mode)
