/* tickmark training: courses, who is to take them, and taking them. */
#include "cli/actor.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "program/training.h"

#define DEFAULT_COURSE "security-awareness"

struct job {
	struct cli *c;
	struct session s;
	struct act x;
	struct course course;
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

	if (r == 0)
		j->x = (struct act){ .a = j->c->arena, .ws = j->s.ws,
			.who = actor_me(j->c->arena) };
	return (r);
}

static int
find_course(struct job *j, const char *code, struct err *e)
{
	return (course_find(j->c->arena, j->c->arg[0], str_from(code), &j->course,
	    e));
}

static const char *
course_named(struct job *j)
{
	const char *code = cli_opt(j->c, "course");

	return (code != NULL ? code : DEFAULT_COURSE);
}

static int
written(struct job *j, struct err *e)
{
	int r = evidence_catch_up(j->s.ev, e);

	return (r != 0 ? r : session_done(&j->s, e));
}

/* --- list --------------------------------------------------------------------- */

static int
do_list(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	bool late = cli_opt(c, "overdue") != NULL;
	const char *course = cli_opt(c, "course");
	struct record *person = NULL;
	struct record_list l;
	size_t overdue = 0, complete = 0, shown = 0;

	int r = open_for(j, SESSION_READ, e);
	if (r == 0 && c->nargs > 2)
		r = act_find(&j->x, T_PERSON, str_from(c->arg[2]), &person, e);
	if (r == 0)
		r = act_list(&j->x, T_TRAINING, person != NULL ? F_TRAINING_PERSON : -1,
		    person != NULL ? person->id : STR_NULL, &l, e);
	if (r != 0)
		return (r);
	struct cli_table *t = cli_table(c, 6, "person", "name", "course",
		"occasion", "due", "how");
	for (size_t i = 0; i < l.n; i++) {
		const struct record *k = &l.at[i];
		bool is_late = training_overdue(&j->x, k);
		bool done = str_is(record_str(k, F_TRAINING_STATE), "complete");
		if ((late && !is_late) || (course != NULL && !str_is(record_str(k,
		    F_TRAINING_COURSE), course)))
			continue;
		overdue += is_late;
		complete += done;
		shown++;
		cli_row(t, text(j, record_text(&j->s.ws->records, c->arena, k,
		    F_TRAINING_PERSON)), text(j, act_person(&j->x, record_str(k,
		    F_TRAINING_PERSON))), text(j, record_str(k, F_TRAINING_COURSE)),
		    text(j, record_str(k, F_TRAINING_OCCASION)),
		    text(j, record_str(k, F_TRAINING_DUE_ON)),
		    text(j, training_words(&j->x, k)));
		cli_tint(t, 5, is_late ? TONE_BAD : done ? TONE_GOOD : TONE_PLAIN);
	}
	cli_table_print(t);
	if (c->json)
		return (0);
	if (l.n == 0)
		printf("nothing is assigned yet; assign the course to everybody who "
		       "needs it: tickmark training %s assign\n",
		    cli_word(c, c->arg[0]));
	else
		printf("\n%zu shown: %zu complete, %zu overdue\n", shown, complete,
		    overdue);
	return (0);
}

static int
do_courses(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	struct course *all;
	size_t n;
	int r = course_all(c->arena, c->arg[0], &all, &n, e);

	if (r != 0)
		return (r);
	struct cli_table *t = cli_table(c, 6, "course", "title", "version",
		"modules", "questions", "minutes");
	for (size_t i = 0; i < n; i++)
		cli_row(t, text(j, all[i].code), text(j, all[i].title),
		    text(j, all[i].version),
		    arena_printf(c->arena, "%zu", all[i].nmodules),
		    arena_printf(c->arena, "%zu", all[i].nquestions),
		    arena_printf(c->arena, "%lld", (long long)all[i].minutes));
	cli_table_print(t);
	return (0);
}

/* --- show --------------------------------------------------------------------- */

static const char *
letters(struct job *j, unsigned bits)
{
	BUF_SCOPED b = BUF_INIT;

	for (int i = 0; i < COURSE_MAX_OPTIONS; i++)
		if (bits & (1u << i))
			buf_printf(&b, "%s%c", b.len ? ", " : "", 'a' + i);
	return (arena_strndup(j->c->arena, b.ptr != NULL ? b.ptr : "", b.len));
}

static bool
many(const struct course_question *q)
{
	return ((q->answer & (q->answer - 1)) != 0);
}

static void
print_question(struct job *j, const struct course_question *q)
{
	cli_wrap(j->c, 0, arena_printf(j->c->arena, "%d.%d  " STR_FMT "%s",
	    q->module, q->number, STR_ARG(q->ask),
	    many(q) ? " (several are right)" : ""));
	for (size_t i = 0; i < q->noptions; i++)
		cli_wrap(j->c, 5, arena_printf(j->c->arena, "%c  " STR_FMT,
		    (int)('a' + i), STR_ARG(q->option[i])));
}

static struct val *
json_course(struct job *j, bool answers)
{
	struct arena *a = j->c->arena;
	const struct course *k = &j->course;
	struct val *m = val_map(a), *list = val_list(a);

	val_put(a, m, "code", val_str(a, k->code));
	val_put(a, m, "title", val_str(a, k->title));
	val_put(a, m, "version", val_str(a, k->version));
	val_put(a, m, "about", val_str(a, k->about));
	for (size_t i = 0; i < k->nmodules; i++) {
		struct val *x = val_map(a), *qs = val_list(a);
		val_put(a, x, "title", val_str(a, k->modules[i].title));
		val_put(a, x, "text", val_str(a, k->modules[i].text));
		for (size_t q = 0; q < k->modules[i].n; q++) {
			const struct course_question *s =
			    &k->questions[k->modules[i].first + q];
			struct val *y = val_map(a), *o = val_list(a);
			val_put(a, y, "id", val_fmt(a, "%d.%d", s->module, s->number));
			val_put(a, y, "ask", val_str(a, s->ask));
			for (size_t n = 0; n < s->noptions; n++)
				val_push(a, o, val_str(a, s->option[n]));
			val_put(a, y, "options", o);
			if (answers) {
				val_put(a, y, "answer", val_text(a, letters(j, s->answer)));
				val_put(a, y, "why", val_str(a, s->why));
			}
			val_push(a, qs, y);
		}
		val_put(a, x, "questions", qs);
		val_push(a, list, x);
	}
	val_put(a, m, "modules", list);
	return (m);
}

static void
print_text(struct job *j, int indent, struct str s)
{
	struct str line;

	while (str_split(&s, '\n', &line))
		cli_wrap(j->c, indent, text(j, line));
}

static int
do_show(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	bool answers = cli_opt(c, "with-answers") != NULL;
	int r = find_course(j, c->nargs > 2 ? c->arg[2] : course_named(j), e);

	if (r != 0)
		return (r);
	if (c->json) {
		cli_print_json(c, json_course(j, answers));
		return (0);
	}
	const struct course *k = &j->course;
	printf("# " STR_FMT "\n\n", STR_ARG(k->title));
	print_text(j, 0, k->about);
	for (size_t i = 0; i < k->nmodules; i++) {
		printf("\n## %zu. " STR_FMT "\n\n", i + 1,
		    STR_ARG(k->modules[i].title));
		print_text(j, 0, k->modules[i].text);
		for (size_t q = 0; q < k->modules[i].n; q++) {
			const struct course_question *s =
			    &k->questions[k->modules[i].first + q];
			putchar('\n');
			print_question(j, s);
			if (answers)
				cli_wrap(c, 5, arena_printf(c->arena, "Right: %s. " STR_FMT,
				    letters(j, s->answer), STR_ARG(s->why)));
		}
	}
	return (0);
}

/* --- assign ------------------------------------------------------------------- */

static int
do_assign(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	const char *due = cli_opt(c, "due");
	size_t n = 0;

	int r = find_course(j, course_named(j), e);
	if (r == 0 && due != NULL && c->nargs < 3)
		r = err_set(e, ERR_USAGE, "--due", "name the people", "a due day is for "
		    "the people that are named; the others have theirs by the rules");
	if (r == 0)
		r = open_for(j, SESSION_WRITE, e);
	if (r == 0 && c->nargs < 3)
		r = training_assign(&j->x, &j->course, &n, e);
	if (r == 0 && c->nargs > 2)
		r = ledger_begin(j->s.ws->ledger, e);
	if (r == 0 && c->nargs > 2) {
		for (size_t i = 2; r == 0 && i < c->nargs; i++, n++)
			r = training_assign_one(&j->x, &j->course, str_from(c->arg[i]),
			    str_from(due), e);
		if (r == 0)
			r = ledger_commit(j->s.ws->ledger, e);
		else
			ledger_rollback(j->s.ws->ledger);
	}
	if (r == 0)
		r = written(j, e);
	if (r != 0)
		return (r);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "assigned", val_int(c->arena, (int64_t)n));
		cli_print_json(c, m);
	} else if (n == 0) {
		printf("nobody needs it now: all have it open or have completed it\n");
	} else {
		printf("assigned to %zu; they take it with: tickmark training %s take "
		       "PERSON\n", n, cli_word(c, c->arg[0]));
	}
	return (0);
}

static int
do_excuse(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	const char *reason = cli_opt(c, "reason");

	if (c->nargs != 3 || reason == NULL)
		return (err_set(e, ERR_USAGE, "excuse", arena_printf(c->arena,
		    "tickmark training %s excuse PERSON --reason TEXT",
		    cli_word(c, c->arg[0])), "name the person and the reason"));
	int r = find_course(j, course_named(j), e);
	if (r == 0)
		r = open_for(j, SESSION_WRITE, e);
	if (r == 0)
		r = training_excuse(&j->x, &j->course, str_from(c->arg[2]),
		    str_from(reason), e);
	if (r == 0)
		r = written(j, e);
	if (r == 0 && !c->json)
		printf("%s is excused; the course is assigned again after a year\n",
		    c->arg[2]);
	return (r);
}

/* --- take --------------------------------------------------------------------- */

/* One question until it has an answer; false when the person stops. */
static bool
ask_question(struct job *j, const struct course_question *q, unsigned *ret)
{
	struct err e = { 0 };
	const char *line;

	putchar('\n');
	print_question(j, q);
	for (;;) {
		if (!ask_line(j->c, "  your answer: ", &line) ||
		    strcmp(line, ".") == 0)
			return (false);
		if (course_letters(q, str_from(line), ret, &e) == 0 && *ret != 0)
			break;
		printf("  write letters from a to %c, or a full stop to end\n",
		    (int)('a' + q->noptions - 1));
	}
	bool right = *ret == q->answer;
	printf("  %s%s%s", cli_tone(j->c, right ? TONE_GOOD : TONE_BAD), right ?
	    "Right." : "Not right:", cli_tone(j->c, TONE_PLAIN));
	if (!right)
		printf(" it is %s.", letters(j, q->answer));
	putchar('\n');
	cli_wrap(j->c, 2, text(j, q->why));
	return (true);
}

static int
ask_all(struct job *j, unsigned **ret, struct err *e)
{
	struct cli *c = j->c;
	const struct course *k = &j->course;
	unsigned *got = arena_array(c->arena, k->nquestions + 1, sizeof(*got));
	const char *line;

	printf("%s" STR_FMT "%s\n\n", cli_tone(c, TONE_BOLD), STR_ARG(k->title),
	    cli_tone(c, TONE_PLAIN));
	print_text(j, 0, k->about);
	for (size_t i = 0; i < k->nmodules; i++) {
		const struct course_module *m = &k->modules[i];
		printf("\n%s%zu of %zu: " STR_FMT "%s\n\n", cli_tone(c, TONE_BOLD),
		    i + 1, k->nmodules, STR_ARG(m->title), cli_tone(c, TONE_PLAIN));
		print_text(j, 0, m->text);
		bool go = m->n == 0 || ask_line(c, "\n  Return to go on to the "
		    "questions, a full stop to end: ", &line);
		if (m->n != 0 && go && strcmp(line, ".") == 0)
			go = false;
		for (size_t q = 0; go && q < m->n; q++)
			go = ask_question(j, &k->questions[m->first + q],
			    &got[m->first + q]);
		if (!go)
			return (err_set(e, ERR_NO, "take", "take it again from the start",
			    "the course was ended before its end; nothing was recorded"));
	}
	*ret = got;
	return (0);
}

/* What to read again, where an answer was wrong. */
static struct val *
weak_modules(struct job *j, const unsigned *got)
{
	struct arena *a = j->c->arena;
	struct val *list = val_list(a);

	for (size_t i = 0; i < j->course.nmodules; i++) {
		const struct course_module *m = &j->course.modules[i];
		for (size_t q = 0; q < m->n; q++)
			if (got[m->first + q] !=
			    j->course.questions[m->first + q].answer) {
				val_push(a, list, val_str(a, m->title));
				break;
			}
	}
	return (list);
}

static int
do_take(struct job *j, struct err *e)
{
	struct cli *c = j->c;
	const char *file = cli_opt(c, "answers");
	struct training_attempt t;
	struct record *person;
	BUF_SCOPED body = BUF_INIT;
	unsigned *got = NULL;

	if (c->nargs != 3)
		return (err_set(e, ERR_USAGE, "take", arena_printf(c->arena,
		    "tickmark training %s take PERSON", cli_word(c, c->arg[0])),
		    "name who takes the course"));
	int r = find_course(j, course_named(j), e);
	/* Nobody answers 25 questions to hear then that the name was wrong; and
	 * the workspace is not held while somebody thinks. */
	if (r == 0)
		r = open_for(j, SESSION_READ, e);
	if (r == 0)
		r = act_find(&j->x, T_PERSON, str_from(c->arg[2]), &person, e);
	session_close(&j->s);
	if (r == 0 && file != NULL)
		r = file_read(file, (size_t)1 << 20, &body, e);
	if (r == 0)
		r = file != NULL ? course_answers(c->arena, &j->course, file,
		    buf_str(&body), &got, e) : ask_all(j, &got, e);
	if (r == 0)
		r = open_for(j, SESSION_WRITE, e);
	if (r == 0)
		r = training_take(&j->x, &j->course, str_from(c->arg[2]), got, &t, e);
	if (r == 0)
		r = written(j, e);
	if (r != 0)
		return (r);
	struct val *weak = weak_modules(j, got);
	if (c->json) {
		struct val *m = val_map(c->arena);
		val_put(c->arena, m, "score", val_int(c->arena, t.score));
		val_put(c->arena, m, "pass", val_int(c->arena, t.pass));
		val_put(c->arena, m, "passed", val_bool(c->arena, t.passed));
		val_put(c->arena, m, "read_again", weak);
		cli_print_json(c, m);
		return (t.passed ? 0 : -ERR_NO);
	}
	printf("\n%lld percent, %lld are needed: %s%s%s\n", (long long)t.score,
	    (long long)t.pass, cli_tone(c, t.passed ? TONE_GOOD : TONE_BAD),
	    t.passed ? "the course is complete" : "not yet; take it again",
	    cli_tone(c, TONE_PLAIN));
	for (size_t i = 0; i < val_count(weak); i++)
		printf("%s" STR_FMT "%s", i == 0 ? "Read again: " : "; ",
		    STR_ARG(weak->u.list.at[i]->u.s), i + 1 == val_count(weak) ?
		    "\n" : "");
	return (t.passed ? 0 : -ERR_NO);
}

/* --- the command ---------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*run)(struct job *j, struct err *e);
} verbs[] = { { "list", do_list }, { "courses", do_courses },
	{ "show", do_show }, { "assign", do_assign }, { "take", do_take },
	{ "excuse", do_excuse } };
#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))

static int
run(struct cli *c, struct err *e)
{
	struct job j = { .c = c };
	const char *verb = c->nargs > 1 ? c->arg[1] : "list", *names[NVERBS];

	for (size_t i = 0; i < NVERBS; i++)
		names[i] = verbs[i].name;
	int at = cli_verb(verb, names, NVERBS, "training", e);
	int r = at < 0 ? at : verbs[at].run(&j, e);
	session_close(&j.s);
	return (r);
}

static const struct cli_opt opts[] = {
	{ "course", OPT_TEXT, "CODE", "which course (" DEFAULT_COURSE ")" },
	{ "due", OPT_TEXT, "DATE", "assign: by when, for the people that are named" },
	{ "overdue", OPT_FLAG, NULL, "list: only what is overdue" },
	{ "answers", OPT_TEXT, "FILE", "take: answers from a file instead of asking" },
	{ "with-answers", OPT_FLAG, NULL, "show: with the right answers and why" },
	{ "reason", OPT_TEXT, "TEXT", "excuse: why" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_training = {
	"training", "DIR [list|courses|show|assign|take|excuse] ...",
	"courses: who is to take them by when, and taking them",
	"  tickmark training work                     how everybody stands\n"
	"  tickmark training work list E7             one person\n"
	"  tickmark training work --overdue\n"
	"  tickmark training work assign              to everybody who needs it now\n"
	"  tickmark training work assign E7 E8 --due 2026-02-28\n"
	"  tickmark training work take E7             read, answer, be told why\n"
	"  tickmark training work take E7 --answers e7.yaml     lines such as \"1.2\": b\n"
	"  tickmark training work excuse E9 --reason \"on parental leave\"\n"
	"  tickmark training work courses\n"
	"  tickmark training work show security-awareness [--with-answers]\n"
	"\n"
	"assign without names can be run every day: who joined gets the course, due so\n"
	"many days after the first day as the fact training_days says; who completed it\n"
	"gets it again when the time of the fact training_repeat is nearly over. A course\n"
	"of your own is a file in DIR/training (doc/training.md).",
	1, 512, opts, run, false,
};
