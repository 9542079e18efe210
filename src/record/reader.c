#include "record/reader.h"

#include "record/see.h"

#include "record/reads.h"
#include "record/store.h"
#include "record/tables.h"
#include "schema/kind.h"
#include "sys/db.h"

struct access_who
record_as(const struct record_actor *who)
{
	return ((struct access_who){ .roles = who->roles, .scope = who->scope });
}

void
record_reader_init(struct record_reader *r, const char *dir,
    const struct record_actor *who)
{
	*r = (struct record_reader){ .who = *who, .as = record_as(who),
		.dir = dir };
}

void
record_reader_free(struct record_reader *r)
{
	arena_free(&r->arena);
	r->kinds = NULL;
}

/* --- categories: what of the programme an engagement is about ---------------- */

static const struct {
	const char *word;
	unsigned bit;
} categories[] = { { "common", RECORD_COMMON },
	{ "security", RECORD_SECURITY }, { "availability", RECORD_AVAILABILITY },
	{ "confidentiality", RECORD_CONFIDENTIALITY },
	{ "processing_integrity", RECORD_INTEGRITY },
	{ "privacy", RECORD_PRIVACY } };
#define NCATEGORIES (sizeof(categories) / sizeof(categories[0]))

static unsigned
category(struct str word)
{
	for (size_t i = 0; i < NCATEGORIES; i++)
		if (str_is(word, categories[i].word))
			return (categories[i].bit);
	return (0);
}

static void
add_kind(struct record_reader *r, struct str id, unsigned bits)
{
	uintptr_t was = (uintptr_t)map_get(r->kinds, id);

	map_put(r->kinds, arena_str(&r->arena, id), (void *)(was | bits));
}

static int
take_criterion(void *ctx, const struct record *rec, struct err *e)
{
	(void)e;
	add_kind(ctx, rec->id, category(record_str(rec, F_CRITERION_CATEGORY)));
	return (0);
}

static int
take_mapping(void *ctx, const struct record *rec, struct err *e)
{
	struct record_reader *r = ctx;
	uintptr_t bits = (uintptr_t)map_get(r->kinds,
	    record_str(rec, F_CONTROL_MAPPING_CRITERION));

	(void)e;
	if (bits != 0)
		add_kind(r, record_str(rec, F_CONTROL_MAPPING_CONTROL),
		    (unsigned)bits);
	return (0);
}

static int
load_kinds(struct record_store *s, struct record_reader *r, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;

	if (r->kinds != NULL)
		return (0);
	r->kinds = arena_new(&r->arena, struct map);
	map_init(r->kinds, &r->arena);
	int rc = store_each(s, &a, schema_get(T_CRITERION), true,
	    take_criterion, r, e);
	if (rc == 0)
		rc = store_each(s, &a, schema_get(T_CONTROL_MAPPING), true,
		    take_mapping, r, e);
	if (rc != 0)
		r->kinds = NULL;
	return (rc);
}

static unsigned
kinds_of_cell(struct record_reader *r, const struct schema_field *f,
    const struct cell *c)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str *ids;
	size_t n = kind_items(&a, f, c, &ids);
	unsigned bits = 0;

	for (size_t i = 0; i < n; i++)
		bits |= (unsigned)(uintptr_t)map_get(r->kinds, ids[i]);
	return (bits);
}

/* The categories that a record is of; 0: of none in particular. */
static int
categories_of(struct record_store *s, struct record_reader *r,
    const struct schema_type *t, const struct cell *cells, struct str id,
    unsigned *ret, struct err *e)
{
	unsigned bits = 0;
	int rc = load_kinds(s, r, e);

	if (rc != 0)
		return (rc);
	if (t->number == T_CRITERION || t->number == T_CONTROL)
		bits = (unsigned)(uintptr_t)map_get(r->kinds, id);
	/* A criterion that is named says more than the control beside it. */
	for (int pass = 0; pass < 2 && bits == 0; pass++)
		for (size_t i = 0; i < t->nfields; i++) {
			const struct schema_field *f = &t->fields[i];
			if (cells[i].state != CELL_VALUE)
				continue;
			if (pass == 0 && f->target == 0 &&
			    strcmp(f->name, "category") == 0)
				bits |= category(cells[i].s);
			else if (f->target == (pass == 0 ? T_CRITERION : T_CONTROL))
				bits |= kinds_of_cell(r, f, &cells[i]);
		}
	*ret = bits;
	return (0);
}

/* --- engagements --------------------------------------------------------------- */

static bool
leads(const struct schema_type *t, unsigned target)
{
	for (size_t i = 0; i < t->nfields; i++)
		if (t->fields[i].target == target)
			return (true);
	return (false);
}

static bool
names_one(const struct schema_field *f, const struct cell *c)
{
	return (c->state == CELL_VALUE && f->target != 0 && !kind_is_many(f));
}

/*
 * The engagement that a record belongs to, by a reference of its own or of what
 * it refers to (a deviation to its workpaper). Empty: to none.
 */
static int
engagement_of(struct record_store *s, struct arena *a,
    const struct schema_type *t, const struct cell *cells, struct str id,
    const struct schema_type *engagement, bool deeper, struct str *ret,
    struct err *e)
{
	int r = 0;

	*ret = t == engagement ? id : STR_NULL;
	for (size_t i = 0; ret->len == 0 && i < t->nfields; i++)
		if (t->fields[i].target == engagement->number &&
		    names_one(&t->fields[i], &cells[i]))
			*ret = cells[i].s;
	for (size_t i = 0; r == 0 && deeper && ret->len == 0 && i < t->nfields;
	    i++) {
		struct record rec;
		if (!names_one(&t->fields[i], &cells[i]) ||
		    !leads(schema_get(t->fields[i].target), engagement->number))
			continue;
		const struct schema_type *to = schema_get(t->fields[i].target);
		r = store_load(s, a, to, cells[i].s, &rec, e);
		if (r == 0)
			r = engagement_of(s, a, to, rec.cells, rec.id, engagement,
			    false, ret, e);
		else if (r == -ERR_NOTFOUND)
			r = 0;
	}
	return (r);
}

static int
is_engaged(struct record_store *s, struct record_reader *r,
    const struct schema_type *t, const struct cell *cells, struct str id,
    bool *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const struct record_actor *w = &r->who;
	const struct schema_type *engagement = schema_find_name("engagement");
	struct str of = STR_NULL;
	unsigned bits = 0;
	int rc = 0;

	*ret = false;
	if (w->nengagements == 0)
		return (0);
	if (engagement != NULL)
		rc = engagement_of(s, &a, t, cells, id, engagement, true,
		    &of, e);
	if (rc == 0 && of.len == 0)
		rc = categories_of(s, r, t, cells, id, &bits, e);
	for (size_t i = 0; rc == 0 && i < w->nengagements; i++)
		*ret |= of.len != 0 ? str_eq(of, w->engagements[i].id) :
		    bits == 0 || (bits & (w->engagements[i].categories |
		    RECORD_COMMON)) != 0;
	return (rc);
}

/* --- what was released ------------------------------------------------------------ */

/* The party was given the report, and may still read it. */
static int
was_given(struct record_store *s, struct str report, struct str party,
    bool *ret, struct err *e)
{
	struct stmt *st;
	int r = tables_has(s, schema_get(T_DISTRIBUTION), e);

	*ret = false;
	if (r <= 0)
		return (r);
	r = db_cached(s->db, &st, "SELECT 1 FROM r_distribution WHERE"
	    " retired=0 AND report=? AND customer=? AND state<>'revoked'", e);
	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, report);
	stmt_bind_str(st, 2, party);
	r = stmt_step(st, e);
	stmt_reset(st);
	*ret = r > 0;
	return (r < 0 ? r : 0);
}

static int
is_released(struct record_store *s, struct record_reader *r,
    const struct schema_type *t, const struct cell *cells, struct str id,
    bool *ret, struct err *e)
{
	const struct schema_type *customer = schema_find_name("customer"),
	    *report = schema_find_name("report");
	struct str party = r->who.party;
	struct str state = t->state >= 0 && cells[t->state].state == CELL_VALUE ?
	    cells[t->state].s : STR("");

	*ret = false;
	if (party.len == 0 || customer == NULL || str_is(state, "revoked"))
		return (0);
	*ret = access_named(t, cells, id, customer->number, party);
	if (*ret || report == NULL || schema_find_name("distribution") == NULL)
		return (0);
	/* A draft is nobody's, whatever was said about it before. */
	if (t == report)
		return (str_is(state, "issued") || str_is(state, "reissued") ?
		    was_given(s, id, party, ret, e) : 0);
	for (size_t i = 0; i < t->nfields; i++)
		if (t->fields[i].target == report->number &&
		    cells[i].state == CELL_VALUE && str_is(state, "signed"))
			return (was_given(s, cells[i].s, party, ret, e));
	return (0);
}

/* --- all ---------------------------------------------------------------------------- */

/* Is it about the person: does a field named for that say so? */
static bool
is_about(const struct schema_type *t, const struct cell *cells,
    struct str person)
{
	for (size_t i = 0; person.len != 0 && i < t->nfields; i++)
		if (t->fields[i].target == T_PERSON &&
		    (strcmp(t->fields[i].name, "about") == 0 ||
		    strcmp(t->fields[i].name, "person") == 0) &&
		    cells[i].state == CELL_VALUE && str_eq(cells[i].s, person))
			return (true);
	return (false);
}

int
record_facts(struct record_store *s, struct record_reader *r,
    const struct schema_type *t, const struct cell *cells, struct str id,
    struct access_facts *ret, struct err *e)
{
	struct access_facts f = { 0 };
	struct record_store own = { .db = s->db, .ledger = s->ledger };
	bool engaged = false, released = false;
	int rc = 0;

	if (access_named(t, cells, id, T_PERSON, r->who.person))
		f.is |= ACCESS_ASSIGNED;
	if (!is_about(t, cells, r->who.person))
		f.is |= ACCESS_UNINVOLVED;
	if ((r->who.roles & ROLE_AUDITOR) != 0)
		rc = is_engaged(&own, r, t, cells, id, &engaged, e);
	if (rc == 0 && (r->who.roles & (ROLE_PARTNER | ROLE_CUSTOMER)) != 0)
		rc = is_released(&own, r, t, cells, id, &released, e);
	f.is |= (engaged ? ACCESS_ENGAGED : 0) |
	    (released ? ACCESS_RELEASED : 0);
	if (t->state >= 0 && cells[t->state].state == CELL_VALUE)
		f.state = access_state(t, cells[t->state].s);
	*ret = f;
	return (rc);
}
