/* tickmark risks: the risk register with its matrix. */
#include "cli/commands.h"
#include "cli/session.h"
#include "program/risks.h"
#include "program/said.h"
#include "text/csv.h"
#include "text/date.h"

static const char *
score_text(struct cli *c, int score)
{
	return (score == 0 ? "" : arena_printf(c->arena, "%d", score));
}

static const char *
text_of(struct cli *c, const struct session *s, const struct record *r,
    size_t field)
{
	struct str t = record_text(&s->ws->records, c->arena, r, field);

	return (cli_text(c, t));
}

static const char *
need_text(struct cli *c, const struct risks_line *l)
{
	char day[DATE_SIZE];

	if (l->since == INT64_MAX)
		return (risks_need_words(l->need));
	return (arena_printf(c->arena, "%s since %s", risks_need_words(l->need),
	    date_print(l->since, day)));
}

/* --- the matrix ------------------------------------------------------------- */

static enum cli_tone
tone_of(int likelihood, int impact)
{
	int score = likelihood * impact;

	return (score >= 15 ? TONE_BAD : score >= 8 ? TONE_WARN : TONE_GOOD);
}

static void
print_cells(const struct cli *c, const size_t row[RISKS_SCALE], int likelihood)
{
	for (int i = 1; i <= RISKS_SCALE; i++)
		if (row[i - 1] == 0)
			printf("   .");
		else
			printf("%s%4zu%s", cli_tone(c, tone_of(likelihood, i)),
			    row[i - 1], c->color ? "\033[0m" : "");
}

static void
print_matrix(const struct cli *c, const struct risks *x)
{
	printf("%-12s%-20s    %s\n", "likelihood", "inherent", "residual");
	for (int l = RISKS_SCALE; l >= 1; l--) {
		printf("%-10d", l);
		print_cells(c, x->inherent[l - 1], l);
		printf("    ");
		print_cells(c, x->residual[l - 1], l);
		printf("\n");
	}
	printf("%-10s   1   2   3   4   5       1   2   3   4   5\n", "impact");
	if (x->unrated + x->unrated_residual > 0)
		printf("not rated: %zu inherent, %zu residual\n", x->unrated,
		    x->unrated_residual);
}

static void
print_table(struct cli *c, struct session *s, const struct risks *x)
{
	struct cli_table *t;

	if (x->n == 0) {
		printf("No risks yet. Record the first one:\n"
		    "  tickmark record %s risk put code=R-001 statement=\"...\" "
		    "category=security\n", cli_word(c, c->arg[0]));
		return;
	}
	print_matrix(c, x);
	printf("\n%zu risk%s, %zu of fraud, %zu need%s somebody\n\n", x->n,
	    x->n == 1 ? "" : "s", x->fraud, x->needing,
	    x->needing == 1 ? "s" : "");
	t = cli_table(c, 7, "risk", "inherent", "residual", "state", "owner",
	    "statement", "needs");
	for (size_t i = 0; i < x->n; i++) {
		const struct risks_line *l = &x->at[i];
		cli_row(t, text_of(c, s, l->risk, F_RISK_CODE),
		    score_text(c, l->inherent), score_text(c, l->residual),
		    text_of(c, s, l->risk, F_RISK_STATE),
		    text_of(c, s, l->risk, F_RISK_OWNER),
		    text_of(c, s, l->risk, F_RISK_STATEMENT), need_text(c, l));
		if (l->need != RISKS_NOTHING)
			cli_tint(t, 6, TONE_WARN);
	}
	cli_table_print(t);
}

/* --- for programs -------------------------------------------------------------- */

static struct val *
json_matrix(struct arena *a, const size_t m[RISKS_SCALE][RISKS_SCALE])
{
	struct val *rows = val_list(a);

	for (int l = 0; l < RISKS_SCALE; l++) {
		struct val *row = val_list(a);
		for (int i = 0; i < RISKS_SCALE; i++)
			val_push(a, row, val_int(a, (int64_t)m[l][i]));
		val_push(a, rows, row);
	}
	return (rows);
}

static void
print_json(struct cli *c, struct session *s, const struct risks *x)
{
	static const uint16_t fields[] = { F_RISK_CODE, F_RISK_STATEMENT,
		F_RISK_CATEGORY, F_RISK_STATE, F_RISK_OWNER, F_RISK_RESPONSE,
		F_RISK_DUE_ON, F_RISK_REVIEW_ON, F_RISK_ACCEPTED_UNTIL };
	struct arena *a = c->arena;
	struct val *m = val_map(a), *list = val_list(a);

	val_put(a, m, "inherent", json_matrix(a, x->inherent));
	val_put(a, m, "residual", json_matrix(a, x->residual));
	val_put(a, m, "unrated", val_int(a, (int64_t)x->unrated));
	val_put(a, m, "unrated_residual", val_int(a,
	    (int64_t)x->unrated_residual));
	for (size_t i = 0; i < x->n; i++) {
		const struct risks_line *l = &x->at[i];
		struct val *r = val_map(a);
		for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++)
			val_put(a, r, l->risk->type->fields[fields[f]].name,
			    val_text(a, text_of(c, s, l->risk, fields[f])));
		val_put(a, r, "inherent_score", val_int(a, l->inherent));
		val_put(a, r, "residual_score", val_int(a, l->residual));
		val_put(a, r, "needs", val_text(a, need_text(c, l)));
		val_push(a, list, r);
	}
	val_put(a, m, "risks", list);
	cli_print_json(c, m);
}

static void
print_csv(struct cli *c, struct session *s, const struct risks *x)
{
	static const char *const titles[] = { "risk", "statement", "category",
		"state", "owner", "inherent_score", "residual_score", "needs" };
	BUF_SCOPED out = BUF_INIT;
	struct csv_writer w = CSV_WRITER(&out);

	w.guard = true;
	csv_puttitles(&w, titles, sizeof(titles) / sizeof(titles[0]));
	for (size_t i = 0; i < x->n; i++) {
		const struct risks_line *l = &x->at[i];
		csv_puttext(&w, text_of(c, s, l->risk, F_RISK_CODE));
		csv_puttext(&w, text_of(c, s, l->risk, F_RISK_STATEMENT));
		csv_puttext(&w, text_of(c, s, l->risk, F_RISK_CATEGORY));
		csv_puttext(&w, text_of(c, s, l->risk, F_RISK_STATE));
		csv_puttext(&w, text_of(c, s, l->risk, F_RISK_OWNER));
		csv_puttext(&w, score_text(c, l->inherent));
		csv_puttext(&w, score_text(c, l->residual));
		csv_puttext(&w, need_text(c, l));
		csv_endrow(&w);
	}
	fwrite(out.ptr, 1, out.len, stdout);
}

static int
run_risks(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct risks x;
	int r = session_open(c, SESSION_READ, &s, e);

	if (r == 0)
		r = risks_read(&s.ws->records, c->arena, zone_day(s.zone,
		    said_now(&s.ws->records)), cli_opt(c, "closed") != NULL, &x,
		    e);
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
	{ "closed", OPT_FLAG, NULL, "those that are closed as well" },
	{ "csv", OPT_FLAG, NULL, "print as CSV" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_risks = {
	"risks", "DIR [--closed] [--csv]",
	"the risk register with its matrix, before and after controls",
	"Counts the risks that are not closed by likelihood and impact, before\n"
	"(inherent) and after (residual) the controls, and lists them, the heaviest\n"
	"first, with what needs somebody: a rating, a treatment or a review that is\n"
	"late, an acceptance that is over.\n"
	"\n"
	"  tickmark risks work\n"
	"  tickmark record work risk put code=R-001 statement=\"...\" category=security\n"
	"  tickmark record work risk put R-001 inherent_likelihood=4 inherent_impact=5",
	1, 1, opts, run_risks, false,
};
