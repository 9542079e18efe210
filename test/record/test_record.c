/* Records: put, find, steps, references, history, rebuild. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture.h"
#include "ledger/subject.h"
#include "record/restore.h"

static struct record_store *
store(struct fixture *f)
{
	return (&f->ws->records);
}

static int
put(struct fixture *f, unsigned type, const char *name, struct val *fields)
{
	return (record_put(store(f), &f->a, &f->ws->actor, schema_get(type),
	    str_from(name), fields, NULL, &f->e));
}

/* A map of one or more pairs of texts. */
static struct val *
fields(struct fixture *f, const char *k, const char *v, ...)
{
	struct val *m = val_map(&f->a);
	va_list ap;

	va_start(ap, v);
	while (k != NULL) {
		val_put(&f->a, m, k, v != NULL ? val_text(&f->a, v) :
		    val_null(&f->a));
		k = va_arg(ap, const char *);
		v = k != NULL ? va_arg(ap, const char *) : NULL;
	}
	va_end(ap);
	return (m);
}

static uint64_t
size(struct fixture *f)
{
	struct ledger_head h;

	NOERR(f, ledger_head(f->ws->ledger, &h, &f->e));
	return (h.size);
}

static int64_t
count(struct fixture *f, unsigned type)
{
	int64_t n;

	NOERR(f, record_count(store(f), schema_get(type), &n, &f->e));
	return (n);
}

static void
people(struct fixture *f)
{
	struct record_result res;

	/* The second leads the first: references go in any order. */
	NOERR(f, import_yaml(f, "person",
	    "- code: E1\n  name: Ada One\n  kind: employee\n  manager: E2\n"
	    "  state: active\n  start_on: 2024-01-08\n"
	    "- code: E2\n  name: Bo Two\n  kind: contractor\n", &res));
	assert_int_equal(res.added + res.same, 2);
}

static void
test_installed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(count(f, T_CRITERION), 61);
	assert_int_equal(count(f, T_CONTROL), 129);
	assert_int_equal(count(f, T_POLICY), 28);
	assert_true(count(f, T_CONTROL_MAPPING) > 200);
	struct record *c = find(f, T_CRITERION, "cc6.1");
	assert_true(str_is(record_str(c, F_CRITERION_CODE), "CC6.1"));
	assert_true(str_is(record_str(find(f, T_CRITERION, "PI1.2"),
	    F_CRITERION_CATEGORY), "processing_integrity"));
	c = find(f, T_CONTROL, "GV-01");
	assert_true(str_is(record_text(store(f), &f->a, c,
	    F_CONTROL_FREQUENCY), "annual; event"));
	assert_true(str_is(record_str(c, F_CONTROL_STATE), "draft"));
	assert_int_equal(record_int(c, F_CONTROL_VERSION, 0), 1);
}

static void
test_put(void **state)
{
	struct fixture *f = *state;

	people(f);
	assert_int_equal(put(f, T_VENDOR, "Acme", fields(f, "colour", "red",
	    NULL)), -ERR_INPUT);
	NOERR(f, put(f, T_VENDOR, "Acme", fields(f, "tier", "High", "owner",
	    "E1", "service", "  Hosting ", "criteria", "CC6.1, CC9.2", NULL)));
	struct record *v = find(f, T_VENDOR, "acme");
	assert_true(str_is(record_str(v, F_VENDOR_TIER), "high"));
	assert_true(str_is(record_str(v, F_VENDOR_SERVICE), "Hosting"));
	assert_true(str_is(record_str(v, F_VENDOR_STATE), "proposed"));
	assert_true(str_is(record_text(store(f), &f->a, v, F_VENDOR_OWNER), "E1"));
	struct str list = record_text(store(f), &f->a, v, F_VENDOR_CRITERIA);
	assert_true(str_find(list, "CC6.1") >= 0 && str_find(list, "CC9.2") >= 0);
	/* What is not named stays; null clears. */
	NOERR(f, put(f, T_VENDOR, "Acme", fields(f, "data", "logs", "tier", NULL,
	    NULL)));
	v = find(f, T_VENDOR, v->id.ptr);
	assert_int_equal(v->rev, 2);
	assert_true(str_is(record_str(v, F_VENDOR_SERVICE), "Hosting"));
	assert_int_equal(v->cells[F_VENDOR_TIER].state, CELL_ABSENT);
	/* What changes nothing writes nothing. */
	uint64_t n = size(f);
	NOERR(f, put(f, T_VENDOR, "Acme", fields(f, "data", "logs", NULL)));
	assert_int_equal(size(f), n);
	/* A twin by its handle, a record that is not there. */
	NOERR(f, put(f, T_VENDOR, "Bcme", fields(f, "tier", "low", NULL)));
	assert_int_equal(put(f, T_VENDOR, "Bcme", fields(f, "name", "Acme",
	    NULL)), -ERR_INPUT);
	assert_non_null(strstr(f->e.what, "another vendor has the same"));
	struct record *r;
	assert_int_equal(record_find(store(f), &f->a, schema_get(T_VENDOR),
	    STR("Ccme"), &r, &f->e), -ERR_NOTFOUND);
}

static void
test_extra(void **state)
{
	struct fixture *f = *state;
	struct record_result res;

	NOERR(f, import_yaml(f, "vendor", "name: Xtra\nextra:\n  cost: 12\n"
	    "  region: eu\n  live: true\n", &res));
	struct record *v = find(f, T_VENDOR, "Xtra");
	assert_int_equal(val_get_int(v->extra, "cost", 0), 12);
	NOERR(f, import_yaml(f, "vendor", "name: Xtra\nextra:\n  region: null\n",
	    &res));
	v = find(f, T_VENDOR, "Xtra");
	assert_null(val_get(v->extra, "region"));
	assert_true(val_get_bool(v->extra, "live", false));
	assert_int_equal(import_yaml(f, "cuec", "code: C1\ntext: x\n"
	    "extra: {a: 1}\n", &res), -ERR_INPUT);
	assert_int_equal(import_yaml(f, "vendor", "name: Xtra\n"
	    "extra: {Bad Name: 1}\n", &res), -ERR_INPUT);
	assert_int_equal(import_yaml(f, "vendor", "name: Xtra\n"
	    "extra: {a: [1]}\n", &res), -ERR_INPUT);
}

static void
test_fixed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(put(f, T_CRITERION, "CC6.1", fields(f, "title", "Ours",
	    NULL)), -ERR_DENIED);
	assert_int_equal(put(f, T_CRITERION, "CC99.1", fields(f, "title", "Ours",
	    "category", "common", "series", "CC99", "intent", "x", NULL)),
	    -ERR_DENIED);
	struct record_change c = { .type = schema_get(T_CRITERION),
		.name = STR("CC6.1"), .retire = true };
	struct record_result res;
	/* The same refusal, though controls are mapped to it. */
	assert_int_equal(record_apply(store(f), &f->a, &f->ws->actor, &c, 1, NULL,
	    &res, &f->e), -ERR_DENIED);
	assert_int_equal(res.nproblems, 1);
	assert_string_equal(res.problems[0].what,
	    "a criterion is fixed data: nobody edits, adds or removes one");
	assert_int_equal(count(f, T_CRITERION), 61);
}

static void
test_steps(void **state)
{
	struct fixture *f = *state;

	people(f);
	NOERR(f, put(f, T_EXCEPTION, "EX-1", fields(f, "reason", "old host",
	    "expires", "2026-12-31", "control", "AC-03", NULL)));
	/* Not yet: nobody asked, nobody approves. */
	assert_int_equal(put(f, T_EXCEPTION, "EX-1", fields(f, "state",
	    "approved", NULL)), -ERR_INPUT);
	assert_non_null(strstr(f->e.what, "needs"));
	/* Not the same person. */
	assert_int_equal(put(f, T_EXCEPTION, "EX-1", fields(f, "requester", "E1",
	    "approver", "E1", "starts_on", "2026-01-01", "state", "approved",
	    NULL)), -ERR_INPUT);
	assert_non_null(strstr(f->e.what, "two persons"));
	NOERR(f, put(f, T_EXCEPTION, "EX-1", fields(f, "requester", "E1",
	    "approver", "E2", "starts_on", "2026-01-01", "state", "approved",
	    NULL)));
	/* No way back, and no way to undo the approval by a plain edit. */
	assert_int_equal(put(f, T_EXCEPTION, "EX-1", fields(f, "state",
	    "requested", NULL)), -ERR_INPUT);
	assert_non_null(strstr(f->e.fix, "expired"));
	assert_int_equal(put(f, T_EXCEPTION, "EX-1", fields(f, "approver", NULL,
	    NULL)), -ERR_INPUT);
	assert_int_equal(put(f, T_EXCEPTION, "EX-1", fields(f, "approver", "E1",
	    NULL)), -ERR_INPUT);
	struct record *x = find(f, T_EXCEPTION, "EX-1");
	const struct schema_step **steps;
	assert_int_equal(record_steps(&f->a, x, ROLE_OWNER, &steps), 1);
	assert_int_equal(record_steps(&f->a, x, ROLE_EMPLOYEE, &steps), 0);
	/* The entry says which step it was. */
	struct entry e;
	NOERR(f, ledger_entry(f->ws->ledger, &f->a, x->entry, &e, &f->e));
	assert_true(str_is(e.action, "transition"));
	assert_true(str_is(entry_note_get(&e, "to"), "approved"));
	assert_true(e.has_prev);
	/* What was approved covers nothing more later; it may end earlier. */
	NOERR(f, put(f, T_PERSON, "E3", fields(f, "name", "Cy Three", "kind",
	    "employee", NULL)));
	static const char *const wider[][2] = { { "approver", "E3" },
		{ "requester", "E3" }, { "control", "AC-04" },
		{ "starts_on", "2025-12-31" }, { "expires", "2027-01-01" },
		{ "procedure", "saas-mfa" } };
	for (size_t i = 0; i < sizeof(wider) / sizeof(wider[0]); i++) {
		assert_int_equal(put(f, T_EXCEPTION, "EX-1", fields(f, wider[i][0],
		    wider[i][1], NULL)), -ERR_INPUT);
		assert_non_null(strstr(f->e.what, "the exception was approved"));
	}
	NOERR(f, put(f, T_EXCEPTION, "EX-1", fields(f, "expires", "2026-12-30",
	    "compensating", "watched", NULL)));
	/* Nor afterwards. */
	NOERR(f, put(f, T_EXCEPTION, "EX-1", fields(f, "state", "expired", NULL)));
	assert_int_equal(put(f, T_EXCEPTION, "EX-1", fields(f, "requester", "E2",
	    NULL)), -ERR_INPUT);
	/* A record that comes in a later state must satisfy a way into it. */
	assert_int_equal(put(f, T_EXCEPTION, "EX-2", fields(f, "reason", "x",
	    "expires", "2026-12-31", "control", "AC-03", "state", "approved",
	    NULL)), -ERR_INPUT);
}

static void
test_roles(void **state)
{
	struct fixture *f = *state;
	struct record_actor member = { .id = STR("uid:9"),
		.roles = ROLE_EMPLOYEE }, auditor = { .id = STR("uid:8"),
		.roles = ROLE_AUDITOR };
	struct val *step = fields(f, "state", "designed", NULL);

	assert_int_equal(record_put(store(f), &f->a, &member,
	    schema_get(T_CONTROL), STR("AC-03"), step, NULL, &f->e), -ERR_DENIED);
	assert_int_equal(record_put(store(f), &f->a, &auditor,
	    schema_get(T_CONTROL), STR("AC-03"), fields(f, "evidence", "x", NULL),
	    NULL, &f->e), -ERR_DENIED);
	NOERR(f, put(f, T_CONTROL, "AC-03", step));
}

static void
test_control_version(void **state)
{
	struct fixture *f = *state;

	people(f);
	NOERR(f, put(f, T_CONTROL, "AC-01", fields(f, "statement", "A draft.",
	    NULL)));
	assert_int_equal(record_int(find(f, T_CONTROL, "AC-01"),
	    F_CONTROL_VERSION, 0), 1);
	NOERR(f, put(f, T_CONTROL, "AC-01", fields(f, "state", "designed",
	    NULL)));
	NOERR(f, put(f, T_CONTROL, "AC-01", fields(f, "state", "implemented",
	    "owner", "E1", NULL)));
	NOERR(f, put(f, T_CONTROL, "AC-01", fields(f, "state", "operating",
	    "effective_on", "2026-01-01", NULL)));
	assert_int_equal(put(f, T_CONTROL, "AC-01", fields(f, "statement",
	    "Worded anew.", NULL)), -ERR_INPUT);
	assert_int_equal(put(f, T_CONTROL, "AC-01", fields(f, "statement",
	    "Worded anew.", "effective_on", "2026-01-01", NULL)), -ERR_INPUT);
	NOERR(f, put(f, T_CONTROL, "AC-01", fields(f, "statement",
	    "Worded anew.", "effective_on", "2026-07-01", NULL)));
	struct record *c = find(f, T_CONTROL, "AC-01");
	assert_int_equal(record_int(c, F_CONTROL_VERSION, 0), 2);
	/* The old text is kept, with the day from which it counted. */
	struct record_history h;
	NOERR(f, record_history(store(f), &f->a, schema_get(T_CONTROL),
	    STR("AC-01"), &h, &f->e));
	assert_true(h.n >= 5);
	const struct record_revision *was = &h.at[h.n - 2], *now = &h.at[h.n - 1];
	assert_true(str_is(record_str(&was->record, F_CONTROL_STATEMENT),
	    "A draft."));
	/* Midnight in Berlin, winter and summer. */
	assert_true(was->effective == INT64_C(1767222000000000));
	assert_true(now->effective == INT64_C(1782856800000000));
	struct record_diff *d;
	size_t n = record_diff(store(f), &f->a, &was->record, &now->record, &d);
	assert_int_equal(n, 3);
	assert_true(str_is(d[0].name, "statement"));
	assert_true(str_is(d[0].before, "A draft."));
	struct record_revision at;
	NOERR(f, record_as_of(store(f), &f->a, schema_get(T_CONTROL),
	    STR("AC-01"), now->record.entry, &at, &f->e));
	assert_true(str_is(record_str(&at.record, F_CONTROL_STATEMENT),
	    "A draft."));
	assert_int_equal(record_as_of(store(f), &f->a, schema_get(T_CONTROL),
	    STR("AC-01"), 1, &at, &f->e), -ERR_NOTFOUND);
}

static void
test_policy(void **state)
{
	struct fixture *f = *state;

	people(f);
	NOERR(f, put(f, T_POLICY, "POL-02", fields(f, "text", "# One", "author",
	    "E1", "owner", "E1", "state", "review", NULL)));
	assert_int_equal(put(f, T_POLICY, "POL-02", fields(f, "approver", "E1",
	    "approved_on", "2026-01-01", "version", "1", "state", "approved",
	    NULL)), -ERR_INPUT);
	NOERR(f, put(f, T_POLICY, "POL-02", fields(f, "approver", "E2",
	    "approved_on", "2026-01-01", "version", "1", "state", "approved",
	    NULL)));
	assert_int_equal(put(f, T_POLICY, "POL-02", fields(f, "text", "# Two",
	    NULL)), -ERR_INPUT);
	assert_non_null(strstr(f->e.what, "after it was approved"));
	/* A year at most until it is looked at again. */
	assert_int_equal(put(f, T_POLICY, "POL-02", fields(f, "effective_on",
	    "2026-02-01", "review_on", "2027-01-02", "state", "published", NULL)),
	    -ERR_INPUT);
	assert_non_null(strstr(f->e.what, "twelve months"));
	assert_non_null(strstr(f->e.fix, "2027-01-01"));
	NOERR(f, put(f, T_POLICY, "POL-02", fields(f, "effective_on",
	    "2026-02-01", "review_on", "2027-01-01", "state", "published", NULL)));
	/* Who approved it stays somebody else when it is published. */
	assert_int_equal(put(f, T_POLICY, "POL-02", fields(f, "author", "E2",
	    NULL)), -ERR_INPUT);
	assert_non_null(strstr(f->e.what, "two persons"));
	assert_int_equal(put(f, T_POLICY, "POL-02", fields(f, "approver", NULL,
	    NULL)), -ERR_INPUT);
	NOERR(f, put(f, T_POLICY, "POL-02", fields(f, "text", "# Two", "state",
	    "draft", NULL)));
}

static void
test_optimistic(void **state)
{
	struct fixture *f = *state;
	struct record_change c = { .type = schema_get(T_CUEC),
		.name = STR("CUEC-9"), .if_rev = 1 };
	struct record_result res;

	NOERR(f, put(f, T_CUEC, "CUEC-9", fields(f, "text", "one", NULL)));
	c.fields = fields(f, "text", "two", NULL);
	NOERR(f, record_apply(store(f), &f->a, &f->ws->actor, &c, 1, NULL, &res,
	    &f->e));
	c.fields = fields(f, "text", "three", NULL);
	assert_int_equal(record_apply(store(f), &f->a, &f->ws->actor, &c, 1, NULL,
	    &res, &f->e), -ERR_CONFLICT);
	/* The same content again is no conflict. */
	c.fields = fields(f, "text", "two", NULL);
	NOERR(f, record_apply(store(f), &f->a, &f->ws->actor, &c, 1, NULL, &res,
	    &f->e));
	assert_int_equal(res.same, 1);
}

static void
test_retire(void **state)
{
	struct fixture *f = *state;
	struct record_change c = { .type = schema_get(T_VENDOR),
		.name = STR("Gone Ltd"), .retire = true };
	struct record_result res;

	NOERR(f, put(f, T_VENDOR, "Gone Ltd", fields(f, "tier", "low", NULL)));
	NOERR(f, put(f, T_CSOC, "CSOC-9", fields(f, "vendor", "Gone Ltd", "text",
	    "locks doors", NULL)));
	assert_int_equal(record_apply(store(f), &f->a, &f->ws->actor, &c, 1, NULL,
	    &res, &f->e), -ERR_INPUT);
	assert_non_null(strstr(f->e.what, "CSOC-9"));
	NOERR(f, put(f, T_VENDOR, "Other Ltd", fields(f, "tier", "low", NULL)));
	NOERR(f, put(f, T_CSOC, "CSOC-9", fields(f, "vendor", "Other Ltd",
	    NULL)));
	struct str id = find(f, T_VENDOR, "Gone Ltd")->id;
	NOERR(f, record_apply(store(f), &f->a, &f->ws->actor, &c, 1, NULL, &res,
	    &f->e));
	assert_int_equal(res.retired, 1);
	struct record *r;
	assert_int_equal(record_find(store(f), &f->a, schema_get(T_VENDOR),
	    STR("Gone Ltd"), &r, &f->e), -ERR_NOTFOUND);
	NOERR(f, record_find(store(f), &f->a, schema_get(T_VENDOR), id, &r,
	    &f->e));
	assert_true(r->retired);
	/* Its name is free again. */
	NOERR(f, put(f, T_VENDOR, "Gone Ltd", fields(f, "tier", "high", NULL)));
	assert_false(str_eq(find(f, T_VENDOR, "Gone Ltd")->id, id));
}

static size_t
matches(struct fixture *f, unsigned type, const char *a, const char *b)
{
	struct record_filter fs[2];
	struct record_query q = { .filters = fs, .sort = -1 };
	struct record_list l;

	for (const char *s = a; s != NULL; s = s == a ? b : NULL) {
		NOERR(f, record_filter_parse(store(f), &f->a, schema_get(type),
		    str_from(s), &fs[q.nfilters], &f->e));
		q.nfilters++;
	}
	NOERR(f, record_list(store(f), &f->a, schema_get(type), &q, &l, &f->e));
	return (l.n);
}

static void
test_list(void **state)
{
	struct fixture *f = *state;
	struct record_filter x;

	assert_int_equal(matches(f, T_CRITERION, "category=privacy", NULL), 18);
	assert_int_equal(matches(f, T_CRITERION, "category!=privacy", NULL), 43);
	assert_int_equal(matches(f, T_CRITERION, "coso=", NULL), 44);
	assert_int_equal(matches(f, T_CRITERION, "coso!=", "coso<=5"), 5);
	assert_int_equal(matches(f, T_CRITERION, "code~cc6.", NULL), 8);
	assert_int_equal(matches(f, T_CONTROL_MAPPING, "criterion=CC5.2", NULL), 3);
	assert_int_equal(matches(f, T_CONTROL, "frequency~annual", NULL), 35);
	assert_int_equal(matches(f, T_POLICY, "criteria~CC5.3", "title~code"), 0);
	assert_int_equal(record_filter_parse(store(f), &f->a,
	    schema_get(T_CONTROL), STR("nonsense"), &x, &f->e), -ERR_USAGE);
	assert_int_equal(record_filter_parse(store(f), &f->a,
	    schema_get(T_CONTROL), STR("colour=red"), &x, &f->e), -ERR_USAGE);
	assert_int_equal(record_filter_parse(store(f), &f->a,
	    schema_get(T_CONTROL), STR("kind=red"), &x, &f->e), -ERR_INPUT);
	struct record_query q = { .sort = F_CRITERION_COSO, .falling = true,
		.limit = 3 };
	struct record_list l;
	NOERR(f, record_list(store(f), &f->a, schema_get(T_CRITERION), &q, &l,
	    &f->e));
	assert_int_equal(l.n, 3);
	assert_int_equal(l.matched, 61);
	assert_int_equal(record_int(&l.at[0], F_CRITERION_COSO, 0), 17);
}

struct seen {
	size_t n, personal;
	uint64_t last;
};

static int
see(void *ctx, const struct record_revision *r, struct err *e)
{
	struct seen *s = ctx;

	(void)e;
	assert_true(s->n == 0 || r->record.entry > s->last);
	assert_true(r->effective != 0);
	s->last = r->record.entry;
	s->n++;
	s->personal += r->record.type->personal;
	return (0);
}

static void
test_rebuild(void **state)
{
	struct fixture *f = *state;
	uint8_t before[32], after[32];
	struct seen s = { 0 };
	int64_t revisions, again;

	people(f);
	NOERR(f, record_each_revision(f->ws->ledger, 0, UINT64_MAX, see, &s,
	    &f->e));
	NOERR(f, db_get_int(f->ws->db, "SELECT count(*) FROM revision", 0,
	    &revisions, &f->e));
	assert_int_equal(s.n, revisions);
	assert_true(s.personal >= 2);
	NOERR(f, record_digest(store(f), before, &f->e));
	NOERR(f, db_exec(f->ws->db, "PRAGMA foreign_keys=OFF;"
	    "DELETE FROM r_vendor; UPDATE r_control SET title='forged';"
	    "PRAGMA foreign_keys=ON", &f->e));
	NOERR(f, record_digest(store(f), after, &f->e));
	assert_memory_not_equal(before, after, 32);
	NOERR(f, record_rebuild(store(f), &f->e));
	NOERR(f, record_digest(store(f), after, &f->e));
	assert_memory_equal(before, after, 32);
	NOERR(f, db_get_int(f->ws->db, "SELECT count(*) FROM revision", 0,
	    &again, &f->e));
	assert_int_equal(again, revisions);
	/* And one can go on writing. */
	NOERR(f, put(f, T_CUEC, "CUEC-R", fields(f, "text", "x", NULL)));
}

/* Tables of other declarations are made anew, with what they held. */
static void
test_adopt(void **state)
{
	struct fixture *f = *state;
	uint8_t before[32], after[32];

	people(f);
	NOERR(f, record_digest(store(f), before, &f->e));
	NOERR(f, db_exec(f->ws->db, "PRAGMA foreign_keys=OFF;"
	    "ALTER TABLE r_vendor DROP COLUMN service;"
	    "CREATE TABLE r_pirate(id TEXT REFERENCES r_person(id));"
	    "INSERT INTO r_pirate SELECT id FROM r_person;"
	    "UPDATE declared SET digest='other'", &f->e));
	workspace_close(f->ws);
	f->ws = NULL;
	assert_int_equal(workspace_open(f->dir, false, &f->ws, &f->e), -ERR_BUSY);
	NOERR(f, workspace_open(f->dir, true, &f->ws, &f->e));
	NOERR(f, record_digest(store(f), after, &f->e));
	assert_memory_equal(before, after, 32);
	NOERR(f, put(f, T_VENDOR, "New", fields(f, "service", "x", NULL)));
	assert_int_equal(put(f, T_VENDOR, "New", fields(f, "owner", "E9", NULL)),
	    -ERR_INPUT);
	int64_t on, left;
	NOERR(f, db_get_int(f->ws->db, "PRAGMA foreign_keys", 0, &on, &f->e));
	assert_int_equal(on, 1);
	NOERR(f, db_get_int(f->ws->db, "SELECT count(*) FROM sqlite_schema WHERE "
	    "name='r_pirate'", 1, &left, &f->e));
	assert_int_equal(left, 0);
}

/* records.db is lost: it comes back from bundles and packs. */
static void
test_restore(void **state)
{
	struct fixture *f = *state;
	uint8_t before[32], after[32];
	struct restore_counts n;
	char path[96];

	people(f);
	uint64_t entries = size(f);
	NOERR(f, record_digest(store(f), before, &f->e));
	workspace_close(f->ws);
	f->ws = NULL;
	snprintf(path, sizeof(path), "%s/records.db", f->dir);
	for (int damaged = 0; damaged < 2; damaged++) {
		NOERR(f, file_remove(path, &f->e));
		if (damaged)
			NOERR(f, file_write(path, 0600, "garbage", 7, &f->e));
		NOERR(f, restore_records(f->dir, &n, &f->e));
		assert_int_equal(n.entries, entries);
		NOERR(f, workspace_open(f->dir, true, &f->ws, &f->e));
		NOERR(f, record_digest(store(f), after, &f->e));
		assert_memory_equal(before, after, 32);
		NOERR(f, put(f, T_CUEC, "CUEC-B", fields(f, "text",
		    damaged ? "two" : "one", NULL)));
		NOERR(f, record_digest(store(f), before, &f->e));
		entries = size(f);
		workspace_close(f->ws);
		f->ws = NULL;
	}
	/* A bundle with a flipped byte is refused, and what was there stays. */
	BUF_SCOPED was = BUF_INIT;
	BUF_SCOPED is = BUF_INIT;
	BUF_SCOPED bundle = BUF_INIT;
	char tile[128];
	snprintf(tile, sizeof(tile), "%s/ledger/tile/entries/000", f->dir);
	NOERR(f, file_read(path, 1 << 24, &was, &f->e));
	NOERR(f, file_read(tile, 1 << 24, &bundle, &f->e));
	bundle.ptr[bundle.len / 2] ^= 1;
	NOERR(f, file_write(tile, 0644, bundle.ptr, bundle.len, &f->e));
	assert_int_equal(restore_records(f->dir, &n, &f->e), -ERR_DAMAGED);
	NOERR(f, file_read(path, 1 << 24, &is, &f->e));
	assert_true(str_eq(buf_str(&was), buf_str(&is)));
}

/* A destroyed key: the revisions show as erased, and a rebuild says so. */
static void
test_erased(void **state)
{
	struct fixture *f = *state;
	struct record_history h;
	struct record *r;
	struct seen s = { 0 };

	people(f);
	struct str id = find(f, T_PERSON, "E1")->id;
	NOERR(f, put(f, T_VENDOR, "Acme", fields(f, "owner", "E1", NULL)));
	NOERR(f, subject_destroy(f->ws->keys, str_from(arena_printf(&f->a,
	    "record/" STR_FMT, STR_ARG(id))), NULL, &f->e));
	NOERR(f, record_history(store(f), &f->a, schema_get(T_PERSON), id, &h,
	    &f->e));
	assert_int_equal(h.n, 1);
	assert_true(h.at[0].erased);
	assert_int_equal(h.at[0].record.cells[F_PERSON_NAME].state, CELL_ABSENT);
	NOERR(f, record_each_revision(f->ws->ledger, 0, UINT64_MAX, see, &s,
	    &f->e));
	NOERR(f, record_rebuild(store(f), &f->e));
	NOERR(f, record_find(store(f), &f->a, schema_get(T_PERSON), id, &r,
	    &f->e));
	assert_true(r->retired);
	assert_true(str_is(record_str(r, F_PERSON_NAME), "erased"));
	/* Who refers to it still does. */
	assert_true(str_eq(record_str(find(f, T_VENDOR, "Acme"),
	    F_VENDOR_OWNER), id));
	NOERR(f, put(f, T_VENDOR, "Acme", fields(f, "tier", "low", NULL)));
	/* The number may be given again. */
	NOERR(f, put(f, T_PERSON, "E1", fields(f, "name", "New One", "kind",
	    "employee", NULL)));
	assert_false(str_eq(find(f, T_PERSON, "E1")->id, id));
}

/* Names of people stand nowhere in clear but in the record table itself. */
static void
test_personal(void **state)
{
	struct fixture *f = *state;
	struct entry x;

	people(f);
	struct record *p = find(f, T_PERSON, "E1");
	NOERR(f, ledger_entry(f->ws->ledger, &f->a, p->entry, &x, &f->e));
	BUF_SCOPED b = BUF_INIT;
	NOERR(f, entry_encode(&x, &b, &f->e));
	assert_true(str_find(buf_str(&b), "Ada") < 0);
	assert_true(str_find(buf_str(&b), "E1") < 0);
}

/* A process that is killed in the middle leaves nothing of the batch. */
static void
test_killed(void **state)
{
	struct fixture *f = *state;
	uint64_t n = size(f);
	int64_t vendors = count(f, T_VENDOR);

	workspace_close(f->ws);
	f->ws = NULL;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct record_result res;
		struct record_change c = { .type = schema_get(T_VENDOR) };
		if (workspace_open(f->dir, true, &f->ws, &f->e) != 0 ||
		    ledger_begin(f->ws->ledger, &f->e) != 0)
			_exit(1);
		for (int i = 0; i < 50; i++) {
			c.name = str_from(arena_printf(&f->a, "V%d", i));
			if (record_apply(store(f), &f->a, &f->ws->actor, &c, 1,
			    NULL, &res, &f->e) != 0)
				_exit(2);
		}
		kill(getpid(), SIGKILL);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	NOERR(f, workspace_open(f->dir, true, &f->ws, &f->e));
	assert_int_equal(size(f), n);
	assert_int_equal(count(f, T_VENDOR), vendors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_installed),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_extra),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_control_version),
		cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_roles, setup, teardown),
		cmocka_unit_test(test_policy),
		cmocka_unit_test(test_optimistic),
		cmocka_unit_test(test_retire),
		cmocka_unit_test(test_list),
		cmocka_unit_test_setup_teardown(test_rebuild, setup, teardown),
		cmocka_unit_test_setup_teardown(test_adopt, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restore, setup, teardown),
		cmocka_unit_test_setup_teardown(test_erased, setup, teardown),
		cmocka_unit_test_setup_teardown(test_personal, setup, teardown),
		cmocka_unit_test(test_killed),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
