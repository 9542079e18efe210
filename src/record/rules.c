/*
 * What a declaration cannot say, as one function for a type. A type that needs
 * more than two of these is not a record type but a module of its own.
 */
#include "record/batch.h"

#include "record/rules.h"
#include "text/zone.h"

static bool
has(const struct record *r, size_t i)
{
	return (r->cells[i].state == CELL_VALUE);
}

/* A last day before the first one. */
void
rules_ordered(struct batch *b, struct batch_item *it, size_t first,
    size_t last)
{
	const struct schema_field *f = it->change->type->fields;
	const struct cell *c = it->new.cells;

	if (has(&it->new, first) && has(&it->new, last) &&
	    str_cmp(c[first].s, c[last].s) > 0)
		batch_say(b, it, (int)last, "correct one of the two",
		    "%s: " STR_FMT " is before %s, which is " STR_FMT,
		    f[last].title, STR_ARG(c[last].s), f[first].title,
		    STR_ARG(c[first].s));
}

static bool
same_text(const struct batch_item *it, size_t field)
{
	return (str_eq(it->old.cells[field].s, it->new.cells[field].s));
}

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
	if (!has(&it->new, F_CONTROL_VERSION))
		c[F_CONTROL_VERSION] = CELL_INT(1);
	if (it->exists && has(&it->old, F_CONTROL_STATEMENT) &&
	    !same_text(it, F_CONTROL_STATEMENT) &&
	    !it->given[F_CONTROL_VERSION] &&
	    !str_is(it->old.cells[F_CONTROL_STATE].s, "draft"))
		c[F_CONTROL_VERSION] =
		    CELL_INT(it->old.cells[F_CONTROL_VERSION].i + 1);
}

static void
control_check(struct batch *b, struct batch_item *it)
{
	const struct cell *now = it->new.cells, *was = it->old.cells;

	if (has(&it->new, F_CONTROL_NOT_APPLICABLE) &&
	    !str_is(now[F_CONTROL_STATE].s, "draft") &&
	    !str_is(now[F_CONTROL_STATE].s, "designed") &&
	    !str_is(now[F_CONTROL_STATE].s, "retired"))
		batch_say(b, it, F_CONTROL_NOT_APPLICABLE, "retire it instead, or "
		    "clear the reason: not_applicable=", "Not applicable: a control "
		    "that is " STR_FMT " is applied", STR_ARG(now[F_CONTROL_STATE].s));
	rules_ordered(b, it, F_CONTROL_EFFECTIVE_ON, F_CONTROL_RETIRED_ON);
	if (!it->exists || same_text(it, F_CONTROL_STATEMENT) ||
	    str_is(was[F_CONTROL_STATE].s, "draft") ||
	    str_is(was[F_CONTROL_STATE].s, "designed"))
		return;
	if (!has(&it->new, F_CONTROL_EFFECTIVE_ON) ||
	    !it->given[F_CONTROL_EFFECTIVE_ON])
		batch_say(b, it, F_CONTROL_STATEMENT,
		    "give effective_on, such as 2026-01-31",
		    "Statement: a control in use that is worded anew needs the "
		    "day from which the new wording counts");
	else if (has(&it->old, F_CONTROL_EFFECTIVE_ON) &&
	    str_cmp(now[F_CONTROL_EFFECTIVE_ON].s,
	    was[F_CONTROL_EFFECTIVE_ON].s) <= 0)
		batch_say(b, it, F_CONTROL_EFFECTIVE_ON,
		    "give a later day", "Effective: the new wording cannot count "
		    "from " STR_FMT ", when the old one already does, or before",
		    STR_ARG(was[F_CONTROL_EFFECTIVE_ON].s));
}

static void
person_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, F_PERSON_START_ON, F_PERSON_END_ON);
	if (has(&it->new, F_PERSON_MANAGER) &&
	    str_eq(it->new.cells[F_PERSON_MANAGER].s, it->new.id))
		batch_say(b, it, F_PERSON_MANAGER, "name somebody else",
		    "Manager: nobody leads themselves");
}

static void
vendor_check(struct batch *b, struct batch_item *it)
{
	if (it->new.cells[F_VENDOR_SUBSERVICE].i != 0 &&
	    !has(&it->new, F_VENDOR_METHOD))
		batch_say(b, it, F_VENDOR_METHOD, "write carve_out or inclusive",
		    "Method: a subservice organisation is either carved out of "
		    "the report or included");
}

static void
commitment_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, F_COMMITMENT_STARTS_ON, F_COMMITMENT_ENDS_ON);
}

static void
component_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, F_COMPONENT_LIVE_ON, F_COMPONENT_RETIRED_ON);
}

static void
mapping_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, F_CONTROL_MAPPING_STARTS_ON, F_CONTROL_MAPPING_ENDS_ON);
	if (has(&it->new, F_CONTROL_MAPPING_CRITERION) ==
	    has(&it->new, F_CONTROL_MAPPING_POLICY))
		batch_say(b, it, F_CONTROL_MAPPING_CRITERION,
		    "name a criterion or a policy", "Criterion: a mapping is of a "
		    "control to one criterion, or to one policy");
}

/*
 * What was approved is what counts: afterwards an exception may end earlier,
 * but covers nothing more, and who asked and who approved stay as they were.
 */
static void
exception_approved(struct batch *b, struct batch_item *it)
{
	static const uint16_t kept[] = { F_EXCEPTION_TBL, F_EXCEPTION_SUBJECT_ID,
		F_EXCEPTION_CONTROL, F_EXCEPTION_PROCEDURE, F_EXCEPTION_POLICY,
		F_EXCEPTION_REQUESTER, F_EXCEPTION_APPROVER, F_EXCEPTION_STARTS_ON };
	const struct schema_field *f = it->change->type->fields;
	const struct cell *now = it->new.cells, *was = it->old.cells;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (was[kept[i]].state != now[kept[i]].state ||
		    !same_text(it, kept[i]))
			batch_say(b, it, kept[i], "leave it, and record another "
			    "exception for the rest", "%s: it is not changed after "
			    "the exception was approved", f[kept[i]].title);
	if (has(&it->new, F_EXCEPTION_EXPIRES) &&
	    str_cmp(now[F_EXCEPTION_EXPIRES].s, was[F_EXCEPTION_EXPIRES].s) > 0)
		batch_say(b, it, F_EXCEPTION_EXPIRES, "record another exception for "
		    "the time after it", "Expires: it is not put off after the "
		    "exception was approved until " STR_FMT,
		    STR_ARG(was[F_EXCEPTION_EXPIRES].s));
}

static void
exception_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, F_EXCEPTION_STARTS_ON, F_EXCEPTION_EXPIRES);
	if (it->exists && has(&it->old, F_EXCEPTION_STATE) &&
	    !str_is(it->old.cells[F_EXCEPTION_STATE].s, "requested") &&
	    has(&it->old, F_EXCEPTION_APPROVER))
		exception_approved(b, it);
	if (!has(&it->new, F_EXCEPTION_SUBJECT_ID) &&
	    !has(&it->new, F_EXCEPTION_CONTROL) &&
	    !has(&it->new, F_EXCEPTION_PROCEDURE) &&
	    !has(&it->new, F_EXCEPTION_POLICY))
		batch_say(b, it, F_EXCEPTION_SUBJECT_ID,
		    "name a subject with its table, a control, a procedure or a policy",
		    "Subject: an exception says what it is for");
	if (has(&it->new, F_EXCEPTION_SUBJECT_ID) !=
	    has(&it->new, F_EXCEPTION_TBL))
		batch_say(b, it, F_EXCEPTION_TBL, "give both, or neither",
		    "Table: a subject is named together with its table");
}

static void
finding_check(struct batch *b, struct batch_item *it)
{
	rules_ordered(b, it, F_FINDING_FOUND_ON, F_FINDING_CLOSED_ON);
}

static void
scope_check(struct batch *b, struct batch_item *it)
{
	if (it->new.cells[F_SCOPE_DECISION_RELEVANT].state == CELL_VALUE &&
	    it->new.cells[F_SCOPE_DECISION_RELEVANT].i == 0 &&
	    !has(&it->new, F_SCOPE_DECISION_REASON))
		batch_say(b, it, F_SCOPE_DECISION_REASON,
		    "say why, in a sentence",
		    "Reason: a criterion that is not relevant needs one");
}

static void
identity_check(struct batch *b, struct batch_item *it)
{
	bool person = str_is(it->new.cells[F_IDENTITY_DECISION_KIND].s,
	    "person");

	if (person != has(&it->new, F_IDENTITY_DECISION_PERSON))
		batch_say(b, it, F_IDENTITY_DECISION_PERSON, person ?
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
		batch_say(b, it, F_SOURCE_ZONE, p.fix, "Time zone: %s", p.what);
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
		if (needs != has(&it->new, (size_t)what[i].field))
			batch_say(b, it, what[i].field, needs ? "name it" :
			    "leave it out", "%s: the scope is " STR_FMT,
			    it->change->type->fields[what[i].field].title,
			    STR_ARG(scope));
	}
	rules_ordered(b, it, F_LEGAL_HOLD_STARTS_ON, F_LEGAL_HOLD_RELEASED_ON);
}

static void
retention_check(struct batch *b, struct batch_item *it)
{
	const struct cell *days = &it->new.cells[F_RETENTION_DAYS];
	struct str code = it->new.cells[F_RETENTION_CODE].s;

	if (days->state == CELL_VALUE && days->i < 1)
		batch_say(b, it, F_RETENTION_DAYS, "give 1 or more",
		    "Days: what came today cannot be too old");
	for (size_t i = 0; i < code.len; i++)
		if (code.ptr[i] <= 0x20 || code.ptr[i] >= 0x7f) {
			batch_say(b, it, F_RETENTION_CODE,
			    "use letters, digits and dashes",
			    "Code: it stands in the ledger as a decision");
			break;
		}
}

static const struct {
	int type;
	void (*prepare)(struct batch *b, struct batch_item *it);
	void (*check)(struct batch *b, struct batch_item *it);
} rules[] = {
	{ T_CONTROL, control_version, control_check },
	{ T_CONTROL_MAPPING, NULL, mapping_check },
	{ T_COMMITMENT, NULL, commitment_check },
	{ T_COMPONENT, NULL, component_check },
	{ T_EXCEPTION, NULL, exception_check },
	{ T_FINDING, NULL, finding_check },
	{ T_HOLIDAY, NULL, rules_program_holiday },
	{ T_IDENTITY_DECISION, NULL, identity_check },
	{ T_LEGAL_HOLD, NULL, hold_check },
	{ T_PERFORMANCE, rules_program_performed, rules_program_performance },
	{ T_PERSON, NULL, person_check },
	{ T_POLICY, NULL, rules_policy },
	{ T_POLICY_VERSION, NULL, rules_policy_version },
	{ T_RETENTION, NULL, retention_check },
	{ T_SCOPE_DECISION, NULL, scope_check },
	{ T_SOURCE, NULL, source_check },
	{ T_TOKEN, NULL, rules_access_token },
	{ T_TRIGGER, NULL, rules_program_trigger },
	{ T_TRIGGER_LOG, NULL, rules_program_log },
	{ T_USER, NULL, rules_access_user },
	{ T_VENDOR, NULL, vendor_check },
};

void
rules_prepare(struct batch *b, struct batch_item *it)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].type == it->change->type->number &&
		    rules[i].prepare != NULL)
			rules[i].prepare(b, it);
}

void
rules_check(struct batch *b, struct batch_item *it)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].type == it->change->type->number)
			rules[i].check(b, it);
}
