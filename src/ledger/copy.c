#include "ledger/copy.h"

#include <inttypes.h>

#include "base/arena.h"
#include "ledger/entry.h"
#include "ledger/pack.h"
#include "ledger/private.h"
#include "ledger/tile.h"
#include "sys/db.h"

static int
last_time(struct db *db, uint64_t entries, int64_t *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	STMT_SCOPED *st = NULL;
	struct entry x;
	int r;

	*ret = 0;
	if (entries == 0)
		return (0);
	r = db_prepare(db, &st, STR("SELECT bytes FROM entry WHERE idx = ?"),
	    e);
	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, (int64_t)entries - 1);
	r = stmt_step(st, e);
	if (r < 0)
		return (r);
	if (r == 0 || entry_decode(&a, stmt_str(st, 0), &x, NULL) != 0)
		return (err_set(e, ERR_DAMAGED, db_path(db),
		    "run doctor; restore records.db from a backup",
		    "entry %" PRIu64 " is missing or damaged", entries - 1));
	*ret = x.time;
	return (0);
}

static int
packs(struct db *db, struct copy_state *s, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_prepare(db, &st,
	    STR("SELECT no, size FROM pack ORDER BY no"), e);

	while (r == 0 && (r = stmt_step(st, e)) == 1) {
		vec_push(&s->packs, (struct copy_pack){ stmt_int(st, 0),
		    (uint64_t)stmt_int(st, 1) });
		r = 0;
	}
	return (r);
}

int
copy_look(struct db *db, struct copy_state *ret, struct err *e)
{
	struct copy_state s = { .entries = 0 };
	int64_t n = 0;
	int r = db_get_int(db, "SELECT max(idx) + 1 FROM entry", 0, &n, e);

	s.entries = (uint64_t)n;
	if (r == 0)
		r = db_get_int(db, "PRAGMA user_version", 0, &s.schema, e);
	if (r == 0)
		r = last_time(db, s.entries, &s.time, e);
	if (r == 0)
		r = packs(db, &s, e);
	if (r != 0)
		vec_free(&s.packs);
	else
		*ret = s;
	return (r);
}

void
copy_pack_path(int64_t no, char *out, size_t cap)
{
	pack_path("bodies", no, out, cap);
}

int
copy_checkpoint(const char *dir, struct checkpoint *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *files = arena_printf(&a, "%s/ledger", dir);
	struct note_key *keys = arena_array(&a, LEDGER_VKEYS, sizeof(*keys));
	size_t n;
	int r = ledger_vkeys(files, keys, LEDGER_VKEYS, &n, e);

	return (r != 0 ? r : ledger_checkpoint(files, keys, n, ret, e));
}

int
copy_known(const char *dir, struct str note, struct checkpoint *ret,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *files = arena_printf(&a, "%s/ledger", dir);
	struct note_key *keys = arena_array(&a, LEDGER_VKEYS, sizeof(*keys));
	size_t n;
	int r = ledger_vkeys(files, keys, LEDGER_VKEYS, &n, e);

	return (r != 0 ? r : checkpoint_open_by(note, keys, n, n, ret, NULL,
	    e));
}

int
copy_root_at(const char *dir, const struct checkpoint *c, uint64_t size,
    struct tree_hash *out, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct tile_reader tiles;
	int r;

	tile_reader_init(&tiles, arena_printf(&a, "%s/ledger", dir), c->size);
	r = tree_root_at(size, tile_node, &tiles, out, e);
	tile_reader_free(&tiles);
	return (r);
}

int
copy_retile(const char *dir, struct db *db, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct ledger l = { .files = arena_printf(&a, "%s/ledger", dir),
		.db = db };
	struct tree t = TREE_INIT;
	struct tree_hash root;
	struct checkpoint c;
	int r = copy_checkpoint(dir, &c, e);

	l.size = c.size;
	if (r == 0)
		r = sequence_entries(&l, &t, e);
	if (r != 0)
		return (r);
	tree_root(&t, &root);
	if (memcmp(&root, &c.root, sizeof(root)) != 0)
		return (err_set(e, ERR_DAMAGED, db_path(db),
		    "use another copy of it",
		    "its entries do not have the root that the checkpoint "
		    "signs"));
	return (0);
}
