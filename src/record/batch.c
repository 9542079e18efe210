#include "record/batch.h"

/* A further problem, if it is one of those that are kept. */
static struct err *
keep(struct batch *b, const struct record_fault *fault)
{
	struct record_result *res = b->result;

	if (res->nproblems == b->problems_cap) {
		size_t cap = b->problems_cap == 0 ? 8 : b->problems_cap * 2;
		struct err *at = arena_array(b->a, cap, sizeof(*at));
		struct record_fault *f = arena_array(b->a, cap, sizeof(*f));
		if (res->nproblems != 0) {
			memcpy(at, res->problems, res->nproblems * sizeof(*at));
			memcpy(f, res->faults, res->nproblems * sizeof(*f));
		}
		res->problems = at;
		res->faults = f;
		b->problems_cap = cap;
	}
	res->faults[res->nproblems] = *fault;
	return (&res->problems[res->nproblems++]);
}

static void
problem(struct batch *b, struct batch_item *it, int line, const char *field,
    const struct err *src)
{
	struct record_result *res = b->result;
	const struct record_change *c = it->change;
	char where[256];

	it->wrong = true;
	if (c->broken)
		return;
	if (res->nwrong++ >= RECORD_PROBLEMS)
		return;
	if (line == 0)
		line = c->line;
	if (c->file != NULL && line != 0)
		snprintf(where, sizeof(where), "%s:%d", c->file, line);
	else if (c->file != NULL)
		snprintf(where, sizeof(where), "%s", c->file);
	else {
		struct str name = c->name;
		if (name.len == 0 && it->new.cells != NULL && c->type->key.n != 0 &&
		    it->new.cells[c->type->key.at[0]].state == CELL_VALUE)
			name = it->new.cells[c->type->key.at[0]].s;
		snprintf(where, sizeof(where), "%s " STR_FMT, c->type->name,
		    STR_ARG(name));
		if (name.len == 0)
			where[strlen(c->type->name)] = '\0';
	}
	struct record_fault fault = { .nth = c->nth, .line = line,
		.field = field };
	err_set(keep(b, &fault), src->code, where, src->fix, "%s", src->what);
}

void
batch_problem(struct batch *b, struct batch_item *it, int line,
    const struct err *src)
{
	problem(b, it, line, NULL, src);
}

void
batch_field(struct batch *b, struct batch_item *it, struct str field, int line,
    const struct err *src)
{
	problem(b, it, line, arena_strndup(b->a, field.ptr, field.len), src);
}

void
batch_say(struct batch *b, struct batch_item *it, int field, const char *fix,
    const char *fmt, ...)
{
	struct err p = { .code = ERR_INPUT };
	const struct schema_type *t = it->change->type;
	int line = 0;
	va_list ap;

	if (field >= 0) {
		const char *name = t->fields[field].name;
		const struct val *v = val_get(it->change->fields, name);
		if (v == NULL)
			v = val_get(it->change->fields, t->fields[field].title);
		line = v != NULL ? v->line : 0;
	}
	va_start(ap, fmt);
	vsnprintf(p.what, sizeof(p.what), fmt, ap);
	va_end(ap);
	snprintf(p.fix, sizeof(p.fix), "%s", fix);
	problem(b, it, line, field >= 0 ? t->fields[field].name : NULL, &p);
}

struct str
batch_key(struct batch *b, const struct schema_type *t, const char *kind,
    struct str s)
{
	size_t n = strlen(t->name) + strlen(kind) + 2;
	char *p = arena_alloc(b->a, n + s.len + 1);

	snprintf(p, n + 1, "%s/%s/", t->name, kind);
	if (s.len != 0)
		memcpy(p + n, s.ptr, s.len);
	return ((struct str){ p, n + s.len });
}
