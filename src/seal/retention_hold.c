/* Which legal hold covers a record, or a subject of evidence. */
#include "base/clock.h"
#include "schema/kind.h"
#include "seal/retention.h"
#include "text/date.h"
#include "text/zone.h"

struct hold {
	struct str id, code, scope;
	struct str person, source;   /* ids */
	struct mention_words words;  /* that name the person */
	struct map subjects;         /* of the person: SOURCE-ID/TABLE/SUBJECT */
};

struct retention_holds {
	struct arena *a;
	VEC(struct hold) at;
	struct hold *filling;
};

static void
put_key(struct buf *b, struct str source_id, const struct schema_type *t,
    struct str subject)
{
	buf_printf(b, STR_FMT "/%s/" STR_FMT, STR_ARG(source_id), t->name,
	    STR_ARG(subject));
}

static int
add_subject(void *ctx, const struct mention *m, struct err *e)
{
	struct retention_holds *h = ctx;
	BUF_SCOPED b = BUF_INIT;

	(void)e;
	put_key(&b, m->source_id, m->table, m->subject);
	map_put(&h->filling->subjects, arena_str(h->a, buf_str(&b)), h);
	return (0);
}

/* What names a person, in evidence and in the record. */
static int
read_person(struct retention_holds *h, struct hold *x, struct workspace *ws,
    struct evidence *ev, struct err *e)
{
	static const size_t names[] = { F_PERSON_CODE, F_PERSON_NAME,
		F_PERSON_EMAIL, F_PERSON_LOGIN };
	struct str code = STR_NULL, record = STR_NULL;
	struct record *p;
	struct err own;

	x->words.a = h->a;
	map_init(&x->subjects, h->a);
	if (record_find(&ws->records, h->a, schema_get(T_PERSON), x->person, &p,
	    NULL) != 0)
		return (0); /* erased: nothing names the person any more */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		mention_add(&x->words, record_str(p, names[i]));
	int r = mention_person(ev, record_str(p, F_PERSON_CODE), &x->words, &code,
	    &record, &own);
	if (r == -ERR_NOTFOUND)
		return (0);
	if (r == 0) {
		h->filling = x;
		r = mention_matched(ev, code, add_subject, h, &own);
	}
	/* What may be the person's is kept as well. */
	if (r == 0)
		r = mention_each(ev, &x->words, add_subject, h, &own);
	if (r != 0 && e != NULL)
		*e = own;
	return (r);
}

static bool
in_force(const struct record *r, struct str today)
{
	struct str from = record_str(r, F_LEGAL_HOLD_STARTS_ON);
	struct str released = record_str(r, F_LEGAL_HOLD_RELEASED_ON);

	return ((from.len == 0 || str_cmp(from, today) <= 0) &&
	    (released.len == 0 || str_cmp(released, today) > 0));
}

int
retention_hold_read(struct arena *a, struct workspace *ws,
    struct evidence *ev, struct retention_holds **ret, struct err *e)
{
	struct retention_holds *h = arena_new(a, struct retention_holds);
	struct record_list list;
	char today[DATE_SIZE];
	int r = record_list(&ws->records, a, schema_get(T_LEGAL_HOLD), NULL,
	    &list, e);

	h->a = a;
	*ret = h;
	date_print(zone_day(ws->zone, clock_now()), today);
	for (size_t i = 0; r == 0 && i < list.n; i++) {
		const struct record *l = &list.at[i];
		if (!in_force(l, str_from(today)))
			continue;
		struct hold x = { .id = l->id,
			.code = record_str(l, F_LEGAL_HOLD_CODE),
			.scope = record_str(l, F_LEGAL_HOLD_SCOPE),
			.person = record_str(l, F_LEGAL_HOLD_PERSON),
			.source = record_str(l, F_LEGAL_HOLD_OF_SOURCE) };
		if (x.person.len != 0)
			r = read_person(h, &x, ws, ev, e);
		vec_push(&h->at, x);
	}
	return (r);
}

void
retention_hold_free(struct retention_holds *h)
{
	for (size_t i = 0; h != NULL && i < h->at.n; i++)
		mention_free(&h->at.at[i].words);
	if (h != NULL)
		vec_free(&h->at);
}

/* Does a record refer to what is held, or name the person? */
static bool
touches(const struct hold *h, const struct record *r)
{
	ARENA_SCOPED a = ARENA_INIT;

	if (r->type == schema_get(T_PERSON) && str_eq(r->id, h->person))
		return (true);
	for (size_t i = 0; i < r->type->nfields; i++) {
		const struct schema_field *f = &r->type->fields[i];
		const struct cell *c = &r->cells[i];
		struct str *ids;
		if (c->state != CELL_VALUE)
			continue;
		if (kind_is_prose(f) && mention_in(&h->words, c->s, NULL))
			return (true);
		if (!kind_is_ref(f))
			continue;
		size_t n = kind_items(&a, f, c, &ids);
		for (size_t k = 0; k < n; k++)
			if ((f->target == T_PERSON && str_eq(ids[k], h->person)) ||
			    (f->target == T_SOURCE && h->source.len != 0 &&
			    str_eq(ids[k], h->source)) ||
			    (f->target == T_LEGAL_HOLD && str_eq(ids[k], h->id)))
				return (true);
	}
	return (false);
}

/* A hold on everything, or the one of the rule. */
static bool
covers_all(const struct hold *h, const struct record *rule)
{
	return (str_is(h->scope, "all") ||
	    str_eq(record_str(rule, F_RETENTION_RULE_HOLD), h->id));
}

struct str
retention_hold_record(const struct retention_holds *h,
    const struct record *rule, const struct record *r)
{
	for (size_t i = 0; i < h->at.n; i++)
		if (covers_all(&h->at.at[i], rule) || touches(&h->at.at[i], r))
			return (h->at.at[i].code);
	return (STR(""));
}

struct str
retention_hold_row(const struct retention_holds *h,
    const struct record *rule, const struct schema_type *t,
    const struct retention_item *it)
{
	BUF_SCOPED b = BUF_INIT;

	put_key(&b, it->source_id, t, it->id);
	for (size_t i = 0; i < h->at.n; i++) {
		const struct hold *x = &h->at.at[i];
		if (covers_all(x, rule) || (x->source.len != 0 &&
		    str_eq(x->source, it->source_id)) || (x->person.len != 0 &&
		    map_get(&x->subjects, buf_str(&b)) != NULL))
			return (x->code);
	}
	return (STR(""));
}
