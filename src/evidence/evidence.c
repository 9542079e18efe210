#include "evidence/evidence.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/log.h"
#include "evidence/project.h"
#include "sys/file.h"

/* Entries of one transaction of evidence.db while it catches up. */
#define BATCH 512

struct evidence_when
evidence_at(int64_t at, uint64_t known)
{
	return ((struct evidence_when){ .at = at, .from = at, .to = at + 1,
	    .known = known });
}

struct evidence_when
evidence_period(int64_t from, int64_t to, uint64_t known)
{
	return ((struct evidence_when){ .period = true, .at = to - 1,
	    .from = from, .to = to, .known = known });
}

struct db *
evidence_db(struct evidence *ev)
{
	return (ev->db);
}

void
evidence_as(struct evidence *ev, struct record_reader *reader)
{
	ev->reader = reader;
}

const char *
evidence_path(const struct evidence *ev)
{
	return (ev->path);
}

/* --- files --------------------------------------------------------------- */

static char *
join(const char *dir, const char *name)
{
	char *p;

	if (asprintf(&p, "%s/%s", dir, name) < 0)
		err_oom(strlen(dir));
	return (p);
}

/* A database and what SQLite keeps beside it. */
static int
remove_db(const char *path, struct err *e)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		char *p;
		if (asprintf(&p, "%s%s", path, ends[i]) < 0)
			err_oom(strlen(path));
		int r = file_remove(p, e);
		free(p);
		if (r != 0)
			return (r);
	}
	return (0);
}

static void
close_db(struct evidence *ev)
{
	store_forget(ev);
	db_close(ev->db);
	ev->db = NULL;
}

/* --- catching up --------------------------------------------------------- */

struct following {
	struct evidence *ev;
	uint64_t size;
	uint64_t in_batch;
};

static int
follow(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct following *f = ctx;
	struct evidence *ev = f->ev;
	int r = project_entry(ev, index, x, NULL, NULL, e);

	if (r != 0)
		return (r);
	if (++f->in_batch == BATCH) {
		f->in_batch = 0;
		progress("Projecting evidence", (int64_t)index + 1,
		    (int64_t)f->size);
		r = store_set_upto(ev->db, index + 1, e);
		if (r == 0)
			r = db_commit(ev->db, e);
		if (r == 0)
			r = db_begin(ev->db, e);
	}
	return (r);
}

int
evidence_catch_up(struct evidence *ev, struct err *e)
{
	struct following f = { .ev = ev };
	struct ledger_head head;
	int r = ledger_head(ev->ledger, &head, e);

	if (r != 0 || head.size == ev->upto)
		return (r);
	f.size = head.size;
	ledger_keep_up(ev->ledger); /* replaying may take long */
	if ((r = db_begin(ev->db, e)) != 0)
		return (r);
	r = project_hold(ev, e);
	if (r == 0)
		r = ledger_each(ev->ledger, ev->upto, head.size, follow, &f, e);
	project_release(ev);
	if (r == 0)
		r = store_set_upto(ev->db, head.size, e);
	if (r == 0)
		r = db_commit(ev->db, e);
	if (r != 0) {
		db_rollback(ev->db);
		return (r);
	}
	ev->upto = head.size;
	return (0);
}

/* --- building ------------------------------------------------------------ */

/*
 * A new file beside the old one, without a journal: if anything interrupts it,
 * it is thrown away. It takes the old one's place when it is complete.
 */
static int
build(struct evidence *ev, const char *tmp, struct err *e)
{
	int r = db_open(&ev->db, tmp, DB_CREATE | DB_WRITER | DB_NOSYNC |
	    DB_LARGE, e);

	if (r != 0)
		return (r);
	r = db_exec(ev->db, "PRAGMA journal_mode=MEMORY;"
	    "PRAGMA locking_mode=EXCLUSIVE", e);
	if (r == 0)
		r = store_create(ev->db, e);
	ev->upto = 0;
	if (r == 0)
		r = evidence_catch_up(ev, e);
	if (r == 0)
		r = db_exec(ev->db, "PRAGMA synchronous=FULL", e);
	/* One write under FULL makes all before it durable. */
	if (r == 0)
		r = store_set_upto(ev->db, ev->upto, e);
	/* Once in place, this would need a journal that no reader rolls back. */
	if (r == 0)
		r = db_exec(ev->db, "PRAGMA journal_mode=WAL", e);
	close_db(ev);
	return (r);
}

static int
open_writer(struct evidence *ev, struct err *e)
{
	return (db_open(&ev->db, ev->path, DB_WRITER | DB_WAL | DB_LARGE, e));
}

int
evidence_rebuild(struct evidence *ev, struct err *e)
{
	char *tmp = join(ev->dir, "evidence.db.new");
	uint64_t upto = ev->upto;
	bool had = ev->db != NULL;
	int r;

	if (!ev->writable) {
		free(tmp);
		return (err_set(e, ERR_BUSY, ev->dir, "take the lock first",
		    "the workspace is open for reading only"));
	}
	if (had)
		close_db(ev);
	r = remove_db(tmp, e);
	if (r == 0)
		r = build(ev, tmp, e);
	if (r == 0)
		r = remove_db(ev->path, e);
	if (r == 0 && (rename(tmp, ev->path) != 0 || chmod(ev->path, 0600) != 0))
		r = file_error(e, errno, "put in place", ev->path);
	if (r == 0)
		r = open_writer(ev, e);
	if (r != 0) {
		struct err other;
		remove_db(tmp, &other);
		ev->upto = upto;
		if (had && ev->db == NULL)
			open_writer(ev, &other);
	}
	free(tmp);
	return (r);
}

/* --- open ---------------------------------------------------------------- */

static int
open_reader(struct evidence *ev, struct err *e)
{
	struct ledger_head head;
	struct err own;
	bool usable = false;
	int r = db_open(&ev->db, ev->path, DB_LARGE, &own);

	if (r == 0) {
		r = store_usable(ev->db, &usable, &ev->upto, e);
		if (r == 0)
			r = ledger_head(ev->ledger, &head, e);
		if (r != 0)
			return (r);
		if (usable && ev->upto >= head.size)
			return (0);
	} else if (own.code != ERR_NOTFOUND && own.code != ERR_DAMAGED) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	return (err_set(e, ERR_BUSY, ev->path,
	    "run tickmark rebuild, or wait for the process that writes",
	    "the evidence database is missing or behind the ledger"));
}

static int
open_or_build(struct evidence *ev, struct err *e)
{
	struct err own;
	bool usable = false;
	int r = open_writer(ev, &own);

	if (r != 0 && own.code != ERR_NOTFOUND && own.code != ERR_DAMAGED) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	if (r == 0) {
		struct ledger_head head;

		r = store_usable(ev->db, &usable, &ev->upto, &own);
		if (r != 0)
			usable = false;
		r = ledger_head(ev->ledger, &head, e);
		if (r != 0)
			return (r);
		/* Ahead of the ledger: it belongs to another one. */
		usable = usable && ev->upto <= head.size;
	}
	if (!usable)
		return (evidence_rebuild(ev, e));
	r = evidence_catch_up(ev, &own);
	if (r == 0)
		return (0);
	/* Entries that do not fit what the file says: then it says wrong. */
	if (own.code == ERR_INPUT || own.code == ERR_DAMAGED)
		return (evidence_rebuild(ev, e));
	if (e != NULL)
		*e = own;
	return (r);
}

int
evidence_open(struct evidence **ret, const char *dir, struct ledger *ledger,
    bool writable, struct err *e)
{
	struct evidence *ev = calloc(1, sizeof(*ev));

	if (ev == NULL)
		err_oom(sizeof(*ev));
	ev->dir = join(dir, "");
	ev->dir[strlen(ev->dir) - 1] = '\0';
	ev->path = join(dir, "evidence.db");
	ev->ledger = ledger;
	ev->writable = writable;
	ev->tables = calloc(schema_ntypes, sizeof(*ev->tables));
	if (ev->tables == NULL)
		err_oom(schema_ntypes * sizeof(*ev->tables));
	int r = writable ? open_or_build(ev, e) : open_reader(ev, e);
	if (r != 0) {
		evidence_close(ev);
		return (r);
	}
	*ret = ev;
	return (0);
}

void
evidence_close(struct evidence *ev)
{
	if (ev == NULL)
		return;
	close_db(ev);
	arena_free(&ev->zone_mem);
	free(ev->tables);
	free(ev->path);
	free(ev->dir);
	free(ev);
}
