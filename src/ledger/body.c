#include "ledger/body.h"

#include <inttypes.h>

#include "base/arena.h"
#include "ledger/entry.h"
#include "ledger/erase.h"
#include "ledger/ledger.h"
#include "ledger/pack.h"
#include "ledger/private.h"
#include "ledger/subject.h"
#include "sys/db.h"
#include "sys/zstd.h"

/*
 * The payload of a record: the header of the stream, then pieces of PIECE
 * bytes (the last one shorter or equal), each longer by CRYPTO_STREAM_EXTRA.
 * The first piece is bound to bytes 0..63 of the record. Inside:
 *     salt, 32 bytes; length of the plaintext, 8 bytes big-endian; zstd frame
 * A record whose key id is body_open_key has just that as its payload.
 */
#define PIECE 65536
#define INNER (BODY_HASH + 8)
#define DOMAIN "tickmark-body/v1" /* with its NUL */

const uint8_t body_open_key[KEYS_ID] = "open";

static void
salt_of(const struct keys_set *k, struct str plain, uint8_t out[BODY_HASH])
{
	uint8_t h[CRYPTO_HASH];

	crypto_sha256(plain.ptr, plain.len, h);
	crypto_hmac(k->salt, CRYPTO_KEY, h, sizeof(h), out);
}

static void
commit_to(const uint8_t salt[BODY_HASH], struct str plain,
    uint8_t out[BODY_HASH])
{
	uint8_t head[sizeof(DOMAIN) + BODY_HASH];

	memcpy(head, DOMAIN, sizeof(DOMAIN));
	memcpy(head + sizeof(DOMAIN), salt, BODY_HASH);
	crypto_sha256_2(head, sizeof(head), plain.ptr, plain.len, out);
}

static const struct keys_set *
key_or_own(const struct ledger *l, const struct keys_set *key)
{
	if (key != NULL)
		return (key);
	if (l->keys == NULL)
		BUG("a body without keys");
	return (keys_body(l->keys));
}

void
body_commitment(const struct ledger *l, const struct keys_set *key,
    struct str plain, uint8_t ret[BODY_HASH])
{
	uint8_t salt[BODY_HASH];

	salt_of(key_or_own(l, key), plain, salt);
	commit_to(salt, plain, ret);
}

/* --- storing ------------------------------------------------------------- */

/* The record of a body, in ${out}; ${in} is for what it is sealed from. */
static void
seal(const struct keys_set *key, struct str plain,
    const uint8_t salt[BODY_HASH], const uint8_t commitment[BODY_HASH],
    struct buf *in, struct buf *out)
{
	struct pack_record rec = { .payload = 0 };
	struct crypto_stream s;
	size_t pieces;

	buf_reset(in);
	buf_put(in, salt, BODY_HASH);
	for (int i = 56; i >= 0; i -= 8)
		buf_putc(in, (char)((uint64_t)plain.len >> i));
	zstd_compress(plain.ptr, plain.len, in);

	/* The length is bound as well, so it must be known first. */
	pieces = (in->len + PIECE - 1) / PIECE;
	rec.payload = CRYPTO_STREAM_HEADER + in->len +
	    pieces * CRYPTO_STREAM_EXTRA;
	memcpy(rec.commitment, commitment, BODY_HASH);
	memcpy(rec.key, key->id, KEYS_ID);
	buf_reset(out);
	buf_reserve(out, PACK_RECORD + (size_t)rec.payload);
	uint8_t *at = (uint8_t *)out->ptr + PACK_RECORD;
	struct str payload = { (char *)at, (size_t)rec.payload };
	pack_bound(&rec, (uint8_t *)out->ptr);
	crypto_stream_seal_begin(&s, at, key->seal);
	at += CRYPTO_STREAM_HEADER;
	for (size_t i = 0; i < pieces; i++) {
		size_t n = in->len - i * PIECE;
		if (n > PIECE)
			n = PIECE;
		crypto_stream_seal(&s, at, in->ptr + i * PIECE, n, out->ptr,
		    i == 0 ? PACK_BOUND : 0, i + 1 == pieces);
		at += n + CRYPTO_STREAM_EXTRA;
	}
	pack_seal((uint8_t *)out->ptr, payload);
	out->len = PACK_RECORD + payload.len;
	crypto_wipe(&s, sizeof(s));
}

/* 1: stored here; 0: not. */
static int
stored(struct ledger *l, const uint8_t c[BODY_HASH], struct err *e)
{
	static const char packed[] = "SELECT 1 FROM body WHERE commitment = ?1",
	    both[] = "SELECT 1 FROM body WHERE commitment = ?1 UNION ALL"
	        " SELECT 1 FROM body_inline WHERE commitment = ?1";
	struct stmt *st;
	int r;

	if (l->writable && (r = inlined_load(&l->inlined, l->db, e)) != 0)
		return (r);
	if (l->writable && inlined_has(&l->inlined, c))
		return (1);
	r = db_cached(l->db, &st, l->writable ? packed : both, e);
	if (r != 0)
		return (r);
	stmt_bind_blob(st, 1, c, BODY_HASH);
	r = stmt_step(st, e);
	stmt_reset(st);
	return (r);
}

bool
body_has(struct ledger *l, const uint8_t commitment[BODY_HASH])
{
	return (stored(l, commitment, NULL) == 1);
}

static int
put_inline(struct ledger *l, const uint8_t c[BODY_HASH], struct str record,
    struct err *e)
{
	struct stmt *st;
	int r = db_cached(l->db, &st,
	    "INSERT INTO body_inline (commitment, record) VALUES (?, ?)", e);

	if (r != 0)
		return (r);
	stmt_bind_blob(st, 1, c, BODY_HASH);
	stmt_bind_blob(st, 2, record.ptr, record.len);
	if ((r = stmt_run(st, e)) == 0)
		inlined_add(&l->inlined, c);
	return (r);
}

int
body_index(struct db *db, const uint8_t c[BODY_HASH], int64_t no, uint64_t off,
    uint64_t len, struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st,
	    "INSERT OR IGNORE INTO body (commitment, pack, off, len)"
	    " VALUES (?, ?, ?, ?)", e);

	if (r != 0)
		return (r);
	stmt_bind_blob(st, 1, c, BODY_HASH);
	stmt_bind_int(st, 2, no);
	stmt_bind_int(st, 3, (int64_t)off);
	stmt_bind_int(st, 4, (int64_t)len);
	return (stmt_run(st, e));
}

static int
put_record(struct ledger *l, const uint8_t c[BODY_HASH], struct str record,
    bool packed, struct err *e)
{
	uint64_t off;
	int64_t no;
	int r;

	if (!packed)
		return (put_inline(l, c, record, e));
	r = pack_append(&l->pack, record, &no, &off, e);
	if (r != 0)
		return (r);
	return (body_index(l->db, c, no, off, record.len, e));
}

/* Content that was erased as a body is not taken in again. */
static int
not_erased(struct ledger *l, const uint8_t c[BODY_HASH], struct err *e)
{
	struct erase_item it = { .body = true };
	uint64_t index;

	memcpy(it.id, c, BODY_HASH);
	int r = erase_find(l, &it, &index, e);
	if (r <= 0)
		return (r);
	return (err_set(e, ERR_ERASED, NULL, NULL, "the same content was erased"
	    " by entry %" PRIu64 " and cannot be stored again", index));
}

int
body_put_new(struct ledger *l, const struct keys_set *key, struct str plain,
    unsigned flags, uint8_t ret[BODY_HASH], bool *ret_new, struct err *e)
{
	uint8_t salt[BODY_HASH], c[BODY_HASH];
	bool packed = (flags & BODY_PACK) != 0 || plain.len > BODY_SMALL;
	int had, r = 0;

	if (!ledger_in_transaction(l))
		BUG("a body outside of a transaction");
	if (plain.len > BODY_MAX)
		return (err_set(e, ERR_LIMIT, NULL, "split it",
		    "a body of %zu bytes; %" PRIu64 " are allowed", plain.len,
		    BODY_MAX));
	key = key_or_own(l, key);
	salt_of(key, plain, salt);
	commit_to(salt, plain, c);
	if ((had = stored(l, c, e)) < 0)
		return (had);
	if (had == 1 && (r = not_erased(l, c, e)) != 0)
		return (r);
	if (had == 0) {
		seal(key, plain, salt, c, &l->scratch, &l->record);
		r = put_record(l, c, buf_str(&l->record), packed, e);
	}
	if (r != 0)
		return (r);
	memcpy(ret, c, BODY_HASH);
	*ret_new = had == 0;
	return (0);
}

int
body_put(struct ledger *l, const struct keys_set *key, struct str plain,
    unsigned flags, uint8_t ret[BODY_HASH], struct err *e)
{
	bool fresh;

	return (body_put_new(l, key, plain, flags, ret, &fresh, e));
}

int
body_seal(const struct keys *k, const struct keys_set *key, struct str plain,
    unsigned flags, struct body_sealed *ret, struct err *e)
{
	BUF_SCOPED in = BUF_INIT;
	uint8_t salt[BODY_HASH];

	if (plain.len > BODY_MAX)
		return (err_set(e, ERR_LIMIT, NULL, "split it",
		    "a body of %zu bytes; %" PRIu64 " are allowed", plain.len,
		    BODY_MAX));
	if (key == NULL)
		key = keys_body(k);
	salt_of(key, plain, salt);
	commit_to(salt, plain, ret->commitment);
	ret->packed = (flags & BODY_PACK) != 0 || plain.len > BODY_SMALL;
	seal(key, plain, salt, ret->commitment, &in, &ret->record);
	return (0);
}

int
body_put_sealed(struct ledger *l, const struct body_sealed *b, struct err *e)
{
	int had;

	if (!ledger_in_transaction(l))
		BUG("a body outside of a transaction");
	if ((had = stored(l, b->commitment, e)) < 0)
		return (had);
	if (had == 1)
		return (not_erased(l, b->commitment, e));
	return (put_record(l, b->commitment, buf_str(&b->record), b->packed,
	    e));
}

/* --- reading ------------------------------------------------------------- */

static int
damaged(const uint8_t c[BODY_HASH], const char *where, struct err *e,
    const char *what)
{
	BUF_SCOPED hex = BUF_INIT;

	buf_puthex(&hex, c, BODY_HASH);
	return (err_set(e, ERR_DAMAGED, where,
	    "restore the file from a backup; doctor finds what else is wrong",
	    "body %s is damaged: %s", hex.ptr, what));
}

static int
was_erased(const uint8_t c[BODY_HASH], const char *where, struct err *e,
    const char *how)
{
	BUF_SCOPED hex = BUF_INIT;

	buf_puthex(&hex, c, BODY_HASH);
	return (err_set(e, ERR_ERASED, where, NULL, "body %s was erased%s",
	    hex.ptr, how));
}

static int
find_key(struct keys *k, const uint8_t id[KEYS_ID], const uint8_t c[BODY_HASH],
    const char *where, struct keys_set *ret, struct err *e)
{
	BUF_SCOPED hex = BUF_INIT;
	struct err x = { .code = ERR_OK };
	int r;

	if (memcmp(id, BODY_ERASED, KEYS_ID) == 0)
		return (was_erased(c, where, e, ""));
	buf_puthex(&hex, c, BODY_HASH);
	if (k == NULL)
		return (err_set(e, ERR_DENIED, where,
		    "give the directory of the keys",
		    "body %s is sealed and there are no keys", hex.ptr));
	if (keys_find_body(k, id, ret))
		return (0);
	r = subject_find(k, id, ret, &x);
	if (r == -ERR_ERASED)
		return (was_erased(c, where, e, ": its key was destroyed"));
	if (r == -ERR_NOTFOUND)
		return (err_set(e, ERR_DENIED, where,
		    "put back the keys that belong to this workspace",
		    "body %s is sealed with a key that is not here",
		    hex.ptr));
	if (r != 0 && e != NULL)
		*e = x;
	return (r);
}

/* The pieces of a payload into ${in}; false if they do not open. */
static bool
open_pieces(const struct keys_set *key, struct str payload, const char *bound,
    struct buf *in)
{
	struct crypto_stream s;
	bool last = false;
	size_t n;

	if (payload.len < CRYPTO_STREAM_HEADER)
		return (false);
	crypto_stream_open_begin(&s, (const uint8_t *)payload.ptr, key->seal);
	payload.ptr += CRYPTO_STREAM_HEADER;
	payload.len -= CRYPTO_STREAM_HEADER;
	buf_reset(in);
	buf_reserve(in, payload.len + 1);
	for (bool first = true; payload.len != 0; first = false) {
		n = payload.len;
		if (n > PIECE + CRYPTO_STREAM_EXTRA)
			n = PIECE + CRYPTO_STREAM_EXTRA;
		if (last || !crypto_stream_open(&s,
		    (uint8_t *)in->ptr + in->len, payload.ptr, n, bound,
		    first ? PACK_BOUND : 0, &last))
			return (false);
		in->len += n - CRYPTO_STREAM_EXTRA;
		payload.ptr += n;
		payload.len -= n;
	}
	crypto_wipe(&s, sizeof(s));
	return (last && in->len >= INNER);
}

/* What a record holds inside, in ${in}. */
static int
unseal_inner(struct keys *k, struct str record,
    const uint8_t commitment[BODY_HASH], const char *where, struct buf *in,
    uint8_t ret_key[KEYS_ID], struct err *e)
{
	struct pack_record rec;
	struct keys_set key;
	bool ok;
	int r;

	if (!pack_parse(record, true, &rec) ||
	    rec.payload != record.len - PACK_RECORD)
		return (damaged(commitment, where, e, "its checksum differs"));
	if (memcmp(rec.commitment, commitment, BODY_HASH) != 0)
		return (damaged(commitment, where, e,
		    "another body is in its place"));
	memcpy(ret_key, rec.key, KEYS_ID);
	struct str payload = { record.ptr + PACK_RECORD, (size_t)rec.payload };
	if (memcmp(rec.key, body_open_key, KEYS_ID) == 0) {
		if (payload.len < INNER)
			return (damaged(commitment, where, e, "it is cut off"));
		buf_reset(in);
		buf_putstr(in, payload);
		return (0);
	}
	if ((r = find_key(k, rec.key, commitment, where, &key, e)) != 0)
		return (r);
	ok = open_pieces(&key, payload, record.ptr, in);
	crypto_wipe(&key, sizeof(key));
	return (ok ? 0 : damaged(commitment, where, e,
	    "it does not open with its key"));
}

/* The plaintext of it, compared with the commitment. */
static int
unpack_inner(const struct buf *in, const uint8_t commitment[BODY_HASH],
    const char *where, struct buf *out, struct err *e)
{
	BUF_SCOPED plain = BUF_INIT;
	uint8_t c[BODY_HASH];
	uint64_t size = 0;

	for (int i = 0; i < 8; i++)
		size = size << 8 | (uint8_t)in->ptr[BODY_HASH + i];
	if (size > BODY_MAX || zstd_decompress(in->ptr + INNER,
	    in->len - INNER, (size_t)size, &plain, NULL) != 0 ||
	    plain.len != size)
		return (damaged(commitment, where, e,
		    "it does not decompress"));
	commit_to((const uint8_t *)in->ptr, buf_str(&plain), c);
	if (memcmp(c, commitment, BODY_HASH) != 0)
		return (damaged(commitment, where, e,
		    "its content is not what was committed to"));
	struct buf old = *out;
	*out = plain;
	plain = old;
	return (0);
}

int
body_unseal(struct keys *k, struct str record,
    const uint8_t commitment[BODY_HASH], const char *where, struct buf *out,
    struct err *e)
{
	BUF_SCOPED in = BUF_INIT;
	uint8_t key[KEYS_ID];
	int r = unseal_inner(k, record, commitment, where, &in, key, e);

	return (r != 0 ? r : unpack_inner(&in, commitment, where, out, e));
}

/* A row of body: read the record from its pack. */
static int
fetch_packed(struct ledger *l, struct stmt *st, struct buf *record,
    char *where, size_t cap, struct err *e)
{
	int64_t no = stmt_int(st, 0);
	uint64_t off = (uint64_t)stmt_int(st, 1);
	uint64_t len = (uint64_t)stmt_int(st, 2);
	int r;

	stmt_reset(st);
	snprintf(where, cap, "%s/pack-%06" PRId64 " at %" PRIu64, l->pack.dir,
	    no, off);
	r = pack_read(&l->pack, no, off, len, record, e);
	return (r == 0 ? 1 : r);
}

static int
fetch_from_pack(struct ledger *l, const uint8_t c[BODY_HASH],
    struct buf *record, char *where, size_t cap, struct err *e)
{
	struct stmt *st;
	int r = db_cached(l->db, &st,
	    "SELECT pack, off, len FROM body WHERE commitment = ?", e);

	if (r != 0)
		return (r);
	stmt_bind_blob(st, 1, c, BODY_HASH);
	if ((r = stmt_step(st, e)) == 1)
		return (fetch_packed(l, st, record, where, cap, e));
	stmt_reset(st);
	return (r);
}

static int
fetch_inline(struct ledger *l, const uint8_t c[BODY_HASH], struct buf *record,
    char *where, size_t cap, struct err *e)
{
	struct stmt *st;
	int r = db_cached(l->db, &st,
	    "SELECT record FROM body_inline WHERE commitment = ?", e);

	if (r != 0)
		return (r);
	stmt_bind_blob(st, 1, c, BODY_HASH);
	if ((r = stmt_step(st, e)) == 1) {
		snprintf(where, cap, "%s, table body_inline",
		    db_path(l->db));
		buf_reset(record);
		buf_putstr(record, stmt_str(st, 0));
	}
	stmt_reset(st);
	return (r);
}

/*
 * The stored record, and the name of its place. 0: there is none. The packs
 * first, which have an index. A body only ever moves from body_inline to a pack:
 * looked for there again, it is found by a reader while the writer moves it.
 */
static int
fetch(struct ledger *l, const uint8_t c[BODY_HASH], struct buf *record,
    char *where, size_t cap, struct err *e)
{
	int r = fetch_from_pack(l, c, record, where, cap, e);

	if (r != 0 || (l->inlined.known && !inlined_has(&l->inlined, c)))
		return (r);
	r = fetch_inline(l, c, record, where, cap, e);
	return (r != 0 ? r : fetch_from_pack(l, c, record, where, cap, e));
}

/*
 * Which decision erased it; also of a body that was just being written over
 * when a crash came. What is damaged otherwise stays so.
 */
static int
say_decision(struct ledger *l, const uint8_t c[BODY_HASH],
    const struct err *x, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct erase_item it = { .body = true };
	struct pack_record rec;
	struct entry entry;
	uint64_t index;

	memcpy(it.id, c, BODY_HASH);
	int r = erase_find(l, &it, &index, NULL);
	if (r == 0 && x->code == ERR_ERASED &&
	    pack_parse(buf_str(&l->record), false, &rec)) {
		it = (struct erase_item){ .body = false };
		memcpy(it.id, rec.key, KEYS_ID);
		r = erase_find(l, &it, &index, NULL);
	}
	if (r != 1 || ledger_entry(l, &a, index, &entry, NULL) != 0) {
		if (e != NULL)
			*e = *x;
		return (-(int)x->code);
	}
	struct str decision = entry_note_get(&entry, "decision");
	return (was_erased(c, x->where, e, arena_printf(&a, ": entry %" PRIu64
	    ", decision " STR_FMT, index, STR_ARG(decision))));
}

/* body_get() and body_inner(). */
static int
get(struct ledger *l, const uint8_t commitment[BODY_HASH], struct buf *in,
    struct buf *out, uint8_t ret_key[KEYS_ID], struct err *e)
{
	BUF_SCOPED hex = BUF_INIT;
	char where[512];
	struct err x = { .code = ERR_OK };
	int r = fetch(l, commitment, &l->record, where, sizeof(where), &x);

	if (r == 1) {
		r = unseal_inner(l->keys, buf_str(&l->record), commitment,
		    where, in, ret_key, &x);
		if (r == 0)
			r = unpack_inner(in, commitment, where, out, &x);
		if (r == -ERR_ERASED || r == -ERR_DAMAGED)
			return (say_decision(l, commitment, &x, e));
		if (r != 0 && e != NULL)
			*e = x;
		return (r);
	}
	if (r == -ERR_DAMAGED)
		return (damaged(commitment, x.where, e, x.what));
	if (r != 0) {
		if (e != NULL)
			*e = x;
		return (r);
	}
	buf_puthex(&hex, commitment, BODY_HASH);
	if (l->partial)
		return (err_set(e, ERR_ERASED, hex.ptr, NULL,
		    "this body was left out"));
	return (err_set(e, ERR_NOTFOUND, hex.ptr,
	    "restore it from a backup; doctor finds what else is missing",
	    "there is no such body in this workspace"));
}

int
body_get(struct ledger *l, const uint8_t commitment[BODY_HASH],
    struct buf *out, struct err *e)
{
	BUF_SCOPED in = BUF_INIT;
	uint8_t key[KEYS_ID];

	return (get(l, commitment, &in, out, key, e));
}

int
body_inner(struct ledger *l, const uint8_t commitment[BODY_HASH],
    struct buf *inner, struct buf *plain, uint8_t ret_key[KEYS_ID],
    struct err *e)
{
	memset(ret_key, 0, KEYS_ID);
	return (get(l, commitment, inner, plain, ret_key, e));
}

int
body_key(struct ledger *l, const uint8_t commitment[BODY_HASH],
    uint8_t ret[KEYS_ID], struct err *e)
{
	struct pack_record rec;
	char where[512];
	int r = fetch(l, commitment, &l->record, where, sizeof(where), e);

	if (r < 0)
		return (r);
	if (r == 0)
		return (err_set(e, ERR_NOTFOUND, NULL, NULL,
		    "there is no such body in this workspace"));
	if (!pack_parse(buf_str(&l->record), false, &rec))
		return (damaged(commitment, where, e, "it has no head"));
	memcpy(ret, rec.key, KEYS_ID);
	return (0);
}

/* --- erasing ------------------------------------------------------------- */

/* A record of ${len} bytes that holds nothing. */
static void
make_erased(const uint8_t c[BODY_HASH], size_t len, struct buf *out)
{
	struct pack_record rec = { .payload = len - PACK_RECORD };

	memcpy(rec.commitment, c, BODY_HASH);
	memcpy(rec.key, BODY_ERASED, KEYS_ID);
	buf_reset(out);
	buf_reserve(out, len);
	memset(out->ptr, 0, len);
	pack_bound(&rec, (uint8_t *)out->ptr);
	pack_seal((uint8_t *)out->ptr, (struct str){ out->ptr + PACK_RECORD,
	    (size_t)rec.payload });
	out->len = len;
}

static int
overwrite_inline(struct ledger *l, const uint8_t c[BODY_HASH], size_t len,
    struct err *e)
{
	struct stmt *st;
	int r = db_cached(l->db, &st,
	    "UPDATE body_inline SET record = ? WHERE commitment = ?", e);

	if (r != 0)
		return (r);
	make_erased(c, len, &l->record);
	stmt_bind_blob(st, 1, l->record.ptr, l->record.len);
	stmt_bind_blob(st, 2, c, BODY_HASH);
	return (stmt_run(st, e));
}

/* 1: written over, 0: it was before, or there is none in a pack. */
static int
overwrite_packed(struct ledger *l, const uint8_t c[BODY_HASH], struct err *e)
{
	struct stmt *st;
	struct pack_record rec;
	int64_t no = 0;
	uint64_t off = 0, len = 0;
	int r = db_cached(l->db, &st,
	    "SELECT pack, off, len FROM body WHERE commitment = ?", e);

	if (r != 0)
		return (r);
	stmt_bind_blob(st, 1, c, BODY_HASH);
	if ((r = stmt_step(st, e)) == 1) {
		no = stmt_int(st, 0);
		off = (uint64_t)stmt_int(st, 1);
		len = (uint64_t)stmt_int(st, 2);
	}
	stmt_reset(st);
	if (r <= 0)
		return (r);
	if (len < PACK_RECORD)
		return (damaged(c, db_path(l->db), e, "its length is none"));
	if ((r = pack_read(&l->pack, no, off, PACK_RECORD, &l->record, e)) != 0)
		return (r);
	/* The head is written when the payload is gone: it tells of both. */
	if (pack_parse(buf_str(&l->record), false, &rec) &&
	    memcmp(rec.key, BODY_ERASED, KEYS_ID) == 0)
		return (0);
	make_erased(c, (size_t)len, &l->scratch);
	r = pack_overwrite(&l->pack, no, off, buf_str(&l->scratch), e);
	return (r != 0 ? r : 1);
}

int
body_overwrite(struct ledger *l, const uint8_t c[BODY_HASH], struct err *e)
{
	struct stmt *st;
	size_t len = 0;
	bool done = false;
	int r = db_cached(l->db, &st,
	    "SELECT record FROM body_inline WHERE commitment = ?", e);

	if (r != 0)
		return (r);
	stmt_bind_blob(st, 1, c, BODY_HASH);
	if ((r = stmt_step(st, e)) == 1) {
		struct str record = stmt_str(st, 0);
		struct pack_record rec;
		len = record.len;
		done = len < PACK_RECORD || (pack_parse(record, true, &rec) &&
		    memcmp(rec.key, BODY_ERASED, KEYS_ID) == 0);
	}
	stmt_reset(st);
	if (r == 1 && !done)
		return ((r = overwrite_inline(l, c, len, e)) != 0 ? r : 1);
	return (r != 0 ? (r < 0 ? r : 0) : overwrite_packed(l, c, e));
}
