/* tickmark restore: make a workspace of a point of its backups. */
#include <inttypes.h>

#include "cli/cmd_backup.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "seal/restore.h"

static int
identities(struct cli *c, struct depot *d, struct err *e)
{
	const char *path;

	for (size_t i = 0; (path = cli_opt_nth(c, "identity", i)) != NULL;
	    i++) {
		int r = age_identities_read(path, &d->ids, e);
		if (r != 0)
			return (r);
	}
	if (d->sealed && d->ids.n == 0)
		return (err_set(e, ERR_USAGE, "--identity",
		    "give the file of a recovery key: --identity FILE",
		    "these backups are encrypted"));
	return (0);
}

static void
print_json(struct cli *c, const struct seal_restore_result *res,
    const char *digest)
{
	struct val *m = val_map(c->arena);
	char t[TIME_SIZE];

	val_put(c->arena, m, "point", val_int(c->arena, (int64_t)res->number));
	val_put(c->arena, m, "made",
	    val_text(c->arena, arena_strdup(c->arena, time_print(res->made,
	    t))));
	val_put(c->arena, m, "entries",
	    val_int(c->arena, (int64_t)res->entries));
	val_put(c->arena, m, "last",
	    val_text(c->arena, arena_strdup(c->arena, time_print(res->time,
	    t))));
	val_put(c->arena, m, "bodies",
	    val_int(c->arena, (int64_t)res->opened));
	val_put(c->arena, m, "erased",
	    val_int(c->arena, (int64_t)res->erased));
	val_put(c->arena, m, "missing", val_int(c->arena,
	    res->known > res->entries ?
	    (int64_t)(res->known - res->entries) : 0));
	val_put(c->arena, m, "authentic", val_bool(c->arena, res->own));
	val_put(c->arena, m, "digest", val_text(c->arena, digest));
	cli_print_json(c, m);
}

static void
print(struct cli *c, const struct seal_restore_result *res,
    const char *digest, uint64_t newest)
{
	char made[TIME_SIZE], last[TIME_SIZE];

	printf("restored point %" PRIu64 " of %s to %s\n"
	    "%" PRIu64 " entries, the last of %s; %" PRIu64
	    " bodies opened, %" PRIu64 " erased, %" PRIu64 " rows compared\n"
	    "evidence %s\n", res->number, time_print(res->made, made),
	    c->arg[1], res->entries, time_print(res->time, last), res->opened,
	    res->erased, res->rows, digest);
	if (res->again > 0)
		printf("%" PRIu64 " erasures since then were carried out "
		    "again, by new entries\n", res->again);
	if (res->signer)
		printf("the signing key was rotated since then: the ledger "
		    "names the new one\n");
	if (res->schema < res->latest)
		printf("records.db was brought from version %" PRId64 " to %"
		    PRId64 "\n", res->schema, res->latest);
	if (!res->own)
		printf("the list of its files was written under another master "
		    "key: settings\nthat are not in the ledger could not be "
		    "authenticated\n");
	if (res->known > res->entries)
		printf("%" PRIu64 " entries are missing: a checkpoint that was "
		    "kept elsewhere has %" PRIu64 "\n",
		    res->known - res->entries, res->known);
	else if (newest > res->number)
		printf("there are newer points, up to %" PRIu64
		    ": what came after this one is missing\n", newest);
	else
		printf("what was written after it is missing; compare with a "
		    "witness, or with\na checkpoint that was kept "
		    "(--known)\n");
}

static int
run(struct cli *c, struct err *e)
{
	DEPOT_SCOPED d = { .lock = FILE_INIT };
	struct seal_restore_result res;
	BUF_SCOPED digest = BUF_INIT;
	uint64_t newest = 0;
	bool list = cli_opt(c, "list") != NULL;

	if (!list && c->nargs < 2)
		return (err_set(e, ERR_USAGE, "restore",
		    "tickmark restore DEPOT NEWDIR --identity FILE",
		    "the directory to restore to is not named"));
	int r = depot_open(c->arg[0], &d, e);
	if (r == 0)
		r = identities(c, &d, e);
	if (r == 0 && list)
		return (cmd_backup_list(c, &d, e));
	struct seal_restore_spec spec = { .to = c->arg[1],
		.keys = cli_opt(c, "keys"), .known = cli_opt(c, "known") };
	if (r == 0)
		r = seal_point_at(&d, cli_opt(c, "at"), &spec.number, e);
	if (r == 0)
		r = seal_point_at(&d, NULL, &newest, e);
	if (r == 0)
		r = seal_restore(&d, &spec, &res, e);
	if (r != 0)
		return (r);
	cli_progress_off();
	buf_puthex(&digest, res.digest, sizeof(res.digest));
	if (c->json)
		print_json(c, &res, digest.ptr);
	else
		print(c, &res, digest.ptr, newest);
	return (0);
}

static const struct cli_opt opts[] = {
	{ "identity", OPT_MULTI, "FILE", "a recovery key, as age-keygen writes it" },
	{ "at", OPT_TEXT, "POINT", "number of a point, or a time: the last one up to then" },
	{ "keys", OPT_TEXT, "DIR2", "where the keys are, if not in the backup" },
	{ "known", OPT_TEXT, "NOTE", "a checkpoint that was kept: what is missing since?" },
	{ "list", OPT_FLAG, NULL, "list the points instead" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_restore = {
	"restore", "DEPOT NEWDIR [--identity FILE] [--at POINT] | DEPOT --list",
	"make a workspace of a backup",
	"Makes a new directory and checks all that goes into it: each object, each\n"
	"entry and body against the signed checkpoint, the records, and the evidence,\n"
	"which is made again. If anything does not hold, nothing stays and the error\n"
	"names the object. Nothing is restored over a directory that has something\n"
	"in it.\n"
	"\n"
	"  tickmark restore /mnt/backup/work --list --identity recovery.key\n"
	"  tickmark restore /mnt/backup/work work2 --identity recovery.key\n"
	"  tickmark restore /mnt/backup/work work2 --identity recovery.key --at 2026-03-31\n"
	"  tickmark restore /mnt/backup/work work2 --identity recovery.key --known kept.note\n"
	"\n"
	"An entry that came after the point is not in it. Who kept a checkpoint, a\n"
	"witness or an auditor, can tell with --known how many are missing.",
	1, 2, opts, run, false,
};
