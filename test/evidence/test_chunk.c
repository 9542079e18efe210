/* Canonical rows, chunks and run bodies; what is damaged or malformed. */
#include <fcntl.h>
#include <sys/stat.h>

#include "evidence/chunk.h"
#include "evidence/project.h"
#include "evidence/run.h"
#include "fixture.h"

#define VULN(asset, id, sev)                                                   \
	CELL_STR(STR(asset)), CELL_STR(STR(id)), CELL_STR(STR(sev)),           \
	    CELL_STR(STR("2026-01-01")), CELL_NONE, CELL_BLIND

static void
decl_of(const char *table, struct row_decl *d)
{
	row_decl_of(schema_find_name(table), d);
}

static void
hex_is(const struct buf *b, const char *wanted)
{
	BUF_SCOPED hex = BUF_INIT;

	buf_puthex(&hex, b->ptr, b->len);
	assert_string_equal(hex.ptr, wanted);
}

/* The bytes are a format: they must not change. */
static void
test_vector(void **state)
{
	struct row_decl d;
	BUF_SCOPED b = BUF_INIT;
	struct cell cells[] = { VULN("a", "1", "low") };
	struct cell port[] = { CELL_STR(STR("h")), CELL_STR(STR("tcp")),
		CELL_STR(STR("::")), CELL_INT(22), CELL_NONE, CELL_INT(-1),
		CELL_INT(0) };

	(void)state;
	decl_of("vulnerability", &d);
	row_encode(&d, cells, NULL, &b);
	hex_is(&b, "036100033100036c6f770003323032362d30312d3031000001");
	assert_true(row_check(&d, buf_str(&b)));
	assert_int_equal(row_key_len(&d, buf_str(&b)), 6);
	buf_reset(&b);
	decl_of("listening_socket", &d);
	row_encode(&d, port, NULL, &b);
	hex_is(&b, "0374637000033a3a00028000000000000016036800"
	    "00027fffffffffffffff028000000000000000");
	buf_reset(&b);
	row_decl_encode(&d, &b);
	assert_string_equal(b.ptr, "tickmark-table/v1\n"
	    "table listening_socket\n"
	    "column proto text key\ncolumn address text key\n"
	    "column port int key\ncolumn host text\ncolumn program text\n"
	    "column uid int\ncolumn loopback int\n");
	ARENA_SCOPED a = ARENA_INIT;
	struct row_decl back;
	assert_int_equal(row_decl_decode(&a, buf_str(&b), &back, NULL), 0);
	assert_true(back.current);
	assert_int_equal(back.n, d.n);
}

/* Every table has room in a mask of 64 bits, and its names are plain. */
static void
test_tables_fit(void **state)
{
	(void)state;
	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];
		struct row_decl d;

		assert_true(t->nfields <= ROW_COLUMNS);
		if (schema_is_record(t))
			continue;
		row_decl_of(t, &d);
		assert_int_equal(d.n, t->nfields);
		assert_true(d.nkey > 0);
		BUF_SCOPED b = BUF_INIT;
		ARENA_SCOPED a = ARENA_INIT;
		row_decl_encode(&d, &b);
		assert_int_equal(row_decl_decode(&a, buf_str(&b), &d, NULL), 0);
		assert_true(d.current);
		assert_int_equal(d.missing, 0);
	}
}

static void
test_round_trip(void **state)
{
	struct fixture *f = *state;
	struct row_decl d;
	BUF_SCOPED b = BUF_INIT;
	BUF_SCOPED open = BUF_INIT;
	BUF_SCOPED subject = BUF_INIT;
	struct keys_set key;
	const uint8_t *seal;
	struct cell in[10] = { 0 }, out[10];

	in[0] = CELL_STR(STR("E1"));
	in[1] = CELL_STR(STR("Ada"));
	in[2] = CELL_BLIND;
	in[7] = CELL_STR(STR("2020-01-01"));
	in[9] = CELL_STR(STR("employee"));
	decl_of("hr_person", &d);
	ok(f, subject_key(f->ws->keys, STR("x"), &key, &f->e));
	row_encode(&d, in, &key, &b);
	assert_true(row_check(&d, buf_str(&b)));
	assert_int_equal(str_find(buf_str(&b), "Ada"), -1);
	struct row_keys rk = { .keys = f->ws->keys };
	ok(f, row_decode(&d, buf_str(&b), &rk, &open, out, &seal, &f->e));
	assert_true(str_is(out[1].s, "Ada"));
	assert_int_equal(out[2].state, CELL_UNKNOWN);
	assert_int_equal(out[3].state, CELL_ABSENT);
	assert_memory_equal(seal, key.id, KEYS_ID);
	/* Withheld. */
	ok(f, row_decode(&d, buf_str(&b), NULL, &open, out, &seal, &f->e));
	assert_int_equal(out[1].state, CELL_UNKNOWN);
	/* No byte may be another. */
	for (size_t i = 0; i < b.len; i++) {
		b.ptr[i] = (char)(b.ptr[i] ^ 0x40);
		if (row_check(&d, buf_str(&b)) &&
		    row_decode(&d, buf_str(&b), &rk, &open, out, &seal,
		    NULL) == 0) {
			/* Then it is a plain cell that says something else. */
			BUF_SCOPED again = BUF_INIT;
			row_encode(&d, out, &key, &again);
		}
		b.ptr[i] = (char)(b.ptr[i] ^ 0x40);
	}
	row_subject(schema_find_name("saas_account"), (struct cell[]){
	    CELL_STR(STR("a:b")), CELL_STR(STR("c\\d")) }, NULL, &subject);
	assert_string_equal(subject.ptr, "a\\:b:c\\\\d");
}

/* --- sets and trees --------------------------------------------------------- */

static void
make_set(struct chunk_set *s, const struct row_decl *d, size_t n,
    size_t step, size_t changed)
{
	char asset[32], title[48];

	for (size_t i = 0; i < n; i++) {
		size_t k = i * step % n;
		BUF_SCOPED b = BUF_INIT;
		snprintf(asset, sizeof(asset), "host-%05zu", k);
		snprintf(title, sizeof(title), "number %zu%s", k,
		    k == changed ? " changed" : "");
		struct cell cells[] = { CELL_STR(str_from(asset)),
			CELL_STR(STR("v")), CELL_STR(STR("low")),
			CELL_STR(STR("2026-01-01")), CELL_NONE,
			CELL_STR(str_from(title)) };
		row_encode(d, cells, NULL, &b);
		chunk_set_add(s, d, buf_str(&b));
	}
}

static void
test_order(void **state)
{
	struct fixture *f = *state;
	struct chunk_set a = { 0 }, b = { 0 }, c = { 0 };
	struct chunk_tree ta, tb, tc, read;
	struct chunk_written wa = { 0 }, wb = { 0 }, wc = { 0 };
	struct row_decl d;
	struct ledger *l = f->ws->ledger;

	decl_of("vulnerability", &d);
	make_set(&a, &d, 20000, 1, SIZE_MAX);
	make_set(&b, &d, 20000, 7919, SIZE_MAX);
	make_set(&c, &d, 20000, 1, 777);
	ok(f, chunk_set_sort(&a, &d, &f->e));
	ok(f, chunk_set_sort(&b, &d, &f->e));
	for (size_t i = 0; i < 20000; i++)
		assert_true(str_eq(chunk_set_row(&a, i), chunk_set_row(&b, i)));
	ok(f, ledger_begin(l, &f->e));
	ok(f, chunk_write(l, &d, &a, NULL, &ta, &wa, &f->e));
	ok(f, chunk_write(l, &d, &b, &ta, &tb, &wb, &f->e));
	assert_memory_equal(ta.root, tb.root, BODY_HASH);
	assert_int_equal(wb.bodies, 0);
	assert_true(ta.leaves.n > 100 && ta.leaves.n < 1000);
	ok(f, chunk_write(l, &d, &c, &ta, &tc, &wc, &f->e));
	assert_memory_not_equal(ta.root, tc.root, BODY_HASH);
	/* One leaf, and the index nodes above it: one to four, as the new
	 * commitment begins or ends a node of its own. */
	assert_in_range(wc.bodies, 2, 5);
	ok(f, ledger_commit(l, &f->e));
	ok(f, chunk_read(l, ta.root, &read, &f->e));
	assert_int_equal(read.rows, 20000);
	chunk_share(&read, &tc);
	size_t apart = 0;
	for (size_t i = 0; i < read.leaves.n; i++)
		apart += !read.leaves.at[i].shared;
	assert_int_equal(apart, 1);
	struct chunk_cursor cur;
	struct str row;
	int r;
	size_t n = 0;
	chunk_cursor_init(&cur, l, &read, NULL, &d, false);
	while ((r = chunk_next(&cur, &row, &f->e)) > 0)
		assert_true(str_eq(row, chunk_set_row(&a, n++)));
	ok(f, r);
	assert_int_equal(n, 20000);
	chunk_cursor_free(&cur);
	chunk_tree_free(&ta);
	chunk_tree_free(&tb);
	chunk_tree_free(&tc);
	chunk_tree_free(&read);
	chunk_set_free(&a);
	chunk_set_free(&b);
	chunk_set_free(&c);
}

static void
test_bad_rows(void **state)
{
	struct fixture *f = *state;
	const struct schema_type *t = schema_find_name("vulnerability");
	struct run_opts o = { .at = T0 };
	struct cell two[] = { VULN("a", "1", "low"), VULN("a", "1", "high") };
	struct cell bad[][6] = {
		{ VULN("a", "1", "enormous") },
		{ CELL_NONE, CELL_STR(STR("1")), CELL_STR(STR("low")),
		    CELL_STR(STR("2026-01-01")), CELL_NONE, CELL_NONE },
		{ CELL_BLIND, CELL_STR(STR("1")), CELL_STR(STR("low")),
		    CELL_STR(STR("2026-01-01")), CELL_NONE, CELL_NONE },
		{ CELL_STR(STR("a")), CELL_STR(STR("1")), CELL_STR(STR("low")),
		    CELL_STR(STR("2026-02-30")), CELL_NONE, CELL_NONE },
		{ CELL_STR(STR("\xff")), CELL_STR(STR("1")),
		    CELL_STR(STR("low")), CELL_STR(STR("2026-01-01")), CELL_NONE,
		    CELL_NONE },
		{ CELL_STR(STR("a\0b")), CELL_STR(STR("1")),
		    CELL_STR(STR("low")), CELL_STR(STR("2026-01-01")), CELL_NONE,
		    CELL_NONE },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct evidence_run *run = begin(f, &o);
		ok(f, evidence_table_begin(run, t, NULL, &f->e));
		assert_int_equal(evidence_row(run, bad[i], &f->e), -ERR_INPUT);
		evidence_run_free(run);
	}
	struct evidence_run *run = begin(f, &o);
	ok(f, evidence_table_begin(run, t, NULL, &f->e));
	ok(f, evidence_row(run, two, &f->e));
	ok(f, evidence_row(run, two, &f->e));
	ok(f, evidence_row(run, two + 6, &f->e));
	assert_int_equal(evidence_table_end(run, EVIDENCE_COMPLETE, -1, NULL,
	    &f->e), -ERR_INPUT);
	struct err why;
	err_set(&why, ERR_INPUT, NULL, NULL, "two rows\nwith one key");
	struct evidence_done done;
	ok(f, evidence_run_fail(run, T0, &why, &done, &f->e));
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD),
	    "SELECT table_name, status, message FROM run",
	    "vulnerability|failed|two rows with one key\n");
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD),
	    "SELECT count(*) FROM vulnerability", "0\n");
	/* Equal rows count once. */
	struct cell twins[] = { VULN("a", "1", "low"), VULN("a", "1", "low") };
	assert_int_equal(give(f, &o, "vulnerability", twins, 2).rows, 1);
}

static void
test_leaf_refused(void **state)
{
	static const char *const bad[] = {
		"", "TMR1", "TMR2\0\0\0\0", "TMR1\0\0\0\1",
		"TMR1\0\0\0\1\0\0\0\4\3a\0\0",
	};
	static const size_t len[] = { 0, 4, 8, 8, 16 };
	struct row_decl d;
	struct err e;

	(void)state;
	decl_of("vulnerability", &d);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_not_equal(chunk_leaf_check(&d, (struct str){ bad[i],
		    len[i] }, &e), 0);
		assert_int_not_equal(chunk_index_check((struct str){ bad[i],
		    len[i] }, &e), 0);
	}
	assert_int_equal(chunk_leaf_check(&d, (struct str){ "TMR1\0\0\0\0", 8 },
	    &e), 0);
}

/* --- run bodies --------------------------------------------------------------- */

static void
test_run_body(void **state)
{
	struct run_table t[2] = {
		{ .name = STR("account"), .expected = -1, .received = 3,
		    .stored = true },
		{ .name = STR("git_commit"), .status = EVIDENCE_FAILED,
		    .expected = 7, .append = true, .upto = STR("c1"),
		    .since = INT64_MIN, .message = STR("it\nbroke") },
	};
	struct run r = { .source = STR("s"), .name = STR("host one"),
		.collector = STR("linux/1"), .at = 1, .started = 2, .ended = 3,
		.max_gap_s = 4, .status = EVIDENCE_PARTIAL, .tables = t,
		.ntables = 2 };
	BUF_SCOPED b = BUF_INIT;
	BUF_SCOPED again = BUF_INIT;
	ARENA_SCOPED a = ARENA_INIT;
	struct run back;
	struct err e;

	(void)state;
	run_encode(&r, &b);
	assert_int_equal(run_decode(&a, buf_str(&b), &back, &e), 0);
	run_encode(&back, &again);
	assert_string_equal(b.ptr, again.ptr);
	assert_true(str_is(back.name, "host one"));
	assert_true(str_is(back.tables[1].message, "it broke"));
	assert_int_equal(back.tables[1].since, INT64_MIN);
	/* Nothing that is cut or longer is a run. */
	for (size_t i = 0; i < b.len; i++) {
		if (b.ptr[i] == '\n' && i + 1 < b.len &&
		    memcmp(b.ptr + i + 1, "table", 5) == 0)
			continue; /* a run of fewer tables */
		if (i + 1 == b.len || b.ptr[i] == '\n')
			continue;
		assert_int_not_equal(run_decode(&a, (struct str){ b.ptr, i + 1 },
		    &back, &e), 0);
	}
	buf_puts(&b, "more\n");
	assert_int_equal(run_decode(&a, buf_str(&b), &back, &e), -ERR_DAMAGED);
}

/* --- an older declaration ------------------------------------------------------ */

static const char old_decl[] = "tickmark-table/v1\ntable vulnerability\n"
    "column asset text key\ncolumn vuln_id text key\ncolumn severity text\n"
    "column colour text\n";

/* A run as a version wrote it that knew fewer columns, and one more. */
static void
old_run(struct fixture *f, int64_t at, const char *severity)
{
	struct ledger *l = f->ws->ledger;
	BUF_SCOPED leaf = BUF_INIT;
	BUF_SCOPED body = BUF_INIT;
	struct run_table t = { .name = STR("vulnerability"), .expected = -1,
		.received = 1, .stored = true };
	struct run r = { .source = STR("s1"), .name = STR("s1"),
		.collector = STR("test/0"), .at = at, .started = at, .ended = at,
		.max_gap_s = 864000, .tables = &t, .ntables = 1 };
	struct entry_body eb = { .class = STR("run") };
	struct entry x = { .actor = STR("tester"), .action = STR("run"),
		.type = STR("source"), .id = STR("s1"), .bodies = &eb,
		.nbodies = 1 };

	buf_put(&leaf, "TMR1\0\0\0\1\0\0\0", 11);
	buf_putc(&leaf, (char)(3 + 3 + strlen(severity) + 2 + 5));
	buf_put(&leaf, "\3a\0\0031\0", 6);
	buf_printf(&leaf, "\3%s%c\3red%c", severity, 0, 0);
	ok(f, ledger_begin(l, &f->e));
	ok(f, body_put(l, NULL, buf_str(&leaf), BODY_PACK, t.root, &f->e));
	ok(f, body_put(l, NULL, str_from(old_decl), 0, t.decl, &f->e));
	run_encode(&r, &body);
	ok(f, body_put(l, NULL, buf_str(&body), 0, eb.commitment, &f->e));
	ok(f, ledger_append(l, &x, NULL, NULL, &f->e));
	ok(f, ledger_commit(l, &f->e));
	ok(f, evidence_catch_up(f->ev, &f->e));
}

static void
test_added_column(void **state)
{
	struct fixture *f = *state;
	struct cell row[] = { CELL_STR(STR("a")), CELL_STR(STR("1")),
		CELL_STR(STR("high")), CELL_STR(STR("2026-01-01")), CELL_NONE,
		CELL_NONE };
	uint8_t before[32], after[32];

	old_run(f, T0, "low");
	old_run(f, T0 + DAY, "high");
	give(f, &(struct run_opts){ .at = T0 + 2 * DAY }, "vulnerability", row,
	    1);
	expect_sql(f, evidence_at(T0 + DAY, EVIDENCE_HEAD),
	    "SELECT severity, found_on FROM vulnerability", "high|~\n");
	expect_sql(f, evidence_at(T0 + 2 * DAY, EVIDENCE_HEAD),
	    "SELECT severity, found_on FROM vulnerability", "high|2026-01-01\n");
	/* A column added later is unknown before. */
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD), "SELECT column_name,"
	    " (min(valid_from) - 1767225600000000) / 86400000000, (max(valid_to)"
	    " - 1767225600000000) / 86400000000 FROM blind_cell GROUP BY 1"
	    " ORDER BY 1", "fixed_on|0|2\nfound_on|0|2\ntitle|0|2\n");
	ok(f, evidence_digest(f->ev, before, &f->e));
	ok(f, evidence_rebuild(f->ev, &f->e));
	ok(f, evidence_digest(f->ev, after, &f->e));
	assert_memory_equal(before, after, 32);
}

/* --- damage --------------------------------------------------------------------- */

static void
flip(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	uint8_t b;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &b, 1, at), 1);
	b ^= 1;
	assert_int_equal(pwrite(fd, &b, 1, at), 1);
	close(fd);
}

static void
test_damage(void **state)
{
	struct fixture *f = *state;
	struct cell row[] = { VULN("a", "1", "low") };
	char pack[128], db[128];
	struct stat st;
	struct err e;

	give(f, &(struct run_opts){ .at = T0 }, "vulnerability", row, 1);
	ok(f, ledger_sequence(f->ws->ledger, &f->e));
	fixture_close(f);
	snprintf(pack, sizeof(pack), "%s/bodies/pack-000001", f->dir);
	snprintf(db, sizeof(db), "%s/evidence.db", f->dir);
	if (stat(pack, &st) != 0) {
		snprintf(pack, sizeof(pack), "%s/bodies/pack-000000", f->dir);
		assert_int_equal(stat(pack, &st), 0);
	}
	/* The last body of the pack is the run. */
	flip(pack, st.st_size - 20);
	assert_int_equal(unlink(db), 0);
	ok(f, workspace_open(f->dir, true, &f->ws, &f->e));
	assert_int_equal(evidence_open(&f->ev, f->dir, f->ws->ledger, true, &e),
	    -ERR_DAMAGED);
	assert_non_null(strstr(e.where, "entry "));
	assert_int_equal(access(db, F_OK), -1);
	workspace_close(f->ws);
	f->ws = NULL;
	flip(pack, st.st_size - 20);
	fixture_open(f);
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD),
	    "SELECT count(*) FROM vulnerability", "1\n");
	/* A damaged evidence.db is made again. */
	fixture_close(f);
	for (off_t at = 0; at < 4096 * 3; at += 64)
		flip(db, at);
	fixture_open(f);
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD),
	    "SELECT count(*) FROM vulnerability", "1\n");
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_tables_fit),
		T(test_round_trip),
		T(test_order),
		T(test_bad_rows),
		cmocka_unit_test(test_leaf_refused),
		cmocka_unit_test(test_run_body),
		T(test_added_column),
		T(test_damage),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
