/*
 * Stored bodies. The first byte chooses how deep the input goes: the record as
 * it stands, the payload under a good checksum, or what is sealed inside.
 */
#include "ledger/body.h"
#include "ledger/pack.h"
#include "ledger/private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
wrap(struct str payload, const struct keys *k, struct buf *out)
{
	struct pack_record r = { .payload = payload.len };

	memcpy(r.key, k->body.id, sizeof(r.key));
	buf_reserve(out, PACK_RECORD);
	pack_bound(&r, (uint8_t *)out->ptr);
	pack_seal((uint8_t *)out->ptr, payload);
	out->len = PACK_RECORD;
	buf_putstr(out, payload);
}

/* One piece, sealed with the right key. */
static void
seal(struct str inner, const struct keys *k, struct buf *out)
{
	BUF_SCOPED payload = BUF_INIT;
	struct pack_record r = { .payload = CRYPTO_STREAM_HEADER + inner.len +
		CRYPTO_STREAM_EXTRA };
	struct crypto_stream s;
	uint8_t head[PACK_RECORD];

	memcpy(r.key, k->body.id, sizeof(r.key));
	pack_bound(&r, head);
	buf_reserve(&payload, (size_t)r.payload);
	crypto_stream_seal_begin(&s, (uint8_t *)payload.ptr, k->body.seal);
	crypto_stream_seal(&s, (uint8_t *)payload.ptr + CRYPTO_STREAM_HEADER,
	    inner.ptr, inner.len, head, PACK_BOUND, true);
	payload.len = (size_t)r.payload;
	wrap(buf_str(&payload), k, out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[CRYPTO_KEY] = { 1 }, zero[BODY_HASH];
	BUF_SCOPED record = BUF_INIT, out = BUF_INIT;
	struct keys k = { .dir = NULL };
	struct pack_record r;

	if (size == 0 || size > 60000)
		return (0);
	keys_expand(key, &k.body);
	memcpy(k.body.id, "body-key12345678", KEYS_ID);
	struct str in = { (const char *)data + 1, size - 1 };
	switch (data[0] % 3) {
	case 0:
		buf_putstr(&record, in);
		break;
	case 1:
		wrap(in, &k, &record);
		break;
	default:
		seal(in, &k, &record);
	}
	pack_parse(buf_str(&record), false, &r);
	/* A commitment of zeros has no preimage. */
	if (body_unseal(&k, buf_str(&record), zero, "fuzz", &out, NULL) == 0)
		abort();
	return (0);
}
