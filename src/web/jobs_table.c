/* The table of jobs. A new one is a function and a row here. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "program/messages.h"
#include "record/workspace.h"
#include "seal/backup_job.h"
#include "seal/retention.h"
#include "sys/file.h"
#include "web/jobs.h"
#include "web/vouch.h"

/* --- sequence ------------------------------------------------------------- */

/* Entries that have no checkpoint yet; looked at without the lock. */
static int
waiting(const char *dir, uint64_t *ret, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	struct ledger_head h;
	int r = workspace_open(dir, false, &ws, e);

	if (r == 0)
		r = ledger_head(ws->ledger, &h, e);
	if (r == 0)
		*ret = h.size - h.sequenced;
	return (r);
}

static int
run_sequence(struct job_run *j, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	uint64_t n = 0;
	int r = waiting(j->dir, &n, e);

	if (r != 0 || n == 0)
		return (r);
	r = workspace_open_job(j->dir, &ws, e);
	if (r == 0)
		r = ledger_sequence(ws->ledger, e);
	if (r == 0)
		snprintf(j->said, sizeof(j->said), "signed a checkpoint over "
		    "%llu new entries", (unsigned long long)n);
	return (r);
}

static uint64_t
stamp_of(const char *dir, const char *name, bool *fresh)
{
	char path[4096];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (stat(path, &st) != 0)
		return (0);
	*fresh = *fresh || (int64_t)st.st_mtim.tv_sec >=
	    clock_now() / CLOCK_SECOND - 1;
	return (str_hash((struct str){ (const char *)&st.st_mtim,
	    sizeof(st.st_mtim) }) ^ (uint64_t)st.st_size);
}

/* Somebody wrote to the database: there may be entries. */
static bool
database_changed(const struct conf *c, uint64_t *memory)
{
	bool fresh = false;
	uint64_t now = stamp_of(c->dir, "records.db", &fresh) ^
	    stamp_of(c->dir, "records.db-wal", &fresh) * 3;
	bool changed = now != *memory;

	/* What changes again in the same tick of the clock looks the same. */
	*memory = fresh ? 0 : now;
	return (changed);
}

/* --- witness, timestamp --------------------------------------------------- */

/* The first of those that failed; who saw another history comes first. */
static const struct vouch *
worst(const struct vouches *v)
{
	const struct vouch *w = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct vouch *x = &v->at[i];
		if (x->how == VOUCH_AGAINST)
			return (x);
		if (w == NULL && x->how != VOUCH_GIVEN && x->how != VOUCH_HAD)
			w = x;
	}
	return (w);
}

static size_t
given(const struct vouches *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->at[i].how == VOUCH_GIVEN || v->at[i].how == VOUCH_HAD;
	return (n);
}

/* A cosignature says when it was given; it is given anew that often. */
#define AGAIN CLOCK_HOUR

static int
run_witness(struct job_run *j, struct err *e)
{
	struct vouches *v = arena_new(j->arena, struct vouches);
	/* At a start all are asked: it may be that of an old copy. */
	int r = vouch_cosign(j->arena, j->conf, true, j->first ? 0 :
	    AGAIN, v, e);
	const struct vouch *w;

	if (r != 0)
		return (r);
	w = worst(v);
	/* One that is down is told; the policy says how many are needed. */
	if (w != NULL && (w->how == VOUCH_AGAINST || !v->quorum)) {
		*e = w->e;
		return (-(int)w->e.code);
	}
	if (!v->quorum)
		return (err_set(e, ERR_NO, NULL, "see tickmark ledger DIR "
		    "policy", "the policy's quorum is missing: %s", v->wants));
	snprintf(j->said, sizeof(j->said), "%zu of %zu witnesses vouch for %llu "
	    "entries%s%.300s", given(v), v->n, (unsigned long long)v->size,
	    w != NULL ? "; " : "", w != NULL ? w->e.what : "");
	return (0);
}

static int64_t
witness_interval(const struct conf *c)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/ledger/policy", c->dir);
	return (file_exists(path) ? c->witness_every : 0);
}

static bool
checkpoint_changed(const struct conf *c, uint64_t *memory)
{
	bool fresh = false;
	uint64_t now = stamp_of(c->dir, "ledger/checkpoint", &fresh) ^
	    stamp_of(c->dir, "ledger/policy", &fresh) * 3;
	bool changed = now != *memory;

	*memory = now;
	return (changed);
}

static int
run_timestamp(struct job_run *j, struct err *e)
{
	struct vouches *v = arena_new(j->arena, struct vouches);
	/* Not a minute later every day. */
	int64_t within = j->conf->timestamp_every -
	    j->conf->timestamp_every / 20;
	int r = vouch_stamp(j->arena, j->conf, true, within, v, e);
	const struct vouch *w;

	if (r != 0)
		return (r);
	if ((w = worst(v)) != NULL) {
		*e = w->e;
		return (-(int)w->e.code);
	}
	snprintf(j->said, sizeof(j->said), "%zu of %zu authorities stamped %llu "
	    "entries or had done so recently", given(v), v->n,
	    (unsigned long long)v->size);
	return (0);
}

static int64_t
timestamp_interval(const struct conf *c)
{
	return (c->ntsa > 0 ? c->timestamp_every : 0);
}

/* --- backup, restore-test ------------------------------------------------- */

#define LOOK (60 * CLOCK_SECOND) /* whether it is time */

static int64_t
backup_interval(const struct conf *c)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/backup.conf", c->dir);
	return (file_exists(path) ? LOOK : 0);
}

/* Whoever has the lock has it for a moment. */
static int
record_event(struct job_run *j, const struct backup_event *x, struct err *e)
{
	int r = -ERR_BUSY;

	for (int i = 0; r == -ERR_BUSY && i < 600; i++) {
		WORKSPACE_SCOPED *ws = NULL;
		r = workspace_open_job(j->dir, &ws, e);
		if (r == 0)
			r = backup_record(ws->ledger, ws->actor.id, x, e);
		else if (r == -ERR_BUSY)
			usleep(200000);
	}
	return (r);
}

/* The settings, and whether it is time by what the ledger says. */
static int
backup_due(struct job_run *j, enum backup_kind kind,
    struct backup_settings *s, bool *ret, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	int r = backup_settings_load(j->dir, j->arena, s, e);

	if (r == 0)
		r = workspace_open(j->dir, false, &ws, e);
	return (r != 0 ? r : backup_job_due(ws->ledger, s, kind, clock_now(),
	    ret, e));
}

static int
run_backup(struct job_run *j, struct err *e)
{
	struct backup_settings s;
	struct backup_result res;
	struct backup_event x;
	bool due = false;
	int r = backup_due(j, BACKUP_POINT, &s, &due, e);

	if (r != 0 || !due)
		return (r);
	r = backup_job_point(j->dir, &s, &res, &x, e);
	if (record_event(j, &x, r == 0 ? e : NULL) != 0 && r == 0)
		return (-(int)e->code);
	if (r == 0)
		snprintf(j->said, sizeof(j->said), "made point %llu of %llu "
		    "entries", (unsigned long long)res.number,
		    (unsigned long long)res.entries);
	return (r);
}

static int
run_restore_test(struct job_run *j, struct err *e)
{
	struct backup_settings s;
	struct seal_restore_result res;
	struct backup_event x;
	bool due = false;
	int r = backup_due(j, BACKUP_TEST, &s, &due, e);

	if (r != 0 || !due)
		return (r);
	r = backup_job_test(j->dir, &s, NULL, &res, &x, e);
	if (record_event(j, &x, r == 0 ? e : NULL) != 0 && r == 0)
		return (-(int)e->code);
	if (r == 0)
		snprintf(j->said, sizeof(j->said), "restored point %llu and "
		    "found that it holds", (unsigned long long)res.number);
	return (r);
}

/* --- messages -------------------------------------------------------------- */

#define AT_ONCE 500 /* messages of one run */

static int64_t
messages_interval(const struct conf *c)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/program.conf", c->dir);
	return (file_exists(path) ? 60 * CLOCK_SECOND : 0);
}

static int
run_messages(struct job_run *j, struct err *e)
{
	struct messages_done done;
	int r = messages_run(j->arena, j->dir, AT_ONCE, &done, e);

	if (r != 0)
		return (r);
	/* What failed is kept and tried again; it is told all the same. */
	if (done.delivered.failed > 0)
		return (err_set(e, ERR_IO, NULL, "see: tickmark messages DIR list",
		    "%zu of %zu messages could not be sent: %.300s",
		    done.delivered.failed, done.delivered.failed +
		    done.delivered.sent, done.delivered.last.what));
	if (done.delivered.sent > 0)
		snprintf(j->said, sizeof(j->said), "sent %zu messages",
		    done.delivered.sent);
	return (0);
}

/* --- retention ------------------------------------------------------------ */

static int
run_retention(struct job_run *j, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	int r = workspace_open_job(j->dir, &ws, e);

	return (r != 0 ? r : retention_job(ws, j->arena, j->said,
	    sizeof(j->said), e));
}

const struct job jobs_table[] = {
	{ .name = "sequence", .what = "sign a checkpoint over new entries",
	    .every = 60 * CLOCK_SECOND, .timeout = 300 * CLOCK_SECOND,
	    .early = database_changed, .gap = 2 * CLOCK_SECOND, .run = run_sequence },
	{ .name = "witness", .what = "ask the policy's witnesses to cosign",
	    .interval = witness_interval, .timeout = 900 * CLOCK_SECOND,
	    .early = checkpoint_changed, .gap = 5 * CLOCK_SECOND, .run = run_witness },
	{ .name = "timestamp", .what = "have the checkpoint stamped",
	    .interval = timestamp_interval, .timeout = 900 * CLOCK_SECOND,
	    .run = run_timestamp },
	{ .name = "backup", .what = "copy the workspace, as backup.conf says",
	    .interval = backup_interval, .timeout = 24 * CLOCK_HOUR,
	    .run = run_backup },
	{ .name = "restore-test", .what = "restore a backup and check it",
	    .interval = backup_interval, .timeout = 24 * CLOCK_HOUR,
	    .run = run_restore_test },
	{ .name = "messages", .what = "tell people what waits, as program.conf says",
	    .interval = messages_interval, .timeout = 900 * CLOCK_SECOND,
	    .run = run_messages },
	{ .name = "retention", .what = "let go of what was kept long enough, as "
	    "the rules of retention say", .every = 6 * CLOCK_HOUR,
	    .timeout = 3 * CLOCK_HOUR, .run = run_retention },
	{ .name = NULL },
};
