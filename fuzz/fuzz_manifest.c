/*
 * What stands in a bundle beside the archive: the first byte chooses a manifest,
 * keys of cells, or an open body (under a checksum that is made to fit). What is
 * accepted prints as it was.
 */
#include "ledger/disclose.h"
#include "ledger/pack.h"
#include "seal/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
manifest(struct str in)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED out = BUF_INIT;
	struct manifest m;

	if (manifest_parse(&a, in, &m, NULL) != 0)
		return;
	manifest_print(&m, &out);
	if (!str_eq(buf_str(&out), in))
		abort();
}

static void
keys(struct str in)
{
	ARENA_SCOPED a = ARENA_INIT;
	BUF_SCOPED out = BUF_INIT;
	struct disclose_key *k;
	size_t n;

	if (disclose_keys_parse(&a, in, &k, &n, NULL) != 0)
		return;
	disclose_keys_print(k, n, &out);
	if (!str_eq(buf_str(&out), in))
		abort();
}

static void
body(struct str in)
{
	BUF_SCOPED record = BUF_INIT, plain = BUF_INIT;
	struct pack_record r = { .payload = in.len, .key = "open" };
	uint8_t c[BODY_HASH];
	struct err e;

	/* The commitment is the first 32 bytes: nobody can guess the right one,
	 * so that nothing may be accepted. */
	memcpy(r.commitment, in.ptr, in.len < 32 ? in.len : 32);
	buf_reserve(&record, PACK_RECORD + in.len + 1);
	pack_bound(&r, (uint8_t *)record.ptr);
	pack_seal((uint8_t *)record.ptr, in);
	record.len = PACK_RECORD;
	buf_putstr(&record, in);
	if (disclose_open(buf_str(&record), "here", c, &plain, &e) == 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > 1 << 17)
		return (0);
	struct str in = { (const char *)data + 1, size - 1 };
	switch (data[0] % 3) {
	case 0:
		manifest(in);
		break;
	case 1:
		keys(in);
		break;
	default:
		body(in);
	}
	return (0);
}
