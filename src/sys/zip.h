/*
 * Zip archives (APPNOTE 6.3), of one form when written: every member stored,
 * without extra fields, comments or times, one after the other from byte 0,
 * then the central directory in the same order and its end. So equal members
 * give equal bytes, each byte of an archive is either content or known
 * beforehand, and a reader needs no decompressor.
 *
 * Read is what ordinary programs write as well: stored or deflated members,
 * times, extra fields, data descriptors, entries of folders (which are passed
 * over). Names are of letters, digits, "." "_" "-" and "/", relative, without
 * "." and ".." as parts, each once whatever its case. All else is refused
 * before any content is looked at, and nothing is ever written to a file here.
 */
#ifndef SYS_ZIP_H
#define SYS_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/banned.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"
#include "sys/file.h"

#define ZIP_NAME 200               /* bytes of a member's name */
#define ZIP_MEMBERS 2000000
#define ZIP_DIRECTORY (512u << 20) /* bytes of the central directory */

struct zip_member {
	const char *name;
	uint64_t size;   /* of the content */
	uint64_t packed; /* of what lies in the archive */
	uint64_t at;     /* offset of the local header */
	uint64_t data;   /* offset of the first byte of content */
	uint32_t crc;
	bool deflated;
};

/* --- writing --------------------------------------------------------------- */

/* Where the bytes go, in order. */
typedef int zip_sink_fn(void *ctx, const void *p, size_t n, struct err *e);

struct zip_writer {
	zip_sink_fn *fn;
	void *ctx;
	uint64_t at;
	struct arena a; /* names */
	VEC(struct zip_member) members;
};

void zip_begin(struct zip_writer *w, zip_sink_fn *fn, void *ctx);
/* zip_add(w, name, content, e): one member; its name is copied. BUG if the name
 * is not one, or its content has 4 GiB or more. */
int zip_add(struct zip_writer *w, const char *name, struct str content,
    struct err *e);
/* zip_end(w, e): the directory. zip_free(w): in any case. */
int zip_end(struct zip_writer *w, struct err *e);
void zip_free(struct zip_writer *w);

/* zip_local(m, out), zip_central(m, out): append a member's headers in the one
 * form; zip_tail(members, from, to, out): what follows the directory, which
 * lies between these offsets. */
void zip_local(const struct zip_member *m, struct buf *out);
void zip_central(const struct zip_member *m, struct buf *out);
void zip_tail(uint64_t members, uint64_t from, uint64_t to, struct buf *out);

/* zip_name_ok(name): may be a member's. */
bool zip_name_ok(struct str name);

/* --- reading --------------------------------------------------------------- */

enum zip_form {
	ZIP_OURS,     /* every byte is as zip_add() and zip_end() write it */
	ZIP_REPACKED, /* another program wrote it */
	ZIP_CHANGED   /* ours, but for some bytes outside of content */
};

struct zip {
	struct file file;
	uint64_t size;
	struct arena a;
	struct zip_member *members; /* in the order of the directory */
	struct zip_member **sorted; /* by name */
	size_t n;
	uint64_t total;  /* bytes of all content */
	enum zip_form form;
	char departs[ZIP_NAME + 128]; /* ZIP_CHANGED: where and what */
};

/*
 * zip_open(z, path, ratio, e): read the directory and every local header.
 * ERR_INPUT: no zip archive, or one that is refused: names, links, encryption,
 * unknown methods, members over others, ${ratio} times more content than
 * archive (and over 64 MiB). ERR_DAMAGED: it was cut off or changed: the two
 * headers of a member differ, bytes that belong to nothing.
 */
int zip_open(struct zip *z, const char *path, unsigned ratio, struct err *e);
void zip_close(struct zip *z);

/* zip_find(z, name): NULL if there is none. */
const struct zip_member *zip_find(const struct zip *z, const char *name);

/*
 * zip_each(z, m, fn, ctx, e): the content in pieces, in order. ERR_DAMAGED if it
 * has not the length or CRC-32 that its header says; what was given before was
 * then wrong too. Never gives more than m->size bytes.
 */
int zip_each(const struct zip *z, const struct zip_member *m, zip_sink_fn *fn,
    void *ctx, struct err *e);

/* zip_get(z, m, limit, out, e): replace ${out} by the content; ERR_LIMIT if it
 * has more than ${limit} bytes. */
int zip_get(const struct zip *z, const struct zip_member *m, uint64_t limit,
    struct buf *out, struct err *e);

#endif
