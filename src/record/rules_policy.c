/* Policies and their versions: what was approved is what is in force. */
#include "record/rules.h"

#include "text/date.h"

static bool
has(const struct record *r, size_t i)
{
	return (r->cells[i].state == CELL_VALUE);
}

static bool
same_text(const struct batch_item *it, size_t field)
{
	return (str_eq(it->old.cells[field].s, it->new.cells[field].s));
}

/* The same day a year later, or the last one of its month. */
static const char *
year_after(struct batch *b, struct str date)
{
	char at[DATE_SIZE];
	int64_t day;

	if (date_parse(date, &day, NULL) != 0)
		BUG("a date that is none");
	day = date_add_months(day, 12);
	return (arena_strdup(b->a, date_print(day > DATE_MAX ? DATE_MAX : day, at)));
}

/* The next review is within twelve months of the approval. */
static void
review_in_time(struct batch *b, struct batch_item *it, size_t review,
    size_t approved)
{
	const struct cell *c = it->new.cells;

	if (!has(&it->new, review) || !has(&it->new, approved) ||
	    (!it->given[review] && !it->given[approved]))
		return;
	const char *last = year_after(b, c[approved].s);
	if (str_cmp(c[review].s, str_from(last)) > 0)
		batch_say(b, it, (int)review, arena_printf(b->a,
		    "write %s or a day before it", last), "Next review: " STR_FMT
		    " is more than twelve months after the approval, " STR_FMT,
		    STR_ARG(c[review].s), STR_ARG(c[approved].s));
}

/*
 * A published policy may pass to its next version without a day between in
 * which none is in force: then all that made the old one valid is said anew.
 */
static bool
next_version(struct batch_item *it)
{
	static const uint16_t said[] = { F_POLICY_VERSION, F_POLICY_AUTHOR,
		F_POLICY_APPROVER, F_POLICY_APPROVED_ON, F_POLICY_EFFECTIVE_ON };
	const struct cell *c = it->new.cells, *was = it->old.cells;

	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (!it->given[said[i]] || !has(&it->new, said[i]))
			return (false);
	return (!same_text(it, F_POLICY_VERSION) &&
	    str_is(it->old.cells[F_POLICY_STATE].s, "published") &&
	    str_cmp(c[F_POLICY_EFFECTIVE_ON].s, was[F_POLICY_EFFECTIVE_ON].s) >= 0);
}

void
rules_policy(struct batch *b, struct batch_item *it)
{
	struct str was = it->old.cells[F_POLICY_STATE].s;

	rules_ordered(b, it, F_POLICY_EFFECTIVE_ON, F_POLICY_REVIEW_ON);
	review_in_time(b, it, F_POLICY_REVIEW_ON, F_POLICY_APPROVED_ON);
	/* What was approved is what is in force: new text takes the whole way. */
	if (it->exists && !same_text(it, F_POLICY_TEXT) &&
	    (str_is(was, "approved") || str_is(was, "published")) &&
	    !str_is(it->new.cells[F_POLICY_STATE].s, "draft") &&
	    !next_version(it))
		batch_say(b, it, F_POLICY_TEXT, "step back to draft first: state: "
		    "draft", "Text: it is not changed after it was approved");
}

void
rules_policy_version(struct batch *b, struct batch_item *it)
{
	static const uint16_t kept[] = { F_POLICY_VERSION_POLICY,
		F_POLICY_VERSION_VERSION, F_POLICY_VERSION_TEXT,
		F_POLICY_VERSION_AUTHOR };
	struct str was = it->old.cells[F_POLICY_VERSION_STATE].s;
	const struct schema_field *f = it->change->type->fields;

	rules_ordered(b, it, F_POLICY_VERSION_EFFECTIVE_ON,
	    F_POLICY_VERSION_REVIEW_ON);
	review_in_time(b, it, F_POLICY_VERSION_REVIEW_ON,
	    F_POLICY_VERSION_APPROVED_ON);
	if (!it->exists || str_is(was, "draft") || str_is(was, "review"))
		return;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (it->given[kept[i]] && !same_text(it, kept[i]))
			batch_say(b, it, kept[i], str_is(was, "approved") ?
			    "step back to draft first: state: draft" :
			    "write another version: tickmark policy DIR new CODE",
			    "%s: it is not changed after it was approved",
			    f[kept[i]].title);
}
