/*
 * Signed notes, verifier keys and checkpoints: no crash, and what is accepted
 * prints as it was. The first byte chooses which.
 */
#include "ledger/checkpoint.h"
#include "ledger/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
key(struct str in)
{
	BUF_SCOPED out = BUF_INIT;
	struct note_key k;

	if (note_key_parse(in, &k, NULL) != 0)
		return;
	note_key_print(&k, &out);
	if (!str_eq(buf_str(&out), in))
		abort();
}

static void
checkpoint(struct str in)
{
	BUF_SCOPED out = BUF_INIT;
	struct checkpoint c;

	if (checkpoint_parse(in, &c, NULL) != 0)
		return;
	checkpoint_print(&c, &out);
	/* Extension lines may follow. */
	if (in.len < out.len || memcmp(in.ptr, out.ptr, out.len) != 0)
		abort();
}

/* The text of the input, signed here, and the input's signature lines. */
static void
note(struct str in)
{
	static const uint8_t seed[CRYPTO_SEED] = { 7 };
	uint8_t pub[CRYPTO_PUBLIC], sig[CRYPTO_SIG];
	BUF_SCOPED b = BUF_INIT;
	struct note_key k;
	struct str text = STR("text\n"), got;

	crypto_ed25519_public(seed, pub);
	note_key_make("key", pub, &k);
	note_open(in, &k, 1, &got, NULL);
	buf_putstr(&b, text);
	buf_putc(&b, '\n');
	crypto_ed25519_sign(seed, text.ptr, text.len, sig);
	note_put_signature(&k, sig, &b);
	buf_putstr(&b, in);
	if (note_open(buf_str(&b), &k, 1, &got, NULL) == 0 &&
	    memmem(in.ptr, in.len, "\n\n", 2) == NULL && !str_eq(got, text))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return (0);
	struct str in = { (const char *)data + 1, size - 1 };
	switch (data[0] % 3) {
	case 0:
		key(in);
		break;
	case 1:
		checkpoint(in);
		break;
	default:
		note(in);
	}
	return (0);
}
