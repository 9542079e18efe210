#!/usr/bin/python3
"""Open the bodies of a workspace by doc/ledger.md alone.

usage: bodies.py DIR

Reads keys/master.key, keyring and subjects.db, walks through bodies/pack-*, opens
each record with libsodium and libzstd, and checks salt and commitment. Prints
how many were opened, how many were sealed with a key that was destroyed; exit 1
with a sentence if something does not hold.
"""
import base64
import ctypes
import glob
import hashlib
import hmac
import os
import sqlite3
import sys

sodium = ctypes.CDLL("libsodium.so.23")
zstd = ctypes.CDLL("libzstd.so.1")
zstd.ZSTD_decompress.restype = ctypes.c_size_t
zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t,
                                 ctypes.c_char_p, ctypes.c_size_t]
PIECE, EXTRA, FINAL = 65536, 17, 3


def fail(what):
    print(what)
    sys.exit(1)


def hkdf(master, label):
    prk = hmac.new(bytes(32), master, hashlib.sha256).digest()
    return hmac.new(prk, label.encode() + b"\1", hashlib.sha256).digest()


def blake(key, data, size):
    return hashlib.blake2b(data, key=key, digest_size=size).digest()


def size_t(n):
    return ctypes.c_ulonglong(n)


def aead_open(key, nonce, sealed, ad):
    out = ctypes.create_string_buffer(len(sealed))
    r = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
        out, None, None, sealed, size_t(len(sealed)), ad, size_t(len(ad)),
        nonce, key)
    if r != 0:
        fail("a wrapped key does not open")
    return out.raw[:len(sealed) - 16]


def body_keys(key):
    both = blake(key, b"tickmark-body-keys/v1", 64)
    return both[:32], both[32:]


def read_ring(root, master):
    """The keys for bodies, and the one that wraps those of subjects."""
    path = f"{root}/keys/keyring"
    if not os.path.exists(path):
        return ([hkdf(master, "tickmark/body/v1")],
                hkdf(master, "tickmark/subject-wrap/v1"))
    with open(path, encoding="ascii") as f:
        magic, sealed = f.read().splitlines()
    if magic != "tickmark-keyring/v1":
        fail("not a keyring")
    sealed = base64.b64decode(sealed)
    text = aead_open(hkdf(master, "tickmark/keyring/v1"), sealed[:24],
                     sealed[24:], magic.encode() + b"\n")
    lines = [line.split(" ") for line in text.decode().splitlines()]
    return ([bytes.fromhex(x[2]) for x in lines if x[0] == "body"],
            next(bytes.fromhex(x[1]) for x in lines if x[0] == "wrap"))


def all_keys(root):
    """Key id -> (seal key, salt key); None for what was destroyed."""
    with open(f"{root}/keys/master.key", "rb") as f:
        master = f.read()
    bodies, wrap = read_ring(root, master)
    keys = {b"erased" + bytes(10): None}
    for own in bodies:
        name = b"body-key" + blake(own, b"tickmark-key-id/v1", 16)[:8]
        keys[name] = body_keys(own)
    if not os.path.exists(f"{root}/keys/subjects.db"):
        return keys
    db = sqlite3.connect(f"file:{root}/keys/subjects.db?mode=ro", uri=True)
    for number, tag, wrapped in db.execute(
            "SELECT id, tag, wrapped FROM subject"):
        raw = number.to_bytes(8, "big")
        keys[b"subject:" + raw] = None if wrapped is None else body_keys(
            aead_open(wrap, wrapped[:24], wrapped[24:], raw + tag))
    return keys


def open_payload(payload, seal, head):
    state = ctypes.create_string_buffer(64)
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(
        state, payload[:24], seal)
    at, inner, tag = 24, b"", ctypes.c_ubyte(0)
    while at < len(payload):
        sealed = payload[at:at + PIECE + EXTRA]
        out = ctypes.create_string_buffer(len(sealed))
        ad = head if at == 24 else b""
        if sodium.crypto_secretstream_xchacha20poly1305_pull(
                state, out, None, ctypes.byref(tag), sealed,
                size_t(len(sealed)), ad, size_t(len(ad))) != 0:
            fail("a piece does not open")
        inner += out.raw[:len(sealed) - EXTRA]
        at += len(sealed)
    if tag.value != FINAL:
        fail("the last piece is missing")
    return inner


def check(record, keys):
    head, payload = record[:64], record[80:]
    commitment, key = record[16:48], record[48:64]
    if blake(b"", head + payload, 16) != record[64:80]:
        fail("a checksum differs")
    if key not in keys:
        fail("a body is sealed with an unknown key")
    if keys[key] is None:
        return False
    seal, salting = keys[key]
    inner = open_payload(payload, seal, head)
    salt, size = inner[:32], int.from_bytes(inner[32:40], "big")
    out = ctypes.create_string_buffer(size + 1)
    if zstd.ZSTD_decompress(out, size, inner[40:], len(inner) - 40) != size:
        fail("a body does not decompress")
    plain = out.raw[:size]
    digest = hashlib.sha256(plain).digest()
    if hmac.new(salting, digest, hashlib.sha256).digest() != salt:
        fail("a salt differs")
    if hashlib.sha256(b"tickmark-body/v1\0" + salt + plain).digest() \
            != commitment:
        fail("a commitment differs")
    return True


def main():
    root = sys.argv[1]
    keys = all_keys(root)
    opened = erased = 0
    for name in sorted(glob.glob(f"{root}/bodies/pack-*")):
        with open(name, "rb") as f:
            data = f.read()
        if data[:16] != b"tickmark-pack/v1":
            fail("not a pack")
        at = 16
        while at < len(data):
            if data[at:at + 8] != b"TMB1\0\0\0\0":
                fail("not a record")
            end = at + 80 + int.from_bytes(data[at + 8:at + 16], "big")
            if check(data[at:end], keys):
                opened += 1
            else:
                erased += 1
            at = end
    print(opened, erased)


main()
