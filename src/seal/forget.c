#include "seal/forget.h"

#include <stdio.h>

#include "assess/sealed.h"
#include "evidence/evidence.h"
#include "ledger/ledger.h"
#include "ledger/subject.h"
#include "record/attach.h"
#include "record/forget.h"
#include "record/store.h"
#include "seal/certificate.h"

#define LEFT_MAX 200 /* sentences that are kept */
#define FILE_LIMIT ((size_t)64 << 20)

void
forget_init(struct forget *f, struct arena *a, struct workspace *ws,
    struct evidence *ev)
{
	*f = (struct forget){ .a = a, .ws = ws, .ev = ev, .words.a = a };
	map_init(&f->at, a);
	map_init(&f->sources, a);
	map_init(&f->have, a);
}

void
forget_free(struct forget *f)
{
	mention_free(&f->words);
	vec_free(&f->subjects);
	vec_free(&f->items);
	vec_free(&f->left);
	vec_free(&f->holds);
}

void
forget_leave(struct forget *f, const char *fmt, ...)
{
	BUF_SCOPED b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < f->left.n; i++)
		if (str_eq(f->left.at[i], buf_str(&b)))
			return;
	if (f->left.n == LEFT_MAX)
		return;
	struct str s = arena_str(f->a, buf_str(&b));
	vec_push(&f->left, s);
}

int
forget_add(struct forget *f, const struct erase_item *it, bool *ret_new,
    struct err *e)
{
	BUF_SCOPED hex = BUF_INIT;
	uint64_t index;

	*ret_new = false;
	buf_puthex(&hex, it->id, it->body ? BODY_HASH : KEYS_ID);
	if (map_get(&f->have, buf_str(&hex)) != NULL)
		return (0);
	int r = erase_find(f->ws->ledger, it, &index, e);
	if (r != 0)
		return (r < 0 ? r : 0);
	map_put(&f->have, arena_str(f->a, buf_str(&hex)), f);
	vec_push(&f->items, *it);
	*ret_new = true;
	return (0);
}

/* The key of a name, if there is one that lives. */
static int
add_key(struct forget *f, struct str name, size_t *count, struct err *e)
{
	struct erase_item it = { .body = false };
	struct keys_set set;
	struct err own;
	bool fresh;
	int r = subject_lookup(f->ws->keys, name, &set, &own);

	if (r == -ERR_NOTFOUND || r == -ERR_ERASED)
		return (0);
	if (r != 0) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	memcpy(it.id, set.id, KEYS_ID);
	crypto_wipe(&set, sizeof(set));
	r = forget_add(f, &it, &fresh, e);
	*count += fresh;
	return (r);
}

/* --- whose ------------------------------------------------------------------ */

static bool
is_named(const struct forget *f, struct str where)
{
	for (size_t i = 0; i < f->nnamed; i++)
		if (str_is(where, f->named[i]))
			return (true);
	return (false);
}

static void
add_subject(struct forget *f, const struct mention *m, bool take,
    const char *why)
{
	struct str where = str_from(arena_printf(f->a, STR_FMT "/%s/" STR_FMT,
	    STR_ARG(m->source), m->table->name, STR_ARG(m->subject)));
	/* The map holds positions: the array moves when it grows. */
	uintptr_t at = (uintptr_t)map_get(&f->at, where);

	take = take || f->doubtful || is_named(f, where);
	if (at != 0) {
		f->subjects.at[at - 1].take |= take;
		return;
	}
	struct forget_subject s = { .table = m->table,
		.source_id = arena_str(f->a, m->source_id),
		.source = arena_str(f->a, m->source),
		.subject = arena_str(f->a, m->subject), .take = take,
		.why = str_from(arena_strdup(f->a, why)) };
	vec_push(&f->subjects, s);
	map_put(&f->at, where, (void *)(uintptr_t)f->subjects.n);
}

static int
matched(void *ctx, const struct mention *m, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;

	(void)e;
	add_subject(ctx, m, true, arena_printf(&a, "matched: " STR_FMT,
	    STR_ARG(m->rule)));
	return (0);
}

/* Does a record name one of the subjects that are taken? */
static bool
names_taken(const struct forget *f, struct str text)
{
	for (size_t i = 0; i < f->subjects.n; i++)
		if (f->subjects.at[i].take &&
		    str_eq(f->subjects.at[i].subject, text))
			return (true);
	return (false);
}

static int
mentioned(void *ctx, const struct mention *m, struct err *e)
{
	struct forget *f = ctx;
	ARENA_SCOPED a = ARENA_INIT;
	bool record = schema_is_record(m->table);

	(void)e;
	if (!m->personal && record)
		return (0); /* the revisions are looked at, with their words */
	if (!m->personal) {
		forget_leave(f, STR_FMT "/%s/" STR_FMT ": column %s is not a "
		    "personal one and mentions one of the names",
		    STR_ARG(m->source), m->table->name, STR_ARG(m->subject),
		    m->column);
		return (0);
	}
	add_subject(f, m, record && (names_taken(f, m->text) ||
	    (f->record.len != 0 && str_eq(m->subject, f->record))),
	    arena_printf(&a, "%s %s", m->column, m->whole ?
	    "is one of the names" : "mentions one of the names"));
	return (0);
}

/* Subjects that were named, and that the rules did not find. */
static int
add_named(struct forget *f, const char *text, struct err *e)
{
	BUF_SCOPED name = BUF_INIT;
	struct str rest = str_from(text), source, table;
	struct mention m = { .source_id = STR_NULL };
	struct keys_set set;

	if (map_get(&f->at, rest) != NULL)
		return (0);
	if (!str_split(&rest, '/', &source) || !str_split(&rest, '/', &table) ||
	    rest.ptr == NULL || (m.table = schema_find(table)) == NULL)
		return (err_set(e, ERR_USAGE, text,
		    "give it as tickmark erase shows it: host1/account/ada",
		    "this is not SOURCE/TABLE/SUBJECT"));
	m.source = source;
	m.subject = rest;
	int r = schema_is_record(m.table) ? 0 :
	    mention_source(f->a, f->ev, source, &m.source_id, e);
	if (r != 0)
		return (r);
	mention_key(m.source_id, m.table, m.subject, &name);
	if (subject_lookup(f->ws->keys, buf_str(&name), &set, NULL) != 0)
		return (err_set(e, ERR_NOTFOUND, text,
		    "see what tickmark erase DIR person NAME --dry-run shows",
		    "there is no key of such a subject"));
	crypto_wipe(&set, sizeof(set));
	add_subject(f, &m, true, "named");
	return (0);
}

static int
add_keys_of(struct forget *f, struct forget_subject *s, struct err *e)
{
	size_t before = f->nsubject_keys;
	BUF_SCOPED key = BUF_INIT, member = BUF_INIT, field = BUF_INIT,
	    name = BUF_INIT;

	mention_key(s->source_id, s->table, s->subject, &key);
	int r = add_key(f, buf_str(&key), &f->nsubject_keys, e);
	s->gone = r == 0 && f->nsubject_keys == before;
	/* As procedures name members: SOURCE/SUBJECT, or a record's id. */
	if (!schema_is_record(s->table)) {
		if (map_get(&f->sources, s->source_id) == NULL)
			map_put(&f->sources, s->source_id, f);
		buf_putstr(&member, s->source);
		buf_putc(&member, '/');
	}
	buf_putstr(&member, s->subject);
	sealed_field(buf_str(&member), &field);
	sealed_name(buf_str(&field), &name);
	return (r != 0 ? r : add_key(f, buf_str(&name), &f->nmembers, e));
}

/* Files that people put beside the workspace's own are theirs to delete. */
static int
look_at_files(struct forget *f, const char *folder, struct err *e)
{
	const char *dir = arena_printf(f->a, "%s/%s", f->ws->dir, folder);
	BUF_SCOPED b = BUF_INIT;
	char **names;
	size_t n = 0;
	int r = file_exists(dir) ? file_list(f->a, dir, &names, &n, e) : 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if (file_read(arena_printf(f->a, "%s/%s", dir, names[i]), FILE_LIMIT,
		    &b, NULL) == 0 && mention_in(&f->words, buf_str(&b), NULL))
			forget_leave(f, "file %s/%s mentions one of the names; it "
			    "is yours to delete", folder, names[i]);
	return (r);
}

int
forget_person(struct forget *f, struct str name, struct err *e)
{
	int r = mention_person(f->ev, name, &f->words, &f->person, &f->record,
	    e);

	if (r == 0)
		r = mention_matched(f->ev, f->person, matched, f, e);
	if (r == 0 && f->record.len != 0) {
		struct mention m = { .table = schema_get(T_PERSON),
			.source_id = STR("-"), .source = STR("records"),
			.subject = f->record };
		add_subject(f, &m, true, "the record of the person");
	}
	for (size_t i = 0; r == 0 && i < f->nnamed; i++)
		r = add_named(f, f->named[i], e);
	if (r == 0)
		r = mention_each(f->ev, &f->words, mentioned, f, e);
	for (size_t i = 0; r == 0 && i < f->subjects.n; i++)
		if (f->subjects.at[i].take)
			r = add_keys_of(f, &f->subjects.at[i], e);
	if (r == 0)
		r = forget_scan(f, e);
	if (r == 0)
		r = look_at_files(f, "reports", e);
	if (r == 0)
		r = look_at_files(f, "inbox", e);
	return (r != 0 ? r : forget_holds(f, e));
}

/* --- what retention lets go -------------------------------------------------- */

int
forget_row(struct forget *f, struct str source_id, struct str source,
    const struct schema_type *t, struct str subject, struct err *e)
{
	struct forget_subject s = { .table = t, .source_id = source_id,
		.source = source, .subject = subject, .take = true };

	return (add_keys_of(f, &s, e));
}

/* A revision that lies under no key of its record is erased by itself. */
static int
add_revision(struct forget *f, const struct record *r, int64_t rev,
    struct err *e)
{
	struct erase_item it = { .body = true };
	uint8_t key[KEYS_ID];
	bool fresh = false;
	int k = store_revision_body(&f->ws->records, r->type, r->id, rev, it.id,
	    e);

	if (k == 0)
		k = body_key(f->ws->ledger, it.id, key, e);
	if (k != 0)
		return (k == -ERR_NOTFOUND ? 0 : k);
	if (memcmp(key, "subject:", 8) == 0)
		return (0);
	k = forget_add(f, &it, &fresh, e);
	f->nbodies += fresh;
	return (k);
}

/* The file that was kept with it. */
static int
add_file(struct forget *f, const struct record *r, struct err *e)
{
	struct erase_item it = { .body = false };
	uint8_t body[BODY_HASH];
	bool fresh = false;
	int64_t entry = r->type->number == T_PERFORMANCE ? record_int(r,
	    F_PERFORMANCE_FILE_ENTRY, -1) : -1;

	if (entry < 0)
		return (0);
	int k = attach_find(f->ws->ledger, (uint64_t)entry, r->type, body, e);
	if (k == 0)
		k = body_key(f->ws->ledger, body, it.id, e);
	if (k == 0)
		k = forget_add(f, &it, &fresh, e);
	f->nbodies += fresh;
	return (k);
}

int
forget_record(struct forget *f, const struct record *r, struct err *e)
{
	int k = forget_row(f, STR("-"), STR("records"), r->type, r->id, e);

	for (int64_t rev = 1; k == 0 && rev <= r->rev; rev++)
		k = add_revision(f, r, rev, e);
	return (k != 0 ? k : add_file(f, r, e));
}

/* --- doing ------------------------------------------------------------------- */

static int
certify(struct forget *f, const struct record_actor *who, struct str decision,
    uint64_t first, struct str *ret, struct err *e)
{
	struct ledger_head h;
	int r = ledger_head(f->ws->ledger, &h, e);
	struct certificate c = { .decision = decision, .first = first,
		.entries = h.size - first, .count = f->nraw,
		.method = "crypto_erase",
		.what = "Raw bytes of collections, kept as long as the rules of "
		    "retention say" };

	if (r != 0 || c.entries == 0)
		return (r);
	return (certificate_put(f->ws, f->a, who, &c, ret, e));
}

int
forget_enter(struct forget *f, const struct record_actor *who,
    struct str decision, struct str reason, struct str *ret_certificate,
    struct err *e)
{
	struct ledger_head h;
	int r = ledger_head(f->ws->ledger, &h, e);

	*ret_certificate = STR("");
	if (r == 0)
		r = erase_append(f->ws->ledger, who->id, decision, reason,
		    f->items.at, f->items.n, NULL, e);
	return (r != 0 || !f->certify ? r : certify(f, who, decision, h.size,
	    ret_certificate, e));
}

int
forget_commit(struct forget *f, struct str actor, struct str decision,
    struct str reason, struct err *e)
{
	struct ledger *l = f->ws->ledger;
	struct record_actor who = f->ws->actor;
	struct str certificate;

	if (f->holds.n != 0) {
		struct str why = f->holds.at[0];
		return (err_set(e, ERR_DENIED, NULL,
		    "release the hold first, if it may be released", STR_FMT,
		    STR_ARG(why)));
	}
	who.id = actor;
	int r = ledger_begin(l, e);
	if (r != 0)
		return (r);
	r = forget_enter(f, &who, decision, reason, &certificate, e);
	if (r != 0) {
		ledger_rollback(l);
		return (r);
	}
	r = ledger_commit(l, e);
	if (r == 0)
		r = record_forget(f->ws, NULL, e);
	return (r != 0 ? r : ledger_sequence(l, e));
}
