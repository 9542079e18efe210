/* tickmark occurrences, perform: controls that people carry out. */
#include "cli/actor.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "program/occurrence.h"
#include "program/perform.h"
#include "program/said.h"
#include "record/attach.h"
#include "text/csv.h"

static const char *
day_text(struct cli *c, int64_t day)
{
	char s[DATE_SIZE];

	return (arena_strdup(c->arena, date_print(day, s)));
}

/* The last day on which it is on time. */
static const char *
due_text(struct cli *c, const struct session *s, const struct occurrence *o)
{
	return (day_text(c, zone_day(s->zone, o->due - 1)));
}

static const char *
state_text(const struct occurrence *o)
{
	return (o->overdue ? "overdue" : occurrence_state_words(o->state));
}

static struct str
person_code(struct session *s, struct cli *c, struct str id)
{
	return (id.len == 0 ? id : record_handle(&s->ws->records, c->arena,
	    schema_get(T_PERSON), id));
}

static struct val *
json_one(struct cli *c, struct session *s, const struct occurrence *o)
{
	struct arena *a = c->arena;
	struct val *m = val_map(a);
	char t[TIME_SIZE];

	val_put(a, m, "control", val_str(a, o->code));
	val_put(a, m, "version", val_int(a, o->version));
	val_put(a, m, "frequency", val_text(a, window_frequency_name(
	    o->frequency)));
	val_put(a, m, "first_day", val_text(a, day_text(c, o->first)));
	val_put(a, m, "last_day", val_text(a, day_text(c, o->last)));
	val_put(a, m, "from", val_text(a, time_print(o->from, t)));
	val_put(a, m, "to", val_text(a, time_print(o->to, t)));
	val_put(a, m, "due_at", val_text(a, time_print(o->due, t)));
	val_put(a, m, "state", val_text(a, occurrence_state_name(o->state)));
	val_put(a, m, "overdue", val_bool(a, o->overdue));
	val_put(a, m, "performed_at", o->performed == 0 ? val_null(a) :
	    val_text(a, time_print(o->performed, t)));
	val_put(a, m, "performer", val_str(a, person_code(s, c, o->performer)));
	val_put(a, m, "performance", val_str(a, o->performance));
	val_put(a, m, "found_exceptions", val_bool(a, o->found));
	val_put(a, m, "file", val_str(a, o->file));
	val_put(a, m, "trigger", val_str(a, o->trigger == NULL ? STR("") :
	    record_str(o->trigger, F_TRIGGER_CODE)));
	val_put(a, m, "note", val_str(a, o->note));
	return (m);
}

static void
print_json(struct cli *c, struct session *s, const struct occurrences *l,
    const char *label)
{
	struct arena *a = c->arena;
	struct val *m = val_map(a), *counts = val_map(a), *list = val_list(a);

	val_put(a, m, "when", val_text(a, label));
	val_put(a, m, "zone", val_text(a, zone_name(s->zone)));
	val_put(a, m, "occurrences", val_int(a, (int64_t)l->n));
	for (int i = 0; i < OCCURRENCE_NSTATE; i++)
		val_put(a, counts, occurrence_state_name((enum occurrence_state)i),
		    val_int(a, (int64_t)l->count[i]));
	val_put(a, m, "counts", counts);
	val_put(a, m, "overdue", val_int(a, (int64_t)l->overdue));
	for (size_t i = 0; i < l->n; i++)
		val_push(a, list, json_one(c, s, &l->at[i]));
	val_put(a, m, "list", list);
	cli_print_json(c, m);
}

static void
print_csv(struct cli *c, struct session *s, const struct occurrences *l)
{
	static const char *const titles[] = { "control", "version", "frequency",
		"first_day", "last_day", "due_at", "state", "overdue",
		"performed_at", "performer", "trigger", "note" };
	BUF_SCOPED out = BUF_INIT;
	struct csv_writer w = CSV_WRITER(&out);
	char t[TIME_SIZE];

	w.guard = true;
	csv_puttitles(&w, titles, sizeof(titles) / sizeof(titles[0]));
	for (size_t i = 0; i < l->n; i++) {
		const struct occurrence *o = &l->at[i];
		csv_put(&w, o->code);
		csv_putint(&w, o->version);
		csv_puttext(&w, window_frequency_name(o->frequency));
		csv_puttext(&w, day_text(c, o->first));
		csv_puttext(&w, day_text(c, o->last));
		csv_puttext(&w, time_print(o->due, t));
		csv_puttext(&w, occurrence_state_name(o->state));
		csv_puttext(&w, o->overdue ? "yes" : "no");
		csv_puttext(&w, o->performed != 0 ? time_print(o->performed, t) :
		    NULL);
		csv_put(&w, person_code(s, c, o->performer));
		csv_put(&w, o->trigger != NULL ? record_str(o->trigger,
		    F_TRIGGER_CODE) : STR(""));
		csv_put(&w, o->note);
		csv_endrow(&w);
	}
	fwrite(out.ptr, 1, out.len, stdout);
}

static enum cli_tone
tone_of(const struct occurrence *o)
{
	switch (o->state) {
	case OCCURRENCE_MISSED:
		return (TONE_BAD);
	case OCCURRENCE_LATE:
	case OCCURRENCE_UNKNOWN:
		return (TONE_WARN);
	case OCCURRENCE_ON_TIME:
		return (TONE_GOOD);
	case OCCURRENCE_NOT_DUE:
		return (TONE_DIM);
	default:
		return (o->overdue ? TONE_WARN : TONE_PLAIN);
	}
}

static void
print_table(struct cli *c, struct session *s, const struct occurrences *l,
    const char *label)
{
	const char *sep = " ";

	printf("%zu occurrences, %s:", l->n, label);
	for (int i = 0; i < OCCURRENCE_NSTATE; i++)
		if (l->count[i] > 0) {
			printf("%s%zu %s", sep, l->count[i],
			    occurrence_state_words((enum occurrence_state)i));
			sep = ", ";
		}
	if (l->overdue > 0)
		printf(" (%zu of them overdue)", l->overdue);
	printf("\n\n");
	struct cli_table *t = cli_table(c, 6, "control", "window", "due", "state",
	    "done", "note");
	for (size_t i = 0; i < l->n; i++) {
		const struct occurrence *o = &l->at[i];
		const char *done = o->performed == 0 ? "" : arena_printf(c->arena,
		    "%s by " STR_FMT "%s%s", day_text(c, zone_day(s->zone,
		    o->performed)), STR_ARG(person_code(s, c, o->performer)),
		    o->found ? ", found something" : "", o->file.len > 0 ?
		    arena_printf(c->arena, ", " STR_FMT, STR_ARG(o->file)) : "");
		const char *note = o->trigger != NULL && o->note.len == 0 ?
		    cli_text(c, record_str(o->trigger, F_TRIGGER_CODE)) :
		    cli_text(c, o->note);
		cli_row(t, cli_text(c, o->code), arena_printf(c->arena,
		    "%s %s..%s", window_frequency_name(o->frequency),
		    day_text(c, o->first), day_text(c, o->last)),
		    due_text(c, s, o), state_text(o), done, note);
		cli_tint(t, 3, tone_of(o));
	}
	cli_table_print(t);
}

/* --state: by its name, or overdue. */
static int
only(struct cli *c, struct occurrences *l, struct err *e)
{
	const char *want = cli_opt(c, "state");
	struct occurrences k = { 0 };
	bool known = want == NULL || strcmp(want, "overdue") == 0;

	for (int i = 0; i < OCCURRENCE_NSTATE && !known; i++)
		known = strcmp(want, occurrence_state_name(
		    (enum occurrence_state)i)) == 0;
	if (!known)
		return (err_set(e, ERR_USAGE, want, "write not_due, expected, "
		    "overdue, on_time, late, missed, not_triggered or unknown",
		    "an occurrence has no such state"));
	if (want == NULL)
		return (0);
	k.at = l->at;
	for (size_t i = 0; i < l->n; i++) {
		const struct occurrence *o = &l->at[i];
		if (strcmp(want, "overdue") == 0 ? !o->overdue :
		    strcmp(want, occurrence_state_name(o->state)) != 0)
			continue;
		k.count[o->state]++;
		k.overdue += o->overdue;
		k.at[k.n++] = *o;
	}
	*l = k;
	return (0);
}

static int
collect(struct cli *c, struct session *s, const struct session_when *w,
    struct occurrences *ret, struct err *e)
{
	struct occurrence_book b;
	struct occurrence_range range;
	int r = occurrence_book_read(c->arena, &s->ws->records, s->zone,
	    assess_procedures(s->as), w->given && !w->period ? w->at :
	    said_now(&s->ws->records), &b, e);

	if (r != 0)
		return (r);
	range = occurrence_year(&b);
	if (w->period)
		range = (struct occurrence_range){
			.first = zone_day(s->zone, w->from),
			.end = zone_day(s->zone, w->to - 1) + 1, .closed = true };
	if (c->nargs == 1)
		return (occurrence_all(&b, &range, ret, e));
	*ret = (struct occurrences){ 0 };
	for (size_t i = 1; i < c->nargs && r == 0; i++) {
		struct record *control;
		r = record_find(&s->ws->records, c->arena, schema_get(T_CONTROL),
		    str_from(c->arg[i]), &control, e);
		if (r == 0)
			r = occurrence_of(&b, control, &range, ret, e);
	}
	return (r);
}

/* --take: the file of a performance, to a file or to the terminal's reader. */
static int
take_out(struct cli *c, struct session *s, const char *id, struct err *e)
{
	const char *to = cli_opt(c, "o");
	struct record_reader reader;
	BUF_SCOPED out = BUF_INIT;
	struct str name;
	int r = actor_reader(c->arena, s->ws, NULL, &reader, e);

	if (r == 0)
		r = perform_file(&s->ws->records, c->arena, &reader,
		    str_from(id), &out, &name, e);
	if (r == 0 && to != NULL)
		r = file_write(to, 0600, out.ptr, out.len, e);
	if (r == 0 && to == NULL && fwrite(out.ptr, 1, out.len, stdout) !=
	    out.len)
		r = err_set(e, ERR_IO, "standard output", "give -o FILE",
		    "the file could not be written");
	if (r == 0 && to != NULL)
		printf(STR_FMT ", %zu bytes: %s\n", STR_ARG(name), out.len, to);
	record_reader_free(&reader);
	s->ws->records.reader = NULL;
	return (r);
}

static int
run_occurrences(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct session_when w;
	struct occurrences l;
	int r = session_open(c, SESSION_READ, &s, e);

	if (r == 0 && cli_opt(c, "take") != NULL)
		return (take_out(c, &s, cli_opt(c, "take"), e));
	if (r == 0)
		r = session_when(c, &s, &w, e);
	if (r == 0)
		r = session_assess(&s, e);
	if (r == 0)
		r = collect(c, &s, &w, &l, e);
	if (r == 0)
		r = only(c, &l, e);
	if (r != 0)
		return (r);
	if (c->json)
		print_json(c, &s, &l, w.label);
	else if (cli_opt(c, "csv") != NULL)
		print_csv(c, &s, &l);
	else
		print_table(c, &s, &l, w.label);
	return (0);
}

static const struct cli_opt occurrences_opts[] = {
	{ "period", OPT_TEXT, "A..B", "windows with a day in the period; what was "
	    "not done in it and its grace is missed" },
	{ "as-of", OPT_TEXT, "TIME", "the year up to a date or RFC 3339 time, as "
	    "it was known then" },
	{ "state", OPT_TEXT, "S", "only those: expected, overdue, on_time, late, "
	    "missed ..." },
	{ "csv", OPT_FLAG, NULL, "print as CSV" },
	{ "take", OPT_TEXT, "ID", "the file that was kept with this performance" },
	{ "o", OPT_SHORT, "FILE", "where --take writes it; else the "
	    "bytes are printed" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_occurrences = {
	"occurrences", "DIR [CONTROL...] [--period A..B | --as-of T] [--state S]",
	"when each control was expected, and whether it was on time",
	"From the frequency and the dates of each control that is implemented or\n"
	"operating follow the windows in which it is expected; from its\n"
	"performances, whether each was on time, late or missed. The states add up\n"
	"to the number of occurrences; a control that was changed keeps the windows\n"
	"that it had. What a test of this program shows is left to the test.\n"
	"\n"
	"  tickmark occurrences work                    the year up to now\n"
	"  tickmark occurrences work AC-05 --period 2026-01-01..2026-12-31\n"
	"  tickmark occurrences work --state overdue\n"
	"  tickmark perform work AC-05 --by E014 --evidence \"review of 3 March\"\n"
	"\n"
	"A control that works when it is called for has an occurrence for each\n"
	"trigger. Joiners, leavers, incidents, changes, new vendors and the like are\n"
	"taken from their records; other triggers are records of type trigger, and a\n"
	"month without one is \"not triggered\" only if a record of type trigger_log\n"
	"vouches for it, and \"unknown\" otherwise.",
	1, 64, occurrences_opts, run_occurrences, false,
};

/* --- perform ---------------------------------------------------------------- */

static int
take_file(struct cli *c, struct perform *p, struct buf *bytes, struct err *e)
{
	const char *path = cli_opt(c, "file");

	if (path == NULL)
		return (cli_opt(c, "class") == NULL ? 0 : err_set(e, ERR_USAGE,
		    "--class", "give --file FILE too", "there is no file that it "
		    "could be the class of"));
	int r = file_read(path, ATTACH_MAX, bytes, e);
	if (r != 0)
		return (r);
	p->file = buf_str(bytes);
	p->file_class = str_from(cli_opt(c, "class"));
	const char *slash = strrchr(path, '/');
	p->file_name = str_from(slash != NULL ? slash + 1 : path);
	return (0);
}

static int
run_perform(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct record_actor me = actor_me(c->arena);
	struct occurrence_book b;
	struct occurrence o = { 0 };
	BUF_SCOPED file = BUF_INIT;
	struct str id;
	struct perform p = { .control = str_from(c->arg[1]),
		.on = str_from(cli_opt(c, "window")),
		.trigger = str_from(cli_opt(c, "trigger")),
		.performer = str_from(cli_opt(c, "by")),
		.evidence = str_from(cli_opt(c, "evidence")),
		.note = str_from(cli_opt(c, "note")),
		.without = str_from(cli_opt(c, "without")),
		.found = cli_opt(c, "found") != NULL };

	if (p.performer.len == 0)
		return (err_set(e, ERR_USAGE, "perform", "give --by PERSON, such as "
		    "--by E014", "nobody is named who carried it out"));
	int r = take_file(c, &p, &file, e);
	if (r == 0)
		r = session_open(c, SESSION_WRITE, &s, e);
	if (r == 0)
		r = session_assess(&s, e);
	if (r == 0)
		r = occurrence_book_read(c->arena, &s.ws->records, s.zone,
		    assess_procedures(s.as), said_now(&s.ws->records), &b, e);
	if (r == 0)
		r = perform_control(c->arena, &b, &me, &p, &id, &o, e);
	if (r == 0)
		r = session_written(&s, e);
	if (r != 0)
		return (r);
	if (c->json)
		cli_print_json(c, json_one(c, &s, &o));
	else
		printf(STR_FMT " for %s..%s: %s\n", STR_ARG(o.code),
		    day_text(c, o.first), day_text(c, o.last), state_text(&o));
	return (0);
}

static const struct cli_opt perform_opts[] = {
	{ "by", OPT_TEXT, "PERSON", "who carried it out: code of a person" },
	{ "evidence", OPT_TEXT, "TEXT", "what shows it, and where that lies" },
	{ "file", OPT_TEXT, "FILE", "the file that shows it: it is kept, at most "
	    "32 MiB" },
	{ "class", OPT_TEXT, "CLASS", "of what is in the file: public, internal "
	    "(as is), confidential, restricted, personal" },
	{ "without", OPT_TEXT, "TEXT", "a piece that the control names and that is "
	    "missing, and why" },
	{ "window", OPT_TEXT, "DAY", "a day in the window that is meant" },
	{ "trigger", OPT_TEXT, "CODE", "the trigger that called for it" },
	{ "note", OPT_TEXT, "TEXT", "what was found, and what follows" },
	{ "found", OPT_FLAG, NULL, "it was carried out and found something" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_perform = {
	"perform", "DIR CONTROL --by PERSON --evidence TEXT [--window DAY]",
	"record that somebody carried out a control",
	"Without --window or --trigger the oldest occurrence that waits is meant.\n"
	"When it was done is when the ledger takes it in. Evidence is required;\n"
	"without it the command says what the control wants to be shown, and of\n"
	"several pieces (\"minutes, pack\") which one nothing is said of.\n"
	"\n"
	"  tickmark perform work AC-05 --by E014 --evidence \"review of 3 March\" \\\n"
	"      --file review.pdf\n"
	"  tickmark perform work IR-02 --by E003 --trigger TRG-0012 \\\n"
	"      --evidence \"incident record IN-7\"\n"
	"\n"
	"The file lies in the ledger, encrypted under a key of its own: get it with\n"
	"tickmark occurrences DIR --take ID -o FILE. By its class it goes into\n"
	"bundles: restricted never, personal not with --withhold personal.\n"
	"\n"
	"A performance is not changed afterwards: retire a wrong one, and record\n"
	"another.",
	2, 2, perform_opts, run_perform, false,
};
