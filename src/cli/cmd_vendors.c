/* tickmark vendors: what vendors' reports cover of our period. */
#include "cli/commands.h"
#include "cli/session.h"
#include "program/said.h"
#include "program/vendors.h"
#include "text/csv.h"
#include "text/date.h"

static const char *
text_of(struct cli *c, const struct session *s, const struct record *r,
    size_t field)
{
	struct str t = r == NULL ? STR("") : record_text(&s->ws->records,
	    c->arena, r, field);

	return (cli_text(c, t));
}

static const char *
day_text(struct cli *c, int64_t day)
{
	char s[DATE_SIZE];

	return (day < 0 ? "" : arena_strdup(c->arena, date_print(day, s)));
}

static const char *
number(struct cli *c, int64_t n)
{
	return (arena_printf(c->arena, "%lld", (long long)n));
}

static const char *
gaps_text(struct cli *c, const struct vendors_line *l)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < l->gaps.n; i++)
		buf_printf(&b, "%s%s..%s", i == 0 ? "" : " ",
		    day_text(c, l->gaps.at[i].first),
		    day_text(c, l->gaps.at[i].last));
	return (arena_strndup(c->arena, b.ptr != NULL ? b.ptr : "", b.len));
}

static const char *
cuecs_text(struct cli *c, const struct vendors_line *l)
{
	return (l->cuecs == 0 ? "" : l->cuecs_open == 0 ? arena_printf(c->arena,
	    "%zu mapped", l->cuecs) : arena_printf(c->arena, "%zu of %zu open",
	    l->cuecs_open, l->cuecs));
}

static void
print_table(struct cli *c, struct session *s, const struct vendors *x)
{
	struct cli_table *t;

	if (x->n == 0) {
		printf("No vendors yet. Record the first one:\n"
		    "  tickmark record %s vendor put \"name=Cloud host\" tier=high\n",
		    cli_word(c, c->arg[0]));
		return;
	}
	printf("Our period: %s to %s, %lld days. %zu vendor%s, a report of %zu is "
	    "needed\n(subservice organisations, and tiers high and critical): %zu "
	    "of them leave days\nopen. %zu assessment%s late, %zu of the controls "
	    "that vendors expect of us open.\n\n", day_text(c, x->first),
	    day_text(c, x->last), (long long)(x->last - x->first + 1), x->n,
	    x->n == 1 ? "" : "s", x->needed, x->gapped, x->late,
	    x->late == 1 ? "" : "s", x->cuecs_open);
	t = cli_table(c, 9, "vendor", "tier", "state", "by report", "by letter",
	    "open", "expected of us", "next look", "open days");
	for (size_t i = 0; i < x->n; i++) {
		const struct vendors_line *l = &x->at[i];
		cli_row(t, text_of(c, s, l->vendor, F_VENDOR_NAME),
		    text_of(c, s, l->vendor, F_VENDOR_TIER),
		    text_of(c, s, l->vendor, F_VENDOR_STATE),
		    number(c, l->by_report), number(c, l->by_letter),
		    l->needed ? number(c, l->open) : "not needed",
		    cuecs_text(c, l), l->late && l->next_on < 0 ?
		    "none was reviewed" : arena_printf(c->arena, "%s%s",
		    day_text(c, l->next_on), l->late ? ", late" : ""),
		    l->needed ? gaps_text(c, l) : "");
		if (l->needed && l->open > 0)
			cli_tint(t, 5, TONE_WARN);
		if (l->late)
			cli_tint(t, 7, TONE_WARN);
	}
	cli_table_print(t);
}

static struct val *
json_one(struct cli *c, struct session *s, const struct vendors_line *l)
{
	struct arena *a = c->arena;
	struct val *m = val_map(a), *gaps = val_list(a);

	val_put(a, m, "vendor", val_text(a, text_of(c, s, l->vendor,
	    F_VENDOR_NAME)));
	val_put(a, m, "tier", val_text(a, text_of(c, s, l->vendor,
	    F_VENDOR_TIER)));
	val_put(a, m, "state", val_text(a, text_of(c, s, l->vendor,
	    F_VENDOR_STATE)));
	val_put(a, m, "report_needed", val_bool(a, l->needed));
	val_put(a, m, "latest_assessment", l->latest == NULL ? val_null(a) :
	    val_text(a, text_of(c, s, l->latest, F_VENDOR_ASSESSMENT_CODE)));
	val_put(a, m, "days_by_report", val_int(a, l->by_report));
	val_put(a, m, "days_by_letter", val_int(a, l->by_letter));
	val_put(a, m, "days_open", val_int(a, l->open));
	for (size_t i = 0; i < l->gaps.n; i++) {
		struct val *g = val_map(a);
		val_put(a, g, "first", val_text(a, day_text(c,
		    l->gaps.at[i].first)));
		val_put(a, g, "last", val_text(a, day_text(c,
		    l->gaps.at[i].last)));
		val_push(a, gaps, g);
	}
	val_put(a, m, "gaps", gaps);
	val_put(a, m, "cuecs", val_int(a, (int64_t)l->cuecs));
	val_put(a, m, "cuecs_open", val_int(a, (int64_t)l->cuecs_open));
	val_put(a, m, "next_on", l->next_on < 0 ? val_null(a) : val_text(a,
	    day_text(c, l->next_on)));
	val_put(a, m, "late", val_bool(a, l->late));
	return (m);
}

static void
print_json(struct cli *c, struct session *s, const struct vendors *x)
{
	struct arena *a = c->arena;
	struct val *m = val_map(a), *list = val_list(a);

	val_put(a, m, "first_day", val_text(a, day_text(c, x->first)));
	val_put(a, m, "last_day", val_text(a, day_text(c, x->last)));
	val_put(a, m, "with_open_days", val_int(a, (int64_t)x->gapped));
	val_put(a, m, "late", val_int(a, (int64_t)x->late));
	val_put(a, m, "cuecs_open", val_int(a, (int64_t)x->cuecs_open));
	for (size_t i = 0; i < x->n; i++)
		val_push(a, list, json_one(c, s, &x->at[i]));
	val_put(a, m, "vendors", list);
	cli_print_json(c, m);
}

static void
print_csv(struct cli *c, struct session *s, const struct vendors *x)
{
	static const char *const titles[] = { "vendor", "tier", "state",
		"report_needed", "days_by_report", "days_by_letter", "days_open",
		"open_days", "cuecs", "cuecs_open", "next_on", "late" };
	BUF_SCOPED out = BUF_INIT;
	struct csv_writer w = CSV_WRITER(&out);

	w.guard = true;
	csv_puttitles(&w, titles, sizeof(titles) / sizeof(titles[0]));
	for (size_t i = 0; i < x->n; i++) {
		const struct vendors_line *l = &x->at[i];
		csv_puttext(&w, text_of(c, s, l->vendor, F_VENDOR_NAME));
		csv_puttext(&w, text_of(c, s, l->vendor, F_VENDOR_TIER));
		csv_puttext(&w, text_of(c, s, l->vendor, F_VENDOR_STATE));
		csv_puttext(&w, l->needed ? "yes" : "no");
		csv_putint(&w, l->by_report);
		csv_putint(&w, l->by_letter);
		csv_putint(&w, l->open);
		csv_puttext(&w, gaps_text(c, l));
		csv_putint(&w, (int64_t)l->cuecs);
		csv_putint(&w, (int64_t)l->cuecs_open);
		csv_puttext(&w, day_text(c, l->next_on));
		csv_puttext(&w, l->late ? "yes" : "no");
		csv_endrow(&w);
	}
	fwrite(out.ptr, 1, out.len, stdout);
}

static int
run_vendors(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct session_when w;
	struct vendors x;
	int64_t first = 0, last = 0, today = 0;
	int r = session_open(c, SESSION_READ, &s, e);

	if (r == 0)
		r = session_when(c, &s, &w, e);
	if (r != 0)
		return (r);
	today = zone_day(s.zone, said_now(&s.ws->records));
	if (w.period) {
		first = zone_day(s.zone, w.from);
		last = zone_day(s.zone, w.to - 1);
	} else {
		r = vendors_period(&s.ws->records, c->arena, today, &first, &last,
		    e);
	}
	if (r == 0)
		r = vendors_read(&s.ws->records, c->arena, first, last, today,
		    cli_opt(c, "ended") != NULL, &x, e);
	if (r != 0)
		return (r);
	if (c->json)
		print_json(c, &s, &x);
	else if (cli_opt(c, "csv") != NULL)
		print_csv(c, &s, &x);
	else
		print_table(c, &s, &x);
	return (0);
}

static const struct cli_opt opts[] = {
	{ "period", OPT_TEXT, "A..B", "our period; else that of the engagement "
	    "under way, or the last year" },
	{ "ended", OPT_FLAG, NULL, "those that are ended as well" },
	{ "csv", OPT_FLAG, NULL, "print as CSV" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_vendors = {
	"vendors", "DIR [--period A..B] [--ended] [--csv]",
	"what vendors' reports cover of our period, and the days left open",
	"For each vendor, of the days of our period: how many a reviewed report\n"
	"covers, how many a bridge letter carries over (three months after a report\n"
	"at most), and which nobody vouches for; how many of the controls that its\n"
	"report expects of us are still to be mapped; and when it is looked at next.\n"
	"Only assessments that were reviewed count, and not an unsatisfactory one.\n"
	"\n"
	"  tickmark vendors work --period 2026-01-01..2026-12-31\n"
	"  tickmark record work vendor_assessment fields\n"
	"  tickmark record work vendor_cuec list state=open",
	1, 1, opts, run_vendors, false,
};
