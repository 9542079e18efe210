#include "seal/backup.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "ledger/copy.h"
#include "ledger/keys.h"
#include "record/workspace.h"
#include "seal/backup_erased.h"
#include "seal/backup_keys.h"
#include "seal/depot.h"
#include "sys/db.h"

#define SEGMENT (UINT64_C(64) << 20)
#define BLOCK 65536 /* bytes of records.db that are compared as one */
#define PENDING_EVERY (10 * CLOCK_SECOND)

/* A piece that is in the depot already. */
struct have {
	const struct point_piece *piece;
	unsigned source;
};

/* A manifest that this one goes on from. */
struct source {
	struct point m;
	uint32_t *map;  /* its segments in the new one, plus 1; 0: not yet */
	uint64_t *live; /* bytes of each that it uses */
};

struct run {
	const struct backup_spec *spec;
	struct arena arena;
	struct workspace ws;  /* description */
	struct keys *keys;
	const char *keys_dir;
	struct depot depot;
	struct source from[2]; /* the newest point; the interrupted one */
	unsigned nfrom;
	struct have *have;     /* sorted by hash */
	size_t nhave;
	struct point next;
	struct point_file file; /* being added */
	struct depot_segment segment;
	bool open;
	uint32_t at;           /* index of the open segment */
	uint64_t limit;
	int64_t saved;         /* when the interrupted state was, monotonic */
	uint64_t reused;
	uint8_t *piece;        /* POINT_PIECE bytes */
	struct backup_result result;
};

/* --- what is there already ----------------------------------------------- */

static int
by_hash(const void *a, const void *b)
{
	const struct have *x = a, *y = b;

	return (memcmp(x->piece->hash, y->piece->hash, CRYPTO_HASH));
}

static void
index_sources(struct run *x)
{
	size_t n = 0;

	for (unsigned s = 0; s < x->nfrom; s++)
		n += x->from[s].m.pieces.n;
	x->have = calloc(n + 1, sizeof(*x->have));
	if (x->have == NULL)
		err_oom(n * sizeof(*x->have));
	for (unsigned s = 0; s < x->nfrom; s++) {
		struct source *f = &x->from[s];
		f->map = arena_array(&x->arena, f->m.segments.n + 1,
		    sizeof(*f->map));
		f->live = arena_array(&x->arena, f->m.segments.n + 1,
		    sizeof(*f->live));
		for (size_t i = 0; i < f->m.pieces.n; i++) {
			const struct point_piece *p = &f->m.pieces.at[i];
			f->live[p->segment] += p->length;
			x->have[x->nhave++] = (struct have){ p, s };
		}
	}
	qsort(x->have, x->nhave, sizeof(*x->have), by_hash);
}

/* An object that got lost is written again. */
static bool
all_there(struct run *x, const struct point *m)
{
	for (size_t i = 0; i < m->segments.n; i++)
		if (depot_segment_there(&x->depot, &m->segments.at[i],
		    NULL) != 0)
			return (false);
	return (true);
}

static int
load_source(struct run *x, uint64_t number, bool *ret_have, struct err *e)
{
	struct source *f = &x->from[x->nfrom];
	struct err own;
	bool mine = false;
	int r = depot_load(&x->depot, number, &f->m, &mine, &own);

	*ret_have = r == 0 && mine;
	if (*ret_have)
		return (0);
	point_free(&f->m);
	/* Of a master key that was replaced: begin anew. */
	if (r == 0 || r == -ERR_DENIED)
		return (0);
	if (e != NULL)
		*e = own;
	return (r);
}

static int
is_older(struct run *x, const struct point *last, struct err *e)
{
	return (err_set(e, ERR_DAMAGED, x->spec->dir,
	    "find out who put an old copy back; tickmark restore brings the "
	    "point, another directory takes new backups",
	    "this workspace is not what point %" PRIu64 " of its backups goes "
	    "on to: it holds fewer entries than %" PRIu64 ", or others",
	    last->number, last->entries));
}

/* The ledger must go on from the newest point. */
static int
compare_history(struct run *x, const struct checkpoint *c, struct err *e)
{
	const struct point *last = &x->from[0].m;
	struct tree_hash root;
	int r;

	if (c->size < last->size)
		return (is_older(x, last, e));
	r = copy_root_at(x->spec->dir, c, last->size, &root, e);
	if (r == 0 && memcmp(root.h, last->root, CRYPTO_HASH) != 0)
		r = is_older(x, last, e);
	return (r);
}

static int
load_sources(struct run *x, const struct checkpoint *c, uint64_t *ret_number,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	uint64_t *points;
	size_t n;
	bool have = false;
	int r = depot_points(&x->depot, &a, &points, &n, e);

	if (r != 0)
		return (r);
	*ret_number = n == 0 ? 1 : points[n - 1] + 1;
	if (n > 0 && (r = load_source(x, points[n - 1], &have, e)) != 0)
		return (r);
	if (have) {
		if ((r = compare_history(x, c, e)) != 0)
			return (r);
		if (all_there(x, &x->from[0].m))
			x->nfrom++;
		else
			point_free(&x->from[0].m);
	}
	/* What is wrong with the interrupted one does not matter. */
	if (load_source(x, DEPOT_PENDING, &have, NULL) == 0 && have) {
		if (x->from[x->nfrom].m.number == *ret_number &&
		    all_there(x, &x->from[x->nfrom].m))
			x->nfrom++;
		else
			point_free(&x->from[x->nfrom].m);
	}
	index_sources(x);
	return (0);
}

/* --- segments and pieces ------------------------------------------------- */

static int
by_path(const void *a, const void *b)
{
	const struct point_file *x = a, *y = b;

	return (strcmp(x->path, y->path));
}

/* So far as it came, for a next run if this one is interrupted. */
static int
save_pending(struct run *x, struct err *e)
{
	struct point m = x->next;
	int64_t now = clock_mono();
	int r;

	if (x->spec->segment == 0 && now - x->saved < PENDING_EVERY)
		return (0);
	x->saved = now;
	/* Its own list of files; all else is borrowed. */
	m.files.cap = x->next.files.n + 1;
	m.files.at = calloc(m.files.cap, sizeof(*m.files.at));
	if (m.files.at == NULL)
		err_oom(m.files.cap);
	for (size_t i = 0; i < x->next.files.n; i++)
		m.files.at[i] = x->next.files.at[i];
	m.files.at[m.files.n++] = x->file;
	qsort(m.files.at, m.files.n, sizeof(*m.files.at), by_path);
	m.size = 0;
	r = depot_save(&x->depot, &m, true, e);
	free(m.files.at);
	return (r);
}

static int
end_segment(struct run *x, struct err *e)
{
	int r;

	if (!x->open)
		return (0);
	x->open = false;
	r = depot_segment_end(&x->segment, e);
	if (r != 0)
		return (r);
	x->next.segments.at[x->at] = x->segment.is;
	x->result.written += x->segment.is.bytes;
	x->result.objects++;
	return (0);
}

static int
begin_segment(struct run *x, struct err *e)
{
	int r = depot_segment_begin(&x->depot, &x->segment, e);

	if (r != 0)
		return (r);
	x->open = true;
	x->at = (uint32_t)x->next.segments.n;
	vec_push(&x->next.segments, x->segment.is);
	return (0);
}

static void
add_piece(struct run *x, const struct point_piece *p)
{
	vec_push(&x->next.pieces, *p);
	x->file.n++;
	x->file.size += p->length;
}

static int
write_piece(struct run *x, const uint8_t *b, size_t n,
    const uint8_t hash[CRYPTO_HASH], struct err *e)
{
	struct point_piece p = { .length = (uint32_t)n };
	int r = 0;

	if (x->open && x->segment.is.length + n > x->limit) {
		if ((r = end_segment(x, e)) == 0)
			r = save_pending(x, e);
	}
	if (r == 0 && !x->open)
		r = begin_segment(x, e);
	if (r != 0)
		return (r);
	p.segment = x->at;
	p.offset = x->segment.is.length;
	memcpy(p.hash, hash, CRYPTO_HASH);
	if ((r = depot_segment_put(&x->segment, b, n, e)) == 0)
		add_piece(x, &p);
	return (r);
}

/* A piece of an earlier point, which stays where it is. */
static void
reuse(struct run *x, const struct point_piece *p, unsigned source)
{
	struct source *f = &x->from[source];
	struct point_piece q = *p;

	if (f->map[p->segment] == 0) {
		vec_push(&x->next.segments, f->m.segments.at[p->segment]);
		f->map[p->segment] = (uint32_t)x->next.segments.n;
	}
	q.segment = f->map[p->segment] - 1;
	add_piece(x, &q);
	x->reused += p->length;
	if (source == 1 || x->from[0].m.number == x->next.number)
		x->result.resumed = true;
}

/*
 * Whether an earlier piece is worth keeping: a segment of which little is left
 * in use would never be removed.
 */
static bool
worth(const struct run *x, const struct have *h)
{
	const struct source *f = &x->from[h->source];
	uint64_t length = f->m.segments.at[h->piece->segment].length;

	return (length <= BLOCK || f->live[h->piece->segment] >= length / 2);
}

static int
add_data(struct run *x, const uint8_t *b, size_t n, struct err *e)
{
	struct point_piece key = { .length = 0 };
	struct have want = { &key, 0 }, *h;

	crypto_sha256(b, n, key.hash);
	h = x->nhave == 0 ? NULL : bsearch(&want, x->have, x->nhave,
	    sizeof(*x->have), by_hash);
	if (h != NULL && h->piece->length == n && worth(x, h)) {
		reuse(x, h->piece, h->source);
		return (0);
	}
	return (write_piece(x, b, n, key.hash, e));
}

/* --- files --------------------------------------------------------------- */

static void
begin_file(struct run *x, const char *path, uint32_t mode)
{
	x->file = (struct point_file){
		.path = arena_strdup(&x->next.arena, path),
		.mode = mode & 0777, .first = x->next.pieces.n };
}

static void
end_file(struct run *x)
{
	vec_push(&x->next.files, x->file);
}

/* Bytes from ${from} to ${to} of an open file, in pieces of ${step}. */
static int
add_range(struct run *x, const struct file *f, uint64_t from, uint64_t to,
    size_t step, struct err *e)
{
	int r = 0;

	while (r == 0 && from < to) {
		size_t n = to - from < step ? (size_t)(to - from) : step;
		r = file_pread(f, x->piece, n, from, e);
		if (r == 0)
			r = add_data(x, x->piece, n, e);
		from += n;
		progress("copying", (int64_t)(x->reused + x->segment.is.length +
		    x->result.written), 0);
	}
	return (r);
}

static int
add_whole(struct run *x, const char *path, const char *rel, uint32_t mode,
    size_t step, struct err *e)
{
	FILE_SCOPED f = FILE_INIT;
	uint64_t size;
	int r = file_open(&f, path, FILE_READ, 0, e);

	if (r == 0)
		r = file_size(&f, &size, e);
	if (r != 0)
		return (r);
	begin_file(x, rel, mode);
	r = add_range(x, &f, 0, size, step, e);
	if (r == 0)
		end_file(x);
	return (r);
}

/*
 * What is not copied: locks; what follows from the rest; databases and packs,
 * which have their own ways; keys; and what is being written.
 */
static bool
left_out(struct run *x, const char *rel, const char *path)
{
	static const char *const names[] = { "lock", "bodies", "keys",
		"keys.path", "ledger/tile" };
	static const char *const begins[] = { "records.db", "evidence.db" };
	char real[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(rel, names[i]) == 0)
			return (true);
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (strncmp(rel, begins[i], strlen(begins[i])) == 0)
			return (true);
	if (str_ends(str_from(rel), ".tmp") || str_ends(str_from(rel), ".lock"))
		return (true);
	return (realpath(path, real) != NULL &&
	    strcmp(real, x->keys_dir) == 0);
}

static int add_folder(struct run *x, const char *rel, struct err *e);

static int
add_entry(struct run *x, const char *rel, struct err *e)
{
	const char *path = arena_printf(&x->arena, "%s/%s", x->spec->dir, rel);
	struct err own;
	struct stat st;
	int r;

	if (left_out(x, rel, path) || lstat(path, &st) != 0)
		return (0);
	if (S_ISDIR(st.st_mode))
		return (add_folder(x, rel, e));
	if (!S_ISREG(st.st_mode))
		return (0);
	if (!point_path_ok(str_from(rel))) {
		x->result.skipped++;
		return (0);
	}
	r = add_whole(x, path, rel, st.st_mode, POINT_PIECE, &own);
	/* Replaced or removed while we look: its successor is not ours. */
	if (r == -ERR_NOTFOUND)
		return (0);
	if (r != 0 && e != NULL)
		*e = own;
	return (r);
}

static int
add_folder(struct run *x, const char *rel, struct err *e)
{
	char **names;
	size_t n;
	int r = file_list(&x->arena, rel[0] == '\0' ? x->spec->dir :
	    arena_printf(&x->arena, "%s/%s", x->spec->dir, rel), &names, &n,
	    e);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_entry(x, rel[0] == '\0' ? names[i] :
		    arena_printf(&x->arena, "%s/%s", rel, names[i]), e);
	return (r);
}

/* The longest of the earlier pieces of a pack that is still its beginning. */
static int
continue_pack(struct run *x, const struct file *f, const char *rel,
    uint64_t size, uint64_t *ret_from, struct err *e)
{
	const struct point_file *best = NULL;
	const struct point_piece *last;
	uint8_t hash[CRYPTO_HASH];
	unsigned source = 0;
	int r;

	*ret_from = 0;
	for (unsigned s = 0; s < x->nfrom; s++) {
		const struct point_file *old = point_file(&x->from[s].m,
		    rel);
		if (old != NULL && old->n > 0 && old->size <= size &&
		    (best == NULL || old->size > best->size)) {
			best = old;
			source = s;
		}
	}
	if (best == NULL)
		return (0);
	last = &x->from[source].m.pieces.at[best->first + best->n - 1];
	r = file_pread(f, x->piece, last->length, best->size - last->length,
	    e);
	if (r != 0)
		return (r);
	crypto_sha256(x->piece, last->length, hash);
	if (memcmp(hash, last->hash, sizeof(hash)) != 0)
		return (0);
	for (size_t i = 0; i < best->n; i++)
		reuse(x, &x->from[source].m.pieces.at[best->first + i],
		    source);
	*ret_from = best->size;
	return (0);
}

static int
add_pack(struct run *x, const struct copy_pack *p, struct err *e)
{
	FILE_SCOPED f = FILE_INIT;
	char rel[64];
	uint64_t from;
	int r;

	copy_pack_path(p->no, rel, sizeof(rel));
	r = file_open(&f, arena_printf(&x->arena, "%s/%s", x->spec->dir, rel),
	    FILE_READ, 0, e);
	if (r != 0)
		return (r);
	begin_file(x, rel, 0600);
	r = continue_pack(x, &f, rel, p->size, &from, e);
	if (r == 0)
		r = add_range(x, &f, from, p->size, POINT_PIECE, e);
	if (r == 0)
		end_file(x);
	return (r);
}

/* --- records.db ---------------------------------------------------------- */

/* The list of what was erased goes along: older points need it. */
static int
snapshot(struct run *x, const char *to, struct copy_state *ret, struct err *e)
{
	DB_SCOPED *db = NULL;
	DB_SCOPED *copy = NULL;
	int r = db_open(&db, arena_printf(&x->arena, "%s/records.db",
	    x->spec->dir), 0, e);

	if (r == 0)
		r = db_snapshot(db, to, e);
	if (r == 0)
		r = db_open(&copy, to, 0, e);
	if (r == 0)
		r = backup_erased_save(&x->depot, copy, e);
	return (r != 0 ? r : copy_look(copy, ret, e));
}

static int
add_databases(struct run *x, const char *tmp, const struct checkpoint *c,
    struct err *e)
{
	const char *to = arena_printf(&x->arena, "%s/records.db", tmp);
	struct copy_state s = { .entries = 0 };
	int r = snapshot(x, to, &s, e);

	if (r == 0 && s.entries < c->size)
		r = err_set(e, ERR_DAMAGED, x->spec->dir,
		    "put back the newest copy of the whole workspace",
		    "records.db holds %" PRIu64 " entries, and the checkpoint "
		    "has %" PRIu64, s.entries, c->size);
	if (r == 0 && x->nfrom > 0 && s.entries < x->from[0].m.entries &&
	    x->from[0].m.number < x->next.number)
		r = is_older(x, &x->from[0].m, e);
	x->next.entries = s.entries;
	x->next.time = s.time;
	x->next.schema = s.schema;
	if (r == 0)
		r = add_whole(x, to, "records.db", 0600, BLOCK, e);
	/* Packs only grow: their segments are kept apart from what turns. */
	if (r == 0)
		r = end_segment(x, e);
	for (size_t i = 0; r == 0 && i < s.packs.n; i++)
		r = add_pack(x, &s.packs.at[i], e);
	if (r == 0)
		r = end_segment(x, e);
	vec_free(&s.packs);
	return (r);
}

/* --- the whole ----------------------------------------------------------- */

static int
by_id(const void *a, const void *b)
{
	const struct point_segment *x = a, *y = b;

	return (strcmp(x->id, y->id));
}

static int
prune(struct run *x, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	VEC(struct point_segment) used = { 0 };
	uint64_t *points;
	size_t n, first = 0;
	bool blind = false;
	int r = depot_points(&x->depot, &a, &points, &n, e);

	if (r == 0 && x->spec->keep != 0 && n > x->spec->keep)
		first = n - (size_t)x->spec->keep;
	for (size_t i = 0; r == 0 && i < first; i++) {
		r = depot_forget(&x->depot, points[i], e);
		x->result.forgotten++;
	}
	for (size_t i = first; r == 0 && i < n; i++) {
		POINT_SCOPED m = { .number = 0 };
		/* What one needs that we cannot read is not known. */
		if (depot_load(&x->depot, points[i], &m, NULL, NULL) != 0)
			blind = true;
		for (size_t k = 0; k < m.segments.n; k++)
			vec_push(&used, m.segments.at[k]);
	}
	if (r == 0 && !blind) {
		if (used.n > 0)
			qsort(used.at, used.n, sizeof(*used.at), by_id);
		r = depot_sweep(&x->depot, used.at, used.n,
		    &x->result.removed, e);
	}
	vec_free(&used);
	return (r);
}

static int
finish(struct run *x, struct err *e)
{
	int r;

	qsort(x->next.files.at, x->next.files.n, sizeof(*x->next.files.at),
	    by_path);
	r = x->spec->without_keys ?
	    file_remove(arena_printf(&x->arena, "%s/" BACKUP_KEYS,
	        x->spec->to), e) :
	    backup_keys_save(&x->depot, x->keys_dir, &x->next, e);
	if (r == 0)
		r = file_sync_dir(arena_printf(&x->arena, "%s/data",
		    x->spec->to), e);
	if (r == 0)
		r = depot_save(&x->depot, &x->next, false, e);
	if (r == 0)
		r = depot_forget(&x->depot, DEPOT_PENDING, e);
	if (r != 0)
		return (r);
	x->result.number = x->next.number;
	x->result.made = x->next.made;
	x->result.entries = x->next.entries;
	x->result.bytes = point_bytes(&x->next);
	x->result.full = x->reused == 0;
	memcpy(x->result.depot, x->depot.id, sizeof(x->result.depot));
	return (prune(x, e));
}

static int
copy(struct run *x, const char *tmp, struct err *e)
{
	struct checkpoint c;
	int r = copy_checkpoint(x->spec->dir, &c, e);

	if (r == 0)
		r = load_sources(x, &c, &x->next.number, e);
	if (r != 0)
		return (r);
	x->next.origin = arena_strndup(&x->next.arena, x->ws.origin.ptr,
	    x->ws.origin.len);
	x->next.made = clock_now();
	x->next.size = c.size;
	memcpy(x->next.root, c.root.h, CRYPTO_HASH);
	x->next.keys = !x->spec->without_keys;
	memcpy(x->next.writer, x->depot.writer, POINT_WRITER);
	r = add_folder(x, "", e);
	if (r == 0)
		r = add_databases(x, tmp, &c, e);
	return (r != 0 ? r : finish(x, e));
}

static int
check_place(struct run *x, struct err *e)
{
	char dir[4096], to[4096];

	if (realpath(x->spec->dir, dir) == NULL)
		return (file_error(e, errno, "looking at", x->spec->dir));
	/* What is not there yet is made, so that its place can be compared. */
	int r = file_mkdirs(x->spec->to, 0700, e);
	if (r != 0)
		return (r);
	if (realpath(x->spec->to, to) == NULL)
		return (file_error(e, errno, "looking at", x->spec->to));
	size_t n = strlen(dir);
	if (strncmp(dir, to, n) == 0 && (to[n] == '\0' || to[n] == '/'))
		return (err_set(e, ERR_INPUT, x->spec->to,
		    "give a directory on another disk",
		    "a backup inside of the workspace protects nothing"));
	if (!x->spec->plain && x->spec->nrecipients == 0)
		return (err_set(e, ERR_USAGE, "--recipient",
		    "make a recovery key with tickmark backup --keygen FILE, "
		    "and give its age1...; or say --plain",
		    "nobody is named who may open the backup"));
	return (0);
}

static int
open_all(struct run *x, struct err *e)
{
	const char *dir;
	char real[4096];
	int r = workspace_look(x->spec->dir, &x->ws, e);

	if (r == 0)
		r = check_place(x, e);
	if (r == 0)
		r = workspace_keys_dir(&x->arena, x->spec->dir, &dir, e);
	if (r == 0)
		r = keys_open(dir, &x->keys, e);
	if (r != 0)
		return (r);
	if (realpath(dir, real) == NULL)
		return (file_error(e, errno, "looking at", dir));
	x->keys_dir = arena_strdup(&x->arena, real);
	r = depot_begin(x->spec->to, arena_strndup(&x->arena, x->ws.origin.ptr,
	    x->ws.origin.len), !x->spec->plain, &x->depot, e);
	for (size_t i = 0; r == 0 && i < x->spec->nrecipients; i++)
		r = depot_recipient(&x->depot, &x->spec->recipients[i], e);
	return (r != 0 ? r : depot_own(&x->depot, x->keys, e));
}

static void
close_all(struct run *x)
{
	if (x->open)
		depot_segment_drop(&x->segment);
	for (unsigned i = 0; i < 2; i++)
		point_free(&x->from[i].m);
	point_free(&x->next);
	free(x->have);
	free(x->piece);
	keys_close(x->keys);
	depot_close(&x->depot);
	arena_free(&x->ws.arena);
	arena_free(&x->arena);
}

int
backup_run(const struct backup_spec *spec, struct backup_result *ret,
    struct err *e)
{
	FILE_SCOPED lock = FILE_INIT;
	struct run x = { .spec = spec, .depot.lock = FILE_INIT,
		.segment.file = FILE_INIT,
		.limit = spec->segment != 0 ? spec->segment : SEGMENT };
	const char *tmp = arena_printf(&x.arena, "%s/backup.tmp", spec->dir);
	int r;

	x.piece = malloc(POINT_PIECE);
	if (x.piece == NULL)
		err_oom(POINT_PIECE);
	x.saved = clock_mono();
	r = open_all(&x, e);
	if (r == 0)
		r = file_lock(&lock, arena_printf(&x.arena, "%s/backup.lock",
		    spec->dir), e);
	if (r == 0) {
		file_remove_tree(tmp, NULL);
		r = file_mkdirs(tmp, 0700, e);
		if (r == 0)
			r = copy(&x, tmp, e);
		file_remove_tree(tmp, NULL);
	}
	if (r == 0)
		*ret = x.result;
	close_all(&x);
	return (r);
}
