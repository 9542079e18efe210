#include "program/outbox.h"

#include <stdio.h>

#include "base/clock.h"
#include "sys/db.h"
#include "sys/file.h"

#define LEASE (10 * 60 * CLOCK_SECOND)
#define MINUTE (60 * CLOCK_SECOND)
#define LIST_MAX 1000
#define VERSION 1

struct outbox {
	struct db *db;
};

static const char *const kinds[OUTBOX_NKIND] = { "digest", "webhook" };
static const char *const states[OUTBOX_NSTATE] = { "waiting", "sent", "dead",
	"dropped" };

const char *
outbox_kind_name(enum outbox_kind k)
{
	return (kinds[k]);
}

const char *
outbox_state_name(enum outbox_state s)
{
	return (states[s]);
}

int64_t
outbox_wait(int64_t attempts)
{
	int64_t n = attempts < 1 ? 1 : attempts > 9 ? 9 : attempts;

	n = (INT64_C(1) << (n - 1)) * MINUTE;
	return (n > 4 * CLOCK_HOUR ? 4 * CLOCK_HOUR : n);
}

static const char ddl[] =
    "CREATE TABLE message("
    " id INTEGER PRIMARY KEY,"
    " key TEXT NOT NULL UNIQUE,"
    " kind INTEGER NOT NULL,"
    " target TEXT NOT NULL,"
    " body TEXT NOT NULL,"
    " state INTEGER NOT NULL,"
    " created INTEGER NOT NULL,"
    " next INTEGER NOT NULL,"
    " lease INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL,"
    " last INTEGER NOT NULL,"
    " error TEXT NOT NULL) STRICT;"
    "CREATE INDEX message_due ON message(state, next);"
    "PRAGMA user_version=1";

static int
make(struct outbox *o, struct err *e)
{
	int64_t version;
	int r = db_begin(o->db, e);

	if (r == 0)
		r = db_get_int(o->db, "PRAGMA user_version", 0, &version, e);
	if (r == 0 && version > VERSION)
		r = err_set(e, ERR_NEWER, db_path(o->db), "use the newer program",
		    "the messages were written by a newer version");
	if (r == 0 && version == 0)
		r = db_exec(o->db, ddl, e);
	if (r == 0)
		return (db_commit(o->db, e));
	db_rollback(o->db);
	return (r);
}

/* Several processes write to it, each for a moment: no WAL. */
int
outbox_open(const char *dir, struct outbox **ret, struct err *e)
{
	struct outbox *o = calloc(1, sizeof(*o));
	char path[4096];

	if (o == NULL)
		err_oom(sizeof(*o));
	snprintf(path, sizeof(path), "%s/messages.db", dir);
	int r = db_open(&o->db, path, DB_CREATE | DB_WRITER | DB_FULL, e);
	if (r == 0)
		r = make(o, e);
	if (r != 0) {
		outbox_close(o);
		return (r);
	}
	*ret = o;
	return (0);
}

int
outbox_look(const char *dir, struct outbox **ret, struct err *e)
{
	char path[4096];

	*ret = NULL;
	snprintf(path, sizeof(path), "%s/messages.db", dir);
	return (file_exists(path) ? outbox_open(dir, ret, e) : 0);
}

void
outbox_close(struct outbox *o)
{
	if (o != NULL)
		db_close(o->db);
	free(o);
}

int
outbox_begin(struct outbox *o, struct err *e)
{
	return (db_begin(o->db, e));
}

int
outbox_commit(struct outbox *o, struct err *e)
{
	return (db_commit(o->db, e));
}

int
outbox_put(struct outbox *o, const struct outbox_message *m, bool *ret_new,
    struct err *e)
{
	struct stmt *st;
	int r = db_cached(o->db, &st, "INSERT INTO message(key, kind, target, "
	    "body, state, created, next, lease, attempts, last, error) "
	    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?6, 0, 0, 0, ?7) "
	    "ON CONFLICT(key) DO NOTHING", e);

	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, m->key);
	stmt_bind_int(st, 2, m->kind);
	stmt_bind_str(st, 3, m->target);
	stmt_bind_str(st, 4, m->body.ptr != NULL ? m->body : STR(""));
	stmt_bind_int(st, 5, m->state);
	stmt_bind_int(st, 6, m->created);
	stmt_bind_str(st, 7, m->error.ptr != NULL ? m->error : STR(""));
	r = stmt_run(st, e);
	if (r == 0 && ret_new != NULL)
		*ret_new = db_changes(o->db) > 0;
	return (r);
}

int
outbox_known(struct outbox *o, struct str key, bool *ret, struct err *e)
{
	struct stmt *st;
	int r = db_cached(o->db, &st, "SELECT 1 FROM message WHERE key = ?1", e);

	if (r != 0)
		return (r);
	stmt_bind_str(st, 1, key);
	r = stmt_step(st, e);
	*ret = r > 0;
	stmt_reset(st);
	return (r < 0 ? r : 0);
}

#define COLUMNS "id, key, kind, target, body, state, created, next, " \
	"attempts, last, error"

static void
read_row(struct arena *a, struct stmt *st, struct outbox_message *m)
{
	*m = (struct outbox_message){ .id = stmt_int(st, 0),
		.key = arena_str(a, stmt_str(st, 1)),
		.kind = stmt_int(st, 2) == OUTBOX_HOOK ? OUTBOX_HOOK :
		OUTBOX_DIGEST,
		.target = arena_str(a, stmt_str(st, 3)),
		.body = arena_str(a, stmt_str(st, 4)),
		.state = (enum outbox_state)(stmt_int(st, 5) & 3),
		.created = stmt_int(st, 6), .next = stmt_int(st, 7),
		.attempts = stmt_int(st, 8), .last = stmt_int(st, 9),
		.error = arena_str(a, stmt_str(st, 10)) };
}

int
outbox_claim(struct outbox *o, struct arena *a, int64_t now,
    struct outbox_message *ret, struct err *e)
{
	struct stmt *st;
	int r = db_cached(o->db, &st, "UPDATE message SET lease = ?1 + ?2, "
	    "attempts = attempts + 1, last = ?1 WHERE id = (SELECT id FROM message "
	    "WHERE state = 0 AND next <= ?1 AND lease <= ?1 ORDER BY next, id "
	    "LIMIT 1) RETURNING " COLUMNS, e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, now);
	stmt_bind_int(st, 2, LEASE);
	r = stmt_step(st, e);
	if (r <= 0)
		return (r);
	read_row(a, st, ret);
	/* To the end: then it is written. */
	r = stmt_run(st, e);
	return (r < 0 ? r : 1);
}

static int
finish(struct outbox *o, int64_t id, int64_t now, enum outbox_state state,
    int64_t next, const char *why, struct err *e)
{
	struct stmt *st;
	int r = db_cached(o->db, &st, "UPDATE message SET state = ?2, lease = 0, "
	    "last = ?3, next = ?4, error = ?5 WHERE id = ?1 AND state = 0", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, id);
	stmt_bind_int(st, 2, state);
	stmt_bind_int(st, 3, now);
	stmt_bind_int(st, 4, next);
	stmt_bind_text(st, 5, why);
	return (stmt_run(st, e));
}

int
outbox_sent(struct outbox *o, int64_t id, int64_t now, struct err *e)
{
	return (finish(o, id, now, OUTBOX_SENT, now, "", e));
}

int
outbox_drop(struct outbox *o, int64_t id, int64_t now, const char *why,
    struct err *e)
{
	return (finish(o, id, now, OUTBOX_DROPPED, now, why, e));
}

int
outbox_failed(struct outbox *o, const struct outbox_message *m, int64_t now,
    int64_t most, bool refused, const struct err *why, struct err *e)
{
	bool dead = refused || m->attempts >= most;

	return (finish(o, m->id, now, dead ? OUTBOX_DEAD : OUTBOX_WAITING,
	    now + outbox_wait(m->attempts), why->what, e));
}

int
outbox_retry(struct outbox *o, int64_t id, int64_t now, int64_t *ret_n,
    struct err *e)
{
	struct stmt *st;
	int r = db_cached(o->db, &st, "UPDATE message SET state = 0, next = ?2, "
	    "attempts = 0, lease = 0 WHERE (id = ?1 AND state IN (0, 2)) OR "
	    "(?1 = 0 AND state = 2)", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, id);
	stmt_bind_int(st, 2, now);
	r = stmt_run(st, e);
	if (r != 0)
		return (r);
	*ret_n = db_changes(o->db);
	if (*ret_n == 0 && id != 0)
		return (err_set(e, ERR_NOTFOUND, "messages", "see: tickmark "
		    "messages DIR list", "no message %lld waits or is dead",
		    (long long)id));
	return (0);
}

int
outbox_discard(struct outbox *o, int64_t id, int64_t now, struct err *e)
{
	struct stmt *st;
	int r = db_cached(o->db, &st, "UPDATE message SET state = 3, last = ?2, "
	    "lease = 0 WHERE id = ?1 AND state IN (0, 2)", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, id);
	stmt_bind_int(st, 2, now);
	r = stmt_run(st, e);
	if (r == 0 && db_changes(o->db) == 0)
		r = err_set(e, ERR_NOTFOUND, "messages", "see: tickmark messages "
		    "DIR list", "no message %lld waits or is dead", (long long)id);
	return (r);
}

int
outbox_forget(struct outbox *o, int64_t before, struct err *e)
{
	struct stmt *st;
	int r = db_cached(o->db, &st, "DELETE FROM message WHERE state IN (1, 3) "
	    "AND created < ?1", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, before);
	return (stmt_run(st, e));
}

static int
count(struct outbox *o, struct outbox_list *l, struct err *e)
{
	struct stmt *st;
	int r = db_cached(o->db, &st, "SELECT state, count(*) FROM message "
	    "WHERE target <> '' GROUP BY state", e);

	if (r != 0)
		return (r);
	while ((r = stmt_step(st, e)) > 0)
		l->count[stmt_int(st, 0) & 3] = stmt_int(st, 1);
	return (r);
}

int
outbox_list(struct outbox *o, struct arena *a, bool all,
    struct outbox_list *ret, struct err *e)
{
	struct outbox_list l = { .at = arena_array(a, LIST_MAX,
	    sizeof(*ret->at)) };
	struct stmt *st;
	int r = count(o, &l, e);

	if (r == 0)
		r = db_cached(o->db, &st, "SELECT " COLUMNS " FROM message WHERE "
		    "state IN (0, 2) OR (?1 AND target <> '') ORDER BY state = 2 DESC, state, "
		    "created DESC, id DESC LIMIT 1000", e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, all);
	while ((r = stmt_step(st, e)) > 0)
		read_row(a, st, &l.at[l.n++]);
	if (r == 0)
		*ret = l;
	return (r);
}
