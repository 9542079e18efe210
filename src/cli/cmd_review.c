/* tickmark review: access reviews from a frozen list to the last removal. */
#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "program/review.h"

static int
need(struct cli *c, size_t n, const char *what, struct err *e)
{
	return (c->nargs >= n ? 0 : err_set(e, ERR_USAGE, c->arg[1],
	    "see: tickmark review --help", "%s", what));
}

static size_t
many(struct cli *c, const char *opt, struct str *ret, size_t most)
{
	const char *text;
	size_t n = 0;

	for (size_t i = 0; (text = cli_opt_nth(c, opt, i)) != NULL; i++) {
		struct str rest = str_from(text), one;
		while (n < most && rest.len > 0 && str_split(&rest, ',', &one))
			ret[n++] = str_trim(one);
	}
	return (n);
}

static int
do_start(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct record_actor me = actor_me(c->arena);
	struct review_spec spec = { 0 };
	struct review_started started;
	static const char *const needed[] = { "sources", "reviewers", "owner",
		"validator", "due" };
	const char *title = cli_opt(c, "title");

	int r = need(c, 3, "give the code of the review, such as AR-2026-Q1", e);
	for (size_t i = 0; r == 0 && i < 5; i++)
		if (cli_opt_nth(c, needed[i], 0) == NULL)
			r = err_set(e, ERR_USAGE, arena_printf(c->arena, "--%s",
			    needed[i]), "see: tickmark review --help",
			    "starting a review needs it");
	if (r != 0)
		return (r);
	spec.code = str_from(c->arg[2]);
	spec.title = str_from(title != NULL ? title : c->arg[2]);
	spec.nsources = many(c, "sources", spec.sources, REVIEW_SCOPE_SOURCES);
	spec.nreviewers = many(c, "reviewers", spec.reviewers, REVIEW_PEOPLE);
	spec.owner = str_from(cli_opt(c, "owner"));
	spec.validator = str_from(cli_opt(c, "validator"));
	spec.due = str_from(cli_opt(c, "due"));
	spec.control = str_from(cli_opt(c, "control"));
	r = session_open(c, SESSION_WRITE, &s, e);
	if (r == 0)
		r = review_start(c->arena, s.ws, s.ev, &me, &spec, &started, e);
	if (r == 0)
		r = session_written(&s, e);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "id", val_str(c->arena, started.id));
		val_put(c->arena, m, "rows", val_int(c->arena,
		    (int64_t)started.rows));
		val_put(c->arena, m, "unmatched", val_int(c->arena,
		    (int64_t)started.unmatched));
		val_put(c->arena, m, "privileged", val_int(c->arena,
		    (int64_t)started.privileged));
		cli_print_json(c, m);
	} else {
		printf("%s is frozen: %zu rows, %zu of them of nobody we know, %zu "
		    "privileged\n", c->arg[2], started.rows, started.unmatched,
		    started.privileged);
	}
	return (0);
}

static int
do_decide(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct record_actor me = actor_me(c->arena);
	struct review_decision d = { .by = str_from(cli_opt(c, "by")),
		.reason = str_from(cli_opt(c, "reason")),
		.assignee = str_from(cli_opt(c, "assignee")) };
	int r = need(c, 5, "give the review, the number of the row, and keep or "
	    "remove", e);

	if (r == 0 && (!str_to_i64(str_from(c->arg[3]), &d.number) ||
	    d.number < 1))
		r = err_set(e, ERR_USAGE, c->arg[3], "see: tickmark review DIR show "
		    "CODE", "this is no number of a row");
	if (r == 0 && strcmp(c->arg[4], "keep") != 0 &&
	    strcmp(c->arg[4], "remove") != 0)
		r = err_set(e, ERR_USAGE, c->arg[4], "write keep or remove",
		    "this cannot be decided");
	if (r == 0 && d.by.len == 0)
		r = err_set(e, ERR_USAGE, "--by", "give --by PERSON",
		    "nobody is named who decides");
	if (r == 0)
		r = cli_opt_int(c, "days", 5, &d.days, e);
	if (r == 0 && d.days > 400)
		r = err_set(e, ERR_USAGE, "--days", "give fewer",
		    "access is not left so long");
	if (r == 0)
		r = session_open(c, SESSION_WRITE, &s, e);
	if (r != 0)
		return (r);
	d.review = str_from(c->arg[2]);
	d.keep = strcmp(c->arg[4], "keep") == 0;
	r = review_decide(c->arena, s.ws, &me, &d, e);
	if (r == 0)
		r = session_written(&s, e);
	if (r == 0 && !c->json)
		printf("row %lld: %s\n", (long long)d.number, d.keep ? "kept" :
		    "to be removed");
	return (r);
}

static int
do_check(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct record_actor me = actor_me(c->arena);
	struct review_checked x;
	int r = need(c, 3, "give the code of the review", e);

	if (r == 0)
		r = session_open(c, SESSION_WRITE, &s, e);
	if (r == 0)
		r = review_check(c->arena, s.ws, s.ev, &me,
		    str_from(c->arg[2]), &x, e);
	if (r == 0)
		r = session_written(&s, e);
	if (r != 0)
		return (r);
	if (c->json) {
		cli_print_json(c, review_checked_val(c->arena, &x));
	} else {
		printf("%s is %s: %zu rows, %zu undecided, %zu kept, %zu to be "
		    "removed, %zu removed\n", c->arg[2], cli_text(c, x.state), x.rows,
		    x.undecided, x.kept, x.removing, x.removed);
		if (x.blind > 0)
			printf("%zu cannot be seen: their source was not collected "
			    "since the decision\n", x.blind);
	}
	return (x.undecided + x.removing == 0 ? 0 : -ERR_NO);
}

static int
do_show(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct record *review;
	struct record_list l;
	struct record_filter f = { F_REVIEW_ITEM_REVIEW, RECORD_EQ, CELL_NONE };
	struct record_query q = { .filters = &f, .nfilters = 1,
		.sort = F_REVIEW_ITEM_NUMBER };
	static const size_t cols[] = { F_REVIEW_ITEM_NUMBER, F_REVIEW_ITEM_SYSTEM,
		F_REVIEW_ITEM_ACCOUNT, F_REVIEW_ITEM_RIGHT, F_REVIEW_ITEM_PERSON,
		F_REVIEW_ITEM_REVIEWER, F_REVIEW_ITEM_STATE };

	int r = need(c, 3, "give the code of the review", e);
	if (r == 0)
		r = session_open(c, SESSION_READ, &s, e);
	if (r == 0)
		r = record_find(&s.ws->records, c->arena,
		    schema_get(T_ACCESS_REVIEW), str_from(c->arg[2]), &review, e);
	if (r != 0)
		return (r);
	f.value = CELL_STR(review->id);
	r = record_list(&s.ws->records, c->arena, schema_get(T_REVIEW_ITEM), &q,
	    &l, e);
	if (r != 0)
		return (r);
	if (!c->json)
		printf("%s, %s, as of %s\n" STR_FMT "\n", c->arg[2], cli_text(c,
		    record_text(&s.ws->records, c->arena, review,
		    F_ACCESS_REVIEW_STATE)), cli_text(c, record_text(
		    &s.ws->records, c->arena, review, F_ACCESS_REVIEW_AS_OF)),
		    STR_ARG(record_str(review, F_ACCESS_REVIEW_COMPLETENESS)));
	struct cli_table *t = cli_table(c, 7, "row", "source", "account", "right",
	    "person", "reviewer", "state");
	for (size_t i = 0; i < l.n; i++) {
		const char *text[7];
		for (size_t k = 0; k < 7; k++)
			text[k] = cli_text(c, record_text(&s.ws->records, c->arena,
			    &l.at[i], cols[k]));
		cli_row_of(t, text);
	}
	cli_table_print(t);
	return (0);
}

static int
run(struct cli *c, struct err *e)
{
	static const char *const verbs[] = { "start", "show", "decide", "check" };
	static int (*const fns[])(struct cli *, struct err *) = { do_start,
		do_show, do_decide, do_check };

	for (size_t i = 0; i < 4; i++)
		if (strcmp(c->arg[1], verbs[i]) == 0)
			return (fns[i](c, e));
	const char *near = cli_nearest(c->arg[1], verbs, 4);
	return (err_set(e, ERR_USAGE, c->arg[1], near != NULL ?
	    arena_printf(c->arena, "did you mean %s?", near) :
	    "start, show, decide or check", "this is not done to reviews"));
}

static const struct cli_opt opts[] = {
	{ "sources", OPT_MULTI, "A,B", "start: whose access is reviewed" },
	{ "reviewers", OPT_MULTI, "P,Q", "start: who decides" },
	{ "owner", OPT_TEXT, "P", "start: who runs the review" },
	{ "validator", OPT_TEXT, "P", "start: who checked that the list is whole" },
	{ "due", OPT_TEXT, "DAY", "start: by when it is to be done" },
	{ "control", OPT_TEXT, "C", "start: the control that it carries out" },
	{ "title", OPT_TEXT, "TEXT", "start: what is reviewed" },
	{ "by", OPT_TEXT, "P", "decide: one of the reviewers" },
	{ "reason", OPT_TEXT, "TEXT", "decide: why" },
	{ "assignee", OPT_TEXT, "P", "decide: who takes the access away" },
	{ "days", OPT_TEXT, "N", "decide: working days until it has to be gone "
	    "(5)" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_review = {
	"review", "DIR start|show|decide|check CODE ...",
	"access reviews: a frozen list, decisions, removals that are seen",
	"The list of who has access is frozen from evidence when the review starts,\n"
	"with how one knows that it is whole. Nobody certifies their own access.\n"
	"A removal stays open until a later collection shows that it is gone.\n"
	"\n"
	"  tickmark review work start AR-2026-Q1 --sources crm,host1 \\\n"
	"      --reviewers E3,E5 --owner E3 --validator E7 --due 2026-03-31\n"
	"  tickmark review work show AR-2026-Q1\n"
	"  tickmark review work decide AR-2026-Q1 4 remove --by E5 --reason left\n"
	"  tickmark collect work && tickmark review work check AR-2026-Q1\n"
	"\n"
	"Exit 1 from check: something is undecided, or not seen gone.",
	2, 5, opts, run, false,
};
