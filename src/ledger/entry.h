/*
 * Entry: the canonical bytes of one thing that was said, approved or collected.
 * There is exactly one encoding of an entry and one entry of an encoding:
 * decode(encode(x)) == x, encode(decode(b)) == b, and all else is refused.
 * Grammar and vectors: doc/ledger.md, test/data/entry.
 *
 *     tickmark-entry/v1
 *     time 1764028800000000
 *     actor 01h2...                  who did it (token)
 *     action put                     what was done (word)
 *     type vendor                    to what kind of thing (word)
 *     id 7zq0...                     to which one (token)
 *     body revision 9f86d0...        commitments to bodies, zero or more
 *     prev -                         commitment of the revision before, or -
 *     note rows 10000                facts, sorted by key, zero or more
 *
 * Personal data never stands in an entry: an entry cannot be erased.
 */
#ifndef LEDGER_ENTRY_H
#define LEDGER_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define ENTRY_MAX 65535  /* bytes, as an entry bundle can hold */
#define ENTRY_HASH 32
#define ENTRY_TOKEN 255  /* longest token, bytes */
#define ENTRY_WORD 63    /* longest word, bytes */

struct entry_body {
	struct str class; /* word: revision, run, raw, result ... */
	uint8_t commitment[ENTRY_HASH];
};

struct entry_note {
	struct str key;   /* word, each at most once */
	struct str value; /* token */
};

/* Words: [a-z][a-z0-9_-]*. Tokens: ASCII 0x21 to 0x7e, at least one. */
struct entry {
	int64_t time; /* microseconds UTC, >= 0; ledger_append() sets it */
	struct str actor;
	struct str action;
	struct str type;
	struct str id;
	const struct entry_body *bodies;
	size_t nbodies;
	bool has_prev;
	uint8_t prev[ENTRY_HASH];
	const struct entry_note *notes; /* sorted by key, bytes */
	size_t nnotes;
};

/*
 * entry_encode(x, out, e): append the canonical bytes. ERR_INPUT names the
 * field that cannot be encoded; then ${out} is as it was.
 */
int entry_encode(const struct entry *x, struct buf *out, struct err *e);

/*
 * entry_decode(a, bytes, ret, e): the strict reverse. The strings of ${ret}
 * point into ${bytes}, its arrays live in ${a}. ERR_INPUT names the line;
 * ERR_NEWER if it is of a later format.
 */
int entry_decode(struct arena *a, struct str bytes, struct entry *ret,
    struct err *e);

/* entry_leaf(bytes, out): SHA-256(0x00 || bytes), the leaf of RFC 6962. */
void entry_leaf(struct str bytes, uint8_t out[ENTRY_HASH]);

/* entry_word_ok(s), entry_token_ok(s): fit as a word, as a token. */
bool entry_word_ok(struct str s);
bool entry_token_ok(struct str s);

/* entry_note_get(x, key): the value of a note; ptr is NULL if there is none. */
struct str entry_note_get(const struct entry *x, const char *key);
/* entry_body_get(x, class): the first commitment of a class, or NULL. */
const uint8_t *entry_body_get(const struct entry *x, const char *class);

#endif
