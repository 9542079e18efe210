#include "record/migrate.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "record/dialect.h"
#include "record/search.h"
#include "record/tables.h"
#include "schema/schema.h"
#include "sys/crypto.h"
#include "sys/db.h"
#include "sys/file.h"

/*
 * Step 1 makes the tables of the record floor, but for those of types, which come
 * with their records: the list of revisions, the index of words. The ledger makes
 * its own tables. Of which declarations the tables are is noted beside them,
 * because those may change without a step: see record_adopt().
 */
static int
step_1(struct db *db, struct err *e)
{
	int r = db_exec(db, dialect_revisions(), e);

	return (r != 0 ? r : migrate_tables(db, e));
}

int
migrate_tables(struct db *db, struct err *e)
{
	int r = db_exec(db, dialect_words(), e);

	if (r == 0)
		r = db_execf(db, e, "UPDATE declared SET digest='%s'",
		    migrate_declared());
	return (r);
}

const char *
migrate_declared(void)
{
	static char hex[2 * CRYPTO_HASH + 1];
	BUF_SCOPED b = BUF_INIT;
	uint8_t hash[CRYPTO_HASH];

	if (hex[0] != '\0')
		return (hex);
	for (size_t i = 0; i < schema_ntypes; i++)
		if (schema_is_record(&schema_types[i]))
			dialect_table(&schema_types[i], &b);
	search_declared(&b);
	crypto_sha256(b.ptr, b.len, hash);
	buf_reset(&b);
	buf_puthex(&b, hash, sizeof(hash));
	memcpy(hex, b.ptr, sizeof(hex));
	return (hex);
}

/* Step 2: workspaces of before had a table for each type, whatever it held. */
static int
step_2(struct db *db, struct err *e)
{
	return (tables_drop_empty(db, e));
}

static migrate_step *const steps[] = { step_1, step_2 };

int
migrate_latest(void)
{
	return ((int)(sizeof(steps) / sizeof(steps[0])));
}

static int
one_step(struct db *db, migrate_step *step, int version, struct err *e)
{
	int r = db_begin(db, e);

	if (r != 0)
		return (r);
	DB_TX_SCOPED *tx = db;
	r = step(tx, e);
	if (r == 0)
		r = dialect_set_version(tx, version, e);
	if (r == 0)
		r = db_commit(tx, e);
	return (r);
}

/* In its place only when it is whole, and on the disk. */
static int
keep_copy(struct db *db, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	FILE_SCOPED f = FILE_INIT;
	const char *path = db_path(db), *slash = strrchr(path, '/');
	const char *next = arena_printf(&a, "%s.next", path);
	const char *before = arena_printf(&a, "%s.before", path);
	const char *dir = slash == NULL ? "." : arena_strndup(&a, path,
	    (size_t)(slash - path));
	int r = file_remove(next, e);

	/* Of a copy that was killed. */
	if (r == 0)
		r = file_remove(arena_printf(&a, "%s-journal", next), e);
	if (r == 0)
		r = db_snapshot(db, next, e);
	if (r == 0)
		r = file_open(&f, next, FILE_APPEND, 0600, e);
	if (r == 0 && fchmod(f.fd, 0600) != 0)
		r = file_error(e, errno, "setting the mode of", next);
	if (r == 0)
		r = file_sync(&f, e);
	if (r == 0 && rename(next, before) != 0)
		r = file_error(e, errno, "renaming into place", before);
	if (r != 0) {
		file_remove(next, NULL);
		return (r);
	}
	return (file_sync_dir(dir, e));
}

int
migrate_chain(struct db *db, migrate_step *const *chain, int n, bool writable,
    struct err *e)
{
	int64_t have;
	int r = dialect_version(db, &have, e);

	if (r != 0)
		return (r);
	if (have > n)
		return (err_set(e, ERR_NEWER, db_path(db),
		    "use the newer version of tickmark",
		    "the database has version %lld, this program knows %d",
		    (long long)have, n));
	if (have < n && !writable)
		return (err_set(e, ERR_BUSY, db_path(db),
		    "run a command that writes once, such as tickmark collect",
		    "the database has the older version %lld",
		    (long long)have));
	if (have > 0 && have < n)
		r = keep_copy(db, e);
	for (; r == 0 && have < n; have++)
		r = one_step(db, chain[have], (int)have + 1, e);
	return (r);
}

int
migrate_run(struct db *db, bool writable, struct err *e)
{
	return (migrate_chain(db, steps, migrate_latest(), writable, e));
}
