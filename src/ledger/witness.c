/* The witness's files: its key, the ledgers that it watches, their heads. */
#include "ledger/witness.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ledger/private.h"
#include "sys/file.h"

#define TEXT "text/plain; charset=utf-8"
#define HEX (2 * CRYPTO_HASH)
#define WAIT_US (10 * CLOCK_SECOND) /* for the lock */

struct witness {
	char *dir; /* DIR/witness */
	struct note_key key;
	uint8_t seed[CRYPTO_SEED];
};

static char *
path_of(struct arena *a, const struct witness *w, const char *hash,
    const char *name)
{
	return (arena_printf(a, "%s/log/%s%s%s", w->dir, hash,
	    name[0] != '\0' ? "/" : "", name));
}

static const char *
hash_of(struct arena *a, const char *origin)
{
	BUF_SCOPED b = BUF_INIT;
	uint8_t h[CRYPTO_HASH];

	crypto_sha256(origin, strlen(origin), h);
	buf_puthex(&b, h, sizeof(h));
	return (arena_strdup(a, b.ptr));
}

/* --- making and opening -------------------------------------------------- */

static int
make_key(const char *keys_dir, const char *path, const char *name,
    struct note_key *ret, struct err *e)
{
	uint8_t master[CRYPTO_KEY], seed[CRYPTO_SEED], pub[CRYPTO_PUBLIC];
	int r = file_mkdirs(keys_dir, 0700, e);

	if (r == 0)
		r = keys_master(keys_dir, true, master, e);
	if (r != 0)
		return (r);
	rng_bytes(seed, sizeof(seed));
	crypto_ed25519_public(seed, pub);
	note_key_make_as(NOTE_COSIGNATURE, name, pub, ret);
	r = keys_write_seed(master, KEYS_WITNESS, ret, seed, path, e);
	crypto_wipe(seed, sizeof(seed));
	crypto_wipe(master, sizeof(master));
	return (r);
}

int
witness_create(const char *dir, const char *keys_dir, const char *name,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	const char *logs = arena_printf(&a, "%s/witness/log", dir);
	const char *vkey = arena_printf(&a, "%s/witness/vkey", dir);
	const char *path = arena_printf(&a, "%s/witness.key", keys_dir);
	uint8_t master[CRYPTO_KEY], seed[CRYPTO_SEED];
	struct note_key key;
	int r;

	if (!note_name_ok(str_from(name)))
		return (err_set(e, ERR_INPUT, name,
		    "use a name such as example.org/witness: no spaces, no +, "
		    "at most 200 bytes", "this cannot name a witness"));
	if (file_exists(vkey))
		return (err_set(e, ERR_CONFLICT, vkey,
		    "use it, or choose another directory",
		    "there is a witness here already"));
	if (!file_exists(path)) {
		r = make_key(keys_dir, path, name, &key, e);
	} else {
		/* It was interrupted after the key. */
		r = keys_master(keys_dir, false, master, e);
		if (r == 0)
			r = keys_read_seed(master, KEYS_WITNESS, path, &key,
			    seed, e);
		crypto_wipe(master, sizeof(master));
		crypto_wipe(seed, sizeof(seed));
		if (r == 0 && strcmp(key.name, name) != 0)
			r = err_set(e, ERR_CONFLICT, path, "use its name",
			    "there is the key of the witness %s already",
			    key.name);
	}
	if (r != 0 || (r = file_mkdirs(logs, 0755, e)) != 0)
		return (r);
	note_key_print(&key, &b);
	buf_putc(&b, '\n');
	return (file_write(vkey, 0644, b.ptr, b.len, e));
}

static int
open_in(struct witness *w, const char *keys_dir, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	const char *path = arena_printf(&a, "%s/witness.key", keys_dir);
	const char *vkey = arena_printf(&a, "%s/vkey", w->dir);
	uint8_t master[CRYPTO_KEY];
	struct note_key k;
	struct str s;
	int r = file_read(vkey, 4096, &b, e);

	if (r == -ERR_NOTFOUND)
		return (err_set(e, ERR_NOTFOUND, w->dir,
		    "make one: tickmark ledger DIR witness init NAME",
		    "there is no witness here"));
	if (r != 0 || (r = keys_master(keys_dir, false, master, e)) != 0)
		return (r);
	r = keys_read_seed(master, KEYS_WITNESS, path, &w->key, w->seed, e);
	crypto_wipe(master, sizeof(master));
	if (r != 0)
		return (r);
	s = str_trim(buf_str(&b));
	if (note_key_parse(s, &k, NULL) != 0 || !note_key_same(&k, &w->key) ||
	    k.type != NOTE_COSIGNATURE)
		return (err_set(e, ERR_DAMAGED, vkey,
		    "put both back from a backup",
		    "the witness's key is not that of %s", path));
	return (0);
}

int
witness_open(const char *dir, const char *keys_dir, struct witness **ret,
    struct err *e)
{
	struct witness *w = calloc(1, sizeof(*w));
	size_t n = strlen(dir) + sizeof("/witness");
	int r;

	if (w == NULL || (w->dir = malloc(n)) == NULL)
		err_oom(n);
	snprintf(w->dir, n, "%s/witness", dir);
	r = open_in(w, keys_dir, e);
	if (r != 0) {
		witness_close(w);
		return (r);
	}
	*ret = w;
	return (0);
}

void
witness_close(struct witness *w)
{
	if (w == NULL)
		return;
	free(w->dir);
	crypto_wipe(w, sizeof(*w));
	free(w);
}

const struct note_key *
witness_key(const struct witness *w)
{
	return (&w->key);
}

/* --- what is known of a ledger ------------------------------------------- */

static int
bad_state(const char *path, struct err *e, const char *what)
{
	return (err_set(e, ERR_DAMAGED, path, "find out what happened; put the "
	    "newest copy back, never an older one",
	    "what the witness remembers is damaged: %s", what));
}

/* The first line is the origin, then one key on each. */
static int
read_keys(const char *path, struct witness_log *log, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct str s, line;
	int r = file_read(path, 64 << 10, &b, e);

	if (r != 0)
		return (r);
	s = buf_str(&b);
	if (s.len == 0 || s.ptr[s.len - 1] != '\n')
		return (bad_state(path, e, "the file is cut off"));
	s.len--;
	if (!str_split(&s, '\n', &line) || !note_name_ok(line))
		return (bad_state(path, e, "the origin is no name"));
	memcpy(log->origin, line.ptr, line.len);
	while (str_split(&s, '\n', &line)) {
		struct note_key k;
		if (log->nkeys == WITNESS_KEYS ||
		    note_key_parse(line, &k, NULL) != 0 ||
		    k.type != NOTE_ED25519 || strcmp(k.name, log->origin) != 0)
			return (bad_state(path, e, "a line is not a key of "
			    "that ledger"));
		log->keys[log->nkeys++] = k;
	}
	return (0);
}

static int
write_keys(const char *path, const struct witness_log *log, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;

	buf_printf(&b, "%s\n", log->origin);
	for (size_t i = 0; i < log->nkeys; i++) {
		note_key_print(&log->keys[i], &b);
		buf_putc(&b, '\n');
	}
	return (file_write(path, 0644, b.ptr, b.len, e));
}

/* The head that we cosigned, if there is one. */
static int
read_head(const struct witness *w, const char *path, struct witness_log *log,
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct note_signers by;
	struct checkpoint c;
	struct str text;
	struct err why;
	int r = file_read(path, NOTE_MAX, &b, &why);

	if (r == -ERR_NOTFOUND)
		return (0);
	if (r == 0) {
		r = note_open_signers(buf_str(&b), &w->key, 1, &text, &by,
		    &why);
		if (r == 0)
			r = checkpoint_parse(text, &c, &why);
		if (r != 0 || strcmp(c.origin, log->origin) != 0)
			return (bad_state(path, e, r != 0 ? why.what :
			    "it is of another ledger"));
	} else {
		if (e != NULL)
			*e = why;
		return (r);
	}
	log->seen = true;
	log->size = c.size;
	log->root = c.root;
	log->time = by.at[0].time;
	return (0);
}

/* 1: loaded; 0: not watched. */
static int
load(const struct witness *w, const char *hash, struct witness_log *log,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	int r;

	*log = (struct witness_log){ .nkeys = 0 };
	if (!file_exists(path_of(&a, w, hash, "vkey")))
		return (0);
	r = read_keys(path_of(&a, w, hash, "vkey"), log, e);
	if (r == 0 && strcmp(hash, hash_of(&a, log->origin)) != 0)
		r = bad_state(path_of(&a, w, hash, "vkey"), e,
		    "it is of another ledger");
	if (r == 0)
		r = read_head(w, path_of(&a, w, hash, "head"), log, e);
	return (r != 0 ? r : 1);
}

/* Requests for one ledger come one after the other. */
static int
lock(const struct witness *w, const char *hash, struct file *f, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *path = path_of(&a, w, hash, "lock");
	int64_t until = clock_mono() + WAIT_US;
	useconds_t pause = 500;
	int r;

	while ((r = file_lock(f, path, e)) == -ERR_BUSY &&
	    clock_mono() < until) {
		usleep(pause);
		pause = pause < 16000 ? 2 * pause : 16000;
	}
	return (r);
}

/* --- which ledgers are watched ------------------------------------------- */

static ptrdiff_t
find_key(const struct witness_log *log, const struct note_key *k)
{
	for (size_t i = 0; i < log->nkeys; i++)
		if (note_key_same(&log->keys[i], k))
			return ((ptrdiff_t)i);
	return (-1);
}

int
witness_trust(struct witness *w, const struct note_key *key, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	FILE_SCOPED f = FILE_INIT;
	struct witness_log *log = arena_new(&a, struct witness_log);
	const char *hash = hash_of(&a, key->name);
	int r;

	if (key->type != NOTE_ED25519)
		return (err_set(e, ERR_INPUT, key->name,
		    "give the line of its file ledger/vkey",
		    "this is the key of a witness, not of a ledger"));
	if ((r = file_mkdirs(path_of(&a, w, hash, ""), 0755, e)) != 0 ||
	    (r = lock(w, hash, &f, e)) != 0 ||
	    (r = load(w, hash, log, e)) < 0)
		return (r);
	if (find_key(log, key) >= 0)
		return (1);
	if (log->nkeys == WITNESS_KEYS)
		return (err_set(e, ERR_LIMIT, key->name,
		    "remove one that is no longer used",
		    "a ledger may have %d keys", WITNESS_KEYS));
	snprintf(log->origin, sizeof(log->origin), "%s", key->name);
	log->keys[log->nkeys++] = *key;
	return (write_keys(path_of(&a, w, hash, "vkey"), log, e));
}

int
witness_distrust(struct witness *w, const struct note_key *key, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	FILE_SCOPED f = FILE_INIT;
	struct witness_log *log = arena_new(&a, struct witness_log);
	const char *hash = hash_of(&a, key->name);
	ptrdiff_t at;
	int r;

	if (!file_exists(path_of(&a, w, hash, "vkey")))
		return (1);
	if ((r = lock(w, hash, &f, e)) != 0 ||
	    (r = load(w, hash, log, e)) < 0)
		return (r);
	if ((at = find_key(log, key)) < 0)
		return (1);
	log->keys[at] = log->keys[--log->nkeys];
	return (write_keys(path_of(&a, w, hash, "vkey"), log, e));
}

static bool
is_hash(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.ptr[i] >= '0' && s.ptr[i] <= '9') ||
		    (s.ptr[i] >= 'a' && s.ptr[i] <= 'f')))
			return (false);
	return (s.len == HEX);
}

int
witness_each(struct witness *w, witness_fn *fn, void *ctx, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct witness_log *log = arena_new(&a, struct witness_log);
	char **names;
	size_t n;
	int r = file_list(&a, arena_printf(&a, "%s/log", w->dir), &names, &n,
	    e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (!is_hash(str_from(names[i])))
			continue;
		r = load(w, names[i], log, e);
		if (r == 1)
			r = fn(ctx, log, e);
	}
	return (r < 0 ? r : 0);
}

/* --- requests ------------------------------------------------------------ */

static void
reply(struct witness_reply *x, int status, const char *type, struct str text)
{
	x->status = status;
	x->type = type;
	buf_reset(&x->body);
	buf_putstr(&x->body, text);
}

static void
reply_no(struct witness_reply *x, int status, const char *why)
{
	reply(x, status, status == 409 ? "text/x.tlog.size" : TEXT,
	    str_from(why));
	buf_putc(&x->body, '\n');
}

/* Not the asker's fault, and not the asker's business. */
static int
reply_failed(struct witness_reply *x, int r)
{
	reply_no(x, r == -ERR_BUSY ? 503 : 500, r == -ERR_BUSY ?
	    "busy with another request for this ledger; ask again" :
	    "the witness cannot read or write what it remembers");
	return (r);
}

/* Sign, remember, answer: in this order. */
static int
cosign(const struct witness *w, const char *hash,
    const struct witness_log *log, const struct witness_request *q,
    const struct note_signers *by, struct witness_reply *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED message = BUF_INIT, line = BUF_INIT, note = BUF_INIT;
	int64_t time = clock_now() / CLOCK_SECOND;
	uint8_t sig[CRYPTO_SIG];
	int r;

	/* A clock that went back does not make what was said before untrue. */
	if (log->seen && time < log->time)
		time = log->time;
	if (time < 1)
		return (err_set(e, ERR_ENV, "clock", "set the clock",
		    "the machine's clock says that it is before 1970"));
	note_cosign_message(q->text, time, &message);
	crypto_ed25519_sign(w->seed, message.ptr, message.len, sig);
	note_put_cosignature(&w->key, time, sig, &line);
	buf_putstr(&note, q->text);
	buf_putc(&note, '\n');
	for (size_t i = 0; i < by->n; i++)
		buf_putstr(&note, by->at[i].line);
	buf_putstr(&note, buf_str(&line));
	r = file_write(path_of(&a, w, hash, "head"), 0644, note.ptr, note.len,
	    e);
	if (r == 0)
		reply(ret, 200, TEXT, buf_str(&line));
	return (r);
}

static int
add_locked(const struct witness *w, const char *hash,
    const struct witness_request *q, struct witness_reply *ret, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	FILE_SCOPED f = FILE_INIT;
	struct witness_log *log = arena_new(&a, struct witness_log);
	struct note_signers *by = arena_new(&a, struct note_signers);
	struct err why;
	int status, r = lock(w, hash, &f, e);

	if (r != 0 || (r = load(w, hash, log, e)) < 0)
		return (r);
	status = witness_judge(r == 1 ? log : NULL, q, by, &why);
	if (status == 200)
		return (cosign(w, hash, log, q, by, ret, e));
	reply_no(ret, status, why.what);
	return (0);
}

int
witness_add(struct witness *w, struct str body, struct witness_reply *ret,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct witness_request *q = arena_new(&a, struct witness_request);
	const char *hash;
	struct err why;
	int r = witness_parse(body, q, &why);

	if (r != 0) {
		reply_no(ret, r == -ERR_LIMIT ? 413 : 400, why.what);
		return (0);
	}
	hash = hash_of(&a, q->head.origin);
	/* Nothing is made for a name that anybody may send. */
	if (!file_exists(path_of(&a, w, hash, "vkey"))) {
		reply_no(ret, witness_judge(NULL, q, NULL, &why), why.what);
		return (0);
	}
	r = add_locked(w, hash, q, ret, e);
	return (r != 0 ? reply_failed(ret, r) : 0);
}

int
witness_latest(struct witness *w, struct str hash, struct witness_reply *ret,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	int r = is_hash(hash) ? file_read(path_of(&a, w, arena_strndup(&a,
	    hash.ptr, hash.len), "head"), NOTE_MAX, &b, e) : -ERR_NOTFOUND;

	if (r == -ERR_NOTFOUND) {
		reply_no(ret, 404, "no checkpoint of such a ledger was cosigned");
		return (0);
	}
	if (r != 0)
		return (reply_failed(ret, r));
	reply(ret, 200, TEXT, buf_str(&b));
	return (0);
}
