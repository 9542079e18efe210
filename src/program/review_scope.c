#include "program/review_scope.h"

#include "evidence/query.h"
#include "sys/crypto.h"
#include "sys/db.h"
#include "text/json.h"

/*
 * Tables that say who has access, and what counts as having it. Each gives
 * source, subject, w: the right in words, adm: whether it is an administrator's.
 */
static const struct {
	const char *table, *sql;
} tables[] = {
	{ "access_grant", "SELECT t.source AS source, t.subject AS subject, t.system || "
	    "iif(t.role IS NULL, '', ', role ' || t.role) AS w, 0 AS adm FROM access_grant t "
	    "WHERE t.granted_on IS NOT NULL AND t.revoked_on IS NULL" },
	{ "account", "SELECT t.source AS source, t.subject AS subject, "
	    "'sign in to ' || t.host AS w, t.uid = 0 AS adm FROM account t WHERE t.interactive = 1" },
	{ "group_member", "SELECT t.source AS source, t.subject AS subject, "
	    "'group ' || t.grp || ' on ' || t.host AS w, t.grp IN ('root', 'sudo', 'wheel', 'admin', 'adm', "
	    "'docker') AS adm FROM group_member t WHERE t.primary_group = 0" },
	{ "saas_account", "SELECT t.source AS source, t.subject AS subject, "
	    "t.app || iif(t.role IS NULL, '', ', role ' || t.role) AS w, "
	    "coalesce(t.admin, 0) AS adm FROM saas_account t WHERE t.status <> 'deleted'" },
};
#define NTABLES (sizeof(tables) / sizeof(tables[0]))

struct asking {
	struct evidence_when when;
	const struct str *sources;
	size_t n, rows;
	struct query *q;
	struct json_writer w;
	struct buf out;
	struct str table;
};

static void
put_cell(struct asking *x, struct stmt *st, int i)
{
	if (stmt_isnull(st, i))
		json_null(&x->w);
	else if (stmt_type(st, i) == STMT_INT)
		json_int(&x->w, stmt_int(st, i));
	else
		json_str(&x->w, stmt_str(st, i));
}

static int
on_row(void *ctx, struct stmt *st, bool row, struct err *e)
{
	struct asking *x = ctx;

	if (!row)
		return (0);
	if (x->rows++ == REVIEW_SCOPE_ROWS)
		return (err_set(e, ERR_LIMIT, NULL, "review fewer sources at once",
		    "there are more than %d rows of access", REVIEW_SCOPE_ROWS));
	json_array(&x->w);
	json_str(&x->w, x->table);
	for (int i = 0; i < stmt_ncol(st); i++)
		put_cell(x, st, i);
	json_close(&x->w);
	return (0);
}

/* :s0, :s1, ... */
static void
put_sources(struct buf *sql, size_t n)
{
	buf_puts(sql, "(");
	for (size_t i = 0; i < n; i++)
		buf_printf(sql, "%s:s%zu", i > 0 ? ", " : "", i);
	buf_puts(sql, ")");
}

static int
ask(struct asking *x, struct buf *sql, struct err *e)
{
	struct query_param params[REVIEW_SCOPE_SOURCES];
	char names[REVIEW_SCOPE_SOURCES][24];
	struct query_sql s = { .sql = buf_str(sql), .file = "review",
		.params = params, .nparams = x->n };

	for (size_t i = 0; i < x->n; i++) {
		snprintf(names[i], sizeof(names[i]), "s%zu", i);
		params[i] = (struct query_param){ names[i],
			CELL_STR(x->sources[i]) };
	}
	return (query_ask(x->q, &s, on_row, x, e));
}

static int
ask_rows(struct asking *x, size_t k, struct err *e)
{
	BUF_SCOPED sql = BUF_INIT;

	buf_printf(&sql, "SELECT s.source, s.subject, s.w, s.adm, (SELECT "
	    "max(q.record) FROM people q WHERE q.person = p.person) FROM (%s) s "
	    "LEFT JOIN %s_person p ON p.source = s.source AND "
	    "p.subject = s.subject WHERE s.source IN ", tables[k].sql,
	    tables[k].table);
	put_sources(&sql, x->n);
	buf_puts(&sql, " ORDER BY 1, 2");
	x->table = str_from(tables[k].table);
	return (ask(x, &sql, e));
}

/* The last complete run of each source for each of the tables. */
static int
ask_seen(struct asking *x, struct err *e)
{
	BUF_SCOPED sql = BUF_INIT;

	buf_puts(&sql, "SELECT r.source, r.table_name, r.at, r.id, r.expected, "
	    "r.received, r.collector, EXISTS(SELECT 1 FROM coverage c WHERE "
	    "c.table_name = r.table_name AND c.source = r.source AND "
	    "c.state = 'observed' AND (c.from_us IS NULL OR c.from_us <= :at) AND "
	    "(c.to_us IS NULL OR c.to_us > :at)) FROM run r WHERE "
	    "r.status = 'complete' AND r.table_name IN ('access_grant', 'account', "
	    "'group_member', 'saas_account') AND NOT EXISTS(SELECT 1 FROM run o "
	    "WHERE o.source = r.source AND o.table_name = r.table_name AND "
	    "o.status = 'complete' AND o.id > r.id) AND r.source IN ");
	put_sources(&sql, x->n);
	buf_puts(&sql, " ORDER BY 1, 2");
	x->table = STR("");
	return (ask(x, &sql, e));
}

static int
in_child(struct query *q, void *ctx, struct err *e)
{
	struct asking *x = ctx;

	x->q = q;
	json_begin(&x->w, &x->out, false);
	json_array(&x->w);
	int r = query_when(q, &x->when, e);
	for (size_t k = 0; r == 0 && k < NTABLES; k++)
		r = ask_rows(x, k, e);
	if (r == 0)
		r = ask_seen(x, e);
	if (r != 0)
		return (r);
	json_close(&x->w);
	json_end(&x->w, NULL);
	return (query_write(q, buf_str(&x->out), e));
}

static int
receive(void *ctx, struct str bytes, struct err *e)
{
	(void)e;
	buf_putstr(ctx, bytes);
	return (0);
}

/* --- what came -------------------------------------------------------------------- */

static struct str
text_at(const struct val *row, size_t i)
{
	const struct val *v = row->u.list.at[i];

	return (v->type == VAL_STR ? v->u.s : STR(""));
}

static int64_t
int_at(const struct val *row, size_t i, int64_t otherwise)
{
	const struct val *v = row->u.list.at[i];

	return (v->type == VAL_INT ? v->u.i : otherwise);
}

static void
take(struct arena *a, const struct val *row, struct review_scope *s)
{
	if (text_at(row, 0).len == 0) {
		s->seen[s->nseen++] = (struct review_scope_seen){
			.source = text_at(row, 1), .table = text_at(row, 2),
			.at = int_at(row, 3, 0),
			.entry = (uint64_t)int_at(row, 4, 0),
			.expected = int_at(row, 5, -1),
			.received = int_at(row, 6, 0),
			.collector = text_at(row, 7),
			.observed = int_at(row, 8, 0) != 0 };
		return;
	}
	s->rows[s->n++] = (struct review_scope_row){ .table = text_at(row, 0),
		.source = text_at(row, 1), .subject = text_at(row, 2),
		.right = str_from(arena_printf(a, STR_FMT ": " STR_FMT,
		STR_ARG(text_at(row, 0)), STR_ARG(text_at(row, 3)))),
		.privileged = int_at(row, 4, 0) != 0,
		.person = text_at(row, 5) };
}

static void
hash_rows(struct review_scope *s)
{
	struct crypto_sha sha;
	BUF_SCOPED line = BUF_INIT;

	crypto_sha_init(&sha);
	for (size_t i = 0; i < s->n; i++) {
		const struct review_scope_row *r = &s->rows[i];
		struct json_writer w;
		buf_reset(&line);
		json_begin(&w, &line, false);
		json_array(&w);
		json_str(&w, r->source);
		json_str(&w, r->subject);
		json_str(&w, r->right);
		json_str(&w, r->person);
		json_bool(&w, r->privileged);
		json_close(&w);
		json_end(&w, NULL);
		buf_putc(&line, '\n');
		crypto_sha_update(&sha, line.ptr, line.len);
	}
	crypto_sha_final(&sha, s->hash);
}

int
review_scope_read(struct arena *a, struct evidence *ev, int64_t at,
    uint64_t known, const struct str *sources, size_t n,
    struct review_scope *ret, struct err *e)
{
	struct asking x = { .when = evidence_at(at, known), .sources = sources,
		.n = n };
	struct review_scope s = { .at = at, .known = known };
	BUF_SCOPED bytes = BUF_INIT;
	struct val *v;

	if (n == 0 || n > REVIEW_SCOPE_SOURCES)
		return (err_set(e, ERR_INPUT, NULL, "name 1 to 16 sources",
		    "a review looks at some sources"));
	int r = query_run(ev, NULL, in_child, &x, receive, &bytes, e);
	if (r == 0)
		r = json_parse(a, "review", buf_str(&bytes), &v, e);
	if (r != 0)
		return (r);
	s.rows = arena_array(a, val_count(v) + 1, sizeof(*s.rows));
	s.seen = arena_array(a, val_count(v) + 1, sizeof(*s.seen));
	for (size_t i = 0; i < val_count(v); i++)
		take(a, v->u.list.at[i], &s);
	hash_rows(&s);
	*ret = s;
	return (0);
}

bool
review_scope_has(const struct review_scope *s, struct str table,
    struct str source, struct str subject)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->rows[i].subject, subject) &&
		    str_eq(s->rows[i].source, source) &&
		    str_eq(s->rows[i].table, table))
			return (true);
	return (false);
}

const struct review_scope_seen *
review_scope_find(const struct review_scope *s, struct str table,
    struct str source)
{
	for (size_t i = 0; i < s->nseen; i++)
		if (str_eq(s->seen[i].table, table) &&
		    str_eq(s->seen[i].source, source))
			return (&s->seen[i]);
	return (NULL);
}
