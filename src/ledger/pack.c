#include "ledger/pack.h"

#include <inttypes.h>

#include "base/arena.h"
#include "sys/crypto.h"

#define BUFFER ((size_t)1 << 20)
#define PATH 4096
#define FIX "restore the file from a backup"

/* A record of more can only be a damaged length. */
#define PAYLOAD_MAX (UINT64_C(1) << 31)

static uint64_t
get_u64(const uint8_t *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return (v);
}

static void
put_u64(uint8_t *p, uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

void
pack_path(const char *dir, int64_t no, char *out, size_t cap)
{
	snprintf(out, cap, "%s/pack-%06" PRId64, dir, no);
}

void
pack_init(struct pack *p, const char *dir)
{
	*p = (struct pack){ .file = FILE_INIT, .limit = PACK_LIMIT };
	p->dir = strdup(dir);
	if (p->dir == NULL)
		err_oom(strlen(dir));
	for (int i = 0; i < PACK_READERS; i++)
		p->readers[i].file = (struct file)FILE_INIT;
}

void
pack_free(struct pack *p)
{
	if (p->dir == NULL)
		return;
	file_close(&p->file);
	for (int i = 0; i < PACK_READERS; i++)
		file_close(&p->readers[i].file);
	buf_free(&p->pending);
	vec_free(&p->full);
	free(p->dir);
	p->dir = NULL;
}

/* --- records ------------------------------------------------------------- */

void
pack_bound(const struct pack_record *r, uint8_t out[PACK_RECORD])
{
	memcpy(out, PACK_RECORD_MAGIC "\0\0\0\0", 8);
	put_u64(out + 8, r->payload);
	memcpy(out + 16, r->commitment, 32);
	memcpy(out + 48, r->key, 16);
}

void
pack_seal(uint8_t head[PACK_RECORD], struct str payload)
{
	crypto_blake2b_2(head + PACK_BOUND, 16, head, PACK_BOUND, payload.ptr,
	    payload.len, NULL, 0);
}

bool
pack_parse(struct str bytes, bool whole, struct pack_record *ret)
{
	const uint8_t *p = (const uint8_t *)bytes.ptr;
	uint8_t sum[16];
	uint64_t n;

	if (bytes.len < PACK_RECORD ||
	    memcmp(p, PACK_RECORD_MAGIC "\0\0\0\0", 8) != 0)
		return (false);
	n = get_u64(p + 8);
	if (n > PAYLOAD_MAX)
		return (false);
	if (whole) {
		if (bytes.len - PACK_RECORD < n)
			return (false);
		crypto_blake2b_2(sum, sizeof(sum), p, PACK_BOUND,
		    p + PACK_RECORD, n, NULL, 0);
		if (memcmp(sum, p + PACK_BOUND, sizeof(sum)) != 0)
			return (false);
	}
	ret->payload = n;
	memcpy(ret->commitment, p + 16, 32);
	memcpy(ret->key, p + 48, 16);
	return (true);
}

int
pack_scan(const struct file *f, uint64_t from, uint64_t to, pack_scan_fn *fn,
    void *ctx, uint64_t *ret_end, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct pack_record rec;
	uint64_t at = from;
	int r;

	while (to - at >= PACK_RECORD) {
		buf_reset(&b);
		buf_reserve(&b, PACK_RECORD);
		if ((r = file_pread(f, b.ptr, PACK_RECORD, at, e)) != 0)
			return (r);
		b.len = PACK_RECORD;
		if (!pack_parse(buf_str(&b), false, &rec) ||
		    rec.payload > to - at - PACK_RECORD)
			break;
		buf_reserve(&b, (size_t)rec.payload);
		if ((r = file_pread(f, b.ptr + PACK_RECORD,
		    (size_t)rec.payload, at + PACK_RECORD, e)) != 0)
			return (r);
		b.len += (size_t)rec.payload;
		if (!pack_parse(buf_str(&b), true, &rec))
			break;
		if (fn != NULL && (r = fn(ctx, at, buf_str(&b), &rec, e)) != 0)
			return (r);
		at += b.len;
	}
	*ret_end = at;
	return (0);
}

/* --- opening ------------------------------------------------------------- */

int
pack_newest(const char *dir, int64_t *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	char **names;
	size_t n;
	int64_t newest = 0, no;
	int r = file_list(&a, dir, &names, &n, e);

	if (r != 0)
		return (r);
	for (size_t i = 0; i < n; i++) {
		struct str s = str_from(names[i]);
		if (!str_starts(s, "pack-"))
			continue;
		s.ptr += 5;
		s.len -= 5;
		if (str_to_i64(s, &no) && no > newest)
			newest = no;
	}
	*ret = newest;
	return (0);
}

static int
begin_next(struct pack *p, int64_t no, struct err *e)
{
	struct file f = FILE_INIT;
	char path[PATH];
	int r;

	pack_path(p->dir, no, path, sizeof(path));
	if ((r = file_open(&f, path, FILE_APPEND, 0600, e)) != 0)
		return (r);
	/* What is there was never acknowledged: no row names this pack. */
	if ((r = file_truncate(&f, 0, e)) != 0) {
		file_close(&f);
		return (r);
	}
	file_close(&p->file);
	p->file = f;
	p->no = no;
	p->end = PACK_HEAD;
	p->flushed = 0;
	p->fresh = true;
	p->dirty = true;
	buf_reset(&p->pending);
	buf_put(&p->pending, PACK_MAGIC, PACK_HEAD);
	return (0);
}

/* Bytes after what was acknowledged: where the whole records end. */
static int
look_at_tail(struct pack *p, uint64_t size, struct err *e)
{
	uint64_t have, end;
	int r;

	if ((r = file_size(&p->file, &have, e)) != 0)
		return (r);
	if (have < size)
		return (err_set(e, ERR_DAMAGED, p->file.path, FIX,
		    "the pack has %" PRIu64 " bytes, %" PRIu64
		    " were acknowledged", have, size));
	if ((r = pack_scan(&p->file, size, have, NULL, NULL, &end, e)) != 0)
		return (r);
	if (end != have && (r = file_truncate(&p->file, end, e)) != 0)
		return (r);
	p->end = p->flushed = end;
	return (0);
}

int
pack_open(struct pack *p, int64_t no, uint64_t size, struct err *e)
{
	char path[PATH], head[PACK_HEAD];
	int r;

	if (no == 0)
		return (0);
	pack_path(p->dir, no, path, sizeof(path));
	if (!file_exists(path))
		return (err_set(e, ERR_DAMAGED, path, FIX,
		    "a pack of bodies is missing"));
	if ((r = file_open(&p->file, path, FILE_APPEND, 0600, e)) != 0 ||
	    (r = file_pread(&p->file, head, sizeof(head), 0, e)) != 0)
		return (r);
	if (memcmp(head, PACK_MAGIC, PACK_HEAD) != 0) {
		if (memcmp(head, PACK_MAGIC, PACK_HEAD - 1) == 0)
			return (err_set(e, ERR_NEWER, path, "use that version",
			    "the pack is of a newer version"));
		return (err_set(e, ERR_DAMAGED, path, FIX,
		    "the pack does not begin as one"));
	}
	p->no = no;
	return (look_at_tail(p, size, e));
}

/* --- writing ------------------------------------------------------------- */

static int
flush(struct pack *p, struct err *e)
{
	int r;

	if (p->pending.len == 0)
		return (0);
	r = file_pwrite(&p->file, p->pending.ptr, p->pending.len, p->flushed,
	    e);
	if (r != 0)
		return (r);
	p->flushed += p->pending.len;
	buf_reset(&p->pending);
	return (0);
}

int
pack_sync(struct pack *p, struct err *e)
{
	int r;

	if (!p->dirty)
		return (0);
	if ((r = flush(p, e)) != 0 || (r = file_sync(&p->file, e)) != 0)
		return (r);
	if (p->fresh && (r = file_sync_dir(p->dir, e)) != 0)
		return (r);
	p->dirty = false;
	p->fresh = false;
	return (0);
}

void
pack_mark(struct pack *p)
{
	p->mark_no = p->no;
	p->mark_end = p->end;
	p->full.n = 0;
}

int
pack_append(struct pack *p, struct str record, int64_t *ret_no,
    uint64_t *ret_off, struct err *e)
{
	int r;

	if (p->no == 0 ||
	    (p->end > PACK_HEAD && p->end + record.len > p->limit)) {
		struct pack_end full = { p->no, p->end };
		if (p->no != 0 && (r = pack_sync(p, e)) != 0)
			return (r);
		if (p->no != 0)
			vec_push(&p->full, full);
		if ((r = begin_next(p, p->no + 1, e)) != 0)
			return (r);
	}
	if (p->pending.len >= BUFFER && (r = flush(p, e)) != 0)
		return (r);
	*ret_no = p->no;
	*ret_off = p->end;
	buf_putstr(&p->pending, record);
	p->end += record.len;
	p->dirty = true;
	return (0);
}

void
pack_rollback(struct pack *p)
{
	char path[PATH];

	if (p->no == p->mark_no && p->end == p->mark_end)
		return;
	buf_reset(&p->pending);
	p->full.n = 0;
	p->dirty = false;
	/*
	 * A step that fails here leaves bytes that no row names, and that the
	 * next append writes over: so errors do not matter.
	 */
	for (; p->no > p->mark_no; p->no--) {
		file_close(&p->file);
		pack_path(p->dir, p->no, path, sizeof(path));
		file_remove(path, NULL);
	}
	p->end = p->flushed = p->mark_end;
	if (p->no == 0)
		return;
	pack_path(p->dir, p->no, path, sizeof(path));
	if (p->file.fd < 0 &&
	    file_open(&p->file, path, FILE_APPEND, 0600, NULL) != 0)
		return;
	file_truncate(&p->file, p->end, NULL);
	for (int i = 0; i < PACK_READERS; i++)
		if (p->readers[i].no > p->no)
			file_close(&p->readers[i].file);
}

/* --- reading ------------------------------------------------------------- */

int
pack_read(struct pack *p, int64_t no, uint64_t off, uint64_t len,
    struct buf *out, struct err *e)
{
	size_t i = (size_t)no % PACK_READERS;
	char path[PATH];
	int r;

	if (len > PAYLOAD_MAX + PACK_RECORD)
		return (err_set(e, ERR_DAMAGED, NULL, FIX,
		    "records.db names a body of %" PRIu64 " bytes", len));
	if (no == p->no && off + len > p->flushed && (r = flush(p, e)) != 0)
		return (r);
	if (p->readers[i].file.fd < 0 || p->readers[i].no != no) {
		file_close(&p->readers[i].file);
		pack_path(p->dir, no, path, sizeof(path));
		r = file_open(&p->readers[i].file, path, FILE_READ, 0, e);
		if (r == -ERR_NOTFOUND)
			return (err_set(e, ERR_DAMAGED, path, FIX,
			    "a pack of bodies is missing"));
		if (r != 0)
			return (r);
		p->readers[i].no = no;
	}
	buf_reset(out);
	buf_reserve(out, (size_t)len);
	r = file_pread(&p->readers[i].file, out->ptr, (size_t)len, off, e);
	if (r != 0)
		return (r);
	out->len = (size_t)len;
	out->ptr[len] = '\0';
	return (0);
}

/* --- erasing ------------------------------------------------------------- */

int
pack_overwrite(struct pack *p, int64_t no, uint64_t off, struct str record,
    struct err *e)
{
	FILE_SCOPED f = FILE_INIT;
	char path[PATH];
	int r;

	if (no == p->no && (r = flush(p, e)) != 0)
		return (r);
	pack_path(p->dir, no, path, sizeof(path));
	if ((r = file_open(&f, path, FILE_APPEND, 0600, e)) != 0 ||
	    (r = file_pwrite(&f, record.ptr + PACK_RECORD, record.len -
	        PACK_RECORD, off + PACK_RECORD, e)) != 0 ||
	    (r = file_sync(&f, e)) != 0 ||
	    (r = file_pwrite(&f, record.ptr, PACK_RECORD, off, e)) != 0)
		return (r);
	return (file_sync(&f, e));
}
