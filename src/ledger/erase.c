#include "ledger/erase.h"

#include <inttypes.h>

#include "base/vec.h"
#include "ledger/entry.h"
#include "ledger/ledger.h"
#include "ledger/private.h"
#include "ledger/subject.h"
#include "sys/db.h"

/* The list of what was erased; made again from the entries at any time. */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS erased ("
    " body INTEGER NOT NULL,"  /* 1: a body, 0: the key of a subject */
    " id BLOB NOT NULL,"
    " entry INTEGER NOT NULL," /* that says so */
    " clean INTEGER NOT NULL," /* the tables of records were told */
    " PRIMARY KEY (body, id)"
    ") STRICT, WITHOUT ROWID;";

int
erase_tables(struct db *db, struct err *e)
{
	return (db_exec(db, schema, e));
}

/* A reader of a workspace that an older version made finds no such table. */
static int
has_table(struct db *db, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_prepare(db, &st, STR("SELECT 1 FROM sqlite_schema "
	    "WHERE type = 'table' AND name = 'erased'"), e);

	return (r != 0 ? r : stmt_step(st, e));
}

static size_t
id_len(const struct erase_item *x)
{
	return (x->body ? BODY_HASH : KEYS_ID);
}

bool
erase_of_entry(const struct entry *x, struct erase_item *ret)
{
	struct erase_item it = { .body = str_is(x->type, ERASE_BODY) };

	if (!str_is(x->action, ERASE_ACTION) ||
	    (!it.body && !str_is(x->type, ERASE_KEY)) ||
	    !str_unhex(x->id, it.id, id_len(&it)))
		return (false);
	*ret = it;
	return (true);
}

int
erase_note(struct db *db, uint64_t index, const struct entry *x,
    struct err *e)
{
	struct erase_item it;
	struct stmt *st;

	if (!erase_of_entry(x, &it))
		return (0);
	int r = db_cached(db, &st, "INSERT OR IGNORE INTO erased"
	    " (body, id, entry, clean) VALUES (?, ?, ?, 0)", e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, it.body);
	stmt_bind_blob(st, 2, it.id, id_len(&it));
	stmt_bind_int(st, 3, (int64_t)index);
	return (stmt_run(st, e));
}

int
erase_find(struct ledger *l, const struct erase_item *item,
    uint64_t *ret_entry, struct err *e)
{
	struct stmt *st;
	int r = l->writable ? 1 : has_table(l->db, e);

	if (r <= 0 || (r = db_cached(l->db, &st,
	    "SELECT entry FROM erased WHERE body = ? AND id = ?", e)) != 0)
		return (r);
	stmt_bind_int(st, 1, item->body);
	stmt_bind_blob(st, 2, item->id, id_len(item));
	if ((r = stmt_step(st, e)) == 1)
		*ret_entry = (uint64_t)stmt_int(st, 0);
	stmt_reset(st);
	return (r);
}

/* --- saying ------------------------------------------------------------------ */

int
erase_append(struct ledger *l, struct str actor, struct str decision,
    struct str reason, const struct erase_item *items, size_t n,
    size_t *ret_n, struct err *e)
{
	struct entry_note notes[2] = { { STR("decision"), decision },
		{ STR("reason"), reason } };
	size_t written = 0;

	if (!entry_token_ok(decision))
		return (err_set(e, ERR_INPUT, "--decision",
		    "give a reference such as TICKET-17, that names no person",
		    "the decision is not a token of printable ASCII"));
	if (!entry_word_ok(reason))
		return (err_set(e, ERR_INPUT, NULL, "give a word",
		    "the reason of an erasure is not a word"));
	for (size_t i = 0; i < n; i++) {
		BUF_SCOPED hex = BUF_INIT;
		uint64_t index;
		int r = erase_find(l, &items[i], &index, e);
		if (r < 0)
			return (r);
		if (r == 1)
			continue;
		buf_puthex(&hex, items[i].id, id_len(&items[i]));
		struct entry x = { .actor = actor, .action = STR(ERASE_ACTION),
			.type = items[i].body ? STR(ERASE_BODY) :
			STR(ERASE_KEY), .id = buf_str(&hex), .notes = notes,
			.nnotes = 2 };
		if ((r = ledger_append(l, &x, &index, NULL, e)) != 0 ||
		    (r = erase_note(l->db, index, &x, e)) != 0)
			return (r);
		written++;
	}
	if (ret_n != NULL)
		*ret_n = written;
	return (0);
}

/* --- doing ------------------------------------------------------------------- */

struct list {
	VEC(struct erase_item) at;
};

static int
load(struct ledger *l, bool body, struct list *ret, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_prepare(l->db, &st,
	    STR("SELECT id FROM erased WHERE body = ?"), e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, body);
	while ((r = stmt_step(st, e)) == 1) {
		struct erase_item it = { .body = body };
		struct str id = stmt_str(st, 0);
		if (id.len != id_len(&it))
			return (err_set(e, ERR_DAMAGED, db_path(l->db),
			    "make it again: tickmark rebuild DIR --records",
			    "the list of what was erased is damaged"));
		memcpy(it.id, id.ptr, id.len);
		vec_push(&ret->at, it);
	}
	return (r);
}

/* All keys in one transaction of subjects.db. */
static int
settle_keys(struct ledger *l, uint64_t *ret, struct err *e)
{
	struct list x = { 0 };
	int r = load(l, false, &x, e);
	size_t n = x.at.n;
	uint8_t (*ids)[KEYS_ID] = calloc(n + 1, sizeof(*ids));

	if (ids == NULL)
		err_oom(n * sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		memcpy(ids[i], x.at.at[i].id, KEYS_ID);
	if (r == 0)
		r = subject_destroy_ids(l->keys, ids, n, ret, e);
	free(ids);
	vec_free(&x.at);
	return (r);
}

static int
settle_bodies(struct ledger *l, uint64_t *ret, struct err *e)
{
	struct list x = { 0 };
	int r = load(l, true, &x, e);

	*ret = 0;
	for (size_t i = 0; r == 0 && i < x.at.n; i++)
		if ((r = body_overwrite(l, x.at.at[i].id, e)) > 0) {
			++*ret;
			r = 0;
		}
	vec_free(&x.at);
	return (r);
}

int
erase_settle(struct ledger *l, struct erase_done *ret, struct err *e)
{
	struct erase_done done = { 0 };
	int64_t any = 0;
	int r = db_get_int(l->db, "SELECT 1 FROM erased LIMIT 1", 0, &any, e);

	if (l->in_tx || !l->writable || l->keys == NULL)
		BUG("erasing with the ledger in this state");
	if (r == 0 && any != 0)
		r = settle_keys(l, &done.keys, e);
	if (r == 0 && any != 0)
		r = settle_bodies(l, &done.bodies, e);
	/* What came back with an old copy may have been read since. */
	if (r == 0 && done.keys + done.bodies != 0)
		r = db_exec(l->db, "UPDATE erased SET clean = 0 WHERE clean ="
		    " 1", e);
	if (r == 0 && ret != NULL)
		*ret = done;
	return (r);
}

static int
again(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct ledger *l = ctx;

	return (erase_note(l->db, index, x, e));
}

int
erase_replay(struct ledger *l, struct erase_done *ret, struct err *e)
{
	int r = ledger_begin(l, e);

	if (r != 0)
		return (r);
	r = db_exec(l->db, "DELETE FROM erased", e);
	if (r == 0)
		r = ledger_each(l, 0, UINT64_MAX, again, l, e);
	if (r != 0) {
		ledger_rollback(l);
		return (r);
	}
	r = ledger_commit(l, e);
	return (r != 0 ? r : erase_settle(l, ret, e));
}

int
erase_pending(struct ledger *l, struct err *e)
{
	int64_t any = 0;
	int r = db_get_int(l->db,
	    "SELECT 1 FROM erased WHERE clean = 0 LIMIT 1", 0, &any, e);

	return (r != 0 ? r : any != 0);
}

int
erase_unsaid(struct ledger *l, struct err *e)
{
	uint64_t live, gone;
	int64_t said = 0;
	int r = subject_count(l->keys, &live, &gone, e);

	if (r == 0)
		r = db_get_int(l->db, "SELECT count(*) FROM erased WHERE"
		    " body = 0", 0, &said, e);
	return (r != 0 ? r : gone > (uint64_t)said);
}

int
erase_clean(struct ledger *l, struct err *e)
{
	return (db_exec(l->db, "UPDATE erased SET clean = 1 WHERE clean = 0",
	    e));
}
