#!/usr/bin/python3
"""Check a ledger with nothing of Tickmark: the formats of doc/ledger.md alone.

usage: verify.py DIR/ledger

Reads checkpoint and vkey, checks the signature with the openssl program,
recomputes leaf hashes from the entry bundles, the tree from them, and compares
with every tile and the signed root. Prints the size and the root; exit 1 with
a sentence if something does not hold.
"""
import base64
import hashlib
import os
import subprocess
import sys
import tempfile


def fail(what):
    print(what)
    sys.exit(1)


def tile_path(level, n, width):
    groups = [f"{n % 1000:03d}"]
    while n >= 1000:
        n //= 1000
        groups.insert(0, f"x{n % 1000:03d}")
    partial = f".p/{width}" if width < 256 else ""
    return f"tile/{level}/" + "/".join(groups) + partial


def verify_signature(public, text, signature):
    # SubjectPublicKeyInfo of an Ed25519 key (RFC 8410)
    der = bytes.fromhex("302a300506032b6570032100") + public
    with tempfile.TemporaryDirectory() as d:
        for name, data in (("k", der), ("t", text), ("s", signature)):
            with open(os.path.join(d, name), "wb") as f:
                f.write(data)
        r = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin",
             "-keyform", "DER", "-inkey", d + "/k", "-in", d + "/t",
             "-sigfile", d + "/s"], capture_output=True)
    return r.returncode == 0


def read_checkpoint(root):
    with open(f"{root}/vkey", encoding="utf-8") as f:
        vkeys = f.read().splitlines()
    keys = {}
    for vkey in vkeys:  # the newest first
        name, keyid, key = vkey.split("+", 2)
        typed = base64.b64decode(key)
        digest = hashlib.sha256(name.encode() + b"\n" + typed).digest()
        if digest[:4].hex() != keyid or typed[0] != 1:
            fail("vkey: the key id does not fit")
        keys[keyid] = typed[1:]
    with open(f"{root}/checkpoint", encoding="utf-8") as f:
        text, signatures = f.read().split("\n\n", 1)
    text += "\n"
    signed = False
    for line in signatures.splitlines():
        blob = base64.b64decode(line.rsplit(" ", 1)[1])
        if not line.startswith(f"\u2014 {name} ") or blob[:4].hex() not in keys:
            continue
        signed = True
        if not verify_signature(keys[blob[:4].hex()], text.encode(), blob[4:]):
            fail("checkpoint: the signature does not hold")
    if not signed:
        fail("checkpoint: signed by another key")
    origin, size, digest = text.splitlines()[:3]
    if origin != name:
        fail("checkpoint: of another ledger")
    return int(size), base64.b64decode(digest)


def bundle_leaves(root, n, width):
    with open(f"{root}/" + tile_path("entries", n, width), "rb") as f:
        data = f.read()
    leaves, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at:at + 2], "big")
        entry = data[at + 2:at + 2 + length]
        if len(entry) != length or not entry.startswith(b"tickmark-entry/v1\n"):
            fail(f"bundle {n}: malformed")
        leaves.append(hashlib.sha256(b"\0" + entry).digest())
        at += 2 + length
    if len(leaves) != width:
        fail(f"bundle {n}: {len(leaves)} entries instead of {width}")
    return leaves


def node(a, b):
    return hashlib.sha256(b"\1" + a + b).digest()


def mth(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node(mth(hashes[:k]), mth(hashes[k:]))


def main():
    root = sys.argv[1]
    size, signed = read_checkpoint(root)
    hashes = []
    for n in range(size // 256):
        hashes += bundle_leaves(root, n, 256)
    if size % 256:
        hashes += bundle_leaves(root, size // 256, size % 256)
    if mth(hashes) != signed:
        fail("the entries do not have the signed root")
    level = 0
    while hashes:
        for n in range((len(hashes) + 255) // 256):
            part = hashes[n * 256:(n + 1) * 256]
            with open(f"{root}/" + tile_path(level, n, len(part)), "rb") as f:
                if f.read() != b"".join(part):
                    fail(f"tile {level}/{n} differs")
        hashes = [mth(hashes[i:i + 256])
                  for i in range(0, len(hashes) - len(hashes) % 256, 256)]
        level += 1
    print(size, signed.hex())


main()
