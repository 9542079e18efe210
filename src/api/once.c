#include "api/once.h"

#include "base/clock.h"
#include "record/workspace.h"
#include "sys/crypto.h"
#include "sys/db.h"

#define KEY_MAX 255

int
once_check(struct call *c, struct err *e)
{
	struct str s = c->field[CALL_ONCE];
	bool ok = s.ptr == NULL || (s.len > 0 && s.len <= KEY_MAX);

	(void)e;
	for (size_t i = 0; ok && i < s.len; i++)
		ok = s.ptr[i] > 0x20 && s.ptr[i] < 0x7f;
	return (ok ? 0 : call_problem(c, 400, "Idempotency-Key is not well-"
	    "formed", "send 1 to 255 printable characters without spaces"));
}

/* Keys are apart for each who asks. */
static void
digests(const struct call *c, uint8_t key[CRYPTO_HASH],
    uint8_t request[CRYPTO_HASH])
{
	struct crypto_sha h;
	uint8_t body[CRYPTO_HASH];
	BUF_SCOPED b = BUF_INIT;

	crypto_sha_init(&h);
	crypto_sha_update(&h, c->who.id.ptr, c->who.id.len);
	crypto_sha_update(&h, "", 1);
	crypto_sha_update(&h, c->field[CALL_ONCE].ptr, c->field[CALL_ONCE].len);
	crypto_sha_final(&h, key);
	crypto_sha256(c->body.ptr, c->body.len, body);
	buf_printf(&b, "%s ", httpd_parse_method(c->method));
	buf_putstr(&b, c->target);
	buf_putc(&b, '\n');
	for (int i = 0; i < CALL_FIELD_MAX; i++)
		if (i == CALL_IF_MATCH || i == CALL_CONTENT_TYPE) {
			buf_putstr(&b, c->field[i]);
			buf_putc(&b, '\n');
		}
	buf_put(&b, body, sizeof(body));
	crypto_sha256(b.ptr, b.len, request);
}

static int
make_table(struct db *db, struct err *e)
{
	return (db_exec(db, "CREATE TABLE IF NOT EXISTS api_once("
	    " key BLOB PRIMARY KEY,"
	    " request BLOB NOT NULL,"
	    " kept TEXT NOT NULL,"
	    " at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
	    "CREATE INDEX IF NOT EXISTS api_once_at ON api_once(at)", e));
}

int
once_begin(struct context *x, struct call *c, struct str *ret, struct err *e)
{
	uint8_t key[CRYPTO_HASH], request[CRYPTO_HASH];
	struct stmt *st;
	int r;

	if (c->field[CALL_ONCE].ptr == NULL)
		return (0);
	digests(c, key, request);
	r = make_table(x->ws->db, e);
	if (r == 0)
		r = db_cached(x->ws->db, &st, "SELECT request, kept FROM "
		    "api_once WHERE key=? AND at>?", e);
	if (r != 0)
		return (r);
	stmt_bind_blob(st, 1, key, sizeof(key));
	stmt_bind_int(st, 2, clock_now() - ONCE_KEPT);
	r = stmt_step(st, e);
	if (r > 0) {
		struct str was = { (const char *)request, sizeof(request) };
		if (str_eq(stmt_str(st, 0), was))
			*ret = arena_str(&c->a, stmt_str(st, 1));
		else
			r = call_problem(c, 422, "another request was sent with "
			    "this Idempotency-Key", "choose a new key for each "
			    "request");
	}
	stmt_reset(st);
	return (r);
}

static int
drop_old(struct db *db, int64_t now, struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st, "DELETE FROM api_once WHERE at<=?", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, now - ONCE_KEPT);
	return (stmt_run(st, e));
}

int
once_end(struct context *x, struct call *c, struct str kept, struct err *e)
{
	uint8_t key[CRYPTO_HASH], request[CRYPTO_HASH];
	int64_t now = clock_now();
	struct stmt *st;
	int r;

	if (c->field[CALL_ONCE].ptr == NULL)
		return (0);
	digests(c, key, request);
	r = drop_old(x->ws->db, now, e);
	if (r == 0)
		r = db_cached(x->ws->db, &st, "INSERT INTO api_once(key,request,"
		    "kept,at) VALUES(?,?,?,?)", e);
	if (r != 0)
		return (r);
	stmt_bind_blob(st, 1, key, sizeof(key));
	stmt_bind_blob(st, 2, request, sizeof(request));
	stmt_bind_str(st, 3, kept);
	stmt_bind_int(st, 4, now);
	return (stmt_run(st, e));
}
