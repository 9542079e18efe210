/*
 * What a client of the API sends, before anything is done with it. The first
 * byte chooses: a query and the list that it asks for; a cursor, which comes out
 * as it went in; header fields; words, whose MATCH FTS5 must understand; a path
 * and the body of a record; the body of another route; the query of a computed
 * list; from 250 on, what is sent by the public form.
 */
#include "api/cursor.h"
#include "api/form.h"
#include "api/lists.h"
#include "api/records.h"
#include "api/rows.h"
#include "record/migrate.h"
#include "record/search.h"
#include "record/workspace.h"
#include "sys/db.h"
#include "text/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct workspace ws;

static void
open_store(void)
{
	if (db_open(&ws.db, ":memory:", DB_CREATE | DB_WRITER, NULL) != 0 ||
	    migrate_run(ws.db, true, NULL) != 0)
		abort();
	ws.zone = zone_utc();
	ws.records.db = ws.db;
}

static int
take(void *ctx, const struct record *r, struct err *e)
{
	(void)ctx;
	(void)r;
	(void)e;
	return (0);
}

static void
try_query(struct call *c, struct context *x, struct str s)
{
	struct lists l;
	struct err e = { 0 };

	c->type = schema_get(s.len % 2 != 0 ? T_VENDOR : T_PERSON);
	c->query = s;
	for (c->route = routes; strcmp(c->route->id, "list") != 0;)
		c->route++;
	/* There is no ledger to ask for a position. */
	if (route_check(c, &e) != 0 ||
	    params_get(&c->params, "known_at").ptr != NULL ||
	    lists_parse(x, c, &l, &e) != 0 || l.past)
		return;
	if (record_each(x->store, c->type, &l.q, take, NULL, &e) != 0 &&
	    e.code != ERR_INPUT && e.code != ERR_DENIED && e.code != ERR_USAGE)
		abort();
}

static void
try_cursor(struct call *c, struct str s)
{
	struct record_place p, q;
	BUF_SCOPED b = BUF_INIT;
	struct err e;

	/* What is no cursor is made one, so that both ways are gone. */
	if (cursor_parse(&c->a, s, STR("q"), &p, &e) != 0)
		p = (struct record_place){ .value = s.len % 3 == 0 ? CELL_NONE :
			s.len % 3 == 1 ? CELL_INT((int64_t)s.len) : CELL_STR(s),
			.id = STR("0123456789abcdefghjkmnpqrs") };
	cursor_put(&p, STR("q"), &b);
	if (!str_utf8_ok(s) || b.len > CURSOR_MAX)
		return;
	if (cursor_parse(&c->a, buf_str(&b), STR("q"), &q, &e) != 0 ||
	    !str_eq(p.id, q.id) || p.value.i != q.value.i ||
	    !str_eq(p.value.s, q.value.s))
		abort();
	if (cursor_parse(&c->a, buf_str(&b), STR("other"), &q, &e) == 0)
		abort();
}

static void
try_words(struct str s)
{
	BUF_SCOPED b = BUF_INIT;
	struct stmt *st;
	struct err e;

	if (search_match(s, 1u << CLASS_PUBLIC | 1u << CLASS_INTERNAL, &b, &e) != 0)
		return;
	if (db_cached(ws.db, &st, "SELECT rowid FROM search WHERE search MATCH ?",
	    &e) != 0)
		abort();
	stmt_bind_str(st, 1, buf_str(&b));
	if (stmt_step(st, &e) < 0)
		abort();
	stmt_reset(st);
}

static void
try_body(struct call *c, struct context *x, struct str s)
{
	const char *at = s.len != 0 ? memchr(s.ptr, '\n', s.len) : NULL;
	struct err e = { 0 };

	if (at == NULL)
		return;
	c->path = (struct str){ s.ptr, (size_t)(at - s.ptr) };
	c->body = (struct str){ at + 1, s.len - c->path.len - 1 };
	c->field[CALL_CONTENT_TYPE] = STR("application/json");
	c->field[CALL_IF_MATCH] = STR("\"1\"");
	c->method = HTTPD_PATCH;
	if (route_find(c, &e) == 0)
		(void)c->route->read(x, c, &e);
	if (c->problem != NULL)
		call_fail(c, &e);
}

/* The body of a route that has a shape, chosen by its first byte. */
static void
try_shape(struct call *c, struct context *x, struct str s)
{
	struct err e = { 0 };
	size_t n = 0, at;

	for (const struct route *r = routes; r->path != NULL; r++)
		n += r->body != NULL;
	if (s.len == 0)
		return;
	at = (unsigned char)s.ptr[0] % n;
	for (c->route = routes; c->route->body == NULL || at-- > 0;)
		c->route++;
	c->body = (struct str){ s.ptr + 1, s.len - 1 };
	c->field[CALL_CONTENT_TYPE] = STR("application/json");
	if (shape_read(x, c, c->route->body, &e) != 0)
		call_fail(c, &e);
	else if (c->value->type != VAL_MAP)
		abort();
}

static const struct shape columns[] = {
	{ .name = "id" }, { .name = "n", .kind = SHAPE_INT },
	{ .name = "on", .kind = SHAPE_BOOL },
	{ .name = "of", .kind = SHAPE_TEXTS }, { .name = NULL },
};

/* Pages of a list give each row once, whatever is asked. */
static void
try_rows(struct call *c, struct context *x, struct str s)
{
	static const struct route route = { .path = "/x", .rows = columns,
		.params = { rows_params }, .id = "x" };
	struct rows rows = { 0 };
	struct err e = { 0 };

	c->route = &route;
	c->query = s;
	if (route_check(c, &e) != 0 ||
	    params_get(&c->params, "format").ptr != NULL)
		return;
	for (int i = 0; i < 9; i++) {
		struct val *m = val_map(&c->a), *list = val_list(&c->a);
		val_push(&c->a, list, val_text(&c->a, "x"));
		val_put(&c->a, m, "id", val_fmt(&c->a, "r%d", i * 7 % 9));
		val_put(&c->a, m, "n", i % 3 != 0 ? val_int(&c->a, i % 4) :
		    val_null(&c->a));
		val_put(&c->a, m, "on", val_bool(&c->a, i % 2 == 0));
		val_put(&c->a, m, "of", list);
		rows_add(c, &rows, val_get_str(m, "id"), m);
	}
	if (rows_answer(x, c, &rows, &e) != 0)
		call_fail(c, &e);
}

/* What is sent by the public form: the answer is a page, or it is taken in. */
static void
try_form(struct call *c, struct context *x, struct str s)
{
	bool take_in = false;
	struct err e = { 0 };

	c->page = c->forwarded = true;
	c->path = s.len % 2 != 0 ? STR("/privacy/status") :
	    STR("/privacy/request");
	c->method = HTTPD_POST;
	c->body = s;
	c->peer = "127.0.0.1";
	c->field[CALL_FORWARDED] = s;
	c->field[CALL_CONTENT_TYPE] = STR("application/x-www-form-urlencoded");
	if (form_peer(c).len > 64)
		abort();
	if (form_read(x, c, &take_in, &e) != 0)
		call_fail(c, &e);
	if (!take_in && (c->status == 0 || c->out.len == 0))
		abort();
	/* Nothing of it becomes markup. */
	if (!take_in && memmem(c->out.ptr, c->out.len, "<x>", 3) != NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call c = { .fd = -1, .target = STR("/") };
	struct context x = { .ws = &ws, .store = &ws.records };

	if (ws.db == NULL)
		open_store();
	if (size < 1)
		return (0);
	struct str s = { (const char *)data + 1, size - 1 };
	switch (data[0] >= 250 ? 250 : data[0] % 7) {
	case 0:
		try_query(&c, &x, s);
		break;
	case 1:
		try_cursor(&c, s);
		break;
	case 2:
		(void)call_tags(s, "\"1\"", true);
		(void)call_media(s, "application/json");
		(void)call_accepts(s, "text/csv");
		break;
	case 3:
		try_words(s);
		break;
	case 250:
		try_form(&c, &x, s);
		break;
	case 4:
		try_body(&c, &x, s);
		break;
	case 5:
		try_shape(&c, &x, s);
		break;
	default:
		try_rows(&c, &x, s);
	}
	buf_free(&c.out);
	arena_free(&c.a);
	return (0);
}
