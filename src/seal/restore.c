#include "seal/restore.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "evidence/evidence.h"
#include "ledger/check.h"
#include "ledger/copy.h"
#include "ledger/keys.h"
#include "ledger/ledger.h"
#include "ledger/note.h"
#include "ledger/rotate.h"
#include "record/migrate.h"
#include "record/forget.h"
#include "record/verify.h"
#include "record/workspace.h"
#include "seal/backup_erased.h"
#include "seal/backup_keys.h"
#include "sys/db.h"
#include "text/timefmt.h"
#include "text/zone.h"

#define BUILDING ".tickmark-restoring" /* nobody else uses such a name */

/* --- points -------------------------------------------------------------- */

int
seal_points(const struct depot *d, struct arena *a, struct seal_point **ret,
    size_t *ret_n, struct err *e)
{
	struct seal_point *out;
	uint64_t *numbers;
	size_t n;
	int r = depot_points(d, a, &numbers, &n, e);

	if (r != 0)
		return (r);
	out = arena_array(a, n + 1, sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		POINT_SCOPED m = { .number = 0 };
		struct seal_point *p = &out[i];
		p->number = numbers[i];
		if (depot_load(d, numbers[i], &m, &p->own, &p->why) != 0)
			continue;
		p->readable = true;
		p->made = m.made;
		p->entries = m.entries;
		p->time = m.time;
		p->bytes = point_bytes(&m);
		p->objects = m.segments.n;
		p->keys = m.keys;
	}
	*ret = out;
	*ret_n = n;
	return (0);
}

static int
no_point(const struct depot *d, const char *at, struct err *e)
{
	return (err_set(e, ERR_NOTFOUND, d->dir,
	    "tickmark restore DEPOT --list shows which points there are",
	    at == NULL ? "no backup was completed here" :
	    "there is no point %s here", at));
}

int
seal_point_at(const struct depot *d, const char *at, uint64_t *ret,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct seal_point *points;
	uint64_t *numbers, want, found = 0;
	int64_t when;
	size_t n;
	int r = depot_points(d, &a, &numbers, &n, e);

	if (r == 0 && n == 0)
		return (no_point(d, NULL, e));
	if (r != 0)
		return (r);
	if (at == NULL) {
		*ret = numbers[n - 1];
		return (0);
	}
	if (str_to_u64(str_from(at), &want)) {
		for (size_t i = 0; i < n; i++)
			if (numbers[i] == want)
				found = want;
	} else {
		if (time_parse_as_of(zone_utc(), str_from(at), &when, e) != 0)
			return (err_set(e, ERR_USAGE, "--at", "give the number "
			    "of a point, a date or an RFC 3339 time",
			    "\"%s\" names no point", at));
		if ((r = seal_points(d, &a, &points, &n, e)) != 0)
			return (r);
		for (size_t i = 0; i < n; i++)
			if (points[i].readable && points[i].made <= when)
				found = points[i].number;
	}
	if (found == 0)
		return (no_point(d, at, e));
	*ret = found;
	return (0);
}

/* --- files --------------------------------------------------------------- */

/* Where a piece goes. */
struct job {
	const struct point_piece *piece;
	const struct point_file *file;
	uint64_t at; /* in the file */
};

struct build {
	struct depot *depot;
	const struct seal_restore_spec *spec;
	struct arena arena;
	const char *to;
	const char *dir; /* where it is built */
	struct point m;
	struct job *jobs;
	size_t njobs;
	/* Of the segment that is being read. */
	size_t next, end;       /* jobs */
	uint64_t pos;
	const char *object;
	struct buf piece;
	struct file file;       /* the last one that was written to */
	const struct point_file *file_is;
	uint64_t done, total;
	const char *old_signer, *new_signer, *new_signer_id;
	struct seal_restore_result result;
};

static int
by_place(const void *a, const void *b)
{
	const struct point_piece *x = ((const struct job *)a)->piece;
	const struct point_piece *y = ((const struct job *)b)->piece;

	if (x->segment != y->segment)
		return (x->segment < y->segment ? -1 : 1);
	if (x->offset != y->offset)
		return (x->offset < y->offset ? -1 : 1);
	return (x->length < y->length ? -1 : x->length > y->length);
}

static const char *
path_of(struct build *b, const char *rel)
{
	return (arena_printf(&b->arena, "%s/%s", b->dir, rel));
}

/* What a backup never holds would be believed if it were put there. */
static bool
foreign(const char *rel)
{
	struct str s = str_from(rel);

	return (str_starts(s, "keys") || str_starts(s, "evidence.db") ||
	    str_starts(s, "ledger/tile") || strcmp(rel, "lock") == 0 ||
	    (str_starts(s, "records.db") && strcmp(rel, "records.db") != 0) ||
	    str_ends(s, ".tmp"));
}

static int
make_files(struct build *b, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->m.files.n; i++) {
		const struct point_file *f = &b->m.files.at[i];
		const char *path = path_of(b, f->path);
		char *up = arena_strdup(&b->arena, path);
		FILE_SCOPED made = FILE_INIT;
		if (foreign(f->path))
			return (err_set(e, ERR_DAMAGED, depot_point_path(
			    b->depot, &b->arena, b->m.number),
			    "use another point, and find out who may write "
			    "there", "the manifest names a file that no "
			    "backup holds: %s", f->path));
		*strrchr(up, '/') = '\0';
		r = file_mkdirs(up, 0700, e);
		if (r == 0)
			r = file_open(&made, path, FILE_APPEND, 0600, e);
	}
	return (r);
}

static int
put_piece(struct build *b, const struct job *j, struct err *e)
{
	int r = 0;

	if (b->file_is != j->file) {
		file_close(&b->file);
		r = file_open(&b->file, path_of(b, j->file->path), FILE_APPEND,
		    0600, e);
		b->file_is = r == 0 ? j->file : NULL;
	}
	if (r == 0)
		r = file_pwrite(&b->file, b->piece.ptr, b->piece.len, j->at,
		    e);
	b->done += b->piece.len;
	progress("restoring", (int64_t)b->done, (int64_t)b->total);
	return (r);
}

/* The piece is whole: compare it, and write it to wherever it belongs. */
static int
piece_done(struct build *b, struct err *e)
{
	const struct point_piece *p = b->jobs[b->next].piece;
	uint8_t hash[CRYPTO_HASH];
	int r = 0;

	crypto_sha256(b->piece.ptr, b->piece.len, hash);
	if (memcmp(hash, p->hash, sizeof(hash)) != 0)
		return (err_set(e, ERR_DAMAGED, b->object,
		    "get the object from another copy of the backups, or use "
		    "another point", "an object of the backup is another one, "
		    "or was changed"));
	while (r == 0 && b->next < b->end &&
	    b->jobs[b->next].piece->offset == p->offset &&
	    b->jobs[b->next].piece->length == p->length &&
	    memcmp(b->jobs[b->next].piece->hash, hash, sizeof(hash)) == 0) {
		r = put_piece(b, &b->jobs[b->next], e);
		b->next++;
	}
	buf_reset(&b->piece);
	return (r);
}

static int
take(void *ctx, const uint8_t *p, size_t n, struct err *e)
{
	struct build *b = ctx;

	while (n > 0 && b->next < b->end) {
		const struct point_piece *is = b->jobs[b->next].piece;
		uint64_t want = is->offset + b->piece.len;
		size_t m;
		if (b->pos < want) {
			m = want - b->pos < n ? (size_t)(want - b->pos) : n;
		} else if (b->pos > want) {
			return (err_set(e, ERR_DAMAGED, b->object,
			    "use another point", "pieces of the backup lie one "
			    "over the other"));
		} else {
			m = is->length - b->piece.len;
			if (m > n)
				m = n;
			buf_put(&b->piece, p, m);
		}
		p += m;
		n -= m;
		b->pos += m;
		if (b->piece.len == is->length) {
			int r = piece_done(b, e);
			if (r != 0)
				return (r);
		}
	}
	b->pos += n;
	return (0);
}

static int
read_segment(struct build *b, uint32_t segment, struct err *e)
{
	const struct point_segment *s = &b->m.segments.at[segment];
	int r;

	b->pos = 0;
	b->object = depot_segment_path(b->depot, &b->arena, s);
	buf_reset(&b->piece);
	r = depot_segment_read(b->depot, s, take, b, e);
	if (r == 0 && b->next < b->end)
		r = err_set(e, ERR_DAMAGED, b->object, "use another point",
		    "an object of the backup is too short");
	return (r);
}

/* Modes last: some of them forbid writing. */
static int
sync_files(struct build *b, struct err *e)
{
	const char *last = "";
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->m.files.n; i++) {
		FILE_SCOPED f = FILE_INIT;
		const char *path = path_of(b, b->m.files.at[i].path);
		char *up = arena_strdup(&b->arena, path);
		r = file_open(&f, path, FILE_READ, 0, e);
		if (r == 0 && fchmod(f.fd, b->m.files.at[i].mode) != 0)
			r = file_error(e, errno, "setting the mode of", path);
		if (r == 0)
			r = file_sync(&f, e);
		*strrchr(up, '/') = '\0';
		if (r == 0 && strcmp(up, last) != 0)
			r = file_sync_dir(up, e);
		last = up;
	}
	return (r);
}

static int
write_files(struct build *b, struct err *e)
{
	size_t n = 0;
	int r = make_files(b, e);

	b->jobs = calloc(b->m.pieces.n + 1, sizeof(*b->jobs));
	if (b->jobs == NULL)
		err_oom(b->m.pieces.n * sizeof(*b->jobs));
	for (size_t i = 0; i < b->m.files.n; i++) {
		const struct point_file *f = &b->m.files.at[i];
		uint64_t at = 0;
		for (size_t k = 0; k < f->n; k++) {
			const struct point_piece *p =
			    &b->m.pieces.at[f->first + k];
			b->jobs[n++] = (struct job){ p, f, at };
			at += p->length;
		}
	}
	b->njobs = n;
	qsort(b->jobs, n, sizeof(*b->jobs), by_place);
	for (b->next = 0; r == 0 && b->next < n;) {
		uint32_t segment = b->jobs[b->next].piece->segment;
		for (b->end = b->next; b->end < n &&
		    b->jobs[b->end].piece->segment == segment; b->end++)
			;
		r = read_segment(b, segment, e);
	}
	file_close(&b->file);
	b->file_is = NULL;
	return (r != 0 ? r : sync_files(b, e));
}

/* --- the place ----------------------------------------------------------- */

static int
make_place(struct build *b, struct err *e)
{
	char **names;
	size_t n;
	uint64_t space;
	struct stat st;
	int r = 0;

	if (lstat(b->to, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			return (err_set(e, ERR_CONFLICT, b->to,
			    "give another name", "something is there already"));
		r = file_list(&b->arena, b->to, &names, &n, e);
		if (r == 0 && n > 0)
			return (err_set(e, ERR_CONFLICT, b->to,
			    "give a new directory; move the old one away first "
			    "if it is to be replaced",
			    "the directory is not empty, and nothing is "
			    "restored over what is there"));
	}
	/* What one left that was killed. */
	if (r == 0)
		r = file_remove_tree(b->dir, e);
	if (r == 0)
		r = file_mkdirs(b->dir, 0700, e);
	if (r == 0)
		r = file_space(b->dir, &space, e);
	if (r == 0 && space < b->total)
		r = err_set(e, ERR_IO, b->dir, "restore to another disk",
		    "%" PRIu64 " MB are needed, and %" PRIu64 " MB are free",
		    b->total >> 20, space >> 20);
	return (r);
}

/* --- making it a workspace ----------------------------------------------- */

static int
place_keys(struct build *b, const char **ret, struct err *e)
{
	char real[4096];
	char *line;

	*ret = path_of(b, "keys");
	if (b->spec->keys == NULL && b->m.keys)
		return (backup_keys_load(b->depot, *ret, b->m.origin, e));
	if (b->spec->keys == NULL)
		return (err_set(e, ERR_NOTFOUND, b->depot->dir,
		    "give the directory of the keys with --keys",
		    "the keys are not in this backup"));
	if (realpath(b->spec->keys, real) == NULL)
		return (file_error(e, errno, "looking at", b->spec->keys));
	*ret = arena_strdup(&b->arena, real);
	line = arena_printf(&b->arena, "%s\n", real);
	return (file_write(path_of(b, "keys.path"), 0644, line, strlen(line),
	    e));
}

/*
 * The keys are the newest ones: a signing key that came after the point is not
 * yet among those that its ledger is checked with. Its rotation is repeated.
 */
static int
add_signer(struct build *b, const struct keys *keys, struct err *e)
{
	const char *path = path_of(b, "ledger/vkey");
	BUF_SCOPED old = BUF_INIT, line = BUF_INIT;
	struct note_key is;
	struct str rest, have;
	int r = file_read(path, 1 << 20, &old, e);

	if (r != 0)
		return (r);
	note_key_make(keys_origin(keys), keys_public(keys), &is);
	note_key_print(&is, &line);
	rest = buf_str(&old);
	for (bool first = true; str_split(&rest, '\n', &have); first = false) {
		if (str_eq(have, buf_str(&line)))
			return (0);
		if (first)
			b->old_signer = arena_strndup(&b->arena, have.ptr,
			    have.len);
	}
	b->new_signer = arena_strdup(&b->arena, line.ptr);
	b->new_signer_id = arena_printf(&b->arena, "%08x", is.id);
	buf_putc(&line, '\n');
	buf_putstr(&line, buf_str(&old));
	return (file_write(path, 0644, line.ptr, line.len, e));
}

static int
note_signer(struct build *b, struct workspace *ws, struct err *e)
{
	struct entry_note notes[2] = { { STR("new"), str_from(b->new_signer) },
		{ STR("old"), str_from(b->old_signer) } };
	struct entry x = { .actor = ws->actor.id, .action = STR(ROTATE_ACTION),
		.type = STR(ROTATE_LEDGER), .id = str_from(b->new_signer_id),
		.notes = notes, .nnotes = 2 };
	int r = ledger_begin(ws->ledger, e);

	if (r != 0)
		return (r);
	r = ledger_append(ws->ledger, &x, NULL, NULL, e);
	if (r != 0) {
		ledger_rollback(ws->ledger);
		return (r);
	}
	b->result.signer = true;
	return (ledger_commit(ws->ledger, e));
}

/* Was the manifest written with these keys? */
static int
check_writer(struct build *b, const char *keys_dir, struct err *e)
{
	POINT_SCOPED again = { .number = 0 };
	struct keys *keys = NULL;
	int r = keys_open(keys_dir, &keys, e);

	if (r == 0 && strcmp(keys_origin(keys), b->m.origin) != 0)
		r = err_set(e, ERR_DAMAGED, keys_dir,
		    "give the directory of this workspace's keys",
		    "these are the keys of another ledger");
	if (r == 0)
		r = add_signer(b, keys, e);
	if (r == 0 && !b->depot->own)
		r = depot_own(b->depot, keys, e);
	if (r == 0)
		r = depot_load(b->depot, b->m.number, &again, &b->result.own,
		    e);
	keys_close(keys);
	return (r);
}

struct problems {
	struct err first;
	size_t n;
};

static void
problem(void *ctx, const struct err *x)
{
	struct problems *p = ctx;

	if (p->n++ == 0)
		p->first = *x;
}

static int
damaged(const struct problems *p, struct err *e)
{
	return (err_set(e, ERR_DAMAGED, p->first.where,
	    "use another point", "what was restored does not hold: %s%s",
	    p->first.what, p->n > 1 ? " (and more)" : ""));
}

static int
check_database(struct build *b, struct err *e)
{
	DB_SCOPED *db = NULL;
	STMT_SCOPED *st = NULL;
	const char *path = path_of(b, "records.db");
	int r = db_open(&db, path, 0, e);

	if (r == 0)
		r = db_prepare(db, &st, STR("PRAGMA integrity_check(1)"), e);
	if (r == 0)
		r = stmt_step(st, e);
	if (r < 0)
		return (r);
	if (r == 0 || !str_is(stmt_str(st, 0), "ok"))
		return (err_set(e, ERR_DAMAGED, path, "use another point",
		    "the restored database is damaged"));
	stmt_reset(st);
	return (copy_retile(b->dir, db, e));
}

static int
check_workspace(struct build *b, struct workspace *ws, struct err *e)
{
	EVIDENCE_SCOPED *ev = NULL;
	struct problems p = { .n = 0 };
	struct check_counts n = { 0 };
	struct ledger_head head;
	int r = ledger_sequence(ws->ledger, e);

	if (r == 0)
		r = ledger_head(ws->ledger, &head, e);
	if (r == 0 && head.size != b->m.entries + b->result.again +
	    b->result.signer)
		r = err_set(e, ERR_DAMAGED, b->dir, "use another point",
		    "%" PRIu64 " entries were restored instead of %" PRIu64,
		    head.size, b->m.entries);
	if (r == 0)
		r = ledger_check(b->dir, ws->db, ws->keys, CHECK_BODIES,
		    problem, &p, &n, e);
	if (r == 0 && p.n == 0)
		r = record_verify(b->dir, ws->db, ws->keys, problem, &p,
		    &b->result.rows, e);
	if (r == 0 && p.n > 0)
		r = damaged(&p, e);
	if (r == 0)
		r = evidence_open(&ev, b->dir, ws->ledger, true, e);
	if (r == 0)
		r = evidence_digest(ev, b->result.digest, e);
	b->result.opened = n.opened;
	b->result.erased = n.erased;
	return (r);
}

/*
 * A checkpoint that was kept elsewhere: of the same history, and perhaps of
 * more of it than there is here.
 */
static int
compare_known(struct build *b, const char *path, struct err *e)
{
	BUF_SCOPED note = BUF_INIT;
	struct checkpoint known, here;
	struct tree_hash root;
	int r = file_read(path, NOTE_MAX, &note, e);

	if (r == 0 && (r = copy_known(b->dir, buf_str(&note), &known,
	    e)) != 0)
		err_at(e, "%s", path);
	if (r == 0)
		r = copy_checkpoint(b->dir, &here, e);
	if (r != 0)
		return (r);
	if (known.size > b->result.known)
		b->result.known = known.size;
	if (known.size > here.size)
		return (0);
	r = copy_root_at(b->dir, &here, known.size, &root, e);
	if (r == 0 && memcmp(&root, &known.root, sizeof(root)) != 0)
		r = err_set(e, ERR_DAMAGED, path,
		    "find out which of the two is the true one",
		    "the kept checkpoint is of another history than the "
		    "backup: entries were changed or removed");
	return (r);
}

/*
 * What was erased since the point was made is erased here too; then opened
 * again, which makes the tables of records without it.
 */
static int
erase_again(struct build *b, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	int r = workspace_open(b->dir, true, &ws, e);

	if (r == 0 && b->new_signer != NULL)
		r = note_signer(b, ws, e);
	return (r != 0 ? r : backup_erased_apply(b->depot, ws->ledger,
	    ws->actor.id, &b->result.again, e));
}

static int
make_workspace(struct build *b, struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	const char *keys;
	int r = place_keys(b, &keys, e);

	if (r == 0)
		r = check_writer(b, keys, e);
	if (r == 0)
		r = check_database(b, e);
	if (r == 0)
		r = erase_again(b, e);
	if (r == 0)
		r = workspace_open(b->dir, true, &ws, e);
	/* The keys are the newest: what was erased since the point goes. */
	if (r == 0)
		r = record_forget_late(ws, e);
	if (r == 0)
		r = check_workspace(b, ws, e);
	workspace_close(ws);
	ws = NULL;
	if (r == 0 && b->spec->known != NULL)
		r = compare_known(b, b->spec->known, e);
	if (r == 0 && file_exists(path_of(b, "ledger/witnessed")))
		r = compare_known(b, path_of(b, "ledger/witnessed"), e);
	return (r);
}

static int
put_in_place(struct build *b, struct err *e)
{
	char *up;
	int r = file_remove(path_of(b, "lock"), e);

	if (r == 0)
		r = file_sync_dir(b->dir, e);
	if (r != 0)
		return (r);
	if (rename(b->dir, b->to) != 0)
		return (file_error(e, errno, "renaming into place",
		    b->to));
	up = arena_strdup(&b->arena, b->to);
	if (strrchr(up, '/') == NULL)
		up = arena_strdup(&b->arena, ".");
	else if (strrchr(up, '/') == up)
		up[1] = '\0';
	else
		*strrchr(up, '/') = '\0';
	return (file_sync_dir(up, e));
}

static int
build(struct build *b, struct err *e)
{
	int r = depot_load(b->depot, b->spec->number, &b->m, NULL, e);

	if (r != 0)
		return (r);
	b->total = point_bytes(&b->m);
	for (size_t i = 0; r == 0 && i < b->m.segments.n; i++)
		r = depot_segment_there(b->depot, &b->m.segments.at[i], e);
	if (r == 0 && b->m.schema > migrate_latest())
		r = err_set(e, ERR_NEWER, depot_point_path(b->depot,
		    &b->arena, b->m.number),
		    "use the newer version of tickmark",
		    "the backup's database has version %" PRId64
		    ", this program knows %d", b->m.schema, migrate_latest());
	if (r == 0)
		r = make_place(b, e);
	if (r == 0)
		r = write_files(b, e);
	if (r == 0)
		r = make_workspace(b, e);
	if (r == 0 && !b->spec->test)
		r = put_in_place(b, e);
	/* Only ever ours, by its name. */
	if (r != 0 || b->spec->test)
		file_remove_tree(b->dir, NULL);
	return (r);
}

int
seal_restore(struct depot *d, const struct seal_restore_spec *spec,
    struct seal_restore_result *ret, struct err *e)
{
	struct build b = { .depot = d, .spec = spec, .file = FILE_INIT };
	char *to = arena_strdup(&b.arena, spec->to);
	int r;

	for (size_t n = strlen(to); n > 1 && to[n - 1] == '/'; n--)
		to[n - 1] = '\0';
	b.to = to;
	b.dir = arena_printf(&b.arena, "%s" BUILDING, to);
	r = build(&b, e);
	b.result.number = b.m.number;
	b.result.made = b.m.made;
	b.result.entries = b.m.entries;
	b.result.time = b.m.time;
	b.result.bytes = b.total;
	b.result.schema = b.m.schema;
	b.result.latest = migrate_latest();
	if (r == 0)
		*ret = b.result;
	point_free(&b.m);
	buf_free(&b.piece);
	file_close(&b.file);
	free(b.jobs);
	arena_free(&b.arena);
	return (r);
}
