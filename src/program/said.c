#include "program/said.h"

#include "base/clock.h"
#include "ledger/entry.h"
#include "ledger/ledger.h"

int
said_at(struct record_store *s, uint64_t entry, int64_t *ret_us, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct entry x;
	int r = ledger_entry(s->ledger, &a, entry, &x, e);

	if (r == 0)
		*ret_us = x.time;
	return (r);
}

int64_t
said_now(struct record_store *s)
{
	struct ledger_head h;
	int64_t now = clock_now();

	return (s->ledger != NULL && ledger_head(s->ledger, &h, NULL) == 0 &&
	    h.time > now ? h.time : now);
}
