#!/usr/bin/python3
"""Copy a ledger over HTTP by the addresses of C2SP tlog-tiles alone.

usage: mirror.py URL VKEY_FILE TO

Writes TO/checkpoint, TO/vkey and the tiles and entry bundles that a tree of
the checkpoint's size has, for verify.py to check.
"""
import os
import shutil
import sys
import urllib.request


def name(level, n, width):
    groups = [f"{n % 1000:03d}"]
    while n >= 1000:
        n //= 1000
        groups.insert(0, f"x{n % 1000:03d}")
    return f"tile/{level}/" + "/".join(groups) + \
        (f".p/{width}" if width < 256 else "")


def main(url, vkey, to):
    def get(path):
        with urllib.request.urlopen(url + path, timeout=10) as r:
            data = r.read()
        os.makedirs(os.path.dirname(os.path.join(to, path)), exist_ok=True)
        with open(os.path.join(to, path), "wb") as f:
            f.write(data)
        return data

    size = int(get("checkpoint").split(b"\n")[1])
    shutil.copy(vkey, os.path.join(to, "vkey"))
    files = 0
    for level in ["entries"] + list(range(8)):
        count = size >> (8 * level if level != "entries" else 0)
        for n in range((count + 255) // 256):
            get(name(level, n, min(256, count - 256 * n)))
            files += 1
    print(size, files)


main(*sys.argv[1:])
