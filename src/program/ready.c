#include "program/ready.h"

#include "assess/procedure.h"
#include "program/occurrence.h"
#include "program/said.h"
#include "record/workspace.h"
#include "text/date.h"

struct ready {
	struct occurrence_book book;
	struct occurrence_range year;
	const char *dir; /* a word of a shell */
};

/* "of 4 occurrences in a year 2 were on time, 1 late, 1 missed" */
static void
count_words(const struct occurrences *l, struct buf *b)
{
	static const enum occurrence_state order[] = { OCCURRENCE_ON_TIME,
		OCCURRENCE_NOT_TRIGGERED, OCCURRENCE_LATE, OCCURRENCE_MISSED,
		OCCURRENCE_EXPECTED, OCCURRENCE_UNKNOWN, OCCURRENCE_NOT_DUE };
	const char *sep = " ";

	buf_printf(b, "of %zu occurrence%s in a year", l->n,
	    l->n == 1 ? "" : "s");
	for (size_t i = 0; i < OCCURRENCE_NSTATE; i++)
		if (l->count[order[i]] > 0) {
			buf_printf(b, "%s%zu %s", sep, l->count[order[i]],
			    occurrence_state_words(order[i]));
			sep = ", ";
		}
	if (l->overdue > 0)
		buf_printf(b, " (%zu overdue)", l->overdue);
}

/* The one that waits and is due first, or NULL. */
static const struct occurrence *
next_due(const struct occurrences *l)
{
	const struct occurrence *best = NULL;

	for (size_t i = 0; i < l->n; i++)
		if (l->at[i].state == OCCURRENCE_EXPECTED &&
		    (best == NULL || l->at[i].due < best->due))
			best = &l->at[i];
	return (best);
}

static struct str
keep(struct ready *x, struct buf *b)
{
	return (arena_str(x->book.a, buf_str(b)));
}

static enum readiness_state
state_of(const struct occurrences *l, bool ever)
{
	if (!ever)
		return (READINESS_MANUAL);
	if (l->count[OCCURRENCE_MISSED] + l->count[OCCURRENCE_LATE] > 0)
		return (READINESS_EXCEPTIONS);
	if (l->overdue > 0)
		return (READINESS_MISSING);
	return (l->count[OCCURRENCE_UNKNOWN] > 0 ? READINESS_UNKNOWN :
	    READINESS_CLEAR);
}

static int
by_hand(void *ctx, const struct record *control, bool tested,
    struct readiness_hand *ret, struct err *e)
{
	struct ready *x = ctx;
	struct occurrences l = { 0 };
	struct str code = record_str(control, F_CONTROL_CODE),
		   wants = record_str(control, F_CONTROL_EVIDENCE);
	char day[DATE_SIZE];
	BUF_SCOPED b = BUF_INIT;
	bool ever = false;
	int r = occurrence_of(&x->book, control, &x->year, &l, e);

	if (r != 0)
		return (r);
	for (size_t i = 0; i < l.n; i++)
		ever |= l.at[i].performed != 0 || l.at[i].trigger != NULL ||
		    l.at[i].state == OCCURRENCE_NOT_TRIGGERED;
	/* Where nothing was ever recorded, a test is what there is. */
	if (l.n == 0 || (tested && !ever))
		return (0);
	ret->state = state_of(&l, ever);
	if (ret->state == READINESS_CLEAR)
		return (1);
	if (ever)
		buf_printf(&b, STR_FMT ": ", STR_ARG(code));
	else if (wants.len > 0)
		buf_printf(&b, STR_FMT " is shown by hand: " STR_FMT
		    "; nothing was recorded: ", STR_ARG(code), STR_ARG(wants));
	else
		buf_printf(&b, STR_FMT " is shown by hand; nothing was recorded: ",
		    STR_ARG(code));
	count_words(&l, &b);
	const struct occurrence *o = next_due(&l);
	if (o != NULL)
		buf_printf(&b, "; %s on %s", o->overdue ? "one was due" :
		    "the next is due", date_print(zone_day(x->book.zone,
		    o->due - 1), day));
	ret->text = keep(x, &b);
	buf_reset(&b);
	if (o != NULL)
		buf_printf(&b, "tickmark perform %s %s --by PERSON --evidence ...",
		    x->dir, arena_shell(x->book.a, code));
	else
		buf_printf(&b, "tickmark occurrences %s %s", x->dir,
		    arena_shell(x->book.a, code));
	ret->fix = keep(x, &b);
	return (1);
}

int
ready_read(struct arena *a, struct assess *as, int64_t at,
    struct readiness **ret, struct err *e)
{
	struct workspace *ws = assess_workspace(as);
	struct ready x = { .dir = arena_shell(a, str_from(ws->dir)) };
	int r = occurrence_book_read(a, &ws->records, ws->zone,
	    assess_procedures(as), at == INT64_MAX ? said_now(&ws->records) : at, &x.book,
	    e);

	if (r != 0)
		return (r);
	x.year = occurrence_year(&x.book);
	return (readiness_read_with(a, as, at, by_hand, &x, ret, e));
}
