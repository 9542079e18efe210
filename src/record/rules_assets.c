/* Changes, assets, vulnerabilities, incidents, and the deadlines of severities. */
#include "record/rules.h"

#include "base/clock.h"

#define HOUR (3600 * CLOCK_SECOND)
#define DAY_US (24 * HOUR)

struct deadline {
	const char *kind;
	struct str severity;
	int64_t hours; /* -1: none is recorded */
};

static bool
find_deadline(void *ctx, const struct record *r)
{
	struct deadline *d = ctx;

	if (str_is(r->cells[F_SEVERITY_DEADLINE_KIND].s, d->kind) &&
	    str_eq(r->cells[F_SEVERITY_DEADLINE_SEVERITY].s, d->severity))
		d->hours = r->cells[F_SEVERITY_DEADLINE_HOURS].i;
	return (d->hours >= 0);
}

/* Hours that the organisation gives itself; -1 if it did not say. */
static int64_t
hours_of(struct batch *b, const char *kind, const struct batch_item *it,
    size_t severity)
{
	struct deadline d = { kind, it->new.cells[severity].s, -1 };

	if (rules_has(&it->new, severity))
		rules_each(b, T_SEVERITY_DEADLINE, -1, STR_NULL, find_deadline,
		    &d);
	return (d.hours);
}

static void
deadline_check(struct batch *b, struct batch_item *it)
{
	if (rules_has(&it->new, F_SEVERITY_DEADLINE_HOURS) &&
	    it->new.cells[F_SEVERITY_DEADLINE_HOURS].i < 1)
		rules_say(b, it, RULE_deadline_hours, F_SEVERITY_DEADLINE_HOURS,
		    "write 1 or more", "Hours: nothing is mended in no time");
}

/* --- change ------------------------------------------------------------------------- */

static void
change_prepare(struct batch *b, struct batch_item *it)
{
	if (rules_yes(it, F_CHANGE_EMERGENCY) &&
	    rules_has(&it->new, F_CHANGE_DEPLOYED_ON))
		rules_computed(b, it, RULE_change_review_due,
		    F_CHANGE_REVIEW_DUE_ON, rules_date(b,
		    rules_day(it->new.cells[F_CHANGE_DEPLOYED_ON].s) + 2));
}

/* In use: approved and tested before, by more than one person; or at once, in
 * an emergency, and looked at within two days. */
static void
change_deployed(struct batch *b, struct batch_item *it)
{
	static const uint16_t needs[] = { F_CHANGE_APPROVER,
		F_CHANGE_APPROVED_ON, F_CHANGE_TESTS, F_CHANGE_TESTED_ON };

	if (rules_yes(it, F_CHANGE_EMERGENCY)) {
		rules_needs(b, it, RULE_change_emergency,
		    F_CHANGE_EMERGENCY_REASON, "for an emergency");
		return;
	}
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		rules_needs(b, it, RULE_change_deployed, needs[i],
		    "before a change that is no emergency is deployed");
	rules_ordered(b, it, RULE_change_order, F_CHANGE_APPROVED_ON,
	    F_CHANGE_DEPLOYED_ON);
	rules_ordered(b, it, RULE_change_order, F_CHANGE_TESTED_ON,
	    F_CHANGE_DEPLOYED_ON);
	rules_apart(b, it, RULE_change_alone, F_CHANGE_AUTHOR,
	    F_CHANGE_DEPLOYER);
}

/* What is deployed at once is approved afterwards, by whoever does so then. */
static void
change_at_once(struct batch *b, struct batch_item *it)
{
	static const uint16_t kept[] = { F_CHANGE_AUTHOR, F_CHANGE_EMERGENCY };

	if (rules_was(it, "approved|tested|deployed|closed|rolled_back"))
		rules_kept(b, it, RULE_change_stands, "leave it as it was", kept,
		    rules_was(it, "approved|tested") ? 1 : 2);
	if (!rules_was(it, "requested") || !rules_enters(it, "deployed"))
		return;
	if (!rules_yes(it, F_CHANGE_EMERGENCY))
		rules_say(b, it, RULE_change_at_once, it->change->type->state,
		    "let it be approved and tested first, or say emergency: true "
		    "and why", "State: only an emergency is deployed before it is "
		    "approved");
	else if (rules_has(&it->new, F_CHANGE_APPROVER))
		rules_acting_is(b, it, F_CHANGE_APPROVER);
}

static void
change_check(struct batch *b, struct batch_item *it)
{
	change_at_once(b, it);
	rules_apart(b, it, RULE_change_approver, F_CHANGE_AUTHOR,
	    F_CHANGE_APPROVER);
	rules_apart(b, it, RULE_change_reviewer, F_CHANGE_AUTHOR,
	    F_CHANGE_REVIEWER);
	rules_ordered(b, it, RULE_change_order, F_CHANGE_DEPLOYED_ON,
	    F_CHANGE_CLOSED_ON);
	if (rules_at(it, "deployed") || (rules_at(it, "closed|rolled_back") &&
	    rules_has(&it->new, F_CHANGE_DEPLOYED_ON)))
		change_deployed(b, it);
	if (!rules_at(it, "closed") || !rules_has(&it->new, F_CHANGE_DEPLOYED_ON))
		return;
	if (rules_yes(it, F_CHANGE_EMERGENCY)) {
		rules_needs(b, it, RULE_change_reviewed, F_CHANGE_REVIEWED_ON,
		    "before an emergency change is closed");
		rules_needs(b, it, RULE_change_reviewed, F_CHANGE_REVIEWER,
		    "before an emergency change is closed");
	}
	if (rules_yes(it, F_CHANGE_SIGNIFICANT))
		rules_needs(b, it, RULE_change_risks, F_CHANGE_RISK_REVIEW,
		    "before a significant change is closed");
}

/* --- asset and vulnerability ----------------------------------------------------------- */

static void
asset_check(struct batch *b, struct batch_item *it)
{
	struct str class = it->new.cells[F_ASSET_ITEM_HANDLING].s;

	rules_ordered(b, it, RULE_asset_order, F_ASSET_ITEM_ACQUIRED_ON,
	    F_ASSET_ITEM_DISPOSED_ON);
	if (rules_at(it, "disposed") && (str_is(class, "confidential") ||
	    str_is(class, "restricted") || str_is(class, "personal")) &&
	    !rules_is(it, F_ASSET_ITEM_DISPOSAL, "lost"))
		rules_needs(b, it, RULE_asset_disposal, F_ASSET_ITEM_DISPOSAL_PROOF,
		    "before something that held guarded data is gone");
}

static void
weakness_prepare(struct batch *b, struct batch_item *it)
{
	int64_t hours = hours_of(b, "vulnerability", it, F_WEAKNESS_SEVERITY);

	if (hours < 0 || !rules_has(&it->new, F_WEAKNESS_FOUND_ON))
		return;
	/* What was found keeps the deadline that counted then. */
	if (it->exists && rules_has(&it->old, F_WEAKNESS_DUE_ON) &&
	    !rules_changed(it, F_WEAKNESS_SEVERITY) &&
	    !rules_changed(it, F_WEAKNESS_FOUND_ON) &&
	    !rules_changed(it, F_WEAKNESS_DUE_ON))
		return;
	rules_computed(b, it, RULE_weakness_due, F_WEAKNESS_DUE_ON,
	    rules_date(b, rules_day(it->new.cells[F_WEAKNESS_FOUND_ON].s) +
	    (hours + 23) / 24));
}

static void
weakness_excepted(struct batch *b, struct batch_item *it)
{
	struct record x;

	if (!rules_load(b, it, F_WEAKNESS_EXCEPTION, &x))
		return;
	if (!rules_state(&x, "approved") ||
	    str_cmp(x.cells[F_EXCEPTION_EXPIRES].s, rules_today(b)) < 0)
		rules_say(b, it, RULE_weakness_excepted, F_WEAKNESS_EXCEPTION,
		    "let one be approved, or mend it", "Exception: it is not "
		    "approved, or it is over");
}

static void
weakness_check(struct batch *b, struct batch_item *it)
{
	rules_past(b, it, RULE_weakness_future, F_WEAKNESS_FOUND_ON);
	rules_ordered(b, it, RULE_weakness_order, F_WEAKNESS_FOUND_ON,
	    F_WEAKNESS_FIXED_ON);
	if (!rules_has(&it->new, F_WEAKNESS_ASSET))
		rules_needs(b, it, RULE_weakness_place, F_WEAKNESS_PLACE,
		    "where no asset of the register has it");
	if (!rules_has(&it->new, F_WEAKNESS_DUE_ON))
		rules_say(b, it, RULE_weakness_deadline, F_WEAKNESS_DUE_ON,
		    "give it, or record a severity_deadline for that severity",
		    "Due: it is not given, and the severity has no deadline to "
		    "compute it from");
	if (it->exists && rules_has(&it->old, F_WEAKNESS_DUE_ON) &&
	    rules_has(&it->new, F_WEAKNESS_DUE_ON) &&
	    !rules_changed(it, F_WEAKNESS_SEVERITY) &&
	    !rules_changed(it, F_WEAKNESS_FOUND_ON) &&
	    str_cmp(it->new.cells[F_WEAKNESS_DUE_ON].s,
	    it->old.cells[F_WEAKNESS_DUE_ON].s) > 0)
		rules_say(b, it, RULE_weakness_later, F_WEAKNESS_DUE_ON,
		    "leave it, and record an exception", "Due: it is not put off");
	if (rules_enters(it, "excepted"))
		weakness_excepted(b, it);
}

/* --- incident --------------------------------------------------------------------------- */

static void
incident_prepare(struct batch *b, struct batch_item *it)
{
	int64_t hours = hours_of(b, "incident", it, F_INCIDENT_SEVERITY);

	if (hours < 0 || !rules_has(&it->new, F_INCIDENT_DETECTED_AT) ||
	    (it->exists && rules_has(&it->old, F_INCIDENT_TRIAGE_DUE_AT) &&
	    !rules_changed(it, F_INCIDENT_SEVERITY) &&
	    !rules_changed(it, F_INCIDENT_TRIAGE_DUE_AT)))
		return;
	rules_computed(b, it, RULE_incident_due, F_INCIDENT_TRIAGE_DUE_AT,
	    CELL_INT(it->new.cells[F_INCIDENT_DETECTED_AT].i + hours * HOUR));
}

/* What the report and the law ask of an incident that is over. */
static void
incident_closed(struct batch *b, struct batch_item *it)
{
	static const uint16_t dc4[] = { F_INCIDENT_CONTROL_FAILURE,
		F_INCIDENT_COMMITMENT_BROKEN, F_INCIDENT_PERSONAL_DATA };
	static const uint16_t breach[] = { F_INCIDENT_BREACH_DECISION,
		F_INCIDENT_BREACH_REASON, F_INCIDENT_DECIDED_BY,
		F_INCIDENT_DECIDED_AT };

	for (size_t i = 0; i < sizeof(dc4) / sizeof(dc4[0]); i++)
		rules_needs(b, it, RULE_incident_said, dc4[i],
		    "before an incident is closed, as yes or no");
	if (rules_yes(it, F_INCIDENT_PERSONAL_DATA))
		for (size_t i = 0; i < sizeof(breach) / sizeof(breach[0]); i++)
			rules_needs(b, it, RULE_incident_breach, breach[i],
			    "before an incident with personal data is closed");
	if (!rules_is(it, F_INCIDENT_BREACH_DECISION, "breach"))
		return;
	if (rules_count(b, T_BREACH_NOTICE, F_BREACH_NOTICE_INCIDENT,
	    it->new.id, NULL) == 0 || rules_count(b, T_BREACH_NOTICE,
	    F_BREACH_NOTICE_INCIDENT, it->new.id, "assessing|required") != 0)
		rules_say(b, it, RULE_incident_notices, it->change->type->state,
		    "see: tickmark record DIR breach_notice list", "State: a breach "
		    "is closed when each notice of it is sent or found not to be "
		    "required, and there is one at least");
}

static void
incident_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t times[] = { F_INCIDENT_DETECTED_AT,
		F_INCIDENT_TRIAGED_AT, F_INCIDENT_CONTAINED_AT,
		F_INCIDENT_ERADICATED_AT, F_INCIDENT_RECOVERED_AT,
		F_INCIDENT_CLOSED_AT };
	size_t n = sizeof(times) / sizeof(times[0]);

	for (size_t i = 0; i < n; i++)
		rules_past(b, it, RULE_incident_future, times[i]);
	/* Some may be left out: each against the one before that is there. */
	for (size_t i = 1; i < n; i++) {
		size_t k = i;
		while (k > 0 && !rules_has(&it->new, times[--k]))
			;
		rules_ordered(b, it, RULE_incident_order, times[k], times[i]);
	}
	rules_kept(b, it, RULE_incident_clock, "record when it became known, once",
	    (const uint16_t[]){ F_INCIDENT_DETECTED_AT }, 1);
	if (rules_enters(it, "closed"))
		incident_closed(b, it);
}

static void
event_check(struct batch *b, struct batch_item *it)
{
	rules_past(b, it, RULE_event_future, F_INCIDENT_EVENT_HAPPENED_AT);
	rules_stands(b, it, RULE_event_stands, "record another event that "
	    "corrects it", NULL, 0);
}

const struct rules_of rules_assets[] = {
	{ T_ASSET_ITEM, NULL, asset_check },
	{ T_CHANGE, change_prepare, change_check },
	{ T_INCIDENT, incident_prepare, incident_check },
	{ T_INCIDENT_EVENT, NULL, event_check },
	{ T_SEVERITY_DEADLINE, NULL, deadline_check },
	{ T_WEAKNESS, weakness_prepare, weakness_check },
	{ 0, NULL, NULL },
};
