/* The frame of the programme: controls, commitments, components, scope, sources,
 * whose accounts are whose, what is held and how long raw bytes are kept. */
#include "record/rules.h"

#include "text/zone.h"

/*
 * A changed statement is a new version. While it is a draft, nothing hangs on
 * it; afterwards the new version needs a first day of its own, so that earlier
 * periods keep the old text.
 */
static void
control_version(struct batch *b, struct batch_item *it)
{
	struct cell *c = it->new.cells;

	(void)b;
	if (!rules_has(&it->new, F_CONTROL_VERSION))
		c[F_CONTROL_VERSION] = CELL_INT(1);
	if (it->exists && rules_has(&it->old, F_CONTROL_STATEMENT) &&
	    rules_changed(it, F_CONTROL_STATEMENT) &&
	    !it->given[F_CONTROL_VERSION] &&
	    !str_is(it->old.cells[F_CONTROL_STATE].s, "draft"))
		c[F_CONTROL_VERSION] =
		    CELL_INT(it->old.cells[F_CONTROL_VERSION].i + 1);
}

static void
control_check(struct batch *b, struct batch_item *it)
{
	const struct cell *now = it->new.cells, *was = it->old.cells;

	if (rules_has(&it->new, F_CONTROL_NOT_APPLICABLE) &&
	    !rules_at(it, "draft|designed|retired"))
		rules_say(b, it, RULE_control_applied, F_CONTROL_NOT_APPLICABLE,
		    "retire it instead, or clear the reason: not_applicable=",
		    "Not applicable: a control that is " STR_FMT " is applied",
		    STR_ARG(now[F_CONTROL_STATE].s));
	rules_ordered(b, it, RULE_control_order, F_CONTROL_EFFECTIVE_ON,
	    F_CONTROL_RETIRED_ON);
	if (!it->exists || !rules_changed(it, F_CONTROL_STATEMENT) ||
	    str_is(was[F_CONTROL_STATE].s, "draft") ||
	    str_is(was[F_CONTROL_STATE].s, "designed"))
		return;
	if (!rules_has(&it->new, F_CONTROL_EFFECTIVE_ON) ||
	    !it->given[F_CONTROL_EFFECTIVE_ON])
		rules_say(b, it, RULE_control_wording, F_CONTROL_STATEMENT,
		    "give effective_on, such as 2026-01-31",
		    "Statement: a control in use that is worded anew needs the "
		    "day from which the new wording counts");
	else if (rules_has(&it->old, F_CONTROL_EFFECTIVE_ON) &&
	    str_cmp(now[F_CONTROL_EFFECTIVE_ON].s,
	    was[F_CONTROL_EFFECTIVE_ON].s) <= 0)
		rules_say(b, it, RULE_control_history, F_CONTROL_EFFECTIVE_ON,
		    "give a later day", "Effective: the new wording cannot count "
		    "from " STR_FMT ", when the old one already does, or before",
		    STR_ARG(was[F_CONTROL_EFFECTIVE_ON].s));
}

static void
commitment_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_commitment_order, F_COMMITMENT_STARTS_ON,
	    F_COMMITMENT_ENDS_ON);
}

static void
component_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_component_order, F_COMPONENT_LIVE_ON,
	    F_COMPONENT_RETIRED_ON);
}

static void
mapping_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_mapping_order, F_CONTROL_MAPPING_STARTS_ON,
	    F_CONTROL_MAPPING_ENDS_ON);
	if (rules_has(&it->new, F_CONTROL_MAPPING_CRITERION) ==
	    rules_has(&it->new, F_CONTROL_MAPPING_POLICY))
		rules_say(b, it, RULE_mapping_one, F_CONTROL_MAPPING_CRITERION,
		    "name a criterion or a policy", "Criterion: a mapping is of a "
		    "control to one criterion, or to one policy");
}

static void
scope_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t kept[] = { F_SCOPE_DECISION_CRITERION,
		F_SCOPE_DECISION_RELEVANT, F_SCOPE_DECISION_REASON,
		F_SCOPE_DECISION_PROPOSER };

	if (rules_was(it, "approved") && rules_at(it, "approved"))
		rules_kept(b, it, RULE_scope_stands, "step back to proposed first: "
		    "state: proposed", kept, sizeof(kept) / sizeof(kept[0]));
	if (it->new.cells[F_SCOPE_DECISION_RELEVANT].state == CELL_VALUE &&
	    it->new.cells[F_SCOPE_DECISION_RELEVANT].i == 0 &&
	    !rules_has(&it->new, F_SCOPE_DECISION_REASON))
		rules_say(b, it, RULE_scope_reason, F_SCOPE_DECISION_REASON,
		    "say why, in a sentence",
		    "Reason: a criterion that is not relevant needs one");
}

static void
identity_check(struct batch *b, struct batch_item *it)
{
	bool person = str_is(it->new.cells[F_IDENTITY_DECISION_KIND].s,
	    "person");

	if (person != rules_has(&it->new, F_IDENTITY_DECISION_PERSON))
		rules_say(b, it, RULE_identity_person, F_IDENTITY_DECISION_PERSON,
		    person ?
		    "name the person" : "leave the person out",
		    person ? "Person: it is decided that it is a person's, but "
		    "not whose" : "Person: it is decided that it is not one "
		    "person's");
}

static void
source_check(struct batch *b, struct batch_item *it)
{
	const struct zone *z;
	const struct cell *c = &it->new.cells[F_SOURCE_ZONE];
	struct err p = { .code = ERR_INPUT };

	if (c->state == CELL_VALUE && it->given[F_SOURCE_ZONE] &&
	    zone_load(b->a, arena_strndup(b->a, c->s.ptr, c->s.len), &z,
	    &p) != 0)
		rules_say(b, it, RULE_source_zone, F_SOURCE_ZONE, p.fix, "Time zone: %s", p.what);
}

static void
hold_check(struct batch *b, struct batch_item *it)
{
	struct str scope = it->new.cells[F_LEGAL_HOLD_SCOPE].s;
	const struct {
		const char *scope;
		int field;
	} what[] = { { "person", F_LEGAL_HOLD_PERSON },
		{ "source", F_LEGAL_HOLD_OF_SOURCE } };

	for (size_t i = 0; i < 2; i++) {
		bool needs = str_is(scope, what[i].scope);
		if (needs != rules_has(&it->new, (size_t)what[i].field))
			rules_say(b, it, RULE_hold_scope, what[i].field, needs ? "name it" :
			    "leave it out", "%s: the scope is " STR_FMT,
			    it->change->type->fields[what[i].field].title,
			    STR_ARG(scope));
	}
	rules_ordered(b, it, RULE_hold_order, F_LEGAL_HOLD_STARTS_ON,
	    F_LEGAL_HOLD_RELEASED_ON);
}

static void
retention_check(struct batch *b, struct batch_item *it)
{
	const struct cell *days = &it->new.cells[F_RETENTION_DAYS];
	struct str code = it->new.cells[F_RETENTION_CODE].s;

	if (days->state == CELL_VALUE && days->i < 1)
		rules_say(b, it, RULE_raw_days, F_RETENTION_DAYS, "give 1 or more",
		    "Days: what came today cannot be too old");
	for (size_t i = 0; i < code.len; i++)
		if (code.ptr[i] <= 0x20 || code.ptr[i] >= 0x7f) {
			rules_say(b, it, RULE_raw_code, F_RETENTION_CODE,
			    "use letters, digits and dashes",
			    "Code: it stands in the ledger as a decision");
			break;
		}
}

const struct rules_of rules_base[] = {
	{ T_COMMITMENT, NULL, commitment_check },
	{ T_COMPONENT, NULL, component_check },
	{ T_CONTROL, control_version, control_check },
	{ T_CONTROL_MAPPING, NULL, mapping_check },
	{ T_IDENTITY_DECISION, NULL, identity_check },
	{ T_LEGAL_HOLD, NULL, hold_check },
	{ T_RETENTION, NULL, retention_check },
	{ T_SCOPE_DECISION, NULL, scope_check },
	{ T_SOURCE, NULL, source_check },
	{ 0, NULL, NULL },
};
