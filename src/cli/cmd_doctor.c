/* tickmark doctor: check the installation; the answer is no if anything in
 * the workspace does not hold. */
#include <sys/stat.h>
#include <sys/statfs.h>

#include "assess/recorded.h"
#include "cli/commands.h"
#include "cli/doctor_around.h"
#include "cli/session.h"
#include "ledger/check.h"
#include "ledger/erase.h"
#include "record/verify.h"
#include "sys/db.h"

struct findings {
	struct cli *c;
	struct val *list;
	struct val *notes;
	size_t n;
};

static void
found(void *ctx, const struct err *problem)
{
	struct findings *f = ctx;
	char line[2200];

	err_format(problem, line, sizeof(line));
	const char *text = line + strlen("tickmark: ");
	for (size_t i = 0; i < f->n; i++)
		if (str_is(f->list->u.list.at[i]->u.s, text))
			return; /* two checks met the same */
	val_push(f->c->arena, f->list, val_text(f->c->arena, text));
	f->n++;
	if (!f->c->json) {
		cli_progress_off();
		printf("%sproblem%s  %s\n", cli_tone(f->c, TONE_BAD),
		    cli_tone(f->c, TONE_PLAIN), text);
		cli_progress_on(f->c);
	}
}

static void
fine(struct cli *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static void
fine(struct cli *c, const char *fmt, ...)
{
	va_list ap;

	if (c->json)
		return;
	printf("%sok%s       ", cli_tone(c, TONE_GOOD), cli_tone(c, TONE_PLAIN));
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* SQLite's own check of a database's pages and indexes. */
static int
check_db(struct findings *f, const char *path, struct err *e)
{
	DB_SCOPED *db = NULL;
	STMT_SCOPED *st = NULL;
	struct err own;
	int r;

	if (db_open(&db, path, 0, &own) != 0 ||
	    db_prepare(db, &st, STR("PRAGMA integrity_check(1)"), &own) != 0 ||
	    (r = stmt_step(st, &own)) < 0) {
		found(f, &own);
		return (0);
	}
	if (r > 0 && !str_is(stmt_str(st, 0), "ok")) {
		err_set(&own, ERR_DAMAGED, path, "restore it, or run tickmark rebuild",
		    "the database is damaged: " STR_FMT, STR_ARG(stmt_str(st, 0)));
		found(f, &own);
		return (0);
	}
	(void)e;
	fine(f->c, "%s: pages and indexes agree", path);
	return (0);
}

/* The record tables must be what entries and bodies say. */
static int
check_records(struct findings *f, const char *dir, struct db *db,
    struct keys *keys)
{
	uint64_t rows;
	size_t before = f->n;
	struct err own;

	if (record_verify(dir, db, keys, found, f, &rows, &own) != 0)
		found(f, &own);
	else if (f->n == before && rows != 0)
		fine(f->c, "records: %llu rows are what the ledger says",
		    (unsigned long long)rows);
	return (0);
}

static int
check_ledger(struct findings *f, struct workspace *ws, struct err *e)
{
	DB_SCOPED *db = NULL;
	struct keys *keys = NULL;
	struct check_counts n = { 0 };
	const char *dir;
	struct err own;

	int r = workspace_keys_dir(&ws->arena, ws->dir, &dir, e);
	if (r != 0)
		return (r);
	if (keys_open(dir, &keys, &own) != 0)
		found(f, &own);
	const char *path = arena_printf(&ws->arena, "%s/records.db", ws->dir);
	if (db_open(&db, path, 0, &own) != 0) {
		found(f, &own);
		keys_close(keys);
		return (0);
	}
	r = ledger_check(ws->dir, db, keys, CHECK_BODIES, found, f, &n, e);
	if (r == 0 && n.problems == 0)
		fine(f->c, "ledger: %llu entries, %llu tiles, %llu bundles, "
		    "%llu bodies opened, %llu erased",
		    (unsigned long long)n.entries, (unsigned long long)n.tiles,
		    (unsigned long long)n.bundles, (unsigned long long)n.opened,
		    (unsigned long long)n.erased);
	if (r == 0 && n.problems == 0 && keys != NULL)
		r = check_records(f, ws->dir, db, keys);
	keys_close(keys);
	return (r);
}

/* The text of every table, index and view. */
static int
declarations(struct db *db, struct buf *out, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_prepare(db, &st, STR("SELECT name || ' ' || sql FROM"
	    " sqlite_schema WHERE sql IS NOT NULL ORDER BY name"), e);

	while (r == 0 && (r = stmt_step(st, e)) == 1) {
		buf_putstr(out, stmt_str(st, 0));
		buf_putc(out, '\n');
		r = 0;
	}
	return (r);
}

/*
 * The projection must be what the ledger says: it is made again elsewhere, and
 * the two must have the same declarations and the same digest.
 */
static int
compare_evidence(struct findings *f, struct session *s, const char *tmp,
    struct err *e)
{
	EVIDENCE_SCOPED *again = NULL;
	BUF_SCOPED is = BUF_INIT, should = BUF_INIT;
	uint8_t have[32], want[32];
	struct err own;

	int r = evidence_digest(s->ev, have, e);
	if (r == 0)
		r = evidence_open(&again, tmp, s->ws->ledger, true, e);
	if (r == 0)
		r = evidence_digest(again, want, e);
	if (r == 0)
		r = declarations(evidence_db(s->ev), &is, e);
	if (r == 0)
		r = declarations(evidence_db(again), &should, e);
	if (r != 0)
		return (r);
	if (memcmp(have, want, sizeof(have)) == 0 &&
	    str_eq(buf_str(&is), buf_str(&should))) {
		fine(f->c, "%s: what the ledger says, replayed",
		    evidence_path(s->ev));
		return (0);
	}
	err_set(&own, ERR_DAMAGED, evidence_path(s->ev),
	    arena_printf(f->c->arena, "run tickmark rebuild %s",
		cli_word(f->c, f->c->arg[0])),
	    "the evidence is not what the ledger says");
	found(f, &own);
	return (0);
}

static int
check_evidence(struct findings *f, struct cli *c)
{
	SESSION_SCOPED s = { 0 };
	struct err own;

	if (session_open(c, SESSION_READ, &s, &own) != 0) {
		found(f, &own);
		return (0);
	}
	/* Told with the records: until it is finished, the rest must differ. */
	if (erase_pending(s.ws->ledger, NULL) == 1)
		return (0);
	size_t before = f->n;
	uint64_t rows;
	int r = recorded_verify(s.ws->ledger, found, f, &rows, &own);
	if (r != 0)
		found(f, &own);
	else if (f->n == before && rows != 0)
		fine(f->c, "results: %llu rows are what the ledger says",
		    (unsigned long long)rows);
	r = check_db(f, evidence_path(s.ev), NULL);
	const char *tmp = arena_printf(c->arena, "%s/doctor.tmp", s.ws->dir);
	file_remove_tree(tmp, NULL);
	if (r == 0 && (file_mkdirs(tmp, 0700, &own) != 0 ||
	    compare_evidence(f, &s, tmp, &own) != 0))
		found(f, &own);
	file_remove_tree(tmp, NULL);
	return (r);
}

/* What is not wrong, but not as it should be either, has its own word. */
static void
said(void *ctx, bool good, const char *text)
{
	struct findings *f = ctx;

	if (good) {
		fine(f->c, "%s", text);
		return;
	}
	val_push(f->c->arena, f->notes, val_text(f->c->arena, text));
	if (!f->c->json)
		printf("%snote%s     %s\n", cli_tone(f->c, TONE_WARN),
		    cli_tone(f->c, TONE_PLAIN), text);
}

static void
check_around(struct findings *f, const struct workspace *ws)
{
	struct doctor_around d = { f->c->arena, f, found, said };
	const char *keys;

	if (workspace_keys_dir(f->c->arena, ws->dir, &keys, NULL) == 0) {
		const char *path = arena_printf(f->c->arena, "%s/subjects.db",
		    keys);
		if (file_exists(path))
			check_db(f, path, NULL);
	}
	doctor_around(&d, ws);
}

static int
run(struct cli *c, struct err *e)
{
	struct workspace ws = { 0 };
	struct findings f = { c, val_list(c->arena), val_list(c->arena), 0 };

	int r = workspace_look(c->arg[0], &ws, e);
	if (r == 0) {
		const char *path = arena_printf(c->arena, "%s/records.db", ws.dir);
		fine(c, "workspace of " STR_FMT ", ledger " STR_FMT,
		    STR_ARG(ws.org), STR_ARG(ws.origin));
		r = check_db(&f, path, e);
	}
	if (r == 0)
		r = check_ledger(&f, &ws, e);
	if (r == 0)
		r = check_evidence(&f, c);
	if (r == 0)
		check_around(&f, &ws);
	arena_free(&ws.arena);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "holds", val_bool(c->arena, f.n == 0));
		val_put(c->arena, m, "problems", f.list);
		val_put(c->arena, m, "notes", f.notes);
		cli_print_json(c, m);
	} else if (f.n == 0) {
		printf("\neverything that was checked holds\n");
	} else {
		printf("\n%zu %s\n", f.n, f.n == 1 ? "problem" : "problems");
	}
	return (f.n == 0 ? 0 : -ERR_NO);
}

static const struct cli_opt opts[] = {
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_doctor = {
	"doctor", "DIR", "check that everything in the workspace holds",
	"Hashes every entry again and compares bundles, tiles and checkpoint, opens\n"
	"every body, checks the databases, replays the ledger and compares records\n"
	"and evidence with what comes out, and names each thing that does not hold.\n"
	"Then it looks around: how old the last backup and the last restore that was\n"
	"tried are, who may read the keys, whether the file system is encrypted as far\n"
	"as that can be seen, free space, and the clock. A note is not a problem.\n"
	"The exit status is 1 if there is a problem.",
	1, 1, opts, run, false,
};
