/* The Type 1 report: what it says, and what it may not say. */
#include "report/soc2.h"

#include <unistd.h>

#include "record/workspace.h"
#include "report/html.h"
#include "report/report.h"
#include "sample.h"
#include "sys/file.h"
#include "text/timefmt.h"

static struct str cc61[] = { { "CC6.1", 5 } };
static struct str ac[] = { { "AC-01", 5 }, { "AC-02", 5 } };

static struct soc2_control controls[] = {
	{ .code = { "AC-01", 5 }, .title = { "Access is approved", 18 },
	  .statement = { "Nobody has access without approval.", 35 },
	  .owner = { "Head of security", 16 }, .frequency = { "daily", 5 },
	  .kind = { "Manual", 6 }, .state = { "operating", 9 },
	  .criteria = { cc61, 1 } },
	{ .code = { "AC-02", 5 }, .title = { "Access is removed", 17 },
	  .statement = { "Access ends with the work.", 26 },
	  .owner = { "", 0 }, .state = { "designed", 8 },
	  .criteria = { cc61, 1 } },
};

static struct soc2_criterion criteria[] = {
	{ .code = { "CC6.1", 5 }, .series = { "CC6", 3 },
	  .series_title = { "Access", 6 }, .title = { "Protection", 10 },
	  .intent = { "Known users only.", 17 }, .in_scope = true,
	  .relevant = true, .controls = { ac, 2 } },
	{ .code = { "CC6.4", 5 }, .series = { "CC6", 3 },
	  .series_title = { "Access", 6 }, .title = { "Physical access", 15 },
	  .intent = { "Doors.", 6 }, .in_scope = true, .relevant = true },
	{ .code = { "CC6.5", 5 }, .series = { "CC6", 3 },
	  .series_title = { "Access", 6 }, .title = { "Sanitise", 8 },
	  .intent = { "Media.", 6 }, .in_scope = true, .relevant = false,
	  .decided = true, .reason = { "There are **no** media.", 23 } },
	{ .code = { "A1.1", 4 }, .series = { "A1", 2 },
	  .category = SOC2_AVAILABILITY, .title = { "Capacity", 8 } },
};

static struct soc2_commitment commitments[] = {
	{ .code = { "SC-01", 5 }, .text = { "We keep it safe.", 16 },
	  .category = { "Security", 8 }, .state = { "in_force", 8 } },
};

static struct soc2_component components[] = {
	{ .name = { "Servers", 7 }, .kind = { "infrastructure", 14 },
	  .description = { "Where it runs.", 14 }, .state = { "live", 4 } },
};

static struct soc2_vendor vendors[] = {
	{ .name = { "Hoster", 6 }, .service = { "Machines", 8 },
	  .method = { "carve_out", 9 }, .criteria = { cc61, 1 } },
};

static struct soc2_complement csocs[] = {
	{ .code = { "CSOC-01", 7 }, .text = { "Guards the doors.", 17 },
	  .vendor = { "Hoster", 6 }, .state = { "final", 5 },
	  .criteria = { cc61, 1 }, .controls = { ac, 1 } },
};

static struct soc2_complement cuecs[] = {
	{ .code = { "CUEC-01", 7 }, .text = { "Tells us of leavers.", 20 },
	  .state = { "final", 5 }, .criteria = { cc61, 1 } },
};

static struct soc2_finding findings[] = {
	{ .code = { "F-001", 5 }, .title = { "A door does not close", 21 },
	  .severity = { "high", 4 }, .state = { "open", 4 } },
};

static struct soc2_view
view(void)
{
	struct soc2_view v = { .org = STR("Example Ltd"), .zone = STR("UTC"),
		.as_of = INT64_C(1795478400000000),
		.as_of_day = STR("24 November 2026"),
		.as_of_text = STR("2026-11-24 00:00:00 UTC"),
		.origin = STR("example.org/log"), .size = 7,
		.root = STR("cm9vdA=="), .root_time = STR("earlier"),
		.declarations = STR("abc"), .program = STR("Tickmark") };

	v.sys = (struct soc2_system){ .found = true, .name = STR("The Service"),
		.services = STR("Keeps *things*."), .boundary = STR("The fence."),
		.state = STR("active"), .incidents = STR("None is known."),
		.signer = STR("Pat Example"), .signer_title = STR("Director"),
		.categories = { true } };
#define LIST(name) v.name = name; v.n##name = sizeof(name) / sizeof(name[0])
	LIST(controls); LIST(criteria); LIST(commitments); LIST(components);
	LIST(vendors); LIST(csocs); LIST(cuecs); LIST(findings);
#undef LIST
	return (v);
}

static char *
html(struct arena *a, const struct soc2_view *v, bool swap,
    struct soc2_gaps *gaps)
{
	const struct soc2_options opts = { swap };
	struct err e = { 0 };
	struct doc *d;
	BUF_SCOPED out = BUF_INIT;

	if (soc2_type1(a, v, &opts, &d, gaps, &e) != 0)
		fail_msg("%s: %s", e.what, e.where);
	assert_int_equal(html_write(d, &out, NULL, NULL), 0);
	return (arena_strndup(a, out.ptr, out.len));
}

static void
must(const char *text, const char *wanted)
{
	if (strstr(text, wanted) == NULL)
		fail_msg("'%s' is not in: %.3000s", wanted, text);
}

static bool
has_gap(const struct soc2_gaps *gaps, const char *text)
{
	for (size_t i = 0; i < gaps->n; i++)
		if (str_find(gaps->at[i].text, text) >= 0)
			return (true);
	return (false);
}

static void
test_sections(void **state)
{
	static const char *const order[] = { "What is still missing",
		"<span class=\"number\">Section I</span> Independent service",
		"Left to the independent service auditor", "Signature of the firm",
		"<span class=\"number\">Section II</span> Management",
		"except for these matters", "CC6.4", "F-001 (high, open): A door",
		"Not signed", "Signature of Pat Example",
		"<span class=\"number\">Section III</span> Description of The",
		"id=\"dc1\"", "Keeps <em>things</em>.", "id=\"dc2\"", "SC-01",
		"id=\"dc3\"", "The fence.", "Servers", "id=\"dc4\"",
		"None is known.", "id=\"dc5\"", "id=\"dc6\"", "CUEC-01",
		"id=\"dc7\"", "Hoster", "carve-out", "CSOC-01", "id=\"dc8\"",
		"There are <strong>no</strong> media.",
		"<span class=\"number\">Section IV</span>", "id=\"crit.CC6.1\"",
		"CUEC-01", "CSOC-01", "AC-01", "Nobody has access without approval.",
		"AC-02",
		"id=\"crit.CC6.4\"", "there is no control",
		"id=\"crit.CC6.5\"", "Not relevant to the system",
		"<span class=\"number\">Section V</span>", "example.org/log", NULL };
	ARENA_SCOPED a = ARENA_INIT;
	struct soc2_view v = view();
	struct soc2_gaps gaps;
	char *all = html(&a, &v, false, &gaps);

	(void)state;
	const char *text = strstr(all, "<main");
	assert_non_null(text);
	for (const char *const *w = order; *w != NULL; w++) {
		const char *at = strstr(text, *w);
		if (at == NULL)
			fail_msg("'%s' is not in, or not after what is before it", *w);
		text = at;
	}
	assert_null(strstr(all, "crit.A1.1")); /* its category is not examined */
	/* A Type 1 report has no results, and nobody is certified by one. */
	for (const char *const *w = (const char *const[]){ "exceptions noted",
	    "No exceptions", "ertified", "compliant", "unqualified", "in our opinion",
	    "{{", NULL }; *w != NULL; w++)
		if (strstr(all, *w) != NULL)
			fail_msg("the report says '%s'", *w);
}

static void
test_gaps(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct soc2_view v = view();
	struct soc2_gaps gaps;

	(void)state;
	soc2_gaps_find(&a, &v, &gaps);
	assert_true(has_gap(&gaps, "CC6.4 Physical access has no control"));
	assert_false(has_gap(&gaps, "CC6.5"));
	assert_false(has_gap(&gaps, "A1.1"));
	assert_true(has_gap(&gaps, "No system requirement"));
	assert_true(has_gap(&gaps, "No component of the kind data"));
	assert_false(has_gap(&gaps, "kind infrastructure"));
	assert_true(has_gap(&gaps, "1 control designed but not in place"));
	assert_true(has_gap(&gaps, "1 control without anybody"));
	assert_false(has_gap(&gaps, "still a draft, and"));
	assert_true(has_gap(&gaps, "assertion is not signed"));
	assert_true(has_gap(&gaps, "report is not there"));
	assert_false(has_gap(&gaps, "deviations"));
	controls[0].deviates = true;
	soc2_gaps_find(&a, &v, &gaps);
	assert_true(has_gap(&gaps, "1 control with deviations that management knows of"));
	/* Known, and not asserted away; but no result is printed. */
	char *text = html(&a, &v, false, &gaps);
	must(text, "with deviations that are known, and that have to be described");
	controls[0].deviates = false;
	v.ncsocs = 0;
	soc2_gaps_find(&a, &v, &gaps);
	assert_true(has_gap(&gaps, "that Hoster is assumed to have"));
	criteria[2].decided = false;
	soc2_gaps_find(&a, &v, &gaps);
	assert_true(has_gap(&gaps, "CC6.5 is set aside without an approved"));
	criteria[2].decided = true;
}

/* What is carved out and what is brought in is asserted as it is. */
static void
test_methods(void **state)
{
	static struct soc2_vendor two[] = {
		{ .name = { "Hoster", 6 }, .method = { "carve_out", 9 } },
		{ .name = { "Desk", 4 }, .method = { "inclusive", 9 },
		  .state = { "proposed", 8 } },
	};
	static const char out[] = "leaves out the controls of Hoster,",
			  in[] = "run by Desk, with their controls";
	ARENA_SCOPED a = ARENA_INIT;
	struct soc2_view v = view();
	struct soc2_gaps gaps;

	(void)state;
	for (int i = 0; i < 3; i++) {
		v.vendors = i == 1 ? two + 1 : two;
		v.nvendors = i == 2 ? 2 : 1;
		char *text = html(&a, &v, false, &gaps);
		assert_int_equal(strstr(text, out) != NULL, i != 1);
		assert_int_equal(strstr(text, in) != NULL, i != 0);
		assert_int_equal(has_gap(&gaps, "Desk is included"), i != 0);
		assert_int_equal(has_gap(&gaps, "Desk is proposed"), i != 0);
	}
}

static void
test_order(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct soc2_view v = view();
	struct soc2_gaps gaps;
	char *text = html(&a, &v, true, &gaps);

	(void)state;
	must(text, "<span class=\"number\">Section I</span> Management");
	must(text, "<span class=\"number\">Section II</span> Independent");
}

static void
test_nothing(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct soc2_view v = { .org = STR("Example <b>Ltd</b>"),
		.as_of_day = STR("day"), .as_of_text = STR("time") };
	struct soc2_gaps gaps;
	char *text = html(&a, &v, false, &gaps);

	(void)state;
	assert_true(gaps.n >= 10);
	must(text, "No system is described");
	must(text, "Nothing is recorded about incidents");
	must(text, "Example &lt;b&gt;Ltd&lt;/b&gt;");
	must(text, "not chosen yet");
	assert_null(strstr(text, "<b>"));
}

static void
test_hostile_records(void **state)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct soc2_view v = view();
	struct soc2_gaps gaps;
	struct soc2_control twins[2] = { controls[0], controls[0] };

	(void)state;
	v.controls = twins; /* the same code twice */
	v.org = STR("{{system}} *x* <script>alert(1)</script>");
	twins[0].statement = STR("<script>alert(2)</script> [x](javascript:y)");
	char *text = html(&a, &v, false, &gaps);
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "href=\"javascript"));
	must(text, "{{system}} *x* &lt;script&gt;"); /* text, not a template */
}

static void
remove_workspace(const char *dir)
{
	file_remove_tree(dir, NULL);
}

static void
test_workspace(void **state)
{
	struct workspace_spec spec = { .org = "Example Ltd", .demo = true,
		.zone = "Europe/Berlin" };
	char dir[] = "/tmp/tm_soc2_XXXXXX";
	ARENA_SCOPED a = ARENA_INIT;
	struct workspace *ws;
	struct soc2_view v;
	struct err e = { 0 };
	int64_t now;

	(void)state;
	assert_non_null(mkdtemp(dir));
	if (workspace_create(dir, &spec, &ws, &e) != 0)
		fail_msg("%s: %s", e.what, e.where);
	assert_int_equal(time_parse(STR("2100-01-01T00:00:00Z"), &now, &e), 0);
	if (soc2_view_load(&a, ws, NULL, now, &v, &e) != 0)
		fail_msg("%s: %s", e.what, e.where);
	assert_int_equal(v.ncriteria, 61);
	assert_true(str_is(v.criteria[0].code, "CC1.1"));
	assert_true(str_is(v.criteria[60].code, "P8.1"));
	assert_true(v.ncontrols > 100);
	assert_true(str_is(v.as_of_day, "1 January 2100"));
	assert_false(v.sys.found);
	for (size_t i = 0; i < v.ncriteria; i++)
		assert_true(v.criteria[i].drafts.n > 0);
	/* Of a day before anything was recorded: the criteria are what they
	 * are, no control is claimed, and each criterion lacks one. */
	assert_int_equal(soc2_view_load(&a, ws, NULL, 0, &v, &e), 0);
	assert_int_equal(v.ncriteria, 61);
	assert_int_equal(v.ncontrols, 0);
	struct soc2_gaps gaps;
	soc2_gaps_find(&a, &v, &gaps);
	assert_true(gaps.n > 33);
	struct report_spec r = { .ws = ws, .type = REPORT_TYPE2, .as_of = now };
	char *path = arena_printf(&a, "%s/reports/x.html", dir);
	assert_int_equal(report_write(&r, path, NULL, &e), -ERR_USAGE);
	r.type = REPORT_TYPE1;
	assert_int_equal(file_mkdirs(arena_printf(&a, "%s/reports", dir), 0700,
	    &e), 0);
	struct report_result result;
	if (report_write(&r, path, &result, &e) != 0)
		fail_msg("%s: %s", e.what, e.where);
	assert_true(result.draft);
	assert_true(result.gaps > 5);
	assert_true(file_exists(path));
	workspace_close(ws);
	remove_workspace(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_hostile_records),
		cmocka_unit_test(test_workspace),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
