/* Erasure in the ledger: entries, keys, bodies, and what a crash leaves. */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

#include "fixture.h"
#include "ledger/entry.h"
#include "ledger/erase.h"
#include "ledger/private.h"

static const char secret[] = "Ada Lovelace, ada@example.org";

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fixture_new_in(f, fixture_memory());
	*state = f;
	return (0);
}

static int
teardown(void **state)
{
	fixture_free(*state);
	free(*state);
	return (0);
}

struct put {
	uint8_t own[BODY_HASH]; /* under the workspace's key */
	uint8_t of[BODY_HASH];  /* under a subject's */
	struct keys_set key;
};

/* Two bodies that one entry names; ${sequenced}: they lie in a pack. */
static void
put_nth(struct fixture *f, bool sequenced, int n, struct put *p)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *text = n == 0 ? secret : arena_printf(&a, "%s %d", secret,
	    n);
	const char *name = arena_printf(&a, "record/ada%d", n);
	struct entry_body b[2] = { { .class = STR("raw") },
		{ .class = STR("raw") } };
	struct entry x = { .actor = STR("test"), .action = STR("run"),
		.type = STR("source"), .id = STR("s1"), .bodies = b,
		.nbodies = 2 };

	ok(subject_key(f->keys, str_from(name), &p->key, &f->e));
	ok(ledger_begin(f->l, &f->e));
	ok(body_put(f->l, NULL, str_from(text), 0, p->own, &f->e));
	ok(body_put(f->l, &p->key, str_from(text), 0, p->of, &f->e));
	memcpy(b[0].commitment, p->own, BODY_HASH);
	memcpy(b[1].commitment, p->of, BODY_HASH);
	ok(ledger_append(f->l, &x, NULL, NULL, &f->e));
	ok(ledger_commit(f->l, &f->e));
	if (sequenced)
		ok(ledger_sequence(f->l, &f->e));
}

static void
put_both(struct fixture *f, bool sequenced, struct put *p)
{
	put_nth(f, sequenced, 0, p);
}

static int
say(struct fixture *f, const struct put *p, struct err *e)
{
	struct erase_item it[2] = { { .body = true }, { .body = false } };

	memcpy(it[0].id, p->own, BODY_HASH);
	memcpy(it[1].id, p->key.id, KEYS_ID);
	int r = ledger_begin(f->l, e);
	if (r == 0)
		r = erase_append(f->l, STR("test"), STR("TICKET-7"),
		    STR("request"), it, 2, NULL, e);
	if (r == 0)
		return (ledger_commit(f->l, e));
	ledger_rollback(f->l);
	return (r);
}

static void
is_gone_of(struct fixture *f, const struct put *p, uint64_t erased)
{
	BUF_SCOPED out = BUF_INIT;
	struct check_counts n;
	struct err e;

	assert_int_equal(body_get(f->l, p->own, &out, &e), -ERR_ERASED);
	assert_non_null(strstr(e.what, "decision TICKET-7"));
	assert_int_equal(body_get(f->l, p->of, &out, &e), -ERR_ERASED);
	assert_non_null(strstr(e.what, "decision TICKET-7"));
	ok(ledger_sequence(f->l, &f->e));
	ok(ledger_check(f->dir, f->db, f->keys, CHECK_BODIES, NULL, NULL, &n,
	    &f->e));
	assert_int_equal(n.problems, 0);
	assert_int_equal(n.erased, erased);
}

static void
is_gone(struct fixture *f, const struct put *p)
{
	is_gone_of(f, p, 2);
}

static void
erased(void **state)
{
	struct fixture *f = *state;
	struct erase_done d;
	struct put p;

	for (int packed = 0; packed < 2; packed++) {
		fixture_close(f);
		file_remove_tree(f->dir, NULL);
		ok(file_mkdirs(f->dir, 0700, &f->e));
		ok(keys_create(f->keydir, ORIGIN, &f->e));
		ok(keys_open(f->keydir, &f->keys, &f->e));
		ok(db_open(&f->db, f->dbpath, DB_CREATE | DB_WRITER | DB_WAL |
		    DB_FULL, &f->e));
		ok(ledger_create(f->dir, f->db, f->keys, &f->e));
		ok(ledger_open(f->dir, f->db, f->keys, true, &f->l, &f->e));
		put_both(f, packed, &p);
		ok(say(f, &p, &f->e));
		assert_int_equal(erase_pending(f->l, &f->e), 1);
		ok(erase_settle(f->l, &d, &f->e));
		assert_int_equal(d.keys, 1);
		assert_int_equal(d.bodies, 1);
		is_gone(f, &p);
		/* Again there is nothing to do, and nothing to say. */
		ok(erase_settle(f->l, &d, &f->e));
		assert_int_equal(d.keys + d.bodies, 0);
		ok(erase_clean(f->l, &f->e));
		assert_int_equal(erase_pending(f->l, &f->e), 0);
		struct ledger_head a, b;
		ok(ledger_head(f->l, &a, &f->e));
		ok(say(f, &p, &f->e));
		ok(ledger_head(f->l, &b, &f->e));
		assert_int_equal(a.size, b.size);
		/* The same content does not come back under the same name. */
		uint8_t c[BODY_HASH];
		ok(ledger_begin(f->l, &f->e));
		assert_int_equal(body_put(f->l, NULL, str_from(secret), 0, c,
		    NULL), -ERR_ERASED);
		ledger_rollback(f->l);
	}
}

static void
copy(const char *from, const char *to)
{
	BUF_SCOPED b = BUF_INIT;

	assert_int_equal(file_read(from, 1 << 24, &b, NULL), 0);
	assert_int_equal(file_write(to, 0600, b.ptr, b.len, NULL), 0);
}

/* Older copies of keys and packs come back: what was erased goes again. */
static void
put_back(void **state)
{
	struct fixture *f = *state;
	struct erase_done d;
	struct put p;
	uint64_t index;

	put_both(f, true, &p);
	fixture_close(f);
	copy(fixture_path(f, "keys/subjects.db"), fixture_path(f, "old.db"));
	copy(fixture_path(f, "bodies/pack-000001"), fixture_path(f, "old"));
	ok(fixture_open(f, true));
	ok(say(f, &p, &f->e));
	ok(erase_settle(f->l, NULL, &f->e));
	ok(ledger_sequence(f->l, &f->e));
	fixture_close(f);
	copy(fixture_path(f, "old.db"), fixture_path(f, "keys/subjects.db"));
	copy(fixture_path(f, "old"), fixture_path(f, "bodies/pack-000001"));
	/* And records.db, made again from the ledger. */
	file_remove(f->dbpath, NULL);
	file_remove(fixture_path(f, "records.db-wal"), NULL);
	ok(keys_open(f->keydir, &f->keys, &f->e));
	ok(db_open(&f->db, f->dbpath, DB_CREATE | DB_WRITER | DB_WAL | DB_FULL,
	    &f->e));
	ok(ledger_rebuild(f->dir, f->db, f->keys, &f->e));
	ok(ledger_open(f->dir, f->db, f->keys, true, &f->l, &f->e));
	struct erase_item it = { .body = true };
	memcpy(it.id, p.own, BODY_HASH);
	assert_int_equal(erase_find(f->l, &it, &index, &f->e), 1);
	assert_int_equal(index, 1);
	ok(erase_replay(f->l, &d, &f->e));
	assert_int_equal(d.keys, 1);
	assert_int_equal(d.bodies, 1);
	is_gone(f, &p);
}

/* A subject that comes back after an erasure has one new key, every time. */
static void
returned(void **state)
{
	struct fixture *f = *state;
	struct keys_set a, b;

	ok(subject_key(f->keys, STR("s/t/ada"), &a, &f->e));
	for (size_t i = 1; i <= 20; i++) {
		uint8_t id[KEYS_ID];
		ok(subject_destroy(f->keys, STR("s/t/ada"), id, &f->e));
		assert_memory_equal(id, a.id, KEYS_ID);
		assert_int_equal(subject_lookup(f->keys, STR("s/t/ada"), &b,
		    NULL), -ERR_ERASED);
		ok(subject_key(f->keys, STR("s/t/ada"), &a, &f->e));
		assert_int_equal(subject_returned(f->keys), i);
		fixture_reopen(f);
		ok(subject_lookup(f->keys, STR("s/t/ada"), &b, &f->e));
		assert_memory_equal(a.id, b.id, KEYS_ID);
		f->keys->returned = i;
	}
}

static void
refused(void **state)
{
	struct fixture *f = *state;
	struct erase_item it = { .body = true };
	struct err e;

	ok(ledger_begin(f->l, &f->e));
	assert_int_equal(erase_append(f->l, STR("test"), STR("Ada left"),
	    STR("request"), &it, 1, NULL, &e), -ERR_INPUT);
	assert_int_equal(erase_append(f->l, STR("test"), STR(""),
	    STR("request"), &it, 1, NULL, &e), -ERR_INPUT);
	assert_int_equal(erase_append(f->l, STR("test"), STR("T-1"),
	    STR("No Word"), &it, 1, NULL, &e), -ERR_INPUT);
	ledger_rollback(f->l);
}

/* --- killed at every call ------------------------------------------------- */

struct bomb {
	int left;
};

static int
tick(void *ctx, enum file_op op, const char *path)
{
	struct bomb *b = ctx;

	(void)path;
	/* What was erased before is looked at again: that grows, and is not
	 * what can be half done. */
	if (op != FILE_OP_READ && op != FILE_OP_OPEN && --b->left == 0)
		_exit(9);
	return (0);
}

/* The child erases and is killed at its n-th call of the file system. */
static int
child(const struct fixture *f, const struct put *p, int n)
{
	struct fixture own;
	struct bomb b = { n };

	fixture_paths(&own, f->dir);
	if (fixture_open(&own, true) != 0)
		return (1);
	file_fault_install(tick, &b);
	struct err e;
	if (say(&own, p, &e) != 0)
		return (1);
	if (n == 0)
		return (9); /* between the entries and the keys */
	if (erase_settle(own.l, NULL, &e) != 0 ||
	    ledger_sequence(own.l, &e) != 0)
		return (1);
	return (b.left > 0 ? 0 : 1);
}

static void
killed(void **state)
{
	struct fixture *f = *state;
	struct put p;
	int status = 9 << 8, n = 0, keys = 0, bodies = 0;

	/* Each time something new is erased, and killed one call later. */
	for (; WEXITSTATUS(status) == 9 && n < 200; n++) {
		struct erase_done d;
		put_nth(f, true, n, &p);
		fixture_close(f);
		pid_t pid = fork();
		if (pid == 0)
			_exit(child(f, &p, n));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		ok(fixture_open(f, true));
		assert_int_equal(erase_pending(f->l, &f->e), 1);
		ok(erase_settle(f->l, &d, &f->e));
		keys += (int)d.keys;
		bodies += (int)d.bodies;
		is_gone_of(f, &p, 2 * ((uint64_t)n + 1));
	}
	assert_int_equal(WEXITSTATUS(status), 0);
	/* What was left undone was done by who came next. */
	assert_true(keys > 0);
	assert_true(bodies > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(erased, setup, teardown),
		cmocka_unit_test_setup_teardown(put_back, setup, teardown),
		cmocka_unit_test_setup_teardown(returned, setup, teardown),
		cmocka_unit_test_setup_teardown(refused, setup, teardown),
		cmocka_unit_test_setup_teardown(killed, setup, teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
