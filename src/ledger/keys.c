#include "ledger/keys.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ledger/private.h"
#include "ledger/ring.h"
#include "sys/file.h"

#define CREDENTIAL "tickmark-master"
#define WRAPPED (CRYPTO_NONCE + CRYPTO_SEED + CRYPTO_TAG)

void
keys_derive(const struct keys *k, const char *label, uint8_t out[CRYPTO_KEY])
{
	crypto_hkdf(k->root, CRYPTO_KEY, NULL, 0, label, out, CRYPTO_KEY);
}

void
keys_expand(const uint8_t key[CRYPTO_KEY], struct keys_set *set)
{
	uint8_t b[2 * CRYPTO_KEY];

	crypto_blake2b(b, sizeof(b), "tickmark-body-keys/v1", 21, key,
	    CRYPTO_KEY);
	memcpy(set->seal, b, CRYPTO_KEY);
	memcpy(set->salt, b + CRYPTO_KEY, CRYPTO_KEY);
	crypto_blake2b(b, sizeof(b), "tickmark-cell-keys/v1", 21, key,
	    CRYPTO_KEY);
	memcpy(set->cell, b, CRYPTO_KEY);
	memcpy(set->tag, b + CRYPTO_KEY, CRYPTO_KEY);
	crypto_wipe(b, sizeof(b));
}

void
keys_body_set(const uint8_t key[CRYPTO_KEY], struct keys_set *set)
{
	uint8_t id[16];

	keys_expand(key, set);
	memcpy(set->id, "body-key", 8);
	crypto_blake2b(id, sizeof(id), "tickmark-key-id/v1", 18, key,
	    CRYPTO_KEY);
	memcpy(set->id + 8, id, KEYS_ID - 8);
}

void
keys_use_bodies(struct keys *k)
{
	keys_body_set(k->bodies[0].key, &k->body);
}

bool
keys_find_body(const struct keys *k, const uint8_t id[KEYS_ID],
    struct keys_set *ret)
{
	if (memcmp(id, "body-key", 8) != 0)
		return (false);
	if (memcmp(id, k->body.id, KEYS_ID) == 0) {
		*ret = k->body;
		return (true);
	}
	for (size_t i = 1; i < k->nbodies; i++) {
		keys_body_set(k->bodies[i].key, ret);
		if (memcmp(id, ret->id, KEYS_ID) == 0)
			return (true);
	}
	crypto_wipe(ret, sizeof(*ret));
	return (false);
}

/* The keys that follow from the master key alone, where there is no ring. */
static void
derive_all(struct keys *k)
{
	memcpy(k->root, k->master, CRYPTO_KEY);
	k->bodies[0].since = 0;
	keys_derive(k, "tickmark/body/v1", k->bodies[0].key);
	k->nbodies = 1;
	keys_derive(k, "tickmark/subject-wrap/v1", k->wraps[0]);
	k->nwraps = 1;
	keys_derive(k, "tickmark/subject-tag/v1", k->subject_tag);
}

/* --- the master key ------------------------------------------------------ */

/* Where systemd put it, or NULL; in ${a}. */
static const char *
credential(struct arena *a)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	const char *path;

	if (dir == NULL || *dir == '\0')
		return (NULL);
	path = arena_printf(a, "%s/" CREDENTIAL, dir);
	return (file_exists(path) ? path : NULL);
}

int
keys_private(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return (file_error(e, errno, "looking at the key", path));
	if ((st.st_mode & 077) != 0)
		return (err_set(e, ERR_DENIED, path,
		    "chmod 0400 it, and think of replacing the key",
		    "others may read this key (mode %04o)",
		    (unsigned)st.st_mode & 07777));
	return (0);
}

static int
read_master(const char *dir, const char *name, uint8_t out[CRYPTO_KEY],
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	const char *path = arena_printf(&a, "%s/%s", dir, name);
	int r;

	if (!file_exists(path)) {
		const char *cred = strcmp(name, RING_NEXT) == 0 ? NULL :
		    credential(&a);
		if (cred == NULL)
			return (err_set(e, ERR_NOTFOUND, path,
			    "put it back from its backup, or pass it as the "
			    "systemd credential " CREDENTIAL,
			    "the master key is not there"));
		path = cred;
	} else if ((r = keys_private(path, e)) != 0) {
		return (r);
	}
	if ((r = file_read(path, 4096, &b, e)) != 0)
		return (r);
	if (b.len == CRYPTO_KEY)
		memcpy(out, b.ptr, CRYPTO_KEY);
	else
		r = err_set(e, ERR_DAMAGED, path, "put it back from its backup",
		    "the master key has %zu bytes instead of %d", b.len,
		    CRYPTO_KEY);
	crypto_wipe(b.ptr, b.cap);
	return (r);
}

/*
 * The ring by the master key; while a rotation is on its way the new one lies
 * beside the old, and the ring says which of the two is in force. 1: neither.
 */
static int
read_ring(struct keys *k, struct err *e)
{
	uint8_t other[CRYPTO_KEY];
	int r = ring_read(k->dir, k->master, k, e);

	if (r <= 0 || read_master(k->dir, RING_NEXT, other, NULL) != 0)
		return (r);
	r = ring_read(k->dir, other, k, e);
	if (r == 0) {
		memcpy(k->master, other, CRYPTO_KEY);
		k->by_next = true;
	}
	crypto_wipe(other, sizeof(other));
	return (r);
}

/* The master key, and with it the ring if there is one. */
static int
read_keys(struct keys *k, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *path = ring_path(&a, k, "keyring");
	int r = 1;

	/* Once more: a rotation may have gone on between the two files. */
	for (int i = 0; r == 1 && i < 2; i++) {
		r = read_master(k->dir, "master.key", k->master, e);
		k->ring = r == 0 && file_exists(path);
		if (k->ring)
			r = read_ring(k, e);
		else if (r == 0)
			derive_all(k);
	}
	if (r != 1)
		return (r);
	return (err_set(e, ERR_DAMAGED, path,
	    "put master.key and keyring back from the same backup",
	    "the keyring does not fit the master key: one of the two is "
	    "damaged or of another time or workspace"));
}

int
keys_master(const char *dir, bool make, uint8_t out[CRYPTO_KEY], struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *path = arena_printf(&a, "%s/master.key", dir);
	struct keys *k;

	if (make && !file_exists(path) && credential(&a) == NULL) {
		rng_bytes(out, CRYPTO_KEY);
		return (file_write(path, 0400, out, CRYPTO_KEY, e));
	}
	/* A key that was put there before, or systemd's. */
	k = calloc(1, sizeof(*k));
	if (k == NULL)
		err_oom(sizeof(*k));
	k->dir = arena_strdup(&a, dir);
	int r = read_keys(k, e);
	if (r == 0)
		memcpy(out, k->root, CRYPTO_KEY);
	crypto_wipe(k, sizeof(*k));
	free(k);
	return (r);
}

/* --- seeds of signing keys ----------------------------------------------- */

/* "ledger-key": what it is, in the file and in the label of its wrapping. */
static void
seed_key(const uint8_t master[CRYPTO_KEY], const char *use,
    uint8_t out[CRYPTO_KEY])
{
	char label[64];

	snprintf(label, sizeof(label), "tickmark/%s/v1", use);
	crypto_hkdf(master, CRYPTO_KEY, NULL, 0, label, out, CRYPTO_KEY);
}

int
keys_write_seed(const uint8_t master[CRYPTO_KEY], const char *use,
    const struct note_key *n, const uint8_t seed[CRYPTO_SEED],
    const char *path, struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	uint8_t wrap[CRYPTO_KEY], out[WRAPPED];

	/* The first two lines are bound to the wrapped seed. */
	buf_printf(&b, "tickmark-%s/v1\n", use);
	note_key_print(n, &b);
	buf_putc(&b, '\n');
	seed_key(master, use, wrap);
	rng_bytes(out, CRYPTO_NONCE);
	crypto_seal(out + CRYPTO_NONCE, seed, CRYPTO_SEED, b.ptr, b.len, out,
	    wrap);
	crypto_wipe(wrap, sizeof(wrap));
	buf_putb64(&b, out, sizeof(out));
	buf_putc(&b, '\n');
	return (file_write(path, 0400, b.ptr, b.len, e));
}

static int
bad_seed(const char *path, struct err *e, const char *what)
{
	return (err_set(e, ERR_DAMAGED, path, "put it back from its backup",
	    "the signing key: %s", what));
}

static int
unwrap_seed(const uint8_t master[CRYPTO_KEY], const char *use, struct str head,
    struct str line, const struct note_key *n, uint8_t seed[CRYPTO_SEED],
    const char *path, struct err *e)
{
	BUF_SCOPED raw = BUF_INIT;
	uint8_t wrap[CRYPTO_KEY], pub[CRYPTO_PUBLIC];
	bool ok;

	if (!str_unb64(line, &raw) || raw.len != WRAPPED)
		return (bad_seed(path, e, "the third line is no key"));
	seed_key(master, use, wrap);
	ok = crypto_open(seed, raw.ptr + CRYPTO_NONCE, WRAPPED - CRYPTO_NONCE,
	    head.ptr, head.len, (uint8_t *)raw.ptr, wrap);
	crypto_wipe(wrap, sizeof(wrap));
	if (!ok)
		return (bad_seed(path, e,
		    "it does not fit the master key: one of the two is "
		    "damaged or of another workspace"));
	crypto_ed25519_public(seed, pub);
	if (!crypto_same(pub, n->public, CRYPTO_PUBLIC))
		return (bad_seed(path, e, "it is not of its name"));
	return (0);
}

int
keys_read_seed(const uint8_t master[CRYPTO_KEY], const char *use,
    const char *path, struct note_key *n, uint8_t seed[CRYPTO_SEED],
    struct err *e)
{
	BUF_SCOPED b = BUF_INIT;
	struct str rest, magic, vkey, wrapped, head;
	char want[64];
	int r;

	if (!file_exists(path))
		return (err_set(e, ERR_NOTFOUND, path,
		    "put it back from its backup",
		    "the signing key is not there"));
	if ((r = keys_private(path, e)) != 0 ||
	    (r = file_read(path, 4096, &b, e)) != 0)
		return (r);
	rest = buf_str(&b);
	snprintf(want, sizeof(want), "tickmark-%s/", use);
	if (!str_split(&rest, '\n', &magic) || !str_starts(magic, want))
		return (bad_seed(path, e, "it is not such a file"));
	snprintf(want, sizeof(want), "tickmark-%s/v1", use);
	if (!str_is(magic, want))
		return (err_set(e, ERR_NEWER, path, "use that version",
		    "the key file is of a newer version: " STR_FMT,
		    STR_ARG(magic)));
	if (!str_split(&rest, '\n', &vkey) ||
	    !str_split(&rest, '\n', &wrapped) || rest.ptr == NULL ||
	    rest.len != 0)
		return (bad_seed(path, e, "it has not three lines"));
	if (note_key_parse(vkey, n, NULL) != 0)
		return (bad_seed(path, e, "the second line is no key"));
	head = (struct str){ b.ptr, (size_t)(wrapped.ptr - b.ptr) };
	return (unwrap_seed(master, use, head, wrapped, n, seed, path, e));
}

/* --- create, open, close ------------------------------------------------- */

static int
create_in(struct keys *k, const char *origin, struct arena *a, struct err *e)
{
	const char *ledger = arena_printf(a, "%s/ledger.key", k->dir);
	uint8_t pub[CRYPTO_PUBLIC];
	int r;

	if (file_exists(ledger) || file_exists(ring_path(a, k, "keyring")))
		return (err_set(e, ERR_CONFLICT, ledger,
		    "choose another directory",
		    "there are keys here already"));
	if ((r = keys_master(k->dir, true, k->master, e)) != 0)
		return (r);
	rng_bytes(k->seed, CRYPTO_SEED);
	crypto_ed25519_public(k->seed, pub);
	note_key_make(origin, pub, &k->note);
	return (keys_write_seed(k->master, KEYS_LEDGER, &k->note, k->seed,
	    ledger, e));
}

int
keys_create(const char *dir, const char *origin, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct keys *k;
	int r;

	if (!note_name_ok(str_from(origin)))
		return (err_set(e, ERR_INPUT, "origin",
		    "use a name without spaces and +, at most 200 bytes",
		    "\"%s\" cannot name a ledger", origin));
	r = file_mkdirs(dir, 0700, e);
	if (r != 0)
		return (r);
	k = calloc(1, sizeof(*k));
	if (k == NULL)
		err_oom(sizeof(*k));
	k->dir = arena_strdup(&a, dir);
	r = create_in(k, origin, &a, e);
	crypto_wipe(k, sizeof(*k));
	free(k);
	return (r);
}

static int
open_ledger_key(struct keys *k, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	const char *path = arena_printf(&a, "%s/ledger.key", k->dir);
	int r = keys_read_seed(k->master, KEYS_LEDGER, path, &k->note, k->seed,
	    e);

	if (r == 0 && k->note.type != NOTE_ED25519)
		r = bad_seed(path, e, "it is not a key of a ledger");
	return (r);
}

int
keys_open(const char *dir, struct keys **ret, struct err *e)
{
	struct keys *k = calloc(1, sizeof(*k));
	int r;

	if (k == NULL || (k->dir = strdup(dir)) == NULL)
		err_oom(sizeof(*k));
	r = read_keys(k, e);
	if (r == 0 && !k->ring && (r = open_ledger_key(k, e)) ==
	    -ERR_NOTFOUND) {
		/* Or the ring came, and that file went. */
		struct err x;
		int again = read_keys(k, &x);
		if (again != 0 || k->ring)
			r = again;
	}
	if (r != 0) {
		keys_close(k);
		return (r);
	}
	keys_use_bodies(k);
	*ret = k;
	return (0);
}

void
keys_close(struct keys *k)
{
	if (k == NULL)
		return;
	subject_close(k);
	free(k->disclosed);
	free(k->dir);
	crypto_wipe(k, sizeof(*k));
	free(k);
}

const struct keys_set *
keys_body(const struct keys *k)
{
	return (&k->body);
}

const char *
keys_origin(const struct keys *k)
{
	return (k->note.name);
}

const uint8_t *
keys_public(const struct keys *k)
{
	return (k->note.public);
}

void
keys_sign(const struct keys *k, struct str text, uint8_t out[CRYPTO_SIG])
{
	crypto_ed25519_sign(k->seed, text.ptr, text.len, out);
}

const char *
keys_dir(const struct keys *k)
{
	return (k->dir);
}
