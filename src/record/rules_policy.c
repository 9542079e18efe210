/* Policies and their versions: what was approved is what is in force. */
#include "record/rules.h"

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
		if (!it->given[said[i]] || !rules_has(&it->new, said[i]))
			return (false);
	return (rules_changed(it, F_POLICY_VERSION) &&
	    str_is(it->old.cells[F_POLICY_STATE].s, "published") &&
	    str_cmp(c[F_POLICY_EFFECTIVE_ON].s, was[F_POLICY_EFFECTIVE_ON].s) >= 0);
}

static void
policy_check(struct batch *b, struct batch_item *it)
{
	struct str was = it->old.cells[F_POLICY_STATE].s;

	rules_ordered(b, it, RULE_policy_order, F_POLICY_EFFECTIVE_ON,
	    F_POLICY_REVIEW_ON);
	rules_within(b, it, RULE_policy_review, F_POLICY_APPROVED_ON,
	    F_POLICY_REVIEW_ON, 12);
	/* What was approved is what is in force: new text takes the whole way. */
	if (rules_changed(it, F_POLICY_TEXT) &&
	    (str_is(was, "approved") || str_is(was, "published")) &&
	    !str_is(it->new.cells[F_POLICY_STATE].s, "draft") &&
	    !next_version(it))
		rules_say(b, it, RULE_policy_stands, F_POLICY_TEXT, "step back to draft first: state: "
		    "draft", "Text: it is not changed after it was approved");
	else if (next_version(it))
		rules_acting_is(b, it, F_POLICY_APPROVER);
}

static void
version_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t kept[] = { F_POLICY_VERSION_POLICY,
		F_POLICY_VERSION_VERSION, F_POLICY_VERSION_TEXT,
		F_POLICY_VERSION_AUTHOR };
	struct str was = it->old.cells[F_POLICY_VERSION_STATE].s;
	const struct schema_field *f = it->change->type->fields;

	rules_ordered(b, it, RULE_version_order, F_POLICY_VERSION_EFFECTIVE_ON,
	    F_POLICY_VERSION_REVIEW_ON);
	rules_within(b, it, RULE_version_review,
	    F_POLICY_VERSION_APPROVED_ON, F_POLICY_VERSION_REVIEW_ON, 12);
	if (!it->exists || str_is(was, "draft") || str_is(was, "review"))
		return;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (rules_changed(it, kept[i]))
			rules_say(b, it, RULE_version_stands, kept[i], str_is(was, "approved") ?
			    "step back to draft first: state: draft" :
			    "write another version: tickmark policy DIR new CODE",
			    "%s: it is not changed after it was approved",
			    f[kept[i]].title);
}

const struct rules_of rules_policies[] = {
	{ T_POLICY, NULL, policy_check },
	{ T_POLICY_VERSION, NULL, version_check },
	{ 0, NULL, NULL },
};
