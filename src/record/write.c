/* Revision, entry and row of each change, in the open transaction. */
#include "record/batch.h"

#include "ledger/ledger.h"
#include "ledger/subject.h"
#include "record/dialect.h"
#include "record/revision.h"
#include "record/sealer.h"
#include "record/search.h"
#include "record/store.h"
#include "sys/db.h"

/* What is sealed for each change that changes something. */
struct sealing {
	struct batch *b;
	struct arena a; /* of the sealer's thread, while it has none of the batch */
	struct sealer_job *jobs;
	size_t n;
};

/* One key for each record of a personal type, all in one go. */
static int
take_keys(void *ctx, struct err *e)
{
	struct sealing *x = ctx;
	struct str *names = arena_array(&x->a, x->n + 1, sizeof(*names));
	struct keys_set *sets;
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++)
		if (x->jobs[i].record->type->personal)
			names[n++] = revision_subject(&x->a, x->jobs[i].record->id);
	if (n == 0)
		return (0);
	sets = arena_array(&x->a, n, sizeof(*sets));
	int r = subject_keys(ledger_keys(x->b->store->ledger), names, n, sets, e);
	for (size_t i = 0; r == 0 && i < x->n; i++)
		if (x->jobs[i].record->type->personal)
			x->jobs[i].key = sets++;
	return (r);
}

static bool
is_step(const struct batch_item *it)
{
	int s = it->change->type->state;

	return (s >= 0 && it->exists &&
	    !str_eq(it->old.cells[s].s, it->new.cells[s].s));
}

static int
append(struct batch *b, struct batch_item *it, const uint8_t body[BODY_HASH],
    struct err *e)
{
	const struct schema_type *t = it->change->type;
	static const char *const by[] = { [RECORD_BY_HAND] = NULL,
		[RECORD_BY_FOLDER] = "folder", [RECORD_BY_MODULE] = NULL,
		[RECORD_RESTORED] = "restore" };
	struct entry_note notes[4];
	struct entry_body bodies[1] = { { .class = STR(REVISION_CLASS) } };
	size_t n = 0;
	char rev[24];

	memcpy(bodies[0].commitment, body, BODY_HASH);
	snprintf(rev, sizeof(rev), "%lld", (long long)it->new.rev);
	notes[n++] = (struct entry_note){ STR("rev"), str_from(rev) };
	if (is_step(it)) {
		notes[n++] = (struct entry_note){ STR("from"),
			it->old.cells[t->state].s };
		notes[n++] = (struct entry_note){ STR("to"),
			it->new.cells[t->state].s };
	}
	if (by[b->opts.by] != NULL)
		notes[n++] = (struct entry_note){ STR("import"),
			str_from(by[b->opts.by]) };
	struct entry x = { .actor = b->who->id, .type = str_from(t->name),
		.id = it->new.id, .bodies = bodies, .nbodies = 1,
		.has_prev = it->exists, .notes = notes, .nnotes = n };
	x.action = it->new.retired ? STR("retire") : is_step(it) ?
	    STR("transition") : STR("put");
	if (it->exists) {
		int r = store_revision_body(b->store, t, it->old.id, it->old.rev,
		    x.prev, e);
		if (r != 0)
			return (r);
	}
	uint64_t at;
	int r = ledger_append(b->store->ledger, &x, &at, NULL, e);
	if (r == 0 && at != it->new.entry)
		BUG("entry %llu became %llu", (unsigned long long)it->new.entry,
		    (unsigned long long)at);
	return (r);
}

/* So many are put into the packs at once instead of by way of records.db. */
#define BULK 64
/* Pages that so many touch are to stay in memory, or they are written and read
 * again and again: in KiB. */
#define LARGE 5000
#define LARGE_CACHE 262144
#define USUAL_CACHE 16384

/* Which revision and which entry each will be. */
static int
number(struct batch *b, struct sealing *x, struct err *e)
{
	struct ledger_head h;
	int r = ledger_head(b->store->ledger, &h, e);

	if (r != 0)
		return (r);
	x->jobs = arena_array(b->a, b->n + 1, sizeof(*x->jobs));
	for (size_t i = 0; i < b->n; i++) {
		struct batch_item *it = &b->at[i];
		if (it->same)
			continue;
		it->new.rev = it->old.rev + 1;
		it->new.entry = h.size + x->n;
		x->jobs[x->n++].record = &it->new;
	}
	return (0);
}

static int
write_rows(struct batch *b, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n; i++)
		if (!b->at[i].same)
			r = store_put(b->store, &b->at[i].new, !b->at[i].exists,
			    e);
	return (r);
}

static int
write_entries(struct batch *b, struct sealer *s, struct err *e)
{
	const struct body_sealed *x;
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n; i++) {
		struct batch_item *it = &b->at[i];
		if (it->same)
			continue;
		r = sealer_next(s, &x, e);
		if (r == 0)
			r = body_put_sealed(b->store->ledger, x, e);
		if (r == 0)
			r = append(b, it, x->commitment, e);
		if (r == 0)
			r = store_revision_put(b->store, &it->new, x->commitment,
			    e);
	}
	return (r);
}

/*
 * Last and in one go: any statement that could be undone by itself would make
 * FTS5 write out what it has gathered.
 */
static int
write_words(struct batch *b, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n; i++)
		if (!b->at[i].same)
			r = search_put(b->store, b->at[i].exists ?
			    &b->at[i].old : NULL, &b->at[i].new, e);
	return (r);
}

/* The rows while the bodies are sealed: both are what takes long. */
static int
write_parts(struct batch *b, struct sealing *x, struct err *e)
{
	SEALER_SCOPED *s = sealer_start(ledger_keys(b->store->ledger), x->jobs,
	    x->n, b->n >= BULK ? BODY_PACK : 0, take_keys, x);
	int r = write_rows(b, e);

	if (r == 0)
		r = write_entries(b, s, e);
	return (r != 0 ? r : write_words(b, e));
}

int
write_all(struct batch *b, struct err *e)
{
	struct sealing x = { .b = b };
	struct db *db = b->store->db;
	int r = number(b, &x, e);

	if (r == 0 && b->n >= LARGE)
		r = dialect_cache(db, LARGE_CACHE, e);
	if (r == 0)
		r = write_parts(b, &x, e);
	if (b->n >= LARGE)
		dialect_cache(db, USUAL_CACHE, NULL);
	arena_free(&x.a);
	return (r);
}
