/* The keys directory, keys of subjects, sealed cells. */
#include "fixture.h"

#include <sys/stat.h>

#include "ledger/subject.h"

static void
test_files(void **state)
{
	struct fixture fx, *f = &fx;
	struct keys *k;
	struct stat st;

	(void)state;
	fixture_new(f);
	fixture_close(f);
	const char *path = fixture_path(f, "keys/master.key");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0400);
	assert_int_equal(st.st_size, 32);

	/* Twice in one place is refused, and nothing is overwritten. */
	assert_int_equal(keys_create(f->keydir, ORIGIN, &f->e), -ERR_CONFLICT);

	chmod(path, 0440);
	assert_int_equal(keys_open(f->keydir, &k, &f->e), -ERR_DENIED);
	assert_non_null(strstr(f->e.where, "master.key"));

	/* One bit of the master key: it no longer fits the ledger key. */
	BUF_SCOPED b = BUF_INIT;
	assert_int_equal(file_read(path, 100, &b, NULL), 0);
	b.ptr[5] ^= 1;
	assert_int_equal(file_write(path, 0400, b.ptr, b.len, NULL), 0);
	assert_int_equal(keys_open(f->keydir, &k, &f->e), -ERR_DAMAGED);
	b.ptr[5] ^= 1;
	assert_int_equal(file_write(path, 0400, b.ptr, 31, NULL), 0);
	assert_int_equal(keys_open(f->keydir, &k, &f->e), -ERR_DAMAGED);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(keys_open(f->keydir, &k, &f->e), -ERR_NOTFOUND);

	/* The same key as systemd passes it. */
	const char *cred = fixture_path(f, "tickmark-master");
	assert_int_equal(file_write(cred, 0400, b.ptr, b.len, NULL), 0);
	setenv("CREDENTIALS_DIRECTORY", f->dir, 1);
	assert_int_equal(keys_open(f->keydir, &k, &f->e), 0);
	assert_string_equal(keys_origin(k), ORIGIN);
	keys_close(k);
	unsetenv("CREDENTIALS_DIRECTORY");
	fixture_free(f);
}

/* Each byte of the ledger key's file counts. */
static void
test_ledger_key_bits(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED b = BUF_INIT;
	struct keys *k;

	(void)state;
	fixture_new(f);
	fixture_close(f);
	const char *path = fixture_path(f, "keys/ledger.key");
	assert_int_equal(file_read(path, 4096, &b, NULL), 0);
	for (size_t i = 0; i < b.len; i++) {
		b.ptr[i] ^= 1 << i % 7;
		assert_int_equal(file_write_later(path, 0400, b.ptr, b.len,
		    NULL), 0);
		int r = keys_open(f->keydir, &k, &f->e);
		assert_true(r == -ERR_DAMAGED || r == -ERR_NEWER);
		b.ptr[i] ^= 1 << i % 7;
	}
	assert_int_equal(file_write(path, 0400, b.ptr, b.len, NULL), 0);
	fixture_free(f);
}

static bool
same(const struct keys_set *a, const struct keys_set *b)
{
	return (memcmp(a, b, sizeof(*a)) == 0);
}

static void
test_subjects(void **state)
{
	struct fixture fx, *f = &fx;
	struct str names[] = { STR("hr/1"), STR("hr/2"), STR("hr/1"),
		STR("git/alice") };
	struct keys_set a[4], b[4], x;
	uint8_t id[KEYS_ID];

	(void)state;
	fixture_new(f);
	assert_int_equal(subject_lookup(f->keys, names[0], &x, NULL),
	    -ERR_NOTFOUND);
	ok(subject_keys(f->keys, names, 4, a, &f->e));
	assert_true(same(&a[0], &a[2]));
	assert_false(same(&a[0], &a[1]));
	assert_false(same(&a[0], &a[3]));
	fixture_reopen(f);
	ok(subject_keys(f->keys, names, 4, b, &f->e));
	for (int i = 0; i < 4; i++)
		assert_true(same(&a[i], &b[i]));
	ok(subject_find(f->keys, a[1].id, &x, &f->e));
	assert_true(same(&x, &a[1]));
	ok(subject_lookup(f->keys, names[3], &x, &f->e));
	assert_true(same(&x, &a[3]));

	ok(subject_destroy(f->keys, names[0], id, &f->e));
	assert_memory_equal(id, a[0].id, KEYS_ID);
	assert_int_equal(subject_find(f->keys, a[0].id, &x, NULL),
	    -ERR_ERASED);
	assert_int_equal(subject_lookup(f->keys, names[0], &x, NULL),
	    -ERR_ERASED);
	assert_int_equal(subject_destroy(f->keys, names[0], id, NULL),
	    -ERR_ERASED);
	fixture_reopen(f);
	assert_int_equal(subject_find(f->keys, a[0].id, &x, NULL),
	    -ERR_ERASED);
	/* The same subject again is a new key; the old stays erased. */
	ok(subject_key(f->keys, names[0], &x, &f->e));
	assert_false(same(&x, &a[0]));
	assert_int_equal(subject_find(f->keys, a[0].id, &x, NULL),
	    -ERR_ERASED);
	assert_int_equal(subject_find(f->keys, (const uint8_t *)
	    "subject:12345678", &x, NULL), -ERR_NOTFOUND);
	assert_int_equal(subject_key(f->keys, STR(""), &x, NULL), -ERR_INPUT);
	fixture_free(f);
}

/* Keys that were made in a transaction are there after all of it, or never. */
static void
test_transaction(void **state)
{
	struct fixture fx, *f = &fx;
	struct keys_set a, b, x;

	(void)state;
	fixture_new(f);
	/* The first key of all makes the file, with or without one. */
	ok(subject_begin(f->keys, &f->e));
	ok(subject_key(f->keys, STR("one"), &a, &f->e));
	ok(subject_commit(f->keys, &f->e));
	ok(subject_begin(f->keys, &f->e));
	ok(subject_key(f->keys, STR("two"), &b, &f->e));
	ok(subject_key(f->keys, STR("one"), &x, &f->e));
	assert_true(same(&a, &x));
	ok(subject_commit(f->keys, &f->e));
	fixture_reopen(f);
	ok(subject_find(f->keys, b.id, &x, &f->e));
	assert_true(same(&b, &x));
	ok(subject_begin(f->keys, &f->e));
	ok(subject_key(f->keys, STR("three"), &b, &f->e));
	subject_rollback(f->keys);
	subject_rollback(f->keys);
	assert_int_equal(subject_lookup(f->keys, STR("three"), &x, NULL),
	    -ERR_NOTFOUND);
	/* Nor is it remembered. */
	ok(subject_key(f->keys, STR("three"), &x, &f->e));
	assert_false(same(&b, &x));
	ok(subject_lookup(f->keys, STR("two"), &x, &f->e));
	fixture_free(f);
}

/* The key is nowhere in the files once it is destroyed. */
static void
test_destroyed_bytes(void **state)
{
	struct fixture fx, *f = &fx;
	struct keys_set x;
	BUF_SCOPED before = BUF_INIT, after = BUF_INIT;

	(void)state;
	fixture_new(f);
	ok(subject_key(f->keys, STR("only"), &x, &f->e));
	fixture_close(f);
	const char *path = fixture_path(f, "keys/subjects.db");
	assert_int_equal(file_read(path, 1 << 20, &before, NULL), 0);
	ok(fixture_open(f, true));
	ok(subject_destroy(f->keys, STR("only"), NULL, &f->e));
	fixture_close(f);
	assert_int_equal(file_read(path, 1 << 20, &after, NULL), 0);
	/* 72 random-looking bytes of the old file are the wrapped key. */
	size_t found = 0;
	for (size_t i = 0; i + 24 <= before.len; i++) {
		int zero = 0;
		for (size_t j = 0; j < 24; j++)
			zero += before.ptr[i + j] == 0;
		if (zero > 3)
			continue;
		if (memmem(after.ptr, after.len, before.ptr + i, 24) == NULL)
			found++;
	}
	assert_true(found >= 40);
	assert_int_equal(file_read("/nonexistent", 1, &after, NULL),
	    -ERR_NOTFOUND);
	fixture_free(f);
}

static void
test_batch_speed(void **state)
{
	enum { N = 100000 };
	struct fixture fx, *f = &fx;
	ARENA_SCOPED a = ARENA_INIT;
	struct str *names = arena_array(&a, N, sizeof(*names));
	struct keys_set *s = arena_array(&a, N, sizeof(*s));

	(void)state;
	fixture_new(f);
	for (int i = 0; i < N; i++)
		names[i] = str_from(arena_printf(&a, "source/user%d", i));
	int64_t t = clock_mono();
	ok(subject_keys(f->keys, names, N, s, &f->e));
	int64_t made = clock_mono() - t;
	fixture_reopen(f);
	t = clock_mono();
	ok(subject_keys(f->keys, names, N, s, &f->e));
	int64_t found = clock_mono() - t;
	BUF_SCOPED out = BUF_INIT;
	t = clock_mono();
	for (int i = 0; i < N; i++) {
		buf_reset(&out);
		subject_seal(&s[i], STR("login"), names[i], &out);
	}
	int64_t sealed = clock_mono() - t;
	print_message("# %d keys: made in %lld ms, found in %lld ms; "
	    "cells sealed in %lld ms\n", N, (long long)made / 1000,
	    (long long)found / 1000, (long long)sealed / 1000);
	fixture_free(f);
}

static void
test_cells(void **state)
{
	struct fixture fx, *f = &fx;
	struct keys_set a, b;
	BUF_SCOPED c1 = BUF_INIT, c2 = BUF_INIT, p = BUF_INIT;

	(void)state;
	fixture_new(f);
	ok(subject_key(f->keys, STR("a"), &a, &f->e));
	ok(subject_key(f->keys, STR("b"), &b, &f->e));
	for (size_t n = 0; n < 200; n += 7) {
		char text[200];
		memset(text, 'x', sizeof(text));
		struct str plain = { text, n };
		buf_reset(&c1);
		buf_reset(&c2);
		subject_seal(&a, STR("login"), plain, &c1);
		subject_seal(&a, STR("login"), plain, &c2);
		assert_int_equal(c1.len, n + SUBJECT_CELL_EXTRA);
		assert_true(str_eq(buf_str(&c1), buf_str(&c2)));
		buf_reset(&p);
		assert_true(subject_open(&a, STR("login"), buf_str(&c1), &p));
		assert_true(str_eq(buf_str(&p), plain));
		assert_false(subject_open(&b, STR("login"), buf_str(&c1), &p));
		assert_false(subject_open(&a, STR("gecos"), buf_str(&c1), &p));
		assert_int_equal(p.len, n);
		for (size_t bit = 0; bit < c1.len * 8; bit++) {
			c1.ptr[bit / 8] ^= (char)(1 << bit % 8);
			assert_false(subject_open(&a, STR("login"),
			    buf_str(&c1), &p));
			c1.ptr[bit / 8] ^= (char)(1 << bit % 8);
		}
		assert_false(subject_open(&a, STR("login"),
		    (struct str){ c1.ptr, c1.len - 1 }, &p));
	}
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_ledger_key_bits),
		cmocka_unit_test(test_subjects),
		cmocka_unit_test(test_transaction),
		cmocka_unit_test(test_destroyed_bytes),
		cmocka_unit_test(test_batch_speed),
		cmocka_unit_test(test_cells),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
