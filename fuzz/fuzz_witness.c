/*
 * Requests to a witness (C2SP tlog-witness): no crash, one of the statuses of
 * the specification, and nothing is cosigned that its ledger did not sign.
 */
#include "ledger/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t seed[CRYPTO_SEED] = { 7 };
	ARENA_SCOPED a = ARENA_INIT;
	struct witness_request *q = arena_new(&a, struct witness_request);
	struct witness_log *log = arena_new(&a, struct witness_log);
	struct note_signers *by = arena_new(&a, struct note_signers);
	uint8_t pub[CRYPTO_PUBLIC], sig[CRYPTO_SIG];
	BUF_SCOPED b = BUF_INIT;
	struct err e;
	int status;

	if (size == 0)
		return (0);
	struct str in = { (const char *)data + 1, size - 1 };
	/* The input's text, signed here: what a ledger may do. */
	buf_putstr(&b, in);
	crypto_ed25519_public(seed, pub);
	if (data[0] % 2 == 0) {
		ptrdiff_t at = str_find(in, "\n\n");
		if (at < 0)
			return (0);
		at += 2;
		crypto_ed25519_sign(seed, in.ptr + at, in.len - (size_t)at,
		    sig);
		note_key_make("key", pub, &log->keys[0]);
		buf_putc(&b, '\n');
		note_put_signature(&log->keys[0], sig, &b);
	}
	if (witness_parse(buf_str(&b), q, &e) != 0)
		return (0);
	if (q->n > WITNESS_HASHES || !note_name_ok(str_from(q->head.origin)))
		return (0);
	note_key_make(q->head.origin, pub, &log->keys[0]);
	log->nkeys = 1;
	log->seen = data[0] % 3 != 0;
	log->size = log->seen ? data[0] % 8 : 0;
	status = witness_judge(log, q, by, &e);
	if (status != 200 && status != 400 && status != 403 && status != 409 &&
	    status != 422)
		abort();
	if (status == 200 && (q->old != log->size || by->n == 0 ||
	    data[0] % 2 != 0))
		abort();
	return (0);
}
