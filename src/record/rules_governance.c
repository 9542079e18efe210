/* Governance: meetings, positions, declarations, concerns, sanctions. */
#include "record/rules.h"

#include "schema/kind.h"

static void
meeting_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t but[] = { F_MEETING_CONTROLS };

	if (rules_enters(it, "held"))
		rules_past(b, it, RULE_meeting_future, F_MEETING_PLANNED_ON);
	if (rules_enters(it, "held") && !it->given[F_MEETING_PLANNED_ON] &&
	    rules_has(&it->new, F_MEETING_PLANNED_ON) &&
	    str_cmp(it->new.cells[F_MEETING_PLANNED_ON].s, rules_today(b)) > 0)
		rules_say(b, it, RULE_meeting_future, F_MEETING_PLANNED_ON,
		    "write the day on which it was held", "Day: " STR_FMT " lies in "
		    "the future", STR_ARG(it->new.cells[F_MEETING_PLANNED_ON].s));
	rules_sha(b, it, RULE_meeting_hash, F_MEETING_PACK_HASH);
	rules_ordered(b, it, RULE_meeting_order, F_MEETING_PACK_SENT_ON,
	    F_MEETING_PLANNED_ON);
	rules_ordered(b, it, RULE_meeting_order, F_MEETING_PLANNED_ON,
	    F_MEETING_APPROVED_ON);
	if (rules_was(it, "approved") && rules_at(it, "approved"))
		rules_stands(b, it, RULE_meeting_stands, "step back to held first: "
		    "state: held", but, sizeof(but) / sizeof(but[0]));
}

static void
decision_check(struct batch *b, struct batch_item *it)
{
	rules_kept(b, it, RULE_decision_text, "record another decision",
	    (const uint16_t[]){ F_DECISION_MEETING, F_DECISION_NUMBER,
	    F_DECISION_TEXT }, 3);
}

static void
position_check(struct batch *b, struct batch_item *it)
{
	if (rules_has(&it->new, F_POSITION_REPORTS_TO) &&
	    str_eq(it->new.cells[F_POSITION_REPORTS_TO].s, it->new.id))
		rules_say(b, it, RULE_position_above, F_POSITION_REPORTS_TO,
		    "name another position", "Reports to: a position is not above "
		    "itself");
}

/* --- who holds what --------------------------------------------------------------- */

struct clash {
	struct batch *b;
	const struct batch_item *it;
	struct record position; /* that is assigned */
	struct str with;        /* code of the one that stands against it */
};

static bool
names(struct batch *b, const struct record *r, size_t f, struct str id)
{
	struct str *ids;
	size_t n = rules_has(r, f) ? kind_items(b->a, &r->type->fields[f],
	    &r->cells[f], &ids) : 0;

	for (size_t i = 0; i < n; i++)
		if (str_eq(ids[i], id))
			return (true);
	return (false);
}

static bool
clashes(void *ctx, const struct record *r)
{
	struct clash *c = ctx;
	struct record other;

	if (str_eq(r->id, c->it->new.id) || !rules_state(r, "active") ||
	    !rules_follow(c->b, r, F_ASSIGNMENT_POSITION, &other))
		return (false);
	if (names(c->b, &other, F_POSITION_CONFLICTS, c->position.id) ||
	    names(c->b, &c->position, F_POSITION_CONFLICTS, other.id))
		c->with = other.cells[F_POSITION_CODE].s;
	return (c->with.len != 0);
}

static void
assignment_check(struct batch *b, struct batch_item *it)
{
	struct clash c = { .b = b, .it = it };

	rules_ordered(b, it, RULE_assignment_order, F_ASSIGNMENT_STARTS_ON,
	    F_ASSIGNMENT_ENDS_ON);
	rules_apart(b, it, RULE_assignment_deputy, F_ASSIGNMENT_PERSON,
	    F_ASSIGNMENT_DEPUTY);
	if (!rules_enters(it, "active") ||
	    !rules_load(b, it, F_ASSIGNMENT_POSITION, &c.position))
		return;
	rules_each(b, T_ASSIGNMENT, F_ASSIGNMENT_PERSON,
	    it->new.cells[F_ASSIGNMENT_PERSON].s, clashes, &c);
	if (c.with.len != 0)
		rules_say(b, it, RULE_assignment_conflict, F_ASSIGNMENT_PERSON,
		    "name somebody else, or end the other assignment",
		    "Person: the same person holds " STR_FMT ", and one person may "
		    "not hold both", STR_ARG(c.with));
}

static void
declaration_check(struct batch *b, struct batch_item *it)
{
	int64_t year = it->new.cells[F_DECLARATION_YEAR].i;

	if (rules_has(&it->new, F_DECLARATION_YEAR) &&
	    (year < 2000 || year > 2100))
		rules_say(b, it, RULE_declaration_year, F_DECLARATION_YEAR,
		    "write it like 2026", "Year: %lld is no year of ours",
		    (long long)year);
	rules_past(b, it, RULE_declaration_future, F_DECLARATION_DECLARED_ON);
	rules_ordered(b, it, RULE_declaration_order, F_DECLARATION_DECLARED_ON,
	    F_DECLARATION_REVIEWED_ON);
	if (rules_was(it, "reviewed"))
		rules_stands(b, it, RULE_declaration_stands, "ask for another "
		    "declaration", NULL, 0);
}

static void
concern_check(struct batch *b, struct batch_item *it)
{
	rules_past(b, it, RULE_concern_future, F_CONCERN_RECEIVED_AT);
	if (rules_yes(it, F_CONCERN_ANONYMOUS) &&
	    rules_has(&it->new, F_CONCERN_REPORTER))
		rules_say(b, it, RULE_concern_anonymous, F_CONCERN_REPORTER,
		    "leave it out", "Reporter: whoever stays unknown is not named");
	rules_apart(b, it, RULE_concern_about, F_CONCERN_ABOUT,
	    F_CONCERN_ASSIGNEE);
	rules_kept(b, it, RULE_concern_text, "write what follows under findings",
	    (const uint16_t[]){ F_CONCERN_TEXT, F_CONCERN_RECEIVED_AT }, 2);
}

static void
sanction_check(struct batch *b, struct batch_item *it)
{
	rules_apart(b, it, RULE_sanction_own, F_SANCTION_PERSON,
	    F_SANCTION_APPROVER);
	rules_ordered(b, it, RULE_sanction_order, F_SANCTION_DECIDED_ON,
	    F_SANCTION_DONE_ON);
	if (rules_was(it, "decided|done"))
		rules_stands(b, it, RULE_sanction_stands, "record another sanction",
		    (const uint16_t[]){ F_SANCTION_TOLD_ON, F_SANCTION_DONE_ON },
		    2);
}

static void
entity_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_entity_order, F_ENTITY_STARTS_ON,
	    F_ENTITY_ENDS_ON);
}

static void
customer_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_customer_order, F_CUSTOMER_STARTS_ON,
	    F_CUSTOMER_ENDS_ON);
	if (rules_has(&it->new, F_CUSTOMER_DATA_DELETED_ON))
		rules_needs(b, it, RULE_customer_proof, F_CUSTOMER_DELETION_PROOF,
		    "where its data was destroyed");
}

const struct rules_of rules_governance[] = {
	{ T_ASSIGNMENT, NULL, assignment_check },
	{ T_CONCERN, NULL, concern_check },
	{ T_CUSTOMER, NULL, customer_check },
	{ T_DECISION, NULL, decision_check },
	{ T_DECLARATION, NULL, declaration_check },
	{ T_ENTITY, NULL, entity_check },
	{ T_MEETING, NULL, meeting_check },
	{ T_POSITION, NULL, position_check },
	{ T_SANCTION, NULL, sanction_check },
	{ 0, NULL, NULL },
};
