/*
 * The canonical dump of evidence.db: every table in order of its name, every
 * row in order of all its columns, each value with its type. Row numbers of
 * SQLite, pages and indexes are not part of it.
 */
#include "base/vec.h"
#include "evidence/store.h"
#include "sys/crypto.h"

static void
hash_u64(struct crypto_sha *h, uint64_t v)
{
	uint8_t b[8];

	for (int i = 0; i < 8; i++)
		b[i] = (uint8_t)(v >> (56 - 8 * i));
	crypto_sha_update(h, b, sizeof(b));
}

static void
hash_value(struct crypto_sha *h, struct stmt *st, int i)
{
	enum stmt_type t = stmt_type(st, i);
	uint8_t tag = (uint8_t)t;

	crypto_sha_update(h, &tag, 1);
	if (t == STMT_INT) {
		hash_u64(h, (uint64_t)stmt_int(st, i));
	} else if (t != STMT_NULL) {
		struct str s = stmt_str(st, i);
		hash_u64(h, s.len);
		crypto_sha_update(h, s.ptr, s.len);
	}
}

static int
hash_table(struct db *db, struct str name, struct crypto_sha *h,
    struct err *e)
{
	BUF_SCOPED q = BUF_INIT;
	STMT_SCOPED *st = NULL, *cols = NULL;

	/* How far the ledger was read is not what was found in it: entries that
	 * say nothing of evidence change nothing here. */
	buf_printf(&q, "SELECT * FROM \"" STR_FMT "\" WHERE %s ORDER BY ",
	    STR_ARG(name), str_is(name, "!meta") ? "key <> 'upto'" : "1");
	int r = db_prepare(db, &cols, STR("SELECT count(*) FROM"
	    " pragma_table_info(?1)"), e);
	if (r != 0)
		return (r);
	stmt_bind_str(cols, 1, name);
	if ((r = stmt_step(cols, e)) < 0)
		return (r);
	int64_t n = stmt_int(cols, 0);
	for (int64_t i = 1; i <= n; i++)
		buf_printf(&q, "%s%lld", i > 1 ? "," : "", (long long)i);
	r = db_prepare(db, &st, buf_str(&q), e);
	if (r != 0)
		return (r);
	hash_u64(h, name.len);
	crypto_sha_update(h, name.ptr, name.len);
	while ((r = stmt_step(st, e)) > 0) {
		for (int i = 0; i < n; i++)
			hash_value(h, st, i);
	}
	return (r);
}

int
evidence_digest(struct evidence *ev, uint8_t out[32], struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	VEC(struct str) tables = { 0 };
	STMT_SCOPED *st = NULL;
	struct crypto_sha h;
	int r = db_prepare(ev->db, &st, STR("SELECT name FROM sqlite_schema"
	    " WHERE type = 'table' AND name LIKE '%!%' ORDER BY name"), e);

	if (r != 0)
		return (r);
	while ((r = stmt_step(st, e)) > 0)
		vec_push(&tables, arena_str(&a, stmt_str(st, 0)));
	crypto_sha_init(&h);
	for (size_t i = 0; r == 0 && i < tables.n; i++)
		r = hash_table(ev->db, tables.at[i], &h, e);
	vec_free(&tables);
	if (r == 0)
		crypto_sha_final(&h, out);
	else
		crypto_sha_drop(&h);
	return (r);
}
