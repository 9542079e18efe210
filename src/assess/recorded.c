#include "assess/recorded.h"

#include "base/vec.h"
#include "ledger/ledger.h"
#include "record/verify.h"
#include "sys/db.h"

#define ACTION "result"
#define TYPE "procedure"

static const char ddl[] =
    "CREATE TABLE IF NOT EXISTS result("
    " entry INTEGER PRIMARY KEY, judged_at INT NOT NULL,"
    " procedure TEXT NOT NULL, period INT NOT NULL, from_us INT NOT NULL,"
    " to_us INT NOT NULL, outcome INT NOT NULL, upto INT NOT NULL,"
    " members INT NOT NULL, ok INT NOT NULL, fail INT NOT NULL,"
    " na INT NOT NULL, unknown INT NOT NULL, exempt INT NOT NULL,"
    " sha256 BLOB NOT NULL, inputs BLOB NOT NULL, commitment BLOB NOT NULL,"
    " tables TEXT NOT NULL, excepted INT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS result_time"
    " ON result(procedure, to_us, from_us, entry);"
    "CREATE TABLE IF NOT EXISTS result_meta(upto INT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS adopted(procedure TEXT PRIMARY KEY,"
    " sha256 BLOB NOT NULL, params BLOB NOT NULL, entry INT NOT NULL) STRICT;";

#define COLUMNS                                                                \
	"entry, judged_at, procedure, period, from_us, to_us, outcome, upto,"  \
	" members, ok, fail, na, unknown, exempt, sha256, inputs, commitment," \
	" tables, excepted"

bool
recorded_ready(struct ledger *l)
{
	int64_t n = 0;

	return (db_get_int(ledger_db(l), "SELECT count(*) FROM sqlite_schema"
	    " WHERE name = 'adopted'", 0, &n, NULL) == 0 && n == 1);
}

/* --- rows ------------------------------------------------------------------- */

static void
copy_hash(struct stmt *st, int i, uint8_t out[32])
{
	struct str s = stmt_str(st, i);

	memset(out, 0, 32);
	memcpy(out, s.ptr, s.len < 32 ? s.len : 32);
}

static void
read_row(struct arena *a, struct stmt *st, struct recorded_row *r)
{
	*r = (struct recorded_row){ .entry = (uint64_t)stmt_int(st, 0),
		.judged_at = stmt_int(st, 1),
		.procedure = arena_str(a, stmt_str(st, 2)),
		.period = stmt_int(st, 3) != 0, .from = stmt_int(st, 4),
		.to = stmt_int(st, 5),
		.outcome = (enum assess_outcome)stmt_int(st, 6),
		.upto = (uint64_t)stmt_int(st, 7), .members = stmt_int(st, 8),
		.tables = arena_str(a, stmt_str(st, 17)),
		.excepted = (uint64_t)stmt_int(st, 18) };
	for (int i = 0; i < ASSESS_NSTATUS; i++)
		r->subjects[i] = stmt_int(st, 9 + i);
	copy_hash(st, 14, r->sha256);
	copy_hash(st, 15, r->inputs);
	copy_hash(st, 16, r->commitment);
}

static int
insert_row(struct db *db, const struct recorded_row *r, struct err *e)
{
	struct stmt *st;
	int rc = db_cached(db, &st, "INSERT OR REPLACE INTO result("
	    COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", e);

	if (rc != 0)
		return (rc);
	const int64_t ints[] = { (int64_t)r->entry, r->judged_at };
	stmt_bind_int(st, 1, ints[0]);
	stmt_bind_int(st, 2, ints[1]);
	stmt_bind_str(st, 3, r->procedure);
	stmt_bind_int(st, 4, r->period);
	stmt_bind_int(st, 5, r->from);
	stmt_bind_int(st, 6, r->to);
	stmt_bind_int(st, 7, (int64_t)r->outcome);
	stmt_bind_int(st, 8, (int64_t)r->upto);
	stmt_bind_int(st, 9, r->members);
	for (int i = 0; i < ASSESS_NSTATUS; i++)
		stmt_bind_int(st, 10 + i, r->subjects[i]);
	stmt_bind_blob(st, 15, r->sha256, 32);
	stmt_bind_blob(st, 16, r->inputs, 32);
	stmt_bind_blob(st, 17, r->commitment, 32);
	stmt_bind_str(st, 18, r->tables);
	stmt_bind_int(st, 19, (int64_t)r->excepted);
	return (stmt_run(st, e));
}

/* --- entries ----------------------------------------------------------------- */

/* The notes of an entry, from a row and back. */
struct notes {
	struct entry_note at[24];
	size_t n;
	struct buf text; /* reserved beforehand: values point into it */
};

static void
note(struct notes *x, const char *key, struct str value)
{
	struct str kept = { x->text.ptr + x->text.len, value.len };

	buf_put(&x->text, value.ptr, value.len);
	x->at[x->n++] = (struct entry_note){ str_from(key), kept };
}

static void
note_int(struct notes *x, const char *key, int64_t v)
{
	char s[24];

	snprintf(s, sizeof(s), "%lld", (long long)v);
	note(x, key, str_from(s));
}

static void
note_hash(struct notes *x, const char *key, const uint8_t h[32])
{
	BUF_SCOPED b = BUF_INIT;

	buf_puthex(&b, h, 32);
	note(x, key, buf_str(&b));
}

static void
make_notes(struct notes *x, const struct recorded_row *r)
{
	buf_reserve(&x->text, 2048 + r->tables.len);
	note(x, "mode", str_from(r->period ? "period" : "instant"));
	note_int(x, "from", r->from);
	note_int(x, "to", r->to);
	note(x, "outcome", str_from(assess_outcome_name(r->outcome)));
	note_int(x, "upto", (int64_t)r->upto);
	note_int(x, "excepted", (int64_t)r->excepted);
	note_int(x, "adopted", (int64_t)r->adopted);
	note_int(x, "members", r->members);
	for (int i = 0; i < ASSESS_NSTATUS; i++)
		note_int(x, assess_status_name((enum assess_status)i), r->subjects[i]);
	note_hash(x, "sha256", r->sha256);
	note_hash(x, "inputs", r->inputs);
	note(x, "tables", r->tables.len > 0 ? r->tables : STR("-"));
}

static bool
get_int(const struct entry *x, const char *key, int64_t *ret)
{
	return (str_to_i64(entry_note_get(x, key), ret));
}

static bool
row_of_entry(uint64_t index, const struct entry *x, struct recorded_row *r)
{
	const uint8_t *body = entry_body_get(x, "result");
	struct str outcome = entry_note_get(x, "outcome");
	int64_t upto, excepted;

	*r = (struct recorded_row){ .entry = index, .judged_at = x->time,
		.procedure = x->id, .tables = entry_note_get(x, "tables") };
	r->period = str_is(entry_note_get(x, "mode"), "period");
	if (body == NULL || !get_int(x, "from", &r->from) ||
	    !get_int(x, "to", &r->to) || !get_int(x, "upto", &upto) ||
	    !get_int(x, "excepted", &excepted) ||
	    !get_int(x, "members", &r->members) ||
	    !str_unhex(entry_note_get(x, "sha256"), r->sha256, 32) ||
	    !str_unhex(entry_note_get(x, "inputs"), r->inputs, 32))
		return (false);
	for (int i = 0; i < ASSESS_NSTATUS; i++)
		if (!get_int(x, assess_status_name((enum assess_status)i),
			&r->subjects[i]))
			return (false);
	int o = 0;
	while (o < ASSESS_NOUTCOME &&
	    !str_is(outcome, assess_outcome_name((enum assess_outcome)o)))
		o++;
	r->outcome = (enum assess_outcome)o;
	r->upto = (uint64_t)upto;
	r->excepted = (uint64_t)excepted;
	memcpy(r->commitment, body, 32);
	return (o < ASSESS_NOUTCOME);
}

/* --- adoption ------------------------------------------------------------------ */

#define ADOPT "adopt"

static int
put_adopted(struct db *db, struct str id, const uint8_t sha256[32],
    const uint8_t params[32], uint64_t entry, struct err *e)
{
	struct stmt *st;
	int rc = db_cached(db, &st,
	    "INSERT OR REPLACE INTO adopted VALUES(?,?,?,?)", e);

	if (rc != 0)
		return (rc);
	stmt_bind_str(st, 1, id);
	stmt_bind_blob(st, 2, sha256, 32);
	stmt_bind_blob(st, 3, params, 32);
	stmt_bind_int(st, 4, (int64_t)entry);
	return (stmt_run(st, e));
}

/* 1: adopted as it is, by entry *ret. */
static int
find_adopted(struct ledger *l, const struct procedure *p, uint64_t *ret,
    struct err *e)
{
	struct stmt *st;
	int rc = db_cached(ledger_db(l), &st, "SELECT entry FROM adopted"
	    " WHERE procedure = ? AND sha256 = ? AND params = ?", e);

	if (rc != 0)
		return (rc);
	stmt_bind_str(st, 1, p->id);
	stmt_bind_blob(st, 2, p->sha256, 32);
	stmt_bind_blob(st, 3, p->params_sha256, 32);
	if ((rc = stmt_step(st, e)) == 1)
		*ret = (uint64_t)stmt_int(st, 0);
	stmt_reset(st);
	return (rc);
}

int
recorded_adopt(struct ledger *l, const char *actor, const struct procedure *p,
    uint64_t *ret, struct err *e)
{
	struct entry_body bodies[2] = { { .class = STR("procedure") },
		{ .class = STR("parameters") } };
	struct notes x = { .n = 0 };
	BUF_SCOPED params = BUF_INIT;
	int rc = find_adopted(l, p, ret, e);

	if (rc != 0)
		return (rc < 0 ? rc : 0);
	procedure_params(p, &params);
	if ((rc = body_put(l, NULL, p->text, 0, bodies[0].commitment, e)) != 0 ||
	    (rc = body_put(l, NULL, buf_str(&params), 0, bodies[1].commitment,
		 e)) != 0)
		return (rc);
	buf_reserve(&x.text, 1024);
	note_hash(&x, "sha256", p->sha256);
	note_hash(&x, "params", p->params_sha256);
	note(&x, "from", str_from(p->own ? "workspace" : "program"));
	struct entry entry = { .actor = str_from(actor), .action = STR(ADOPT),
		.type = STR(TYPE), .id = p->id, .bodies = bodies, .nbodies = 2,
		.notes = x.at, .nnotes = x.n };
	rc = ledger_append(l, &entry, ret, NULL, e);
	buf_free(&x.text);
	return (rc != 0 ? rc :
	    put_adopted(ledger_db(l), p->id, p->sha256, p->params_sha256, *ret, e));
}

static int
follow_adopt(struct db *db, uint64_t index, const struct entry *x,
    struct err *e)
{
	uint8_t sha256[32], params[32];

	if (!str_unhex(entry_note_get(x, "sha256"), sha256, 32) ||
	    !str_unhex(entry_note_get(x, "params"), params, 32))
		return (err_set(e, ERR_DAMAGED, "ledger", NULL,
		    "entry %llu adopts a procedure and cannot be read",
		    (unsigned long long)index));
	return (put_adopted(db, x->id, sha256, params, index, e));
}

/* --- results ------------------------------------------------------------------- */

int
recorded_add(struct ledger *l, const char *actor, struct recorded_row *row,
    struct str bytes, struct err *e)
{
	struct notes x = { .n = 0 };
	struct entry_body body = { .class = STR("result") };
	int rc = body_put(l, NULL, bytes, 0, body.commitment, e);

	if (rc != 0)
		return (rc);
	memcpy(row->commitment, body.commitment, 32);
	make_notes(&x, row);
	struct entry entry = { .actor = str_from(actor), .action = STR(ACTION),
		.type = STR(TYPE), .id = row->procedure, .bodies = &body,
		.nbodies = 1, .notes = x.at, .nnotes = x.n };
	rc = ledger_append(l, &entry, &row->entry, &row->judged_at, e);
	buf_free(&x.text);
	if (rc == 0)
		rc = insert_row(ledger_db(l), row, e);
	if (rc == 0)
		rc = db_execf(ledger_db(l), e, "UPDATE result_meta SET upto = %llu",
		    (unsigned long long)row->entry + 1);
	return (rc);
}

/* --- the table follows the ledger --------------------------------------------- */

struct follower {
	struct db *db;
	bool writing;
	bool found;
};

static int
follow(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct follower *f = ctx;
	struct recorded_row r;

	bool adopts = str_is(x->action, ADOPT);

	if (!(adopts || str_is(x->action, ACTION)) || !str_is(x->type, TYPE))
		return (0);
	f->found = true;
	if (!f->writing)
		return (1);
	if (adopts)
		return (follow_adopt(f->db, index, x, e));
	if (!row_of_entry(index, x, &r))
		return (err_set(e, ERR_DAMAGED, "ledger", NULL,
		    "entry %llu is a result that cannot be read",
		    (unsigned long long)index));
	return (insert_row(f->db, &r, e));
}

static int
catch_up(struct ledger *l, uint64_t from, uint64_t head, struct err *e)
{
	struct follower f = { .db = ledger_db(l) };
	bool own = !ledger_in_transaction(l);
	int rc;

	/* Mostly what was appended since is something else: nothing to write. */
	if ((rc = ledger_each(l, from, head, follow, &f, e)) < 0 || !f.found)
		return (rc);
	f.writing = true;
	if (own && (rc = ledger_begin(l, e)) != 0)
		return (rc);
	if ((rc = ledger_each(l, from, head, follow, &f, e)) == 0)
		rc = db_execf(ledger_db(l), e, "UPDATE result_meta SET upto = %llu",
		    (unsigned long long)head);
	if (!own)
		return (rc);
	if (rc != 0) {
		ledger_rollback(l);
		return (rc);
	}
	return (ledger_commit(l, e));
}

/* All or nothing: a table without its row would never be filled. */
static int
create(struct ledger *l, struct err *e)
{
	struct db *db = ledger_db(l);
	bool own = !ledger_in_transaction(l);
	int rc = own ? db_begin(db, e) : 0;

	if (rc == 0)
		rc = db_exec(db, ddl, e);
	if (rc == 0)
		rc = db_exec(db, "INSERT INTO result_meta SELECT 0"
		    " WHERE NOT EXISTS(SELECT 1 FROM result_meta)", e);
	if (rc == 0 && own)
		rc = db_commit(db, e);
	if (rc != 0 && own)
		db_rollback(db);
	return (rc);
}

int
recorded_open(struct ledger *l, bool writable, struct err *e)
{
	struct db *db = ledger_db(l);
	struct ledger_head head;
	int64_t upto;
	int rc;

	if (!writable)
		return (0);
	if (!recorded_ready(l) && (rc = create(l, e)) != 0)
		return (rc);
	if ((rc = db_get_int(db, "SELECT upto FROM result_meta", 0, &upto, e)) != 0 ||
	    (rc = ledger_head(l, &head, e)) != 0)
		return (rc);
	return ((uint64_t)upto < head.size ?
	    catch_up(l, (uint64_t)upto, head.size, e) : 0);
}

int
recorded_seen(struct ledger *l, uint64_t entry, uint64_t excepted, struct err *e)
{
	return (db_execf(ledger_db(l), e,
	    "UPDATE result SET excepted = %llu WHERE entry = %llu",
	    (unsigned long long)excepted, (unsigned long long)entry));
}

/* --- reading ------------------------------------------------------------------ */

int
recorded_last(struct arena *a, struct ledger *l, struct str procedure,
    const struct assess_time *t, struct recorded_row *ret, struct err *e)
{
	struct stmt *st;
	int rc = db_cached(ledger_db(l), &st, "SELECT " COLUMNS " FROM result"
	    " WHERE procedure = ? AND to_us = ? AND from_us = ? AND period = ?"
	    " ORDER BY entry DESC LIMIT 1", e);

	if (rc != 0)
		return (rc);
	stmt_bind_str(st, 1, procedure);
	stmt_bind_int(st, 2, t->to);
	stmt_bind_int(st, 3, t->from);
	stmt_bind_int(st, 4, t->period);
	if ((rc = stmt_step(st, e)) == 1)
		read_row(a, st, ret);
	stmt_reset(st);
	return (rc);
}

int
recorded_get(struct arena *a, struct ledger *l, uint64_t entry,
    struct recorded_row *ret, struct err *e)
{
	struct stmt *st;
	int rc = db_cached(ledger_db(l), &st,
	    "SELECT " COLUMNS " FROM result WHERE entry = ?", e);

	if (rc != 0)
		return (rc);
	stmt_bind_int(st, 1, (int64_t)entry);
	if ((rc = stmt_step(st, e)) == 1)
		read_row(a, st, ret);
	stmt_reset(st);
	if (rc != 0)
		return (rc < 0 ? rc : 0);
	return (err_set(e, ERR_NOTFOUND, NULL, "see tickmark test",
	    "entry %llu is no recorded result", (unsigned long long)entry));
}

/* All rows of a statement, which is given back. */
static int
take_rows(struct arena *a, struct stmt *st, struct recorded_row **ret,
    size_t *ret_n, struct err *e)
{
	VEC(struct recorded_row) rows = { 0 };
	int rc;

	while ((rc = stmt_step(st, e)) == 1) {
		struct recorded_row r;
		read_row(a, st, &r);
		vec_push(&rows, r);
	}
	stmt_reset(st);
	if (rc == 0) {
		*ret = arena_array(a, rows.n, sizeof(**ret));
		if (rows.n != 0)
			memcpy(*ret, rows.at, rows.n * sizeof(**ret));
		*ret_n = rows.n;
	}
	vec_free(&rows);
	return (rc);
}

int
recorded_latest(struct arena *a, struct ledger *l, int64_t at,
    struct recorded_row **ret, size_t *ret_n, struct err *e)
{
	struct stmt *st;
	int rc = 0;

	*ret_n = 0;
	if (!recorded_ready(l))
		return (0);
	/* The newest of each procedure is one step into the index; for ${at} in
	 * the past the few after it are skipped. */
	rc = db_cached(ledger_db(l), &st, "WITH RECURSIVE p(id) AS ("
	    " SELECT min(procedure) FROM result UNION ALL"
	    " SELECT (SELECT min(procedure) FROM result WHERE procedure > p.id)"
	    " FROM p WHERE p.id IS NOT NULL) SELECT " COLUMNS " FROM p, result"
	    " WHERE entry = (SELECT entry FROM result WHERE procedure = p.id"
	    " AND to_us <= ?1 AND judged_at <= ?2"
	    " ORDER BY to_us DESC, entry DESC LIMIT 1)", e);
	if (rc != 0)
		return (rc);
	stmt_bind_int(st, 1, at == INT64_MAX ? at : at + 1);
	stmt_bind_int(st, 2, at);
	return (take_rows(a, st, ret, ret_n, e));
}

int
recorded_of(struct arena *a, struct ledger *l, struct str procedure,
    int64_t at, struct recorded_row **ret, size_t *ret_n, struct err *e)
{
	struct stmt *st;

	*ret_n = 0;
	if (!recorded_ready(l))
		return (0);
	int rc = db_cached(ledger_db(l), &st, "SELECT " COLUMNS " FROM result"
	    " WHERE procedure = ?1 AND judged_at <= ?2 ORDER BY entry", e);
	if (rc != 0)
		return (rc);
	stmt_bind_str(st, 1, procedure);
	stmt_bind_int(st, 2, at);
	return (take_rows(a, st, ret, ret_n, e));
}

/* --- checking ------------------------------------------------------------------ */

/* How far the tables say that they follow the ledger. */
static int
verify_upto(struct verify *v, uint64_t size, struct err *e)
{
	int64_t rows, upto, last;
	int rc;

	if ((rc = db_get_int(v->is, "SELECT count(*) FROM result_meta", 0, &rows,
		 e)) != 0 ||
	    (rc = db_get_int(v->is, "SELECT upto FROM result_meta", 0, &upto,
		 e)) != 0 ||
	    (rc = db_get_int(v->is, "SELECT max(entry) FROM result", -1, &last,
		 e)) != 0)
		return (rc);
	if (rows != 1 || upto < last + 1 || (uint64_t)upto > size)
		verify_tell(v, "result_meta", "what it says of how far the table "
		    "of results goes cannot be");
	return (0);
}

/* Some row that weighed fewer exceptions than its entry, or more than there are. */
static int
verify_excepted(struct verify *v, uint64_t size, struct err *e)
{
	STMT_SCOPED *is = NULL, *should = NULL;
	int rc = db_prepare(v->should, &should, STR("SELECT entry, excepted"
	    " FROM result ORDER BY entry"), e);

	if (rc != 0 || (rc = db_prepare(v->is, &is, STR("SELECT excepted"
	    " FROM result WHERE entry = ?"), e)) != 0)
		return (rc);
	while ((rc = stmt_step(should, e)) == 1) {
		char where[64];
		stmt_bind_int(is, 1, stmt_int(should, 0));
		if ((rc = stmt_step(is, e)) < 0)
			return (rc);
		int64_t n = rc == 1 ? stmt_int(is, 0) : stmt_int(should, 1);
		snprintf(where, sizeof(where), "result %lld",
		    (long long)stmt_int(should, 0));
		if (n < stmt_int(should, 1) || (uint64_t)n > size)
			verify_tell(v, where,
			    "the ledger says otherwise in column excepted");
		stmt_reset(is);
	}
	return (rc);
}

/* "excepted" may have moved on: what was weighed anew came out the same. */
#define DERIVED                                                                \
	"procedure, judged_at, period, from_us, to_us, outcome, upto, members," \
	" ok, fail, na, unknown, exempt, sha256, inputs, commitment, tables"

int
recorded_verify(struct ledger *l, check_fn *fn, void *ctx, uint64_t *ret_rows,
    struct err *e)
{
	DB_SCOPED *memory = NULL;
	struct verify v = { .is = ledger_db(l), .fn = fn, .ctx = ctx };
	struct follower f = { .writing = true };
	struct ledger_head head;
	int64_t any;
	int rc = db_get_int(v.is, "SELECT count(*) FROM sqlite_schema WHERE name"
	    " IN ('result', 'result_meta', 'adopted')", 0, &any, e);

	*ret_rows = 0;
	if (rc != 0 || any == 0)
		return (rc); /* made again when next needed */
	if ((rc = db_open(&memory, ":memory:", DB_CREATE | DB_WRITER, e)) != 0 ||
	    (rc = db_exec(memory, ddl, e)) != 0 ||
	    (rc = ledger_head(l, &head, e)) != 0)
		return (rc);
	f.db = v.should = memory;
	if ((rc = ledger_each(l, 0, head.size, follow, &f, e)) < 0 ||
	    (rc = verify_schema(&v, "tbl_name IN ('result', 'result_meta',"
		 " 'adopted')", e)) != 0 || any < 3)
		return (rc);
	rc = verify_rows(&v, "result", "SELECT printf('%020d', entry) AS entry, "
	    DERIVED " FROM result", 1, e);
	if (rc == 0)
		rc = verify_rows(&v, "adopted", "SELECT procedure, sha256, params,"
		    " entry FROM adopted", 1, e);
	if (rc == 0)
		rc = verify_excepted(&v, head.size, e);
	if (rc == 0)
		rc = verify_upto(&v, head.size, e);
	*ret_rows = v.rows;
	return (rc);
}
