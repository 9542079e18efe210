#include "seal/depot.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ledger/keys.h"

#define MARKER "tickmark-backup"
#define INTRO "tickmark-backup-depot/"
#define VERSION INTRO "v1"
#define MARKER_MAX 4096
#define NAME "point-"

static const char *
in(const struct depot *d, struct arena *a, const char *name)
{
	return (arena_printf(a, "%s/%s", d->dir, name));
}

/* --- the depot ----------------------------------------------------------- */

static void
ledger_tag(const char *origin, uint8_t out[16])
{
	uint8_t h[CRYPTO_HASH];

	crypto_sha256_2(VERSION, sizeof(VERSION), origin, strlen(origin), h);
	memcpy(out, h, 16);
}

bool
depot_is_of(const struct depot *d, const char *origin)
{
	uint8_t tag[16];

	ledger_tag(origin, tag);
	return (memcmp(tag, d->ledger, sizeof(tag)) == 0);
}

static int
bad_marker(const char *path, struct err *e)
{
	return (err_set(e, ERR_DAMAGED, path,
	    "put the file back, or give another directory",
	    "the file that says what this directory is, is damaged"));
}

static int
parse_marker(struct str s, struct depot *d, const char *path, struct err *e)
{
	struct str line;

	if (str_split(&s, '\n', &line) && str_starts(line, INTRO) &&
	    !str_is(line, VERSION))
		return (err_set(e, ERR_NEWER, path,
		    "use the newer version of tickmark",
		    "the backups were made by a newer version"));
	if (!str_is(line, VERSION) || !str_split(&s, '\n', &line) ||
	    !str_starts(line, "id ") || !id_ok((struct str){ line.ptr + 3,
	        line.len - 3 }))
		return (bad_marker(path, e));
	memcpy(d->id, line.ptr + 3, ID_LEN);
	if (!str_split(&s, '\n', &line) || !str_starts(line, "ledger ") ||
	    !str_unhex((struct str){ line.ptr + 7, line.len - 7 }, d->ledger,
	        sizeof(d->ledger)) ||
	    !str_split(&s, '\n', &line))
		return (bad_marker(path, e));
	d->sealed = str_is(line, "sealed yes");
	if ((!d->sealed && !str_is(line, "sealed no")) || s.ptr == NULL ||
	    s.len != 0)
		return (bad_marker(path, e));
	return (0);
}

int
depot_open(const char *dir, struct depot *ret, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	const char *path;
	int r;

	*ret = (struct depot){ .lock = FILE_INIT };
	ret->dir = arena_strdup(&ret->arena, dir);
	path = in(ret, &ret->arena, MARKER);
	r = file_read(path, MARKER_MAX, &b, e);
	if (r == -ERR_NOTFOUND)
		return (err_set(e, ERR_NOTFOUND, dir,
		    "give the directory that tickmark backup wrote to",
		    "there are no backups here"));
	return (r != 0 ? r : parse_marker(buf_str(&b), ret, path, e));
}

static int
make(struct depot *d, const char *origin, bool sealed, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	char **names;
	size_t n;
	int r = file_mkdirs(d->dir, 0700, e);

	if (r == 0)
		r = file_list(&a, d->dir, &names, &n, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (strcmp(names[i], "lost+found") != 0 &&
		    strcmp(names[i], "lock") != 0 &&
		    strncmp(names[i], MARKER ".", strlen(MARKER) + 1) != 0)
			return (err_set(e, ERR_CONFLICT, d->dir,
			    "give an empty directory, or one with backups of "
			    "this workspace",
			    "something else is in this directory: %s",
			    names[i]));
	if (r == 0)
		r = file_lock(&d->lock, in(d, &a, "lock"), e);
	if (r != 0)
		return (r);
	id_new(d->id);
	ledger_tag(origin, d->ledger);
	d->sealed = sealed;
	buf_printf(&b, VERSION "\nid %s\nledger ", d->id);
	buf_puthex(&b, d->ledger, sizeof(d->ledger));
	buf_printf(&b, "\nsealed %s\n", sealed ? "yes" : "no");
	r = file_write(in(d, &a, MARKER), 0600, b.ptr, b.len, e);
	return (r);
}

int
depot_begin(const char *dir, const char *origin, bool sealed,
    struct depot *ret, struct err *e)
{
	struct err own;
	int r = depot_open(dir, ret, &own);

	if (r == -ERR_NOTFOUND) {
		r = make(ret, origin, sealed, e);
	} else if (r == 0) {
		r = file_lock(&ret->lock, in(ret, &ret->arena, "lock"), e);
	} else if (e != NULL) {
		*e = own;
	}
	if (r == 0)
		r = file_mkdirs(in(ret, &ret->arena, "data"), 0700, e);
	if (r != 0)
		return (r);
	if (!depot_is_of(ret, origin))
		return (err_set(e, ERR_DENIED, dir, "give another directory",
		    "these are backups of another workspace"));
	if (ret->sealed != sealed)
		return (err_set(e, ERR_DENIED, dir, sealed ?
		    "give another directory" :
		    "leave out --plain, or give another directory",
		    "the backups here are %sencrypted", sealed ? "not " : ""));
	return (0);
}

void
depot_close(struct depot *d)
{
	file_close(&d->lock);
	arena_free(&d->arena);
	crypto_wipe(d, sizeof(*d));
	d->lock = (struct file)FILE_INIT;
}

int
depot_recipient(struct depot *d, const struct age_recipient *r, struct err *e)
{
	for (size_t i = 0; i < d->nto; i++)
		if (memcmp(&d->to[i], r, sizeof(*r)) == 0)
			return (0);
	if (d->nto == AGE_RECIPIENTS)
		return (err_set(e, ERR_LIMIT, "--recipient", "give fewer",
		    "more than %d recipients", AGE_RECIPIENTS - 1));
	d->to[d->nto++] = *r;
	return (0);
}

int
depot_own(struct depot *d, const struct keys *keys, struct err *e)
{
	struct age_identity *id = &d->ids.at[d->ids.n];
	struct age_recipient r;
	uint8_t h[CRYPTO_KEY];

	if (d->ids.n == AGE_IDENTITIES)
		return (err_set(e, ERR_LIMIT, "--identity", "give fewer",
		    "more than %d identities", AGE_IDENTITIES - 1));
	keys_derive(keys, "tickmark/backup-identity/v1", id->secret);
	crypto_x25519_public(id->secret, id->public);
	d->ids.n++;
	keys_derive(keys, "tickmark/backup-mac/v1", d->mac);
	keys_derive(keys, "tickmark/backup-writer/v1", h);
	memcpy(d->writer, h, POINT_WRITER);
	d->own = true;
	age_identity_recipient(id, &r);
	return (depot_recipient(d, &r, e));
}

/* --- small objects ------------------------------------------------------- */

static int
put_object(const struct depot *d, const char *path, struct str plain,
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	int r;

	if (!d->sealed)
		return (file_write(path, 0600, plain.ptr, plain.len, e));
	r = age_seal(d->to, d->nto, plain, &b, e);
	return (r != 0 ? r : file_write(path, 0600, b.ptr, b.len, e));
}

static int
get_object(const struct depot *d, const char *path, uint64_t limit,
    struct buf *out, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct err own;
	int r;

	if (!d->sealed)
		return (file_read(path, limit, out, e));
	r = file_read(path, limit + limit / 8 + AGE_HEADER_MAX, &b, e);
	if (r != 0)
		return (r);
	buf_reset(out);
	r = age_open(d->ids.at, d->ids.n, buf_str(&b), out, &own);
	if (r == 0)
		return (0);
	/* A header that is malformed is damage as well: we wrote it. */
	if (r == -ERR_INPUT)
		own.code = ERR_DAMAGED;
	return (err_set(e, own.code, path, own.code == ERR_DENIED ?
	    "give the identity of a recovery key with --identity" :
	    "get the object from another copy of the backups, or use another "
	    "point", "%s", own.what));
}

int
depot_put(const struct depot *d, const char *name, struct str plain,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;

	return (put_object(d, in(d, &a, name), plain, e));
}

int
depot_get(const struct depot *d, const char *name, uint64_t limit,
    struct buf *out, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;

	return (get_object(d, in(d, &a, name), limit, out, e));
}

/* --- points -------------------------------------------------------------- */

const char *
depot_point_path(const struct depot *d, struct arena *a, uint64_t number)
{
	if (number == DEPOT_PENDING)
		return (in(d, a, "pending"));
	return (arena_printf(a, "%s/" NAME "%06" PRIu64, d->dir, number));
}

static int
by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y ? -1 : x > y);
}

int
depot_points(const struct depot *d, struct arena *a, uint64_t **ret,
    size_t *ret_n, struct err *e)
{
	char **names;
	size_t n, m = 0;
	uint64_t *out;
	int r = file_list(a, d->dir, &names, &n, e);

	if (r != 0)
		return (r);
	out = arena_array(a, n + 1, sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		struct str s = str_from(names[i]);
		uint64_t v;
		if (!str_starts(s, NAME))
			continue;
		s.ptr += strlen(NAME);
		s.len -= strlen(NAME);
		/* Others, such as ".XXXXXX" of a write that was killed. */
		if (str_to_u64(s, &v) && v > 0 && strcmp(names[i],
		    arena_printf(a, NAME "%06" PRIu64, v)) == 0)
			out[m++] = v;
	}
	qsort(out, m, sizeof(*out), by_number);
	*ret = out;
	*ret_n = m;
	return (0);
}

int
depot_load(const struct depot *d, uint64_t number, struct point *ret,
    bool *ret_own, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	const char *path = depot_point_path(d, &a, number);
	bool own = false;
	int r = get_object(d, path, POINT_MAX, &b, e);

	if (r == 0 && (r = point_parse(buf_str(&b), d->own ? d->mac : NULL,
	    ret, &own, e)) != 0)
		err_at(e, "%s", path);
	if (r == 0 && number != DEPOT_PENDING && ret->number != number)
		r = err_set(e, ERR_DAMAGED, path, "use another point",
		    "the object is of point %" PRIu64, ret->number);
	if (r == 0 && !depot_is_of(d, ret->origin))
		r = err_set(e, ERR_DAMAGED, path, "use another point",
		    "the object is of another ledger");
	if (r == 0 && own && memcmp(ret->writer, d->writer,
	    POINT_WRITER) != 0)
		own = false;
	if (r == 0 && d->own && !own && memcmp(ret->writer, d->writer,
	    POINT_WRITER) == 0)
		r = err_set(e, ERR_DAMAGED, path, "use another point, and find "
		    "out who may write there",
		    "the object was not written by this workspace, or was "
		    "changed");
	if (r == 0 && ret_own != NULL)
		*ret_own = own;
	return (r);
}

int
depot_save(const struct depot *d, const struct point *m, bool pending,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;

	if (!d->own)
		BUG("a manifest without keys");
	point_print(m, d->mac, &b);
	return (put_object(d, depot_point_path(d, &a, pending ?
	    DEPOT_PENDING : m->number), buf_str(&b), e));
}

int
depot_forget(const struct depot *d, uint64_t number, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;

	return (file_remove(depot_point_path(d, &a, number), e));
}

/* --- segments: writing --------------------------------------------------- */

const char *
depot_segment_path(const struct depot *d, struct arena *a,
    const struct point_segment *s)
{
	return (arena_printf(a, "%s/data/%s", d->dir, s->id));
}

int
depot_segment_begin(const struct depot *d, struct depot_segment *s,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED hex = BUF_INIT;
	uint8_t id[POINT_ID / 2];
	int r;

	*s = (struct depot_segment){ .file = FILE_INIT };
	rng_bytes(id, sizeof(id));
	buf_puthex(&hex, id, sizeof(id));
	memcpy(s->is.id, hex.ptr, POINT_ID + 1);
	r = file_open(&s->file, depot_segment_path(d, &a, &s->is),
	    FILE_APPEND, 0600, e);
	if (r != 0)
		return (r);
	s->out.f = &s->file;
	if (d->sealed)
		r = age_write_open(d->to, d->nto, age_file_put, &s->out,
		    &s->writer, e);
	if (r != 0)
		depot_segment_drop(s);
	return (r);
}

static int
put_raw(struct depot_segment *s, const void *p, size_t n, struct err *e)
{
	return (s->writer != NULL ? age_write(s->writer, p, n, e) :
	    age_file_put(&s->out, p, n, e));
}

int
depot_segment_put(struct depot_segment *s, const void *p, size_t n,
    struct err *e)
{
	int r = put_raw(s, p, n, e);

	if (r == 0)
		s->is.length += n;
	return (r);
}

/*
 * The next length that has few significant bits ("padme"): the size of an
 * object tells little of what is in it, at no more than a ninth of its size.
 */
static uint64_t
padded(uint64_t n)
{
	unsigned e, s;
	uint64_t mask;

	if (n < 512)
		return (512);
	e = 63 - (unsigned)__builtin_clzll(n);
	s = 32 - (unsigned)__builtin_clz(e);
	mask = (UINT64_C(1) << (e - s)) - 1;
	return ((n + mask) & ~mask);
}

int
depot_segment_end(struct depot_segment *s, struct err *e)
{
	static const uint8_t zero[4096];
	uint64_t left = s->writer == NULL ? 0 :
	    padded(s->is.length) - s->is.length;
	int r = 0;

	while (r == 0 && left > 0) {
		size_t n = left < sizeof(zero) ? (size_t)left : sizeof(zero);
		r = depot_segment_put(s, zero, n, e);
		left -= n;
	}
	if (r == 0 && s->writer != NULL)
		r = age_write_end(s->writer, e);
	if (r == 0)
		r = file_sync(&s->file, e);
	if (r != 0) {
		depot_segment_drop(s);
		return (r);
	}
	s->is.bytes = s->out.at;
	age_write_close(s->writer);
	s->writer = NULL;
	file_close(&s->file);
	return (0);
}

void
depot_segment_drop(struct depot_segment *s)
{
	if (s->file.fd >= 0)
		file_remove(s->file.path, NULL);
	age_write_close(s->writer);
	s->writer = NULL;
	file_close(&s->file);
}

/* --- segments: reading --------------------------------------------------- */

#define FIX_OBJECT "get the object from another copy of the backups, or use " \
	"another point"

int
depot_segment_there(const struct depot *d, const struct point_segment *s,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *path = depot_segment_path(d, &a, s);
	struct stat st;

	if (stat(path, &st) != 0 && errno == ENOENT)
		return (err_set(e, ERR_DAMAGED, path, FIX_OBJECT,
		    "an object of the backup is missing"));
	if (stat(path, &st) != 0)
		return (file_error(e, errno, "looking at", path));
	if ((uint64_t)st.st_size != s->bytes)
		return (err_set(e, ERR_DAMAGED, path, FIX_OBJECT,
		    "an object of the backup has %lld bytes instead of %" PRIu64,
		    (long long)st.st_size, s->bytes));
	return (0);
}

static int
read_sealed(const struct depot *d, struct age_file *f,
    const struct point_segment *s, depot_read_fn *fn, void *ctx,
    struct err *e)
{
	struct age_reader *rd;
	const uint8_t *p;
	uint64_t at = 0;
	size_t n;
	struct err own;
	int r = age_read_open(d->ids.at, d->ids.n, age_file_get, f, &rd,
	    &own);

	if (r == 0) {
		while ((r = age_read(rd, &p, &n, &own)) == 0 && n > 0) {
			if (n > s->length - at)
				break;
			if ((r = fn(ctx, p, n, e)) != 0) {
				age_read_close(rd);
				return (r);
			}
			at += n;
		}
		age_read_close(rd);
	}
	if (r == 0 && at != s->length)
		return (err_set(e, ERR_DAMAGED, f->f->path, FIX_OBJECT,
		    "an object of the backup is another one"));
	if (r == 0)
		return (0);
	if (r == -ERR_INPUT)
		own.code = ERR_DAMAGED;
	return (err_set(e, own.code, f->f->path, own.code == ERR_DENIED ?
	    "give the identity of a recovery key with --identity" : FIX_OBJECT,
	    "%s", own.what));
}

static int
read_plain(struct age_file *f, depot_read_fn *fn, void *ctx, struct err *e)
{
	uint8_t b[65536];
	size_t n;
	int r;

	while ((r = age_file_get(f, b, sizeof(b), &n, e)) == 0 && n > 0)
		if ((r = fn(ctx, b, n, e)) != 0)
			return (r);
	return (r);
}

int
depot_segment_read(const struct depot *d, const struct point_segment *s,
    depot_read_fn *fn, void *ctx, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	FILE_SCOPED f = FILE_INIT;
	struct age_file in_file = { &f, 0, s->bytes };
	int r = depot_segment_there(d, s, e);

	if (r == 0)
		r = file_open(&f, depot_segment_path(d, &a, s), FILE_READ, 0,
		    e);
	if (r != 0)
		return (r);
	if (d->sealed)
		return (read_sealed(d, &in_file, s, fn, ctx, e));
	if (s->bytes != s->length)
		return (err_set(e, ERR_DAMAGED, f.path, FIX_OBJECT,
		    "an object of the backup is another one"));
	return (read_plain(&in_file, fn, ctx, e));
}

/* --- removing ------------------------------------------------------------ */

static int
by_id(const void *a, const void *b)
{
	return (strcmp(a, ((const struct point_segment *)b)->id));
}

static bool
segment_name(const char *name)
{
	return (strlen(name) == POINT_ID &&
	    strspn(name, "0123456789abcdef") == POINT_ID);
}

/* "name.XXXXXX", of a write that was killed. */
static bool
leftover(const char *name)
{
	const char *dot = strrchr(name, '.');

	return (dot != NULL && strlen(dot) == 7 &&
	    (strncmp(name, NAME, strlen(NAME)) == 0 ||
	    strncmp(name, "keys.", 5) == 0 ||
	    strncmp(name, "erased.", 7) == 0 ||
	    strncmp(name, "pending.", 8) == 0 ||
	    strncmp(name, MARKER ".", strlen(MARKER) + 1) == 0));
}

int
depot_sweep(const struct depot *d, const struct point_segment *used,
    size_t n, size_t *ret_n, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *data = in(d, &a, "data");
	char **names;
	size_t nnames, gone = 0;
	int r = file_list(&a, data, &names, &nnames, e);

	for (size_t i = 0; r == 0 && i < nnames; i++) {
		if (!segment_name(names[i]) || (n > 0 && bsearch(names[i],
		    used, n, sizeof(*used), by_id) != NULL))
			continue;
		r = file_remove(arena_printf(&a, "%s/%s", data, names[i]), e);
		gone++;
	}
	if (r == 0)
		r = file_list(&a, d->dir, &names, &nnames, e);
	for (size_t i = 0; r == 0 && i < nnames; i++)
		if (leftover(names[i]))
			r = file_remove(in(d, &a, names[i]), e);
	*ret_n = gone;
	return (r);
}
