/*
 * What a module says after it has looked, and nobody says by hand: that an access
 * is gone, that a list was frozen from evidence, that a course was passed, that a
 * control was carried out in its window, where the ledger tells what was
 * destroyed. Whoever has the files at hand may bring such a record along from
 * elsewhere, when it is made; no user may, and nobody steps there.
 */
#include "record/rules.h"

#include "base/content.h"

struct earned {
	unsigned type;
	const char *states; /* NULL: to make one at all, or .field */
	int field;          /* what is earned is that it is filled; or -1 */
	const char *how;
};
static const struct earned list[] = {
	{ T_ACCESS_REVIEW, "certifying", -1,
		"start it from evidence: tickmark review DIR start CODE" },
	{ T_DISPOSAL, NULL, F_DISPOSAL_POSITION,
		"let the rule run: tickmark retention DIR run" },
	{ T_PERFORMANCE, NULL, -1,
		"carry it out: tickmark perform DIR CONTROL" },
	{ T_REVIEW_ITEM, "removed", -1, "collect, and let the evidence be looked "
		"at: tickmark review DIR check CODE" },
	{ T_TRAINING, "complete", -1,
		"take the course: tickmark training DIR take COURSE" },
	{ T_TRAINING, NULL, F_TRAINING_SCORE,
		"take the course: tickmark training DIR take COURSE" },
};

/* A course that the program holds; others are held elsewhere. */
static bool
is_ours(const struct batch_item *it)
{
	struct str code = record_str(&it->new, F_TRAINING_COURSE);
	char path[160];

	snprintf(path, sizeof(path), "content/training/" STR_FMT ".yaml",
	    STR_ARG(code));
	return (content_find(path).ptr != NULL);
}

/* What other courses gave is told by somebody else than who took them. */
static void
training_elsewhere(struct batch *b, struct batch_item *it)
{
	struct str person = record_str(&it->new, F_TRAINING_PERSON);

	if (rules_enters(it, "complete") && b->who->person.len != 0 &&
	    str_eq(person, b->who->person))
		rules_say(b, it, RULE_training_own, F_TRAINING_PERSON,
		    "show the certificate to whoever keeps the records", "Person: "
		    "nobody records their own completion of a course that was held "
		    "elsewhere");
}

static bool
is_claimed(const struct batch_item *it, const struct earned *x)
{
	if (x->field >= 0)
		return (it->exists ? rules_changed(it, (size_t)x->field) :
		    rules_has(&it->new, (size_t)x->field));
	/* A certifying review that goes back to it was frozen before. */
	if (x->type == T_ACCESS_REVIEW && it->exists && !rules_was(it, "open"))
		return (false);
	return (x->states != NULL ? rules_enters(it, x->states) : !it->exists);
}

void
rules_earned_check(struct batch *b, struct batch_item *it)
{
	const struct schema_type *t = it->change->type;

	if (b->opts.by == RECORD_BY_MODULE || b->opts.by == RECORD_RESTORED)
		return;
	if (t->number == T_TRAINING && !is_ours(it)) {
		training_elsewhere(b, it);
		return;
	}
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		const struct earned *x = &list[i];
		if (x->type != t->number || !is_claimed(it, x) ||
		    (!it->exists && !rules_acting_user(b)))
			continue;
		int f = x->field >= 0 ? x->field : x->states != NULL ? t->state :
		    -1;
		rules_say(b, it, RULE_earned, f, x->how, "%s%s is said by what "
		    "looked at it, not by hand", f >= 0 ? t->fields[f].title :
		    t->title, x->field < 0 && x->states != NULL ? arena_printf(b->a,
		    ": %s", x->states) : ": it");
	}
}
