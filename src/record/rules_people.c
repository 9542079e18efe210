/* Access of people: grants, reviews, badges, visits, screening. */
#include "record/rules.h"

#include <strings.h>

/* Nobody gets anything after their last day. */
static void
still_here(struct batch *b, struct batch_item *it, enum rule rule,
    size_t person, size_t on)
{
	struct record p;

	if (!rules_has(&it->new, on) || !(it->given[on] || it->given[person]) ||
	    !rules_load(b, it, person, &p) ||
	    !rules_has(&p, F_PERSON_END_ON))
		return;
	if (str_cmp(it->new.cells[on].s, p.cells[F_PERSON_END_ON].s) > 0)
		rules_say(b, it, rule, (int)on, "do not give it, or correct the "
		    "last day of the person", "%s: " STR_FMT " is after the last "
		    "day of the person, " STR_FMT, rules_title(it, on),
		    STR_ARG(it->new.cells[on].s),
		    STR_ARG(p.cells[F_PERSON_END_ON].s));
}

/* Other rights are approved by whoever takes the grant to changed. */
static void
grant_stands(struct batch *b, struct batch_item *it)
{
	static const uint16_t kept[] = { F_GRANT_PERSON, F_GRANT_SYSTEM,
		F_GRANT_REQUESTER };
	static const uint16_t rights[] = { F_GRANT_ROLE, F_GRANT_PRIVILEGED };

	if (!rules_was(it, "approved|active|changed|revoked"))
		return;
	rules_kept(b, it, RULE_grant_stands, "ask for another grant", kept, 3);
	if (!rules_enters(it, "changed"))
		rules_kept(b, it, RULE_grant_stands, "step to changed with it, by "
		    "whoever approves it: state: changed", rights, 2);
	else if (rules_changed(it, F_GRANT_ROLE) ||
	    rules_changed(it, F_GRANT_PRIVILEGED))
		rules_acting_is(b, it, F_GRANT_APPROVER);
}

static void
grant_check(struct batch *b, struct batch_item *it)
{
	grant_stands(b, it);
	rules_ordered(b, it, RULE_grant_order, F_GRANT_REQUESTED_ON,
	    F_GRANT_APPROVED_ON);
	rules_ordered(b, it, RULE_grant_order, F_GRANT_APPROVED_ON,
	    F_GRANT_GRANTED_ON);
	rules_ordered(b, it, RULE_grant_order, F_GRANT_GRANTED_ON,
	    F_GRANT_REVOKED_ON);
	rules_apart(b, it, RULE_grant_own, F_GRANT_PERSON, F_GRANT_APPROVER);
	still_here(b, it, RULE_grant_leaver, F_GRANT_PERSON, F_GRANT_GRANTED_ON);
	if (rules_yes(it, F_GRANT_PRIVILEGED))
		rules_needs(b, it, RULE_grant_privileged, F_GRANT_REASON,
		    "for the rights of an administrator");
	if (!rules_yes(it, F_GRANT_EMERGENCY))
		return;
	rules_needs(b, it, RULE_grant_emergency, F_GRANT_EXPIRES,
	    "for access that was opened in an emergency");
	if (rules_enters(it, "revoked") && rules_has(&it->new, F_GRANT_GRANTED_ON))
		rules_needs(b, it, RULE_grant_reviewed, F_GRANT_REVIEWED_ON,
		    "before access that was opened in an emergency is over");
}

/* --- reviews of access ------------------------------------------------------------ */

static void
review_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t frozen[] = { F_ACCESS_REVIEW_SYSTEMS,
		F_ACCESS_REVIEW_AS_OF, F_ACCESS_REVIEW_KNOWN_SIZE,
		F_ACCESS_REVIEW_POPULATION, F_ACCESS_REVIEW_POPULATION_COUNT,
		F_ACCESS_REVIEW_POPULATION_HASH, F_ACCESS_REVIEW_COMPLETENESS,
		F_ACCESS_REVIEW_VALIDATOR };

	rules_past(b, it, RULE_review_future, F_ACCESS_REVIEW_AS_OF);
	rules_sha(b, it, RULE_review_hash, F_ACCESS_REVIEW_POPULATION_HASH);
	if (rules_was(it, "certifying|remediating|closed"))
		rules_kept(b, it, RULE_review_frozen, "begin another review",
		    frozen, sizeof(frozen) / sizeof(frozen[0]));
	if (rules_enters(it, "remediating|closed") &&
	    rules_count(b, T_REVIEW_ITEM, F_REVIEW_ITEM_REVIEW, it->new.id,
	    "undecided") != 0)
		rules_say(b, it, RULE_review_undecided, it->change->type->state,
		    "decide on each: tickmark record DIR review_item list "
		    "state=undecided", "State: a row of the review is not decided "
		    "yet");
	if (!rules_enters(it, "closed"))
		return;
	if (rules_count(b, T_REVIEW_ITEM, F_REVIEW_ITEM_REVIEW, it->new.id,
	    "removing") != 0)
		rules_say(b, it, RULE_review_removing, it->change->type->state,
		    "wait until evidence shows it gone", "State: an access that is "
		    "to go is not seen gone yet");
	size_t n = rules_count(b, T_REVIEW_ITEM, F_REVIEW_ITEM_REVIEW,
	    it->new.id, NULL);
	if (rules_has(&it->new, F_ACCESS_REVIEW_POPULATION_COUNT) &&
	    it->new.cells[F_ACCESS_REVIEW_POPULATION_COUNT].i != (int64_t)n)
		rules_say(b, it, RULE_review_whole, F_ACCESS_REVIEW_POPULATION_COUNT,
		    "record the rows that are missing", "Count: the list had %lld "
		    "rows, and the review has %zu",
		    (long long)it->new.cells[F_ACCESS_REVIEW_POPULATION_COUNT].i,
		    n);
}

/* Rows come with the start of their review, and none afterwards. */
static void
item_belongs(struct batch *b, struct batch_item *it, const struct record *v)
{
	const struct batch_item *start = rules_item(b, T_ACCESS_REVIEW, v->id);

	if (!it->exists && !rules_state(v, "open") && (start == NULL ||
	    (start->exists && !rules_state(&start->old, "open"))))
		rules_say(b, it, RULE_review_item_late, F_REVIEW_ITEM_REVIEW,
		    "begin another review", "Review: its rows were frozen when it "
		    "started");
	if (it->exists && rules_changed(it, (size_t)it->change->type->state) &&
	    !rules_state(v, "certifying|remediating"))
		rules_say(b, it, RULE_review_item_when, it->change->type->state,
		    "start the review first: state: certifying", "State: rows are "
		    "decided while their review is certifying or remediating");
}

/* What the rules of matching did not say is seen from the name. */
bool
record_own_account(const struct record *p, struct str account)
{
	static const size_t names[] = { F_PERSON_LOGIN, F_PERSON_EMAIL,
		F_PERSON_CODE };

	for (size_t i = 0; i < 3; i++) {
		struct str name = record_str(p, names[i]), rest = account, part;
		while (name.len > 0 && rest.len > 0 && str_split(&rest, ':', &part))
			if (part.len == name.len && strncasecmp(part.ptr, name.ptr,
			    name.len) == 0)
				return (true);
	}
	return (false);
}

static void
item_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t frozen[] = { F_REVIEW_ITEM_REVIEW,
		F_REVIEW_ITEM_NUMBER, F_REVIEW_ITEM_SYSTEM, F_REVIEW_ITEM_ACCOUNT,
		F_REVIEW_ITEM_RIGHT, F_REVIEW_ITEM_PERSON,
		F_REVIEW_ITEM_PRIVILEGED };
	struct record v, by;

	rules_kept(b, it, RULE_review_item_frozen, "decide on it as it is",
	    frozen, sizeof(frozen) / sizeof(frozen[0]));
	rules_apart(b, it, RULE_review_item_own, F_REVIEW_ITEM_PERSON,
	    F_REVIEW_ITEM_REVIEWER);
	if (rules_load(b, it, F_REVIEW_ITEM_REVIEWER, &by) &&
	    record_own_account(&by, record_str(&it->new, F_REVIEW_ITEM_ACCOUNT)))
		rules_say(b, it, RULE_review_item_account, F_REVIEW_ITEM_REVIEWER,
		    "let somebody else decide", "Reviewer: the account has the name "
		    "of who is to decide on it");
	if (rules_has(&it->new, F_REVIEW_ITEM_DECISION) &&
	    !rules_at(it, "undecided") && rules_is(it, F_REVIEW_ITEM_DECISION,
	    "keep") != rules_at(it, "kept"))
		rules_say(b, it, RULE_review_item_decision, F_REVIEW_ITEM_DECISION,
		    "write keep for kept, remove or change for removing",
		    "Decision: it says " STR_FMT ", and the state %s",
		    STR_ARG(it->new.cells[F_REVIEW_ITEM_DECISION].s),
		    rules_print(b, &it->new, (size_t)it->change->type->state));
	rules_ordered(b, it, RULE_review_item_order, F_REVIEW_ITEM_DECIDED_AT,
	    F_REVIEW_ITEM_REMOVED_AT);
	if (rules_load(b, it, F_REVIEW_ITEM_REVIEW, &v))
		item_belongs(b, it, &v);
}

/* --- doors ------------------------------------------------------------------------ */

static void
badge_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_badge_order, F_DOOR_BADGE_APPROVED_ON,
	    F_DOOR_BADGE_ISSUED_ON);
	rules_ordered(b, it, RULE_badge_order, F_DOOR_BADGE_ISSUED_ON,
	    F_DOOR_BADGE_RETURNED_ON);
	still_here(b, it, RULE_badge_leaver, F_DOOR_BADGE_PERSON,
	    F_DOOR_BADGE_ISSUED_ON);
}

static void
visit_check(struct batch *b, struct batch_item *it)
{
	rules_past(b, it, RULE_visit_future, F_VISIT_ARRIVED_AT);
	rules_ordered(b, it, RULE_visit_order, F_VISIT_ARRIVED_AT,
	    F_VISIT_LEFT_AT);
}

static void
site_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_site_order, F_SITE_OPENED_ON,
	    F_SITE_CLOSED_ON);
}

/* --- people coming and going --------------------------------------------------------- */

static void
person_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_person_order, F_PERSON_START_ON,
	    F_PERSON_END_ON);
	if (rules_has(&it->new, F_PERSON_MANAGER) &&
	    str_eq(it->new.cells[F_PERSON_MANAGER].s, it->new.id))
		rules_say(b, it, RULE_person_manager, F_PERSON_MANAGER,
		    "name somebody else", "Manager: nobody leads themselves");
}

static void
check_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_check_order, F_BACKGROUND_CHECK_REQUESTED_ON,
	    F_BACKGROUND_CHECK_COMPLETED_ON);
	rules_ordered(b, it, RULE_check_consent, F_BACKGROUND_CHECK_CONSENT_ON,
	    F_BACKGROUND_CHECK_COMPLETED_ON);
	if (rules_enters(it, "clear") && !rules_was(it, "review") &&
	    !rules_has(&it->new, F_BACKGROUND_CHECK_DECIDED_BY) &&
	    !rules_is(it, F_BACKGROUND_CHECK_RESULT, "clear"))
		rules_say(b, it, RULE_check_clear, F_BACKGROUND_CHECK_RESULT,
		    "step to review, and let somebody decide", "Result: only what "
		    "came back clear is clear without a decision");
}

static void
checklist_check(struct batch *b, struct batch_item *it)
{
	size_t open;

	if (!rules_enters(it, "done"))
		return;
	if (rules_is(it, F_CHECKLIST_KIND, "onboarding")) {
		struct str person = record_str(&it->new, F_CHECKLIST_PERSON);
		open = rules_count(b, T_BACKGROUND_CHECK,
		    F_BACKGROUND_CHECK_PERSON, person, "requested|review") +
		    rules_count(b, T_DECLARATION, F_DECLARATION_PERSON, person,
		    "asked");
		if (open != 0)
			rules_say(b, it, RULE_checklist_waits,
			    it->change->type->state, "see: tickmark record DIR "
			    "background_check list, and declaration list", "State: "
			    "%zu background checks or declarations are open", open);
	}
	open = rules_count(b, T_CHECKLIST_ITEM, F_CHECKLIST_ITEM_CHECKLIST,
	    it->new.id, "open");
	if (open != 0)
		rules_say(b, it, RULE_checklist_open, it->change->type->state,
		    "do or skip each: tickmark record DIR checklist_item list "
		    "state=open", "State: %zu of its items are open", open);
}

const struct rules_of rules_people[] = {
	{ T_ACCESS_REVIEW, NULL, review_check },
	{ T_BACKGROUND_CHECK, NULL, check_check },
	{ T_CHECKLIST, NULL, checklist_check },
	{ T_DOOR_BADGE, NULL, badge_check },
	{ T_GRANT, NULL, grant_check },
	{ T_PERSON, NULL, person_check },
	{ T_REVIEW_ITEM, NULL, item_check },
	{ T_SITE, NULL, site_check },
	{ T_VISIT, NULL, visit_check },
	{ 0, NULL, NULL },
};
