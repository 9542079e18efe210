#include "seal/certificate.h"

#include <inttypes.h>

#include "ledger/erase.h"
#include "ledger/ledger.h"
#include "program/said.h"
#include "sys/crypto.h"
#include "text/timefmt.h"

/* The list of what is gone, a line an entry, as the ledger has it. */
struct listing {
	struct buf lines;
	struct str decision;
	uint64_t strange; /* an entry that is of something else, and 1 */
	uint64_t n;
};

static int
add_line(void *ctx, uint64_t index, const struct entry *x, struct err *e)
{
	struct listing *l = ctx;
	struct erase_item it;
	bool erased = erase_of_entry(x, &it) &&
	    str_eq(entry_note_get(x, "decision"), l->decision);

	(void)e;
	if (!erased && !str_is(x->action, "retire") && l->strange == 0)
		l->strange = index + 1;
	buf_printf(&l->lines, STR_FMT " " STR_FMT "\n", STR_ARG(x->type),
	    STR_ARG(x->id));
	l->n++;
	return (0);
}

static int
digest(struct workspace *ws, struct str decision, uint64_t first,
    uint64_t entries, char ret[2 * CRYPTO_HASH + 1], struct listing *l,
    struct err *e)
{
	uint8_t out[CRYPTO_HASH];
	BUF_SCOPED hex = BUF_INIT;

	*l = (struct listing){ .lines = BUF_INIT, .decision = decision };
	int r = ledger_each(ws->ledger, first, first + entries, add_line, l, e);
	crypto_sha256(l->lines.ptr, l->lines.len, out);
	buf_free(&l->lines);
	buf_puthex(&hex, out, sizeof(out));
	memcpy(ret, hex.ptr, 2 * CRYPTO_HASH);
	ret[2 * CRYPTO_HASH] = '\0';
	return (r);
}

static void
put(struct arena *a, struct val *m, const char *key, struct str s)
{
	if (s.len != 0)
		val_put(a, m, key, val_str(a, s));
}

int
certificate_put(struct workspace *ws, struct arena *a,
    const struct record_actor *who, const struct certificate *c,
    struct str *ret_code, struct err *e)
{
	char hash[2 * CRYPTO_HASH + 1], at[TIME_SIZE];
	struct val *m = val_map(a);
	struct listing l;
	int r = digest(ws, c->decision, c->first, c->entries, hash, &l, e);

	*ret_code = str_from(arena_printf(a, "DC-%.*s-%" PRIu64,
	    (int)(c->decision.len > 30 ? 30 : c->decision.len),
	    c->decision.ptr, c->first));
	val_put(a, m, "code", val_str(a, *ret_code));
	put(a, m, "rule", c->rule);
	put(a, m, "approver", c->approver);
	put(a, m, "performer", who->person);
	val_put(a, m, "decision", val_str(a, c->decision));
	val_put(a, m, "what", val_text(a, c->what));
	val_put(a, m, "count", val_int(a, (int64_t)c->count));
	val_put(a, m, "held", val_int(a, (int64_t)c->held));
	val_put(a, m, "method", val_text(a, c->method));
	val_put(a, m, "destroyed_at", val_text(a, time_print(said_now(
	    &ws->records), at)));
	val_put(a, m, "position", val_int(a, (int64_t)c->first));
	val_put(a, m, "entries", val_int(a, (int64_t)c->entries));
	val_put(a, m, "hash", val_text(a, hash));
	return (r != 0 ? r : record_put_earned(&ws->records, a, who,
	    schema_get(T_DISPOSAL), STR(""), m, NULL, e));
}

int
certificate_check(struct workspace *ws, const struct record *r,
    struct err *ret, struct err *e)
{
	uint64_t first = (uint64_t)record_int(r, F_DISPOSAL_POSITION, 0);
	uint64_t n = (uint64_t)record_int(r, F_DISPOSAL_ENTRIES, 0);
	char hash[2 * CRYPTO_HASH + 1];
	struct listing l;

	*ret = (struct err){ .code = ERR_OK };
	if (n == 0) {
		err_set(ret, ERR_NOTFOUND, NULL, NULL, "it names no entries of the "
		    "ledger: somebody wrote it by hand");
		return (0);
	}
	int k = digest(ws, record_str(r, F_DISPOSAL_DECISION), first, n, hash, &l,
	    e);
	if (k != 0)
		return (k);
	if (l.n != n)
		err_set(ret, ERR_DAMAGED, NULL, NULL, "the ledger has %" PRIu64
		    " of the %" PRIu64 " entries", l.n, n);
	else if (l.strange != 0)
		err_set(ret, ERR_DAMAGED, NULL, NULL, "entry %" PRIu64 " is of "
		    "something else", l.strange - 1);
	else if (!str_is(record_str(r, F_DISPOSAL_HASH), hash))
		err_set(ret, ERR_DAMAGED, NULL, NULL, "the digest of the entries is "
		    "another");
	return (0);
}
