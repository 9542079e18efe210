/*
 * A pool of texts: each distinct text is stored once and named by a small
 * number, from 0 in the order of arrival. Populations have up to millions of
 * members, so a text costs its bytes and some twenty more. Text 0 is always "".
 * Its number lies before each text, so that an address tells it.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/str.h"

#define POOL_NONE UINT32_MAX

struct pool_text {
	uint32_t at, len;
	uint32_t hash;
};

struct pool {
	struct buf bytes;
	struct pool_text *text;
	uint32_t n, cap;
	uint32_t *slots; /* number + 1, 0 empty; always cap of them times two */
};

void pool_init(struct pool *p);
void pool_free(struct pool *p);
/* pool_put(p, s): the number of ${s}, which is copied if it is new. */
uint32_t pool_put(struct pool *p, struct str s);
/* pool_cut(p, n): forget all but the first ${n} texts. */
void pool_cut(struct pool *p, uint32_t n);
/* pool_find(p, s): its number, or POOL_NONE. */
uint32_t pool_find(const struct pool *p, struct str s);
/* pool_get(p, i): borrowed until the next pool_put(). A NUL follows. */
static inline struct str
pool_get(const struct pool *p, uint32_t i)
{
	return ((struct str){ p->bytes.ptr + p->text[i].at, p->text[i].len });
}
/* pool_number(p, at): of the text that lies at ${at} of the bytes. */
static inline uint32_t
pool_number(const struct pool *p, uint32_t at)
{
	uint32_t i;

	memcpy(&i, p->bytes.ptr + at - sizeof(i), sizeof(i));
	return (i);
}
/* pool_of(p, s): the number of the text that lies at ${s}, which may be any
 * address; POOL_NONE: there is none. */
static inline uint32_t
pool_of(const struct pool *p, const char *s)
{
	uintptr_t at = (uintptr_t)s - (uintptr_t)p->bytes.ptr;

	if (at < sizeof(uint32_t) || at >= p->bytes.len)
		return (POOL_NONE);
	uint32_t i = pool_number(p, (uint32_t)at);
	return (i < p->n && p->text[i].at == at ? i : POOL_NONE);
}

#endif
