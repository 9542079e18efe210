/* Evidence, tests, examinations and what comes of them. */
#include "record/rules.h"

/* --- ours -------------------------------------------------------------------- */

static void
evidence_check(struct batch *b, struct batch_item *it)
{
	struct record old;

	rules_sha(b, it, RULE_evidence_hash, F_EVIDENCE_HASH);
	rules_past(b, it, RULE_evidence_future, F_EVIDENCE_CAPTURED_AT);
	rules_ordered(b, it, RULE_evidence_order, F_EVIDENCE_COVERS_FROM,
	    F_EVIDENCE_COVERS_TO);
	if (rules_at(it, "submitted|accepted|locked") &&
	    !rules_has(&it->new, F_EVIDENCE_HASH) &&
	    !rules_has(&it->new, F_EVIDENCE_LEDGER_ENTRY))
		rules_say(b, it, RULE_evidence_digest, F_EVIDENCE_HASH,
		    "give the SHA-256 of the file, or the entry of the ledger",
		    "SHA-256: what is handed in is known by its digest");
	if (rules_was(it, "accepted|locked"))
		rules_stands(b, it, RULE_evidence_stands, "hand in another piece "
		    "that replaces it", NULL, 0);
	if (rules_load(b, it, F_EVIDENCE_REPLACES, &old) &&
	    (str_eq(old.id, it->new.id) || (!it->exists &&
	    !rules_state(&old, "accepted|locked|rejected"))))
		rules_say(b, it, RULE_evidence_replaces, F_EVIDENCE_REPLACES,
		    "correct that piece itself", "Replaces: only what was accepted, "
		    "locked or rejected is replaced by another piece");
}

/* Asking alone shows nothing. */
static bool
asked_only(struct batch_item *it, size_t methods)
{
	return (rules_is(it, methods, "[\"inquiry\"]"));
}

static void
test_check(struct batch *b, struct batch_item *it)
{
	struct record c;

	rules_ordered(b, it, RULE_test_order, F_CONTROL_TEST_PERIOD_START,
	    F_CONTROL_TEST_PERIOD_END);
	rules_ordered(b, it, RULE_test_order, F_CONTROL_TEST_TESTED_ON,
	    F_CONTROL_TEST_REVIEWED_ON);
	rules_past(b, it, RULE_test_future, F_CONTROL_TEST_TESTED_ON);
	if (rules_at(it, "run|reviewed") &&
	    rules_is(it, F_CONTROL_TEST_RESULT, "effective") &&
	    asked_only(it, F_CONTROL_TEST_METHODS))
		rules_say(b, it, RULE_test_inquiry, F_CONTROL_TEST_METHODS,
		    "add observation, inspection or reperformance", "Methods: asking "
		    "alone does not show that a control is effective");
	if (rules_load(b, it, F_CONTROL_TEST_CONTROL, &c) &&
	    rules_has(&c, F_CONTROL_OWNER) &&
	    rules_has(&it->new, F_CONTROL_TEST_TESTER) &&
	    str_eq(c.cells[F_CONTROL_OWNER].s,
	    it->new.cells[F_CONTROL_TEST_TESTER].s))
		rules_say(b, it, RULE_test_own, F_CONTROL_TEST_TESTER,
		    "let somebody else test it", "Tester: nobody tests the control "
		    "that they answer for");
	if (rules_was(it, "reviewed"))
		rules_stands(b, it, RULE_test_stands, "record another test", NULL,
		    0);
}

static void
assertion_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_assertion_order, F_ASSERTION_PERIOD_START,
	    F_ASSERTION_PERIOD_END);
	rules_past(b, it, RULE_assertion_future, F_ASSERTION_SIGNED_ON);
	if (rules_was(it, "signed"))
		rules_stands(b, it, RULE_assertion_stands, "write another one",
		    NULL, 0);
}

/* --- reports and who has them ------------------------------------------------------- */

/* A Type 1 is of a day, a Type 2 of a period. */
static void
of_time(struct batch *b, struct batch_item *it, enum rule rule, size_t kind,
    size_t as_of, size_t start, size_t end)
{
	bool day = rules_is(it, kind, "type_1");

	if (day && !rules_has(&it->new, as_of))
		rules_needs(b, it, rule, as_of, "for a Type 1");
	if (!rules_is(it, kind, "type_2"))
		return;
	rules_needs(b, it, rule, start, "for a Type 2");
	rules_needs(b, it, rule, end, "for a Type 2");
	rules_ordered(b, it, rule, start, end);
}

static void
report_check(struct batch *b, struct batch_item *it)
{
	rules_sha(b, it, RULE_report_hash, F_REPORT_HASH);
	if (!rules_at(it, "draft"))
		of_time(b, it, RULE_report_time, F_REPORT_KIND, F_REPORT_AS_OF,
		    F_REPORT_PERIOD_START, F_REPORT_PERIOD_END);
	if (rules_has(&it->new, F_REPORT_REPLACES) &&
	    str_eq(it->new.cells[F_REPORT_REPLACES].s, it->new.id))
		rules_say(b, it, RULE_report_replaces, F_REPORT_REPLACES,
		    "name the one before", "Replaces: a report does not replace "
		    "itself");
	if (rules_at(it, "issued") && rules_has(&it->new, F_REPORT_REPLACES))
		rules_needs(b, it, RULE_report_reason, F_REPORT_REISSUE_REASON,
		    "where a report takes the place of another");
	if (rules_was(it, "issued|reissued|withdrawn"))
		rules_stands(b, it, RULE_report_stands, "issue another report that "
		    "replaces it", (const uint16_t[]){ F_REPORT_WITHDRAWN_ON,
		    F_REPORT_WITHDRAWAL_REASON, F_REPORT_VALID_HINT_ON }, 3);
}

static void
distribution_check(struct batch *b, struct batch_item *it)
{
	struct record r;

	if (it->exists || !rules_load(b, it, F_DISTRIBUTION_REPORT, &r))
		return;
	if (!rules_state(&r, "issued|reissued"))
		rules_say(b, it, RULE_distribution_issued, F_DISTRIBUTION_REPORT,
		    "wait until it is issued", "Report: only what was issued is "
		    "given to others");
	if (!str_is(r.cells[F_REPORT_KIND].s, "type_1") &&
	    !str_is(r.cells[F_REPORT_KIND].s, "type_2"))
		return;
	rules_needs(b, it, RULE_distribution_reader, F_DISTRIBUTION_READER,
	    "for a SOC 2 report, which goes to named readers only");
	rules_needs(b, it, RULE_distribution_nda, F_DISTRIBUTION_NDA_ON,
	    "for a SOC 2 report, which goes out under terms only");
	if (!rules_yes(it, F_DISTRIBUTION_KNOWLEDGE))
		rules_say(b, it, RULE_distribution_knowledge,
		    F_DISTRIBUTION_KNOWLEDGE, "give it to somebody who does",
		    "Knows enough: a SOC 2 report is for readers who know the "
		    "system well enough");
}

static void
bridge_check(struct batch *b, struct batch_item *it)
{
	struct record r;

	rules_ordered(b, it, RULE_bridge_order, F_BRIDGE_LETTER_STARTS_ON,
	    F_BRIDGE_LETTER_ENDS_ON);
	rules_within(b, it, RULE_bridge_length, F_BRIDGE_LETTER_STARTS_ON,
	    F_BRIDGE_LETTER_ENDS_ON, 3);
	if (rules_was(it, "signed"))
		rules_stands(b, it, RULE_bridge_stands, "write another letter",
		    NULL, 0);
	if (!rules_load(b, it, F_BRIDGE_LETTER_REPORT, &r))
		return;
	size_t last = rules_has(&r, F_REPORT_PERIOD_END) ?
	    F_REPORT_PERIOD_END : F_REPORT_AS_OF;
	if (rules_has(&r, last) && rules_has(&it->new, F_BRIDGE_LETTER_STARTS_ON)
	    && rules_day(r.cells[last].s) + 1 !=
	    rules_day(it->new.cells[F_BRIDGE_LETTER_STARTS_ON].s))
		rules_say(b, it, RULE_bridge_start, F_BRIDGE_LETTER_STARTS_ON,
		    arena_printf(b->a, "write " STR_FMT, STR_ARG(rules_date(b,
		    rules_day(r.cells[last].s) + 1).s)), "From: the letter begins "
		    "the day after the report ends");
}

/* --- the examination --------------------------------------------------------------------- */

struct independent {
	struct str partner;
	bool confirmed;
};

static bool
is_confirmed(void *ctx, const struct record *r)
{
	struct independent *p = ctx;

	p->confirmed |= rules_state(r, "confirmed") &&
	    str_eq(r->cells[F_INDEPENDENCE_PERSON].s, p->partner);
	return (p->confirmed);
}

static void
engagement_check(struct batch *b, struct batch_item *it)
{
	struct independent p = {
		.partner = it->new.cells[F_ENGAGEMENT_PARTNER].s };

	if (!rules_at(it, "accepted"))
		of_time(b, it, RULE_engagement_time, F_ENGAGEMENT_KIND,
		    F_ENGAGEMENT_AS_OF, F_ENGAGEMENT_PERIOD_START,
		    F_ENGAGEMENT_PERIOD_END);
	rules_ordered(b, it, RULE_engagement_order, F_ENGAGEMENT_ACCESS_FROM,
	    F_ENGAGEMENT_ACCESS_UNTIL);
	rules_ordered(b, it, RULE_engagement_order, F_ENGAGEMENT_ISSUED_ON,
	    F_ENGAGEMENT_ARCHIVED_ON);
	rules_apart(b, it, RULE_engagement_sides, F_ENGAGEMENT_PARTNER,
	    F_ENGAGEMENT_CONTACT);
	if (rules_has(&it->new, F_ENGAGEMENT_CATEGORIES) && str_find(
	    it->new.cells[F_ENGAGEMENT_CATEGORIES].s, "\"security\"") < 0)
		rules_say(b, it, RULE_engagement_security, F_ENGAGEMENT_CATEGORIES,
		    "add security", "Categories: the common criteria of security "
		    "belong to every examination");
	if (!rules_enters(it, "fieldwork"))
		return;
	rules_each(b, T_INDEPENDENCE, F_INDEPENDENCE_ENGAGEMENT, it->new.id,
	    is_confirmed, &p);
	if (!p.confirmed)
		rules_say(b, it, RULE_engagement_independence,
		    it->change->type->state, "let the partner declare it: "
		    "independence, state confirmed", "State: fieldwork does not "
		    "begin before the partner's independence is confirmed");
}

static void
request_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_pbc_order, F_REQUEST_REQUESTED_ON,
	    F_REQUEST_DUE_ON);
	rules_kept(b, it, RULE_pbc_text, "let the auditor make another request",
	    (const uint16_t[]){ F_REQUEST_ENGAGEMENT, F_REQUEST_TITLE,
	    F_REQUEST_REQUESTED_ON }, 3);
	if (rules_enters(it, "submitted") &&
	    !rules_has(&it->new, F_REQUEST_EVIDENCE))
		rules_needs(b, it, RULE_pbc_answer, F_REQUEST_ANSWER,
		    "where no evidence is handed in");
	if (rules_was(it, "accepted"))
		rules_stands(b, it, RULE_pbc_stands, "let the auditor make another "
		    "request", NULL, 0);
}

static void
population_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_population_order, F_POPULATION_PERIOD_START,
	    F_POPULATION_PERIOD_END);
	rules_sha(b, it, RULE_population_hash, F_POPULATION_HASH);
	if (rules_was(it, "frozen"))
		rules_stands(b, it, RULE_population_frozen, "make another "
		    "population", NULL, 0);
	if (rules_was(it, "validated") && rules_at(it, "validated|frozen"))
		rules_kept(b, it, RULE_population_again, "step back to draft, and "
		    "validate it anew", (const uint16_t[]){ F_POPULATION_CONTROL,
		    F_POPULATION_PERIOD_START, F_POPULATION_PERIOD_END,
		    F_POPULATION_QUERY, F_POPULATION_COUNT, F_POPULATION_HASH },
		    6);
}

static bool
is_hex(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') ||
		    (s.ptr[i] >= 'a' && s.ptr[i] <= 'f')))
			return (false);
	return (s.len != 0);
}

static void
sample_check(struct batch *b, struct batch_item *it)
{
	struct record p;

	rules_stands(b, it, RULE_sample_stands, "draw another that extends it",
	    (const uint16_t[]){ F_SAMPLE_ITEMS, F_SAMPLE_DRAWN_BY,
	    F_SAMPLE_DRAWN_AT }, rules_was(it, "drawn") ? 3 : 0);
	if (rules_is(it, F_SAMPLE_METHOD, "random") &&
	    !is_hex(it->new.cells[F_SAMPLE_SEED].s))
		rules_say(b, it, RULE_sample_seed, F_SAMPLE_SEED, "write digits 0-9 "
		    "and a-f", "Seed: a random draw has one, so that others can "
		    "repeat it");
	if (rules_has(&it->new, F_SAMPLE_EXTENDS))
		rules_needs(b, it, RULE_sample_reason, F_SAMPLE_EXTENSION_REASON,
		    "where a sample is enlarged");
	if (it->exists || !rules_load(b, it, F_SAMPLE_POPULATION, &p))
		return;
	if (!rules_state(&p, "frozen"))
		rules_say(b, it, RULE_sample_frozen, F_SAMPLE_POPULATION,
		    "validate and freeze it first", "Population: nothing is drawn "
		    "from a list that may change");
	if (rules_has(&p, F_POPULATION_COUNT) &&
	    rules_has(&it->new, F_SAMPLE_SIZE) &&
	    it->new.cells[F_SAMPLE_SIZE].i > p.cells[F_POPULATION_COUNT].i)
		rules_say(b, it, RULE_sample_size, F_SAMPLE_SIZE, "write fewer",
		    "Size: the population has %lld items only",
		    (long long)p.cells[F_POPULATION_COUNT].i);
}

static void
workpaper_check(struct batch *b, struct batch_item *it)
{
	struct record s;

	if (rules_was(it, "locked"))
		rules_stands(b, it, RULE_workpaper_locked, "write another workpaper",
		    (const uint16_t[]){ F_WORKPAPER_ADDITION_REASON }, 1);
	else if (rules_was(it, "reviewed") && rules_at(it, "reviewed|locked"))
		rules_stands(b, it, RULE_workpaper_reviewed, "step back to draft, "
		    "and have it reviewed anew", (const uint16_t[]){
		    F_WORKPAPER_LOCKED_ON }, 1);
	if (!rules_is(it, F_WORKPAPER_CONCLUSION, "effective"))
		return;
	if (asked_only(it, F_WORKPAPER_METHODS))
		rules_say(b, it, RULE_workpaper_inquiry, F_WORKPAPER_METHODS,
		    "add observation, inspection or reperformance", "Methods: asking "
		    "alone does not show that a control is effective");
	if (rules_load(b, it, F_WORKPAPER_SAMPLE, &s) &&
	    !rules_state(&s, "complete"))
		rules_say(b, it, RULE_workpaper_sample, F_WORKPAPER_SAMPLE,
		    "finish it first", "Sample: not every item of it is concluded");
	if (rules_count(b, T_DEVIATION, F_DEVIATION_WORKPAPER, it->new.id,
	    "identified|evaluated") != 0)
		rules_say(b, it, RULE_workpaper_deviations,
		    F_WORKPAPER_CONCLUSION, "conclude on each deviation first",
		    "Conclusion: a deviation of this test is not concluded");
}

static void
deviation_check(struct batch *b, struct batch_item *it)
{
	rules_kept(b, it, RULE_deviation_item, "record another deviation",
	    (const uint16_t[]){ F_DEVIATION_WORKPAPER, F_DEVIATION_ITEM }, 2);
	if (rules_was(it, "evaluated|concluded"))
		rules_kept(b, it, RULE_deviation_stands, "a later fix does not take "
		    "it away", (const uint16_t[]){ F_DEVIATION_EXPECTED,
		    F_DEVIATION_ACTUAL }, 2);
	if (rules_was(it, "concluded"))
		rules_stands(b, it, RULE_deviation_concluded, "record another "
		    "deviation", (const uint16_t[]){ F_DEVIATION_RESPONSE,
		    F_DEVIATION_EXPECTED, F_DEVIATION_ACTUAL,
		    F_DEVIATION_WORKPAPER, F_DEVIATION_ITEM }, 5);
}

static void
opinion_check(struct batch *b, struct batch_item *it)
{
	if (rules_has(&it->new, F_OPINION_OUTCOME) &&
	    !rules_is(it, F_OPINION_OUTCOME, "unmodified") &&
	    !rules_has(&it->new, F_OPINION_CRITERIA))
		rules_say(b, it, RULE_opinion_criteria, F_OPINION_CRITERIA,
		    "name the criteria", "Criteria: a modified opinion says which "
		    "ones it is about");
	if (rules_was(it, "approved"))
		rules_stands(b, it, RULE_opinion_stands, "nothing changes it; issue "
		    "another report", NULL, 0);
}

const struct rules_of rules_audit[] = {
	{ T_ASSERTION, NULL, assertion_check },
	{ T_BRIDGE_LETTER, NULL, bridge_check },
	{ T_CONTROL_TEST, NULL, test_check },
	{ T_DEVIATION, NULL, deviation_check },
	{ T_DISTRIBUTION, NULL, distribution_check },
	{ T_ENGAGEMENT, NULL, engagement_check },
	{ T_EVIDENCE, NULL, evidence_check },
	{ T_OPINION, NULL, opinion_check },
	{ T_POPULATION, NULL, population_check },
	{ T_REPORT, NULL, report_check },
	{ T_REQUEST, NULL, request_check },
	{ T_SAMPLE, NULL, sample_check },
	{ T_WORKPAPER, NULL, workpaper_check },
	{ 0, NULL, NULL },
};
