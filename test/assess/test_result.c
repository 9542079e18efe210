/* The bytes of a result, line by line, and what is read back from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "assess/result.h"
#include "sys/db.h"

static const char file[] =
    "-- id: x-test\n-- title: T\n-- control: AC-03\n-- kind: state\n"
    "-- mode: both\n-- tests: t\n-- passes: p\n-- fails: f\n-- matters: m\n"
    "-- remediation: r\n-- param words text a\\b: Words\n"
    "-- param days int -3: Days\n-- population\nSELECT 1\n-- verdicts\nSELECT 2\n";

/* %s: hash of the file; version and id of SQLite; hash of the verdicts. */
static const char expected[] =
    "tickmark-result/v1\n"
    "procedure\tx-test\t%s\n"
    "param\tdays\tint\t-3\n"
    "param\twords\ttext\ta\\\\b\n"
    "engine\t1\n"
    "sqlite\t%s\t%s\n"
    "declarations\tdddd\n"
    "rules\trrrr\n"
    "time\tperiod\t100\t200\t1970-01-01..1970-01-02\tUTC\n"
    "evidence\t7\n"
    "read\taccount\tlogin,uid\n"
    "blind\taccount\t\t150\t160\taccount was not collected often enough\n"
    "exception\tEX-1\talice\t120\t130\n"
    "item\tfail\t100\t120\talice\tAlice\\x09A\tbad\taccount:1\t\n"
    "item\texempt\t120\t130\talice\tAlice\\x09A\tbad\taccount:1\tEX-1\n"
    "item\tunknown\t150\t160\tbob\tBob\taccount was not collected often enough\t\t\n"
    "members\t2\n"
    "count\tok\t0\t2\n"
    "count\tfail\t1\t1\n"
    "count\tna\t0\t0\n"
    "count\tunknown\t1\t1\n"
    "count\texempt\t0\t1\n"
    "verdicts\t%s\n"
    "outcome\texceptions\n";

static void
piece(struct result_writer *w, struct str subject, const char *label,
    enum assess_status s, int64_t from, int64_t to, const char *reason,
    const char *evidence, const char *by)
{
	struct judge_piece p = { .from = from, .to = to, .status = s,
		.reason = str_from(reason), .evidence = str_from(evidence),
		.by = str_from(by) };

	result_piece(w, subject, str_from(label), &p);
}

static void
hex_of(const void *p, size_t n, char out[65])
{
	uint8_t h[32];
	BUF_SCOPED b = BUF_INIT;

	crypto_sha256(p, n, h);
	buf_puthex(&b, h, 32);
	memcpy(out, b.ptr, 65);
}

static void
make(struct arena *a, struct procedure *p, struct buf *out)
{
	static const char blind[] = "account was not collected often enough";
	struct judge_hole h = { .table = STR("account"), .from = 150, .to = 160,
		.reason = str_from(blind) };
	struct judge_waiver x = { STR("EX-1"), STR("alice"), 120, 130 };
	struct str alice = STR("alice"), bob = STR("bob");
	struct result_writer w;
	struct err e;

	assert_int_equal(procedure_parse(a, "x-test.sql", str_from(file), p, &e), 0);
	struct result_head head = { .procedure = p, .declarations = "dddd",
		.rules = "rrrr", .time = { .period = true, .from = 100, .to = 200,
			.label = "1970-01-01..1970-01-02", .zone = "UTC" } };
	result_begin(&w, out, &head);
	result_evidence(&w, 7);
	result_reads(&w, STR("account"), STR("login,uid"));
	result_blind(&w, &h);
	result_waiver(&w, &x);
	piece(&w, alice, "Alice\tA", ASSESS_FAIL, 100, 120, "bad", "account:1", "");
	piece(&w, alice, "Alice\tA", ASSESS_EXEMPT, 120, 130, "bad", "account:1",
	    "EX-1");
	piece(&w, alice, "Alice\tA", ASSESS_OK, 130, 200, "", "account:1", "");
	piece(&w, bob, "Bob", ASSESS_OK, 100, 150, "", "", "");
	piece(&w, bob, "Bob", ASSESS_UNKNOWN, 150, 160, blind, "", "");
	result_end(&w);
	result_free(&w);
}

static void
test_bytes(void **state)
{
	static const char verdicts[] =
	    "fail\t100\t120\talice\tAlice\\x09A\tbad\taccount:1\t\n"
	    "exempt\t120\t130\talice\tAlice\\x09A\tbad\taccount:1\tEX-1\n"
	    "ok\t130\t200\talice\tAlice\\x09A\t\taccount:1\t\n"
	    "ok\t100\t150\tbob\tBob\t\t\t\n"
	    "unknown\t150\t160\tbob\tBob\taccount was not collected often enough"
	    "\t\t\n";
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED out = BUF_INIT;
	struct procedure p;
	char hash[65], sum[65];

	(void)state;
	make(&a, &p, &out);
	hex_of(file, sizeof(file) - 1, hash);
	hex_of(verdicts, sizeof(verdicts) - 1, sum);
	assert_string_equal(out.ptr, arena_printf(&a, expected, hash, db_version(),
	    db_source_id(), sum));
}

static void
test_read_back(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED out = BUF_INIT;
	struct assess_result r;
	struct procedure p;
	struct err e;

	(void)state;
	make(&a, &p, &out);
	assert_int_equal(assess_decode(&a, buf_str(&out), &r, &e), 0);
	assert_true(str_is(r.id, "x-test"));
	assert_memory_equal(r.procedure_sha256, p.sha256, 32);
	assert_true(r.time.period);
	assert_string_equal(r.time.label, "1970-01-01..1970-01-02");
	assert_int_equal(r.outcome, ASSESS_EXCEPTIONS);
	assert_int_equal(r.upto, 7);
	assert_int_equal(r.members, 2);
	assert_int_equal(r.subjects[ASSESS_FAIL], 1);
	assert_int_equal(r.subjects[ASSESS_UNKNOWN], 1);
	assert_int_equal(r.intervals[ASSESS_OK], 2);
	assert_int_equal(r.nitems, 3);
	assert_true(str_is(r.items[0].label, "Alice\tA"));
	assert_true(str_is(r.items[1].by, "EX-1"));
	assert_int_equal(r.nblind, 1);
	assert_int_equal(r.ntables, 1);
	/* Every truncation and every line left out is noticed or harmless. */
	for (size_t n = 0; n + 1 < out.len; n++)
		assert_int_equal(assess_decode(&a, (struct str){ out.ptr, n }, &r, &e),
		    -ERR_DAMAGED);
	assert_int_equal(result_decode(&a, buf_str(&out), 1, &r, &e), 0);
	assert_int_equal(r.nitems, 1);
	assert_int_equal(r.items[0].status, ASSESS_FAIL);
	assert_int_equal(result_decode(&a, buf_str(&out), 2, &r, &e), 0);
	assert_int_equal(r.nitems, 2);
	assert_int_equal(r.items[1].status, ASSESS_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_read_back),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
