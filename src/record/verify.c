#include "record/verify.h"

#include "ledger/erase.h"
#include "ledger/ledger.h"
#include "record/dialect.h"
#include "record/history.h"
#include "record/migrate.h"
#include "schema/schema.h"
#include "sys/db.h"
#include "sys/file.h"

void
verify_tell(struct verify *v, const char *where, const char *what)
{
	struct err x;

	err_set(&x, ERR_DAMAGED, where,
	    "make records.db again: tickmark rebuild DIR --records",
	    "%s: %s", db_path(v->is), what);
	v->fn(v->ctx, &x);
}

static void
tell(struct verify *v, const char *table, struct stmt *st, const char *what)
{
	char where[256];
	struct str id = stmt_str(st, 0);

	snprintf(where, sizeof(where), "%s " STR_FMT, table, STR_ARG(id));
	verify_tell(v, where, what);
}

static bool
same_cell(struct stmt *a, struct stmt *b, int i)
{
	return (stmt_type(a, i) == stmt_type(b, i) &&
	    str_eq(stmt_str(a, i), stmt_str(b, i)));
}

/* The name of the first column that differs, or NULL. */
static const char *
difference(struct stmt *a, struct stmt *b)
{
	for (int i = 0; i < stmt_ncol(a); i++)
		if (!same_cell(a, b, i))
			return (stmt_col_name(a, i));
	return (NULL);
}

static int
order_cell(struct stmt *a, struct stmt *b, int i)
{
	int64_t x, y;

	if (stmt_type(a, i) != STMT_INT || stmt_type(b, i) != STMT_INT)
		return (str_cmp(stmt_str(a, i), stmt_str(b, i)));
	x = stmt_int(a, i);
	y = stmt_int(b, i);
	return (x < y ? -1 : x > y);
}

/* Order of two rows by their keys, which are the first columns. */
static int
order(struct stmt *a, struct stmt *b, int key)
{
	int c = 0;

	for (int i = 0; c == 0 && i < key; i++)
		c = order_cell(a, b, i);
	return (c);
}

/* Both in the same order: walk through them side by side. */
static int
merge(struct verify *v, const char *table, struct stmt *is,
    struct stmt *should, int key, struct err *e)
{
	char what[160];
	int a = stmt_step(is, e), b = a < 0 ? a : stmt_step(should, e);

	while (a > 0 || b > 0) {
		int c = a <= 0 ? 1 : b <= 0 ? -1 : order(is, should, key);
		const char *column = c == 0 ? difference(is, should) : NULL;
		v->rows++;
		if (c < 0)
			tell(v, table, is, "the ledger knows no such row");
		else if (c > 0)
			tell(v, table, should, "the row is missing");
		else if (column != NULL) {
			snprintf(what, sizeof(what),
			    "the ledger says otherwise in column %s", column);
			tell(v, table, is, what);
		}
		if (a > 0 && c <= 0 && (a = stmt_step(is, e)) < 0)
			return (a);
		if (b > 0 && c >= 0 && (b = stmt_step(should, e)) < 0)
			return (b);
	}
	return (a < 0 ? a : b);
}

int
verify_rows(struct verify *v, const char *table, const char *select, int key,
    struct err *e)
{
	STMT_SCOPED *is = NULL, *should = NULL;
	BUF_SCOPED sql = BUF_INIT;
	int r;

	buf_printf(&sql, "%s ORDER BY ", select);
	for (int i = 1; i <= key; i++)
		buf_printf(&sql, "%s%d", i == 1 ? "" : ", ", i);
	r = db_prepare(v->is, &is, buf_str(&sql), e);
	if (r == 0)
		r = db_prepare(v->should, &should, buf_str(&sql), e);
	return (r != 0 ? r : merge(v, table, is, should, key, e));
}

int
verify_schema(struct verify *v, const char *where, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;

	return (verify_rows(v, "the declaration of", arena_printf(&a, "%s(%s)",
	    dialect_declarations(), where), 2, e));
}

static int
compare_all(struct verify *v, struct err *e)
{
	int r = verify_rows(v, "revision", "SELECT id, rev, type, entry, body "
	    "FROM revision", 3, e);

	for (size_t i = 0; r == 0 && i < schema_ntypes; i++) {
		ARENA_SCOPED a = ARENA_INIT;
		if (!schema_is_record(&schema_types[i]))
			continue;
		const char *table = arena_printf(&a, "r_%s",
		    schema_types[i].name);
		/* That one has it and the other has not was told. */
		r = db_has_table(v->is, table, e);
		if (r > 0)
			r = db_has_table(v->should, table, e);
		if (r > 0)
			r = verify_rows(v, table, arena_printf(&a,
		    "SELECT * FROM \"%s\"", table), 1, e);
	}
	return (r);
}

/* The index of words finds what it should, and nothing else. */
static int
compare_words(struct verify *v, struct err *e)
{
	uint64_t rows = v->rows;
	size_t n;
	const struct dialect_list *at = dialect_words_lists(&n);
	int r = dialect_words_open(v->is, e);

	if (r == 0)
		r = dialect_words_open(v->should, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = verify_rows(v, at[i].name, at[i].select, at[i].key, e);
	v->rows = rows; /* of the tables that people know */
	return (r);
}

/* Tables of another version of the program are made again before use. */
static int
ours(struct verify *v, bool *ret, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_prepare(v->is, &st, STR("SELECT digest FROM declared"), e);

	if (r == 0)
		r = stmt_step(st, e);
	if (r < 0)
		return (r);
	*ret = r == 1 && str_is(stmt_str(st, 0), migrate_declared());
	return (0);
}

static int
replay(struct verify *v, struct ledger *l, struct err *e)
{
	struct record_store s = { .db = v->should, .ledger = l };
	int r = migrate_run(v->should, true, e);

	if (r == 0)
		r = db_begin(v->should, e);
	if (r != 0)
		return (r);
	r = record_replay(&s, e);
	if (r == 0)
		return (db_commit(v->should, e));
	db_rollback(v->should);
	return (r);
}

/* The first line of the description that is not what was committed to. */
static void
tell_description(struct verify *v, const char *path, struct str is,
    struct str should)
{
	ARENA_SCOPED arena = ARENA_INIT;
	struct str a, b;
	struct err x;
	int line = 0;

	do {
		line++;
		if (!str_split(&is, '\n', &a))
			a = STR("");
	} while (str_split(&should, '\n', &b) && str_eq(a, b));
	err_set(&x, ERR_DAMAGED, arena_printf(&arena, "%s:%d", path, line),
	    "restore the file from a backup",
	    "the workspace's description was changed: \"" STR_FMT
	    "\" is not what its first entry commits to", STR_ARG(a));
	v->fn(v->ctx, &x);
}

static int
compare_description(struct verify *v, const char *dir, struct ledger *l,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED is = BUF_INIT, should = BUF_INIT;
	const char *path = arena_printf(&a, "%s/tickmark.workspace", dir);
	const uint8_t *body;
	struct entry x;
	int r = ledger_entry(l, &a, 0, &x, e);

	if (r != 0 || (r = file_read(path, 4096, &is, e)) != 0)
		return (r);
	/* Workspaces of before have no such body. */
	if ((body = entry_body_get(&x, "description")) == NULL)
		return (0);
	r = body_get(l, body, &should, e);
	if (r == -ERR_ERASED)
		return (0);
	if (r == 0 && !str_eq(buf_str(&is), buf_str(&should)))
		tell_description(v, path, buf_str(&is), buf_str(&should));
	return (r);
}

static void
tell_unfinished(struct verify *v, const char *dir)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct err x;

	err_set(&x, ERR_DAMAGED, dir, arena_printf(&a, "run tickmark rebuild %s, "
	    "or any command that writes, which finishes it", dir),
	    "an erasure was not finished");
	v->fn(v->ctx, &x);
}

int
record_verify(const char *dir, struct db *db, struct keys *keys, check_fn *fn,
    void *ctx, uint64_t *ret_rows, struct err *e)
{
	DB_SCOPED *memory = NULL;
	struct verify v = { .is = db, .fn = fn, .ctx = ctx };
	struct ledger *l = NULL;
	bool same = false;
	int r = db_open(&memory, ":memory:", DB_CREATE | DB_WRITER, e);

	v.should = memory;
	/* One moment of records.db, whoever writes to it meanwhile. */
	if (r == 0)
		r = db_begin_read(db, e);
	if (r != 0)
		return (r);
	r = ours(&v, &same, e);
	if (r == 0)
		r = ledger_open(dir, db, keys, false, &l, e);
	if (r == 0 && (r = erase_pending(l, e)) == 1) {
		/* What is left to do is what would differ. */
		tell_unfinished(&v, dir);
		same = false;
		r = 0;
	}
	if (r == 0 && same)
		r = replay(&v, l, e);
	if (r == 0 && same)
		r = verify_schema(&v, dialect_ours(), e);
	if (r == 0 && same)
		r = verify_rows(&v, "declared", "SELECT digest FROM declared",
		    1, e);
	if (r == 0 && same)
		r = compare_all(&v, e);
	if (r == 0 && same)
		r = compare_words(&v, e);
	if (r == 0)
		r = compare_description(&v, dir, l, e);
	ledger_close(l);
	db_rollback(db);
	if (r == 0)
		*ret_rows = v.rows;
	return (r);
}
