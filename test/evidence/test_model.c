/*
 * The projection against a naive model: random runs in random order of their
 * world times (forward, late, correcting, failed, partial), then every table
 * asked at random instants and states of knowledge. The model keeps the list
 * of runs and looks for the one that was in force.
 */
#include "fixture.h"

#define KEYS 6
#define RUNS 40
#define SLOTS 25 /* different instants */

struct model_run {
	uint64_t entry;
	int64_t at;
	int source;
	bool counts;
	int8_t value[KEYS]; /* -1: the key is not in the set */
};

struct model {
	struct model_run at[RUNS];
	size_t n;
	uint64_t seed;
};

static unsigned
roll(struct model *m, unsigned n)
{
	m->seed = m->seed * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return ((unsigned)(m->seed >> 33) % n);
}

static const char *const sources[] = { "s0", "s1" };
static const char *const values[] = { "low", "medium", "high" };

/* The run in force at ${t} as known by the first ${known} entries, or NULL. */
static const struct model_run *
in_force(const struct model *m, int source, int64_t t, uint64_t known)
{
	const struct model_run *best = NULL;

	for (size_t i = 0; i < m->n; i++) {
		const struct model_run *r = &m->at[i];
		if (r->source == source && r->counts && r->at <= t &&
		    r->entry < known && (best == NULL || r->at >= best->at))
			best = r;
	}
	return (best);
}

static void
model_rows(const struct model *m, int64_t t, uint64_t known, struct buf *out)
{
	buf_reset(out);
	buf_puts(out, "");
	for (int s = 0; s < 2; s++) {
		const struct model_run *r = in_force(m, s, t, known);
		for (int k = 0; r != NULL && k < KEYS; k++) {
			if (r->value[k] < 0)
				continue;
			buf_printf(out, "%s|k%d|%s\n", sources[s], k,
			    r->value[k] == 3 ? "~" : values[r->value[k]]);
		}
	}
}

static void
add_run(struct fixture *f, struct model *m)
{
	struct cell rows[KEYS * 6];
	char key[KEYS][16];
	struct model_run *r = &m->at[m->n];
	size_t n = 0;

	r->source = (int)roll(m, 2);
	r->at = T0 + (int64_t)roll(m, SLOTS) * DAY;
	/* Mostly the newest, as in life; else anywhere. */
	if (roll(m, 2) == 0)
		r->at = T0 + (int64_t)(m->n * SLOTS / RUNS) * DAY;
	for (int k = 0; k < KEYS; k++) {
		r->value[k] = (int8_t)((int)roll(m, 5) - 1);
		/* Much stays as it was, so that neighbours merge. */
		if (m->n > 0 && roll(m, 3) > 0)
			r->value[k] = m->at[roll(m, (unsigned)m->n)].value[k];
		if (r->value[k] < 0)
			continue;
		snprintf(key[k], sizeof(key[k]), "k%d", k);
		struct cell *c = rows + n++ * 6;
		c[0] = CELL_STR(str_from(key[k]));
		c[1] = CELL_STR(STR("v"));
		c[2] = r->value[k] == 3 ? CELL_BLIND :
		    CELL_STR(str_from(values[r->value[k]]));
		c[3] = CELL_STR(STR("2026-01-01"));
		c[4] = c[5] = CELL_NONE;
	}
	unsigned fate = roll(m, 10);
	r->counts = fate > 1;
	struct run_opts o = { .source = sources[r->source], .at = r->at,
		.status = fate == 0 ? EVIDENCE_FAILED : EVIDENCE_COMPLETE,
		.expected = fate == 1 ? (int64_t)n + 1 : 0 };
	r->entry = give(f, &o, "vulnerability", rows, n).entry;
	m->n++;
}

static void
compare(struct fixture *f, struct model *m, int64_t t, uint64_t known)
{
	BUF_SCOPED want = BUF_INIT;
	BUF_SCOPED got = BUF_INIT;

	model_rows(m, t, known, &want);
	ok(f, ask_limited(f, evidence_at(t, known), NULL,
	    "SELECT source, asset, severity FROM vulnerability"
	    " ORDER BY 1, 2, 3", &got));
	if (strcmp(want.ptr, got.ptr) != 0)
		print_error("at day %lld known %llu\nwant\n%sgot\n%s",
		    (long long)((t - T0) / DAY), (unsigned long long)known,
		    want.ptr, got.ptr);
	assert_string_equal(want.ptr, got.ptr);
}

static int
value_at(const struct model *m, int source, int key, int64_t t, uint64_t known)
{
	const struct model_run *r = in_force(m, source, t, known);

	return (r != NULL ? r->value[key] : -1);
}

/* One key over days [from, to): runs of days with the same value. */
static void
model_key(const struct model *m, int source, int key, int from, int to,
    uint64_t known, struct buf *out)
{
	int begun = from, now = value_at(m, source, key, T0 + from * DAY, known);

	for (int d = from + 1; d <= to; d++) {
		int next = d == to ? -2 :
		    value_at(m, source, key, T0 + d * DAY, known);
		if (next == now)
			continue;
		if (now >= 0)
			buf_printf(out, "%s|k%d|%s|%d|%d\n", sources[source], key,
			    now == 3 ? "~" : values[now], begun, d);
		begun = d;
		now = next;
	}
}

static void
compare_period(struct fixture *f, struct model *m, int from, int to,
    uint64_t known)
{
	BUF_SCOPED want = BUF_INIT;
	BUF_SCOPED got = BUF_INIT;

	buf_puts(&want, "");
	for (int s = 0; s < 2; s++) {
		for (int k = 0; k < KEYS; k++)
			model_key(m, s, k, from, to, known, &want);
	}
	ok(f, ask_limited(f, evidence_period(T0 + from * DAY, T0 + to * DAY,
	    known), NULL, "SELECT source, asset, severity, (from_us -"
	    " 1767225600000000) / 86400000000, (to_us - 1767225600000000) /"
	    " 86400000000 FROM vulnerability_period ORDER BY 1, 2, from_us",
	    &got));
	if (strcmp(want.ptr, got.ptr) != 0)
		print_error("days %d to %d known %llu\nwant\n%sgot\n%s", from, to,
		    (unsigned long long)known, want.ptr, got.ptr);
	assert_string_equal(want.ptr, got.ptr);
}

/* Each key's versions neither overlap, nor touch with the same content. */
static void
check_versions(struct fixture *f)
{
	int64_t n;

	ok(f, db_get_int(evidence_db(f->ev), "SELECT count(*) FROM"
	    " \"vulnerability!v\" a JOIN \"vulnerability!v\" b ON a._subject ="
	    " b._subject AND a._sid = b._sid AND a.rowid <> b.rowid WHERE"
	    " a._known_to IS NULL AND b._known_to IS NULL AND a._from <="
	    " b._from AND (a._to IS NULL OR a._to > b._from OR (a._to = b._from"
	    " AND a.severity IS b.severity))", -1, &n, &f->e));
	assert_int_equal(n, 0);
	ok(f, db_get_int(evidence_db(f->ev), "SELECT count(*) FROM"
	    " \"vulnerability!v\" WHERE _to <= _from OR (_to IS NULL) <>"
	    " (_end_known IS NULL) OR _end_known < _known_from", -1, &n, &f->e));
	assert_int_equal(n, 0);
}

static void
play(struct fixture *f, uint64_t seed)
{
	struct model m = { .seed = seed };
	uint8_t before[32], after[32];

	for (int i = 0; i < RUNS; i++)
		add_run(f, &m);
	check_versions(f);
	for (int i = 0; i < 60; i++) {
		/* The instants of runs and those just beside them. */
		int64_t t = T0 + (int64_t)roll(&m, SLOTS + 1) * DAY -
		    (int64_t)roll(&m, 3) + 1;
		uint64_t known = roll(&m, 4) == 0 ? EVIDENCE_HEAD :
		    m.at[roll(&m, RUNS)].entry + roll(&m, 2);
		compare(f, &m, t, known);
		int from = (int)roll(&m, SLOTS), to = from + 1 +
		    (int)roll(&m, (unsigned)(SLOTS - from));
		compare_period(f, &m, from, to, known);
	}
	ok(f, evidence_digest(f->ev, before, &f->e));
	ok(f, evidence_rebuild(f->ev, &f->e));
	ok(f, evidence_digest(f->ev, after, &f->e));
	assert_memory_equal(before, after, 32);
	for (int i = 0; i < 10; i++)
		compare(f, &m, T0 + (int64_t)roll(&m, SLOTS) * DAY,
		    m.at[roll(&m, RUNS)].entry);
}

static void
test_model(void **state)
{
	const char *s = getenv("MODEL_SEED");
	int64_t seed = 0;

	if (s != NULL)
		str_to_i64(str_from(s), &seed);
	play(*state, (uint64_t)seed + 1);
}

static void
test_model_2(void **state)
{
	play(*state, UINT64_C(0x9e3779b97f4a7c15));
}

static void
test_model_3(void **state)
{
	play(*state, UINT64_C(20260101));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_model, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_model_2, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(test_model_3, fixture_setup,
		    fixture_teardown),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
