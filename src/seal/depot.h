/*
 * Depot: a directory that holds the backups of one workspace (doc/backup.md).
 *
 *     DEPOT/tickmark-backup   what this is: id, ledger, sealed or not
 *     DEPOT/point-000007      a manifest, for each point
 *     DEPOT/data/ID           segments, immutable
 *     DEPOT/keys              the keys of the workspace, replaced each time
 *     DEPOT/erased            what was erased, replaced each time
 *     DEPOT/pending           how far an interrupted backup came
 *     DEPOT/lock              held while one is written
 *
 * Sealed objects are age files for the recovery recipients and for the
 * workspace itself, whose identity follows from its master key: so it can go
 * on where the last point ended, and try a restore, without a secret beside
 * that key. What is not sealed is the same without encryption.
 */
#ifndef SEAL_DEPOT_H
#define SEAL_DEPOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "ledger/age.h"
#include "ledger/id.h"
#include "seal/point.h"
#include "sys/file.h"

struct keys;

struct depot {
	struct arena arena;
	const char *dir;
	char id[ID_LEN + 1];
	uint8_t ledger[16]; /* names the ledger, as its hash */
	bool sealed;
	struct age_recipient to[AGE_RECIPIENTS];
	size_t nto;
	struct age_identities ids;
	bool own; /* the two below are of a workspace's keys */
	uint8_t mac[CRYPTO_KEY];
	uint8_t writer[POINT_WRITER];
	struct file lock;
};

/*
 * depot_open(dir, ret, e): to read. ERR_NOTFOUND: there is none; ERR_NEWER.
 * ${ret} is to be given to depot_close() also after an error.
 */
int depot_open(const char *dir, struct depot *ret, struct err *e);

/*
 * depot_begin(dir, origin, sealed, ret, e): to write, under its lock; made if
 * the directory is empty or missing. ERR_CONFLICT: something else is there;
 * ERR_DENIED: it is of another ledger, or the other kind; ERR_BUSY.
 */
int depot_begin(const char *dir, const char *origin, bool sealed,
    struct depot *ret, struct err *e);
void depot_close(struct depot *d); /* wipes */
#define DEPOT_SCOPED __attribute__((cleanup(depot_close))) struct depot

/* depot_own(d, keys, e): read and write as the workspace of these keys. */
int depot_own(struct depot *d, const struct keys *keys, struct err *e);
/* depot_recipient(d, r, e): one more that objects are written for. */
int depot_recipient(struct depot *d, const struct age_recipient *r,
    struct err *e);

/* depot_is_of(d, origin): is it this ledger's? */
bool depot_is_of(const struct depot *d, const char *origin);

/* --- points -------------------------------------------------------------- */

#define DEPOT_PENDING 0 /* as a number: the interrupted one */

/* depot_points(d, a, ret, ret_n, e): their numbers, ascending. */
int depot_points(const struct depot *d, struct arena *a, uint64_t **ret,
    size_t *ret_n, struct err *e);

/*
 * depot_load(d, number, ret, ret_own, e): open and read a manifest; ${ret} is
 * zeros before. ERR_DENIED: none of our identities opens it; ERR_DAMAGED names
 * the object. *ret_own (may be NULL): it was written by the workspace of
 * depot_own(), and nothing in it was changed.
 */
int depot_load(const struct depot *d, uint64_t number, struct point *ret,
    bool *ret_own, struct err *e);
/* depot_save(d, m, pending, e): write it durably; only after depot_own(). */
int depot_save(const struct depot *d, const struct point *m, bool pending,
    struct err *e);
int depot_forget(const struct depot *d, uint64_t number, struct err *e);
const char *depot_point_path(const struct depot *d, struct arena *a,
    uint64_t number);

/* --- segments ------------------------------------------------------------ */

struct depot_segment {
	struct point_segment is; /* length grows */
	struct file file;
	struct age_file out;
	struct age_writer *writer;
};

/*
 * A segment is begun, filled, and ended: padded, synced, and its size known.
 * depot_segment_drop() removes one that was not ended.
 */
int depot_segment_begin(const struct depot *d, struct depot_segment *s,
    struct err *e);
int depot_segment_put(struct depot_segment *s, const void *p, size_t n,
    struct err *e);
int depot_segment_end(struct depot_segment *s, struct err *e);
void depot_segment_drop(struct depot_segment *s);

/*
 * depot_segment_read(d, s, fn, ctx, e): its plaintext in pieces, in order, up
 * to its length. ERR_DAMAGED, ERR_NOTFOUND name the object.
 */
typedef int depot_read_fn(void *ctx, const uint8_t *p, size_t n,
    struct err *e);
int depot_segment_read(const struct depot *d,
    const struct point_segment *s, depot_read_fn *fn, void *ctx,
    struct err *e);
const char *depot_segment_path(const struct depot *d, struct arena *a,
    const struct point_segment *s);
/* depot_segment_there(d, s, e): the object is there with its size. */
int depot_segment_there(const struct depot *d,
    const struct point_segment *s, struct err *e);

/* depot_sweep(d, used, n, ret_n, e): remove all segments but these, which are
 * sorted by id, and what an interrupted write left. */
int depot_sweep(const struct depot *d, const struct point_segment *used,
    size_t n, size_t *ret_n, struct err *e);

/* --- small objects ------------------------------------------------------- */

/* depot_put, depot_get: a whole object by name, sealed as the depot is. The
 * content may be secret: ${out} is wiped by the caller. */
int depot_put(const struct depot *d, const char *name, struct str plain,
    struct err *e);
int depot_get(const struct depot *d, const char *name, uint64_t limit,
    struct buf *out, struct err *e);

#endif
