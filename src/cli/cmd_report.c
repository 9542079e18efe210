/* tickmark report: write a report from the workspace. */
#include "cli/commands.h"
#include "cli/session.h"
#include "report/report.h"

static int
run(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct session_when w;
	struct report_result res = { 0 };
	const char *type = cli_opt(c, "type"), *out = cli_opt(c, "o");
	struct report_spec spec = {
		.assertion_first = cli_opt(c, "assertion-first") != NULL };

	if (type == NULL)
		return (err_set(e, ERR_USAGE, "--type", "give --type 1",
		    "the type of report is not given"));
	if (strcmp(type, "1") != 0 && strcmp(type, "2") != 0)
		return (err_set(e, ERR_USAGE, type, "give --type 1",
		    "there is no such type of report"));
	if (out == NULL)
		return (err_set(e, ERR_USAGE, "-o", "give -o report.pdf or "
		    "-o report.html", "no file to write to was given"));
	spec.type = type[0] == '1' ? REPORT_TYPE1 : REPORT_TYPE2;
	/* A wrong ending is known before any work. */
	const struct report_writer *writer;
	int r = report_writer(out, &writer, e);
	if (r == 0)
		r = session_open(c, SESSION_READ, &s, e);
	if (r == 0)
		r = session_when(c, &s, &w, e);
	if (r == 0)
		r = session_assess(&s, e);
	if (r != 0)
		return (r);
	spec.ws = s.ws;
	spec.as = s.as;
	spec.as_of = w.at;
	r = report_write(&spec, out, &res, e);
	if (r != 0)
		return (r);
	cli_progress_off();
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "file", val_text(c->arena, out));
		val_put(c->arena, m, "draft", val_bool(c->arena, res.draft));
		val_put(c->arena, m, "gaps", val_int(c->arena, res.gaps));
		val_put(c->arena, m, "pages", val_int(c->arena, res.pages));
		val_put(c->arena, m, "bytes", val_int(c->arena, (int64_t)res.bytes));
		val_put(c->arena, m, "missing_characters",
		    val_int(c->arena, res.missing_glyphs));
		cli_print_json(c, m);
		return (0);
	}
	printf("wrote %s, %zu bytes", out, res.bytes);
	if (res.pages != 0)
		printf(", %d pages", res.pages);
	printf(", %s\n", w.label);
	if (res.draft)
		printf("a draft: %d %s missing before it can be issued; they are "
		       "listed in it\n", res.gaps,
		    res.gaps == 1 ? "thing is" : "things are");
	if (res.missing_glyphs != 0)
		printf("%d characters are in no embedded font and show as boxes\n",
		    res.missing_glyphs);
	return (0);
}

static const struct cli_opt opts[] = {
	{ "type", OPT_TEXT, "1", "type of the SOC 2 report" },
	{ "as-of", OPT_TEXT, "DATE", "the date it speaks of (today)" },
	{ "o", OPT_SHORT, "FILE", "file to write: .pdf or .html" },
	{ "assertion-first", OPT_FLAG, NULL, "management's assertion as Section I" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_report = {
	"report", "DIR --type 1 [--as-of DATE] -o FILE",
	"write the SOC 2 report as PDF or HTML",
	"Composes the Type 1 report from the records as of a date: the description by\n"
	"its criteria, the controls by criterion, management's assertion to sign, and\n"
	"the form of the auditor's section, which stays the auditor's. What is\n"
	"missing is listed, and until nothing is, every page says DRAFT.\n"
	"\n"
	"  tickmark report work --type 1 --as-of 2026-03-31 -o report.pdf",
	1, 1, opts, run, false,
};
