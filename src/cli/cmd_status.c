/* tickmark status: the screen of each morning. */
#include "base/clock.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "program/ready.h"

static enum cli_tone
tone_of(enum readiness_state s)
{
	switch (s) {
	case READINESS_EXCEPTIONS:
		return (TONE_BAD);
	case READINESS_MISSING:
	case READINESS_UNKNOWN:
		return (TONE_WARN);
	case READINESS_CLEAR:
		return (TONE_GOOD);
	case READINESS_OUT_OF_SCOPE:
		return (TONE_DIM);
	default:
		return (TONE_PLAIN);
	}
}

static struct val *
json_gaps(struct arena *a, const struct readiness_gap *g, size_t n)
{
	struct val *list = val_list(a);

	for (size_t i = 0; i < n; i++) {
		struct val *m = val_map(a);
		val_put(a, m, "state", val_text(a, readiness_state_name(g[i].state)));
		val_put(a, m, "about", val_str(a, g[i].about));
		val_put(a, m, "text", val_str(a, g[i].text));
		val_put(a, m, "fix", val_str(a, g[i].fix));
		val_push(a, list, m);
	}
	return (list);
}

static struct val *
json_procedure(struct arena *a, const struct readiness_procedure *p)
{
	struct val *m = val_map(a);

	val_put(a, m, "id", val_str(a, p->id));
	val_put(a, m, "title", val_str(a, p->title));
	val_put(a, m, "tested", val_bool(a, p->tested));
	if (p->tested) {
		char t[TIME_SIZE];
		val_put(a, m, "outcome", val_text(a, assess_outcome_name(p->outcome)));
		val_put(a, m, "members", val_int(a, p->members));
		for (int i = 0; i < ASSESS_NSTATUS; i++)
			val_put(a, m, assess_status_name((enum assess_status)i),
			    val_int(a, p->subjects[i]));
		val_put(a, m, "judged_at", val_text(a, time_print(p->judged_at, t)));
		val_put(a, m, "stale", val_bool(a, p->stale));
	}
	val_put(a, m, "note", val_str(a, p->note));
	return (m);
}

static struct val *
json_of(struct arena *a, const struct readiness *r)
{
	struct val *m = val_map(a), *list = val_list(a), *controls = val_list(a);
	char t[TIME_SIZE];

	val_put(a, m, "as_of", val_text(a, time_print(r->at, t)));
	val_put(a, m, "organisation", val_str(a, r->organisation));
	val_put(a, m, "system", val_str(a, r->system_name));
	val_put(a, m, "sentence", val_str(a, r->sentence));
	for (size_t i = 0; i < r->ncriteria; i++) {
		const struct readiness_criterion *k = &r->criteria[i];
		struct val *x = val_map(a), *ids = val_list(a);
		val_put(a, x, "id", val_str(a, k->id));
		val_put(a, x, "title", val_str(a, k->title));
		val_put(a, x, "in_scope", val_bool(a, k->in_scope));
		val_put(a, x, "state",
		    val_text(a, readiness_state_name(k->readiness)));
		val_put(a, x, "sentence", val_str(a, k->sentence));
		val_put(a, x, "reason", val_str(a, k->reason));
		for (size_t j = 0; j < k->ncontrols; j++)
			val_push(a, ids, val_str(a, k->controls[j]->id));
		val_put(a, x, "controls", ids);
		val_put(a, x, "gaps", json_gaps(a, k->gaps, k->ngaps));
		val_push(a, list, x);
	}
	val_put(a, m, "criteria", list);
	for (size_t i = 0; i < r->ncontrols; i++) {
		const struct readiness_control *k = r->controls[i];
		struct val *x = val_map(a), *procs = val_list(a);
		val_put(a, x, "id", val_str(a, k->id));
		val_put(a, x, "statement", val_str(a, k->statement));
		val_put(a, x, "owner", val_str(a, k->owner));
		val_put(a, x, "record_state", val_str(a, k->state));
		val_put(a, x, "state",
		    val_text(a, readiness_state_name(k->readiness)));
		for (size_t j = 0; j < k->nprocedures; j++)
			val_push(a, procs, json_procedure(a, k->procedures[j]));
		val_put(a, x, "procedures", procs);
		val_put(a, x, "gaps", json_gaps(a, k->gaps, k->ngaps));
		val_push(a, controls, x);
	}
	val_put(a, m, "controls", controls);
	val_put(a, m, "gaps", json_gaps(a, r->gaps, r->ngaps));
	return (m);
}

static void
print_gaps(const struct cli *c, const struct readiness_gap *g, size_t n,
    int indent)
{
	for (size_t i = 0; i < n; i++) {
		ARENA_SCOPED a = ARENA_INIT;
		char *line = arena_printf(&a, "%s%s" STR_FMT "%s" STR_FMT,
		    "- ", "", STR_ARG(g[i].text), g[i].fix.len ? " -> " : "",
		    STR_ARG(g[i].fix));
		cli_wrap(c, indent, line);
	}
}

static void
print_procedure(struct cli *c, const struct readiness_procedure *p)
{
	if (!p->tested) {
		printf("      %-28s %snot tested%s  " STR_FMT "\n",
		    cli_text(c, p->id), cli_tone(c, TONE_WARN),
		    cli_tone(c, TONE_PLAIN), STR_ARG(p->title));
	} else {
		enum cli_tone t = p->outcome == ASSESS_EXCEPTIONS ? TONE_BAD :
		    p->outcome == ASSESS_INDETERMINATE ? TONE_WARN : TONE_GOOD;
		printf("      %-28s %s%s%s", cli_text(c, p->id), cli_tone(c, t),
		    assess_outcome_words(p->outcome), cli_tone(c, TONE_PLAIN));
		if (p->members != 0)
			printf("  %lld members, %lld fail, %lld unknown",
			    (long long)p->members,
			    (long long)p->subjects[ASSESS_FAIL],
			    (long long)p->subjects[ASSESS_UNKNOWN]);
		printf("%s\n", p->stale ? "  (stale)" : "");
	}
	if (p->note.len != 0)
		cli_wrap(c, 8, cli_text(c, p->note));
}

static void
print_control(struct cli *c, const struct readiness_control *k)
{
	printf("  %s%s%s  %s%s%s  (%s%s%s)\n", cli_tone(c, TONE_BOLD),
	    cli_text(c, k->id), cli_tone(c, TONE_PLAIN),
	    cli_tone(c, tone_of(k->readiness)),
	    readiness_state_words(k->readiness), cli_tone(c, TONE_PLAIN),
	    cli_text(c, k->state), k->owner.len ? ", " : "", cli_text(c, k->owner));
	cli_wrap(c, 4, cli_text(c, k->statement));
	for (size_t i = 0; i < k->nprocedures; i++)
		print_procedure(c, k->procedures[i]);
	print_gaps(c, k->gaps, k->ngaps, 6);
}

static void
print_criterion(struct cli *c, const struct readiness_criterion *k)
{
	printf("%s%s  %s%s  %s%s%s\n", cli_tone(c, TONE_BOLD), cli_text(c, k->id),
	    cli_text(c, k->title), cli_tone(c, TONE_PLAIN),
	    cli_tone(c, tone_of(k->readiness)),
	    readiness_state_words(k->readiness), cli_tone(c, TONE_PLAIN));
	cli_wrap(c, 2, cli_text(c, k->sentence));
	if (!k->in_scope && k->reason.len != 0 && !str_eq(k->reason, k->sentence))
		cli_wrap(c, 2, cli_text(c, k->reason));
	print_gaps(c, k->gaps, k->ngaps, 2);
	for (size_t i = 0; i < k->ncontrols; i++)
		print_control(c, k->controls[i]);
	printf("\n");
}

/* status DIR ID...: criteria and controls in full. */
static int
print_asked(struct cli *c, const struct readiness *r, struct err *e)
{
	for (size_t i = 1; i < c->nargs; i++) {
		bool found = false;
		for (size_t k = 0; k < r->ncriteria; k++)
			if (str_is(r->criteria[k].id, c->arg[i])) {
				print_criterion(c, &r->criteria[k]);
				found = true;
			}
		for (size_t k = 0; k < r->ncontrols; k++)
			if (str_is(r->controls[k]->id, c->arg[i])) {
				print_control(c, r->controls[k]);
				found = true;
			}
		if (!found)
			return (err_set(e, ERR_NOTFOUND, c->arg[i],
			    "give ids such as CC6.1 or AC-03",
			    "there is no such criterion or control"));
	}
	return (0);
}

static void
print_counts(struct cli *c, const struct readiness *r)
{
	size_t in = r->ncriteria - r->count[READINESS_OUT_OF_SCOPE];

	printf("%zu criteria in scope:", in);
	const char *sep = " ";
	for (int s = 0; s < READINESS_OUT_OF_SCOPE; s++) {
		if (r->count[s] == 0)
			continue;
		printf("%s%s%zu %s%s", sep,
		    cli_tone(c, tone_of((enum readiness_state)s)), r->count[s],
		    readiness_state_words((enum readiness_state)s),
		    cli_tone(c, TONE_PLAIN));
		sep = ", ";
	}
	printf("\n\n");
}

/* One test may serve many controls; what is wrong with it is said once. */
static void
keep_new(const struct readiness_gap **list, size_t *n,
    const struct readiness_gap *gaps, size_t ngaps)
{
	for (size_t i = 0; i < ngaps; i++) {
		size_t k = 0;
		while (k < *n && !(str_eq(list[k]->text, gaps[i].text) &&
		    str_eq(list[k]->fix, gaps[i].fix) &&
		    list[k]->state == gaps[i].state))
			k++;
		if (k == *n)
			list[(*n)++] = &gaps[i];
	}
}

/* The most urgent gaps: exceptions first, in order of the controls' ids. */
static void
print_next(struct cli *c, const struct readiness *r, size_t most)
{
	size_t shown = 0, n = 0, all = r->ngaps;

	for (size_t k = 0; k < r->ncontrols; k++)
		all += r->controls[k]->ngaps;
	const struct readiness_gap **list = arena_array(c->arena, all + 1,
	    sizeof(*list));
	keep_new(list, &n, r->gaps, r->ngaps);
	for (size_t k = 0; k < r->ncontrols; k++)
		keep_new(list, &n, r->controls[k]->gaps, r->controls[k]->ngaps);
	printf("\n%sWhat is missing first%s\n", cli_tone(c, TONE_BOLD),
	    cli_tone(c, TONE_PLAIN));
	for (int s = 0; s < READINESS_CLEAR; s++)
		for (size_t i = 0; i < n && shown < most; i++)
			if ((int)list[i]->state == s) {
				print_gaps(c, list[i], 1, 2);
				shown++;
			}
	if (n == 0)
		printf("  nothing that this program can see\n");
	else if (n > shown)
		printf("  and %zu more: tickmark status %s --all, or "
		       "tickmark status %s CC6.1\n", n - shown,
		    cli_word(c, c->arg[0]), cli_word(c, c->arg[0]));
}

static int
run(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct session_when w;
	struct readiness *r;
	char t[TIME_SIZE];

	int rc = session_open(c, SESSION_READ, &s, e);
	if (rc == 0)
		rc = session_hold(&s, e);
	if (rc == 0)
		rc = session_when(c, &s, &w, e);
	if (rc == 0)
		rc = session_assess(&s, e);
	if (rc == 0)
		rc = ready_read(c->arena, s.as, w.given ? w.at : INT64_MAX, &r, e);
	if (rc != 0)
		return (rc);
	if (c->json) {
		cli_print_json(c, json_of(c->arena, r));
		return (0);
	}
	if (c->nargs > 1)
		return (print_asked(c, r, e));
	printf("%s" STR_FMT "%s%s" STR_FMT "   as of %s\n",
	    cli_tone(c, TONE_BOLD), STR_ARG(r->organisation),
	    cli_tone(c, TONE_PLAIN), r->system_name.len ? ", " : "",
	    STR_ARG(r->system_name), time_print_zone(s.zone, r->at, t));
	print_counts(c, r);
	bool all = cli_opt(c, "all") != NULL;
	struct cli_table *table = cli_table(c, 4, "", "criterion", "readiness", "controls");
	for (size_t i = 0; i < r->ncriteria; i++) {
		const struct readiness_criterion *k = &r->criteria[i];
		/* What was decided out of scope stays listed, with its reason. */
		if (!k->in_scope && !all && !k->decided)
			continue;
		cli_row(table, cli_text(c, k->id), cli_text(c, k->title),
		    readiness_state_words(k->readiness), cli_text(c, k->sentence));
		cli_tint(table, 2, tone_of(k->readiness));
	}
	cli_table_print(table);
	print_next(c, r, all ? SIZE_MAX : 8);
	return (0);
}

static const struct cli_opt opts[] = {
	{ "as-of", OPT_TEXT, "TIME", "as of a date or RFC 3339 time" },
	{ "all", OPT_FLAG, NULL, "every gap, and criteria out of scope" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_status = {
	"status", "DIR [ID...] [--as-of T] [--all]",
	"readiness of each criterion, and what is missing",
	"For each criterion in scope: what exists, what the tests said, what is\n"
	"missing, in words. It reads recorded results and runs no test.\n"
	"\n"
	"  tickmark status work                 the whole picture\n"
	"  tickmark status work CC6.2 AC-03     a criterion or control in full\n"
	"  tickmark status work --as-of 2026-03-31",
	1, 64, opts, run, false,
};
