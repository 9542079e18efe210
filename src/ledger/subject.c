#include "ledger/subject.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/vec.h"
#include "ledger/private.h"
#include "sys/db.h"
#include "sys/file.h"

#define TAG 16
#define WRAPPED (CRYPTO_NONCE + CRYPTO_KEY + CRYPTO_TAG)
#define NAME_MAX_BYTES 4096
#define CACHE 32768 /* subjects; a power of two */

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS subject ("
    " id INTEGER PRIMARY KEY,"
    " tag BLOB NOT NULL,"       /* keyed hash of the name */
    " wrapped BLOB,"            /* nonce, sealed key; NULL: destroyed */
    " destroyed_at INTEGER"
    ") STRICT;"
    "CREATE INDEX IF NOT EXISTS subject_by_tag ON subject (tag);";

/* Direct-mapped: the rows of a run come ordered by their subject. */
struct subject_cache {
	struct {
		bool used;
		uint8_t tag[TAG];
		struct keys_set set;
	} at[CACHE];
};

struct tagged {
	uint8_t tag[TAG];
	size_t i; /* of the caller's array */
};

static void
drop_cache(struct keys *k)
{
	if (k->cache != NULL)
		crypto_wipe(k->cache, sizeof(*k->cache));
	free(k->cache);
	k->cache = NULL;
}

void
subject_close(struct keys *k)
{
	db_close(k->subjects);
	k->subjects = NULL;
	drop_cache(k);
}

/* 1: there is the table, 0: not yet (a file that nobody came to fill). */
static int
has_table(struct db *db, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_prepare(db, &st, STR("SELECT 1 FROM sqlite_schema "
	    "WHERE type = 'table' AND name = 'subject'"), e);

	return (r != 0 ? r : stmt_step(st, e));
}

static int
open_to_read(const char *path, struct db **ret, struct err *e)
{
	static const unsigned how[] = { 0, DB_WRITER | DB_SECURE | DB_FULL };
	int r = 0;

	/*
	 * A process that was killed may have left a journal to roll back, which
	 * only a connection that may write can do.
	 */
	for (int i = 0; i < 2; i++) {
		if ((r = db_open(ret, path, how[i], e)) == -ERR_BUSY)
			continue;
		if (r != 0)
			return (r);
		if ((r = has_table(*ret, e)) > 0)
			return (0);
		db_close(*ret);
		*ret = NULL;
		if (r == 0)
			return (err_set(e, ERR_NOTFOUND, path, NULL,
			    "there is no key of a subject"));
	}
	return (r);
}

/* Table and index come together: half of it would look like a change. */
static int
make_tables(struct db *db, struct err *e)
{
	int r = db_begin(db, e);

	if (r != 0)
		return (r);
	DB_TX_SCOPED *tx = db;
	r = db_exec(tx, schema, e);
	return (r != 0 ? r : db_commit(tx, e));
}

static int
open_db(struct keys *k, bool writable, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *path = arena_printf(&a, "%s/subjects.db", k->dir);
	struct db *db = NULL;
	int r;

	if (k->subjects != NULL && (k->subjects_writable || !writable))
		return (0);
	r = writable ? db_open(&db, path,
	    DB_CREATE | DB_WRITER | DB_SECURE | DB_FULL, e) :
	    open_to_read(path, &db, e);
	if (r != 0)
		return (r);
	if (writable && (r = make_tables(db, e)) != 0) {
		db_close(db);
		return (r);
	}
	db_close(k->subjects);
	k->subjects = db;
	k->subjects_writable = writable;
	return (0);
}

static void
tag_of(const struct keys *k, struct str name, uint8_t out[TAG])
{
	crypto_blake2b(out, TAG, name.ptr, name.len, k->subject_tag,
	    CRYPTO_KEY);
}

static void
put_u64(uint8_t out[8], uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		out[i] = (uint8_t)v;
}

/* What a wrapped key is bound to: its row. */
static void
binding(int64_t id, const uint8_t tag[TAG], uint8_t out[8 + TAG])
{
	put_u64(out, (uint64_t)id);
	memcpy(out + 8, tag, TAG);
}

static void
make_set(int64_t id, const uint8_t key[CRYPTO_KEY], struct keys_set *set)
{
	memcpy(set->id, "subject:", 8);
	put_u64(set->id + 8, (uint64_t)id);
	keys_expand(key, set);
}

static int
damaged(const struct keys *k, int64_t id, struct err *e)
{
	char where[600];

	snprintf(where, sizeof(where), "%s/subjects.db", k->dir);
	return (err_set(e, ERR_DAMAGED, where,
	    "put subjects.db back from its backup",
	    "the key of subject %lld is damaged", (long long)id));
}

/* While the master key is being rotated the older wrapping key opens as well. */
static bool
open_key(const struct keys *k, int64_t id, const uint8_t tag[TAG],
    struct str wrapped, uint8_t key[CRYPTO_KEY])
{
	const uint8_t *w = (const uint8_t *)wrapped.ptr;
	uint8_t ad[8 + TAG];
	bool ok = false;

	binding(id, tag, ad);
	for (size_t i = 0; !ok && wrapped.len == WRAPPED && i < k->nwraps; i++)
		ok = crypto_open(key, w + CRYPTO_NONCE, WRAPPED - CRYPTO_NONCE,
		    ad, sizeof(ad), w, k->wraps[i]);
	return (ok);
}

static int
unwrap(const struct keys *k, int64_t id, const uint8_t tag[TAG],
    struct str wrapped, struct keys_set *ret, struct err *e)
{
	uint8_t key[CRYPTO_KEY];

	if (!open_key(k, id, tag, wrapped, key))
		return (damaged(k, id, e));
	make_set(id, key, ret);
	crypto_wipe(key, sizeof(key));
	return (0);
}

/*
 * The key of a tag: only one lives at a time, and ids do not tell which came
 * last. 1: found, 0: none, -ERR_ERASED: only destroyed ones.
 */
static int
by_tag(struct keys *k, const uint8_t tag[TAG], struct keys_set *ret,
    int64_t *ret_id, struct err *e)
{
	struct stmt *st;
	int r = db_cached(k->subjects, &st,
	    "SELECT id, wrapped FROM subject WHERE tag = ?"
	    " ORDER BY wrapped IS NULL LIMIT 1", e);

	if (r != 0)
		return (r);
	stmt_bind_blob(st, 1, tag, TAG);
	r = stmt_step(st, e);
	if (r == 1) {
		if (stmt_isnull(st, 1))
			r = err_set(e, ERR_ERASED, NULL, NULL,
			    "the subject's key was destroyed");
		else if ((r = unwrap(k, stmt_int(st, 0), tag,
		    stmt_str(st, 1), ret, e)) == 0) {
			if (ret_id != NULL)
				*ret_id = stmt_int(st, 0);
			r = 1;
		}
	}
	stmt_reset(st);
	return (r);
}

int
subject_hold(struct keys *k, struct err *e)
{
	struct err x;
	int r = k->disclosed != NULL ? -ERR_NOTFOUND : open_db(k, false, &x);

	if (r == -ERR_NOTFOUND)
		return (0); /* no subject has a key yet */
	if (r != 0 && e != NULL)
		*e = x;
	return (r != 0 || db_in_tx(k->subjects) ? r :
	    db_begin_read(k->subjects, e));
}

void
subject_release(struct keys *k)
{
	if (!k->subjects_begun)
		db_rollback(k->subjects);
}

int
subject_begin(struct keys *k, struct err *e)
{
	struct err x;
	int r = open_db(k, false, &x);

	if (r == -ERR_NOTFOUND)
		return (0); /* the first key of all makes the file as well */
	if (r != 0 && e != NULL)
		*e = x;
	if (r == 0)
		r = open_db(k, true, e);
	if (r == 0)
		r = db_begin(k->subjects, e);
	k->subjects_begun = r == 0;
	return (r);
}

int
subject_commit(struct keys *k, struct err *e)
{
	int r = k->subjects_begun ? db_commit(k->subjects, e) : 0;

	if (r != 0)
		subject_rollback(k);
	k->subjects_begun = false;
	return (r);
}

void
subject_rollback(struct keys *k)
{
	if (!k->subjects_begun)
		return;
	db_rollback(k->subjects);
	k->subjects_begun = false;
	drop_cache(k); /* it may know some that are no more */
}

static size_t
slot(const uint8_t tag[TAG])
{
	return (((size_t)tag[0] | (size_t)tag[1] << 8) & (CACHE - 1));
}

static void
remember(struct keys *k, const uint8_t tag[TAG], const struct keys_set *set)
{
	if (k->cache == NULL &&
	    (k->cache = calloc(1, sizeof(*k->cache))) == NULL)
		err_oom(sizeof(*k->cache));
	size_t i = slot(tag);
	k->cache->at[i].used = true;
	memcpy(k->cache->at[i].tag, tag, TAG);
	k->cache->at[i].set = *set;
}

static const struct keys_set *
remembered(const struct keys *k, const uint8_t tag[TAG])
{
	size_t i = slot(tag);

	if (k->cache == NULL || !k->cache->at[i].used ||
	    memcmp(k->cache->at[i].tag, tag, TAG) != 0)
		return (NULL);
	return (&k->cache->at[i].set);
}

/* --- making keys --------------------------------------------------------- */

/*
 * The first id of a batch: a random place, so that an id is not given twice
 * even if an old copy of the file is put back; then one after the other, so
 * that the rows are appended.
 */
static int
first_id(struct keys *k, size_t n, int64_t *ret, struct err *e)
{
	struct stmt *st;
	int64_t base;
	int r;

	do {
		rng_bytes(&base, sizeof(base));
		base &= INT64_C(0x3fffffffffffffff);
		r = db_cached(k->subjects, &st,
		    "SELECT 1 FROM subject WHERE id BETWEEN ? AND ? LIMIT 1",
		    e);
		if (r != 0)
			return (r);
		stmt_bind_int(st, 1, base);
		stmt_bind_int(st, 2, base + (int64_t)n);
		r = stmt_step(st, e);
		stmt_reset(st);
	} while (r == 1);
	*ret = base;
	return (r);
}

static int
insert(struct keys *k, int64_t id, const uint8_t tag[TAG],
    struct keys_set *ret, struct err *e)
{
	uint8_t fresh[CRYPTO_NONCE + CRYPTO_KEY], row[WRAPPED], ad[8 + TAG];
	const uint8_t *key = fresh + CRYPTO_NONCE;
	struct stmt *st;
	int r = db_cached(k->subjects, &st,
	    "INSERT INTO subject (id, tag, wrapped) VALUES (?, ?, ?)", e);

	if (r != 0)
		return (r);
	rng_bytes(fresh, sizeof(fresh));
	memcpy(row, fresh, CRYPTO_NONCE);
	binding(id, tag, ad);
	crypto_seal(row + CRYPTO_NONCE, key, CRYPTO_KEY, ad, sizeof(ad), row,
	    k->wraps[0]);
	stmt_bind_int(st, 1, id);
	stmt_bind_blob(st, 2, tag, TAG);
	stmt_bind_blob(st, 3, row, sizeof(row));
	r = stmt_run(st, e);
	if (r == 0)
		make_set(id, key, ret);
	crypto_wipe(fresh, sizeof(fresh));
	return (r);
}

/* ${missing} holds ${n} names without a key, sorted, each tag once. */
static int
make(struct keys *k, const struct tagged *missing, size_t n,
    struct keys_set *ret, struct err *e)
{
	int64_t id;
	int r;

	if ((r = open_db(k, true, e)) != 0 || (!k->subjects_begun &&
	    (r = db_begin(k->subjects, e)) != 0))
		return (r);
	r = first_id(k, n, &id, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = insert(k, id + (int64_t)i, missing[i].tag,
		    &ret[missing[i].i], e);
	if (r == 0 && !k->subjects_begun)
		r = db_commit(k->subjects, e);
	if (r != 0 && !k->subjects_begun)
		db_rollback(k->subjects);
	return (r);
}

static int
by_bytes(const void *a, const void *b)
{
	const struct tagged *x = a, *y = b;
	int c = memcmp(x->tag, y->tag, TAG);

	if (c != 0)
		return (c);
	return (x->i < y->i ? -1 : x->i > y->i);
}

/*
 * Sorted by tag, so that lookups and inserts walk through the index once; the
 * first of equal tags stands for all of them.
 */
static int
find_or_make(struct keys *k, struct tagged *t, size_t n, struct keys_set *out,
    struct err *e)
{
	struct tagged *missing = calloc(n, sizeof(*missing));
	size_t nmissing = 0;
	int r = 0;

	if (missing == NULL)
		err_oom(n * sizeof(*missing));
	r = subject_hold(k, e);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		const struct keys_set *have = remembered(k, t[i].tag);
		if (i != 0 && memcmp(t[i].tag, t[i - 1].tag, TAG) == 0)
			continue;
		if (have != NULL) {
			out[t[i].i] = *have;
			continue;
		}
		struct err x;
		r = by_tag(k, t[i].tag, &out[t[i].i], NULL, &x);
		if (r == 0 || r == -ERR_ERASED) {
			k->returned += r == -ERR_ERASED;
			missing[nmissing++] = t[i];
			r = 0;
		} else if (r < 0 && e != NULL) {
			*e = x;
		}
	}
	subject_release(k);
	if (r >= 0)
		r = nmissing == 0 ? 0 : make(k, missing, nmissing, out, e);
	free(missing);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (i != 0 && memcmp(t[i].tag, t[i - 1].tag, TAG) == 0)
			out[t[i].i] = out[t[i - 1].i];
		else
			remember(k, t[i].tag, &out[t[i].i]);
	}
	return (r);
}

int
subject_keys(struct keys *k, const struct str *names, size_t n,
    struct keys_set *ret, struct err *e)
{
	struct tagged *t;
	int r;

	if (n == 0)
		return (0);
	for (size_t i = 0; i < n; i++)
		if (names[i].len == 0 || names[i].len > NAME_MAX_BYTES)
			return (err_set(e, ERR_INPUT, NULL, NULL,
			    "a subject's name has %zu bytes, 1 to %d are "
			    "allowed", names[i].len, NAME_MAX_BYTES));
	/* The file is made with the first key. */
	if ((r = open_db(k, false, NULL)) != 0 &&
	    (r = open_db(k, true, e)) != 0)
		return (r);
	t = calloc(n, sizeof(*t));
	if (t == NULL)
		err_oom(n * sizeof(*t));
	for (size_t i = 0; i < n; i++) {
		tag_of(k, names[i], t[i].tag);
		t[i].i = i;
	}
	qsort(t, n, sizeof(*t), by_bytes);
	r = find_or_make(k, t, n, ret, e);
	if (r != 0)
		crypto_wipe(ret, n * sizeof(*ret));
	free(t);
	return (r);
}

int
subject_key(struct keys *k, struct str name, struct keys_set *ret,
    struct err *e)
{
	uint8_t tag[TAG];
	const struct keys_set *have;

	tag_of(k, name, tag);
	have = remembered(k, tag);
	if (have != NULL) {
		*ret = *have;
		return (0);
	}
	return (subject_keys(k, &name, 1, ret, e));
}

/* --- checking ------------------------------------------------------------ */

static int
declared(struct db *db, struct buf *out, struct err *e)
{
	STMT_SCOPED *st = NULL;
	int r = db_prepare(db, &st, STR("SELECT name || ' ' || tbl_name || ' '"
	    " || sql FROM sqlite_schema ORDER BY name"), e);

	while (r == 0 && (r = stmt_step(st, e)) == 1) {
		buf_putstr(out, stmt_str(st, 0));
		buf_putc(out, '\n');
		r = 0;
	}
	return (r);
}

/* The table and its index are as this program makes them. */
static int
verify_schema(struct keys *k, check_fn *fn, void *ctx, struct err *e)
{
	DB_SCOPED *memory = NULL;
	BUF_SCOPED is = BUF_INIT, should = BUF_INIT;
	char where[600];
	struct err x;
	int r = db_open(&memory, ":memory:", DB_CREATE | DB_WRITER, e);

	if (r == 0)
		r = db_exec(memory, schema, e);
	if (r == 0)
		r = declared(memory, &should, e);
	if (r == 0)
		r = declared(k->subjects, &is, e);
	if (r != 0 || str_eq(buf_str(&is), buf_str(&should)))
		return (r);
	snprintf(where, sizeof(where), "%s/subjects.db", k->dir);
	err_set(&x, ERR_DAMAGED, where, "put subjects.db back from its backup",
	    "the declaration of its table or index was changed");
	fn(ctx, &x);
	return (0);
}

int
subject_verify(struct keys *k, check_fn *fn, void *ctx, struct err *e)
{
	STMT_SCOPED *st = NULL;
	struct keys_set set;
	struct err x;
	int r = open_db(k, false, &x);

	if (r == -ERR_NOTFOUND)
		return (0); /* no subject has a key yet */
	if (r == 0)
		r = verify_schema(k, fn, ctx, &x);
	if (r == 0)
		r = db_prepare(k->subjects, &st, STR("SELECT id, tag, wrapped,"
		    " destroyed_at FROM subject ORDER BY id"), &x);
	while (r == 0 && (r = stmt_step(st, &x)) == 1) {
		struct str tag = stmt_str(st, 1);
		bool gone = stmt_isnull(st, 2);
		r = 0;
		if (tag.len != TAG || gone == stmt_isnull(st, 3) ||
		    (!gone && unwrap(k, stmt_int(st, 0),
		        (const uint8_t *)tag.ptr, stmt_str(st, 2), &set,
		        NULL) != 0)) {
			damaged(k, stmt_int(st, 0), &x);
			fn(ctx, &x);
		}
	}
	crypto_wipe(&set, sizeof(set));
	if (r < 0 && e != NULL)
		*e = x;
	return (r);
}

/* --- finding and destroying ---------------------------------------------- */

static int
no_such(struct err *e)
{
	return (err_set(e, ERR_NOTFOUND, NULL, NULL,
	    "there is no key of this subject"));
}

/* The number in the id of a subject's key; -1: it is not one. */
static int64_t
number_of(const uint8_t id[KEYS_ID])
{
	int64_t n = 0;

	if (memcmp(id, "subject:", 8) != 0 || (id[8] & 0x80) != 0)
		return (-1);
	for (int i = 8; i < KEYS_ID; i++)
		n = n << 8 | id[i];
	return (n);
}

int
subject_find(struct keys *k, const uint8_t id[KEYS_ID], struct keys_set *ret,
    struct err *e)
{
	struct err x;
	struct stmt *st;
	int64_t n = number_of(id);
	int r;

	if (k->disclosed != NULL)
		return (disclose_find(k, id, ret, e));
	if (n < 0)
		return (no_such(e));
	r = open_db(k, false, &x);
	if (r == -ERR_NOTFOUND)
		return (no_such(e));
	if (r != 0 && e != NULL)
		*e = x;
	if (r != 0 || (r = db_cached(k->subjects, &st,
	    "SELECT tag, wrapped FROM subject WHERE id = ?", e)) != 0)
		return (r);
	stmt_bind_int(st, 1, n);
	r = stmt_step(st, e);
	if (r == 0)
		r = no_such(e);
	else if (r == 1 && stmt_isnull(st, 1))
		r = err_set(e, ERR_ERASED, NULL, NULL,
		    "the subject's key was destroyed");
	else if (r == 1 && stmt_str(st, 0).len != TAG)
		r = damaged(k, n, e);
	else if (r == 1)
		r = unwrap(k, n, (const uint8_t *)stmt_str(st, 0).ptr,
		    stmt_str(st, 1), ret, e);
	stmt_reset(st);
	return (r);
}

static int
lookup(struct keys *k, const uint8_t tag[TAG], struct keys_set *ret,
    int64_t *ret_id, bool writable, struct err *e)
{
	struct err x;
	int r = open_db(k, false, &x);

	if (r == -ERR_NOTFOUND)
		return (no_such(e));
	if (r == 0 && writable)
		r = open_db(k, true, &x);
	if (r != 0) {
		if (e != NULL)
			*e = x;
		return (r);
	}
	r = by_tag(k, tag, ret, ret_id, e);
	return (r == 0 ? no_such(e) : r < 0 ? r : 0);
}

int
subject_lookup(struct keys *k, struct str name, struct keys_set *ret,
    struct err *e)
{
	uint8_t tag[TAG];

	tag_of(k, name, tag);
	return (lookup(k, tag, ret, NULL, false, e));
}

int
subject_destroy(struct keys *k, struct str name, uint8_t ret_id[KEYS_ID],
    struct err *e)
{
	uint8_t tag[TAG];
	struct keys_set set;
	struct stmt *st;
	int64_t id;
	int r;

	tag_of(k, name, tag);
	if ((r = lookup(k, tag, &set, &id, true, e)) != 0 ||
	    (r = db_cached(k->subjects, &st,
	        "UPDATE subject SET wrapped = NULL, destroyed_at = ?"
	        " WHERE id = ?", e)) != 0)
		return (r);
	/* secure_delete overwrites the old row, TRUNCATE empties the journal */
	stmt_bind_int(st, 1, clock_now());
	stmt_bind_int(st, 2, id);
	if ((r = stmt_run(st, e)) != 0)
		return (r);
	drop_cache(k);
	if (ret_id != NULL)
		memcpy(ret_id, set.id, KEYS_ID);
	crypto_wipe(&set, sizeof(set));
	return (0);
}

/* 1: the row is there and holds a key. */
static int
is_alive(struct keys *k, int64_t id, struct err *e)
{
	struct stmt *st;
	int r = db_cached(k->subjects, &st, "SELECT 1 FROM subject"
	    " WHERE id = ? AND wrapped IS NOT NULL", e);

	if (r != 0)
		return (r);
	stmt_bind_int(st, 1, id);
	r = stmt_step(st, e);
	stmt_reset(st);
	return (r);
}

static int
destroy_all(struct keys *k, const int64_t *ids, size_t n, struct err *e)
{
	struct stmt *st;
	int r = db_begin(k->subjects, e);

	if (r != 0)
		return (r);
	r = db_cached(k->subjects, &st, "UPDATE subject SET wrapped = NULL,"
	    " destroyed_at = ? WHERE id = ?", e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		stmt_bind_int(st, 1, clock_now());
		stmt_bind_int(st, 2, ids[i]);
		r = stmt_run(st, e);
	}
	if (r == 0)
		r = db_commit(k->subjects, e);
	if (r != 0)
		db_rollback(k->subjects);
	else
		drop_cache(k);
	return (r);
}

int
subject_destroy_ids(struct keys *k, const uint8_t (*ids)[KEYS_ID], size_t n,
    uint64_t *ret_n, struct err *e)
{
	VEC(int64_t) alive = { 0 };
	struct err x;
	int r = open_db(k, false, &x);

	*ret_n = 0;
	if (r == -ERR_NOTFOUND)
		return (0);
	if (r != 0 && e != NULL)
		*e = x;
	for (size_t i = 0; r == 0 && i < n; i++) {
		int64_t id = number_of(ids[i]);
		if (id >= 0 && (r = is_alive(k, id, e)) == 1) {
			vec_push(&alive, id);
			r = 0;
		}
	}
	if (r == 0 && alive.n != 0 && (r = open_db(k, true, e)) == 0)
		r = destroy_all(k, alive.at, alive.n, e);
	if (r == 0)
		*ret_n = alive.n;
	vec_free(&alive);
	return (r);
}

size_t
subject_returned(const struct keys *k)
{
	return (k->returned);
}

/* --- another wrapping key ------------------------------------------------- */

static int
rewrap_row(struct keys *k, struct stmt *put, int64_t id, struct str tag,
    struct str wrapped, struct err *e)
{
	uint8_t key[CRYPTO_KEY], row[WRAPPED], ad[8 + TAG];

	if (tag.len != TAG || !open_key(k, id, (const uint8_t *)tag.ptr,
	    wrapped, key))
		return (damaged(k, id, e));
	rng_bytes(row, CRYPTO_NONCE);
	binding(id, (const uint8_t *)tag.ptr, ad);
	crypto_seal(row + CRYPTO_NONCE, key, CRYPTO_KEY, ad, sizeof(ad), row,
	    k->wraps[0]);
	crypto_wipe(key, sizeof(key));
	stmt_bind_blob(put, 1, row, sizeof(row));
	stmt_bind_int(put, 2, id);
	return (stmt_run(put, e));
}

static int
rewrap_all(struct keys *k, struct err *e)
{
	STMT_SCOPED *st = NULL, *put = NULL;
	int64_t last = -1;
	int r = db_prepare(k->subjects, &st, STR("SELECT id, tag, wrapped FROM"
	    " subject WHERE wrapped IS NOT NULL AND id > ? ORDER BY id"
	    " LIMIT 1"), e);

	if (r == 0)
		r = db_prepare(k->subjects, &put, STR("UPDATE subject SET"
		    " wrapped = ? WHERE id = ?"), e);
	/* One at a time: a row is not read on while it is written. */
	while (r == 0) {
		stmt_bind_int(st, 1, last);
		if ((r = stmt_step(st, e)) <= 0)
			break;
		last = stmt_int(st, 0);
		r = rewrap_row(k, put, last, stmt_str(st, 1), stmt_str(st, 2),
		    e);
		stmt_reset(st);
	}
	return (r);
}

int
subject_rewrap(struct keys *k, struct err *e)
{
	struct err x;
	int r = open_db(k, false, &x);

	if (r == -ERR_NOTFOUND)
		return (0); /* no subject has a key yet */
	if (r != 0 && e != NULL)
		*e = x;
	if (r != 0 || (r = open_db(k, true, e)) != 0 ||
	    (r = db_begin(k->subjects, e)) != 0)
		return (r);
	if ((r = rewrap_all(k, e)) == 0)
		r = db_commit(k->subjects, e);
	if (r != 0)
		db_rollback(k->subjects);
	return (r);
}

int
subject_count(struct keys *k, uint64_t *ret_live, uint64_t *ret_gone,
    struct err *e)
{
	struct err x;
	int64_t live = 0, all = 0;
	int r = open_db(k, false, &x);

	*ret_live = *ret_gone = 0;
	if (r == -ERR_NOTFOUND)
		return (0);
	if (r != 0 && e != NULL)
		*e = x;
	if (r == 0)
		r = db_get_int(k->subjects, "SELECT count(wrapped) FROM subject",
		    0, &live, e);
	if (r == 0)
		r = db_get_int(k->subjects, "SELECT count(*) FROM subject", 0,
		    &all, e);
	*ret_live = (uint64_t)live;
	*ret_gone = (uint64_t)(all - live);
	return (r);
}

/* --- cells --------------------------------------------------------------- */

static void
cell_tag(const struct keys_set *s, struct str column, struct str plain,
    uint8_t out[CRYPTO_NONCE])
{
	/* A short column and its end in one piece: names are words. */
	char name[256];

	if (column.len >= sizeof(name))
		BUG("a column's name of %zu bytes", column.len);
	memcpy(name, column.ptr, column.len);
	name[column.len] = '\0';
	crypto_blake2b_2(out, CRYPTO_NONCE, name, column.len + 1, plain.ptr,
	    plain.len, s->tag, CRYPTO_KEY);
}

void
subject_seal(const struct keys_set *s, struct str column, struct str plain,
    struct buf *out)
{
	uint8_t tag[CRYPTO_NONCE];

	cell_tag(s, column, plain, tag);
	buf_put(out, tag, sizeof(tag));
	buf_reserve(out, plain.len + 1);
	crypto_xor(out->ptr + out->len, plain.ptr, plain.len, tag, s->cell);
	out->len += plain.len;
	out->ptr[out->len] = '\0';
}

bool
subject_open(const struct keys_set *s, struct str column, struct str cell,
    struct buf *out)
{
	const uint8_t *nonce = (const uint8_t *)cell.ptr;
	uint8_t tag[CRYPTO_NONCE];
	struct str plain;

	if (cell.len < SUBJECT_CELL_EXTRA)
		return (false);
	buf_reserve(out, cell.len + 1);
	plain = (struct str){ out->ptr + out->len,
		cell.len - SUBJECT_CELL_EXTRA };
	crypto_xor(out->ptr + out->len, cell.ptr + SUBJECT_CELL_EXTRA,
	    plain.len, nonce, s->cell);
	cell_tag(s, column, plain, tag);
	if (!crypto_same(tag, nonce, sizeof(tag))) {
		out->ptr[out->len] = '\0';
		return (false);
	}
	out->len += plain.len;
	out->ptr[out->len] = '\0';
	return (true);
}
