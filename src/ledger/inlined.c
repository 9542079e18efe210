#include <stdlib.h>

#include "ledger/body.h"
#include "ledger/private.h"
#include "sys/db.h"

#define SLOTS_MIN 64

/* Commitments are hashes: any of their bytes will do. */
static size_t
slot_of(const struct inlined *s, const uint8_t c[BODY_HASH])
{
	uint32_t h;

	memcpy(&h, c, sizeof(h));
	return (h & (s->slots - 1));
}

static void
place(struct inlined *s, uint32_t no)
{
	size_t i = slot_of(s, s->names.at[no].c);

	while (s->slot[i] != 0)
		i = (i + 1) & (s->slots - 1);
	s->slot[i] = no + 1;
}

static void
grow(struct inlined *s)
{
	s->slots = s->slots == 0 ? SLOTS_MIN : 2 * s->slots;
	free(s->slot);
	s->slot = calloc(s->slots, sizeof(*s->slot));
	if (s->slot == NULL)
		err_oom(s->slots * sizeof(*s->slot));
	for (size_t i = 0; i < s->names.n; i++)
		place(s, (uint32_t)i);
}

void
inlined_add(struct inlined *s, const uint8_t c[BODY_HASH])
{
	struct inlined_name n;

	memcpy(n.c, c, BODY_HASH);
	vec_push(&s->names, n);
	if (2 * s->names.n > s->slots)
		grow(s);
	else
		place(s, (uint32_t)s->names.n - 1);
}

bool
inlined_has(const struct inlined *s, const uint8_t c[BODY_HASH])
{
	if (s->slots == 0)
		return (false);
	for (size_t i = slot_of(s, c); s->slot[i] != 0;
	    i = (i + 1) & (s->slots - 1))
		if (memcmp(s->names.at[s->slot[i] - 1].c, c, BODY_HASH) == 0)
			return (true);
	return (false);
}

void
inlined_clear(struct inlined *s, bool known)
{
	if (s->names.n != 0)
		memset(s->slot, 0, s->slots * sizeof(*s->slot));
	s->names.n = 0;
	s->known = known;
}

void
inlined_back(struct inlined *s, size_t n)
{
	if (s->names.n != n)
		inlined_clear(s, false);
}

void
inlined_free(struct inlined *s)
{
	vec_free(&s->names);
	free(s->slot);
	*s = (struct inlined){ .slot = NULL };
}

int
inlined_load(struct inlined *s, struct db *db, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r;

	if (s->known)
		return (0);
	inlined_clear(s, false);
	r = db_prepare(db, &st, STR("SELECT commitment FROM body_inline"), e);
	while (r == 0 && (r = stmt_step(st, e)) == 1) {
		struct str c = stmt_str(st, 0);
		if (c.len != BODY_HASH)
			return (err_set(e, ERR_DAMAGED, db_path(db),
			    "restore it from a backup",
			    "a row of body_inline has no commitment"));
		inlined_add(s, (const uint8_t *)c.ptr);
		r = 0;
	}
	s->known = r == 0;
	return (r);
}
