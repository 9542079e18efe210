/*
 * Files in and out. test/data/record/bad-*: each with the messages that it
 * must give beside it (.want); TICKMARK_GOLDEN=write makes them anew, to be
 * read before they are committed.
 */
#include "fixture.h"

#include "record/verify.h"

#define DATA "test/data/record"

static struct record_store *
store(struct fixture *f)
{
	return (&f->ws->records);
}

static void
put_problem(struct buf *out, const struct err *p)
{
	buf_printf(out, "%s: %s: %s: %s\n", err_name(p->code), p->what, p->where,
	    p->fix);
}

/* Import one bad file; nothing may have changed afterwards. */
static void
try_bad(struct fixture *f, const char *name, struct buf *out)
{
	struct record_result res;
	struct ledger_head before, after;
	uint8_t was[32], is[32];
	BUF_SCOPED text = BUF_INIT;
	enum record_format format;
	char path[256];

	snprintf(path, sizeof(path), DATA "/%s", name);
	NOERR(f, file_read(path, 1 << 20, &text, &f->e));
	assert_true(record_format(path, &format));
	bool many = strstr(name, "kinds") || strstr(name, "rules") ||
	    strstr(name, "types") || strstr(name, "real");
	NOERR(f, ledger_head(f->ws->ledger, &before, &f->e));
	NOERR(f, record_digest(store(f), was, &f->e));
	int r = record_import(store(f), &f->a, &f->ws->actor,
	    many ? NULL : schema_get(T_PERSON), name, buf_str(&text), format,
	    NULL, &res, &f->e);
	assert_true(r < 0);
	for (size_t i = 0; i < res.nproblems; i++)
		put_problem(out, &res.problems[i]);
	if (res.nproblems == 0)
		put_problem(out, &f->e);
	else
		assert_string_equal(f->e.what, res.problems[0].what);
	NOERR(f, ledger_head(f->ws->ledger, &after, &f->e));
	NOERR(f, record_digest(store(f), is, &f->e));
	assert_int_equal(before.size, after.size);
	assert_memory_equal(was, is, 32);
}

static void
test_bad(void **state)
{
	struct fixture *f = *state;
	char **names, path[256];
	size_t n, tried = 0;

	NOERR(f, file_list(&f->a, DATA, &names, &n, &f->e));
	for (size_t i = 0; i < n; i++) {
		BUF_SCOPED got = BUF_INIT;
		BUF_SCOPED want = BUF_INIT;
		if (strncmp(names[i], "bad-", 4) != 0 ||
		    str_ends(str_from(names[i]), ".want"))
			continue;
		try_bad(f, names[i], &got);
		tried++;
		snprintf(path, sizeof(path), DATA "/%s.want", names[i]);
		if (getenv("TICKMARK_GOLDEN") != NULL)
			NOERR(f, file_write(path, 0644, got.ptr, got.len, &f->e));
		NOERR(f, file_read(path, 1 << 20, &want, &f->e));
		if (!str_eq(buf_str(&got), buf_str(&want)))
			print_error("%s:\n%s", names[i], got.ptr);
		assert_string_equal(got.ptr, want.ptr);
	}
	assert_true(tried >= 12);
}

static const char world[] =
    "person:\n"
    "  - {code: E1, name: \"=SUM(1)\", kind: employee, manager: E2}\n"
    "  - {code: E2, name: 'Zoë, \"the boss\"', kind: contractor, state: ended,"
    " end_on: 2025-03-01}\n"
    "control_mapping:\n"
    "  - {control: AC-01, criterion: CC9.1, rationale: '007'}\n"
    "vendor:\n"
    "  - name: V; W\n    tier: high\n    owner: E1\n    criteria: CC6.1;CC9.2\n"
    "    subservice: true\n    method: Carve-Out\n    data_classes: public\n"
    "    extra: {cost: 7, note: a b, live: true}\n"
    "source:\n"
    "  - {name: s, collector: csv, options: {file: /x, n: 5}, max_gap_s: 60}\n"
    "system:\n"
    "  - name: S\n    categories: [privacy, security]\n    boundary: |\n"
    "      # Head\n\n      two: lines\n";

static void
test_round_trip(void **state)
{
	static const enum record_format formats[] = { RECORD_YAML, RECORD_JSON,
		RECORD_CSV };
	struct fixture *f = *state;
	struct record_result res;
	uint8_t was[32], is[32];

	NOERR(f, import_yaml(f, NULL, world, &res));
	assert_int_equal(res.added, 6);
	NOERR(f, record_digest(store(f), was, &f->e));
	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < schema_ntypes; i++) {
			BUF_SCOPED out = BUF_INIT;
			const struct schema_type *t = &schema_types[i];
			if (!schema_is_record(t))
				continue;
			NOERR(f, record_export(store(f), t, NULL, formats[k], &out,
			    &f->e));
			NOERR(f, record_import(store(f), &f->a, &f->ws->actor, t,
			    "out", buf_str(&out), formats[k], NULL, &res, &f->e));
			assert_int_equal(res.added + res.changed, 0);
		}
	BUF_SCOPED all = BUF_INIT;
	NOERR(f, record_export(store(f), NULL, NULL, RECORD_YAML, &all, &f->e));
	NOERR(f, record_import(store(f), &f->a, &f->ws->actor, NULL, "out",
	    buf_str(&all), RECORD_YAML, NULL, &res, &f->e));
	assert_int_equal(res.added + res.changed, 0);
	assert_true(res.same > 400);
	NOERR(f, record_digest(store(f), is, &f->e));
	assert_memory_equal(was, is, 32);
}

static void
test_dry_run(void **state)
{
	struct fixture *f = *state;
	struct record_options dry = { .dry_run = true };
	struct record_result res;
	struct ledger_head before, after;

	NOERR(f, ledger_head(f->ws->ledger, &before, &f->e));
	NOERR(f, record_import(store(f), &f->a, &f->ws->actor,
	    schema_get(T_CUEC), "in", STR("- {code: DRY-1, text: x}\n"),
	    RECORD_YAML, &dry, &res, &f->e));
	assert_int_equal(res.added, 1);
	NOERR(f, ledger_head(f->ws->ledger, &after, &f->e));
	assert_int_equal(before.size, after.size);
}

#define ROWS 2000
#define BAD 37
static const char heads[] = "code,name,kind,manager,state,start_on\r\n";

/* A row of people, each led by one of before; ${wrong}: how it is spoilt. */
static void
put_row(struct buf *b, int i, int wrong)
{
	static const struct {
		const char *name, *kind, *manager, *more;
	} ways[] = { { "Demo", "employee", "", "" },
		{ "Demo", "emploee", "", "" }, { "", "employee", "", "" },
		{ "Demo", "employee", "nobody", "" },
		{ "caf\xe9", "employee", "", "" },
		{ "Demo, the second", "employee", "", "" },
		{ "Demo", "employee", "", ",one more" } };

	buf_printf(b, "M%04d,%s,%s,%s%s", wrong == 7 ? i - 1 : i,
	    ways[wrong % 7].name, ways[wrong % 7].kind,
	    ways[wrong % 7].manager, ways[wrong % 7].manager[0] ? "" : "M");
	if (ways[wrong % 7].manager[0] == '\0')
		buf_printf(b, "%04d", i == 0 ? 1 : i / 2);
	buf_printf(b, ",active,2024-01-01%s\r\n", ways[wrong % 7].more);
}

static void
never(void *ctx, const struct err *problem)
{
	(void)ctx;
	print_error("%s: %s\n", problem->where, problem->what);
	fail();
}

/* Many rows of which some are bad: each is named, by its line, once, and nothing is
 * written; without them all goes in, and is what the ledger says. */
static void
test_many(void **state)
{
	struct fixture *f = *state;
	const struct schema_type *t = schema_get(T_PERSON);
	struct record_result res;
	struct record_history h;
	struct ledger_head before, after;
	BUF_SCOPED bad = BUF_INIT;
	BUF_SCOPED good = BUF_INIT;
	uint64_t rows;
	int64_t n;

	buf_puts(&bad, heads);
	buf_puts(&good, heads);
	for (int i = 0; i < ROWS; i++) {
		bool spoilt = i > 1000 && (i - 1000) % 27 == 0;
		put_row(&bad, i, spoilt ? 1 + (i - 1027) / 27 % 7 : 0);
		put_row(&good, i, 0);
	}
	NOERR(f, ledger_head(f->ws->ledger, &before, &f->e));
	int r = record_import(store(f), &f->a, &f->ws->actor, t, "many.csv",
	    buf_str(&bad), RECORD_CSV, NULL, &res, &f->e);
	assert_int_equal(r, -ERR_INPUT);
	assert_int_equal(res.nwrong, BAD);
	assert_int_equal(res.nproblems, BAD);
	for (int i = 0; i < BAD; i++) {
		const struct record_fault *x = &res.faults[i];
		char where[32];
		snprintf(where, sizeof(where), "many.csv:%d", 1029 + 27 * i);
		assert_string_equal(res.problems[i].where, where);
		assert_int_equal(x->line, 1029 + 27 * i);
		assert_int_equal(x->nth, 1027 + 27 * i);
		assert_true(str_utf8_ok(str_from(res.problems[i].what)));
	}
	assert_string_equal(res.faults[0].field, "kind");
	assert_string_equal(res.faults[3].field, "name");
	NOERR(f, ledger_head(f->ws->ledger, &after, &f->e));
	assert_int_equal(before.size, after.size);

	NOERR(f, record_import(store(f), &f->a, &f->ws->actor, t, "many.csv",
	    buf_str(&good), RECORD_CSV, NULL, &res, &f->e));
	assert_int_equal(res.added, ROWS);
	NOERR(f, record_count(store(f), t, &n, &f->e));
	assert_int_equal(n, ROWS);
	for (int i = 0; i < ROWS; i += 333) {
		NOERR(f, record_history(store(f), &f->a, t, res.ids[i], &h, &f->e));
		assert_int_equal(h.n, 1);
		assert_true(str_is(record_str(&h.at[0].record, F_PERSON_CODE),
		    arena_printf(&f->a, "M%04d", i)));
	}
	assert_true(str_is(record_text(store(f), &f->a, find(f, T_PERSON, "M0777"),
	    F_PERSON_MANAGER), "M0388"));
	NOERR(f, record_verify(f->dir, f->ws->db, f->ws->keys, never, NULL, &rows,
	    &f->e));
	assert_true(rows > ROWS);
}

/* Where rows cannot be told apart any more, that is said with what was found. */
static void
test_cut(void **state)
{
	struct fixture *f = *state;
	struct record_result res;

	assert_int_equal(record_import(store(f), &f->a, &f->ws->actor,
	    schema_get(T_PERSON), "cut.csv", STR("code,name,kind,manager\n"
	    "A,Demo,employee,C\nB,Demo,employee\nC,De\"mo,employee,A\n"),
	    RECORD_CSV, NULL, &res, &f->e), -ERR_INPUT);
	assert_int_equal(res.nproblems, 2);
	assert_string_equal(res.problems[0].where, "cut.csv:3");
	assert_string_equal(res.problems[1].where, "cut.csv:4");
	assert_non_null(strstr(res.problems[1].what, "was not read"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bad, setup, teardown),
		cmocka_unit_test_setup_teardown(test_round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dry_run, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut, setup, teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
