#include "evidence/views.h"

#include "evidence/identity.h"
#include "evidence/sight.h"
#include "schema/kind.h"
#include "sys/db_rows.h"

/* Numbers of views: two for each type, then those of the engine. */
enum engine_view {
	VIEW_RUN,
	VIEW_COVERAGE,
	VIEW_BLIND,
	VIEW_PEOPLE,
	VIEW_PEOPLE_PERIOD,
	VIEW_IDENTITY,
	VIEW_IDENTITY_PERIOD,
	VIEW_LEAVER,
	VIEW_ENGINE_MAX
};
static const char *const engine_names[] = {
	"run", "coverage", "blind_cell", "people", "people_period", "identity",
	"identity_period", "leaver",
};

/* After those of the engine: two for each type, whose its subjects are. */
static size_t
person_view(size_t type, bool period)
{
	return (schema_ntypes * 2 + VIEW_ENGINE_MAX + type * 2 + period);
}

static size_t
nviews(void)
{
	return (schema_ntypes * 4 + VIEW_ENGINE_MAX);
}

void
views_init(struct views *v, struct db *db, uint64_t head)
{
	*v = (struct views){ .db = db, .head = head };
	v->when = evidence_at(INT64_MAX - 1, EVIDENCE_HEAD);
	if ((v->made = calloc(nviews(), sizeof(*v->made))) == NULL)
		err_oom(nviews());
}

void
views_free(struct views *v)
{
	free(v->made);
	v->made = NULL;
}

/* --- names ---------------------------------------------------------------- */

/* The number of the view of that name, or -1. ASCII case does not matter. */
static int
find_view(struct str name)
{
	char low[80];

	if (name.len >= sizeof(low))
		return (-1);
	for (size_t i = 0; i < name.len; i++)
		low[i] = (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ?
		    name.ptr[i] + 32 : name.ptr[i]);
	struct str s = { low, name.len };
	for (int i = 0; i < VIEW_ENGINE_MAX; i++) {
		if (str_is(s, engine_names[i]))
			return ((int)schema_ntypes * 2 + i);
	}
	const struct schema_type *t = schema_find(s);
	if (t != NULL)
		return ((int)(t - schema_types) * 2);
	bool period = str_ends(s, "_period");
	if (period) {
		s.len -= 7;
		if ((t = schema_find(s)) != NULL)
			return ((int)(t - schema_types) * 2 + 1);
	}
	if (!str_ends(s, "_person"))
		return (-1);
	s.len -= 7;
	t = schema_find(s);
	return (t != NULL && identity_has(t) ?
	    (int)person_view((size_t)(t - schema_types), period) : -1);
}

enum views_kind
views_find(const char *name, const struct schema_type **ret)
{
	int i = find_view(str_from(name));

	*ret = NULL;
	if (i < 0)
		return (VIEWS_NONE);
	if ((size_t)i >= schema_ntypes * 2)
		return (VIEWS_ENGINE);
	*ret = &schema_types[i / 2];
	return (VIEWS_TABLE);
}

/* --- tables ---------------------------------------------------------------- */

static bool
all_known(uint64_t known, uint64_t head)
{
	return (known >= head);
}

/* The end of a version as it was known. */
static void
put_end(struct buf *q, uint64_t known, uint64_t head)
{
	if (all_known(known, head))
		buf_puts(q, "_to");
	else
		buf_printf(q, "CASE WHEN _end_known < %llu THEN _to END",
		    (unsigned long long)known);
}

static void
put_known(struct buf *q, uint64_t known, uint64_t head)
{
	if (all_known(known, head))
		buf_puts(q, "_known_to IS NULL");
	else
		buf_printf(q, "_known_from < %llu AND (_known_to IS NULL OR"
		    " _known_to >= %llu)", (unsigned long long)known,
		    (unsigned long long)known);
}

/* Still true at, or after, an instant. */
static void
put_reaches(struct buf *q, const char *op, int64_t at, uint64_t known,
    uint64_t head)
{
	buf_puts(q, "(_to IS NULL");
	if (!all_known(known, head))
		buf_printf(q, " OR _end_known >= %llu",
		    (unsigned long long)known);
	buf_printf(q, " OR _to %s %lld)", op, (long long)at);
}

static bool
has_field(const struct schema_type *t, const char *name)
{
	return (schema_field(t, str_from(name)) >= 0);
}

static void
put_column(struct buf *q, const struct schema_type *t, const char *expr,
    const char *name)
{
	/* A field of that name hides what the engine would add. */
	if (!has_field(t, name))
		buf_printf(q, ", %s AS %s", expr, name);
}

/* The newest complete run that satisfies a condition: a bound of a change. */
static char *
run_bound(const struct schema_type *t, const char *cond, uint64_t known)
{
	char *p;

	if (asprintf(&p, "(SELECT max(r.at) FROM \"!run\" r WHERE r.tab = %u"
	    " AND r.sid = _sid AND r.counts = 1 AND r.status = 'complete'"
	    " AND r.id < %llu%s)",
	    t->number, (unsigned long long)(known > INT64_MAX ? INT64_MAX :
	    known), cond) < 0)
		err_oom(256);
	return (p);
}

/* ${end}: how the version's end is written, as it was known. */
static void
put_times(struct buf *q, const struct schema_type *t, const char *end,
    uint64_t known)
{
	BUF_SCOPED cond = BUF_INIT;

	put_column(q, t, "_from", "valid_from");
	put_column(q, t, end, "valid_to");
	if (t->mode == MODE_SNAPSHOT) {
		char *after = run_bound(t, " AND r.at < _from", known);
		buf_printf(&cond, " AND r.at < coalesce(%s, %lld)", end,
		    (long long)INT64_MAX);
		char *seen = run_bound(t, cond.ptr, known);
		put_column(q, t, after, "changed_after");
		put_column(q, t, seen, "last_seen");
		free(after);
		free(seen);
	}
	put_column(q, t, "_known_from", "entry");
}

static void
put_clipped(struct buf *q, const struct schema_type *t,
    const struct evidence_when *w, const char *end)
{
	if (t->mode == MODE_APPEND) {
		buf_puts(q, ", _from AS from_us, _from + 1 AS to_us");
		return;
	}
	buf_printf(q, ", max(_from, %lld) AS from_us,"
	    " min(coalesce(%s, %lld), %lld) AS to_us", (long long)w->from,
	    end, (long long)w->to, (long long)w->to);
}

static void
put_fields(struct buf *q, const struct schema_type *t, uint64_t masked)
{
	for (size_t i = 0; i < t->nfields; i++)
		buf_printf(q, (masked >> i & 1) != 0 ? "%s" SIGHT_MASKED " AS "
		    "\"%s\"" : "%s\"%s\"", i > 0 ? ", " : "",
		    t->fields[i].name);
}

static const char source_name[] =
    "(SELECT s.name FROM \"!source\" s WHERE s.no = _sid)";

/* The versions that a view shows. */
static void
put_from(struct buf *q, const struct schema_type *t, bool period,
    const struct evidence_when *w, uint64_t head)
{
	buf_printf(q, " FROM \"%s!v\" WHERE ", t->name);
	put_known(q, w->known, head);
	if (period && t->mode == MODE_APPEND) {
		/* What happened stays a fact, also when a history drops it. */
		buf_printf(q, " AND _from >= %lld AND _from < %lld",
		    (long long)w->from, (long long)w->to);
		return;
	}
	buf_printf(q, " AND _from %s %lld AND ", period ? "<" : "<=",
	    (long long)(period ? w->to : w->at));
	put_reaches(q, ">", period ? w->from : w->at, w->known, head);
}

static void
put_view(const struct schema_type *t, bool period,
    const struct evidence_when *w, uint64_t head, bool kept,
    const struct record_reader *reader, struct buf *q)
{
	BUF_SCOPED end = BUF_INIT;
	uint64_t masked;
	const char *subject = sight_subject(reader, t) ? "_subject" :
	    SIGHT_MASKED;

	if (kept)
		buf_puts(&end, "_to");
	else
		put_end(&end, w->known, head);
	buf_puts(q, "SELECT ");
	sight_table(reader, t, &masked);
	put_fields(q, t, masked);
	if (schema_is_record(t))
		put_column(q, t, "_subject", "id");
	put_column(q, t, subject, "subject");
	put_column(q, t, kept ? "_source" : source_name, "source");
	if (period && kept)
		buf_puts(q, ", _from_us AS from_us, _to_us AS to_us");
	else if (period)
		put_clipped(q, t, w, end.ptr);
	put_times(q, t, end.ptr, w->known);
	if (kept)
		buf_printf(q, " FROM \"%s%s!k\"", t->name,
		    period ? "_period" : "");
	else
		put_from(q, t, period, w, head);
}

void
views_sql(const struct schema_type *t, bool period,
    const struct evidence_when *w, uint64_t head, struct buf *q)
{
	put_view(t, period, w, head, false, NULL, q);
}

/* --- rows that are kept ----------------------------------------------------- */

/*
 * Many procedures ask the same of the same table: what a view of it shows is
 * found out once, and kept in memory for all that follow. Only of tables that
 * are small: a large one would take more memory than it saves time.
 */
#define KEEP_VERSIONS 250000            /* of a table, all that there are */
#define KEEP_VIEW ((int64_t)32 << 20)   /* bytes of one view */
#define KEEP_ALL ((int64_t)64 << 20)    /* of all of them */

#define KEPT_OWN 8 /* columns that are no fields */

/* The columns of the rows that are kept, in the order of put_kept_rows(). */
static size_t
kept_columns(const struct schema_type *t, bool period,
    struct db_rows_column *c)
{
	static const struct db_rows_column own[KEPT_OWN] = {
		{ "_subject", false }, { "_sid", true }, { "_source", false },
		{ "_from", true }, { "_to", true }, { "_known_from", true },
		{ "_from_us", true }, { "_to_us", true } };
	size_t n = t->nfields;

	for (size_t i = 0; i < n; i++)
		c[i] = (struct db_rows_column){ t->fields[i].name,
			kind_integer(&t->fields[i]) };
	for (size_t i = 0; i < (period ? KEPT_OWN : KEPT_OWN - 2); i++)
		c[n++] = own[i];
	return (n);
}

/* In the order in which the indexes of the table give them. */
static void
put_kept_rows(struct buf *q, const struct schema_type *t, bool period,
    const struct evidence_when *w, uint64_t head)
{
	BUF_SCOPED end = BUF_INIT;

	put_end(&end, w->known, head);
	buf_puts(q, "SELECT ");
	put_fields(q, t, 0);
	buf_printf(q, ", _subject, _sid, %s, _from, %s, _known_from",
	    source_name, end.ptr);
	if (period)
		put_clipped(q, t, w, end.ptr);
	put_from(q, t, period, w, head);
	buf_puts(q, t->mode == MODE_APPEND ? " ORDER BY _from, rowid" :
	    " ORDER BY _subject, _sid, rowid");
}

/* *ret: the rows are there, in "NAME!k" or "NAME_period!k". */
static int
keep_rows(struct views *v, const struct schema_type *t, bool period, bool *ret,
    struct err *e)
{
	BUF_SCOPED q = BUF_INIT;
	struct db_rows_column *columns;
	char name[96];
	int64_t bytes = KEEP_ALL - v->kept, n;

	buf_printf(&q, "SELECT max(rowid) FROM \"%s!v\"", t->name);
	int r = db_get_int(v->db, q.ptr, 0, &n, e);
	*ret = false;
	if (r != 0 || n > KEEP_VERSIONS)
		return (r);
	if (bytes > KEEP_VIEW)
		bytes = KEEP_VIEW;
	buf_reset(&q);
	snprintf(name, sizeof(name), "%s%s!k", t->name, period ? "_period" : "");
	put_kept_rows(&q, t, period, &v->when, v->head);
	columns = calloc(t->nfields + KEPT_OWN, sizeof(*columns));
	if (columns == NULL)
		err_oom((t->nfields + KEPT_OWN) * sizeof(*columns));
	r = db_rows(v->db, name, columns, kept_columns(t, period, columns),
	    buf_str(&q), &bytes, e);
	free(columns);
	*ret = r == 0;
	if (r == 0)
		v->kept += bytes;
	return (r < 0 ? r : 0);
}

/* --- views of the engine --------------------------------------------------- */

static void
run_sql(const struct views *v, struct buf *q)
{
	buf_printf(q, "CREATE TEMP VIEW run(id, source, table_name, at, started,"
	    " ended, status, expected, received, changed, collector, message)"
	    " AS SELECT r.id, s.name, t.name, r.at, r.started, r.ended,"
	    " r.status, r.expected, r.received, r.changed, r.collector,"
	    " r.message FROM \"!run\" r JOIN \"!source\" s ON s.no = r.sid"
	    " LEFT JOIN \"!table\" t ON t.tab = r.tab WHERE r.id < %llu;\n",
	    (unsigned long long)(v->when.known > INT64_MAX ? INT64_MAX :
	    v->when.known));
}

static void
blind_sql(const struct views *v, struct buf *q)
{
	uint64_t known = v->when.known, head = v->head;

	buf_puts(q, "CREATE TEMP VIEW blind_cell(table_name, column_name,"
	    " subject, source, valid_from, valid_to) AS");
	const char *and = "";
	for (size_t i = 0; i < schema_ntypes; i++) {
		const struct schema_type *t = &schema_types[i];

		if (schema_is_record(t))
			continue; /* a record has no unknown fields */
		buf_printf(q, "%s SELECT '%s', c.name, _subject, s.name, _from, ",
		    and, t->name);
		and = " UNION ALL";
		put_end(q, known, head);
		buf_printf(q, " FROM \"%s!v\" JOIN \"!column\" c ON c.tab = %u"
		    " AND (_blind >> c.bit) & 1 = 1 JOIN \"!source\" s"
		    " ON s.no = _sid WHERE _blind IS NOT NULL AND ", t->name,
		    t->number);
		put_known(q, known, head);
	}
	buf_puts(q, ";\n");
}

static void
bind_limit(struct stmt *st, int i, int64_t us)
{
	if (us == INT64_MIN || us == INT64_MAX)
		stmt_bind_null(st, i);
	else
		stmt_bind_int(st, i, us);
}

static int
fill_table(struct views *v, struct stmt *st, const struct schema_type *t,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct evidence_span *spans;
	size_t n;
	int r = evidence_coverage_sources(&a, v->db, t, INT64_MIN, INT64_MAX,
	    v->when.known, &spans, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		stmt_bind_text(st, 1, t->name);
		if (spans[i].source.len > 0)
			stmt_bind_str(st, 2, spans[i].source);
		else
			stmt_bind_null(st, 2);
		bind_limit(st, 3, spans[i].from);
		bind_limit(st, 4, spans[i].to);
		stmt_bind_text(st, 5, spans[i].observed ? "observed" : "blind");
		stmt_bind_text(st, 6, spans[i].reason);
		r = stmt_run(st, e);
	}
	return (r);
}

/* Coverage has one definition, in coverage.c; here it is written down. */
static int
make_coverage(struct views *v, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_exec(v->db, "CREATE TEMP TABLE coverage(table_name TEXT,"
	    " source TEXT, from_us INTEGER, to_us INTEGER, state TEXT,"
	    " reason TEXT)", e);

	if (r == 0)
		r = db_prepare(v->db, &st, STR("INSERT INTO temp.coverage"
		    " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"), e);
	for (size_t i = 0; r == 0 && i < schema_ntypes; i++)
		r = fill_table(v, st, &schema_types[i], e);
	return (r);
}

/* --- making them ----------------------------------------------------------- */

static int make(struct views *v, size_t i, struct err *e);

static int
make_named(struct views *v, const char *name, bool period, struct err *e)
{
	const struct schema_type *t = schema_find_name(name);

	if (t == NULL)
		BUG("there is no table %s", name);
	return (make(v, (size_t)(t - schema_types) * 2 + period, e));
}

static int
make_people(struct views *v, bool period, struct err *e)
{
	BUF_SCOPED q = BUF_INIT;
	int r = make_named(v, "hr_person", period, e);

	if (r == 0)
		r = make_named(v, "person", period, e);
	identity_people_sql(period, &q);
	return (r != 0 ? r : db_exec(v->db, q.ptr, e));
}

/* Whose the subjects of one table are. */
static int
make_person(struct views *v, const struct schema_type *t, bool period,
    struct err *e)
{
	BUF_SCOPED q = BUF_INIT;
	BUF_SCOPED known = BUF_INIT;
	int r = make(v, schema_ntypes * 2 + (period ? VIEW_PEOPLE_PERIOD :
	    VIEW_PEOPLE), e);

	if (r == 0)
		r = make_named(v, "identity_decision", period, e);
	if (r == 0)
		r = make_named(v, t->name, period, e);
	put_known(&known, v->when.known, v->head);
	identity_table_sql(t, period, known.ptr, &q);
	return (r != 0 ? r : db_exec(v->db, q.ptr, e));
}

static int
make_identity(struct views *v, bool period, struct err *e)
{
	BUF_SCOPED q = BUF_INIT;
	const struct schema_type *t;
	int r = 0;

	for (size_t i = 0; r == 0 && (t = identity_table(i)) != NULL; i++)
		r = make(v, person_view((size_t)(t - schema_types), period), e);
	identity_sql(period, &q);
	return (r != 0 ? r : db_exec(v->db, q.ptr, e));
}

static int
make_leaver(struct views *v, struct err *e)
{
	BUF_SCOPED q = BUF_INIT;
	int r = make(v, schema_ntypes * 2 + VIEW_RUN, e);

	if (r == 0)
		r = make_named(v, "hr_person", true, e);
	if (r == 0)
		r = make_named(v, "person", true, e);
	identity_leaver_sql(v->when.to, &q);
	return (r != 0 ? r : db_exec(v->db, q.ptr, e));
}

static int
make_engine(struct views *v, enum engine_view which, struct err *e)
{
	BUF_SCOPED q = BUF_INIT;

	switch (which) {
	case VIEW_RUN:
		run_sql(v, &q);
		return (db_exec(v->db, q.ptr, e));
	case VIEW_BLIND:
		blind_sql(v, &q);
		return (db_exec(v->db, q.ptr, e));
	case VIEW_COVERAGE:
		return (make_coverage(v, e));
	case VIEW_PEOPLE:
	case VIEW_PEOPLE_PERIOD:
		return (make_people(v, which == VIEW_PEOPLE_PERIOD, e));
	case VIEW_LEAVER:
		return (make_leaver(v, e));
	default:
		return (make_identity(v, which == VIEW_IDENTITY_PERIOD, e));
	}
}

static int
make(struct views *v, size_t i, struct err *e)
{
	BUF_SCOPED q = BUF_INIT;

	if (v->made[i])
		return (0);
	v->made[i] = true;
	if (i >= person_view(0, false)) {
		i -= person_view(0, false);
		return (make_person(v, &schema_types[i / 2], i % 2 != 0, e));
	}
	if (i >= schema_ntypes * 2)
		return (make_engine(v,
		    (enum engine_view)(i - schema_ntypes * 2), e));
	const struct schema_type *t = &schema_types[i / 2];
	bool kept = false;
	int r = v->keep && v->reader == NULL ? keep_rows(v, t, i % 2 != 0, &kept, e) : 0;
	if (r != 0)
		return (r);
	buf_printf(&q, "CREATE TEMP VIEW \"%s%s\" AS ", t->name,
	    i % 2 != 0 ? "_period" : "");
	put_view(t, i % 2 != 0, &v->when, v->head, kept, v->reader, &q);
	return (db_exec(v->db, q.ptr, e));
}

static bool
is_word(char c)
{
	return ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_');
}

int
views_need(struct views *v, struct str sql, struct err *e)
{
	for (size_t i = 0; i < sql.len;) {
		size_t from = i;

		while (i < sql.len && is_word(sql.ptr[i]))
			i++;
		int w = find_view((struct str){ sql.ptr + from, i - from });
		if (w >= 0) {
			int r = make(v, (size_t)w, e);
			if (r != 0)
				return (r);
		}
		while (i < sql.len && !is_word(sql.ptr[i]))
			i++;
	}
	return (0);
}

/* Names of all temporary views and tables, made by us or not. */
static int
drop_all(struct views *v, struct err *e)
{
	BUF_SCOPED q = BUF_INIT;
	STMT_SCOPED *st = NULL;
	int r = db_prepare(v->db, &st, STR("SELECT type, name FROM"
	    " sqlite_temp_schema WHERE type IN ('view', 'table')"), e);

	if (r != 0)
		return (r);
	while ((r = stmt_step(st, e)) > 0)
		buf_printf(&q, "DROP " STR_FMT " temp.\"" STR_FMT "\";",
		    STR_ARG(stmt_str(st, 0)), STR_ARG(stmt_str(st, 1)));
	memset(v->made, 0, nviews() * sizeof(*v->made));
	v->kept = 0;
	return (r != 0 || q.len == 0 ? r : db_exec(v->db, q.ptr, e));
}

int
views_when(struct views *v, const struct evidence_when *when, struct err *e)
{
	if (v->when.period == when->period && v->when.at == when->at &&
	    v->when.from == when->from && v->when.to == when->to &&
	    v->when.known == when->known)
		return (0);
	int r = drop_all(v, e);
	if (r == 0)
		v->when = *when;
	return (r);
}
