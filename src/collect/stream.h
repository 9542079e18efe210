/*
 * The stream between a collector and its runner (doc/collectors.md): frames of
 * a length, a type and a payload. This file knows bytes alone; it is where
 * what a broken collector writes is met first.
 */
#ifndef COLLECT_STREAM_H
#define COLLECT_STREAM_H

#include "base/err.h"
#include "base/str.h"
#include "schema/schema.h"

#define STREAM_HEAD 5 /* u32 length of the payload, u8 type; little-endian */
#define STREAM_MAX ((size_t)32 << 20) /* of a payload */

/* X(name, byte): payloads in doc/collectors.md. */
#define STREAM_FRAMES(X)                                                       \
	X(BOX, 'S')      /* the sandbox is closed: its report */               \
	X(TABLE, 'T')    /* a table begins */                                  \
	X(ROW, 'R')      /* one row of it */                                   \
	X(END, 'E')      /* it ends: complete */                               \
	X(BLIND, 'B')    /* a table could not be read */                       \
	X(RAW, 'W')      /* bytes as they came */                              \
	X(PROGRESS, 'P')                                                       \
	X(ASK, 'A')      /* a question to the helper */                        \
	X(FAIL, 'F')     /* the run failed */                                  \
	X(DONE, 'D')     /* nothing follows */

enum stream_type {
#define X(name, byte) STREAM_##name = byte,
	STREAM_FRAMES(X)
#undef X
};

struct stream_frame {
	enum stream_type type;
	struct str payload;
};

/* --- writing: appends to ${b} --------------------------------------------- */

/* stream_begin(b, type): where the frame starts, for stream_finish(). */
size_t stream_begin(struct buf *b, enum stream_type type);
void stream_finish(struct buf *b, size_t start);
void stream_put_int(struct buf *b, int64_t i);     /* 8 bytes */
void stream_put_str(struct buf *b, struct str s);  /* u32 and the bytes */
void stream_put_row(struct buf *b, const struct schema_type *t,
    const struct cell *cells);

/* --- reading -------------------------------------------------------------- */

struct stream {
	struct buf in;
	size_t at;
};

/* stream_room(s, n): where to put up to ${n} more bytes; then stream_add(). */
char *stream_room(struct stream *s, size_t n);
void stream_add(struct stream *s, size_t n);
void stream_free(struct stream *s);
/* stream_next(s, f, e): 1 and a frame (borrowed until the next stream_room()),
 * 0 if more bytes are needed, ERR_INPUT if it is none. */
int stream_next(struct stream *s, struct stream_frame *f, struct err *e);
/* stream_rest(s): bytes of a frame that is not complete. */
size_t stream_rest(const struct stream *s);

/* Parts of a payload, from ${p} on, which advances; false if it is too short
 * or too long. */
bool stream_get_int(struct str *p, int64_t *ret);
bool stream_get_str(struct str *p, struct str *ret);
/* stream_get_row(p, t, cells, e): the whole payload; one cell for each field.
 * ERR_INPUT names the field if a cell is of another type. */
int stream_get_row(struct str p, const struct schema_type *t,
    struct cell *cells, struct err *e);

#endif
