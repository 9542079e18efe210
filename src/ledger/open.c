/* Making, opening and closing a ledger; its checkpoint and verifier key. */
#include "ledger/ledger.h"

#include <inttypes.h>

#include "ledger/checkpoint.h"
#include "ledger/private.h"
#include "ledger/tile.h"
#include "sys/db.h"
#include "sys/file.h"

#define FIX_OLD "put back the newest copy of the whole workspace"

static const char schema[] =
    "CREATE TABLE entry ("
    " idx INTEGER PRIMARY KEY,"
    " bytes BLOB NOT NULL"      /* canonical, see entry.h */
    ") STRICT;"
    "CREATE TABLE body ("
    " commitment BLOB PRIMARY KEY,"
    " pack INTEGER NOT NULL,"
    " off INTEGER NOT NULL,"
    " len INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE body_inline (" /* on their way into a pack */
    " commitment BLOB NOT NULL,"
    " record BLOB NOT NULL"
    ") STRICT;"
    "CREATE TABLE pack ("
    " no INTEGER PRIMARY KEY,"
    " size INTEGER NOT NULL"    /* bytes that are acknowledged */
    ") STRICT;";

int
ledger_tables(struct db *db, struct err *e)
{
	int r = db_exec(db, schema, e);

	return (r != 0 ? r : erase_tables(db, e));
}

static char *
join(const char *a, const char *b)
{
	size_t n = strlen(a) + strlen(b) + 2;
	char *p = malloc(n);

	if (p == NULL)
		err_oom(n);
	snprintf(p, n, "%s/%s", a, b);
	return (p);
}
#define JOINED __attribute__((cleanup(drop))) char
static void
drop(char **p)
{
	free(*p);
}

/* --- files --------------------------------------------------------------- */

static int
bad_vkey(struct err *e, const char *path, size_t line, const char *what)
{
	char where[4128];

	snprintf(where, sizeof(where), "%s:%zu", path, line);
	return (err_set(e, ERR_DAMAGED, where,
	    "restore the file from a backup",
	    "the ledger's verifier key is damaged: %s", what));
}

static int
parse_vkeys(struct str s, const char *path, struct note_key *keys, size_t cap,
    size_t *ret_n, struct err *e)
{
	struct err why;
	struct str line;
	size_t n = 0;

	if (s.len == 0 || s.ptr[s.len - 1] != '\n')
		return (bad_vkey(e, path, 1, "the file is not whole"));
	s.len--;
	while (str_split(&s, '\n', &line)) {
		if (n == cap)
			return (bad_vkey(e, path, n + 1, "too many keys"));
		if (note_key_parse(line, &keys[n], &why) != 0)
			return (bad_vkey(e, path, n + 1, why.what));
		if (keys[n].type != NOTE_ED25519)
			return (bad_vkey(e, path, n + 1,
			    "it is a key of a witness"));
		if (strcmp(keys[n].name, keys[0].name) != 0)
			return (bad_vkey(e, path, n + 1,
			    "it is of another ledger"));
		n++;
	}
	*ret_n = n;
	return (0);
}

int
ledger_vkeys(const char *files, struct note_key *keys, size_t cap,
    size_t *ret_n, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	JOINED *path = join(files, "vkey");
	int r = file_read(path, 64 << 10, &b, e);

	if (r == -ERR_NOTFOUND)
		return (err_set(e, ERR_DAMAGED, path,
		    "restore the file from a backup",
		    "a file of the ledger is missing"));
	return (r != 0 ? r :
	    parse_vkeys(buf_str(&b), path, keys, cap, ret_n, e));
}

int
ledger_checkpoint(const char *files, const struct note_key *keys, size_t n,
    struct checkpoint *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	JOINED *path = join(files, "checkpoint");
	struct err x = { .code = ERR_OK };
	int r = file_read(path, NOTE_MAX, &b, &x);

	if (r == 0)
		r = checkpoint_open_by(buf_str(&b), keys, n, n, ret, NULL, &x);
	if (r == 0)
		return (0);
	/* Whatever is wrong with its form: somebody changed it. */
	if (r == -ERR_NOTFOUND || r == -ERR_INPUT || r == -ERR_LIMIT ||
	    (r == -ERR_DENIED && x.where[0] == '\0'))
		x.code = ERR_DAMAGED;
	return (err_set(e, x.code, path, "restore the file from a backup; "
	    "doctor says what else is wrong",
	    "the ledger's checkpoint cannot be trusted: %s", x.what));
}

int
ledger_sign(struct ledger *l, const struct tree *t, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	JOINED *path = join(l->files, "checkpoint");
	struct checkpoint c = { .size = t->size };
	uint8_t sig[CRYPTO_SIG];

	snprintf(c.origin, sizeof(c.origin), "%s", l->key.name);
	tree_root(t, &c.root);
	checkpoint_print(&c, &b);
	keys_sign(l->keys, buf_str(&b), sig);
	size_t text = b.len;
	buf_putc(&b, '\n');
	note_put_signature(&l->key, sig, &b);
	if (l->sign_next) {
		crypto_ed25519_sign(l->keys->next_seed, b.ptr, text, sig);
		note_put_signature(&l->keys->next, sig, &b);
	}
	return (file_write(path, 0644, b.ptr, b.len, e));
}

/* --- create, open, close ------------------------------------------------- */

int
ledger_create(const char *dir, struct db *db, struct keys *keys,
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	JOINED *files = join(dir, "ledger");
	JOINED *bodies = join(dir, "bodies");
	JOINED *vkey = join(files, "vkey");
	struct ledger l = { .files = files, .keys = keys, .key = keys->note };
	struct tree empty = TREE_INIT;
	int r;

	if (file_exists(vkey))
		return (err_set(e, ERR_CONFLICT, vkey,
		    "choose another directory", "there is a ledger already"));
	if ((r = file_mkdirs(files, 0755, e)) != 0 ||
	    (r = file_mkdirs(bodies, 0700, e)) != 0 ||
	    (r = db_begin(db, e)) != 0)
		return (r);
	r = ledger_tables(db, e);
	if (r == 0)
		r = db_commit(db, e);
	if (r != 0) {
		db_rollback(db);
		return (r);
	}
	if ((r = ledger_sign(&l, &empty, e)) != 0)
		return (r);
	/* The last file: with it the ledger is there. */
	note_key_print(&keys->note, &b);
	buf_putc(&b, '\n');
	return (file_write(vkey, 0644, b.ptr, b.len, e));
}

/* The verifier keys, and that of signing, which must be among them. */
static int
load_keys(struct ledger *l, struct err *e)
{
	int r;

	l->vkeys = calloc(LEDGER_VKEYS, sizeof(*l->vkeys));
	if (l->vkeys == NULL)
		err_oom(LEDGER_VKEYS * sizeof(*l->vkeys));
	r = ledger_vkeys(l->files, l->vkeys, LEDGER_VKEYS, &l->nvkeys, e);
	if (r != 0)
		return (r);
	l->key = l->keys == NULL ? l->vkeys[0] : l->keys->note;
	if (check_key_known(&l->key, l->vkeys, l->nvkeys))
		return (0);
	return (err_set(e, ERR_DAMAGED, l->keys->dir,
	    "give the directory of this workspace's keys",
	    "these are the keys of %s, and the ledger is %s",
	    l->keys->note.name, l->vkeys[0].name));
}

/* The right edge of the tree from its tiles, against the signed root. */
static int
load_tree(struct ledger *l, const struct checkpoint *c,
    struct tile_reader *tiles, struct err *e)
{
	struct tree_hash root;
	struct tree t;
	int r = tree_load(&t, c->size, tile_node, tiles, e);

	if (r != 0)
		return (r);
	tree_root(&t, &root);
	if (memcmp(root.h, c->root.h, TREE_HASH) != 0) {
		JOINED *where = join(l->files, "tile");
		return (err_set(e, ERR_DAMAGED, where,
		    "run doctor, which names the file",
		    "the newest tiles do not have the root that the "
		    "checkpoint signs"));
	}
	l->tree = t;
	return (0);
}

/* Is records.db the one that the checkpoint was made from? */
static int
compare_head(struct ledger *l, const struct checkpoint *c,
    struct tile_reader *tiles, struct err *e)
{
	struct tree_hash is, should;
	int r;

	if (c->size > l->size)
		return (err_set(e, ERR_DAMAGED, db_path(l->db), FIX_OLD,
		    "an older copy of records.db was put back: it holds %"
		    PRIu64 " entries, and the checkpoint has %" PRIu64,
		    l->size, c->size));
	if (c->size == 0)
		return (0);
	if ((r = ledger_entry_bytes(l, c->size - 1, &l->scratch, e)) != 0 ||
	    (r = tile_node(tiles, 0, c->size - 1, &should, e)) != 0)
		return (r);
	entry_leaf(buf_str(&l->scratch), is.h);
	if (memcmp(is.h, should.h, TREE_HASH) != 0)
		return (err_set(e, ERR_DAMAGED, db_path(l->db), FIX_OLD,
		    "records.db is not of this ledger: entry %" PRIu64
		    " is another one", c->size - 1));
	return (0);
}

static int
open_packs(struct ledger *l, struct err *e)
{
	struct stmt *st;
	int r = db_cached(l->db, &st,
	    "SELECT no, size FROM pack ORDER BY no DESC LIMIT 1", e);

	if (r != 0)
		return (r);
	r = stmt_step(st, e);
	if (r == 1)
		r = pack_open(&l->pack, stmt_int(st, 0),
		    (uint64_t)stmt_int(st, 1), e);
	stmt_reset(st);
	return (r);
}

static int
open_in(struct ledger *l, struct err *e)
{
	struct tile_reader tiles;
	struct checkpoint c;
	int r;

	if ((r = load_keys(l, e)) != 0 ||
	    (r = ledger_checkpoint(l->files, l->vkeys, l->nvkeys, &c,
	        e)) != 0)
		return (r);
	tile_reader_init(&tiles, l->files, c.size);
	if ((r = load_tree(l, &c, &tiles, e)) == 0 &&
	    (r = ledger_load_head(l, e)) == 0)
		r = compare_head(l, &c, &tiles, e);
	tile_reader_free(&tiles);
	/* Bodies are found by their hash, that is anywhere in their table. */
	if (r == 0 && l->writable)
		r = db_exec(l->db, "PRAGMA cache_size = -16384", e);
	if (r == 0 && l->writable)
		r = open_packs(l, e);
	if (r == 0 && l->writable)
		r = erase_tables(l->db, e); /* an older version made none */
	return (r);
}

int
ledger_open(const char *dir, struct db *db, struct keys *keys, bool writable,
    struct ledger **ret, struct err *e)
{
	struct ledger *l = calloc(1, sizeof(*l));
	int r;

	if (l == NULL || (l->dir = strdup(dir)) == NULL)
		err_oom(sizeof(*l));
	l->files = join(dir, "ledger");
	l->db = db;
	l->keys = keys;
	l->writable = writable;
	JOINED *bodies = join(dir, "bodies");
	pack_init(&l->pack, bodies);
	r = open_in(l, e);
	if (r != 0) {
		ledger_close(l);
		return (r);
	}
	*ret = l;
	return (0);
}

void
ledger_close(struct ledger *l)
{
	if (l == NULL)
		return;
	ledger_rollback(l);
	pack_free(&l->pack);
	inlined_free(&l->inlined);
	buf_free(&l->scratch);
	buf_free(&l->record);
	free(l->vkeys);
	free(l->dir);
	free(l->files);
	free(l);
}

struct db *
ledger_db(const struct ledger *l)
{
	return (l->db);
}

struct keys *
ledger_keys(const struct ledger *l)
{
	return (l->keys);
}

bool
ledger_partial(const struct ledger *l)
{
	return (l->partial);
}

const char *
ledger_dir(const struct ledger *l)
{
	return (l->dir);
}

