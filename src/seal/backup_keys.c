#include "seal/backup_keys.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "sys/db.h"

#define VERSION "tickmark-backup-keys/v1"
#define CREDENTIAL "tickmark-master"
#define FILES 64
#define SUBJECTS "subjects.db"

struct part {
	const char *name;
	uint32_t mode;
	struct buf bytes;
};

struct parts {
	struct part at[FILES];
	size_t n;
};

static void
wipe(struct buf *b)
{
	if (b->ptr != NULL)
		crypto_wipe(b->ptr, b->cap);
	buf_free(b);
}

static void
parts_free(struct parts *p)
{
	for (size_t i = 0; i < p->n; i++)
		wipe(&p->at[i].bytes);
}

static bool
name_ok(struct str s)
{
	if (s.len == 0 || s.len > 64 || s.ptr[0] == '.')
		return (false);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '.' || c == '-' ||
		    c == '_'))
			return (false);
	}
	return (true);
}

/* --- saving -------------------------------------------------------------- */

static int
add_file(struct parts *p, const char *path, const char *name, uint32_t mode,
    struct err *e)
{
	struct part *x = &p->at[p->n];
	struct err own;
	int r;

	if (p->n == FILES)
		return (err_set(e, ERR_LIMIT, path, "move away what is no key",
		    "there are more than %d files among the keys", FILES));
	*x = (struct part){ .name = name, .mode = mode & 0777 };
	if (strcmp(name, SUBJECTS) == 0) {
		DB_SCOPED *db = NULL;
		r = db_open(&db, path, 0, &own);
		if (r == 0)
			r = db_image(db, &x->bytes, &own);
	} else {
		r = file_read(path, BACKUP_KEYS_MAX, &x->bytes, &own);
	}
	if (r == -ERR_NOTFOUND)
		return (0); /* replaced while we look */
	if (r != 0) {
		wipe(&x->bytes);
		if (e != NULL)
			*e = own;
		return (r);
	}
	p->n++;
	return (0);
}

static int
collect(struct parts *p, struct arena *a, const char *dir, struct err *e)
{
	const char *master = arena_printf(a, "%s/master.key", dir);
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");
	struct stat st;
	char **names;
	size_t n;
	int r = file_list(a, dir, &names, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct str s = str_from(names[i]);
		const char *path = arena_printf(a, "%s/%s", dir, names[i]);
		if (!name_ok(s) || str_ends(s, "-journal") ||
		    str_ends(s, ".lock") || lstat(path, &st) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		r = add_file(p, path, names[i], st.st_mode, e);
	}
	if (r == 0 && !file_exists(master) && credentials != NULL)
		r = add_file(p, arena_printf(a, "%s/" CREDENTIAL, credentials),
		    "master.key", 0400, e);
	return (r);
}

int
backup_keys_save(const struct depot *d, const char *dir,
    const struct point *m, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct parts p = { .n = 0 };
	struct buf out = BUF_INIT;
	size_t total = 1024;
	int r = collect(&p, &a, dir, e);

	for (size_t i = 0; i < p.n; i++)
		total += p.at[i].bytes.len + 128;
	/* At once: a buffer that grows leaves copies behind. */
	buf_reserve(&out, total);
	buf_printf(&out, VERSION "\norigin %s\nnumber %" PRIu64 "\n",
	    m->origin, m->number);
	for (size_t i = 0; r == 0 && i < p.n; i++) {
		buf_printf(&out, "file %04o %zu %s\n", p.at[i].mode,
		    p.at[i].bytes.len, p.at[i].name);
		buf_putstr(&out, buf_str(&p.at[i].bytes));
	}
	buf_puts(&out, "end\n");
	if (r == 0)
		r = depot_put(d, BACKUP_KEYS, buf_str(&out), e);
	wipe(&out);
	parts_free(&p);
	return (r);
}

/* --- loading ------------------------------------------------------------- */

static int
malformed(const struct depot *d, struct err *e, const char *what)
{
	char where[4200];

	snprintf(where, sizeof(where), "%s/" BACKUP_KEYS, d->dir);
	return (err_set(e, ERR_DAMAGED, where,
	    "get the object from another copy of the backups",
	    "the object with the keys is malformed: %s", what));
}

static bool
octal(struct str s, mode_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '7')
			return (false);
		*ret = *ret << 3 | (mode_t)(s.ptr[i] - '0');
	}
	return (s.len == 4 && *ret <= 0777);
}

static int
load_file(const struct depot *d, const char *dir, struct str line,
    struct str *rest, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct str mode, size;
	uint64_t n;
	mode_t bits;
	int r;

	if (!str_split(&line, ' ', &mode) || !str_split(&line, ' ', &size) ||
	    !octal(mode, &bits) || !str_to_u64(size, &n) || !name_ok(line))
		return (malformed(d, e, "a file"));
	if (rest->ptr == NULL || n > rest->len)
		return (malformed(d, e, "it is cut off"));
	/* Whatever it was: nobody else may read it. */
	r = file_write(arena_printf(&a, "%s/" STR_FMT, dir, STR_ARG(line)),
	    bits & 0700, rest->ptr, (size_t)n, e);
	rest->ptr += n;
	rest->len -= (size_t)n;
	return (r);
}

static int
load(const struct depot *d, const char *dir, const char *origin,
    struct str rest, struct err *e)
{
	struct str line;
	int r = 0;

	if (!str_split(&rest, '\n', &line) || !str_is(line, VERSION))
		return (str_starts(line, "tickmark-backup-keys/") ?
		    err_set(e, ERR_NEWER, NULL,
		    "use the newer version of tickmark",
		    "the keys were written by a newer version") :
		    malformed(d, e, "it is not one"));
	if (!str_split(&rest, '\n', &line) || !str_starts(line, "origin ") ||
	    !str_is((struct str){ line.ptr + 7, line.len - 7 }, origin))
		return (malformed(d, e, "it is of another ledger"));
	if (!str_split(&rest, '\n', &line) || !str_starts(line, "number "))
		return (malformed(d, e, "a line is missing"));
	while (r == 0 && str_split(&rest, '\n', &line)) {
		if (str_is(line, "end"))
			return (rest.ptr != NULL && rest.len == 0 ? 0 :
			    malformed(d, e, "something after its end"));
		if (!str_starts(line, "file "))
			return (malformed(d, e, "an unknown line"));
		line.ptr += 5;
		line.len -= 5;
		r = load_file(d, dir, line, &rest, e);
	}
	return (r != 0 ? r : malformed(d, e, "it is cut off"));
}

int
backup_keys_load(const struct depot *d, const char *dir, const char *origin,
    struct err *e)
{
	struct buf b = BUF_INIT;
	int r = depot_get(d, BACKUP_KEYS, BACKUP_KEYS_MAX, &b, e);

	if (r == -ERR_NOTFOUND)
		r = malformed(d, e, "it is missing");
	if (r == 0)
		r = file_mkdirs(dir, 0700, e);
	if (r == 0)
		r = load(d, dir, origin, buf_str(&b), e);
	wipe(&b);
	return (r);
}
