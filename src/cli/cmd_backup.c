/* tickmark backup: copy a workspace, list the copies, try them. */
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cmd_backup.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "ledger/keys.h"
#include "seal/backup_job.h"

/* "1.5 GB"; of what a person compares. */
static const char *
size_text(struct cli *c, uint64_t n)
{
	static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
	uint64_t tenths = n * 10;
	size_t u = 0;

	if (n < 1000)
		return (arena_printf(c->arena, "%" PRIu64 " bytes", n));
	while (tenths >= 10000 && u + 1 < sizeof(units) / sizeof(*units)) {
		tenths /= 1000;
		u++;
	}
	return (arena_printf(c->arena, "%" PRIu64 ".%" PRIu64 " %s",
	    tenths / 10, tenths % 10, units[u]));
}

/* --- settings ------------------------------------------------------------ */

static int
take_recipients(struct cli *c, struct backup_settings *s, struct err *e)
{
	const char *text;

	if (cli_opt(c, "recipient") == NULL && cli_opt(c, "plain") == NULL)
		return (0);
	s->n = 0;
	s->plain = cli_opt(c, "plain") != NULL;
	for (size_t i = 0; (text = cli_opt_nth(c, "recipient", i)) != NULL;
	    i++) {
		if (s->n == AGE_RECIPIENTS - 1)
			return (err_set(e, ERR_LIMIT, "--recipient",
			    "give fewer", "more than %d recipients",
			    AGE_RECIPIENTS - 1));
		int r = age_recipient_parse(str_from(text),
		    &s->recipients[s->n], e);
		if (r != 0)
			return (err_at(e, "--recipient"));
		s->n++;
	}
	if (s->plain && s->n > 0)
		return (err_set(e, ERR_USAGE, "--plain", "give one of them",
		    "--plain and --recipient were both given"));
	return (0);
}

/* backup.conf, and what the command says instead. */
static int
settings(struct cli *c, struct backup_settings *s, struct err *e)
{
	const char *to = cli_opt(c, "to");
	int64_t keep;
	struct err own;
	int r = backup_settings_load(c->arg[0], c->arena, s, &own);

	if (r != 0 && r != -ERR_NOTFOUND) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	if (r == -ERR_NOTFOUND)
		*s = (struct backup_settings){ .to = NULL };
	if (to != NULL && s->to != NULL && strcmp(to, s->to) != 0)
		*s = (struct backup_settings){ .to = NULL };
	if (to != NULL)
		s->to = to;
	if (s->to == NULL)
		return (err_set(e, ERR_USAGE, "--to",
		    "give a directory: --to /mnt/backup/work, or write it into "
		    "backup.conf of the workspace",
		    "it is not said where the backups go"));
	r = cli_opt_int(c, "keep", (int64_t)s->keep, &keep, e);
	if (r != 0)
		return (r);
	s->keep = (uint64_t)keep;
	if (cli_opt(c, "without-keys") != NULL)
		s->without_keys = true;
	return (take_recipients(c, s, e));
}

/* --- what became of it --------------------------------------------------- */

/*
 * An entry of the ledger, if the workspace is free within some seconds: whoever
 * works on it for longer is not stopped for this.
 */
static bool
record(struct cli *c, const struct backup_event *event, struct err *e)
{
	int r;

	for (int i = 0; i < 25; i++) {
		WORKSPACE_SCOPED *ws = NULL;
		r = workspace_open(c->arg[0], true, &ws, e);
		if (r == 0)
			r = backup_record(ws->ledger, ws->actor.id, event, e);
		if (r != -ERR_BUSY)
			break;
		usleep(200000);
	}
	return (r == 0);
}

static void
print_recorded(bool recorded, const struct err *why)
{
	if (!recorded)
		printf("not recorded in the ledger: %s\n", why->what);
}

static int
make_point(struct cli *c, const struct backup_settings *s, struct err *e)
{
	struct backup_result res;
	struct backup_event event;
	struct err why = { .code = ERR_OK };
	int r = backup_job_point(c->arg[0], s, &res, &event, e);
	bool recorded = record(c, &event, &why);

	if (r != 0)
		return (r);
	cli_progress_off();
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "point",
		    val_int(c->arena, (int64_t)res.number));
		val_put(c->arena, m, "entries",
		    val_int(c->arena, (int64_t)res.entries));
		val_put(c->arena, m, "bytes",
		    val_int(c->arena, (int64_t)res.bytes));
		val_put(c->arena, m, "written",
		    val_int(c->arena, (int64_t)res.written));
		val_put(c->arena, m, "objects",
		    val_int(c->arena, (int64_t)res.objects));
		val_put(c->arena, m, "forgotten",
		    val_int(c->arena, (int64_t)res.forgotten));
		val_put(c->arena, m, "full", val_bool(c->arena, res.full));
		val_put(c->arena, m, "recorded",
		    val_bool(c->arena, recorded));
		cli_print_json(c, m);
		return (0);
	}
	printf("point %" PRIu64 ": %" PRIu64 " entries, %s; %s written%s%s\n",
	    res.number, res.entries, size_text(c, res.bytes),
	    size_text(c, res.written), res.full ? " (everything)" : "",
	    res.resumed ? ", going on after one that was interrupted" : "");
	if (res.skipped > 0)
		printf("%zu files left out: their names have control "
		    "characters\n", res.skipped);
	if (res.forgotten > 0)
		printf("%zu older points removed\n", res.forgotten);
	if (s->without_keys)
		printf("the keys are not in it: without %s nothing of it can "
		    "be read\n", "the keys directory");
	else if (s->plain)
		printf("it is not encrypted, and the keys are in it: guard %s "
		    "as the workspace itself\n", s->to);
	print_recorded(recorded, &why);
	return (0);
}

static int
try_point(struct cli *c, const struct backup_settings *s, struct err *e)
{
	struct seal_restore_result res;
	struct backup_event event;
	struct err why = { .code = ERR_OK };
	BUF_SCOPED hex = BUF_INIT;
	int r = backup_job_test(c->arg[0], s, cli_opt(c, "at"), &res, &event,
	    e);
	bool recorded = record(c, &event, &why);

	if (r != 0)
		return (r);
	cli_progress_off();
	buf_puthex(&hex, res.digest, sizeof(res.digest));
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "point",
		    val_int(c->arena, (int64_t)res.number));
		val_put(c->arena, m, "entries",
		    val_int(c->arena, (int64_t)res.entries));
		val_put(c->arena, m, "bodies",
		    val_int(c->arena, (int64_t)res.opened));
		val_put(c->arena, m, "digest", val_text(c->arena, hex.ptr));
		val_put(c->arena, m, "recorded",
		    val_bool(c->arena, recorded));
		cli_print_json(c, m);
		return (0);
	}
	printf("point %" PRIu64 " was restored and holds: %" PRIu64
	    " entries, %" PRIu64 " bodies opened, %" PRIu64
	    " rows compared\nevidence %s\n", res.number, res.entries,
	    res.opened, res.rows, hex.ptr);
	print_recorded(recorded, &why);
	return (0);
}

/* --- listing ------------------------------------------------------------- */

int
cmd_backup_list(struct cli *c, const struct depot *d, struct err *e)
{
	struct seal_point *points;
	char t[TIME_SIZE], u[TIME_SIZE];
	size_t n;
	int r = seal_points(d, c->arena, &points, &n, e);

	if (r != 0)
		return (r);
	if (n == 0 && !c->json) {
		printf("no backup was completed in %s\n", d->dir);
		return (0);
	}
	struct cli_table *table = cli_table(c, 6, "point", "made", "entries",
	    "last entry", "size", "note");
	for (size_t i = 0; i < n; i++) {
		const struct seal_point *p = &points[i];
		const char *number = arena_printf(c->arena, "%" PRIu64,
		    p->number);
		if (!p->readable) {
			cli_row(table, number, "", "", "", "", p->why.what);
			continue;
		}
		cli_row(table, number, arena_strdup(c->arena,
		    time_print(p->made, t)),
		    arena_printf(c->arena, "%" PRIu64, p->entries),
		    arena_strdup(c->arena, time_print(p->time, u)),
		    size_text(c, p->bytes), p->keys ? "" : "without keys");
	}
	cli_table_print(table);
	return (0);
}

static int
list(struct cli *c, const struct backup_settings *s, struct err *e)
{
	DEPOT_SCOPED d = { .lock = FILE_INIT };
	struct keys *keys = NULL;
	const char *dir;
	int r = depot_open(s->to, &d, e);

	if (r == 0)
		r = workspace_keys_dir(c->arena, c->arg[0], &dir, e);
	if (r == 0)
		r = keys_open(dir, &keys, e);
	if (r == 0)
		r = depot_own(&d, keys, e);
	keys_close(keys);
	return (r != 0 ? r : cmd_backup_list(c, &d, e));
}

/* --- the command --------------------------------------------------------- */

static int
keygen(struct cli *c, const char *path, struct err *e)
{
	struct age_recipient to;
	BUF_SCOPED b = BUF_INIT;
	int r = age_identity_write(path, &to, e);

	if (r != 0)
		return (r);
	age_recipient_print(&to, &b);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "recipient", val_text(c->arena, b.ptr));
		val_put(c->arena, m, "file", val_text(c->arena, path));
		cli_print_json(c, m);
		return (0);
	}
	printf("%s\n\nThe recovery key is in %s. Keep it where a loss of this "
	    "machine does\nnot reach it, and nobody else does: it opens every "
	    "backup.\n", b.ptr, path);
	return (0);
}

static int
run(struct cli *c, struct err *e)
{
	struct backup_settings s;
	struct workspace ws = { .dir = NULL };
	const char *file = cli_opt(c, "keygen");

	if (file != NULL && c->nargs == 0)
		return (keygen(c, file, e));
	if (c->nargs == 0 || file != NULL)
		return (err_set(e, ERR_USAGE, "backup",
		    "tickmark backup DIR --to DEPOT --recipient age1...",
		    file != NULL ? "--keygen takes no workspace" :
		    "the workspace is not named"));
	int r = workspace_look(c->arg[0], &ws, e);
	arena_free(&ws.arena);
	if (r == 0)
		r = settings(c, &s, e);
	if (r != 0)
		return (r);
	if (cli_opt(c, "list") != NULL)
		return (list(c, &s, e));
	if (cli_opt(c, "check") != NULL)
		return (try_point(c, &s, e));
	if (cli_opt(c, "at") != NULL)
		return (err_set(e, ERR_USAGE, "--at", "add --check",
		    "--at says which point is to be tried"));
	return (make_point(c, &s, e));
}

static const struct cli_opt opts[] = {
	{ "to", OPT_TEXT, "DEPOT", "directory that the backups are kept in" },
	{ "recipient", OPT_MULTI, "AGE1", "a recovery key that opens them; any number" },
	{ "plain", OPT_FLAG, NULL, "do not encrypt them" },
	{ "without-keys", OPT_FLAG, NULL, "leave the keys out: they are kept apart" },
	{ "keep", OPT_TEXT, "N", "remove all but the newest N points" },
	{ "list", OPT_FLAG, NULL, "list the points instead" },
	{ "check", OPT_FLAG, NULL, "restore a point, check it and remove it again" },
	{ "at", OPT_TEXT, "POINT", "which one to check: a number or a time (newest)" },
	{ "keygen", OPT_TEXT, "FILE", "make a recovery key in FILE and print its age1..." },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_backup = {
	"backup", "DIR --to DEPOT --recipient AGE1 ... | --keygen FILE",
	"copy a workspace, and try the copies",
	"Copies what is new since the last point, also while other commands write,\n"
	"into a directory: a mounted disk, another machine's export. Everything in it\n"
	"is encrypted to recovery keys in the age format, whose secret halves need not\n"
	"be on this machine. The keys of the workspace are in it too, in one object\n"
	"that each backup replaces, so that a key that was destroyed does not come\n"
	"back. What became of each is recorded in the ledger.\n"
	"\n"
	"  tickmark backup --keygen recovery.key\n"
	"  tickmark backup work --to /mnt/backup/work --recipient age1... --keep 30\n"
	"  tickmark backup work --to /mnt/backup/work --list\n"
	"  tickmark backup work --to /mnt/backup/work --check\n"
	"\n"
	"What stands in backup.conf of the workspace need not be said again:\n"
	"\n"
	"  to = /mnt/backup/work\n"
	"  recipient = age1...\n"
	"  keep = 30",
	0, 1, opts, run, false,
};
