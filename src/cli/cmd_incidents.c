/* tickmark incidents: clocks and timelines. */
#include "cli/commands.h"
#include "cli/session.h"
#include "program/incidents.h"
#include "program/said.h"
#include "text/csv.h"

static const char *
field_of(struct cli *c, struct session *s, const struct record *r, size_t f)
{
	return (cli_text(c, record_text(&s->ws->records, c->arena, r, f)));
}

static const char *
when(struct cli *c, const struct session *s, int64_t at)
{
	char t[TIME_SIZE];

	return (at == 0 ? "" : arena_strdup(c->arena, time_print_zone(s->zone,
	    at, t)));
}

static const char *
person_of(struct cli *c, struct session *s, struct str id)
{
	return (id.len == 0 ? "" : cli_text(c, record_handle(&s->ws->records,
	    c->arena, schema_get(T_PERSON), id)));
}

/* "late since ...", "until ...", "in time" */
static const char *
clock_text(struct cli *c, const struct session *s, enum incidents_clock k,
    int64_t due)
{
	if (k == INCIDENTS_RUNNING)
		return (arena_printf(c->arena, "until %s", when(c, s, due)));
	if (k == INCIDENTS_OVER)
		return (arena_printf(c->arena, "late since %s", when(c, s, due)));
	return (incidents_clock_word(k));
}

static const char *
breach_text(struct cli *c, struct session *s, const struct incidents_line *l)
{
	const char *decision = field_of(c, s, l->incident,
	    F_INCIDENT_BREACH_DECISION);

	if (l->undecided)
		return ("to be decided");
	if (l->notices == 0)
		return (decision);
	if (l->notices_open == 0)
		return (arena_printf(c->arena, "%zu sent, %s", l->notices,
		    incidents_clock_word(l->notice)));
	return (arena_printf(c->arena, "%zu of %zu to send, %s", l->notices_open,
	    l->notices, clock_text(c, s, l->notice == INCIDENTS_MISSED ?
	    INCIDENTS_RUNNING : l->notice, l->notice_due)));
}

static void
print_table(struct cli *c, struct session *s, const struct incidents *x,
    int64_t now)
{
	struct cli_table *t;
	char span[TIME_SIZE];

	if (x->n == 0) {
		printf("No incident is open. Record one as soon as it is known; its "
		    "clocks start then:\n  tickmark record %s incident put "
		    "code=INC-2026-001 title=\"...\" detected_at=2026-03-01T09:00:00Z\n"
		    "Those that are closed: tickmark incidents %s --closed\n",
		    cli_word(c, c->arg[0]), cli_word(c, c->arg[0]));
		return;
	}
	printf("%zu incident%s, %zu open, %zu with a clock that is late\n\n", x->n,
	    x->n == 1 ? "" : "s", x->open, x->late);
	t = cli_table(c, 8, "incident", "severity", "state", "detected", "took",
	    "triage", "breach", "title");
	for (size_t i = 0; i < x->n; i++) {
		const struct incidents_line *l = &x->at[i];
		cli_row(t, field_of(c, s, l->incident, F_INCIDENT_CODE),
		    field_of(c, s, l->incident, F_INCIDENT_SEVERITY),
		    field_of(c, s, l->incident, F_INCIDENT_STATE),
		    when(c, s, l->detected), arena_strdup(c->arena, time_span(
		    (l->closed != 0 ? l->closed : now) - l->detected, span)),
		    clock_text(c, s, l->triage, l->triage_due),
		    breach_text(c, s, l),
		    field_of(c, s, l->incident, F_INCIDENT_TITLE));
		if (l->triage == INCIDENTS_OVER)
			cli_tint(t, 5, TONE_BAD);
		if (l->notice == INCIDENTS_OVER)
			cli_tint(t, 6, TONE_BAD);
		else if (l->undecided)
			cli_tint(t, 6, TONE_WARN);
	}
	cli_table_print(t);
}

static void
put_time(struct arena *a, struct val *m, const char *key, int64_t at)
{
	char t[TIME_SIZE];

	val_put(a, m, key, at == 0 ? val_null(a) : val_text(a, time_print(at,
	    t)));
}

static struct val *
json_one(struct cli *c, struct session *s, const struct incidents_line *l)
{
	struct arena *a = c->arena;
	struct val *m = val_map(a);

	val_put(a, m, "incident", val_text(a, field_of(c, s, l->incident,
	    F_INCIDENT_CODE)));
	val_put(a, m, "title", val_text(a, field_of(c, s, l->incident,
	    F_INCIDENT_TITLE)));
	val_put(a, m, "severity", val_text(a, field_of(c, s, l->incident,
	    F_INCIDENT_SEVERITY)));
	val_put(a, m, "state", val_text(a, field_of(c, s, l->incident,
	    F_INCIDENT_STATE)));
	put_time(a, m, "detected_at", l->detected);
	put_time(a, m, "closed_at", l->closed);
	put_time(a, m, "triage_due_at", l->triage_due);
	val_put(a, m, "triage", val_text(a, incidents_clock_word(l->triage)));
	val_put(a, m, "breach_undecided", val_bool(a, l->undecided));
	val_put(a, m, "notices", val_int(a, (int64_t)l->notices));
	val_put(a, m, "notices_open", val_int(a, (int64_t)l->notices_open));
	put_time(a, m, "notice_due_at", l->notice_due);
	val_put(a, m, "notice", val_text(a, incidents_clock_word(l->notice)));
	return (m);
}

static void
print_json(struct cli *c, struct session *s, const struct incidents *x)
{
	struct arena *a = c->arena;
	struct val *m = val_map(a), *list = val_list(a);

	val_put(a, m, "open", val_int(a, (int64_t)x->open));
	val_put(a, m, "late", val_int(a, (int64_t)x->late));
	for (size_t i = 0; i < x->n; i++)
		val_push(a, list, json_one(c, s, &x->at[i]));
	val_put(a, m, "incidents", list);
	cli_print_json(c, m);
}

static void
print_csv(struct cli *c, struct session *s, const struct incidents *x)
{
	static const char *const titles[] = { "incident", "title", "severity",
		"state", "detected_at", "closed_at", "triage_due_at", "triage",
		"notices", "notices_open", "notice_due_at", "notice" };
	BUF_SCOPED out = BUF_INIT;
	struct csv_writer w = CSV_WRITER(&out);

	w.guard = true;
	csv_puttitles(&w, titles, sizeof(titles) / sizeof(titles[0]));
	for (size_t i = 0; i < x->n; i++) {
		const struct incidents_line *l = &x->at[i];
		char t[TIME_SIZE];
		csv_puttext(&w, field_of(c, s, l->incident, F_INCIDENT_CODE));
		csv_puttext(&w, field_of(c, s, l->incident, F_INCIDENT_TITLE));
		csv_puttext(&w, field_of(c, s, l->incident, F_INCIDENT_SEVERITY));
		csv_puttext(&w, field_of(c, s, l->incident, F_INCIDENT_STATE));
		csv_puttext(&w, time_print(l->detected, t));
		csv_puttext(&w, l->closed == 0 ? NULL : time_print(l->closed, t));
		csv_puttext(&w, l->triage_due == 0 ? NULL :
		    time_print(l->triage_due, t));
		csv_puttext(&w, incidents_clock_word(l->triage));
		csv_putint(&w, (int64_t)l->notices);
		csv_putint(&w, (int64_t)l->notices_open);
		csv_puttext(&w, l->notice_due == 0 ? NULL :
		    time_print(l->notice_due, t));
		csv_puttext(&w, incidents_clock_word(l->notice));
		csv_endrow(&w);
	}
	fwrite(out.ptr, 1, out.len, stdout);
}

/* --- one ---------------------------------------------------------------------- */

static void
print_timeline(struct cli *c, struct session *s, const struct record *r,
    const struct incidents_moments *m)
{
	struct cli_table *t;
	char span[TIME_SIZE];

	if (!c->json)
		printf("%s: %s\n%s, %s\n\n", field_of(c, s, r, F_INCIDENT_CODE),
		    field_of(c, s, r, F_INCIDENT_TITLE),
		    field_of(c, s, r, F_INCIDENT_SEVERITY),
		    field_of(c, s, r, F_INCIDENT_STATE));
	t = cli_table(c, 5, "time", "after", "what", "who", "text");
	for (size_t i = 0; i < m->n; i++)
		cli_row(t, when(c, s, m->at[i].at), arena_strdup(c->arena,
		    time_span(m->at[i].at - m->at[0].at, span)), m->at[i].what,
		    person_of(c, s, m->at[i].person), cli_text(c, m->at[i].text));
	cli_table_print(t);
}

static int
run_one(struct cli *c, struct session *s, struct err *e)
{
	struct incidents_moments m;
	struct record *r;
	int rc = record_find(&s->ws->records, c->arena, schema_get(T_INCIDENT),
	    str_from(c->arg[1]), &r, e);

	if (rc == 0)
		rc = incidents_timeline(&s->ws->records, c->arena, r, &m, e);
	if (rc == 0)
		print_timeline(c, s, r, &m);
	return (rc);
}

static int
run_incidents(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct incidents x;
	int r = session_open(c, SESSION_READ, &s, e);

	if (r != 0 || c->nargs == 2)
		return (r != 0 ? r : run_one(c, &s, e));
	int64_t now = said_now(&s.ws->records);
	r = incidents_read(&s.ws->records, c->arena, now,
	    cli_opt(c, "closed") != NULL, &x, e);
	if (r != 0)
		return (r);
	if (c->json)
		print_json(c, &s, &x);
	else if (cli_opt(c, "csv") != NULL)
		print_csv(c, &s, &x);
	else
		print_table(c, &s, &x, now);
	return (0);
}

static const struct cli_opt opts[] = {
	{ "closed", OPT_FLAG, NULL, "those that are closed as well" },
	{ "csv", OPT_FLAG, NULL, "print as CSV" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_incidents = {
	"incidents", "DIR [CODE] [--closed] [--csv]",
	"incidents with their clocks; the timeline of one",
	"Lists the incidents that are open, with the clock of their triage (from the\n"
	"deadline of their severity), whether it is decided that they are a breach of\n"
	"personal data, and the clocks of its notices (from the jurisdictions). With\n"
	"a CODE: what happened to it, in the order of time.\n"
	"\n"
	"  tickmark incidents work\n"
	"  tickmark incidents work INC-2026-001\n"
	"  tickmark record work incident_event put incident=INC-2026-001 \\\n"
	"      happened_at=2026-03-01T09:30:00Z kind=action text=\"...\"",
	1, 2, opts, run_incidents, false,
};
