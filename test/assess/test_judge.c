/* The partition of a population: gaps, overlaps, blindness, exceptions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "assess/judge.h"

struct seen {
	struct buf text;
};

static void
emit(void *ctx, struct str subject, struct str label,
    const struct judge_piece *p)
{
	struct seen *s = ctx;

	(void)label;
	buf_printf(&s->text, STR_FMT " %s %lld-%lld", STR_ARG(subject),
	    assess_status_name(p->status), (long long)p->from, (long long)p->to);
	if (p->reason.len > 0)
		buf_printf(&s->text, " (" STR_FMT ")", STR_ARG(p->reason));
	if (p->by.len > 0)
		buf_printf(&s->text, " by " STR_FMT, STR_ARG(p->by));
	buf_puts(&s->text, "; ");
}

static struct judge j;
static struct err e;

static void
begin(int64_t from, int64_t to)
{
	judge_init(&j, from, to, "p.sql:10", "p.sql:20");
	memset(&e, 0, sizeof(e));
}

static void
member(const char *subject, const char *source, int64_t from, int64_t to)
{
	assert_int_equal(judge_member(&j, str_from(subject), str_from(subject),
	    str_from(source), from, to, &e), 0);
}

static void
verdict(const char *subject, const char *status, const char *reason,
    int64_t from, int64_t to)
{
	assert_int_equal(judge_verdict(&j, str_from(subject), str_from(status),
	    str_from(reason), from, to, STR(""), &e), 0);
}

static void
hole(const char *table, const char *source, const char *subject, bool own,
    int64_t from, int64_t to, const char *reason)
{
	struct judge_hole h = { str_from(table), str_from(source),
		str_from(subject), own, from, to, str_from(reason) };

	judge_blind(&j, &h);
}

static void
gives(const char *expected)
{
	struct seen s = { BUF_INIT };

	buf_puts(&s.text, "");
	assert_int_equal(judge_run(&j, emit, &s, &e), 0);
	assert_string_equal(s.text.ptr, expected);
	buf_free(&s.text);
	judge_free(&j);
}

static void
wrong(const char *what)
{
	struct seen s = { BUF_INIT };

	assert_int_equal(judge_run(&j, emit, &s, &e), -ERR_INPUT);
	assert_string_equal(e.what, what);
	buf_free(&s.text);
	judge_free(&j);
}

static void
test_nobody(void **state)
{
	(void)state;
	begin(0, 100);
	gives("");
}

static void
test_order_and_merge(void **state)
{
	(void)state;
	begin(0, 100);
	member("b", "", 0, 100);
	member("a", "", 0, 50);
	member("a", "", 50, 100);
	verdict("b", "fail", "bad", 40, 100);
	verdict("a", "ok", "", 50, 100);
	verdict("a", "ok", "", 0, 50);
	verdict("b", "ok", "", 0, 40);
	gives("a ok 0-100; b ok 0-40; b fail 40-100 (bad); ");
}

static void
test_reason_keeps_apart(void **state)
{
	(void)state;
	begin(0, 10);
	member("a", "", 0, 10);
	verdict("a", "fail", "one", 0, 5);
	verdict("a", "fail", "two", 5, 10);
	gives("a fail 0-5 (one); a fail 5-10 (two); ");
}

static void
test_gap_is_unknown(void **state)
{
	(void)state;
	begin(0, 100);
	member("a", "", 10, 90);
	verdict("a", "ok", "", 20, 30);
	verdict("a", "na", "", 40, 80);
	member("c", "", 0, 1);
	gives("a unknown 10-20 (the procedure gave no verdict); a ok 20-30; "
	    "a unknown 30-40 (the procedure gave no verdict); a na 40-80; "
	    "a unknown 80-90 (the procedure gave no verdict); "
	    "c unknown 0-1 (the procedure gave no verdict); ");
}

static void
test_two_stretches(void **state)
{
	(void)state;
	begin(0, 100);
	member("a", "", 60, 80);
	member("a", "", 0, 20);
	verdict("a", "ok", "", 60, 80);
	verdict("a", "fail", "", 0, 20);
	gives("a fail 0-20; a ok 60-80; ");
}

static void
test_overlaps(void **state)
{
	(void)state;
	begin(0, 100);
	member("a", "", 0, 100);
	verdict("a", "ok", "", 0, 51);
	verdict("a", "fail", "", 50, 100);
	wrong("verdicts overlap for subject \"a\": ok from 1970-01-01T00:00:00Z to "
	      "1970-01-01T00:00:00.000051Z, fail from 1970-01-01T00:00:00.000050Z "
	      "to 1970-01-01T00:00:00.000100Z");
	assert_string_equal(e.where, "p.sql:20");
	begin(0, 100);
	member("a", "", 0, 60);
	member("a", "", 59, 100);
	wrong("the population has overlapping intervals for subject \"a\": from "
	      "1970-01-01T00:00:00.000059Z to 1970-01-01T00:00:00.000100Z");
	assert_string_equal(e.where, "p.sql:10");
	begin(0, 100);
	member("a", "", 0, 60);
	member("a", "", 0, 60);
	wrong("the population has overlapping intervals for subject \"a\": from "
	      "1970-01-01T00:00:00Z to 1970-01-01T00:00:00.000060Z");
}

static void
test_outside(void **state)
{
	(void)state;
	begin(0, 100);
	member("a", "", 0, 20);
	member("a", "", 60, 80);
	verdict("a", "ok", "", 0, 20);
	verdict("a", "ok", "", 30, 40);
	wrong("a verdict outside the population's time for subject \"a\": from "
	      "1970-01-01T00:00:00.000030Z to 1970-01-01T00:00:00.000040Z");
	begin(0, 100);
	member("a", "", 0, 20);
	verdict("a", "ok", "", 10, 21);
	wrong("a verdict outside the population's time for subject \"a\": from "
	      "1970-01-01T00:00:00.000010Z to 1970-01-01T00:00:00.000021Z");
	begin(0, 100);
	member("a", "", 0, 20);
	verdict("a", "ok", "", 20, 30);
	wrong("a verdict outside the population's time for subject \"a\": from "
	      "1970-01-01T00:00:00.000020Z to 1970-01-01T00:00:00.000030Z");
	begin(10, 100);
	assert_int_equal(judge_member(&j, STR("a"), STR(""), STR(""), 9, 20, &e),
	    -ERR_INPUT);
	judge_free(&j);
}

static void
test_bad_rows(void **state)
{
	(void)state;
	begin(0, 100);
	member("a", "", 0, 20);
	assert_int_equal(judge_verdict(&j, STR("z"), STR("ok"), STR(""), 0, 1,
	    STR(""), &e), -ERR_INPUT);
	assert_string_equal(e.what,
	    "a verdict for \"z\", who is not in the population");
	assert_int_equal(judge_verdict(&j, STR("a"), STR("fine"), STR(""), 0, 1,
	    STR(""), &e), -ERR_INPUT);
	assert_string_equal(e.what, "\"fine\" is no verdict (for subject \"a\")");
	assert_int_equal(judge_verdict(&j, STR("a"), STR("exempt"), STR(""), 0, 1,
	    STR(""), &e), -ERR_INPUT);
	assert_int_equal(judge_verdict(&j, STR("a"), STR("ok"), STR(""), 5, 5,
	    STR(""), &e), -ERR_INPUT);
	assert_int_equal(judge_verdict(&j, STR("a"), STR("ok"), STR("\xff"), 0, 5,
	    STR(""), &e), -ERR_INPUT);
	assert_int_equal(judge_member(&j, STR(""), STR(""), STR(""), 0, 5, &e),
	    -ERR_INPUT);
	assert_int_equal(judge_member(&j, STR("a"), STR(""), STR("s"), 50, 60, &e),
	    -ERR_INPUT);
	judge_free(&j);
}

static void
test_blind(void **state)
{
	(void)state;
	/* ok and na become unknown, fail stays, unknown keeps its reason. */
	begin(0, 100);
	member("a", "", 0, 100);
	verdict("a", "ok", "", 0, 30);
	verdict("a", "fail", "bad", 30, 60);
	verdict("a", "na", "", 60, 90);
	verdict("a", "unknown", "why", 90, 100);
	hole("t", "", "", false, 20, 70, "gone");
	hole("t", "", "", false, 85, 100, "gone");
	gives("a ok 0-20; a unknown 20-30 (gone); a fail 30-60 (bad); "
	    "a unknown 60-70 (gone); a na 70-85; a unknown 85-90 (gone); "
	    "a unknown 90-100 (why); ");
}

static void
test_blind_by_source(void **state)
{
	(void)state;
	begin(0, 100);
	member("a", "h1", 0, 100);
	member("b", "h2", 0, 100);
	member("c", "", 0, 100);
	verdict("a", "ok", "", 0, 100);
	verdict("b", "ok", "", 0, 100);
	verdict("c", "ok", "", 0, 100);
	judge_source(&j, STR("t"), STR("h1"));
	judge_source(&j, STR("t"), STR("h2"));
	judge_source(&j, STR("u"), STR("hr"));
	hole("t", "", "", false, 10, 20, "t blind");
	hole("t", "h1", "", true, 10, 20, "t of h1 blind");
	hole("u", "", "", false, 50, 60, "u blind");
	hole("u", "hr", "", true, 50, 60, "u of hr blind");
	gives("a ok 0-10; a unknown 10-20 (t of h1 blind); a ok 20-50; "
	    "a unknown 50-60 (u blind); a ok 60-100; "
	    "b ok 0-50; b unknown 50-60 (u blind); b ok 60-100; "
	    "c ok 0-10; c unknown 10-20 (t blind); c ok 20-50; "
	    "c unknown 50-60 (u blind); c ok 60-100; ");
}

static void
test_blind_member(void **state)
{
	(void)state;
	begin(0, 100);
	member("a", "h1", 0, 100);
	member("b", "h1", 0, 100);
	verdict("a", "ok", "", 0, 100);
	verdict("b", "ok", "", 0, 100);
	judge_source(&j, STR("t"), STR("h1"));
	hole("t", "h1", "b", false, 40, 50, "x of t");
	hole("t", "h1", "b", false, 45, 60, "x of t");
	hole("t", "h1", "b", false, 30, 45, "y of t");
	gives("a ok 0-100; b ok 0-30; b unknown 30-45 (y of t); "
	    "b unknown 45-60 (x of t); b ok 60-100; ");
}

static void
test_blind_layers(void **state)
{
	(void)state;
	begin(0, 100);
	member("a", "", 0, 100);
	verdict("a", "ok", "", 0, 100);
	hole("t", "", "", false, 10, 30, "t");
	hole("t", "", "", false, 50, 70, "t");
	hole("u", "", "", false, 0, 15, "u");
	hole("u", "", "", false, 20, 60, "u");
	hole("u", "", "", false, 65, 90, "u");
	gives("a unknown 0-10 (u); a unknown 10-30 (t); a unknown 30-50 (u); "
	    "a unknown 50-70 (t); a unknown 70-90 (u); a ok 90-100; ");
}

static void
test_exempt(void **state)
{
	struct judge_waiver w1 = { STR("EX-1"), STR("a"), 10, 40 };
	struct judge_waiver w2 = { STR("EX-2"), STR(""), 30, 60 };

	(void)state;
	begin(0, 100);
	member("a", "", 0, 100);
	member("b", "", 0, 100);
	verdict("a", "fail", "bad", 0, 50);
	verdict("a", "ok", "", 50, 100);
	verdict("b", "fail", "bad", 0, 100);
	judge_exempt(&j, &w2);
	judge_exempt(&j, &w1);
	gives("a fail 0-10 (bad); a exempt 10-40 (bad) by EX-1; "
	    "a exempt 40-50 (bad) by EX-2; a ok 50-100; "
	    "b fail 0-30 (bad); b exempt 30-60 (bad) by EX-2; "
	    "b fail 60-100 (bad); ");
}

static void
test_boundaries(void **state)
{
	(void)state;
	/* An instant is one microsecond; touching is not overlapping. */
	begin(5, 6);
	member("a", "", 5, 6);
	verdict("a", "ok", "", 5, 6);
	hole("t", "", "", false, 6, 7, "after");
	hole("t", "", "", false, 4, 5, "before");
	gives("a ok 5-6; ");
	begin(5, 6);
	member("a", "", 5, 6);
	verdict("a", "ok", "", 5, 6);
	hole("t", "", "", false, 5, 6, "then");
	gives("a unknown 5-6 (then); ");
}

/* Many members, verdicts in another order: the same as in order. */
static void
test_many(void **state)
{
	struct seen s1 = { BUF_INIT }, s2 = { BUF_INIT };
	char name[16];

	(void)state;
	for (int pass = 0; pass < 2; pass++) {
		begin(0, 1000);
		for (int i = 0; i < 5000; i++) {
			snprintf(name, sizeof(name), "m%05d",
			    pass ? (i * 3701) % 5000 : i);
			member(name, i % 2 ? "x" : "x", 0, 1000);
		}
		for (int i = 0; i < 5000; i++) {
			int k = pass ? (i * 1013) % 5000 : i;
			snprintf(name, sizeof(name), "m%05d", k);
			verdict(name, k % 7 ? "ok" : "fail", "", 0, 500);
			verdict(name, "ok", "", 500, 1000);
		}
		assert_int_equal(judge_run(&j, emit, pass ? &s2 : &s1, &e), 0);
		judge_free(&j);
	}
	assert_string_equal(s1.text.ptr, s2.text.ptr);
	buf_free(&s1.text);
	buf_free(&s2.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_order_and_merge),
		cmocka_unit_test(test_reason_keeps_apart),
		cmocka_unit_test(test_gap_is_unknown),
		cmocka_unit_test(test_two_stretches),
		cmocka_unit_test(test_overlaps),
		cmocka_unit_test(test_outside),
		cmocka_unit_test(test_bad_rows),
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_blind_by_source),
		cmocka_unit_test(test_blind_member),
		cmocka_unit_test(test_blind_layers),
		cmocka_unit_test(test_exempt),
		cmocka_unit_test(test_boundaries),
		cmocka_unit_test(test_many),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
