#include "api/writer.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ledger/keys.h"
#include "ledger/ledger.h"
#include "record/reads.h"
#include "sys/db.h"

#define POLL_US 2000 /* between two tries to get the lock */

static void
put_stat(const char *dir, const char *name, char *out, size_t cap)
{
	char path[4096];
	struct stat st;
	size_t n = strlen(out);

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (stat(path, &st) != 0)
		st = (struct stat){ 0 };
	snprintf(out + n, cap - n, " %llx.%llx.%llx",
	    (unsigned long long)st.st_ino,
	    (unsigned long long)st.st_mtim.tv_sec,
	    (unsigned long long)st.st_mtim.tv_nsec);
}

int
writer_stamp(const char *dir, const char *keys, struct db *db, char *out,
    size_t cap, struct err *e)
{
	char path[4096];
	struct stat st;
	int64_t version;
	struct stmt *stmt;
	/* It changes when another connection committed. */
	int r = db_cached(db, &stmt, "PRAGMA data_version", e);

	if (r == 0)
		r = stmt_step(stmt, e);
	if (r < 0)
		return (r);
	version = stmt_int(stmt, 0);
	stmt_reset(stmt);
	/* A file of the same name may have taken its place. */
	snprintf(path, sizeof(path), "%s/records.db", dir);
	if (stat(path, &st) != 0)
		st.st_ino = 0;
	snprintf(out, cap, "%lld %llx", (long long)version,
	    (unsigned long long)st.st_ino);
	put_stat(keys, "subjects.db", out, cap);
	put_stat(keys, "keyring", out, cap);
	return (0);
}

static void
forget(struct writer *w)
{
	evidence_close(w->ev);
	group_close(w->group);
	workspace_close(w->ws);
	w->ev = NULL;
	w->group = NULL;
	w->ws = NULL;
	w->held = false;
}

/* Anew, with the lock. */
static int
open_it(struct writer *w, struct err *e)
{
	int r = workspace_open_job(w->dir, &w->ws, e);

	if (r != 0) {
		w->ws = NULL;
		return (r);
	}
	group_open(w->ws->ledger, &w->group);
	w->held = true;
	return (0);
}

/* What is open is good if nobody wrote since it was given back. */
static int
take_again(struct writer *w, struct err *e)
{
	char now[sizeof(w->stamp)];
	int r = workspace_lock(w->ws, e);

	if (r != 0)
		return (r);
	w->held = true;
	r = writer_stamp(w->dir, keys_dir(w->ws->keys), w->ws->db, now,
	    sizeof(now), e);
	if (r == 0 && strcmp(now, w->stamp) == 0)
		return (0);
	/* What is in memory is old: nothing of it may be written. */
	workspace_unlock(w->ws);
	forget(w);
	return (r != 0 ? r : open_it(w, e));
}

int
writer_take(struct writer *w, int64_t wait, struct err *e)
{
	int64_t until = clock_mono() + wait;
	int r;

	if (w->held)
		return (0);
	for (;;) {
		r = w->ws != NULL ? take_again(w, e) : open_it(w, e);
		if (r != -ERR_BUSY || clock_mono() >= until)
			break;
		usleep(POLL_US);
	}
	if (r == 0)
		w->since = clock_mono();
	return (r);
}

void
writer_give(struct writer *w)
{
	struct ledger_head h;
	struct err e;

	if (!w->held)
		return;
	/* Who read what comes into the ledger as well. */
	int r = reads_settle(w->dir, w->ws->ledger, &e);
	if (r == 0)
		r = ledger_head(w->ws->ledger, &h, &e);
	if (r == 0 && h.size != h.sequenced)
		r = ledger_sequence(w->ws->ledger, &e);
	if (r == 0)
		r = writer_stamp(w->dir, keys_dir(w->ws->keys), w->ws->db,
		    w->stamp, sizeof(w->stamp), &e);
	if (r != 0) {
		forget(w); /* the next one sees what is the matter */
		return;
	}
	workspace_unlock(w->ws);
	w->held = false;
}

int
writer_evidence(struct writer *w, struct err *e)
{
	if (w->ev == NULL)
		return (evidence_open(&w->ev, w->dir, w->ws->ledger, true, e));
	return (evidence_catch_up(w->ev, e));
}

void
writer_close(struct writer *w)
{
	writer_give(w);
	forget(w);
}
