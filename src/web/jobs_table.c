/* The table of jobs. A new one is a function and a row here. */
#include <sys/stat.h>

#include "base/clock.h"
#include "ledger/ledger.h"
#include "record/workspace.h"
#include "web/jobs.h"

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
	r = workspace_open(j->dir, true, &ws, e);
	if (r == 0) {
		workspace_is_job(ws);
		r = ledger_sequence(ws->ledger, e);
	}
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

const struct job jobs_table[] = {
	{ .name = "sequence", .what = "sign a checkpoint over new entries",
	    .every = 60 * CLOCK_SECOND, .timeout = 300 * CLOCK_SECOND,
	    .early = database_changed, .run = run_sequence },
	{ .name = NULL },
};
