/*
 * Damage: one changed byte in each kind of file is found and named; an older
 * copy is refused; what can be rebuilt is rebuilt.
 */
#include "fixture.h"

struct wanted {
	const char *name; /* part of the place */
	bool found;
	uint64_t n;
};

static void
look(void *ctx, const struct err *x)
{
	struct wanted *w = ctx;

	w->n++;
	if (strstr(x->where, w->name) != NULL ||
	    strstr(x->what, w->name) != NULL)
		w->found = true;
}

/* Check without ledger_open(), which may refuse. */
static struct wanted
inspect(struct fixture *f, const char *name)
{
	struct wanted w = { .name = name };

	ok(keys_open(f->keydir, &f->keys, &f->e));
	ok(db_open(&f->db, f->dbpath, DB_WRITER | DB_WAL | DB_FULL, &f->e));
	fixture_check(f, look, &w);
	fixture_close(f);
	return (w);
}

static void
flip_all(struct fixture *f, const char *name, size_t step)
{
	BUF_SCOPED b = BUF_INIT;
	char path[4096];

	snprintf(path, sizeof(path), "%s", fixture_path(f, name));
	assert_int_equal(file_read(path, 1 << 24, &b, NULL), 0);
	assert_true(b.len != 0);
	for (size_t i = 0; i < b.len; i += step) {
		b.ptr[i] ^= (char)(1 << i % 8);
		assert_int_equal(file_write_later(path, 0644, b.ptr, b.len,
		    NULL), 0);
		struct wanted w = inspect(f, name);
		if (!w.found)
			fail_msg("byte %zu of %s: %d problems, not named", i,
			    name, (int)w.n);
		b.ptr[i] ^= (char)(1 << i % 8);
	}
	/* One byte less, one more. */
	assert_int_equal(file_write(path, 0644, b.ptr, b.len - 1, NULL), 0);
	assert_true(inspect(f, name).found);
	if (strstr(name, "pack-") == NULL) {
		/* after a pack's end nothing was acknowledged */
		buf_putc(&b, '\n');
		assert_int_equal(file_write(path, 0644, b.ptr, b.len, NULL),
		    0);
		assert_true(inspect(f, name).found);
		b.len--;
	}
	assert_int_equal(unlink(path), 0);
	/* A missing partial file is made up for by the full one. */
	assert_true(inspect(f, name).found);
	assert_int_equal(file_write(path, 0644, b.ptr, b.len, NULL), 0);
	assert_int_equal(inspect(f, name).n, 0);
}

static void
prepare(struct fixture *f)
{
	fixture_new(f);
	fixture_fill(f, 200, BODY_PACK);
	ok(ledger_sequence(f->l, &f->e));
	fixture_fill(f, 400, BODY_PACK);
	ok(ledger_sequence(f->l, &f->e));
	fixture_close(f);
	assert_int_equal(inspect(f, "").n, 0);
}

static void
test_flips(void **state)
{
	struct fixture fx, *f = &fx;

	(void)state;
	prepare(f);
	flip_all(f, "ledger/checkpoint", 7);
	flip_all(f, "ledger/vkey", 5);
	flip_all(f, "ledger/tile/0/000", 251);
	flip_all(f, "ledger/tile/0/001", 509);
	flip_all(f, "ledger/tile/0/002.p/88", 97);
	flip_all(f, "ledger/tile/1/000.p/2", 5);
	flip_all(f, "ledger/tile/entries/000", 1499);
	flip_all(f, "ledger/tile/entries/002.p/88", 997);
	flip_all(f, "bodies/pack-000001", 2503);
	fixture_free(f);
}

/* An older partial file that stayed must be the beginning of the newer. */
static void
test_old_partial(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED b = BUF_INIT;

	(void)state;
	fixture_new(f);
	fixture_fill(f, 10, 0);
	ok(ledger_sequence(f->l, &f->e));
	fixture_fill(f, 10, 0);
	ok(ledger_sequence(f->l, &f->e));
	fixture_close(f);
	for (int i = 0; i < 2; i++) {
		const char *name = i == 0 ? "ledger/tile/0/000.p/10" :
		    "ledger/tile/entries/000.p/10";
		char path[4096];
		snprintf(path, sizeof(path), "%s", fixture_path(f, name));
		assert_int_equal(file_read(path, 1 << 20, &b, NULL), 0);
		b.ptr[40] ^= 1;
		assert_int_equal(file_write(path, 0644, b.ptr, b.len, NULL),
		    0);
		assert_true(inspect(f, name).found);
		b.ptr[40] ^= 1;
		assert_int_equal(file_write(path, 0644, b.ptr, b.len, NULL),
		    0);
	}
	assert_int_equal(inspect(f, "").n, 0);
	fixture_free(f);
}

/* What opening notices by itself, without a full check. */
static void
test_open_notices(void **state)
{
	static const char *const names[] = { "ledger/checkpoint",
		"ledger/vkey", "ledger/tile/0/002.p/88",
		"ledger/tile/1/000.p/2" };
	struct fixture fx, *f = &fx;

	(void)state;
	prepare(f);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		BUF_SCOPED b = BUF_INIT;
		char path[4096];
		snprintf(path, sizeof(path), "%s", fixture_path(f, names[i]));
		assert_int_equal(file_read(path, 1 << 20, &b, NULL), 0);
		for (size_t at = 0; at < b.len; at++) {
			b.ptr[at] ^= 16;
			assert_int_equal(file_write_later(path, 0644, b.ptr,
			    b.len, NULL), 0);
			assert_int_equal(fixture_open(f, true), -ERR_DAMAGED);
			assert_non_null(strstr(f->e.where, "/ledger"));
			fixture_close(f);
			b.ptr[at] ^= 16;
		}
		assert_int_equal(file_write(path, 0644, b.ptr, b.len, NULL),
		    0);
	}
	ok(fixture_open(f, true));
	fixture_free(f);
}

static void
test_damaged_body(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED b = BUF_INIT, got = BUF_INIT, hex = BUF_INIT;
	uint8_t c[32];
	char path[4096];

	(void)state;
	fixture_new(f);
	ok(ledger_begin(f->l, &f->e));
	ok(fixture_append(f, "one", STR("some content"), BODY_PACK, c));
	ok(ledger_commit(f->l, &f->e));
	ok(ledger_sequence(f->l, &f->e));
	fixture_close(f);
	buf_puthex(&hex, c, 32);
	snprintf(path, sizeof(path), "%s",
	    fixture_path(f, "bodies/pack-000001"));
	assert_int_equal(file_read(path, 1 << 20, &b, NULL), 0);
	for (size_t bit = 16 * 8; bit < b.len * 8; bit += 5) {
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(file_write_later(path, 0600, b.ptr, b.len,
		    NULL), 0);
		ok(fixture_open(f, true));
		assert_int_equal(body_get(f->l, c, &got, &f->e),
		    -ERR_DAMAGED);
		assert_non_null(strstr(f->e.what, hex.ptr));
		assert_non_null(strstr(f->e.where, "pack-000001"));
		fixture_close(f);
		b.ptr[bit / 8] ^= (char)(1 << bit % 8);
	}
	fixture_free(f);
}

/* Changes through SQL, as somebody with the database would make them. */
static void
test_changed_rows(void **state)
{
	static const struct {
		const char *sql;
		const char *said;
	} in[] = {
		{ "UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT),"
		    " 'put', 'pat') AS BLOB) WHERE idx = 300",
		    "entry 300 of records.db was changed" },
		{ "DELETE FROM entry WHERE idx = 17",
		    "entry 17 of records.db is missing" },
		{ "UPDATE entry SET bytes = (SELECT bytes FROM entry WHERE"
		    " idx = 5) WHERE idx = 4",
		    "entry 4 of records.db was changed" },
		{ "UPDATE entry SET bytes = x'00' WHERE idx = 599",
		    "entry 599 of records.db was changed" },
		{ "DELETE FROM body WHERE off = (SELECT max(off) FROM body)",
		    "is missing" },
		{ "UPDATE body SET len = len + 1 WHERE off ="
		    " (SELECT max(off) FROM body)", "pack-000001" },
		{ "UPDATE body SET off = off + 1 WHERE off ="
		    " (SELECT min(off) FROM body)", "pack-000001" },
		{ "UPDATE body SET pack = 9 WHERE off = (SELECT max(off)"
		    " FROM body)", "pack-000009" },
		{ "UPDATE body SET pack = 0 WHERE off = (SELECT max(off)"
		    " FROM body)", "pack-000000" },
		{ "UPDATE body SET pack = -1 WHERE off = (SELECT max(off)"
		    " FROM body)", "pack--00001" },
		{ "UPDATE pack SET size = size + 1", "pack-000001" },
	};
	struct fixture fx, *f = &fx;
	BUF_SCOPED db = BUF_INIT;

	(void)state;
	prepare(f);
	assert_int_equal(file_read(f->dbpath, 1 << 26, &db, NULL), 0);
	for (size_t i = 0; i < sizeof(in) / sizeof(*in); i++) {
		ok(db_open(&f->db, f->dbpath, DB_WRITER | DB_WAL, &f->e));
		ok(db_exec(f->db, in[i].sql, &f->e));
		fixture_close(f);
		struct wanted w = inspect(f, in[i].said);
		if (!w.found)
			fail_msg("%s: not found (%d)", in[i].sql, (int)w.n);
		assert_int_equal(file_write(f->dbpath, 0644, db.ptr, db.len,
		    NULL), 0);
	}
	assert_int_equal(inspect(f, "").n, 0);
	fixture_free(f);
}

static void
test_old_copy(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED db = BUF_INIT;

	(void)state;
	fixture_new(f);
	fixture_fill(f, 5, 0);
	ok(ledger_sequence(f->l, &f->e));
	fixture_close(f);
	assert_int_equal(file_read(f->dbpath, 1 << 24, &db, NULL), 0);
	ok(fixture_open(f, true));
	fixture_fill(f, 5, 0);
	ok(ledger_sequence(f->l, &f->e));
	fixture_close(f);
	assert_int_equal(file_write(f->dbpath, 0644, db.ptr, db.len, NULL), 0);
	for (int writable = 0; writable < 2; writable++) {
		assert_int_equal(fixture_open(f, writable), -ERR_DAMAGED);
		assert_non_null(strstr(f->e.what, "older copy of records.db"));
		assert_non_null(strstr(f->e.what, "5 entries"));
		fixture_close(f);
	}
	assert_true(inspect(f, "entries 5 to 9 of records.db are missing")
	    .found);
	fixture_free(f);
}

/* Another history of the same length is not taken for ours. */
static void
test_other_history(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED db = BUF_INIT;

	(void)state;
	fixture_new(f);
	fixture_close(f);
	assert_int_equal(file_read(f->dbpath, 1 << 24, &db, NULL), 0);
	ok(fixture_open(f, true));
	fixture_fill(f, 3, 0);
	ok(ledger_sequence(f->l, &f->e));
	fixture_close(f);
	assert_int_equal(file_write(f->dbpath, 0644, db.ptr, db.len, NULL), 0);
	ok(db_open(&f->db, f->dbpath, DB_WRITER, &f->e));
	ok(db_exec(f->db, "INSERT INTO entry VALUES (0, x'00'), (1, x'01'),"
	    " (2, x'02')", &f->e));
	fixture_close(f);
	assert_int_equal(fixture_open(f, true), -ERR_DAMAGED);
	fixture_free(f);
}

static void
test_rebuild(void **state)
{
	struct fixture fx, *f = &fx;
	struct ledger_head h, h2;
	BUF_SCOPED b1 = BUF_INIT, b2 = BUF_INIT, got = BUF_INIT;
	uint8_t c[32];

	(void)state;
	fixture_new(f);
	fixture_fill(f, 300, 0);
	ok(ledger_begin(f->l, &f->e));
	ok(fixture_append(f, "last", STR("last body"), 0, c));
	ok(ledger_commit(f->l, &f->e));
	ok(ledger_sequence(f->l, &f->e));
	ok(ledger_head(f->l, &h, &f->e));
	ok(ledger_entry_bytes(f->l, 123, &b1, &f->e));
	fixture_close(f);
	assert_int_equal(unlink(f->dbpath), 0);

	ok(keys_open(f->keydir, &f->keys, &f->e));
	ok(db_open(&f->db, f->dbpath,
	    DB_CREATE | DB_WRITER | DB_WAL | DB_FULL, &f->e));
	ok(ledger_rebuild(f->dir, f->db, f->keys, &f->e));
	fixture_reopen(f);
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	ok(ledger_head(f->l, &h2, &f->e));
	assert_memory_equal(&h, &h2, sizeof(h));
	ok(ledger_entry_bytes(f->l, 123, &b2, &f->e));
	assert_true(str_eq(buf_str(&b1), buf_str(&b2)));
	ok(body_get(f->l, c, &got, &f->e));
	assert_true(str_is(buf_str(&got), "last body"));
	fixture_fill(f, 5, 0);
	ok(ledger_sequence(f->l, &f->e));
	assert_int_equal(fixture_check(f, fixture_tell, NULL), 0);
	fixture_close(f);

	/* Not from a bundle that was changed: that is named. */
	char path[4096];
	snprintf(path, sizeof(path), "%s",
	    fixture_path(f, "ledger/tile/entries/000"));
	assert_int_equal(file_read(path, 1 << 24, &got, NULL), 0);
	got.ptr[1000] ^= 1;
	assert_int_equal(file_write(path, 0644, got.ptr, got.len, NULL), 0);
	assert_int_equal(unlink(f->dbpath), 0);
	ok(keys_open(f->keydir, &f->keys, &f->e));
	ok(db_open(&f->db, f->dbpath,
	    DB_CREATE | DB_WRITER | DB_WAL | DB_FULL, &f->e));
	assert_int_equal(ledger_rebuild(f->dir, f->db, f->keys, &f->e),
	    -ERR_DAMAGED);
	assert_non_null(strstr(f->e.where, "tile/entries/000"));
	fixture_free(f);
}

/* A pack with a damaged record in the middle: the rest is found. */
static void
test_rebuild_damaged_pack(void **state)
{
	struct fixture fx, *f = &fx;
	BUF_SCOPED b = BUF_INIT;
	int64_t before, after;
	char path[4096];

	(void)state;
	prepare(f);
	snprintf(path, sizeof(path), "%s",
	    fixture_path(f, "bodies/pack-000001"));
	assert_int_equal(file_read(path, 1 << 24, &b, NULL), 0);
	b.ptr[b.len / 2] ^= 1;
	assert_int_equal(file_write(path, 0600, b.ptr, b.len, NULL), 0);
	ok(db_open(&f->db, f->dbpath, DB_WRITER | DB_WAL, &f->e));
	ok(db_get_int(f->db, "SELECT count(*) FROM body", 0, &before, &f->e));
	fixture_close(f);
	assert_int_equal(unlink(f->dbpath), 0);
	ok(keys_open(f->keydir, &f->keys, &f->e));
	ok(db_open(&f->db, f->dbpath,
	    DB_CREATE | DB_WRITER | DB_WAL | DB_FULL, &f->e));
	ok(ledger_rebuild(f->dir, f->db, f->keys, &f->e));
	ok(db_get_int(f->db, "SELECT count(*) FROM body", 0, &after, &f->e));
	assert_int_equal(after, before - 1);
	struct wanted w = { .name = "is missing" };
	fixture_check(f, look, &w);
	assert_true(w.found);
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flips),
		cmocka_unit_test(test_old_partial),
		cmocka_unit_test(test_open_notices),
		cmocka_unit_test(test_damaged_body),
		cmocka_unit_test(test_changed_rows),
		cmocka_unit_test(test_old_copy),
		cmocka_unit_test(test_other_history),
		cmocka_unit_test(test_rebuild),
		cmocka_unit_test(test_rebuild_damaged_pack),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
