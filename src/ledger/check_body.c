/* Bodies: every stored record, and that each one that is named is here. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/log.h"
#include "ledger/body.h"
#include "ledger/check_private.h"
#include "ledger/entry.h"
#include "ledger/pack.h"
#include "sys/db.h"

/* One stored record, at ${where}. */
static int
check_record(struct check *c, struct str record, struct str commitment,
    const char *where, struct err *e)
{
	BUF_SCOPED plain = BUF_INIT;
	struct pack_record rec;
	struct err x;
	int r;

	c->n.bodies++;
	if (commitment.len != BODY_HASH) {
		check_tell(c, where, FIX_DB,
		    "records.db names a body by %zu bytes", commitment.len);
		return (0);
	}
	const uint8_t *h = (const uint8_t *)commitment.ptr;
	if ((c->flags & CHECK_BODIES) != 0 && c->keys != NULL) {
		r = body_unseal(c->keys, record, h, where, &plain, &x);
		if (r == 0)
			c->n.opened++;
		else if (r == -ERR_ERASED)
			c->n.erased++;
		else if (r == -ERR_DENIED)
			check_tell_err(c, &x);
		else
			return (check_found(c, r, &x, e));
		return (0);
	}
	if (!pack_parse(record, true, &rec) ||
	    memcmp(rec.commitment, h, BODY_HASH) != 0) {
		BUF_SCOPED hex = BUF_INIT;
		buf_puthex(&hex, h, BODY_HASH);
		check_tell(c, where, FIX, "body %s is damaged", hex.ptr);
	}
	return (0);
}

/* Bytes between two bodies that are named: whole records of nobody. */
static int
check_gap(struct check *c, const struct file *f, uint64_t from, uint64_t to,
    struct err *e)
{
	uint64_t end;
	struct err x;
	int r = pack_scan(f, from, to, NULL, NULL, &end, &x);

	if (r != 0)
		return (check_found(c, r, &x, e));
	if (end != to) {
		char where[4200];
		snprintf(where, sizeof(where), "%s at %" PRIu64, f->path, end);
		check_tell(c, where, FIX, "the pack has a damaged record here");
	}
	return (0);
}

struct walk {
	struct file file;
	bool begun;    /* a pack: its file may be missing */
	int64_t no;
	uint64_t at;   /* everything before was looked at */
	uint64_t size; /* of the file */
};

static int
end_pack(struct check *c, struct walk *w, struct err *e)
{
	struct stmt *st;
	struct err x;
	uint64_t size = 0;
	int r;

	if (w->file.fd < 0)
		return (0);
	r = db_cached(c->db, &st, "SELECT size FROM pack WHERE no = ?", &x);
	if (r != 0)
		return (check_found(c, r, &x, e));
	stmt_bind_int(st, 1, w->no);
	if ((r = stmt_step(st, &x)) == 1)
		size = (uint64_t)stmt_int(st, 0);
	stmt_reset(st);
	if (r < 0)
		return (check_found(c, r, &x, e));
	if (size > w->size)
		check_tell(c, w->file.path, FIX, "the pack ends at byte %"
		    PRIu64 ", and %" PRIu64 " were acknowledged", w->size,
		    size);
	else if (size < w->at)
		check_tell(c, w->file.path, FIX_DB, "records.db says that %"
		    PRIu64 " bytes of the pack were acknowledged, and its "
		    "bodies end at byte %" PRIu64, size, w->at);
	else if (size > w->at)
		r = check_gap(c, &w->file, w->at, size, e);
	file_close(&w->file);
	return (r < 0 ? r : 0);
}

static int
begin_pack(struct check *c, struct walk *w, int64_t no, struct err *e)
{
	char path[4096], head[PACK_HEAD];
	struct err x;
	int r;

	w->begun = true;
	w->no = no;
	w->at = PACK_HEAD;
	pack_path(c->bodies, no, path, sizeof(path));
	if ((r = file_open(&w->file, path, FILE_READ, 0, &x)) != 0 ||
	    (r = file_size(&w->file, &w->size, &x)) != 0) {
		file_close(&w->file);
		return (check_found(c, r, &x, e));
	}
	if (file_pread(&w->file, head, PACK_HEAD, 0, NULL) != 0 ||
	    memcmp(head, PACK_MAGIC, PACK_HEAD) != 0)
		check_tell(c, path, FIX, "the pack does not begin as one");
	return (0);
}

static int
check_packed(struct check *c, struct walk *w, struct stmt *st, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	uint64_t off = (uint64_t)stmt_int(st, 2);
	uint64_t len = (uint64_t)stmt_int(st, 3);
	char where[4200];
	int r;

	snprintf(where, sizeof(where), "%s at %" PRIu64, w->file.path, off);
	if (off < w->at || len > w->size || off > w->size - len) {
		BUF_SCOPED hex = BUF_INIT;
		struct str s = stmt_str(st, 0);
		buf_puthex(&hex, s.ptr, s.len);
		check_tell(c, where, FIX,
		    "body %s is not where records.db says", hex.ptr);
		return (0);
	}
	if (off > w->at && (r = check_gap(c, &w->file, w->at, off, e)) != 0)
		return (r);
	w->at = off + len;
	buf_reserve(&b, (size_t)len);
	struct err x;
	r = file_pread(&w->file, b.ptr, (size_t)len, off, &x);
	if (r != 0)
		return (check_found(c, r, &x, e));
	return (check_record(c, (struct str){ b.ptr, (size_t)len },
	    stmt_str(st, 0), where, e));
}

static int
check_packs(struct check *c, struct err *e)
{
	STMT_SCOPED *st = NULL;
	struct walk w = { .file = FILE_INIT };
	struct err x;
	int64_t total = 0, done = 0;
	int r, got = 0;

	db_get_int(c->db, "SELECT count(*) FROM body", 0, &total, NULL);
	r = db_prepare(c->db, &st, STR("SELECT commitment, pack, off, len"
	    " FROM body ORDER BY pack, off"), &x);
	if (r != 0)
		return (check_found(c, r, &x, e));
	while (r == 0 && (got = stmt_step(st, &x)) == 1) {
		int64_t no = stmt_int(st, 1);
		if ((!w.begun || no != w.no) &&
		    (r = end_pack(c, &w, e)) == 0)
			r = begin_pack(c, &w, no, e);
		if (r == 0 && w.file.fd >= 0)
			r = check_packed(c, &w, st, e);
		if (++done % 1000 == 0)
			progress("checking bodies", done, total);
	}
	if (r == 0)
		r = end_pack(c, &w, e);
	file_close(&w.file);
	if (r != 0)
		return (r);
	return (got < 0 ? check_found(c, got, &x, e) : 0);
}

/* Packs that no body is in. */
static int
check_empty_packs(struct check *c, struct err *e)
{
	STMT_SCOPED *st = NULL;
	struct walk w = { .file = FILE_INIT };
	struct err x;
	int r = db_prepare(c->db, &st, STR("SELECT no FROM pack"
	    " WHERE no NOT IN (SELECT pack FROM body) ORDER BY no"), &x);

	if (r != 0)
		return (check_found(c, r, &x, e));
	while ((r = stmt_step(st, &x)) == 1)
		if ((r = begin_pack(c, &w, stmt_int(st, 0), e)) != 0 ||
		    (r = end_pack(c, &w, e)) != 0)
			return (r);
	return (r < 0 ? check_found(c, r, &x, e) : 0);
}

static int
check_inline(struct check *c, struct err *e)
{
	STMT_SCOPED *st = NULL;
	struct err x;
	int r = db_prepare(c->db, &st,
	    STR("SELECT commitment, record FROM body_inline"), &x);

	if (r != 0)
		return (check_found(c, r, &x, e));
	while ((r = stmt_step(st, &x)) == 1) {
		r = check_record(c, stmt_str(st, 1), stmt_str(st, 0),
		    "records.db, table body_inline", e);
		if (r != 0)
			return (r);
	}
	return (r < 0 ? check_found(c, r, &x, e) : 0);
}

/* Each body that an entry names must be here. */
static int
check_named(struct check *c, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	STMT_SCOPED *st = NULL, *has = NULL;
	struct arena_mark mark = arena_mark(&a);
	struct entry x;
	struct err why;
	int r;

	if ((r = db_prepare(c->db, &st,
	        STR("SELECT idx, bytes FROM entry ORDER BY idx"), &why)) != 0 ||
	    (r = db_prepare(c->db, &has,
	        STR("SELECT 1 WHERE EXISTS (SELECT 1 FROM body"
	            " WHERE commitment = ?1) OR EXISTS (SELECT 1"
	            " FROM body_inline WHERE commitment = ?1)"), &why)) != 0)
		return (check_found(c, r, &why, e));
	while ((r = stmt_step(st, &why)) == 1) {
		arena_rewind(&a, mark);
		/* What does not decode was told of before. */
		if (entry_decode(&a, stmt_str(st, 1), &x, NULL) != 0)
			continue;
		for (size_t i = 0; i < x.nbodies; i++) {
			stmt_bind_blob(has, 1, x.bodies[i].commitment,
			    BODY_HASH);
			int got = stmt_step(has, &why);
			stmt_reset(has);
			if (got < 0)
				return (check_found(c, got, &why, e));
			if (got == 1)
				continue;
			BUF_SCOPED hex = BUF_INIT;
			buf_puthex(&hex, x.bodies[i].commitment, BODY_HASH);
			check_tell(c, arena_printf(&a, "entry %lld",
			    (long long)stmt_int(st, 0)), FIX,
			    "its body %s is missing", hex.ptr);
		}
	}
	return (r < 0 ? check_found(c, r, &why, e) : 0);
}

int
check_body_all(struct check *c, struct err *e)
{
	int r = check_packs(c, e);

	if (r == 0)
		r = check_empty_packs(c, e);
	if (r == 0)
		r = check_inline(c, e);
	return (r != 0 ? r : check_named(c, e));
}
