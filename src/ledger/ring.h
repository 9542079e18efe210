/*
 * The ring: keys/keyring holds every key that the master key seals, in one
 * file that is replaced as a whole (doc/ledger.md, "Keys"). A workspace has
 * one as soon as a key was rotated; before, all keys follow from the master
 * key. Only this folder includes it.
 */
#ifndef LEDGER_RING_H
#define LEDGER_RING_H

#include "ledger/private.h"

/* A new master key on its way, beside master.key. */
#define RING_NEXT "master.key.next"

/*
 * ring_read(dir, master, k, e): fill seed, note, next, bodies, wraps, tag and
 * root of ${k}. 1, without a sentence: ${master} does not open it.
 * ERR_NOTFOUND: there is no ring. ERR_DENIED: others may read it. ERR_NEWER,
 * ERR_DAMAGED.
 */
int ring_read(const char *dir, const uint8_t master[CRYPTO_KEY],
    struct keys *k, struct err *e);

/* ring_write(k, master, e): the reverse, durable when it returns 0. If it fails,
 * the file is the old one or the new one. */
int ring_write(const struct keys *k, const uint8_t master[CRYPTO_KEY],
    struct err *e);

/* ring_path(a, k, name): of a file in the directory of keys. */
const char *ring_path(struct arena *a, const struct keys *k,
    const char *name);

#endif
