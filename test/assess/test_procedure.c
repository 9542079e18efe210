/* Procedure files: what a good one becomes, and each way to be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "assess/procedure.h"
#include "base/content.h"

static const char good[] =
    "-- id: x-test\n"
    "-- title: A title\n"
    "-- control: AC-03, GV-12\n"
    "-- kind: state\n"
    "-- mode: both\n"
    "-- tests: Everything\n"
    "--  there is.\n"
    "--\n"
    "-- passes: p\n"
    "-- fails: f\n"
    "-- matters: m\n"
    "-- remediation: r: with a colon\n"
    "-- param zeta text a b: Some text\n"
    "-- param days int -5: Some days\n"
    "-- param none text -: Nothing\n"
    "-- population\n"
    "SELECT 1\n"
    "-- a comment\n"
    "-- verdicts\n"
    "SELECT 2\n";

static void
test_good(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct procedure p;
	struct err e;

	(void)state;
	assert_int_equal(procedure_parse(&a, "d/x-test.sql", STR(""
	    "-- id: x-test\n"), &p, &e), -ERR_INPUT);
	assert_int_equal(procedure_parse(&a, "d/x-test.sql", str_from(good), &p, &e),
	    0);
	assert_true(str_is(p.id, "x-test"));
	assert_true(str_is(p.tests, "Everything there is."));
	assert_true(str_is(p.remediation, "r: with a colon"));
	assert_int_equal(p.ncontrols, 2);
	assert_true(str_is(p.controls[1], "GV-12"));
	assert_int_equal(p.mode, PROCEDURE_BOTH);
	assert_int_equal(p.nparams, 3);
	assert_true(str_is(p.params[0].name, "days"));
	assert_int_equal(p.params[0].i, -5);
	assert_true(str_is(p.params[1].name, "none"));
	assert_int_equal(p.params[1].s.len, 0);
	assert_true(str_is(p.params[2].s, "a b"));
	assert_int_equal(p.population_line, 17);
	assert_int_equal(p.verdicts_line, 20);
	assert_true(str_is(p.population, "SELECT 1\n-- a comment\n"));
	assert_true(str_is(p.verdicts, "SELECT 2\n"));
}

/* ${from} in the good one replaced by ${to} gives ${what} at line ${line}. */
static const struct {
	const char *from, *to, *what;
	int line;
} changes[] = {
	{ "-- id: x-test\n", "", "the first line is \"-- id: ...\"", 1 },
	{ "-- id: x-test", "-- id: X", "an id has lower-case letters, digits and -,"
	    " and begins with a letter", 1 },
	{ "-- id: x-test", "-- id: y-test",
	    "the file of procedure y-test has to be named y-test.sql", 1 },
	{ "-- title: A title\n", "", "the header lacks \"title\"", 1 },
	{ "-- title: A title", "-- title:", "\"title\" is empty", 2 },
	{ "-- title: A title", "-- titel: A title",
	    "\"titel\" is no key of a header", 2 },
	{ "-- title: A title", "-- title: A\n-- title: B",
	    "\"title\" is given twice, first on line 2", 3 },
	{ "-- title: A title", "title: A title", "the header's lines begin with"
	    " \"-- \", up to the line \"-- population\"", 2 },
	{ "-- title: A title", "-- no colon", "a header line is \"-- key: value\"", 2 },
	{ "AC-03, GV-12", "AC-03, ", "\"\" is not the id of a control", 3 },
	{ "-- kind: state", "-- kind: thing",
	    "kind is state or event, not \"thing\"", 4 },
	{ "-- kind: state", "-- kind: event", "events fall into a period: the mode"
	    " of kind event is period", 5 },
	{ "-- mode: both", "-- mode: always",
	    "mode is instant, period or both, not \"always\"", 5 },
	{ "-- mode: both", "-- mode: both\n-- window: 30",
	    "only a procedure of mode period has a window", 6 },
	{ "-- mode: both", "-- mode: period\n-- window: x",
	    "window is a number of days from 1 to 3660, not \"x\"", 6 },
	{ "days int -5", "days int five", "\"five\" is not a whole number", 14 },
	{ "days int -5", "days date 5", "\"date\" is no kind of parameter: int or"
	    " text", 14 },
	{ "days int -5", "at int 5", "\"at\" cannot name a parameter", 14 },
	{ "days int -5", "zeta int 5", "parameter zeta is given twice", 14 },
	{ "days int -5: Some days", "days int -5", "a parameter needs \": \" and a"
	    " sentence after its default", 14 },
	{ "days int -5", "days int", "parameter days needs a kind (int or text) and"
	    " a default", 14 },
	{ "-- population\n", "", "the header's lines begin with \"-- \", up to the"
	    " line \"-- population\"", 16 },
	{ "-- verdicts\n", "", "there is no line \"-- verdicts\"", 20 },
	{ "SELECT 2\n", "\n", "there is no SELECT here", 20 },
	{ "SELECT 1\n-- a comment\n", "", "there is no SELECT here", 17 },
	{ "A title", "A\001title", "a control character (0x01)", 2 },
	{ "A title", "A\xfftitle", "the file is not UTF-8", 1 },
};

static void
test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		ARENA_SCOPED a = ARENA_INIT;
		struct procedure p;
		char where[64];
		struct err e;
		const char *at = strstr(good, changes[i].from);
		assert_non_null(at);
		char *text = arena_printf(&a, "%.*s%s%s", (int)(at - good), good,
		    changes[i].to, at + strlen(changes[i].from));
		assert_int_equal(procedure_parse(&a, "x-test.sql", str_from(text), &p,
		    &e), -ERR_INPUT);
		assert_string_equal(e.what, changes[i].what);
		snprintf(where, sizeof(where), "x-test.sql:%d", changes[i].line);
		assert_string_equal(e.where, where);
	}
}

/* Every procedure of the program names controls that there are. */
static void
test_content(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str controls = content_find("content/controls/controls.tsv");
	struct procedure_set set;
	size_t period = 0;
	struct err e;

	(void)state;
	assert_int_equal(procedure_load(&a, NULL, &set, &e), 0);
	assert_true(set.n >= 26);
	for (size_t i = 0; i < set.n; i++) {
		const struct procedure *p = &set.at[i];
		period += p->mode != PROCEDURE_INSTANT;
		assert_ptr_equal(procedure_find(&set, p->id), p);
		for (size_t k = 0; k < p->ncontrols; k++) {
			char *line = arena_printf(&a, "\n" STR_FMT "\t",
			    STR_ARG(p->controls[k]));
			if (str_find(controls, line) < 0)
				fail_msg(STR_FMT " names no control: " STR_FMT,
				    STR_ARG(p->id), STR_ARG(p->controls[k]));
		}
	}
	assert_true(period >= 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_content),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
