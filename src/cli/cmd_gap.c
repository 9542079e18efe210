/* tickmark gap: from nothing to a plan. */
#include <unistd.h>

#include "base/clock.h"
#include "cli/actor.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "program/gap.h"
#include "program/ready.h"
#include "text/csv.h"

struct job {
	struct cli *c;
	struct session s;
	struct act x;
	struct gap_book book;
};

static const char *
text(struct job *j, struct str s)
{
	return (arena_strndup(j->c->arena, s.ptr != NULL ? s.ptr : "", s.len));
}

static int
open_for(struct job *j, enum session_need need, struct err *e)
{
	int r = session_open(j->c, need, &j->s, e);

	if (r != 0)
		return (r);
	j->x = (struct act){ .a = j->c->arena, .ws = j->s.ws,
		.who = actor_me(j->c->arena) };
	return (gap_read(&j->x, &j->book, e));
}

static int
written(struct job *j, struct err *e)
{
	int r = evidence_catch_up(j->s.ev, e);

	return (r != 0 ? r : session_done(&j->s, e));
}

static const char *
command(struct job *j, const char *rest)
{
	return (arena_printf(j->c->arena, "tickmark gap %s%s%s",
	    cli_word(j->c, j->c->arg[0]), *rest != '\0' ? " " : "", rest));
}

/* A table of texts as CSV, for spreadsheets. */
static void
csv_row(struct csv_writer *w, const char *const *cells, size_t n)
{
	for (size_t i = 0; i < n; i++)
		csv_puttext(w, cells[i]);
	csv_endrow(w);
}

static void
csv_print(const struct buf *b)
{
	fwrite(b->ptr, 1, b->len, stdout);
}

/* --- questions --------------------------------------------------------------------- */

static const char *
kind_words(struct job *j, const struct question *q)
{
	BUF_SCOPED b = BUF_INIT;

	for (size_t i = 0; i < q->noptions; i++)
		buf_printf(&b, "%s" STR_FMT, i ? ", " : q->kind == QUESTION_MANY ?
		    "some of " : "one of ", STR_ARG(q->options[i].key));
	if (b.len != 0)
		return (arena_strdup(j->c->arena, b.ptr));
	return (q->kind == QUESTION_YESNO ? "yes or no" : q->kind == QUESTION_INT ?
	    "a number" : q->kind == QUESTION_DATE ? "a day" : "a line");
}

static int
do_questions(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	int r = open_for(j, SESSION_READ, e);

	if (r != 0)
		return (r);
	struct cli_table *t = cli_table(c, 5, "question", "answer", "may be", "asks",
		"why");
	for (size_t i = 0; i < j->book.questions.n; i++) {
		const struct question *q = &j->book.questions.at[i];
		cli_row(t, text(j, q->name), gap_asked(&j->book, i) ? text(j,
		    j->book.answer[i]) : "(not asked)", kind_words(j, q),
		    text(j, q->ask), text(j, q->why));
	}
	cli_table_print(t);
	return (0);
}

static int
said(struct job *j, const struct gap_changes *g, struct err *e)
{
	struct cli *c = j->c;
	int r = written(j, e);

	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena), *done = val_list(c->arena),
		    *kept = val_list(c->arena);
		for (size_t i = 0; i < g->n; i++)
			val_push(c->arena, g->at[i].kept ? kept : done,
			    val_str(c->arena, g->at[i].what));
		val_put(c->arena, m, "answers", val_int(c->arena,
		    (int64_t)g->answers));
		val_put(c->arena, m, "changed", done);
		val_put(c->arena, m, "kept", kept);
		cli_print_json(c, m);
		return (0);
	}
	printf("\n%zu answer%s recorded\n", g->answers, g->answers == 1 ? "" : "s");
	for (size_t i = 0; i < g->n; i++)
		cli_wrap(c, 2, arena_printf(c->arena, "%s " STR_FMT,
		    g->at[i].kept ? "=" : "+", STR_ARG(g->at[i].what)));
	for (size_t i = 0; i < g->n; i++)
		if (g->at[i].kept) {
			printf("What is marked = was left as it is.\n");
			break;
		}
	printf("Next: %s\n", command(j, "show"));
	return (0);
}

/* What an empty line means: the answer there is, else the usual one. */
static struct str
standing(struct job *j, const struct question *q, struct str answer)
{
	const struct fact *f;

	if (answer.len != 0)
		return (answer);
	if (q->preset.len != 0)
		return (q->preset);
	if (q->fact.len != 0 && facts_find(&j->book.facts, q->fact, &f, NULL) == 0)
		return (f->value);
	return (q->optional ? STR("") : STR_NULL);
}

static bool
ask_one(struct job *j, size_t i, struct str *ret)
{
	struct cli *c = j->c;
	const struct question *q = &j->book.questions.at[i];
	struct str preset = standing(j, q, j->book.answer[i]);
	struct err e;
	const char *line;

	printf("\n");
	cli_wrap(c, 0, text(j, q->ask));
	printf("%s", cli_tone(c, TONE_DIM));
	cli_wrap(c, 2, text(j, q->why));
	printf("%s", cli_tone(c, TONE_PLAIN));
	for (size_t k = 0; k < q->noptions; k++)
		cli_wrap(c, 4, arena_printf(c->arena, "%zu  " STR_FMT ": " STR_FMT,
		    k + 1, STR_ARG(q->options[k].key), STR_ARG(q->options[k].text)));
	if (q->kind == QUESTION_MANY)
		printf("    several with commas, or none\n");
	for (;;) {
		const char *prompt = preset.len != 0 ? arena_printf(c->arena,
		    "  [" STR_FMT "] ", STR_ARG(preset)) : q->kind == QUESTION_YESNO ?
		    "  [yes or no] " : "  > ";
		if (!ask_line(c, prompt, &line) || strcmp(line, ".") == 0)
			return (false);
		struct str s = *line != '\0' ? str_from(line) : preset;
		if (s.len == 0 && q->optional) {
			*ret = STR("");
			return (true);
		}
		if (questionnaire_check(c->arena, q, &j->book.facts, s, ret, &e) == 0)
			return (true);
		printf("  %s: %s\n", s.len != 0 ? e.what : "an answer is needed",
		    e.fix);
	}
}

/* Ask all; the answers given so far decide what is asked. */
static void
ask_all(struct job *j, struct str *answer)
{
	struct gap_book now = j->book;

	printf("An empty line keeps what stands in brackets; a full stop ends, and "
	       "keeps the\nanswers given so far. You can come back to it.\n");
	now.answer = arena_array(j->c->arena, now.questions.n + 1,
	    sizeof(*now.answer));
	memcpy(now.answer, j->book.answer, now.questions.n * sizeof(*now.answer));
	for (size_t i = 0; i < now.questions.n; i++) {
		if (!gap_asked(&now, i))
			continue;
		if (!ask_one(j, i, &answer[i]))
			return;
		if (answer[i].len != 0)
			now.answer[i] = answer[i];
	}
}

static int
do_ask(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	const char *file = cli_opt(c, "file");
	struct gap_changes g;
	struct str *answer;
	BUF_SCOPED body = BUF_INIT;

	/* The workspace is not held while somebody thinks. */
	int r = open_for(j, SESSION_READ, e);
	if (r == 0 && file != NULL)
		r = file_read(file, (size_t)1 << 20, &body, e);
	if (r != 0)
		return (r);
	if (file != NULL) {
		r = gap_answers_parse(c->arena, &j->book, file, buf_str(&body), &answer,
		    e);
	} else {
		answer = arena_array(c->arena, j->book.questions.n + 1,
		    sizeof(*answer));
		ask_all(j, answer);
	}
	session_close(&j->s);
	if (r == 0)
		r = open_for(j, SESSION_WRITE, e);
	if (r == 0)
		r = gap_answer(&j->x, &j->book, answer, &g, e);
	return (r != 0 ? r : said(j, &g, e));
}

/* --- show ----------------------------------------------------------------------------- */

static int
find_gap(struct job *j, struct gap *ret, struct err *e)
{
	struct readiness *r;
	int rc = session_assess(&j->s, e);

	if (rc == 0)
		rc = ready_read(j->c->arena, j->s.as, INT64_MAX, &r, e);
	return (rc != 0 ? rc : gap_find(&j->x, r, ret, e));
}

static const char *
days(struct job *j, int64_t n)
{
	return (n == 0 ? "under a day" : arena_printf(j->c->arena, "%lld day%s",
	    (long long)n, n == 1 ? "" : "s"));
}

static const char *const kind_names[GAP_NKIND] = { "description", "policy",
	"control", "evidence", "exception" };

static struct val *
json_gap(struct job *j, const struct gap *g)
{
	struct arena *a = j->c->arena;
	struct val *m = val_map(a), *list = val_list(a), *items = val_list(a);

	val_put(a, m, "unanswered", val_int(a, (int64_t)gap_unanswered(&j->book)));
	val_put(a, m, "effort_days", val_int(a, g->effort_days));
	for (size_t i = 0; i < g->ncriteria; i++) {
		const struct gap_criterion *k = &g->criteria[i];
		struct val *x = val_map(a);
		val_put(a, x, "criterion", val_str(a, k->r->id));
		val_put(a, x, "title", val_str(a, k->r->title));
		val_put(a, x, "state", val_text(a,
		    readiness_state_name(k->r->readiness)));
		val_put(a, x, "exists", val_str(a, k->exists));
		val_put(a, x, "missing", val_str(a, k->missing));
		val_put(a, x, "effort_days", val_int(a, k->effort_days));
		val_put(a, x, "first", val_int(a, (int64_t)k->first));
		val_push(a, list, x);
	}
	for (size_t i = 0; i < g->nitems; i++) {
		const struct gap_item *it = &g->items[i];
		struct val *x = val_map(a), *c = val_list(a);
		val_put(a, x, "place", val_int(a, (int64_t)it->place));
		val_put(a, x, "code", val_str(a, it->code));
		val_put(a, x, "kind", val_text(a, kind_names[it->kind]));
		val_put(a, x, "about", val_str(a, it->about));
		val_put(a, x, "title", val_str(a, it->title));
		val_put(a, x, "detail", val_str(a, it->detail));
		val_put(a, x, "effort_days", val_int(a, it->effort_days));
		for (size_t n = 0; n < it->ncriteria; n++)
			val_push(a, c, val_str(a, it->criteria[n]));
		val_put(a, x, "criteria", c);
		val_push(a, items, x);
	}
	val_put(a, m, "criteria", list);
	val_put(a, m, "items", items);
	return (m);
}

static void
csv_gap(struct job *j, const struct gap *g)
{
	static const char *const head[] = { "criterion", "title", "state", "exists",
		"missing", "effort_days", "first" };
	BUF_SCOPED out = BUF_INIT;
	struct csv_writer w = CSV_WRITER(&out);

	w.guard = true;
	csv_row(&w, head, 7);
	for (size_t i = 0; i < g->ncriteria; i++) {
		const struct gap_criterion *k = &g->criteria[i];
		const char *cells[] = { text(j, k->r->id), text(j, k->r->title),
			readiness_state_words(k->r->readiness), text(j, k->exists),
			text(j, k->missing), arena_printf(j->c->arena, "%lld",
			(long long)k->effort_days), k->first ? arena_printf(j->c->arena,
			"%zu", k->first) : "" };
		csv_row(&w, cells, 7);
	}
	csv_print(&out);
}

static void
print_items(struct job *j, const struct gap *g, struct str criterion, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < g->nitems && n < most; i++) {
		const struct gap_item *it = &g->items[i];
		bool of = criterion.len == 0;
		for (size_t k = 0; k < it->ncriteria; k++)
			of |= str_eq(it->criteria[k], criterion);
		if (!of)
			continue;
		n++;
		printf("  %3zu  %s" STR_FMT "%s  " STR_FMT ", %s\n", it->place,
		    cli_tone(j->c, TONE_BOLD), STR_ARG(it->about),
		    cli_tone(j->c, TONE_PLAIN), STR_ARG(it->title),
		    days(j, it->effort_days));
		if (criterion.len != 0)
			cli_wrap(j->c, 7, text(j, it->detail));
	}
}

static int
show_one(struct job *j, const struct gap *g, const char *id, struct err *e)
{
	for (size_t i = 0; i < g->ncriteria; i++) {
		const struct gap_criterion *k = &g->criteria[i];
		if (!str_is(k->r->id, id))
			continue;
		printf("%s" STR_FMT "  " STR_FMT "%s\n", cli_tone(j->c, TONE_BOLD),
		    STR_ARG(k->r->id), STR_ARG(k->r->title),
		    cli_tone(j->c, TONE_PLAIN));
		printf("  there is: " STR_FMT "\n  " STR_FMT "\n  effort: %s\n\n",
		    STR_ARG(k->exists), STR_ARG(k->r->sentence),
		    days(j, k->effort_days));
		print_items(j, g, k->r->id, SIZE_MAX);
		return (0);
	}
	return (err_set(e, ERR_NOTFOUND, id, command(j, "show"),
	    "this criterion is not there, or not in scope"));
}

static int
do_show(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	struct gap g;
	int r = open_for(j, SESSION_READ, e);

	if (r == 0)
		r = find_gap(j, &g, e);
	if (r != 0)
		return (r);
	if (c->json) {
		cli_print_json(c, json_gap(j, &g));
		return (0);
	}
	if (cli_opt(c, "csv") != NULL) {
		csv_gap(j, &g);
		return (0);
	}
	for (size_t i = 2; i < c->nargs; i++)
		if ((r = show_one(j, &g, c->arg[i], e)) != 0)
			return (r);
	if (c->nargs > 2)
		return (0);
	struct cli_table *t = cli_table(c, 6, "", "criterion", "there is",
		"effort", "first", "missing");
	for (size_t i = 0; i < g.ncriteria; i++) {
		const struct gap_criterion *k = &g.criteria[i];
		cli_row(t, text(j, k->r->id), text(j, k->r->title),
		    text(j, k->exists), days(j, k->effort_days), k->first ?
		    arena_printf(c->arena, "%zu", k->first) : "",
		    text(j, k->missing));
	}
	cli_table_print(t);
	printf("\n%sWhat to do first%s\n", cli_tone(c, TONE_BOLD),
	    cli_tone(c, TONE_PLAIN));
	print_items(j, &g, STR(""), 10);
	printf("\n%zu pieces of work, about %s in all (one effort may serve several "
	       "criteria).\nNext: %s, or %s\n", g.nitems, days(j, g.effort_days),
	    command(j, "show CC6.1"), command(j, "plan make --owner PERSON"));
	if (gap_unanswered(&j->book) != 0)
		printf("%zu questions are not answered: what is in scope may change. "
		       "%s\n", gap_unanswered(&j->book), command(j, "ask"));
	return (0);
}

/* --- the plan ---------------------------------------------------------------------------- */

static int
plan_make(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	struct gap_plan p = { .owner = str_from(cli_opt(c, "owner")),
		.start = str_from(cli_opt(c, "start")),
		.reschedule = cli_opt(c, "reschedule") != NULL };
	struct gap_planned n;
	struct gap g;

	int r = cli_opt_int(c, "per-week", 5, &p.per_week, e);
	if (r == 0)
		r = open_for(j, SESSION_WRITE, e);
	if (r == 0)
		r = find_gap(j, &g, e);
	if (r == 0)
		r = gap_plan(&j->x, &g, &j->book, &p, &n, e);
	if (r == 0)
		r = written(j, e);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "open", val_int(c->arena, (int64_t)n.open));
		val_put(c->arena, m, "added", val_int(c->arena, (int64_t)n.added));
		val_put(c->arena, m, "done", val_int(c->arena, (int64_t)n.done));
		val_put(c->arena, m, "reopened", val_int(c->arena,
		    (int64_t)n.reopened));
		val_put(c->arena, m, "moved", val_int(c->arena, (int64_t)n.moved));
		val_put(c->arena, m, "last", val_str(c->arena, n.last));
		val_put(c->arena, m, "late", val_str(c->arena, n.late));
		cli_print_json(c, m);
		return (0);
	}
	printf("%zu items are open, the last due on " STR_FMT ": %zu added, %zu done, "
	       "%zu reopened, %zu moved\n", n.open, STR_ARG(n.last), n.added, n.done,
	    n.reopened, n.moved);
	if (n.late.len != 0)
		cli_wrap(c, 0, text(j, n.late));
	printf("Next: %s. Change an item: tickmark record %s plan_item put PLAN-AC-03 "
	       "owner=E2 due_on=2026-06-30\n", command(j, "plan"),
	    cli_word(c, c->arg[0]));
	return (0);
}

static int
by_place(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int64_t d = record_int(x, F_PLAN_ITEM_PLACE, 0) -
	    record_int(y, F_PLAN_ITEM_PLACE, 0);

	return (d < 0 ? -1 : d > 0);
}

/* "due in 3 days", "done on 2026-01-31", "dropped" */
static const char *
how(struct job *j, const struct record *r, enum cli_tone *tone)
{
	struct str state = record_str(r, F_PLAN_ITEM_STATE);
	struct str due = record_str(r, F_PLAN_ITEM_DUE_ON);

	*tone = TONE_GOOD;
	if (str_is(state, "done"))
		return (arena_printf(j->c->arena, "done on " STR_FMT,
		    STR_ARG(record_str(r, F_PLAN_ITEM_DONE_ON))));
	*tone = TONE_DIM;
	if (str_is(state, "dropped"))
		return ("dropped");
	*tone = due.len != 0 && act_days_until(&j->x, due) < 0 ? TONE_BAD :
	    TONE_PLAIN;
	return (arena_printf(j->c->arena, "%s" STR_FMT, str_is(state, "doing") ?
	    "begun, " : "", STR_ARG(due.len != 0 ? act_due_words(&j->x, due) :
	    STR("no day"))));
}

static int
plan_show(struct job *j, struct err *e)
{
	static const char *const head[] = { "place", "code", "title", "effort_days",
		"owner", "due_on", "state", "how", "criteria", "detail" };
	struct cli *c = j->c;
	struct record_list l;
	size_t open = 0, late = 0;
	bool all = cli_opt(c, "all") != NULL, csv = cli_opt(c, "csv") != NULL;
	BUF_SCOPED out = BUF_INIT;
	struct csv_writer w = CSV_WRITER(&out);
	struct val *list = val_list(c->arena);

	int r = open_for(j, SESSION_READ, e);
	if (r == 0)
		r = act_list(&j->x, T_PLAN_ITEM, -1, STR_NULL, &l, e);
	if (r != 0)
		return (r);
	if (l.n > 1)
		qsort(l.at, l.n, sizeof(*l.at), by_place);
	w.guard = true;
	csv_row(&w, head, 10);
	struct cli_table *t = cli_table(c, 6, "place", "item", "title", "effort",
		"owner", "how");
	for (size_t i = 0; i < l.n; i++) {
		const struct record *k = &l.at[i];
		struct str state = record_str(k, F_PLAN_ITEM_STATE);
		struct str owner = record_str(k, F_PLAN_ITEM_OWNER);
		bool is_open = str_is(state, "planned") || str_is(state, "doing");
		enum cli_tone tone;
		const char *when = how(j, k, &tone), *who = text(j, owner.len != 0 ?
		    act_person(&j->x, owner) : record_str(k, F_PLAN_ITEM_OWNER_ROLE));
		open += is_open;
		late += is_open && tone == TONE_BAD;
		if (!is_open && !all)
			continue;
		const char *place = arena_printf(c->arena, "%lld",
		    (long long)record_int(k, F_PLAN_ITEM_PLACE, 0));
		int64_t effort = record_int(k, F_PLAN_ITEM_EFFORT_DAYS, 0);
		const char *cells[] = { place, text(j, record_str(k,
			F_PLAN_ITEM_CODE)), text(j, record_str(k, F_PLAN_ITEM_TITLE)),
			arena_printf(c->arena, "%lld", (long long)effort), who,
			text(j, record_str(k, F_PLAN_ITEM_DUE_ON)), text(j, state), when,
			text(j, record_text(&j->s.ws->records, c->arena, k,
			F_PLAN_ITEM_CRITERIA)), text(j, record_str(k,
			F_PLAN_ITEM_DETAIL)) };
		csv_row(&w, cells, 10);
		struct val *m = record_to_val(&j->s.ws->records, c->arena, k);
		val_put(c->arena, m, "how", val_text(c->arena, when));
		val_push(c->arena, list, m);
		if (c->json || csv)
			continue;
		cli_row(t, place, cells[1], cells[2], days(j, effort), who, when);
		cli_tint(t, 5, tone);
	}
	if (c->json) {
		cli_print_json(c, list);
	} else if (csv) {
		csv_print(&out);
	} else if (l.n == 0) {
		printf("no plan yet; make one: %s\n",
		    command(j, "plan make --owner PERSON"));
	} else {
		cli_table_print(t);
		printf("\n%zu of %zu items are open, %zu overdue%s\n", open, l.n, late,
		    all ? "" : "; --all shows the others");
	}
	return (0);
}

static int
do_plan(struct job *j, struct err *e)
{
	if (j->c->nargs == 2)
		return (plan_show(j, e));
	if (strcmp(j->c->arg[2], "make") == 0)
		return (plan_make(j, e));
	return (err_set(e, ERR_USAGE, j->c->arg[2], "plan, or plan make",
	    "this is not done to the plan"));
}

/* --- progress ------------------------------------------------------------------------------ */

static int
time_of(struct job *j, const char *option, int64_t *ret, struct err *e)
{
	const char *when = cli_opt(j->c, option);

	*ret = clock_now();
	if (when != NULL && time_parse_as_of(j->s.zone, str_from(when), ret, e) != 0)
		return (err_set(e, ERR_USAGE, arena_printf(j->c->arena, "--%s",
		    option), "give 2026-03-31", "this is not a time"));
	return (0);
}

static int
do_progress(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	struct gap_progress *rows;
	int64_t from, to;
	size_t n;

	if (cli_opt(c, "from") == NULL)
		return (err_set(e, ERR_USAGE, "progress", "add --from 2026-01-31",
		    "progress is between two days"));
	int r = open_for(j, SESSION_READ, e);
	if (r == 0)
		r = session_assess(&j->s, e);
	if (r == 0)
		r = time_of(j, "from", &from, e);
	if (r == 0)
		r = time_of(j, "to", &to, e);
	if (r == 0)
		r = gap_progress(&j->x, j->s.as, from, to, &rows, &n, e);
	if (r != 0)
		return (r);
	struct cli_table *t = cli_table(c, 3, "", "then", "now");
	for (size_t i = 0; i < n; i++)
		cli_row(t, text(j, rows[i].what), text(j, rows[i].then),
		    text(j, rows[i].now));
	cli_table_print(t);
	return (0);
}

/* --- the command ------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	int (*run)(struct job *j, struct err *e);
} verbs[] = { { "ask", do_ask }, { "questions", do_questions },
	{ "show", do_show }, { "plan", do_plan }, { "progress", do_progress } };
#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))

static int
run(struct cli *c, struct err *e)
{
	struct job j = { .c = c };
	const char *verb = c->nargs > 1 ? c->arg[1] : "show", *names[NVERBS];

	for (size_t i = 0; i < NVERBS; i++)
		names[i] = verbs[i].name;
	int at = cli_verb(verb, names, NVERBS, "the gap analysis", e);
	int r = at < 0 ? at : verbs[at].run(&j, e);
	session_close(&j.s);
	return (r);
}

static const struct cli_opt opts[] = {
	{ "file", OPT_TEXT, "FILE", "ask: answers from a file instead of asking" },
	{ "owner", OPT_TEXT, "PERSON", "plan make: for what nobody answers for yet" },
	{ "per-week", OPT_TEXT, "N", "plan make: working days a week (5)" },
	{ "start", OPT_TEXT, "DATE", "plan make: first day (today)" },
	{ "reschedule", OPT_FLAG, NULL, "plan make: new days for what was not begun" },
	{ "all", OPT_FLAG, NULL, "plan: what is done and dropped too" },
	{ "csv", OPT_FLAG, NULL, "show, plan: as CSV" },
	{ "from", OPT_TEXT, "DATE", "progress: since" },
	{ "to", OPT_TEXT, "DATE", "progress: until (now)" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_gap = {
	"gap", "DIR [ask|questions|show|plan|progress] ...",
	"gap analysis: from nothing to a plan",
	"  tickmark gap work ask                       questions about the company\n"
	"  tickmark gap work ask --file answers.yaml   lines such as own_software: yes\n"
	"  tickmark gap work questions                 all of them, with your answers\n"
	"  tickmark gap work show                      what there is, what is missing\n"
	"  tickmark gap work show CC6.1\n"
	"  tickmark gap work plan make --owner E3 --per-week 3\n"
	"  tickmark gap work plan                      who does what by when\n"
	"  tickmark gap work plan --csv > plan.csv\n"
	"  tickmark gap work progress --from 2026-01-31\n"
	"\n"
	"Answers choose the categories, the controls that are not applicable, and the\n"
	"facts in the policies. All of it can be run again: an effect follows only from\n"
	"an answer that changed, items of the plan keep the owner, day and state that\n"
	"people gave them, and what was decided by hand is left alone and said.",
	1, 64, opts, run, false,
};
