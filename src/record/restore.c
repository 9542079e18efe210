#include "record/restore.h"

#include <errno.h>
#include <unistd.h>

#include "ledger/check.h"
#include "ledger/ledger.h"
#include "record/dialect.h"
#include "record/history.h"
#include "record/migrate.h"
#include "record/workspace.h"
#include "sys/db.h"

struct restore {
	struct workspace ws; /* description, keys and lock */
	const char *now, *next, *before;
};

static void
finish(struct restore *x)
{
	keys_close(x->ws.keys);
	file_close(&x->ws.lock);
	arena_free(&x->ws.arena);
}

static void
drop(struct restore *x, const char *path)
{
	struct arena *a = &x->ws.arena;

	file_remove(path, NULL);
	file_remove(arena_printf(a, "%s-wal", path), NULL);
	file_remove(arena_printf(a, "%s-shm", path), NULL);
	file_remove(arena_printf(a, "%s-journal", path), NULL);
}

/* What was acknowledged goes into the bundles, if the old one can be read. */
static void
save_last(const char *dir)
{
	struct workspace *ws;

	if (workspace_open(dir, true, &ws, NULL) == 0)
		workspace_close(ws);
}

static int
fill(struct restore *x, struct db *db, struct restore_counts *ret,
    struct err *e)
{
	struct ledger *l = NULL;
	struct ledger_head head;
	int64_t n = 0;
	int r = ledger_rebuild(x->ws.dir, db, x->ws.keys, e);

	if (r == 0)
		r = migrate_run(db, true, e);
	if (r == 0)
		r = ledger_open(x->ws.dir, db, x->ws.keys, true, &l, e);
	if (r == 0) {
		struct record_store s = { .db = db, .ledger = l };
		r = record_rebuild(&s, e);
	}
	if (r == 0)
		r = ledger_head(l, &head, e);
	if (r == 0)
		r = db_get_int(db, "SELECT count(*) FROM revision", 0, &n, e);
	ledger_close(l);
	if (r == 0)
		*ret = (struct restore_counts){ .entries = head.size,
			.revisions = (uint64_t)n };
	return (r);
}

/* The new file, complete and on the disk. */
static int
write_next(struct restore *x, struct restore_counts *ret, struct err *e)
{
	struct file f = FILE_INIT;
	struct db *db;
	int r = db_open(&db, x->next, DB_CREATE | DB_WRITER | DB_FULL, e);

	if (r != 0)
		return (r);
	r = fill(x, db, ret, e);
	/*
	 * In the mode that it is used in: to change it once it is in place needs
	 * a journal there, which no reader could roll back after a power cut.
	 */
	if (r == 0)
		r = dialect_settle(db, e);
	db_close(db);
	if (r == 0)
		r = file_open(&f, x->next, FILE_APPEND, 0600, e);
	if (r == 0)
		r = file_sync(&f, e);
	file_close(&f);
	return (r);
}

static int
move(const char *from, const char *to, struct err *e)
{
	if (rename(from, to) != 0)
		return (file_error(e, errno, "rename", from));
	return (0);
}

/* One more name, where the file system has that; else the only one. */
static int
keep_as(const char *from, const char *to, struct err *e)
{
	return (link(from, to) == 0 ? 0 : move(from, to, e));
}

/*
 * The old log must be out of the way before the new file comes: a log belongs to
 * the file that it stands beside. The old file keeps its name until the new one
 * takes it: whatever of this a power cut leaves, there is a records.db.
 */
static int
exchange(struct restore *x, struct err *e)
{
	struct arena *a = &x->ws.arena;
	const char *wal = arena_printf(a, "%s-wal", x->now);
	int r = 0;

	drop(x, x->before);
	if (file_exists(wal))
		r = move(wal, arena_printf(a, "%s-wal", x->before), e);
	if (r == 0)
		r = file_remove(arena_printf(a, "%s-shm", x->now), e);
	if (r == 0 && file_exists(x->now))
		r = keep_as(x->now, x->before, e);
	if (r == 0)
		r = move(x->next, x->now, e);
	if (r == 0)
		r = file_sync_dir(x->ws.dir, e);
	return (r);
}

int
restore_records(const char *dir, struct restore_counts *ret, struct err *e)
{
	struct restore x = { .ws.lock = FILE_INIT };
	struct arena *a = &x.ws.arena;
	struct restore_counts n = { 0 };
	const char *keys;

	save_last(dir);
	int r = workspace_look(dir, &x.ws, e);
	if (r == 0)
		r = file_lock(&x.ws.lock, arena_printf(a, "%s/lock", dir), e);
	if (r == 0)
		r = workspace_keys_dir(a, dir, &keys, e);
	if (r == 0)
		r = keys_open(keys, &x.ws.keys, e);
	if (r == 0) {
		x.now = arena_printf(a, "%s/records.db", dir);
		x.next = arena_printf(a, "%s/records.db.next", dir);
		x.before = arena_printf(a, "%s/records.db.before", dir);
		drop(&x, x.next);
		r = write_next(&x, &n, e);
		if (r == 0)
			r = exchange(&x, e);
		n.kept = r == 0 && file_exists(x.before);
		if (r != 0)
			drop(&x, x.next);
	}
	finish(&x);
	if (r == 0)
		*ret = n;
	return (r);
}
