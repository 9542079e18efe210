/* Files that performances of controls were shown by: each is what its record
 * says it is, by size and SHA-256. */
#include <inttypes.h>

#include "record/attach.h"
#include "record/store.h"
#include "seal/verify_private.h"
#include "sys/crypto.h"

struct files {
	struct verify *v;
	struct buf bytes;
	uint64_t same, away;
};

static bool
is_same(const struct files *f, const struct record *p)
{
	BUF_SCOPED hex = BUF_INIT;
	uint8_t hash[CRYPTO_HASH];

	crypto_sha256(f->bytes.ptr, f->bytes.len, hash);
	buf_puthex(&hex, hash, sizeof(hash));
	return (str_eq(buf_str(&hex), record_str(p, F_PERFORMANCE_FILE_HASH)) &&
	    record_int(p, F_PERFORMANCE_FILE_SIZE, -1) ==
	    (int64_t)f->bytes.len);
}

static int
take_one(void *ctx, const struct record *p, struct err *e)
{
	struct files *f = ctx;
	struct err own;
	int64_t entry = record_int(p, F_PERFORMANCE_FILE_ENTRY, -1);

	if (entry < 0)
		return (0);
	int r = attach_get(f->v->work.ledger, (uint64_t)entry, p->type,
	    &f->bytes, &own);
	if (r == -ERR_ERASED || r == -ERR_NOTFOUND) {
		f->away++;
		return (0);
	}
	if (r != 0)
		return (verify_found(f->v, "files", r, &own, e));
	if (is_same(f, p))
		f->same++;
	else
		verify_bad(f->v, "files", "the file that entry %" PRId64 " attaches "
		    "is not the one that performance " STR_FMT " names", entry,
		    STR_ARG(p->id));
	return (0);
}

int
verify_files(struct verify *v, struct err *e)
{
	ARENA_SCOPED a = ARENA_INIT;
	struct files f = { .v = v };
	uint64_t before = v->problems;
	int r = store_each(&v->work.records, &a, schema_get(T_PERFORMANCE), true,
	    take_one, &f, e);

	buf_free(&f.bytes);
	if (r == 0 && f.same != 0 && v->problems == before)
		verify_ok(v, "files", "%" PRIu64 " files that show how controls were "
		    "carried out are what their records say", f.same);
	if (r == 0 && f.away != 0)
		verify_not(v, "files", "%" PRIu64 " files are withheld or erased; "
		    "their records name SHA-256 and size", f.away);
	return (r);
}
