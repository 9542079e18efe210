/* Asking authorities for time stamps, and checking those that were kept. */
#include <inttypes.h>

#include "base/clock.h"
#include "ledger/note.h"
#include "ledger/proof.h"
#include "record/workspace.h"
#include "sys/crypto.h"
#include "sys/tsa.h"
#include "web/vouch.h"

#define ASK_TIME (30 * CLOCK_SECOND)
#define RECENT 64 /* files of stamps that are looked at before asking */

struct stamping {
	struct arena *a;
	const struct conf *c;
	const char *files, *folder;
	struct buf note;
	struct checkpoint head;
	uint8_t digest[TSA_DIGEST];
};

/* "431.tsr", "431-2.tsr": 431. */
static bool
size_of(const char *name, uint64_t *ret)
{
	struct str s = str_from(name), digits;

	if (!str_ends(s, ".tsr"))
		return (false);
	s.len -= 4;
	return (str_split(&s, '-', &digits) && digits.len > 0 &&
	    digits.ptr[0] >= '0' && digits.ptr[0] <= '9' &&
	    str_to_u64(digits, ret));
}

static int
digest_of(struct str note, uint8_t out[TSA_DIGEST], struct err *e)
{
	struct str text, sigs;
	int r = note_split(note, &text, &sigs, e);

	if (r == 0)
		crypto_sha256(text.ptr, text.len, out);
	return (r);
}

/* --- what was kept -------------------------------------------------------- */

struct name {
	const char *file;
	uint64_t size;
};

static int
by_size(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	return (x->size != y->size ? (x->size < y->size ? -1 : 1) :
	    strcmp(x->file, y->file));
}

static int
list(struct arena *a, const char *folder, struct name **ret, size_t *ret_n,
    struct err *e)
{
	char **names;
	size_t n, k = 0;

	*ret_n = 0;
	if (!file_exists(folder))
		return (0);
	int r = file_list(a, folder, &names, &n, e);
	if (r != 0)
		return (r);
	*ret = arena_array(a, n + 1, sizeof(**ret));
	for (size_t i = 0; i < n; i++)
		if (size_of(names[i], &(*ret)[k].size))
			(*ret)[k++].file = names[i];
	qsort(*ret, k, sizeof(**ret), by_size);
	*ret_n = k;
	return (0);
}

/* Which authority's stamp is it? */
static void
check_kept(struct arena *a, const struct conf *c, const char *folder,
    const struct name *name, struct vouch_kept *k)
{
	const char *path = arena_printf(a, "%s/%s", folder, name->file);
	BUF_SCOPED der = BUF_INIT, note = BUF_INIT;
	uint8_t digest[TSA_DIGEST];
	struct tsa_stamp s;

	*k = (struct vouch_kept){ .file = name->file, .size = name->size };
	if (file_read(path, TSA_MAX, &der, &k->e) != 0 ||
	    file_read(arena_printf(a, "%s/%" PRIu64 ".note", folder,
	    name->size), NOTE_MAX, &note, &k->e) != 0 ||
	    digest_of(buf_str(&note), digest, &k->e) != 0)
		return;
	if (tsa_read(buf_str(&der), &s, &k->e) != 0) {
		err_at(&k->e, "%s", path);
		return;
	}
	k->time = s.time;
	k->by = arena_strdup(a, s.name);
	err_set(&k->e, ERR_DENIED, path, "write timestamp.NAME.trust = FILE "
	    "into serve.conf", "no authority is configured whose stamp it "
	    "could be");
	for (size_t i = 0; i < c->ntsa; i++) {
		if (tsa_check(buf_str(&der), digest, NULL, c->tsa[i].trust, &s,
		    &k->e) == 0) {
			k->name = c->tsa[i].name;
			return;
		}
		/* A stamp that holds for nobody is told as such. */
		if (k->e.code == ERR_DAMAGED) {
			err_at(&k->e, "%s", path);
			return;
		}
	}
}

int
vouch_stamps(struct arena *a, const struct conf *c, vouch_kept_fn *fn,
    void *ctx, struct err *e)
{
	const char *folder = arena_printf(a, "%s/ledger/timestamp", c->dir);
	struct name *names;
	size_t n;
	int r = list(a, folder, &names, &n, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct vouch_kept k;
		check_kept(a, c, folder, &names[i], &k);
		fn(ctx, &k);
	}
	return (r);
}

/* The newest stamp of that authority, 0 if there is none of late. */
static int64_t
newest(struct stamping *q, const struct conf_target *t, const char **ret_by)
{
	ARENA_SCOPED scratch = ARENA_INIT;
	struct conf one = *q->c;
	struct name *names;
	size_t n;

	one.tsa[0] = *t;
	one.ntsa = 1;
	if (list(&scratch, q->folder, &names, &n, NULL) != 0)
		return (0);
	for (size_t i = n; i > 0 && n - i < RECENT; i--) {
		struct vouch_kept k;
		check_kept(&scratch, &one, q->folder, &names[i - 1], &k);
		if (k.name != NULL) {
			*ret_by = arena_strdup(q->a, k.by);
			return (k.time);
		}
	}
	return (0);
}

/* --- a new one ------------------------------------------------------------ */

static int
fetch(struct stamping *q, const struct conf_target *t, struct buf *der,
    struct tsa_stamp *s, struct err *e)
{
	BUF_SCOPED request = BUF_INIT;
	struct http_answer a = { 0 };
	uint8_t nonce[TSA_NONCE];
	int r;

	rng_bytes(nonce, sizeof(nonce));
	nonce[0] = (uint8_t)(nonce[0] & 0x7f) | 1; /* positive, of full length */
	if ((r = tsa_request(q->digest, nonce, &request, e)) != 0)
		return (r);
	struct http_request h = { .url = t->url, .net = t->net,
		.allow = conf_allow(q->a, "timestamp", t->name),
		.type = TSA_TYPE_QUERY, .accept = TSA_TYPE_REPLY,
		.body = buf_str(&request), .max = TSA_MAX,
		.timeout_us = ASK_TIME };
	if ((r = http_ask(&h, &a, e)) != 0)
		return (r);
	if (a.status != 200)
		r = err_set(e, ERR_IO, t->url, "check the address; it is tried "
		    "again", "the authority answered %d", a.status);
	else
		r = tsa_check(buf_str(&a.body), q->digest, nonce, t->trust, s,
		    e);
	if (r == 0)
		buf_putstr(der, buf_str(&a.body));
	buf_free(&a.body);
	return (r);
}

/* The first free name; the note is written once. */
static int
keep(struct stamping *q, struct str der, const char **ret_file, struct err *e)
{
	const char *note = arena_printf(q->a, "%s/%" PRIu64 ".note", q->folder,
	    q->head.size);
	BUF_SCOPED old = BUF_INIT;
	uint8_t digest[TSA_DIGEST];
	int r = file_mkdirs(q->folder, 0755, e);

	if (r == 0 && !file_exists(note))
		r = file_write(note, 0644, q->note.ptr, q->note.len, e);
	else if (r == 0 && ((r = file_read(note, NOTE_MAX, &old, e)) != 0 ||
	    (r = digest_of(buf_str(&old), digest, e)) != 0))
		return (r);
	else if (r == 0 && memcmp(digest, q->digest, sizeof(digest)) != 0)
		return (err_set(e, ERR_DAMAGED, note, "run doctor", "another "
		    "checkpoint of this size was stamped before: the ledger "
		    "has a second history"));
	for (int i = 1; r == 0 && i < 1000; i++) {
		char suffix[16] = "";
		if (i > 1)
			snprintf(suffix, sizeof(suffix), "-%d", i);
		const char *name = arena_printf(q->a, "%" PRIu64 "%s.tsr",
		    q->head.size, suffix);
		const char *path = arena_printf(q->a, "%s/%s", q->folder, name);
		if (file_exists(path))
			continue;
		*ret_file = name;
		return (file_write(path, 0644, der.ptr, der.len, e));
	}
	return (r != 0 ? r : err_set(e, ERR_LIMIT, q->folder, "wait for the "
	    "next entry", "this checkpoint has a thousand stamps"));
}

static int
store(struct stamping *q, bool job, struct str der, const char **ret_file,
    struct err *e)
{
	WORKSPACE_SCOPED *ws = NULL;
	int r = job ? workspace_open_job(q->c->dir, &ws, e) :
	    workspace_open(q->c->dir, true, &ws, e);

	return (r != 0 ? r : keep(q, der, ret_file, e));
}

static int
stamp_one(struct stamping *q, const struct conf_target *t, bool job,
    int64_t within, struct vouch *v, struct err *e)
{
	BUF_SCOPED der = BUF_INIT;
	struct tsa_stamp s;

	*v = (struct vouch){ .name = t->name, .how = VOUCH_HAD };
	if (within > 0)
		v->time = newest(q, t, &v->by);
	if (v->time != 0 && v->time > clock_now() - within)
		return (0);
	v->how = VOUCH_FAILED;
	v->time = 0;
	if (fetch(q, t, &der, &s, &v->e) != 0)
		return (0);
	int r = store(q, job, buf_str(&der), &v->file, e);
	if (r != 0)
		return (r);
	v->how = VOUCH_GIVEN;
	v->time = s.time;
	v->by = arena_strdup(q->a, s.name);
	return (0);
}

int
vouch_stamp(struct arena *a, const struct conf *c, bool job, int64_t within,
    struct vouches *ret, struct err *e)
{
	struct stamping q = { .a = a, .c = c,
		.files = arena_printf(a, "%s/ledger", c->dir),
		.folder = arena_printf(a, "%s/ledger/timestamp", c->dir) };
	int r = 0;

	ret->n = 0;
	if (c->ntsa == 0)
		return (err_set(e, ERR_NOTFOUND, c->path, "write "
		    "timestamp.NAME.url and timestamp.NAME.trust into it",
		    "no time stamp authority is configured"));
	r = proof_note(q.files, "checkpoint", &q.note, &q.head, e);
	if (r == 0)
		r = digest_of(buf_str(&q.note), q.digest, e);
	ret->size = q.head.size;
	for (size_t i = 0; r == 0 && i < c->ntsa; i++)
		r = stamp_one(&q, &c->tsa[i], job, within, &ret->at[ret->n++],
		    e);
	buf_free(&q.note);
	return (r);
}
