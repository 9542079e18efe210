/*
 * The archive and the manifest. Members are copied into the scratch directory
 * by a fixed list of forms of names; a name of any other form is never made
 * into a path.
 */
#include <inttypes.h>

#include "base/log.h"
#include "ledger/age.h"
#include "ledger/tile.h"
#include "seal/verify_private.h"
#include "sys/crypto.h"
#include "sys/file.h"

#define RATIO 20 /* times the archive's size, of content */
#define MIB (UINT64_C(1) << 20)
#define AGE_MAGIC "age-encryption.org/"

/* --- encryption ---------------------------------------------------------------- */

static int
decrypt_to(struct verify *v, const struct file *in, const char *path,
    const struct age_identities *ids, struct err *e)
{
	FILE_SCOPED out = FILE_INIT;
	struct age_file from = { .f = in };
	struct age_reader *reader;
	const uint8_t *p;
	uint64_t at = 0;
	size_t n = 1;
	int r = file_size(in, &from.end, e);

	(void)v;
	if (r == 0)
		r = file_open(&out, path, FILE_APPEND, 0600, e);
	if (r == 0)
		r = age_read_open(ids->at, ids->n, age_file_get, &from,
		    &reader, e);
	if (r != 0)
		return (r);
	while (r == 0 && n != 0) {
		r = age_read(reader, &p, &n, e);
		if (r == 0 && n != 0)
			r = file_pwrite(&out, p, n, at, e);
		at += n;
		progress("decrypting", (int64_t)at, (int64_t)from.end);
	}
	age_read_close(reader);
	return (r);
}

/* The archive's path: as it was given, or decrypted. */
static int
decrypt(struct verify *v, const char **ret, struct err *e)
{
	FILE_SCOPED in = FILE_INIT;
	AGE_IDENTITIES_SCOPED ids = { .n = 0 };
	char head[sizeof(AGE_MAGIC) - 1];
	uint64_t size;
	struct err own;
	int r = file_open(&in, v->spec->path, FILE_READ, 0, e);

	if (r == 0)
		r = file_size(&in, &size, e);
	if (r != 0)
		return (r);
	*ret = v->spec->path;
	if (size < sizeof(head) ||
	    file_pread(&in, head, sizeof(head), 0, NULL) != 0 ||
	    memcmp(head, AGE_MAGIC, sizeof(head)) != 0)
		return (0);
	if (v->spec->identity == NULL)
		return (err_set(e, ERR_DENIED, v->spec->path,
		    "give --identity FILE with the key that it is for",
		    "the bundle is encrypted"));
	if ((r = age_identities_read(v->spec->identity, &ids, e)) != 0)
		return (r);
	*ret = arena_printf(&v->a, "%s/bundle.zip", v->dir);
	r = decrypt_to(v, &in, *ret, &ids, &own);
	if (r == -ERR_DAMAGED) {
		verify_err(v, "archive", "the encrypted file was changed or cut "
		    "off: ", &own);
		*ret = NULL;
		return (0);
	}
	if (r != 0) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	verify_ok(v, "archive", "decrypted with a key of %s; every piece is as it "
	    "was sealed", v->spec->identity);
	return (0);
}

/* --- names ---------------------------------------------------------------------- */

static bool
digits(struct str s, size_t least, size_t most)
{
	if (s.len < least || s.len > most)
		return (false);
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return (false);
	return (true);
}

static bool
after(struct str s, const char *prefix, struct str *ret)
{
	size_t n = strlen(prefix);

	if (!str_starts(s, prefix))
		return (false);
	*ret = (struct str){ s.ptr + n, s.len - n };
	return (true);
}

/* ledger/tile/<L>/<N>[.p/<W>]; the tree says later which there must be. */
static bool
is_tile(struct str s, uint64_t *ret_limit)
{
	struct str level, part, next;
	size_t parts = 0;

	if (!after(s, "ledger/tile/", &s) || !str_split(&s, '/', &level))
		return (false);
	bool entries = str_is(level, "entries");
	if (!entries && !digits(level, 1, 1))
		return (false);
	*ret_limit = entries ? TILE_BUNDLE_MAX : TILE_WIDTH * TREE_HASH;
	while (str_split(&s, '/', &part)) {
		next = s;
		if (++parts > 7)
			return (false);
		if (after(part, "x", &part)) {
			if (!digits(part, 3, 3) || next.ptr == NULL)
				return (false);
			continue;
		}
		if (next.ptr == NULL)
			return (digits(part, 3, 3));
		return (part.len == 5 && str_ends(part, ".p") &&
		    digits((struct str){ part.ptr, 3 }, 3, 3) &&
		    digits(next, 1, 3));
	}
	return (false);
}

struct form {
	const char *name;
	uint64_t limit;
	bool unpack;
};
static const struct form forms[] = {
	{ "README.txt", MIB, false },
	{ "verify.html", 4 * MIB, false },
	{ "tickmark.workspace", 4096, true },
	{ "zone.tzif", MIB, false },
	{ "ledger/vkey", 65536, true },
	{ "ledger/checkpoint", MIB, true },
	{ "ledger/witnessed", MIB, true },
	{ "ledger/policy", MIB, true },
	{ "keys/cells", 1024 * MIB, true },
	{ "declarations/identity.rules", MIB, false },
	{ "report/numbers.json", 64 * MIB, false },
	{ "report/report.html", 64 * MIB, false },
	{ "report/report.pdf", 64 * MIB, false },
	{ MANIFEST_NAME, 512 * MIB, false },
	{ MANIFEST_NOTE, 65536, false },
};

/* NUMBER and one of two endings. */
static bool
numbered(struct str s, const char *dir, const char *one, const char *two)
{
	if (!after(s, dir, &s))
		return (false);
	for (int i = 0; i < 2; i++) {
		const char *end = i == 0 ? one : two;
		if (str_ends(s, end))
			return (digits((struct str){ s.ptr,
			    s.len - strlen(end) }, 1, 20));
	}
	return (false);
}

static bool
is_stamp(struct str s)
{
	struct str n;

	if (!after(s, "ledger/timestamp/", &s) ||
	    !(str_ends(s, ".note") || str_ends(s, ".tsr")))
		return (false);
	s.len -= str_ends(s, ".note") ? 5 : 4;
	if (!str_split(&s, '-', &n) || !digits(n, 1, 20))
		return (false);
	return (s.ptr == NULL || digits(s, 1, 6));
}

static bool
is_declaration(struct str s)
{
	return (after(s, "declarations/", &s) &&
	    memchr(s.ptr, '/', s.len) == NULL &&
	    (str_ends(s, ".type") || str_ends(s, ".table")));
}

/* What a member of this name may be. NULL: no bundle has one. */
static const struct form *
form_of(struct str name)
{
	static const struct form small = { "", 64 * MIB, false };
	static const struct form result = { "", 256 * MIB, false };
	static const struct form stamp = { "", MIB, true };
	static const struct form pack = { "", 1100 * MIB, true };
	static struct form tile = { "", 0, true };
	struct str s;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (str_is(name, forms[i].name))
			return (&forms[i]);
	if (is_tile(name, &tile.limit))
		return (&tile);
	if (after(name, "bodies/pack-", &s) && digits(s, 6, 18))
		return (&pack);
	if (is_stamp(name))
		return (&stamp);
	if (numbered(name, "results/", ".txt", ".txt"))
		return (&result);
	if (numbered(name, "procedures/", ".sql", ".parameters") ||
	    is_declaration(name))
		return (&small);
	return (NULL);
}

/* --- members --------------------------------------------------------------------- */

struct copy {
	struct file out; /* if it is unpacked */
	uint64_t at;
	struct crypto_sha sha;
	bool sized;
};

static int
take(void *ctx, const void *p, size_t n, struct err *e)
{
	struct copy *c = ctx;
	int r = 0;

	crypto_sha_update(&c->sha, p, n);
	if (c->out.fd >= 0)
		r = file_pwrite(&c->out, p, n, c->at, e);
	c->at += n;
	return (r);
}

/* The folder of a member, made once for all that lie in it. */
static int
make_folder(struct verify *v, const char *path, struct str *last,
    struct err *e)
{
	struct str folder = { path, (size_t)(strrchr(path, '/') - path) };

	if (str_eq(folder, *last))
		return (0);
	*last = arena_str(&v->a, folder);
	return (file_mkdirs(last->ptr, 0700, e));
}

/* Its content once through: into the scratch directory, and its hash. */
static int
read_member(struct verify *v, const struct zip_member *m,
    const struct form *form, struct str *last, uint8_t sha[32], bool *ret_good,
    struct err *e)
{
	struct copy c = { .out = FILE_INIT };
	struct err own;
	int r = 0;

	if (form->unpack) {
		const char *path = arena_printf(&v->a, "%s/%s", v->ws, m->name);
		r = make_folder(v, path, last, e);
		if (r == 0)
			r = file_open(&c.out, path, FILE_APPEND, 0600, e);
		if (r != 0)
			return (r);
	}
	crypto_sha_init(&c.sha);
	r = zip_each(&v->zip, m, take, &c, &own);
	crypto_sha_final(&c.sha, sha);
	file_close(&c.out);
	*ret_good = r == 0;
	if (r == -ERR_DAMAGED) {
		verify_bad(v, "archive", "%s", own.what);
		return (0);
	}
	if (r != 0 && e != NULL)
		*e = own;
	return (r);
}

/* The manifest's line of a member, or NULL. Both are in the same order, unless
 * something was changed. */
static const struct manifest_file *
listed(const struct verify *v, const char *name, size_t *guess)
{
	const struct manifest *m = &v->m;

	if (*guess < m->nfiles && str_is(m->files[*guess].name, name))
		return (&m->files[(*guess)++]);
	for (size_t i = 0; i < m->nfiles; i++)
		if (str_is(m->files[i].name, name)) {
			*guess = i + 1;
			return (&m->files[i]);
		}
	return (NULL);
}

static bool
is_manifest(const char *name)
{
	return (strcmp(name, MANIFEST_NAME) == 0 ||
	    strcmp(name, MANIFEST_NOTE) == 0);
}

static int
one_member(struct verify *v, const struct zip_member *m, struct str *last,
    size_t *guess, struct err *e)
{
	const struct form *form = form_of(str_from(m->name));
	const struct manifest_file *f;
	uint8_t sha[32];
	bool good;
	int r;

	if (form == NULL) {
		verify_bad(v, "archive", "%s does not belong into a bundle: "
		    "nothing says what it is", m->name);
		return (0);
	}
	if (m->size > form->limit)
		return (err_set(e, ERR_INPUT, v->spec->path,
		    "do not trust it, and ask who gave it to you",
		    "%s says that it has %" PRIu64 " bytes; %" PRIu64
		    " are allowed", m->name, m->size, form->limit));
	if ((r = read_member(v, m, form, last, sha, &good, e)) != 0 || !good ||
	    !v->have_manifest || is_manifest(m->name))
		return (r);
	f = listed(v, m->name, guess);
	if (f == NULL)
		verify_bad(v, "manifest", "%s is not in the manifest: it was "
		    "added", m->name);
	else if (f->size != m->size || memcmp(f->sha256, sha, 32) != 0)
		verify_bad(v, "manifest", "%s is not what the manifest lists: it "
		    "was changed", m->name);
	return (0);
}

/* Listed, and not there; or twice in the list. */
static void
find_missing(struct verify *v)
{
	for (size_t i = 0; i < v->m.nfiles; i++) {
		struct str name = v->m.files[i].name;
		char *s = arena_strndup(&v->a, name.ptr, name.len);
		if (zip_find(&v->zip, s) == NULL)
			verify_bad(v, "manifest", "%s is in the manifest and not "
			    "in the archive: it was taken out", s);
	}
}

/* Order says nothing, but what we wrote has one. */
static void
check_order(struct verify *v)
{
	const struct manifest *m = &v->m;

	if (v->zip.form == ZIP_REPACKED || v->zip.n != m->nfiles + 2)
		return;
	for (size_t i = 0; i < v->zip.n; i++) {
		struct str want = i < m->nfiles ? m->files[i].name :
		    i == m->nfiles ? STR(MANIFEST_NAME) : STR(MANIFEST_NOTE);
		if (str_is(want, v->zip.members[i].name))
			continue;
		verify_bad(v, "archive", "the members are not in the order of the "
		    "manifest: %s stands where " STR_FMT " belongs",
		    v->zip.members[i].name, STR_ARG(want));
		return;
	}
}

static int
members(struct verify *v, struct err *e)
{
	uint64_t before = v->problems;
	struct str last = STR_NULL;
	size_t guess = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->zip.n; i++) {
		r = one_member(v, &v->zip.members[i], &last, &guess, e);
		progress("reading members", (int64_t)i, (int64_t)v->zip.n);
	}
	if (r != 0)
		return (r);
	if (v->have_manifest) {
		find_missing(v);
		check_order(v);
	}
	if (v->problems == before && v->have_manifest)
		verify_ok(v, "manifest", "all %zu members are there and are what "
		    "the manifest lists", v->m.nfiles);
	return (0);
}

/* --- the archive as a whole -------------------------------------------------------- */

static int
read_manifest(struct verify *v, struct err *e)
{
	const struct zip_member *m = zip_find(&v->zip, MANIFEST_NAME);
	struct err own;
	int r;

	if (m == NULL) {
		verify_bad(v, "manifest", MANIFEST_NAME " is missing: nobody "
		    "says what should be in the bundle");
		return (0);
	}
	r = zip_get(&v->zip, m, 512 * MIB, &v->manifest, &own);
	if (r == 0)
		r = manifest_parse(&v->a, buf_str(&v->manifest), &v->m, &own);
	if (r == -ERR_NEWER) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	v->have_manifest = r == 0;
	if (r == -ERR_DAMAGED) /* told when its content is read */
		return (0);
	return (verify_found(v, "manifest", r, &own, e));
}

static void
tell_form(struct verify *v)
{
	if (v->zip.form == ZIP_CHANGED)
		verify_bad(v, "archive", "bytes of the archive around its members "
		    "were changed: %s", v->zip.departs);
	else if (v->zip.form == ZIP_REPACKED)
		verify_note(v, "archive", "%zu members, %" PRIu64 " bytes; another "
		    "program packed the archive again, so only its content "
		    "counts", v->zip.n, v->zip.total);
	else
		verify_ok(v, "archive", "%zu members, %" PRIu64 " bytes; no byte "
		    "outside of them is other than it must be", v->zip.n,
		    v->zip.size);
}

/* Does anything say that this is a bundle at all? */
static bool
looks_like_one(const struct verify *v)
{
	return (zip_find(&v->zip, MANIFEST_NAME) != NULL ||
	    zip_find(&v->zip, "ledger/checkpoint") != NULL);
}

static int
check_space(struct verify *v, struct err *e)
{
	uint64_t room;
	int r = file_space(v->dir, &room, e);

	if (r != 0)
		return (r);
	if (v->zip.total > room / 3)
		return (err_set(e, ERR_IO, v->dir,
		    "name a directory with more room in TMPDIR",
		    "checking needs about %" PRIu64 " MiB, and there are %"
		    PRIu64, 3 * v->zip.total / MIB + 1, room / MIB));
	return (0);
}

int
verify_unpack(struct verify *v, struct err *e)
{
	const char *path;
	struct err own;
	int r = decrypt(v, &path, e);

	if (r != 0 || path == NULL)
		return (r);
	r = zip_open(&v->zip, path, RATIO, &own);
	if (r == -ERR_DAMAGED) {
		verify_bad(v, "archive", "%s", own.what);
		verify_not(v, "archive", "nothing else was looked at: the archive "
		    "cannot be read");
		return (0);
	}
	if (r != 0) {
		if (e != NULL)
			*e = own;
		return (r);
	}
	if (!looks_like_one(v))
		return (err_set(e, ERR_INPUT, v->spec->path,
		    "give a file that tickmark bundle wrote",
		    "this archive is no bundle"));
	tell_form(v);
	if ((r = check_space(v, e)) != 0 ||
	    (r = file_mkdirs(v->ws, 0700, e)) != 0 ||
	    (r = read_manifest(v, e)) != 0)
		return (r);
	return (members(v, e));
}
