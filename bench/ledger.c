/*
 * Durable appends of an entry with a 1 KiB body by one writer, sequenced every
 * second, against single-row commits of plain SQLite with synchronous=FULL on
 * the same disk. The two take turns, so that a noisy disk is noisy for both.
 *
 * usage: ledger DIR SECONDS
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ledger/ledger.h"
#include "sys/db.h"
#include "sys/file.h"

#define TURN (CLOCK_SECOND / 4)
#define BODY 1024

static struct err e;

static void
must(int r)
{
	if (r == 0)
		return;
	err_print(stderr, &e);
	exit(3);
}

static void
must_sqlite(sqlite3 *db, int rc)
{
	if (rc == SQLITE_OK || rc == SQLITE_DONE)
		return;
	fprintf(stderr, "%s\n", sqlite3_errmsg(db));
	exit(3);
}

static int64_t
append_for(struct ledger *l, int64_t until, char *text, int64_t *sequenced)
{
	int64_t n = 0;

	for (; clock_mono() < until; n++) {
		struct entry_body b = { .class = STR("revision") };
		struct entry x = { .actor = STR("bench"), .action = STR("put"),
			.type = STR("thing"),
			.id = STR("0k2n4p6r8t0v2x4z6b8d0f2h4j"),
			.bodies = &b, .nbodies = 1 };
		rng_bytes(text, BODY / 2);
		must(ledger_begin(l, &e));
		must(body_put(l, NULL, (struct str){ text, BODY }, 0,
		    b.commitment, &e));
		must(ledger_append(l, &x, NULL, NULL, &e));
		must(ledger_commit(l, &e));
		if (clock_mono() - *sequenced > CLOCK_SECOND) {
			must(ledger_sequence(l, &e));
			*sequenced = clock_mono();
		}
	}
	return (n);
}

static int64_t
insert_for(sqlite3 *db, sqlite3_stmt *st, int64_t until, const char *text)
{
	int64_t n = 0;

	for (; clock_mono() < until; n++) {
		sqlite3_bind_blob(st, 1, text, BODY, SQLITE_STATIC);
		must_sqlite(db, sqlite3_step(st));
		must_sqlite(db, sqlite3_reset(st));
	}
	return (n);
}

static sqlite3 *
open_plain(const char *dir, sqlite3_stmt **st)
{
	ARENA_SCOPED a = ARENA_INIT;
	sqlite3 *db;

	must_sqlite(NULL, sqlite3_open(arena_printf(&a, "%s/plain.db", dir),
	    &db));
	must_sqlite(db, sqlite3_exec(db, "PRAGMA journal_mode=WAL;"
	    "PRAGMA synchronous=FULL; CREATE TABLE t (x BLOB)", NULL, NULL,
	    NULL));
	must_sqlite(db, sqlite3_prepare_v2(db, "INSERT INTO t VALUES (?)", -1,
	    st, NULL));
	return (db);
}

int
main(int argc, char **argv)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct keys *keys;
	struct ledger *l;
	struct db *db;
	sqlite3_stmt *st;
	char text[BODY];
	int64_t appended = 0, inserted = 0, t_a = 0, t_i = 0, seconds;

	if (argc != 3 || !str_to_i64(str_from(argv[2]), &seconds)) {
		fprintf(stderr, "usage: ledger DIR SECONDS\n");
		return (2);
	}
	const char *dir = argv[1];
	const char *keydir = arena_printf(&a, "%s/keys", dir);
	memset(text, 'x', sizeof(text));
	must(file_mkdirs(dir, 0700, &e));
	must(keys_create(keydir, "tickmark.local/bench", &e));
	must(keys_open(keydir, &keys, &e));
	must(db_open(&db, arena_printf(&a, "%s/records.db", dir),
	    DB_CREATE | DB_WRITER | DB_WAL | DB_FULL, &e));
	must(ledger_create(dir, db, keys, &e));
	must(ledger_open(dir, db, keys, true, &l, &e));
	sqlite3 *plain = open_plain(dir, &st);

	int64_t end = clock_mono() + seconds * CLOCK_SECOND;
	int64_t sequenced = clock_mono();
	while (clock_mono() < end) {
		int64_t t = clock_mono();
		appended += append_for(l, t + TURN, text, &sequenced);
		t_a += clock_mono() - t;
		t = clock_mono();
		inserted += insert_for(plain, st, t + TURN, text);
		t_i += clock_mono() - t;
	}
	must(ledger_sequence(l, &e));

	double ra = (double)appended * 1e6 / (double)t_a;
	double ri = (double)inserted * 1e6 / (double)t_i;
	printf("ledger appends %.0f/s, SQLite commits %.0f/s, ratio %.2f\n",
	    ra, ri, ra / ri);
	sqlite3_finalize(st);
	sqlite3_close(plain);
	ledger_close(l);
	db_close(db);
	keys_close(keys);
	return (0);
}
