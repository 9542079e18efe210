/* Where tasks come from. Most are records that wait for somebody in some of
 * their states; what is more than that has a function in task_special.c. */
#include "program/task.h"

#include "schema/kind.h"
#include "text/date.h"

#define NONE (-1)

/*
 * verb and about make the title: "Deal with finding F-001: ports are open". The
 * handle is there if the type has one; ${about} is a text of a class that may
 * be sent, or a reference, which is told by its handle.
 */
struct task_rule {
	unsigned type;
	const char *states; /* separated by spaces */
	const char *verb;
	int who, due, about;
	bool clock;         /* a law or a contract sets the day */
	int done;           /* filled: nothing is left to do; or NONE */
	int64_t ahead;      /* it comes round: waits only so many days before */
};

#define RULE(x) static const struct task_rule x

RULE(acknowledge) = { T_ACKNOWLEDGEMENT, "asked", "Read and acknowledge",
	F_ACKNOWLEDGEMENT_PERSON, F_ACKNOWLEDGEMENT_DUE_ON,
	F_ACKNOWLEDGEMENT_VERSION, false, NONE, 0 };
RULE(train) = { T_TRAINING, "assigned", "Complete the course",
	F_TRAINING_PERSON, F_TRAINING_DUE_ON, F_TRAINING_COURSE, false, NONE, 0 };
RULE(declare) = { T_DECLARATION, "asked", "Sign your declaration:",
	F_DECLARATION_PERSON, F_DECLARATION_DUE_ON, F_DECLARATION_KIND, false, NONE, 0 };
RULE(check) = { T_BACKGROUND_CHECK, "requested review", "See to the background "
	"check", F_BACKGROUND_CHECK_OWNER, F_BACKGROUND_CHECK_DUE_ON,
	NONE, false, NONE, 0 };
RULE(declaration_review) = { T_DECLARATION, "declared", "Review a declaration "
	"of conduct", F_DECLARATION_REVIEWER, NONE, NONE, false, NONE, 0 };
RULE(policy_review) = { T_POLICY, "approved published", "Review policy",
	F_POLICY_OWNER, F_POLICY_REVIEW_ON, F_POLICY_TITLE, false, NONE, 30 };
RULE(version_read) = { T_POLICY_VERSION, "review", "Read before its approval:",
	F_POLICY_VERSION_REVIEWER, NONE, NONE, false,
	F_POLICY_VERSION_REVIEWED_ON, 0 };
RULE(version_approve) = { T_POLICY_VERSION, "review", "Approve",
	F_POLICY_VERSION_APPROVER, NONE, NONE, false, NONE, 0 };
RULE(campaign) = { T_CAMPAIGN, "open", "Follow up on the campaign",
	F_CAMPAIGN_OWNER, F_CAMPAIGN_DUE_ON, F_CAMPAIGN_TITLE, false, NONE, 0 };
RULE(checklist) = { T_CHECKLIST, "open", "See to checklist",
	F_CHECKLIST_OWNER, F_CHECKLIST_DUE_ON, F_CHECKLIST_KIND, false, NONE, 0 };
RULE(checklist_item) = { T_CHECKLIST_ITEM, "open", "Do:",
	F_CHECKLIST_ITEM_ASSIGNEE, F_CHECKLIST_ITEM_DUE_ON,
	F_CHECKLIST_ITEM_TITLE, false, NONE, 0 };
RULE(review_run) = { T_ACCESS_REVIEW, "open certifying remediating",
	"Bring to an end access review", F_ACCESS_REVIEW_OWNER,
	F_ACCESS_REVIEW_DUE_ON, F_ACCESS_REVIEW_TITLE, false, NONE, 0 };
RULE(review_decide) = { T_REVIEW_ITEM, "undecided", "Decide on a row of access "
	"review", F_REVIEW_ITEM_REVIEWER, NONE, F_REVIEW_ITEM_REVIEW, false,
	NONE, 0 };
RULE(review_remove) = { T_REVIEW_ITEM, "removing", "Take away access, after "
	"access review", F_REVIEW_ITEM_ASSIGNEE, F_REVIEW_ITEM_DUE_ON,
	F_REVIEW_ITEM_REVIEW, false, NONE, 0 };
RULE(request) = { T_REQUEST, "open returned", "Answer request of the auditor",
	F_REQUEST_ASSIGNEE, F_REQUEST_DUE_ON, F_REQUEST_TITLE, false, NONE, 0 };
RULE(evidence_review) = { T_EVIDENCE, "submitted", "Accept or reject evidence",
	F_EVIDENCE_REVIEWER, NONE, F_EVIDENCE_TITLE, false, NONE, 0 };
RULE(evidence_again) = { T_EVIDENCE, "rejected", "Mend rejected evidence",
	F_EVIDENCE_PREPARER, NONE, F_EVIDENCE_TITLE, false, NONE, 0 };
RULE(finding) = { T_FINDING, "open remediating", "Deal with finding",
	F_FINDING_OWNER, F_FINDING_DUE, F_FINDING_TITLE, false, NONE, 0 };
RULE(finding_verify) = { T_FINDING, "verifying", "Verify finding",
	F_FINDING_VERIFIER, F_FINDING_DUE, F_FINDING_TITLE, false, NONE, 0 };
RULE(finding_accepted) = { T_FINDING, "accepted", "Look again: acceptance ends "
	"of finding", F_FINDING_OWNER, F_FINDING_ACCEPTED_UNTIL, F_FINDING_TITLE,
	false, NONE, 30 };
RULE(remediate) = { T_REMEDIATION, "planned doing", "Carry out remediation",
	F_REMEDIATION_OWNER, F_REMEDIATION_DUE_ON, NONE, false, NONE, 0 };
RULE(remediation_verify) = { T_REMEDIATION, "done", "Verify remediation",
	F_REMEDIATION_VERIFIER, NONE, NONE, false, NONE, 0 };
RULE(recommend) = { T_RECOMMENDATION, "open accepted doing", "Follow "
	"recommendation", F_RECOMMENDATION_OWNER, F_RECOMMENDATION_DUE_ON, NONE,
	false, NONE, 0 };
RULE(recommend_verify) = { T_RECOMMENDATION, "done", "Verify recommendation",
	F_RECOMMENDATION_VERIFIER, NONE, NONE, false, NONE, 0 };
RULE(plan) = { T_PLAN_ITEM, "planned doing", "Carry out plan item",
	F_PLAN_ITEM_OWNER, F_PLAN_ITEM_DUE_ON, F_PLAN_ITEM_TITLE, false, NONE, 0 };
RULE(risk_treat) = { T_RISK, "identified analysed", "Treat risk",
	F_RISK_OWNER, F_RISK_DUE_ON, NONE, false, NONE, 0 };
RULE(risk_review) = { T_RISK, "treated accepted", "Review risk", F_RISK_OWNER,
	F_RISK_REVIEW_ON, NONE, false, NONE, 30 };
RULE(risk_accepted) = { T_RISK, "accepted", "Look again: acceptance ends of "
	"risk", F_RISK_OWNER, F_RISK_ACCEPTED_UNTIL, NONE, false, NONE, 30 };
RULE(exception_approve) = { T_EXCEPTION, "requested", "Approve or refuse "
	"exception", F_EXCEPTION_APPROVER, NONE, NONE, false, NONE, 0 };
RULE(exception_ends) = { T_EXCEPTION, "approved", "Look again: exception ends",
	F_EXCEPTION_REQUESTER, F_EXCEPTION_EXPIRES, NONE, false, NONE, 30 };
RULE(vendor_report) = { T_VENDOR, "active offboarding", "Get the next report of "
	"vendor", F_VENDOR_OWNER, F_VENDOR_REPORT_EXPIRES, NONE, false, NONE, 60 };
RULE(vendor_contract) = { T_VENDOR, "active", "Renew the contract of vendor",
	F_VENDOR_OWNER, F_VENDOR_CONTRACT_UNTIL, NONE, false, NONE, 60 };
RULE(assess_get) = { T_VENDOR_ASSESSMENT, "requested", "Get the assessment of "
	"vendor", F_VENDOR_ASSESSMENT_REQUESTER, F_VENDOR_ASSESSMENT_DUE_ON,
	F_VENDOR_ASSESSMENT_VENDOR, false, NONE, 0 };
RULE(assess_review) = { T_VENDOR_ASSESSMENT, "received", "Review the assessment "
	"of vendor", F_VENDOR_ASSESSMENT_REVIEWER, F_VENDOR_ASSESSMENT_DUE_ON,
	F_VENDOR_ASSESSMENT_VENDOR, false, NONE, 0 };
RULE(incident_triage) = { T_INCIDENT, "reported", "Triage incident",
	F_INCIDENT_OWNER, F_INCIDENT_TRIAGE_DUE_AT, NONE, false, NONE, 0 };
RULE(incident_lead) = { T_INCIDENT, "triaged contained eradicated recovered",
	"Bring to an end incident", F_INCIDENT_OWNER, NONE, NONE, false, NONE, 0 };
RULE(breach_assess) = { T_BREACH_NOTICE, "assessing", "Decide whether a breach "
	"has to be told:", F_BREACH_NOTICE_DECIDED_BY, F_BREACH_NOTICE_DUE_AT,
	NONE, true, NONE, 0 };
RULE(breach_send) = { T_BREACH_NOTICE, "required", "Send breach notice",
	F_BREACH_NOTICE_DECIDED_BY, F_BREACH_NOTICE_DUE_AT, NONE, true, NONE, 0 };
RULE(subject_request) = { T_SUBJECT_REQUEST, "received verifying working",
	"Answer request of a data subject", F_SUBJECT_REQUEST_ASSIGNEE,
	F_SUBJECT_REQUEST_DUE_AT, F_SUBJECT_REQUEST_KIND, true, NONE, 0 };
RULE(subject_confirm) = { T_SUBJECT_REQUEST, "received verifying working",
	"Confirm receipt of the request of a data subject",
	F_SUBJECT_REQUEST_ASSIGNEE, F_SUBJECT_REQUEST_ACKNOWLEDGE_BY,
	F_SUBJECT_REQUEST_KIND, true, F_SUBJECT_REQUEST_ACKNOWLEDGED_AT, 400 };
RULE(complaint) = { T_COMPLAINT, "received investigating escalated",
	"Answer complaint", F_COMPLAINT_ASSIGNEE, F_COMPLAINT_DUE_AT, NONE, true,
	NONE, 0 };
RULE(concern) = { T_CONCERN, "received triaged investigating", "Look into "
	"concern", F_CONCERN_ASSIGNEE, NONE, NONE, false, NONE, 0 };
RULE(restore) = { T_RESTORE_TEST, "scheduled failed", "Carry out restore test",
	F_RESTORE_TEST_OWNER, F_RESTORE_TEST_DUE_ON, NONE, false, NONE, 0 };
RULE(exercise) = { T_EXERCISE, "planned", "Hold exercise", F_EXERCISE_OWNER,
	F_EXERCISE_DUE_ON, F_EXERCISE_KIND, false, NONE, 0 };
RULE(exercise_review) = { T_EXERCISE, "held", "Review exercise",
	F_EXERCISE_REVIEWER, NONE, F_EXERCISE_KIND, false, NONE, 0 };
RULE(continuity) = { T_CONTINUITY_PLAN, "approved", "Review continuity plan",
	F_CONTINUITY_PLAN_OWNER, F_CONTINUITY_PLAN_REVIEW_ON, NONE, false, NONE, 30 };
RULE(impact) = { T_IMPACT, "approved", "Review impact analysis",
	F_IMPACT_OWNER, F_IMPACT_REVIEW_ON, NONE, false, NONE, 30 };
RULE(weakness) = { T_WEAKNESS, "open fixing", "Fix vulnerability",
	F_WEAKNESS_OWNER, F_WEAKNESS_DUE_ON, NONE, false, NONE, 0 };
RULE(change_approve) = { T_CHANGE, "requested", "Approve or refuse change",
	F_CHANGE_APPROVER, NONE, NONE, false, NONE, 0 };
RULE(change_review) = { T_CHANGE, "deployed", "Review emergency change",
	F_CHANGE_REVIEWER, F_CHANGE_REVIEW_DUE_ON, NONE, false,
	F_CHANGE_REVIEWED_ON, 0 };
RULE(control_test) = { T_CONTROL_TEST, "planned", "Test",
	F_CONTROL_TEST_TESTER, F_CONTROL_TEST_DUE_ON, NONE, false, NONE, 0 };
RULE(control_test_review) = { T_CONTROL_TEST, "run", "Review test",
	F_CONTROL_TEST_REVIEWER, NONE, NONE, false, NONE, 0 };
RULE(data_check) = { T_DATA_CHECK, "planned", "Check personal data",
	F_DATA_CHECK_OWNER, F_DATA_CHECK_DUE_ON, NONE, false, NONE, 0 };
RULE(processing) = { T_PROCESSING, "active", "Review processing activity",
	F_PROCESSING_OWNER, F_PROCESSING_REVIEW_ON, NONE, false, NONE, 30 };
RULE(decision) = { T_DECISION, "open", "Carry out decision", F_DECISION_OWNER,
	F_DECISION_DUE_ON, NONE, false, NONE, 0 };
RULE(watch) = { T_WATCH_ITEM, "seen assessing", "Assess watched change",
	F_WATCH_ITEM_OWNER, F_WATCH_ITEM_DUE_ON, NONE, false, NONE, 0 };
RULE(badge) = { T_DOOR_BADGE, "requested", "Approve or refuse badge",
	F_DOOR_BADGE_APPROVER, NONE, NONE, false, NONE, 0 };

static int collect(struct task_desk *d, const struct task_source *s,
    struct err *e);

#define ROW(name, what, rule) { name, what, collect, &rule }

const struct task_source task_sources[] = {
	{ "occurrence", "controls that are to be carried out",
	    task_special_occurrences, NULL },
	ROW("breach.assess", "breaches to be decided on", breach_assess),
	ROW("breach.send", "breach notices to be sent", breach_send),
	ROW("subject_request", "requests of data subjects", subject_request),
	ROW("subject_request.confirm", "requests whose receipt is to be confirmed",
	    subject_confirm),
	ROW("complaint", "complaints", complaint),
	ROW("incident.triage", "incidents to be triaged", incident_triage),
	ROW("incident.lead", "incidents that are not closed", incident_lead),
	ROW("request", "requests of the auditor", request),
	ROW("finding.owner", "findings", finding),
	ROW("finding.verify", "findings to be verified", finding_verify),
	ROW("finding.accepted", "acceptances that end", finding_accepted),
	ROW("remediation.owner", "remediations", remediate),
	ROW("remediation.verify", "remediations to be verified",
	    remediation_verify),
	ROW("recommendation.owner", "recommendations", recommend),
	ROW("recommendation.verify", "recommendations to be verified",
	    recommend_verify),
	ROW("weakness", "vulnerabilities", weakness),
	ROW("change.approve", "changes to be approved", change_approve),
	ROW("change.review", "emergency changes to be reviewed", change_review),
	ROW("exception.approve", "exceptions to be approved", exception_approve),
	ROW("exception.ends", "exceptions that end", exception_ends),
	ROW("risk.treat", "risks to be treated", risk_treat),
	ROW("risk.review", "risks to be reviewed", risk_review),
	ROW("risk.accepted", "acceptances of risks that end", risk_accepted),
	ROW("policy.review", "policies to be reviewed", policy_review),
	ROW("policy.read", "policies to be read before approval", version_read),
	ROW("policy.approve", "policies to be approved", version_approve),
	ROW("acknowledgement", "policies to be acknowledged", acknowledge),
	ROW("campaign", "acknowledgement campaigns", campaign),
	ROW("training", "courses", train),
	ROW("check", "background checks", check),
	ROW("declaration", "declarations of conduct", declare),
	ROW("declaration.review", "declarations to be reviewed",
	    declaration_review),
	ROW("checklist", "checklists", checklist),
	ROW("checklist.item", "items of checklists", checklist_item),
	ROW("review.run", "access reviews", review_run),
	ROW("review.decide", "rows of access reviews", review_decide),
	ROW("review.remove", "access to be taken away", review_remove),
	ROW("badge.approve", "badges to be approved", badge),
	ROW("evidence.review", "evidence to be reviewed", evidence_review),
	ROW("evidence.again", "evidence that was rejected", evidence_again),
	ROW("test.run", "tests by management", control_test),
	ROW("test.review", "tests to be reviewed", control_test_review),
	ROW("vendor.report", "reports of vendors", vendor_report),
	ROW("vendor.contract", "contracts of vendors", vendor_contract),
	ROW("vendor.assess", "assessments of vendors", assess_get),
	ROW("vendor.review", "assessments to be reviewed", assess_review),
	ROW("restore", "restore tests", restore),
	ROW("exercise", "exercises", exercise),
	ROW("exercise.review", "exercises to be reviewed", exercise_review),
	ROW("continuity", "continuity plans", continuity),
	ROW("impact", "impact analyses", impact),
	ROW("data_check", "checks of personal data", data_check),
	ROW("processing", "processing activities", processing),
	ROW("concern", "concerns", concern),
	ROW("decision", "decisions of meetings", decision),
	ROW("watch", "watched changes", watch),
	ROW("plan", "items of the plan", plan),
	{ "test.exceptions", "exceptions that tests found",
	    task_special_exceptions, NULL },
	{ "source.failed", "sources that fail", task_special_failed, NULL },
	{ "source.stale", "evidence that goes stale", task_special_stale, NULL },
	{ NULL, NULL, NULL, NULL },
};

static bool
in_states(struct str state, const char *states)
{
	struct str rest = str_from(states), one;

	while (rest.len > 0 && str_split(&rest, ' ', &one))
		if (str_eq(one, state))
			return (true);
	return (false);
}

static bool
may_be_sent(const struct schema_field *f)
{
	return (f->cls == CLASS_PUBLIC || f->cls == CLASS_INTERNAL);
}

static struct str
title(struct task_desk *d, const struct task_rule *rule,
    const struct record *r)
{
	const struct schema_type *t = r->type;
	BUF_SCOPED b = BUF_INIT;
	struct str about = STR("");

	buf_puts(&b, rule->verb);
	if (t->key.n > 0 && may_be_sent(&t->fields[t->key.at[0]]))
		buf_printf(&b, " " STR_FMT, STR_ARG(record_str(r, t->key.at[0])));
	if (rule->about != NONE && may_be_sent(&t->fields[rule->about]))
		about = record_text(d->s, d->a, r, (size_t)rule->about);
	if (about.len > 0)
		buf_printf(&b, "%s " STR_FMT, t->key.n > 0 ? ":" : "",
		    STR_ARG(about));
	return (arena_str(d->a, buf_str(&b)));
}

static void
set_due(struct task_desk *d, const struct task_rule *rule,
    const struct record *r, struct task *t)
{
	const struct cell *c = rule->due == NONE ? NULL : &r->cells[rule->due];
	int64_t day;

	t->due = t->due_day = INT64_MAX;
	if (c == NULL || c->state != CELL_VALUE)
		return;
	if (kind_integer(&r->type->fields[rule->due]))
		task_due_at(d, c->i, t);
	else if (date_parse(c->s, &day, NULL) == 0)
		task_due_day(d, day, t);
}

struct walk {
	struct task_desk *d;
	const struct task_source *source;
};

static int
take(void *ctx, const struct record *r, struct err *e)
{
	struct walk *w = ctx;
	const struct task_rule *rule = w->source->rule;
	struct task_desk *d = w->d;
	struct task t = { .source = w->source->name, .type = r->type,
		.clock = rule->clock, .entry = r->entry };

	(void)e;
	if (!in_states(r->cells[r->type->state].s, rule->states) ||
	    (rule->done != NONE && r->cells[rule->done].state == CELL_VALUE))
		return (0);
	set_due(d, rule, r, &t);
	if (rule->ahead > 0 && (t.due == INT64_MAX ||
	    t.due_day > d->day + rule->ahead))
		return (0);
	t.record = arena_str(d->a, r->id);
	t.person = arena_str(d->a, record_str(r, (size_t)rule->who));
	t.title = title(d, rule, r);
	t.id = str_from(arena_printf(d->a, "%s/" STR_FMT, t.source,
	    STR_ARG(t.record)));
	task_add(d, &t);
	return (0);
}

static int
collect(struct task_desk *d, const struct task_source *s,
    struct err *e)
{
	const struct schema_type *t = schema_get(s->rule->type);
	struct walk w = { d, s };
	struct record_filter f = { (uint16_t)s->rule->who, RECORD_EQ,
		CELL_STR(d->person) };
	struct record_query q = { .filters = &f, .nfilters = 1,
		.sort = RECORD_BY_ENTRY };
	struct str rest = str_from(s->rule->states), state;
	int r = 0;

	/* Of one person the index finds them; of all, the state. */
	if (d->person.len > 0)
		return (record_each(d->s, t, &q, take, &w, e));
	while (r == 0 && rest.len > 0 && str_split(&rest, ' ', &state)) {
		f = (struct record_filter){ (uint16_t)t->state, RECORD_EQ,
			CELL_STR(state) };
		r = record_each(d->s, t, &q, take, &w, e);
	}
	return (r);
}
