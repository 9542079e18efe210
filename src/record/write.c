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

/* One key for each record of a personal type, all in one go. */
static int
take_keys(struct batch *b, struct keys_set **ret, struct err *e)
{
	struct str *names = arena_array(b->a, b->n + 1, sizeof(*names));
	struct keys_set *sets;
	size_t n = 0;

	*ret = arena_array(b->a, b->n + 1, sizeof(**ret));
	for (size_t i = 0; i < b->n; i++)
		if (!b->at[i].same && b->at[i].change->type->personal)
			names[n++] = revision_subject(b->a, b->at[i].new.id);
	if (n == 0)
		return (0);
	sets = arena_array(b->a, n, sizeof(*sets));
	int r = subject_keys(ledger_keys(b->store->ledger), names, n, sets, e);
	if (r != 0)
		return (r);
	n = 0;
	for (size_t i = 0; i < b->n; i++)
		if (!b->at[i].same && b->at[i].change->type->personal)
			(*ret)[i] = sets[n++];
	return (0);
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
	return (ledger_append(b->store->ledger, &x, &it->new.entry, NULL, e));
}

/* So many are put into the packs at once instead of by way of records.db. */
#define BULK 64
/* Pages that so many touch are to stay in memory, or they are written and read
 * again and again: in KiB. */
#define LARGE 5000
#define LARGE_CACHE 262144
#define USUAL_CACHE 16384

typedef uint8_t commitment[BODY_HASH];

static int
write_entries(struct batch *b, commitment *body, struct err *e)
{
	SEALER_SCOPED *s = NULL;
	const struct body_sealed *x;
	struct keys_set *keys;
	struct sealer_job *jobs;
	size_t n = 0;
	int r = take_keys(b, &keys, e);

	if (r != 0)
		return (r);
	jobs = arena_array(b->a, b->n + 1, sizeof(*jobs));
	for (size_t i = 0; i < b->n; i++) {
		struct batch_item *it = &b->at[i];
		if (it->same)
			continue;
		it->new.rev = it->old.rev + 1;
		jobs[n++] = (struct sealer_job){ &it->new,
			it->change->type->personal ? &keys[i] : NULL };
	}
	s = sealer_start(ledger_keys(b->store->ledger), jobs, n, b->n >= BULK ?
	    BODY_PACK : 0);
	for (size_t i = 0; r == 0 && i < b->n; i++) {
		if (b->at[i].same)
			continue;
		r = sealer_next(s, &x, e);
		if (r == 0)
			r = body_put_sealed(b->store->ledger, x, e);
		if (r == 0) {
			memcpy(body[i], x->commitment, BODY_HASH);
			r = append(b, &b->at[i], body[i], e);
		}
	}
	return (r);
}

static int
write_rows(struct batch *b, commitment *body, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->n; i++) {
		struct batch_item *it = &b->at[i];
		if (it->same)
			continue;
		r = store_put(b->store, &it->new, !it->exists, e);
		if (r == 0)
			r = store_revision_put(b->store, &it->new, body[i], e);
	}
	/*
	 * Last and in one go: any statement that could be undone by itself would
	 * make FTS5 write out what it has gathered.
	 */
	for (size_t i = 0; r == 0 && i < b->n; i++)
		if (!b->at[i].same)
			r = search_put(b->store, b->at[i].exists ?
			    &b->at[i].old : NULL, &b->at[i].new, e);
	return (r);
}

int
write_all(struct batch *b, struct err *e)
{
	commitment *body = arena_array(b->a, b->n + 1, sizeof(*body));
	struct db *db = b->store->db;
	int r = 0;

	if (b->n >= LARGE)
		r = dialect_cache(db, LARGE_CACHE, e);
	if (r == 0)
		r = write_entries(b, body, e);
	if (r == 0)
		r = write_rows(b, body, e);
	if (b->n >= LARGE)
		dialect_cache(db, USUAL_CACHE, NULL);
	return (r);
}
