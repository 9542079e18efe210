/*
 * Durable appends of an entry with a 1 KiB body, sequenced every second: by one
 * writer, against single-row commits of plain SQLite with synchronous=FULL on
 * the same disk; and by 16 writers that share commits, against the one. All take
 * turns, so that a noisy disk is noisy for all.
 *
 * usage: ledger DIR SECONDS
 */
#include <inttypes.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ledger/group.h"
#include "ledger/ledger.h"
#include "sys/db.h"
#include "sys/file.h"

#define TURN CLOCK_SECOND
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

/* Half a body that nothing compresses, cheaply (xorshift): what makes it is no
 * part of an append. */
static void
noise(uint64_t *seed, char *text)
{
	for (size_t i = 0; i < BODY / 2; i += sizeof(*seed)) {
		*seed ^= *seed << 13;
		*seed ^= *seed >> 7;
		*seed ^= *seed << 17;
		memcpy(text + i, seed, sizeof(*seed));
	}
}

/* Processor time of all threads, microseconds. */
static int64_t
cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return ((u.ru_utime.tv_sec + u.ru_stime.tv_sec) * CLOCK_SECOND +
	    u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static int64_t
append_for(struct ledger *l, int64_t until, uint64_t *seed, char *text)
{
	int64_t n = 0;

	for (; clock_mono() < until; n++) {
		struct entry_body b = { .class = STR("revision") };
		struct entry x = { .actor = STR("bench"), .action = STR("put"),
			.type = STR("thing"),
			.id = STR("0k2n4p6r8t0v2x4z6b8d0f2h4j"),
			.bodies = &b, .nbodies = 1 };
		noise(seed, text);
		must(ledger_begin(l, &e));
		must(body_put(l, NULL, (struct str){ text, BODY }, 0,
		    b.commitment, &e));
		must(ledger_append(l, &x, NULL, NULL, &e));
		must(ledger_commit(l, &e));
	}
	must(ledger_sequence(l, &e));
	return (n);
}

/* --- sixteen writers ------------------------------------------------------ */

#define WRITERS 16

struct writer {
	pthread_t thread;
	struct group *g;
	struct keys *keys;
	uint64_t seed;
	int64_t until, n;
};

static int
write_one(void *ctx, struct ledger *l, struct err *err)
{
	const struct body_sealed *body = ctx;
	struct entry_body b = { .class = STR("revision") };
	struct entry x = { .actor = STR("bench"), .action = STR("put"),
		.type = STR("thing"), .id = STR("0k2n4p6r8t0v2x4z6b8d0f2h4j"),
		.bodies = &b, .nbodies = 1 };
	int r = body_put_sealed(l, body, err);

	memcpy(b.commitment, body->commitment, BODY_HASH);
	return (r != 0 ? r : ledger_append(l, &x, NULL, NULL, err));
}

static void *
writer(void *arg)
{
	struct writer *w = arg;
	char text[BODY];
	struct err err;

	memset(text, 'x', sizeof(text));
	for (; clock_mono() < w->until; w->n++) {
		struct body_sealed body = { .packed = false };
		noise(&w->seed, text);
		if (body_seal(w->keys, NULL, (struct str){ text, BODY }, 0,
		    &body, &err) != 0 ||
		    group_run(w->g, write_one, &body, &err) != 0) {
			err_print(stderr, &err);
			exit(3);
		}
		buf_free(&body.record);
	}
	return (NULL);
}

static int64_t
group_for(struct ledger *l, struct keys *keys, uint64_t seeds[WRITERS],
    int64_t until)
{
	struct writer w[WRITERS];
	struct group *g;
	int64_t n = 0;

	group_open(l, &g);
	for (int i = 0; i < WRITERS; i++) {
		w[i] = (struct writer){ .g = g, .keys = keys, .until = until,
			.seed = seeds[i] };
		if (pthread_create(&w[i].thread, NULL, writer, &w[i]) != 0)
			exit(3);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(w[i].thread, NULL);
		n += w[i].n;
		seeds[i] = w[i].seed;
	}
	group_close(g);
	must(ledger_sequence(l, &e));
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
	uint64_t seed, seeds[WRITERS];
	int64_t appended = 0, inserted = 0, grouped = 0, seconds;
	int64_t t_a = 0, t_i = 0, t_g = 0, c_a = 0, c_i = 0, c_g = 0;

	if (argc != 3 || !str_to_i64(str_from(argv[2]), &seconds)) {
		fprintf(stderr, "usage: ledger DIR SECONDS\n");
		return (2);
	}
	const char *dir = argv[1];
	const char *keydir = arena_printf(&a, "%s/keys", dir);
	memset(text, 'x', sizeof(text));
	rng_bytes(&seed, sizeof(seed));
	rng_bytes(seeds, sizeof(seeds));
	must(file_mkdirs(dir, 0700, &e));
	must(keys_create(keydir, "tickmark.local/bench", &e));
	must(keys_open(keydir, &keys, &e));
	must(db_open(&db, arena_printf(&a, "%s/records.db", dir),
	    DB_CREATE | DB_WRITER | DB_WAL | DB_FULL, &e));
	must(ledger_create(dir, db, keys, &e));
	must(ledger_open(dir, db, keys, true, &l, &e));
	sqlite3 *plain = open_plain(dir, &st);

	int64_t end = clock_mono() + seconds * CLOCK_SECOND;
	while (clock_mono() < end) {
		int64_t t = clock_mono(), c = cpu();
		appended += append_for(l, t + TURN, &seed, text);
		t_a += clock_mono() - t;
		c_a += cpu() - c;
		c = cpu();
		t = clock_mono();
		inserted += insert_for(plain, st, t + TURN, text);
		t_i += clock_mono() - t;
		c_i += cpu() - c;
		c = cpu();
		t = clock_mono();
		grouped += group_for(l, keys, seeds, t + TURN);
		t_g += clock_mono() - t;
		c_g += cpu() - c;
	}

	double ra = (double)appended * 1e6 / (double)t_a;
	double ri = (double)inserted * 1e6 / (double)t_i;
	double rg = (double)grouped * 1e6 / (double)t_g;
	printf("one writer: %.0f appends/s, SQLite commits %.0f/s: ratio %.2f"
	    " (at least 0.70)\n", ra, ri, ra / ri);
	printf("%d writers: %.0f appends/s: %.1f x one writer (at least 5)\n",
	    WRITERS, rg, rg / ra);
	printf("processor time: %.0f us an append, %.0f us a commit of SQLite, "
	    "%.0f us an append of %d\n", (double)c_a / (double)appended,
	    (double)c_i / (double)inserted, (double)c_g / (double)grouped,
	    WRITERS);
	sqlite3_finalize(st);
	sqlite3_close(plain);
	ledger_close(l);
	db_close(db);
	keys_close(keys);
	return (ra < 0.7 * ri || rg < 5 * ra);
}
