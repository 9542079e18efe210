/*
 * Packs: append-only files of sealed bodies, DIR/bodies/pack-NNNNNN.
 *
 *     "tickmark-pack/v1"                 16 bytes, then records:
 *      0  4  "TMB1"
 *      4  4  zero
 *      8  8  length n of the payload, big-endian
 *     16 32  commitment
 *     48 16  key id
 *     64 16  BLAKE2b-128 of bytes 0..63 and the payload
 *     80  n  payload: see body.c
 *
 * Only what lies below the size in records.db's table pack was acknowledged.
 * What follows it was being written when a crash came: whole records stay and
 * are not used; a torn one is cut off. Only body.c, ledger.c and check.c use
 * this header.
 */
#ifndef LEDGER_PACK_H
#define LEDGER_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"
#include "sys/file.h"

#define PACK_MAGIC "tickmark-pack/v1" /* PACK_HEAD bytes */
#define PACK_HEAD 16
#define PACK_RECORD_MAGIC "TMB1"
#define PACK_RECORD 80
#define PACK_LIMIT (UINT64_C(256) << 20) /* then the next one is begun */
#define PACK_READERS 8

struct pack_end {
	int64_t no;
	uint64_t end;
};

struct pack {
	char *dir;
	int64_t no;       /* the one that is written; 0: none yet */
	struct file file;
	uint64_t limit;   /* PACK_LIMIT; a test may ask for less */
	uint64_t end;     /* where the next record goes, pending ones counted */
	uint64_t flushed; /* bytes that were given to the system */
	struct buf pending;
	bool dirty;       /* something must be synced before a commit */
	bool fresh;       /* the directory as well */
	int64_t mark_no;  /* where the transaction began */
	uint64_t mark_end;
	VEC(struct pack_end) full; /* packs that it filled, in order */
	struct {
		int64_t no;
		struct file file;
	} readers[PACK_READERS];
};

/* One record, as found in a pack or in body_inline. */
struct pack_record {
	uint64_t payload; /* length */
	uint8_t commitment[32];
	uint8_t key[16];
};

void pack_init(struct pack *p, const char *dir);
void pack_free(struct pack *p);

/*
 * pack_open(p, no, size, e): go on writing pack ${no} (0: there is none),
 * ${size} bytes of which were acknowledged. Cuts a torn tail. ERR_DAMAGED if
 * the file is shorter than that.
 */
int pack_open(struct pack *p, int64_t no, uint64_t size, struct err *e);

/* pack_mark(p): a transaction begins here. */
void pack_mark(struct pack *p);
/* pack_append(p, record, ret_no, ret_off, e): buffered; see pack_sync(). */
int pack_append(struct pack *p, struct str record, int64_t *ret_no,
    uint64_t *ret_off, struct err *e);
/* pack_sync(p, e): all that was appended is durable. */
int pack_sync(struct pack *p, struct err *e);
/* pack_rollback(p): forget what was appended since the mark. */
void pack_rollback(struct pack *p);

/* pack_read(p, no, off, len, out, e): replace ${out} by so many bytes. */
int pack_read(struct pack *p, int64_t no, uint64_t off, uint64_t len,
    struct buf *out, struct err *e);

/*
 * pack_overwrite(p, no, off, record, e): put another record of the same length
 * in a record's place, durably: the payload first, then the head.
 */
int pack_overwrite(struct pack *p, int64_t no, uint64_t off, struct str record,
    struct err *e);

/* pack_path(dir, no, out, cap) */
void pack_path(const char *dir, int64_t no, char *out, size_t cap);

/*
 * The header of a record in two steps: pack_bound() writes bytes 0..63, which
 * the payload is bound to, pack_seal() the checksum over them and the payload.
 */
#define PACK_BOUND 64
void pack_bound(const struct pack_record *r, uint8_t out[PACK_RECORD]);
void pack_seal(uint8_t head[PACK_RECORD], struct str payload);

/*
 * pack_parse(bytes, ret): the record that ${bytes} begin with; false if there
 * is none. ${whole}: the payload is there as well and the checksum fits.
 */
bool pack_parse(struct str bytes, bool whole, struct pack_record *ret);

/*
 * pack_scan(file, from, to, fn, ctx, ret_end, e): each whole record between two
 * offsets, up to the first that is not; ret_end = where that was, or ${to}.
 */
typedef int pack_scan_fn(void *ctx, uint64_t off, struct str record,
    const struct pack_record *r, struct err *e);
int pack_scan(const struct file *f, uint64_t from, uint64_t to,
    pack_scan_fn *fn, void *ctx, uint64_t *ret_end, struct err *e);

/* pack_newest(dir, ret, e): the highest number there is; 0 if there is none. */
int pack_newest(const char *dir, int64_t *ret, struct err *e);

#endif
