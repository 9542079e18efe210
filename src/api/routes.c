/* The table of routes. A new one is a function and a row here. */
#include "api/lists.h"
#include "api/misc.h"
#include "api/program_controls.h"
#include "api/program_gap.h"
#include "api/program_ledger.h"
#include "api/program_people.h"
#include "api/program_policies.h"
#include "api/program_registers.h"
#include "api/program_privacy.h"
#include "api/program_tasks.h"
#include "api/records.h"
#include "api/route.h"
#include "api/rows.h"

#define TASKS_NOW "tasks are what waits now; records and occurrences can be " \
	"asked for as of another time"
#define REGISTERS_NOW "clocks and days are counted up to now; the records " \
	"themselves can be asked for as of another time"
#define FIXED "a recorded result never changes"

#define POLICIES_NOW "how policies stand is said of now; records of the types " \
	"policy and policy_version can be asked for as of another time"
#define COURSES_NOW "courses are files as they are now; what was taken says its " \
	"version"
#define REVIEWS_NOW "how reviews stand is said of now; records of the types " \
	"access_review and review_item can be asked for as of another time"

#define ME_NOW "who may do what is asked anew with each request"
#define TYPES_NOW "types and tables are those of this program"
#define GAP_NOW "what is missing is found in the programme as it is now; " \
	"/readiness can be asked for as of another time"
#define LEDGER_NOW "the ledger is asked by numbers of entries and sizes"
#define ACCESS_NOW "the rules of access are those of this program"

/* Something that is done and is no record. */
#define DOES(p, word, sentence, type, what, form, gives_, status, look, fn,    \
    ...)                                                                       \
	{ .method = HTTPD_POST, .path = p, .id = word, .summary = sentence,    \
	    .access = ROUTE_ACT, .of = type, .act = what, .once = true,        \
	    .body = form, .answer = gives_, .good = status, .read = look,      \
	    .write = fn, ##__VA_ARGS__ }

/* A list that is computed. */
#define ROWS(p, word, sentence, who, type, cols, more, fn, ...)                \
	{ .method = HTTPD_GET, .path = p, .id = word, .summary = sentence,     \
	    .access = who, .of = type, .rows = cols,                           \
	    .params = { rows_params, more }, .pages = true, .good = 200,       \
	    .read = fn, .act = ACCESS_LIST, ##__VA_ARGS__ }

const struct route routes[] = {
	{ .method = HTTPD_GET, .path = "/openapi.json", .id = "openapi",
	    .summary = "This document", .access = ROUTE_PUBLIC,
	    .gives = "any", .good = 200, .read = misc_openapi },
	{ .method = HTTPD_GET, .path = "/me", .id = "me",
	    .summary = "Who the token acts as, and with which roles",
	    .access = ROUTE_KNOWN, .gives = "any", .good = 200,
	    .now_only = ME_NOW, .read = misc_me },
	{ .method = HTTPD_GET, .path = "/types", .id = "types",
	    .summary = "Types of record, and what may be done with them",
	    .access = ROUTE_KNOWN, .gives = "any", .good = 200,
	    .now_only = TYPES_NOW, .read = misc_types },
	{ .method = HTTPD_GET, .path = "/tables", .id = "tables",
	    .summary = "Tables of evidence", .access = ROUTE_KNOWN,
	    .gives = "any", .good = 200, .now_only = TYPES_NOW,
	    .read = misc_tables },
	{ .method = HTTPD_GET, .path = "/search", .id = "search",
	    .summary = "Records of any type by words of their texts",
	    .access = ROUTE_KNOWN, .params = { misc_search_params },
	    .now_only = "words are looked for in what is so now; a list can be "
	    "filtered as of another time",
	    .gives = "any", .good = 200, .read = misc_search },

	/* What waits for whom. */
	ROWS("/tasks", "tasks", "What waits for somebody, as far as you see it",
	    ROUTE_KNOWN, 0, program_tasks_rows, program_tasks_params,
	    program_tasks_all, .now_only = TASKS_NOW),
	ROWS("/tasks/mine", "my_tasks", "What waits for you, and is escalated to "
	    "you", ROUTE_KNOWN, 0, program_tasks_rows, program_tasks_params,
	    program_tasks_mine, .now_only = TASKS_NOW),
	ROWS("/tasks/sources", "task_sources", "Where tasks come from",
	    ROUTE_KNOWN, 0, program_tasks_source_rows, NULL,
	    program_tasks_sources),
	ROWS("/tasks/of/{name}", "tasks_of", "What waits for a person, as far as "
	    "you see it", ROUTE_ACT, T_PERSON, program_tasks_rows,
	    program_tasks_params, program_tasks_of,
	    .now_only = TASKS_NOW),
	{ .method = HTTPD_POST, .path = "/tasks/calendar", .id = "calendar_make",
	    .summary = "A new address of your calendar of tasks; the one before "
	    "works no more", .access = ROUTE_KNOWN, .good = 200,
	    .answer = program_tasks_address, .write = program_tasks_subscribe },
	{ .method = HTTPD_DELETE, .path = "/tasks/calendar",
	    .id = "calendar_end", .summary = "The address of your calendar works "
	    "no more", .access = ROUTE_KNOWN, .good = 204,
	    .write = program_tasks_unsubscribe },
	{ .method = HTTPD_GET, .path = "/feeds/{name}", .id = "calendar",
	    .summary = "Tasks as iCalendar (RFC 5545), by its secret address",
	    .access = ROUTE_PUBLIC, .media = "text/calendar", .good = 200,
	    .read = program_tasks_calendar },
	ROWS("/messages", "messages", "What was sent, what waits, and what could "
	    "not be sent", ROUTE_ACT, T_USER, program_tasks_message_rows, NULL,
	    program_tasks_messages, .now_only = "what was sent is kept for 90 days, "
	    "and not as it was"),
	{ .method = HTTPD_POST, .path = "/messages/{name}/retry",
	    .id = "message_retry", .summary = "Send it again now; all: every dead "
	    "one", .access = ROUTE_ACT, .of = T_USER, .act = ACCESS_LIST,
	    .answer = program_tasks_count, .good = 200,
	    .read = program_tasks_retry },
	{ .method = HTTPD_POST, .path = "/messages/{name}/drop",
	    .id = "message_drop", .summary = "Do not send it",
	    .access = ROUTE_ACT, .of = T_USER, .act = ACCESS_LIST,
	    .answer = program_tasks_count, .good = 200,
	    .read = program_tasks_drop },

	/* For a company's own web site. */
	{ .method = HTTPD_POST, .path = "/privacy/consents", .id = "consent_give",
	    .summary = "Record that somebody consented", .access = ROUTE_KNOWN,
	    .door = ACCESS_CONSENTS, .once = true,
	    .body = program_privacy_consent_body,
	    .answer = program_privacy_consent, .good = 201,
	    .write = program_privacy_give },
	{ .method = HTTPD_POST, .path = "/privacy/consents/withdraw",
	    .id = "consent_withdraw", .summary = "Record that a consent was taken "
	    "back", .access = ROUTE_KNOWN, .door = ACCESS_CONSENTS, .once = true,
	    .body = program_privacy_withdraw_body,
	    .answer = program_privacy_withdrawn, .good = 200,
	    .write = program_privacy_withdraw },
	{ .method = HTTPD_POST, .path = "/privacy/consents/state",
	    .id = "consent_state", .summary = "What somebody consented to, now",
	    .access = ROUTE_KNOWN, .door = ACCESS_CONSENTS,
	    .body = program_privacy_ask_body, .answer = program_privacy_states,
	    .good = 200, .read = program_privacy_ask },
	{ .method = HTTPD_POST, .path = "/privacy/requests",
	    .id = "subject_request_take", .summary = "Hand in the request of a data "
	    "subject", .access = ROUTE_KNOWN, .door = ACCESS_REQUESTS,
	    .body = program_privacy_request_body,
	    .answer = program_privacy_request, .good = 201,
	    .write = program_privacy_take },
	{ .method = HTTPD_POST, .path = "/privacy/requests/status",
	    .id = "subject_request_status", .summary = "How a request stands",
	    .access = ROUTE_KNOWN, .door = ACCESS_REQUESTS,
	    .body = program_privacy_status_body,
	    .answer = program_privacy_status, .good = 200,
	    .read = program_privacy_stands },

	/* How things stand. */
	ROWS("/readiness", "readiness", "Each criterion: what exists, what tests "
	    "said, what is missing", ROUTE_ACT, T_CONTROL,
	    program_controls_criterion_rows, NULL, program_controls_criteria,
	    .as_of = true),
	ROWS("/readiness/controls", "readiness_controls", "The same of each "
	    "control", ROUTE_ACT, T_CONTROL, program_controls_control_rows, NULL,
	    program_controls_controls, .as_of = true),
	ROWS("/readiness/gaps", "readiness_gaps", "All that is missing",
	    ROUTE_ACT, T_CONTROL, program_controls_gap_rows, NULL,
	    program_controls_gaps, .as_of = true),
	{ .method = HTTPD_GET, .path = "/readiness/summary",
	    .id = "readiness_summary", .summary = "The whole in numbers",
	    .access = ROUTE_ACT, .of = T_CONTROL, .act = ACCESS_LIST,
	    .as_of = true, .answer = program_controls_summary_form, .good = 200,
	    .read = program_controls_summary },
	ROWS("/procedures", "procedures", "Tests of controls, and what they mean",
	    ROUTE_ACT, T_CONTROL, program_controls_procedure_rows, NULL,
	    program_controls_procedures, .now_only = "the procedures are those of "
	    "this program; a result names the one that it was judged by"),
	ROWS("/procedures/{name}/results", "results_of", "Every recorded result "
	    "of a procedure", ROUTE_ACT, T_CONTROL, program_controls_result_rows,
	    NULL, program_controls_results_of, .as_of = true),
	ROWS("/results", "results", "The last result of each procedure",
	    ROUTE_ACT, T_CONTROL, program_controls_result_rows, NULL,
	    program_controls_results, .as_of = true),
	{ .method = HTTPD_GET, .path = "/results/{name}", .id = "result",
	    .summary = "One result, by its entry", .access = ROUTE_ACT,
	    .of = T_CONTROL, .act = ACCESS_LIST, .now_only = FIXED,
	    .answer = program_controls_result_form, .good = 200,
	    .read = program_controls_result },
	ROWS("/results/{name}/members", "result_members", "Members that are not "
	    "ok, those that fail first", ROUTE_ACT, T_CONTROL,
	    program_controls_member_rows, NULL, program_controls_members,
	    .now_only = FIXED),
	ROWS("/occurrences", "occurrences", "When each control was expected, and "
	    "whether it was on time", ROUTE_ACT, T_CONTROL,
	    program_controls_occurrence_rows, program_controls_params,
	    program_controls_occurrences, .as_of = true),
	{ .method = HTTPD_POST, .path = "/occurrences/{name}", .id = "perform",
	    .summary = "Record that the control was carried out",
	    .access = ROUTE_ACT, .of = T_PERFORMANCE, .act = ACCESS_CREATE,
	    .once = true, .body = program_controls_perform_body,
	    .answer = program_controls_occurrence_rows, .good = 201,
	    .read = program_controls_read_perform,
	    .write = program_controls_perform },

	/* Policies. */
	ROWS("/policies", "policies", "How each policy stands", ROUTE_ACT,
	    T_POLICY, program_policies_rows, NULL, program_policies_list,
	    .now_only = POLICIES_NOW),
	{ .method = HTTPD_GET, .path = "/policies/{name}", .id = "policy_text",
	    .summary = "What is in force, with its text", .access = ROUTE_ACT,
	    .of = T_POLICY, .act = ACCESS_READ, .now_only = POLICIES_NOW,
	    .answer = program_policies_form, .good = 200,
	    .read = program_policies_show },
	ROWS("/policies/{name}/versions", "policy_versions", "Its versions, the "
	    "oldest first", ROUTE_ACT, T_POLICY_VERSION,
	    program_policies_version_rows, NULL, program_policies_versions,
	    .now_only = POLICIES_NOW),
	{ .method = HTTPD_GET, .path = "/policies/{name}/versions/{item}",
	    .id = "policy_version_text", .summary = "One version, with its text",
	    .access = ROUTE_ACT, .of = T_POLICY_VERSION, .act = ACCESS_READ,
	    .now_only = POLICIES_NOW, .answer = program_policies_version_form,
	    .good = 200, .read = program_policies_version },
	{ .method = HTTPD_GET, .path = "/policies/{name}/diff",
	    .id = "policy_diff", .summary = "What is different between two "
	    "versions", .access = ROUTE_ACT, .of = T_POLICY_VERSION,
	    .act = ACCESS_READ, .params = { program_policies_diff_params },
	    .now_only = POLICIES_NOW, .answer = program_policies_diff_form,
	    .good = 200, .read = program_policies_diff },
	{ .method = HTTPD_GET, .path = "/policies/{name}/pdf",
	    .id = "policy_pdf", .summary = "The policy as a document",
	    .access = ROUTE_ACT, .of = T_POLICY, .act = ACCESS_READ,
	    .params = { program_policies_version_params },
	    .now_only = POLICIES_NOW, .media = "application/pdf", .good = 200,
	    .read = program_policies_pdf },
	DOES("/policies/{name}/draft", "policy_draft", "Write the next version",
	    T_POLICY_VERSION, ACCESS_CREATE, program_policies_draft_body,
	    program_policies_step_form, 201, program_policies_read_except,
	    program_policies_draft),
	DOES("/policies/{name}/review", "policy_review", "Put the draft up for "
	    "approval", T_POLICY_VERSION, ACCESS_STEP,
	    program_policies_review_body, program_policies_step_form, 200,
	    program_policies_named, program_policies_review),
	DOES("/policies/{name}/back", "policy_back", "To draft again",
	    T_POLICY_VERSION, ACCESS_STEP, NULL, program_policies_step_form, 200,
	    program_policies_named, program_policies_back),
	DOES("/policies/{name}/approve", "policy_approve", "Approve it: not by "
	    "its author", T_POLICY_VERSION, ACCESS_STEP,
	    program_policies_approve_body, program_policies_step_form, 200,
	    program_policies_read_approve, program_policies_approve),
	DOES("/policies/{name}/publish", "policy_publish", "Put what was approved "
	    "in force", T_POLICY_VERSION, ACCESS_STEP,
	    program_policies_publish_body, program_policies_step_form, 200,
	    program_policies_named, program_policies_publish),
	DOES("/policies/{name}/drop", "policy_drop", "Give up what is worked on",
	    T_POLICY_VERSION, ACCESS_STEP, NULL, program_policies_step_form, 200,
	    program_policies_named, program_policies_drop),
	DOES("/policies/{name}/exceptions", "policy_except", "Ask for an "
	    "exception", T_EXCEPTION, ACCESS_CREATE,
	    program_policies_except_body, program_policies_code_form, 201,
	    program_policies_read_except, program_policies_except),
	DOES("/acknowledge", "acknowledge", "Acknowledge what one was asked for",
	    T_ACKNOWLEDGEMENT, ACCESS_STEP, program_policies_ack_body,
	    program_policies_count_form, 200, program_policies_read_ack,
	    program_policies_ack),
	DOES("/acknowledge/excuse", "acknowledge_excuse", "Excuse somebody",
	    T_ACKNOWLEDGEMENT, ACCESS_STEP, program_policies_excuse_body,
	    program_policies_count_form, 200, NULL, program_policies_excuse),
	ROWS("/campaigns", "campaigns", "Acknowledgement campaigns, and how they "
	    "go", ROUTE_ACT, T_CAMPAIGN, program_policies_campaign_rows, NULL,
	    program_policies_campaigns, .now_only = POLICIES_NOW),
	DOES("/campaigns", "campaign_open", "Ask people to acknowledge",
	    T_CAMPAIGN, ACCESS_CREATE, program_policies_campaign_body,
	    program_policies_code_form, 201, NULL,
	    program_policies_campaign_new),
	DOES("/campaigns/{name}/refresh", "campaign_refresh", "Ask those who "
	    "joined since", T_CAMPAIGN, ACCESS_CHANGE, NULL,
	    program_policies_count_form, 200, program_policies_campaign_named,
	    program_policies_campaign_refresh),
	DOES("/campaigns/{name}/close", "campaign_close", "What is open stays "
	    "listed", T_CAMPAIGN, ACCESS_STEP, NULL, program_policies_count_form,
	    200, program_policies_campaign_named,
	    program_policies_campaign_close),

	/* Courses, the roster, checklists. */
	ROWS("/courses", "courses", "Courses that there are", ROUTE_KNOWN, 0,
	    program_people_course_rows, NULL, program_people_courses,
	    .now_only = COURSES_NOW),
	{ .method = HTTPD_GET, .path = "/courses/{name}", .id = "course",
	    .summary = "Its texts and questions, without the answers",
	    .access = ROUTE_KNOWN, .answer = program_people_course_form,
	    .now_only = COURSES_NOW, .good = 200, .read = program_people_course },
	ROWS("/courses/{name}/completion", "course_completion", "Who is to "
	    "complete it, and has", ROUTE_ACT, T_TRAINING,
	    program_people_completion_rows, NULL, program_people_completion,
	    .now_only = "it is said how it stands now; records of type training "
	    "can be asked for as of another time"),
	DOES("/courses/{name}/answers", "course_answer", "Take the course",
	    T_TRAINING, ACCESS_STEP, program_people_answers_body,
	    program_people_attempt_form, 200, program_people_read_answers,
	    program_people_answers),
	DOES("/courses/{name}/assign", "course_assign", "Who is to take it",
	    T_TRAINING, ACCESS_CREATE, program_people_assign_body,
	    program_people_count_form, 200, NULL, program_people_assign),
	DOES("/courses/{name}/excuse", "course_excuse", "Excuse somebody",
	    T_TRAINING, ACCESS_CHANGE, program_people_excuse_body,
	    program_people_count_form, 200, NULL, program_people_excuse),
	{ .method = HTTPD_POST, .path = "/people:import", .id = "roster",
	    .summary = "A roster: who joins, changes, returns, leaves",
	    .access = ROUTE_ACT, .of = T_PERSON, .act = ACCESS_CREATE,
	    .params = { program_people_import_params }, .once = true,
	    .takes = "csv", .answer = program_people_import_form, .good = 200,
	    .read = program_people_read_import, .write = program_people_import },
	DOES("/people/checklists", "checklists", "Make checklists for who comes "
	    "and goes", T_CHECKLIST, ACCESS_CREATE, NULL,
	    program_people_count_form, 200, NULL, program_people_checklists),
	DOES("/people/{name}/move", "move", "Make a checklist for a change of "
	    "place", T_CHECKLIST, ACCESS_CREATE, NULL,
	    program_people_count_form, 200, program_people_read_move,
	    program_people_move),

	/* Access reviews. */
	ROWS("/reviews", "reviews", "Access reviews, and how they stand",
	    ROUTE_ACT, T_ACCESS_REVIEW, program_people_review_rows, NULL,
	    program_people_reviews, .now_only = REVIEWS_NOW),
	DOES("/reviews", "review_start", "Freeze the list of who has access",
	    T_ACCESS_REVIEW, ACCESS_CREATE, program_people_review_body,
	    program_people_started_form, 201, NULL, program_people_review_start,
	    .evidence = true),
	ROWS("/reviews/{name}/rows", "review_rows", "The rows of a review",
	    ROUTE_ACT, T_REVIEW_ITEM, program_people_review_item_rows, NULL,
	    program_people_review_items, .now_only = REVIEWS_NOW),
	DOES("/reviews/{name}/rows/{item}", "review_decide", "Keep or remove: not "
	    "one's own access", T_REVIEW_ITEM, ACCESS_STEP,
	    program_people_decide_body, program_people_count_form, 200,
	    program_people_read_decide, program_people_decide),
	DOES("/reviews/{name}/check", "review_check", "Look whether what was to "
	    "be removed is gone", T_ACCESS_REVIEW, ACCESS_STEP, NULL,
	    program_people_checked_form, 200, program_people_review_named,
	    program_people_check, .evidence = true),

	/* The gap analysis. */
	ROWS("/gap", "gap", "Each criterion in scope: what there is, what is "
	    "missing, how much it is", ROUTE_ACT, T_CONTROL,
	    program_gap_criterion_rows, NULL, program_gap_criteria,
	    .now_only = GAP_NOW),
	ROWS("/gap/items", "gap_items", "What is missing, as pieces of work in "
	    "their order", ROUTE_ACT, T_CONTROL, program_gap_item_rows, NULL,
	    program_gap_items, .now_only = GAP_NOW),
	ROWS("/gap/questions", "gap_questions", "Questions about the company, "
	    "with the answers", ROUTE_ACT, T_GAP_ANSWER,
	    program_gap_question_rows, NULL, program_gap_questions,
	    .now_only = "records of type gap_answer can be asked for as of "
	    "another time"),
	DOES("/gap/answers", "gap_answer", "Answer them, and do what follows",
	    T_GAP_ANSWER, ACCESS_CREATE, program_gap_answers_body,
	    program_gap_answered_form, 200, NULL, program_gap_answer),
	DOES("/gap/plan", "gap_plan", "Bring the plan up to date", T_PLAN_ITEM,
	    ACCESS_CREATE, program_gap_plan_body, program_gap_planned_form, 200,
	    NULL, program_gap_plan, .evidence = true),
	ROWS("/gap/progress", "gap_progress", "What is other than at an earlier "
	    "time", ROUTE_ACT, T_CONTROL, program_gap_progress_rows,
	    program_gap_progress_params, program_gap_progress,
	    .now_only = "it is between two times: give from and to"),

	/* The ledger, sources, access. */
	{ .method = HTTPD_GET, .path = "/ledger", .id = "ledger",
	    .summary = "The head of the log, its keys and witnesses",
	    .access = ROUTE_KNOWN, .answer = program_ledger_head_form,
	    .now_only = LEDGER_NOW, .good = 200, .read = program_ledger_head },
	ROWS("/ledger/entries", "entries", "What was done, entry by entry",
	    ROUTE_KNOWN, 0, program_ledger_entry_rows,
	    program_ledger_entry_params, program_ledger_entries,
	    .now_only = LEDGER_NOW),
	{ .method = HTTPD_GET, .path = "/ledger/entries/{name}", .id = "entry",
	    .summary = "One entry, by its number", .access = ROUTE_KNOWN,
	    .now_only = LEDGER_NOW, .answer = program_ledger_entry_form,
	    .good = 200, .read = program_ledger_entry },
	{ .method = HTTPD_GET, .path = "/ledger/inclusion/{name}",
	    .id = "inclusion", .summary = "That an entry is in the log",
	    .access = ROUTE_KNOWN, .params = { program_ledger_size_params },
	    .now_only = LEDGER_NOW, .answer = program_ledger_inclusion_form,
	    .good = 200, .read = program_ledger_inclusion },
	{ .method = HTTPD_GET, .path = "/ledger/consistency",
	    .id = "consistency", .summary = "That the log extends an earlier one",
	    .access = ROUTE_KNOWN, .params = { program_ledger_between_params },
	    .now_only = LEDGER_NOW, .answer = program_ledger_consistency_form,
	    .good = 200, .read = program_ledger_consistency },
	{ .method = HTTPD_GET, .path = "/ledger/receipts/{name}",
	    .id = "receipt", .summary = "A receipt of an entry, to be checked "
	    "offline (C2SP tlog-proof)", .access = ROUTE_KNOWN,
	    .now_only = LEDGER_NOW, .media = "text/plain", .good = 200,
	    .read = program_ledger_receipt },
	ROWS("/sources", "sources", "Sources of evidence, and whether they work",
	    ROUTE_ACT, T_SOURCE, program_ledger_source_rows, NULL,
	    program_ledger_sources, .now_only = "whether sources work is said of "
	    "now; /runs can be asked for as of another time"),
	ROWS("/runs", "runs", "Collections, table by table, the newest first",
	    ROUTE_ACT, T_SOURCE, program_ledger_run_rows,
	    program_ledger_run_params, program_ledger_runs, .as_of = true),
	ROWS("/access", "access", "Groups of types that the rules of access speak "
	    "of", ROUTE_KNOWN, 0, program_ledger_group_rows, NULL,
	    program_ledger_groups, .now_only = ACCESS_NOW),
	ROWS("/access/{name}", "who_can", "Who may do what with a type or a field "
	    "(type.field), and why", ROUTE_KNOWN, 0, program_ledger_rule_rows,
	    NULL, program_ledger_rules, .now_only = ACCESS_NOW),
	/* Registers. */
	ROWS("/registers/risks", "risks", "Risks, the heaviest first, and what "
	    "needs somebody", ROUTE_ACT, T_RISK, program_registers_risk_rows,
	    program_registers_closed, program_registers_risks,
	    .now_only = REGISTERS_NOW),
	ROWS("/registers/risks/matrix", "risk_matrix", "How many risks of each "
	    "likelihood and impact, before and with the controls", ROUTE_ACT,
	    T_RISK, program_registers_matrix_rows, NULL,
	    program_registers_matrix, .now_only = REGISTERS_NOW),
	ROWS("/registers/vendors", "vendors", "What vendors' reports cover of our "
	    "period, and the days left open", ROUTE_ACT, T_VENDOR,
	    program_registers_vendor_rows, program_registers_vendor_params,
	    program_registers_vendors, .now_only = REGISTERS_NOW),
	ROWS("/registers/incidents", "incidents", "Incidents with their clocks",
	    ROUTE_ACT, T_INCIDENT, program_registers_incident_rows,
	    program_registers_closed, program_registers_incidents,
	    .now_only = REGISTERS_NOW),
	ROWS("/registers/incidents/{name}", "timeline", "What happened in an "
	    "incident, in the order of time", ROUTE_ACT, T_INCIDENT,
	    program_registers_moment_rows, NULL, program_registers_timeline,
	    .now_only = REGISTERS_NOW),

	/* Records. */
	{ .method = HTTPD_GET, .path = "/tables/{table}", .id = "rows",
	    .summary = "Rows of evidence, as they were at an instant",
	    .access = ROUTE_ACT, .act = ACCESS_LIST, .as_of = true,
	    .params = { lists_params, lists_one_params }, .pages = true,
	    .gives = "page", .good = 200, .read = misc_table },
	{ .method = HTTPD_GET, .path = "/{type}", .id = "list",
	    .summary = "List, filter, sort, search, or take out as a file",
	    .access = ROUTE_ACT, .act = ACCESS_LIST, .as_of = true,
	    .params = { lists_params, lists_one_params }, .pages = true,
	    .gives = "page", .good = 200, .read = records_list },
	{ .method = HTTPD_POST, .path = "/{type}", .id = "create",
	    .summary = "Make a record", .access = ROUTE_ACT,
	    .act = ACCESS_CREATE, .params = { lists_one_params }, .once = true,
	    .takes = "new", .gives = "record", .good = 201,
	    .read = records_read_new, .write = records_create },
	{ .method = HTTPD_POST, .path = "/{type}:import", .id = "import",
	    .summary = "Make and change many, all or nothing",
	    .access = ROUTE_ACT, .act = ACCESS_CREATE,
	    .params = { records_import_params }, .once = true,
	    .takes = "batch", .gives = "any", .good = 200,
	    .read = records_read_import, .write = records_import },
	{ .method = HTTPD_GET, .path = "/{type}/{name}", .id = "show",
	    .summary = "One record, by id or handle", .access = ROUTE_ACT,
	    .act = ACCESS_READ, .params = { lists_one_params }, .as_of = true,
	    .gives = "record", .good = 200, .read = records_show },
	{ .method = HTTPD_PATCH, .path = "/{type}/{name}", .id = "change",
	    .summary = "Change fields, or take a step by setting state",
	    .access = ROUTE_KNOWN, .params = { lists_one_params },
	    .once = true, .if_match = true, .takes = "patch",
	    .gives = "record", .good = 200, .read = records_read_patch,
	    .write = records_change },
	{ .method = HTTPD_DELETE, .path = "/{type}/{name}", .id = "retire",
	    .summary = "Take out of use; its history stays",
	    .access = ROUTE_ACT, .act = ACCESS_RETIRE, .once = true,
	    .if_match = true, .good = 204, .read = records_read_delete,
	    .write = records_retire },
	{ .method = HTTPD_GET, .path = "/{type}/{name}/history",
	    .id = "history", .summary = "Every revision, and what it changed",
	    .access = ROUTE_ACT, .act = ACCESS_HISTORY, .as_of = true,
	    .params = { rows_params }, .rows = records_history_rows,
	    .pages = true, .good = 200, .read = records_history },
	{ .method = HTTPD_GET, .path = "/{type}/{name}/steps", .id = "steps",
	    .summary = "The states that it may go to now, and what they need",
	    .access = ROUTE_ACT, .act = ACCESS_READ, .as_of = true,
	    .answer = records_steps_form, .good = 200, .read = records_steps },
	{ .path = NULL },
};
