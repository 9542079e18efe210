/*
 * Receipts (C2SP tlog-proof): no crash, what is accepted prints as it was, and
 * nothing holds that was not signed; and answers of witnesses for a note.
 */
#include "ledger/cosign.h"
#include "ledger/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
note_of(struct note_key k[2], struct buf *out)
{
	static const uint8_t seed[2][CRYPTO_SEED] = { { 7 }, { 8 } };
	struct checkpoint c = { .origin = "key", .size = 1 };
	uint8_t pub[CRYPTO_PUBLIC], sig[CRYPTO_SIG];
	BUF_SCOPED text = BUF_INIT;

	crypto_ed25519_public(seed[0], pub);
	note_key_make("key", pub, &k[0]);
	crypto_ed25519_public(seed[1], pub);
	note_key_make_as(NOTE_COSIGNATURE, "w", pub, &k[1]);
	checkpoint_print(&c, &text);
	crypto_ed25519_sign(seed[0], text.ptr, text.len, sig);
	buf_putstr(out, buf_str(&text));
	buf_putc(out, '\n');
	note_put_signature(&k[0], sig, out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED note = BUF_INIT, out = BUF_INIT, was = BUF_INIT;
	struct proof_receipt *x = arena_new(&a, struct proof_receipt);
	struct note_key k[2];
	size_t n;

	if (size == 0)
		return (0);
	struct str in = { (const char *)data + 1, size - 1 };
	note_of(k, &note);
	if (data[0] % 2 == 0) {
		/* No signature of a witness can be made here. */
		buf_putstr(&was, buf_str(&note));
		if (cosign_merge(&note, in, &k[1], 1, &n, NULL) == 0 ||
		    !str_eq(buf_str(&note), buf_str(&was)))
			abort();
		return (0);
	}
	if (proof_parse(&a, in, &x->proof, NULL) == 0) {
		proof_print(&x->proof, &out);
		if (!str_eq(buf_str(&out), in))
			abort();
	}
	/* The signed root is not that of any entry. */
	buf_reset(&out);
	buf_putstr(&out, in);
	buf_putstr(&out, buf_str(&note));
	if (proof_check(&a, buf_str(&out), NULL, k, 1, x, NULL) == 0 ||
	    proof_check(&a, in, NULL, k, 1, x, NULL) == 0)
		abort();
	return (0);
}
