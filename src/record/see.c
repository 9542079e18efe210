#include "record/see.h"

#include "record/reads.h"
#include "schema/kind.h"

int
see_begin(struct record_store *s, const struct schema_type *t,
    enum access_act act, struct see *ret, struct err *e)
{
	struct see x = { .store = s, .type = t, .act = act,
		.all = s->reader == NULL };

	if (!x.all) {
		const struct access_who *as = &s->reader->as;
		enum access_when w = access_when(as, t, ACCESS_RECORD, act);
		if (w == ACCESS_NEVER)
			return (access_explain(as, t, ACCESS_RECORD, act, e));
		x.fixed = w == ACCESS_ALWAYS;
		x.guarded = access_guarded(t);
		for (size_t i = 0; i < t->nfields; i++) {
			w = access_when(as, t, (int)i, act);
			if (w == ACCESS_SOME)
				x.fixed = false;
			else if (w == ACCESS_NEVER)
				x.masked |= UINT64_C(1) << i;
		}
	}
	*ret = x;
	return (0);
}

/* What the organisation added itself is of the class internal. */
static bool
hides_extra(const struct schema_type *t, uint64_t masked)
{
	uint64_t internal = access_class(t, CLASS_INTERNAL);

	return ((masked & (internal != 0 ? internal : UINT64_MAX)) != 0);
}

int
see_record(struct see *x, struct record *r, const struct record *of,
    bool *ret, struct err *e)
{
	const struct schema_type *t = x->type;
	struct access_facts f;
	uint64_t masked = x->masked;

	*ret = true;
	if (x->all)
		return (0);
	if (!x->fixed) {
		int rc = record_facts(x->store, x->store->reader, t, r->cells,
		    r->id, &f, e);
		if (rc == 0 && of != NULL && of != r) {
			struct access_facts now;
			rc = record_facts(x->store, x->store->reader, t, of->cells,
			    of->id, &now, e);
			/* Whose it is, is as it is now; how far it was, as then. */
			f.is = now.is;
		}
		if (rc != 0)
			return (rc);
		*ret = access_row(&x->store->reader->as, t, &f, x->act, &masked);
		if (!*ret)
			return (0);
	}
	for (size_t i = 0; masked != 0 && i < t->nfields; i++)
		if ((masked >> i & 1) != 0)
			r->cells[i] = CELL_HIDDEN;
	if (masked != 0 && r->extra != NULL && hides_extra(t, masked))
		r->extra = NULL;
	return (0);
}

void
see_shown(struct see *x, const struct record *r)
{
	for (size_t i = 0; x->guarded != 0 && i < x->type->nfields; i++) {
		if ((x->guarded >> i & 1) == 0 || r->cells[i].state != CELL_VALUE)
			continue;
		x->shown++;
		x->one = r->id;
		return;
	}
}

static int
note(struct record_reader *r, const struct reads_note *n, struct err *e)
{
	int rc = reads_note(r->dir, n, e);

	r->noted |= rc == 0;
	return (rc);
}

int
see_end(struct see *x, struct err *e)
{
	if (x->all || x->shown == 0 || x->store->reader->dir == NULL)
		return (0);
	struct reads_note n = { .actor = x->store->reader->who.id,
		.type = str_from(x->type->name), .count = x->shown,
		.id = x->shown == 1 || x->act == ACCESS_HISTORY ? x->one : STR_NULL,
		.how = str_from(access_act_word(x->act)) };
	return (note(x->store->reader, &n, e));
}

int
see_stream(struct see *x, struct err *e)
{
	if (x->store->reader->dir == NULL)
		return (0);
	struct reads_note n = { .actor = x->store->reader->who.id,
		.type = str_from(x->type->name),
		.how = str_from(access_act_word(x->act)) };
	return (note(x->store->reader, &n, e));
}

static enum access_when
clear(const struct see *x, int field)
{
	return (x->all ? ACCESS_ALWAYS : access_when(&x->store->reader->as,
	    x->type, field, x->act));
}

int
see_sort(const struct see *x, int field, struct err *e)
{
	if (clear(x, field) == ACCESS_SOME)
		return (err_set(e, ERR_DENIED, x->type->name, "sort by another "
		    "field", "%s is masked in some of the records, whose order would "
		    "tell it", x->type->fields[field].title));
	return (see_field(x->store, x->type, field, "sort", e));
}

unsigned
see_classes(const struct see *x, unsigned classes)
{
	for (size_t i = 0; i < x->type->nfields; i++)
		if (clear(x, (int)i) != ACCESS_ALWAYS)
			classes &= ~(1u << x->type->fields[i].cls);
	return (classes);
}

bool
see_ordered(const struct see *x)
{
	return (x->type->key.n == 0 ||
	    clear(x, x->type->key.at[0]) == ACCESS_ALWAYS);
}

int
see_field(struct record_store *s, const struct schema_type *t, int field,
    const char *what, struct err *e)
{
	if (s->reader == NULL ||
	    access_when(&s->reader->as, t, field, ACCESS_LIST) != ACCESS_NEVER)
		return (0);
	struct err why;
	access_explain(&s->reader->as, t, field, ACCESS_READ, &why);
	return (err_set(e, ERR_DENIED, t->name, why.fix, "what is masked is "
	    "nothing to %s by: %s", what, why.what));
}

bool
see_handle(struct record_store *s, const struct record *r)
{
	const struct schema_type *t = r->type;
	struct access_facts f;

	if (s->reader == NULL)
		return (true);
	/* A code says what is meant; that is no more than the reference did. */
	switch (access_sees(&s->reader->as, t, t->key.at[0], NULL)) {
	case ACCESS_ALWAYS:
		return (true);
	case ACCESS_NEVER:
		return (false);
	case ACCESS_SOME:
		break;
	}
	return (record_facts(s, s->reader, t, r->cells, r->id, &f, NULL) == 0 &&
	    access_sees(&s->reader->as, t, t->key.at[0], &f) == ACCESS_ALWAYS);
}
