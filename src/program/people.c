#include "program/people.h"

#include "base/map.h"
#include "text/csv.h"

#define ROWS_MAX 200000

static const char *const words[PEOPLE_NWHAT] = { "joins", "changes", "returns",
	"leaves", "same" };

const char *
people_what_word(enum people_what w)
{
	return (words[w]);
}

struct planning {
	const struct act *x;
	const char *file;
	const struct people_options *o;
	const struct schema_type *t;
	int field[64];      /* of each column of the file, or -1 */
	size_t ncols;
	int code;           /* column */
	struct map people;  /* code to struct record *, who is on record */
	struct map seen;    /* codes of the file */
	struct record_list list;
	VEC(struct people_line) lines;
	VEC(struct record_change) changes;
	size_t count[PEOPLE_NWHAT];
};

static int
bad(struct planning *p, int64_t line, struct err *e, const char *fix,
    const char *what)
{
	return (err_set(e, ERR_INPUT, arena_printf(p->x->a, "%s:%lld", p->file,
	    (long long)line), fix, "%s", what));
}

/* --- the head of the file ------------------------------------------------------------ */

static int
field_of(struct planning *p, struct str column)
{
	for (size_t i = 0; i < p->o->nmap; i++)
		if (str_eq(p->o->map[i].column, column))
			return (schema_field_titled(p->t, p->o->map[i].field));
	/* A column that is mapped is not another field by its name. */
	int f = schema_field_titled(p->t, column);
	for (size_t i = 0; i < p->o->nmap && f >= 0; i++)
		if (schema_field_titled(p->t, p->o->map[i].field) == f)
			return (-1);
	return (f);
}

static int
check_map(struct planning *p, const struct csv_row *row, struct err *e)
{
	for (size_t i = 0; i < p->o->nmap; i++) {
		const struct people_map *m = &p->o->map[i];
		if (schema_field_titled(p->t, m->field) < 0)
			return (err_set(e, ERR_INPUT, p->file, "see: tickmark record DIR "
			    "person fields", "people have no field \"" STR_FMT "\"",
			    STR_ARG(m->field)));
		if (csv_find(row, m->column) < 0)
			return (err_set(e, ERR_INPUT, p->file, "look at its first line",
			    "the file has no column \"" STR_FMT "\", or two",
			    STR_ARG(m->column)));
	}
	return (0);
}

static int
read_head(struct planning *p, const struct csv_row *row, struct err *e)
{
	bool taken[64] = { false };
	int r = check_map(p, row, e);

	p->code = -1;
	p->ncols = row->n;
	for (size_t i = 0; r == 0 && i < row->n; i++) {
		int f = i < 64 ? field_of(p, str_trim(row->at[i])) : -1;
		if (i >= 64)
			return (bad(p, row->line, e, "leave some out",
			    "there are more than 64 columns"));
		/* The state follows from the days. */
		p->field[i] = f == F_PERSON_STATE ? -1 : f;
		if (f == F_PERSON_CODE)
			p->code = (int)i;
		if (f >= 0 && taken[f])
			return (bad(p, row->line, e, "keep one of the two",
			    "two columns are the same field"));
		if (f >= 0)
			taken[f] = true;
	}
	if (r == 0 && p->code < 0)
		r = bad(p, row->line, e, "name a column code, or give --map "
		    "code=COLUMN", "no column says who is meant");
	return (r);
}

/* --- one person ------------------------------------------------------------------------ */

static struct str
cell(struct planning *p, const struct csv_row *row, int field)
{
	for (size_t i = 0; i < row->n && i < p->ncols; i++)
		if (p->field[i] == field)
			return (str_trim(row->at[i]));
	return (STR_NULL);
}

/* As the roster has it, or as it was if the file has no such column. */
static struct str
day_of(struct planning *p, const struct csv_row *row, const struct record *was,
    int field)
{
	struct str s = cell(p, row, field);

	return (s.ptr != NULL || was == NULL ? s : record_str(was,
	    (size_t)field));
}

/* Which state the days say. On leave is said by hand, and stays. */
static const char *
state_of(struct planning *p, const struct csv_row *row,
    const struct record *was)
{
	struct str today = act_today(p->x);
	struct str start = day_of(p, row, was, F_PERSON_START_ON);
	struct str end = day_of(p, row, was, F_PERSON_END_ON);
	bool leave = was != NULL && str_is(record_str(was, F_PERSON_STATE),
	    "leave");

	if (end.len > 0 && str_cmp(end, today) < 0)
		return ("ended");
	if (start.len > 0 && str_cmp(start, today) <= 0)
		return (leave ? "leave" : "active");
	return (was != NULL ? arena_strndup(p->x->a, record_str(was,
	    F_PERSON_STATE).ptr, record_str(was, F_PERSON_STATE).len) :
	    "preboarding");
}

static void
push_line(struct planning *p, enum people_what what, struct str code,
    const struct buf *fields, int line)
{
	struct people_line l = { what, arena_str(p->x->a, code),
		arena_str(p->x->a, buf_str(fields)), line };

	vec_push(&p->lines, l);
	p->count[what]++;
}

static void
say(struct buf *fields, const char *name)
{
	buf_printf(fields, "%s%s", fields->len > 0 ? ", " : "", name);
}

/* What the file says otherwise than the record. */
static struct val *
differences(struct planning *p, const struct csv_row *row,
    const struct record *was, struct buf *fields)
{
	struct arena *a = p->x->a;
	struct val *m = val_map(a);

	for (size_t i = 0; i < row->n && i < p->ncols; i++) {
		int f = p->field[i];
		struct str now = str_trim(row->at[i]);
		if (f < 0 || (was != NULL && f != F_PERSON_CODE && str_eq(now,
		    record_text(&p->x->ws->records, a, was, (size_t)f))))
			continue;
		if (was == NULL && now.len == 0)
			continue;
		if (f != F_PERSON_CODE)
			say(fields, p->t->fields[f].name);
		val_put(a, m, p->t->fields[f].name, now.len > 0 ?
		    val_str(a, now) : val_null(a));
	}
	return (m);
}

static int
plan_row(struct planning *p, const struct csv_row *row, struct err *e)
{
	struct arena *a = p->x->a;
	struct str code = arena_str(a, str_trim(row->at[p->code]));
	const struct record *was = map_get(&p->people, code);
	BUF_SCOPED fields = BUF_INIT;
	const char *state;

	if (code.len == 0)
		return (bad(p, row->line, e, "write who is meant",
		    "a row has no code"));
	if (map_put(&p->seen, code, p) != NULL)
		return (bad(p, row->line, e, "keep one of the two",
		    "the same code stands in the file twice"));
	if (p->seen.n > ROWS_MAX)
		return (bad(p, row->line, e, "split it",
		    "there are more than 200,000 rows"));
	struct val *m = differences(p, row, was, &fields);
	state = state_of(p, row, was);
	bool steps = was == NULL ? !str_is(str_from(state), "preboarding") :
	    !str_is(record_str(was, F_PERSON_STATE), state);
	bool ended = was != NULL && str_is(record_str(was, F_PERSON_STATE),
	    "ended");
	if (was != NULL && steps)
		say(&fields, "state");
	if (steps)
		val_put(a, m, "state", val_text(a, state));
	if (was == NULL && val_get(m, "kind") == NULL)
		val_put(a, m, "kind", val_text(a, "employee"));
	enum people_what what = was == NULL ? PEOPLE_JOINS : fields.len == 0 ?
	    PEOPLE_SAME : steps && strcmp(state, "ended") == 0 ? PEOPLE_LEAVES :
	    steps && ended ? PEOPLE_RETURNS : PEOPLE_CHANGES;
	push_line(p, what, code, &fields, (int)row->line);
	if (what != PEOPLE_SAME) {
		struct record_change c = { .type = p->t, .fields = m,
			.file = p->file, .line = (int)row->line,
			.nth = row->line > 1 ? (size_t)row->line - 2 : 0,
			.name = was != NULL ? was->id : STR("") };
		vec_push(&p->changes, c);
	}
	return (0);
}

/* --- who is not in it -------------------------------------------------------------------- */

static void
plan_leavers(struct planning *p)
{
	struct arena *a = p->x->a;
	struct str today = act_today(p->x);
	BUF_SCOPED fields = BUF_INIT;

	buf_puts(&fields, "end_on, state");
	for (size_t i = 0; i < p->list.n; i++) {
		const struct record *r = &p->list.at[i];
		struct str code = record_str(r, F_PERSON_CODE);
		struct val *m = val_map(a);
		if (map_get(&p->seen, code) != NULL ||
		    str_is(record_str(r, F_PERSON_STATE), "ended"))
			continue;
		if (record_str(r, F_PERSON_END_ON).len == 0)
			val_put(a, m, "end_on", val_str(a, today));
		val_put(a, m, "state", val_text(a, "ended"));
		struct record_change c = { .type = p->t, .fields = m,
			.name = r->id };
		vec_push(&p->changes, c);
		push_line(p, PEOPLE_LEAVES, code, &fields, 0);
	}
}

static int
check_leavers(struct planning *p, struct err *e)
{
	size_t here = 0;
	int64_t most = p->o->leavers;

	for (size_t i = 0; i < p->list.n; i++)
		here += !str_is(record_str(&p->list.at[i], F_PERSON_STATE), "ended");
	if (most < 0)
		most = here / 10 < 3 ? 3 : (int64_t)(here / 10);
	if ((int64_t)p->count[PEOPLE_LEAVES] <= most)
		return (0);
	return (err_set(e, ERR_LIMIT, p->file, arena_printf(p->x->a, "if that is "
	    "so, give --leavers %zu", p->count[PEOPLE_LEAVES]), "%zu of %zu people "
	    "would have left, more than %lld: the file may be cut off",
	    p->count[PEOPLE_LEAVES], here, (long long)most));
}

static int
read_people(struct planning *p, struct err *e)
{
	int r = record_list(&p->x->ws->records, p->x->a, p->t, NULL, &p->list, e);

	map_init(&p->people, p->x->a);
	map_init(&p->seen, p->x->a);
	for (size_t i = 0; r == 0 && i < p->list.n; i++)
		map_put(&p->people, record_str(&p->list.at[i], F_PERSON_CODE),
		    &p->list.at[i]);
	return (r);
}

static int
read_file(struct planning *p, struct str text, struct err *e)
{
	struct csv_opts opts = { 0 };
	CSV_SCOPED csv = csv_new(p->file, &opts);
	struct csv_row row;
	bool head = true;
	int r;

	csv_feed(csv, text, true);
	while ((r = csv_next(csv, &row, e)) > 0) {
		r = head ? read_head(p, &row, e) : plan_row(p, &row, e);
		head = false;
		if (r != 0)
			return (r);
	}
	if (r == 0 && head)
		r = bad(p, 1, e, "write the names of the columns into its first line",
		    "the file is empty");
	return (r);
}

int
people_plan(const struct act *x, const char *file, struct str text,
    const struct people_options *o, struct people_plan *ret, struct err *e)
{
	struct planning p = { .x = x, .file = file, .o = o,
		.t = schema_get(T_PERSON) };
	int r = read_people(&p, e);

	if (r == 0)
		r = read_file(&p, text, e);
	if (r == 0 && o->whole)
		plan_leavers(&p);
	if (r == 0)
		r = check_leavers(&p, e);
	if (r == 0) {
		*ret = (struct people_plan){ .n = p.lines.n,
			.nchanges = p.changes.n,
			.lines = arena_array(x->a, p.lines.n + 1,
			sizeof(*ret->lines)),
			.changes = arena_array(x->a, p.changes.n + 1,
			sizeof(*ret->changes)) };
		memcpy(ret->count, p.count, sizeof(p.count));
		for (size_t i = 0; i < p.lines.n; i++)
			ret->lines[i] = p.lines.at[i];
		for (size_t i = 0; i < p.changes.n; i++)
			ret->changes[i] = p.changes.at[i];
	}
	vec_free(&p.lines);
	vec_free(&p.changes);
	return (r);
}

int
people_apply(const struct act *x, const struct people_plan *plan, bool dry,
    struct record_result *res, struct err *e)
{
	struct record_options o = { .dry_run = dry };

	*res = (struct record_result){ 0 };
	if (plan->nchanges == 0)
		return (0);
	return (record_apply(&x->ws->records, x->a, &x->who, plan->changes,
	    plan->nchanges, &o, res, e));
}
