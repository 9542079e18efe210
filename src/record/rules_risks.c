/* Risks, findings, vendors, watched changes, recommendations, exceptions. */
#include "record/rules.h"

#include "text/date.h"

/* An acceptance ends within a year, and begins before it ends. */
static void
accepted(struct batch *b, struct batch_item *it, enum rule year,
    enum rule over, size_t on, size_t until)
{
	rules_within(b, it, year, on, until, 12);
	if (rules_enters(it, "accepted") && rules_has(&it->new, until) &&
	    it->given[until] &&
	    str_cmp(it->new.cells[until].s, rules_today(b)) < 0)
		rules_say(b, it, over, (int)until, "give a day to come, or do not "
		    "accept it", "%s: " STR_FMT " has passed: an acceptance that is "
		    "over counts no more", rules_title(it, until),
		    STR_ARG(it->new.cells[until].s));
}

/* --- risk ------------------------------------------------------------------- */

static struct cell
product(const struct record *r, size_t one, size_t other)
{
	if (!rules_has(r, one) || !rules_has(r, other))
		return (CELL_NONE);
	return (CELL_INT(r->cells[one].i * r->cells[other].i));
}

static void
risk_prepare(struct batch *b, struct batch_item *it)
{
	rules_computed(b, it, RULE_risk_score, F_RISK_INHERENT_SCORE,
	    product(&it->new, F_RISK_INHERENT_LIKELIHOOD,
	    F_RISK_INHERENT_IMPACT));
	rules_computed(b, it, RULE_risk_score, F_RISK_RESIDUAL_SCORE,
	    product(&it->new, F_RISK_RESIDUAL_LIKELIHOOD,
	    F_RISK_RESIDUAL_IMPACT));
}

static void
risk_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t scale[] = { F_RISK_INHERENT_LIKELIHOOD,
		F_RISK_INHERENT_IMPACT, F_RISK_RESIDUAL_LIKELIHOOD,
		F_RISK_RESIDUAL_IMPACT };
	static const uint16_t kept[] = { F_RISK_OWNER, F_RISK_ACCEPTED_BY,
		F_RISK_ACCEPTED_ON, F_RISK_ACCEPTED_UNTIL,
		F_RISK_RESIDUAL_LIKELIHOOD, F_RISK_RESIDUAL_IMPACT };
	const struct cell *c = it->new.cells;

	for (size_t i = 0; i < 4; i++)
		if (rules_has(&it->new, scale[i]) && c[scale[i]].i < 1)
			rules_say(b, it, RULE_risk_scale, scale[i],
			    "write a number from 1 to 5", "%s: the scale begins "
			    "with 1", rules_title(it, scale[i]));
	if (rules_has(&it->new, F_RISK_RESIDUAL_SCORE) &&
	    rules_has(&it->new, F_RISK_INHERENT_SCORE) &&
	    c[F_RISK_RESIDUAL_SCORE].i > c[F_RISK_INHERENT_SCORE].i)
		rules_needs(b, it, RULE_risk_residual, F_RISK_RESIDUAL_REASON,
		    "where the residual score is above the inherent one");
	if (rules_at(it, "treated") && rules_is(it, F_RISK_RESPONSE, "accept"))
		rules_say(b, it, RULE_risk_response, F_RISK_RESPONSE,
		    "step to accepted, or answer with avoid, reduce or share",
		    "Response: a risk that is borne as it is was not treated");
	accepted(b, it, RULE_risk_year, RULE_risk_over, F_RISK_ACCEPTED_ON,
	    F_RISK_ACCEPTED_UNTIL);
	if (rules_was(it, "accepted") && rules_at(it, "accepted"))
		rules_kept(b, it, RULE_risk_stands, "step back to analysed, and "
		    "accept it anew", kept, sizeof(kept) / sizeof(kept[0]));
	rules_ordered(b, it, RULE_risk_order, F_RISK_IDENTIFIED_ON,
	    F_RISK_CLOSED_ON);
}

/* --- finding and remediation --------------------------------------------------- */

struct fixing {
	struct str verifier;
	bool fixed_it, open;
};

static bool
look_at_fix(void *ctx, const struct record *r)
{
	struct fixing *f = ctx;

	f->open |= !rules_state(r, "verified");
	f->fixed_it |= rules_has(r, F_REMEDIATION_OWNER) &&
	    str_eq(r->cells[F_REMEDIATION_OWNER].s, f->verifier);
	return (false);
}

static void
finding_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t kept[] = { F_FINDING_OWNER, F_FINDING_ACCEPTED_BY,
		F_FINDING_ACCEPTED_ON, F_FINDING_ACCEPTED_UNTIL };
	struct fixing f = { .verifier = it->new.cells[F_FINDING_VERIFIER].s };

	rules_ordered(b, it, RULE_finding_order, F_FINDING_FOUND_ON,
	    F_FINDING_CLOSED_ON);
	accepted(b, it, RULE_finding_year, RULE_finding_over,
	    F_FINDING_ACCEPTED_ON, F_FINDING_ACCEPTED_UNTIL);
	if (rules_was(it, "accepted") && rules_at(it, "accepted"))
		rules_kept(b, it, RULE_finding_stands, "step back to open, and "
		    "accept it anew", kept, sizeof(kept) / sizeof(kept[0]));
	if (!rules_enters(it, "closed") || !it->exists)
		return;
	rules_each(b, T_REMEDIATION, F_REMEDIATION_FINDING, it->new.id,
	    look_at_fix, &f);
	if (f.fixed_it)
		rules_say(b, it, RULE_finding_verifier, F_FINDING_VERIFIER,
		    "let somebody verify it who did none of it", "Verifier: who "
		    "fixed a finding does not close it");
	if (f.open)
		rules_say(b, it, RULE_finding_remediation, it->change->type->state,
		    "see: tickmark record DIR remediation list", "State: a finding "
		    "is closed when each of its remediations is verified");
}

static void
remediation_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_remediation_order, F_REMEDIATION_DONE_ON,
	    F_REMEDIATION_VERIFIED_ON);
	if (rules_was(it, "verified") && rules_at(it, "verified"))
		rules_stands(b, it, RULE_remediation_stands, "record another "
		    "remediation", NULL, 0);
}

/* --- vendor ---------------------------------------------------------------------- */

struct assessed {
	bool good;
};

static bool
good_assessment(void *ctx, const struct record *r)
{
	struct assessed *a = ctx;
	const struct cell *o = &r->cells[F_VENDOR_ASSESSMENT_OUTCOME];

	a->good |= rules_state(r, "reviewed") && o->state == CELL_VALUE &&
	    !str_is(o->s, "unsatisfactory");
	return (a->good);
}

static void
vendor_check(struct batch *b, struct batch_item *it)
{
	struct assessed a = { false };

	if (rules_yes(it, F_VENDOR_SUBSERVICE) &&
	    !rules_has(&it->new, F_VENDOR_METHOD))
		rules_say(b, it, RULE_vendor_method, F_VENDOR_METHOD,
		    "write carve_out or inclusive", "Method: a subservice "
		    "organisation is either carved out of the report or included");
	if (!rules_enters(it, "active") || (!rules_is(it, F_VENDOR_TIER,
	    "high") && !rules_is(it, F_VENDOR_TIER, "critical")))
		return;
	rules_each(b, T_VENDOR_ASSESSMENT, F_VENDOR_ASSESSMENT_VENDOR,
	    it->new.id, good_assessment, &a);
	if (!a.good)
		rules_say(b, it, RULE_vendor_assessed, it->change->type->state,
		    "record a vendor_assessment of it, and review that", "State: a "
		    "vendor of tier " STR_FMT " needs a reviewed assessment, not "
		    "unsatisfactory, before it is active",
		    STR_ARG(it->new.cells[F_VENDOR_TIER].s));
}

static int64_t
day_of(const struct record *r, size_t f)
{
	return (rules_day(r->cells[f].s));
}

/* Days of our period that the report leaves open. */
static void
assessment_prepare(struct batch *b, struct batch_item *it)
{
	static const uint16_t all[] = { F_VENDOR_ASSESSMENT_REPORT_START,
		F_VENDOR_ASSESSMENT_REPORT_END, F_VENDOR_ASSESSMENT_OUR_START,
		F_VENDOR_ASSESSMENT_OUR_END };
	int64_t d[4];

	for (size_t i = 0; i < 4; i++) {
		if (!rules_has(&it->new, all[i]))
			return;
		d[i] = day_of(&it->new, all[i]);
	}
	if (d[1] < d[0] || d[3] < d[2])
		return; /* refused below */
	int64_t from = d[0] > d[2] ? d[0] : d[2], to = d[1] < d[3] ? d[1] : d[3];
	int64_t covered = to >= from ? to - from + 1 : 0;
	rules_computed(b, it, RULE_assessment_gap, F_VENDOR_ASSESSMENT_GAP_DAYS,
	    CELL_INT(d[3] - d[2] + 1 - covered));
}

static void
assessment_report(struct batch *b, struct batch_item *it)
{
	static const uint16_t needs[] = { F_VENDOR_ASSESSMENT_OPINION,
		F_VENDOR_ASSESSMENT_REPORT_START, F_VENDOR_ASSESSMENT_REPORT_END,
		F_VENDOR_ASSESSMENT_OUR_START, F_VENDOR_ASSESSMENT_OUR_END };

	if (rules_is(it, F_VENDOR_ASSESSMENT_KIND, "soc_report"))
		for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
			rules_needs(b, it, RULE_assessment_report, needs[i],
			    "when an auditor's report is reviewed");
	if (rules_has(&it->new, F_VENDOR_ASSESSMENT_OPINION) &&
	    !rules_is(it, F_VENDOR_ASSESSMENT_OPINION, "unmodified"))
		rules_needs(b, it, RULE_assessment_exceptions,
		    F_VENDOR_ASSESSMENT_EXCEPTIONS, "where the opinion is modified");
	if (rules_has(&it->new, F_VENDOR_ASSESSMENT_GAP_DAYS) &&
	    it->new.cells[F_VENDOR_ASSESSMENT_GAP_DAYS].i > 0)
		rules_needs(b, it, RULE_assessment_handling,
		    F_VENDOR_ASSESSMENT_GAP_HANDLING, "where the report leaves days "
		    "of our period open");
}

static void
assessment_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_assessment_order,
	    F_VENDOR_ASSESSMENT_REQUESTED_ON, F_VENDOR_ASSESSMENT_RECEIVED_ON);
	rules_ordered(b, it, RULE_assessment_order,
	    F_VENDOR_ASSESSMENT_RECEIVED_ON, F_VENDOR_ASSESSMENT_REVIEWED_ON);
	rules_ordered(b, it, RULE_assessment_order,
	    F_VENDOR_ASSESSMENT_REPORT_START, F_VENDOR_ASSESSMENT_REPORT_END);
	rules_ordered(b, it, RULE_assessment_order,
	    F_VENDOR_ASSESSMENT_OUR_START, F_VENDOR_ASSESSMENT_OUR_END);
	rules_within(b, it, RULE_assessment_year,
	    F_VENDOR_ASSESSMENT_REVIEWED_ON, F_VENDOR_ASSESSMENT_NEXT_ON, 12);
	if (rules_at(it, "reviewed"))
		assessment_report(b, it);
	if (rules_was(it, "reviewed"))
		rules_stands(b, it, RULE_assessment_stands, "record another "
		    "assessment", NULL, 0);
}

static void
cuec_check(struct batch *b, struct batch_item *it)
{
	if (rules_at(it, "not_applicable") &&
	    rules_yes(it, F_VENDOR_CUEC_APPLIES))
		rules_say(b, it, RULE_vendor_cuec_applies, F_VENDOR_CUEC_APPLIES,
		    "map it to controls, or say no", "Applies: it says yes, and the "
		    "state says that it does not concern us");
}

/* --- watched changes, recommendations ----------------------------------------------- */

static void
watch_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_watch_order, F_WATCH_ITEM_SEEN_ON,
	    F_WATCH_ITEM_ASSESSED_ON);
	rules_ordered(b, it, RULE_watch_order, F_WATCH_ITEM_ASSESSED_ON,
	    F_WATCH_ITEM_CLOSED_ON);
	if (rules_at(it, "closed") && rules_yes(it, F_WATCH_ITEM_RELEVANT) &&
	    !rules_has(&it->new, F_WATCH_ITEM_RISKS))
		rules_say(b, it, RULE_watch_risks, F_WATCH_ITEM_RISKS,
		    "name the risks that were looked at again", "Risks: a change "
		    "that matters to us leads to a new look at the risks");
	if (rules_at(it, "closed") && rules_yes(it, F_WATCH_ITEM_RELEVANT))
		rules_needs(b, it, RULE_watch_actions, F_WATCH_ITEM_ACTIONS,
		    "before a change that matters is closed");
}

static void
recommendation_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_recommendation_order,
	    F_RECOMMENDATION_LETTER_ON, F_RECOMMENDATION_DONE_ON);
	rules_ordered(b, it, RULE_recommendation_order,
	    F_RECOMMENDATION_DONE_ON, F_RECOMMENDATION_VERIFIED_ON);
	if (it->exists && rules_has(&it->old, F_RECOMMENDATION_DUE_ON) &&
	    rules_has(&it->new, F_RECOMMENDATION_DUE_ON) &&
	    str_cmp(it->new.cells[F_RECOMMENDATION_DUE_ON].s,
	    it->old.cells[F_RECOMMENDATION_DUE_ON].s) > 0)
		rules_say(b, it, RULE_recommendation_due, F_RECOMMENDATION_DUE_ON,
		    "leave it; what is late stays visible as late",
		    "Due: what was promised to the auditor is not put off");
	rules_kept(b, it, RULE_recommendation_text, "record another "
	    "recommendation", (const uint16_t[]){ F_RECOMMENDATION_TEXT }, 1);
}

/* --- exception ------------------------------------------------------------------------ */

/*
 * What was approved is what counts: afterwards an exception may end earlier,
 * but covers nothing more, and who asked and who approved stay as they were.
 */
static void
exception_approved(struct batch *b, struct batch_item *it)
{
	static const uint16_t kept[] = { F_EXCEPTION_TBL, F_EXCEPTION_SUBJECT_ID,
		F_EXCEPTION_CONTROL, F_EXCEPTION_PROCEDURE, F_EXCEPTION_POLICY,
		F_EXCEPTION_REQUESTER, F_EXCEPTION_APPROVER,
		F_EXCEPTION_STARTS_ON };
	const struct cell *now = it->new.cells, *was = it->old.cells;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (rules_changed(it, kept[i]))
			rules_say(b, it, RULE_exception_stands, kept[i], "leave it, "
			    "and record another exception for the rest", "%s: it is "
			    "not changed after the exception was approved",
			    rules_title(it, kept[i]));
	if (rules_has(&it->new, F_EXCEPTION_EXPIRES) &&
	    str_cmp(now[F_EXCEPTION_EXPIRES].s, was[F_EXCEPTION_EXPIRES].s) > 0)
		rules_say(b, it, RULE_exception_longer, F_EXCEPTION_EXPIRES,
		    "record another exception for the time after it", "Expires: it "
		    "is not put off after the exception was approved until " STR_FMT,
		    STR_ARG(was[F_EXCEPTION_EXPIRES].s));
}

static void
exception_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_exception_order, F_EXCEPTION_STARTS_ON,
	    F_EXCEPTION_EXPIRES);
	rules_within(b, it, RULE_exception_year, F_EXCEPTION_STARTS_ON,
	    F_EXCEPTION_EXPIRES, 12);
	if (rules_was(it, "approved|expired") &&
	    rules_has(&it->old, F_EXCEPTION_APPROVER))
		exception_approved(b, it);
	if (!rules_has(&it->new, F_EXCEPTION_SUBJECT_ID) &&
	    !rules_has(&it->new, F_EXCEPTION_CONTROL) &&
	    !rules_has(&it->new, F_EXCEPTION_PROCEDURE) &&
	    !rules_has(&it->new, F_EXCEPTION_POLICY))
		rules_say(b, it, RULE_exception_what, F_EXCEPTION_SUBJECT_ID,
		    "name a subject with its table, a control, a procedure or a "
		    "policy", "Subject: an exception says what it is for");
	if (rules_has(&it->new, F_EXCEPTION_SUBJECT_ID) !=
	    rules_has(&it->new, F_EXCEPTION_TBL))
		rules_say(b, it, RULE_exception_table, F_EXCEPTION_TBL,
		    "give both, or neither", "Table: a subject is named together "
		    "with its table");
}

const struct rules_of rules_risks[] = {
	{ T_EXCEPTION, NULL, exception_check },
	{ T_FINDING, NULL, finding_check },
	{ T_RECOMMENDATION, NULL, recommendation_check },
	{ T_REMEDIATION, NULL, remediation_check },
	{ T_RISK, risk_prepare, risk_check },
	{ T_VENDOR, NULL, vendor_check },
	{ T_VENDOR_ASSESSMENT, assessment_prepare, assessment_check },
	{ T_VENDOR_CUEC, NULL, cuec_check },
	{ T_WATCH_ITEM, NULL, watch_check },
	{ 0, NULL, NULL },
};
