#include "ledger/disclose.h"

#include <inttypes.h>

#include "ledger/ledger.h"
#include "ledger/pack.h"
#include "ledger/private.h"

#define MAGIC "tickmark-cell-keys/v1"
#define DENSE (UINT64_C(64) << 20)

/*
 * A small frame can say that it unpacks to as much as a body may have. Ours do
 * not: what is over 64 MiB packs to more than a thousandth.
 */
static bool
dense(struct str payload)
{
	uint64_t size = 0;

	if (payload.len < BODY_HASH + 8)
		return (false);
	for (int i = 0; i < 8; i++)
		size = size << 8 | (uint8_t)payload.ptr[BODY_HASH + i];
	return (size > DENSE && size / 1000 > payload.len);
}

/* --- giving ------------------------------------------------------------------ */

int
disclose_body(struct ledger *l, const uint8_t commitment[BODY_HASH],
    struct buf *record, struct buf *plain, uint8_t ret_key[KEYS_ID],
    struct err *e)
{
	BUF_SCOPED inner = BUF_INIT;
	struct pack_record rec = { .payload = 0 };
	int r = body_inner(l, commitment, &inner, plain, ret_key, e);

	/* Its own key id says no more than that. */
	if (r == -ERR_ERASED && memcmp(ret_key, BODY_ERASED, KEYS_ID) == 0)
		memset(ret_key, 0, KEYS_ID);
	if (r != 0)
		return (r);
	if (dense(buf_str(&inner)))
		return (err_set(e, ERR_LIMIT, NULL, "withhold what it belongs to",
		    "a body of %zu bytes packs to %zu: a bundle cannot hold it",
		    plain->len, inner.len));
	rec.payload = inner.len;
	memcpy(rec.commitment, commitment, BODY_HASH);
	memcpy(rec.key, body_open_key, KEYS_ID);
	buf_reset(record);
	buf_reserve(record, PACK_RECORD + inner.len + 1);
	pack_bound(&rec, (uint8_t *)record->ptr);
	pack_seal((uint8_t *)record->ptr, buf_str(&inner));
	record->len = PACK_RECORD;
	buf_putstr(record, buf_str(&inner));
	return (0);
}

void
disclose_pack(struct buf *out)
{
	buf_put(out, PACK_MAGIC, PACK_HEAD);
}

void
disclose_keys_print(const struct disclose_key *k, size_t n, struct buf *out)
{
	buf_puts(out, MAGIC "\n");
	for (size_t i = 0; i < n; i++) {
		buf_puthex(out, k[i].id, KEYS_ID);
		buf_putc(out, ' ');
		buf_puthex(out, k[i].cell, CRYPTO_KEY);
		buf_putc(out, ' ');
		buf_puthex(out, k[i].tag, CRYPTO_KEY);
		buf_putc(out, '\n');
	}
}

/* --- reading ----------------------------------------------------------------- */

int
disclose_keys_parse(struct arena *a, struct str text,
    struct disclose_key **ret, size_t *ret_n, struct err *e)
{
	struct str rest = text, line = STR_NULL, id, cell;
	struct disclose_key *k;
	size_t n = 0, lines = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	k = arena_array(a, lines + 1, sizeof(*k));
	if (!str_ends(text, "\n") || !str_split(&rest, '\n', &line) ||
	    !str_is(line, MAGIC)) {
		if (str_starts(text, "tickmark-cell-keys/") &&
		    !str_starts(text, MAGIC))
			return (err_set(e, ERR_NEWER, NULL, "use that version",
			    "the keys are of a newer format"));
		return (err_set(e, ERR_INPUT, "line 1", NULL,
		    "it is no file of cell keys"));
	}
	while (rest.len != 0) {
		struct disclose_key *x = &k[n];
		if (!str_split(&rest, '\n', &line) ||
		    !str_split(&line, ' ', &id) ||
		    !str_split(&line, ' ', &cell) ||
		    !str_unhex(id, x->id, KEYS_ID) ||
		    !str_unhex(cell, x->cell, CRYPTO_KEY) ||
		    !str_unhex(line, x->tag, CRYPTO_KEY) ||
		    (n > 0 && memcmp(x[-1].id, x->id, KEYS_ID) >= 0)) {
			char where[32];
			snprintf(where, sizeof(where), "line %zu", n + 2);
			return (err_set(e, ERR_INPUT, where, NULL,
			    "it is no key of cells, or out of order"));
		}
		n++;
	}
	*ret = k;
	*ret_n = n;
	return (0);
}

int
disclose_keys(const char *files, const struct disclose_key *cells, size_t n,
    struct keys **ret, struct err *e)
{
	struct note_key vkeys[LEDGER_VKEYS];
	size_t nvkeys;
	struct keys *k;
	int r = ledger_vkeys(files, vkeys, LEDGER_VKEYS, &nvkeys, e);

	if (r != 0)
		return (r);
	k = calloc(1, sizeof(*k));
	if (k == NULL || (k->dir = strdup(files)) == NULL)
		err_oom(sizeof(*k));
	k->note = vkeys[0];
	/* No record names a key of this id. */
	memset(k->body.id, 0xff, KEYS_ID);
	k->disclosed = malloc((n + 1) * sizeof(*cells));
	if (k->disclosed == NULL)
		err_oom(n * sizeof(*cells));
	if (n != 0)
		memcpy(k->disclosed, cells, n * sizeof(*cells));
	k->ndisclosed = n;
	*ret = k;
	return (0);
}

static int
by_id(const void *a, const void *b)
{
	const struct disclose_key *x = a, *y = b;

	return (memcmp(x->id, y->id, KEYS_ID));
}

int
disclose_find(const struct keys *k, const uint8_t id[KEYS_ID],
    struct keys_set *ret, struct err *e)
{
	struct disclose_key key;
	const struct disclose_key *x;

	memcpy(key.id, id, KEYS_ID);
	x = bsearch(&key, k->disclosed, k->ndisclosed, sizeof(key), by_id);
	if (x == NULL)
		return (err_set(e, ERR_ERASED, NULL, NULL,
		    "the subject's key was destroyed or is withheld"));
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->id, id, KEYS_ID);
	memcpy(ret->cell, x->cell, CRYPTO_KEY);
	memcpy(ret->tag, x->tag, CRYPTO_KEY);
	return (0);
}

void
disclose_partial(struct ledger *l)
{
	l->partial = true;
}

int
disclose_open(struct str record, const char *where,
    uint8_t ret_commitment[BODY_HASH], struct buf *plain, struct err *e)
{
	struct pack_record rec;

	if (!pack_parse(record, false, &rec) ||
	    rec.payload != record.len - PACK_RECORD)
		return (err_set(e, ERR_DAMAGED, where, NULL,
		    "this is no record of a body"));
	memcpy(ret_commitment, rec.commitment, BODY_HASH);
	if (memcmp(rec.key, body_open_key, KEYS_ID) != 0) {
		BUF_SCOPED hex = BUF_INIT;
		buf_puthex(&hex, rec.commitment, BODY_HASH);
		return (err_set(e, ERR_DAMAGED, where, NULL,
		    "body %s is sealed under a key that nobody here has",
		    hex.ptr));
	}
	if (dense((struct str){ record.ptr + PACK_RECORD,
	    record.len - PACK_RECORD }))
		return (err_set(e, ERR_DAMAGED, where, NULL,
		    "a body says that it unpacks to over a thousand times its "
		    "size"));
	return (body_unseal(NULL, record, rec.commitment, where, plain, e));
}

int
disclose_scan(const char *path, const char *name, disclose_fn *fn, void *ctx,
    struct err *e)
{
	FILE_SCOPED f = FILE_INIT;
	BUF_SCOPED b = BUF_INIT, plain = BUF_INIT;
	struct pack_record rec;
	uint8_t c[BODY_HASH];
	uint64_t size, at = PACK_HEAD;
	char where[300];
	struct err why;
	int r = file_open(&f, path, FILE_READ, 0, e);

	if (r == 0)
		r = file_size(&f, &size, e);
	if (r != 0)
		return (r);
	buf_reserve(&b, PACK_RECORD);
	if (size < PACK_HEAD || file_pread(&f, b.ptr, PACK_HEAD, 0, e) != 0 ||
	    memcmp(b.ptr, PACK_MAGIC, PACK_HEAD) != 0)
		return (err_set(e, ERR_DAMAGED, name, NULL,
		    "the pack does not begin as one"));
	while (at < size) {
		snprintf(where, sizeof(where), "%s at %" PRIu64, name, at);
		buf_reset(&b);
		if (size - at < PACK_RECORD)
			return (err_set(e, ERR_DAMAGED, where, NULL,
			    "the pack ends inside of a record"));
		if ((r = file_pread(&f, b.ptr, PACK_RECORD, at, e)) != 0)
			return (r);
		if (!pack_parse((struct str){ b.ptr, PACK_RECORD }, false,
		    &rec) || rec.payload > size - at - PACK_RECORD)
			return (err_set(e, ERR_DAMAGED, where, NULL,
			    "here should be a record of a body"));
		buf_reserve(&b, PACK_RECORD + (size_t)rec.payload + 1);
		if ((r = file_pread(&f, b.ptr, PACK_RECORD +
		    (size_t)rec.payload, at, e)) != 0)
			return (r);
		b.len = PACK_RECORD + (size_t)rec.payload;
		r = disclose_open(buf_str(&b), where, c, &plain, &why);
		if ((r = fn(ctx, c, buf_str(&plain), r == 0 ? NULL : &why)) != 0)
			return (r < 0 ? r : 0);
		at += b.len;
	}
	return (0);
}
