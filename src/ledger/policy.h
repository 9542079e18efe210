/*
 * Policy (C2SP tlog-policy): a text file that says by which ledgers a
 * checkpoint may be signed and which witnesses must have cosigned it.
 *
 *     log VKEY [URL]
 *     witness NAME VKEY [URL]
 *     group NAME all|any|K MEMBER...     members: witnesses, groups above it
 *     quorum NAME|none                   once
 *
 * Items are divided by spaces and tabs; lines that begin with "#" are ignored.
 * Names are bytes without a meaning outside of the file. A log's key is of type
 * 0x01 and its name is the origin; a witness's is of type 0x04.
 */
#ifndef LEDGER_POLICY_H
#define LEDGER_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "ledger/checkpoint.h"
#include "ledger/note.h"

#define POLICY_MAX (256u << 10) /* bytes of a file */
#define POLICY_LOGS 64
#define POLICY_NODES 256        /* witnesses and groups together */

struct policy_log {
	struct note_key key;
	const char *url; /* or NULL */
};

/* A witness or a group. */
struct policy_node {
	const char *name;
	bool group;
	struct note_key key; /* of a witness */
	const char *url;     /* of a witness, or NULL */
	unsigned k;          /* of a group: so many of its members */
	size_t *member;      /* of a group: indexes of nodes before it */
	size_t nmembers;
	bool listed;         /* is a member of a group */
};

#define POLICY_NONE (-1)
struct policy {
	struct policy_log *logs;
	size_t nlogs;
	struct policy_node *nodes;
	size_t nnodes;
	int quorum; /* index of a node, or POLICY_NONE */
};

/*
 * policy_parse(a, name, text, ret, e): all in ${a}. ERR_INPUT names
 * "NAME:LINE"; ERR_LIMIT if there is more than the limits above.
 */
int policy_parse(struct arena *a, const char *name, struct str text,
    struct policy **ret, struct err *e);

/* policy_has_log(p, key): is it one of the logs? */
bool policy_has_log(const struct policy *p, const struct note_key *k);

/* What a policy says of a checkpoint. */
struct policy_seen {
	struct checkpoint head;
	bool quorum;  /* the witnesses that are required have cosigned it */
	size_t n;     /* witnesses of the policy that did */
	struct policy_cosigner {
		const struct policy_node *witness;
		int64_t time; /* seconds UTC; the latest, if it did so twice */
	} at[POLICY_NODES];
};

/*
 * policy_look(p, logs, n, note, ret, e): open ${note} as a checkpoint of one of
 * the policy's logs, or of the ${n} given ones, and see who cosigned it. The
 * errors of checkpoint_open_by(); that the quorum is missing is not an error
 * but ${ret}->quorum. ${logs} may be NULL.
 */
int policy_look(const struct policy *p, const struct note_key *logs, size_t n,
    struct str note, struct policy_seen *ret, struct err *e);

/* policy_explain(p, seen, out): append, in words, what the quorum wants and
 * what there is: "2 of X1, X2, X3 must have cosigned, and X1 has". */
void policy_explain(const struct policy *p, const struct policy_seen *seen,
    struct buf *out);

#endif
