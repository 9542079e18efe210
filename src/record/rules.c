/*
 * What a declaration cannot say, as one function for a type. A type that needs
 * more than two of these is not a record type but a module of its own. Here the
 * tables of all areas are gone through; rules_AREA.c have them.
 */
#include "record/rules.h"

static const struct rules_of *const areas[] = { rules_access,
	rules_assets, rules_audit, rules_base, rules_continuity,
	rules_governance, rules_people, rules_policies, rules_privacy,
	rules_program, rules_risks };

static const struct rules_of *
of_type(unsigned type)
{
	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		for (const struct rules_of *r = areas[i]; r->type != 0; r++)
			if ((unsigned)r->type == type)
				return (r);
	return (NULL);
}

void
rules_prepare(struct batch *b, struct batch_item *it)
{
	const struct rules_of *r = of_type(it->change->type->number);

	rules_acting_fill(b, it);
	if (r != NULL && r->prepare != NULL)
		r->prepare(b, it);
}

void
rules_check(struct batch *b, struct batch_item *it)
{
	const struct rules_of *r = of_type(it->change->type->number);

	rules_acting_check(b, it);
	rules_earned_check(b, it);
	if (r != NULL)
		r->check(b, it);
}
