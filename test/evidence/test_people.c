/* Personal cells, who is who, and the programme's records as evidence. */
#include "base/val.h"
#include "evidence/row.h"
#include "fixture.h"
#include "ledger/subject.h"
#include "record/record.h"

static struct cell
text(const char *s)
{
	return (s == NULL ? CELL_NONE : CELL_STR(str_from(s)));
}

/* hr_person: employee_id name email login department title manager_id
 * start_date end_date kind */
struct person {
	const char *id, *name, *email, *login;
};

static struct evidence_done
roster(struct fixture *f, int64_t at, const struct person *p, size_t n)
{
	struct cell rows[8 * 10] = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct cell *c = rows + i * 10;
		c[0] = text(p[i].id);
		c[1] = text(p[i].name);
		c[2] = text(p[i].email);
		c[3] = text(p[i].login);
		c[7] = text("2020-01-01");
		c[9] = text("employee");
	}
	return (give(f, &(struct run_opts){ .source = "hr", .at = at },
	    "hr_person", rows, n));
}

/* account: host login uid gid gecos home shell interactive system
 * password_state ... locked */
static void
accounts(struct fixture *f, int64_t at, const char *const *logins, size_t n)
{
	struct cell rows[8 * 16] = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct cell *c = rows + i * 16;
		c[0] = text("host1");
		c[1] = text(logins[i]);
		c[2] = CELL_INT(1000 + (int64_t)i);
		c[3] = CELL_INT(100);
		c[5] = text("/home/x");
		c[6] = text("/bin/sh");
		c[7] = CELL_INT(1);
		c[8] = CELL_INT(0);
		c[9] = text("set");
		c[15] = CELL_INT(0);
	}
	give(f, &(struct run_opts){ .source = "host1", .at = at }, "account",
	    rows, n);
}

static const struct person people[] = {
	{ "E1", "Ada Lovelace", "ada@example.com", "ada" },
	{ "E2", "Bob Ross", "bob@example.com", NULL },
	{ "E3", "Cy Twombly", "cy@example.com", "cy" },
	{ "E4", "Cy Young", "cy2@example.com", "CY" },
};

static void
test_identity(void **state)
{
	struct fixture *f = *state;
	static const char *const logins[] = { "ADA", "bob", "cy", "ghost" };
	const char *q = "SELECT i.subject, i.person, i.state, i.rule FROM"
	    " identity i WHERE table_name = 'account' ORDER BY 1";

	roster(f, T0, people, 4);
	accounts(f, T0, logins, 4);
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD), q,
	    "ADA:1000|E1|matched|login = login\n"
	    "bob:1001|E2|matched|login = email-local\n"
	    "cy:1002|~|doubtful|login = login\n"
	    "ghost:1003|~|unmatched|~\n");
	/* The same over a period, and from a query that joins. */
	expect_sql(f, evidence_period(T0, T0 + DAY, EVIDENCE_HEAD),
	    "SELECT p.name, a.uid FROM account_period a JOIN identity_period i"
	    " ON i.table_name = 'account' AND i.subject = a.subject AND i.source"
	    " = a.source JOIN people_period p ON p.person = i.person"
	    " ORDER BY 1", "Ada Lovelace|1000\nBob Ross|1001\n");
	/* A person decides. */
	ARENA_SCOPED a = ARENA_INIT;
	struct record_store s = { .db = f->ws->db, .ledger = f->ws->ledger };
	struct record_actor who = { .id = STR("tester"),
	    .roles = ROLE_OWNER | ROLE_PRIVACY };
	struct val *v = val_map(&a);
	val_put(&a, v, "code", val_text(&a, "E3"));
	val_put(&a, v, "name", val_text(&a, "Cy Twombly"));
	val_put(&a, v, "kind", val_text(&a, "employee"));
	struct str id;
	ok(f, record_put(&s, &a, &who, schema_find_name("person"), STR_NULL, v,
	    &id, &f->e));
	v = val_map(&a);
	val_put(&a, v, "source_name", val_text(&a, "host1"));
	val_put(&a, v, "tbl", val_text(&a, "account"));
	val_put(&a, v, "subject_id", val_text(&a, "cy:1002"));
	val_put(&a, v, "kind", val_text(&a, "person"));
	val_put(&a, v, "person", val_text(&a, "E3"));
	val_put(&a, v, "reason", val_text(&a, "asked him"));
	val_put(&a, v, "starts_on", val_text(&a, "2025-12-01"));
	ok(f, record_put(&s, &a, &who, schema_find_name("identity_decision"),
	    STR_NULL, v, NULL, &f->e));
	val_put(&a, v, "subject_id", val_text(&a, "ghost:1003"));
	val_put(&a, v, "kind", val_text(&a, "service"));
	val_put(&a, v, "person", val_null(&a));
	ok(f, record_put(&s, &a, &who, schema_find_name("identity_decision"),
	    STR_NULL, v, NULL, &f->e));
	ok(f, evidence_catch_up(f->ev, &f->e));
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD), q,
	    "ADA:1000|E1|matched|login = login\n"
	    "bob:1001|E2|matched|login = email-local\n"
	    "cy:1002|E3|matched|decision\n"
	    "ghost:1003|~|service|decision\n");
	expect_sql(f, evidence_at(clock_now(), EVIDENCE_HEAD),
	    "SELECT person, record IS NOT NULL, name FROM people ORDER BY 1",
	    "E1|0|Ada Lovelace\nE2|0|Bob Ross\nE3|1|Cy Twombly\n"
	    "E4|0|Cy Young\n");
}

/* --- sealed cells ------------------------------------------------------------ */

static void
digest(struct fixture *f, uint8_t out[32])
{
	ok(f, evidence_digest(f->ev, out, &f->e));
}

static void
test_sealed(void **state)
{
	struct fixture *f = *state;
	struct person changed[4];
	uint8_t before[32], after[32];
	struct evidence_done d;

	roster(f, T0, people, 4);
	d = roster(f, T0 + DAY, people, 4);
	/* Sealed deterministically: nothing is written again. */
	assert_true(d.same);
	assert_int_equal(d.chunks, 0);
	memcpy(changed, people, sizeof(people));
	changed[0].name = "Ada King";
	d = roster(f, T0 + 2 * DAY, changed, 4);
	assert_int_equal(d.changed, 2);
	digest(f, before);
	ok(f, evidence_rebuild(f->ev, &f->e));
	digest(f, after);
	assert_memory_equal(before, after, 32);
	/* No name in any file but evidence.db. */
	char cmd[256];
	snprintf(cmd, sizeof(cmd), "%s/bodies/pack-000001", f->dir);
	struct buf b = BUF_INIT;
	if (file_read(cmd, 1 << 24, &b, &f->e) == 0)
		assert_int_equal(str_find(buf_str(&b), "Lovelace"), -1);
	buf_free(&b);
}

static void
test_erased(void **state)
{
	struct fixture *f = *state;

	roster(f, T0, people, 2);
	roster(f, T0 + DAY, people, 2);
	ok(f, subject_destroy(f->ws->keys, STR("hr/hr_person/E1"), NULL,
	    &f->e));
	ok(f, evidence_rebuild(f->ev, &f->e));
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD),
	    "SELECT subject, name, email, start_date FROM hr_person ORDER BY 1",
	    "E1|~|~|2020-01-01\nE2|Bob Ross|bob@example.com|2020-01-01\n");
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD),
	    "SELECT subject, column_name FROM blind_cell ORDER BY 1, 2",
	    "E1|email\nE1|login\nE1|name\n");
	/* The work goes on, with a new key for who comes again. */
	struct evidence_done d = roster(f, T0 + 2 * DAY, people, 2);
	assert_false(d.same);
	expect_sql(f, evidence_at(T0 + 2 * DAY, EVIDENCE_HEAD),
	    "SELECT subject, name FROM hr_person ORDER BY 1",
	    "E1|Ada Lovelace\nE2|Bob Ross\n");
}

static void
test_erased_key_column(void **state)
{
	struct fixture *f = *state;
	static const char *const logins[] = { "ada", "bob" };
	uint8_t before[32], after[32];

	accounts(f, T0, logins, 2);
	ok(f, subject_destroy(f->ws->keys, STR("host1/account/ada:1000"), NULL,
	    &f->e));
	ok(f, evidence_rebuild(f->ev, &f->e));
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD),
	    "SELECT substr(subject, 1, 7), login, uid FROM account ORDER BY 3",
	    "erased:|~|1000\nbob:100|bob|1001\n");
	/* Gone in the next run: the version of the erased one is found. */
	accounts(f, T0 + DAY, logins + 1, 1);
	digest(f, before);
	ok(f, evidence_rebuild(f->ev, &f->e));
	digest(f, after);
	assert_memory_equal(before, after, 32);
	expect_sql(f, evidence_at(T0 + DAY, EVIDENCE_HEAD),
	    "SELECT count(*) FROM account", "1\n");
}

/* --- records ------------------------------------------------------------------ */

static struct str
put(struct fixture *f, struct arena *a, const char *type, struct val *v)
{
	struct record_store s = { .db = f->ws->db, .ledger = f->ws->ledger };
	struct record_actor who = { .id = STR("tester"),
	    .roles = ROLE_OWNER | ROLE_PRIVACY };
	struct str id = STR_NULL;

	ok(f, record_put(&s, a, &who, schema_find_name(type), STR_NULL, v, &id,
	    &f->e));
	ok(f, evidence_catch_up(f->ev, &f->e));
	return (id);
}

static void
test_records(void **state)
{
	struct fixture *f = *state;
	ARENA_SCOPED a = ARENA_INIT;
	uint8_t before[32], after[32];
	struct val *v = val_map(&a);
	int64_t t1;

	val_put(&a, v, "code", val_text(&a, "E9"));
	val_put(&a, v, "name", val_text(&a, "Eve"));
	val_put(&a, v, "kind", val_text(&a, "contractor"));
	val_put(&a, v, "start_on", val_text(&a, "2026-01-02"));
	put(f, &a, "person", v);
	t1 = clock_now();
	val_put(&a, v, "role", val_text(&a, "Painter"));
	put(f, &a, "person", v);
	const char *q = "SELECT code, name, role, source FROM person";
	/* From the day it names, which is before we knew. */
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD), q, "");
	expect_sql(f, evidence_at(T0 + DAY, EVIDENCE_HEAD), q,
	    "E9|Eve|~|records\n");
	expect_sql(f, evidence_at(t1, EVIDENCE_HEAD), q, "E9|Eve|~|records\n");
	expect_sql(f, evidence_at(clock_now(), EVIDENCE_HEAD), q,
	    "E9|Eve|Painter|records\n");
	/* Corrected: it began a day earlier. */
	val_put(&a, v, "start_on", val_text(&a, "2026-01-01"));
	put(f, &a, "person", v);
	expect_sql(f, evidence_at(T0, EVIDENCE_HEAD), q,
	    "E9|Eve|Painter|records\n");
	ok(f, evidence_digest(f->ev, before, &f->e));
	ok(f, evidence_rebuild(f->ev, &f->e));
	ok(f, evidence_digest(f->ev, after, &f->e));
	assert_memory_equal(before, after, 32);
}

/* --- a source taken out of use ------------------------------------------------ */

static void
set_state(struct fixture *f, struct arena *a, struct str id, const char *state)
{
	struct record_store s = { .db = f->ws->db, .ledger = f->ws->ledger };
	struct record_actor who = { .id = STR("tester"),
	    .roles = ROLE_OWNER | ROLE_PRIVACY };
	struct val *v = val_map(a);

	val_put(a, v, "state", val_text(a, state));
	ok(f, record_put(&s, a, &who, schema_find_name("source"), id, v, NULL,
	    &f->e));
	ok(f, evidence_catch_up(f->ev, &f->e));
}

static void
test_removed(void **state)
{
	struct fixture *f = *state;
	ARENA_SCOPED a = ARENA_INIT;
	struct val *v = val_map(&a);
	const char *q = "SELECT (SELECT count(*) FROM vulnerability),"
	    " (SELECT group_concat(state || ' ' || reason, ', ') FROM (SELECT *"
	    " FROM coverage WHERE table_name = 'vulnerability'"
	    " ORDER BY from_us))";
	struct cell row[] = { text("a"), text("1"), text("low"),
		text("2026-01-01"), CELL_NONE, CELL_NONE };
	uint8_t before[32], after[32];
	int64_t now = clock_now();

	val_put(&a, v, "name", val_text(&a, "scanner"));
	val_put(&a, v, "collector", val_text(&a, "csv"));
	struct str id = put(f, &a, "source", v);
	char *source = arena_strndup(&a, id.ptr, id.len);
	give(f, &(struct run_opts){ .source = source, .at = now - DAY,
	    .gap_s = 30 * 86400 }, "vulnerability", row, 1);
	set_state(f, &a, id, "removed");
	expect_sql(f, evidence_at(now - DAY, EVIDENCE_HEAD), q,
	    "1|blind before, observed , blind removed, blind gone\n");
	expect_sql(f, evidence_at(now + DAY, EVIDENCE_HEAD), q,
	    "0|blind before, observed , blind removed, blind gone\n");
	/* Another source of the table is not blinded by it. */
	give(f, &(struct run_opts){ .source = "s2", .at = now + 2 * DAY,
	    .gap_s = 30 * 86400 }, "vulnerability", row, 1);
	struct evidence_span *spans;
	size_t n;
	ok(f, evidence_coverage(&a, evidence_db(f->ev),
	    schema_find_name("vulnerability"), now + 2 * DAY, now + 3 * DAY,
	    EVIDENCE_HEAD, &spans, &n, &f->e));
	assert_int_equal(n, 1);
	assert_true(spans[0].observed);
	/* In use again. */
	set_state(f, &a, id, "active");
	struct evidence_done d = give(f, &(struct run_opts){ .source = source,
	    .at = now + 4 * DAY, .gap_s = 30 * 86400 }, "vulnerability", row, 1);
	assert_int_equal(d.changed, 1);
	expect_sql(f, evidence_at(now + 4 * DAY, EVIDENCE_HEAD),
	    "SELECT count(*) FROM vulnerability", "2\n");
	/* A run of before the removal that comes late. */
	give(f, &(struct run_opts){ .source = source, .at = now - 4 * DAY,
	    .gap_s = 30 * 86400 }, "vulnerability", row, 1);
	expect_sql(f, evidence_at(now - 3 * DAY, EVIDENCE_HEAD),
	    "SELECT (:at - valid_from) / 86400000000 FROM vulnerability",
	    "1\n");
	digest(f, before);
	ok(f, evidence_rebuild(f->ev, &f->e));
	digest(f, after);
	assert_memory_equal(before, after, 32);
}

/* --- who left ------------------------------------------------------------------ */

static void
test_leavers(void **state)
{
	struct fixture *f = *state;
	ARENA_SCOPED a = ARENA_INIT;
	struct val *v = val_map(&a);
	const char *q = "SELECT person, end_date, said FROM leaver ORDER BY 1";
	struct evidence_when days = evidence_period(T0, T0 + 4 * DAY,
	    EVIDENCE_HEAD);

	/* Gone from the roster on its third day: seen last on the second. */
	roster(f, T0, people, 3);
	roster(f, T0 + DAY, people, 3);
	expect_sql(f, days, q, "");
	roster(f, T0 + 2 * DAY, people + 1, 2);
	expect_sql(f, days, q, "E1|2026-01-02|0\n");
	expect_sql(f, evidence_period(T0, T0 + 2 * DAY, EVIDENCE_HEAD), q, "");
	/* Back again. */
	roster(f, T0 + 3 * DAY, people, 3);
	expect_sql(f, days, q, "");
	/* A person of the programme's own records, with a last day. */
	val_put(&a, v, "code", val_text(&a, "E9"));
	val_put(&a, v, "name", val_text(&a, "Eve"));
	val_put(&a, v, "kind", val_text(&a, "contractor"));
	val_put(&a, v, "start_on", val_text(&a, "2026-01-01"));
	val_put(&a, v, "end_on", val_text(&a, "2026-01-03"));
	put(f, &a, "person", v);
	expect_sql(f, days, q, "E9|2026-01-03|1\n");
}

static void
test_roster_removed(void **state)
{
	struct fixture *f = *state;
	ARENA_SCOPED a = ARENA_INIT;
	struct val *v = val_map(&a);
	struct cell c[10] = { text("E1"), text("Ada"), [7] = text("2020-01-01"),
		[9] = text("employee") };
	int64_t now = clock_now();

	val_put(&a, v, "name", val_text(&a, "roster"));
	val_put(&a, v, "collector", val_text(&a, "csv"));
	struct str id = put(f, &a, "source", v);
	char *source = arena_strndup(&a, id.ptr, id.len);
	give(f, &(struct run_opts){ .source = source, .at = now - DAY },
	    "hr_person", c, 1);
	set_state(f, &a, id, "removed");
	struct evidence_when w = evidence_period(now - 2 * DAY, now + DAY,
	    EVIDENCE_HEAD);
	expect_sql(f, w, "SELECT count(*) FROM hr_person", "0\n");
	expect_sql(f, w, "SELECT count(*) FROM leaver", "0\n");
}

int
main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(test_identity),
		T(test_sealed),
		T(test_erased),
		T(test_erased_key_column),
		T(test_records),
		T(test_removed),
		T(test_leavers),
		T(test_roster_removed),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
