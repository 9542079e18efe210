#include "program/said.h"

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
