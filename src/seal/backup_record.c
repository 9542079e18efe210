#include "seal/backup_record.h"

#include <inttypes.h>

#include "ledger/ledger.h"

#define ACTION "backup"
#define STEP 1024 /* entries that are looked through at a time */

static const char *const types[] = { "backup-point", "restore-test" };

static void
note(struct arena *a, struct entry_note *notes, size_t *n, const char *key,
    const char *value)
{
	notes[*n].key = str_from(key);
	notes[*n].value = str_from(arena_strdup(a, value));
	++*n;
}

static void
note_number(struct arena *a, struct entry_note *notes, size_t *n,
    const char *key, uint64_t v)
{
	note(a, notes, n, key, arena_printf(a, "%" PRIu64, v));
}

int
backup_record(struct ledger *l, struct str actor, const struct backup_event *x,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED hex = BUF_INIT;
	struct entry_note notes[8];
	struct entry entry = { .actor = actor, .action = STR(ACTION),
		.type = str_from(types[x->kind]), .notes = notes,
		.id = str_from(x->depot[0] == '\0' ? "-" : x->depot) };
	size_t n = 0;
	int r;

	if (x->point != 0) {
		note_number(&a, notes, &n, "bytes", x->bytes);
		note_number(&a, notes, &n, "entries", x->entries);
		note_number(&a, notes, &n, "point", x->point);
	}
	if (x->digest != NULL) {
		buf_puthex(&hex, x->digest, 32);
		note(&a, notes, &n, "digest", hex.ptr);
	}
	if (!x->good)
		note(&a, notes, &n, "reason", err_name(x->reason));
	note(&a, notes, &n, "result", x->good ? "ok" : "failed");
	entry.nnotes = n;
	if ((r = ledger_begin(l, e)) != 0)
		return (r);
	r = ledger_append(l, &entry, NULL, NULL, e);
	if (r == 0)
		return (ledger_commit(l, e));
	ledger_rollback(l);
	return (r);
}

struct search {
	enum backup_kind kind;
	bool good;
	struct backup_event *ret;
	bool found;
};

static int
look(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct search *s = ctx;
	struct backup_event v = { .kind = s->kind, .index = index,
		.time = x->time };

	(void)e;
	if (!str_is(x->action, ACTION) || !str_is(x->type, types[s->kind]))
		return (0);
	v.good = str_is(entry_note_get(x, "result"), "ok");
	if (s->good && !v.good)
		return (0);
	if (x->id.len == ID_LEN)
		memcpy(v.depot, x->id.ptr, ID_LEN);
	str_to_u64(entry_note_get(x, "point"), &v.point);
	str_to_u64(entry_note_get(x, "entries"), &v.entries);
	str_to_u64(entry_note_get(x, "bytes"), &v.bytes);
	for (int i = 1; i < ERR_MAX; i++)
		if (str_is(entry_note_get(x, "reason"), err_name(i)))
			v.reason = i;
	*s->ret = v; /* the last of them stays */
	s->found = true;
	return (0);
}

int
backup_record_last(struct ledger *l, enum backup_kind kind, bool good,
    struct backup_event *ret, bool *ret_found, struct err *e)
{
	struct search s = { kind, good, ret, false };
	struct ledger_head head;
	int r = ledger_head(l, &head, e);

	for (uint64_t to = r == 0 ? head.size : 0; to > 0 && !s.found;) {
		uint64_t from = to > STEP ? to - STEP : 0;
		r = ledger_each(l, from, to, look, &s, e);
		if (r != 0)
			return (r);
		to = from;
	}
	*ret_found = s.found;
	return (r);
}
