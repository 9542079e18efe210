/*
 * Rotation: a new master key, a new key for bodies, a new signing key. Each is
 * an entry (action rotate) and leaves a workspace that opens wherever it is
 * interrupted: what was begun is finished, or was never begun, when the
 * workspace is next opened for writing (doc/ledger.md, "Rotation").
 *
 * All of it is for the one process that holds the workspace's lock, outside of
 * a transaction.
 */
#ifndef LEDGER_ROTATE_H
#define LEDGER_ROTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct ledger;

#define ROTATE_ACTION "rotate"
#define ROTATE_MASTER "master-key"
#define ROTATE_BODY "body-key"
#define ROTATE_LEDGER "ledger-key"

/*
 * rotate_master(l, actor, e): all that the old master key sealed is sealed
 * under a new random one, the keys of subjects too. ERR_ENV if the master key
 * comes from systemd: only its owner can replace that.
 */
int rotate_master(struct ledger *l, struct str actor, struct err *e);

/* rotate_body(l, actor, e): bodies from now on are sealed under a new key; what
 * the older ones sealed can be read as before. */
int rotate_body(struct ledger *l, struct str actor, struct err *e);

/*
 * rotate_signing(l, actor, e): a new Ed25519 key. The checkpoint that includes
 * the rotation is signed by both, later ones by the new key; ledger/vkey lists
 * both, so that older signatures can be checked for ever. The entry is signed by
 * the old key, so that who has only that can follow (succession.h).
 */
int rotate_signing(struct ledger *l, struct str actor, struct err *e);

/* rotate_settle(l, e): finish or drop what was interrupted. Done when a
 * workspace is opened for writing. */
int rotate_settle(struct ledger *l, struct err *e);

/* What there is: for people. */
struct rotate_key {
	const char *kind; /* "master" "body" "signing" "subjects" */
	struct str id;    /* hex; of a signing key its verifier key */
	int64_t since;    /* microseconds; 0: not known, as old as the ledger */
	bool current;
	const char *note; /* where it lies, or what it is for */
};
/* rotate_list(l, a, ret, ret_n, e): the newest of a kind first. */
int rotate_list(struct ledger *l, struct arena *a, struct rotate_key **ret,
    size_t *ret_n, struct err *e);

#endif
