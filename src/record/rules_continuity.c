/* Continuity: impact analyses, plans, exercises, tests of backups. */
#include "record/rules.h"

static bool
beyond(const struct record *r, size_t measured, size_t aimed)
{
	return (rules_has(r, measured) && rules_has(r, aimed) &&
	    r->cells[measured].i > r->cells[aimed].i);
}

static void
impact_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t kept[] = { F_IMPACT_PROCESS, F_IMPACT_OWNER,
		F_IMPACT_TOLERABLE_MINUTES, F_IMPACT_RTO_MINUTES,
		F_IMPACT_RPO_MINUTES };

	if (rules_was(it, "approved") && rules_at(it, "approved"))
		rules_kept(b, it, RULE_impact_stands, "step back to draft first: "
		    "state: draft", kept, sizeof(kept) / sizeof(kept[0]));
	if (beyond(&it->new, F_IMPACT_RTO_MINUTES, F_IMPACT_TOLERABLE_MINUTES))
		rules_say(b, it, RULE_impact_rto, F_IMPACT_RTO_MINUTES,
		    "write at most what can be borne", "RTO: the process has to run "
		    "again before the harm cannot be borne");
	rules_within(b, it, RULE_impact_year, F_IMPACT_APPROVED_ON,
	    F_IMPACT_REVIEW_ON, 12);
}

static void
plan_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t kept[] = { F_CONTINUITY_PLAN_TEXT,
		F_CONTINUITY_PLAN_VERSION, F_CONTINUITY_PLAN_AUTHOR,
		F_CONTINUITY_PLAN_APPROVER };

	rules_within(b, it, RULE_plan_year, F_CONTINUITY_PLAN_APPROVED_ON,
	    F_CONTINUITY_PLAN_REVIEW_ON, 12);
	rules_apart(b, it, RULE_plan_alternate, F_CONTINUITY_PLAN_OWNER,
	    F_CONTINUITY_PLAN_ALTERNATE);
	if (rules_was(it, "approved") && rules_at(it, "approved"))
		rules_kept(b, it, RULE_plan_stands, "step back to draft first: "
		    "state: draft", kept, sizeof(kept) / sizeof(kept[0]));
}

/* Times that were aimed at are measured. */
static void
measured(struct batch *b, struct batch_item *it, enum rule rule,
    const uint16_t aimed[2], const uint16_t took[2], const char *why)
{
	for (size_t i = 0; i < 2; i++)
		if (rules_has(&it->new, aimed[i]))
			rules_needs(b, it, rule, took[i], why);
}

static void
exercise_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t aimed[2] = { F_EXERCISE_RTO_MINUTES,
		F_EXERCISE_RPO_MINUTES };
	static const uint16_t took[2] = { F_EXERCISE_RTO_MEASURED,
		F_EXERCISE_RPO_MEASURED };

	rules_past(b, it, RULE_exercise_future, F_EXERCISE_HELD_ON);
	if (!rules_at(it, "held|reviewed"))
		return;
	measured(b, it, RULE_exercise_measured, aimed, took,
	    "when an exercise that aimed at it was held");
	if (rules_is(it, F_EXERCISE_RESULT, "met") &&
	    (beyond(&it->new, took[0], aimed[0]) ||
	    beyond(&it->new, took[1], aimed[1])))
		rules_say(b, it, RULE_exercise_result, F_EXERCISE_RESULT,
		    "write missed", "Result: what was measured is beyond what was "
		    "aimed at");
	if (rules_at(it, "reviewed") && rules_is(it, F_EXERCISE_RESULT,
	    "missed") && !rules_has(&it->new, F_EXERCISE_FINDINGS))
		rules_say(b, it, RULE_exercise_findings, F_EXERCISE_FINDINGS,
		    "record a finding, and name it", "Findings: an exercise that "
		    "missed its aim leaves something to be mended");
}

static void
restore_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t aimed[2] = { F_RESTORE_TEST_RTO_MINUTES,
		F_RESTORE_TEST_RPO_MINUTES };
	static const uint16_t took[2] = { F_RESTORE_TEST_RTO_MEASURED,
		F_RESTORE_TEST_RPO_MEASURED };

	rules_past(b, it, RULE_restore_future, F_RESTORE_TEST_TESTED_ON);
	if (rules_was(it, "passed"))
		rules_stands(b, it, RULE_restore_stands, "record another test",
		    NULL, 0);
	if (!rules_at(it, "passed"))
		return;
	measured(b, it, RULE_restore_measured, aimed, took,
	    "when a test that aimed at it has passed");
	if (beyond(&it->new, took[0], aimed[0]) ||
	    beyond(&it->new, took[1], aimed[1]))
		rules_say(b, it, RULE_restore_beyond, it->change->type->state,
		    "write failed, with the cause", "State: what was measured is "
		    "beyond what was aimed at");
}

const struct rules_of rules_continuity[] = {
	{ T_CONTINUITY_PLAN, NULL, plan_check },
	{ T_EXERCISE, NULL, exercise_check },
	{ T_IMPACT, NULL, impact_check },
	{ T_RESTORE_TEST, NULL, restore_check },
	{ 0, NULL, NULL },
};
