/* tickmark test: run procedures over their whole population. */
#include "assess/assess.h"
#include "assess/procedure.h"
#include "cli/commands.h"
#include "cli/session.h"

#define SHOWN 5 /* items of a result, without --all */

static enum cli_tone
tone_of(enum assess_outcome o)
{
	return (o == ASSESS_EXCEPTIONS ? TONE_BAD :
	    o == ASSESS_INDETERMINATE ? TONE_WARN : TONE_GOOD);
}

static struct val *
json_items(struct arena *a, const struct assess_result *r)
{
	struct val *list = val_list(a);
	char t[TIME_SIZE];

	for (size_t i = 0; i < r->nitems; i++) {
		const struct assess_item *it = &r->items[i];
		struct val *m = val_map(a);
		val_put(a, m, "subject", val_str(a, it->subject));
		val_put(a, m, "label", val_str(a, it->label));
		val_put(a, m, "status",
		    val_text(a, assess_status_name(it->status)));
		val_put(a, m, "reason", val_str(a, it->reason));
		val_put(a, m, "from", val_text(a, time_print(it->from, t)));
		val_put(a, m, "to", val_text(a, time_print(it->to, t)));
		val_put(a, m, "evidence", val_str(a, it->evidence));
		if (it->by.len != 0)
			val_put(a, m, "exempt_by", val_str(a, it->by));
		val_push(a, list, m);
	}
	return (list);
}

static struct val *
json_result(struct arena *a, const struct assess_result *r)
{
	struct val *m = val_map(a), *subjects = val_map(a);
	struct val *tables = val_list(a), *blind = val_list(a);
	BUF_SCOPED hex = BUF_INIT;
	char t[TIME_SIZE];

	val_put(a, m, "id", val_str(a, r->procedure->id));
	val_put(a, m, "title", val_str(a, r->procedure->title));
	val_put(a, m, "outcome", val_text(a, assess_outcome_name(r->outcome)));
	val_put(a, m, "from", val_text(a, time_print(r->time.from, t)));
	val_put(a, m, "to", val_text(a, time_print(r->time.to, t)));
	val_put(a, m, "members", val_int(a, r->members));
	for (int i = 0; i < ASSESS_NSTATUS; i++)
		val_put(a, subjects, assess_status_name((enum assess_status)i),
		    val_int(a, r->subjects[i]));
	val_put(a, m, "subjects", subjects);
	buf_puthex(&hex, r->sha256, sizeof(r->sha256));
	val_put(a, m, "sha256", val_str(a, buf_str(&hex)));
	val_put(a, m, "known_at", val_int(a, (int64_t)r->known_at));
	val_put(a, m, "evidence_upto", val_int(a, (int64_t)r->upto));
	if (r->entry != UINT64_MAX)
		val_put(a, m, "entry", val_int(a, (int64_t)r->entry));
	val_put(a, m, "reused", val_bool(a, r->reused));
	for (size_t i = 0; i < r->ntables; i++)
		val_push(a, tables, val_str(a, r->tables[i]));
	val_put(a, m, "tables", tables);
	for (size_t i = 0; i < r->nblind; i++)
		val_push(a, blind, val_str(a, r->blind[i]));
	val_put(a, m, "blind", blind);
	val_put(a, m, "items", json_items(a, r));
	if (r->error.code != ERR_OK) {
		char line[2200];
		err_format(&r->error, line, sizeof(line));
		val_put(a, m, "error", val_text(a, line));
	}
	return (m);
}

static void
print_items(struct cli *c, struct session *s, const struct assess_result *r,
    int64_t most)
{
	char from[TIME_SIZE], to[TIME_SIZE];
	int64_t shown = 0, wanted = 0;

	/* Failing members first: they are what somebody has to act on. */
	for (int status = ASSESS_FAIL; status < ASSESS_NSTATUS; status++) {
		if (status == ASSESS_NA)
			continue;
		wanted += r->intervals[status];
		for (size_t i = 0; i < r->nitems; i++) {
			const struct assess_item *it = &r->items[i];
			if ((int)it->status != status)
				continue;
			if (shown == most)
				break;
			shown++;
			printf("    %s%-7s%s " STR_FMT, cli_tone(c,
			    status == ASSESS_FAIL ? TONE_BAD : TONE_WARN),
			    assess_status_name(it->status), cli_tone(c, TONE_PLAIN),
			    STR_ARG(it->label.len ? it->label : it->subject));
			if (r->procedure->kind == PROCEDURE_EVENT)
				printf("  %s", time_print_zone(s->zone, it->from, from));
			else if (r->time.period)
				printf("  %s to %s", time_print_zone(s->zone, it->from,
				    from), time_print_zone(s->zone, it->to, to));
			printf("\n");
			if (it->reason.len != 0)
				cli_wrap(c, 12, arena_strndup(c->arena, it->reason.ptr,
				    it->reason.len));
		}
	}
	if (wanted > shown && most == SHOWN)
		printf("    and %lld more: tickmark test %s " STR_FMT " --all\n",
		    (long long)(wanted - shown), cli_word(c, c->arg[0]),
		    STR_ARG(r->procedure->id));
	else if (wanted > shown)
		printf("    and %lld more, which the result counts and does not "
		    "list\n", (long long)(wanted - shown));
}

static void
print_result(struct cli *c, struct session *s, const struct session_when *w,
    const struct assess_result *r, int64_t most)
{
	if (r->error.code != ERR_OK) {
		char line[2200];
		err_format(&r->error, line, sizeof(line));
		printf("%s" STR_FMT "  not run%s\n", cli_tone(c, TONE_BAD),
		    STR_ARG(r->procedure->id), cli_tone(c, TONE_PLAIN));
		cli_wrap(c, 4, line);
		return;
	}
	printf("%s%-14s%s " STR_FMT "  " STR_FMT "\n",
	    cli_tone(c, tone_of(r->outcome)), assess_outcome_words(r->outcome),
	    cli_tone(c, TONE_PLAIN), STR_ARG(r->procedure->id),
	    STR_ARG(r->procedure->title));
	if (r->members != 0)
		printf("    %lld members: %lld ok, %lld fail, %lld unknown, "
		       "%lld not applicable, %lld exempt%s\n",
		    (long long)r->members, (long long)r->subjects[ASSESS_OK],
		    (long long)r->subjects[ASSESS_FAIL],
		    (long long)r->subjects[ASSESS_UNKNOWN],
		    (long long)r->subjects[ASSESS_NA],
		    (long long)r->subjects[ASSESS_EXEMPT],
		    r->reused ? "  (unchanged)" : "");
	/* A test of events at an instant looks back over its window. */
	if (r->time.period && !w->period) {
		char from[TIME_SIZE], to[TIME_SIZE];
		printf("    looked at %s to %s\n",
		    time_print_zone(s->zone, r->time.from, from),
		    time_print_zone(s->zone, r->time.to, to));
	}
	print_items(c, s, r, most);
	for (size_t i = 0; i < r->nblind; i++)
		cli_wrap(c, 4, arena_strndup(c->arena, r->blind[i].ptr,
		    r->blind[i].len));
}

static int
print_all(struct cli *c, struct session *s, const struct session_when *w,
    const struct assess_result *r, size_t n)
{
	size_t count[ASSESS_NOUTCOME] = { 0 }, errors = 0;
	int64_t most = cli_opt(c, "all") != NULL ? INT64_MAX : SHOWN;

	printf("%s\n\n", w->label);
	for (size_t i = 0; i < n; i++) {
		print_result(c, s, w, &r[i], most);
		if (r[i].error.code != ERR_OK)
			errors++;
		else
			count[r[i].outcome]++;
	}
	printf("\n%zu tests:", n);
	const char *sep = " ";
	for (int i = 0; i < ASSESS_NOUTCOME; i++)
		if (count[i] != 0) {
			printf("%s%zu %s", sep, count[i],
			    assess_outcome_words((enum assess_outcome)i));
			sep = ", ";
		}
	if (errors != 0)
		printf("%s%zu not run", sep, errors);
	printf("\n");
	return (0);
}

static int
list(struct cli *c, struct session *s)
{
	const struct procedure_set *set = assess_procedures(s->as);

	if (c->json) {
		struct val *l = val_list(c->arena);
		for (size_t i = 0; i < set->n; i++) {
			struct val *m = val_map(c->arena);
			val_put(c->arena, m, "id", val_str(c->arena, set->at[i].id));
			val_put(c->arena, m, "title",
			    val_str(c->arena, set->at[i].title));
			struct val *k = val_list(c->arena);
			for (size_t j = 0; j < set->at[i].ncontrols; j++)
				val_push(c->arena, k,
				    val_str(c->arena, set->at[i].controls[j]));
			val_put(c->arena, m, "controls", k);
			val_push(c->arena, l, m);
		}
		cli_print_json(c, l);
		return (0);
	}
	struct cli_table *t = cli_table(c, 4, "procedure", "control", "kind",
	    "title");
	for (size_t i = 0; i < set->n; i++) {
		const struct procedure *p = &set->at[i];
		BUF_SCOPED ids = BUF_INIT;
		for (size_t j = 0; j < p->ncontrols; j++)
			buf_printf(&ids, "%s" STR_FMT, j ? " " : "",
			    STR_ARG(p->controls[j]));
		cli_row(t, arena_strndup(c->arena, p->id.ptr, p->id.len),
		    arena_strdup(c->arena, ids.len ? ids.ptr : ""),
		    p->wrong != NULL ? "-" : p->kind == PROCEDURE_EVENT ? "event" :
		    p->mode == PROCEDURE_INSTANT ? "instant" : "state",
		    arena_strndup(c->arena, p->title.ptr, p->title.len));
	}
	cli_table_print(t);
	return (0);
}

static int
run(struct cli *c, struct err *e)
{
	SESSION_SCOPED s = { 0 };
	struct session_when w;
	const struct procedure **procs;
	struct assess_result *results;
	size_t n;
	int64_t seconds;

	bool only_list = cli_opt(c, "list") != NULL;
	bool record = cli_opt(c, "no-record") == NULL && !only_list;
	int r = cli_opt_int(c, "timeout", 0, &seconds, e);
	if (r == 0 && seconds > 86400)
		r = err_set(e, ERR_USAGE, "--timeout", "give 1 to 86400 seconds",
		    "longer than a day");
	if (r == 0)
		r = session_open(c, record ? SESSION_WRITE : SESSION_READ, &s, e);
	if (r == 0)
		r = session_when(c, &s, &w, e);
	if (r == 0)
		r = session_assess(&s, e);
	if (r != 0)
		return (r);
	if (only_list)
		return (list(c, &s));
	r = assess_select(c->arena, s.as, c->arg + 1, c->nargs - 1, &procs, &n, e);
	if (r != 0)
		return (r);
	struct assess_options opt = {
		.time = { .period = w.period, .from = w.from, .to = w.to,
		    .label = w.period ? cli_opt(c, "period") : NULL,
		    .zone = w.period ? zone_name(s.zone) : NULL },
		.known_at = w.known,
		.record = record,
		.hash = c->json,
		.force = cli_opt(c, "force") != NULL,
		.timeout_us = seconds * CLOCK_SECOND,
		.max_items = cli_opt(c, "all") != NULL ? SIZE_MAX :
		    c->json ? 0 : SHOWN,
	};
	r = assess_run(c->arena, s.as, procs, n, &opt, &results, e);
	if (r == 0 && record)
		r = session_done(&s, e);
	if (r != 0)
		return (r);
	cli_progress_off();
	if (c->json) {
		struct val *list_of = val_list(c->arena);
		for (size_t i = 0; i < n; i++)
			val_push(c->arena, list_of, json_result(c->arena, &results[i]));
		cli_print_json(c, list_of);
	} else {
		print_all(c, &s, &w, results, n);
	}
	for (size_t i = 0; i < n; i++)
		if (results[i].error.code != ERR_OK) {
			/* A test that is wrong is bad input, not an answer. */
			if (e != NULL)
				*e = results[i].error;
			return (-(int)results[i].error.code);
		}
	return (assess_yes(results, n) ? 0 : -ERR_NO);
}

static const struct cli_opt opts[] = {
	{ "as-of", OPT_TEXT, "TIME", "at a date or RFC 3339 time (a date: its end)" },
	{ "period", OPT_TEXT, "A..B", "over two inclusive dates in the "
	    "workspace's zone" },
	{ "known-at", OPT_TEXT, "TIME|N", "on what was known then" },
	{ "all", OPT_FLAG, NULL, "list every member that is not ok" },
	{ "list", OPT_FLAG, NULL, "list the procedures, run nothing" },
	{ "force", OPT_FLAG, NULL, "run also what has not changed" },
	{ "no-record", OPT_FLAG, NULL, "do not record the results" },
	{ "timeout", OPT_TEXT, "SECONDS", "for one procedure (120)" },
	{ NULL, OPT_FLAG, NULL, NULL },
};

const struct cli_command cmd_test = {
	"test", "DIR [ID...] [--as-of T | --period A..B] [--known-at P]",
	"test controls on their whole population",
	"Runs procedures: each gives every member of its population a verdict. An ID\n"
	"is a procedure, a control or a criterion; without one, all are run. Results\n"
	"are recorded in the ledger; what has not changed is not run again.\n"
	"What was not observed is unknown, and unknown is not a pass.\n"
	"\n"
	"  tickmark test work\n"
	"  tickmark test work CC6.2 --period 2026-01-01..2026-03-31\n"
	"  tickmark test work leaver-account-access --as-of 2026-03-31 --all\n"
	"\n"
	"The exit status is 0 if every result is \"no exceptions\" or \"not\n"
	"triggered\", else 1.",
	1, 256, opts, run, false,
};
