/*
 * What the files of tickmark ledger share. Each group of its subcommands has a
 * file: cmd_ledger.c (head, proof, receipt), cmd_ledger_check.c,
 * cmd_ledger_policy.c, cmd_ledger_vouch.c, cmd_ledger_witness.c.
 */
#ifndef CLI_CMD_LEDGER_H
#define CLI_CMD_LEDGER_H

#include "cli/cli.h"
#include "ledger/checkpoint.h"
#include "ledger/policy.h"

struct cmd_ledger {
	struct cli *c;
	const char *dir;   /* DIR, or NULL for what needs none */
	const char *files; /* DIR/ledger */
	const char **arg;  /* what follows the subcommand */
	size_t n;
};

typedef int cmd_ledger_fn(struct cmd_ledger *x, struct err *e);
cmd_ledger_fn cmd_ledger_check, cmd_ledger_policy, cmd_ledger_cosigned,
    cmd_ledger_witness, cmd_ledger_cosign, cmd_ledger_timestamp;

/* cmd_ledger_time(s, out): seconds UTC as "2026-11-23T23:15:08Z". */
const char *cmd_ledger_time(struct cli *c, int64_t seconds);
/* cmd_ledger_b64(a, h): a hash as it stands in a checkpoint. */
const char *cmd_ledger_b64(struct arena *a, const struct tree_hash *h);
/* cmd_ledger_vkey(a, k): a verifier key. */
const char *cmd_ledger_vkey(struct arena *a, const struct note_key *k);
/* cmd_ledger_save(x, bytes, e): to the file of -o, or to standard output. */
int cmd_ledger_save(struct cmd_ledger *x, struct str bytes, struct err *e);
/* cmd_ledger_cosigners(c, seen): a list of {witness, key, time}. */
struct val *cmd_ledger_cosigners(struct cli *c, const struct policy_seen *s);

#endif
