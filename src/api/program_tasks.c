#include "api/program_tasks.h"

#include "api/look.h"
#include "api/rows.h"
#include "assess/assess.h"
#include "base/clock.h"
#include "base/log.h"
#include "evidence/evidence.h"
#include "program/feed.h"
#include "program/outbox.h"
#include "program/task.h"
#include "record/actor.h"
#include "record/reader.h"
#include "record/workspace.h"
#include "sys/crypto.h"
#include "sys/db.h"
#include "text/date.h"

#define CALENDAR "/feeds/"

const struct param program_tasks_params[] = {
	{ "overdue", "Only what is overdue.",
	    "{\"type\":\"boolean\",\"default\":false}", false },
	{ NULL, NULL, NULL, false },
};

const struct shape program_tasks_rows[] = {
	{ .name = "id", .what = "The same as long as it is the same task: source, "
	    "record, window." },
	{ .name = "source", .what = "Where it comes from." },
	{ .name = "title", .what = "What is to be done." },
	{ .name = "type", .what = "Type of the record that it is about." },
	{ .name = "record", .what = "Id of that record." },
	{ .name = "person", .what = "Code of the person who has to do it; null: "
	    "nobody." },
	{ .name = "due_on", .kind = SHAPE_DATE, .what = "Its last day." },
	{ .name = "due_at", .kind = SHAPE_TIME, .what = "The instant after "
	    "that." },
	{ .name = "working_days_left", .kind = SHAPE_INT,
	    .what = "Negative when it is overdue." },
	{ .name = "overdue", .kind = SHAPE_BOOL, .what = "Its time is past." },
	{ .name = "clock", .kind = SHAPE_BOOL,
	    .what = "A law or a contract says when." },
	{ .name = "why", .values = "own manager lead",
	    .what = "Whose it is: one's own, or escalated." },
	{ .name = NULL },
};

const struct shape program_tasks_source_rows[] = {
	{ .name = "source", .what = "Its name." },
	{ .name = "what", .what = "What waits." },
	{ .name = NULL },
};

const struct shape program_tasks_address[] = {
	{ .name = "url", .what = "For a calendar program. Whoever has it sees the "
	    "tasks: it is shown once, and a new one ends the one before." },
	{ .name = NULL },
};

const struct shape program_tasks_message_rows[] = {
	{ .name = "id", .kind = SHAPE_INT, .what = "Its number." },
	{ .name = "key", .what = "One message for each, ever." },
	{ .name = "kind", .what = "digest or webhook." },
	{ .name = "to", .what = "Code of the person, or name of the webhook." },
	{ .name = "state", .what = "waiting, sent, dead or dropped." },
	{ .name = "attempts", .kind = SHAPE_INT, .what = "How often it was "
	    "tried." },
	{ .name = "created_at", .kind = SHAPE_TIME, .what = "When it was made." },
	{ .name = "last_at", .kind = SHAPE_TIME, .what = "The last attempt." },
	{ .name = "next_at", .kind = SHAPE_TIME, .what = "The next one." },
	{ .name = "error", .what = "What went wrong." },
	{ .name = NULL },
};

const struct shape program_tasks_count[] = {
	{ .name = "messages", .kind = SHAPE_INT, .what = "How many." },
	{ .name = NULL },
};

/* --- tasks ------------------------------------------------------------------ */

struct desk {
	struct settings settings;
	struct evidence *ev;
	struct assess *as;
	struct task_desk d;
};

static void
desk_close(struct desk *k)
{
	assess_close(k->as);
	evidence_close(k->ev);
}
#define DESK_SCOPED __attribute__((cleanup(desk_close))) struct desk

static int
desk_open(struct context *x, struct call *c, struct desk *k, struct err *e)
{
	char line[2304];
	struct err own;

	/* What is wrong with it is the server's business, not the client's. */
	if (settings_load(&c->a, x->ws->dir, &k->settings, &own) != 0) {
		err_format(&own, line, sizeof(line));
		log_event(LOG_ERROR, "api", "error", line, NULL);
		return (call_problem(c, 503, "the settings of the programme cannot "
		    "be read; the server's log says why", "mend them"));
	}
	int r = look_evidence(x, &k->ev, e);
	if (r == 0)
		r = assess_open(&k->as, x->ws, k->ev, e);
	if (r == 0)
		r = task_desk_open(&c->a, x->ws, &k->settings,
		    assess_procedures(k->as), k->ev, &k->d, e);
	return (r);
}

static struct val *
row_of(struct context *x, struct call *c, const struct task *t)
{
	static const char *const levels[] = { "own", "manager", "lead" };
	struct arena *a = &c->a;
	struct val *m = val_map(a);
	bool due = t->due != INT64_MAX;
	char day[DATE_SIZE];

	val_put(a, m, "id", val_str(a, t->id));
	val_put(a, m, "source", val_text(a, t->source));
	val_put(a, m, "title", val_str(a, t->title));
	val_put(a, m, "type", val_text(a, t->type->name));
	val_put(a, m, "record", val_str(a, t->record));
	val_put(a, m, "person", look_handle(x, c, T_PERSON, t->person));
	val_put(a, m, "due_on", due ? val_text(a, date_print(t->due_day, day)) :
	    val_null(a));
	val_put(a, m, "due_at", look_time(c, due ? t->due : 0));
	val_put(a, m, "working_days_left", due ? val_int(a, t->left) :
	    val_null(a));
	val_put(a, m, "overdue", val_bool(a, t->overdue));
	val_put(a, m, "clock", val_bool(a, t->clock));
	val_put(a, m, "why", val_text(a, levels[t->level]));
	return (m);
}

/* As task_sort() has them: what ran out by law, what is overdue, what is due
 * next, what has no day. */
static struct str
key_of(struct call *c, const struct task *t)
{
	int rank = t->overdue ? !t->clock : t->due == INT64_MAX ? 3 : 2;

	return (str_from(arena_printf(&c->a, "%d%020lld%d" STR_FMT, rank,
	    (long long)t->due, !t->clock, STR_ARG(t->id))));
}

static int
answer_tasks(struct context *x, struct call *c, const struct task_list *l,
    struct err *e)
{
	struct rows r = { 0 };
	bool overdue;
	int k = params_flag(&c->params, "overdue", &overdue, e);

	for (size_t i = 0; k == 0 && i < l->n; i++)
		if (!overdue || l->at[i].overdue)
			rows_add(c, &r, key_of(c, &l->at[i]), row_of(x, c,
			    &l->at[i]));
	return (k != 0 ? k : rows_answer(x, c, &r, e));
}

int
program_tasks_all(struct context *x, struct call *c, struct err *e)
{
	DESK_SCOPED k = { .ev = NULL };
	struct task_list l;
	int r = desk_open(x, c, &k, e);

	if (r == 0)
		r = task_all(&k.d, &l, e);
	if (r == 0)
		r = task_see_only(&k.d, x->store->reader, false, &l, e);
	return (r != 0 ? r : answer_tasks(x, c, &l, e));
}

static int
need_person(struct call *c)
{
	return (c->who.person.len != 0 ? 0 : call_problem(c, 403, "the user of "
	    "the token is no person, so no task is theirs",
	    "give the user a person, or ask for all tasks"));
}

int
program_tasks_mine(struct context *x, struct call *c, struct err *e)
{
	DESK_SCOPED k = { .ev = NULL };
	struct task_list l;
	int r = need_person(c);

	if (r == 0)
		r = desk_open(x, c, &k, e);
	if (r == 0)
		r = task_inbox(&k.d, c->who.person, &l, e);
	if (r == 0)
		r = task_see_only(&k.d, x->store->reader, true, &l, e);
	return (r != 0 ? r : answer_tasks(x, c, &l, e));
}

int
program_tasks_of(struct context *x, struct call *c, struct err *e)
{
	DESK_SCOPED k = { .ev = NULL };
	struct task_list l;
	struct record *p;
	int r = look_find(x, c, T_PERSON, c->name, ACCESS_READ, &p, e);

	if (r == 0)
		r = desk_open(x, c, &k, e);
	if (r == 0)
		r = task_inbox(&k.d, p->id, &l, e);
	if (r == 0)
		r = task_see_only(&k.d, x->store->reader, str_eq(p->id,
		    c->who.person), &l, e);
	return (r != 0 ? r : answer_tasks(x, c, &l, e));
}

int
program_tasks_sources(struct context *x, struct call *c, struct err *e)
{
	struct rows r = { 0 };

	for (size_t i = 0; task_sources[i].name != NULL; i++) {
		struct val *m = val_map(&c->a);
		val_put(&c->a, m, "source", val_text(&c->a,
		    task_sources[i].name));
		val_put(&c->a, m, "what", val_text(&c->a, task_sources[i].what));
		rows_add(c, &r, str_from(task_sources[i].name), m);
	}
	return (rows_answer(x, c, &r, e));
}

/* --- the calendar -------------------------------------------------------------- */

/*
 * Calendar programs send no header field, so the address itself is the secret:
 * a table of records.db holds its digest for each user. It shows tasks and lets
 * nobody do anything.
 */
static int
make_table(struct db *db, struct err *e)
{
	return (db_exec(db, "CREATE TABLE IF NOT EXISTS api_calendar("
	    " user TEXT PRIMARY KEY,"
	    " digest BLOB NOT NULL UNIQUE,"
	    " made INTEGER NOT NULL) STRICT, WITHOUT ROWID", e));
}

/* "user:ID/token:ID": ID. */
static struct str
user_of(const struct call *c)
{
	struct str s = c->who.id, user;

	return (str_starts(s, "user:") && str_split(&s, '/', &user) ?
	    (struct str){ user.ptr + 5, user.len - 5 } : STR(""));
}

static int
forget_address(struct context *x, struct call *c, struct err *e)
{
	struct stmt *st;
	int r = make_table(x->ws->db, e);

	if (r == 0)
		r = db_cached(x->ws->db, &st, "DELETE FROM api_calendar WHERE "
		    "user=?", e);
	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, user_of(c));
	return (stmt_run(st, e));
}

int
program_tasks_subscribe(struct context *x, struct call *c, struct err *e)
{
	char secret[RECORD_SECRET], digest[65];
	uint8_t h[CRYPTO_HASH];
	struct val *m = val_map(&c->a);
	struct stmt *st;
	int r = need_person(c);

	if (r == 0)
		r = forget_address(x, c, e);
	if (r == 0)
		r = db_cached(x->ws->db, &st, "INSERT INTO api_calendar(user,"
		    "digest,made) VALUES(?,?,?)", e);
	if (r != 0)
		return (r);
	record_token_new(secret, digest);
	/* It is none of a token, and must not look like one. */
	const char *own = strchr(secret, '_') + 1;
	crypto_sha256(own, strlen(own), h);
	stmt_bind_str(st, 1, user_of(c));
	stmt_bind_blob(st, 2, h, sizeof(h));
	stmt_bind_int(st, 3, clock_now());
	r = stmt_run(st, e);
	if (r == 0) {
		val_put(&c->a, m, "url", val_fmt(&c->a, API_BASE CALENDAR
		    "%s.ics", own));
		call_json(c, 200, m);
	}
	crypto_wipe(secret, sizeof(secret));
	return (r);
}

int
program_tasks_unsubscribe(struct context *x, struct call *c, struct err *e)
{
	int r = forget_address(x, c, e);

	if (r == 0)
		c->status = 204;
	return (r);
}

/* Whose calendar it is; 1 found. */
static int
whose(struct context *x, struct call *c, struct str *ret, struct err *e)
{
	struct str secret = c->name;
	uint8_t h[CRYPTO_HASH];
	struct stmt *st;
	int64_t there = 0;

	if (!str_ends(secret, ".ics") || secret.len > RECORD_SECRET)
		return (0);
	secret.len -= 4;
	crypto_sha256(secret.ptr, secret.len, h);
	int r = db_get_int(x->ws->db, "SELECT count(*) FROM sqlite_schema WHERE "
	    "name='api_calendar'", 0, &there, e);
	if (r != 0 || there == 0)
		return (r);
	r = db_cached(x->ws->db, &st, "SELECT user FROM api_calendar WHERE "
	    "digest=?", e);
	if (r != 0)
		return (r);
	stmt_bind_blob(st, 1, h, sizeof(h));
	r = stmt_step(st, e);
	if (r > 0)
		*ret = arena_str(&c->a, stmt_str(st, 0));
	stmt_reset(st);
	return (r);
}

int
program_tasks_calendar(struct context *x, struct call *c, struct err *e)
{
	DESK_SCOPED k = { .ev = NULL };
	struct record_reader reader;
	struct record_actor who;
	struct task_list l;
	struct str user;
	int r = whose(x, c, &user, e);

	if (r == 1)
		r = record_actor_user(&x->ws->records, &c->a, user, &who, e);
	else if (r == 0)
		r = -ERR_NOTFOUND;
	if (r == -ERR_NOTFOUND || r == -ERR_DENIED || (r == 0 &&
	    who.person.len == 0))
		return (call_problem(c, 404, "there is no calendar at this "
		    "address (any more)", "make a new one with POST " API_BASE
		    "/tasks/calendar"));
	if (r == 0)
		r = desk_open(x, c, &k, e);
	if (r == 0)
		r = task_inbox(&k.d, who.person, &l, e);
	if (r != 0)
		return (r);
	record_reader_init(&reader, NULL, &who);
	r = task_see_only(&k.d, &reader, true, &l, e);
	record_reader_free(&reader);
	if (r == 0)
		r = feed_write(&k.d, x->ws->org, x->ws->origin, &l, &c->out, e);
	if (r != 0)
		return (r);
	c->status = 200;
	c->media = "text/calendar; charset=utf-8";
	call_tag(c);
	return (0);
}

bool
program_tasks_secret(struct str path)
{
	return (str_starts(path, CALENDAR));
}

/* --- messages -------------------------------------------------------------------- */

/* They say who has what to do, and what mail servers answered: for those who see
 * who may sign in; to send again is for those who run the programme. */
static int
may_see(struct context *x, struct call *c, bool act, struct err *e)
{
	const struct access_who *as = &x->store->reader->as;

	(void)c;
	if (!look_all(x, T_USER))
		return (access_explain(as, schema_get(T_USER), ACCESS_RECORD,
		    ACCESS_LIST, e));
	if (act && access_when(as, schema_get(T_CAMPAIGN), ACCESS_RECORD,
	    ACCESS_CHANGE) != ACCESS_ALWAYS)
		return (access_explain(as, schema_get(T_CAMPAIGN), ACCESS_RECORD,
		    ACCESS_CHANGE, e));
	return (0);
}

int
program_tasks_messages(struct context *x, struct call *c, struct err *e)
{
	OUTBOX_SCOPED *o = NULL;
	struct arena *a = &c->a;
	struct outbox_list l = { 0 };
	struct rows r = { 0 };
	int k = may_see(x, c, false, e);

	if (k == 0)
		k = outbox_look(x->ws->dir, &o, e);
	if (k == 0 && o != NULL)
		k = outbox_list(o, a, true, &l, e);
	for (size_t i = 0; k == 0 && i < l.n; i++) {
		const struct outbox_message *m = &l.at[i];
		struct val *v = val_map(a);
		bool waits = m->state == OUTBOX_WAITING;
		val_put(a, v, "id", val_int(a, m->id));
		val_put(a, v, "key", val_str(a, m->key));
		val_put(a, v, "kind", val_text(a, outbox_kind_name(m->kind)));
		val_put(a, v, "to", m->kind == OUTBOX_HOOK ? val_str(a,
		    m->target) : look_handle(x, c, T_PERSON, m->target));
		val_put(a, v, "state", val_text(a, outbox_state_name(m->state)));
		val_put(a, v, "attempts", val_int(a, m->attempts));
		val_put(a, v, "created_at", look_time(c, m->created));
		val_put(a, v, "last_at", look_time(c, m->last));
		val_put(a, v, "next_at", look_time(c, waits ? m->next : 0));
		val_put(a, v, "error", look_text(c, m->error));
		rows_add(c, &r, str_from(arena_printf(a, "%020lld",
		    (long long)m->id)), v);
	}
	return (k != 0 ? k : rows_answer(x, c, &r, e));
}

static int
change_message(struct context *x, struct call *c, bool retry, struct err *e)
{
	OUTBOX_SCOPED *o = NULL;
	struct val *m = val_map(&c->a);
	int64_t id = 0, n = 1;
	int r = may_see(x, c, true, e);

	if (r != 0)
		return (r);
	if (!(retry && str_is(c->name, "all")) && (!str_to_i64(c->name, &id) ||
	    id < 1))
		return (call_problem(c, 404, "there is no such message",
		    "see " API_BASE "/messages"));
	r = outbox_open(x->ws->dir, &o, e);
	if (r == 0)
		r = retry ? outbox_retry(o, id, clock_now(), &n, e) :
		    outbox_discard(o, id, clock_now(), e);
	if (r != 0)
		return (r);
	val_put(&c->a, m, "messages", val_int(&c->a, n));
	call_json(c, 200, m);
	return (0);
}

int
program_tasks_retry(struct context *x, struct call *c, struct err *e)
{
	return (change_message(x, c, true, e));
}

int
program_tasks_drop(struct context *x, struct call *c, struct err *e)
{
	return (change_message(x, c, false, e));
}
