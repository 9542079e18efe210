/*
 * Manifest: what one point of a backup consists of. Files of the workspace are
 * made of pieces, and pieces lie in segments: objects of the depot, which are
 * never changed and which later points go on using. Text, doc/backup.md.
 *
 *     tickmark-backup/v1
 *     origin NAME             of the ledger
 *     number 7                of the point
 *     made 1764028800000000   when, microseconds UTC
 *     entries 1234            in records.db
 *     time 1764028799000000   of the last of them
 *     checkpoint 1230 HASH    signed head of the ledger: size and root
 *     schema 1                version of records.db
 *     keys yes                there are keys in the depot
 *     writer HEX              names the key that the last line is made with
 *     segment ID LENGTH BYTES plaintext and object, any number
 *     file MODE SIZE PATH     sorted by path; its pieces follow
 *     piece SEGMENT OFFSET LENGTH SHA256
 *     mac HEX                 HMAC-SHA256 over all the lines above
 */
#ifndef SEAL_POINT_H
#define SEAL_POINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"
#include "sys/crypto.h"

#define POINT_PIECE (4u << 20) /* bytes of a piece, at most */
#define POINT_MAX (UINT64_C(1) << 30) /* bytes of a manifest */
#define POINT_ID 32 /* digits of the name of a segment */
#define POINT_WRITER 8 /* bytes */

struct point_segment {
	char id[POINT_ID + 1];
	uint64_t length; /* of its plaintext, padding included */
	uint64_t bytes;  /* of the object */
};

struct point_piece {
	uint32_t segment; /* index */
	uint32_t length;
	uint64_t offset;  /* in the segment's plaintext */
	uint8_t hash[CRYPTO_HASH];
};

struct point_file {
	const char *path; /* relative to the workspace */
	uint32_t mode;
	uint64_t size;
	size_t first, n;  /* of the pieces */
};

struct point {
	struct arena arena; /* of origin and paths */
	const char *origin;
	uint64_t number;
	int64_t made;
	uint64_t entries;
	int64_t time;
	uint64_t size;      /* of the checkpoint */
	uint8_t root[CRYPTO_HASH];
	int64_t schema;
	bool keys;
	uint8_t writer[POINT_WRITER];
	VEC(struct point_segment) segments;
	VEC(struct point_file) files;
	VEC(struct point_piece) pieces;
};

void point_free(struct point *m); /* may be all zeros */
#define POINT_SCOPED __attribute__((cleanup(point_free))) struct point

/* point_path_ok(s): relative, no empty part, no "." and "..", one line of
 * UTF-8 without control characters. */
bool point_path_ok(struct str s);

/* point_print(m, key, out): append it. */
void point_print(const struct point *m, const uint8_t key[CRYPTO_KEY],
    struct buf *out);

/*
 * point_parse(text, key, ret, ret_own, e): strict: what is accepted prints
 * as it was. ${key} NULL does not look at the mac; else *ret_own says whether
 * it was made with this key. ERR_DAMAGED names the line; ERR_NEWER. ${ret} is
 * zeros before, and is to be freed also after an error.
 */
int point_parse(struct str text, const uint8_t *key, struct point *ret,
    bool *ret_own, struct err *e);

/* point_file(m, path): or NULL. */
const struct point_file *point_file(const struct point *m,
    const char *path);

/* point_bytes(m): of all files. */
uint64_t point_bytes(const struct point *m);

#endif
