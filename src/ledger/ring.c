#include "ledger/ring.h"

#include "base/arena.h"
#include "base/clock.h"
#include "sys/file.h"

#define MAGIC "tickmark-keyring/v1"
#define LABEL "tickmark/keyring/v1"
#define LIMIT (256u << 10)

const char *
ring_path(struct arena *a, const struct keys *k, const char *name)
{
	return (arena_printf(a, "%s/%s", k->dir, name));
}

static void
ring_key(const uint8_t master[CRYPTO_KEY], uint8_t out[CRYPTO_KEY])
{
	crypto_hkdf(master, CRYPTO_KEY, NULL, 0, LABEL, out, CRYPTO_KEY);
}

static void
wipe(struct buf *b)
{
	if (b->ptr != NULL)
		crypto_wipe(b->ptr, b->cap);
}

/* --- writing ---------------------------------------------------------------- */

static void
put_key(struct buf *b, const uint8_t key[CRYPTO_KEY])
{
	buf_puthex(b, key, CRYPTO_KEY);
	buf_putc(b, '\n');
}

static void
put_signer(struct buf *b, const char *word, const struct note_key *n,
    const uint8_t seed[CRYPTO_SEED])
{
	buf_printf(b, "%s ", word);
	note_key_print(n, b);
	buf_putc(b, ' ');
	put_key(b, seed);
}

static void
print(const struct keys *k, struct buf *b)
{
	/* No copy of keys stays in a block that was given back. */
	buf_reserve(b, 1024 + k->nbodies * 128);
	put_signer(b, "sign", &k->note, k->seed);
	if (k->has_next)
		put_signer(b, "next", &k->next, k->next_seed);
	for (size_t i = 0; i < k->nbodies; i++) {
		buf_printf(b, "body %lld ", (long long)k->bodies[i].since);
		put_key(b, k->bodies[i].key);
	}
	for (size_t i = 0; i < k->nwraps; i++) {
		buf_puts(b, "wrap ");
		put_key(b, k->wraps[i]);
	}
	buf_puts(b, "tag ");
	put_key(b, k->subject_tag);
	buf_puts(b, "root ");
	put_key(b, k->root);
}

int
ring_write(const struct keys *k, const uint8_t master[CRYPTO_KEY],
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED clear = BUF_INIT, sealed = BUF_INIT, out = BUF_INIT;
	uint8_t key[CRYPTO_KEY], nonce[CRYPTO_NONCE];

	print(k, &clear);
	rng_bytes(nonce, sizeof(nonce));
	buf_put(&sealed, nonce, sizeof(nonce));
	buf_reserve(&sealed, clear.len + CRYPTO_TAG + 1);
	ring_key(master, key);
	crypto_seal((uint8_t *)sealed.ptr + sealed.len, clear.ptr, clear.len,
	    MAGIC "\n", sizeof(MAGIC), nonce, key);
	sealed.len += clear.len + CRYPTO_TAG;
	crypto_wipe(key, sizeof(key));
	wipe(&clear);
	buf_puts(&out, MAGIC "\n");
	buf_putb64(&out, sealed.ptr, sealed.len);
	buf_putc(&out, '\n');
	return (file_write(ring_path(&a, k, "keyring"), 0400, out.ptr, out.len,
	    e));
}

/* --- reading ---------------------------------------------------------------- */

static bool
take_signer(struct str rest, struct note_key *n, uint8_t seed[CRYPTO_SEED])
{
	uint8_t pub[CRYPTO_PUBLIC];
	struct str vkey, hex;

	if (!str_split(&rest, ' ', &vkey) || !str_split(&rest, ' ', &hex) ||
	    rest.ptr != NULL || note_key_parse(vkey, n, NULL) != 0 ||
	    n->type != NOTE_ED25519 || !str_unhex(hex, seed, CRYPTO_SEED))
		return (false);
	crypto_ed25519_public(seed, pub);
	return (crypto_same(pub, n->public, CRYPTO_PUBLIC));
}

static bool
take_body(struct keys *k, struct str rest)
{
	struct str since, hex;

	if (k->nbodies == KEYS_BODIES || !str_split(&rest, ' ', &since) ||
	    !str_split(&rest, ' ', &hex) || rest.ptr != NULL ||
	    !str_to_i64(since, &k->bodies[k->nbodies].since) ||
	    !str_unhex(hex, k->bodies[k->nbodies].key, CRYPTO_KEY))
		return (false);
	k->nbodies++;
	return (true);
}

/* One line. ${seen}: how many of sign, tag and root there were. */
static bool
take_line(struct keys *k, struct str line, unsigned seen[3])
{
	struct str word;

	if (!str_split(&line, ' ', &word) || line.ptr == NULL)
		return (false);
	if (str_is(word, "sign"))
		return (seen[0]++ == 0 && take_signer(line, &k->note, k->seed));
	if (str_is(word, "next")) {
		bool first = !k->has_next;
		k->has_next = true;
		return (first && take_signer(line, &k->next, k->next_seed));
	}
	if (str_is(word, "body"))
		return (take_body(k, line));
	if (str_is(word, "wrap"))
		return (k->nwraps < KEYS_WRAPS &&
		    str_unhex(line, k->wraps[k->nwraps++], CRYPTO_KEY));
	if (str_is(word, "tag"))
		return (seen[1]++ == 0 &&
		    str_unhex(line, k->subject_tag, CRYPTO_KEY));
	return (str_is(word, "root") && seen[2]++ == 0 &&
	    str_unhex(line, k->root, CRYPTO_KEY));
}

static bool
parse(struct keys *k, struct str text)
{
	unsigned seen[3] = { 0 };
	struct str line;

	if (text.len == 0 || text.ptr[text.len - 1] != '\n')
		return (false);
	text.len--;
	while (str_split(&text, '\n', &line))
		if (!take_line(k, line, seen))
			return (false);
	return (seen[0] == 1 && seen[1] == 1 && seen[2] == 1 &&
	    k->nbodies != 0 && k->nwraps != 0 &&
	    (!k->has_next || strcmp(k->next.name, k->note.name) == 0));
}

static int
damaged(const char *path, struct err *e, const char *what)
{
	return (err_set(e, ERR_DAMAGED, path, "put it back from its backup",
	    "the keyring: %s", what));
}

static int
open_ring(struct str b64, const uint8_t master[CRYPTO_KEY], const char *path,
    struct keys *k, struct err *e)
{
	BUF_SCOPED sealed = BUF_INIT, clear = BUF_INIT;
	uint8_t key[CRYPTO_KEY];
	bool ok;

	if (!str_unb64(b64, &sealed) ||
	    sealed.len < CRYPTO_NONCE + CRYPTO_TAG)
		return (damaged(path, e, "its second line is not whole"));
	size_t n = sealed.len - CRYPTO_NONCE;
	buf_reserve(&clear, n + 1);
	ring_key(master, key);
	ok = crypto_open((uint8_t *)clear.ptr, (uint8_t *)sealed.ptr +
	    CRYPTO_NONCE, n, MAGIC "\n", sizeof(MAGIC), (uint8_t *)sealed.ptr,
	    key);
	crypto_wipe(key, sizeof(key));
	if (!ok)
		return (1);
	clear.len = n - CRYPTO_TAG;
	k->nbodies = k->nwraps = 0;
	k->has_next = false;
	ok = parse(k, buf_str(&clear));
	wipe(&clear);
	return (ok ? 0 : damaged(path, e, "its content has another form"));
}

int
ring_read(const char *dir, const uint8_t master[CRYPTO_KEY], struct keys *k,
    struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED b = BUF_INIT;
	const char *path = arena_printf(&a, "%s/keyring", dir);
	struct str rest, magic, b64;
	int r;

	if (!file_exists(path))
		return (err_set(e, ERR_NOTFOUND, path, NULL,
		    "there is no keyring"));
	if ((r = keys_private(path, e)) != 0 ||
	    (r = file_read(path, LIMIT, &b, e)) != 0)
		return (r);
	rest = buf_str(&b);
	if (!str_split(&rest, '\n', &magic) ||
	    !str_starts(magic, "tickmark-keyring/"))
		return (damaged(path, e, "it is not such a file"));
	if (!str_is(magic, MAGIC))
		return (err_set(e, ERR_NEWER, path, "use that version",
		    "the keyring is of a newer version: " STR_FMT,
		    STR_ARG(magic)));
	if (!str_split(&rest, '\n', &b64) || rest.ptr == NULL || rest.len != 0)
		return (damaged(path, e, "it has not two lines"));
	return (open_ring(b64, master, path, k, e));
}
