/* Whether who acts may make the changes of a batch. */
#include "record/batch.h"
#include "record/reader.h"

static void
deny(struct batch *b, struct batch_item *it, const struct access_who *as,
    int field, enum access_act act)
{
	struct err p;

	access_explain(as, it->change->type, field, act, &p);
	batch_problem(b, it, 0, &p);
}

/* Is the field given as something else than what who acts knows it to be? */
static bool
touches(const struct batch_item *it, size_t i, uint64_t hidden)
{
	const struct cell *was = &it->old.cells[i], *now = &it->new.cells[i];

	/* To tell whether a guess is right would be to show what is masked. */
	return (it->given[i] && ((hidden >> i & 1) != 0 ||
	    was->state != now->state || was->i != now->i ||
	    !str_eq(was->s, now->s)));
}

/* The acts that a change is made of, each decided by itself. */
static void
permit_change(struct batch *b, struct batch_item *it,
    const struct access_who *as, const struct access_facts *facts)
{
	const struct schema_type *t = it->change->type;
	uint64_t hidden, barred;
	bool may = access_row(as, t, facts, ACCESS_CHANGE, &barred);

	if (!access_row(as, t, facts, ACCESS_READ, &hidden))
		hidden = UINT64_MAX;
	for (size_t i = 0; i < t->nfields; i++) {
		if (!touches(it, i, hidden))
			continue;
		if ((int)i == t->state) {
			if (access_decide(as, t, ACCESS_RECORD, facts,
			    ACCESS_STEP).verdict != ACCESS_ALLOW)
				deny(b, it, as, ACCESS_RECORD, ACCESS_STEP);
		} else if (!may) {
			deny(b, it, as, ACCESS_RECORD, ACCESS_CHANGE);
			return;
		} else if ((barred >> i & 1) != 0) {
			deny(b, it, as, (int)i, ACCESS_CHANGE);
		}
	}
	/* Fields of the organisation's own: for who may change all others. */
	if (val_count(val_get(it->change->fields, "extra")) != 0 &&
	    (!may || barred != 0))
		deny(b, it, as, ACCESS_RECORD, ACCESS_CHANGE);
}

/* Is there a step into the state that who acts may make? */
static bool
may_enter(const struct batch *b, const struct schema_type *t, int state)
{
	for (size_t i = 0; i < t->nsteps; i++)
		if (t->steps[i].to == state && (t->steps[i].who & b->who->roles) != 0)
			return (true);
	return (false);
}

/* A record that begins in a later state has taken a step without its having
 * been there. */
static void
permit_state(struct batch *b, struct batch_item *it,
    const struct access_who *as, const struct access_facts *facts)
{
	const struct schema_type *t = it->change->type;
	struct err p;

	if (t->state < 0 || facts->state <= 1 || b->opts.by == RECORD_RESTORED)
		return;
	if (access_decide(as, t, ACCESS_RECORD, facts, ACCESS_STEP).verdict !=
	    ACCESS_ALLOW) {
		deny(b, it, as, ACCESS_RECORD, ACCESS_STEP);
	} else if (!may_enter(b, t, facts->state - 1)) {
		err_set(&p, ERR_DENIED, NULL, "ask somebody who may",
		    "State: you may not make %s %s %s", str_article(t->name),
		    t->name, t->states[facts->state - 1]);
		batch_problem(b, it, 0, &p);
	}
}

static void
permit_create(struct batch *b, struct batch_item *it,
    const struct access_who *as, const struct access_facts *facts)
{
	const struct schema_type *t = it->change->type;
	uint64_t barred;

	if (!access_row(as, t, facts, ACCESS_CREATE, &barred)) {
		deny(b, it, as, ACCESS_RECORD, ACCESS_CREATE);
		return;
	}
	permit_state(b, it, as, facts);
	for (size_t i = 0; i < t->nfields; i++)
		if (it->given[i] && (int)i != t->state && (barred >> i & 1) != 0)
			deny(b, it, as, (int)i, ACCESS_CREATE);
}

int
permit_all(struct batch *b, struct err *e)
{
	struct record_reader own;
	int r = 0;

	if (b->opts.by == RECORD_RESTORED && (b->who->roles & ROLE_OWNER) == 0)
		return (err_set(e, ERR_DENIED, NULL, "ask an owner",
		    "only an owner restores records"));
	record_reader_init(&own, NULL, b->who);
	for (size_t i = 0; r == 0 && i < b->n; i++) {
		struct batch_item *it = &b->at[i];
		struct access_facts facts;
		/* Fixed data is nobody's to change: validate.c says so. */
		if (it->new.cells == NULL || it->change->type->mode == MODE_FIXED)
			continue;
		/* What was so before the change decides whether it may be made. */
		r = record_facts(b->store, &own, it->change->type, it->exists ?
		    it->old.cells : it->new.cells, it->exists ? it->old.id :
		    STR_NULL, &facts, e);
		if (r != 0)
			break;
		if (!it->exists)
			permit_create(b, it, &own.as, &facts);
		else if (!it->change->retire)
			permit_change(b, it, &own.as, &facts);
		else if (access_decide(&own.as, it->change->type, ACCESS_RECORD,
		    &facts, ACCESS_RETIRE).verdict != ACCESS_ALLOW)
			deny(b, it, &own.as, ACCESS_RECORD, ACCESS_RETIRE);
	}
	record_reader_free(&own);
	return (r);
}
