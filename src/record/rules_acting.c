/*
 * Who acts counts, not only who is named. Where one person stands for a step
 * (who approves, reviews, accepts, signs), a user takes that step as that person
 * or not at all; and who asked for something or wrote it in the name of another
 * does not approve it. Whoever has the files at hand (no user) writes down what
 * others did: the ledger says so.
 */
#include "record/rules.h"

#include "record/history.h"
#include "record/store.h"

#define USER "user:"

bool
rules_acting_user(const struct batch *b)
{
	return (!b->opts.copied && str_starts(b->who->id, USER));
}

bool
rules_acting_is(struct batch *b, struct batch_item *it, size_t f)
{
	struct str me = b->who->person;

	if (!rules_acting_user(b) || !rules_has(&it->new, f))
		return (true);
	if (me.len == 0)
		rules_say(b, it, RULE_acting_nobody, (int)f, "let an owner say who "
		    "the user is: tickmark record DIR user put LOGIN person=CODE",
		    "%s: the user who acts is linked to no person",
		    rules_title(it, f));
	else if (!str_eq(me, it->new.cells[f].s))
		rules_say(b, it, RULE_acting_other, (int)f, "let that person do it, "
		    "or name yourself if it is you who does", "%s: somebody else "
		    "acts, and nobody does this in the name of another",
		    rules_title(it, f));
	else
		return (true);
	return (false);
}

/* --- signatures that no pair of a step says ------------------------------------- */

enum when { ENTERS, SETS, NAMED };
struct own {
	unsigned type;
	/* A state is come into (NAMED: if the field is filled), or the field is
	 * set. */
	enum when when;
	const char *states; /* SETS: while it is in one of them; NULL: in any */
	uint16_t field;
	bool machine;       /* a user who is nobody may name who it was */
};
static const struct own owns[] = {
	{ T_ACKNOWLEDGEMENT, ENTERS, "acknowledged", F_ACKNOWLEDGEMENT_PERSON,
		false },
	{ T_ASSERTION, ENTERS, "signed", F_ASSERTION_SIGNER, false },
	{ T_BREACH_NOTICE, ENTERS, "required|not_required",
		F_BREACH_NOTICE_DECIDED_BY, false },
	{ T_BRIDGE_LETTER, ENTERS, "signed", F_BRIDGE_LETTER_SIGNER, false },
	{ T_CHANGE, ENTERS, "deployed", F_CHANGE_DEPLOYER, true },
	{ T_CHANGE, SETS, "deployed|closed|rolled_back", F_CHANGE_APPROVER,
		false },
	{ T_CHANGE, SETS, NULL, F_CHANGE_REVIEWER, false },
	{ T_DECLARATION, ENTERS, "declared", F_DECLARATION_PERSON, false },
	{ T_INDEPENDENCE, ENTERS, "confirmed", F_INDEPENDENCE_PERSON, false },
	{ T_PERFORMANCE, SETS, NULL, F_PERFORMANCE_PERFORMER, true },
	{ T_RECOMMENDATION, ENTERS, "rejected", F_RECOMMENDATION_APPROVER,
		false },
	{ T_RETENTION_RULE, NAMED, "active", F_RETENTION_RULE_APPROVER, false },
	{ T_TRIGGER_LOG, SETS, NULL, F_TRIGGER_LOG_DECLARED_BY, false },
	{ T_WORKPAPER, ENTERS, "prepared", F_WORKPAPER_PREPARER, false },
};
#define NOWNS (sizeof(owns) / sizeof(owns[0]))

static bool
is_set(const struct batch_item *it, size_t f)
{
	return (!it->exists ? rules_has(&it->new, f) : rules_changed(it, f));
}

/* Does the change make the signature? */
static bool
signs(const struct batch_item *it, const struct own *o)
{
	if (o->when == SETS)
		return (is_set(it, o->field) &&
		    (o->states == NULL || rules_at(it, o->states)));
	return (rules_at(it, o->states) && (rules_enters(it, o->states) ||
	    is_set(it, o->field)));
}

/* --- steps ------------------------------------------------------------------------ */

/* A record that says no state yet begins, or stays as it is. */
static const char *
state_of(const struct batch_item *it, const struct record *r)
{
	const struct schema_type *t = it->change->type;

	if (t->state < 0)
		return (NULL);
	if (!rules_has(r, (size_t)t->state))
		return (it->exists && r == &it->new ? state_of(it, &it->old) :
		    t->states[0]);
	for (size_t i = 0; i < t->nstates; i++)
		if (str_is(r->cells[t->state].s, t->states[i]))
			return (t->states[i]);
	return (NULL);
}

static const struct schema_step *
step_of(const struct batch_item *it)
{
	const struct schema_type *t = it->change->type;
	const char *to = state_of(it, &it->new), *from = it->exists ?
	    state_of(it, &it->old) : to;

	for (size_t i = 0; from != to && i < t->nsteps; i++)
		if (t->states[t->steps[i].from] == from &&
		    t->states[t->steps[i].to] == to)
			return (&t->steps[i]);
	return (NULL);
}

/* --- who wrote it ------------------------------------------------------------------- */

/* Fields that say who did the first half; others say whom it was given to. */
static bool
is_doer(const struct schema_field *f)
{
	static const char *const names[] = { "author", "preparer", "proposer",
		"requester", "runner", "secretary", "tester" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(f->name, names[i]) == 0)
			return (true);
	return (false);
}

/* Is the actor of an entry a user who is who acts now? */
static bool
was_me(struct batch *b, struct str actor)
{
	struct str rest = actor, id;
	struct record u;

	if (!str_starts(actor, USER))
		return (false);
	rest.ptr += strlen(USER);
	rest.len -= strlen(USER);
	return (str_split(&rest, '/', &id) && store_load(b->store, b->a,
	    schema_get(T_USER), id, &u, NULL) == 0 &&
	    str_eq(record_str(&u, F_USER_PERSON), b->who->person));
}

static bool
same_in(const struct record *x, const struct record *y, size_t f)
{
	return (x->cells[f].state == y->cells[f].state &&
	    str_eq(x->cells[f].s, y->cells[f].s));
}

static bool
in_pair_state(const struct record *r, const struct schema_step *s)
{
	return (rules_state(r, r->type->states[s->to]));
}

/* Did who acts set the field to what it is, or change its text, since the pair
 * was last said to be apart? */
static bool
wrote(struct batch *b, const struct batch_item *it,
    const struct schema_step *s, size_t doer, int text)
{
	struct record_history h;
	struct err e;
	bool mine = false;

	if (record_history(b->store, b->a, it->change->type, it->old.id, &h,
	    &e) != 0) {
		b->broken = -(int)e.code;
		b->why = e;
		return (false);
	}
	for (size_t i = 0; i < h.n; i++) {
		const struct record_revision *v = &h.at[i], *was = i > 0 ?
		    &h.at[i - 1] : NULL;
		bool names = same_in(&v->record, &it->new, doer) && (was == NULL ||
		    !same_in(&was->record, &it->new, doer));
		bool words = text >= 0 && (was == NULL ? rules_has(&v->record,
		    (size_t)text) : !same_in(&v->record, &was->record,
		    (size_t)text));
		if (v->erased)
			continue;
		if (in_pair_state(&v->record, s))
			mine = false;
		else if (names || words)
			mine |= was_me(b, v->actor);
	}
	return (mine);
}

/* The other of the pair must be somebody else in truth. */
static void
check_other(struct batch *b, struct batch_item *it,
    const struct schema_step *s)
{
	const struct schema_type *t = it->change->type;
	size_t doer = s->apart.at[0];
	int text = strcmp(t->fields[doer].name, "author") == 0 ?
	    schema_field(t, STR("text")) : -1;

	if (!rules_acting_user(b) || !is_doer(&t->fields[doer]) ||
	    !rules_has(&it->new, doer) ||
	    str_eq(it->new.cells[doer].s, b->who->person))
		return;
	bool now = is_set(it, doer) || (text >= 0 && is_set(it, (size_t)text));
	if (now || (it->exists && wrote(b, it, s, doer, text)))
		rules_say(b, it, RULE_acting_both, (int)s->apart.at[1],
		    "let somebody else do one of the two", "%s: who acts wrote this "
		    "in the name of another, who is named as %s",
		    rules_title(it, s->apart.at[1]), t->fields[doer].title);
}

/* --- all -------------------------------------------------------------------------- */

void
rules_acting_fill(struct batch *b, struct batch_item *it)
{
	const struct schema_step *s = step_of(it);
	int f = s != NULL ? schema_signer(it->change->type, s) : -1;

	if (!rules_acting_user(b) || b->who->person.len == 0)
		return;
	if (f >= 0 && !rules_has(&it->new, (size_t)f))
		it->new.cells[f] = CELL_STR(b->who->person);
	for (size_t i = 0; i < NOWNS; i++)
		if (owns[i].type == it->change->type->number &&
		    owns[i].when == ENTERS && rules_enters(it, owns[i].states) &&
		    !rules_has(&it->new, owns[i].field))
			it->new.cells[owns[i].field] = CELL_STR(b->who->person);
}

void
rules_acting_check(struct batch *b, struct batch_item *it)
{
	const struct schema_type *t = it->change->type;
	const struct schema_step *s = step_of(it);
	int f = s != NULL ? schema_signer(t, s) : -1, done = f;

	if (!rules_acting_user(b))
		return;
	if (f >= 0 && rules_acting_is(b, it, (size_t)f))
		check_other(b, it, s);
	/* Not by a step: it begins there, or another is named afterwards. */
	for (size_t i = 0; i < t->nsteps; i++) {
		s = &t->steps[i];
		if (s->apart.n != 2 || s->apart.at[1] == done ||
		    t->states[s->to] != state_of(it, &it->new) ||
		    !is_set(it, s->apart.at[1]))
			continue;
		done = s->apart.at[1];
		if (rules_acting_is(b, it, (size_t)done))
			check_other(b, it, s);
	}
	for (size_t i = 0; i < NOWNS; i++)
		if (owns[i].type == t->number && signs(it, &owns[i]) &&
		    !(owns[i].machine && b->who->person.len == 0))
			rules_acting_is(b, it, owns[i].field);
}
