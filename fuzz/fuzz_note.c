/*
 * Signed notes, verifier keys and checkpoints: no crash, and what is accepted
 * prints as it was. The first byte chooses which. The text that is accepted is
 * always the one that was signed, by either type of key.
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

/* Signed here by both types of key, and the input's signature lines. */
static void
note(struct str in)
{
	static const uint8_t seed[2][CRYPTO_SEED] = { { 7 }, { 8 } };
	uint8_t pub[CRYPTO_PUBLIC], sig[CRYPTO_SIG];
	BUF_SCOPED b = BUF_INIT, message = BUF_INIT;
	struct note_signers by;
	struct note_key k[2];
	struct str text = STR("text\n"), got;

	crypto_ed25519_public(seed[0], pub);
	note_key_make("key", pub, &k[0]);
	crypto_ed25519_public(seed[1], pub);
	note_key_make_as(NOTE_COSIGNATURE, "key", pub, &k[1]);
	note_open(in, k, 2, &got, NULL);
	buf_putstr(&b, text);
	buf_putc(&b, '\n');
	crypto_ed25519_sign(seed[0], text.ptr, text.len, sig);
	note_put_signature(&k[0], sig, &b);
	note_cosign_message(text, 5, &message);
	crypto_ed25519_sign(seed[1], message.ptr, message.len, sig);
	note_put_cosignature(&k[1], 5, sig, &b);
	buf_putstr(&b, in);
	if (note_open_signers(buf_str(&b), k, 2, &got, &by, NULL) != 0 ||
	    memmem(in.ptr, in.len, "\n\n", 2) != NULL)
		return;
	if (!str_eq(got, text) || by.n < 2 || by.at[0].time != -1)
		abort();
	for (size_t i = 1; i < by.n; i++)
		if (by.at[i].key == 1 && by.at[i].time != 5)
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
