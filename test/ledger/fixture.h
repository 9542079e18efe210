/*
 * A workspace's ledger in a temporary directory, for the tests of this floor.
 */
#ifndef TEST_LEDGER_FIXTURE_H
#define TEST_LEDGER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ledger/check.h"
#include "ledger/ledger.h"
#include "ledger/subject.h"
#include "sys/db.h"
#include "sys/file.h"

#define ORIGIN "tickmark.local/test"

struct fixture {
	char dir[64];
	char keydir[80];
	char dbpath[80];
	struct db *db;
	struct keys *keys;
	struct ledger *l;
	struct err e;
};

#define ok(r)                                                                  \
	do {                                                                   \
		int ok_r = (r);                                                \
		if (ok_r != 0)                                                 \
			print_error("%s: %s (%s)\n", #r, f->e.what,            \
			    f->e.where);                                       \
		assert_int_equal(ok_r, 0);                                     \
	} while (0)

/* Only the paths: for a process that opens what another made. */
static inline void
fixture_paths(struct fixture *f, const char *dir)
{
	*f = (struct fixture){ .db = NULL };
	snprintf(f->dir, sizeof(f->dir), "%.63s", dir);
	snprintf(f->keydir, sizeof(f->keydir), "%s/keys", f->dir);
	snprintf(f->dbpath, sizeof(f->dbpath), "%s/records.db", f->dir);
}

/* DIR/${name}; good until the fourth call after. */
static inline const char *
fixture_path(const struct fixture *f, const char *name)
{
	static char out[4][4096];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(out[turn], sizeof(out[turn]), "%s/%s", f->dir, name);
	return (out[turn]);
}

static inline int
fixture_open(struct fixture *f, bool writable)
{
	int r = keys_open(f->keydir, &f->keys, &f->e);

	if (r == 0)
		r = db_open(&f->db, f->dbpath, writable ?
		    DB_WRITER | DB_WAL | DB_FULL : 0, &f->e);
	if (r == 0)
		r = ledger_open(f->dir, f->db, f->keys, writable, &f->l,
		    &f->e);
	return (r);
}

static inline void
fixture_close(struct fixture *f)
{
	ledger_close(f->l);
	db_close(f->db);
	keys_close(f->keys);
	f->l = NULL;
	f->db = NULL;
	f->keys = NULL;
}

static inline int
fixture_create(struct fixture *f)
{
	struct db *db = NULL;
	struct keys *keys = NULL;
	int r = keys_create(f->keydir, ORIGIN, &f->e);

	if (r == 0)
		r = keys_open(f->keydir, &keys, &f->e);
	if (r == 0)
		r = db_open(&db, f->dbpath,
		    DB_CREATE | DB_WRITER | DB_WAL | DB_FULL, &f->e);
	if (r == 0)
		r = ledger_create(f->dir, db, keys, &f->e);
	db_close(db);
	keys_close(keys);
	return (r);
}

/* Where small things go whose speed or durability is not the point. */
static inline const char *
fixture_memory(void)
{
	return (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

static inline void
fixture_new_in(struct fixture *f, const char *base)
{
	char dir[64];

	snprintf(dir, sizeof(dir), "%s/tickmark-test.XXXXXX", base);
	assert_non_null(mkdtemp(dir));
	fixture_paths(f, dir);
	ok(fixture_create(f));
	ok(fixture_open(f, true));
}

static inline void
fixture_new(struct fixture *f)
{
	fixture_new_in(f, "/tmp");
}

static inline void
fixture_free(struct fixture *f)
{
	fixture_close(f);
	assert_int_equal(file_remove_tree(f->dir, NULL), 0);
}

static inline void
fixture_reopen(struct fixture *f)
{
	fixture_close(f);
	ok(fixture_open(f, true));
}

/* One entry with a body of its own, in the open transaction. */
static inline int
fixture_append(struct fixture *f, const char *id, struct str content,
    unsigned flags, uint8_t commitment[BODY_HASH])
{
	uint8_t c[BODY_HASH];
	struct entry_body b = { .class = STR("revision") };
	struct entry x = { .actor = STR("tester"), .action = STR("put"),
		.type = STR("thing"), .id = str_from(id), .bodies = &b,
		.nbodies = 1 };
	int r = body_put(f->l, NULL, content, flags, c, &f->e);

	if (r != 0)
		return (r);
	memcpy(b.commitment, c, sizeof(c));
	if (commitment != NULL)
		memcpy(commitment, c, sizeof(c));
	return (ledger_append(f->l, &x, NULL, NULL, &f->e));
}

/* ${n} entries in one transaction; their bodies are "ID content". */
static inline void
fixture_fill(struct fixture *f, int n, unsigned flags)
{
	static int serial;
	char id[32], text[64];

	ok(ledger_begin(f->l, &f->e));
	for (int i = 0; i < n; i++) {
		snprintf(id, sizeof(id), "thing-%d", serial++);
		snprintf(text, sizeof(text), "content of %s", id);
		ok(fixture_append(f, id, str_from(text), flags, NULL));
	}
	ok(ledger_commit(f->l, &f->e));
}

static inline void
fixture_tell(void *ctx, const struct err *x)
{
	char line[2048];

	(void)ctx;
	err_format(x, line, sizeof(line));
	print_message("# %s\n", line);
}

/* How many problems a full check finds in the closed or open workspace. */
static inline uint64_t
fixture_check(struct fixture *f, check_fn *fn, void *ctx)
{
	struct check_counts n;

	ok(ledger_check(f->dir, f->db, f->keys, CHECK_BODIES, fn, ctx, &n,
	    &f->e));
	return (n.problems);
}

#endif
