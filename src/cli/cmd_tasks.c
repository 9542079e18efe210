/* tickmark tasks: what waits for whom. */
#include "cli/commands.h"
#include "cli/session.h"
#include "program/feed.h"
#include "program/task.h"
#include "text/csv.h"

static const char *const levels[] = { "own", "manager", "lead" };

static const char *
due_text(struct cli *c, const struct task *t)
{
	char s[DATE_SIZE];

	return (t->due == INT64_MAX ? "" : arena_strdup(c->arena,
	    date_print(t->due_day, s)));
}

static const char *
person_text(struct cli *c, struct session *s, const struct task *t)
{
	return (t->person.len == 0 ? "" : cli_text(c, record_handle(
	    &s->ws->records, c->arena, schema_get(T_PERSON), t->person)));
}

static void
print_json(struct cli *c, struct session *s, const struct task_list *l)
{
	struct arena *a = c->arena;
	struct val *list = val_list(a);
	char t[TIME_SIZE];

	for (size_t i = 0; i < l->n; i++) {
		const struct task *x = &l->at[i];
		struct val *m = val_map(a);
		bool due = x->due != INT64_MAX;
		val_put(a, m, "id", val_str(a, x->id));
		val_put(a, m, "source", val_text(a, x->source));
		val_put(a, m, "title", val_str(a, x->title));
		val_put(a, m, "type", val_text(a, x->type->name));
		val_put(a, m, "record", val_str(a, x->record));
		val_put(a, m, "person", val_text(a, person_text(c, s, x)));
		val_put(a, m, "due_on", due ? val_text(a, due_text(c, x)) :
		    val_null(a));
		val_put(a, m, "due_at", due ? val_text(a, time_print(x->due, t)) :
		    val_null(a));
		val_put(a, m, "working_days_left", due ? val_int(a, x->left) :
		    val_null(a));
		val_put(a, m, "overdue", val_bool(a, x->overdue));
		val_put(a, m, "clock", val_bool(a, x->clock));
		val_put(a, m, "why", val_text(a, levels[x->level]));
		val_push(a, list, m);
	}
	cli_print_json(c, list);
}

static void
print_csv(struct cli *c, struct session *s, const struct task_list *l)
{
	static const char *const titles[] = { "id", "source", "title", "type",
		"person", "due_on", "working_days_left", "overdue", "why" };
	BUF_SCOPED out = BUF_INIT;
	struct csv_writer w = CSV_WRITER(&out);

	w.guard = true;
	csv_puttitles(&w, titles, sizeof(titles) / sizeof(titles[0]));
	for (size_t i = 0; i < l->n; i++) {
		const struct task *x = &l->at[i];
		csv_put(&w, x->id);
		csv_puttext(&w, x->source);
		csv_put(&w, x->title);
		csv_puttext(&w, x->type->name);
		csv_puttext(&w, person_text(c, s, x));
		csv_puttext(&w, due_text(c, x));
		if (x->due != INT64_MAX)
			csv_putint(&w, x->left);
		else
			csv_puttext(&w, NULL);
		csv_puttext(&w, x->overdue ? "yes" : "no");
		csv_puttext(&w, levels[x->level]);
		csv_endrow(&w);
	}
	fwrite(out.ptr, 1, out.len, stdout);
}

static void
print_table(struct cli *c, struct session *s, const struct task_list *l)
{
	struct cli_table *t = cli_table(c, 4, "due", "", "for", "what");
	char left[64];
	size_t overdue = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct task *x = &l->at[i];
		const char *who = person_text(c, s, x);
		overdue += x->overdue;
		cli_row(t, due_text(c, x), arena_strdup(c->arena,
		    task_left(x, left)),
		    x->level == TASK_OWN ? (who[0] ? who : "nobody") :
		    arena_printf(c->arena, "%s (to the %s)", who[0] ? who :
		    "nobody", levels[x->level]), cli_text(c, x->title));
		cli_tint(t, 1, x->overdue ? TONE_BAD : x->left <= 2 ? TONE_WARN :
		    TONE_PLAIN);
	}
	printf("%zu task%s, %zu overdue\n\n", l->n, l->n == 1 ? "" : "s",
	    overdue);
	if (l->n > 0)
		cli_table_print(t);
}

/* --due DAY, --overdue, --source S. */
static int
only(struct cli *c, struct task_list *l, struct err *e)
{
	const char *due = cli_opt(c, "due"), *source = cli_opt(c, "source");
	bool overdue = cli_opt(c, "overdue") != NULL, known = source == NULL;
	int64_t day = INT64_MAX;
	size_t n = 0;

	if (due != NULL && date_parse(str_from(due), &day, e) != 0)
		return (err_set(e, ERR_USAGE, arena_printf(c->arena, "--due %s",
		    due), "write it like 2026-01-31", "this is not a day"));
	for (size_t i = 0; task_sources[i].name != NULL && !known; i++)
		known = strcmp(source, task_sources[i].name) == 0;
	if (!known)
		return (err_set(e, ERR_USAGE, source, "see tickmark tasks DIR "
		    "--sources", "tasks have no such source"));
	for (size_t i = 0; i < l->n; i++)
		if ((due == NULL || (l->at[i].due != INT64_MAX &&
		    l->at[i].due_day <= day)) && (!overdue || l->at[i].overdue) &&
		    (source == NULL || strcmp(l->at[i].source, source) == 0))
			l->at[n++] = l->at[i];
	l->n = n;
	return (0);
}

static int
print_sources(struct cli *c)
{
	struct cli_table *t = cli_table(c, 2, "source", "what waits");

	for (size_t i = 0; task_sources[i].name != NULL; i++)
		cli_row(t, task_sources[i].name, task_sources[i].what);
	cli_table_print(t);
	return (0);
}

static int
write_feed(struct cli *c, struct session *s, struct task_desk *d,
    const struct task_list *l, struct err *e)
{
	const char *path = cli_opt(c, "ical");
	BUF_SCOPED out = BUF_INIT;
	int r = feed_write(d, s->ws->org, s->ws->origin, l, &out, e);

	if (r != 0)
		return (r);
	if (strcmp(path, "-") != 0)
		return (file_write(path, 0600, out.ptr, out.len, e));
	fwrite(out.ptr, 1, out.len, stdout);
	return (0);
}

static int
run(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct settings settings;
	struct task_desk d;
	struct task_list l;
	struct record *person;

	if (cli_opt(c, "sources") != NULL)
		return (print_sources(c));
	int r = session_open(c, SESSION_READ, &s, e);
	if (r == 0)
		r = session_assess(&s, e);
	if (r == 0)
		r = settings_load(c->arena, c->arg[0], &settings, e);
	if (r == 0)
		r = task_desk_open(c->arena, s.ws, &settings,
		    assess_procedures(s.as), s.ev, &d, e);
	if (r == 0 && c->nargs > 1) {
		r = record_find(&s.ws->records, c->arena, schema_get(T_PERSON),
		    str_from(c->arg[1]), &person, e);
		if (r == 0)
			r = task_inbox(&d, person->id, &l, e);
	} else if (r == 0) {
		r = task_all(&d, &l, e);
	}
	if (r == 0)
		r = only(c, &l, e);
	if (r != 0)
		return (r);
	if (cli_opt(c, "ical") != NULL)
		return (write_feed(c, &s, &d, &l, e));
	if (c->json)
		print_json(c, &s, &l);
	else if (cli_opt(c, "csv") != NULL)
		print_csv(c, &s, &l);
	else
		print_table(c, &s, &l);
	return (0);
}

static const struct cli_opt opts[] = {
	{ "due", OPT_TEXT, "DAY", "what is due on that day or before" },
	{ "overdue", OPT_FLAG, NULL, "what is overdue" },
	{ "source", OPT_TEXT, "S", "of one source" },
	{ "sources", OPT_FLAG, NULL, "list where tasks come from" },
	{ "csv", OPT_FLAG, NULL, "print as CSV" },
	{ "ical", OPT_TEXT, "FILE", "write a calendar (iCalendar) of what has a "
	    "day; - for standard output" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_tasks = {
	"tasks", "DIR [PERSON] [--due DAY] [--overdue]",
	"what waits for whom, and until when",
	"One inbox for each person, from everything that needs them: controls to be\n"
	"carried out, reviews, approvals, acknowledgements, courses, requests,\n"
	"findings, clocks of the law, sources that fail. It is computed from the\n"
	"records; a task is gone when what it asks for is recorded.\n"
	"\n"
	"  tickmark tasks work                  everybody's, and nobody's\n"
	"  tickmark tasks work E014             of one person, with what is escalated\n"
	"  tickmark tasks work E014 --ical tasks.ics\n"
	"  tickmark tasks work --overdue --csv\n"
	"\n"
	"What is overdue for long goes to the manager and then to the lead, as\n"
	"DIR/program.conf says (escalate.after, escalate.lead).",
	1, 2, opts, run, false,
};
