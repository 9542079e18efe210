/* Revision, entry and row of each change, in the open transaction. */
#include "record/batch.h"

#include "ledger/ledger.h"
#include "ledger/subject.h"
#include "record/revision.h"
#include "record/search.h"
#include "record/store.h"

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
	struct entry_note notes[3];
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

static int
write_item(struct batch *b, struct batch_item *it, const struct keys_set *key,
    struct buf *text, struct err *e)
{
	uint8_t body[BODY_HASH];

	it->new.rev = it->old.rev + 1;
	buf_reset(text);
	revision_encode(&it->new, text);
	int r = body_put(b->store->ledger, it->change->type->personal ? key :
	    NULL, buf_str(text), 0, body, e);
	if (r == 0)
		r = append(b, it, body, e);
	if (r == 0)
		r = store_put(b->store, &it->new, e);
	if (r == 0)
		r = search_put(b->store, it->exists ? &it->old : NULL, &it->new,
		    e);
	if (r == 0)
		r = store_revision_put(b->store, &it->new, body, e);
	return (r);
}

int
write_all(struct batch *b, struct err *e)
{
	BUF_SCOPED text = BUF_INIT;
	struct keys_set *keys;
	int r = take_keys(b, &keys, e);

	for (size_t i = 0; r == 0 && i < b->n; i++)
		if (!b->at[i].same)
			r = write_item(b, &b->at[i], &keys[i], &text, e);
	return (r);
}
