#include "record/history.h"

#include "ledger/ledger.h"
#include "record/revision.h"
#include "record/see.h"
#include "record/store.h"
#include "schema/kind.h"
#include "sys/db.h"
#include "text/date.h"
#include "text/zone.h"

int
record_zone(struct arena *a, struct ledger *l, const struct zone **ret,
    struct err *e)
{
	struct err own;
	struct entry x;
	int r = ledger_entry(l, a, 0, &x, &own);

	if (r == -ERR_NOTFOUND) {
		*ret = zone_utc();
		return (0);
	}
	if (r != 0 && e != NULL)
		*e = own;
	if (r != 0)
		return (r);
	struct str name = entry_note_get(&x, "zone");
	if (name.ptr == NULL) {
		*ret = zone_utc();
		return (0);
	}
	return (zone_load(a, arena_strndup(a, name.ptr, name.len), ret, e));
}

bool
record_instant(const struct record *r, size_t field, const struct zone *z,
    int64_t *ret)
{
	const struct cell *c = &r->cells[field];
	int64_t day;

	if (c->state != CELL_VALUE)
		return (false);
	if (kind_integer(&r->type->fields[field])) {
		*ret = c->i;
		return (true);
	}
	if (date_parse(c->s, &day, NULL) != 0)
		return (false);
	*ret = zone_day_start(z, day);
	return (true);
}

static int64_t
effective(const struct record *r, int64_t time, const struct zone *z)
{
	int at = r->type->time;
	int64_t us = time;

	if (at >= 0)
		record_instant(r, (size_t)at, z, &us);
	return (us);
}

/* The revision that an entry records. Cells are absent if it was erased. */
static int
revision_of(struct ledger *l, struct arena *a, const struct zone *z,
    uint64_t index, const struct entry *x, const struct schema_type *t,
    struct record_revision *ret, struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	const uint8_t *body = entry_body_get(x, REVISION_CLASS);
	struct record_revision v = { .time = x->time, .effective = x->time,
		.actor = arena_str(a, x->actor), .action = arena_str(a, x->action) };
	struct str import = entry_note_get(x, "import");
	char where[48];
	int r;

	v.import = import.ptr != NULL ? arena_str(a, import) : STR("none");
	snprintf(where, sizeof(where), "ledger entry %llu",
	    (unsigned long long)index);
	if (body == NULL)
		return (err_set(e, ERR_DAMAGED, where, "restore a backup",
		    "the entry of a record has no revision"));
	r = body_get(l, body, &text, e);
	if (r == -ERR_ERASED) {
		int64_t rev = 0;
		str_to_i64(entry_note_get(x, "rev"), &rev);
		v.erased = true;
		v.record = (struct record){ .type = t, .id = arena_str(a, x->id),
			.rev = rev, .cells = arena_array(a, t->nfields,
			sizeof(struct cell)) };
	} else {
		if (r == 0)
			r = revision_decode(a, buf_str(&text), &v.record, e);
		if (r == 0 && (v.record.type != t || !str_eq(v.record.id, x->id)))
			r = err_set(e, ERR_DAMAGED, where, "restore a backup",
			    "the revision is of another record than its entry says");
		if (r != 0)
			return (e != NULL && e->where[0] == '\0' ?
			    err_at(e, "%s", where) : r);
		v.effective = effective(&v.record, x->time, z);
	}
	v.record.entry = index;
	*ret = v;
	return (0);
}

/* --- one record ------------------------------------------------------------ */

/* The record as it is now, unmasked, if the reader may look at its past. */
static int
find_now(struct record_store *s, struct arena *a, const struct schema_type *t,
    struct str name, struct see *x, struct record **ret, struct err *e)
{
	struct record seen;
	int r = see_begin(s, t, ACCESS_HISTORY, x, e);

	*ret = arena_new(a, struct record);
	return (r != 0 ? r : record_locate(x, a, name, &seen, *ret, e));
}

/* Those that may be seen, masked; the others are left out. */
static int
see_revisions(struct see *x, const struct record *now,
    struct record_history *h, struct err *e)
{
	size_t n = 0;
	bool seen;

	for (size_t i = 0; i < h->n; i++) {
		int r = see_record(x, &h->at[i].record, now, &seen, e);
		if (r != 0)
			return (r);
		if (!seen)
			continue;
		see_shown(x, &h->at[i].record);
		h->at[n++] = h->at[i];
	}
	h->n = n;
	return (see_end(x, e));
}

static int
entries_of(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str id, uint64_t **ret, size_t *ret_n,
    struct err *e)
{
	struct stmt *st;
	size_t n = 0, cap = 16;
	uint64_t *at = arena_array(a, cap, sizeof(*at));
	int r = db_cached(s->db, &st,
	    "SELECT entry FROM revision WHERE type=? AND id=? ORDER BY rev", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, t->number);
	stmt_bind_str(st, 2, id);
	while ((r = stmt_step(st, e)) > 0) {
		if (n == cap) {
			uint64_t *more = arena_array(a, cap * 2, sizeof(*at));
			memcpy(more, at, cap * sizeof(*at));
			at = more;
			cap *= 2;
		}
		at[n++] = (uint64_t)stmt_int(st, 0);
	}
	stmt_reset(st);
	*ret = at;
	*ret_n = n;
	return (r);
}

static int
load_revision(struct record_store *s, struct arena *a, const struct zone *z,
    const struct schema_type *t, uint64_t index, struct record_revision *ret,
    struct err *e)
{
	struct entry x;
	int r = ledger_entry(s->ledger, a, index, &x, e);

	if (r != 0)
		return (r);
	return (revision_of(s->ledger, a, z, index, &x, t, ret, e));
}

int
record_history(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str name, struct record_history *ret,
    struct err *e)
{
	struct record_history h = { 0 };
	const struct zone *z;
	uint64_t *entries;
	struct record *now;
	struct see x;
	int r = find_now(s, a, t, name, &x, &now, e);

	if (r == 0)
		r = record_zone(a, s->ledger, &z, e);
	if (r == 0)
		r = entries_of(s, a, t, now->id, &entries, &h.n, e);
	if (r != 0)
		return (r);
	h.at = arena_array(a, h.n + 1, sizeof(*h.at));
	for (size_t i = 0; i < h.n; i++) {
		r = load_revision(s, a, z, t, entries[i], &h.at[i], e);
		if (r != 0)
			return (r);
	}
	r = see_revisions(&x, now, &h, e);
	if (r == 0)
		*ret = h;
	return (r);
}

int
record_as_of(struct record_store *s, struct arena *a,
    const struct schema_type *t, struct str name, uint64_t size,
    struct record_revision *ret, struct err *e)
{
	const struct zone *z;
	uint64_t *entries;
	size_t n;
	struct record *now;
	struct record_history h = { .n = 1 };
	struct see x;
	int r = find_now(s, a, t, name, &x, &now, e);

	if (r == 0)
		r = record_zone(a, s->ledger, &z, e);
	if (r == 0)
		r = entries_of(s, a, t, now->id, &entries, &n, e);
	if (r != 0)
		return (r);
	while (n > 0 && entries[n - 1] >= size)
		n--;
	if (n > 0) {
		h.at = arena_new(a, struct record_revision);
		r = load_revision(s, a, z, t, entries[n - 1], h.at, e);
		if (r == 0)
			r = see_revisions(&x, now, &h, e);
		if (r != 0)
			return (r);
	}
	if (n == 0 || h.n == 0)
		return (err_set(e, ERR_NOTFOUND, t->name, "ask for a later position",
		    "\"" STR_FMT "\" was not there when the ledger had %llu entries",
		    STR_ARG(name), (unsigned long long)size));
	*ret = h.at[0];
	return (0);
}

static bool
same_cell(const struct cell *a, const struct cell *b)
{
	return (a->state == b->state && a->i == b->i && str_eq(a->s, b->s));
}

static struct str
extra_text(struct arena *a, const struct record *r, struct str key)
{
	const struct val *v = r != NULL ? val_getstr(r->extra, key) : NULL;

	if (v == NULL)
		return (STR(""));
	if (v->type == VAL_STR)
		return (v->u.s);
	if (v->type == VAL_INT)
		return (str_from(arena_printf(a, "%lld", (long long)v->u.i)));
	return (v->type == VAL_BOOL && v->u.b ? STR("yes") : STR("no"));
}

static void
diff_extra(struct arena *a, const struct record *old, const struct record *new,
    const struct val *keys, bool gone, struct record_diff *out, size_t *n)
{
	for (size_t i = 0; i < val_count(keys); i++) {
		struct str k = keys->u.map.key[i];
		if (gone && val_getstr(new->extra, k) != NULL)
			continue;
		struct str x = extra_text(a, old, k), y = extra_text(a, new, k);
		if (!str_eq(x, y))
			out[(*n)++] = (struct record_diff){ NULL, k, x, y };
	}
}

size_t
record_diff(struct record_store *s, struct arena *a, const struct record *old,
    const struct record *new, struct record_diff **ret)
{
	const struct schema_type *t = new->type;
	struct cell none = CELL_NONE;
	size_t n = 0, most = t->nfields + val_count(new->extra) +
	    (old != NULL ? val_count(old->extra) : 0);
	struct record_diff *out = arena_array(a, most + 1, sizeof(*out));

	for (size_t i = 0; i < t->nfields; i++) {
		const struct cell *was = old != NULL ? &old->cells[i] : &none;
		if (same_cell(was, &new->cells[i]))
			continue;
		out[n++] = (struct record_diff){ &t->fields[i],
			str_from(t->fields[i].name),
			old != NULL ? record_text(s, a, old, i) : STR(""),
			record_text(s, a, new, i) };
	}
	diff_extra(a, old, new, new->extra, false, out, &n);
	if (old != NULL)
		diff_extra(a, old, new, old->extra, true, out, &n);
	*ret = out;
	return (n);
}

/* --- all records ------------------------------------------------------------ */

struct walk {
	struct ledger *l;
	struct arena *a;
	const struct zone *z;
	record_revision_fn *fn;
	void *ctx;
};

int
record_revision_at(struct ledger *l, struct arena *a, const struct zone *z,
    uint64_t index, const struct entry *x, struct record_revision *ret,
    struct err *e)
{
	const struct schema_type *t;

	if (!str_is(x->action, "put") && !str_is(x->action, "transition") &&
	    !str_is(x->action, "retire"))
		return (0);
	t = schema_find(x->type);
	if (t == NULL || !schema_is_record(t))
		return (0);
	int r = revision_of(l, a, z, index, x, t, ret, e);
	return (r != 0 ? r : 1);
}

static int
walk_entry(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct walk *w = ctx;
	struct record_revision v;
	struct arena_mark m = arena_mark(w->a);
	int r = record_revision_at(w->l, w->a, w->z, index, x, &v, e);

	if (r > 0)
		r = w->fn(w->ctx, &v, e);
	arena_rewind(w->a, m);
	return (r);
}

int
record_each_revision(struct ledger *l, uint64_t from, uint64_t to,
    record_revision_fn *fn, void *ctx, struct err *e)
{
	ARENA_SCOPED zone = ARENA_INIT;
	ARENA_SCOPED a = ARENA_INIT;
	struct walk w = { .l = l, .a = &a, .fn = fn, .ctx = ctx };
	int r = record_zone(&zone, l, &w.z, e);

	if (r != 0)
		return (r);
	return (ledger_each(l, from, to, walk_entry, &w, e));
}
