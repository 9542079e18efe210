/*
 * Rebuild: the ledger's tables of records.db from bundles and packs, which
 * hold all that was sequenced.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "base/log.h"
#include "ledger/check.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/pack.h"
#include "ledger/private.h"
#include "ledger/tile.h"
#include "sys/db.h"

static int
add_entry(struct db *db, uint64_t index, struct str bytes, struct err *e)
{
	struct stmt *st;
	int r = db_cached(db, &st,
	    "INSERT INTO entry (idx, bytes) VALUES (?, ?)", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, (int64_t)index);
	stmt_bind_blob(st, 2, bytes.ptr, bytes.len);
	if ((r = stmt_run(st, e)) != 0)
		return (r);
	ARENA_SCOPED a = ARENA_INIT;
	struct entry x;
	return (entry_decode(&a, bytes, &x, NULL) != 0 ? 0 :
	    erase_note(db, index, &x, e));
}

static int
add_bundle(const char *files, struct db *db, uint64_t n,
    const struct checkpoint *c, struct tree *t, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct str rest, bytes;
	struct tree_hash leaf;
	int r = tile_read(files, TILE_ENTRIES, n,
	    tile_width(TILE_ENTRIES, n, c->size), &b, e);

	if (r != 0)
		return (r);
	rest = buf_str(&b);
	while (tile_bundle_next(&rest, &bytes) == 1) {
		if ((r = add_entry(db, t->size, bytes, e)) != 0)
			return (r);
		entry_leaf(bytes, leaf.h);
		tree_add(t, &leaf, NULL, NULL);
	}
	return (0);
}

/* Where the bundles depart from the tiles: the error that names the file. */
static int
name_bundle(const char *files, const struct checkpoint *c, struct err *e)
{
	BUF_SCOPED b = BUF_INIT, t = BUF_INIT;
	char rel[TILE_PATH], path[4096];
	struct tree_hash leaf;
	struct str rest, bytes;

	for (uint64_t n = 0; tile_width(0, n, c->size) != 0; n++) {
		unsigned width = tile_width(0, n, c->size), i = 0;
		int r = tile_read(files, TILE_ENTRIES, n, width, &b, e);
		if (r == 0)
			r = tile_read(files, 0, n, width, &t, e);
		if (r != 0)
			return (r);
		rest = buf_str(&b);
		for (; tile_bundle_next(&rest, &bytes) == 1; i++) {
			entry_leaf(bytes, leaf.h);
			if (memcmp(leaf.h, t.ptr + i * TREE_HASH,
			    TREE_HASH) == 0)
				continue;
			tile_path(TILE_ENTRIES, n, width, rel);
			snprintf(path, sizeof(path), "%s/%s", files, rel);
			return (err_set(e, ERR_DAMAGED, path,
			    "restore the file from a backup",
			    "entry %" PRIu64 " of the bundle was changed",
			    n * TILE_WIDTH + i));
		}
	}
	return (err_set(e, ERR_DAMAGED, files, "restore it from a backup",
	    "the bundles do not have the root that the checkpoint signs"));
}

static int
add_entries(const char *files, struct db *db, const struct checkpoint *c,
    struct err *e)
{
	struct tree t = TREE_INIT;
	struct tree_hash root;
	int r = 0;

	for (uint64_t n = 0; r == 0 && t.size < c->size; n++) {
		r = add_bundle(files, db, n, c, &t, e);
		progress("reading entries", (int64_t)t.size,
		    (int64_t)c->size);
	}
	if (r != 0)
		return (r);
	tree_root(&t, &root);
	if (memcmp(&root, &c->root, sizeof(root)) != 0)
		return (name_bundle(files, c, e));
	return (0);
}

struct packs {
	struct db *db;
	int64_t no;
};

static int
add_body(void *ctx, uint64_t off, struct str record,
    const struct pack_record *rec, struct err *e)
{
	struct packs *p = ctx;

	return (body_index(p->db, rec->commitment, p->no, off, record.len, e));
}

/* After a damaged record: the next offset where a whole one begins. */
static int
resync(const struct file *f, uint64_t from, uint64_t to, uint64_t *ret,
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	size_t n = 1 << 20;

	buf_reserve(&b, n);
	for (uint64_t at = from + 1; at + PACK_RECORD <= to;) {
		uint64_t end;
		size_t len = to - at < n ? (size_t)(to - at) : n;
		int r = file_pread(f, b.ptr, len, at, e);
		if (r != 0)
			return (r);
		for (size_t i = 0; i + 4 <= len; i++) {
			if (memcmp(b.ptr + i, PACK_RECORD_MAGIC, 4) != 0)
				continue;
			r = pack_scan(f, at + i, to, NULL, NULL, &end, e);
			if (r != 0)
				return (r);
			if (end != at + i) {
				*ret = at + i;
				return (0);
			}
		}
		if (len < n)
			break;
		at += len - 3;
	}
	*ret = to;
	return (0);
}

static int
add_pack(const char *bodies, struct db *db, int64_t no, struct err *e)
{
	FILE_SCOPED f = FILE_INIT;
	struct packs p = { db, no };
	struct stmt *st;
	uint64_t size, at = PACK_HEAD, end, good = PACK_HEAD;
	char path[4096];
	int r;

	pack_path(bodies, no, path, sizeof(path));
	if ((r = file_open(&f, path, FILE_READ, 0, e)) != 0 ||
	    (r = file_size(&f, &size, e)) != 0)
		return (r);
	while (at < size) {
		r = pack_scan(&f, at, size, add_body, &p, &end, e);
		if (r == 0 && end > at)
			good = end;
		if (r == 0 && end < size)
			r = resync(&f, end, size, &end, e);
		if (r != 0)
			return (r);
		at = end;
	}
	if (size < PACK_HEAD) /* begun and never used */
		return (0);
	if ((r = db_cached(db, &st,
	    "INSERT INTO pack (no, size) VALUES (?, ?)", e)) != 0)
		return (r);
	stmt_bind_int(st, 1, no);
	stmt_bind_int(st, 2, (int64_t)good);
	return (stmt_run(st, e));
}

static int
add_packs(const char *bodies, struct db *db, struct err *e)
{
	int64_t newest;
	char path[4096];
	int r = pack_newest(bodies, &newest, e);

	for (int64_t no = 1; r == 0 && no <= newest; no++) {
		pack_path(bodies, no, path, sizeof(path));
		if (file_exists(path))
			r = add_pack(bodies, db, no, e);
		progress("reading packs", no, newest);
	}
	return (r);
}

int
ledger_rebuild(const char *dir, struct db *db, struct keys *keys,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *files = arena_printf(&a, "%s/ledger", dir);
	const char *bodies = arena_printf(&a, "%s/bodies", dir);
	struct note_key vkeys[LEDGER_VKEYS];
	struct checkpoint c;
	size_t n;
	int r;

	if ((r = ledger_vkeys(files, vkeys, LEDGER_VKEYS, &n, e)) != 0)
		return (r);
	if (keys != NULL && !check_key_known(&keys->note, vkeys, n))
		return (err_set(e, ERR_DAMAGED, files,
		    "give the directory of this workspace's keys",
		    "the verifier key is not that of the signing key"));
	if ((r = ledger_checkpoint(files, vkeys, n, &c, e)) != 0 ||
	    (r = db_begin(db, e)) != 0)
		return (r);
	if ((r = ledger_tables(db, e)) == 0 &&
	    (r = add_entries(files, db, &c, e)) == 0 &&
	    (r = add_packs(bodies, db, e)) == 0)
		r = db_commit(db, e);
	if (r != 0)
		db_rollback(db);
	return (r);
}
