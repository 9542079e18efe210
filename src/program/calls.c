#include "program/calls.h"

#include <stdlib.h>

#include "base/content.h"
#include "record/history.h"
#include "schema/kind.h"
#include "text/date.h"
#include "text/zone.h"

#define TABLE "content/controls/triggers.tsv"
#define LINES 64
#define COLUMNS 6

/* A line of the table, and what was read for it. */
struct line {
	struct str name, when, condition, controls, says;
	const struct schema_type *type;
	int field; /* -1: when it was recorded */
	bool read, kept;
	struct record_list list;
	int64_t *times; /* of each of the list */
};

struct calls {
	struct arena *a;
	struct record_store *s;
	const struct zone *zone;
	struct line lines[LINES];
	size_t n;
};

static int
bad_line(size_t n, const char *what, struct str s, struct err *e)
{
	char where[80];

	snprintf(where, sizeof(where), TABLE ":%zu", n);
	return (err_set(e, ERR_BUG, where, "correct the table, and build again",
	    "%s: " STR_FMT, what, STR_ARG(s)));
}

static int
parse(struct line *lines, size_t *ret_n, struct err *e)
{
	struct str rest = content_find(TABLE), text;
	size_t n = 0, number = 0;

	while (str_split(&rest, '\n', &text)) {
		struct str cell[COLUMNS] = { { 0 } }, cells = text;
		struct line *x = &lines[n];
		if (number++ == 0 || str_trim(text).len == 0)
			continue;
		for (int i = 0; i < COLUMNS; i++)
			if (!str_split(&cells, '\t', &cell[i]))
				break;
		if (n == LINES)
			return (bad_line(number, "there are too many lines", text, e));
		*x = (struct line){ .name = cell[0], .when = cell[2], .condition =
			cell[3], .controls = cell[4], .says = str_trim(cell[5]),
			.type = schema_find(cell[1]), .field = -1 };
		if (x->type == NULL || !schema_is_record(x->type))
			return (bad_line(number, "there is no such type", cell[1],
			    e));
		if (!str_is(x->when, "recorded"))
			x->field = schema_field(x->type, x->when);
		if (!str_is(x->when, "recorded") && (x->field < 0 ||
		    !kind_dates(&x->type->fields[x->field])))
			return (bad_line(number, "there is no such date or time",
			    x->when, e));
		if (x->says.len == 0)
			return (bad_line(number, "it says nothing", text, e));
		n++;
	}
	*ret_n = n;
	return (0);
}

struct calls *
calls_new(struct arena *a, struct record_store *s, const struct zone *zone)
{
	struct calls *c = arena_new(a, struct calls);
	struct err e;

	*c = (struct calls){ .a = a, .s = s, .zone = zone };
	if (parse(c->lines, &c->n, &e) != 0)
		BUG("%s: %s", e.where, e.what);
	return (c);
}

int
calls_check(struct err *e)
{
	struct line lines[LINES];
	size_t n;

	return (parse(lines, &n, e));
}

/* --- when ------------------------------------------------------------------------- */

static int
time_of(struct calls *c, const struct line *x, const struct record *r,
    int64_t *ret, struct err *e)
{
	struct record_history h;
	int64_t day;

	*ret = INT64_MAX;
	if (x->field >= 0) {
		const struct cell *v = &r->cells[x->field];
		if (v->state == CELL_VALUE &&
		    kind_integer(&x->type->fields[x->field]))
			*ret = v->i;
		else if (v->state == CELL_VALUE &&
		    date_parse(v->s, &day, NULL) == 0)
			*ret = zone_day_start(c->zone, day);
		return (0);
	}
	int rc = record_history(c->s, c->a, x->type, r->id, &h, e);
	if (rc == 0 && h.n > 0)
		*ret = h.at[0].time;
	return (rc);
}

static int
filters_of(struct calls *c, const struct line *x, struct record_filter *f,
    size_t *ret_n, struct err *e)
{
	struct str rest = x->condition, one;
	size_t n = 0;
	int r = 0;

	while (r == 0 && n < RECORD_FILTERS && record_filter_next(&rest, &one))
		r = record_filter_parse(c->s, c->a, x->type, one, &f[n++], e);
	*ret_n = n;
	return (r);
}

/* All of it, retired ones too: what called for something stays called for. */
static int
read_line(struct calls *c, struct line *x, struct err *e)
{
	struct record_filter f[RECORD_FILTERS];
	struct record_query q = { .filters = f, .sort = RECORD_BY_HANDLE,
		.retired = true };
	int64_t count = 0;
	int r = filters_of(c, x, f, &q.nfilters, e);

	if (r == 0)
		r = record_list(c->s, c->a, x->type, &q, &x->list, e);
	if (r == 0 && x->list.n == 0)
		r = record_count(c->s, x->type, &count, e);
	if (r != 0)
		return (r);
	x->kept = x->list.n > 0 || count > 0;
	x->times = arena_array(c->a, x->list.n + 1, sizeof(*x->times));
	for (size_t i = 0; r == 0 && i < x->list.n; i++)
		r = time_of(c, x, &x->list.at[i], &x->times[i], e);
	x->read = r == 0;
	return (r);
}

/* --- triggers ------------------------------------------------------------------------ */

static bool
names(struct str list, struct str code)
{
	struct str one;

	while (list.len > 0 && str_split(&list, ',', &one))
		if (str_eq(str_trim(one), code))
			return (true);
	return (false);
}

static struct str
handle_of(const struct record *r)
{
	return (r->type->key.n > 0 && r->cells[r->type->key.at[0]].state ==
	    CELL_VALUE ? r->cells[r->type->key.at[0]].s : r->id);
}

static struct record
trigger_of(struct calls *c, const struct line *x, const struct record *control,
    const struct record *r, int64_t time)
{
	const struct schema_type *t = schema_get(T_TRIGGER);
	struct record v = { .type = t, .id = STR(""), .rev = 0,
		.entry = r->entry, .cells = arena_array(c->a, t->nfields,
		sizeof(struct cell)) };
	struct str name = handle_of(r);

	v.cells[F_TRIGGER_CODE] = CELL_STR(str_from(arena_printf(c->a, STR_FMT "/"
	    STR_FMT "-%.60s", STR_ARG(record_str(control, F_CONTROL_CODE)),
	    STR_ARG(x->name), arena_strndup(c->a, name.ptr, name.len))));
	v.cells[F_TRIGGER_CONTROL] = CELL_STR(control->id);
	v.cells[F_TRIGGER_HAPPENED_AT] = CELL_INT(time);
	v.cells[F_TRIGGER_WHAT] = CELL_STR(str_from(arena_printf(c->a, "%s "
	    STR_FMT " " STR_FMT, x->type->title, STR_ARG(name),
	    STR_ARG(x->says))));
	return (v);
}

static int
by_time(const void *a, const void *b)
{
	const struct record *x = a, *y = b;
	int64_t i = x->cells[F_TRIGGER_HAPPENED_AT].i,
	    k = y->cells[F_TRIGGER_HAPPENED_AT].i;

	return (i != k ? (i < k ? -1 : 1) : str_cmp(
	    x->cells[F_TRIGGER_CODE].s, y->cells[F_TRIGGER_CODE].s));
}

int
calls_of(struct calls *c, const struct record *control, int64_t at,
    struct record **ret, size_t *ret_n, struct str *ret_names, bool *ret_kept,
    struct err *e)
{
	struct str code = record_str(control, F_CONTROL_CODE);
	BUF_SCOPED said = BUF_INIT;
	size_t most = 1, n = 0;
	int r = 0;

	*ret_kept = false;
	for (size_t i = 0; r == 0 && i < c->n; i++) {
		struct line *x = &c->lines[i];
		if (!names(x->controls, code))
			continue;
		if (!x->read)
			r = read_line(c, x, e);
		most += x->list.n;
		*ret_kept |= x->kept;
		buf_printf(&said, "%s" STR_FMT, said.len > 0 ? " or " : "",
		    STR_ARG(x->name));
	}
	if (r != 0)
		return (r);
	*ret = arena_array(c->a, most, sizeof(**ret));
	for (size_t i = 0; i < c->n; i++) {
		const struct line *x = &c->lines[i];
		for (size_t k = 0; names(x->controls, code) && k < x->list.n; k++)
			if (x->times[k] <= at)
				(*ret)[n++] = trigger_of(c, x, control,
				    &x->list.at[k], x->times[k]);
	}
	if (n > 1)
		qsort(*ret, n, sizeof(**ret), by_time);
	*ret_n = n;
	*ret_names = arena_str(c->a, buf_str(&said));
	return (0);
}
