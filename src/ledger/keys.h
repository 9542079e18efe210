/*
 * Keys: the keys directory of a workspace, outside its databases.
 *
 *     master.key    32 random bytes, 0400 (or the systemd credential
 *                   tickmark-master, $CREDENTIALS_DIRECTORY/tickmark-master)
 *     ledger.key    the Ed25519 seed that signs checkpoints, wrapped under the
 *                   master key, 0400
 *     subjects.db   a random key for each subject, wrapped; see subject.h
 *
 * All other keys are derived from the master key by HKDF-SHA256 with a label
 * (doc/ledger.md). Losing the master key loses every body: back it up apart.
 */
#ifndef LEDGER_KEYS_H
#define LEDGER_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "sys/crypto.h"

#define KEYS_ID 16 /* bytes that name a key in a stored body */

struct keys;

/*
 * The keys of one subject, or of the workspace: all that sealing needs, derived
 * once. The id is "body-key" or "subject:" and eight bytes.
 */
struct keys_set {
	uint8_t id[KEYS_ID];
	uint8_t seal[CRYPTO_KEY]; /* bodies: the sealed stream */
	uint8_t salt[CRYPTO_KEY]; /* bodies: their salts */
	uint8_t cell[CRYPTO_KEY]; /* cells: XChaCha20 */
	uint8_t tag[CRYPTO_KEY];  /* cells: the keyed tag */
};

/* keys_create(dir, origin, e): make the directory and its keys; refuses if
 * there are keys already. ${origin} names the ledger and its signing key. */
int keys_create(const char *dir, const char *origin, struct err *e);

/*
 * keys_open(dir, ret, e): read them. ERR_DAMAGED if master key and ledger key
 * do not belong together. Keys that others may read are refused (ERR_DENIED).
 */
int keys_open(const char *dir, struct keys **ret, struct err *e);
void keys_close(struct keys *k); /* wipes; NULL is allowed */

/* keys_derive(k, label, out): the 32-byte subkey for one use. */
void keys_derive(const struct keys *k, const char *label,
    uint8_t out[CRYPTO_KEY]);

/* keys_body(k): the workspace's own key for bodies, borrowed from ${k}. */
const struct keys_set *keys_body(const struct keys *k);

/* The signing key. keys_origin is its name. */
const char *keys_origin(const struct keys *k);
const uint8_t *keys_public(const struct keys *k); /* CRYPTO_PUBLIC bytes */
void keys_sign(const struct keys *k, struct str text,
    uint8_t out[CRYPTO_SIG]);

/* keys_dir(k): the path of the directory. */
const char *keys_dir(const struct keys *k);

#endif
