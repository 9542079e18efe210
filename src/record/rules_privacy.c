/* Personal data: clocks that start at receipt, bases, consent, holds. */
#include "record/rules.h"

#include "base/clock.h"
#include "ledger/entry.h"
#include "schema/kind.h"
#include "sys/crypto.h"
#include "text/date.h"
#include "text/zone.h"

#define HOUR (3600 * CLOCK_SECOND)

/* --- clocks ------------------------------------------------------------------ */

#define NONE SIZE_MAX

/* Fields of a clock that counts in days or months from receipt, and its rules;
 * what it has not is NONE. */
struct clock_of {
	size_t received, due, jurisdiction, extension, months, reason, told;
	size_t days_of, months_of; /* of the jurisdiction */
	enum rule computed, unknown, moved, extended;
};
static const struct clock_of request_clock = {
	F_SUBJECT_REQUEST_RECEIVED_AT, F_SUBJECT_REQUEST_DUE_AT,
	F_SUBJECT_REQUEST_JURISDICTION, F_SUBJECT_REQUEST_EXTENSION_DAYS,
	F_SUBJECT_REQUEST_EXTENSION_MONTHS, F_SUBJECT_REQUEST_EXTENSION_REASON,
	F_SUBJECT_REQUEST_EXTENDED_AT, F_JURISDICTION_REQUEST_DAYS,
	F_JURISDICTION_REQUEST_MONTHS, RULE_request_due, RULE_request_unknown,
	RULE_request_clock, RULE_request_extension
};
static const struct clock_of complaint_clock = {
	F_COMPLAINT_RECEIVED_AT, F_COMPLAINT_DUE_AT, F_COMPLAINT_JURISDICTION,
	F_COMPLAINT_EXTENSION_DAYS, NONE, F_COMPLAINT_EXTENSION_REASON, NONE,
	F_JURISDICTION_COMPLAINT_DAYS, NONE, RULE_complaint_due,
	RULE_complaint_unknown, RULE_complaint_clock, RULE_complaint_extension
};

static int64_t
int_of(const struct record *r, size_t f)
{
	return (f != NONE && rules_has(r, f) ? r->cells[f].i : 0);
}

/* Whose days count. */
static const struct zone *
zone_of(struct batch *b, const struct record *j)
{
	struct str name = j->cells[F_JURISDICTION_ZONE].s;
	const struct zone *z;

	if (!rules_has(j, F_JURISDICTION_ZONE) || zone_load(b->a,
	    arena_strndup(b->a, name.ptr, name.len), &z, NULL) != 0)
		return (rules_zone(b));
	return (z);
}

/* The last second of a day: what is done on that day is done in time. */
static int64_t
end_of(const struct zone *z, int64_t day)
{
	return (zone_day_start(z, day + 1) - CLOCK_SECOND);
}

/*
 * When the clock of ${it} runs out, with or without what it was put off by. The
 * day of receipt does not count; a month ends on the same day of the month, or
 * on its last one. False: the jurisdiction does not say.
 */
static bool
deadline(struct batch *b, const struct batch_item *it,
    const struct clock_of *k, const struct record *j, bool extended,
    int64_t *ret)
{
	const struct zone *z = zone_of(b, j);
	int64_t day = zone_day(z, it->new.cells[k->received].i);
	int64_t months = int_of(j, k->months_of);

	if (months == 0 && !rules_has(j, k->days_of))
		return (false);
	if (extended && k->months != NONE)
		months += int_of(&it->new, k->months);
	day = date_add_months(day, (int)months);
	if (int_of(j, k->months_of) == 0)
		day += int_of(j, k->days_of);
	if (extended)
		day += int_of(&it->new, k->extension);
	*ret = end_of(z, day);
	return (true);
}

static void
clock_prepare(struct batch *b, struct batch_item *it, const struct clock_of *k)
{
	struct record j;
	int64_t due;

	if (!rules_has(&it->new, k->received) ||
	    !rules_load(b, it, k->jurisdiction, &j) ||
	    !deadline(b, it, k, &j, true, &due))
		return;
	/* A clock that runs keeps the days that counted when it started. */
	if (it->exists && rules_has(&it->old, k->due) &&
	    !rules_changed(it, k->extension) && !rules_changed(it, k->due) &&
	    (k->months == NONE || !rules_changed(it, k->months)) &&
	    !rules_changed(it, k->jurisdiction))
		return;
	rules_computed(b, it, k->computed, k->due, CELL_INT(due));
}

/* At most what the jurisdiction allows. */
static void
extension_within(struct batch *b, struct batch_item *it,
    const struct clock_of *k, const struct record *j, size_t f, size_t of)
{
	if (f != NONE && int_of(&it->new, f) > int_of(j, of))
		rules_say(b, it, k->extended, (int)f, "write fewer", "%s: %lld are "
		    "more than the %lld that the jurisdiction allows",
		    rules_title(it, f), (long long)int_of(&it->new, f),
		    (long long)int_of(j, of));
}

static void
clock_check(struct batch *b, struct batch_item *it, const struct clock_of *k)
{
	struct record j;
	int64_t first;

	if (!rules_has(&it->new, k->due) && rules_load(b, it, k->jurisdiction,
	    &j))
		rules_say(b, it, k->unknown, (int)k->jurisdiction,
		    arena_printf(b->a, "fill %s%s%s of the jurisdiction",
		    j.type->fields[k->days_of].name, k->months_of != NONE ? " or " :
		    "", k->months_of != NONE ?
		    j.type->fields[k->months_of].name : ""), "Jurisdiction: it "
		    "does not say how long this may take");
	rules_kept(b, it, k->moved, "leave it: the clock runs from receipt",
	    (const uint16_t[]){ (uint16_t)k->received }, 1);
	if (int_of(&it->new, k->extension) + int_of(&it->new, k->months) == 0)
		return;
	rules_needs(b, it, k->extended, k->reason, "where the clock is put off");
	if (!rules_load(b, it, k->jurisdiction, &j))
		return;
	extension_within(b, it, k, &j, k->extension,
	    F_JURISDICTION_EXTENSION_DAYS);
	extension_within(b, it, k, &j, k->months, F_JURISDICTION_EXTENSION_MONTHS);
	if (k->told == NONE)
		return;
	rules_needs(b, it, k->extended, k->told, "where the clock is put off");
	if (rules_has(&it->new, k->told) && deadline(b, it, k, &j, false,
	    &first) && it->new.cells[k->told].i > first)
		rules_say(b, it, RULE_request_told_late, (int)k->told, "leave the "
		    "extension out: the answer is late", "%s: the first deadline was "
		    "over by then", rules_title(it, k->told));
}

/* --- confirming receipt ------------------------------------------------------------ */

struct holiday_on {
	struct str day;
	bool free;
};

static bool
is_free(void *ctx, const struct record *r)
{
	struct holiday_on *h = ctx;

	h->free = str_eq(r->cells[F_HOLIDAY_DAY].s, h->day) &&
	    !(rules_has(r, F_HOLIDAY_WORKED) && r->cells[F_HOLIDAY_WORKED].i);
	return (h->free);
}

/* Monday to Friday, without the holidays on record. */
static bool
business_day(struct batch *b, int64_t day)
{
	struct holiday_on h = { .day = rules_date(b, day).s };

	if (date_weekday(day) > 5)
		return (false);
	rules_each(b, T_HOLIDAY, -1, STR_NULL, is_free, &h);
	return (!h.free);
}

static void
acknowledge_prepare(struct batch *b, struct batch_item *it)
{
	struct record j;

	if (!rules_has(&it->new, F_SUBJECT_REQUEST_RECEIVED_AT) ||
	    !rules_load(b, it, F_SUBJECT_REQUEST_JURISDICTION, &j) ||
	    !rules_has(&j, F_JURISDICTION_ACKNOWLEDGE_DAYS))
		return;
	if (it->exists && rules_has(&it->old, F_SUBJECT_REQUEST_ACKNOWLEDGE_BY) &&
	    !rules_changed(it, F_SUBJECT_REQUEST_ACKNOWLEDGE_BY) &&
	    !rules_changed(it, F_SUBJECT_REQUEST_JURISDICTION))
		return;
	const struct zone *z = zone_of(b, &j);
	int64_t day = zone_day(z, it->new.cells[F_SUBJECT_REQUEST_RECEIVED_AT].i);
	for (int64_t n = j.cells[F_JURISDICTION_ACKNOWLEDGE_DAYS].i,
	    end = day + 400; n > 0 && day < end;)
		n -= business_day(b, ++day);
	rules_computed(b, it, RULE_request_acknowledge,
	    F_SUBJECT_REQUEST_ACKNOWLEDGE_BY, CELL_INT(end_of(z, day)));
}

static void
jurisdiction_check(struct batch *b, struct batch_item *it)
{
	struct str name = it->new.cells[F_JURISDICTION_ZONE].s;
	const struct zone *z;
	struct err p = { .code = ERR_INPUT };

	if (rules_has(&it->new, F_JURISDICTION_ZONE) &&
	    it->given[F_JURISDICTION_ZONE] && zone_load(b->a,
	    arena_strndup(b->a, name.ptr, name.len), &z, &p) != 0)
		rules_say(b, it, RULE_jurisdiction_zone, F_JURISDICTION_ZONE, p.fix,
		    "Time zone: %s", p.what);
	if (int_of(&it->new, F_JURISDICTION_REQUEST_DAYS) != 0 &&
	    int_of(&it->new, F_JURISDICTION_REQUEST_MONTHS) != 0)
		rules_say(b, it, RULE_jurisdiction_one,
		    F_JURISDICTION_REQUEST_MONTHS, "fill one of the two", "Months for "
		    "a request: there are days for a request as well");
}

/* --- legal holds ----------------------------------------------------------------- */

struct held {
	struct str person; /* empty: nobody in particular */
	struct str today;
	struct str by;     /* code of the hold; empty: none */
};

static bool
in_force(const struct record *hold, struct str today)
{
	const struct cell *c = hold->cells;

	return ((!rules_has(hold, F_LEGAL_HOLD_STARTS_ON) ||
	    str_cmp(c[F_LEGAL_HOLD_STARTS_ON].s, today) <= 0) &&
	    (!rules_has(hold, F_LEGAL_HOLD_RELEASED_ON) ||
	    str_cmp(c[F_LEGAL_HOLD_RELEASED_ON].s, today) > 0));
}

static bool
holds(void *ctx, const struct record *r)
{
	struct held *h = ctx;
	const struct cell *c = r->cells;
	bool of_them = h->person.len != 0 && rules_has(r, F_LEGAL_HOLD_PERSON) &&
	    str_eq(c[F_LEGAL_HOLD_PERSON].s, h->person);

	if ((of_them || str_is(c[F_LEGAL_HOLD_SCOPE].s, "all")) &&
	    in_force(r, h->today))
		h->by = c[F_LEGAL_HOLD_CODE].s;
	return (h->by.len != 0);
}

/* The hold that keeps the data of a person, or everything; empty: none. */
static struct str
hold_of(struct batch *b, struct str person)
{
	struct held h = { .person = person, .today = rules_today(b) };

	rules_each(b, T_LEGAL_HOLD, -1, STR_NULL, holds, &h);
	return (h.by);
}

/* --- requests and complaints --------------------------------------------------------- */

static void
request_prepare(struct batch *b, struct batch_item *it)
{
	clock_prepare(b, it, &request_clock);
	acknowledge_prepare(b, it);
}

static void
request_check(struct batch *b, struct batch_item *it)
{
	rules_past(b, it, RULE_request_future, F_SUBJECT_REQUEST_RECEIVED_AT);
	clock_check(b, it, &request_clock);
	rules_ordered(b, it, RULE_request_confirmed, F_SUBJECT_REQUEST_RECEIVED_AT,
	    F_SUBJECT_REQUEST_ACKNOWLEDGED_AT);
	rules_sha(b, it, RULE_request_digest, F_SUBJECT_REQUEST_STATUS_DIGEST);
	rules_ordered(b, it, RULE_request_order, F_SUBJECT_REQUEST_RECEIVED_AT,
	    F_SUBJECT_REQUEST_ANSWERED_AT);
	if (rules_at(it, "fulfilled"))
		rules_ordered(b, it, RULE_request_identity,
		    F_SUBJECT_REQUEST_IDENTITY_CHECKED_AT,
		    F_SUBJECT_REQUEST_ANSWERED_AT);
	if (rules_was(it, "fulfilled|denied"))
		rules_stands(b, it, RULE_request_stands, "record another request",
		    (const uint16_t[]){ F_SUBJECT_REQUEST_RECIPIENTS_TOLD }, 1);
	if (rules_is(it, F_SUBJECT_REQUEST_KIND, "correction") &&
	    rules_enters(it, "fulfilled"))
		rules_needs(b, it, RULE_request_told,
		    F_SUBJECT_REQUEST_RECIPIENTS_TOLD, "for a correction: who else "
		    "got the data, or that nobody did");
	if (!rules_is(it, F_SUBJECT_REQUEST_KIND, "deletion") ||
	    !rules_enters(it, "fulfilled"))
		return;
	struct str by = hold_of(b, it->new.cells[F_SUBJECT_REQUEST_PERSON].s);
	if (by.len != 0)
		rules_say(b, it, RULE_request_hold, it->change->type->state,
		    "deny it with that reason, or have the hold released",
		    "State: the legal hold " STR_FMT " keeps the data",
		    STR_ARG(by));
}

static void
complaint_prepare(struct batch *b, struct batch_item *it)
{
	clock_prepare(b, it, &complaint_clock);
}

static void
complaint_check(struct batch *b, struct batch_item *it)
{
	rules_past(b, it, RULE_complaint_future, F_COMPLAINT_RECEIVED_AT);
	clock_check(b, it, &complaint_clock);
	rules_ordered(b, it, RULE_complaint_order, F_COMPLAINT_RECEIVED_AT,
	    F_COMPLAINT_TOLD_AT);
}

/* --- notices of a breach ---------------------------------------------------------------- */

static void
breach_prepare(struct batch *b, struct batch_item *it)
{
	static const struct {
		const char *recipient;
		uint16_t hours;
	} who[] = { { "authority", F_JURISDICTION_BREACH_AUTHORITY_HOURS },
		{ "people", F_JURISDICTION_BREACH_PEOPLE_HOURS },
		{ "customers", F_JURISDICTION_BREACH_OTHERS_HOURS },
		{ "others", F_JURISDICTION_BREACH_OTHERS_HOURS } };
	struct cell *aware = &it->new.cells[F_BREACH_NOTICE_AWARE_AT];
	struct record incident, j;

	if (aware->state != CELL_VALUE &&
	    rules_load(b, it, F_BREACH_NOTICE_INCIDENT, &incident))
		*aware = incident.cells[F_INCIDENT_DETECTED_AT];
	if (aware->state != CELL_VALUE ||
	    !rules_load(b, it, F_BREACH_NOTICE_JURISDICTION, &j) ||
	    (it->exists && rules_has(&it->old, F_BREACH_NOTICE_DUE_AT) &&
	    !rules_changed(it, F_BREACH_NOTICE_DUE_AT) &&
	    !rules_changed(it, F_BREACH_NOTICE_JURISDICTION) &&
	    !rules_changed(it, F_BREACH_NOTICE_RECIPIENT)))
		return;
	for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++)
		if (rules_is(it, F_BREACH_NOTICE_RECIPIENT, who[i].recipient) &&
		    rules_has(&j, who[i].hours))
			rules_computed(b, it, RULE_breach_due,
			    F_BREACH_NOTICE_DUE_AT, CELL_INT(aware->i +
			    j.cells[who[i].hours].i * HOUR));
}

static void
breach_check(struct batch *b, struct batch_item *it)
{
	const struct cell *c = it->new.cells;
	struct record x;

	rules_past(b, it, RULE_breach_future, F_BREACH_NOTICE_AWARE_AT);
	rules_kept(b, it, RULE_breach_clock, "leave it: the clock runs from when "
	    "it was known", (const uint16_t[]){ F_BREACH_NOTICE_AWARE_AT }, 1);
	rules_ordered(b, it, RULE_breach_order, F_BREACH_NOTICE_AWARE_AT,
	    F_BREACH_NOTICE_SENT_AT);
	if (rules_has(&it->new, F_BREACH_NOTICE_SENT_AT) &&
	    rules_has(&it->new, F_BREACH_NOTICE_DUE_AT) &&
	    c[F_BREACH_NOTICE_SENT_AT].i > c[F_BREACH_NOTICE_DUE_AT].i)
		rules_needs(b, it, RULE_breach_late, F_BREACH_NOTICE_DELAY_REASON,
		    "where a notice went out after its deadline");
	if (rules_enters(it, "required") &&
	    rules_load(b, it, F_BREACH_NOTICE_INCIDENT, &x) &&
	    !str_is(x.cells[F_INCIDENT_BREACH_DECISION].s, "breach"))
		rules_say(b, it, RULE_breach_decided, it->change->type->state,
		    "fill breach_decision of the incident first", "State: the "
		    "incident was not found to be a breach");
	if (rules_was(it, "sent"))
		rules_stands(b, it, RULE_breach_stands, "record another notice",
		    (const uint16_t[]){ F_BREACH_NOTICE_REFERENCE }, 1);
}

/* --- bases, consent, disclosure ------------------------------------------------------------ */

static void
processing_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, RULE_processing_order, F_PROCESSING_STARTS_ON,
	    F_PROCESSING_ENDS_ON);
	if (!rules_at(it, "active"))
		return;
	if (rules_is(it, F_PROCESSING_BASIS, "legitimate_interests") ||
	    rules_is(it, F_PROCESSING_BASIS, "legal_obligation"))
		rules_needs(b, it, RULE_processing_basis, F_PROCESSING_BASIS_NOTE,
		    "for that basis: which law, or which interest and why it weighs "
		    "more");
	if (rules_yes(it, F_PROCESSING_IMPACT_NEEDED)) {
		rules_needs(b, it, RULE_processing_impact, F_PROCESSING_IMPACT,
		    "before it begins");
		rules_needs(b, it, RULE_processing_impact,
		    F_PROCESSING_IMPACT_ON, "before it begins");
		rules_ordered(b, it, RULE_processing_impact,
		    F_PROCESSING_IMPACT_ON, F_PROCESSING_STARTS_ON);
	}
}

static void
notice_check(struct batch *b, struct batch_item *it)
{
	if (rules_was(it, "published|superseded"))
		rules_stands(b, it, RULE_notice_stands, "write the next version",
		    (const uint16_t[]){ F_NOTICE_ANNOUNCED_ON,
		    F_NOTICE_ANNOUNCED_HOW, F_NOTICE_SUPERSEDED_ON, F_NOTICE_URL },
		    4);
	rules_ordered(b, it, RULE_notice_order, F_NOTICE_EFFECTIVE_ON,
	    F_NOTICE_SUPERSEDED_ON);
	if (rules_enters(it, "published") && rules_has(&it->new,
	    F_NOTICE_REPLACES))
		rules_needs(b, it, RULE_notice_changes, F_NOTICE_CHANGES,
		    "for a version that replaces another");
	if (rules_enters(it, "published") && rules_has(&it->new,
	    F_NOTICE_REPLACES))
		rules_needs(b, it, RULE_notice_announced, F_NOTICE_ANNOUNCED_ON,
		    "for a version that replaces another");
}

/* The digest of what was shown is that of the version that is named. */
static void
consent_shown(struct batch *b, struct batch_item *it)
{
	struct str given = it->new.cells[F_CONSENT_NOTICE_HASH].s;
	uint8_t h[CRYPTO_HASH];
	BUF_SCOPED hex = BUF_INIT;
	struct record r;

	if (!rules_has(&it->new, F_CONSENT_NOTICE_HASH) ||
	    !rules_load(b, it, F_CONSENT_NOTICE, &r) ||
	    !rules_has(&r, F_NOTICE_TEXT))
		return;
	crypto_sha256(r.cells[F_NOTICE_TEXT].s.ptr, r.cells[F_NOTICE_TEXT].s.len,
	    h);
	buf_puthex(&hex, h, sizeof(h));
	if (!str_eq(given, buf_str(&hex)))
		rules_say(b, it, RULE_consent_hash, F_CONSENT_NOTICE_HASH, "name the "
		    "version that was shown, or leave it out", "Text shown: the text "
		    "of that notice has another SHA-256");
}

static void
consent_check(struct batch *b, struct batch_item *it)
{
	struct record r;

	rules_stands(b, it, RULE_consent_stands, "record another consent",
	    (const uint16_t[]){ F_CONSENT_WITHDRAWN_AT,
	    F_CONSENT_WITHDRAWAL_PROOF, F_CONSENT_STOPPED_AT,
	    F_CONSENT_EXPIRES_AT, F_CONSENT_CHANNEL }, 5);
	rules_past(b, it, RULE_consent_future, F_CONSENT_GIVEN_AT);
	rules_sha(b, it, RULE_consent_hash, F_CONSENT_NOTICE_HASH);
	rules_ordered(b, it, RULE_consent_order, F_CONSENT_GIVEN_AT,
	    F_CONSENT_WITHDRAWN_AT);
	rules_ordered(b, it, RULE_consent_order, F_CONSENT_WITHDRAWN_AT,
	    F_CONSENT_STOPPED_AT);
	if (rules_was(it, "withdrawn|expired"))
		rules_kept(b, it, RULE_consent_over, "a new consent is a new record",
		    (const uint16_t[]){ F_CONSENT_WITHDRAWN_AT,
		    F_CONSENT_EXPIRES_AT }, 2);
	if (it->exists)
		return;
	if (rules_load(b, it, F_CONSENT_NOTICE, &r) && rules_state(&r, "draft"))
		rules_say(b, it, RULE_consent_notice, F_CONSENT_NOTICE,
		    "name the version that was shown", "Notice: nobody was shown a "
		    "draft");
	consent_shown(b, it);
	if (rules_load(b, it, F_CONSENT_PROCESSING, &r) &&
	    !str_is(r.cells[F_PROCESSING_BASIS].s, "consent"))
		rules_say(b, it, RULE_consent_basis, F_CONSENT_PROCESSING,
		    "leave it out, or correct the basis of the activity",
		    "Purpose: the basis of that activity is not consent");
}

/* What a disclosure rests on, if it was meant to happen. */
static void
disclosure_consent(struct batch *b, struct batch_item *it)
{
	int64_t at = it->new.cells[F_DISCLOSURE_DISCLOSED_AT].i;
	struct record c;

	if (!rules_load(b, it, F_DISCLOSURE_CONSENT, &c)) {
		rules_needs(b, it, RULE_disclosure_consent, F_DISCLOSURE_CONSENT,
		    "where consent is the basis");
		return;
	}
	if (at < c.cells[F_CONSENT_GIVEN_AT].i ||
	    (rules_has(&c, F_CONSENT_WITHDRAWN_AT) &&
	    at >= c.cells[F_CONSENT_WITHDRAWN_AT].i) ||
	    (rules_has(&c, F_CONSENT_EXPIRES_AT) &&
	    at >= c.cells[F_CONSENT_EXPIRES_AT].i))
		rules_say(b, it, RULE_disclosure_withdrawn, F_DISCLOSURE_CONSENT,
		    "find another basis, or log it as not authorised", "Consent: it "
		    "did not hold at that time");
}

static void
disclosure_check(struct batch *b, struct batch_item *it)
{
	bool meant = rules_yes(it, F_DISCLOSURE_AUTHORISED);

	rules_past(b, it, RULE_disclosure_future, F_DISCLOSURE_DISCLOSED_AT);
	rules_stands(b, it, RULE_disclosure_stands, "log another disclosure that "
	    "corrects it", (const uint16_t[]){ F_DISCLOSURE_INCIDENT,
	    F_DISCLOSURE_FOUND_AT }, 2);
	if (it->exists)
		return;
	if (meant && !rules_has(&it->new, F_DISCLOSURE_BASIS))
		rules_say(b, it, RULE_disclosure_basis, F_DISCLOSURE_BASIS,
		    "say what allowed it, or that it was not authorised", "Basis: "
		    "nothing is disclosed without one");
	if (!meant)
		rules_needs(b, it, RULE_disclosure_incident,
		    F_DISCLOSURE_INCIDENT, "where it was not meant to happen");
	if (meant && rules_is(it, F_DISCLOSURE_BASIS, "consent"))
		disclosure_consent(b, it);
}

/* --- retention and destruction ---------------------------------------------------------------- */

/* What no rule lets go of: it says what was done, or who may do it. */
static bool
proof(const struct schema_type *t)
{
	static const uint16_t kept[] = { T_DISPOSAL, T_LEGAL_HOLD, T_RETENTION,
		T_RETENTION_RULE, T_TOKEN, T_USER };

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (t == schema_get(kept[i]))
			return (true);
	return (t->mode == MODE_FIXED);
}

static void
retention_condition(struct batch *b, struct batch_item *it,
    const struct schema_type *t)
{
	struct str rest = it->new.cells[F_RETENTION_RULE_CONDITION].s, one;
	struct record_filter f;
	struct err e;

	if (!rules_has(&it->new, F_RETENTION_RULE_CONDITION))
		return;
	if (!schema_is_record(t)) {
		rules_say(b, it, RULE_retention_condition,
		    F_RETENTION_RULE_CONDITION, "leave it out", "Condition: rows of "
		    "evidence go by their age alone");
		return;
	}
	while (record_filter_next(&rest, &one))
		if (record_filter_parse(b->store, b->a, t, one, &f, &e) != 0)
			rules_say(b, it, RULE_retention_condition,
			    F_RETENTION_RULE_CONDITION, e.fix, "Condition: %s",
			    e.what);
}

static void
retention_from(struct batch *b, struct batch_item *it,
    const struct schema_type *t)
{
	struct str name = it->new.cells[F_RETENTION_RULE_FROM_FIELD].s;

	if (!rules_has(&it->new, F_RETENTION_RULE_FROM_FIELD))
		return;
	for (size_t i = 0; i < t->nfields; i++)
		if (str_is(name, t->fields[i].name) &&
		    kind_dates(&t->fields[i]))
			return;
	rules_say(b, it, RULE_retention_from, F_RETENTION_RULE_FROM_FIELD,
	    arena_printf(b->a, "see: tickmark record DIR %s fields", t->name),
	    "Counts from: %s has no date or time \"" STR_FMT "\"", t->name,
	    STR_ARG(name));
}

static void
retention_token(struct batch *b, struct batch_item *it)
{
	size_t f = rules_has(&it->new, F_RETENTION_RULE_DECISION) ?
	    F_RETENTION_RULE_DECISION : F_RETENTION_RULE_CODE;

	if (rules_has(&it->new, f) && !entry_token_ok(it->new.cells[f].s))
		rules_say(b, it, RULE_retention_token, (int)f, "use letters, digits "
		    "and dashes", "%s: it stands in the ledger as a decision",
		    rules_title(it, f));
}

static void
retention_check(struct batch *b, struct batch_item *it)
{
	static const uint16_t what[] = { F_RETENTION_RULE_TARGET,
		F_RETENTION_RULE_CONDITION, F_RETENTION_RULE_FROM_FIELD,
		F_RETENTION_RULE_ACTION, F_RETENTION_RULE_DAYS,
		F_RETENTION_RULE_DECISION, F_RETENTION_RULE_APPROVER };
	struct str name = it->new.cells[F_RETENTION_RULE_TARGET].s;
	const struct schema_type *t;

	if (rules_has(&it->new, F_RETENTION_RULE_DAYS) &&
	    it->new.cells[F_RETENTION_RULE_DAYS].i < 1)
		rules_say(b, it, RULE_retention_days, F_RETENTION_RULE_DAYS,
		    "write 1 or more", "Days: what came today cannot be too old");
	if (it->exists && rules_has(&it->old, F_RETENTION_RULE_TARGET) &&
	    rules_was(it, "active") && rules_at(it, "active"))
		rules_kept(b, it, RULE_retention_stands, "set its state to draft, "
		    "and have it approved again", what, sizeof(what) /
		    sizeof(what[0]));
	if (!rules_has(&it->new, F_RETENTION_RULE_TARGET))
		return;
	t = schema_find(name);
	if (t == NULL || proof(t)) {
		rules_say(b, it, RULE_retention_target, F_RETENTION_RULE_TARGET,
		    "name another record type or evidence table", t == NULL ?
		    "Lets go of: there is no \"" STR_FMT "\"" : "Lets go of: "
		    STR_FMT " is kept, it shows what was done", STR_ARG(name));
		return;
	}
	if (!schema_is_record(t) && rules_is(it, F_RETENTION_RULE_ACTION,
	    "retire"))
		rules_say(b, it, RULE_retention_target, F_RETENTION_RULE_ACTION,
		    "write erase", "Action: evidence is erased or kept");
	retention_condition(b, it, t);
	retention_from(b, it, t);
	retention_token(b, it);
	if (!rules_at(it, "active"))
		return;
	rules_needs(b, it, RULE_retention_approved, F_RETENTION_RULE_APPROVER,
	    "for a rule that the program carries out");
	rules_apart(b, it, RULE_retention_approved, F_RETENTION_RULE_OWNER,
	    F_RETENTION_RULE_APPROVER);
}

static void
disposal_check(struct batch *b, struct batch_item *it)
{
	struct record rule, hold;
	struct str by = STR("");

	rules_past(b, it, RULE_disposal_future, F_DISPOSAL_DESTROYED_AT);
	rules_sha(b, it, RULE_disposal_hash, F_DISPOSAL_HASH);
	rules_apart(b, it, RULE_disposal_witness, F_DISPOSAL_PERFORMER,
	    F_DISPOSAL_WITNESS);
	rules_stands(b, it, RULE_disposal_stands, "record another certificate",
	    NULL, 0);
	if (!rules_has(&it->new, F_DISPOSAL_RULE) &&
	    !rules_has(&it->new, F_DISPOSAL_SUBJECT_REQUEST) &&
	    !rules_has(&it->new, F_DISPOSAL_ASSET) &&
	    !rules_has(&it->new, F_DISPOSAL_CUSTOMER) &&
	    !rules_has(&it->new, F_DISPOSAL_DECISION))
		rules_say(b, it, RULE_disposal_why, F_DISPOSAL_RULE, "name a rule, "
		    "a request, an asset, a customer or a decision", "Rule: a "
		    "certificate says why something was destroyed");
	if (it->exists || !rules_load(b, it, F_DISPOSAL_RULE, &rule))
		return;
	/* The hold of the rule, or one on everything, beats the rule. */
	if (rules_follow(b, &rule, F_RETENTION_RULE_HOLD, &hold) &&
	    in_force(&hold, rules_today(b)))
		by = hold.cells[F_LEGAL_HOLD_CODE].s;
	if (by.len == 0)
		by = hold_of(b, STR(""));
	if (by.len != 0)
		rules_say(b, it, RULE_disposal_hold, F_DISPOSAL_RULE,
		    "wait until the hold is released", "Rule: the legal hold "
		    STR_FMT " beats it", STR_ARG(by));
}

static void
category_check(struct batch *b, struct batch_item *it)
{
	if (rules_yes(it, F_DATA_CATEGORY_PERSONAL) &&
	    !rules_is(it, F_DATA_CATEGORY_HANDLING, "personal") &&
	    !rules_is(it, F_DATA_CATEGORY_HANDLING, "restricted"))
		rules_say(b, it, RULE_category_personal, F_DATA_CATEGORY_HANDLING,
		    "write personal or restricted", "Class: data about people is "
		    "handled as personal, or more strictly");
	if (rules_yes(it, F_DATA_CATEGORY_SENSITIVE) &&
	    !rules_yes(it, F_DATA_CATEGORY_PERSONAL))
		rules_say(b, it, RULE_category_sensitive,
		    F_DATA_CATEGORY_PERSONAL, "write yes", "Personal: sensitive "
		    "data is about people");
}

static void
quality_check(struct batch *b, struct batch_item *it)
{
	const struct cell *c = it->new.cells;

	if (rules_has(&it->new, F_DATA_CHECK_WRONG) &&
	    rules_has(&it->new, F_DATA_CHECK_ITEMS) &&
	    c[F_DATA_CHECK_WRONG].i > c[F_DATA_CHECK_ITEMS].i)
		rules_say(b, it, RULE_quality_wrong, F_DATA_CHECK_WRONG,
		    "correct one of the two", "Wrong: more items were wrong than "
		    "were looked at");
	if (rules_has(&it->new, F_DATA_CHECK_CORRECTED) &&
	    c[F_DATA_CHECK_CORRECTED].i > int_of(&it->new, F_DATA_CHECK_WRONG))
		rules_say(b, it, RULE_quality_corrected, F_DATA_CHECK_CORRECTED,
		    "correct one of the two", "Corrected: more items were put right "
		    "than were wrong");
}

const struct rules_of rules_privacy[] = {
	{ T_BREACH_NOTICE, breach_prepare, breach_check },
	{ T_COMPLAINT, complaint_prepare, complaint_check },
	{ T_CONSENT, NULL, consent_check },
	{ T_DATA_CATEGORY, NULL, category_check },
	{ T_DATA_CHECK, NULL, quality_check },
	{ T_DISCLOSURE, NULL, disclosure_check },
	{ T_DISPOSAL, NULL, disposal_check },
	{ T_JURISDICTION, NULL, jurisdiction_check },
	{ T_NOTICE, NULL, notice_check },
	{ T_PROCESSING, NULL, processing_check },
	{ T_RETENTION_RULE, NULL, retention_check },
	{ T_SUBJECT_REQUEST, request_prepare, request_check },
	{ 0, NULL, NULL },
};
