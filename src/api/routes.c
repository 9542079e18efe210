/* The table of routes. A new one is a function and a row here. */
#include "api/lists.h"
#include "api/misc.h"
#include "api/program_controls.h"
#include "api/program_tasks.h"
#include "api/records.h"
#include "api/route.h"
#include "api/rows.h"

#define TASKS_NOW "tasks are what waits now; records and occurrences can be " \
	"asked for as of another time"
#define FIXED "a recorded result never changes"

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
	    .read = misc_me },
	{ .method = HTTPD_GET, .path = "/types", .id = "types",
	    .summary = "Types of record, and what may be done with them",
	    .access = ROUTE_KNOWN, .gives = "any", .good = 200,
	    .read = misc_types },
	{ .method = HTTPD_GET, .path = "/tables", .id = "tables",
	    .summary = "Tables of evidence", .access = ROUTE_KNOWN,
	    .gives = "any", .good = 200, .read = misc_tables },
	{ .method = HTTPD_GET, .path = "/search", .id = "search",
	    .summary = "Records of any type by words of their texts",
	    .access = ROUTE_KNOWN, .params = { misc_search_params },
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
	    .access = ROUTE_ACT, .act = ACCESS_HISTORY, .gives = "any",
	    .good = 200, .read = records_history },
	{ .method = HTTPD_GET, .path = "/{type}/{name}/steps", .id = "steps",
	    .summary = "The states that it may go to now, and what they need",
	    .access = ROUTE_ACT, .act = ACCESS_READ, .gives = "any",
	    .good = 200, .read = records_steps },
	{ .path = NULL },
};
