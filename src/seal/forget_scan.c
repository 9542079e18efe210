/*
 * What bodies say of a person, and raw bytes: the whole ledger is gone through
 * once, and what is not sealed under a key of the person is opened and read.
 */
#include "assess/sealed.h"
#include "base/clock.h"
#include "base/log.h"
#include "ledger/entry.h"
#include "ledger/ledger.h"
#include "record/attach.h"
#include "seal/forget.h"
#include "text/json.h"

/* What raw bytes are erased with: a key of several, or a body by itself. */
struct raw_key {
	struct erase_item item;
	int64_t newest; /* time of the last run whose bytes it covers */
	struct str source;
	size_t n;
};

struct scan {
	struct forget *f;
	struct buf body;
	uint64_t index;
	const struct entry *entry;
	VEC(struct raw_key) raws;
	struct map at; /* of raws, by item */
	uint64_t size;
};

static int
take(struct scan *s, const uint8_t *id, bool body, size_t *count,
    struct err *e)
{
	struct erase_item it = { .body = body };
	bool fresh;

	memcpy(it.id, id, body ? BODY_HASH : KEYS_ID);
	int r = forget_add(s->f, &it, &fresh, e);
	*count += fresh;
	return (r);
}

/* --- results ---------------------------------------------------------------- */

static int
in_result(void *ctx, const uint8_t id[KEYS_ID], struct str clear,
    struct err *e)
{
	struct scan *s = ctx;

	if (clear.ptr == NULL || !mention_in(&s->f->words, clear, NULL))
		return (0);
	return (take(s, id, false, &s->f->nmembers, e));
}

static int
scan_result(struct scan *s, const uint8_t c[BODY_HASH], struct err *e)
{
	struct str text = buf_str(&s->body);

	if (str_starts(text, SEALED_MAGIC "\n"))
		return (sealed_each(s->f->ws->keys, text, in_result, s, e));
	/* Stored in clear by an older version: it goes as a whole. */
	return (mention_in(&s->f->words, text, NULL) ?
	    take(s, c, true, &s->f->nbodies, e) : 0);
}

/* --- revisions -------------------------------------------------------------- */

static bool
says(const struct forget *f, const struct val *v)
{
	bool any = false;

	if (v->type == VAL_STR)
		return (mention_in(&f->words, v->u.s, NULL));
	if (v->type == VAL_LIST)
		for (size_t i = 0; !any && i < v->u.list.n; i++)
			any = says(f, v->u.list.at[i]);
	if (v->type == VAL_MAP)
		for (size_t i = 0; !any && i < v->u.map.n; i++)
			any = says(f, v->u.map.at[i]) ||
			    mention_in(&f->words, v->u.map.key[i], NULL);
	return (any);
}

/* Personal fields, by their numbers. */
static bool
is_personal(const struct schema_type *t, struct str number)
{
	uint64_t n;

	if (!str_to_u64(number, &n))
		return (false);
	for (size_t i = 0; i < t->nfields; i++)
		if (t->fields[i].number == n)
			return (t->fields[i].cls == CLASS_PERSONAL);
	return (false);
}

/* Outside of the personal fields, which are the business of the record's key. */
static bool
says_openly(const struct scan *s, const struct schema_type *t)
{
	ARENA_SCOPED a = ARENA_INIT;
	const struct val *fields, *extra;
	struct val *v;

	if (!mention_in(&s->f->words, buf_str(&s->body), NULL))
		return (false);
	if (!t->personal ||
	    json_parse(&a, "revision", buf_str(&s->body), &v, NULL) != 0)
		return (true);
	fields = val_get(v, "fields");
	extra = val_get(v, "extra");
	for (size_t i = 0; fields != NULL && fields->type == VAL_MAP &&
	    i < fields->u.map.n; i++)
		if (!is_personal(t, fields->u.map.key[i]) &&
		    says(s->f, fields->u.map.at[i]))
			return (true);
	return (extra != NULL && says(s->f, extra));
}

/* Its key goes, and all its revisions with it. */
static bool
is_taken(const struct forget *f, const struct entry *x)
{
	for (size_t i = 0; i < f->subjects.n; i++) {
		const struct forget_subject *k = &f->subjects.at[i];
		if (k->take && schema_is_record(k->table) &&
		    str_is(x->type, k->table->name) &&
		    str_eq(x->id, k->subject))
			return (true);
	}
	return (false);
}

/* What stands in text that is not personal; the revision in force stays. */
static int
scan_revision(struct scan *s, const uint8_t c[BODY_HASH], struct err *e)
{
	struct forget *f = s->f;
	const struct entry *x = s->entry;
	const struct schema_type *t = schema_find(x->type);
	struct record *r;

	if (t == NULL || is_taken(f, x) || !says_openly(s, t))
		return (0);
	if (record_find(&f->ws->records, f->a, t, x->id, &r, NULL) != 0 ||
	    r->entry != s->index)
		return (take(s, c, true, &f->nbodies, e));
	struct str label = record_label(&f->ws->records, f->a, r);
	forget_leave(f, "%s " STR_FMT ": its text mentions one of the names; "
	    "change the record, then erase again", t->name, STR_ARG(label));
	return (0);
}

/* --- raw bytes -------------------------------------------------------------- */

static int
note_raw(struct scan *s, const uint8_t c[BODY_HASH], struct err *e)
{
	struct raw_key k = { .newest = s->entry->time, .n = 1 };
	BUF_SCOPED hex = BUF_INIT;
	uint8_t id[KEYS_ID];
	int r = body_key(s->f->ws->ledger, c, id, e);

	if (r != 0)
		return (r == -ERR_NOTFOUND ? 0 : r);
	k.item.body = memcmp(id, "subject:", 8) != 0;
	if (k.item.body)
		memcpy(k.item.id, c, BODY_HASH);
	else
		memcpy(k.item.id, id, KEYS_ID);
	buf_puthex(&hex, k.item.id, k.item.body ? BODY_HASH : KEYS_ID);
	uintptr_t at = (uintptr_t)map_get(&s->at, buf_str(&hex));
	if (at != 0) {
		struct raw_key *have = &s->raws.at[at - 1];
		have->n++;
		if (have->newest < k.newest)
			have->newest = k.newest;
		return (0);
	}
	k.source = arena_str(s->f->a, s->entry->id);
	vec_push(&s->raws, k);
	map_put(&s->at, arena_str(s->f->a, buf_str(&hex)),
	    (void *)(uintptr_t)s->raws.n);
	return (0);
}

/* Of a person: those of the sources that have the person. */
static int
take_raws(struct scan *s, int64_t before, struct err *e)
{
	struct forget *f = s->f;
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->raws.n; i++) {
		const struct raw_key *k = &s->raws.at[i];
		size_t fresh = 0;
		if (k->newest >= before || (f->person.len != 0 &&
		    map_get(&f->sources, k->source) == NULL))
			continue;
		r = take(s, k->item.id, k->item.body, &fresh, e);
		if (fresh == 0)
			continue;
		f->nraw += k->n;
		if (map_get(&f->sources, k->source) == NULL)
			map_put(&f->sources, k->source, f);
	}
	return (r);
}

/* A file is sealed under a key of its own. */
static int
take_file(struct scan *s, const uint8_t c[BODY_HASH], struct err *e)
{
	uint8_t id[KEYS_ID];
	int r = body_key(s->f->ws->ledger, c, id, e);

	return (r != 0 ? r : take(s, id, false, &s->f->nbodies, e));
}

/* --- all bodies ------------------------------------------------------------- */

static int
scan_body(struct scan *s, const struct entry_body *b, struct err *e)
{
	struct forget *f = s->f;
	struct err own;

	if (str_is(b->class, "raw"))
		return (note_raw(s, b->commitment, e));
	if (f->person.len == 0 || str_is(b->class, "rows"))
		return (0);
	int r = body_get(f->ws->ledger, b->commitment, &s->body, &own);
	if (r == -ERR_ERASED)
		return (0);
	if (r != 0) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	if (str_is(b->class, "result"))
		return (scan_result(s, b->commitment, e));
	if (str_is(b->class, "revision"))
		return (scan_revision(s, b->commitment, e));
	if (!mention_in(&f->words, buf_str(&s->body), NULL))
		return (0);
	if (str_is(b->class, ATTACH_CLASS))
		return (take_file(s, b->commitment, e));
	if (str_is(b->class, "query"))
		return (take(s, b->commitment, true, &f->nbodies, e));
	forget_leave(f, "entry %llu: its body of class " STR_FMT
	    " mentions one of the names", (unsigned long long)s->index,
	    STR_ARG(b->class));
	return (0);
}

static int
scan_entry(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct scan *s = ctx;
	int r = 0;

	s->index = index;
	s->entry = x;
	if (index % 1000 == 0)
		progress("Looking through the ledger", (int64_t)index,
		    (int64_t)s->size);
	for (size_t i = 0; r == 0 && i < x->nbodies; i++)
		r = scan_body(s, &x->bodies[i], e);
	return (r);
}

static int
scan(struct scan *s, struct err *e)
{
	struct ledger_head head;
	int r = ledger_head(s->f->ws->ledger, &head, e);

	s->size = r == 0 ? head.size : 0;
	map_init(&s->at, s->f->a);
	return (r != 0 ? r : ledger_each(s->f->ws->ledger, 0, UINT64_MAX,
	    scan_entry, s, e));
}

static void
scan_free(struct scan *s)
{
	buf_free(&s->body);
	vec_free(&s->raws);
}

int
forget_scan(struct forget *f, struct err *e)
{
	struct scan s = { .f = f };
	int r = scan(&s, e);

	if (r == 0)
		r = take_raws(&s, INT64_MAX, e);
	scan_free(&s);
	return (r);
}

int
forget_raw(struct forget *f, int64_t before, struct err *e)
{
	struct scan s = { .f = f };
	int r = scan(&s, e);

	f->certify = true;
	if (r == 0)
		r = take_raws(&s, before, e);
	scan_free(&s);
	return (r != 0 ? r : forget_holds(f, e));
}

/* --- rules of retention ------------------------------------------------------ */

/* Days to keep of a source: its own rule, else the general one; -1: none. Of
 * several the longest: what one rule keeps is kept. */
static int64_t
days_of(const struct record_list *rules, struct str source)
{
	int64_t general = -1, own = -1;

	for (size_t i = 0; i < rules->n; i++) {
		const struct record *r = &rules->at[i];
		struct str of = record_str(r, F_RETENTION_OF_SOURCE);
		int64_t days = record_int(r, F_RETENTION_DAYS, -1);
		if (of.len != 0 && str_eq(of, source) && days > own)
			own = days;
		if (of.len == 0 && days > general)
			general = days;
	}
	return (own >= 0 ? own : general);
}

int
forget_due(struct forget *f, int64_t now, size_t *ret_rules, struct err *e)
{
	struct scan s = { .f = f };
	struct record_list rules;
	int r = record_list(&f->ws->records, f->a, schema_get(T_RETENTION),
	    NULL, &rules, e);

	f->certify = true;
	if (r == 0)
		*ret_rules = rules.n;
	if (r == 0)
		r = scan(&s, e);
	for (size_t i = 0; r == 0 && i < s.raws.n; i++) {
		struct raw_key *k = &s.raws.at[i];
		int64_t days = days_of(&rules, k->source);
		/* Kept: as if it came at the end of time. */
		if (days < 0 || k->newest >= now - days * CLOCK_DAY)
			k->newest = INT64_MAX;
	}
	if (r == 0)
		r = take_raws(&s, INT64_MAX, e);
	scan_free(&s);
	return (r != 0 ? r : forget_holds(f, e));
}
