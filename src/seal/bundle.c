#include "seal/bundle.h"

#include <errno.h>
#include <unistd.h>

#include "evidence/evidence.h"
#include "ledger/age.h"
#include "ledger/proof.h"
#include "record/workspace.h"
#include "seal/bundle_private.h"
#include "sys/crypto.h"
#include "sys/file.h"

int
bundle_add(struct bundle *b, const char *name, struct str content,
    struct err *e)
{
	struct manifest_file f = { .size = content.len };
	int r = zip_add(&b->zip, name, content, e);

	if (r != 0)
		return (r);
	f.name = arena_str(&b->a, str_from(name));
	crypto_sha256(content.ptr, content.len, f.sha256);
	vec_push(&b->listed, f);
	return (0);
}

/* --- where it goes ------------------------------------------------------------ */

struct target {
	struct file file;
	const char *path, *part;
	uint64_t at;
	struct age_writer *age; /* NULL: in clear */
};

static int
put_file(void *ctx, const void *p, size_t n, struct err *e)
{
	struct target *t = ctx;
	int r = file_pwrite(&t->file, p, n, t->at, e);

	if (r == 0)
		t->at += n;
	return (r);
}

static int
put(void *ctx, const void *p, size_t n, struct err *e)
{
	struct target *t = ctx;

	return (t->age != NULL ? age_write(t->age, p, n, e) :
	    put_file(t, p, n, e));
}

static int
target_open(struct target *t, const struct bundle_spec *s, struct arena *a,
    struct err *e)
{
	int r;

	*t = (struct target){ .file = FILE_INIT, .path = s->path,
		.part = arena_printf(a, "%s.part", s->path) };
	if (file_exists(s->path) && !s->force)
		return (err_set(e, ERR_CONFLICT, s->path,
		    "give another name, or --force to replace it",
		    "there is a file of this name already"));
	if ((r = file_remove(t->part, e)) != 0)
		return (r);
	r = file_open(&t->file, t->part, FILE_APPEND, 0600, e);
	if (r == -ERR_NOTFOUND)
		return (err_set(e, ERR_IO, s->path, "make its folder first",
		    "the bundle cannot be written: its folder is not there"));
	if (r == 0 && s->nto != 0)
		r = age_write_open(s->to, s->nto, put_file, t, &t->age, e);
	return (r);
}

static int
sync_folder(const char *path, struct arena *a, struct err *e)
{
	const char *slash = strrchr(path, '/');

	return (file_sync_dir(slash == NULL ? "." : slash == path ? "/" :
	    arena_strndup(a, path, (size_t)(slash - path)), e));
}

/* Complete and durable, in its place. */
static int
target_keep(struct target *t, struct arena *a, struct err *e)
{
	int r = t->age != NULL ? age_write_end(t->age, e) : 0;

	if (r == 0)
		r = file_sync(&t->file, e);
	if (r == 0 && rename(t->part, t->path) != 0)
		r = file_error(e, errno, "put in place", t->path);
	return (r != 0 ? r : sync_folder(t->path, a, e));
}

static void
target_close(struct target *t, bool kept)
{
	bool made = t->file.fd >= 0;

	age_write_close(t->age);
	file_close(&t->file);
	if (made && !kept)
		file_remove(t->part, NULL);
}

/* --- all of it ------------------------------------------------------------------ */

/* The signed head, which must be all that there is. */
static int
take_head(struct bundle *b, struct err *e)
{
	BUF_SCOPED note = BUF_INIT;
	struct ledger_head head;
	int r = b->spec->ws->writable ? evidence_catch_up(b->spec->ev, e) : 0;

	if (r == 0)
		r = ledger_head(b->ledger, &head, e);
	if (r == 0)
		r = proof_note(b->files, "checkpoint", &note, &b->head, e);
	if (r != 0)
		return (r);
	if (head.size != b->head.size)
		return (err_set(e, ERR_BUSY, b->files,
		    "wait some seconds and try again",
		    "%llu entries are not yet under the checkpoint",
		    (unsigned long long)(head.size - b->head.size)));
	return (0);
}

static int
write_members(struct bundle *b, struct bundle_result *ret, struct err *e)
{
	int r;

	if ((r = bundle_front(b, e)) != 0 || (r = bundle_bodies(b, e)) != 0 ||
	    (r = bundle_copies(b, e)) != 0 ||
	    (r = bundle_report(b, ret, e)) != 0 ||
	    (r = bundle_manifest(b, e)) != 0)
		return (r);
	return (zip_end(&b->zip, e));
}

static void
sum_up(const struct bundle *b, uint64_t bytes, struct bundle_result *ret)
{
	ret->bytes = bytes;
	ret->members = b->zip.members.n;
	ret->entries = b->head.size;
	ret->results = b->runs.n;
	for (size_t i = 0; i < b->classes.n; i++) {
		ret->bodies += b->classes.at[i].here;
		ret->withheld += b->classes.at[i].withheld;
		ret->erased += b->classes.at[i].erased;
	}
}

static void
drop(struct bundle *b)
{
	zip_free(&b->zip);
	vec_free(&b->listed);
	vec_free(&b->classes);
	vec_free(&b->erased);
	vec_free(&b->runs);
	vec_free(&b->adopted);
	if (b->keys.n != 0)
		crypto_wipe(b->keys.at, b->keys.n * sizeof(*b->keys.at));
	vec_free(&b->keys);
	set_free(&b->bodies);
	set_free(&b->seals);
	buf_free(&b->pack);
	buf_free(&b->record);
	arena_free(&b->a);
}

int
bundle_write(const struct bundle_spec *spec, struct bundle_result *ret,
    struct err *e)
{
	struct bundle b = { .spec = spec, .ledger = spec->ws->ledger };
	struct bundle_result res = { 0 };
	struct target t;
	bool kept = false;

	b.files = arena_printf(&b.a, "%s/ledger", spec->ws->dir);
	int r = target_open(&t, spec, &b.a, e);
	zip_begin(&b.zip, put, &t);
	if (r == 0 && (r = take_head(&b, e)) == 0 &&
	    (r = bundle_scope(&b, e)) == 0 &&
	    (r = write_members(&b, &res, e)) == 0)
		r = target_keep(&t, &b.a, e);
	kept = r == 0;
	if (r == 0) {
		sum_up(&b, t.at, &res);
		*ret = res;
	}
	target_close(&t, kept);
	drop(&b);
	return (r);
}
